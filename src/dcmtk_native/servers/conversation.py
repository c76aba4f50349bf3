"""One association of a `DicomServer`, from its first request to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from dcmtk_native._core.data import Draft
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._core.servers import Session
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.errors import DcmtkError
from dcmtk_native.network.outgoing import text_of
from dcmtk_native.network.query import dataset_of, query_draft
from dcmtk_native.network.services import CommandField, StatusCategory, category_of
from dcmtk_native.servers.answers import FAILED, Answer, DimseStatus, answer_of, draft_of
from dcmtk_native.servers.calls import AssociationOverError, Caller, HandlerError
from dcmtk_native.servers.handlers import NORMALIZED, Handler, Handlers
from dcmtk_native.servers.kept import KeptFile
from dcmtk_native.servers.requests import (
    CallingPeer,
    EchoRequest,
    FindRequest,
    GetRequest,
    MoveRequest,
    NormalizedRequest,
    StoreRequest,
)
from dcmtk_native.servers.retrievals import (
    Destination,
    Place,
    Progress,
    move,
    objects_of,
    send_back,
)

__all__ = ["Command", "Conversation", "Terms"]

_ERROR_COMMENT: Final = 0x00000902
_LONGEST_COMMENT: Final = 64
_MOST_IDENTIFIER: Final = 64 << 20


class Command(NamedTuple):
    """A request as the native half has read it."""

    field: int
    message_id: int
    sop_class: str
    sop_instance: str
    syntax: str
    has_data: bool
    priority: int
    destination: str
    event_type: int
    action_type: int
    tags: list[int]
    originator: str
    originator_message_id: int | None
    context_id: int
    abstract_syntax: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a conversation has to know of its server.

    Attributes:
        handlers: who answers.
        in_memory: objects are kept in memory, not as files.
        keeps_files: there is a folder for them.
        destination: the place for a C-MOVE, by AE title, or `None`: it is not known. Without
            such a function the handler says it, before all else.
        peer: to send to, by AE title and place.
        failed: told of each handler that failed, by name and text.
    """

    handlers: Handlers
    in_memory: bool
    keeps_files: bool
    destination: Callable[[str], Place | None] | None
    peer: Callable[[str, Place], Destination]
    failed: Callable[[str, BaseException], None]


