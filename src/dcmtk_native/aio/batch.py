"""One operation over many items, a bounded number at a time, without blocking the event loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native.batch import DEFAULT_CONCURRENCY, Agenda, BatchResult, OnProgress, worker_threads
from dcmtk_native.errors import OperationAbortedError
from dcmtk_native.result import Err, Result, require_result

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["batch", "call"]

I = TypeVar("I")  # noqa: E741 (an item)
T = TypeVar("T")
E = TypeVar("E")


async def batch(
    items: Iterable[I],
    operation: Callable[[I], Awaitable[Result[T, Exception]] | Result[T, Exception]],
    *,
    concurrency: float | None = DEFAULT_CONCURRENCY,
    on_progress: OnProgress[T] | None = None,
    signal: SignalLike | None = None,
    executor: Executor | None = None,
) -> BatchResult[T]:
    """The results of `operation(item)` for all items, in their order.

    A coroutine function runs in the event loop. Any other callable runs in a thread, or wherever
    the executor runs it; an awaitable that it returns is awaited here. Cancelling the task cancels
    the running operations and ends when they have ended. For all else see `dcmtk_native.batch`.
    """
    agenda = Agenda(items, concurrency, on_progress, signal)
    threads = None
    if executor is None and agenda.total and not _is_async(operation):
        executor = threads = worker_threads(agenda.limit)
    try:
        await _run(agenda, operation, executor)
    finally:
        if threads is not None:
            threads.shutdown(wait=False)  # they are idle
    return agenda.close()


async def call(
    operation: Callable[..., Awaitable[Result[T, E]] | Result[T, E]],
    *arguments: object,
    executor: Executor | None,
) -> Result[T, E]:
    """What an operation returns, be it a coroutine function or a blocking one.

    Errors:
        TypeError: raised if that is no `Result`.
    """
    if _is_async(operation):
        value = operation(*arguments)
    else:
        loop = asyncio.get_running_loop()
        value = await _finished(loop.run_in_executor(executor, operation, *arguments))
    return require_result(await value if inspect.isawaitable(value) else value)


def _is_async(operation: object) -> bool:
    return inspect.iscoroutinefunction(operation) or inspect.iscoroutinefunction(
        getattr(operation, "__call__", None)  # noqa: B004 (an object whose call is a coroutine)
    )


async def _finished(future: asyncio.Future[T]) -> T:
    """The result of work in a thread; a cancelled task waits until the thread is done, too."""
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await _ended(future)
        raise


async def _ended(*futures: asyncio.Future[T]) -> None:
    """Nothing, once all have ended; being cancelled again does not make them end any sooner."""
    while not all(future.done() for future in futures):
        with suppress(asyncio.CancelledError):
            await asyncio.wait(futures)


async def _run(
    agenda: Agenda[I, T],
    operation: Callable[[I], Awaitable[Result[T, Exception]] | Result[T, Exception]],
    executor: Executor | None,
) -> None:
    running: dict[asyncio.Task[Result[T, Exception]], int] = {}
    try:
        while True:
            while len(running) < agenda.limit and (entry := agenda.take()) is not None:
                index, item = entry
                running[asyncio.create_task(_attempt(operation, item, executor))] = index
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=running.__getitem__):
                agenda.record(running.pop(task), _outcome(task))
    except asyncio.CancelledError:
        for task in running:
            task.cancel()
        raise
    finally:
        await _ended(*running)


async def _attempt(
    operation: Callable[[I], Awaitable[Result[T, Exception]] | Result[T, Exception]],
    item: I,
    executor: Executor | None,
) -> Result[T, Exception]:
    try:
        return await call(operation, item, executor=executor)
    except Exception as error:
        return Err(error)


def _outcome(task: asyncio.Task[Result[T, Exception]]) -> Result[T, Exception]:
    if task.cancelled():  # by the operation itself: the batch goes on
        return Err(OperationAbortedError("operation aborted: its task was cancelled"))
    return task.result()
