"""C-ECHO of one good peer while others are silent, slow or too many: p50 and p99."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from dcmtk_native import Association, echoscu
from servers import DCMRECV, serving

ECHOES = 1000
FLOOD = 2000
HOST = "127.0.0.1"
REQUEST = bytes.fromhex("0100000000c8") + bytes(200)
"""The beginning of an A-ASSOCIATE-RQ."""

FLOODING = """
import socket, sys
port, count = map(int, sys.argv[1:])
held = []
print(flush=True)
while True:
    held.append(socket.create_connection(("127.0.0.1", port)))
    if len(held) == count:
        for one in held:
            one.close()
        held = []
"""
"""Connects without a word, so many at once, over and over."""


@contextmanager
def nobody(port: int) -> Iterator[None]:
    yield


def silent(count: int) -> Callable[[int], object]:
    @contextmanager
    def crowd(port: int) -> Iterator[None]:
        with ExitStack() as stack:
            for _ in range(count):
                stack.enter_context(socket.create_connection((HOST, port)))
            yield

    return crowd


@contextmanager
def working(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """In the background, until it is told that it is over."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=[over])
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def dripping(port: int) -> object:
    def drip(over: threading.Event) -> None:
        with socket.create_connection((HOST, port)) as connection:
            for byte in REQUEST:
                connection.sendall(bytes([byte]))
                if over.wait(1):
                    return

    return working(drip)


@contextmanager
def flooding(port: int) -> Iterator[None]:
    """From a process of its own: threads of this one would be in the way of what is timed."""
    command = [sys.executable, "-c", FLOODING, str(port), str(FLOOD)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
            assert process.poll() is None
        finally:
            process.kill()


CROWDS: dict[str, Callable[[int], object]] = {
    "nobody else": nobody,
    "1 silent peer": silent(1),
    "100 silent peers": silent(100),
    "a peer that drips a byte a second": dripping,
    f"a flood of {FLOOD} connects": flooding,
}


def percentiles(work: Callable[[], object]) -> str:
    """Of the times of many calls."""
    times = []
    for _ in range(ECHOES):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    times.sort()
    half, most, last = (times[int(ECHOES * part)] for part in (0.5, 0.99, 0.999))
    return f"p50 {half * 1e3:.2f} ms, p99 {most * 1e3:.2f} ms, slowest {last * 1e3:.1f} ms"


@pytest.mark.parametrize("who", CROWDS)
def bench_echoes(who: str, tmp_path: Path, findings: list[str]) -> None:
    with (
        serving(DCMRECV, tmp_path) as server,
        Association.open(HOST, server.port).unwrap() as peer,
        CROWDS[who](server.port),  # type: ignore[attr-defined]
    ):
        new = percentiles(lambda: echoscu(host=HOST, port=server.port).unwrap())
        held = percentiles(lambda: peer.echo().unwrap())
    findings.append(f"{who}, {ECHOES} associations with an echo each: {new}")
    findings.append(f"{who}, {ECHOES} echoes on an open association: {held}")
