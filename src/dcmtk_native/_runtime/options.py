"""What an option is: its DCMTK flag, its help, and the rule for its values.

A tool's signature holds `Annotated[type, Opt(...)]`; the rule, the command line, the docs and the
argv of the original program are all read from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Annotated, Any, Final, TypeAlias

from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native.types import StrPath

__all__ = [
    "Buffer",
    "InputSource",
    "IsolateOption",
    "Opt",
    "OutputPath",
    "SignalOption",
    "TimeoutMs",
]


@dataclass(frozen=True, slots=True)
class Opt:
    """One option of a tool.

    Attributes:
        flag: DCMTK's flag; a value other than a bool's follows it. Empty: DCMTK has none. Several
            words are several arguments. For a sequence the flag stands before each value.
        help: what it does, for the command line and the docs.
        off: of a bool: the flag for `False`.
        flags: of a choice: the flag of each value ("" for none; a bool among them is yes or no);
            overrides `flag`.
        lo: the smallest number allowed.
        hi: the largest number allowed.
        check: a further rule: returns the value to use, raises `ValueError` with the rule's text.
        argv: the original's arguments for a value, where no rule above gives them.
    """

    flag: str = ""
    help: str = ""
    off: str = ""
    flags: Mapping[str, str] = field(default_factory=dict)
    lo: int | None = None
    hi: int | None = None
    check: Callable[[Any], Any] | None = None
    argv: Callable[[Any], Sequence[str]] | None = None


Buffer: TypeAlias = bytes | bytearray | memoryview
"""The content of a file in memory; read in place, never copied."""

InputSource: TypeAlias = str | PathLike[str] | Buffer
"""A path, or the content of a file."""

OutputPath: TypeAlias = StrPath | None
"""A path to write, or `None`: the content comes back in the result's `data`."""

MAX_TIMEOUT_MS: Final = 2**31 - 1
"""24 days; a deadline far beyond would not fit the clock."""

TimeoutMs = Annotated[int, Opt("", "give up after this many milliseconds", lo=1, hi=MAX_TIMEOUT_MS)]
SignalOption = Annotated[
    SignalLike | None, Opt("", "an AbortSignal, or a threading.Event, that may stop the call")
]
IsolateOption = Annotated[
    bool, Opt("", "work in a process of its own, whose crash is an error like any other")
]
