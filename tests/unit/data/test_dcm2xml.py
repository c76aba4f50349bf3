"""dcm2xml: what the conformance tests do not see, because the program has no such thing."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from dcmtk_native import (
    DicomFileError,
    DicomFormatError,
    Err,
    OptionsError,
    ToolError,
    dcm2xml,
    xml2dcm,
)
from support.samples import ct_image, dicom_file

NAME = "Müller^Jürgen"
FILE = dicom_file(ct_image((0x00100010, "PN", NAME)))


def document(content: bytes | Path = FILE, **options: object) -> str:
    return dcm2xml(content, **options).unwrap().xml  # type: ignore[arg-type]


def value(xml: str, keyword: str) -> str | None:
    return next(
        element.text for element in ElementTree.fromstring(xml.encode()).iter("element")
        if element.get("name") == keyword
    )  # fmt: skip


def test_text_is_converted_to_the_character_set_that_the_document_declares() -> None:
    utf8 = document()
    assert utf8.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    assert value(utf8, "SpecificCharacterSet") == "ISO_IR 192"
    assert value(utf8, "PatientName") == NAME
    latin1 = document(charset="latin1")
    assert 'encoding="ISO-8859-1"' in latin1
    assert NAME in latin1


def test_a_character_that_the_set_lacks_is_an_error() -> None:
    result = dcm2xml(FILE, charset="ascii")
    assert isinstance(result, Err)
    assert isinstance(result.error, ToolError)
    assert "(0010,0010)" in result.error.message


@pytest.mark.parametrize(
    ("charset", "shown"), [("utf8", "C\ufffd"), ("latin1", "C\xe4"), ("ascii", "Ca")]
)
def test_bytes_that_no_character_set_concerns_leave_a_valid_document(
    charset: str, shown: str, tmp_path: Path
) -> None:
    damaged = dicom_file(ct_image((0x00080060, "CS", b"C\xe4")))
    path = tmp_path / "out.xml"
    xml = document(damaged, charset=charset, output_path=path)
    assert f'name="Modality">{shown}</element>' in xml
    assert path.read_bytes().decode({"utf8": "utf-8"}.get(charset, charset)) == xml


def test_undeclared_text_needs_an_assumption() -> None:
    undeclared = dicom_file(ct_image((0x00080005, "CS", ""), (0x00100010, "PN", NAME)))
    result = dcm2xml(undeclared)
    assert isinstance(result, Err)
    assert isinstance(result.error, ToolError)
    assert "charset_assume" in result.error.message
    assert value(document(undeclared, charset_assume="ISO_IR 100"), "PatientName") == NAME


def test_the_document_is_written_as_well(tmp_path: Path) -> None:
    path = tmp_path / "out.xml"
    assert document(output_path=path) == path.read_text("utf-8")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.xml"]


def test_a_place_that_cannot_be_written_to_is_a_file_error(tmp_path: Path) -> None:
    result = dcm2xml(FILE, output_path=tmp_path / "no" / "out.xml")
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)


def test_the_native_model_has_its_own_root() -> None:
    root = ElementTree.fromstring(document(xml_format="native", namespace=True).encode())
    assert root.tag == "{http://dicom.nema.org/PS3.19/models/NativeDICOM}NativeDicomModel"


def test_a_document_can_be_read_back(tmp_path: Path) -> None:
    xml = tmp_path / "in.xml"
    xml.write_text(document(write_binary_data=True), encoding="utf-8")
    back = tmp_path / "back.dcm"
    xml2dcm(xml, back).unwrap()
    assert value(document(back), "PatientName") == NAME


@pytest.mark.parametrize(
    "options",
    [
        {"xml_format": "native", "dtd": "embed"},
        {"xml_format": "native", "element_names": False},
        {"xml_format": "native", "binary_encoding": "hex"},
        {"binary_encoding": "uuid"},
        {"encode_binary_base64": False},
        {"load_all": True, "max_read_length": 8},
        {"dtd_file": "x.dtd"},
        {"charset_assume": "ISO_IR 1"},
        {"charset": "utf16"},
    ],
)
def test_options_that_do_not_go_together_are_an_options_error(options: dict[str, object]) -> None:
    result = dcm2xml(FILE, **options)  # type: ignore[arg-type]
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)


def test_a_broken_file_is_a_format_error() -> None:
    assert isinstance(dcm2xml(FILE[:-20]).error, DicomFormatError)  # type: ignore[union-attr]
