"""What a DICOMDIR refers to (PS3.3 annex F, PS3.10 section 8)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from dcmtk_native._core.data import Dataset, ReadOptions
from dcmtk_native.errors import DicomFormatError

__all__ = ["MEDIA_DIRECTORY", "referenced_files"]

MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_RECORDS: Final = "00041220"
_FILE_ID: Final = "00041500"


def referenced_files(path: str, read: ReadOptions) -> Iterator[str]:
    """The paths of the files that the directory's records name, in their order.

    Errors:
        DicomFormatError: raised for a file ID that would lead out of the directory's folder.
    """
    records = Dataset.read(path, read).element(_RECORDS) or {}
    folder = os.path.dirname(path)  # noqa: PTH120 (what the caller gave is kept as it is)
    for record in records.get("Value", ()):
        components = record.get(_FILE_ID, {}).get("Value", ())
        if components:
            _check(path, components)
            yield os.path.join(folder, *components)  # noqa: PTH118


def _check(path: str, components: Sequence[object]) -> None:
    for part in components:
        if not isinstance(part, str) or part in {"", ".", ".."} or "/" in part or "\0" in part:
            shown = "\\".join(map(str, components))
            raise DicomFormatError(f"{path}: a record has a file ID that is none: {shown[:80]!r}")
