"""A server of pynetdicom's on loopback, which writes down what it is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.events import Event

__all__ = ["Asked", "Liar", "Scp", "Session", "matches", "serving", "wait_for_cancel"]

NATIVE = (
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2",
)
_WAIT = 30.0
_STEP = 0.01


@dataclass
class Asked:
    """A request.

    Attributes:
        kind: such as C-FIND.
        identifier: the bytes of its data set.
        syntax: of the data set.
        fields: of the command: priority, destination.
    """

    kind: str
    identifier: bytes
    syntax: str
    fields: dict[str, Any]


@dataclass
class Session:
    """An association, from what was proposed to how it ended."""

    calling: str
    called: str
    contexts: list[tuple[str, tuple[str, ...]]]
    roles: dict[str, tuple[bool, bool]]
    max_pdu: int
    asked: list[Asked] = field(default_factory=list)
    cancelled: bool = False
    ended: str = ""


class Scp:
    """What the server has seen so far."""

    def __init__(self) -> None:
        self.port = 0
        self.sessions: list[Session] = []
        self._changed = threading.Condition()

    def ended(self, count: int = 1) -> list[Session]:
        """The sessions, when this many have ended."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: sum(bool(one.ended) for one in self.sessions) >= count, _WAIT
            )
            return list(self.sessions)

    def only(self) -> Session:
        """The one session there was, when it has ended."""
        (session,) = self.ended()
        return session

    def begin(self, event: Event) -> None:
        requestor = event.assoc.requestor
        contexts = [
            (str(one.abstract_syntax), tuple(str(each) for each in one.transfer_syntax))
            for one in requestor.primitive.presentation_context_definition_list
        ]
        roles = {
            str(uid): (item.scu_role, item.scp_role)
            for uid, item in requestor.role_selection.items()
        }
        primitive = requestor.primitive
        session = Session(
            str(primitive.calling_ae_title).strip(),
            str(primitive.called_ae_title).strip(),
            contexts,
            roles,
            requestor.maximum_length,
        )
        with self._changed:
            self.sessions.append(session)
        event.assoc.session = session

    def end(self, event: Event, how: str) -> None:
        self._end(event.assoc.session, how)

    def close(self, event: Event) -> None:
        """The connection is gone. pynetdicom may say so before it tells of the abort on it."""
        threading.Timer(0.5, self._end, (event.assoc.session, "closed")).start()

    def _end(self, session: Session, how: str) -> None:
        with self._changed:
            session.ended = session.ended or how
            self._changed.notify_all()

    def note(self, event: Event, kind: str) -> Session:
        """Writes a request down."""
        session: Session = event.assoc.session
        request = event.request
        data = getattr(request, "Identifier", None)
        fields = {"priority": getattr(request, "Priority", None)}
        if getattr(request, "MoveDestination", None) is not None:
            fields["destination"] = str(request.MoveDestination)
        content = b"" if data is None else data.getvalue()
        session.asked.append(Asked(kind, content, str(event.context.transfer_syntax), fields))
        return session


Answers = Callable[[Event], Iterator[Any]]


def _noted(scp: Scp, kind: str, answers: Answers) -> Answers:
    def handle(event: Event) -> Iterator[Any]:
        session = scp.note(event, kind)
        session.cancelled = False
        for answer in answers(event):
            if session.cancelled or event.is_cancelled:  # which is true only once
                session.cancelled = True
                yield 0xFE00, None
                return
            yield answer

    return handle


@contextmanager
def serving(
    classes: Sequence[str],
    *,
    find: Answers | None = None,
    get: Answers | None = None,
    move: Answers | None = None,
    others: dict[Any, Callable[[Event], Any]] | None = None,
    roles: bool = False,
    syntaxes: Sequence[str] = NATIVE,
) -> Iterator[Scp]:
    """A server for these SOP classes, until the block ends.

    Args:
        classes: the SOP classes that it accepts.
        find, get, move: yield what pynetdicom's handlers yield; cancelling is done for them.
        others: further handlers by event.
        roles: it takes both roles, as C-GET needs it of storage classes.
        syntaxes: the transfer syntaxes that it accepts.
    """
    scp = Scp()
    ae = AE("ARCHIVE")
    ae.maximum_pdu_size = 16384
    for one in classes:
        both = {"scu_role": True, "scp_role": True} if roles and ".5.1.4.1.1." in one else {}
        ae.add_supported_context(one, list(syntaxes), **both)
    handlers: list[Any] = [
        (evt.EVT_REQUESTED, scp.begin),
        (evt.EVT_RELEASED, lambda event: scp.end(event, "released")),
        (evt.EVT_ABORTED, lambda event: scp.end(event, "aborted")),
        (evt.EVT_CONN_CLOSE, scp.close),
    ]
    for answers, event, kind in (
        (find, evt.EVT_C_FIND, "C-FIND"),
        (get, evt.EVT_C_GET, "C-GET"),
        (move, evt.EVT_C_MOVE, "C-MOVE"),
    ):
        if answers is not None:
            handlers.append((event, _noted(scp, kind, answers)))
    handlers += list((others or {}).items())
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        scp.port = server.socket.getsockname()[1]
        yield scp
    finally:
        _end(server)


def _end(server: Any) -> None:
    """Nothing, once no thread is left."""
    running = list(server.active_associations)
    server.shutdown()
    server.server_close()
    for one in running:
        one.join(_WAIT)


class Liar(Dataset):
    """Gives other UIDs when it is written than when it is asked."""

    def __init__(self, real: Dataset, values: dict[str, str]) -> None:
        super().__init__(real)
        self.file_meta = real.file_meta
        self._true = {keyword: str(real[keyword].value) for keyword in values}
        for keyword, value in values.items():
            self[keyword]._value = value  # which is not checked

    def __getattribute__(self, name: str) -> Any:
        if name in {"SOPInstanceUID", "SOPClassUID"}:
            true = super().__getattribute__("__dict__").get("_true", {})
            if name in true:
                return UID(true[name])
        return super().__getattribute__(name)


def wait_for_cancel(event: Event) -> None:
    """Nothing, once the client has asked to stop."""
    for _ in range(int(_WAIT / _STEP)):
        if event.is_cancelled:
            event.assoc.session.cancelled = True
            return
        time.sleep(_STEP)
    raise AssertionError("nobody has asked to stop")


def matches(*datasets: Dataset) -> Answers:
    """A find that answers with these, whatever is asked."""

    def answers(event: Event) -> Iterator[Any]:
        for one in datasets:
            yield 0xFF00, one

    return answers
