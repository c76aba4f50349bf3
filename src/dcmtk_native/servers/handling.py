"""The decorators that make a function a handler, of blocking and of awaited servers."""

from __future__ import annotations

from dcmtk_native.servers.handlers import H, Handlers

__all__ = ["Handling"]


class Handling:
    """What can be answered by a function; the last one for a service is who answers it.

    Which services there are is settled when the server starts.
    """

    _handlers: Handlers

    def on_association(self, function: H, /) -> H:
        """The function: takes an `AssociationRequest`; `None` accepts, a `Reject` does not."""
        return self._answered_by("association", function)

    def on_echo(self, function: H, /) -> H:
        """The function: takes an `EchoRequest`; returns a status, `None` is success."""
        return self._answered_by("echo", function)

    def on_store(self, function: H, /) -> H:
        """The function: takes a `StoreRequest`; returns a status. A failure puts back what was."""
        return self._answered_by("store", function)

    def on_find(self, function: H, /) -> H:
        """The function: takes a `FindRequest`; yields data sets."""
        return self._answered_by("find", function)

    def on_move(self, function: H, /) -> H:
        """The function: takes a `MoveRequest`; yields objects, before them their number or not."""
        return self._answered_by("move", function)

    def on_get(self, function: H, /) -> H:
        """The function: takes a `GetRequest`; yields objects, before them their number or not."""
        return self._answered_by("get", function)

    def on_n_create(self, function: H, /) -> H:
        """The function: takes a `NormalizedRequest`; returns a status, a data set, or both."""
        return self._answered_by("n_create", function)

    def on_n_set(self, function: H, /) -> H:
        """The function: takes a `NormalizedRequest`; returns a status, a data set, or both."""
        return self._answered_by("n_set", function)

    def on_n_get(self, function: H, /) -> H:
        """The function: takes a `NormalizedRequest`; returns a status, a data set, or both."""
        return self._answered_by("n_get", function)

    def on_n_action(self, function: H, /) -> H:
        """The function: takes a `NormalizedRequest`; returns a status, a data set, or both."""
        return self._answered_by("n_action", function)

    def on_n_event_report(self, function: H, /) -> H:
        """The function: takes a `NormalizedRequest`; returns a status, a data set, or both."""
        return self._answered_by("n_event_report", function)

    def on_n_delete(self, function: H, /) -> H:
        """The function: takes a `NormalizedRequest`; returns a status."""
        return self._answered_by("n_delete", function)

    def on_release(self, function: H, /) -> H:
        """The function: takes the `CallingPeer` whose association was released."""
        return self._answered_by("release", function)

    def on_abort(self, function: H, /) -> H:
        """The function: takes the `CallingPeer` whose association ended otherwise."""
        return self._answered_by("abort", function)

    def _answered_by(self, name: str, function: H) -> H:
        self._handlers.set(name, function)
        return function
