"""The worker processes of this one: started when they are needed, kept, ended with it.

A call has a worker to itself. A worker that a call leaves in any way but an answer is killed.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dcmtk_native._core.runtime import checkpoint, usable_processors
from dcmtk_native._runtime.conditions import native_error
from dcmtk_native._runtime.wire import HEADER_SIZE, length_of, packed, unpacked

if TYPE_CHECKING:
    from socket import socket
    from subprocess import Popen

    from dcmtk_native._core.runtime import NativeError

__all__ = ["ask_worker"]

T = TypeVar("T")

_MODULE: Final = "dcmtk_native._runtime.worker_main"
_POLL_SECONDS: Final = 0.02
"""How long an abort or a deadline may go unnoticed."""

_CHUNK: Final = 1 << 16
_END_SECONDS: Final = 1.0
"""How long the end of a worker that has hung up may take."""

_MAX_SHOWN: Final = 500


class _Worker:
    """One worker process and the line to it."""

    def __init__(self) -> None:
        from socket import socketpair

        self._line, theirs = socketpair()
        self._line.setblocking(False)
        self._received = bytearray()
        self._complaints = os.memfd_create("dcmtk_native complaints")
        try:
            with theirs:
                self._process = _start(theirs, self._complaints)
        except BaseException:
            self._line.close()
            os.close(self._complaints)
            raise

    def wait_until_ready(self) -> None:
        """Nothing, once it takes requests."""
        try:
            self._receive()
        except EOFError:
            status = self._status()
            text = os.pread(self._complaints, _CHUNK, 0).decode(errors="replace").strip()
            shown = f": {text[-_MAX_SHOWN:]}" if text else ""
            raise native_error("internal", f"a worker process {status} at once{shown}") from None
        finally:
            os.close(self._complaints)

    def is_alive(self) -> bool:
        """Whether it waits for a request; it says nothing then, so what can be read is its end."""
        return not self._wait(for_reading=True, seconds=0)

    def ask(
        self,
        request: dict[str, Any],
        descriptors: Sequence[int],
        on_progress: Callable[[int, int], object] | None,
    ) -> dict[str, Any]:
        """The answer to a request; what it tells of its progress before goes to `on_progress`.

        Errors:
            NativeError: raised if it ends instead, or if the call is to end.
            ValueError: raised if what it sends makes no sense.
        """
        try:
            self._send(packed(request), descriptors)
            while True:
                message = self._receive()
                if "progress" not in message:
                    return message
                if on_progress is not None:
                    on_progress(*_two_numbers(message["progress"]))
        except (EOFError, ConnectionError):
            raise self._crash() from None

    def kill(self) -> None:
        """Nothing: the process is no more; a call that waits for it hears of that."""
        from subprocess import TimeoutExpired

        self._process.kill()
        with suppress(TimeoutExpired):  # the system does not let go of it
            self._process.wait(_END_SECONDS)

    def end(self) -> None:
        """Nothing: the process is no more, and neither is the line to it."""
        self._line.close()
        self.kill()

    def forget(self) -> None:
        """Nothing: in a forked child, where it is somebody else's."""
        self._line.close()
        self._process.returncode = 0  # nobody here can wait for it

    def _crash(self) -> NativeError:
        return native_error("codec", f"the worker process {self._status()} while it decoded")

    def _status(self) -> str:
        """How it ended, after it has hung up."""
        from signal import Signals
        from subprocess import TimeoutExpired

        try:
            code = self._process.wait(_END_SECONDS)
        except TimeoutExpired:
            return "hung up"
        if code >= 0:
            return f"ended with status {code}"
        with suppress(ValueError):
            return f"was killed by {Signals(-code).name}"
        return f"was killed by signal {-code}"

    def _send(self, data: bytes, descriptors: Sequence[int]) -> None:
        from socket import send_fds

        sent = 0
        while sent < len(data):
            self._wait_checking(for_reading=False)
            with suppress(BlockingIOError):
                if sent == 0:
                    sent = send_fds(self._line, [data], list(descriptors))
                else:
                    sent += self._line.send(memoryview(data)[sent:])

    def _receive(self) -> dict[str, Any]:
        received = self._received
        while True:
            if len(received) >= HEADER_SIZE:
                end = HEADER_SIZE + length_of(received)
                if len(received) >= end:
                    text = bytes(received[HEADER_SIZE:end])
                    del received[:end]
                    return unpacked(text)
            self._wait_checking(for_reading=True)
            with suppress(BlockingIOError):
                chunk = self._line.recv(_CHUNK)
                if not chunk:
                    raise EOFError
                received += chunk

    def _wait_checking(self, *, for_reading: bool) -> None:
        checkpoint()
        while not self._wait(for_reading=for_reading, seconds=_POLL_SECONDS):
            checkpoint()

    def _wait(self, *, for_reading: bool, seconds: float) -> bool:
        from select import POLLIN, POLLOUT, poll

        waiting = poll()
        waiting.register(self._line, POLLIN if for_reading else POLLOUT)
        return bool(waiting.poll(seconds * 1000))


