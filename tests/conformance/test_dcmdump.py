"""dcmdump beside DCMTK's own program, over every file that pydicom ships.

The text must be equal, byte for byte where it has plain ASCII. Other bytes the program prints as
they are; pydicom decodes them here, by the character set that the file declares.
With +U8 it fails for character sets that iconv lacks (`BEYOND_ICONV`); what else differs has a name
and a reason below.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from pydicom.charset import convert_encodings, decode_bytes

from dcmtk_native import OptionsError, dcmdump
from support import oracle
from support.compare import differences
from support.shipped import BEYOND_ICONV, BROKEN, FILES, NO_DICOM

# ---- wanted differences ----

VALUE_CUT_SHORT: Final = "test_files/rtplan_truncated.dcm"
"""With +E the program shows memory that nobody wrote in place of the bytes that are missing."""

# ---- the program, once for all files ----

Dumps = Mapping[str, str | None]
"""Text by file; `None` for a file that cannot be read."""

HEADER: Final = re.compile(rb"^# dcmdump \(\d+/\d+\): (.+)\n", re.MULTILINE)
FAILURE: Final = re.compile(r"(?:reading file|converting file to UTF-8): (.+)$", re.MULTILINE)
COLOUR: Final = re.compile(rb"(\x1b\[[\d;]*m)")
DELIMITERS: Final = set(b"\r\n\t\f\\^=")


def dumps_of_the_original(**options: Any) -> dict[str, bytes | None]:
    """Raw text by file; with `ignore_errors` of those files, too, that the program complains of."""
    program = oracle.Original("dcmdump")
    done = program(list(FILES.values()), print_filename=True, **options)
    start, *parts = HEADER.split(done.stdout)
    assert start == b"", done.stderr
    # A newline separates two dumps.
    texts = [text.removesuffix(b"\n") for text in parts[1:-1:2]] + parts[-1:]
    failed = set() if options.get("ignore_errors") else set(FAILURE.findall(done.stderr))
    assert [Path(path.decode()) for path in parts[::2]] == list(FILES.values())
    return {
        name: None if str(path) in failed else text
        for (name, path), text in zip(FILES.items(), texts, strict=True)
    }


@cache
def character_sets() -> dict[str, list[str]]:
    """Python's codecs for each file's text."""
    codecs = {}
    for name, text in dumps_of_the_original(ignore_errors=True).items():
        declared = re.search(rb"^ *\(0008,0005\) CS \[(.*?)\]", text or b"", re.MULTILINE)
        terms = declared[1].decode().split("\\") if declared else ["ISO_IR 6"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # chrJapMultiExplicitIR6.dcm: "ISO 2022 IR 6"
            codecs[name] = convert_encodings(terms)
    return codecs


def decoded(text: bytes, codecs: list[str]) -> str:
    if text.isascii() and b"\x1b" not in text:
        return text.decode("ascii")
    return "".join(
        part.decode() if COLOUR.fullmatch(part) else decoded_part(part, codecs)
        for line in text.splitlines(keepends=True)
        for part in COLOUR.split(line)
    )


def decoded_part(text: bytes, codecs: list[str]) -> str:
    if len(codecs) == 1:
        return text.decode(codecs[0], "replace")
    return str(decode_bytes(text, codecs, DELIMITERS))


def expected(**options: Any) -> Dumps:
    is_utf8 = options.get("convert_charset") == "utf8"
    codecs = {name: ["utf-8"] for name in FILES} if is_utf8 else character_sets()
    return {
        name: None if text is None else decoded(text, codecs[name])
        for name, text in dumps_of_the_original(**options).items()
    }


# ---- one file at a time ----

EVERY_OPTION: Final[list[dict[str, Any]]] = [
    {},
    {"read_mode": "file-only"},
    {"read_mode": "dataset"},
    {"read_mode": "dataset", "read_xfer": "little"},
    {"read_mode": "dataset", "read_xfer": "big"},
    {"read_mode": "dataset", "read_xfer": "implicit"},
    {"read_xfer": "detect"},
    {"load_all": True},
    {"load_all": False},
    {"load_all": False, "max_read_length": 64},
    {"use_meta_length": True},
    {"use_meta_length": False},
    {"odd_length": "accept"},
    {"odd_length": "assume-even"},
    {"explicit_vr": "use"},
    {"explicit_vr": "ignore"},
    {"nonstandard_vr": "unknown"},
    {"nonstandard_vr": "implicit"},
    {"undefined_length_un": "implicit"},
    {"undefined_length_un": "explicit"},
    {"convert_un": False},
    {"convert_un": True},
    {"private_max_length": "dictionary"},
    {"private_max_length": "sequence"},
    {"wrong_delimiters": "keep"},
    {"wrong_delimiters": "replace"},
    {"illegal_obow": "reject"},
    {"illegal_obow": "convert"},
    {"illegal_voi": "reject"},
    {"illegal_voi": "convert"},
    {"explicit_length_pixel_data": "abort"},
    {"explicit_length_pixel_data": "use"},
    {"parse_errors": "stop"},
    {"parse_errors": "ignore"},
    {"stop_after": "PatientID"},
    {"stop_before": "PatientID"},
    {"data_correction": True},
    {"data_correction": False},
    {"deflated_bitstream": "deflated"},
    {"deflated_bitstream": "zlib"},
    {"convert_charset": "utf8"},
    {"format": "long"},
    {"all_tags": True},
    {"print_values": True},
    {"map_uid_names": False},
    {"tree": True},
    {"quote": "xml"},
    {"quote": "octal"},
    {"color": True},
    {"ignore_errors": True},
    {"search_tag": "PatientName"},
    {"search_tag": ["PatientName", "0008,1155"]},
    {"search_tag": "ReferencedSOPInstanceUID", "search_first": True},
    {"search_tag": "ReferencedSOPInstanceUID", "prepend_path": True},
    # What may hinder each other.
    {"format": "long", "tree": True, "color": True, "convert_un": True},
    {"format": "long", "quote": "xml", "convert_charset": "utf8", "load_all": False},
    {"ignore_errors": True, "parse_errors": "ignore", "data_correction": False},
    {"search_tag": "0008,0100", "prepend_path": True, "color": True, "format": "long"},
    {"explicit_vr": "ignore", "convert_un": True, "private_max_length": "sequence"},
]

WANTED: Final[Mapping[str, set[str]]] = {
    "convert_charset": BEYOND_ICONV,
    "ignore_errors": {VALUE_CUT_SHORT},
}
"""Which files differ with which option."""


def dumped(path: Path, **options: Any) -> str | None:
    result = dcmdump(path, **options)
    return result.value.text if result.ok else None


@pytest.mark.parametrize("options", EVERY_OPTION, ids=repr)
def test_the_text_is_that_of_the_original(options: dict[str, Any]) -> None:
    ours = {name: dumped(path, **options) for name, path in FILES.items()}
    found = differences(ours, expected(**options))
    wanted = set[str]().union(*(names for option, names in WANTED.items() if option in options))
    assert {name: pair for name, pair in found.items() if name not in wanted} == {}
    # What the program found in its memory may happen to be zeros, too.
    assert found.keys() | {VALUE_CUT_SHORT} == wanted | {VALUE_CUT_SHORT}


def test_the_original_reads_what_is_said_to_be_readable() -> None:
    failed = {name for name, text in dumps_of_the_original().items() if text is None}
    assert failed == NO_DICOM | BROKEN


@pytest.mark.parametrize("name", sorted(BEYOND_ICONV))
def test_ours_converts_what_the_program_cannot(name: str) -> None:
    assert dumps_of_the_original(convert_charset="utf8")[name] is None
    assert dumped(FILES[name], convert_charset="utf8") is not None


def test_bytes_that_are_missing_are_zero() -> None:
    ours = dumped(FILES[VALUE_CUT_SHORT], ignore_errors=True)
    theirs = expected(ignore_errors=True)[VALUE_CUT_SHORT]
    assert ours is not None
    assert theirs is not None
    there = "(300a,012c) DS [235.711172833292\\244.13543711"
    head, _, rest = ours.partition(there)
    missing, comment, tail = rest.partition("]")
    assert missing == "\0" * 21
    # The program shows what it found in its memory; that decides on the multiplicity, too.
    assert theirs.startswith(head + there)
    assert theirs.endswith((comment + tail).partition("\n")[2])


def test_short_lines_are_those_of_the_original_without_what_describes_the_value() -> None:
    comment = re.compile(r" *# +(\d+|u/l), *\d+ .+$", re.MULTILINE)
    ours = {name: dumped(path, format="short") for name, path in FILES.items()}
    theirs = {name: text and comment.sub("", text) for name, text in expected().items()}
    assert differences(ours, theirs) == {}


# ---- several files, and files beside the text ----


def every_file_as_one_text(**options: Any) -> str:
    result = dcmdump(list(FILES.values()), **options)
    return result.unwrap().text


# A search that finds plain ASCII only: (0008,0060) and (0008,1155).
@pytest.mark.parametrize(
    "options",
    [
        {"print_filename": True},
        {"print_filename": "search"},
        {"print_filename": "search", "search_first": True},
        {},
    ],
    ids=repr,
)
def test_several_files_are_one_text(options: dict[str, Any]) -> None:
    options = {"search_tag": ["Modality", "ReferencedSOPInstanceUID"], **options}
    done = oracle.run("dcmdump", list(FILES.values()), **options)
    assert every_file_as_one_text(**options) == done.text


def sections(text: str) -> list[str]:
    """The dumps of a text in an order of their own: folders are listed in any."""
    return sorted(re.split(r"^# dcmdump \(\d+\): ", text, flags=re.MULTILINE))


@pytest.mark.parametrize("options", [{}, {"recurse": True}, {"scan_pattern": "*_s*.dcm"}], ids=repr)
def test_folders_are_searched_like_the_original_does(options: dict[str, Any]) -> None:
    options = {"scan_directories": True, "search_tag": "SOPClassUID", **options}
    options |= {"print_filename": "search"}
    folder = FILES["test_files/CT_small.dcm"].parent
    done = oracle.run("dcmdump", folder, **options)
    ours = dcmdump(folder, **options).unwrap().text
    found = sections(f"{ours}\n")
    assert len(found) > 10
    assert found == sections(f"{done.text}\n")


def test_pixel_data_are_written_like_the_original_does(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    every_file_as_one_text(write_pixel=ours)
    oracle.run("dcmdump", list(FILES.values()), write_pixel=theirs)
    written = {path.name: path.read_bytes() for path in theirs.iterdir()}
    assert len(written) > 100
    assert {path.name: path.read_bytes() for path in ours.iterdir()} == written


# ---- what cannot be combined ----


@pytest.mark.parametrize(
    "options",
    [
        {"read_xfer": "little"},
        {"read_xfer": "implicit", "read_mode": "file-only"},
        {"scan_pattern": "*.dcm"},
        {"recurse": True},
        {"search_first": True},
        {"prepend_path": True},
        {"print_filename": "search"},
        {"search_tag": "PatientID", "prepend_path": True, "tree": True},
        {"search_tag": "NoSuchKeyword"},
        {"load_all": False, "max_read_length": 3},
    ],
    ids=repr,
)
def test_the_program_refuses_these_options_too(options: dict[str, Any], ct_small: Path) -> None:
    done = oracle.run("dcmdump", ct_small, **options)
    assert (done.ok, done.stdout) == (False, b"")
    assert "reading file" not in done.stderr
    with pytest.raises(OptionsError):
        dcmdump(ct_small, **options).unwrap()
