"""A controller aborts its signal, and the signal tells listeners, waiters and combinations."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
import threading
import weakref

import pytest

from dcmtk_native._runtime.abort import (
    AbortController,
    AbortSignal,
)
from dcmtk_native.errors import OperationAbortedError, OperationTimeoutError, OptionsError
from support.cancelling import HOUR_MS, LONG, Token, threads_of

# --- the controller -------------------------------------------------------------------------


def test_a_new_signal_is_active() -> None:
    signal = AbortController().signal
    assert signal.aborted is False
    assert signal.reason is None
    assert "active" in repr(signal)
    signal.throw_if_aborted()


def test_abort_sets_the_signal_and_its_reason() -> None:
    controller = AbortController()
    controller.abort("user left")
    assert controller.signal.aborted is True
    assert controller.signal.reason == "user left"
    assert "aborted" in repr(controller.signal)


def test_only_the_first_abort_counts() -> None:
    controller = AbortController()
    calls: list[int] = []
    controller.signal.add_listener(lambda: calls.append(1))
    controller.abort("first")
    controller.abort("second")
    assert controller.signal.reason == "first"
    assert calls == [1]


def test_an_abort_without_a_reason_counts_too() -> None:
    controller = AbortController()
    controller.abort()
    controller.abort("late")
    assert controller.signal.aborted
    assert controller.signal.reason is None


def test_aborts_from_many_threads_have_one_effect() -> None:
    for _ in range(20):
        controller = AbortController()
        calls: list[object] = []
        controller.signal.add_listener(lambda calls=calls: calls.append(1))  # type: ignore[misc]
        start = threading.Barrier(8)

        def abort(
            number: int, start: threading.Barrier = start, owner: AbortController = controller
        ) -> None:
            start.wait()
            owner.abort(number)

        threads = [threading.Thread(target=abort, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert calls == [1]
        assert controller.signal.reason in range(8)


def test_abort_after_aborts_when_the_time_is_over() -> None:
    controller = AbortController()
    controller.abort_after(5)
    assert controller.signal.wait(LONG)
    assert isinstance(controller.signal.reason, OperationTimeoutError)
    assert controller.signal.reason.timeout_ms == 5


def test_abort_after_zero_aborts_at_once() -> None:
    controller = AbortController()
    controller.abort_after(0)
    assert controller.signal.aborted


def test_a_second_abort_after_replaces_the_first() -> None:
    controller = AbortController()
    (first,) = threads_of(lambda: controller.abort_after(HOUR_MS))
    controller.abort_after(HOUR_MS)
    first.join(LONG)
    assert not first.is_alive()
    assert not controller.signal.aborted
    controller.abort()


def test_an_abort_ends_the_timer() -> None:
    controller = AbortController()
    (timer,) = threads_of(lambda: controller.abort_after(HOUR_MS))
    assert timer.daemon
    controller.abort("by hand")
    timer.join(LONG)
    assert not timer.is_alive()
    assert controller.signal.reason == "by hand"
    assert threads_of(lambda: controller.abort_after(HOUR_MS)) == []


@pytest.mark.parametrize("ms", [-1, float("nan"), float("inf"), True])
def test_a_time_must_be_a_number_of_milliseconds(ms: float) -> None:
    with pytest.raises(OptionsError, match="ms="):
        AbortController().abort_after(ms)
    with pytest.raises(OptionsError, match="ms="):
        AbortSignal.timeout(ms)


# --- the signal -----------------------------------------------------------------------------


def test_abort_makes_an_aborted_signal() -> None:
    signal = AbortSignal.abort("never mind")
    assert signal.aborted
    assert signal.reason == "never mind"


def test_timeout_aborts_with_a_timeout_as_reason() -> None:
    signal = AbortSignal.timeout(5)
    assert signal.wait(LONG)
    assert isinstance(signal.reason, OperationTimeoutError)
    assert "timed out after 5ms" in str(signal.reason)
    with pytest.raises(OperationAbortedError, match="timed out after 5ms"):
        signal.throw_if_aborted()


def test_a_forgotten_timeout_leaves_no_thread() -> None:
    kept: list[AbortSignal] = []
    (timer,) = threads_of(lambda: kept.append(AbortSignal.timeout(HOUR_MS)))
    assert timer.daemon
    kept.clear()
    timer.join(LONG)
    assert not timer.is_alive()


def test_throw_if_aborted_raises_with_the_reason() -> None:
    with pytest.raises(OperationAbortedError, match="aborted: user left") as caught:
        AbortSignal.abort("user left").throw_if_aborted()
    assert caught.value.reason == "user left"


def test_a_signal_stays_in_its_process() -> None:
    with pytest.raises(TypeError, match="another process"):
        pickle.dumps(AbortSignal())
    with pytest.raises(TypeError, match="copied"):
        copy.copy(AbortSignal())


# --- listeners ------------------------------------------------------------------------------


def test_listeners_run_in_order_in_the_aborting_thread() -> None:
    controller = AbortController()
    calls: list[tuple[int, threading.Thread]] = []
    for number in range(3):
        controller.signal.add_listener(
            lambda number=number: calls.append((number, threading.current_thread()))  # type: ignore[misc]
        )
    thread = threading.Thread(target=controller.abort)
    thread.start()
    thread.join()
    assert calls == [(0, thread), (1, thread), (2, thread)]


def test_a_listener_of_an_aborted_signal_runs_at_once() -> None:
    calls: list[int] = []
    AbortSignal.abort().add_listener(lambda: calls.append(1))
    assert calls == [1]


def test_a_listener_added_twice_runs_once() -> None:
    controller = AbortController()
    calls: list[int] = []

    def listener() -> None:
        calls.append(1)

    controller.signal.add_listener(listener)
    controller.signal.add_listener(listener)
    controller.abort()
    assert calls == [1]


def test_a_removed_listener_does_not_run() -> None:
    controller = AbortController()
    token = Token()
    controller.signal.add_listener(token.cancel)
    controller.signal.remove_listener(token.cancel)
    controller.signal.remove_listener(token.cancel)
    controller.abort()
    assert token.count == 0


def test_a_failing_listener_is_logged_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    controller = AbortController()
    token = Token()
    controller.signal.add_listener(lambda: 1 // 0)
    controller.signal.add_listener(token.cancel)
    with caplog.at_level(logging.ERROR, "dcmtk_native"):
        controller.abort()
    assert token.count == 1
    assert "ZeroDivisionError" in caplog.text


def test_a_listener_may_use_the_signal() -> None:
    controller = AbortController()
    seen: list[object] = []

    def listener() -> None:
        controller.abort("again")
        controller.signal.remove_listener(listener)
        controller.signal.add_listener(lambda: seen.append("added inside"))
        seen.append(controller.signal.wait(LONG))

    controller.signal.add_listener(listener)
    controller.abort("first")
    assert seen == ["added inside", True]
    assert controller.signal.reason == "first"


# --- waiting --------------------------------------------------------------------------------


def test_wait_gives_up_when_the_time_is_over() -> None:
    signal = AbortSignal()
    assert signal.wait(0) is False
    assert signal.wait(0.001) is False
    assert signal.wait(-1) is False


def test_wait_of_an_aborted_signal_returns_at_once() -> None:
    assert AbortSignal.abort().wait() is True
    assert AbortSignal.abort().wait(0) is True


def test_an_abort_wakes_every_waiter() -> None:
    controller = AbortController()
    woken: list[bool] = []
    waiters = [
        threading.Thread(target=lambda: woken.append(controller.signal.wait(LONG)))
        for _ in range(4)
    ]
    for waiter in waiters:
        waiter.start()
    controller.abort()
    for waiter in waiters:
        waiter.join(LONG)
    assert woken == [True] * 4


def test_wait_takes_a_time_beyond_what_a_lock_takes() -> None:
    assert AbortSignal.abort().wait(threading.TIMEOUT_MAX * 10) is True


# --- combined signals -----------------------------------------------------------------------


def test_any_aborts_with_the_first_source() -> None:
    first, second = AbortController(), AbortController()
    combined = AbortSignal.any([first.signal, second.signal])
    token = Token()
    combined.add_listener(token.cancel)
    assert not combined.aborted
    second.abort("second")
    first.abort("first")
    assert combined.reason == "second"
    assert token.count == 1


def test_any_of_an_aborted_signal_is_aborted() -> None:
    combined = AbortSignal.any([AbortSignal(), AbortSignal.abort("a"), AbortSignal.abort("b")])
    assert combined.aborted
    assert combined.reason == "a"


def test_any_of_nothing_never_aborts() -> None:
    assert AbortSignal.any([]).wait(0) is False


def test_any_keeps_the_signals_it_was_made_of() -> None:
    combined = AbortSignal.any([AbortSignal.timeout(5)])
    gc.collect()
    assert combined.wait(LONG)


def test_any_of_what_is_no_signal_is_refused() -> None:
    with pytest.raises(OptionsError, match="signals: "):
        AbortSignal.any([threading.Event()])  # type: ignore[list-item]  # pyright: ignore


def test_ten_thousand_combinations_of_combinations_abort() -> None:
    controller = AbortController()
    combined = controller.signal
    for _ in range(10_000):
        combined = AbortSignal.any([combined])
    controller.abort("deep")
    assert combined.reason == "deep"


def test_a_long_lived_source_keeps_no_dead_combination() -> None:
    controller = AbortController()
    references: list[weakref.ref[AbortSignal]] = []
    for _ in range(100):
        combined = AbortSignal.any([controller.signal, AbortSignal()])
        combined.add_listener(lambda: None)
        references.append(weakref.ref(combined))
        del combined
    gc.collect()
    assert [one for one in references if one() is not None] == []
    assert len(controller.signal._dependents) == 0  # pyright: ignore[reportPrivateUsage]


def test_all_dependents_are_aborted_before_a_listener_runs() -> None:
    controller = AbortController()
    combined = AbortSignal.any([controller.signal])
    seen: list[bool] = []
    controller.signal.add_listener(lambda: seen.append(combined.aborted))
    controller.abort()
    assert seen == [True]
