"""create_* trusts, parse_* checks; the constants are as agreed."""

from __future__ import annotations

import os
import types
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

import pytest

from dcmtk_native import constants
from dcmtk_native import types as brands
from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok, Result

Parser = Callable[[object], Result[object]]

TAG, AE, PATH = brands.parse_dicom_tag, brands.parse_ae_title, brands.parse_dicom_tag_path
SOP, XFER = brands.parse_sop_class_uid, brands.parse_transfer_syntax_uid
FILE, PORT = brands.parse_dicom_file_path, brands.parse_port


class NamedPort(IntEnum):
    DICOM = 104


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


ACCEPTED: list[tuple[Parser, object]] = [
    (TAG, "(0010,0010)"),
    (TAG, "(7fE0,aBcD)"),
    (TAG, "00100010"),
    (TAG, "7fe00010"),
    (AE, "MY_SCP"),
    (AE, "PACS@01"),
    (AE, "A"),
    (AE, "A" * 16),
    (AE, " X "),
    (AE, '~ !"#$%[]^'),
    (PATH, "(0010,0010)"),
    (PATH, "(0040,A730)[0].(0040,a160)"),
    (PATH, "(0040,A730)[12].(0040,A730).(0008,0100)[3]"),
    (SOP, "1.2.840.10008.5.1.4.1.1.2"),
    (SOP, "0"),
    (SOP, "1" * 64),
    (SOP, "01.002"),
    (XFER, "1.2.840.10008.1.2.1"),
    (PORT, 1),
    (PORT, 4242),
    (PORT, 65535),
    (PORT, NamedPort.DICOM),
]

REFUSED: list[tuple[Parser, object, str]] = [
    *((TAG, bad, "Invalid DICOM tag") for bad in (
        "", "gggg,eeee", "0010,0010", "(0010,0010", "(0010, 0010)", "0010001", "001000100",
        "0010001G", "(0010,0010)\n", " 00100010",
        "\u0660\u0660\u0661\u0660\u0660\u0660\u0661\u0660", 0x00100010, None, b"00100010",
    )),
    *((AE, bad, "Invalid AE Title") for bad in (
        "", "A" * 17, "A\\B", "   ", " " * 16, "A\n", "\n", "A\tB", "\x7f", "ÄRZTE", 5, None, b"AE",
    )),
    *((PATH, bad, "Invalid DICOM tag path") for bad in (
        "", "00100010", "(0010,0010).", ".(0010,0010)", "(0040,A730)[*].(0040,A160)",
        "(0040,A730)[].(0040,A160)", "(0040,A730)[-1]", "(0040,A730)[1", "(0040,A730)(0040,A160)",
        "(0040,A730)[\u0663]", "(0040,A730)..(0040,A160)", 1, None,
    )),
    *((parse, bad, start) for parse, start in (
        (SOP, "Invalid SOP Class UID"), (XFER, "Invalid Transfer Syntax UID"),
    ) for bad in (
        "", "1" * 65, "1.", ".1", "1..2", "1.2a", "1.2\n", "\u0661.2", " 1.2", 12, 1.2, None,
    )),
    *((FILE, bad, "Invalid DICOM file path") for bad in (
        "", "..", "../a", "a/../b", "a/..", "a\\..\\b", "a\0b", 3, None, b"a.dcm",
    )),
    *((PORT, bad, "Invalid port") for bad in (
        0, -1, 65536, 1.5, 104.0, "104", "4242", True, False, None,
    )),
]  # fmt: skip


@pytest.mark.parametrize(("parse", "value"), ACCEPTED)
def test_a_valid_value_is_returned_unchanged(parse: Parser, value: object) -> None:
    result = parse(value)
    assert isinstance(result, Ok)
    assert result.value is value


@pytest.mark.parametrize(("parse", "value", "start"), REFUSED)
def test_an_invalid_value_is_an_err_that_names_the_rule(
    parse: Parser, value: object, start: str
) -> None:
    result = parse(value)
    assert isinstance(result, Err)
    assert type(result.error) is DcmtkError
    assert result.error.message.startswith(start)
    assert "expected" in result.error.message


