"""Text from the command line as values of a parameter's type."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from itertools import chain
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NewType,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from dcmtk_native._runtime.options import Opt

__all__ = ["FIELDS", "SEPARATOR", "Reader", "reader_of", "word_of"]

SEPARATOR: Final = "\x1f"
"""Stands between the words of one value, where an option takes several."""

FIELDS: Final = "FIELD=VALUE"
"""How an object with named fields is written."""

_BUFFERS: Final = (bytes, bytearray, memoryview)


@dataclass(frozen=True, slots=True)
class Reader:
    """How an option's value is written in a shell.

    Attributes:
        read: the value of one text; raises `ValueError` with the rule.
        metavar: what stands for the value in the help.
        choices: the words to choose from, if those are all.
        words: how many words make one value; 0 for a switch.
        flag_words: how many follow DCMTK's own flag.
        gather: makes the value of all that were given; without it the option is given once.
        source: it is the content of a file, and `-` is the standard input.
        flags: of an object with named fields: by DCMTK's flag the field, or `FIELD=VALUE`, and how
            many words follow.
    """

    read: Callable[[str], Any]
    metavar: str
    choices: tuple[str, ...] = ()
    words: int = 1
    flag_words: int = 1
    gather: Callable[[list[Any]], Any] | None = None
    source: bool = False
    flags: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def reader_of(annotation: Any) -> Reader | None:
    """How values of this type are written; `None` for a type that no text can give."""
    members = _members(annotation)
    readers = [
        reader for member in _expressible(members) if (reader := _reader(member)) is not None
    ]
    if not readers:
        return None
    many = next((reader for reader in readers if reader.gather is not None), None)
    if many is None:
        return _one_of(readers, source=any(member in _BUFFERS for member in members))
    single = [reader for reader in readers if reader.gather is None]
    if not single:
        return many
    return replace(many, gather=_one_or_many)


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, flat; a single type alone."""
    if isinstance(annotation, NewType):
        return _members(annotation.__supertype__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return tuple(part for member in get_args(annotation) for part in _members(member))
    return (annotation,)


def _expressible(members: Sequence[Any]) -> list[Any]:
    """Without what only Python can give; a pair of texts stands for everything made of two."""
    kept = [member for member in members if member is not NoneType and member not in _BUFFERS]
    pairs = [member for member in kept if get_origin(member) is tuple]
    if pairs:
        kept = [m for m in kept if not _is_mapping(m) and not is_dataclass(m)]
    return kept


def _is_mapping(member: Any) -> bool:
    origin = get_origin(member) or member
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _one_of(readers: list[Reader], *, source: bool) -> Reader:
    """Tries them in an order in which a free text comes last."""
    if len(readers) == 1:
        return replace(readers[0], source=source)
    choices = [reader for reader in readers if reader.choices]
    others = [reader for reader in readers if not reader.choices]
    others.sort(key=lambda reader: reader.metavar in _FREE)
    words = _words_of(choices)

    def read(text: str) -> Any:
        refusals: list[str] = []
        for reader in (*choices, *others):
            try:
                return reader.read(text)
            except ValueError as refusal:
                refusals.append(str(refusal))
        raise ValueError(" or ".join(dict.fromkeys(refusals)))

    shown = ["{" + ",".join(words) + "}"] if words else []
    return Reader(
        read,
        "|".join([*shown, *_metavars_of(others)]),
        choices=() if others else words,
        flag_words=max(reader.flag_words for reader in readers),
        source=source,
    )


def _words_of(choices: list[Reader]) -> tuple[str, ...]:
    """The words of an enumeration; its values as literals, which checkers want, add none."""
    words: list[str] = []
    for number, reader in enumerate(choices):
        known = choices[:number]
        words += [word for word in reader.choices if not any(_accepts(one, word) for one in known)]
    return tuple(words)


def _accepts(reader: Reader, text: str) -> bool:
    try:
        reader.read(text)
    except ValueError:
        return False
    return True


def _metavars_of(readers: list[Reader]) -> list[str]:
    shown = list(dict.fromkeys(reader.metavar for reader in readers))
    # A path is `str | os.PathLike[str]`.
    return [one for one in shown if one != "TEXT" or "PATH" not in shown]


_FREE: Final = ("TEXT", "PATH")


def _reader(member: Any) -> Reader | None:
    """How values of a type that is no union are written."""
    origin, arguments = get_origin(member), get_args(member)
    if origin is Literal:
        return _choice({str(value): value for value in arguments})
    if origin is tuple and arguments[-1] is not Ellipsis:
        return _fixed_tuple(arguments)
    if os.PathLike in (origin, member):
        return Reader(str, "PATH")
    if _is_mapping(member):
        return Reader(_json_object, "JSON")
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _repeated(arguments[0])
    return _reader_of_class(member) if isinstance(member, type) else None


def _reader_of_class(cls: type) -> Reader | None:
    if is_dataclass(cls):
        return _dataclass(cls)
    if issubclass(cls, Enum):
        return _choice({word_of(one): one.value for one in cls})
    return next((reader for base, reader in _PLAIN.items() if issubclass(cls, base)), None)


def word_of(member: Enum) -> str:
    """What stands for a member: its value, or its name where the value is a flag of DCMTK's."""
    value = str(member.value)
    return value if value[:1].isalnum() else member.name.lower().replace("_", "-")


def _choice(values: dict[str, Any]) -> Reader:
    accepted = values | {str(value): value for value in values.values()}

    def read(text: str) -> Any:
        if text not in accepted:
            raise ValueError(f"must be one of {', '.join(values)}")
        return accepted[text]

    return Reader(read, "{" + ",".join(values) + "}", choices=tuple(values))


def _fixed_tuple(types: Sequence[Any]) -> Reader | None:
    """Several words, or one with commas; a pair of texts is written `A=B`, as in DCMTK."""
    parts = [reader_of(part) for part in types]
    readers = [reader for reader in parts if reader is not None]
    if len(readers) != len(types):
        return None
    if len(readers) == 2 and all(reader.metavar in _FREE for reader in readers):
        return Reader(_assignment, "NAME=PATH" if readers[1].metavar == "PATH" else "NAME=VALUE")

    def read(text: str) -> Any:
        words = text.split(SEPARATOR if SEPARATOR in text else ",")
        if len(words) != len(readers):
            raise ValueError(f"must be {len(readers)} values")
        return tuple(reader.read(word) for reader, word in zip(readers, words, strict=True))

    shown = ",".join(reader.metavar for reader in readers)
    return Reader(read, shown, words=len(readers), flag_words=len(readers))


def _repeated(item: Any) -> Reader | None:
    """One word for each; of the ways to write one, those that take several words are left out."""
    one = reader_of(item)
    if one is not None and one.gather is None:
        return replace(one, gather=tuple)
    readers = [reader for one in _members(item) if (reader := _reader(one)) is not None]
    single = [reader for reader in readers if reader.gather is None]
    return replace(_one_of(single, source=False), gather=tuple) if single else None


def _one_or_many(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


def _dataclass(cls: Any) -> Reader:
    """`FIELD=VALUE`, as often as there are fields to set, or arguments of its maker `of`.

    `A,B=...` sets two by two words: a key and its certificate are one option of DCMTK's.
    """
    make = getattr(cls, "of", cls)
    hints = get_type_hints(make, include_extras=True)
    names = [name for name in hints if name != "return"]
    if make is cls:
        names = [one.name for one in fields(cls)]
    readers = {name: reader for name in names if (reader := reader_of(hints[name]))}

    def read(text: str) -> list[tuple[str, Any]]:
        start, value = _assignment(text)
        names = start.replace("-", "_").split(",")
        values = value.split(SEPARATOR) if len(names) > 1 else [value]
        if not readers.keys() >= set(names) or len(names) != len(values):
            raise ValueError(f"must begin with one of {', '.join(readers)}")
        return [(name, readers[name].read(one)) for name, one in zip(names, values, strict=True)]

    def gather(found: list[list[tuple[str, Any]]]) -> Any:
        given: dict[str, list[Any]] = {}
        for name, value in chain.from_iterable(found):
            given.setdefault(name, []).append(value)
        arguments = {
            name: gathered(values) if (gathered := readers[name].gather) else values[-1]
            for name, values in given.items()
        }
        return make(**arguments)

    flags = _flags_of_fields({name: (readers[name], _opt(hints[name])) for name in readers})
    return Reader(read, FIELDS, choices=tuple(readers), gather=gather, flags=flags)


def _opt(annotation: Any) -> Opt:
    found = getattr(annotation, "__metadata__", ())
    return next((one for one in found if isinstance(one, Opt)), Opt())


def _flags_of_fields(options: Mapping[str, tuple[Reader, Opt]]) -> dict[str, tuple[str, int]]:
    """What each flag sets; a flag of several fields takes a word for each."""
    flags: dict[str, tuple[str, int]] = {}
    shared: dict[str, list[str]] = {}
    for name, (reader, opt) in options.items():
        for value, flag in opt.flags.items():
            flags[flag] = f"{name}={value}", 0
        if reader.words == 0:
            flags[opt.flag] = f"{name}=yes", 0
            flags[opt.off] = f"{name}=no", 0
        else:
            shared.setdefault(opt.flag, []).append(name)
    flags.update({flag: (",".join(names), len(names)) for flag, names in shared.items()})
    flags.pop("", None)
    return flags


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError("must have the form NAME=VALUE")
    return name, value


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("must be an integer") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("must be a number") from None


def _json_object(text: str) -> Any:
    import json

    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    return value


# bool is an int, so it comes first.
_PLAIN: Final = {
    bool: Reader(_yes_or_no, "{yes,no}", choices=("yes", "no"), words=0),
    int: Reader(_integer, "N"),
    float: Reader(_number, "NUMBER"),
    str: Reader(str, "TEXT"),
}