class Conversation:
    """Takes the requests of an association and has them answered, one after the other."""

    def __init__(self, session: Session, terms: Terms, caller: Caller) -> None:
        self._session = session
        self._terms = terms
        self._caller = caller
        self._peer = CallingPeer(*session.peer)
        self._command: Command = _NO_COMMAND

    def run(self) -> str | None:
        """`None` at the release of the association, else why it ended."""
        try:
            while (request := self._session.receive()) is not None:
                self._command = Command(*request)
                self._perform()
        except AssociationOverError:
            reason = "the server ended it"
        except NativeError as error:
            reason = text_of(error)
        else:
            self._tell("release")
            return None
        self._tell("abort")
        return reason

    def _tell(self, name: str) -> None:
        """Nothing: whoever wants to know of the end knows it."""
        handler = self._terms.handlers.get(name)
        if handler is not None:
            with suppress(AssociationOverError):
                self._guarded(name, handler, self._peer)

    # ---- services ----

    def _perform(self) -> None:
        field = self._command.field
        if field == CommandField.C_STORE:
            self._store()
        elif field == CommandField.C_ECHO:
            self._simple("echo", lambda: EchoRequest(*self._common, **self._terms_of_command))
        elif field in NORMALIZED:
            self._simple(NORMALIZED[CommandField(field)], self._normalized_request)
        elif field == CommandField.C_FIND:
            self._find()
        elif field == CommandField.C_GET:
            self._get()
        elif field == CommandField.C_MOVE:
            self._move()
        else:
            self._answer(DimseStatus.UNRECOGNIZED_OPERATION)

    @property
    def _common(self) -> tuple[CallingPeer, int, str]:
        return self._peer, self._command.message_id, self._command.sop_class

    @property
    def _terms_of_command(self) -> dict[str, Any]:
        return {
            "transfer_syntax_uid": self._command.syntax,
            "priority": self._command.priority,
            "context_id": self._command.context_id,
            "abstract_syntax_uid": self._command.abstract_syntax,
        }

    def _simple(self, name: str, request: Callable[[], Any]) -> None:
        """Nothing: one call, one response."""
        handler = self._terms.handlers.get(name)
        if handler is None:
            self._answer(DimseStatus.UNRECOGNIZED_OPERATION)
            return
        asked = self._understood(request)
        if asked is not None:
            said = self._guarded(name, handler, asked, otherwise=DimseStatus.PROCESSING_FAILURE)
            answer = self._converted(name, answer_of, said, Answer(DimseStatus.PROCESSING_FAILURE))
            self._answer(answer.status, answer.comment, dataset=answer.dataset)

    def _normalized_request(self) -> NormalizedRequest:
        command = self._command
        return NormalizedRequest(
            *self._common,
            command.sop_instance,
            self._dataset() if command.has_data else None,
            command.event_type,
            command.action_type,
            tuple(command.tags),
            **self._terms_of_command,
        )

    def _store(self) -> None:
        handler = self._terms.handlers.get("store")
        if handler is None and not self._terms.keeps_files:
            self._answer(DimseStatus.UNRECOGNIZED_OPERATION)
            return
        status, why, path, content, replaced = self._session.store(self._terms.in_memory)
        kept = None if path is None else KeptFile(path, replaced)
        answer = Answer(status, comment=why)
        try:
            if status == DimseStatus.SUCCESS and handler is not None:
                answer = self._said_of(handler, path, content)
                if category_of(answer.status) is StatusCategory.FAILURE and kept is not None:
                    kept.refuse()
        finally:
            if kept is not None:
                kept.settle()
        # The peer may look at once: what it finds is settled.
        self._answer(answer.status, answer.comment)

    def _said_of(self, handler: Handler, path: str | None, content: bytes | None) -> Answer:
        """What the handler thinks of an object."""
        command = self._command
        request = StoreRequest(
            *self._common,
            command.sop_instance,
            command.originator,
            path,
            content,
            move_originator_message_id=command.originator_message_id,
            **self._terms_of_command,
        )
        said = self._guarded("store", handler, request, otherwise=FAILED)
        return self._converted("store", answer_of, said, Answer(FAILED))

    def _find(self) -> None:
        handler = self._terms.handlers.get("find")
        if handler is None:
            self._answer(DimseStatus.UNRECOGNIZED_OPERATION)
            return
        request = self._understood(
            lambda: FindRequest(*self._common, *self._query, **self._terms_of_command)
        )
        if request is None:
            return
        end = Answer(DimseStatus.SUCCESS)
        for item in self._items("find", handler, request):
            if self._session.is_cancelled():
                end = Answer(DimseStatus.CANCEL)
                break
            answer = self._converted("find", _match_of, item, Answer(FAILED))
            if answer.dataset is None:
                end = answer
                break
            self._answer(answer.status, dataset=answer.dataset)
        self._answer(end.status, end.comment)

    def _get(self) -> None:
        handler = self._terms.handlers.get("get")
        if handler is None:
            self._answer(DimseStatus.UNRECOGNIZED_OPERATION)
            return
        request = self._understood(
            lambda: GetRequest(*self._common, *self._query, **self._terms_of_command)
        )
        if request is not None:
            items = self._items("get", handler, request)
            self._retrieve(
                items,
                lambda objects, progress: send_back(
                    self._session, objects, self._command.priority, progress
                ),
            )

    def _move(self) -> None:
        handler = self._terms.handlers.get("move")
        command = self._command
        if handler is None:
            self._answer(DimseStatus.UNRECOGNIZED_OPERATION)
            return
        request = self._understood(
            lambda: MoveRequest(
                *self._common, *self._query, command.destination, **self._terms_of_command
            )
        )
        if request is None:
            return
        items = self._items("move", handler, request)
        destination = self._destination_of(items)
        if isinstance(destination, Answer):
            self._answer(destination.status, destination.comment)
            return
        originator = (self._peer.calling_ae_title, command.message_id)
        self._retrieve(
            items,
            lambda objects, progress: move(
                destination, objects, command.priority, originator, progress
            ),
        )

    def _destination_of(self, items: Iterator[Any]) -> Destination | Answer:
        """Where the objects go to, as the server knows or the handler says first; or why not."""
        title, known = self._command.destination, self._terms.destination
        place = next(items, None) if known is None else self._guarded("destinations", known, title)
        if isinstance(place, Answer):
            return place
        found: Destination | None = None
        if place is not None:
            found = self._guarded("move", lambda pair: self._terms.peer(title, pair), place)
        return found or Answer(
            DimseStatus.UNKNOWN_MOVE_DESTINATION, comment="the move destination is not known here"
        )

    def _retrieve(
        self,
        items: Iterator[Any],
        send: Callable[[Iterator[Any], Progress], Iterator[None]],
    ) -> None:
        """Nothing: every object has gone its way, and each step was told."""
        ends: list[Answer] = []
        total, objects = objects_of(_until_answer(items, ends))
        progress = Progress(total)
        status: int | None = None
        comment = ""
        try:
            for _ in send(objects, progress):
                if self._session.is_cancelled():
                    status = DimseStatus.CANCEL
                    break
                if progress.done < progress.total:
                    self._answer(
                        DimseStatus.PENDING, elements=progress.elements(with_remaining=True)
                    )
        except (NativeError, DcmtkError, TypeError) as error:
            if not self._is_association_open():
                raise
            status = DimseStatus.CANNOT_PERFORM_SUBOPERATIONS
            comment = _text(error)
            self._terms.failed("sub-operations", error)
        if status is None:
            status = ends[0].status if ends else progress.final_status
            comment = ends[0].comment if ends else ""
        dataset = ends[0].dataset if ends else None
        if dataset is None and progress.failed_instances:
            dataset = query_draft(DicomDataset(_failed_list(progress.failed_instances)))
        self._answer(
            status,
            comment,
            dataset=dataset,
            elements=progress.elements(with_remaining=status == DimseStatus.CANCEL),
        )

    def _is_association_open(self) -> bool:
        try:
            self._session.is_cancelled()
        except NativeError:
            return False
        return True

    # ---- parts ----

    @property
    def _query(self) -> tuple[DicomDataset, Callable[[], bool]]:
        return self._dataset(), self._session.is_cancelled

    def _dataset(self) -> DicomDataset:
        content = self._session.read_data(_MOST_IDENTIFIER) if self._command.has_data else b""
        return dataset_of(content, self._command.syntax)

    def _understood(self, request: Callable[[], Any]) -> Any:
        """The request; `None`: its data set is damaged, which the peer has been told."""
        try:
            return request()
        except DcmtkError as error:
            self._answer(DimseStatus.CANNOT_UNDERSTAND, error.message)
            return None

    def _items(self, name: str, handler: Handler, request: Any) -> Iterator[Any]:
        """What the handler yields; the last is an `Answer` if it failed."""
        try:
            yield from self._caller.iterate(self._caller.call(handler, request))
        except HandlerError as error:
            self._terms.failed(name, error)
            yield Answer(FAILED)

    def _guarded(self, name: str, handler: Handler, request: Any, otherwise: Any = None) -> Any:
        try:
            return self._caller.call(handler, request)
        except HandlerError as error:
            self._terms.failed(name, error)
            return otherwise

    def _converted(
        self, name: str, convert: Callable[[Any], Answer], said: Any, otherwise: Answer
    ) -> Answer:
        """What the handler said, if it can be said to a peer."""
        try:
            return convert(said)
        except (TypeError, ValueError, DcmtkError, NativeError) as error:
            self._terms.failed(name, error)
            return otherwise

    def _answer(
        self,
        status: int,
        comment: str = "",
        *,
        dataset: Draft | None = None,
        elements: list[tuple[int, Any]] | None = None,
    ) -> None:
        elements = list(elements or ())
        if comment:
            elements.append((_ERROR_COMMENT, _printable(comment)))
        self._session.answer(status, elements, dataset)


_NO_COMMAND: Final = Command(0, 0, "", "", "", False, 0, "", 0, 0, [], "", None, 0, "")


def _until_answer(items: Iterator[Any], ends: list[Answer]) -> Iterator[Any]:
    """The items before an answer that ends them, which is put where the caller finds it."""
    for item in items:
        if isinstance(item, Answer):
            ends.append(item)
            return
        yield item


def _match_of(said: Any) -> Answer:
    """A match: a data set, or a pair of a pending status and a data set; a status alone ends it."""
    if isinstance(said, tuple):
        status, dataset = said
        return Answer(status, None if dataset is None else draft_of(dataset))
    if isinstance(said, (int, Answer)):
        return answer_of(said)
    return Answer(DimseStatus.PENDING, draft_of(said))


def _failed_list(instances: list[str]) -> dict[str, Any]:
    return {"00080058": {"vr": "UI", "Value": instances}}


def _text(error: BaseException) -> str:
    return text_of(error) if isinstance(error, (NativeError, DcmtkError)) else str(error)


def _printable(comment: str) -> str:
    """What the VR LO of an error comment takes."""
    text = comment.encode("ascii", "replace").decode()[:_LONGEST_COMMENT]
    return text.replace("\\", "/")
