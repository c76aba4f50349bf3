"""What `@tool` promises of every call, whatever its body does."""

from __future__ import annotations

import gc
import inspect
import itertools
import logging
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import pytest

from dcmtk_native import (
    AbortController,
    AbortSignal,
    DcmtkError,
    DicomFileError,
    Err,
    InternalError,
    Ok,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    dcmdump,
    dcmftest,
)
from dcmtk_native._core.runtime import checkpoint
from dcmtk_native._runtime.groups import LogLevelOption
from dcmtk_native._runtime.logs import TRACE
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import REGISTRY, operation


class Trace:
    """What a body got to see."""

    calls = 0


@operation
def work(
    number: Annotated[int, Opt("+n", "a number", lo=0)],
    *,
    trace: Annotated[Any, Opt(help="told about the call")] = None,
    error: Annotated[Any, Opt(help="raised")] = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = 30000,
    signal: SignalOption = None,
) -> int:
    """Twice the number."""
    if trace is not None:
        trace.calls += 1
    if error is not None:
        raise error
    return 2 * number


@operation
def endless(
    *,
    started: Annotated[Any, Opt(help="set when it is under way")] = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = 30000,
    signal: SignalOption = None,
) -> int:
    """Nothing: it goes on until it is stopped."""
    if started is not None:
        started.set()
    for _ in itertools.count():
        checkpoint()
    return 0


@operation
def outer(
    *,
    inner_timeout_ms: Annotated[int, Opt(help="of the inner call")] = 30000,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = 30000,
    signal: SignalOption = None,
) -> str:
    """The class name of the inner call's error."""
    result = endless(timeout_ms=inner_timeout_ms)
    assert isinstance(result, Err)
    name = type(result.error).__name__
    checkpoint()
    return name


def error_of(result: Any) -> Any:
    assert isinstance(result, Err), result
    return result.error


# ---- values, errors, mistakes ----


def test_a_returned_value_is_ok() -> None:
    assert work(4) == Ok(8)


def test_a_raised_error_of_the_tree_is_err_itself() -> None:
    error = DcmtkError("no")
    assert error_of(work(1, error=error)) is error


def test_an_oserror_is_a_dicom_file_error_with_its_number() -> None:
    error = error_of(work(1, error=FileNotFoundError(2, "No such file or directory", "x.dcm")))
    assert isinstance(error, DicomFileError)
    assert (error.errno, error.filename, error.tool) == (2, "x.dcm", "work")
    assert str(error).startswith("work failed: ")


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, IndexError, MemoryError, TypeError])
def test_any_other_exception_of_a_body_is_an_internal_error_with_its_cause(
    kind: type[Exception],
) -> None:
    cause = kind("unforeseen")
    error = error_of(work(1, error=cause))
    assert isinstance(error, InternalError)
    assert error.__cause__ is cause
    assert "report" in error.message


def test_options_are_refused_before_anything_is_touched() -> None:
    trace = Trace()
    error = error_of(work(-1, trace=trace))
    assert isinstance(error, OptionsError)
    assert error.message == "work: invalid options: number=-1: must be an integer of at least 0"
    assert error.tool == "work"
    assert trace.calls == 0


def test_options_come_before_the_abort_check() -> None:
    assert isinstance(error_of(work(-1, signal=AbortSignal.abort())), OptionsError)


def test_what_is_no_signal_is_an_options_error() -> None:
    error = error_of(work(1, signal=object()))
    assert isinstance(error, OptionsError)
    assert error.message.startswith("work: invalid options: signal=")


@pytest.mark.parametrize("arguments", [{"bogus": 1}, {"nubmer": 2}])
def test_an_unknown_keyword_is_a_type_error(arguments: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        work(1, **arguments)  # type: ignore[arg-type]


def test_a_missing_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="number"):
        work()  # type: ignore[call-arg]


def test_too_many_positional_arguments_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="positional"):
        work(1, 2)  # type: ignore[misc]


def test_errors_of_every_kind_can_be_pickled() -> None:
    errors = [
        error_of(work(-1)),
        error_of(work(1, signal=AbortSignal.abort("enough"))),
        error_of(endless(timeout_ms=1)),
        error_of(dcmftest("/nowhere/x.dcm")),
        error_of(dcmdump(b"garbage")),
    ]
    for error in errors:
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert str(again) == str(error)


def test_a_failed_call_does_not_keep_its_input_alive() -> None:
    content = bytearray(b"not DICOM at all")
    before = sys.getrefcount(content)
    gc.collect()
    gc.disable()
    try:
        result = dcmdump(content)
        assert isinstance(result, Err)
        assert sys.getrefcount(content) == before
    finally:
        gc.enable()


# ---- stopping ----


def test_an_aborted_signal_stops_a_call_before_its_body() -> None:
    trace = Trace()
    error = error_of(work(1, trace=trace, signal=AbortSignal.abort("too late")))
    assert isinstance(error, OperationAbortedError)
    assert "aborted" in error.message
    assert error.reason == "too late"
    assert trace.calls == 0


