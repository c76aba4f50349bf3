"""What both checkers make of the package's root, which loads its names lazily, and of `aio`."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, assert_type

import dcmtk_native
from dcmtk_native import (
    AbortController,
    DcmconvResult,
    DcmdumpResult,
    DcmftestResult,
    DicomFile,
    DicomFilePath,
    Result,
    ScanError,
    ScanResult,
    Series,
    TransferSyntax,
    aio,
    dcmconv,
    dcmdump,
    iter_batches,
    read_tags,
    scan,
    series,
)


def a_tool_returns_the_result_of_its_body() -> None:
    assert_type(dcmdump("image.dcm"), Result[DcmdumpResult])
    assert_type(dcmconv(b"", None, transfer_syntax=TransferSyntax.DEFLATED), Result[DcmconvResult])
    assert_type(dcmtk_native.__version__, str)


def words_are_accepted_for_enumerations() -> None:
    dcmdump("image.dcm", log_level="debug", read_mode="dataset", format="long")
    dcmdump("image.dcm", log_level=dcmtk_native.LogLevel.DEBUG)


def wrong_arguments_are_found() -> None:
    dcmdump(3)  # type: ignore[arg-type]
    dcmdump("image.dcm", bogus=1)  # type: ignore[call-arg]
    dcmdump("a", log_level="loud")  # type: ignore[arg-type]
    dcmdump("a", signal=5)  # type: ignore[arg-type]
    dcmtk_native.bogus  # type: ignore[attr-defined] # noqa: B018


def both_kinds_of_signals_are_accepted() -> None:
    dcmdump("image.dcm", signal=AbortController().signal)
    dcmdump("image.dcm", signal=threading.Event())


def a_scan_takes_what_holds_paths() -> None:
    assert_type(scan("folder", ["PatientName"]), Result[ScanResult])
    scan(Path("folder"), ("PatientName",), dates="date")
    scan((path for path in Path("folder").glob("*.dcm")), ["PatientName"])
    scan(["a", Path("b")], ["PatientName"], threads=2, signal=threading.Event())
    scan(3, ["PatientName"])  # type: ignore[arg-type]
    scan("folder", ["PatientName"], dates="never")  # type: ignore[arg-type]
    for batch in iter_batches("folder", ["PatientName"]):
        assert_type(batch, ScanResult)
        assert_type(batch["PatientName"], list[Any])
        assert_type(batch.errors, tuple[ScanError, ...])
    assert_type(series("folder"), Result[list[Series]])
    assert_type(read_tags(b"", ["PatientName"]), Result[dict[str, Any]])


def executors_are_accepted(processes: ProcessPoolExecutor, threads: ThreadPoolExecutor) -> None:
    scan("folder", ["PatientName"], executor=processes)
    series("folder", executor=threads)
    scan("folder", ["PatientName"], executor=3)  # type: ignore[arg-type]


def callbacks_are_accepted(errors: list[ScanError]) -> None:
    scan("folder", ["PatientName"], on_error=errors.append, on_progress=print)


async def a_scan_can_be_awaited() -> None:
    assert_type(await aio.scan("folder", ["PatientName"]), Result[ScanResult])
    assert_type(await aio.series("folder"), Result[list[Series]])
    async for batch in aio.iter_batches("folder", ["PatientName"]):
        assert_type(batch, ScanResult)


async def the_awaitable_form_has_the_same_types() -> None:
    task = asyncio.create_task(aio.dcmftest("image.dcm", timeout_ms=5))
    assert_type(await task, Result[DcmftestResult])
    assert_type(await aio.DicomFile.open("image.dcm"), Result[aio.DicomFile])
    file = (await aio.DicomFile.open("image.dcm")).unwrap()
    assert_type(await file.write_as("copy.dcm"), Result[DicomFilePath])
    assert_type(DicomFile.open("image.dcm"), Result[DicomFile])
    await aio.dcmdump("a", bogus=1)  # type: ignore[call-arg]
