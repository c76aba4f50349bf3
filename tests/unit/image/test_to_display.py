"""to_display: from stored values to a picture of 8 bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import processing

from dcmtk_native import CodecError, DicomFile, OptionsError, to_display
from support.pictures import FORMS, grey, shown_by_dcm2pnm, table, words
from support.shipped import FILES

NATIVE = "CT_small MR_small MR_small_bigendian MR_small_implicit liver_1frame examples_overlay"


@pytest.mark.parametrize("name", NATIVE.split())
@pytest.mark.parametrize(
    ("window", "options"),
    [
        ((500, 1000), ["+Ww", "500", "1000"]),
        ((100.5, 33), ["+Ww", "100.5", "33"]),
        ("minmax", ["+Wm"]),
    ],
    ids=["wide", "narrow", "minmax"],
)
def test_a_picture_is_that_of_dcm2pnm(
    name: str, window: Any, options: list[str], tmp_path: Path
) -> None:
    path = FILES[f"test_files/{name}.dcm"]
    expected = shown_by_dcm2pnm(path, tmp_path, "-O", *options)
    stored = pydicom.dcmread(path).pixel_array
    found = to_display(stored, DicomFile.open(path).unwrap(), window=window)
    # DCMTK cuts off where this package rounds.
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", NATIVE.split())
def test_a_picture_is_that_of_the_single_steps_of_pydicom(name: str) -> None:
    path = FILES[f"test_files/{name}.dcm"]
    theirs = pydicom.dcmread(path)
    stored = theirs.pixel_array
    values = processing.apply_voi_lut(processing.apply_modality_lut(stored, theirs), theirs)
    bits = theirs.BitsStored
    low = -(1 << bits - 1) if theirs.PixelRepresentation else 0
    ends = np.array([low, low + (1 << bits) - 1])
    low, high = processing.apply_modality_lut(ends, theirs)
    expected = np.rint((values - low) / (high - low) * 255)
    for dataset in (theirs, DicomFile.open(path).unwrap()):
        assert np.array_equal(to_display(stored, dataset), expected)


@pytest.mark.parametrize("form", FORMS)
def test_low_values_of_monochrome1_are_white(form: str) -> None:
    pixels = np.array([[0, 100, 255]], np.uint8)
    for attributes, expected in (
        ({}, [0, 100, 255]),
        ({"PhotometricInterpretation": "MONOCHROME1"}, [255, 155, 0]),
        # The shape says the same of MONOCHROME1 once more, or the opposite of MONOCHROME2.
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"},
         [255, 155, 0]),
        ({"PresentationLUTShape": "INVERSE"}, [255, 155, 0]),
        ({"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"},
         [0, 100, 255]),
    ):  # fmt: skip
        dataset = FORMS[form](grey(BitsStored=8, **attributes))
        assert to_display(pixels, dataset).tolist() == [expected]


def test_without_a_window_the_whole_range_is_shown() -> None:
    assert to_display(np.array([0, 2048, 4095]), grey()).tolist() == [0, 128, 255]
    signed = grey(PixelRepresentation=1)
    assert to_display(np.array([-2048, 0, 2047]), signed).tolist() == [0, 128, 255]
    negative = grey(RescaleSlope=-1, RescaleIntercept=0)
    assert to_display(np.array([0, 4095]), negative).tolist() == [255, 0]
    # What has more bits than it says is as white or black as can be.
    assert to_display(np.array([5000, -5]), grey()).tolist() == [255, 0]


def test_the_range_of_floating_point_numbers_is_that_of_the_array() -> None:
    pixels = np.array([[-1.5, 0.5], [np.nan, 2.5]], np.float32)
    floats = Dataset()
    assert to_display(pixels, floats).tolist() == [[0, 128], [0, 255]]
    assert to_display(np.array([np.inf, -np.inf, np.nan]), floats).tolist() == [255, 0, 0]
    assert to_display(np.array([[1.0, np.inf, 3.0]]), floats).tolist() == [[0, 255, 255]]


@pytest.mark.parametrize("value", [7, -7])
def test_a_picture_of_one_value_is_black(value: int) -> None:
    pixels = np.full((300, 300), value, np.int16)
    assert not to_display(pixels, grey(), window="minmax").any()


def test_padding_is_no_minimum() -> None:
    pixels = np.array([-2000, 0, 1, 2], np.int16)
    dataset = grey(PixelRepresentation=1, PixelPaddingValue=-2000)
    assert to_display(pixels, dataset, window="minmax").tolist() == [0, 0, 128, 255]
    dataset.PixelPaddingRangeLimit = 0
    assert to_display(pixels, dataset, window="minmax").tolist() == [0, 0, 0, 255]
    assert not to_display(pixels[:1], dataset, window="minmax").any()


def test_a_lut_of_any_depth_fills_8_bit() -> None:
    pixels = np.array([0, 1, 2], np.uint8)
    for bits, entries in ((8, [0, 128, 255]), (10, [0, 514, 1023]), (16, [0, 32896, 65535])):
        dataset = grey(VOILUTSequence=[table(3, 0, bits, entries)], WindowCenter=1, WindowWidth=2)
        assert to_display(pixels, dataset).tolist() == [0, 128, 255]
        assert to_display(pixels, dataset, prefer_lut=False).tolist() == [0, 255, 255]


def test_a_lut_with_more_than_it_says_is_white_there() -> None:
    dataset = grey(VOILUTSequence=[table(2, 0, 10, [0, 60000])])
    assert to_display(np.array([0, 1]), dataset).tolist() == [0, 255]


def test_a_modality_lut_may_be_any_curve() -> None:
    dataset = grey(ModalityLUTSequence=[table(4, 0, 16, words(9, 400, 9, 100))])
    pixels = np.array([0, 1, 2, 3], np.uint8)
    assert to_display(pixels, dataset, window="minmax").tolist() == [0, 255, 0, 59]


def test_a_presentation_lut_comes_last() -> None:
    dataset = grey(
        BitsStored=8, PresentationLUTSequence=[table(256, 0, 12, list(range(4095, -1, -16)))]
    )
    assert to_display(np.array([0, 255], np.uint8), dataset).tolist() == [255, 1]
    dataset.PhotometricInterpretation = "MONOCHROME1"  # what comes out are P-values all the same
    assert to_display(np.array([0, 255], np.uint8), dataset).tolist() == [255, 1]


def test_windows_are_chosen_by_index() -> None:
    dataset = grey(WindowCenter=[50, 5], WindowWidth=[101, 11])
    pixels = np.array([0, 5, 10, 50, 100])
    assert to_display(pixels, dataset).tolist() == to_display(pixels, dataset, window=0).tolist()
    assert to_display(pixels, dataset, window=1).tolist() == [13, 140, 255, 255, 255]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float64"])
@pytest.mark.parametrize("window", [None, (40, 400), "minmax"])
def test_a_table_shows_what_the_formulas_show(dtype: str, window: Any) -> None:
    dataset = grey(RescaleSlope=0.7, RescaleIntercept=-3, PixelRepresentation=1)
    pixels = np.arange(-1000, 1000).astype(dtype)
    many = np.tile(pixels, (100, 1))
    expected = to_display(pixels.astype(np.int64), dataset, window=window)
    found = to_display(many, dataset, window=window)
    assert found.dtype == np.uint8
    assert (found == expected).all()


def test_colour_passes_through() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    for name in ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT"):
        assert to_display(pixels, grey(PhotometricInterpretation=name)) is pixels
    out = np.empty_like(pixels)
    assert to_display(pixels, grey(PhotometricInterpretation="RGB"), out=out) is out
    assert np.array_equal(out, pixels)
    deep = np.array([[[0, 32768, 65535]]], np.uint16)
    rgb = grey(PhotometricInterpretation="RGB", BitsStored=16)
    assert to_display(deep, rgb).tolist() == [[[0, 128, 255]]]
    with pytest.raises(OptionsError, match="last axis of 3"):
        to_display(pixels[..., :2], rgb)


def test_frames_are_shown_by_their_own_windows() -> None:
    groups = []
    for center in (100, 3000, 3000):
        inner, outer = Dataset(), Dataset()
        inner.WindowCenter, inner.WindowWidth = center, 100
        outer.FrameVOILUTSequence = [inner]
        groups.append(outer)
    dataset = grey(PerFrameFunctionalGroupsSequence=groups)
    pixels = np.full((3, 4, 4), 1000, np.uint16)
    assert to_display(pixels, dataset)[:, 0, 0].tolist() == [255, 0, 0]
    assert to_display(pixels[0], dataset, frame=0)[0, 0] == 255
    assert to_display(pixels[0], dataset, frame=1)[0, 0] == 0
    pixels[0] = 500
    assert to_display(pixels, dataset, window="minmax")[:, 0, 0].tolist() == [0, 255, 255]


def test_the_picture_can_go_to_an_array_that_is_there() -> None:
    out = np.empty((2, 500), np.uint8)
    pixels = np.arange(1000).reshape(2, 500)
    assert to_display(pixels, grey(), out=out) is out
    with pytest.raises(OptionsError, match="out must"):
        to_display(pixels, grey(), out=np.empty((2, 500), np.uint16))


@pytest.mark.parametrize(
    "window",
    [(1,), (1, 2, 3), ("a", 2), (40, 0), (40, -1), (40, 0.5), (np.nan, 5), (4, np.inf), "max", 1.5,
     True, None],
)  # fmt: skip
def test_what_is_no_window_is_refused(window: Any) -> None:
    dataset = grey(WindowCenter=[1], WindowWidth=[2])
    if window is None:
        assert to_display(np.arange(3), dataset, window=window).tolist() == [0, 255, 255]
        return
    with pytest.raises(OptionsError, match="window="):
        to_display(np.arange(3), dataset, window=window)


def test_an_index_without_any_window_is_refused() -> None:
    with pytest.raises(OptionsError, match="neither VOI LUT nor window"):
        to_display(np.arange(3), grey(), window=0)
    with pytest.raises(OptionsError, match="index=3"):
        to_display(np.arange(3), grey(WindowCenter=1, WindowWidth=2), window=3)


def test_a_broken_window_of_the_file_does_not_stop_one_of_the_caller() -> None:
    dataset = grey(WindowCenter=1, WindowWidth=0)
    with pytest.raises(CodecError, match="width"):
        to_display(np.arange(3), dataset)
    assert to_display(np.arange(3), dataset, window=(1, 3)).tolist() == [64, 191, 255]
    assert to_display(np.arange(3), dataset, window="minmax").tolist() == [0, 128, 255]
