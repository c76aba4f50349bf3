"""scan and iter_batches: columns, errors, callbacks, aborts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    AbortSignal,
    DicomFileError,
    DicomFormatError,
    Err,
    LimitExceededError,
    Limits,
    OptionsError,
    ScanError,
    ScanResult,
    iter_batches,
    scan,
    unwrap,
)
from dcmtk_native._runtime.signature import COMMON
from dcmtk_native._runtime.tool import declaration_of
from dcmtk_native.scan.series import series
from support.samples import ct_image, dicom_file

TAGS = ["PatientName", "InstanceNumber", "PixelSpacing"]
NAMES = [f"Doe^{number}" for number in range(5)]


def failed(result: ScanResult) -> list[str]:
    return [Path(error.path).name for error in result.errors]


def test_a_folder_becomes_columns(archive: Path) -> None:
    result = unwrap(scan(archive, TAGS))
    assert len(result) == 5
    assert result.columns == tuple(TAGS)
    assert result["PatientName"] == NAMES
    assert result["InstanceNumber"] == [0, 1, 2, 3, 4]
    assert result["PixelSpacing"] == [[0.5, 0.5]] * 5
    assert [Path(path).name for path in result.paths] == [f"{number}.dcm" for number in range(5)]
    assert not result.aborted
    assert result.retried == 0


def test_files_that_cannot_be_read_are_errors_and_stop_nothing(archive: Path) -> None:
    (archive / "0.dcm").unlink()
    (archive / "0.dcm").symlink_to(archive / "1.dcm")
    paths = [archive / "gone.dcm", archive, archive / "deeper" / "3.dcm"]
    result = unwrap(scan(paths, TAGS))
    assert len(result) == 6
    assert failed(result) == ["gone.dcm", "empty.dcm", "short.dcm"]
    assert isinstance(result.errors[0].error, DicomFileError)
    assert result.errors[0].error.errno == 2
    assert all(isinstance(one.error, DicomFormatError) for one in result.errors[1:])
    assert {one.column for one in result.errors} == {None}


def test_a_value_that_is_none_of_its_kind_is_an_error_of_its_column(tmp_path: Path) -> None:
    path = tmp_path / "odd.dcm"
    path.write_bytes(dicom_file(ct_image((0x00200013, "IS", "many"))))
    result = unwrap(scan(path, TAGS))
    assert result["InstanceNumber"] == [None]
    assert result["PatientName"] == ["Doe^John"]
    (error,) = result.errors
    assert (error.path, error.column) == (str(path), "InstanceNumber")


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"tags": "PatientName"}, "tags='PatientName': must be a sequence"),
        ({"tags": [3]}, "tags="),
        ({"tags": ["NoKeyword"]}, "NoKeyword"),
        ({"tags": ["PixelData"]}, "PixelData"),
        ({"tags": ["RequestAttributesSequence"]}, "RequestAttributesSequence"),
        ({"tags": ["Rows", "Rows"]}, "Rows"),
        ({"tags": ["(0010,00"]}, "0010,00"),
        ({"threads": 0}, "threads=0: must be an integer from 1 to 256"),
        ({"threads": True}, "threads=True"),
        ({"dates": "never"}, "dates='never'"),
        ({"pattern": 3}, "pattern=3"),
        ({"recursive": 1}, "recursive=1"),
        ({"limits": 3}, "limits=3"),
        ({"chunk_size": 0}, "chunk_size=0"),
        ({"signal": 3}, "signal=3"),
        ({"source": 3}, "source=3"),
    ],
)
def test_options_out_of_their_rules_are_refused(
    options: dict[str, Any], rule: str, archive: Path
) -> None:
    given: dict[str, Any] = {"source": archive, "tags": TAGS} | options
    result = scan(**given)
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)
    assert result.error.tool == "scan"
    assert rule in result.error.message
    with pytest.raises(OptionsError) as raised:  # at once, not with the first batch
        iter_batches(**given)
    assert rule in raised.value.message


def test_an_unknown_option_is_a_type_error(archive: Path) -> None:
    with pytest.raises(TypeError, match="bogus"):
        scan(archive, TAGS, bogus=1)  # type: ignore[call-arg]


def test_a_source_that_is_missing_is_an_error(tmp_path: Path) -> None:
    result = scan(tmp_path / "gone", TAGS)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)
    with pytest.raises(DicomFileError):
        iter_batches(tmp_path / "gone", TAGS)


def test_every_option_has_a_help_and_obeys_its_own_rule() -> None:
    for function in (scan, iter_batches, series):
        declaration = declaration_of(function)
        for parameter in declaration.parameters.values():
            assert parameter.opt.help, parameter.name
            if not parameter.positional and parameter.name not in COMMON:
                declaration.checked((), {parameter.name: parameter.default})


# ---- options make a difference ----


def test_recursion_and_pattern(archive: Path) -> None:
    assert len(unwrap(scan(archive, TAGS, recursive=False))) == 3
    assert unwrap(scan(archive, TAGS, pattern="[13].*"))["PatientName"] == ["Doe^1", "Doe^3"]


def test_dates_as_objects(archive: Path) -> None:
    assert unwrap(scan(archive / "1.dcm", ["StudyDate"]))["StudyDate"] == ["20240229"]
    (date,) = unwrap(scan(archive / "1.dcm", ["StudyDate"], dates="date"))["StudyDate"]
    assert date.isoformat() == "2024-02-29"


def test_limits(archive: Path) -> None:
    result = unwrap(scan(archive / "1.dcm", TAGS, limits=Limits(max_file_size=100)))
    assert len(result) == 0
    assert isinstance(result.errors[0].error, LimitExceededError)


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_number_of_threads_changes_nothing_of_the_result(threads: int, archive: Path) -> None:
    one = unwrap(scan([archive] * 40, TAGS))
    other = unwrap(scan([archive] * 40, TAGS, threads=threads))
    assert one.to_dict() == other.to_dict()
    assert failed(one) == failed(other)


# ---- callbacks ----


def test_progress_goes_up_to_the_number_of_all_files(archive: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    unwrap(scan(sorted(archive.glob("*.dcm")), TAGS, on_progress=lambda *one: told.append(one)))
    assert told[-1] == (5, 5, str(archive / "short.dcm"))
    assert [done for done, *_ in told] == sorted(done for done, *_ in told)


def test_the_total_of_a_walk_is_not_known_before_its_end(archive: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    unwrap(scan(archive, TAGS, on_progress=lambda *one: told.append(one)))
    assert told[-1][0] == 7
    assert told[-1][1] in (None, 7)
    assert told[-1][2] == str(archive / "deeper" / "4.dcm")


def test_errors_are_told(archive: Path) -> None:
    told: list[ScanError] = []
    result = unwrap(scan([archive, 3], TAGS, on_error=told.append))  # type: ignore[list-item]
    assert sorted(one.path for one in told) == sorted(one.path for one in result.errors)
    assert len(told) == 3


class Enough(Exception):
    pass


def test_what_a_callback_raises_ends_the_scan(archive: Path) -> None:
    def stop(*_: object) -> None:
        raise Enough

    with pytest.raises(Enough):
        scan(archive, TAGS, on_error=stop)
    with pytest.raises(Enough):
        scan(archive, TAGS, on_progress=stop)
    with pytest.raises(Enough):
        list(iter_batches(archive, TAGS, on_error=stop))


def test_an_error_of_the_tree_that_a_callback_raises_goes_through_too(archive: Path) -> None:
    def stop(error: ScanError) -> None:
        raise error.error

    with pytest.raises(DicomFormatError):
        scan(archive, TAGS, on_error=stop)


def test_what_the_source_raises_goes_through(archive: Path) -> None:
    def broken() -> Iterator[Path]:
        yield archive / "1.dcm"
        raise Enough

    with pytest.raises(Enough):
        scan(broken(), TAGS)


def test_paths_that_come_slowly_are_read_meanwhile(archive: Path) -> None:
    """A source that waits for its next path until the one before has been read."""
    read = threading.Event()

    def slow() -> Iterator[Path]:
        yield archive / "1.dcm"
        begin = time.monotonic()
        while time.monotonic() - begin < 0.2:
            pass
        yield archive / "2.dcm"
        assert read.wait(20)
        yield archive / "0.dcm"

    result = unwrap(scan(slow(), TAGS, on_progress=lambda *_: read.set()))
    assert result["PatientName"] == ["Doe^1", "Doe^2", "Doe^0"]


# ---- aborting ----


def endless(archive: Path, started: threading.Event) -> Iterator[Path]:
    while True:
        yield archive / "1.dcm"
        started.set()


@pytest.mark.parametrize("kind", ["controller", "event"])
def test_an_abort_comes_back_soon_with_what_is_there(kind: str, archive: Path) -> None:
    controller, event = AbortController(), threading.Event()
    signal: Any = controller.signal if kind == "controller" else event
    aborted: list[float] = []

    def on_progress(done: int, *_: object) -> None:
        if done > 500 and not aborted:
            aborted.append(time.monotonic())
            controller.abort()
            event.set()

    started = threading.Event()
    result = unwrap(scan(endless(archive, started), TAGS, signal=signal, on_progress=on_progress))
    late = time.monotonic() - aborted[0]
    assert result.aborted
    assert len(result) > 500
    assert set(result["PatientName"]) == {"Doe^1"}
    assert late < 1, "100 ms, and room for a busy machine"


def test_an_abort_from_another_thread(archive: Path) -> None:
    controller = AbortController()
    started = threading.Event()
    aborted: list[float] = []

    def abort() -> None:
        started.wait(20)
        aborted.append(time.monotonic())
        controller.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    result = unwrap(scan(endless(archive, started), TAGS, signal=controller.signal))
    late = time.monotonic() - aborted[0]
    thread.join()
    assert result.aborted
    assert late < 1


def test_a_scan_that_was_aborted_before_it_began_reads_nothing(archive: Path) -> None:
    result = unwrap(scan(archive, TAGS, signal=AbortSignal.abort()))
    assert (len(result), result.aborted) == (0, True)
    (batch,) = iter_batches(archive, TAGS, signal=AbortSignal.abort())
    assert (len(batch), batch.aborted) == (0, True)


def test_a_signal_that_says_nothing_changes_nothing(archive: Path) -> None:
    result = unwrap(scan(archive, TAGS, signal=threading.Event()))
    assert (len(result), result.aborted) == (5, False)


@pytest.mark.parametrize("call", ["scan(source(), TAGS)", "list(iter_batches(source(), TAGS))"])
def test_ctrl_c_ends_the_scan(call: str, archive: Path) -> None:
    program = f"""
