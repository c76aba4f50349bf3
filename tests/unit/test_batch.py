"""A batch does every item once, bounded, in order, and counts right; both in its sync and its
asyncio form, which share these tests.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from multiprocessing import get_context
from typing import Any, cast

import pytest

from dcmtk_native._runtime.abort import AbortController, AbortSignal
from dcmtk_native.aio.batch import batch as aio_batch
from dcmtk_native.batch import BatchResult, batch
from dcmtk_native.errors import DcmtkError, OperationAbortedError, OptionsError
from dcmtk_native.result import Err, Ok, Result, err, ok, unwrap

LONG = 60.0

Batch = Callable[..., BatchResult[Any]]


def async_batch(items: Sequence[Any], operation: Callable[[Any], Any], **options: Any) -> Any:
    """The asyncio form with a coroutine function."""

    async def awaitable(item: Any) -> Any:
        # The operations of these tests may block, and every one of them shall run at a time.
        return await asyncio.get_running_loop().run_in_executor(THREADS, operation, item)

    return asyncio.run(aio_batch(items, awaitable, **options))


def threaded_batch(items: Sequence[Any], operation: Callable[[Any], Any], **options: Any) -> Any:
    """The asyncio form with a blocking operation."""
    return asyncio.run(aio_batch(items, operation, **options))


THREADS = ThreadPoolExecutor(64)

forms = pytest.mark.parametrize("run", [batch, async_batch, threaded_batch])


def errors(outcome: BatchResult[Any]) -> list[Any]:
    """The errors of all results that failed."""
    return [result.error for result in outcome.results if not result]


def square(number: int) -> Result[int]:
    return Ok(number * number)


def fail(item: object) -> Result[int]:
    return Err(DcmtkError(f"no {item}"))


class Crowd:
    """An operation that counts how many of it run at a time, and ends when so many have come."""

    def __init__(self, expected: int) -> None:
        self._barrier = threading.Barrier(expected)
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def __call__(self, item: int) -> Result[int]:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        self._barrier.wait(LONG)
        with self._lock:
            self._inside -= 1
        return Ok(item)


@forms
def test_results_come_in_the_order_of_the_items(run: Batch) -> None:
    outcome = run(range(100), square)
    assert outcome.results == tuple(Ok(number * number) for number in range(100))
    assert (outcome.succeeded, outcome.failed, outcome.aborted) == (100, 0, 0)


@forms
def test_failures_are_counted_and_stop_nothing(run: Batch) -> None:
    outcome = run(range(10), lambda number: square(number) if number % 2 else fail(number))
    assert (outcome.succeeded, outcome.failed, outcome.aborted) == (5, 5, 0)
    assert [bool(result) for result in outcome.results] == [False, True] * 5


@forms
def test_an_exception_becomes_an_err(run: Batch) -> None:
    error = KeyError("boom")

    def operation(item: int) -> Result[int]:
        if item == 1:
            raise error
        return Ok(item)

    outcome = run(range(3), operation)
    assert outcome.results[0::2] == (Ok(0), Ok(2))
    assert errors(outcome) == [error]
    assert (outcome.succeeded, outcome.failed) == (2, 1)


@forms
@pytest.mark.parametrize("value", [None, 5, (True, 1)])
def test_a_value_that_is_no_result_becomes_an_err(run: Batch, value: object) -> None:
    outcome = run([1], lambda _: value)
    (error,) = errors(outcome)
    assert isinstance(error, TypeError)
    assert type(value).__name__ in str(error)
    assert outcome.failed == 1


@forms
def test_no_items_give_an_empty_result(run: Batch) -> None:
    assert run([], square) == BatchResult((), 0, 0)
    assert run(iter(()), square) == BatchResult((), 0, 0, 0)


@forms
@pytest.mark.parametrize(
    ("concurrency", "expected"),
    [
        (1, 1),
        (4, 4),
        (None, 4),
        (3.9, 3),
        (0, 1),
        (-5, 1),
        (64, 64),
        (1000, 64),
        (float("inf"), 64),
    ],
)
def test_concurrency_is_floored_and_clamped(
    run: Batch, concurrency: float | None, expected: int
) -> None:
    crowd = Crowd(expected)
    outcome = run(range(expected * 2), crowd, concurrency=concurrency)
    assert crowd.most == expected
    assert outcome.succeeded == expected * 2


@forms
def test_four_items_run_at_a_time_by_default(run: Batch) -> None:
    crowd = Crowd(4)
    run(range(8), crowd)
    assert crowd.most == 4


@forms
@pytest.mark.parametrize("concurrency", [True, "4"])
def test_concurrency_must_be_a_number(run: Batch, concurrency: Any) -> None:
    with pytest.raises(TypeError):
        run([1], square, concurrency=concurrency)


@forms
def test_items_start_in_order(run: Batch) -> None:
    started: list[int] = []

    def operation(item: int) -> Result[int]:
        started.append(item)
        return Ok(item)

    run(range(50), operation, concurrency=1)
    assert started == list(range(50))


@forms
def test_items_may_be_any_iterable_and_none(run: Batch) -> None:
    outcome = run((item for item in [None, None]), lambda item: Ok(item))  # noqa: PLW0108
    assert outcome.results == (Ok(None), Ok(None))


@forms
def test_progress_is_told_after_each_item_in_the_calling_thread(run: Batch) -> None:
    told: list[tuple[int, int, Any]] = []
    threads: set[threading.Thread] = set()

    def on_progress(completed: int, total: int, result: Result[int, Exception]) -> None:
        told.append((completed, total, result))
        threads.add(threading.current_thread())

    outcome = run(range(20), square, on_progress=on_progress)
    assert [entry[:2] for entry in told] == [(number, 20) for number in range(1, 21)]
    assert {entry[2] for entry in told} == set(outcome.results)
    assert threads == {threading.current_thread()}


@forms
def test_an_exception_of_on_progress_stops_and_waits(run: Batch) -> None:
    started: list[int] = []
    finished: list[int] = []
    release = threading.Event()

    def operation(item: int) -> Result[int]:
        started.append(item)
        if item > 0:
            assert release.wait(LONG)
        finished.append(item)
        return Ok(item)

    def on_progress(*_: object) -> None:
        release.set()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(range(100), operation, concurrency=3, on_progress=on_progress)
    assert sorted(started) == sorted(finished)
    assert len(started) <= 3


@forms
def test_after_an_abort_no_item_starts_and_running_ones_finish(run: Batch) -> None:
    controller = AbortController()
    both = threading.Barrier(2)

    def operation(item: int) -> Result[int]:
        both.wait(LONG)
        controller.abort("enough")
        return Ok(item)

    told: list[int] = []
    outcome = run(
        range(10),
        operation,
        concurrency=2,
        signal=controller.signal,
        on_progress=lambda completed, *_: told.append(completed),
    )
    assert outcome.results[:2] == (Ok(0), Ok(1))
    assert (outcome.succeeded, outcome.failed, outcome.aborted) == (2, 0, 8)
    for error in errors(outcome):
        assert isinstance(error, OperationAbortedError)
        assert error.reason == "enough"
    assert told == [1, 2]


@forms
def test_an_aborted_signal_starts_nothing(run: Batch) -> None:
    outcome = run(range(3), fail, signal=AbortSignal.abort())
    assert (outcome.succeeded, outcome.failed, outcome.aborted) == (0, 0, 3)


@forms
def test_an_event_is_a_signal_too(run: Batch) -> None:
    event = threading.Event()
    event.set()
    assert run(range(3), square, signal=event).aborted == 3


@forms
def test_what_is_no_signal_is_refused(run: Batch) -> None:
    with pytest.raises(OptionsError, match="signal="):
        run([1], square, signal=object())


@forms
def test_no_thread_is_left(run: Batch) -> None:
    run(range(10), square)  # the shared threads of these tests start here
    before = set(threading.enumerate())
    run(range(10), square)
    for thread in set(threading.enumerate()) - before:
        thread.join(LONG)
        assert not thread.is_alive()


def test_an_interrupt_of_an_operation_ends_the_batch() -> None:
    def operation(_: int) -> Result[int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch(range(3), operation)


def test_a_batch_result_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        BatchResult((), 0, 0).failed = 1  # type: ignore[misc]


# --- executors ------------------------------------------------------------------------------


@pytest.mark.parametrize("run", [batch, threaded_batch])
def test_a_given_executor_runs_the_operations_and_stays_open(run: Batch) -> None:
    with ThreadPoolExecutor(2, thread_name_prefix="given") as executor:
        outcome = run(range(5), lambda _: Ok(threading.current_thread().name), executor=executor)
        assert all(unwrap(result).startswith("given") for result in outcome.results)
        assert executor.submit(int).result() == 0


def test_other_processes_can_run_the_operations() -> None:
    failure = DcmtkError("no", tool="dcmdump", condition=(1, 18, "Invalid stream"))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        for run in (batch, threaded_batch):
            assert run([2, 3], ok, executor=executor).results == (Ok(2), Ok(3))
            (error,) = errors(run([failure], err, executor=executor))
            assert vars(error) == vars(failure)


def test_an_exception_of_on_progress_waits_for_what_an_executor_runs() -> None:
    release = threading.Event()
    finished: list[int] = []

    def operation(item: int) -> Result[int]:
        if item > 0:
            assert release.wait(LONG)
        finished.append(item)
        return Ok(item)

    def on_progress(*_: object) -> None:
        threading.Timer(0.02, release.set).start()
        raise ZeroDivisionError

    with ThreadPoolExecutor(3) as executor:
        with pytest.raises(ZeroDivisionError):
            batch(range(3), operation, executor=executor, on_progress=on_progress)
        assert sorted(finished) == [0, 1, 2]


class ClosedExecutor(Executor):
    """An executor that takes no work, like a pool whose process has died."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        raise RuntimeError("closed")


