"""The methods by which listeners are added, of blocking and of awaited servers."""

from __future__ import annotations

from typing import Self, overload

from dcmtk_native.servers.listeners import Decorator, L, Listener, Listeners

__all__ = ["Listening", "OnAssociationReceived", "OnStoredFile", "OnStoringFile"]


class Listening:
    """What can be listened to."""

    _listeners: Listeners

    @overload
    def on_event(self, event: str, listener: Listener) -> Self: ...
    @overload
    def on_event(self, event: str) -> Decorator: ...
    def on_event(self, event: str, listener: Listener | None = None) -> Self | Decorator:
        """The server: the listener is called each time; without a listener, a decorator.

        Errors:
            ValueError: raised for an event that it has not.
            TypeError: raised for a listener that cannot be called.
        """
        return self._listen(event, listener, once=False)

    @overload
    def on(self, event: str, listener: Listener) -> Self: ...
    @overload
    def on(self, event: str) -> Decorator: ...
    def on(self, event: str, listener: Listener | None = None) -> Self | Decorator:
        """The same as `on_event`."""
        return self._listen(event, listener, once=False)

    @overload
    def once(self, event: str, listener: Listener) -> Self: ...
    @overload
    def once(self, event: str) -> Decorator: ...
    def once(self, event: str, listener: Listener | None = None) -> Self | Decorator:
        """The server: the listener is called the next time, and not again."""
        return self._listen(event, listener, once=True)

    def off(self, event: str, listener: Listener) -> Self:
        """The server: the listener, added once or more often, is called once less."""
        self._listeners.remove(event, listener)
        return self

    def _listen(self, event: str, listener: Listener | None, *, once: bool) -> Self | Decorator:
        if listener is not None:
            self._listeners.add(event, listener, once=once)
            return self

        def decorate(function: L, /) -> L:
            self._listeners.add(event, function, once=once)
            return function

        return decorate


class OnAssociationReceived(Listening):
    """Of servers that tell of requests for associations."""

    @overload
    def on_association_received(self, listener: Listener) -> Self: ...
    @overload
    def on_association_received(self) -> Decorator: ...
    def on_association_received(self, listener: Listener | None = None) -> Self | Decorator:
        """The same as `on_event("ASSOCIATION_RECEIVED", listener)`."""
        return self._listen("ASSOCIATION_RECEIVED", listener, once=False)


class OnStoredFile(Listening):
    """Of servers that tell of files that are complete."""

    @overload
    def on_stored_file(self, listener: Listener) -> Self: ...
    @overload
    def on_stored_file(self) -> Decorator: ...
    def on_stored_file(self, listener: Listener | None = None) -> Self | Decorator:
        """The same as `on_event("STORED_FILE", listener)`."""
        return self._listen("STORED_FILE", listener, once=False)


class OnStoringFile(Listening):
    """Of servers that tell of files before they are written."""

    @overload
    def on_storing_file(self, listener: Listener) -> Self: ...
    @overload
    def on_storing_file(self) -> Decorator: ...
    def on_storing_file(self, listener: Listener | None = None) -> Self | Decorator:
        """The same as `on_event("STORING_FILE", listener)`."""
        return self._listen("STORING_FILE", listener, once=False)
