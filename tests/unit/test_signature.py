"""A signature as the schema: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType

import pytest

from dcmtk_native._runtime.options import (
    MAX_TIMEOUT_MS,
    InputSource,
    Opt,
    OutputPath,
    SignalOption,
    TimeoutMs,
)
from dcmtk_native._runtime.signature import REQUIRED, Declaration, Refusal
from dcmtk_native.types import StrPath


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


Number = NewType("Number", int)


def no_spaces(value: str) -> str:
    if " " in value:
        raise ValueError("must not hold spaces")
    return value.lower()


def body(
    input_path: Annotated[InputSource, Opt(help="input")],
    output_path: Annotated[OutputPath, Opt(help="output")] = None,
    *,
    switch: Annotated[bool, Opt("+s", "a switch", off="-s")] = False,
    level: Annotated[int, Opt("+l", "a level", lo=0, hi=9)] = 6,
    count: Annotated[int | None, Opt("+n", "a count", lo=1)] = None,
    number: Annotated[Number, Opt("+u", "a number")] = Number(1),
    ratio: Annotated[float, Opt("+r", "a ratio")] = 1.0,
    colour: Annotated[Colour | Literal["red", "blue"], Opt(help="a colour")] = Colour.RED,
    tags: Annotated[str | Sequence[str] | None, Opt("+P", "tags")] = None,
    pads: Annotated[Literal["off"] | tuple[int, int], Opt("+p", "padding", lo=0)] = "off",
    pairs: Annotated[Sequence[tuple[str, StrPath]], Opt("-mf", "pairs")] = (),
    word: Annotated[str, Opt("+w", "a word", check=no_spaces)] = "a",
    table: Annotated[Mapping[str, Any] | None, Opt(help="a table")] = None,
    timeout_ms: TimeoutMs = 30000,
    signal: SignalOption = None,
) -> None:
    """Nothing."""


DECLARATION = Declaration(body, "body")  # type: ignore[arg-type]


def checked(**arguments: Any) -> dict[str, Any]:
    args, kwargs = DECLARATION.checked((arguments.pop("input_path", b""),), arguments)
    return {"input_path": args[0], **kwargs}


def refusal(**arguments: Any) -> str:
    with pytest.raises(Refusal) as caught:
        checked(**arguments)
    return str(caught.value)


def test_parameters_stand_in_the_order_of_the_signature() -> None:
    names = list(DECLARATION.parameters)
    assert names[:3] == ["input_path", "output_path", "switch"]
    assert names[-2:] == ["timeout_ms", "signal"]


def test_a_parameter_knows_its_default_and_whether_it_is_positional() -> None:
    parameters = DECLARATION.parameters
    assert parameters["input_path"].default is REQUIRED
    assert parameters["input_path"].positional
    assert parameters["output_path"].default is None
    assert parameters["level"].default == 6
    assert not parameters["level"].positional


def test_a_path_becomes_a_string_and_a_buffer_stays_itself() -> None:
    content = bytearray(b"content")
    assert checked(input_path=Path("a"))["input_path"] == "a"
    assert checked(input_path=content)["input_path"] is content
    assert checked(output_path=Path("b"))["output_path"] == "b"
    assert checked(output_path=None)["output_path"] is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"input_path": 5}, "input_path=5: must be a path, or the content of a file"),
        ({"input_path": ""}, "input_path='': must not be empty"),
        ({"input_path": "a\0b"}, "a path holds no NUL character"),
        ({"input_path": memoryview(b"abcd")[::2]}, "must be contiguous in memory"),
        ({"output_path": b"bytes"}, "output_path=b'bytes': must be a path (str or os.PathLike)"),
        ({"switch": 1}, "switch=1: must be True or False"),
        ({"level": 10}, "level=10: must be an integer from 0 to 9"),
        ({"level": True}, "level=True: must be an integer from 0 to 9"),
        ({"level": "6"}, "level='6': must be an integer from 0 to 9"),
        ({"count": 0}, "count=0: must be an integer of at least 1"),
        ({"number": 1.5}, "number=1.5: must be an integer"),
        ({"ratio": True}, "ratio=True: must be a number"),
        ({"colour": "green"}, "colour='green': must be one of 'red', 'blue'"),
        ({"tags": [1]}, "tags=[1]: "),
        ({"pads": (1,)}, "pads=(1,): must be one of 'off' or must be a sequence of 2"),
        ({"pads": (1, -1)}, "must be an integer of at least 0"),
        ({"pairs": ["ab"]}, "must be a sequence of 2"),
        ({"pairs": "ab"}, "pairs='ab': must be a sequence (list or tuple)"),
        ({"word": "a b"}, "word='a b': must not hold spaces"),
        ({"word": None}, "word=None: must be a string"),
        ({"timeout_ms": 0}, f"timeout_ms=0: must be an integer from 1 to {MAX_TIMEOUT_MS}"),
    ],
)
def test_a_refusal_names_the_argument_its_value_and_the_rule(
    arguments: dict[str, Any], text: str
) -> None:
    assert text in refusal(**arguments)


def test_a_long_value_is_cut_in_the_refusal() -> None:
    assert len(refusal(colour="x" * 5000)) < 200


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"colour": Colour.BLUE}, "blue"),
        ({"colour": "blue"}, "blue"),
        ({"tags": "one"}, "one"),
        ({"tags": ["one", "two"]}, ("one", "two")),
        ({"pads": [1, 2]}, (1, 2)),
        ({"pads": "off"}, "off"),
        ({"pairs": [("a", Path("b"))]}, (("a", "b"),)),
        ({"word": "WORD"}, "word"),
        ({"ratio": 2}, 2),
        ({"count": None}, None),
    ],
)
def test_what_is_accepted_reaches_the_body_in_one_form(
    arguments: dict[str, Any], expected: object
) -> None:
    (name,) = arguments
    assert checked(**arguments)[name] == expected


def test_an_exception_of_the_caller_in_fspath_is_not_swallowed() -> None:
    class Broken(os.PathLike[str]):
        def __fspath__(self) -> str:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        checked(input_path=Broken())


def test_options_are_not_read_before_they_are_needed() -> None:
    def unreadable(path: NoSuchType) -> None:  # type: ignore[name-defined] # noqa: F821
        """Nothing."""

    declaration = Declaration(unreadable, "unreadable")  # type: ignore[arg-type]
    with pytest.raises(NameError):
        _ = declaration.parameters
