"""What dump2dcm, json2dcm and xml2dcm share: opening a document, what is wrong in it, its UIDs."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import Annotated, BinaryIO, Final

from dcmtk_native._core import convert as _core_convert
from dcmtk_native._core import data as _core_data
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups_write import TRANSFER_SYNTAX_UIDS, write_options
from dcmtk_native._runtime.options import InputSource, Opt
from dcmtk_native.errors import DicomFileError, DicomFormatError, LimitExceededError, OptionsError
from dcmtk_native.limits import Limits
from dcmtk_native.types import StrPath

__all__ = [
    "IN_MEMORY",
    "FileDirectory",
    "GenerateNewUids",
    "IgnoreErrors",
    "OverwriteUids",
    "Problems",
    "ReadMeta",
    "UpdateMetaInfo",
    "directory_of",
    "document_writing",
    "draft_in",
    "hex_bytes",
    "open_document",
    "path_of",
    "put_new_uids",
    "resolved_uid",
    "tag_text",
]

ReadMeta = Annotated[bool, Opt("+f", "use the file meta information of the document", off="-f")]
GenerateNewUids = Annotated[
    bool, Opt("+Ug", "new study, series and SOP instance UIDs where the document has none")
]
OverwriteUids = Annotated[
    bool, Opt("+Uo", "with generate_new_uids: replace those of the document too", off="-Uo")
]
UpdateMetaInfo = Annotated[
    bool, Opt("+Fu", "take the UIDs of the file meta information from the data set")
]
IgnoreErrors = Annotated[
    bool, Opt("+E", "leave out what is wrong in the document, and go on", off="-E")
]
FileDirectory = Annotated[
    StrPath | None,
    Opt(
        help="the only directory that files named in the document are read from; "
        "default: that of the document"
    ),
]

IN_MEMORY: Final = "<bytes>"
"""What stands for a document without a path in messages."""

_EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
_STUDY, _SERIES, _INSTANCE = 0x0020000D, 0x0020000E, 0x00080018
# What is wrong in the document itself. Aborts, deadlines and limits end the call in any case.
_IGNORABLE: Final = frozenset({"operation", "format", "codec", "unsupported"})


class Problems:
    """What is wrong in a document: the first place ends the call, unless errors are ignored.

    Ignored ones are warnings of the call's log; the scope of the call counts a flood of them.
    """

    def __init__(self, tool: str, name: str, *, ignore: bool) -> None:
        self._tool = tool
        self._name = name
        self._ignore = ignore

    def add(self, where: str, text: str) -> None:
        """Raises `DicomFormatError`, or logs what is left out."""
        if not self._ignore:
            raise self.fatal(where, text)
        _core_convert.warn(f"{self._name}, {where}: {text}; left out")

    def fatal(self, where: str, text: str) -> DicomFormatError:
        """The error for what nobody can ignore, because nothing sensible follows."""
        message = f"{self._tool} failed: {self._name}, {where}: {text}"
        return DicomFormatError(message, tool=self._tool)

    def take(self, error: NativeError, where: str) -> None:
        """The same for an error of the native half, which does not know the place."""
        kind, message, *details = error.args
        if kind in _IGNORABLE:
            self.add(where, str(message))
        else:
            raise NativeError(kind, f"{self._name}, {where}: {message}", *details)

    def warn(self, where: str, text: str) -> None:
        """Logs what is odd but harms nothing."""
        _core_convert.warn(f"{self._name}, {where}: {text}")

    def exceeds(self, where: str, limit: str, value: int, maximum: int) -> LimitExceededError:
        """The error for a document that asks for more than a limit allows."""
        return LimitExceededError(
            f"{self._tool} failed: {self._name}, {where}: {limit}: {value} is more than {maximum}",
            limit=limit,
            value=value,
            maximum=maximum,
            tool=self._tool,
        )


def path_of(source: InputSource | None) -> str | None:
    """The path of a document or of the output; `None` if it is in memory."""
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else None


def open_document(tool: str, source: InputSource, limits: Limits) -> BinaryIO:
    """The document as a stream. Only regular files are opened: a pipe could block forever."""
    if not isinstance(source, (str, os.PathLike)):
        _check_size(tool, IN_MEMORY, memoryview(source).nbytes, limits)
        return io.BytesIO(source)
    path = os.fspath(source)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            message = f"{tool} failed: not a regular file: {path}"
            raise DicomFileError(message, filename=path, tool=tool)
        _check_size(tool, path, facts.st_size, limits)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _check_size(tool: str, name: str, size: int, limits: Limits) -> None:
    if size > limits.max_file_size:
        raise LimitExceededError(
            f"{tool} failed: {name}: max_file_size: {size} is more than {limits.max_file_size}",
            limit="max_file_size",
            value=size,
            maximum=limits.max_file_size,
            tool=tool,
        )


def directory_of(source: InputSource, file_directory: StrPath | None) -> str | None:
    """Where files that the document names are looked for; `None`: nowhere."""
    if file_directory is not None:
        return os.fspath(file_directory)
    path = path_of(source)
    return None if path is None else str(Path(path).parent)


def document_writing(
    tool: str,
    *,
    generate_new_uids: bool,
    overwrite_uids: bool,
    update_meta_info: bool,
    write_mode: str,
    write_xfer: str,
    enable_new_vr: bool,
    group_length: str,
    length_encoding: str,
    padding: str | tuple[int, int],
    compression_level: int,
) -> _core_data.WriteOptions:
    """How to write; options that have no effect or exclude each other are an `OptionsError`."""
    # A new SOP instance UID would otherwise differ from the one in the document's meta header.
    update = write_mode == "file" and (update_meta_info or generate_new_uids)
    try:
        if overwrite_uids and not generate_new_uids:
            raise ValueError("overwrite_uids=True: only with generate_new_uids=True")
        if update_meta_info and write_mode == "dataset":
            raise ValueError("update_meta_info=True: a data set has no file meta information")
        return write_options(
            write_mode="update-meta" if update else write_mode,
            transfer_syntax=TRANSFER_SYNTAX_UIDS[write_xfer],
            enable_new_vr=enable_new_vr,
            group_length=group_length,
            length_encoding=length_encoding,
            padding=padding,
            compression_level=compression_level,
        )
    except ValueError as error:
        raise OptionsError(f"{tool}: invalid options: {error}", tool=tool) from None


def draft_in(syntax: str, problems: Problems, *, write_xfer: str) -> tuple[_core_data.Draft, bool]:
    """A draft in the transfer syntax that the document names, if any.

    Also whether pixel data must be encapsulated there: native values would be written as they are.
    """
    uid = syntax.strip("\0 \t\r\n") or _EXPLICIT_LITTLE
    pixels = _core_convert.pixels_of_syntax(uid) if uid.isascii() else "unknown"
    if pixels == "unknown":
        if write_xfer == "same":
            problems.add("(0002,0010)", "an unknown transfer syntax; name one to write")
        uid = _EXPLICIT_LITTLE
    return _core_data.Draft(uid), pixels == "encapsulated"


def put_new_uids(draft: _core_data.Draft, *, overwrite: bool) -> None:
    """New study, series and SOP instance UIDs: all three, or those that have no value yet."""
    for tag in (_STUDY, _SERIES, _INSTANCE):
        if overwrite or not draft.text(tag):
            draft.put_text(tag, "UI", _core_data.new_uid())


def resolved_uid(value: str) -> str | None:
    """A value of VR UI with the UID behind a name (`=CTImageStorage`); `None` if nobody has it."""
    if not value.startswith("="):
        return value
    return _core_convert.uid_of_name(value[1:].rstrip())


def tag_text(tag: int) -> str:
    """A tag as dumps print it: `(gggg,eeee)`."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def hex_bytes(text: str) -> bytes | None:
    r"""The bytes of a list such as `0a\0b`; `None` if it is no such list."""
    numbers = text.split("\\") if text else []
    try:
        content = bytes.fromhex(" ".join(number.strip().zfill(2) for number in numbers))
    except ValueError:
        return None
    return content if len(content) == len(numbers) else None
