"""What dcmconv makes of files in memory."""

from __future__ import annotations

import io
from typing import Any

import pydicom

from dcmtk_native.data.conv import dcmconv
from support.samples import EXPLICIT_LITTLE

__all__ = ["body", "converted", "meta_of"]


def converted(source: Any, *, syntax: str = EXPLICIT_LITTLE, **options: Any) -> bytes:
    """The converted file."""
    data = dcmconv(source, None, transfer_syntax=syntax, **options).unwrap().data
    assert data is not None
    return data


def body(source: Any, syntax: str = EXPLICIT_LITTLE, **options: Any) -> bytes:
    """The converted data set alone."""
    return converted(source, syntax=syntax, write_mode="dataset", **options)


def meta_of(content: bytes) -> pydicom.dataset.FileMetaDataset:
    """The file meta information, as pydicom reads it."""
    return pydicom.dcmread(io.BytesIO(content)).file_meta
