"""Every kind of image that a lossless syntax has to keep, and the syntaxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from support import frames
from support.images import SECONDARY_CAPTURE
from support.samples import ct_image, dicom_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KINDS", "SYNTAXES", "Kind", "pixels_of_kind", "source"]

SYNTAXES: Final = {
    "RLE": "1.2.840.10008.1.2.5",
    "JPEG lossless": "1.2.840.10008.1.2.4.57",
    "JPEG lossless SV1": "1.2.840.10008.1.2.4.70",
    "JPEG-LS lossless": "1.2.840.10008.1.2.4.80",
    "JPEG 2000 lossless": "1.2.840.10008.1.2.4.90",
    "HTJ2K lossless": "1.2.840.10008.1.2.4.201",
    "HTJ2K lossless RPCL": "1.2.840.10008.1.2.4.202",
}
"""By a name for each, those whose streams are always lossless."""

ROWS: Final = 13
COLUMNS: Final = 17
"""Odd, so that frames of bytes have an odd size, and samples of 12 bits no whole bytes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What pixel data is like."""

    bits: int
    is_signed: bool
    samples: int
    frames: int

    def __str__(self) -> str:
        sign = "i" if self.is_signed else "u"
        color = "grey" if self.samples == 1 else "rgb"
        return f"{sign}{self.bits}-{color}-{self.frames}"

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(f"{'i' if self.is_signed else 'u'}{1 if self.bits == 8 else 2}")


KINDS: Final = tuple(Kind(*each) for each in product((8, 12, 16), (False, True), (1, 3), (1, 20)))


@cache
def pixels_of_kind(kind: Kind) -> NDArray[Any]:
    """Frames that differ, with the least and the greatest value in each."""
    images = [
        frames.image(
            ROWS, COLUMNS, dtype=kind.dtype, bits=kind.bits, samples=kind.samples, seed=seed
        )
        for seed in range(kind.frames)
    ]
    low = -(1 << kind.bits - 1) if kind.is_signed else 0
    for image in images:
        image[0, 0], image[-1, -1] = low, low + (1 << kind.bits) - 1
    return images[0] if kind.frames == 1 else np.stack(images)


@cache
def source(kind: Kind) -> bytes:
    """A native file with these pixels."""
    data = pixels_of_kind(kind).tobytes()
    return dicom_file(
        ct_image(
            (0x00080016, "UI", SECONDARY_CAPTURE),
            (0x00280002, "US", [kind.samples]),
            (0x00280004, "CS", "MONOCHROME2" if kind.samples == 1 else "RGB"),
            *([(0x00280006, "US", [0])] if kind.samples > 1 else []),
            (0x00280008, "IS", str(kind.frames)),
            (0x00280100, "US", [8 * kind.dtype.itemsize]),
            (0x00280101, "US", [kind.bits]),
            (0x00280102, "US", [kind.bits - 1]),
            (0x00280103, "US", [int(kind.is_signed)]),
            (0x7FE00010, "OB" if kind.bits == 8 else "OW", data + b"\0" * (len(data) % 2)),
            rows=ROWS,
            columns=COLUMNS,
        )
    )