@pytest.mark.parametrize("run", [batch, threaded_batch])
def test_an_executor_that_takes_no_work_fails_the_items(run: Batch) -> None:
    outcome = run(range(3), square, executor=ClosedExecutor())
    assert (outcome.succeeded, outcome.failed, outcome.aborted) == (0, 3, 0)
    assert [str(error) for error in errors(outcome)] == ["closed"] * 3


# --- asyncio alone --------------------------------------------------------------------------


def test_both_forms_take_the_same_arguments() -> None:
    def arguments(function: Callable[..., object]) -> dict[str, object]:
        parameters = inspect.signature(function).parameters.values()
        return {one.name: (one.kind, one.default) for one in parameters}

    assert arguments(aio_batch) == arguments(batch)


def test_coroutine_functions_run_in_the_event_loop() -> None:
    async def operation(_: int) -> Result[bool]:
        return Ok(threading.current_thread() is threading.main_thread())

    class Callable_:
        async def __call__(self, item: int) -> Result[bool]:
            return await operation(item)

    for form in (operation, Callable_(), lambda item: operation(item)):  # noqa: PLW0108
        outcome = asyncio.run(aio_batch([1], form))
        assert outcome.results == (Ok(True),)


def test_blocking_operations_leave_the_event_loop_free() -> None:
    release = threading.Event()

    def operation(item: int) -> Result[int]:
        assert release.wait(LONG)
        return Ok(item)

    async def main() -> BatchResult[int]:
        task = asyncio.create_task(aio_batch(range(64), operation, concurrency=64))
        await asyncio.sleep(0)
        release.set()
        return await task

    assert asyncio.run(main()).succeeded == 64


