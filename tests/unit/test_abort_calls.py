"""An abort reaches every running call, whenever it comes and whatever signals it."""

from __future__ import annotations

import signal as signals
import threading
import time
import weakref
from types import FrameType
from typing import Any

import pytest

from dcmtk_native._runtime.abort import (
    AbortController,
    AbortSignal,
    Cancellable,
    aborted_error,
    attached,
    check_signal,
    is_aborted,
    wait_for_abort,
)
from dcmtk_native.errors import OptionsError
from support.cancelling import LONG, Token, at_every_line, threads_of

# --- tokens of running calls ----------------------------------------------------------------


def test_an_attached_token_is_cancelled_by_an_abort() -> None:
    controller, token = AbortController(), Token()
    with attached(controller.signal, token):
        assert token.count == 0
        controller.abort()
        assert token.count == 1


def test_a_token_of_an_aborted_signal_is_cancelled_at_once() -> None:
    token = Token()
    with attached(AbortSignal.abort(), token):
        assert token.count == 1


def test_an_abort_after_the_call_has_no_effect() -> None:
    controller, token = AbortController(), Token()
    with attached(controller.signal, token):
        pass
    controller.abort()
    assert token.count == 0


def test_a_call_that_has_ended_leaves_nothing_behind() -> None:
    controller, token = AbortController(), Token()
    with pytest.raises(ZeroDivisionError), attached(controller.signal, token):
        _ = 1 // 0
    reference = weakref.ref(token)
    del token
    assert reference() is None


def test_tokens_are_cancelled_before_listeners_run() -> None:
    controller, token = AbortController(), Token()
    counts: list[int] = []
    controller.signal.add_listener(lambda: counts.append(token.count))
    with attached(controller.signal, token):
        controller.abort()
    assert counts == [1]


def test_one_token_may_be_attached_again() -> None:
    controller, token = AbortController(), Token()
    for _ in range(2):
        with attached(controller.signal, token):
            pass
    controller.abort()
    assert token.count == 0


def test_no_signal_attaches_nothing() -> None:
    token = Token()
    with attached(None, token):
        pass
    assert token.count == 0


def test_the_native_token_can_be_attached() -> None:
    runtime = pytest.importorskip("dcmtk_native._core").runtime
    token: Cancellable = runtime.CancelToken()
    with attached(AbortSignal.abort(), token), attached(threading.Event(), token):
        pass


def test_no_token_is_missed_when_calls_and_abort_race() -> None:
    for _ in range(30):
        controller = AbortController()
        missed: list[Token] = []
        start = threading.Barrier(5)

        def call(
            missed: list[Token] = missed,
            start: threading.Barrier = start,
            signal: AbortSignal = controller.signal,
        ) -> None:
            start.wait()
            for _ in range(50):
                token = Token()
                with attached(signal, token):
                    if signal.aborted and not token.cancelled.wait(LONG):
                        missed.append(token)

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        start.wait()
        controller.abort()
        for thread in threads:
            thread.join(LONG)
        assert missed == []


# --- interruptions at every place -----------------------------------------------------------


class Scene:
    """What one interrupted run works on."""

    def __init__(self) -> None:
        self.prepare()

    def prepare(self) -> None:
        self.controller = AbortController()
        self.signal = AbortSignal.any([AbortSignal(), self.controller.signal])
        self.token = Token()
        self.calls: list[int] = []

    def interrupt(self) -> None:
        self.controller.abort("interruption")


def test_an_abort_in_the_middle_of_wait_ends_it() -> None:
    scene = Scene()
    seconds = 0.0

    def run() -> None:
        nonlocal seconds
        # The lines behind the wait are only reached if somebody else ends it.
        rescue = threading.Timer(0.02, scene.controller.abort)
        rescue.start()
        started = time.monotonic()
        scene.signal.wait(LONG)
        seconds = time.monotonic() - started
        rescue.cancel()
        rescue.join()

    def check() -> None:
        assert scene.signal.aborted
        assert seconds < LONG

    assert at_every_line(scene.prepare, run, scene.interrupt, check) > 10


def test_an_abort_in_the_middle_of_attaching_cancels_the_token() -> None:
    scene = Scene()

    def run() -> None:
        attached(scene.signal, scene.token).__enter__()

    def check() -> None:
        assert scene.token.count > 0

    assert at_every_line(scene.prepare, run, scene.interrupt, check) > 10


def test_an_abort_in_the_middle_of_adding_runs_the_listener_once() -> None:
    scene = Scene()

    def run() -> None:
        scene.signal.add_listener(lambda: scene.calls.append(1))

    def check() -> None:
        assert scene.calls == [1]

    assert at_every_line(scene.prepare, run, scene.interrupt, check) >= 2


def test_an_abort_in_the_middle_of_combining_aborts_the_combination() -> None:
    scene = Scene()

    def run() -> None:
        scene.signal = AbortSignal.any([AbortSignal(), scene.signal])

    def check() -> None:
        assert scene.signal.aborted
        assert scene.signal.reason == "interruption"

    assert at_every_line(scene.prepare, run, scene.interrupt, check) > 10


