"""The handlers of a `DicomServer`: who answers what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from dcmtk_native.network.services import CommandField

__all__ = ["HANDLERS", "NORMALIZED", "Handler", "Handlers"]

Handler = Callable[..., Any]
H = TypeVar("H", bound=Handler)

NORMALIZED: Final[Mapping[CommandField, str]] = {
    CommandField.N_CREATE: "n_create",
    CommandField.N_SET: "n_set",
    CommandField.N_GET: "n_get",
    CommandField.N_ACTION: "n_action",
    CommandField.N_EVENT_REPORT: "n_event_report",
    CommandField.N_DELETE: "n_delete",
}
HANDLERS: Final = (
    "association",
    "echo",
    "store",
    "find",
    "move",
    "get",
    *NORMALIZED.values(),
    "release",
    "abort",
)


class Handlers:
    """Functions by what they answer; at most one each."""

    def __init__(self, given: Mapping[str, Handler | None]) -> None:
        self._functions: dict[str, Handler] = {}
        for name, function in given.items():
            if function is not None:
                self.set(name, function)

    def set(self, name: str, function: Handler) -> None:
        """Nothing: from now on it answers.

        Errors:
            TypeError: raised for what cannot be called.
        """
        if not callable(function):
            raise TypeError(f"{function!r} is no handler: it cannot be called")
        self._functions[name] = function

    def get(self, name: str) -> Handler | None:
        """Who answers; `None`: nobody."""
        return self._functions.get(name)

    def has(self, *names: str) -> bool:
        """Whether there is a handler for any of these."""
        return any(name in self._functions for name in names)
