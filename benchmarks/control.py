"""What two processors give at the moment: a computing process alone, and two of them at once."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Semaphore

_ADDITIONS = 150_000
"""Some milliseconds: as long as what it is compared to, or shorter."""


class Control:
    """A partner process, and how much it is in the way."""

    def __init__(self, go: Semaphore, done: Semaphore) -> None:
        self._go = go
        self._done = done
        self._alone = min(_timed_alone() for _ in range(20))

    def ratio(self) -> float:
        """How many times as much two processes compute as one does: 2.0 on idle processors."""
        begin = time.perf_counter()
        self._go.release()
        _compute()
        self._done.acquire()
        return 2 * self._alone / (time.perf_counter() - begin)


@contextmanager
def control() -> Iterator[Control]:
    """A control whose partner ends with it."""
    context = multiprocessing.get_context("fork")
    go, done = context.Semaphore(0), context.Semaphore(0)
    partner = context.Process(target=_partner, args=(go, done), daemon=True)
    partner.start()
    try:
        yield Control(go, done)
    finally:
        partner.terminate()
        partner.join()


def _partner(go: Semaphore, done: Semaphore) -> None:
    while True:
        go.acquire()
        _compute()
        done.release()


def _timed_alone() -> float:
    begin = time.perf_counter()
    _compute()
    return time.perf_counter() - begin


def _compute() -> int:
    total = 0
    for number in range(_ADDITIONS):
        total += number
    return total
