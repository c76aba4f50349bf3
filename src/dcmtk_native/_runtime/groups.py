"""Options that several tools share: the groups of the API contract, an alias an option."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from dcmtk_native._core.data import ReadOptions
from dcmtk_native._runtime.options import Opt
from dcmtk_native.errors import OptionsError
from dcmtk_native.limits import Limits

__all__ = [
    "DEFAULT_MAX_READ_LENGTH",
    "LogLevel",
    "LogLevelOption",
    "MaxReadLength",
    "ReadMode",
    "ReadModeOption",
    "ReadXfer",
    "ReadXferOption",
    "WriteXfer",
    "max_read_bytes",
    "read_options",
]


class LogLevel(StrEnum):
    """The levels of DCMTK's logger, the most serious first."""

    FATAL = "fatal"
    ERROR = "error"
    WARN = "warn"
    INFO = "info"
    DEBUG = "debug"
    TRACE = "trace"


class ReadMode(StrEnum):
    """Whether an input starts with file meta information (PS3.10 section 7.1)."""

    AUTO = "auto"
    FILE_ONLY = "file-only"
    DATASET = "dataset"


class ReadXfer(StrEnum):
    """The transfer syntax to read with."""

    AUTO = "auto"
    DETECT = "detect"
    LITTLE = "little"
    BIG = "big"
    IMPLICIT = "implicit"


class WriteXfer(StrEnum):
    """The native transfer syntax to write."""

    SAME = "same"
    LITTLE = "little"
    BIG = "big"
    IMPLICIT = "implicit"
    DEFLATED = "deflated"


LogLevelOption = Annotated[
    LogLevel | Literal["fatal", "error", "warn", "info", "debug", "trace"] | None,
    Opt("-ll", "the least serious log line to capture; default: what the Python logger wants"),
]
ReadModeOption = Annotated[
    ReadMode | Literal["auto", "file-only", "dataset"],
    Opt(
        help="expect file meta information", flags={"auto": "", "file-only": "+fo", "dataset": "-f"}
    ),
]
ReadXferOption = Annotated[
    ReadXfer | Literal["auto", "detect", "little", "big", "implicit"],
    Opt(
        help="transfer syntax to read with",
        flags={"auto": "", "detect": "-td", "little": "-te", "big": "-tb", "implicit": "-ti"},
    ),
]
DEFAULT_MAX_READ_LENGTH: Final = 4
"""Kilobytes; DCMTK's own."""

MaxReadLength = Annotated[
    int, Opt("+R", "with load_all off: kilobytes up to which values are read", lo=4, hi=4194302)
]
LimitsOption = Annotated[Limits | None, Opt(help="limits on foreign input")]

DEFAULT_READ: Final = ReadOptions(read_mode="auto", read_xfer="auto", limits=None)


def read_options(read_mode: str, read_xfer: str, limits: Limits | None) -> ReadOptions:
    """The native form of G-IN, G-INX and the limits."""
    if read_mode == "auto" and read_xfer == "auto" and limits is None:
        return DEFAULT_READ
    return ReadOptions(read_mode=read_mode, read_xfer=read_xfer, limits=limits)


def max_read_bytes(tool: str, max_read_length: int, *, load_all: bool) -> int:
    """How many bytes of a value are read at once; kilobytes mean nothing with `load_all`.

    Errors:
        OptionsError: raised for a length that `load_all` overrides.
    """
    if load_all and max_read_length != DEFAULT_MAX_READ_LENGTH:
        rule = f"max_read_length={max_read_length}: only with load_all=False"
        raise OptionsError(f"{tool}: invalid options: {rule}", tool=tool)
    return max_read_length * 1024
