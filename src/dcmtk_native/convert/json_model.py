"""The DICOM JSON model (PS3.18 annex F), put into a draft element by element.

The model comes from a stranger's text or from a program's dictionaries: every level of it may have
any type. What is wrong is named by the path of its tag, such as `(0040,a730)[2].(0040,a040)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from math import isfinite
from typing import Final, cast

from dcmtk_native._core import data as _core
from dcmtk_native._core.runtime import NativeError, checkpoint, find_entry
from dcmtk_native.convert.charset_rule import SPECIFIC_CHARACTER_SET, CharacterSetRule
from dcmtk_native.convert.document import Problems, tag_text
from dcmtk_native.data.vr import VRCategoryName, get_vr_category, is_valid_vr
from dcmtk_native.limits import Limits

__all__ = [
    "JsonConstant",
    "JsonNumber",
    "ModelReader",
    "RepeatedKeys",
    "as_object",
    "transfer_syntax_of",
]

_TAG = re.compile(r"[0-9A-Fa-f]{8}")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE
)
_FORMS: Final = ("Value", "InlineBinary", "BulkDataURI")
_MEMBERS: Final = frozenset({"vr", *_FORMS})
_NAME_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_ONE_VALUE: Final = frozenset({"LT", "ST", "UR", "UT"})  # a backslash is no separator there
_CHARSET_KEY: Final = "00080005"
_SYNTAX_KEY: Final = "00020010"
_PIXEL_DATA: Final = 0x7FE00010
_DS_LENGTH: Final = 16  # characters of a decimal string, PS3.5 table 6.2-1
_EXACT_INTEGER: Final = 1 << 53  # up to here every integer has a double of its own
_INTEGER_BITS: Final = 64
_BETWEEN_CHECKPOINTS: Final = 0x3F


class JsonNumber(str):
    """A number of a JSON text, as it was written: DS and IS keep their digits."""

    __slots__ = ()


class JsonConstant(str):
    """NaN, Infinity or -Infinity, which are no JSON (RFC 8259 section 6)."""

    __slots__ = ()


class RepeatedKeys(dict[str, object]):
    """An object of a JSON text that has a key twice.

    Attributes:
        key: the first such key.
    """

    key = ""


class _WrongError(Exception):
    """Why an element cannot be put; caught by the loop over elements."""


def transfer_syntax_of(model: Mapping[str, object]) -> str:
    """The value of (0002,0010), or nothing."""
    return _first_text(model.get(_SYNTAX_KEY)).rstrip("\0 ")


class ModelReader:
    """Puts models into a draft."""

    def __init__(
        self,
        draft: _core.Draft,
        problems: Problems,
        *,
        limits: Limits,
        read_meta: bool,
        encapsulated: bool,
        replace_charset: bool,
    ) -> None:
        self._draft = draft
        self._problems = problems
        self._limits = limits
        self._read_meta = read_meta
        self._encapsulated = encapsulated
        self._charset = CharacterSetRule(draft, replace=replace_charset)
        self._elements = 0
        # Where the reader is, for messages: open elements, and the number of the open item of each.
        self._tags: list[int] = []
        self._items: list[int] = []

    def read(self, model: Mapping[str, object]) -> None:
        """Puts the whole data set."""
        self._item(model, 0)
        self._charset.finish()

    def _where(self) -> str:
        steps = zip_longest(self._tags, self._items)
        if not self._tags:
            return "the data set"
        return ".".join(
            tag_text(tag) if item is None else f"{tag_text(tag)}[{item}]" for tag, item in steps
        )

    def _within(self, limit: str, value: int, maximum: int) -> None:
        if value > maximum:
            raise self._problems.exceeds(self._where(), limit, value, maximum)

    def _item(self, model: Mapping[str, object], depth: int) -> None:
        if isinstance(model, RepeatedKeys):
            self._problems.add(self._where(), f"the key {model.key[:80]!r} stands there twice")
        declared = model.get(_CHARSET_KEY)
        if declared is not None:
            self._element(_CHARSET_KEY, declared, model, depth)
        for key, element in model.items():
            if key != _CHARSET_KEY:
                self._element(key, element, model, depth)

    def _element(
        self, key: object, element: object, model: Mapping[str, object], depth: int
    ) -> None:
        self._elements += 1
        if not self._elements & _BETWEEN_CHECKPOINTS:
            checkpoint()
        self._within("max_elements", self._elements, self._limits.max_elements)
        if not isinstance(key, str) or not _TAG.fullmatch(key):
            self._problems.add(self._where(), f"a tag has 8 hexadecimal digits, not {key!r:.80}")
            return
        tag = int(key, 16)
        self._tags.append(tag)
        try:
            upper = key.upper()
            if key != upper and (upper in model or self._draft.has(tag)):
                raise _WrongError("the tag stands there twice")
            self._put(tag, element, model, depth)
        except _WrongError as wrong:
            self._problems.add(self._where(), str(wrong))
        except NativeError as error:
            self._problems.take(error, self._where())
        self._tags.pop()

    def _put(self, tag: int, element: object, model: Mapping[str, object], depth: int) -> None:
        if isinstance(element, RepeatedKeys):
            raise _WrongError(f"the member {element.key[:80]!r} stands there twice")
        members = as_object(element)
        if members is None:
            raise _WrongError("an element is an object")
        if unknown := members.keys() - _MEMBERS:
            raise _WrongError(f"an element has no member {sorted(map(str, unknown))[0]!r:.80}")
        if tag >> 16 == 0x0002:
            if depth:
                raise _WrongError("file meta information cannot stand in an item")
            if not self._read_meta:
                return
        if tag >> 16 == 0xFFFE:
            raise _WrongError("items and delimiters are no elements")
        forms = [form for form in _FORMS if form in members]
        if len(forms) > 1:
            raise _WrongError(f"it has both {forms[0]} and {forms[1]}")
        vr = self._vr(tag, members, model)
        form = forms[0] if forms else ""
        if form == "BulkDataURI":
            raise _WrongError("BulkDataURI: values outside of the document are not loaded")
        if form == "InlineBinary":
            self._put_binary(tag, vr, members[form])
        elif form == "Value":
            self._put_values(tag, vr, members[form], depth)
        else:
            self._put_empty(tag, vr, depth)

    def _vr(self, tag: int, element: Mapping[str, object], model: Mapping[str, object]) -> str:
        vr = element.get("vr")
        if vr is None:
            entry = find_entry(tag, _private_creator(tag, model))
            return entry[1] if entry is not None and is_valid_vr(entry[1]) else "UN"
        if not isinstance(vr, str) or not is_valid_vr(vr):
            raise _WrongError(f"{vr!r:.80} is no value representation")
        return vr

    def _put_empty(self, tag: int, vr: str, depth: int) -> None:
        if tag == SPECIFIC_CHARACTER_SET:
            self._declare("", depth)
        else:
            self._draft.put_empty(tag, vr)

    def _put_binary(self, tag: int, vr: str, value: object) -> None:
        import binascii

        if get_vr_category(vr) is not VRCategoryName.BINARY:
            raise _WrongError(f"InlineBinary is no form of a value of VR {vr}")
        if not isinstance(value, str):
            raise _WrongError("InlineBinary is a string")
        if tag == _PIXEL_DATA and self._encapsulated and value:
            raise _WrongError("the DICOM JSON model has no form for encapsulated pixel data")
        try:
            content = binascii.a2b_base64(value, strict_mode=True)
        except ValueError as error:  # binascii.Error is one; so are characters beyond ASCII
            raise _WrongError(f"InlineBinary is not base64: {error}") from None
        self._within("max_element_length", len(content), self._limits.max_element_length)
        self._draft.put_bytes(tag, vr, content)

    def _put_values(self, tag: int, vr: str, value: object, depth: int) -> None:
        values = _as_array(value)
        if values is None:
            raise _WrongError("Value is an array")
        if not values:
            self._put_empty(tag, vr, depth)
        elif vr == "SQ":
            self._put_items(tag, values, depth + 1)
        elif get_vr_category(vr) is VRCategoryName.BINARY:
            raise _WrongError(f"a value of VR {vr} has the form InlineBinary")
        else:
            self._put_text(tag, vr, values, depth)

    def _put_items(self, tag: int, items: Sequence[object], depth: int) -> None:
        self._within("max_depth", depth, self._limits.max_depth)
        self._draft.begin_sequence(tag)
        for index, item in enumerate(items):
            self._items.append(index)
            self._draft.begin_item()
            model = as_object(item)
            if model is None:
                self._problems.add(self._where(), "an item is an object")
            else:
                self._item(model, depth)
            self._draft.end_item()
            self._items.pop()
        self._draft.end_sequence()

    def _put_text(self, tag: int, vr: str, values: Sequence[object], depth: int) -> None:
        if vr in _ONE_VALUE and len(values) > 1:
            raise _WrongError(f"VR {vr} holds one value, not {len(values)}")
        convert = _CONVERTERS.get(vr, _text)
        parts = ["" if value is None else convert(value, vr) for value in values]
        if vr in _BINARY_NUMBERS and "" in parts:
            raise _WrongError(f"VR {vr} has no empty values")
        text = "\\".join(parts)
        self._within("max_element_length", len(text), self._limits.max_element_length)
        if tag == SPECIFIC_CHARACTER_SET:
            self._declare(text, depth)
            return
        self._draft.put_text(tag, vr, text)
        self._charset.note(text)

    def _declare(self, value: str, depth: int) -> None:
        # It is the first element of its item that is put.
        self._charset.declare(value, at_root=depth == 0, used_before=self._charset.used)


def _private_creator(tag: int, model: Mapping[str, object]) -> str:
    """The owner of a private element's block (PS3.5 section 7.8.1), or nothing."""
    if not tag >> 16 & 1 or tag & 0xFFFF < 0x1000:
        return ""
    creator = _first_text(model.get(f"{tag >> 16:04X}{tag >> 8 & 0xFF:04X}"))
    return creator.strip() if creator.isascii() else ""


