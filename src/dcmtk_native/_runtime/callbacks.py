"""Callbacks of the caller within a call: what they raise is the caller's, not an error of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["CallbackRaised", "guarded"]

C = TypeVar("C", bound=Callable[..., Any])


class CallbackRaised(BaseException):
    """Carries what a callback raised through the native call, past everything that makes errors."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def guarded(callback: C | None) -> C | None:
    """The callback, such that what it raises comes out of the call as it is."""
    if callback is None:
        return None

    def call(*args: Any) -> Any:
        try:
            return callback(*args)
        except Exception as error:
            raise CallbackRaised(error) from error

    return call  # type: ignore[return-value]
