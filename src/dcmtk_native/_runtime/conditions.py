"""Errors of the native half as errors of the public tree. Nobody decides on message text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dcmtk_native._core.runtime import NativeError
from dcmtk_native.errors import (
    AssociationError,
    CodecError,
    DcmtkError,
    DicomFileError,
    DicomFormatError,
    InternalError,
    LimitExceededError,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    ToolError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from dcmtk_native.errors import Diagnostic

__all__ = ["MAX_LOG_TAIL", "is_native_error", "native_error", "public_error"]

MAX_LOG_TAIL: Final = 500
"""Characters of the last log lines that ride on a message."""

_BY_KIND: Final[dict[str, type[ToolError]]] = {
    "file": DicomFileError,
    "format": DicomFormatError,
    "codec": CodecError,
    "unsupported": UnsupportedError,
    "operation": ToolError,
}
_KINDS: Final = frozenset(_BY_KIND) | {
    "timeout", "aborted", "options", "internal", "limit", "toolkit",
}  # fmt: skip

_NO_REJECTION: Final = [0, 0, 0]

# DCMTK's module numbers (OFM_...) and codes, where a class says more than "the tool failed".
_DCMDATA: Final = 1
_FORMAT_CODES: Final = (
    1,
    3,
    4,
    5,
    6,
    9,
    10,
    26,
    27,
    28,
    29,
    34,
    38,
    39,
    40,
    41,
    51,
    52,
    53,
    57,
    58,
)
_CODEC_CODES: Final = (13, 14, 15, 44, 56)
_BY_CONDITION: Final[dict[tuple[int, int], type[ToolError]]] = {
    **{(_DCMDATA, code): DicomFormatError for code in _FORMAT_CODES},
    **{(_DCMDATA, code): CodecError for code in _CODEC_CODES},
}


def public_error(  # noqa: PLR0911 (a table of kinds, one return each)
    tool: str, native: tuple[object, ...], diagnostics: tuple[Diagnostic, ...], timeout_ms: int
) -> DcmtkError:
    """The error of the public tree for a `NativeError`'s arguments."""
    kind, message, module, code, text, limit, value, maximum, number, rejection = native
    assert isinstance(kind, str)
    if kind == "timeout":
        return OperationTimeoutError(
            f"{tool} timed out after {timeout_ms}ms", timeout_ms=timeout_ms, tool=tool
        )
    if kind == "aborted":
        return OperationAbortedError(f"{tool} was aborted", tool=tool)
    if kind == "options":
        return OptionsError(f"{tool}: invalid options: {message}", tool=tool)
    if kind == "internal":
        return InternalError(f"{tool} failed: {message}", tool=tool, diagnostics=diagnostics)
    full = f"{tool} failed: {message}{_tail(diagnostics)}"
    if kind == "association":
        assert isinstance(rejection, list)
        result, source, reason = rejection if any(rejection) else (None, None, None)
        return AssociationError(
            full, result=result, source=source, reason=reason, tool=tool, diagnostics=diagnostics
        )
    if kind == "limit":
        assert isinstance(limit, str)
        assert isinstance(value, int)
        assert isinstance(maximum, int)
        return LimitExceededError(
            full, limit=limit, value=value, maximum=maximum, tool=tool, diagnostics=diagnostics
        )
    if kind == "toolkit":
        assert isinstance(module, int)
        assert isinstance(code, int)
        cls = _BY_CONDITION.get((module, code), ToolError)
        return cls(full, tool=tool, condition=(module, code, str(text)), diagnostics=diagnostics)
    error = _BY_KIND[kind](full, tool=tool, diagnostics=diagnostics)
    if isinstance(error, OSError) and isinstance(number, int) and number:
        error.errno = number
    return error


def _tail(diagnostics: tuple[Diagnostic, ...]) -> str:
    """The last log lines, cut at the front, in a form that can follow a message."""
    if not diagnostics:
        return ""
    text = "; ".join(record.message for record in diagnostics)
    return f" [{text[-MAX_LOG_TAIL:]}]"


def native_error(kind: str, message: str) -> NativeError:
    """An error as the native half raises it."""
    return NativeError(kind, message, 0, 0, "", "", 0, 0, 0, _NO_REJECTION)


def is_native_error(arguments: Sequence[object]) -> bool:
    """Whether these can be the arguments of a `NativeError` that has to do with no peer."""
    types = (str, str, int, int, str, str, int, int, int, list)
    return (
        len(arguments) == len(types)
        and all(type(one) is kind for one, kind in zip(arguments, types, strict=True))
        and arguments[0] in _KINDS
        and arguments[-1] == _NO_REJECTION
    )
