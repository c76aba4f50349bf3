"""Files to send."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.samples import (
    CT_IMAGE,
    EXPLICIT_LITTLE,
    Element,
    ct_image,
    dicom_file,
)

__all__ = ["MR_IMAGE", "UID_ROOT", "data_set_of", "digest", "image_file", "image_files"]

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
UID_ROOT = "1.2.826.0.1.3680043.8.498.5"


def image_file(
    path: Path,
    number: int = 1,
    *more: Element,
    sop_class: str = CT_IMAGE,
    transfer_syntax: str = EXPLICIT_LITTLE,
    **options: Any,
) -> Path:
    """A small image under that name; `number` ends its SOP Instance UID."""
    elements = ct_image(
        (0x00080016, "UI", sop_class), (0x00080018, "UI", f"{UID_ROOT}.{number}"), *more, **options
    )
    path.write_bytes(dicom_file(elements, transfer_syntax=transfer_syntax))
    return path


def image_files(folder: Path, count: int, **options: Any) -> list[Path]:
    """So many of them, 000.dcm and on."""
    return [image_file(folder / f"{number:03}.dcm", number, **options) for number in range(count)]


def data_set_of(content: bytes) -> bytes:
    """What follows the file meta information."""
    length = int.from_bytes(content[140:144], "little")
    return content[144 + length :]


def digest(content: bytes | Sequence[bytes]) -> str:
    """SHA-256."""
    return hashlib.sha256(content if isinstance(content, bytes) else b"".join(content)).hexdigest()
