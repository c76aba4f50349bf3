"""`dcmtk_native.aio`: a file whose methods are awaited, and tools that are."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

import dcmtk_native
from dcmtk_native import (
    AbortSignal,
    ChangeSet,
    DicomFileError,
    Err,
    Ok,
    OperationAbortedError,
    TransferSyntax,
    aio,
)

CHANGES = ChangeSet.empty().set_tag("(0010,0010)", "DOE^JANE").erase_private_tags()


async def opened(path: Path) -> aio.DicomFile:
    return (await aio.DicomFile.open(path)).unwrap()


def test_an_opened_file_is_an_awaitable_one(ct_small: Path) -> None:
    file = asyncio.run(opened(ct_small))
    assert isinstance(file, aio.DicomFile)
    assert file.file_path == str(ct_small)
    assert file.dataset.patient_name == "CompressedSamples^CT1"
    assert file.changes.is_empty
    assert repr(file).startswith("<DicomFile ")


def test_a_missing_file_is_an_err(tmp_path: Path) -> None:
    result = asyncio.run(aio.DicomFile.open(tmp_path / "missing.dcm"))
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)


def test_with_changes_gives_an_awaitable_file(ct_small: Path, tmp_path: Path) -> None:
    async def test() -> None:
        file = await opened(ct_small)
        changed = file.with_changes(CHANGES)
        assert isinstance(changed, aio.DicomFile)
        assert (changed.changes, file.changes) == (CHANGES, ChangeSet.empty())
        assert isinstance(changed.with_file_path("other"), aio.DicomFile)
        assert changed.with_file_path("./other").file_path == "other"
        target = str(tmp_path / "out.dcm")
        assert await changed.write_as(target) == Ok(target)
        assert (await opened(tmp_path / "out.dcm")).dataset.patient_name == "DOE^JANE"

    asyncio.run(test())


def test_apply_file_size_and_unlink_are_awaited(copy_of: Callable[[str], Path]) -> None:
    async def test() -> None:
        path = copy_of("CT_small.dcm")
        file = (await opened(path)).with_changes(CHANGES)
        assert await file.apply_changes() == Ok(None)
        assert (await opened(path)).dataset.patient_name == "DOE^JANE"
        assert await file.file_size() == Ok(path.stat().st_size)
        assert await file.unlink() == Ok(None)
        assert not path.exists()
        assert isinstance(await file.file_size(), Err)

    asyncio.run(test())


def test_a_signal_stops_a_method(copy_of: Callable[[str], Path]) -> None:
    async def test() -> None:
        path = copy_of("CT_small.dcm")
        before = path.read_bytes()
        file = (await opened(path)).with_changes(CHANGES)
        result = await file.apply_changes(signal=AbortSignal.abort())
        assert isinstance(result, Err)
        assert isinstance(result.error, OperationAbortedError)
        assert path.read_bytes() == before

    asyncio.run(test())


def test_an_awaitable_file_is_made_of_what_a_blocking_one_is_made_of(ct_small: Path) -> None:
    blocking = dcmtk_native.DicomFile.open(ct_small).unwrap()
    file = aio.DicomFile(blocking.file_path, blocking.dataset, CHANGES)
    assert file.dataset is blocking.dataset
    assert file.changes is CHANGES


def public(cls: type) -> dict[str, object]:
    return {name: value for name, value in inspect.getmembers(cls) if not name.startswith("_")}


def test_both_files_have_the_same_members_with_the_same_parameters() -> None:
    blocking, awaitable = public(dcmtk_native.DicomFile), public(aio.DicomFile)
    assert blocking.keys() == awaitable.keys()
    methods = [name for name, value in blocking.items() if callable(value)]
    for name in [*methods, "__init__"]:
        one = inspect.signature(getattr(dcmtk_native.DicomFile, name)).parameters.values()
        other = inspect.signature(getattr(aio.DicomFile, name)).parameters.values()
        assert [(p.name, p.kind, p.default) for p in one] == [
            (p.name, p.kind, p.default) for p in other
        ]
    waiting = {name for name in methods if inspect.iscoroutinefunction(awaitable[name])}
    assert waiting == {"open", "apply_changes", "write_as", "file_size", "unlink"}


@pytest.mark.parametrize("name", sorted(public(dcmtk_native.DicomFile)))
def test_every_member_is_described(name: str) -> None:
    assert inspect.getdoc(getattr(aio.DicomFile, name))


def test_many_tools_run_side_by_side(ct_small: Path, tmp_path: Path) -> None:
    async def convert(number: int) -> dcmtk_native.Result[dcmtk_native.DcmconvResult]:
        target = tmp_path / f"{number}.dcm"
        return await aio.dcmconv(ct_small, target, transfer_syntax=TransferSyntax.DEFLATED)

    outcome = asyncio.run(aio.batch(range(20), convert, concurrency=8))
    assert (outcome.succeeded, outcome.failed) == (20, 0)
    assert len(list(tmp_path.iterdir())) == 20
