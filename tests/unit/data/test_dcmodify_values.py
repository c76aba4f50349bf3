"""dcmodify: values by VR, character sets, values from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native.errors import CodecError, DicomFileError, ToolError
from support.modifying import changed, inserted, refused
from support.samples import (
    EXPLICIT_BIG,
    JPEG_BASELINE,
    Element,
    Encoding,
    Fragments,
    dataset,
    dicom_file,
)

NAME: Element = (0x00100010, "PN", "Doe")


@pytest.mark.parametrize(
    ("tag", "value", "element"),
    [
        ("Rows", "512", (0x00280010, "US", [512])),
        ("SmallestImagePixelValue", "65535", (0x00280106, "US", [65535])),
        ("PixelAspectRatio", "1\\2", (0x00280034, "IS", "1\\2")),
        ("(0018,6020)", "-7", (0x00186020, "SL", [-7])),
        ("RealWorldValueSlope", "1.5e-3", (0x00409225, "FD", [1.5e-3])),
        ("(0018,9019)", "2.5\\-1", (0x00189019, "FD", [2.5, -1])),
        ("SelectorSVValue", str(-(2**63)), (0x00720082, "SV", [-(2**63)])),
        ("SelectorUVValue", str(2**64 - 1), (0x00720083, "UV", [2**64 - 1])),
        ("FrameIncrementPointer", "(0018,1063)", (0x00280009, "AT", [0x00181063])),
        ("EncapsulatedDocument", "0a\\ff\\1", (0x00420011, "OB", b"\x0a\xff\1")),
        ("LUTData", "0a\\0bcd", (0x00283006, "OW", [0x0A, 0x0BCD])),
        ("DataPointColumns", "", (0x00289002, "UL", b"")),
        ("PatientName", "Doe^John  ", (0x00100010, "PN", "Doe^John")),
        ("StudyInstanceUID", "1.2.3", (0x0020000D, "UI", "1.2.3")),
        ("PatientComments", "a\\b\r\nc", (0x00104000, "LT", "a\\b\r\nc")),
        ("PatientID", "", (0x00100020, "LO", "")),
    ],
)
def test_values_take_the_form_of_their_vr(tag: str, value: str, element: Element) -> None:
    assert inserted(tag, value) == dataset([element])


def test_an_ambiguous_vr_follows_the_pixel_representation() -> None:
    signed: Element = (0x00280103, "US", [1])
    expected = dataset([signed, (0x00280106, "SS", [-5])])
    assert inserted("SmallestImagePixelValue", "-5", [signed]) == expected


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("Rows", "abc"), ("Rows", "70000"), ("Rows", "-1"), ("Rows", "1\\"), ("Rows", "1.5"),
        ("(0018,6020)", "2147483648"), ("(0018,9019)", "1,5"), ("(0018,9019)", "1e999"),
        ("RecommendedDisplayFrameRateInFloat", "1e39"), ("FrameIncrementPointer", "0018,1063"),
        ("EncapsulatedDocument", "100"), ("EncapsulatedDocument", "zz"), ("LUTData", "12345"),
        ("StudyInstanceUID", "1.2.x"), ("StudyInstanceUID", "1.02"),
        ("StudyInstanceUID", "1." * 33),
        ("StudyDate", "2024-01-01"), ("StudyDate", "20241301"), ("StudyTime", "250000"),
        ("AcquisitionDateTime", "20240101T10"), ("PatientAge", "42"), ("PatientSex", "male"),
        ("Modality", "A" * 17), ("AccessionNumber", "A" * 17), ("PatientID", "A" * 65),
        ("PatientID", "a\nb"), ("PatientName", "A" * 65), ("PatientName", "a=b=c=d"),
        ("SliceThickness", "1,5"), ("SliceThickness", "1" * 17), ("InstanceNumber", "1.5"),
        ("InstanceNumber", "2147483648"), ("PatientComments", "A" * 10241),
        ("StationAETitle", "ÄÖ"), ("RetrieveURL", "a b"),
    ],
)  # fmt: skip
def test_a_value_that_the_vr_forbids_is_an_error_without_the_value(tag: str, value: str) -> None:
    error = refused(dicom_file([NAME]), insertions=[(tag, value)])
    assert isinstance(error, ToolError)
    assert len(value) < 4 or value not in str(error)


@pytest.mark.parametrize(
    ("term", "codec"),
    [("ISO_IR 100", "latin-1"), ("ISO_IR 192", "utf-8"), ("GB18030", "gb18030")],
)
def test_text_is_encoded_in_the_declared_character_set(term: str, codec: str) -> None:
    declared: Element = (0x00080005, "CS", term)
    content = inserted("PatientName", "Müller", [declared])
    assert content == dataset([declared, (0x00100010, "PN", "Müller".encode(codec))])


def test_the_character_set_of_the_item_counts() -> None:
    item: list[Element] = [(0x00080005, "CS", "ISO_IR 126"), (0x00100010, "PN", "x")]
    elements: list[Element] = [(0x00080005, "CS", "ISO_IR 100"), (0x00081140, "SQ", [item])]
    item_after = [item[0], (0x00100010, "PN", "Ωμέγα".encode("iso8859_7"))]
    content = changed(elements, modifications=[("(0008,1140)[0].PatientName", "Ωμέγα")])
    assert content == dataset([elements[0], (0x00081140, "SQ", [item_after])])


def test_text_that_the_declared_set_lacks_is_an_error() -> None:
    source = dicom_file([(0x00080005, "CS", "ISO_IR 100"), NAME])
    error = refused(source, modifications=[("PatientName", "山田")])
    assert isinstance(error, ToolError)
    assert "ISO_IR 100" in str(error)


def test_text_beyond_ascii_declares_utf_8_where_nothing_is_declared() -> None:
    items: list[Element] = [(0x00081140, "SQ", [[NAME]]), NAME]
    expected: list[Element] = [
        (0x00080005, "CS", "ISO_IR 192"),
        (0x00081140, "SQ", [[(0x00100010, "PN", "山田".encode())]]),
        NAME,
    ]
    content = changed(items, modifications=[("(0008,1140)[*].PatientName", "山田")])
    assert content == dataset(expected)


def test_undeclared_text_that_is_not_utf_8_keeps_its_meaning() -> None:
    source = dicom_file([(0x00081030, "LO", b"caf\xe9"), NAME])
    error = refused(source, modifications=[("PatientName", "山田")])
    assert isinstance(error, ToolError)
    assert "(0008,0005)" in str(error)


def test_values_come_from_files(tmp_path: Path) -> None:
    content = tmp_path / "value.bin"
    content.write_bytes(b"\1\0\2\0")
    pixels: Element = (0x7FE00010, "OW", [7])
    expected = dataset([(0x7FE00010, "OW", [1, 2])], Encoding(big_endian=True))
    options = {"modifications_from_file": [("PixelData", content)]}
    assert changed([pixels], syntax=EXPLICIT_BIG, **options) == expected
    options = {"insertions_from_file": [("EncapsulatedDocument", str(content))]}
    assert changed([], **options) == dataset([(0x00420011, "OB", b"\1\0\2\0")])


def test_a_file_of_odd_length_or_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"abc")
    for name, kind in (("odd", ToolError), ("none", DicomFileError)):
        files = [("EncapsulatedDocument", tmp_path / name)]
        assert isinstance(refused(dicom_file([]), insertions_from_file=files), kind)


def test_compressed_pixel_data_are_not_replaced() -> None:
    elements: list[Element] = [NAME, (0x7FE00010, "OB", Fragments([b"", b"\xff\xd8"]))]
    source = dicom_file(elements, transfer_syntax=JPEG_BASELINE)
    assert isinstance(refused(source, modifications=[("PixelData", "1\\2")]), ToolError)
    assert isinstance(refused(source, erasures=["PatientName"], write_xfer="big"), CodecError)
    content = changed(elements, syntax=JPEG_BASELINE, erasures=["PatientName"])
    assert content == dataset(elements[1:])


def test_elements_of_vr_un_take_bytes_or_are_left_alone() -> None:
    unknown: list[Element] = [(0x00100020, "UN", b"abcd")]
    change = [("PatientID", "41\\42")]
    assert changed(unknown, modifications=change) == dataset([(0x00100020, "UN", b"AB")])
    untouched = changed(unknown, modifications=change, ignore_un_values=True)
    assert untouched == dataset(unknown)
