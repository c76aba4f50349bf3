"""The transfer syntaxes that echoscu proposes by number, and the words of G-PROP and G-PREF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dcmtk_native.network.services import UNCOMPRESSED

__all__ = [
    "DECODED",
    "DEFLATED",
    "KNOWN_SYNTAXES",
    "LOSSLESS",
    "NATIVE",
    "PROPOSALS",
    "VIDEO",
    "proposed_syntaxes",
]

_DICOM: Final = "1.2.840.10008.1.2"

KNOWN_SYNTAXES: Final = (
    _DICOM,
    f"{_DICOM}.1",
    f"{_DICOM}.2",
    *(f"{_DICOM}.4.{number}" for number in range(50, 67)),
    f"{_DICOM}.4.70",
    f"{_DICOM}.5",
    f"{_DICOM}.1.99",
    f"{_DICOM}.4.80",
    f"{_DICOM}.4.81",
    *(f"{_DICOM}.4.{number}" for number in (90, 91, 92, 93)),
    *(f"{_DICOM}.4.{number}" for number in range(100, 109)),
)
"""In the order of DCMTK's echoscu: implicit VR little endian, which all must have, first."""

PROPOSALS: Final = {
    "uncompressed": (),
    "little": (f"{_DICOM}.1",),
    "big": (f"{_DICOM}.2",),
    "implicit": (_DICOM,),
    "deflated": (f"{_DICOM}.1.99",),
    "jpeg-lossless": (f"{_DICOM}.4.70",),
    "jpeg8": (f"{_DICOM}.4.50",),
    "jpeg12": (f"{_DICOM}.4.51",),
    "j2k-lossless": (f"{_DICOM}.4.90",),
    "j2k-lossy": (f"{_DICOM}.4.91",),
    "jls-lossless": (f"{_DICOM}.4.80",),
    "jls-lossy": (f"{_DICOM}.4.81",),
    "mpeg2": (f"{_DICOM}.4.100",),
    "mpeg2-high": (f"{_DICOM}.4.101",),
    "mpeg4": (f"{_DICOM}.4.102",),
    "mpeg4-bd": (f"{_DICOM}.4.103",),
    "mpeg4-2-2d": (f"{_DICOM}.4.104",),
    "mpeg4-2-3d": (f"{_DICOM}.4.105",),
    "mpeg4-2-st": (f"{_DICOM}.4.106",),
    "hevc": (f"{_DICOM}.4.107",),
    "hevc10": (f"{_DICOM}.4.108",),
    "rle": (f"{_DICOM}.5",),
}
"""What each word of G-PROP proposes besides the uncompressed syntaxes."""

DEFLATED: Final = f"{_DICOM}.1.99"
NATIVE: Final = frozenset({_DICOM, f"{_DICOM}.1", f"{_DICOM}.2", DEFLATED})
"""Syntaxes without coded pixel data: what is in one can be written in any other."""

LOSSLESS: Final = frozenset(
    {
        f"{_DICOM}.5",
        *(f"{_DICOM}.4.{number}" for number in (57, 70, 80, 90, 92, 201, 202)),
    }
)
"""Coded syntaxes whose pixels are those that were coded, whoever decodes them."""

DECODED: Final = LOSSLESS | {f"{_DICOM}.4.{number}" for number in (50, 51, 53, 55, 81, 91, 93, 203)}
"""Coded syntaxes that there is a decoder for."""

VIDEO: Final = frozenset(PROPOSALS) - {
    "uncompressed", "little", "big", "implicit", "deflated", "jpeg-lossless", "jpeg8", "jpeg12",
    "j2k-lossless", "j2k-lossy", "jls-lossless", "jls-lossy", "rle",
}  # fmt: skip
"""Words of G-PROP whose objects nobody could send in an uncompressed syntax."""


def proposed_syntaxes(words: str | Sequence[str]) -> tuple[str, ...]:
    """The UIDs to propose for words of G-PROP, the preferred one first.

    What all peers must have follows what the words say; `implicit` alone is nothing else.
    """
    asked = (words,) if isinstance(words, str) else tuple(words)
    first = [syntax for word in asked for syntax in PROPOSALS[word]]
    if set(asked) == {"implicit"}:
        return tuple(first)
    return tuple(dict.fromkeys((*first, *UNCOMPRESSED)))
