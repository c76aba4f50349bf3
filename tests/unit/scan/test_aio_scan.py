"""The awaitable forms: they give the same and never block the loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import dcmtk_native
from dcmtk_native import AbortController, OptionsError, aio, scan, series, unwrap

TAGS = ["PatientName", "Rows"]


def endless(path: Path, started: threading.Event) -> Iterator[Path]:
    while True:
        yield path
        started.set()


async def has_started(started: threading.Event) -> None:
    while not started.is_set():
        await asyncio.sleep(0)


@pytest.mark.parametrize("name", ["scan", "series", "read_tags", "iter_batches"])
def test_the_signatures_are_those_of_the_blocking_forms(name: str) -> None:
    blocking, awaitable = getattr(dcmtk_native, name), getattr(aio, name)
    assert inspect.signature(awaitable) == inspect.signature(blocking)
    assert awaitable.__doc__ == blocking.__doc__


def test_the_results_are_those_of_the_blocking_forms(archive: Path) -> None:
    async def test() -> None:
        result = unwrap(await aio.scan(archive, TAGS))
        assert result.to_dict() == unwrap(scan(archive, TAGS)).to_dict()
        assert unwrap(await aio.series(archive)) == unwrap(series(archive))
        tags = unwrap(await aio.read_tags(archive / "1.dcm", TAGS))
        assert tags == {"PatientName": "Doe^1", "Rows": 4}
        sizes = [len(batch) async for batch in aio.iter_batches(archive, TAGS, batch_size=2)]
        assert sum(sizes) == 5
        refused = await aio.scan(archive, "Rows")
        assert not refused.ok

    asyncio.run(test())


def test_batches_raise_what_the_blocking_form_raises(archive: Path) -> None:
    async def test() -> None:
        with pytest.raises(OptionsError):
            await anext(aio.iter_batches(archive, ["NoKeyword"]))

    asyncio.run(test())


def test_cancelling_the_task_ends_the_scan(archive: Path) -> None:
    async def test() -> None:
        started = threading.Event()
        task = asyncio.create_task(aio.scan(endless(archive / "1.dcm", started), TAGS))
        await has_started(started)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(test(), 30))


def test_cancelling_the_task_ends_a_batch_and_closing_ends_them_all(archive: Path) -> None:
    async def test() -> None:
        started = threading.Event()
        source = endless(archive / "1.dcm", started)
        batches = aio.iter_batches(source, TAGS, batch_size=10_000_000)
        task = asyncio.ensure_future(anext(batches))
        await has_started(started)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [batch async for batch in batches] == []

    asyncio.run(asyncio.wait_for(test(), 30))


def test_leaving_the_loop_early_ends_the_scan(archive: Path) -> None:
    taken = []

    def source() -> Iterator[Path]:
        for path in endless(archive / "1.dcm", threading.Event()):
            taken.append(path)
            yield path

    async def test() -> None:
        batches = aio.iter_batches(source(), TAGS, batch_size=10)
        async for batch in batches:
            assert len(batch) == 10
            break
        await batches.aclose()
        assert [batch async for batch in batches] == []

    asyncio.run(asyncio.wait_for(test(), 30))
    assert len(taken) == 10


def test_a_signal_of_the_caller_ends_the_scan_with_what_is_there(archive: Path) -> None:
    async def test() -> None:
        controller = AbortController()
        started = threading.Event()
        source = endless(archive / "1.dcm", started)
        task = asyncio.create_task(aio.scan(source, TAGS, signal=controller.signal))
        await has_started(started)
        controller.abort("enough")
        result = unwrap(await task)
        assert result.aborted

    asyncio.run(asyncio.wait_for(test(), 30))