def test_an_abort_in_the_middle_of_an_abort_has_one_effect() -> None:
    scene = Scene()

    def run() -> None:
        scene.signal.add_listener(lambda: scene.calls.append(1))
        with attached(scene.signal, scene.token):
            scene.controller.abort("first")

    def check() -> None:
        assert scene.signal.reason == scene.controller.signal.reason
        assert scene.token.count > 0
        assert scene.calls == [1]

    assert at_every_line(scene.prepare, run, scene.interrupt, check) > 10


def test_whatever_joins_in_the_middle_of_an_abort_is_aborted() -> None:
    scene = Scene()

    def run() -> None:
        scene.controller.abort()

    def join() -> None:
        attached(scene.controller.signal, scene.token).__enter__()
        scene.controller.signal.add_listener(lambda: scene.calls.append(1))
        scene.signal = AbortSignal.any([scene.controller.signal])

    def check() -> None:
        assert scene.signal.aborted
        assert scene.token.count > 0
        assert scene.calls == [1]

    assert at_every_line(scene.prepare, run, join, check) > 10


@pytest.mark.skipif(not hasattr(signals, "setitimer"), reason="no interval timers here")
def test_a_signal_handler_ends_a_wait_of_the_main_thread() -> None:
    controller = AbortController()

    def handler(_: int, __: FrameType | None) -> None:
        controller.abort("SIGALRM")

    previous = signals.signal(signals.SIGALRM, handler)
    try:
        signals.setitimer(signals.ITIMER_REAL, 0.01)
        assert controller.signal.wait(LONG)
    finally:
        signals.setitimer(signals.ITIMER_REAL, 0)
        signals.signal(signals.SIGALRM, previous)
    assert controller.signal.reason == "SIGALRM"


# --- foreign signals ------------------------------------------------------------------------


def test_an_event_cancels_the_token_and_leaves_no_thread() -> None:
    event, token = threading.Event(), Token()

    def call() -> None:
        with attached(event, token):
            assert not token.cancelled.is_set()
            event.set()
            assert token.cancelled.wait(LONG)

    assert threads_of(call) == []
    assert token.count == 1


def test_an_event_that_stays_clear_cancels_nothing() -> None:
    event, token = threading.Event(), Token()

    def call() -> None:
        with attached(event, token):
            pass

    assert threads_of(call) == []
    event.set()
    assert token.count == 0


def test_a_set_event_cancels_at_once_and_starts_no_thread() -> None:
    event, token = threading.Event(), Token()
    event.set()
    attachment = attached(event, token)
    assert threads_of(attachment.__enter__) == []
    assert token.count == 1
    attachment.__exit__(None, None, None)


class BrokenFlag:
    """A flag that can be read once."""

    def __init__(self) -> None:
        self.reads = 0

    def is_set(self) -> bool:
        self.reads += 1
        if self.reads > 1:
            raise RuntimeError("the flag broke")
        return False


def test_a_flag_that_breaks_stops_the_call_and_is_reported() -> None:
    token = Token()
    with pytest.raises(RuntimeError, match="the flag broke"), attached(BrokenFlag(), token):
        assert token.cancelled.wait(LONG)


@pytest.mark.parametrize("signal", [1, "abort", object(), AbortController()])
def test_anything_else_is_an_options_error(signal: Any) -> None:
    with pytest.raises(OptionsError, match=r"^signal=.*is_set"):
        check_signal(signal)
    with pytest.raises(OptionsError):
        attached(signal, Token())


def test_what_may_be_a_signal_passes_the_check() -> None:
    for signal in (None, AbortSignal(), threading.Event()):
        check_signal(signal)


def test_is_aborted_reads_every_kind_of_signal() -> None:
    event = threading.Event()
    assert [is_aborted(one) for one in (None, AbortSignal(), event)] == [False] * 3
    event.set()
    assert [is_aborted(one) for one in (AbortSignal.abort(), event)] == [True] * 2


def test_the_error_of_an_abort_names_the_tool_and_the_reason() -> None:
    error = aborted_error(AbortSignal.abort("user left"), tool="dcmdump")
    assert error.message == "dcmdump aborted: user left"
    assert (error.tool, error.reason) == ("dcmdump", "user left")
    assert aborted_error(threading.Event()).message == "operation aborted"


def test_wait_for_abort_ends_with_the_time_or_the_signal() -> None:
    event = threading.Event()
    for signal in (None, AbortSignal(), event):
        assert wait_for_abort(signal, 0.001) is False
    event.set()
    for aborted in (AbortSignal.abort(), event):
        assert wait_for_abort(aborted, LONG) is True


def test_wait_for_abort_sees_an_event_that_is_set_meanwhile() -> None:
    event = threading.Event()
    setter = threading.Thread(target=event.set)
    setter.start()
    assert wait_for_abort(event, LONG) is True
    setter.join()