def test_a_call_ends_when_its_signal_is_aborted_by_another_thread() -> None:
    controller = AbortController()
    started = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(endless, started=started, signal=controller.signal)
        assert started.wait(10)
        controller.abort("enough")
        error = error_of(running.result(timeout=10))
    assert isinstance(error, OperationAbortedError)
    assert error.reason == "enough"


def test_a_threading_event_is_a_signal_too() -> None:
    stop, started = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(endless, started=started, signal=stop)
        assert started.wait(10)
        stop.set()
        assert isinstance(error_of(running.result(timeout=10)), OperationAbortedError)


def test_a_call_ends_at_its_deadline() -> None:
    error = error_of(endless(timeout_ms=20))
    assert isinstance(error, OperationTimeoutError)
    assert error.timeout_ms == 20
    assert "timed out after 20ms" in error.message


def test_a_nested_call_ends_with_the_outer_deadline() -> None:
    assert isinstance(error_of(outer(timeout_ms=20)), OperationTimeoutError)


def test_a_nested_call_that_fails_leaves_the_outer_one_running() -> None:
    assert outer(inner_timeout_ms=5) == Ok("OperationTimeoutError")


def test_a_nested_call_is_stopped_by_the_outer_signal() -> None:
    controller = AbortController()
    controller.abort_after(20)
    assert isinstance(error_of(outer(signal=controller.signal)), OperationAbortedError)


def test_an_exception_of_a_signal_handler_ends_native_work() -> None:
    """On the main thread; this is what makes Ctrl-C work."""

    class Interrupt(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(Interrupt):
            dump_for_ever()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def dump_for_ever() -> None:
    while True:
        dcmdump(LONG, read_mode="dataset", read_xfer="little")


LONG = b"\x09\x00\x10\x10LO\x02\x00AB" * 200_000


def test_a_checkpoint_outside_of_a_call_does_nothing() -> None:
    checkpoint()


# ---- what help() and checkers see ----


def test_the_signature_says_that_a_result_comes_back() -> None:
    signature = inspect.signature(dcmftest)
    assert signature.return_annotation == "Result[DcmftestResult]"
    assert list(signature.parameters) == ["input_path", "log_level", "timeout_ms", "signal"]


def test_a_tool_has_the_name_and_the_text_of_its_body() -> None:
    assert dcmftest.__name__ == "dcmftest"
    assert (dcmftest.__doc__ or "").startswith("Whether an input")
    assert REGISTRY["dcmftest"] is dcmftest


def test_an_operation_is_not_registered() -> None:
    assert "work" not in REGISTRY


# ---- logs ----


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING, logger="dcmtk_native"):
        yield caplog


def _with_a_warning(patient_id: str) -> bytes:
    """A data set in which libdcmdata finds an odd length; the warning names the tag."""
    group = f"{0x1001 + 2 * int(patient_id):04x}"
    number = int(group, 16)
    return number.to_bytes(2, "little") + b"\x10\x00" + b"LO" + (3).to_bytes(2, "little") + b"ABC"


def test_warnings_of_a_call_reach_the_logger(logged: pytest.LogCaptureFixture) -> None:
    dcmdump(_with_a_warning("1"), read_mode="dataset", read_xfer="little")
    assert any(record.name.startswith("dcmtk_native") for record in logged.records)


def test_records_reach_the_logger_in_the_thread_of_their_call(
    logged: pytest.LogCaptureFixture,
) -> None:
    def run(number: int) -> int:
        for _ in range(20):
            dcmdump(_with_a_warning(str(number)), read_mode="dataset", read_xfer="little")
        return threading.get_ident()

    with ThreadPoolExecutor(4) as pool:
        threads = dict(enumerate(pool.map(run, range(4))))
    for record in logged.records:
        text = record.getMessage().lower()
        owners = {threads[number] for number in range(4) if f"{0x1001 + 2 * number:04x}" in text}
        assert not owners or record.thread in owners
    assert {record.thread for record in logged.records} == set(threads.values())


def test_a_lower_level_is_captured_when_it_is_asked_for(
    caplog: pytest.LogCaptureFixture, ct_small: Path
) -> None:
    def levels(**arguments: Any) -> set[int]:
        caplog.clear()
        assert dcmdump(ct_small, **arguments).ok
        return {record.levelno for record in caplog.records}

    with caplog.at_level(1, logger="dcmtk_native"):
        assert {logging.DEBUG, TRACE} <= levels()  # what the logger wants
        assert TRACE not in levels(log_level="debug")
        assert logging.DEBUG in levels(log_level="debug")
        assert not levels(log_level="error")
    with caplog.at_level(logging.WARNING, logger="dcmtk_native"):
        assert not levels(log_level="trace")


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    handlers = logging.getLogger().handlers[:]
    logging.getLogger().handlers.clear()  # as in a program that does not configure logging
    try:
        dcmdump(_with_a_warning("1"), read_mode="dataset", read_xfer="little")
        dcmdump(tmp_path / "missing")
        dcmdump(b"\x08\x00garbage", log_level="trace")
    finally:
        logging.getLogger().handlers[:] = handlers
    assert capfd.readouterr() == ("", "")