import sys
from dcmtk_native import iter_batches, scan
TAGS = ["PatientName"]
def source():
    for number in range(10_000_000):
        if number == 5000:
            print("ready", flush=True)
        yield sys.argv[1]
try:
    {call}
except KeyboardInterrupt:
    print("interrupted")
"""
    command = [sys.executable, "-c", program, archive / "1.dcm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=20)[0] == "interrupted\n"


# ---- batches ----


def test_batches_have_the_size_that_was_asked_for(archive: Path) -> None:
    paths = sorted(archive.rglob("[0-9].dcm")) * 5
    batches = list(iter_batches(paths, TAGS, batch_size=10))
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [name for batch in batches for name in batch["PatientName"]] == NAMES * 5
    assert [len(batch) for batch in iter_batches(paths, TAGS, batch_size=25)] == [25]


def test_failed_files_count_as_part_of_a_batch(archive: Path) -> None:
    batches = list(iter_batches(archive, TAGS, batch_size=5))
    assert [(len(batch), len(batch.errors)) for batch in batches] == [(3, 2), (2, 0)]


def test_an_empty_source_gives_one_empty_batch(tmp_path: Path) -> None:
    (batch,) = iter_batches(tmp_path, TAGS)
    assert batch.to_dict() == {
        "path": [],
        "PatientName": [],
        "InstanceNumber": [],
        "PixelSpacing": [],
    }


def test_batches_have_one_type_whatever_the_files_hold(tmp_path: Path) -> None:
    several = dicom_file(ct_image((0x00100020, "LO", "A\\B"), (0x00280010, "US", [4, 5])))
    (tmp_path / "1.dcm").write_bytes(dicom_file(ct_image()))
    (tmp_path / "2.dcm").write_bytes(several)
    batches = list(iter_batches(tmp_path, ["PatientID", "Rows"], batch_size=1))
    assert [batch["PatientID"] for batch in batches] == [["ID-001"], ["A\\B"]]
    assert [batch["Rows"] for batch in batches] == [[4], [None]]
    assert [error.column for error in batches[1].errors] == ["Rows"]
    assert batches[0].to_arrow().schema == batches[1].to_arrow().schema
    whole = unwrap(scan(tmp_path, ["PatientID", "Rows"]))
    assert whole["PatientID"] == ["ID-001", ["A", "B"]]
    assert whole["Rows"] == [4, [4, 5]]
    assert whole.to_arrow()["Rows"].to_pylist() == [[4], [4, 5]]


def test_batches_are_read_when_they_are_asked_for(archive: Path) -> None:
    started = threading.Event()
    batches = iter_batches(endless(archive, started), TAGS, batch_size=50)
    assert not started.is_set()
    assert len(next(batches)) == 50
    assert len(next(batches)) == 50
    batches.close()


def test_an_abort_between_two_batches(archive: Path) -> None:
    controller = AbortController()
    batches = iter_batches(
        endless(archive, threading.Event()), TAGS, batch_size=5, signal=controller.signal
    )
    assert not next(batches).aborted
    controller.abort()
    rest = list(batches)
    assert [batch.aborted for batch in rest] == [True]


def test_several_scans_at_once(archive: Path) -> None:
    results: list[ScanResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(unwrap(scan([archive] * 20, TAGS))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [result["PatientName"] for result in results] == [NAMES * 20] * 6


def test_names_that_are_no_utf_8(archive: Path) -> None:
    odd = os.fsencode(archive) + b"/\xff.dcm"
    Path(os.fsdecode(odd)).write_bytes((archive / "1.dcm").read_bytes())
    result = unwrap(scan(archive, TAGS, pattern="*[!0-9a-z].dcm"))
    assert result.paths == (os.fsdecode(odd),)
    assert result["PatientName"] == ["Doe^1"]
