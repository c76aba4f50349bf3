"""Retrying stops when it should and pauses as long as it should; both in its sync and its
asyncio form, which share these tests.
"""

from __future__ import annotations

import asyncio
import inspect
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dcmtk_native._runtime.abort import AbortController, AbortSignal
from dcmtk_native.aio.retry import retry as aio_retry
from dcmtk_native.errors import OptionsError
from dcmtk_native.result import Err, Ok, Result
from dcmtk_native.retry import retry

LONG = 60.0

Retry = Callable[..., Any]


def async_retry(operation: Callable[[], Any], **options: Any) -> Any:
    """The asyncio form with a coroutine function."""

    async def awaitable() -> Any:
        return operation()

    return asyncio.run(aio_retry(awaitable, **options))


def threaded_retry(operation: Callable[[], Any], **options: Any) -> Any:
    """The asyncio form with a blocking operation."""
    return asyncio.run(aio_retry(operation, **options))


forms = pytest.mark.parametrize("run", [retry, async_retry, threaded_retry])


class Operation:
    """Fails so often, then succeeds."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self) -> Result[str, str]:
        self.calls += 1
        return Err(f"error {self.calls}") if self.calls <= self.failures else Ok("done")


@forms
def test_a_success_is_not_repeated(run: Retry) -> None:
    operation = Operation(0)
    assert run(operation) == Ok("done")
    assert operation.calls == 1


@forms
def test_failures_are_repeated_until_a_success(run: Retry) -> None:
    operation = Operation(2)
    assert run(operation, initial_delay_ms=0) == Ok("done")
    assert operation.calls == 3


@forms
def test_the_last_failure_is_returned(run: Retry) -> None:
    operation = Operation(9)
    assert run(operation, max_attempts=4, initial_delay_ms=0) == Err("error 4")
    assert operation.calls == 4


@forms
@pytest.mark.parametrize(("max_attempts", "calls"), [(1, 1), (0, 1), (-3, 1), (2, 2), (None, 3)])
def test_attempts_are_limited_and_at_least_one(
    run: Retry, max_attempts: int | None, calls: int
) -> None:
    operation = Operation(9)
    run(operation, max_attempts=max_attempts, initial_delay_ms=0)
    assert operation.calls == calls


@forms
def test_should_retry_can_stop(run: Retry) -> None:
    asked: list[tuple[str, int]] = []

    def should_retry(error: str, attempt: int) -> bool:
        asked.append((error, attempt))
        return attempt < 2

    operation = Operation(9)
    result = run(operation, max_attempts=5, initial_delay_ms=0, should_retry=should_retry)
    assert result == Err("error 2")
    assert asked == [("error 1", 1), ("error 2", 2)]


@forms
def test_should_retry_is_not_asked_after_the_last_attempt(run: Retry) -> None:
    asked: list[int] = []

    def should_retry(_: str, attempt: int) -> bool:
        asked.append(attempt)
        return True

    run(Operation(9), max_attempts=3, initial_delay_ms=0, should_retry=should_retry)
    assert asked == [1, 2]


@forms
def test_should_retry_is_asked_before_the_signal(run: Retry) -> None:
    asked: list[int] = []

    def should_retry(_: str, attempt: int) -> bool:
        asked.append(attempt)
        return True

    run(Operation(9), should_retry=should_retry, signal=AbortSignal.abort())
    assert asked == [1]


@forms
def test_the_first_attempt_runs_although_aborted(run: Retry) -> None:
    operation = Operation(9)
    told: list[object] = []
    result = run(operation, signal=AbortSignal.abort(), on_retry=lambda *told_: told.append(told_))
    assert result == Err("error 1")
    assert operation.calls == 1
    assert told == []
    assert run(Operation(0), signal=AbortSignal.abort()) == Ok("done")


@forms
def test_on_retry_is_told_before_each_pause(run: Retry) -> None:
    told: list[tuple[str, int, int]] = []
    operation = Operation(9)

    def on_retry(error: str, attempt: int, delay_ms: int) -> None:
        assert operation.calls == attempt
        told.append((error, attempt, delay_ms))

    run(operation, max_attempts=3, initial_delay_ms=0, on_retry=on_retry)
    assert told == [("error 1", 1, 0), ("error 2", 2, 0)]


def delays(run: Retry, count: int, **options: Any) -> list[int]:
    """The pauses that would follow so many failures; the last is cut short by an abort."""
    seen: list[int] = []
    for length in range(1, count + 1):
        controller = AbortController()
        told: list[int] = []

        def on_retry(
            _: object,
            attempt: int,
            delay_ms: int,
            told: list[int] = told,
            length: int = length,
            controller: AbortController = controller,
        ) -> None:
            told.append(delay_ms)
            if attempt == length:
                controller.abort()

        run(
            Operation(99),
            max_attempts=99,
            on_retry=on_retry,
            signal=controller.signal,
            **options,
        )
        seen.append(told[-1])
    return seen


@forms
def test_the_first_pause_is_a_second_by_default(run: Retry) -> None:
    (pause,) = delays(run, 1)
    assert 900 <= pause <= 1100


@forms
def test_pauses_grow_up_to_the_longest(run: Retry) -> None:
    pauses = delays(run, 5, initial_delay_ms=2, backoff_multiplier=3, max_delay_ms=20)
    for pause, expected in zip(pauses, [2, 6, 18, 20, 20], strict=True):
        assert isinstance(pause, int)
        assert round(expected * 0.9) <= pause <= round(expected * 1.1)


@forms
def test_none_means_the_default(run: Retry) -> None:
    options = ("max_attempts", "initial_delay_ms", "max_delay_ms", "backoff_multiplier")
    (pause,) = delays(run, 1, **dict.fromkeys(options[1:]))
    assert 900 <= pause <= 1100
    run(Operation(0), **dict.fromkeys([*options, "should_retry", "signal", "on_retry"]))


def test_jitter_spreads_over_ten_percent_either_way() -> None:
    state = random.getstate()
    random.seed(1)
    try:
        seen = [pause for _ in range(300) for pause in delays(retry, 1, initial_delay_ms=1000)]
    finally:
        random.setstate(state)
    assert min(seen) < 920
    assert max(seen) > 1080
    assert all(900 <= pause <= 1100 for pause in seen)


@forms
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"initial_delay_ms": -100}, 0),
        ({"initial_delay_ms": 0, "backoff_multiplier": 1e300}, 0),
        ({"initial_delay_ms": 1, "max_delay_ms": -1}, 0),
        ({"initial_delay_ms": 0.2}, 0),
    ],
)
def test_a_pause_is_never_negative(run: Retry, options: dict[str, float], expected: int) -> None:
    assert delays(run, 1, **options) == [expected]


def test_growth_beyond_all_numbers_ends_at_the_longest_pause() -> None:
    told: list[int] = []
    result = retry(
        Operation(2000),
        max_attempts=1500,
        initial_delay_ms=1e-300,
        max_delay_ms=0.4,
        backoff_multiplier=1e10,
        on_retry=lambda _, __, delay_ms: told.append(delay_ms),
    )
    assert result == Err("error 1500")
    assert told == [0] * 1499


@forms
@pytest.mark.parametrize("make", [AbortController, threading.Event])
def test_an_abort_ends_the_pause_at_once(run: Retry, make: Callable[[], Any]) -> None:
    source = make()
    aborting = source.abort if isinstance(source, AbortController) else source.set
    operation = Operation(9)
    threads: list[threading.Thread] = []

    def on_retry(*_: object) -> None:
        threads.append(threading.Thread(target=aborting))
        threads[0].start()

    started = time.monotonic()
    result = run(
        operation,
        initial_delay_ms=LONG * 1000,
        max_delay_ms=LONG * 1000,
        signal=getattr(source, "signal", source),
        on_retry=on_retry,
    )
    assert result == Err("error 1")
    assert operation.calls == 1
    assert time.monotonic() - started < LONG / 2
    threads[0].join()


@forms
@pytest.mark.parametrize("make", [AbortSignal, threading.Event])
def test_a_signal_that_stays_clear_changes_nothing(run: Retry, make: Callable[[], Any]) -> None:
    operation = Operation(2)
    assert run(operation, initial_delay_ms=1, signal=make()) == Ok("done")


@forms
def test_an_exception_propagates_and_is_not_retried(run: Retry) -> None:
    calls: list[int] = []

    def operation() -> Result[int, str]:
        calls.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(operation, initial_delay_ms=0)
    assert calls == [1]


@forms
def test_a_value_that_is_no_result_is_refused(run: Retry) -> None:
    with pytest.raises(TypeError, match="int, not a Result"):
        run(lambda: 5)


@forms
@pytest.mark.parametrize(
    "options",
    [
        {"max_attempts": float("nan")},
        {"initial_delay_ms": float("inf")},
        {"max_delay_ms": float("nan")},
        {"backoff_multiplier": float("inf")},
        {"max_attempts": True},
        {"signal": object()},
    ],
)
def test_an_option_out_of_its_rules_is_refused(run: Retry, options: dict[str, Any]) -> None:
    operation = Operation(0)
    with pytest.raises(OptionsError, match=f"^{next(iter(options))}="):
        run(operation, **options)
    assert operation.calls == 0


def test_both_forms_take_the_same_arguments() -> None:
    def arguments(function: Callable[..., object]) -> dict[str, object]:
        parameters = inspect.signature(function).parameters.values()
        return {one.name: (one.kind, one.default) for one in parameters}

    assert arguments(aio_retry) == arguments(retry)


def test_the_event_loop_goes_on_during_a_pause() -> None:
    async def main() -> Result[str, str]:
        controller = AbortController()
        pausing = asyncio.Event()
        task = asyncio.create_task(
            aio_retry(
                Operation(9),
                initial_delay_ms=LONG * 1000,
                max_delay_ms=LONG * 1000,
                signal=controller.signal,
                on_retry=lambda *_: pausing.set(),
            )
        )
        await pausing.wait()
        controller.abort()
        return await task

    assert asyncio.run(main()) == Err("error 1")


def test_cancelling_the_task_ends_the_pause() -> None:
    async def main() -> None:
        pausing = asyncio.Event()
        task = asyncio.create_task(
            aio_retry(
                Operation(9),
                initial_delay_ms=LONG * 1000,
                max_delay_ms=LONG * 1000,
                on_retry=lambda *_: pausing.set(),
            )
        )
        await pausing.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
