"""One association with a real peer: what it does, and what is left of it after its end."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcmtk_native import (
    AbortController,
    Association,
    AssociationError,
    OperationAbortedError,
    OperationTimeoutError,
    PresentationContext,
    aio,
)
from support.peers import Program, running
from support.samples import ct_image, dicom_file

CT = "1.2.840.10008.5.1.4.1.1.2"
VERIFICATION = "1.2.840.10008.1.1"
EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Path]]:
    folder = tmp_path_factory.mktemp("storescp")
    received = folder / "received"
    received.mkdir()
    with running(folder, "storescp", "-od", received, "+B", "+xa") as program:
        yield program, received


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are accepted by the system, and nobody ever says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_echo(storage: tuple[Program, Path]) -> None:
    with Association.open("127.0.0.1", storage[0].port).unwrap() as peer:
        first, second = peer.echo().unwrap(), peer.echo().unwrap()
        assert (first.status, second.status) == (0, 0)
        assert 0 < second.rtt_ms < 10_000
    assert not peer.is_open


def test_a_name_is_resolved(storage: tuple[Program, Path]) -> None:
    with Association.open("localhost", storage[0].port).unwrap() as peer:
        assert peer.echo().ok


def test_what_is_stored_is_there_byte_for_byte(
    storage: tuple[Program, Path], tmp_path: Path
) -> None:
    program, received = storage
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))
    contexts = [PresentationContext(CT, (EXPLICIT,))]
    with Association.open("127.0.0.1", program.port, contexts=contexts).unwrap() as peer:
        outcome = peer.store(path).unwrap()
    assert (outcome.status, outcome.ok, outcome.file) == (0, True, str(path))
    (stored,) = received.glob(f"*{outcome.sop_instance_uid}")
    assert data_set_of(stored) == data_set_of(path)


def data_set_of(path: Path) -> str:
    content = path.read_bytes()
    length = int.from_bytes(content[140:144], "little")
    return hashlib.sha256(content[144 + length :]).hexdigest()


def test_a_rejection_tells_its_reason(tmp_path: Path) -> None:
    with running(tmp_path, "storescp", "--refuse") as program:
        error = Association.open("127.0.0.1", program.port).error
    assert isinstance(error, AssociationError)
    assert "Association rejected" in error.message
    assert (error.result, error.source, error.reason) == (1, 1, 1)


def test_what_the_peer_does_not_accept_is_an_error(storage: tuple[Program, Path]) -> None:
    contexts = [VERIFICATION, "1.2.3.4"]
    with Association.open("127.0.0.1", storage[0].port, contexts=contexts).unwrap() as peer:
        assert [one.abstract_syntax for one in peer.contexts] == [VERIFICATION]
        error = peer.n_delete("1.2.3.4", "1.2.3").error
        assert isinstance(error, AssociationError)
        assert "abstract syntax not supported" in error.message


def test_nobody_listens() -> None:
    error = Association.open("127.0.0.1", 1).error
    assert isinstance(error, AssociationError)
    assert "127.0.0.1:1" in error.message


def test_a_silent_peer_costs_its_timeout_and_no_more(silent: int) -> None:
    begin = time.monotonic()
    error = Association.open("127.0.0.1", silent, timeout_ms=200).error
    assert isinstance(error, OperationTimeoutError)
    assert 0.2 <= time.monotonic() - begin < 0.25


def test_a_silent_peer_ends_by_the_timeout_of_its_stage(silent: int) -> None:
    begin = time.monotonic()
    error = Association.open("127.0.0.1", silent, acse_timeout=0.2).error
    assert isinstance(error, AssociationError)
    assert 0.2 <= time.monotonic() - begin < 0.25


def test_an_abort_from_another_thread_ends_the_call(silent: int) -> None:
    controller = AbortController()
    aborted: list[float] = []

    def abort() -> None:
        aborted.append(time.monotonic())
        controller.abort()

    timer = threading.Timer(0.1, abort)
    timer.start()
    error = Association.open("127.0.0.1", silent, signal=controller.signal).error
    late = time.monotonic() - aborted[0]
    assert isinstance(error, OperationAbortedError)
    assert late < 0.02


def test_after_its_end_every_call_says_why(storage: tuple[Program, Path]) -> None:
    peer = Association.open("127.0.0.1", storage[0].port).unwrap()
    peer.abort()
    assert not peer.is_open
    assert "aborted on this side" in peer.echo().error.message
    assert peer.release().ok


def test_it_is_awaited_too(storage: tuple[Program, Path]) -> None:
    async def work() -> tuple[int, bool]:
        opened = await aio.Association.open("127.0.0.1", storage[0].port)
        async with opened.unwrap() as peer:
            status = (await peer.echo()).unwrap().status
        return status, peer.is_open

    assert asyncio.run(work()) == (0, False)


def test_a_cancelled_task_aborts_its_call(silent: int) -> None:
    async def work() -> float:
        opening = asyncio.create_task(aio.Association.open("127.0.0.1", silent))
        await asyncio.sleep(0.05)
        begin = time.monotonic()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        return time.monotonic() - begin

    assert asyncio.run(work()) < 0.02
