"""Who wants to hear of which event."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

__all__ = ["Decorator", "Entry", "L", "Listener", "Listeners"]

Listener = Callable[..., object]
"""Takes the payload; or nothing, if it does not care or if there is none."""


L = TypeVar("L", bound=Listener)


class Decorator(Protocol):
    """Makes a listener of a function, which stays what it is."""

    def __call__(self, function: L, /) -> L:
        """The function."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A listener.

    Attributes:
        listener: itself.
        takes_payload: as opposed to being called without an argument.
        once: it is gone when it has been called.
    """

    listener: Listener
    takes_payload: bool
    once: bool

    def call(self, payload: object) -> object:
        """What it returns; a payload of `None` is none."""
        if payload is None or not self.takes_payload:
            return self.listener()
        return self.listener(payload)


class Listeners:
    """The listeners of a server by event, each in the order in which they were added.

    They may be added and removed from any thread, and from a listener.
    """

    def __init__(self, names: Iterable[str], *, awaited: bool = False) -> None:
        self.names = frozenset(names)
        self._awaited = awaited
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self._lock = threading.RLock()  # of a signal handler's own thread it may be held
        self._changed: Callable[[], None] = _nobody_asks

    def when_changed(self, changed: Callable[[], None]) -> None:
        """Nothing: it is called when other events are wanted than before, and now."""
        with self._lock:
            self._changed = changed
            changed()

    def add(self, event: str, listener: Listener, *, once: bool = False) -> None:
        """Nothing: from now on it is called.

        Errors:
            ValueError: raised for an event that nothing has.
            TypeError: raised for what cannot be called, or needs an event loop where there is none.
        """
        name = self._known(event)
        if not callable(listener):
            raise TypeError(f"{listener!r} is no listener: it cannot be called")
        from inspect import iscoroutinefunction

        if not self._awaited and iscoroutinefunction(listener):
            raise TypeError("coroutine functions are for the servers of dcmtk_native.aio")
        entry = Entry(listener, _takes_payload(listener), once)
        with self._lock:
            self._put(name, (*self._entries.get(name, ()), entry))

    def remove(self, event: str, listener: Listener) -> None:
        """Nothing: what was added last of it is not called any more; without any, no change.

        Errors:
            ValueError: raised for an event that nothing has.
        """
        name = self._known(event)
        with self._lock:
            entries = self._entries.get(name, ())
            for position in reversed(range(len(entries))):
                if entries[position].listener == listener:
                    self._put(name, entries[:position] + entries[position + 1 :])
                    return

    def clear(self) -> None:
        """Nothing: nobody listens any more."""
        with self._lock:
            self._entries.clear()
            self._changed()

    def wants(self, name: str) -> bool:
        """Whether anybody listens to this."""
        return name in self._entries

    def take(self, name: str) -> tuple[Entry, ...]:
        """Whom to call; those who wanted only one are gone with this."""
        entries = self._entries.get(name, ())
        if not any(entry.once for entry in entries):
            return entries
        with self._lock:
            entries = self._entries.get(name, ())
            self._put(name, tuple(entry for entry in entries if not entry.once))
        return entries

    def _put(self, name: str, entries: tuple[Entry, ...]) -> None:
        was_wanted = name in self._entries
        if entries:
            self._entries[name] = entries
        else:
            self._entries.pop(name, None)
        if was_wanted != bool(entries):
            self._changed()

    def _known(self, event: str) -> str:
        if event in self.names:
            return str(event)
        raise ValueError(f"there is no event {event!r}, only {', '.join(sorted(self.names))}")


def _nobody_asks() -> None:
    """Before anybody cares what is wanted."""


def _takes_payload(listener: Callable[..., Any]) -> bool:
    """Whether it can be called with an argument; what does not tell can."""
    from inspect import Parameter, signature

    try:
        parameters = signature(listener).parameters.values()
    except (TypeError, ValueError):
        return True
    by_name = (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD)
    return any(one.kind not in by_name for one in parameters)
