"""What both checkers make of a Result: read by mypy --strict and by pyright, never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Literal, assert_type

from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import (
    Err,
    Ok,
    Result,
    assert_unreachable,
    is_err,
    is_ok,
    map_result,
    unwrap,
)


def operation() -> Result[int]:
    return Ok(1)


def other_error() -> Result[int, str]:
    return Err("no")


def result_is_a_union_with_a_default_error() -> None:
    assert_type(operation(), Ok[int] | Err[DcmtkError])
    assert_type(other_error(), Ok[int] | Err[str])


def match_narrows() -> None:
    match operation():
        case Ok(value):
            assert_type(value, int)
        case Err(error):
            assert_type(error, DcmtkError)


def match_is_exhaustive(result: Result[int]) -> None:
    match result:
        case Ok(value):
            assert_type(value, int)
        case Err():
            pass
        case _:
            assert_unreachable(result)


def truth_narrows() -> None:
    result = operation()
    if result:
        assert_type(result.value, int)
    else:
        assert_type(result.error, DcmtkError)


def early_return_narrows() -> str:
    result = operation()
    if not result:
        return result.error.message
    assert_type(result.value, int)
    return ""


def helpers_narrow() -> None:
    result = operation()
    if is_ok(result):
        assert_type(result.value, int)
    else:
        assert_type(result.error, DcmtkError)
    if is_err(result):
        assert_type(result.error, DcmtkError)


def compared_flag_narrows() -> None:
    result = operation()
    if result.ok is True:
        assert_type(result.value, int)
    else:
        assert_type(result.error, DcmtkError)


def values_keep_their_types() -> None:
    assert_type(unwrap(operation()), int)
    assert_type(operation().unwrap(), int)
    assert_type(map_result(other_error(), str), Ok[str] | Err[str])
    assert_type(bool(Ok(1)), bool)
    assert_type(Ok(1).ok, Literal[True])
    assert_type(Err(1).ok, Literal[False])


def results_are_covariant() -> Result[float, Exception]:
    return operation()


def unguarded_access_is_refused() -> None:
    result = operation()
    _ = result.value  # type: ignore[union-attr]
    _ = result.error  # type: ignore[union-attr]


def results_cannot_be_changed() -> None:
    success = Ok(1)
    success.value = 2  # type: ignore[misc]
