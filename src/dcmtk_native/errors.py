"""The errors of this package, as one tree.

    DcmtkError                     something went wrong
    ├── OptionsError               an option is out of its rules (also ValueError)
    ├── ToolError                  the operation failed
    │   ├── DicomFileError         missing, unreadable or not writable file (also OSError)
    │   ├── DicomFormatError       not DICOM, truncated or broken
    │   ├── LimitExceededError     the input asks for more than a limit allows
    │   ├── CodecError             transfer syntax or pixel data not supported, or corrupt
    │   ├── UnsupportedError       the linked libraries were built without it
    │   ├── AssociationError       connection refused, rejected, aborted or not trusted
    │   └── DimseError             the peer answered with a failure status
    ├── OperationTimeoutError      the deadline passed (also TimeoutError)
    ├── OperationAbortedError      the caller's signal stopped it
    └── InternalError              a defect of this package; please report it

Every one has `message`, equal to `str(error)`, and can be pickled with all its fields.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

__all__ = [
    "AssociationError",
    "CodecError",
    "DcmtkError",
    "Diagnostic",
    "DicomFileError",
    "DicomFormatError",
    "DimseError",
    "ErrorDetails",
    "InternalError",
    "LimitExceededError",
    "OperationAbortedError",
    "OperationTimeoutError",
    "OptionsError",
    "ToolError",
    "UnsupportedError",
]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One log record that was captured while a call ran."""

    level: str
    logger: str
    message: str


class ErrorDetails(TypedDict, total=False):
    """The keywords that every error of the tree takes besides its message and its own fields."""

    tool: str | None
    condition: tuple[int, int, str] | None
    diagnostics: Iterable[Diagnostic]


class DcmtkError(Exception):
    """Something went wrong.

    Attributes:
        message: what happened, the same text as `str(error)`.
        tool: the name of the tool that failed, if one did.
        condition: module, code and text of DCMTK's own condition, if one caused it.
        diagnostics: the log records of the failed call, oldest first.
        outcomes: of a call that sends files: what became of each that was done before, as in its
            result.
    """

    def __init__(
        self,
        message: str,
        *,
        tool: str | None = None,
        condition: tuple[int, int, str] | None = None,
        diagnostics: Iterable[Diagnostic] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.tool = tool
        self.condition = condition
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        self.outcomes: tuple[Any, ...] = ()

    @property
    def stderr(self) -> str:
        """The texts of the captured log records, one a line; empty if there are none."""
        return "\n".join(record.message for record in self.diagnostics)

    # OSError, a base of two classes below, would print its errno and filename instead.
    def __str__(self) -> str:
        return self.message

    # An exception is otherwise rebuilt from its positional arguments alone, without its fields.
    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args), self._fields()

    def _fields(self) -> dict[str, Any]:
        return dict(vars(self))


def _restore(kind: type[DcmtkError], arguments: tuple[object, ...]) -> DcmtkError:
    """An error without its fields, which pickle sets next."""
    error = kind.__new__(kind)
    error.args = arguments
    return error


class OptionsError(DcmtkError, ValueError):
    """An option is out of its rules; nothing was touched."""


class ToolError(DcmtkError):
    """The operation failed."""


class DicomFileError(ToolError, OSError):
    """A file is missing, unreadable or not writable.

    `errno`, `strerror` and `filename` are those of `OSError`, `None` where they are not known.
    """

    def __init__(
        self,
        message: str,
        *,
        filename: str | None = None,
        errno: int | None = None,
        **details: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(message, **details)
        self.filename = filename
        self.errno = errno
        if errno is not None:
            self.strerror = os.strerror(errno)

    # OSError keeps these three outside of the instance's dictionary.
    def _fields(self) -> dict[str, Any]:
        system = {"filename": self.filename, "errno": self.errno, "strerror": self.strerror}
        return super()._fields() | system


class DicomFormatError(ToolError):
    """The input is not DICOM, truncated or broken."""


class LimitExceededError(ToolError):
    """The input asks for more than a limit allows.

    Attributes:
        limit: the name of the limit.
        value: what the input asks for.
        maximum: what the limit allows.
    """

    def __init__(
        self,
        message: str,
        *,
        limit: str,
        value: int,
        maximum: int,
        **details: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(message, **details)
        self.limit = limit
        self.value = value
        self.maximum = maximum


class CodecError(ToolError):
    """The transfer syntax or the pixel data are not supported, or corrupt."""


class UnsupportedError(ToolError):
    """The linked libraries were built without what this takes."""


class AssociationError(ToolError):
    """No association: the connection failed, or the peer rejected or aborted it.

    Attributes:
        result, source, reason: the fields of an A-ASSOCIATE-RJ (PS3.8 section 9.3.4); `None` if
            the peer did not reject.
    """

    def __init__(
        self,
        message: str,
        *,
        result: int | None = None,
        source: int | None = None,
        reason: int | None = None,
        **details: Unpack[ErrorDetails],
    ) -> None:
        super().__init__(message, **details)
        self.result = result
        self.source = source
        self.reason = reason


class DimseError(ToolError):
    """The peer answered with a failure status.

    Attributes:
        status: the value of (0000,0900).
        category: what kind of status that is, such as "failure" or "refused".
    """

    def __init__(
        self, message: str, *, status: int, category: str, **details: Unpack[ErrorDetails]
    ) -> None:
        super().__init__(message, **details)
        self.status = status
        self.category = category


class OperationTimeoutError(DcmtkError, TimeoutError):
    """The deadline passed before the operation was done.

    Attributes:
        timeout_ms: the time that was allowed.
    """

    def __init__(self, message: str, *, timeout_ms: int, **details: Unpack[ErrorDetails]) -> None:
        super().__init__(message, **details)
        self.timeout_ms = timeout_ms


class OperationAbortedError(DcmtkError):
    """The caller's signal stopped the operation.

    Attributes:
        reason: what was given to `AbortController.abort`.
    """

    def __init__(
        self, message: str, *, reason: object = None, **details: Unpack[ErrorDetails]
    ) -> None:
        super().__init__(message, **details)
        self.reason = reason


class InternalError(DcmtkError):
    """A defect of this package; the message asks to report it."""

    def __init__(self, message: str, **details: Unpack[ErrorDetails]) -> None:
        super().__init__(
            f"{message} (this is a defect of dcmtk_native, please report it)", **details
        )
