"""A storage server of pynetdicom's that keeps all that its peers propose, ask and send."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pynetdicom import AE, evt, register_uid
from pynetdicom._globals import ALL_TRANSFER_SYNTAXES
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import Verification, uid_to_service_class

__all__ = ["Met", "Received", "Recorder", "recording"]

_READY_WITHIN = 10.0
_NATIVES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2")
# The server takes the first of its own that is proposed: compressed ones before all others.
_SYNTAXES = (*(one for one in ALL_TRANSFER_SYNTAXES if one not in _NATIVES), *_NATIVES)


@dataclass(frozen=True)
class Received:
    """An object as it came.

    Attributes:
        sop_class: of the command.
        sop_instance: of the command.
        transfer_syntax: of the context.
        data: the bytes of the data set.
        calling_ae_title: who sent it.
    """

    sop_class: str
    sop_instance: str
    transfer_syntax: str
    data: bytes
    calling_ae_title: str


@dataclass
class Met:
    """An association.

    Attributes:
        calling: AE title of the peer.
        called: AE title that it asked for.
        contexts: abstract syntax and transfer syntaxes of what it proposed.
        roles: SCU and SCP by abstract syntax.
        extended: service class application information by SOP class.
        max_pdu: what it takes.
        identity: type, response wanted, primary and secondary field; `None` without one.
        ends: how it ended: released or aborted.
    """

    calling: str
    called: str
    contexts: list[tuple[str, tuple[str, ...]]]
    roles: dict[str, tuple[bool, bool]]
    extended: dict[str, bytes]
    max_pdu: int
    identity: tuple[int, bool, bytes, bytes] | None
    ends: list[str] = field(default_factory=list)


@dataclass
class Recorder:
    """What has been there so far.

    Attributes:
        port: on 127.0.0.1.
        met: associations.
        received: objects.
        largest_pdu: the longest P-DATA that came, without its header.
        echoes: how many C-ECHO.
        most_at_a_time: associations.
    """

    port: int = 0
    met: list[Met] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    largest_pdu: int = 0
    echoes: int = 0
    most_at_a_time: int = 0
    _open: int = 0
    _connections: list[Any] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, condition: Callable[[Recorder], object]) -> None:
        """Nothing, once it is so; an association's end comes after the peer's call has."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), _READY_WITHIN)

    def forget(self) -> None:
        """All that has been there so far."""
        with self._changed:
            self.met.clear()
            self.received.clear()
            self.largest_pdu = 0


def _identity(primitive: Any) -> tuple[int, bool, bytes, bytes] | None:
    for item in primitive.user_information:
        if hasattr(item, "user_identity_type"):
            return (
                item.user_identity_type,
                bool(item.positive_response_requested),
                item.primary_field,
                item.secondary_field or b"",
            )
    return None


def _met(assoc: Any) -> Met:
    request = assoc.requestor.primitive
    return Met(
        calling=request.calling_ae_title.strip(),
        called=request.called_ae_title.strip(),
        contexts=[
            (str(one.abstract_syntax), tuple(map(str, one.transfer_syntax)))
            for one in request.presentation_context_definition_list
        ],
        roles={
            str(item.sop_class_uid): (bool(item.scu_role), bool(item.scp_role))
            for item in request.user_information
            if hasattr(item, "scu_role")
        },
        extended={
            str(item.sop_class_uid): item.service_class_application_information
            for item in request.user_information
            if hasattr(item, "service_class_application_information")
        },
        max_pdu=request.maximum_length_received,
        identity=_identity(request),
    )


@contextmanager
def recording(
    classes: Sequence[str],
    *,
    syntaxes: Sequence[str] = _SYNTAXES,
    status: Callable[[Received], int] = lambda _: 0,
    ae_title: str = "RECORDER",
    max_pdu: int = 16382,
    refuse: Callable[[int], bool] = lambda _: False,
) -> Iterator[Recorder]:
    """A server, until the block ends.

    Args:
        classes: SOP classes that it takes, besides verification.
        syntaxes: transfer syntaxes that it takes of each.
        status: of the answer to a C-STORE.
        ae_title: its own.
        max_pdu: what it says that it takes; 0 for any length.
        refuse: aborts an association, by its number, instead of an answer to its first request.
    """
    server_ae = AE(ae_title)
    server_ae.maximum_pdu_size = max_pdu
    server_ae.add_supported_context(Verification)
    for sop_class in classes:
        if not issubclass(uid_to_service_class(sop_class), StorageServiceClass):
            register_uid(sop_class, f"Class{sop_class.replace('.', '')}", StorageServiceClass)
        server_ae.add_supported_context(sop_class, list(syntaxes), scu_role=True, scp_role=True)
    recorder = Recorder()
    handlers = _handlers(recorder, status, refuse)
    server = server_ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    recorder.port = server.server_address[1]
    try:
        yield recorder
    finally:
        server.shutdown()
        for connection in recorder._connections:  # it leaves some open if the peer is gone first
            if connection is not None:
                connection.close()


def _handlers(
    recorder: Recorder, status: Callable[[Received], int], refuse: Callable[[int], bool]
) -> list[Any]:
    numbers: dict[Any, int] = {}

    def accepted(event: Any) -> None:
        with recorder._changed:
            numbers[event.assoc] = len(recorder.met)
            recorder.met.append(_met(event.assoc))
            recorder._open += 1
            recorder._connections.append(event.assoc.dul.socket.socket)
            recorder.most_at_a_time = max(recorder.most_at_a_time, recorder._open)
            recorder._changed.notify_all()

    def ended(how: str) -> Callable[[Any], None]:
        def note(event: Any) -> None:
            with recorder._changed:
                recorder._open -= 1
                recorder.met[numbers[event.assoc]].ends.append(how)
                recorder._changed.notify_all()

        return note

    def stored(event: Any) -> int:
        if refuse(numbers[event.assoc]):
            event.assoc.abort()
            return 0
        received = Received(
            str(event.request.AffectedSOPClassUID),
            str(event.request.AffectedSOPInstanceUID),
            str(event.context.transfer_syntax),
            event.request.DataSet.getvalue(),
            event.assoc.requestor.ae_title,
        )
        with recorder._changed:
            recorder.received.append(received)
            recorder._changed.notify_all()
        return status(received)

    def echoed(_: Any) -> int:
        recorder.echoes += 1
        return 0

    def came(event: Any) -> None:
        if event.pdu.pdu_type == 4:
            recorder.largest_pdu = max(recorder.largest_pdu, event.pdu.pdu_length)

    return [
        (evt.EVT_ACCEPTED, accepted),
        (evt.EVT_RELEASED, ended("released")),
        (evt.EVT_ABORTED, ended("aborted")),
        (evt.EVT_CONN_CLOSE, lambda _: None),
        (evt.EVT_C_STORE, stored),
        (evt.EVT_C_ECHO, echoed),
        (evt.EVT_PDU_RECV, came),
    ]
