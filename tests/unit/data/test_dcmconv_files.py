"""dcmconv: meta information, character sets, files, options, failures."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native._runtime.abort import AbortController
from dcmtk_native.data.conv import TransferSyntax, dcmconv
from dcmtk_native.errors import (
    DicomFileError,
    DicomFormatError,
    OperationAbortedError,
    OptionsError,
    ToolError,
)
from dcmtk_native.result import Err, Ok
from support.converting import body, converted, meta_of
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    Element,
    ct_image,
    dataset,
    dicom_file,
    meta_header,
)

PATIENT: list[Element] = [(0x00100010, "PN", "Doe"), (0x00100020, "LO", "1")]


# ---- meta information ----

PRIVATE_META: list[Element] = [
    *meta_header(EXPLICIT_LITTLE, CT_IMAGE, "9.9.9"),
    (0x00020016, "AE", "SENDER"),
    (0x00020100, "UI", "1.2.3"),
    (0x00020102, "OB", b"private!"),
]


def test_new_meta_information_is_made_from_the_data_set() -> None:
    content = converted(dicom_file(ct_image(), meta=PRIVATE_META))
    meta = meta_of(content)
    assert [element.tag for element in meta] == [
        0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013,
    ]  # fmt: skip
    assert meta.MediaStorageSOPInstanceUID == "1.2.826.0.1.3680043.8.498.1"
    assert meta.ImplementationVersionName == "DCMTK_NATIVE_01"
    assert len(meta.ImplementationVersionName) <= 16
    assert meta.ImplementationClassUID.is_valid
    assert meta.FileMetaInformationGroupLength == content.index(b"\x08\0\x05\0CS") - 144


def test_meta_information_of_the_file_is_kept_and_brought_up_to_date() -> None:
    source = dicom_file(ct_image(), meta=PRIVATE_META)
    meta = meta_of(converted(source, syntax=EXPLICIT_BIG, write_mode="file"))
    assert meta.MediaStorageSOPInstanceUID == "9.9.9"
    assert meta.SourceApplicationEntityTitle == "SENDER"
    assert meta.PrivateInformation == b"private!"
    assert meta.TransferSyntaxUID == EXPLICIT_BIG


def test_what_the_data_set_does_not_say_is_made_up() -> None:
    meta = meta_of(converted(dicom_file(PATIENT)))
    assert meta.MediaStorageSOPClassUID == "1.2.276.0.7230010.3.1.0.1"
    assert meta.MediaStorageSOPInstanceUID.startswith("2.25.")
    assert meta.MediaStorageSOPInstanceUID.is_valid


def test_the_preamble_stays() -> None:
    preamble = b"II*\0".ljust(128, b"x")
    assert converted(dicom_file(PATIENT, preamble=preamble))[:132] == preamble + b"DICM"


# ---- character sets ----


def text_file(term: str, name: bytes, *, inner: list[Element] | None = None) -> bytes:
    elements: list[Element] = [(0x00080005, "CS", term)] if term else []
    if inner:
        elements.append((0x00081140, "SQ", [inner]))
    return dicom_file([*elements, (0x00100010, "PN", name)])


def test_text_of_every_level_comes_into_the_target() -> None:
    greek: list[Element] = [
        (0x00080005, "CS", "ISO_IR 126"),
        (0x00100010, "PN", "Διονυσιος".encode("iso8859_7")),
    ]
    source = text_file("ISO_IR 100", "Müller^Jörg".encode("latin-1"), inner=greek)
    expected: list[Element] = [
        (0x00080005, "CS", "ISO_IR 192"),
        (0x00081140, "SQ", [[(0x00100010, "PN", "Διονυσιος".encode())]]),
        (0x00100010, "PN", "Müller^Jörg".encode()),
    ]
    assert body(source, convert_charset="utf8") == dataset(expected)


def test_ascii_text_gets_a_declaration_too_and_loses_it_as_ascii() -> None:
    source = text_file("", b"Doe")
    assert body(source, convert_charset="latin1") == dataset(
        [(0x00080005, "CS", "ISO_IR 100"), (0x00100010, "PN", "Doe")]
    )
    assert body(text_file("ISO_IR 100", b"Doe"), convert_charset="ascii") == dataset(
        [(0x00100010, "PN", "Doe")]
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"transliterate": True}, "Muller"),
        ({"discard_illegal": True}, "Mller"),
        ({"transliterate": True, "discard_illegal": True}, "Muller"),
    ],
)
def test_what_the_target_lacks_is_rendered_or_left_out(
    options: dict[str, bool], expected: str
) -> None:
    source = text_file("ISO_IR 192", "Müller".encode())
    content = body(source, convert_charset="ascii", **options)
    assert content == dataset([(0x00100010, "PN", expected)])


@pytest.mark.parametrize(
    ("term", "name", "target"),
    [
        ("ISO_IR 192", "山田".encode(), "latin1"),
        ("ISO_IR 192", b"M\xfcller", "utf8"),
        ("NO_SUCH_SET", b"M\xfcller", "utf8"),
    ],
    ids=["lacking", "malformed", "unknown"],
)
def test_text_that_cannot_be_converted_is_an_error_without_the_text(
    term: str, name: bytes, target: str
) -> None:
    result = dcmconv(text_file(term, name), None, transfer_syntax="+te", convert_charset=target)
    assert isinstance(result, Err)
    assert isinstance(result.error, ToolError)
    assert "(0010,0010)" in str(result.error)
    assert "ller" not in str(result.error)


@given(name=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20))
def test_latin_text_survives_a_round_trip(name: str) -> None:
    source = text_file("ISO_IR 100", name.encode("latin-1"))
    there = converted(source, convert_charset="utf8")
    expected = [(0x00080005, "CS", "ISO_IR 100"), (0x00100010, "PN", name.rstrip(" "))]
    assert body(there, convert_charset="latin1") == dataset(expected)


# ---- files, options, failures ----


def test_input_and_output_may_be_one_file(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    path.chmod(0o640)
    result = dcmconv(path, path, transfer_syntax=TransferSyntax.EXPLICIT_BIG)
    assert isinstance(result, Ok)
    assert result.value.output_path == str(path)
    assert result.value.data is None
    assert meta_of(path.read_bytes()).TransferSyntaxUID == EXPLICIT_BIG
    assert [one.name for one in path.parent.iterdir()] == ["CT_small.dcm"]
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_that_is_replaced_keeps_its_owner(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    os.chown(path, 65534, 65534)
    dcmconv(path, path, transfer_syntax=TransferSyntax.EXPLICIT_BIG).unwrap()
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


def test_no_device_and_no_pipe_is_replaced(copy_of: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (pipe, Path(os.devnull)):
        result = dcmconv(
            copy_of("CT_small.dcm"), target, transfer_syntax=TransferSyntax.EXPLICIT_BIG
        )
        assert isinstance(result, Err)
        assert isinstance(result.error, DicomFileError)
        assert "not a regular file" in result.error.message
    assert pipe.is_fifo()
    assert Path(os.devnull).is_char_device()


def test_the_same_call_gives_the_same_bytes(ct_small: Path) -> None:
    assert converted(ct_small, syntax=DEFLATED) == converted(ct_small, syntax=DEFLATED)


def test_a_broken_input_leaves_an_earlier_output_alone(tmp_path: Path) -> None:
    output = tmp_path / "out.dcm"
    output.write_bytes(b"earlier")
    result = dcmconv(dicom_file(ct_image())[:-10], output, transfer_syntax="+te")
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFormatError)
    assert output.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [output]


def test_an_output_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    result = dcmconv(dicom_file(PATIENT), tmp_path / "no" / "out.dcm", transfer_syntax="+te")
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)


def test_an_aborted_call_writes_nothing(tmp_path: Path) -> None:
    controller = AbortController()
    controller.abort()
    output = tmp_path / "out.dcm"
    result = dcmconv(dicom_file(PATIENT), output, transfer_syntax="+te", signal=controller.signal)
    assert isinstance(result, Err)
    assert isinstance(result.error, OperationAbortedError)
    assert not output.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"transfer_syntax": "explicit"},
        {"transfer_syntax": "1.2..3"},
        {"transfer_syntax": "+te", "compression_level": 1},
        {"transfer_syntax": "+td", "compression_level": 10},
        {"transfer_syntax": "+te", "padding": (3, 2)},
        {"transfer_syntax": "+te", "padding": (2, -2)},
        {"transfer_syntax": "+te", "padding": (2, 2), "write_mode": "dataset"},
        {"transfer_syntax": "+te", "convert_charset": "no such set"},
        {"transfer_syntax": "+te", "transliterate": True},
        {"transfer_syntax": "+te", "discard_illegal": True},
        {"transfer_syntax": "+te", "read_xfer": "little"},
        {"transfer_syntax": "+te", "write_mode": "meta"},
    ],
)
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    result = dcmconv(dicom_file(PATIENT), None, **options)
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)


# ---- DICOMDIR ----


@pytest.mark.parametrize("to", list(TransferSyntax)[:3])
@pytest.mark.parametrize("options", [{}, {"length_encoding": "undefined"}, {"padding": (512, 64)}])
def test_offsets_in_a_directory_lead_to_its_records(
    samples: Any, to: TransferSyntax, options: dict[str, Any]
) -> None:
    content = converted(samples("DICOMDIR"), syntax=to, **options)
    found = pydicom.dcmread(io.BytesIO(content))
    item = b"\xff\xfe\xe0\x00" if to is TransferSyntax.EXPLICIT_BIG else b"\xfe\xff\x00\xe0"
    records = found.DirectoryRecordSequence
    offsets = [
        found.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity,
        found.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity,
        *(record.OffsetOfTheNextDirectoryRecord for record in records),
        *(record.OffsetOfReferencedLowerLevelDirectoryEntity for record in records),
    ]
    led_to = {offset for offset in offsets if offset}
    assert len(led_to) == len(records)
    assert all(content[offset : offset + 4] == item for offset in led_to)
