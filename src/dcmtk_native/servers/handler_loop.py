"""Where the coroutines of a blocking server's handlers run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Event

__all__ = ["HandlerLoop"]

_CLOSED_WITHIN: Final = 1.0
"""Seconds: a coroutine that blocks its thread, or takes no cancelling, is not waited for."""


class HandlerLoop:
    """An event loop on a thread of its own, from the first `get` on until `close`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: AbstractEventLoop | None = None
        self._end: Callable[[], None] | None = None

    def get(self) -> AbstractEventLoop:
        """The loop, which runs."""
        with self._lock:
            if self._loop is None:
                self._loop, self._end = _started(self._name)
            return self._loop

    def close(self) -> None:
        """Nothing: what runs in it has been cancelled, and the loop is closed."""
        with self._lock:
            end, self._loop, self._end = self._end, None, None
        if end is not None:
            end()


async def _until(closed: Event) -> None:
    await closed.wait()


def _started(name: str) -> tuple[AbstractEventLoop, Callable[[], None]]:
    """The loop, and what ends it."""
    from asyncio import Event, Runner, new_event_loop

    runner = Runner(loop_factory=new_event_loop)
    closed = Event()
    loop = runner.get_loop()

    def run() -> None:
        with runner:
            runner.run(_until(closed))

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()

    def end() -> None:
        loop.call_soon_threadsafe(closed.set)
        thread.join(_CLOSED_WITHIN)

    return loop, end