def test_the_message_tells_the_offending_input() -> None:
    result = brands.parse_ae_title("A\\B")
    assert not result
    assert repr("A\\B") in result.error.message


@pytest.mark.parametrize("parse", [TAG, AE, PATH, SOP, XFER, FILE, PORT])
@pytest.mark.parametrize(
    "value",
    ["x" * 10_000_000, ["y" * 10_000_000], Unprintable(), 10**5000],
    ids=["text", "list", "unprintable", "number"],
)
def test_a_message_stays_short_whatever_the_input(parse: Parser, value: object) -> None:
    result = parse(value)
    if isinstance(result, Err):
        assert len(result.error.message) < 300
    else:
        assert parse is FILE


def test_a_million_segments_are_parsed_in_linear_time() -> None:
    path = ".".join(["(0040,A730)[0]"] * 100_000)
    assert brands.parse_dicom_tag_path(path).ok
    assert not brands.parse_dicom_tag_path(path + ".")


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("a.dcm", "a.dcm"),
        ("a//b/./c.dcm", os.path.normpath("a/b/c.dcm")),
        ("/data/a.dcm", os.path.normpath("/data/a.dcm")),
        ("a..b/c...dcm", os.path.normpath("a..b/c...dcm")),
        (Path("dir") / "a.dcm", str(Path("dir") / "a.dcm")),
    ],
)
def test_a_file_path_is_normalised(given: object, normalised: str) -> None:
    assert brands.parse_dicom_file_path(given) == Ok(normalised)


CREATE: list[Callable[[str], str]] = [
    brands.create_dicom_tag,
    brands.create_ae_title,
    brands.create_dicom_tag_path,
    brands.create_sop_class_uid,
    brands.create_transfer_syntax_uid,
    brands.create_dicom_file_path,
]


@pytest.mark.parametrize("create", CREATE)
@pytest.mark.parametrize("value", ["MY_SCP", "not valid at all", ""])
def test_create_returns_the_value_unchecked(create: Callable[[str], str], value: str) -> None:
    assert create(value) is value


def test_create_port_returns_the_number_unchecked() -> None:
    assert brands.create_port(4242) == 4242
    assert brands.create_port(0) == 0


def test_create_dicom_file_path_takes_a_path_object() -> None:
    assert brands.create_dicom_file_path(Path("a") / "b.dcm") == str(Path("a") / "b.dcm")


def test_str_path_is_a_type_that_can_be_evaluated() -> None:
    assert isinstance(brands.StrPath, types.UnionType)
    assert isinstance("a", str | os.PathLike)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_TIMEOUT_MS", 30000),
        ("DEFAULT_START_TIMEOUT_MS", 10000),
        ("DEFAULT_DRAIN_TIMEOUT_MS", 5000),
        ("DEFAULT_BLOCK_TIMEOUT_MS", 1000),
        ("DEFAULT_DICOM_PORT", 104),
        ("MAX_BLOCK_LINES", 1000),
        ("MAX_EVENT_PATTERNS", 200),
        ("MAX_TRAVERSAL_DEPTH", 50),
        ("MAX_CHANGESET_OPERATIONS", 10000),
        (
            "WINDOWS_SEARCH_PATHS",
            (
                "C:\\Program Files\\DCMTK\\bin",
                "C:\\Program Files (x86)\\DCMTK\\bin",
                "C:\\ProgramData\\chocolatey\\bin",
            ),
        ),
        (
            "UNIX_SEARCH_PATHS",
            ("/usr/local/bin", "/usr/bin", "/opt/local/bin", "/opt/homebrew/bin"),
        ),
        (
            "REQUIRED_BINARIES",
            ("dcm2json", "dcm2xml", "dcmodify", "dcmdump", "dcmrecv", "dcmsend", "echoscu"),
        ),
    ],
)
def test_a_constant_has_its_value(name: str, value: object) -> None:
    assert getattr(constants, name) == value


def test_the_sizes_of_a_pdu_are_numbers() -> None:
    sizes = constants.PDU_SIZE
    assert issubclass(sizes, IntEnum)
    assert {size.name: size.value for size in sizes} == {
        "DEFAULT": 16384,
        "MIN": 4096,
        "MAX": 131072,
    }
