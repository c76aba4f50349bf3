"""An operation again, with growing pauses, when its error may pass; the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dcmtk_native._runtime.abort import (
    POLL_SECONDS,
    AbortSignal,
    Flag,
    SignalLike,
    is_aborted,
)
from dcmtk_native.aio.batch import call
from dcmtk_native.result import Result
from dcmtk_native.retry import (
    DEFAULT_BACKOFF_MULTIPLIER,
    DEFAULT_INITIAL_DELAY_MS,
    DEFAULT_MAX_ATTEMPTS,
    DEFAULT_MAX_DELAY_MS,
    RetryPlan,
)

__all__ = ["retry"]

T = TypeVar("T")
E = TypeVar("E")


async def retry(
    operation: Callable[[], Awaitable[Result[T, E]] | Result[T, E]],
    *,
    max_attempts: float | None = DEFAULT_MAX_ATTEMPTS,
    initial_delay_ms: float | None = DEFAULT_INITIAL_DELAY_MS,
    max_delay_ms: float | None = DEFAULT_MAX_DELAY_MS,
    backoff_multiplier: float | None = DEFAULT_BACKOFF_MULTIPLIER,
    should_retry: Callable[[E, int], bool] | None = None,
    signal: SignalLike | None = None,
    on_retry: Callable[[E, int, int], object] | None = None,
) -> Result[T, E]:
    """The first success of `operation()`, or its last failure.

    A coroutine function runs in the event loop, any other callable in a thread; an awaitable that
    it returns is awaited here. For all else see `dcmtk_native.retry`.
    """
    plan = RetryPlan(
        max_attempts=max_attempts,
        initial_delay_ms=initial_delay_ms,
        max_delay_ms=max_delay_ms,
        backoff_multiplier=backoff_multiplier,
        should_retry=should_retry,
        signal=signal,
        on_retry=on_retry,
    )
    while True:
        result = await call(operation, executor=None)
        pause = plan.after(result)
        if pause is None or await _wait_for_abort(signal, pause):
            return result


async def _wait_for_abort(signal: SignalLike | None, seconds: float) -> bool:
    """Whether the signal said stop within this time; returns as soon as it does."""
    if signal is None:
        await asyncio.sleep(seconds)
        return False
    try:
        async with asyncio.timeout(seconds):
            await (_heard(signal) if isinstance(signal, AbortSignal) else _seen(signal))
    except TimeoutError:
        return is_aborted(signal)
    return True


async def _seen(flag: Flag) -> None:
    while not flag.is_set():
        await asyncio.sleep(POLL_SECONDS)


async def _heard(signal: AbortSignal) -> None:
    loop = asyncio.get_running_loop()
    heard = asyncio.Event()

    def listener() -> None:
        loop.call_soon_threadsafe(heard.set)

    signal.add_listener(listener)
    try:
        await heard.wait()
    finally:
        signal.remove_listener(listener)
