"""What threads and signal handlers agree by, where a lock could be waited for by its own holder.

A signal handler runs in the middle of whatever the main thread is doing. So nothing here waits for
a lock that somebody holds while code of others can run.
"""

from __future__ import annotations

import threading
import time

__all__ = ["Latch", "Turn"]

_LONGEST_WAIT = 1.0
"""An exception of a signal handler may hit a waiter while it holds the lock: others look again."""


class Latch:
    """Opened once, by whoever; all who wait go on."""

    __slots__ = ("_lock", "is_open")

    def __init__(self) -> None:
        self.is_open = False
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Nothing: those who wait go on."""
        if not self.is_open:
            self.is_open = True
            self._lock.release()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it was opened within this time; without a number, waits for it."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.is_open:
            step = _LONGEST_WAIT
            if deadline is not None:
                step = min(step, deadline - time.monotonic())
                if step <= 0:
                    return False
            if self._lock.acquire(timeout=step):
                self._lock.release()
        return True


class Turn:
    """What one caller gets and all others do not."""

    __slots__ = ("_taken",)

    def __init__(self) -> None:
        self._taken: dict[str, object] = {}

    def take(self) -> bool:
        """Whether this call was the first."""
        mine = object()  # one operation on a dict is atomic
        return self._taken.setdefault("turn", mine) is mine

    @property
    def is_taken(self) -> bool:
        """Whether anybody has had it."""
        return bool(self._taken)
