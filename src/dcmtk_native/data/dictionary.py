"""DICOM's data dictionary (PS3.6): what a tag is called, what it holds, and the way back.

    >>> from dcmtk_native.data.dictionary import lookup_tag, lookup_tag_by_keyword
    >>> entry = lookup_tag("(0010,0010)")
    >>> entry.name, entry.vr, entry.vm, entry.retired
    ('PatientName', <VR.PN: 'PN'>, (1, 1), False)
    >>> lookup_tag_by_keyword("PatientID")
    '(0010,0020)'

The entries are compiled in: nothing is loaded, and DCMTK's internal value representations are
resolved to those an element is written with (`PixelData` is OW).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dcmtk_native._core import runtime as _core
from dcmtk_native.data.vr import VR
from dcmtk_native.types import DicomTag

__all__ = [
    "DictionaryEntry",
    "TagLookup",
    "lookup_tag",
    "lookup_tag_by_keyword",
    "lookup_tag_by_name",
]

_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
_PLAIN: Final = len("ggggeeee")
_WITH_COMMA: Final = len("gggg,eeee")
_WITH_PARENTHESES: Final = len("(gggg,eeee)")


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """What the dictionary says of a tag.

    Attributes:
        vr: The value representation it is written with.
        name: The keyword; that of a retired element starts with `RETIRED_`.
        vm: The least and the greatest number of values; `None`: as many as one likes.
        retired: The standard has withdrawn it.
    """

    vr: VR
    name: str
    vm: tuple[int, int | None]
    retired: bool


@dataclass(frozen=True, slots=True)
class TagLookup:
    """An entry and the tag it was found under.

    Attributes:
        tag: 8 hexadecimal digits in upper case; of a repeating group its first, such as `60000010`.
        entry: What the dictionary says of it.
    """

    tag: str
    entry: DictionaryEntry


def lookup_tag(tag: str) -> DictionaryEntry | None:
    """What the dictionary says of a tag, or `None`.

    Repeating groups are resolved: `60020010` is `OverlayRows` as is `60000010`. Items and
    delimiters have no VR and are `None`; so are private tags, whose meaning depends on a creator.

    Args:
        tag: `(gggg,eeee)`, `gggg,eeee` or `ggggeeee` in hexadecimal digits of any case.
    """
    number = _tag_number(tag)
    found = None if number is None else _core.find_entry(number)
    return None if found is None else _entry(found)


def lookup_tag_by_name(name: str) -> TagLookup | None:
    """The tag with exactly this keyword and what the dictionary says of it, or `None`."""
    found = _core.find_keyword(name) if name.isascii() else None
    entry = None if found is None else _entry(found)
    return None if found is None or entry is None else TagLookup(f"{found[0]:08X}", entry)


def lookup_tag_by_keyword(keyword: str) -> DicomTag | None:
    """The tag with exactly this keyword as `(GGGG,EEEE)`, or `None`."""
    found = lookup_tag_by_name(keyword)
    return None if found is None else DicomTag(f"({found.tag[:4]},{found.tag[4:]})")


def _tag_number(text: str) -> int | None:
    if len(text) == _WITH_PARENTHESES and text[0] == "(" and text[-1] == ")":
        text = text[1:-1]
    if len(text) == _WITH_COMMA and text[4] == ",":
        text = text[:4] + text[5:]
    return int(text, 16) if len(text) == _PLAIN and _HEX_DIGITS.issuperset(text) else None


def _entry(found: tuple[int, str, str, int, int, bool]) -> DictionaryEntry | None:
    _, vr, name, vm_min, vm_max, retired = found
    # No VR: items and delimiters. A greatest number of 0 means that there is none.
    return DictionaryEntry(VR(vr), name, (vm_min, vm_max or None), retired) if vr else None
