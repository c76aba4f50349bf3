"""The examples of the guide that talk to a peer, in its order, blocking and awaited."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dcmtk_native import (
    AbortController,
    OperationAbortedError,
    OperationTimeoutError,
    QueryModel,
    Result,
    aio,
    echoscu,
    findscu,
    storescu,
)
from support.archives import dcmqrscp, fill, instance
from support.peers import Program, free_port, running
from support.samples import CT_IMAGE
from support.scp import Scp, serving
from support.sendable import image_file

Printed = pytest.CaptureFixture[str]
Tool = Callable[..., Result[Any]]
HOST = "127.0.0.1"
VERIFICATION = "1.2.840.10008.1.1"


def awaited(tool: Tool) -> Tool:
    def call(**options: Any) -> Result[Any]:
        async def work() -> Result[Any]:
            result: Result[Any] = await getattr(aio, tool.__name__)(**options)
            return result

        return asyncio.run(work())

    return call


@pytest.fixture(params=["blocking", "awaited"])
def form(request: pytest.FixtureRequest) -> Callable[[Tool], Tool]:
    """The tool as one kind of user calls it."""
    return awaited if request.param == "awaited" else lambda tool: tool


@pytest.fixture
def scp() -> Iterator[Scp]:
    with serving([VERIFICATION, CT_IMAGE]) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Program]:
    """DCMTK's storescp, which takes every transfer syntax."""
    (tmp_path / "received").mkdir()
    with running(tmp_path, "storescp", "+xa", "-od", tmp_path / "received") as program:
        yield program


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are accepted, and nobody ever says a word."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


def received(folder: Path) -> set[str]:
    """The SOP instances that storescp has."""
    found = (pydicom.dcmread(path) for path in (folder / "received").iterdir())
    return {str(one.SOPInstanceUID) for one in found}


def test_e15_c_echo(form: Callable[[Tool], Tool], scp: Scp, capsys: Printed) -> None:
    def example(port: int) -> str:
        result = form(echoscu)(
            host=HOST, port=port, called_ae_title="PACS_SCP", calling_ae_title="MY_SCU"
        )
        if result.ok:
            print("PACS is reachable")
        else:
            print("Echo failed:", result.error.message)
        return capsys.readouterr().out

    assert example(scp.port) == "PACS is reachable\n"
    session = scp.only()
    assert (session.called, session.calling) == ("PACS_SCP", "MY_SCU")
    assert example(free_port()).startswith("Echo failed: echoscu failed: ")


def test_e16_c_store(
    form: Callable[[Tool], Tool],
    store: Program,
    tmp_path: Path,
    samples: Callable[[str], Path],
    capsys: Printed,
) -> None:
    files = [samples("CT_small.dcm"), samples("MR_small.dcm"), samples("JPEG-lossy.dcm")]
    result = form(storescu)(
        host=HOST, port=store.port, called_ae_title="PACS_SCP", files=[str(one) for one in files]
    )
    print("Files sent successfully" if result.ok else f"Send failed: {result.error.message}")

    assert capsys.readouterr().out == "Files sent successfully\n"
    assert received(tmp_path) == {str(pydicom.dcmread(one).SOPInstanceUID) for one in files}


def test_e17_c_find(form: Callable[[Tool], Tool], tmp_path: Path, capsys: Printed) -> None:
    contents = [
        instance("PATIENT-001", 1, 1, 1),
        instance("PATIENT-001", 1, 2, 1),
        instance("PATIENT-001", 2, 1, 1),
        instance("PATIENT-001", 3, 1, 1, (0x00080020, "DA", "20231231")),
        instance("PATIENT-002", 4, 1, 1),
    ]
    with dcmqrscp(tmp_path) as archive:
        fill(archive, tmp_path, contents)
        result = form(findscu)(
            host=HOST,
            port=archive.port,
            called_ae_title="ARCHIVE",
            query_model=QueryModel.STUDY,
            keys=["0010,0020=PATIENT-001", "0008,0050=", "0008,0020=20240101-"],
        )
        print("Query completed" if result.ok else f"Query failed: {result.error.message}")

    assert capsys.readouterr().out == "Query completed\n"
    found = sorted(one.get_string("00080050") for one in result.unwrap().responses)
    assert found == ["A-1", "A-2"]


def test_e20_cancellation_of_a_call_to_a_silent_peer(
    form: Callable[[Tool], Tool], silent: int, capsys: Printed
) -> None:
    controller = AbortController()
    timer = threading.Timer(0.2, controller.abort)
    start = time.monotonic()
    timer.start()
    result = form(echoscu)(
        host=HOST, port=silent, acse_timeout=0, signal=controller.signal, timeout_ms=60000
    )
    took = time.monotonic() - start
    timer.join()
    if not result.ok:
        print("Aborted or failed:", result.error.message)

    assert 0.2 <= took < 1
    assert isinstance(result.error, OperationAbortedError)
    assert capsys.readouterr().out == f"Aborted or failed: {result.error.message}\n"


def test_e20_cancellation_before_the_call(form: Callable[[Tool], Tool], silent: int) -> None:
    controller = AbortController()
    controller.abort()
    start = time.monotonic()
    result = form(storescu)(host=HOST, port=silent, files=["x"], signal=controller.signal)
    assert time.monotonic() - start < 0.5
    assert isinstance(result.error, OperationAbortedError)


def test_e21_timeout(
    form: Callable[[Tool], Tool], store: Program, silent: int, tmp_path: Path
) -> None:
    large = image_file(tmp_path / "large.dcm", rows=1000, columns=1000)
    result = form(storescu)(host=HOST, port=store.port, files=[large], timeout_ms=120000)
    assert result.ok
    assert received(tmp_path) == {str(pydicom.dcmread(large).SOPInstanceUID)}

    start = time.monotonic()
    result = form(storescu)(host=HOST, port=silent, files=[large], timeout_ms=500)
    assert time.monotonic() - start < 1
    assert isinstance(result.error, OperationTimeoutError)
