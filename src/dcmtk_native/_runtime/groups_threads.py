"""Threads and progress of calls that code frames of pixel data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from dcmtk_native._core.runtime import usable_processors
from dcmtk_native._runtime.options import Opt

__all__ = ["OnFrameOption", "ThreadsOption", "threads_or_all"]

_MAX_THREADS: Final = 256

ThreadsOption = Annotated[
    int | None,
    Opt(help="threads that code frames; default: one a processor", lo=1, hi=_MAX_THREADS),
]
OnFrameOption = Annotated[
    Callable[[int, int], object] | None,
    Opt(help="called with the number of frames done and of all"),
]


def threads_or_all(threads: int | None) -> int:
    """As many as were asked for, else as this process may use at a time."""
    return usable_processors() if threads is None else threads
