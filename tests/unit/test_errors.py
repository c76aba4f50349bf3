"""Every error knows its fields, its place in the tree, and survives pickling."""

from __future__ import annotations

import copy
import errno
import pickle

import pytest

from dcmtk_native import errors
from dcmtk_native.errors import (
    AssociationError,
    CodecError,
    DcmtkError,
    Diagnostic,
    DicomFileError,
    DicomFormatError,
    DimseError,
    InternalError,
    LimitExceededError,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    ToolError,
    UnsupportedError,
)

RECORDS = (
    Diagnostic("WARN", "dcmtk.dcmdata", "odd length"),
    Diagnostic("ERROR", "dcmtk.dcmdata", "stream ended"),
)
DETAILS: errors.ErrorDetails = {
    "tool": "dcmdump",
    "condition": (1, 18, "Invalid stream"),
    "diagnostics": RECORDS,
}

BASES: list[tuple[type[DcmtkError], type[BaseException]]] = [
    (DcmtkError, Exception),
    (OptionsError, DcmtkError),
    (OptionsError, ValueError),
    (ToolError, DcmtkError),
    (DicomFileError, ToolError),
    (DicomFileError, OSError),
    (DicomFormatError, ToolError),
    (LimitExceededError, ToolError),
    (CodecError, ToolError),
    (UnsupportedError, ToolError),
    (AssociationError, ToolError),
    (DimseError, ToolError),
    (OperationTimeoutError, DcmtkError),
    (OperationTimeoutError, TimeoutError),
    (OperationAbortedError, DcmtkError),
    (InternalError, DcmtkError),
]

EVERY_ERROR: list[DcmtkError] = [
    DcmtkError("m", **DETAILS),
    OptionsError("m", **DETAILS),
    ToolError("m", **DETAILS),
    DicomFileError("m", filename="a.dcm", errno=errno.ENOENT, **DETAILS),
    DicomFormatError("m", **DETAILS),
    LimitExceededError("m", limit="depth", value=65, maximum=64, **DETAILS),
    CodecError("m", **DETAILS),
    UnsupportedError("m", **DETAILS),
    AssociationError("m", result=1, source=2, reason=3, **DETAILS),
    DimseError("m", status=0xA700, category="refused", **DETAILS),
    OperationTimeoutError("m", timeout_ms=500, **DETAILS),
    OperationAbortedError("m", reason="user left", **DETAILS),
    InternalError("m", **DETAILS),
]


def name_of(error: DcmtkError) -> str:
    return type(error).__name__


@pytest.mark.parametrize(("kind", "base"), BASES)
def test_the_tree_is_as_drawn(kind: type, base: type) -> None:
    assert issubclass(kind, base)
    assert kind.__name__ in str(errors.__doc__)


def test_timeouts_aborts_and_defects_are_no_tool_errors() -> None:
    for kind in (OptionsError, OperationTimeoutError, OperationAbortedError, InternalError):
        assert not issubclass(kind, ToolError)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=name_of)
def test_the_message_is_the_text(error: DcmtkError) -> None:
    assert error.message == str(error)
    assert error.message.startswith("m")


@pytest.mark.parametrize("error", EVERY_ERROR, ids=name_of)
def test_the_common_fields_are_kept(error: DcmtkError) -> None:
    assert error.tool == "dcmdump"
    assert error.condition == (1, 18, "Invalid stream")
    assert error.diagnostics == RECORDS
    assert error.stderr == "odd length\nstream ended"


def test_the_common_fields_may_be_left_out() -> None:
    error = DcmtkError("m")
    assert (error.tool, error.condition, error.diagnostics) == (None, None, ())
    assert error.stderr == ""


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", EVERY_ERROR, ids=name_of)
def test_pickling_keeps_every_field(error: DcmtkError, protocol: int) -> None:
    assert_same(pickle.loads(pickle.dumps(error, protocol)), error)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=name_of)
def test_copying_keeps_every_field(error: DcmtkError) -> None:
    assert_same(copy.copy(error), error)


def test_pickling_keeps_notes() -> None:
    error = DcmtkError("m")
    error.add_note("while reading a.dcm")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while reading a.dcm"]


def assert_same(restored: DcmtkError, error: DcmtkError) -> None:
    assert type(restored) is type(error)
    assert str(restored) == str(error)
    assert restored.args == error.args
    assert vars(restored) == vars(error)
    if isinstance(error, DicomFileError):
        assert isinstance(restored, DicomFileError)
        assert restored.errno == error.errno
        assert restored.strerror == error.strerror
        assert restored.filename == error.filename


def test_a_file_error_is_an_os_error_with_its_fields() -> None:
    error = DicomFileError("cannot read a.dcm", filename="a.dcm", errno=errno.EACCES)
    assert error.errno == errno.EACCES
    assert error.filename == "a.dcm"
    assert error.strerror == "Permission denied"
    assert str(error) == "cannot read a.dcm"


def test_a_file_error_may_know_no_os_fields() -> None:
    error = DicomFileError("cannot read")
    assert (error.errno, error.strerror, error.filename) == (None, None, None)


def test_an_exceeded_limit_is_named_with_its_values() -> None:
    error = LimitExceededError("too deep", limit="sequence_depth", value=65, maximum=64)
    assert (error.limit, error.value, error.maximum) == ("sequence_depth", 65, 64)


def test_a_rejection_has_its_three_fields() -> None:
    rejected = AssociationError("Association rejected", result=1, source=1, reason=7)
    assert (rejected.result, rejected.source, rejected.reason) == (1, 1, 7)
    refused = AssociationError("connection refused")
    assert (refused.result, refused.source, refused.reason) == (None, None, None)


def test_a_dimse_error_has_status_and_category() -> None:
    error = DimseError("out of resources", status=0xA700, category="refused")
    assert (error.status, error.category) == (0xA700, "refused")


def test_a_timeout_and_an_abort_have_their_cause() -> None:
    assert OperationTimeoutError("m", timeout_ms=250).timeout_ms == 250
    assert OperationAbortedError("m", reason=("any", "object")).reason == ("any", "object")
    assert OperationAbortedError("m").reason is None


def test_an_internal_error_asks_for_a_report() -> None:
    assert "please report" in InternalError("null handle").message


def test_diagnostics_of_any_iterable_become_a_tuple() -> None:
    assert DcmtkError("m", diagnostics=iter(RECORDS)).diagnostics == RECORDS


def test_a_diagnostic_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RECORDS[0].level = "INFO"  # type: ignore[misc]
