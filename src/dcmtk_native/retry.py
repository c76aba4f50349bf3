"""An operation again, with growing pauses, when its error may pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from dcmtk_native._runtime.abort import SignalLike, check_signal, is_aborted, wait_for_abort
from dcmtk_native.errors import OptionsError
from dcmtk_native.result import Result, require_result

__all__ = ["RetryPlan", "retry"]

T = TypeVar("T")
E = TypeVar("E")

DEFAULT_MAX_ATTEMPTS: Final = 3
DEFAULT_INITIAL_DELAY_MS: Final = 1000
DEFAULT_MAX_DELAY_MS: Final = 30_000
DEFAULT_BACKOFF_MULTIPLIER: Final = 2
_JITTER = 0.1


def retry(
    operation: Callable[[], Result[T, E]],
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

    The operation runs at least once, also if the signal is aborted already. Its exceptions
    propagate; only an `Err` is tried again. `None` for an option means its default.

    Args:
        operation: what to try.
        max_attempts: how often at most.
        initial_delay_ms: the pause after the first failure.
        max_delay_ms: the longest pause, apart from the jitter of 10 %.
        backoff_multiplier: how much longer each pause is than the one before.
        should_retry: asked with the error and the number of the attempt, from 1.
        signal: stops trying when it is aborted, also during a pause.
        on_retry: told the error, the number of the failed attempt and the pause in milliseconds.

    Example:
        >>> from dcmtk_native.result import Err, Ok
        >>> outcomes = iter([Err("busy"), Ok("done")])
        >>> retry(lambda: next(outcomes), initial_delay_ms=0)
        Ok(value='done')
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
        result = require_result(operation())
        pause = plan.after(result)
        if pause is None or wait_for_abort(signal, pause):
            return result


class RetryPlan(Generic[E]):
    """Counts the attempts, and decides after each whether and when there is another."""

    def __init__(
        self,
        *,
        max_attempts: float | None,
        initial_delay_ms: float | None,
        max_delay_ms: float | None,
        backoff_multiplier: float | None,
        should_retry: Callable[[E, int], bool] | None,
        signal: SignalLike | None,
        on_retry: Callable[[E, int, int], object] | None,
    ) -> None:
        check_signal(signal)
        self._max_attempts = _finite("max_attempts", max_attempts, DEFAULT_MAX_ATTEMPTS)
        self._initial_ms = _finite("initial_delay_ms", initial_delay_ms, DEFAULT_INITIAL_DELAY_MS)
        self._max_ms = _finite("max_delay_ms", max_delay_ms, DEFAULT_MAX_DELAY_MS)
        self._multiplier = _finite(
            "backoff_multiplier", backoff_multiplier, DEFAULT_BACKOFF_MULTIPLIER
        )
        self._should_retry = should_retry
        self._signal = signal
        self._on_retry = on_retry
        self._attempt = 0

    def after(self, result: Result[object, E]) -> float | None:
        """The seconds to wait before the next attempt; `None` if there is none."""
        self._attempt += 1
        if result or self._attempt >= self._max_attempts:
            return None
        if self._should_retry is not None and not self._should_retry(result.error, self._attempt):
            return None
        if is_aborted(self._signal):
            return None
        delay_ms = self._delay_ms()
        if self._on_retry is not None:
            self._on_retry(result.error, self._attempt, delay_ms)
        return delay_ms / 1000

    def _delay_ms(self) -> int:
        from random import uniform

        try:
            growth = self._multiplier ** (self._attempt - 1)
        except OverflowError:
            growth = math.inf
        delay = min(self._initial_ms * growth, self._max_ms) if self._initial_ms else 0
        return round(max(0, delay) * uniform(1 - _JITTER, 1 + _JITTER))


def _finite(name: str, value: float | None, default: float) -> float:
    if value is None:
        return float(default)
    if isinstance(value, bool) or not math.isfinite(value):
        raise OptionsError(f"{name}={value!r}: must be a finite number")
    return float(value)
