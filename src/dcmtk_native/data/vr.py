"""Value representations (PS3.5 section 6.2): the two-letter types of DICOM's values.

>>> from dcmtk_native.data.vr import VR, VR_META, is_string_vr
>>> VR_META[VR.PN].max_length, is_string_vr("PN"), is_string_vr("OW")
(64, True, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

__all__ = [
    "VR",
    "VR_CATEGORY",
    "VR_CATEGORY_NAME",
    "VR_META",
    "VRCategoryName",
    "VRMetadata",
    "get_vr_category",
    "is_binary_vr",
    "is_numeric_vr",
    "is_string_vr",
    "is_valid_vr",
]


class VR(StrEnum):
    """The 34 value representations of PS3.5 table 6.2-1."""

    AE = "AE"
    AS = "AS"
    AT = "AT"
    CS = "CS"
    DA = "DA"
    DS = "DS"
    DT = "DT"
    FD = "FD"
    FL = "FL"
    IS = "IS"
    LO = "LO"
    LT = "LT"
    OB = "OB"
    OD = "OD"
    OF = "OF"
    OL = "OL"
    OV = "OV"
    OW = "OW"
    PN = "PN"
    SH = "SH"
    SL = "SL"
    SQ = "SQ"
    SS = "SS"
    ST = "ST"
    SV = "SV"
    TM = "TM"
    UC = "UC"
    UI = "UI"
    UL = "UL"
    UN = "UN"
    UR = "UR"
    US = "US"
    UT = "UT"
    UV = "UV"


class VRCategoryName(StrEnum):
    """What kind of values a VR holds."""

    STRING = "STRING"
    NUMERIC = "NUMERIC"
    BINARY = "BINARY"
    SEQUENCE = "SEQUENCE"
    TAG = "TAG"


VR_CATEGORY_NAME = VRCategoryName
"""Another name of `VRCategoryName`."""


@dataclass(frozen=True, slots=True)
class VRMetadata:
    """What holds for every single value of a VR.

    Attributes:
        max_length: Characters of a text value, bytes of any other; `None`: no limit of its own.
        padding_char: What fills a value up to an even length; `None`: it is even anyway.
        fixed: Every value has exactly `max_length`.
        category: What kind of value it is.
    """

    max_length: int | None
    padding_char: Literal[" ", "\0"] | None
    fixed: bool
    category: VRCategoryName


def _text(max_length: int | None, *, fixed: bool = False) -> VRMetadata:
    return VRMetadata(max_length, " ", fixed, VRCategoryName.STRING)


def _number(width: int) -> VRMetadata:
    return VRMetadata(width, "\0", True, VRCategoryName.NUMERIC)


_BYTES: Final = VRMetadata(None, "\0", False, VRCategoryName.BINARY)
_WORDS: Final = VRMetadata(None, None, False, VRCategoryName.BINARY)

VR_META: Final[Mapping[VR, VRMetadata]] = MappingProxyType(
    {
        VR.AE: _text(16),
        VR.AS: _text(4, fixed=True),
        VR.AT: VRMetadata(4, "\0", True, VRCategoryName.TAG),
        VR.CS: _text(16),
        VR.DA: _text(8, fixed=True),
        VR.DS: _text(16),
        VR.DT: _text(26),
        VR.FD: _number(8),
        VR.FL: _number(4),
        VR.IS: _text(12),
        VR.LO: _text(64),
        VR.LT: _text(10_240),
        VR.OB: _BYTES,
        VR.OD: _WORDS,
        VR.OF: _WORDS,
        VR.OL: _WORDS,
        VR.OV: _WORDS,
        VR.OW: _BYTES,
        VR.PN: _text(64),
        VR.SH: _text(16),
        VR.SL: _number(4),
        VR.SQ: VRMetadata(None, None, False, VRCategoryName.SEQUENCE),
        VR.SS: _number(2),
        VR.ST: _text(1_024),
        VR.SV: _number(8),
        VR.TM: _text(14),
        VR.UC: _text(None),
        VR.UI: VRMetadata(64, "\0", False, VRCategoryName.STRING),
        VR.UL: _number(4),
        VR.UN: _BYTES,
        VR.UR: _text(None),
        VR.US: _number(2),
        VR.UT: _text(None),
        VR.UV: _number(8),
    }
)
"""Length, padding and category of every VR."""

VR_CATEGORY: Final[Mapping[VRCategoryName, tuple[VR, ...]]] = MappingProxyType(
    {
        category: tuple(vr for vr, meta in VR_META.items() if meta.category is category)
        for category in VRCategoryName
    }
)
"""The VRs of every category, in alphabetical order."""

_CATEGORIES: Final = {vr.value: meta.category for vr, meta in VR_META.items()}


def is_valid_vr(vr: str) -> bool:
    """Whether two letters are a VR of the standard; case matters."""
    return vr in _CATEGORIES


def is_string_vr(vr: str) -> bool:
    """Whether values of a VR are text; `False` for what is no VR."""
    return _CATEGORIES.get(vr) is VRCategoryName.STRING


def is_numeric_vr(vr: str) -> bool:
    """Whether values of a VR are binary numbers; `False` for what is no VR, and for IS and DS."""
    return _CATEGORIES.get(vr) is VRCategoryName.NUMERIC


def is_binary_vr(vr: str) -> bool:
    """Whether values of a VR are bytes or arrays of words; `False` for what is no VR."""
    return _CATEGORIES.get(vr) is VRCategoryName.BINARY


def get_vr_category(vr: str) -> VRCategoryName:
    """What kind of values a VR holds.

    Raises:
        ValueError: `vr` is none of the 34 value representations.
    """
    category = _CATEGORIES.get(vr)
    if category is None:
        raise ValueError(f"not a value representation: {vr[:16]!r}")
    return category
