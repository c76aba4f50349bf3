"""isolate=True: what a worker process does, and that a call with one is a call like any other."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dcmtk_native import (
    AbortController,
    CodecError,
    DcmtkError,
    DicomFile,
    DicomFileError,
    Err,
    LimitExceededError,
    Limits,
    Ok,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    Result,
    Window,
    aio,
    dcmcjpeg,
    dcmcjpls,
    dcmconv,
    dcmcrle,
    dcmdjpeg,
    dcmdjpls,
    dcmdrle,
    from_array,
    read_pixels,
)
from dcmtk_native._core.runtime import usable_processors
from support.workers import CRASH, end_workers, kill_on_progress, pids_of_workers

LITTLE = "1.2.840.10008.1.2.1"
JPEG2000 = "1.2.840.10008.1.2.4.90"
FRAMES = 60


@pytest.fixture(scope="module")
def array() -> NDArray[Any]:
    return np.random.default_rng(3).integers(0, 4096, (FRAMES, 128, 128), np.uint16)


@pytest.fixture(scope="module")
def content(array: NDArray[Any]) -> bytes:
    """Frames enough that something can happen while they are decoded."""
    data = from_array(array, transfer_syntax=JPEG2000).unwrap().data
    assert data is not None
    return data


@pytest.fixture(scope="module")
def long() -> bytes:
    """What takes much longer to decode than it takes to hear of the first frame."""
    frames = np.random.default_rng(4).integers(0, 4096, (400, 128, 128), np.uint16)
    data = from_array(frames, transfer_syntax=JPEG2000).unwrap().data
    assert data is not None
    return data


@pytest.fixture
def long_path(long: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "long.dcm"
    file.write_bytes(long)
    return file


@pytest.fixture
def path(content: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "coded.dcm"
    file.write_bytes(content)
    return file


TOOLS: dict[str, Callable[..., Result[Any]]] = {
    "dcmcjpeg": partial(dcmcjpeg, uid="never"),
    "dcmcjpls": dcmcjpls,
    "dcmcrle": dcmcrle,
    "dcmdjpeg": dcmdjpeg,
    "dcmdjpls": dcmdjpls,
    "dcmdrle": dcmdrle,
    "dcmconv": partial(dcmconv, transfer_syntax=LITTLE),
}


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> Callable[..., Result[Any]]:
    return TOOLS[request.param]


def failure(result: Result[Any]) -> DcmtkError:
    match result:
        case Err(error):
            return error
    raise AssertionError("it succeeded")


def test_a_worker_decodes_the_same_pixels(content: bytes, path: Path, array: Any) -> None:
    for source in (content, bytearray(content), memoryview(content), path, str(path)):
        pixels = read_pixels(source, isolate=True, threads=2).unwrap()
        assert np.array_equal(pixels.array(), array)
        assert np.array_equal(pixels.frame(7), array[7])
        assert np.array_equal(pixels[5:9], array[5:9])
        assert pixels[3:3].shape == (0, 128, 128)
    assert pids_of_workers()


def test_arrays_are_the_callers_own(content: bytes, array: Any) -> None:
    pixels = read_pixels(content, isolate=True).unwrap()
    out = np.zeros((128, 128), np.uint16)
    assert pixels.frame(1, out=out) is out
    assert np.array_equal(out, array[1])
    made = pixels.frame(2)
    made[:] = 0
    assert np.array_equal(pixels.frame(2), array[2])


def test_native_pixels_need_no_worker(array: Any) -> None:
    native = from_array(array).unwrap().data
    before = pids_of_workers()
    view = read_pixels(native, isolate=True).unwrap().array()
    assert not view.flags.writeable
    assert pids_of_workers() == before


def test_a_tool_gives_the_same(
    tool: Callable[..., Result[Any]], content: bytes, path: Path, tmp_path: Path
) -> None:
    plain = tool(content, None).unwrap()
    assert tool(content, None, isolate=True).unwrap() == plain
    assert tool(path, None, isolate=True).unwrap() == plain
    target = tmp_path / "native.dcm"
    result = tool(path, target, isolate=True).unwrap()
    assert (result.output_path, result.data) == (str(target), None)
    assert target.read_bytes() == plain.data
    tool(path, path, isolate=True).unwrap()
    assert path.read_bytes() == plain.data
    assert sorted(one.name for one in tmp_path.iterdir()) == ["coded.dcm", "native.dcm"]


def test_paths_are_relative_to_the_callers_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "json.py").write_text("raise SystemExit('not this one')")
    assert dcmdjpeg("coded.dcm", "native.dcm", isolate=True).unwrap().output_path == "native.dcm"
    assert read_pixels("coded.dcm", isolate=True).unwrap().frame(0).any()
    assert (tmp_path / "native.dcm").stat().st_size > 1000


@pytest.mark.parametrize(
    ("source", "target", "kind"),
    [("missing.dcm", None, DicomFileError), ("coded.dcm", "missing/x.dcm", DicomFileError)],
)
def test_a_file_that_is_not_there_is_the_same_error(
    tool: Callable[..., Result[Any]],
    source: str,
    target: str | None,
    kind: type[DcmtkError],
    path: Path,
) -> None:
    at = None if target is None else path.parent / target
    plain = failure(tool(path.parent / source, at))
    isolated = failure(tool(path.parent / source, at, isolate=True))
    assert isinstance(plain, kind)
    assert (type(isolated), vars(isolated)) == (type(plain), vars(plain))
    assert isolated.errno == plain.errno  # type: ignore[attr-defined]


def test_limits_and_options_reach_the_worker(content: bytes) -> None:
    few = Limits(max_elements=3)
    plain = failure(dcmdjpeg(content, None, limits=few))
    isolated = failure(dcmdjpeg(content, None, limits=few, isolate=True))
    assert isinstance(isolated, LimitExceededError)
    assert vars(isolated) == vars(plain)
    options: dict[str, Any] = {"padding": (512, 64), "write_xfer": "implicit", "threads": 1}
    plain_data = dcmdjpeg(content, None, **options).unwrap().data
    assert dcmdjpeg(content, None, isolate=True, **options).unwrap().data == plain_data


def test_a_window_reaches_the_worker(content: bytes) -> None:
    options: dict[str, Any] = {"quality": 90, "uid": "never", "window": Window.set(500, 300)}
    plain = dcmcjpeg(content, None, **options).unwrap().data
    assert dcmcjpeg(content, None, isolate=True, **options).unwrap().data == plain
    assert dcmcjpeg(content, None, **options | {"window": None}).unwrap().data != plain


def test_what_is_wrong_with_the_call_is_said_at_once(content: bytes, path: Path) -> None:
    assert "isolate=1" in failure(dcmdjpeg(content, None, isolate=1)).message  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="output_path"):
        dcmdjpeg(path, isolate=True)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="nothing"):
        dcmdjpeg(path, None, isolate=True, nothing=1)  # type: ignore[call-arg]
    odd = failure(dcmconv(content, None, transfer_syntax=LITTLE, padding=(3, 1), isolate=True))
    assert isinstance(odd, OptionsError)


def test_log_records_come_along(caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    odd = content.replace(b"\x28\x00\x08\x00IS\x02\x0060", b"\x28\x00\x08\x00IS\x02\x006x")
    assert odd != content
    plain = failure(dcmdjpeg(odd, None, log_level="debug"))
    plain_records = [(one.name, one.levelno, one.message) for one in caplog.records]
    caplog.clear()
    isolated = failure(dcmdjpeg(odd, None, log_level="debug", isolate=True))
    assert [(one.name, one.levelno, one.message) for one in caplog.records] == plain_records
    assert plain_records
    assert isolated.diagnostics == plain.diagnostics
    assert isolated.message == plain.message


def test_progress_is_told(content: bytes) -> None:
    plain: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []
    dcmdjpeg(content, None, threads=1, on_progress=lambda *n: plain.append(n)).unwrap()
    dcmdjpeg(content, None, threads=1, on_progress=lambda *n: told.append(n), isolate=True).unwrap()
    assert told == plain
    told.clear()
    pixels = read_pixels(content, isolate=True, threads=1).unwrap()
    pixels.read(on_progress=lambda *n: told.append(n)).unwrap()
    assert told[-1] == (FRAMES, FRAMES)


def test_what_a_callback_raises_comes_out(content: bytes) -> None:
    def raising(done: int, total: int) -> None:
        raise ZeroDivisionError(f"{done} of {total}")

    with pytest.raises(ZeroDivisionError, match="of 60"):
        dcmdjpeg(content, None, on_progress=raising, isolate=True)
    pixels = read_pixels(content, isolate=True).unwrap()
    with pytest.raises(ZeroDivisionError, match="of 60"):
        pixels.read(on_progress=raising)
    assert pixels.frame(0).any()


@pytest.mark.parametrize("how", [CRASH, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_is_a_codec_error_that_names_the_signal(
    how: signal.Signals, long: bytes, long_path: Path, tmp_path: Path
) -> None:
    crash = kill_on_progress(how)
    error = failure(dcmdjpeg(long_path, tmp_path / "new.dcm", isolate=True, on_progress=crash))
    assert isinstance(error, CodecError)
    assert error.message == (
        f"dcmdjpeg failed: the worker process was killed by {how.name} while it decoded"
    )
    assert [one.name for one in tmp_path.iterdir()] == ["long.dcm"]
    pixels = read_pixels(long, isolate=True).unwrap()
    error = failure(pixels.read(on_progress=crash))
    assert isinstance(error, CodecError)
    assert how.name in error.message
    assert pixels.frame(0).any(), "the next call has another worker"


def test_a_worker_that_died_in_between_is_replaced(content: bytes) -> None:
    pixels = read_pixels(content, isolate=True).unwrap()
    pixels.frame(0)
    old = pids_of_workers()
    end_workers()
    assert pixels.frame(1).any()
    assert not old & pids_of_workers(), "and its rest is cleared away"


def test_a_decoder_that_nothing_can_interrupt_is_killed_at_the_deadline(long: bytes) -> None:
    pixels = read_pixels(long, isolate=True).unwrap()
    pixels.frame(0)  # there is a worker
    started = time.monotonic()
    stop = kill_on_progress(signal.SIGSTOP)
    error = failure(pixels.read(on_progress=stop, timeout_ms=300))
    assert isinstance(error, OperationTimeoutError)
    assert error.message == "PixelData.read timed out after 300ms"
    assert time.monotonic() - started < 5
    error = failure(dcmdjpeg(long, None, on_progress=stop, timeout_ms=1000, isolate=True))
    assert isinstance(error, OperationTimeoutError)
    assert pixels.frame(1).any()


def test_an_abort_ends_it_with_its_reason(long: bytes) -> None:
    controller = AbortController()

    def stop(done: int, total: int) -> None:
        kill_on_progress(signal.SIGSTOP)(done, total)
        controller.abort("enough")

    error = failure(dcmdjpeg(long, None, on_progress=stop, signal=controller.signal, isolate=True))
    assert isinstance(error, OperationAbortedError)
    assert error.reason == "enough"


@pytest.mark.skipif(usable_processors() < 2, reason="one worker at a time on one processor")
def test_two_threads_do_not_wait_for_each_other(content: bytes, long: bytes, array: Any) -> None:
    controller, stuck = AbortController(), threading.Event()
    results: list[Result[Any]] = []

    def stop(done: int, total: int) -> None:
        if not stuck.is_set():  # what it has told before goes on coming
            kill_on_progress(signal.SIGSTOP)(done, total)
            stuck.set()

    def wait() -> None:
        pixels = read_pixels(long, isolate=True).unwrap()
        results.append(pixels.read(on_progress=stop, signal=controller.signal))

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        assert stuck.wait(30)
        assert np.array_equal(read_pixels(content, isolate=True).unwrap().array(), array)
    finally:
        controller.abort()
        thread.join()
    assert isinstance(failure(results[0]), OperationAbortedError)


def test_many_threads_share_a_few_workers(content: bytes, array: Any) -> None:
    pixels = read_pixels(content, isolate=True, threads=1).unwrap()
    wrong: list[int] = []

    def read(index: int) -> None:
        for frame in range(index, FRAMES, 8):
            if not np.array_equal(pixels.frame(frame), array[frame]):
                wrong.append(frame)

    threads = [threading.Thread(target=read, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(pids_of_workers()) <= usable_processors()


def test_waiting_for_a_worker_ends_at_the_deadline(long: bytes) -> None:
    controller = AbortController()
    busy = usable_processors()
    stuck = threading.Barrier(busy + 1)
    is_stuck = threading.local()

    def stop(done: int, total: int) -> None:
        if not hasattr(is_stuck, "yes"):
            is_stuck.yes = True
            stuck.wait(30)
            kill_on_progress(signal.SIGSTOP)(done, total)

    def wait() -> None:
        dcmdjpeg(long, None, on_progress=stop, signal=controller.signal, isolate=True)

    threads = [threading.Thread(target=wait) for _ in range(busy)]
    for thread in threads:
        thread.start()
    try:
        stuck.wait(30)
        error = failure(dcmdjpeg(long, None, timeout_ms=100, isolate=True))
        assert isinstance(error, OperationTimeoutError)
    finally:
        controller.abort()
        for thread in threads:
            thread.join()


def test_nothing_is_left_of_200_calls(content: bytes) -> None:
    def call(number: int) -> None:
        if number % 20 == 0:
            dcmdjpeg(content, None, on_progress=kill_on_progress(CRASH), isolate=True)
        pixels = read_pixels(content, isolate=True).unwrap()
        pixels.frame(number % FRAMES)
        assert not dcmdrle(b"no DICOM", None, isolate=True)

    call(1)
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    workers = len(pids_of_workers())
    for number in range(200):
        call(number)
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208
    assert len(pids_of_workers()) <= max(workers, 1)


def test_a_file_that_is_another_one_by_now_is_refused(path: Path, content: bytes) -> None:
    pixels = read_pixels(path, isolate=True).unwrap()
    path.unlink()
    assert isinstance(failure(pixels.read()), DicomFileError)
    path.write_bytes(content)
    error = failure(pixels.read())
    assert isinstance(error, DicomFileError)
    assert "it has changed since it was first read" in error.message


def test_a_dicom_file_passes_it_on(long_path: Path) -> None:
    file = DicomFile.open(long_path, isolate=True).unwrap()
    for one in (file, file.with_file_path(long_path), file.with_changes(file.changes)):
        pixels = one.pixels.unwrap()
        error = failure(pixels.read(on_progress=kill_on_progress(CRASH)))
        assert CRASH.name in error.message


def test_it_can_be_awaited(path: Path, long_path: Path, content: bytes, array: Any) -> None:
    async def main() -> None:
        pixels = (await aio.read_pixels(path, isolate=True)).unwrap()
        assert np.array_equal((await pixels.read()).unwrap(), array)
        crash = kill_on_progress(CRASH)
        pixels = (await aio.read_pixels(long_path, isolate=True)).unwrap()
        assert CRASH.name in failure(await pixels.read(on_progress=crash)).message
        file = (await aio.DicomFile.open(long_path, isolate=True)).unwrap()
        of_file = (await file.pixels).unwrap()
        assert CRASH.name in failure(await of_file.read(on_progress=crash)).message
        data = (await aio.dcmdjpeg(content, None, isolate=True)).unwrap().data
        assert data == dcmdjpeg(content, None).unwrap().data
        stuck = asyncio.Event()
        loop = asyncio.get_running_loop()

        def stop(done: int, total: int) -> None:
            kill_on_progress(signal.SIGSTOP)(done, total)
            loop.call_soon_threadsafe(stuck.set)

        task = asyncio.create_task(aio.dcmdjpeg(long_path, None, on_progress=stop, isolate=True))
        await asyncio.wait_for(stuck.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_a_program_without_an_interpreter_says_so(
    monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    end_workers()
    monkeypatch.setattr(sys, "executable", "")
    error = failure(dcmdjpeg(content, None, isolate=True))
    assert "needs a Python interpreter" in error.message
    monkeypatch.setattr(sys, "executable", "/bin/false")
    error = failure(dcmdjpeg(content, None, isolate=True))
    assert "a worker process ended with status 1 at once" in error.message
    monkeypatch.undo()
    assert isinstance(dcmdjpeg(content, None, isolate=True), Ok)
