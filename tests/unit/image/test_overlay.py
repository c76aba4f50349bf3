"""Overlay planes: PS3.3 section C.9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from dcmtk_native import (
    CodecError,
    DicomFile,
    OptionsError,
    Overlay,
    burn_overlays,
    overlays,
    to_display,
)
from support.pictures import FORMS, grey, shown_by_dcm2pnm
from support.shipped import FILES

SHIPPED = FILES["test_files/examples_overlay.dcm"]


def plane(bitmap: Any, group: int = 0x6000, **attributes: Any) -> Dataset:
    """A data set with a plane of a bitmap, (rows, columns) or (frames, rows, columns)."""
    bitmap = np.asarray(bitmap, bool)
    dataset = grey()
    dataset.add_new((group, 0x0010), "US", bitmap.shape[-2])
    dataset.add_new((group, 0x0011), "US", bitmap.shape[-1])
    if bitmap.ndim == 3:
        dataset.add_new((group, 0x0015), "IS", len(bitmap))
    dataset.add_new((group, 0x0040), "CS", "G")
    dataset.add_new((group, 0x0050), "SS", attributes.get("origin", [1, 1]))
    if "first" in attributes:
        dataset.add_new((group, 0x0051), "US", attributes["first"])
    dataset.add_new((group, 0x0100), "US", 1)
    dataset.add_new((group, 0x0102), "US", 0)
    data = np.packbits(bitmap.ravel(), bitorder="little").tobytes()
    dataset.add_new((group, 0x3000), "OW", data + bytes(len(data) % 2))
    return dataset


def test_a_shipped_plane_is_that_of_pydicom() -> None:
    theirs = pydicom.dcmread(SHIPPED)
    for dataset in (theirs, DicomFile.open(SHIPPED).unwrap()):
        (found,) = overlays(dataset)
        assert (found.group, found.type, found.rows, found.columns) == (0x6000, "G", 300, 484)
        assert (found.origin, found.frames, found.first_frame) == ((1, 1), 1, 0)
        assert found.array.dtype == np.bool_
        assert np.array_equal(found.array[0], theirs.overlay_array(0x6000))


def test_a_burned_plane_is_that_of_dcm2pnm(tmp_path: Path) -> None:
    expected = shown_by_dcm2pnm(SHIPPED, tmp_path, "+Wm")
    dataset = DicomFile.open(SHIPPED).unwrap()
    stored = pydicom.dcmread(SHIPPED).pixel_array
    found = burn_overlays(to_display(stored, dataset, window="minmax"), overlays(dataset))
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("form", FORMS)
def test_all_that_a_plane_says_is_there(form: str) -> None:
    rng = np.random.default_rng(3)
    first, second = rng.random((3, 5, 7)) < 0.5, rng.random((2, 9)) < 0.5
    dataset = plane(first, 0x6002, origin=[-3, 4], first=2)
    dataset.add_new((0x6002, 0x0022), "LO", "a circle")
    dataset.add_new((0x6002, 0x0045), "LO", "USER")
    dataset.add_new((0x6002, 0x1500), "LO", "mine")
    dataset.update(plane(second, 0x6000))
    one, other = overlays(FORMS[form](dataset))
    assert (one.group, other.group) == (0x6000, 0x6002)
    assert np.array_equal(one.array, second[np.newaxis])
    assert np.array_equal(other.array, first)
    assert (other.frames, other.rows, other.columns) == (3, 5, 7)
    assert (other.origin, other.first_frame) == ((-3, 4), 1)
    assert (other.description, other.subtype, other.label) == ("a circle", "USER", "mine")


def test_there_may_be_none() -> None:
    assert overlays(grey()) == []


def retired(bit: int, rows: int = 2, columns: int = 2) -> Dataset:
    dataset = grey()
    dataset.add_new(0x60000010, "US", rows)
    dataset.add_new(0x60000011, "US", columns)
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", bit)
    return dataset


@pytest.mark.parametrize("dtype", ["uint16", "int16", ">u2"])
def test_planes_of_the_retired_form_are_in_the_pixel_cells(dtype: str) -> None:
    cells = np.array([[0x8001, 0x1001], [0x7FFF, 0xFFFF]], np.uint16).astype(dtype)
    (found,) = overlays(retired(15), cells)
    assert found.array.tolist() == [[[True, False], [False, True]]]
    (found,) = overlays(retired(12), np.stack([cells, cells]))
    assert found.frames == 2
    assert found.array[1].tolist() == [[False, True], [True, True]]


def test_planes_of_the_retired_form_need_the_pixel_cells() -> None:
    with pytest.raises(OptionsError, match="bit 15"):
        overlays(retired(15))
    for stored in (np.zeros((2, 3), np.uint16), np.zeros(4, np.uint16), np.zeros((2, 2)), [[1]]):
        with pytest.raises(OptionsError, match="stored must"):
            overlays(retired(15), stored)
    with pytest.raises(CodecError, match="bit 16"):
        overlays(retired(16), np.zeros((2, 2), np.uint16))


@pytest.mark.parametrize(
    "changes",
    [
        {0x60003000: ("OW", b"\1\1")},
        {0x60000010: ("US", 0)},
        {0x60000011: ("US", 0)},
        {0x60000010: ("US", 65535), 0x60000011: ("US", 65535)},
        {0x60000015: ("IS", 0)},
        {0x60000015: ("IS", -1)},
        {0x60000015: ("IS", 2**31 - 1)},
        {0x60003000: ("OW", b""), 0x60000102: ("US", None)},
    ],
)
def test_a_broken_plane_is_a_clear_error(changes: dict[int, tuple[str, Any]]) -> None:
    dataset = plane(np.ones((8, 8)))
    for tag, (vr, value) in changes.items():
        dataset.add_new(tag, vr, value)
    for form in ("pydicom", "little"):
        with pytest.raises(CodecError, match="overlay of group 6000"):
            overlays(FORMS[form](dataset))


def test_a_plane_is_burned_where_it_is() -> None:
    picture = np.zeros((4, 5), np.uint8)
    found = burn_overlays(picture, overlays(plane(np.ones((2, 2)), origin=[2, 3])))
    assert found.tolist() == [[0] * 5, [0, 0, 255, 255, 0], [0, 0, 255, 255, 0], [0] * 5]
    assert not picture.any()
    assert burn_overlays(picture, [], out=picture) is picture


@pytest.mark.parametrize("origin", [[0, 0], [4, 5], [-1, 1], [2, -3], [9, 9], [-32768, 32767]])
def test_what_of_a_plane_is_beyond_the_picture_is_left_out(origin: list[int]) -> None:
    bitmap = np.eye(3, 4)
    expected = np.zeros((64, 64), np.uint8)
    for row, column in np.argwhere(bitmap):
        at = (row + origin[0] + 29, column + origin[1] + 29)
        if 30 <= at[0] < 34 and 30 <= at[1] < 35:
            expected[at] = 255
    found = burn_overlays(np.zeros((4, 5), np.uint8), overlays(plane(bitmap, origin=origin)))
    assert np.array_equal(found, expected[30:34, 30:35])


def test_one_bitmap_is_for_all_frames_and_several_for_theirs() -> None:
    frames = np.zeros((4, 1, 2), np.uint8)
    everywhere = overlays(plane([[1, 0]]))
    assert burn_overlays(frames, everywhere)[:, 0, 0].tolist() == [255] * 4
    some = overlays(plane([[[1, 0]], [[0, 1]]], first=2))
    assert burn_overlays(frames, some).reshape(4, 2).tolist() == [
        [0, 0],
        [255, 0],
        [0, 255],
        [0, 0],
    ]
    only = overlays(plane([[1, 0]], first=3))
    assert burn_overlays(frames, only)[:, 0, 0].tolist() == [0, 0, 255, 0]
    assert burn_overlays(frames[0], some, frame=2).tolist() == [[0, 255]]
    assert burn_overlays(frames[0], some).tolist() == [[0, 0]]


def test_a_plane_may_have_a_colour() -> None:
    found = overlays(plane([[1, 0]]))
    colour = np.zeros((1, 2, 3), np.uint8)
    assert burn_overlays(colour, found, value=(255, 128, 0)).tolist() == [
        [[255, 128, 0], [0, 0, 0]]
    ]
    assert burn_overlays(colour, found, value=9)[0, 0].tolist() == [9, 9, 9]
    frames = np.zeros((2, 1, 2, 3), np.uint8)
    assert burn_overlays(frames, found, value=[1, 2, 3])[:, 0, 0].tolist() == [[1, 2, 3]] * 2
    assert burn_overlays(np.zeros((1, 2)), found, value=0.5).tolist() == [[0.5, 0]]
    assert burn_overlays(np.zeros((1, 2), np.uint16), found).tolist() == [[65535, 0]]


@pytest.mark.parametrize("value", [256, -1, 1.5, (1, 2, 3), "white", (1, 2)])
def test_a_value_that_the_picture_cannot_have_is_refused(value: Any) -> None:
    with pytest.raises(OptionsError, match="value="):
        burn_overlays(np.zeros((1, 2), np.uint8), overlays(plane([[1, 0]])), value=value)


@pytest.mark.parametrize(
    "display", [None, [[1]], np.zeros(3), np.zeros((1, 1, 1, 1)), np.array("")]
)
def test_what_is_no_picture_is_refused(display: Any) -> None:
    with pytest.raises(OptionsError, match="display must"):
        burn_overlays(display, [])


def test_a_place_that_does_not_fit_is_refused() -> None:
    for out in (np.zeros((2, 3), np.uint8), np.zeros((2, 2)), [[0, 0], [0, 0]]):
        with pytest.raises(OptionsError, match="out must"):
            burn_overlays(np.zeros((2, 2), np.uint8), [], out=out)


def test_a_plane_is_a_value_of_its_own() -> None:
    (found,) = overlays(plane([[1, 0]]))
    assert isinstance(found, Overlay)
    with pytest.raises(AttributeError):
        found.group = 1  # type: ignore[misc]
