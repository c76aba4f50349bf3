"""What the handlers of a `DicomServer` are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from dcmtk_native._core.data import Dataset as NativeDataset
from dcmtk_native._runtime.groups import DEFAULT_READ
from dcmtk_native._runtime.options import Opt
from dcmtk_native._runtime.tool import operation
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.peer import PresentationContext
from dcmtk_native.result import Result

__all__ = [
    "AssociationRequest",
    "CallingPeer",
    "EchoRequest",
    "FindRequest",
    "GetRequest",
    "MoveRequest",
    "NormalizedRequest",
    "Request",
    "StoreRequest",
]


@dataclass(frozen=True, slots=True)
class CallingPeer:
    """Who is at the other end of an association.

    Attributes:
        association_id: counts the connections of a server, from 1.
        calling_ae_title: of the peer.
        called_ae_title: whom it asked for.
        address: of the peer.
        port: of the peer.
        certificate_subject: of the certificate that it has shown (RFC 2253); empty: none.
    """

    association_id: int
    calling_ae_title: str
    called_ae_title: str
    address: str
    port: int
    certificate_subject: str


@dataclass(frozen=True, slots=True)
class AssociationRequest:
    """A request for an association (PS3.8 section 9.3.2), before it is answered.

    Attributes:
        peer: who asks.
        implementation_class_uid: of its software.
        implementation_version_name: of its software.
        max_pdu: the longest P-DATA that it takes; 0: of any length.
        contexts: that it proposes.
        identity: of its user (PS3.7 annex D.3.3.7), if it tells one.
    """

    peer: CallingPeer
    implementation_class_uid: str
    implementation_version_name: str
    max_pdu: int
    contexts: tuple[PresentationContext, ...]
    identity: UserIdentity | None


@dataclass(frozen=True, slots=True)
class Request:
    """A request on an association.

    Attributes:
        peer: who asks.
        message_id: (0000,0110).
        sop_class_uid: affected or requested.
        transfer_syntax_uid: of the data set that comes with it, and of those that answer it.
        priority: (0000,0700): 0 medium, 1 high, 2 low.
        context_id: of the presentation context in which it came.
        abstract_syntax_uid: of that context; the SOP class may be one that it stands for.
    """

    peer: CallingPeer
    message_id: int
    sop_class_uid: str
    transfer_syntax_uid: str = field(default="", kw_only=True)
    priority: int = field(default=0, kw_only=True)
    context_id: int = field(default=0, kw_only=True)
    abstract_syntax_uid: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class EchoRequest(Request):
    """A C-ECHO (PS3.7 section 9.1.5)."""


@operation
def _read(source: Annotated[Any, Opt(help="path or content of a file")]) -> DicomDataset:
    """The data set of a file."""
    return DicomDataset(LazyElements(NativeDataset.read(source, DEFAULT_READ)))


@dataclass(frozen=True, slots=True)
class StoreRequest(Request):
    """A C-STORE (PS3.7 section 9.1.1) whose object is here.

    Attributes:
        sop_instance_uid: of the object.
        move_originator: AE title of who asked for it by a C-MOVE; empty: nobody.
        path: of its file; `None`: it is in memory.
        content: of its file, in memory; `None`: it has a path.
        move_originator_message_id: of that C-MOVE; `None`: nobody has told.
    """

    sop_instance_uid: str
    move_originator: str
    path: str | None
    content: bytes | None = field(repr=False)
    move_originator_message_id: int | None = field(default=None, kw_only=True)

    def dataset(self) -> Result[DicomDataset]:
        """The object's data set; big values stay where they are until they are asked for.

        Errors:
            DicomFormatError: what the peer has sent is no data set.
        """
        return _read(self.path if self.content is None else self.content)


@dataclass(frozen=True, slots=True)
class _Query(Request):
    """A request with an identifier.

    Attributes:
        identifier: what is asked for.
        is_cancelled: whether the peer has sent a C-CANCEL meanwhile; a generator need not ask, it
            is closed then.
    """

    identifier: DicomDataset
    is_cancelled: Callable[[], bool] = field(repr=False)

    @property
    def level(self) -> str:
        """(0008,0052), such as STUDY; empty: the identifier has none."""
        return self.identifier.get_string("00080052")


@dataclass(frozen=True, slots=True)
class FindRequest(_Query):
    """A C-FIND (PS3.7 section 9.1.2)."""


@dataclass(frozen=True, slots=True)
class GetRequest(_Query):
    """A C-GET (PS3.7 section 9.1.3)."""


@dataclass(frozen=True, slots=True)
class MoveRequest(_Query):
    """A C-MOVE (PS3.7 section 9.1.4).

    Attributes:
        destination: AE title that the objects are to go to.
    """

    destination: str


@dataclass(frozen=True, slots=True)
class NormalizedRequest(Request):
    """One of the N-services (PS3.7 section 10.1).

    Attributes:
        sop_instance_uid: affected or requested; of an N-CREATE it may be empty.
        dataset: that came with it; `None`: none.
        event_type: of an N-EVENT-REPORT.
        action_type: of an N-ACTION.
        tags: that an N-GET asks for, as 0xGGGGEEEE; none: all.
    """

    sop_instance_uid: str
    dataset: DicomDataset | None
    event_type: int = 0
    action_type: int = 0
    tags: tuple[int, ...] = ()
