"""Branded values: a checked string or number that a type checker tells from any other.

`create_*` trusts the caller and costs nothing; `parse_*` takes any object, checks it, and returns
a `Result`:

    >>> from dcmtk_native.types import parse_ae_title
    >>> parse_ae_title("MY_SCP")
    Ok(value='MY_SCP')
    >>> parse_ae_title("").ok
    False
"""

from __future__ import annotations

import os
import re
import reprlib
from typing import NewType, TypeAlias, cast

from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok, Result

__all__ = [
    "AETitle",
    "DicomFilePath",
    "DicomTag",
    "DicomTagPath",
    "Port",
    "SOPClassUID",
    "StrPath",
    "TransferSyntaxUID",
    "create_ae_title",
    "create_dicom_file_path",
    "create_dicom_tag",
    "create_dicom_tag_path",
    "create_port",
    "create_sop_class_uid",
    "create_transfer_syntax_uid",
    "parse_ae_title",
    "parse_dicom_file_path",
    "parse_dicom_tag",
    "parse_dicom_tag_path",
    "parse_port",
    "parse_sop_class_uid",
    "parse_transfer_syntax_uid",
]

StrPath: TypeAlias = str | os.PathLike[str]

DicomTag = NewType("DicomTag", str)
"""A tag, `(0010,0010)` or `00100010`."""

AETitle = NewType("AETitle", str)
"""The title of an application entity (PS3.5 section 6.2, AE)."""

DicomTagPath = NewType("DicomTagPath", str)
"""A path to an element inside of sequences, `(0040,A730)[0].(0040,A160)`."""

SOPClassUID = NewType("SOPClassUID", str)
"""The UID of a SOP class (PS3.4)."""

TransferSyntaxUID = NewType("TransferSyntaxUID", str)
"""The UID of a transfer syntax (PS3.5 section 10)."""

DicomFilePath = NewType("DicomFilePath", str)
"""The normalised path of a file."""

Port = NewType("Port", int)
"""A TCP port, 1 to 65535."""

_TAG = re.compile(r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)|[0-9A-Fa-f]{8}")
_SEGMENT = r"\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)(?:\[[0-9]+\])?"
_TAG_PATH = re.compile(rf"{_SEGMENT}(?:\.{_SEGMENT})*")
# The default character repertoire without control characters and backslash, and not only spaces.
_AE_TITLE = re.compile(r"(?! *\Z)[\x20-\x5B\x5D-\x7E]{1,16}")
_UID = re.compile(r"(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)*")
_SEPARATORS = re.compile(r"[/\\]")

_HIGHEST_PORT = 65_535

_TAG_RULE = "(gggg,eeee) or 8 hexadecimal digits"
_AE_TITLE_RULE = "1 to 16 printable ASCII characters, no backslash, not only spaces"
_TAG_PATH_RULE = "(gggg,eeee) segments, each with an optional [n], joined by dots"
_UID_RULE = "1 to 64 characters, groups of digits joined by dots"
_FILE_PATH_RULE = "not empty, no '..' segment, no null character"
_PORT_RULE = f"an integer from 1 to {_HIGHEST_PORT}"

# Foreign input may be of any size, a message may not.
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80


def create_dicom_tag(tag: str) -> DicomTag:
    """The same string, unchecked."""
    return DicomTag(tag)


def create_ae_title(title: str) -> AETitle:
    """The same string, unchecked."""
    return AETitle(title)


def create_dicom_tag_path(path: str) -> DicomTagPath:
    """The same string, unchecked."""
    return DicomTagPath(path)


def create_sop_class_uid(uid: str) -> SOPClassUID:
    """The same string, unchecked."""
    return SOPClassUID(uid)


def create_transfer_syntax_uid(uid: str) -> TransferSyntaxUID:
    """The same string, unchecked."""
    return TransferSyntaxUID(uid)


def create_dicom_file_path(path: StrPath) -> DicomFilePath:
    """The path as a string, unchecked."""
    return DicomFilePath(os.fspath(path))


def create_port(port: int) -> Port:
    """The same number, unchecked."""
    return Port(port)


def parse_dicom_tag(value: object) -> Result[DicomTag]:
    """The value, if it is a tag: `(gggg,eeee)` or 8 hexadecimal digits."""
    if isinstance(value, str) and _TAG.fullmatch(value):
        return Ok(DicomTag(value))
    return _refuse("DICOM tag", value, _TAG_RULE)


def parse_ae_title(value: object) -> Result[AETitle]:
    """The value, if it is an application entity title (PS3.5 section 6.2)."""
    if isinstance(value, str) and _AE_TITLE.fullmatch(value):
        return Ok(AETitle(value))
    return _refuse("AE Title", value, _AE_TITLE_RULE)


def parse_dicom_tag_path(value: object) -> Result[DicomTagPath]:
    """The value, if it is a path of tags to one element; the wildcard `[*]` is refused."""
    if isinstance(value, str) and _TAG_PATH.fullmatch(value):
        return Ok(DicomTagPath(value))
    return _refuse("DICOM tag path", value, _TAG_PATH_RULE)


def parse_sop_class_uid(value: object) -> Result[SOPClassUID]:
    """The value, if it has the form of a UID (PS3.5 section 9); it need not be a known one."""
    if isinstance(value, str) and _UID.fullmatch(value):
        return Ok(SOPClassUID(value))
    return _refuse("SOP Class UID", value, _UID_RULE)


def parse_transfer_syntax_uid(value: object) -> Result[TransferSyntaxUID]:
    """The value, if it has the form of a UID (PS3.5 section 9); it need not be a known one."""
    if isinstance(value, str) and _UID.fullmatch(value):
        return Ok(TransferSyntaxUID(value))
    return _refuse("Transfer Syntax UID", value, _UID_RULE)


def parse_dicom_file_path(value: object) -> Result[DicomFilePath]:
    """The normalised path, if it cannot climb out of the directory that it is put under.

    An absolute path is one too; whoever joins it to a directory has to look at that.
    """
    path = value if isinstance(value, str) else _path_text(value)
    if not path or "\0" in path or ".." in _SEPARATORS.split(path):
        return _refuse("DICOM file path", value, _FILE_PATH_RULE)
    return Ok(DicomFilePath(os.path.normpath(path)))


def parse_port(value: object) -> Result[Port]:
    """The value, if it is a TCP port; no other type is converted."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _HIGHEST_PORT:
        return Ok(Port(value))
    return _refuse("port", value, _PORT_RULE)


def _path_text(value: object) -> str:
    """The text of a path object; empty for anything else, paths of bytes included."""
    if not isinstance(value, os.PathLike):
        return ""
    path = os.fspath(cast("os.PathLike[str] | os.PathLike[bytes]", value))
    return path if isinstance(path, str) else ""


def _refuse(what: str, value: object, rule: str) -> Err[DcmtkError]:
    try:
        shown = _short.repr(value)
    except ValueError:  # Python does not print an int of more than 4300 digits
        shown = f"<{type(value).__name__}>"
    return Err(DcmtkError(f"Invalid {what}: {shown} (expected {rule})"))
