"""A declaration read as data: a tool's parameters with their rules, flags and help."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import FunctionType, NoneType, UnionType
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

__all__ = ["COMMON", "REQUIRED", "Declaration", "Parameter", "Refusal"]

REQUIRED: Final = object()
"""The default of a parameter that has none."""

COMMON: Final = frozenset({"timeout_ms", "signal", "log_level", "isolate"})
"""Parameters that the call of a tool reads, its body never; every tool has all but `isolate`."""

Rule = Callable[[Any], Any]
"""Returns the value to use; raises ValueError with the rule's text."""


class Refusal(Exception):
    """An argument out of its rules; the text names it, its value and the rule."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a tool.

    Attributes:
        name: the keyword.
        annotation: its type, without the `Opt`.
        opt: flag, help and limits.
        default: `REQUIRED` where there is none.
        positional: may be given without its name.
    """

    name: str
    annotation: Any
    opt: Opt
    default: Any
    positional: bool


class Declaration:
    """What a tool's signature says; read at the first call that needs it, not at import."""

    def __init__(self, function: FunctionType, name: str) -> None:
        self.function = function
        self.name = name
        code = function.__code__
        self._positional = code.co_varnames[: code.co_argcount]
        self._keyword_only = code.co_varnames[
            code.co_argcount : code.co_argcount + code.co_kwonlyargcount
        ]

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters in the order of the signature, without `self` and `cls`."""
        function = self.function
        hints = get_type_hints(function, include_extras=True)
        defaults = dict(
            zip(reversed(self._positional), reversed(function.__defaults__ or ()), strict=False)
        )
        defaults.update(function.__kwdefaults__ or {})
        found: dict[str, Parameter] = {}
        for name in (*self._positional, *self._keyword_only):
            if name in hints:
                annotation, opt = _split(hints[name])
                found[name] = Parameter(
                    name, annotation, opt, defaults.get(name, REQUIRED), name in self._positional
                )
        return found

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {name: _rule(parameter) for name, parameter in self.parameters.items()}

    def checked(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """The arguments as the body wants them; what is not declared is left to Python."""
        rules = self._rules
        positional = [
            self._checked(name, rules.get(name), value)
            for name, value in zip(self._positional, args, strict=False)
        ]
        positional.extend(args[len(positional) :])
        return positional, {
            name: self._checked(name, rules.get(name), value) for name, value in kwargs.items()
        }

    def is_complete(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
        """Whether the function can be called with these arguments at all."""
        given = {*self._positional[: len(args)], *kwargs}
        required = {name for name, one in self.parameters.items() if one.default is REQUIRED}
        return (
            len(args) <= len(self._positional)
            and not kwargs.keys() & set(self._positional[: len(args)])
            and required <= given <= self.parameters.keys()
        )

    def _checked(self, name: str, rule: Rule | None, value: Any) -> Any:
        if rule is None:
            return value
        try:
            return rule(value)
        except ValueError as error:
            shown = repr(value)
            if len(shown) > _MAX_SHOWN:
                shown = f"{shown[:_MAX_SHOWN]}..."
            raise Refusal(f"{name}={shown}: {error}") from None


_MAX_SHOWN: Final = 80


def _split(hint: Any) -> tuple[Any, Opt]:
    """The type and the `Opt` of an annotation."""
    if get_origin(hint) is Annotated:
        annotation, *notes = get_args(hint)
        for note in notes:
            if isinstance(note, Opt):
                return annotation, note
        return annotation, Opt()
    return hint, Opt()


def _rule(parameter: Parameter) -> Rule:
    base = _rule_of_type(parameter.annotation, parameter.opt)
    extra = parameter.opt.check
    if extra is None:
        return base

    def both(value: Any) -> Any:
        value = base(value)
        return value if value is None else extra(value)

    return both


def _rule_of_type(annotation: Any, opt: Opt) -> Rule:
    while isinstance(annotation, NewType):
        annotation = annotation.__supertype__
    if get_origin(annotation) is Annotated:
        return _rule_of_type(*_split(annotation))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _rule_of_union(arguments, opt)
    if origin is Literal:
        return _one_of(arguments)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return _fixed_tuple(tuple(_rule_of_type(part, opt) for part in arguments))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _sequence_of(_rule_of_type(arguments[0], opt))
    return _rule_of_class(annotation, opt) if isinstance(annotation, type) else _anything


def _rule_of_class(cls: type, opt: Opt) -> Rule:
    if issubclass(cls, bool):
        return _instance_of(bool, "must be True or False")
    if issubclass(cls, Enum):
        return _one_of(tuple(member.value for member in cls))
    if issubclass(cls, int):
        return _integer(opt.lo, opt.hi)
    if issubclass(cls, float):
        return _number
    if cls in (object, Any, NoneType) or getattr(cls, "_is_protocol", False):
        return _anything  # whoever uses the value looks at what it can do
    return _instance_of(cls, f"must be a {'string' if cls is str else cls.__name__}")


def _rule_of_union(members: tuple[Any, ...], opt: Opt) -> Rule:
    if Any in members:
        return _anything
    optional = NoneType in members
    members = tuple(member for member in members if member is not NoneType)
    if any(_is_path_class(member) for member in members):
        rule = _input if bytes in members else _path
        rest = [m for m in members if m is not str and not _is_path_class(m) and m not in _BUFFERS]
    else:
        rule = None
        rest = list(members)
    rules: list[Rule] = [rule] if rule else []
    rules += [_rule_of_type(member, opt) for member in rest]

    def any_of(value: Any) -> Any:
        if value is None and optional:
            return None
        refusals: list[str] = []
        for each in rules:
            try:
                return each(value)
            except ValueError as error:
                refusals.append(str(error))
        raise ValueError(" or ".join(refusals))

    return any_of


_BUFFERS: Final = (bytes, bytearray, memoryview)


def _is_path_class(member: Any) -> bool:
    return member is os.PathLike or get_origin(member) is os.PathLike


def _path(value: Any) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise ValueError("must be a path (str or os.PathLike)")
    path = os.fspath(value)
    if not isinstance(path, str):
        raise ValueError("must be a path of str, not of bytes")
    if not path:
        raise ValueError("must not be empty")
    if "\0" in path:
        raise ValueError("a path holds no NUL character")
    return path


def _input(value: Any) -> Any:
    if isinstance(value, (str, os.PathLike)):
        return _path(value)
    try:
        view = memoryview(value)
    except TypeError:
        raise ValueError(
            "must be a path, or the content of a file as bytes, bytearray or memoryview"
        ) from None
    if not view.c_contiguous:
        raise ValueError("must be contiguous in memory")
    return value


def _anything(value: Any) -> Any:
    return value


def _instance_of(cls: type, text: str) -> Rule:
    def rule(value: Any) -> Any:
        if not isinstance(value, cls):
            raise ValueError(text)
        return value

    return rule


def _one_of(values: tuple[Any, ...]) -> Rule:
    text = "must be one of " + ", ".join(repr(value) for value in values)

    def rule(value: Any) -> Any:
        # A bool equals 0 or 1 and would slip through a choice of numbers.
        for each in values:
            if value == each and isinstance(value, bool) == isinstance(each, bool):
                return each
        raise ValueError(text)

    return rule


def _integer(lo: int | None, hi: int | None) -> Rule:
    if lo is not None and hi is not None:
        text = f"must be an integer from {lo} to {hi}"
    elif lo is not None:
        text = f"must be an integer of at least {lo}"
    else:
        text = "must be an integer"

    def rule(value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(text)
        if (lo is not None and value < lo) or (hi is not None and value > hi):
            raise ValueError(text)
        return value

    return rule


def _number(value: Any) -> Any:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _is_sequence(value: Any) -> bool:
    """Whether it is a sequence of values, not a text or bytes."""
    # The abstract class is asked last: that takes longer than all the rest.
    return isinstance(value, (list, tuple)) or (
        not isinstance(value, (str, *_BUFFERS)) and isinstance(value, Sequence)
    )


def _sequence_of(rule: Rule) -> Rule:
    def each(value: Any) -> Any:
        if not _is_sequence(value):
            raise ValueError("must be a sequence (list or tuple)")
        return tuple(rule(item) for item in value)

    return each


def _fixed_tuple(rules: tuple[Rule, ...]) -> Rule:
    def each(value: Any) -> Any:
        if not _is_sequence(value) or len(value) != len(rules):
            raise ValueError(f"must be a sequence of {len(rules)}")
        return tuple(rule(item) for rule, item in zip(rules, value, strict=True))

    return each
