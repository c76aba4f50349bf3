"""Values of Python, and models of DICOM JSON, as elements of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple, cast

from dcmtk_native._core.data import Draft
from dcmtk_native._core.runtime import find_entry, find_keyword
from dcmtk_native.data.tags import parse_tag
from dcmtk_native.data.vr import VRCategoryName, get_vr_category, is_valid_vr
from dcmtk_native.errors import OptionsError

__all__ = ["Named", "named", "put", "put_charset", "put_elements", "put_model"]

_CHARACTER_SET: Final = 0x00080005
_DS_LENGTH: Final = 16  # characters of a decimal string, PS3.5 table 6.2-1
_DIGITS: Final = 16
_GROUPS_OF_NAMES: Final = ("Alphabetic", "Ideographic", "Phonetic")
# US or SS, by Pixel Representation: stored values, and the values that LUTs begin at.
_SIGNED_LIKE_PIXELS: Final = frozenset(
    {*range(0x00280106, 0x0028010A), 0x00280110, 0x00280111, 0x00280120, 0x00280121}
    | {*range(0x00281101, 0x00281104), 0x00283002}
)


class Named(NamedTuple):
    """An element by its name.

    Attributes:
        name: as it was given.
        tag: its number.
        vr: what the dictionary says.
    """

    name: str
    tag: int
    vr: str


def named(name: str) -> Named:
    """The element with a keyword, or a tag as `(gggg,eeee)` or 8 hexadecimal digits.

    Errors:
        OptionsError: raised if the dictionary has none.
    """
    found = find_keyword(name) if name.isascii() else None
    if found is None:
        tag = parse_tag(name)
        found = None if tag is None else find_entry(int(tag, 16))
        if tag is not None and found is not None:
            found = (int(tag, 16), *found[1:])
    if found is None or not found[1]:
        raise OptionsError(f"{name[:64]!r} is neither an option nor the keyword of an element")
    return Named(name, found[0], found[1])


def put(draft: Draft, element: Named, value: object, *, is_signed: bool) -> None:
    r"""Puts a value or a sequence of them; `None` and an empty one make an element without a value.

    Text is text, "\" between values or as several ones; numbers of any VR are numbers; the items
    of a sequence are mappings of names to values; a value of a binary VR is bytes.

    Args:
        draft: takes the element at its cursor.
        element: which one.
        value: its value.
        is_signed: pixels are, and with them some elements that have a VR of the same kind.

    Errors:
        OptionsError: raised if the value is none of this VR.
    """
    name, tag, vr = element
    if value is None or (isinstance(value, (str, bytes, list, tuple)) and not value):
        draft.put_empty(tag, vr)
    elif vr == "SQ":
        _put_items(draft, element, value, is_signed=is_signed)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        if get_vr_category(vr) is not VRCategoryName.BINARY:
            raise OptionsError(f"{name}: a value of VR {vr} is not given as bytes")
        draft.put_bytes(tag, vr, value)
    else:
        values = _as_sequence(value)
        if vr in {"US", "SS"} and tag in _SIGNED_LIKE_PIXELS:
            vr = "SS" if is_signed else "US"
        if get_vr_category(vr) is VRCategoryName.NUMERIC and _are_numbers(values):
            draft.put_numbers(tag, vr, [_plain(number) for number in values])
        else:
            draft.put_text(tag, vr, "\\".join(_text(element, each) for each in values))


def put_charset(draft: Draft, attributes: Mapping[str, object]) -> None:
    """Makes UTF-8 the character set of a data set that has only ASCII so far, if text needs it."""
    if not draft.text(_CHARACTER_SET) and not _is_ascii(attributes):
        draft.put_text(_CHARACTER_SET, "CS", "ISO_IR 192")


def put_model(draft: Draft, model: Mapping[str, Any]) -> None:
    """Puts all elements of a model of DICOM JSON; text is written as UTF-8.

    Errors:
        OptionsError: raised if this is no such model.
    """
    is_ascii = _is_ascii(model)
    if not is_ascii:
        draft.put_text(_CHARACTER_SET, "CS", "ISO_IR 192")
    _put_model(draft, model, keep_charset=is_ascii)


def put_elements(draft: Draft, model: Mapping[str, Any]) -> None:
    """Puts all elements of a model of DICOM JSON, text in the character set of the draft.

    Where it has none, that becomes UTF-8 if text needs it.

    Errors:
        OptionsError: raised if this is no such model.
    """
    put_charset(draft, model)
    _put_model(draft, model, keep_charset=True)


def _put_model(draft: Draft, model: Mapping[str, Any], *, keep_charset: bool) -> None:
    for key, element in model.items():
        tag = parse_tag(key)
        vr = element.get("vr") if isinstance(element, Mapping) else None
        if tag is None or not isinstance(vr, str) or not is_valid_vr(vr):
            raise OptionsError(f"template: {key!r:.40} is no element of the DICOM JSON model")
        if keep_charset or int(tag, 16) != _CHARACTER_SET:
            _put_element(draft, Named(key, int(tag, 16), vr), element, keep_charset=keep_charset)


def _put_element(
    draft: Draft, named: Named, element: Mapping[str, Any], *, keep_charset: bool
) -> None:
    name, tag, vr = named
    inline, values = element.get("InlineBinary"), element.get("Value")
    if isinstance(inline, str):
        from binascii import a2b_base64

        try:
            draft.put_bytes(tag, vr, a2b_base64(inline))
        except ValueError:
            raise OptionsError(f"template: {name}: InlineBinary is no base64") from None
    elif not isinstance(values, (list, tuple)) or not values:
        draft.put_empty(tag, vr)
    elif vr == "SQ":
        draft.begin_sequence(tag)
        for item in values:
            draft.begin_item()
            if isinstance(item, Mapping):
                _put_model(draft, cast("Mapping[str, Any]", item), keep_charset=keep_charset)
            draft.end_item()
        draft.end_sequence()
    elif get_vr_category(vr) is VRCategoryName.NUMERIC and _are_numbers(values):
        draft.put_numbers(tag, vr, [_plain(number) for number in values])
    else:
        draft.put_text(tag, vr, "\\".join(_text(named, value) for value in values))


def _put_items(draft: Draft, element: Named, value: object, *, is_signed: bool) -> None:
    items = [value] if isinstance(value, Mapping) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(one, Mapping) for one in items):
        raise OptionsError(
            f"{element.name}: the items of a sequence are mappings of names to values"
        )
    draft.begin_sequence(element.tag)
    for item in items:
        draft.begin_item()
        for name, inner in item.items():
            put(draft, named(str(name)), inner, is_signed=is_signed)
        draft.end_item()
    draft.end_sequence()


def _as_sequence(value: object) -> Sequence[object]:
    if hasattr(value, "tolist"):  # numbers and arrays of numpy
        value = cast("Any", value).tolist()
    return value if isinstance(value, (list, tuple)) else (value,)


def _are_numbers(values: Sequence[object]) -> bool:
    return all(isinstance(value, (int, float)) or hasattr(value, "tolist") for value in values)


def _plain(number: Any) -> int | float:
    return number.tolist() if hasattr(number, "tolist") else number  # type: ignore[no-any-return]


def _text(element: Named, value: object) -> str:
    """A value as it stands in an element of text, or as `Draft.put_text` takes it."""
    name, _, vr = element
    if value is None:
        return ""
    if isinstance(value, Mapping) and vr == "PN":
        return "=".join(str(value.get(group, "")) for group in _GROUPS_OF_NAMES).rstrip("=")
    if isinstance(value, str):
        is_bare_tag = vr == "AT" and (tag := parse_tag(value)) is not None
        return f"({tag[:4]},{tag[4:]})" if is_bare_tag and tag else value
    if hasattr(value, "tolist"):
        value = cast("Any", value).tolist()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or vr not in {"DS", "IS"}:
        raise OptionsError(f"{name}: a value of VR {vr} is not given as {type(value).__name__}")
    if not isfinite(value) or (vr == "IS" and value != int(value)):
        raise OptionsError(f"{name}: {value} is no value of VR {vr}")
    return str(int(value)) if vr == "IS" else _decimal(value)


def _decimal(number: float) -> str:
    """The number in as many digits as a decimal string has room for."""
    texts = (repr(number), *(f"{number:.{digits}g}" for digits in range(_DIGITS, 0, -1)))
    return next(text for text in texts if len(text) <= _DS_LENGTH)


def _is_ascii(value: object) -> bool:
    """Whether all text in a value, or in what it holds, is ASCII."""
    if isinstance(value, str):
        return value.isascii()
    if isinstance(value, Mapping):
        return all(_is_ascii(each) for each in value.values())
    return not isinstance(value, (list, tuple)) or all(_is_ascii(each) for each in value)
