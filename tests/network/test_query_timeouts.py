"""Peers that say nothing: every client that queries ends by the time of the stage it is in."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    AssociationError,
    OperationAbortedError,
    OperationTimeoutError,
    findscu,
    getscu,
    movescu,
)
from support.raw_scp import scripted

HOST = "127.0.0.1"
TOOLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "findscu": (findscu, {"query_model": "patient"}),
    "getscu": (getscu, {"ignore_store": True}),
    "movescu": (movescu, {}),
}
STAGE = 0.2
ROOM = 5.0
"""A loaded machine may be late, but none of these waits for the 30 s of the call."""


@pytest.fixture(params=sorted(TOOLS))
def tool(request: pytest.FixtureRequest) -> Callable[..., Any]:
    function, options = TOOLS[request.param]

    def call(**more: Any) -> Any:
        return function(host=HOST, keys=["PatientID"], **options, **more)

    return call


@pytest.fixture
def silent() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes a request, and does not answer."""
    with scripted() as scp:
        yield scp.port


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.monotonic()
    error = call().error
    return error, time.monotonic() - begin


def test_acse_timeout(tool: Callable[..., Any], silent: int) -> None:
    error, seconds = timed(lambda: tool(port=silent, acse_timeout=STAGE))
    assert isinstance(error, AssociationError)
    assert STAGE <= seconds < ROOM


def test_dimse_timeout(tool: Callable[..., Any], mute: int) -> None:
    error, seconds = timed(lambda: tool(port=mute, dimse_timeout=STAGE))
    assert isinstance(error, AssociationError)
    assert STAGE <= seconds < ROOM


def test_socket_timeout(mute: int) -> None:
    error, seconds = timed(
        lambda: findscu(
            host=HOST, port=mute, query_model="patient", keys=["PatientID"], socket_timeout=STAGE
        )
    )
    assert isinstance(error, AssociationError)
    assert STAGE <= seconds < ROOM


def test_connection_timeout(tool: Callable[..., Any]) -> None:
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:  # more than the system keeps: the next one is not answered
                one.setblocking(False)
                one.connect_ex((HOST, port))
            error, seconds = timed(lambda: tool(port=port, connection_timeout=STAGE))
        finally:
            for one in waiting:
                one.close()
    assert isinstance(error, AssociationError)
    assert STAGE <= seconds < ROOM


def test_the_time_of_the_call(tool: Callable[..., Any], mute: int) -> None:
    error, seconds = timed(lambda: tool(port=mute, timeout_ms=200))
    assert isinstance(error, OperationTimeoutError)
    assert "timed out after 200ms" in error.message
    assert 0.2 <= seconds < 1.0


def test_a_signal(tool: Callable[..., Any], mute: int) -> None:
    controller = AbortController()
    timer = threading.Timer(0.1, controller.abort)
    timer.start()
    error, seconds = timed(lambda: tool(port=mute, signal=controller.signal))
    timer.join()
    assert isinstance(error, OperationAbortedError)
    assert seconds < ROOM


def test_a_signal_that_was_given_before(tool: Callable[..., Any], tmp_path: Path) -> None:
    controller = AbortController()
    controller.abort()
    error, seconds = timed(lambda: tool(port=1, signal=controller.signal))
    assert isinstance(error, OperationAbortedError)
    assert seconds < 0.1
