"""`if result.ok:` narrows in mypy. Pyright does not narrow by the truth of a member: see
`narrowing.py` for what does.
"""

# pyright: basic, reportAttributeAccessIssue=false, reportAssertTypeFailure=false

from __future__ import annotations

from typing import assert_type

from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Ok, Result


def operation() -> Result[int]:
    return Ok(1)


def flag_narrows() -> None:
    result = operation()
    if result.ok:
        assert_type(result.value, int)
    else:
        assert_type(result.error, DcmtkError)


def early_return_narrows() -> str:
    result = operation()
    if not result.ok:
        return result.error.message
    assert_type(result.value, int)
    return ""
