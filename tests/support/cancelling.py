"""What the tests of cancellation share: a call that can be cancelled, and interruptions."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from dcmtk_native._runtime import abort as abort_module

LONG = 60.0
"""Seconds that a test which works never waits for."""

HOUR_MS = 3_600_000.0
"""Milliseconds that no test waits for."""


class Token:
    """A call that can be cancelled; counts how often it was."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.count = 0

    def cancel(self) -> None:
        self.count += 1
        self.cancelled.set()


def threads_of(action: Callable[[], object]) -> list[threading.Thread]:
    """The threads that an action has started and that still run."""
    before = set(threading.enumerate())
    action()
    return [thread for thread in threading.enumerate() if thread not in before]


def at_every_line(
    prepare: Callable[[], None],
    run: Callable[[], object],
    interrupt: Callable[[], None],
    check: Callable[[], None],
) -> int:
    """The number of places at which `run` was interrupted, in as many runs, each checked.

    That is what a signal handler does, at every place where Python could call one.
    """
    place = 0
    while True:
        prepare()
        if not _run_interrupted(run, interrupt, place):
            return place
        check()
        place += 1


def _run_interrupted(run: Callable[[], object], interrupt: Callable[[], None], place: int) -> bool:
    """Whether `run` got so far as to be interrupted at this line of the module under test."""
    lines = 0
    interrupted = False

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines, interrupted
        if frame.f_code.co_filename != abort_module.__file__ or interrupted:
            return None
        if event == "line":
            interrupted = lines == place
            lines += 1
            if interrupted:
                sys.settrace(None)
                interrupt()
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(previous)
    return interrupted
