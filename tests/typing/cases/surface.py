"""What both checkers make of the package's root, which loads its names lazily, and of `aio`."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import asyncio
import threading
from typing import assert_type

import dcmtk_native
from dcmtk_native import (
    AbortController,
    DcmconvResult,
    DcmdumpResult,
    DcmftestResult,
    DicomFile,
    DicomFilePath,
    Result,
    TransferSyntax,
    aio,
    dcmconv,
    dcmdump,
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


async def the_awaitable_form_has_the_same_types() -> None:
    task = asyncio.create_task(aio.dcmftest("image.dcm", timeout_ms=5))
    assert_type(await task, Result[DcmftestResult])
    assert_type(await aio.DicomFile.open("image.dcm"), Result[aio.DicomFile])
    file = (await aio.DicomFile.open("image.dcm")).unwrap()
    assert_type(await file.write_as("copy.dcm"), Result[DicomFilePath])
    assert_type(DicomFile.open("image.dcm"), Result[DicomFile])
    await aio.dcmdump("a", bogus=1)  # type: ignore[call-arg]
