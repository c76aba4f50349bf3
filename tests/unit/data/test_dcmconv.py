"""dcmconv: encodings, lengths, padding, meta information, character sets, failures."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dcmtk_native.data.conv import TransferSyntax, dcmconv
from dcmtk_native.errors import (
    CodecError,
)
from dcmtk_native.result import Err
from support.converting import body, converted, meta_of
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    JPEG_BASELINE,
    RLE,
    Element,
    Encoding,
    Fragments,
    ct_image,
    dataset,
    dicom_file,
)

NATIVE = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG)
ENCODINGS = {
    IMPLICIT_LITTLE: Encoding(explicit=False),
    EXPLICIT_LITTLE: Encoding(),
    EXPLICIT_BIG: Encoding(big_endian=True),
}
GE_PRIVATE = "1.2.840.113619.5.2"

# One element of every VR, each with the VR that the dictionary has for its tag.
EVERY_VR: list[Element] = [
    (0x00080005, "CS", "ISO_IR 100"),
    (0x00080016, "UI", CT_IMAGE),
    (0x00080018, "UI", "1.2.3"),
    (0x00080020, "DA", "20240229"),
    (0x0008002A, "DT", "20240229101112"),
    (0x00080030, "TM", "101112.5"),
    (0x00080050, "SH", "A-1"),
    (0x00080054, "AE", "ARCHIVE"),
    (0x00080060, "CS", "CT"),
    (0x00080119, "UC", "long code value"),
    (0x00080120, "UR", "urn:oid:1.2"),
    (
        0x00081140,
        "SQ",
        [
            [(0x00081150, "UI", CT_IMAGE), (0x00081155, "UI", "1.2.4")],
            [],
            [(0x00081199, "SQ", [[(0x00081155, "UI", "1.2.5")]])],
        ],
    ),
    (0x00100010, "PN", "Müller^Jörg"),
    (0x00101010, "AS", "042Y"),
    (0x00104000, "LT", "two\r\nlines"),
    (0x00181063, "DS", "33.3"),
    (0x00186020, "SL", [-70000]),
    (0x0018602C, "FD", [0.1]),
    (0x00200013, "IS", "1"),
    (0x00280009, "AT", [0x00181063]),
    (0x00280010, "US", [2]),
    (0x00280011, "US", [3]),
    (0x00280100, "US", [16]),
    (0x00280103, "US", [1]),
    (0x00280106, "SS", [-5]),
    (0x00282000, "OB", b"\1\2\3\4"),
    (0x00400008, "SQ", []),
    (0x00409096, "SQ", [[(0x00409212, "FD", [1.5])]]),
    (0x00420013, "SQ", []),
    (0x00660016, "OF", [1.5, -2.0]),
    (0x00660022, "OD", [3.5]),
    (0x00660040, "OL", [1, 70000]),
    (0x00720026, "AT", [0x00100010, 0x7FE00010]),
    (0x00720082, "SV", [-(2**40)]),
    (0x00720083, "UV", [2**40]),
    (0x7FE00001, "OV", [2**40 + 1]),
    (0x7FE00010, "OW", [1, 2, 3, 40000, 5, 6]),
]


# ---- encodings ----


@pytest.mark.parametrize("to", NATIVE)
@pytest.mark.parametrize("undefined", [False, True], ids=["explicit lengths", "undefined lengths"])
@pytest.mark.parametrize("of", NATIVE)
def test_every_vr_goes_from_every_native_encoding_to_every_other(
    of: str, to: str, undefined: bool
) -> None:
    source = dicom_file(EVERY_VR, transfer_syntax=of, undefined=undefined)
    assert body(source, to) == dataset(EVERY_VR, ENCODINGS[to])


@pytest.mark.parametrize("to", NATIVE)
def test_lengths_become_undefined_on_request(to: str) -> None:
    encoding = ENCODINGS[to]
    expected = dataset(EVERY_VR, Encoding(encoding.explicit, encoding.big_endian, undefined=True))
    assert body(dicom_file(EVERY_VR), to, length_encoding="undefined") == expected


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_deflated_content_is_a_raw_stream_of_even_length(level: int) -> None:
    content = body(dicom_file(EVERY_VR), DEFLATED, compression_level=level)
    assert len(content) % 2 == 0
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(content) == dataset(EVERY_VR)


def test_deflated_input_is_inflated() -> None:
    assert body(dicom_file(EVERY_VR, transfer_syntax=DEFLATED)) == dataset(EVERY_VR)


@pytest.mark.parametrize("vr", ["OW", "OB"])
def test_ge_private_has_the_words_of_pixel_data_alone_in_big_endian_order(vr: str) -> None:
    elements: list[Element] = [(0x00280010, "US", [1]), (0x7FE00010, vr, b"\1\2\3\4")]
    there = converted(dicom_file(elements), syntax=GE_PRIVATE)
    assert there.endswith(b"\2\1\4\3")
    assert b"\x28\0\x10\0\2\0\0\0\1\0" in there
    assert body(there).endswith(b"\1\2\3\4")


def test_ge_private_has_a_word_of_its_own() -> None:
    source = dicom_file(ct_image())
    assert converted(source, syntax="ge-private") == converted(source, syntax=GE_PRIVATE)


@pytest.mark.parametrize("sample", ["CT_small.dcm", "MR_small_bigendian.dcm", "rtplan.dcm"])
@pytest.mark.parametrize("to", list(TransferSyntax)[:4])
def test_real_files_keep_every_value(samples: Any, sample: str, to: TransferSyntax) -> None:
    before = pydicom.dcmread(samples(sample))
    after = pydicom.dcmread(io.BytesIO(converted(str(samples(sample)), syntax=to)))
    if "PixelData" in before:
        assert (after.pixel_array == before.pixel_array).all()
    for one in (before, after):
        one.remove_private_tags()  # unknown ones have no VR in implicit files
        one.pop("PixelData", None)  # pydicom leaves its words in the order of the file
    assert after.to_json_dict() == before.to_json_dict()


def test_a_value_too_long_for_its_vr_becomes_un() -> None:
    long: list[Element] = [(0x00104000, "LT", "x" * 0x10000)]
    implicit = dataset(long, Encoding(explicit=False))
    content = body(implicit, read_mode="dataset", read_xfer="implicit")
    assert content == dataset([(0x00104000, "UN", b"x" * 0x10000)])


def test_new_vrs_become_ob_on_request() -> None:
    new: list[Element] = [
        (0x00080119, "UC", "code"),
        (0x00080120, "UR", "urn:"),
        (0x00091001, "UN", b"ab"),
        (0x0040A160, "UT", "text"),
        (0x00660016, "OF", [1.5]),
        (0x00660022, "OD", [1.5]),
        (0x00660040, "OL", [1]),
        (0x00720082, "SV", [-1]),
        (0x00720083, "UV", [1]),
        (0x7FE00001, "OV", [1]),
    ]
    old = [(tag, "OB", dataset([(tag, vr, value)])[12:]) for tag, vr, value in new]
    assert body(dicom_file(new), enable_new_vr=False) == dataset(old)
    # Their bytes stay in the order of OB, whatever the encoding.
    expected = dataset(old, Encoding(big_endian=True))
    assert body(dicom_file(new), EXPLICIT_BIG, enable_new_vr=False) == expected


def test_un_of_undefined_length_becomes_the_sequence_that_it_is() -> None:
    inner = dataset([(0x00081155, "UI", "1.2.3")], Encoding(explicit=False, undefined=True))
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + inner + b"\xfe\xff\x0d\xe0\0\0\0\0"
    unknown = b"\x08\0\x40\x11UN\0\0\xff\xff\xff\xff" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    expected: list[Element] = [(0x00081140, "SQ", [[(0x00081155, "UI", "1.2.3")]])]
    for to in NATIVE:
        content = body(unknown, to, read_mode="dataset", read_xfer="little")
        assert content == dataset(expected, ENCODINGS[to])


# ---- compressed pixel data ----

COMPRESSED: list[Element] = [
    (0x00080016, "UI", CT_IMAGE),
    (0x00080018, "UI", "1.2.3"),
    (0x00081140, "SQ", [[(0x00081155, "UI", "1.2.4")]]),
    (0x7FE00010, "OB", Fragments([b"", b"\xff\xd8\xff\xd9", b"ab"])),
]


@pytest.mark.parametrize("syntax", [JPEG_BASELINE, RLE, "1.2.840.10008.1.2.4.201", "1.2.3.4"])
def test_compressed_data_are_copied_within_their_syntax(syntax: str) -> None:
    source = dicom_file(COMPRESSED, transfer_syntax=syntax, undefined=True)
    assert body(source, syntax) == dataset(COMPRESSED)
    assert meta_of(converted(source, syntax=syntax)).TransferSyntaxUID == syntax


@pytest.mark.parametrize("to", [EXPLICIT_LITTLE, DEFLATED, RLE])
def test_pixel_data_that_make_no_sense_are_an_error_that_names_both_syntaxes(
    to: str, tmp_path: Path
) -> None:
    source = dicom_file(COMPRESSED, transfer_syntax=JPEG_BASELINE)
    output = tmp_path / "out.dcm"
    result = dcmconv(source, output, transfer_syntax=to)
    assert isinstance(result, Err)
    assert isinstance(result.error, CodecError)
    assert JPEG_BASELINE in str(result.error)
    assert to in str(result.error)
    assert list(tmp_path.iterdir()) == []


def test_without_pixel_data_any_syntax_can_be_written() -> None:
    text_only: list[Element] = [(0x00100010, "PN", "Doe")]
    source = dicom_file(text_only, transfer_syntax=JPEG_BASELINE)
    assert body(source) == dataset(text_only)
    assert body(dicom_file(text_only), RLE) == dataset(text_only)


# ---- group lengths, padding ----


def with_group_lengths(*groups: list[Element]) -> list[Element]:
    lengths: list[Element] = [
        (group[0][0] & 0xFFFF0000, "UL", [len(dataset(group))]) for group in groups
    ]
    return [
        element
        for length, group in zip(lengths, groups, strict=True)
        for element in [length, *group]
    ]


PATIENT: list[Element] = [(0x00100010, "PN", "Doe"), (0x00100020, "LO", "1")]
STUDY: list[Element] = [(0x00200010, "SH", "2")]


def test_group_lengths_are_made_right_where_there_are_some() -> None:
    wrong: list[Element] = [(0x00100000, "UL", [99]), *PATIENT, *STUDY]
    assert body(dicom_file(wrong)) == dataset([*with_group_lengths(PATIENT), *STUDY])


def test_group_lengths_are_created_everywhere() -> None:
    inner = with_group_lengths(PATIENT)
    sequence: list[Element] = [(0x00081140, "SQ", [inner])]
    source = dicom_file([(0x00081140, "SQ", [PATIENT]), *PATIENT, *STUDY])
    expected = dataset(with_group_lengths(sequence, PATIENT, STUDY))
    assert body(source, group_length="create") == expected


def test_group_lengths_are_removed_everywhere() -> None:
    inner = with_group_lengths(PATIENT)
    source = dicom_file([(0x00081140, "SQ", [inner]), *with_group_lengths(STUDY)])
    expected = dataset([(0x00081140, "SQ", [PATIENT]), *STUDY])
    assert body(source, group_length="remove") == expected


@pytest.mark.parametrize("to", [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG])
@pytest.mark.parametrize("pads", [(512, 64), (2, 2), (0, 52), (100, 0)])
def test_files_and_items_are_padded_to_multiples(to: str, pads: tuple[int, int]) -> None:
    file_pad, item_pad = pads
    content = converted(dicom_file(EVERY_VR), syntax=to, padding=pads)
    if file_pad:
        assert len(content) % file_pad == 0
    item = pydicom.dcmread(io.BytesIO(content)).ReferencedImageSequence[0]
    assert (0xFFFCFFFC in item) == (item_pad > 2)
    if item_pad > 2:
        elements = [(0x00081150, "UI", CT_IMAGE), (0x00081155, "UI", "1.2.4")]
        padding = (0xFFFCFFFC, "OB", bytes(len(item[0xFFFCFFFC].value)))
        assert len(dataset([*elements, padding], ENCODINGS[to])) % item_pad == 0
    plain = converted(content, syntax=to, padding="off", write_mode="dataset")
    assert plain == dataset(EVERY_VR, ENCODINGS[to])


def test_padding_stays_or_goes() -> None:
    padded = dicom_file([*PATIENT, (0xFFFCFFFC, "OB", bytes(20))])
    assert body(padded) == dataset([*PATIENT, (0xFFFCFFFC, "OB", bytes(20))])
    assert body(padded, padding="off") == dataset(PATIENT)


# ---- values ----


def test_needless_padding_of_text_goes() -> None:
    source: list[Element] = [
        (0x00080018, "UI", "1.2.3 \0"),
        (0x00100010, "PN", "Doe     "),
        (0x00100020, "LO", "    "),
    ]
    kept: list[Element] = [
        (0x00080018, "UI", "1.2.3"),
        (0x00100010, "PN", "Doe"),
        (0x00100020, "LO", ""),
    ]
    assert body(dicom_file(source)) == dataset(kept)


def test_needless_padding_stays_without_data_correction() -> None:
    source: list[Element] = [(0x00100010, "PN", "Doe     ")]
    assert body(dicom_file(source), data_correction=False) == dataset(source)


def test_odd_lengths_become_even() -> None:
    """By the zero byte that libdcmdata puts behind a value it read with an odd length."""
    odd = b"\x10\0\x10\0PN\3\0Doe\x10\0\x20\0LO\2\0ID"
    expected = dataset([(0x00100010, "PN", "Doe\0"), (0x00100020, "LO", "ID")])
    assert body(odd, read_mode="dataset", read_xfer="little") == expected


def test_elements_of_invalid_groups_go_on_request() -> None:
    invalid: list[Element] = [(0x00090010, "LO", "kept"), *PATIENT]
    items: list[Element] = [(0x00060010, "UN", b"ab"), *PATIENT]
    source: list[Element] = [(0x00010010, "LO", "x"), (0x00081140, "SQ", [items]), *invalid]
    expected = dataset([(0x00081140, "SQ", [PATIENT]), *invalid])
    assert body(dicom_file(source), remove_invalid_groups=True) == expected


def test_reading_stops_where_it_is_told_to() -> None:
    content = body(dicom_file(ct_image()), stop_after="PatientName")
    assert b"Doe^John" in content
    assert b"ID-001" not in content
