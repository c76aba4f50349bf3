"""One operation over many items, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from dcmtk_native._runtime.abort import SignalLike, aborted_error, check_signal, is_aborted
from dcmtk_native.result import Err, Result, require_result

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

__all__ = ["Agenda", "BatchResult", "OnProgress", "batch", "worker_threads"]

I = TypeVar("I")  # noqa: E741 (an item)
T = TypeVar("T")

OnProgress: TypeAlias = Callable[[int, int, Result[T, Exception]], object]
"""Told after each item: how many are done, of how many, and the result."""

DEFAULT_CONCURRENCY: Final = 4
_MAX_CONCURRENCY = 64


@dataclass(frozen=True, slots=True)
class BatchResult(Generic[T]):
    """What came out of a batch.

    Attributes:
        results: one result an item, in the order of the items.
        succeeded: how many are `Ok`.
        failed: how many were tried and are `Err`.
        aborted: how many were never tried, because the signal said stop.
    """

    results: tuple[Result[T, Exception], ...]
    succeeded: int
    failed: int
    aborted: int = 0


def batch(
    items: Iterable[I],
    operation: Callable[[I], Result[T, Exception]],
    *,
    concurrency: float | None = DEFAULT_CONCURRENCY,
    on_progress: OnProgress[T] | None = None,
    signal: SignalLike | None = None,
    executor: Executor | None = None,
) -> BatchResult[T]:
    """The results of `operation(item)` for all items, in their order.

    Items start in order. An exception of the operation becomes an `Err`, and so does a return value
    that is no `Result`. After an abort no item is started any more; those that run finish.

    Args:
        items: what to work on; read to its end before the first item starts.
        operation: works on one item, in a thread or wherever the executor runs it.
        concurrency: how many items may be under way at a time, 1 to 64, executor or not.
        on_progress: called in this thread after each item. Its exception stops the batch: running
            items finish, then it propagates.
        signal: stops the batch when it is aborted.
        executor: runs the operations instead of threads made for this call. It is not shut down;
            an item that it has been given counts as started.

    Example:
        >>> from dcmtk_native.result import Ok
        >>> batch([1, 2, 3], lambda number: Ok(number * number)).results
        (Ok(value=1), Ok(value=4), Ok(value=9))
    """
    agenda = Agenda(items, concurrency, on_progress, signal)
    if agenda.total:
        with worker_threads(agenda.limit) if executor is None else nullcontext(executor) as workers:
            _run(agenda, operation, workers)
    return agenda.close()


class Agenda(Generic[I, T]):
    """Tells which item is next, and keeps the results of those that are done.

    Attributes:
        total: how many items there are.
        limit: how many of them may be under way at a time.
    """

    def __init__(
        self,
        items: Iterable[I],
        concurrency: float | None,
        on_progress: OnProgress[T] | None,
        signal: SignalLike | None,
    ) -> None:
        check_signal(signal)
        entries = tuple(items)
        self.total = len(entries)
        self.limit = _limit(concurrency)
        self._waiting = iter(enumerate(entries))
        self._results: list[Result[T, Exception] | None] = [None] * len(entries)
        self._completed = 0
        self._on_progress = on_progress
        self._signal = signal

    def take(self) -> tuple[int, I] | None:
        """The next item and its index; `None` if all have been taken or the signal said stop."""
        return None if is_aborted(self._signal) else next(self._waiting, None)

    def record(self, index: int, result: Result[T, Exception]) -> None:
        """Nothing: the item with this index is done."""
        self._results[index] = result
        self._completed += 1
        if self._on_progress is not None:
            self._on_progress(self._completed, self.total, result)

    def close(self) -> BatchResult[T]:
        """What the batch came to; items without a result were never started."""
        never_started = Err(aborted_error(self._signal))
        succeeded = sum(1 for result in self._results if result)
        return BatchResult(
            tuple(never_started if result is None else result for result in self._results),
            succeeded=succeeded,
            failed=self._completed - succeeded,
            aborted=self.total - self._completed,
        )


def _limit(concurrency: float | None) -> int:
    if concurrency is None:
        return DEFAULT_CONCURRENCY
    if isinstance(concurrency, bool):
        raise TypeError("concurrency must be a number, not bool")
    return int(min(max(concurrency, 1), _MAX_CONCURRENCY))


def worker_threads(count: int) -> Executor:
    """So many threads, which end with the batch."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count, thread_name_prefix="dcmtk_native batch")


def _run(
    agenda: Agenda[I, T], operation: Callable[[I], Result[T, Exception]], workers: Executor
) -> None:
    from concurrent.futures import wait
    from queue import SimpleQueue

    done: SimpleQueue[Future[Result[T, Exception]]] = SimpleQueue()
    running: dict[Future[Result[T, Exception]], int] = {}
    try:
        while True:
            while len(running) < agenda.limit and (entry := agenda.take()) is not None:
                index, item = entry
                future = _submit(workers, operation, item)
                running[future] = index
                future.add_done_callback(done.put)
            if not running:
                return
            future = done.get()
            agenda.record(running.pop(future), _outcome(future))
    finally:
        wait(running)


def _submit(
    workers: Executor, operation: Callable[[I], Result[T, Exception]], item: I
) -> Future[Result[T, Exception]]:
    """The running operation; a failed one if the workers take no more, such as a broken pool."""
    from concurrent.futures import Future

    try:
        return workers.submit(operation, item)
    except Exception as error:
        refused: Future[Result[T, Exception]] = Future()
        refused.set_exception(error)
        return refused


def _outcome(future: Future[Result[T, Exception]]) -> Result[T, Exception]:
    try:
        return require_result(future.result())
    except Exception as error:
        return Err(error)