def _start(line: socket, complaints: int) -> Popen[bytes]:
    from subprocess import DEVNULL, Popen

    if not sys.executable or getattr(sys, "frozen", False):
        text = "isolate=True needs a Python interpreter to start, and this program has none"
        raise native_error("unsupported", text)
    # What the parent imports from, in its order; -P keeps the current folder out of it.
    folders = [os.path.abspath(one) for one in sys.path]  # noqa: PTH100 (an entry may be "")
    search = os.pathsep.join(one for one in folders if os.pathsep not in one)
    return Popen(
        [sys.executable, "-P", "-m", _MODULE, str(line.fileno())],
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=complaints,
        pass_fds=[line.fileno()],
        env=os.environ | {"PYTHONPATH": search},
        cwd="/",
        process_group=0,  # Ctrl-C is for the parent to handle
    )


def _two_numbers(value: Any) -> tuple[int, int]:
    match value:
        case [int(done), int(total)]:
            return done, total
    raise ValueError("not a progress")


class _Pool:
    """As many workers as calls at a time have needed, at most one a processor."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._places = threading.Semaphore(usable_processors())

    def ask(
        self,
        request: dict[str, Any],
        descriptors: Sequence[int],
        on_progress: Callable[[int, int], object] | None,
        accept: Callable[[dict[str, Any]], T],
    ) -> T:
        while not self._places.acquire(timeout=_POLL_SECONDS):
            checkpoint()
        try:
            worker = self._take()
            try:
                accepted = accept(worker.ask(request, descriptors, on_progress))
            except BaseException:
                self._end(worker)
                raise
            self._idle.append(worker)
        finally:
            self._places.release()
        return accepted

    def _take(self) -> _Worker:
        # Of several threads none gets what another one has got.
        with suppress(IndexError):
            while True:
                worker = self._idle.pop()
                if worker.is_alive():
                    return worker
                self._end(worker)
        worker = _Worker()
        self._all.add(worker)
        try:
            worker.wait_until_ready()
        except BaseException:
            self._end(worker)
            raise
        return worker

    def _end(self, worker: _Worker) -> None:
        worker.end()
        self._all.discard(worker)

    def close(self) -> None:
        """Nothing: all processes have ended; a call that still runs hears of that."""
        with suppress(IndexError):
            while True:
                self._end(self._idle.pop())
        for worker in list(self._all):
            worker.kill()

    def forget(self) -> None:
        for worker in self._all:
            worker.forget()


_pool = _Pool()


def ask_worker(
    request: dict[str, Any],
    descriptors: Sequence[int],
    on_progress: Callable[[int, int], object] | None,
    accept: Callable[[dict[str, Any]], T],
) -> T:
    """What `accept` makes of a worker's answer to a request.

    Errors:
        NativeError: raised if the worker crashed, or if the call is to end: then it was killed.
        ValueError: raised if its answer makes no sense, to `accept` or before: then it was killed.
    """
    return _pool.ask(request, descriptors, on_progress, accept)


def _end_workers() -> None:
    """At exit."""
    _pool.close()


def _forget_workers() -> None:
    """A forked child has no workers; that it holds their lines would keep them alive."""
    global _pool  # noqa: PLW0603 (one pool a process)
    _pool.forget()
    _pool = _Pool()


atexit.register(_end_workers)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)
