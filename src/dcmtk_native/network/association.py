"""An association, kept open for as many requests as are wanted.

>>> from dcmtk_native.network.association import Association
>>> opened = Association.open("127.0.0.1", 1)
>>> if opened.ok:
...     with opened.value as pacs:
...         print(pacs.echo().unwrap().rtt_ms)
>>> type(opened.error).__name__
'AssociationError'
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Annotated, Any, Final, Self, TypeAlias

from dcmtk_native._core.data import Draft
from dcmtk_native._core.network import Association as NativeAssociation
from dcmtk_native._core.network import Operation, StorageObject
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import LimitsOption, read_options
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    AcseTimeout,
    CalledAETitle,
    CallingAETitle,
    ConnectionTimeout,
    DimseTimeout,
    Host,
    MaxPdu,
    MaxSendPdu,
    PortOption,
)
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.commitment import (
    InstancesOption,
    TransactionOption,
    WaitOption,
    ask_for_commitment,
    await_report,
)
from dcmtk_native.network.folders import existing_folder
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.outgoing import answered, name_of
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.query import (
    Query,
    begin_query,
    put_query_level,
    put_retrieve_level,
    query_draft,
)
from dcmtk_native.network.responses import Matches, Retrieval, finish, next_answer
from dcmtk_native.network.results import DimseResponse, StoreOutcome
from dcmtk_native.network.services import (
    FIND_CLASSES,
    GET_CLASSES,
    MOVE_CLASSES,
    VERIFICATION,
    CommandField,
    CommandTag,
    Priority,
    QueryModel,
)
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.network.transaction import StorageCommitment, Transaction
from dcmtk_native.types import StrPath

__all__ = ["Association", "EchoResponse", "PresentationContext"]


@dataclass(frozen=True, slots=True)
class EchoResponse:
    """The answer to a C-ECHO.

    Attributes:
        status: (0000,0900).
        rtt_ms: from the request to its answer.
    """

    status: int
    rtt_ms: float


ContextsOption = Annotated[
    Sequence[Any], Opt(help="SOP class UIDs, or PresentationContexts, to propose; at most 128")
]
ModelOption = Annotated[QueryModel | str, Opt(help="information model, or a SOP class UID")]
PriorityOption = Annotated[Priority | int, Opt(help="of the request", lo=0, hi=2)]
_QUERY_CLASSES: Final = {
    CommandField.C_FIND: FIND_CLASSES,
    CommandField.C_GET: GET_CLASSES,
    CommandField.C_MOVE: MOVE_CLASSES,
}
_Elements: TypeAlias = list[tuple[int, Any]]


class Association:
    """An open association; one thread at a time uses it, `abort` may come from any.

    After a timeout, an abort or an error of the connection it is dead, and every call says why. As
    a context manager it is released at the end, and aborted if the block raises. A request ends an
    earlier one whose responses were not all taken: the peer is asked to stop.
    """

    def __init__(self, native: NativeAssociation) -> None:
        self._native = native
        self._unfinished: Operation | None = None

    @classmethod
    @operation
    def open(
        cls,
        host: Host,
        port: PortOption,
        *,
        contexts: ContextsOption = (VERIFICATION,),
        called_ae_title: CalledAETitle = None,
        calling_ae_title: CallingAETitle = None,
        user: Annotated[UserIdentity | None, Opt(help="who asks, and a proof of it")] = None,
        tls: TlsOption = None,
        extended_negotiation: Annotated[
            Mapping[str, bytes] | None,
            Opt(help="service class application information by SOP class UID"),
        ] = None,
        max_pdu: MaxPdu = DEFAULT_MAX_PDU,
        max_send_pdu: MaxSendPdu = None,
        connection_timeout: ConnectionTimeout = None,
        acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
        dimse_timeout: DimseTimeout = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Association:
        """An association that the peer has accepted.

        Errors:
            OptionsError: an option is out of its rules; more than 128 contexts.
            AssociationError: no connection, rejected (`result`, `source` and `reason` tell), or the
                peer does not speak DICOM, or TLS, or is not trusted.
        """
        peer = Peer(
            host=host,
            port=port,
            called_ae_title=called_ae_title,
            calling_ae_title=calling_ae_title or "DCMTK_NATIVE",
            connection_timeout=connection_timeout,
            acse_timeout=acse_timeout,
            dimse_timeout=dimse_timeout,
            max_pdu=max_pdu,
            max_send_pdu=max_send_pdu,
            user=user,
            tls=tls,
        )
        return cls(peer.request([_proposal(one) for one in contexts], extended_negotiation))

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._native.is_open

    @property
    def contexts(self) -> tuple[PresentationContext, ...]:
        """The accepted contexts, each with the one transfer syntax that the peer chose."""
        return tuple(
            PresentationContext(abstract, (transfer,), scu, scp)
            for abstract, transfer, scu, scp in self._native.contexts
        )

    @property
    def bytes_sent(self) -> int:
        """On the connection, so far."""
        return self._native.bytes_sent

    @property
    def bytes_received(self) -> int:
        """On the connection, so far."""
        return self._native.bytes_received

    @operation
    def echo(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> EchoResponse:
        """The peer's answer to a C-ECHO (PS3.7 section 9.1.5)."""
        begin = time.perf_counter()
        elements: _Elements = [(CommandTag.AFFECTED_SOP_CLASS, VERIFICATION)]
        response = self._only(VERIFICATION, CommandField.C_ECHO, elements)
        return EchoResponse(response.status, (time.perf_counter() - begin) * 1000)

    @operation
    def store(
        self,
        source: Annotated[InputSource, Opt(help="DICOM file to send")],
        *,
        priority: Annotated[
            Priority | int, Opt(help="of the request", lo=0, hi=2)
        ] = Priority.MEDIUM,
        originator: Annotated[
            tuple[str, int] | None,
            Opt(help="AE title and message ID of the C-MOVE that this is part of"),
        ] = None,
        on_progress: Annotated[
            Callable[[int, int], object] | None, Opt(help="called with bytes sent and in all")
        ] = None,
        limits: LimitsOption = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> StoreOutcome:
        """What the peer said to a C-STORE; the data set goes out byte for byte as it stands.

        Errors:
            AssociationError: the peer did not accept the object's SOP class in its transfer syntax,
                or the connection broke. A refusal of the object itself is an outcome, not an error.
        """
        stored = StorageObject.open(source, read_options("auto", "auto", limits))
        self._end_unfinished()
        answer = self._native.store(stored, priority, originator, guarded(on_progress))
        return answered(name_of(source), stored, answer)

    @operation
    def find(
        self,
        query: Annotated[Any, Opt(help="keys, names with values, or a data set")],
        *,
        model: ModelOption = QueryModel.STUDY,
        priority: Annotated[
            Priority | int, Opt(help="of the request", lo=0, hi=2)
        ] = Priority.MEDIUM,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Matches:
        """The matches of a C-FIND, each when it comes; leaving the loop early sends a C-CANCEL.

        `timeout_ms` and `signal` are those of every step of the iteration, too.
        """
        native = self._begin_query(CommandField.C_FIND, query, model, priority, [])
        return Matches("Association.find", native, timeout_ms, signal)

    @operation
    def get(
        self,
        query: Annotated[Any, Opt(help="keys, names with values, or a data set")],
        *,
        model: ModelOption = QueryModel.STUDY,
        output_directory: Annotated[
            StrPath | None, Opt(help="existing folder for what comes; none: it is in memory")
        ] = None,
        ignore_store: Annotated[bool, Opt(help="receive, but keep nothing")] = False,
        priority: Annotated[
            Priority | int, Opt(help="of the request", lo=0, hi=2)
        ] = Priority.MEDIUM,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Retrieval:
        """The progress of a C-GET, response by response; its `received` are the objects.

        The contexts of the SOP classes that may come need `scp=True`.
        """
        folder = None if output_directory is None else existing_folder(output_directory)
        native = self._begin_query(CommandField.C_GET, query, model, priority, [])
        native.receive_into(folder, ignore_store, "unchecked")
        return Retrieval("Association.get", native, timeout_ms, signal)

    @operation
    def move(
        self,
        query: Annotated[Any, Opt(help="keys, names with values, or a data set")],
        destination: Annotated[str, Opt(help="AE title that the peer sends to")],
        *,
        model: ModelOption = QueryModel.STUDY,
        priority: Annotated[
            Priority | int, Opt(help="of the request", lo=0, hi=2)
        ] = Priority.MEDIUM,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Retrieval:
        """The progress of a C-MOVE, response by response."""
        elements = [(CommandTag.MOVE_DESTINATION, destination)]
        native = self._begin_query(CommandField.C_MOVE, query, model, priority, elements)
        return Retrieval("Association.move", native, timeout_ms, signal)

    @operation
    def n_create(
        self,
        sop_class: Annotated[str, Opt(help="UID")],
        attributes: Annotated[Any, Opt(help="of the new instance")] = None,
        *,
        sop_instance: Annotated[str | None, Opt(help="UID; none: the peer makes one")] = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DimseResponse:
        """The answer to an N-CREATE (PS3.7 section 10.1.5)."""
        elements: _Elements = [(CommandTag.AFFECTED_SOP_CLASS, sop_class)]
        if sop_instance is not None:
            elements.append((CommandTag.AFFECTED_SOP_INSTANCE, sop_instance))
        return self._only(sop_class, CommandField.N_CREATE, elements, _draft_of(attributes))

    @operation
    def n_set(
        self,
        sop_class: Annotated[str, Opt(help="UID")],
        sop_instance: Annotated[str, Opt(help="UID")],
        modifications: Annotated[Any, Opt(help="elements with their new values")],
        *,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DimseResponse:
        """The answer to an N-SET (PS3.7 section 10.1.3)."""
        elements = _requested(sop_class, sop_instance)
        return self._only(sop_class, CommandField.N_SET, elements, _draft_of(modifications))

    @operation
    def n_get(
        self,
        sop_class: Annotated[str, Opt(help="UID")],
        sop_instance: Annotated[str, Opt(help="UID")],
        tags: Annotated[Sequence[int], Opt(help="0xGGGGEEEE of what is wanted; empty: all")] = (),
        *,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DimseResponse:
        """The answer to an N-GET (PS3.7 section 10.1.2): its `dataset` has the attributes."""
        elements = _requested(sop_class, sop_instance)
        if tags:
            elements.append((CommandTag.ATTRIBUTE_LIST, list(tags)))
        return self._only(sop_class, CommandField.N_GET, elements)

    @operation
    def n_action(
        self,
        sop_class: Annotated[str, Opt(help="UID")],
        sop_instance: Annotated[str, Opt(help="UID")],
        action_type: Annotated[int, Opt(help="(0000,1008)", lo=0, hi=65535)],
        information: Annotated[Any, Opt(help="elements of the action information")] = None,
        *,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DimseResponse:
        """The answer to an N-ACTION (PS3.7 section 10.1.4)."""
        elements = _requested(sop_class, sop_instance)
        elements.append((CommandTag.ACTION_TYPE, action_type))
        return self._only(sop_class, CommandField.N_ACTION, elements, _draft_of(information))

    @operation
    def n_event_report(
        self,
        sop_class: Annotated[str, Opt(help="UID")],
        sop_instance: Annotated[str, Opt(help="UID")],
        event_type: Annotated[int, Opt(help="(0000,1002)", lo=0, hi=65535)],
        information: Annotated[Any, Opt(help="elements of the event information")] = None,
        *,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DimseResponse:
        """The answer to an N-EVENT-REPORT (PS3.7 section 10.1.1)."""
        elements: _Elements = [
            (CommandTag.AFFECTED_SOP_CLASS, sop_class),
            (CommandTag.AFFECTED_SOP_INSTANCE, sop_instance),
            (CommandTag.EVENT_TYPE, event_type),
        ]
        return self._only(sop_class, CommandField.N_EVENT_REPORT, elements, _draft_of(information))

    @operation
    def n_delete(
        self,
        sop_class: Annotated[str, Opt(help="UID")],
        sop_instance: Annotated[str, Opt(help="UID")],
        *,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DimseResponse:
        """The answer to an N-DELETE (PS3.7 section 10.1.6)."""
        return self._only(sop_class, CommandField.N_DELETE, _requested(sop_class, sop_instance))

    @operation
    def storage_commitment(
        self,
        instances: InstancesOption,
        *,
        transaction_uid: TransactionOption = None,
        wait: WaitOption = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> StorageCommitment:
        """What the peer says it keeps of these instances (PS3.4 annex J).

        The context is that of `1.2.840.10008.1.20.1`. Without `wait` the report may take as long as
        the call; after `wait` seconds without a report the association is as good as before.

        Errors:
            OptionsError: no instances, or no UIDs.
            AssociationError: no storage commitment there, a damaged report, or the peer is gone.
            DimseError: the peer refuses the request.
            OperationTimeoutError: no report has come; the association is dead.
        """
        name = "Association.storage_commitment"
        transaction = Transaction.of(name, instances, transaction_uid)
        self._end_unfinished()
        ask_for_commitment(self._native, transaction, name)
        return await_report(self._native, transaction, wait)

    @operation
    def release(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> None:
        """Nothing, once the peer has agreed to the end; an association that has ended stays so."""
        if self._native.is_open:
            self._end_unfinished()
        self._native.release()

    def abort(self) -> None:
        """Ends it at once; a call that another thread is in comes back with an error."""
        self._native.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.release()
        self.abort()

    def __repr__(self) -> str:
        return f"<Association {'open' if self.is_open else self._native.why_closed}>"

    def _only(
        self,
        sop_class: str,
        field: CommandField,
        elements: _Elements,
        draft: Draft | None = None,
    ) -> DimseResponse:
        """The one response to a request."""
        self._end_unfinished()
        answer = next_answer(self._native.begin(sop_class, field, elements, draft))
        assert answer is not None
        return answer.response

    def _begin_query(
        self,
        field: CommandField,
        query: Query,
        model: QueryModel | str,
        priority: int,
        elements: Sequence[tuple[CommandTag, str]],
    ) -> Operation:
        known = QueryModel(model) if model in {*QueryModel} else None
        sop_class = str(model) if known is None else _QUERY_CLASSES[field].get(known)
        if sop_class is None:
            raise OptionsError(f"model={str(model)!r}: it has no such service")
        draft = query_draft(query)
        put_level = put_query_level if field is CommandField.C_FIND else put_retrieve_level
        put_level(draft, known)
        self._end_unfinished()
        self._unfinished = begin_query(
            self._native, field, sop_class, draft, priority=priority, elements=elements
        )
        return self._unfinished

    def _end_unfinished(self) -> None:
        """Nothing; the responses to an earlier request would else be taken for the next one's."""
        unfinished, self._unfinished = self._unfinished, None
        if unfinished is not None:
            finish(unfinished)


def _proposal(context: object) -> PresentationContext:
    return (
        context if isinstance(context, PresentationContext) else PresentationContext(str(context))
    )


def _requested(sop_class: str, sop_instance: str) -> _Elements:
    return [
        (CommandTag.REQUESTED_SOP_CLASS, sop_class),
        (CommandTag.REQUESTED_SOP_INSTANCE, sop_instance),
    ]


def _draft_of(attributes: Query | None) -> Draft | None:
    if attributes is None or (not isinstance(attributes, DicomDataset) and not attributes):
        return None
    return query_draft(attributes)
