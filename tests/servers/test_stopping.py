"""Stopping a server: from anywhere, at any time, and what is left of it."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from dcmtk_native import (
    AbortController,
    AbortSignal,
    Association,
    AssociationError,
    Dcmrecv,
    DcmtkProcess,
    OperationAbortedError,
    ProcessState,
    StoppedData,
)
from support.serving import Log

HOST = "127.0.0.1"
SOON = 10.0
"""Seconds for what takes none, on a machine that has much to do."""


def peer_of(server: DcmtkProcess) -> Association:
    return Association.open(HOST, server.port).unwrap()


def test_stop_may_be_called_twice_and_by_many_at_a_time(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    log = Log(server)
    server.start()
    threads = [threading.Thread(target=server.stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
        assert not thread.is_alive()
    server.stop()
    assert log.names == ["LISTENING", "started", "stopped"]
    assert log.payloads("stopped") == [StoppedData("stop() was called")]


def test_stop_lets_associations_end_for_a_while(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=20_000)
    log = Log(server)
    server.start()
    peer = peer_of(server)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    while server.is_running:
        time.sleep(0.001)
    assert server.current_state is ProcessState.STOPPING
    assert peer.echo().ok
    peer.release()
    stopping.join(SOON)
    assert not stopping.is_alive()
    assert log.names[-2:] == ["ASSOCIATION_RELEASE", "stopped"]


def test_then_it_aborts_them(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=200)
    log = Log(server)
    server.start()
    peers = [peer_of(server) for _ in range(5)]
    begin = time.monotonic()
    server.stop()
    assert 0.15 < time.monotonic() - begin < SOON
    assert log.names.count("ASSOCIATION_ABORTED") == 5
    assert log.names[-1] == "stopped"
    assert all(isinstance(peer.echo().error, AssociationError) for peer in peers)


def test_dispose_waits_for_nobody_and_tells_nobody(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=60_000)
    log = Log(server)
    server.start()
    peer = peer_of(server)
    log.wait_for("ASSOCIATION_ACKNOWLEDGED")
    begin = time.monotonic()
    server.dispose()
    assert time.monotonic() - begin < SOON
    assert server.current_state is ProcessState.STOPPED
    assert "stopped" not in log.names
    assert not peer.echo().ok


def test_dispose_ends_a_stop_that_waits(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=60_000)
    server.start()
    peer = peer_of(server)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    while server.is_running:
        time.sleep(0.001)
    server.dispose()
    stopping.join(SOON)
    assert not stopping.is_alive()
    assert not peer.echo().ok


def test_what_was_disposed_does_not_start(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    server.dispose()
    assert server.current_state is ProcessState.STOPPED
    assert server.wait(0)
    assert "Cannot start: it is STOPPED" in server.start().error.message
    server.dispose()


# ---- stopping from odd places ----


def test_stop_from_a_listener(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=300)
    log = Log(server)
    states: list[ProcessState] = []

    @server.on_event("ECHO_REQUEST")
    def stop() -> None:
        server.stop()
        states.append(server.current_state)
        with socket.create_server((HOST, server.port)):
            pass

    server.start()
    peer = peer_of(server)
    peer.echo()
    assert server.wait(SOON)
    log.wait_for("stopped")
    assert states == [ProcessState.STOPPED]
    assert log.payloads("error") == []
    assert log.names[-2:] == ["ASSOCIATION_ABORTED", "stopped"]


def test_a_listener_that_stops_it_holds_up_nobody_who_has_more_to_tell_than_there_is_room_for(
    make: Callable[..., Dcmrecv],
) -> None:
    server = make(drain_timeout_ms=30_000)
    log = Log(server)
    release = threading.Event()

    @server.once("ECHO_REQUEST")
    def stop() -> None:
        release.wait(SOON)
        server.stop()

    server.start()
    count = 5000

    def talk() -> None:
        with peer_of(server) as peer:
            for number in range(count):
                if number == 4200:  # the queue is full soon, and this peer waits
                    release.set()
                peer.echo().unwrap()

    talk()
    assert server.wait(SOON)
    assert len(log.wait_for("ECHO_REQUEST", count)) == count
    log.wait_for("stopped")


def test_dispose_from_a_listener(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=60_000)
    server.on_event("ECHO_REQUEST", server.dispose)
    server.start()
    peer_of(server).echo()
    assert server.wait(SOON)


def test_stop_from_a_signal_handler(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    server.start()
    before = signal.signal(signal.SIGUSR1, lambda *_: server.stop())
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert server.wait(SOON)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_stop_from_a_signal_handler_while_stop_is_at_work(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=500)
    server.start()
    peer = peer_of(server)
    called: list[bool] = []

    def handler(*_: object) -> None:
        server.stop()
        called.append(True)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        server.stop()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert called == [True]
    assert server.current_state is ProcessState.STOPPED
    peer.abort()


def test_a_listener_that_never_returns_does_not_keep_stop(make: Callable[..., Dcmrecv]) -> None:
    server = make(drain_timeout_ms=200)
    forever = threading.Event()
    entered = threading.Event()

    @server.on_event("started")
    def hang() -> None:
        entered.set()
        forever.wait(60)

    server.start()
    assert entered.wait(SOON)
    begin = time.monotonic()
    server.stop()
    assert time.monotonic() - begin < SOON
    assert server.current_state is ProcessState.STOPPED
    forever.set()


# ---- signals ----


def test_a_signal_stops_it(make: Callable[..., Dcmrecv]) -> None:
    controller = AbortController()
    server = make(signal=controller.signal)
    log = Log(server)
    server.start()
    controller.abort("enough")
    assert server.wait(SOON)
    assert log.payloads("stopped") == [StoppedData("Dcmrecv aborted: enough")]


def test_an_event_of_threading_stops_it_too(make: Callable[..., Dcmrecv]) -> None:
    flag = threading.Event()
    server = make(signal=flag)
    server.start()
    flag.set()
    assert server.wait(SOON)


def test_with_a_signal_that_is_aborted_it_does_not_start(make: Callable[..., Dcmrecv]) -> None:
    server = make(signal=AbortSignal.abort("no"))
    error = server.start().error
    assert isinstance(error, OperationAbortedError)
    assert error.reason == "no"
    assert server.current_state is ProcessState.STOPPED


# ---- nothing is left ----


def test_a_hundred_starts_and_stops_leave_nothing(make: Callable[..., Dcmrecv]) -> None:
    process = psutil.Process()

    def once() -> None:
        server = make()
        server.start()
        server.stop()

    once()
    gc.collect()  # what other tests have left open until then would be missed behind
    descriptors, threads = process.num_fds(), process.num_threads()
    for _ in range(100):
        once()
    assert process.num_fds() == descriptors
    assert process.num_threads() <= threads + 1  # the last may be on its way out


PROGRAM = """
import sys
from dcmtk_native import Association, Dcmrecv
server = Dcmrecv.create(port=0, bind_address="127.0.0.1", drain_timeout_ms=200).unwrap()
server.on_event("stopped", lambda data: print(data.reason))
server.start().unwrap()
{more}
print("end", flush=True)
"""


@pytest.mark.parametrize(
    "more",
    [
        "",
        "peer = Association.open('127.0.0.1', server.port).unwrap()",
        "del server",
        "server.on('ECHO_REQUEST', lambda: sys.exit(3))\n"
        "peer = Association.open('127.0.0.1', server.port).unwrap(); peer.echo().unwrap()",
    ],
    ids=["idle", "associated", "forgotten", "exit in a listener"],
)
def test_the_interpreter_exits_with_a_running_server(more: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", PROGRAM.format(more=more)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "end\nthe interpreter exits\n"
    assert "Traceback" not in done.stderr


FORKING = """
import os
from dcmtk_native import Association, Dcmrecv
server = Dcmrecv.create(port=0, bind_address="127.0.0.1").unwrap()
server.start().unwrap()
child = os.fork()
if child == 0:
    server.stop()
    os._exit(0 if server.wait(0) and server.current_state == "STOPPED" else 1)
assert os.waitpid(child, 0)[1] == 0
assert Association.open("127.0.0.1", server.port).unwrap().echo().ok
server.stop()
"""


def test_a_forked_child_has_no_server_to_stop_and_stops_none(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
