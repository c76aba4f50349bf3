"""What handlers can be bound to, and what they get: `evt` of pynetdicom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final, NamedTuple

import pydicom
from pydicom.uid import UID

from dcmtk_native.servers.requests import CallingPeer, MoveRequest, NormalizedRequest, StoreRequest

__all__ = [
    "EVT_ABORTED",
    "EVT_ACCEPTED",
    "EVT_C_ECHO",
    "EVT_C_FIND",
    "EVT_C_GET",
    "EVT_C_MOVE",
    "EVT_C_STORE",
    "EVT_ESTABLISHED",
    "EVT_N_ACTION",
    "EVT_N_CREATE",
    "EVT_N_DELETE",
    "EVT_N_EVENT_REPORT",
    "EVT_N_GET",
    "EVT_N_SET",
    "EVT_REJECTED",
    "EVT_RELEASED",
    "EVT_REQUESTED",
    "EVT_USER_ID",
    "Assoc",
    "Context",
    "Event",
    "EventType",
    "Party",
]


class EventType(NamedTuple):
    """What a handler can be bound to.

    Attributes:
        name: such as EVT_C_STORE.
        description: in words.
        is_intervention: the handler's answer counts, and there is one handler; any number is told
            of other events.
    """

    name: str
    description: str
    is_intervention: bool = True

    @property
    def is_notification(self) -> bool:
        """Whether any number of handlers is told, and none asked."""
        return not self.is_intervention


EVT_C_ECHO: Final = EventType("EVT_C_ECHO", "C-ECHO request received")
EVT_C_STORE: Final = EventType("EVT_C_STORE", "C-STORE request received")
EVT_C_FIND: Final = EventType("EVT_C_FIND", "C-FIND request received")
EVT_C_GET: Final = EventType("EVT_C_GET", "C-GET request received")
EVT_C_MOVE: Final = EventType("EVT_C_MOVE", "C-MOVE request received")
EVT_N_ACTION: Final = EventType("EVT_N_ACTION", "N-ACTION request received")
EVT_N_CREATE: Final = EventType("EVT_N_CREATE", "N-CREATE request received")
EVT_N_DELETE: Final = EventType("EVT_N_DELETE", "N-DELETE request received")
EVT_N_EVENT_REPORT: Final = EventType("EVT_N_EVENT_REPORT", "N-EVENT-REPORT request received")
EVT_N_GET: Final = EventType("EVT_N_GET", "N-GET request received")
EVT_N_SET: Final = EventType("EVT_N_SET", "N-SET request received")
EVT_USER_ID: Final = EventType("EVT_USER_ID", "user identity to be judged")
EVT_REQUESTED: Final = EventType("EVT_REQUESTED", "association requested", False)
EVT_ACCEPTED: Final = EventType("EVT_ACCEPTED", "association accepted", False)
EVT_ESTABLISHED: Final = EventType("EVT_ESTABLISHED", "association established", False)
EVT_REJECTED: Final = EventType("EVT_REJECTED", "association rejected", False)
EVT_RELEASED: Final = EventType("EVT_RELEASED", "association released", False)
EVT_ABORTED: Final = EventType("EVT_ABORTED", "association aborted", False)


@dataclass(frozen=True, slots=True)
class Party:
    """One end of an association.

    Attributes:
        ae_title: of the application; of the acceptor, whom the requestor has called.
        address: empty where it is not told.
        port: `None` where it is not told: of EVT_ACCEPTED, EVT_ESTABLISHED and EVT_REJECTED.
    """

    ae_title: str
    address: str
    port: int | None


@dataclass(frozen=True, slots=True)
class Assoc:
    """An association, as far as handlers are told of it.

    Attributes:
        requestor: the peer.
        acceptor: this side.
        ae: the application entity whose server it is.
    """

    requestor: Party
    acceptor: Party
    ae: Any


class Context(NamedTuple):
    """The presentation context of a request."""

    context_id: int
    abstract_syntax: UID
    transfer_syntax: UID


def assoc_of(peer: CallingPeer, ae: Any) -> Assoc:
    """The association of a peer."""
    return Assoc(
        Party(peer.calling_ae_title, peer.address, peer.port),
        Party(peer.called_ae_title, "", None),
        ae,
    )


class _Primitive:
    """A request under the names of PS3.7; those that it has not are an AttributeError."""

    def __init__(self, event: str, values: dict[str, Any]) -> None:
        self._event = event
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the request of {self._event} has no {name} here")


_OF_AFFECTED: Final = frozenset({EVT_N_CREATE.name, EVT_N_EVENT_REPORT.name})


def _values_of(kind: EventType, asked: Any) -> dict[str, Any]:
    sop_class = UID(asked.sop_class_uid)
    values = {"MessageID": asked.message_id}
    if not isinstance(asked, NormalizedRequest):
        values.update(AffectedSOPClassUID=sop_class, Priority=asked.priority)
        if isinstance(asked, StoreRequest):
            values["AffectedSOPInstanceUID"] = UID(asked.sop_instance_uid)
            originator = asked.move_originator or None
            values["MoveOriginatorApplicationEntityTitle"] = originator
            values["MoveOriginatorMessageID"] = asked.move_originator_message_id
        if isinstance(asked, MoveRequest):
            values["MoveDestination"] = asked.destination
        return values
    role = "Affected" if kind.name in _OF_AFFECTED else "Requested"
    instance = UID(asked.sop_instance_uid) if asked.sop_instance_uid else None
    values.update({f"{role}SOPClassUID": sop_class, f"{role}SOPInstanceUID": instance})
    if kind.name == EVT_N_ACTION.name:
        values["ActionTypeID"] = asked.action_type
    elif kind.name == EVT_N_EVENT_REPORT.name:
        values["EventTypeID"] = asked.event_type
    elif kind.name == EVT_N_GET.name:
        values["AttributeIdentifierList"] = list(asked.tags)
    return values


class Event:
    """What a handler gets: the request, and whose it is.

    An attribute that means nothing for the event is an AttributeError.

    Attributes:
        event: to which the handler is bound.
        assoc: on which it happened.
        timestamp: when.
    """

    def __init__(self, event: EventType, assoc: Assoc, asked: Any = None) -> None:
        self.event = event
        self.assoc = assoc
        self.timestamp = datetime.now()
        self._asked = asked
        self._decoded: Any = None

    # ---- of every request ----

    @property
    def request(self) -> Any:
        """The request under the names of PS3.7, such as `AffectedSOPInstanceUID`."""
        return _Primitive(self.event.name, _values_of(self.event, self._told("message_id")))

    @property
    def message_id(self) -> int:
        """(0000,0110)."""
        return int(self._told("message_id").message_id)

    @property
    def context(self) -> Context:
        """In which the request came."""
        asked = self._told("transfer_syntax_uid")
        return Context(
            asked.context_id, UID(asked.abstract_syntax_uid), UID(asked.transfer_syntax_uid)
        )

    # ---- of C-STORE ----

    @property
    def dataset(self) -> Any:
        """The object of a C-STORE, for pydicom."""
        return self._once(lambda: pydicom.dcmread(BytesIO(self._content()), force=True))

    @property
    def dataset_path(self) -> Any:
        """Nothing: objects are in memory here, as in pynetdicom by default.

        Errors:
            AttributeError: raised always; `encoded_dataset` has the object.
        """
        raise AttributeError("objects are in memory here: see dataset and encoded_dataset()")

    @property
    def file_meta(self) -> Any:
        """The file meta information that goes with the object of a C-STORE."""
        return self.dataset.file_meta

    def encoded_dataset(self, include_meta: bool = True) -> bytes:
        """The object of a C-STORE as it came: a file, or the data set alone."""
        content = self._content()
        if include_meta:
            return content
        # Preamble and prefix, (0002,0000) with its value, and as many bytes as that says.
        length = int.from_bytes(content[140:144], "little")
        return content[144 + length :]

    # ---- of queries ----

    @property
    def identifier(self) -> Any:
        """What a C-FIND, C-GET or C-MOVE asks for."""
        asked = self._told("identifier")
        return self._once(lambda: asked.identifier.to_pydicom().unwrap())

    @property
    def is_cancelled(self) -> bool:
        """Whether the peer has sent a C-CANCEL meanwhile."""
        return bool(self._told("is_cancelled").is_cancelled())

    @property
    def move_destination(self) -> str:
        """AE title that the objects of a C-MOVE are to go to."""
        return str(self._told("destination").destination)

    # ---- of N-services ----

    @property
    def action_type(self) -> int:
        """(0000,1008)."""
        return int(self._of(EVT_N_ACTION, "action_type").action_type)

    @property
    def action_information(self) -> Any:
        """The data set of an N-ACTION."""
        return self._data_set(EVT_N_ACTION, "action_information")

    @property
    def attribute_identifiers(self) -> list[Any]:
        """Tags that an N-GET asks for."""
        asked = self._of(EVT_N_GET, "attribute_identifiers")
        return [pydicom.tag.Tag(tag) for tag in asked.tags]

    @property
    def attribute_list(self) -> Any:
        """The data set of an N-CREATE."""
        return self._data_set(EVT_N_CREATE, "attribute_list")

    @property
    def event_type(self) -> int:
        """(0000,1002)."""
        return int(self._of(EVT_N_EVENT_REPORT, "event_type").event_type)

    @property
    def event_information(self) -> Any:
        """The data set of an N-EVENT-REPORT."""
        return self._data_set(EVT_N_EVENT_REPORT, "event_information")

    @property
    def modification_list(self) -> Any:
        """The data set of an N-SET."""
        return self._data_set(EVT_N_SET, "modification_list")

    # ---- of EVT_USER_ID ----

    @property
    def user_id_type(self) -> int:
        """Of the identity, as in PS3.7 annex D.3.3.7."""
        return int(self._told("kind").kind)

    @property
    def primary_field(self) -> bytes:
        """Of the identity."""
        return bytes(self._told("primary").primary)

    @property
    def secondary_field(self) -> bytes | None:
        """Of the identity; `None`: none."""
        return self._told("secondary").secondary or None

    # ---- parts ----

    def _told(self, name: str) -> Any:
        """What was asked, if it has that."""
        if not hasattr(self._asked, name):
            raise AttributeError(f"{self.event.name} does not tell {name}")
        return self._asked

    def _of(self, kind: EventType, name: str) -> Any:
        if self.event.name != kind.name:
            raise AttributeError(f"{self.event.name} has no {name}: {kind.name} has")
        return self._asked

    def _data_set(self, kind: EventType, name: str) -> Any:
        asked = self._of(kind, name)
        if asked.dataset is None:
            return pydicom.Dataset()
        return self._once(lambda: asked.dataset.to_pydicom().unwrap())

    def _content(self) -> bytes:
        return bytes(self._of(EVT_C_STORE, "dataset").content)

    def _once(self, made: Any) -> Any:
        """The data set, decoded at the first time."""
        if self._decoded is None:
            self._decoded = made()
        return self._decoded