def test_cancelling_the_task_cancels_the_operations_and_waits_for_them() -> None:
    events: list[str] = []

    async def main() -> None:
        running = asyncio.Event()

        async def operation(_: int) -> Result[int]:
            running.set()
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(0)
                events.append("cleaned up")
            return Ok(1)

        task = asyncio.create_task(aio_batch(range(10), operation, concurrency=2))
        await running.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, LONG)
        events.append("cancelled")

    asyncio.run(main())
    assert events == ["cleaned up", "cleaned up", "cancelled"]


def test_cancelling_the_task_waits_for_running_threads() -> None:
    running, release = threading.Event(), threading.Event()
    events: list[str] = []

    def operation(_: int) -> Result[int]:
        running.set()
        assert release.wait(LONG)
        events.append("thread done")
        return Ok(1)

    async def main() -> None:
        task = asyncio.create_task(aio_batch([1, 2], operation, concurrency=1))
        await asyncio.to_thread(running.wait, LONG)
        for _ in range(3):  # however often
            task.cancel()
            await asyncio.sleep(0)
            assert not task.done()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        events.append("cancelled")

    asyncio.run(main())
    assert events == ["thread done", "cancelled"]


def test_an_operation_that_cancels_itself_fails_alone() -> None:
    async def operation(item: int) -> Result[int]:
        if item == 0:
            cast("asyncio.Task[object]", asyncio.current_task()).cancel()
            await asyncio.sleep(0)
        return Ok(item)

    outcome = asyncio.run(aio_batch([0, 1], operation))
    assert not outcome.results[0]
    assert isinstance(outcome.results[0].error, OperationAbortedError)
    assert outcome.results[1] == Ok(1)
    assert (outcome.succeeded, outcome.failed, outcome.aborted) == (1, 1, 0)
