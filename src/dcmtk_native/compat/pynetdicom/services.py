"""Handlers of pynetdicom as handlers of a `DicomServer`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from dcmtk_native.compat.pynetdicom import events as evt
from dcmtk_native.compat.pynetdicom.answers import matches, objects, one_answer
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.servers.answers import Answer, Reject
from dcmtk_native.servers.options import invalid
from dcmtk_native.servers.requests import AssociationRequest, CallingPeer

__all__ = ["Bindings", "Bound"]

_LOGGER: Final = logging.getLogger("dcmtk_native.compat.pynetdicom")
_TOOL: Final = "compat.pynetdicom"
_PROCESSING_FAILURE: Final = 0x0110
_UNKNOWN_CALLING: Final = Reject(1, 1, 3)
_UNKNOWN_CALLED: Final = Reject(1, 1, 7)
_USER_REFUSED: Final = Reject(1, 2, 1)

Bound = Callable[[evt.Event], Any]
"""A handler with its extra arguments."""

_SERVED: Final[Mapping[str, evt.EventType]] = {
    name: getattr(evt, name) for name in evt.__all__ if name.startswith("EVT_")
}
_N_SERVICES: Final = {
    "on_n_create": evt.EVT_N_CREATE,
    "on_n_set": evt.EVT_N_SET,
    "on_n_get": evt.EVT_N_GET,
    "on_n_action": evt.EVT_N_ACTION,
    "on_n_event_report": evt.EVT_N_EVENT_REPORT,
}
_LISTENED: Final = {
    "ASSOCIATION_ACKNOWLEDGED": (evt.EVT_ACCEPTED, evt.EVT_ESTABLISHED),
    "REFUSING_ASSOCIATION": (evt.EVT_REJECTED,),
}


class Bindings:
    """The handlers of a server, by event.

    Args:
        given: pairs of an event and a handler, or triples with extra arguments.
        ae: the application entity whose server it is.

    Errors:
        OptionsError: raised for an event that cannot be served, and for what is no such tuple.
    """

    def __init__(self, given: Iterable[Sequence[Any]], ae: Any) -> None:
        self._ae = ae
        self._bound: dict[str, list[Bound]] = {}
        for item in given:
            if len(item) not in {2, 3} or not callable(item[1]):
                raise invalid(
                    _TOOL, f"{item!r} is no (event, handler) or (event, handler, arguments)"
                )
            self._bind(item[0], item[1], item[2] if len(item) == 3 else ())

    def _bind(self, event: Any, handler: Callable[..., Any], extra: Iterable[Any]) -> None:
        name = getattr(event, "name", event)
        if name not in _SERVED:
            raise invalid(_TOOL, f"{name} cannot be served; {', '.join(_SERVED)} can")
        kept = [] if _SERVED[name].is_intervention else self._bound.get(name, [])
        self._bound[name] = [*kept, _with_extra(handler, tuple(extra))]

    def has(self, event: evt.EventType) -> bool:
        """Whether there is a handler for it."""
        return event.name in self._bound

    # ---- handlers of a DicomServer ----

    def handlers(self) -> dict[str, Any]:
        """Options of `DicomServer.create`, all but `on_association`."""
        made: dict[str, Any] = {
            "on_release": partial(self._end, evt.EVT_RELEASED),
            "on_abort": partial(self._end, evt.EVT_ABORTED),
        }
        singles = {
            "on_echo": (evt.EVT_C_ECHO, 0x0000, False),
            "on_store": (evt.EVT_C_STORE, 0xC211, False),
            "on_n_delete": (evt.EVT_N_DELETE, _PROCESSING_FAILURE, False),
            **{name: (kind, _PROCESSING_FAILURE, True) for name, kind in _N_SERVICES.items()},
        }
        for name, (kind, failure, is_pair) in singles.items():
            if self.has(kind):
                made[name] = partial(self._single, kind, failure, is_pair)
        if self.has(evt.EVT_C_FIND):
            made["on_find"] = self._find
        for name, kind, failure in (
            ("on_get", evt.EVT_C_GET, 0xC411),
            ("on_move", evt.EVT_C_MOVE, 0xC511),
        ):
            if self.has(kind):
                made[name] = partial(self._retrieve, kind, failure)
        return made

    def _single(self, kind: evt.EventType, failure: int, is_pair: bool, asked: Any) -> Answer:
        return one_answer(kind.name, self._call(kind, asked), failure, is_pair=is_pair)

    def _find(self, asked: Any) -> Iterator[Answer]:
        return matches(evt.EVT_C_FIND.name, self._call(evt.EVT_C_FIND, asked))

    def _retrieve(self, kind: evt.EventType, failure: int, asked: Any) -> Iterator[Any]:
        is_move = kind is evt.EVT_C_MOVE
        return objects(kind.name, self._call(kind, asked), failure, is_move=is_move)

    def _call(self, kind: evt.EventType, asked: Any) -> Callable[[], Any]:
        event = evt.Event(kind, evt.assoc_of(asked.peer, self._ae), asked)
        return partial(self._bound[kind.name][-1], event)

    # ---- associations ----

    def judge(
        self, request: AssociationRequest, *, called: str | None, calling: Sequence[str]
    ) -> Reject | bytes | None:
        """Whether an association is accepted, by its titles and by who judges users."""
        peer = request.peer
        self._notify(evt.EVT_REQUESTED, evt.assoc_of(peer, self._ae))
        if calling and peer.calling_ae_title not in calling:
            return _UNKNOWN_CALLING
        if called is not None and peer.called_ae_title != called:
            return _UNKNOWN_CALLED
        if request.identity is None or not self.has(evt.EVT_USER_ID):
            return None
        return self._judge_user(peer, request.identity)

    def _judge_user(self, peer: CallingPeer, identity: UserIdentity) -> Reject | bytes | None:
        event = evt.Event(evt.EVT_USER_ID, evt.assoc_of(peer, self._ae), identity)
        try:
            is_known, response = self._bound[evt.EVT_USER_ID.name][-1](event)
        except Exception:  # whoever cannot be judged stays outside
            _LOGGER.exception("the handler of %s failed", evt.EVT_USER_ID.name)
            return _USER_REFUSED
        if not is_known:
            return _USER_REFUSED
        return None if response is None else bytes(response)

    def listeners(self) -> dict[str, Callable[[Any], None]]:
        """Listeners for events of a `DicomServer`."""
        return {
            name: partial(self._heard, kinds)
            for name, kinds in _LISTENED.items()
            if any(self.has(kind) for kind in kinds)
        }

    def _heard(self, kinds: Sequence[evt.EventType], data: Any) -> None:
        assoc = evt.Assoc(
            evt.Party(data.calling_ae_title, data.address, None),
            evt.Party(data.called_ae_title, "", None),
            self._ae,
        )
        for kind in kinds:
            self._notify(kind, assoc)

    def _end(self, kind: evt.EventType, peer: CallingPeer) -> None:
        self._notify(kind, evt.assoc_of(peer, self._ae))

    def _notify(self, kind: evt.EventType, assoc: evt.Assoc) -> None:
        """Nothing: each handler was told; what one raises is logged."""
        for handler in self._bound.get(kind.name, ()):
            try:
                handler(evt.Event(kind, assoc))
            except Exception:  # a notification changes nothing
                _LOGGER.exception("the handler of %s failed", kind.name)


def _with_extra(handler: Callable[..., Any], extra: tuple[Any, ...]) -> Bound:
    return (lambda event: handler(event, *extra)) if extra else handler
