"""Captured log records on their way to `logging`; nothing is ever printed."""

from __future__ import annotations

import logging
from typing import Final

from dcmtk_native.errors import Diagnostic

__all__ = ["LEVELS", "TRACE", "capture_level", "deliver"]

TRACE: Final = 5
"""The level of DCMTK's trace lines; below `logging.DEBUG`."""

# The words of `log_level` and Python's numbers; DCMTK's are these times 1000, its trace is 0.
LEVELS: Final[dict[str, int]] = {
    "fatal": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": TRACE,
}
_NATIVE_PER_PYTHON: Final = 1000
_ROOT: Final = logging.getLogger("dcmtk_native")
# Without any handler Python would print warnings to stderr.
_ROOT.addHandler(logging.NullHandler())
logging.addLevelName(TRACE, "TRACE")
# Without any handler Python prints warnings on stderr; a library prints nothing.
_ROOT.addHandler(logging.NullHandler())

Record = tuple[int, str, str]
"""What the native half captures: DCMTK's level, the logger's name, the text."""


def capture_level(log_level: str | None) -> int:
    """The native level to capture at: what was asked for, else what the Python loggers want."""
    wanted = _ROOT.getEffectiveLevel() if log_level is None else LEVELS[log_level]
    if log_level is None and wanted > logging.WARNING:
        wanted = logging.WARNING  # a failure's message wants its warnings whatever the logger shows
    return 0 if wanted <= TRACE else wanted * _NATIVE_PER_PYTHON


def _logger_of(native_name: str) -> logging.Logger:
    """DCMTK's "dcmtk.dcmdata" becomes "dcmtk_native.dcmdata"; our own names stay."""
    if native_name.startswith("dcmtk."):
        native_name = f"dcmtk_native.{native_name[6:]}"
    return logging.getLogger(native_name)


def _python_level(native: int) -> int:
    return TRACE if native < logging.DEBUG * _NATIVE_PER_PYTHON else native // _NATIVE_PER_PYTHON


def deliver(records: list[Record]) -> tuple[Diagnostic, ...]:
    """Gives the records to `logging`; what warns or is worse comes back for an error to carry."""
    serious: list[Diagnostic] = []
    for native_level, name, message in records:
        level = _python_level(native_level)
        logger = _logger_of(name)
        if logger.isEnabledFor(level):
            logger.log(level, "%s", message)
        if level >= logging.WARNING:
            serious.append(Diagnostic(logging.getLevelName(level).lower(), logger.name, message))
    return tuple(serious)
