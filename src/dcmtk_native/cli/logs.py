"""Log lines of the toolkit on stderr, in the form in which DCMTK's programs print them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dcmtk_native._runtime.logs import LEVELS

__all__ = ["logging_to_stderr"]

_LOGGER: Final = logging.getLogger("dcmtk_native")


class _Handler(logging.Handler):
    """Writes to what stderr is at the time: a progress bar may stand in between."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"{record.levelname[:1]}: {record.getMessage()}", file=sys.stderr)


@contextmanager
def logging_to_stderr(log_level: str | None) -> Iterator[None]:
    """A context in which lines of this level and worse are printed; warnings by default."""
    handler = _Handler()
    before, propagated = _LOGGER.level, _LOGGER.propagate
    _LOGGER.setLevel(LEVELS[log_level or "warn"])
    _LOGGER.propagate = False
    _LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.propagate = propagated
        _LOGGER.setLevel(before)
