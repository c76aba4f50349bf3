"""From `create` to the last event: states, errors, threads, ends of every kind."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dcmtk_native import (
    AbortController,
    Association,
    AssociationError,
    CannotStartListenerData,
    Dcmrecv,
    DcmtkProcess,
    DicomFileError,
    OperationAbortedError,
    OperationTimeoutError,
    ProcessState,
    ServerErrorData,
    StoreSCP,
    ToolError,
)
from support.peers import free_port
from support.serving import Log

HOST = "127.0.0.1"
SOON = 10.0
"""Seconds for what takes none, on a machine that has much to do."""


def peer_of(server: DcmtkProcess) -> Association:
    return Association.open(HOST, server.port).unwrap()


def test_a_server_is_idle_until_it_is_started(make: Callable[..., Dcmrecv], tmp_path: Path) -> None:
    port = free_port()
    server = make(port=port)
    assert (server.current_state, server.is_running, server.port) == ("IDLE", False, port)
    assert not (tmp_path / "in").exists()
    with socket.create_server((HOST, port)):
        pass
    server.stop()
    assert server.current_state is ProcessState.IDLE
    assert server.metrics() == {}


def test_it_listens_when_start_has_returned(make: Callable[..., Dcmrecv], tmp_path: Path) -> None:
    server = make()
    assert server.start().ok
    assert server.is_running
    assert server.port > 0
    assert server.ae_title == "DCMRECV"
    assert (tmp_path / "in").is_dir()
    with peer_of(server) as peer:
        assert peer.echo().ok
    assert server.metrics()["echoes"] == 1


def test_it_can_be_started_once(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    server.start()
    again = server.start().error
    assert isinstance(again, ToolError)
    assert again.message == "Dcmrecv: Cannot start: it is RUNNING"
    server.stop()
    assert "Cannot start: it is STOPPED" in server.start().error.message


def test_one_of_many_threads_starts_it(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    outcomes: list[bool] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(server.start().ok)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(True) == 1


def test_the_port_is_free_when_stop_has_returned(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    server.start()
    server.stop()
    assert server.current_state is ProcessState.STOPPED
    with socket.create_server((HOST, server.port)):
        pass


def test_a_block_ends_with_its_server(make: Callable[..., Dcmrecv]) -> None:
    with make() as server:
        assert server.current_state is ProcessState.IDLE
        assert server.start().ok
    assert server.current_state is ProcessState.STOPPED


def test_wait_tells_whether_it_has_stopped(make: Callable[..., Dcmrecv]) -> None:
    server = make()
    server.start()
    assert not server.wait(0)
    assert not server.wait(0.05)
    threading.Timer(0.1, server.stop).start()
    assert server.wait(SOON)
    assert server.wait()


# ---- what can go wrong at the start ----


def never_ending_file(folder: Path) -> Path:
    """A file that can be opened when somebody writes to it, and nobody does."""
    path = folder / "config"
    os.mkfifo(path)
    return path


def test_a_start_that_takes_too_long_is_an_error(
    make: Callable[..., Dcmrecv], tmp_path: Path
) -> None:
    path = never_ending_file(tmp_path)
    server = make(config_file=path, config_profile="Default", start_timeout_ms=100)
    error = server.start().error
    assert isinstance(error, OperationTimeoutError)
    assert "failed to start within 100ms" in error.message
    assert error.timeout_ms == 100
    assert server.current_state is ProcessState.STOPPED
    path.write_text("")  # what still waits for it ends


@pytest.mark.parametrize("how", ["stop", "dispose", "signal"])
def test_a_start_can_be_called_off(how: str, make: Callable[..., Dcmrecv], tmp_path: Path) -> None:
    path = never_ending_file(tmp_path)
    controller = AbortController()
    server = make(config_file=path, config_profile="Default", signal=controller.signal)
    ways = {"stop": server.stop, "dispose": server.dispose, "signal": controller.abort}
    threading.Timer(0.1, ways[how]).start()
    begin = time.monotonic()
    error = server.start().error
    assert time.monotonic() - begin < 5
    assert isinstance(error, OperationAbortedError)
    assert server.current_state is ProcessState.STOPPED
    path.write_text("")


def test_a_port_that_is_taken_is_told_of_in_every_way(make: Callable[..., Dcmrecv]) -> None:
    other = make()
    other.start()
    server = make(port=other.port)
    log = Log(server)
    error = server.start().error
    assert isinstance(error, AssociationError)
    assert f"Cannot listen on port {other.port}" in error.message
    assert server.current_state is ProcessState.STOPPED
    assert log.names == ["error", "CANNOT_START_LISTENER", "stopped"]
    (told, listener, _) = [payload for _, payload in log.told]
    assert isinstance(told, ServerErrorData)
    assert told.fatal
    assert told.error.message == f"Fatal: CANNOT_START_LISTENER: {error.message}"
    assert listener == CannotStartListenerData(error.message, other.port)
    assert other.is_running


def test_a_folder_that_cannot_be_made_is_an_error(
    make: Callable[..., Dcmrecv], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    server = make(output_directory=tmp_path / "file" / "in")
    log = Log(server)
    error = server.start().error
    assert isinstance(error, DicomFileError)
    assert log.names == ["error", "stopped"]
    assert log.payloads("error") == [ServerErrorData(error, fatal=True)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        ("", r"no section \[Default\]"),
        ("[[Profiles]]\n[Default]\nPresentationContexts = Nothing\n", "no section"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_an_error(
    content: str | None, reason: str, make: Callable[..., Dcmrecv], tmp_path: Path
) -> None:
    path = tmp_path / "config"
    if content is not None:
        path.write_text(content)
    server = make(config_file=path, config_profile="Default")
    error = server.start().error
    assert isinstance(error, ToolError)
    assert error.message.count(str(path)) >= 1
    with pytest.raises(ToolError, match=reason):
        raise error


def test_every_server_class_is_a_dcmtk_process() -> None:
    assert issubclass(Dcmrecv, DcmtkProcess)
    assert issubclass(StoreSCP, DcmtkProcess)
    with pytest.raises(TypeError, match="abstract"):
        DcmtkProcess(None)  # type: ignore[abstract, arg-type]
