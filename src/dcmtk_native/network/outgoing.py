"""Files to send: which they are, and what the network has to know of each before it is sent."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from dcmtk_native._core.data import ReadOptions, list_files
from dcmtk_native._core.network import StorageObject
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.options import InputSource
from dcmtk_native.errors import DcmtkError, ToolError
from dcmtk_native.network.results import StoreOutcome
from dcmtk_native.network.services import StatusCategory, category_of

__all__ = [
    "OutgoingFile",
    "answered",
    "failed",
    "files_of",
    "is_of_the_file",
    "look_at",
    "name_of",
    "text_of",
]

_OF_THE_FILE: Final = frozenset(
    {"file", "format", "codec", "unsupported", "limit", "toolkit", "operation"}
)
"""Kinds of errors that say something of one file, and nothing of the next."""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send.

    Attributes:
        source: its path or content.
        sop_class: UID.
        sop_instance: UID.
        transfer_syntax: UID of what is in the file.
        refusal: why it cannot be sent; empty: it can.
    """

    source: InputSource
    sop_class: str = ""
    sop_instance: str = ""
    transfer_syntax: str = ""
    refusal: str = ""


Check = Callable[[StorageObject], None]
"""Raises a ToolError for an object that must not be sent."""


def name_of(source: InputSource) -> str:
    """The path, or `<bytes>`."""
    return "<bytes>" if isinstance(source, (bytes, bytearray, memoryview)) else os.fspath(source)


def files_of(
    sources: Iterable[InputSource], *, scan: bool, pattern: str | None, recurse: bool
) -> Iterator[InputSource]:
    """The sources; if folders are scanned, the files in a folder instead of the folder."""
    for source in sources:
        if scan and isinstance(source, str):
            yield from list_files(source, pattern or "", recurse)
        else:
            yield source


def is_of_the_file(error: NativeError | DcmtkError) -> bool:
    """Whether others than this file may well be sent all the same."""
    return isinstance(error, ToolError) or (
        isinstance(error, NativeError) and error.args[0] in _OF_THE_FILE
    )


def text_of(error: NativeError | DcmtkError) -> str:
    """What it says."""
    return str(error.args[1]) if isinstance(error, NativeError) else error.message


def look_at(
    sources: Iterable[InputSource],
    read: ReadOptions,
    *,
    halt: bool,
    check: Check | None = None,
) -> list[OutgoingFile]:
    """The files, each with what its first elements say.

    Errors:
        NativeError or ToolError of the first one that cannot be sent; with `halt` off those are in
        the list, and it is an error only if there is no other.
    """
    files: list[OutgoingFile] = []
    first: NativeError | DcmtkError | None = None
    for source in sources:
        try:
            stored = StorageObject.open(source, read)
            if check is not None:
                check(stored)
        except (NativeError, DcmtkError) as error:
            if halt or not is_of_the_file(error):
                raise
            first = first or error
            files.append(OutgoingFile(source, refusal=text_of(error)))
        else:
            files.append(
                OutgoingFile(source, stored.sop_class, stored.sop_instance, stored.transfer_syntax)
            )
    if first is not None and all(file.refusal for file in files):
        raise first
    return files


def failed(file: OutgoingFile, message: str) -> StoreOutcome:
    """The outcome of a file that the peer has not answered."""
    return StoreOutcome(
        file=name_of(file.source),
        sop_class_uid=file.sop_class,
        sop_instance_uid=file.sop_instance,
        status=None,
        message=message,
        ok=False,
    )


def answered(name: str, stored: StorageObject, answer: tuple[int, str, str]) -> StoreOutcome:
    """The outcome by status, its description and the peer's comment."""
    status, description, comment = answer
    return StoreOutcome(
        file=name,
        sop_class_uid=stored.sop_class,
        sop_instance_uid=stored.sop_instance,
        status=status,
        message=f"{description}: {comment}" if comment else description,
        ok=category_of(status) in {StatusCategory.SUCCESS, StatusCategory.WARNING},
    )