def _first_text(element: object) -> str:
    """The first value of an element that is read before its turn; nothing if it is no text."""
    members = as_object(element)
    values = _as_array(members.get("Value")) if members is not None else None
    return values[0] if values and isinstance(values[0], str) else ""


def as_object(value: object) -> Mapping[str, object] | None:
    """The value if it is an object of JSON."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


def _as_array(value: object) -> Sequence[object] | None:
    return cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else None


def _text(value: object, vr: str) -> str:
    if not isinstance(value, str) or isinstance(value, (JsonNumber, JsonConstant)):
        raise _WrongError(f"a value of VR {vr} is a string")
    if "\\" in value and vr not in _ONE_VALUE:
        raise _WrongError("a backslash, which separates values, cannot stand in one")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _WrongError("half of a surrogate pair is no character") from None
    return value


def _person_name(value: object, vr: str) -> str:
    if isinstance(value, RepeatedKeys):
        raise _WrongError(f"the component group {value.key[:80]!r} stands there twice")
    name = as_object(value)
    if name is None:
        raise _WrongError("a person name is an object")
    if unknown := name.keys() - set(_NAME_GROUPS):
        raise _WrongError(f"a person name has no group {sorted(map(str, unknown))[0]!r:.80}")
    groups = [_text(name.get(group, ""), vr) for group in _NAME_GROUPS]
    if any("=" in group for group in groups):
        raise _WrongError("an equals sign, which separates groups, cannot stand in one")
    return "=".join(groups).rstrip("=")


def _attribute_tag(value: object, vr: str) -> str:
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise _WrongError("a value of VR AT is a string of 8 hexadecimal digits")
    return f"({value[:4]},{value[4:]})"


def _integer(value: object, vr: str) -> str:
    """An integer as a number, also one like 1.0 or 1e3, or as a string."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return value
    number: int | float | None = None
    if isinstance(value, JsonNumber):
        number = float(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = value
    if isinstance(number, float):
        exact = number.is_integer() and abs(number) <= _EXACT_INTEGER
        number = int(number) if exact else None
    if number is None or number.bit_length() > _INTEGER_BITS:
        raise _WrongError(f"a value of VR {vr} is an integer")
    return str(number)


def _real(value: object, vr: str) -> str:
    if isinstance(value, str) and not isinstance(value, JsonConstant) and _REAL.fullmatch(value):
        return value
    if isinstance(value, JsonConstant):
        raise _WrongError(f"{value} is no JSON number; a string can hold it")
    return repr(_double(value, vr))


def _double(value: object, vr: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise _WrongError(f"a value of VR {vr} is a number")


def _integer_string(value: object, vr: str) -> str:
    """A string is kept as it is: real data sets have IS values that are no integers."""
    is_string = isinstance(value, str) and not isinstance(value, (JsonNumber, JsonConstant))
    return _text(value, vr) if is_string else _integer(value, vr)


def _decimal_string(value: object, vr: str) -> str:
    """A string is kept as it is; a number takes no more than 16 characters."""
    if isinstance(value, JsonConstant):
        raise _WrongError(f"{value} is no value of VR {vr}")
    if isinstance(value, JsonNumber):
        return value if len(value) <= _DS_LENGTH else _short_decimal(float(value), vr)
    if isinstance(value, str):
        return _text(value, vr)
    return _short_decimal(_double(value, vr), vr)


def _short_decimal(number: float, vr: str) -> str:
    """The most exact form that a decimal string has room for."""
    if not isfinite(number):
        raise _WrongError(f"a value of VR {vr} is a finite number")
    if number.is_integer() and abs(number) < 10 ** (_DS_LENGTH - 1):
        return str(int(number))
    text = repr(number)
    precision = _DS_LENGTH
    while len(text) > _DS_LENGTH:
        text = f"{number:.{precision}g}"
        precision -= 1
    return text


_CONVERTERS: Final[Mapping[str, Callable[[object, str], str]]] = {
    "AT": _attribute_tag,
    "DS": _decimal_string,
    "FD": _real,
    "FL": _real,
    "IS": _integer_string,
    "PN": _person_name,
    **dict.fromkeys(("SL", "SS", "SV", "UL", "US", "UV"), _integer),
}
_BINARY_NUMBERS: Final = frozenset({"AT", "FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})
