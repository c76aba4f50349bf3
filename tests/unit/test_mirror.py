"""The awaitable twin: never in the loop's way, and never running behind the caller's back."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from dcmtk_native import (
    AbortController,
    Err,
    Ok,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
)
from dcmtk_native._core.runtime import checkpoint
from dcmtk_native._runtime import workers
from dcmtk_native._runtime.mirror import mirror
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


@operation
def blocking(
    number: Annotated[int, Opt("+n", "a number", lo=0)] = 0,
    *,
    during: Annotated[Any, Opt(help="called while it runs")] = None,
    timeout_ms: TimeoutMs = 30000,
    signal: SignalOption = None,
) -> Any:
    """What `during` returns, or the number."""
    return number if during is None else during()


awaitable = mirror(blocking)


class Endless:
    """Work that goes on until its call is stopped; remembers that it was."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.ended = threading.Event()

    def __call__(self) -> None:
        self.started.set()
        try:
            for _ in itertools.count():
                checkpoint()
        finally:
            self.ended.set()

    async def has_started(self) -> None:
        while not self.started.is_set():
            await asyncio.sleep(0)


def run(test: Callable[[], Any]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(limited())


def test_the_twin_is_a_coroutine_function_with_the_same_signature() -> None:
    assert inspect.iscoroutinefunction(awaitable)
    assert inspect.signature(awaitable) == inspect.signature(blocking)
    assert awaitable.__name__ == "blocking"
    assert awaitable.__doc__ == blocking.__doc__
    assert inspect.unwrap(awaitable) is inspect.unwrap(blocking)


def test_a_callable_without_a_signal_is_waited_for() -> None:
    async def test() -> None:
        started, go_on, ended = threading.Event(), threading.Event(), threading.Event()

        def unstoppable() -> None:
            started.set()
            go_on.wait(20)
            ended.set()

        task = asyncio.create_task(mirror(unstoppable)())
        while not started.is_set():
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    run(test)


def test_the_signature_of_a_bound_method_lacks_what_is_bound() -> None:
    assert list(inspect.signature(mirror("a".join)).parameters) == ["iterable"]
    assert list(inspect.signature(mirror(Endless.has_started)).parameters) == ["self"]


def test_results_are_those_of_the_blocking_form() -> None:
    async def test() -> None:
        assert await awaitable(3) == Ok(3)
        refused = await awaitable(-1)
        assert isinstance(refused, Err)
        assert isinstance(refused.error, OptionsError)
        late = await awaitable(during=Endless(), timeout_ms=20)
        assert isinstance(late, Err)
        assert isinstance(late.error, OperationTimeoutError)

    run(test)


def test_a_wrong_call_raises_when_it_is_awaited() -> None:
    async def test() -> None:
        with pytest.raises(TypeError, match="bogus"):
            await awaitable(bogus=1)  # type: ignore[call-arg]

    run(test)


def test_what_is_no_signal_is_refused_as_in_the_blocking_form() -> None:
    async def test() -> None:
        refused = await awaitable(signal=5)
        assert isinstance(refused, Err)
        assert isinstance(refused.error, OptionsError)

    run(test)


def test_the_loop_goes_on_while_a_call_runs() -> None:
    async def test() -> None:
        go_on = threading.Event()
        call = asyncio.create_task(awaitable(during=lambda: go_on.wait(20)))
        asyncio.get_running_loop().call_soon(go_on.set)  # only a free loop gets here
        assert await call == Ok(True)

    run(test)


def test_a_call_sees_the_context_of_the_task() -> None:
    async def test() -> None:
        VARIABLE.set("of the task")
        assert await awaitable(during=VARIABLE.get) == Ok("of the task")
        await awaitable(during=lambda: VARIABLE.set("of the call"))
        assert VARIABLE.get() == "of the task"

    run(test)


def test_cancelling_the_task_ends_the_call_first() -> None:
    async def test() -> None:
        work = Endless()
        task = asyncio.create_task(awaitable(during=work))
        await work.has_started()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert work.ended.is_set()

    run(test)


def test_cancelling_twice_still_waits_for_the_end_of_the_call() -> None:
    async def test() -> None:
        work, may_end = Endless(), threading.Event()

        def stubborn() -> None:
            try:
                work()
            finally:
                work.ended.clear()
                may_end.wait(20)
                work.ended.set()

        task = asyncio.create_task(awaitable(during=stubborn))
        await work.has_started()
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert work.ended.is_set()

    run(test)


def test_a_timeout_of_asyncio_ends_the_call() -> None:
    async def test() -> None:
        work = Endless()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await awaitable(during=work)
        assert work.ended.is_set() or not work.started.is_set()

    run(test)


@pytest.mark.parametrize("kind", ["controller", "event"])
def test_a_signal_of_the_caller_stops_the_call(kind: str) -> None:
    async def test() -> None:
        controller, event = AbortController(), threading.Event()
        signal = controller.signal if kind == "controller" else event
        work = Endless()
        task = asyncio.create_task(awaitable(during=work, signal=signal))
        await work.has_started()
        controller.abort("enough")
        event.set()
        result = await task
        assert isinstance(result, Err)
        assert isinstance(result.error, OperationAbortedError)
        if kind == "controller":
            assert result.error.reason == "enough"

    run(test)


@pytest.mark.parametrize("signal", [AbortController().signal, threading.Event()])
def test_a_task_with_a_signal_can_be_cancelled_too(signal: Any) -> None:
    async def test() -> None:
        work = Endless()
        task = asyncio.create_task(awaitable(during=work, signal=signal))
        await work.has_started()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert work.ended.is_set()

    run(test)


def test_a_call_that_waits_for_a_thread_is_cancelled_without_running() -> None:
    async def test() -> None:
        go_on = threading.Event()
        busy = [
            asyncio.create_task(awaitable(during=lambda: go_on.wait(20)))
            for _ in range(workers.MAX_THREADS)
        ]
        await asyncio.sleep(0)
        ran = threading.Event()
        waiting = asyncio.create_task(awaitable(during=ran.set))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        assert await asyncio.gather(*busy) == [Ok(True)] * workers.MAX_THREADS
        assert not ran.is_set()

    run(test)


def test_more_calls_than_threads_all_end() -> None:
    async def test() -> None:
        calls = [awaitable(number) for number in range(3 * workers.MAX_THREADS)]
        assert await asyncio.gather(*calls) == [Ok(n) for n in range(3 * workers.MAX_THREADS)]
        names = [t.name for t in threading.enumerate() if t.name.startswith("dcmtk_native aio")]
        assert len(names) <= workers.MAX_THREADS

    run(test)


def test_the_default_executor_stays_free() -> None:
    async def test() -> None:
        go_on = threading.Event()
        busy = [asyncio.create_task(awaitable(during=lambda: go_on.wait(20))) for _ in range(40)]
        await asyncio.sleep(0)
        assert await asyncio.to_thread(lambda: "free") == "free"
        go_on.set()
        await asyncio.gather(*busy)

    run(test)


def test_two_loops_in_two_threads_share_the_workers() -> None:
    outcomes: list[Any] = []

    def loop() -> None:
        outcomes.append(asyncio.run(awaitable(5)))

    threads = [threading.Thread(target=loop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == [Ok(5)] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_its_own_threads() -> None:
    asyncio.run(awaitable(1))  # the parent has threads
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if asyncio.run(awaitable(2)) == Ok(2) else 2
        finally:
            os._exit(code)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            return
        threading.Event().wait(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    pytest.fail("the child hangs")


EXIT_PROGRAM = """
import asyncio, itertools, threading
from typing import Annotated, Any
from dcmtk_native._core.runtime import checkpoint
from dcmtk_native._runtime.mirror import mirror
from dcmtk_native._runtime.options import SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation

started = threading.Event()

@operation
def endless(*, timeout_ms: TimeoutMs = 60000, signal: SignalOption = None) -> None:
    "Nothing."
    started.set()
    try:
        for _ in itertools.count():
            checkpoint()
    finally:
        print("ended", flush=True)

loop = asyncio.new_event_loop()
task = loop.create_task(mirror(endless)())
async def until_started():
    while not started.is_set():
        await asyncio.sleep(0)
loop.run_until_complete(until_started())
task._log_destroy_pending = False
print("leaving", flush=True)
"""


def test_the_exit_of_the_interpreter_aborts_calls_that_nobody_awaits() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EXIT_PROGRAM],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["leaving", "ended"]), done.stderr
