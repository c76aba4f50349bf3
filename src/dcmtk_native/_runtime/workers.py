"""The threads in which awaited calls run.

They are not the event loop's default executor: that one has a handful of threads, which name
resolution and `asyncio.to_thread` share, and a few silent peers would occupy them all for minutes.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, Final, TypeVar

__all__ = ["MAX_THREADS", "submit"]

R = TypeVar("R")

MAX_THREADS: Final = 64
"""As many as `batch` runs at once; calls beyond that wait for a thread."""

_EXIT_SECONDS: Final = 5.0
"""How long the interpreter's exit waits for aborted calls; they end at their next checkpoint."""

_Job = tuple["Future[Any]", Callable[[], Any], Callable[[], object]]


class _Workers:
    """Threads that are started when none is idle, and kept.

    They are daemons, so that an exit does not wait for the time limits of calls that nobody awaits
    any more: it aborts them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._running: dict[Future[Any], Callable[[], object]] = {}
        self._closed = False

    def submit(self, work: Callable[[], R], abort: Callable[[], object]) -> Future[R]:
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot start a call while the interpreter exits")
            self._jobs.put((future, work, abort))
            # A job waits only while every thread is busy and no further one may be started.
            if not self._idle.acquire(blocking=False) and len(self._threads) < MAX_THREADS:
                self._start_thread()
        return future

    def _start_thread(self) -> None:
        if not self._threads:
            atexit.register(self._close)
        thread = threading.Thread(
            target=self._serve, name=f"dcmtk_native aio {len(self._threads)}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            tell = self._run(*job)
            # First this thread counts as idle: whoever hears of the outcome may call again at once.
            self._idle.release()
            tell()
            del job, tell  # they may be large, and the next job may be far

    def _run(
        self, future: Future[Any], work: Callable[[], Any], abort: Callable[[], object]
    ) -> Callable[[], object]:
        """What tells the outcome to whoever waits for it."""
        if not future.set_running_or_notify_cancel():
            return _nothing
        self._running[future] = abort
        if self._closed:
            abort()
        try:
            value = work()
        except BaseException as error:  # it belongs to whoever awaits the call
            return partial(future.set_exception, error)
        finally:
            del self._running[future]
        return partial(future.set_result, value)

    def _close(self) -> None:
        with self._lock:
            self._closed = True
        for abort in list(self._running.values()):
            abort()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(_EXIT_SECONDS)


def _nothing() -> None:
    """The outcome of a call that was cancelled before it ran."""


_workers = _Workers()


def submit(work: Callable[[], R], abort: Callable[[], object]) -> Future[R]:
    """The running or waiting call; `abort` makes it end soon, should the interpreter exit."""
    return _workers.submit(work, abort)


def _forget_threads() -> None:
    """A forked child has none of its parent's threads, but their locks as they were."""
    global _workers  # noqa: PLW0603 (one pool a process)
    _workers = _Workers()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
