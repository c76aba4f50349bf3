"""Palette colour: PS3.3 sections C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import processing

from dcmtk_native import CodecError, DicomFile, OptionsError, apply_color_lut, to_display
from support.pictures import FORMS, grey, palette, words
from support.shipped import FILES

NAMES = ("Red", "Green", "Blue", "Alpha")


def segmented(descriptor: list[int], *tables: bytes) -> Dataset:
    dataset = grey(PhotometricInterpretation="PALETTE COLOR")
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    for name, data in zip(NAMES, tables, strict=False):
        if name != "Alpha":
            setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", descriptor)
        setattr(dataset, f"Segmented{name}PaletteColorLookupTableData", data)
    return dataset


def red_of(dataset: Any, count: int) -> list[int]:
    red: list[int] = apply_color_lut(np.arange(count, dtype=np.uint16), dataset)[:, 0].tolist()
    return red


def test_a_shipped_file_comes_out_as_with_pydicom() -> None:
    path = FILES["test_files/examples_palette.dcm"]
    theirs = pydicom.dcmread(path)
    stored = theirs.pixel_array
    expected = processing.apply_color_lut(stored, theirs)
    for dataset in (theirs, DicomFile.open(path).unwrap()):
        found = apply_color_lut(stored, dataset)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
        assert np.array_equal(to_display(stored, dataset), expected >> 8)


@pytest.mark.parametrize(
    "name", sorted(one for one in FILES if one.endswith(".dcm") and "pal" in one)
)
def test_well_known_palettes_come_out_as_with_pydicom(name: str) -> None:
    path = FILES[name]
    theirs = pydicom.dcmread(path)
    pixels = np.arange(256, dtype=np.uint8)
    expected = processing.apply_color_lut(pixels, theirs)
    assert np.array_equal(apply_color_lut(pixels, DicomFile.open(path).unwrap()), expected)


@pytest.mark.parametrize("form", FORMS)
def test_values_beyond_the_table_have_its_ends(form: str) -> None:
    tables = (words(1, 2, 3), words(10, 20, 30), words(100, 200, 300))
    dataset = FORMS[form](palette(*tables, [3, 5, 16]))
    found = apply_color_lut(np.array([[0, 5], [6, 900]], np.uint16), dataset)
    assert found.dtype == np.uint16
    assert found.tolist() == [
        [[1, 10, 100], [1, 10, 100]],
        [[2, 20, 200], [3, 30, 300]],
    ]


def test_the_first_value_may_be_negative() -> None:
    table = words(1, 2, 3)
    dataset = palette(table, table, table, [3, -1, 16], PixelRepresentation=1)
    found = apply_color_lut(np.array([-9, -1, 0, 1], np.int16), dataset)
    assert found[:, 0].tolist() == [1, 1, 2, 3]


def test_alpha_is_a_fourth_sample_that_is_not_displayed() -> None:
    dataset = palette(words(1, 2), words(3, 4), words(5, 6), [2, 0, 8])
    dataset.AlphaPaletteColorLookupTableData = words(7, 8)
    assert apply_color_lut(np.array([0, 1]), dataset).tolist() == [[1, 3, 5, 7], [2, 4, 6, 8]]
    assert to_display(np.array([0, 1]), dataset).tolist() == [[1, 3, 5], [2, 4, 6]]


@pytest.mark.parametrize(
    ("data", "bits"),
    [(bytes([7, 9]), 8), (bytes([7, 9]), 16), (words(7, 9), 8), (words(0x700, 0x900), 8)],
)
def test_tables_of_bytes_are_known_by_their_length(data: bytes, bits: int) -> None:
    found = apply_color_lut(np.array([0, 1]), palette(data, data, data, [2, 0, bits]))
    assert found.dtype == np.uint8
    assert found[:, 0].tolist() == [7, 9]


def test_segments_are_discrete_linear_or_indirect() -> None:
    """As the example of PS3.3 section C.7.9.2 goes."""
    # Five entries; four more in a line to 10; the first segment again (the offset is in bytes);
    # both segments again.
    program = words(0, 5, 1, 2, 3, 4, 5, 1, 4, 9, 2, 1, 0, 0, 2, 2, 0, 0)
    whole = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    expected = whole + whole[:5] + whole
    dataset = segmented([len(expected), 0, 16], program, program, program)
    assert red_of(dataset, len(expected)) == expected


def test_offsets_of_segments_are_in_bytes() -> None:
    # A discrete segment of two words, another one at byte 8, and that one again.
    program = words(0, 2, 1, 2, 0, 2, 30, 40, 2, 1, 8, 0)
    dataset = segmented([6, 0, 16], program, program, program)
    assert red_of(dataset, 6) == [1, 2, 30, 40, 30, 40]


def test_segments_of_bytes_have_offsets_of_four() -> None:
    program = bytes([0, 2, 1, 2, 1, 3, 8, 2, 1, 0, 0, 0, 0, 0])
    dataset = segmented([7, 0, 8], program, program, program)
    assert red_of(dataset, 7) == [1, 2, 4, 6, 8, 1, 2]


SEGMENTS = [[0, 2, 9, 4], [1, 5, 90], [0, 3, 7, 200, 1], [1, 2, 33]]


def _with_indirect_segments(copied: int, first: int, *, unit: int, parts: int) -> list[int]:
    """The segments, and twice one that has some of them again: `unit` is that of its offset."""
    offset = unit * sum(map(len, SEGMENTS[:first]))
    indirect = [2, copied, offset, *[0] * (parts - 1)]
    return [number for segment in SEGMENTS for number in segment] + 2 * indirect


@pytest.mark.parametrize(("copied", "first"), [(1, 0), (3, 0), (2, 1), (1, 2), (1, 3)])
def test_indirect_segments_are_those_of_pydicom(copied: int, first: int) -> None:
    """PS3.3 section C.7.9.2.3: offsets are in bytes; pydicom 3.0 counts entries of 16 bits."""
    of_bytes = bytes(_with_indirect_segments(copied, first, unit=1, parts=4))
    of_words = words(*_with_indirect_segments(copied, first, unit=2, parts=2))
    for_pydicom = words(*_with_indirect_segments(copied, first, unit=1, parts=2))
    lengths = [segment[1] for segment in SEGMENTS]
    count = sum(lengths) + 2 * sum(lengths[first : first + copied])
    pixels = np.arange(count, dtype=np.uint16)
    for bits, ours, theirs in ((8, of_bytes, of_bytes), (16, of_words, for_pydicom)):
        found = apply_color_lut(pixels, segmented([count, 0, bits], *3 * [ours]))
        expected = processing.apply_color_lut(pixels, segmented([count, 0, bits], *3 * [theirs]))
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("end", [0, 1, 200, 65535])
@pytest.mark.parametrize("length", [1, 2, 7, 255])
def test_lines_are_those_of_pydicom(end: int, length: int) -> None:
    program = words(0, 1, 77, 1, length, end)
    dataset = segmented([length + 1, 0, 16], program, program, program)
    pixels = np.arange(length + 1, dtype=np.uint16)
    expected = processing.apply_color_lut(pixels, dataset)
    assert np.array_equal(apply_color_lut(pixels, dataset), expected)


@pytest.mark.parametrize(
    "program",
    [
        words(0, 9, 1, 2),
        words(1, 4, 9),
        words(0, 1, 1, 1, 3),
        words(0, 1, 1, 7, 3, 0),
        words(0, 1, 1, 2, 1, 90, 0),
        words(0, 1, 1, 2, 1, 1, 0),
        words(0, 1, 1, 2, 1, 0, 0xFFFF),
        words(0, 1, 1, 2, 1, 6, 0),
        words(0, 1, 1, 2, 1),
        words(0, 0, 0, 1, 1),
        words(0, 2, 1, 2),
        words(0, 1, 1, 1, 9000, 5),
        b"\0",
    ],
    ids=[
        "entries beyond the end", "a line first", "a line to nowhere", "an unknown operation",
        "an offset beyond the end", "an odd offset", "an offset of gigabytes",
        "an indirect segment of itself", "no offset", "a segment of nothing", "too few entries",
        "too many entries", "half a word",
    ],
)  # fmt: skip
def test_broken_segments_are_a_clear_error(program: bytes) -> None:
    with pytest.raises(CodecError):
        apply_color_lut(np.arange(3), segmented([5, 0, 16], program, program, program))


def test_segments_that_repeat_nothing_end_soon() -> None:
    """Each indirect segment would go over an empty one 65,535 times."""
    program = words(0, 1, 1) + words(2, 0xFFFF, 10, 0) * 50_000 + words(0, 0)
    started = monotonic()
    with pytest.raises(CodecError):
        apply_color_lut(np.arange(3), segmented([0, 0, 16], program, program, program))
    assert monotonic() - started < 5


@pytest.mark.parametrize(
    "dataset",
    [
        grey(),
        palette(words(1, 2), words(1, 2), b"", [2, 0, 16]),
        palette(words(1, 2), words(1, 2), words(1), [2, 0, 16]),
        palette(bytes([1, 2]), words(1, 2), words(1, 2), [2, 0, 16]),
        palette(words(1, 2), words(1, 2), words(1, 2), [0, 0, 16]),
        palette(words(1, 2), words(1, 2), words(1, 2), [2, 0, 32]),
        segmented([1, 0, 16], words(0, 1, 1), words(0, 1, 1)),
    ],
    ids=["none", "no blue", "short", "mixed sizes", "65,536 claimed", "32 bit", "no blue segments"],
)
def test_a_broken_palette_is_a_clear_error(dataset: Dataset) -> None:
    with pytest.raises(CodecError):
        apply_color_lut(np.arange(3), dataset)


def test_a_supplemental_palette_colours_values_from_its_first_one_on() -> None:
    dataset = palette(words(0xFF00, 1), words(0, 0xFF00), words(0, 0), [2, 200, 16])
    dataset.update({"PhotometricInterpretation": "MONOCHROME2", "PixelPresentation": "COLOR"})
    dataset.BitsStored = 8
    pixels = np.array([[0, 199], [200, 201]], np.uint8)
    assert to_display(pixels, dataset).tolist() == [
        [[0, 0, 0], [199, 199, 199]],
        [[255, 0, 0], [0, 255, 0]],
    ]
    many = np.tile(pixels, (100, 100))
    assert np.array_equal(to_display(many, dataset)[:2, :2], to_display(pixels, dataset))
    with pytest.raises(OptionsError, match="to_display"):
        apply_color_lut(pixels, dataset)
