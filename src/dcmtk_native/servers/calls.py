"""Calls of handlers, each within a time limit: functions, generators, coroutines of all kinds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from queue import SimpleQueue

__all__ = ["AssociationOverError", "Caller", "HandlerError", "HandlerTimeoutError"]

_GLANCE: Final = 0.02
"""Seconds until it is seen that nobody waits for the answer any more."""


class HandlerError(Exception):
    """A handler raised; the cause says what."""


class HandlerTimeoutError(HandlerError):
    """A handler took longer than it may."""


class AssociationOverError(Exception):
    """The association, or its server, came to an end while a handler was at work."""


class _Job:
    """A call, and what became of it."""

    __slots__ = ("_arguments", "_function", "done", "raised", "returned")

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._function = function
        self._arguments = arguments
        self.done = threading.Event()
        self.returned: Any = None
        self.raised: BaseException | None = None

    def run(self) -> None:
        try:
            self.returned = self._function(*self._arguments)
        except BaseException as error:  # an exit of a handler is not one of the process
            self.raised = error
        self.done.set()


class _Worker:
    """A thread for handlers, which may be left behind when one does not return."""

    def __init__(self, name: str) -> None:
        from queue import SimpleQueue

        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()

    def put(self, job: _Job | None) -> None:
        """Nothing: it is done after those before; `None` is the last."""
        self._jobs.put(job)


class Caller:
    """Calls handlers for one association.

    Args:
        name: of its thread.
        limit: seconds that a handler may take, and each step of a generator; `None`: any.
        loop: where coroutines run.
        is_over: whether nobody waits for an answer any more.
    """

    def __init__(
        self,
        name: str,
        limit: float | None,
        loop: Callable[[], AbstractEventLoop],
        is_over: Callable[[], bool],
    ) -> None:
        self._name = name
        self._limit = limit
        self._loop = loop
        self._is_over = is_over
        self._worker: _Worker | None = None
        self._left: list[_Job] = []

    @property
    def left_behind(self) -> int:
        """Calls that go on though nobody waits for them any more."""
        return sum(not job.done.is_set() for job in self._left)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the handler returns; a coroutine's result, if it returns one.

        Errors:
            HandlerError: raised for what the handler raised, and when it takes too long.
            AssociationOverError: raised when nobody waits for it any more.
        """
        job = _Job(function, arguments)
        if self._limit is None:
            job.run()
        else:
            self._run_elsewhere(job)
        if job.raised is not None:
            raise HandlerError(f"{type(job.raised).__name__}: {job.raised}") from job.raised
        if hasattr(job.returned, "__await__"):
            return self._await(job.returned)
        return job.returned

    def iterate(self, made: Any) -> Iterator[Any]:
        """The items of what a handler returned: any iterable, also an asynchronous one.

        Errors:
            HandlerError, AssociationOverError: raised as by `call`, for each step.
        """
        if made is None:
            return
        is_awaited = hasattr(made, "__aiter__")
        iterator = made.__aiter__() if is_awaited else self.call(iter, made)
        step = iterator.__anext__ if is_awaited else iterator.__next__
        try:
            while True:
                try:
                    item = self._await(step()) if is_awaited else self.call(step)
                except HandlerError as error:
                    if isinstance(error.__cause__, (StopIteration, StopAsyncIteration)):
                        return
                    raise
                yield item
        finally:
            self._close(iterator)

    def end(self) -> None:
        """Nothing: there are no more calls."""
        if self._worker is not None:
            self._worker.put(None)
            self._worker = None

    def _run_elsewhere(self, job: _Job) -> None:
        if self._worker is None:
            self._worker = _Worker(self._name)
        self._worker.put(job)
        try:
            self._wait(job.done.wait)
        except (HandlerTimeoutError, AssociationOverError):
            # Its thread ends when it does; the next call gets another one.
            self._left.append(job)
            self.end()
            raise

    def _wait(self, wait: Callable[[float], bool]) -> None:
        deadline = None if self._limit is None else time.monotonic() + self._limit
        while not wait(_GLANCE):
            if self._is_over():
                raise AssociationOverError
            if deadline is not None and time.monotonic() >= deadline:
                raise HandlerTimeoutError(f"it took longer than {self._limit} seconds")

    def _await(self, coroutine: Any) -> Any:
        from asyncio import CancelledError, run_coroutine_threadsafe
        from concurrent.futures import wait

        future = run_coroutine_threadsafe(_awaited(coroutine), self._loop())
        try:
            self._wait(lambda seconds: bool(wait([future], seconds).done))
        except (HandlerTimeoutError, AssociationOverError):
            future.cancel()
            raise
        try:
            returned, raised = future.result()
        except CancelledError:
            raise AssociationOverError from None
        if raised is not None:
            raise HandlerError(f"{type(raised).__name__}: {raised}") from raised
        return returned

    def _close(self, iterator: Any) -> None:
        """Nothing: a generator that was left has cleaned up, or had its time for that."""
        try:
            if hasattr(iterator, "aclose"):
                self._await(iterator.aclose())
            elif hasattr(iterator, "close"):
                self.call(iterator.close)
        except (HandlerError, AssociationOverError):
            return  # nobody is left who could be told


async def _awaited(coroutine: Any) -> tuple[Any, BaseException | None]:
    """What it returned or raised: a StopAsyncIteration, say, cannot pass through a future."""
    from asyncio import CancelledError

    try:
        return await coroutine, None
    except CancelledError:
        raise
    except BaseException as error:  # as of a plain handler
        return None, error
