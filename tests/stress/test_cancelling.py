"""How fast a call ends that was aborted, timed out or interrupted, on a gigabyte of sequences."""

from __future__ import annotations

import os
import signal
import statistics
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dcmtk_native import (
    AbortController,
    AbortSignal,
    DicomFile,
    OperationAbortedError,
    OperationTimeoutError,
    Result,
    TransferSyntax,
    dcm2json,
    dcm2xml,
    dcmconv,
    dcmdump,
    dcmodify,
)
from support.hostile_files import ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, element, part10

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SIZE = 1 << 30
ROUNDS = 3

Tool = Callable[..., Result[object]]
TOOLS: dict[str, Tool] = {
    "dcm2json": dcm2json,
    "dcmdump": dcmdump,
    "dcm2xml": dcm2xml,
    "dcmconv": lambda path, **call: dcmconv(
        path, None, transfer_syntax=TransferSyntax.EXPLICIT_BIG, **call
    ),
    "dcmodify": lambda path, **call: dcmodify(path, modifications=[("PatientName", "A")], **call),
    "DicomFile.open": DicomFile.open,
}


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gigabyte of items with a few short elements and a nested sequence each."""
    path = tmp_path_factory.mktemp("heavy") / "heavy.dcm"
    code = element(0x00080100, "SH", b"CODE") + element(0x00080104, "LO", b"Meaning ")
    nested = element(0x0040A043, "SQ", ITEM + struct.pack("<I", len(code)) + code)
    item = (
        ITEM + struct.pack("<I", UNDEFINED) + nested + element(0x0040A040, "CS", b"TEXT") + ITEM_END
    )
    block = item * (1 << 14)
    with path.open("wb") as file:
        file.write(part10(element(0x00080060, "CS", b"SR")))
        file.write(element(0x0040A730, "SQ", b"", UNDEFINED))
        for _ in range(SIZE // len(block)):
            file.write(block)
        file.write(SEQUENCE_END)
    return path


def after(seconds: float, act: Callable[[], object]) -> list[float]:
    """Acts in a while, in another thread; the list gets the moment."""
    moments: list[float] = []

    def run() -> None:
        time.sleep(seconds)
        moments.append(time.perf_counter())
        act()

    threading.Thread(target=run, daemon=True).start()
    return moments


@pytest.mark.parametrize("name", TOOLS)
def test_an_aborted_signal_returns_at_once(heavy: Path, name: str) -> None:
    durations = []
    for _ in range(1 + ROUNDS):  # the first one may also load the tool's module
        start = time.perf_counter()
        result = TOOLS[name](heavy, signal=AbortSignal.abort("enough"))
        durations.append(time.perf_counter() - start)
        assert not result.ok
        assert isinstance(result.error, OperationAbortedError)
        assert result.error.reason == "enough"
    assert statistics.median(durations[1:]) < 0.01, durations


@pytest.mark.parametrize("name", TOOLS)
def test_an_abort_ends_the_call_within_100_ms(heavy: Path, name: str) -> None:
    latencies = []
    for _ in range(ROUNDS):
        controller = AbortController()
        moments = after(0.3, controller.abort)
        result = TOOLS[name](heavy, signal=controller.signal)
        latencies.append(time.perf_counter() - moments[0])
        assert not result.ok
        assert isinstance(result.error, OperationAbortedError)
    assert statistics.median(latencies) < 0.1, latencies


@pytest.mark.parametrize("name", TOOLS)
def test_a_deadline_of_50_ms_ends_the_call_within_150(heavy: Path, name: str) -> None:
    durations = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = TOOLS[name](heavy, timeout_ms=50)
        durations.append(time.perf_counter() - start)
        assert not result.ok
        assert isinstance(result.error, OperationTimeoutError)
        assert "timed out after 50ms" in result.error.message
    assert statistics.median(durations) < 0.15, durations


@pytest.mark.parametrize("name", TOOLS)
def test_ctrl_c_ends_the_call(heavy: Path, name: str) -> None:
    latencies = []
    for _ in range(ROUNDS):
        moments = after(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            TOOLS[name](heavy)
        latencies.append(time.perf_counter() - moments[0])
    assert statistics.median(latencies) < 0.15, latencies


def test_the_next_call_is_not_disturbed_by_an_abort(heavy: Path, ct_small: Path) -> None:
    assert not dcmdump(heavy, timeout_ms=50).ok
    assert dcmdump(ct_small).ok
