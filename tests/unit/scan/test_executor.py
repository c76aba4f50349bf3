"""scan with an executor: the same result, whatever happens to the workers."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    Err,
    OptionsError,
    ScanError,
    ScanResult,
    UnsupportedError,
    iter_batches,
    scan,
    series,
    unwrap,
)
from dcmtk_native.scan.ray_executor import RayExecutor

TAGS = ["PatientName", "InstanceNumber", "ImageType"]


@pytest.fixture
def source(archive: Path) -> list[Path]:
    return [archive] * 10  # 70 files, 20 of them broken


@pytest.fixture
def alone(source: list[Path]) -> ScanResult:
    return unwrap(scan(source, TAGS))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


def assert_same(one: ScanResult, other: ScanResult) -> None:
    assert one.to_dict() == other.to_dict()
    assert one.to_arrow().equals(other.to_arrow())
    shown = [[(each.path, each.column, str(each.error)) for each in r.errors] for r in (one, other)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("chunk_size", [1, 7, 1000])
def test_processes_give_the_same(
    chunk_size: int, source: list[Path], alone: ScanResult, processes: ProcessPoolExecutor
) -> None:
    result = unwrap(scan(source, TAGS, executor=processes, chunk_size=chunk_size))
    assert_same(result, alone)
    assert (result.retried, result.aborted) == (0, False)


def test_threads_give_the_same(source: list[Path], alone: ScanResult) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert_same(unwrap(scan(source, TAGS, executor=pool, chunk_size=4)), alone)


def test_series_and_batches_take_an_executor_too(
    source: list[Path], archive: Path, alone: ScanResult, processes: ProcessPoolExecutor
) -> None:
    assert unwrap(series(archive, executor=processes)) == unwrap(series(archive))
    batches = list(iter_batches(source, TAGS, executor=processes, chunk_size=5, batch_size=12))
    assert [len(batch) + len(batch.errors) for batch in batches] == [10] * 7
    assert [name for batch in batches for name in batch["PatientName"]] == alone["PatientName"]


def test_callbacks_are_told_in_this_process(
    source: list[Path], processes: ProcessPoolExecutor
) -> None:
    errors: list[ScanError] = []
    told: list[tuple[int, int | None, str]] = []
    result = unwrap(
        scan(
            source,
            TAGS,
            executor=processes,
            chunk_size=9,
            on_error=errors.append,
            on_progress=lambda *one: told.append(one),
        )
    )
    assert len(errors) == len(result.errors) == 20
    assert told[-1][0] == 70
    assert len(told) == 8


def test_what_a_callback_raises_ends_the_scan(
    source: list[Path], processes: ProcessPoolExecutor
) -> None:
    def stop(_: ScanError) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        scan(source, TAGS, executor=processes, chunk_size=3, on_error=stop)


def test_wrong_tags_are_refused_before_any_chunk(source: list[Path]) -> None:
    class Nobody(Executor):
        def submit(self, *_: object) -> Any:
            raise AssertionError("a chunk was handed out")

    result = scan(source, ["NoKeyword"], executor=Nobody())
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)


# ---- workers that die ----


class Killer(Executor):
    """Hands calls to a pool of processes, and kills a worker with the n-th of them."""

    def __init__(self, pool: Executor, number: int) -> None:
        self._pool = pool
        self._left = number

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._left -= 1
        if self._left == 0:
            return self._pool.submit(os._exit, 3)
        return self._pool.submit(fn, *args, **kwargs)


def test_a_worker_that_dies_loses_nothing(
    source: list[Path], alone: ScanResult, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool,
        caplog.at_level(logging.WARNING, "dcmtk_native.scan"),
    ):
        result = unwrap(scan(source, TAGS, executor=Killer(pool, 12), chunk_size=3))
    assert_same(result, alone)
    assert result.retried >= 1
    assert "a worker has lost chunk" in caplog.text
    assert "is read by this process" in caplog.text


class Lossy(Executor):
    """Loses every chunk a number of times; then it reads it in this thread."""

    def __init__(self, losses: int) -> None:
        self.losses = losses
        self.seen: dict[str, int] = {}
        self.keys: list[str] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        first_path = str(args[1][0]) + str(len(args[1])) + args[3].split("-")[1]
        self.keys.append(args[3])
        count = self.seen[first_path] = self.seen.get(first_path, 0) + 1
        if count <= self.losses:
            future.set_exception(ConnectionError("the worker is gone"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


@pytest.mark.parametrize("losses", [1, 2, 3, 9])
def test_a_lost_chunk_is_read_again(losses: int, source: list[Path], alone: ScanResult) -> None:
    executor = Lossy(losses)
    result = unwrap(scan(source, TAGS, executor=executor, chunk_size=10))
    assert_same(result, alone)
    assert result.retried == 7 * min(losses, 3)
    assert max(executor.seen.values()) == min(losses + 1, 3)
    assert len(set(executor.keys)) == len(executor.keys), "no call equals another one"


def test_a_chunk_that_somebody_cancels_is_read_again(source: list[Path], alone: ScanResult) -> None:
    class Cancelling(Lossy):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            if self.losses:
                self.losses -= 1
                future: Future[Any] = Future()
                future.cancel()
                return future
            return super().submit(fn, *args, **kwargs)

    result = unwrap(scan(source, TAGS, executor=Cancelling(2), chunk_size=10))
    assert_same(result, alone)
    assert result.retried == 2


def test_an_executor_that_takes_nothing(source: list[Path], alone: ScanResult) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    assert_same(unwrap(scan(source, TAGS, executor=pool, chunk_size=10)), alone)


def test_ray_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UnsupportedError, match=r"pip install dcmtk_native\[ray\]"):
        RayExecutor()


# ---- bounds and aborts ----


class Silent(Executor):
    """Takes every call and answers none."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []
        self.called = threading.Event()

    def submit(self, *_: object, **__: object) -> Future[Any]:
        future: Future[Any] = Future()
        self.futures.append(future)
        self.called.set()
        return future


def test_an_abort_does_not_wait_for_workers_and_calls_the_rest_off(archive: Path) -> None:
    def endless() -> Iterator[Path]:
        while True:
            yield archive / "1.dcm"

    executor = Silent()
    controller = AbortController()
    aborted: list[float] = []

    def abort() -> None:
        executor.called.wait(20)
        aborted.append(time.monotonic())
        controller.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    result = unwrap(
        scan(endless(), TAGS, executor=executor, chunk_size=2, signal=controller.signal)
    )
    late = time.monotonic() - aborted[0]
    thread.join()
    assert (len(result), result.aborted) == (0, True)
    assert late < 1
    assert len(executor.futures) <= 256, "a bounded number is under way"
    assert all(future.cancelled() for future in executor.futures)


def test_an_abort_keeps_what_has_come_back(archive: Path) -> None:
    controller = AbortController()

    class Aborting(Lossy):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future = super().submit(fn, *args, **kwargs)
            if len(self.keys) == 5:
                controller.abort()
            return future

    result = unwrap(
        scan(
            [archive / "1.dcm"] * 100,
            TAGS,
            executor=Aborting(0),
            chunk_size=10,
            signal=controller.signal,
            on_progress=lambda *_: None,
        )
    )
    assert result.aborted
    assert len(result) % 10 == 0
    assert len(result) < 100
