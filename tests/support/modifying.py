"""What dcmodify makes of files in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dcmtk_native.data.modify import dcmodify
from dcmtk_native.result import Err
from support.samples import EXPLICIT_LITTLE, Element, dicom_file

__all__ = ["changed", "inserted", "refused"]


def changed(elements: list[Element], *, syntax: str = EXPLICIT_LITTLE, **options: Any) -> bytes:
    """The data set of a file that was changed in memory."""
    source = dicom_file(elements, transfer_syntax=syntax)
    data = dcmodify(source, write_mode="dataset", **options).unwrap().data
    assert data is not None
    return data


def inserted(tag: str, value: str, elements: list[Element] | None = None) -> bytes:
    """The same after one insertion."""
    return changed(elements or [], insertions=[(tag, value)])


def refused(source: bytes | Path, **options: Any) -> Any:
    """The error of a change that cannot be made."""
    result = dcmodify(source, **options)
    assert isinstance(result, Err)
    return result.error
