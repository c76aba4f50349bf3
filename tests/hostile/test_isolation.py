"""isolate=True: the same outcome for every file there is, and no trust in the worker."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcmtk_native import (
    CodecError,
    Err,
    Result,
    dcmconv,
    dcmdjpeg,
    dcmdjpls,
    dcmdrle,
    from_array,
    read_pixels,
)
from dcmtk_native._runtime import worker_process
from support.compare import data_set_of
from support.frames import mutations
from support.lying_worker import LIES
from support.shipped import FILES
from support.workers import end_workers, pids_of_workers

TOOLS: dict[str, Callable[..., Result[Any]]] = {
    "dcmdjpeg": dcmdjpeg,
    "dcmdjpls": dcmdjpls,
    "dcmdrle": dcmdrle,
    "dcmconv": lambda *args, **kwargs: dcmconv(
        *args, transfer_syntax="1.2.840.10008.1.2", **kwargs
    ),
    "transcoding": lambda *args, **kwargs: dcmconv(
        *args, transfer_syntax="1.2.840.10008.1.2.5", **kwargs
    ),
}
SYNTAXES = ["5", "4.50", "4.51", "4.57", "4.70", "4.80", "4.90", "4.201"]
DAMAGED = 12


def all_frames(source: Any, **options: Any) -> Any:
    """What became of reading the pixels, as comparable values."""
    result = read_pixels(source, **options)
    if result:
        pixels = result.value
        frames = pixels.read()
        if frames:
            found = frames.value
            return (found.shape, found.dtype.str, found.tobytes(), str(pixels))
        result = frames
    return failure_of(result)


def failure_of(result: Any) -> Any:
    error = result.error
    return (type(error), error.message, error.diagnostics, error.condition)


def written(tool: Callable[..., Result[Any]], source: Any, **options: Any) -> Any:
    result = tool(source, None, **options)
    # A meta header that is made anew may have a new UID in it.
    return data_set_of(result.value.data) if result else failure_of(result)


@pytest.mark.parametrize("name", FILES)
def test_every_file_has_the_same_pixels_or_the_same_error(name: str) -> None:
    path = FILES[name]
    plain = all_frames(path)
    assert all_frames(path, isolate=True) == plain
    content = path.read_bytes()
    assert all_frames(content, isolate=True) == all_frames(content)


@pytest.mark.parametrize("tool", TOOLS)
def test_every_file_becomes_the_same_or_the_same_error(tool: str) -> None:
    # Offsets in a DICOMDIR depend on the length of a UID that is made anew.
    for name in (one for one in FILES if "DICOMDIR" not in one):
        path = FILES[name]
        plain = written(TOOLS[tool], path)
        assert written(TOOLS[tool], path, isolate=True) == plain, name


def damaged() -> Iterator[bytes]:
    array = (np.indices((40, 40)).sum(axis=0) * 3).astype(np.uint8)
    for number, syntax in enumerate(SYNTAXES):
        content = from_array(array, transfer_syntax=f"1.2.840.10008.1.2.{syntax}").unwrap().data
        assert content is not None
        start = content.index(b"\xe0\x7f\x10\x00OB") + 20
        for stream in mutations(content[start:], DAMAGED, seed=number):
            yield content[:start] + stream


def test_damaged_frames_have_the_same_outcome() -> None:
    before = pids_of_workers()
    read_pixels(FILES["test_files/JPEG2000.dcm"], isolate=True).unwrap().array()
    workers = pids_of_workers()
    assert len(workers) >= max(len(before), 1)
    errors = 0
    for content in damaged():
        plain = all_frames(content)
        assert all_frames(content, isolate=True) == plain
        assert written(dcmdjpeg, content, isolate=True) == written(dcmdjpeg, content)
        errors += isinstance(plain[0], type)
    assert errors > DAMAGED, "damage is found"
    assert pids_of_workers() == workers, "no worker has died of it"


@pytest.fixture
def lie(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    end_workers()
    monkeypatch.setattr(worker_process, "_MODULE", "support.lying_worker")
    monkeypatch.setenv("LIE", request.param)
    yield request.param
    monkeypatch.undo()


@pytest.mark.parametrize("lie", LIES, indirect=True)
def test_a_worker_that_lies_is_a_codec_error(lie: str, tmp_path: Path) -> None:
    path = FILES["test_files/JPEG2000.dcm"]
    assert not dcmdjpeg(path, None, isolate=True), "and those that are dead are cleared away"
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pixels = read_pixels(path, isolate=True).unwrap()
    for result in (
        dcmdjpeg(path, None, isolate=True),
        dcmdjpeg(path, tmp_path / "new.dcm", isolate=True),
        pixels.read(),
    ):
        assert isinstance(result, Err)
        assert isinstance(result.error, CodecError), result.error
        assert "worker process" in result.error.message
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100 << 10


def test_after_all_lies_there_is_an_honest_one() -> None:
    path = FILES["test_files/JPEG2000.dcm"]
    assert read_pixels(path, isolate=True).unwrap().array().any()
