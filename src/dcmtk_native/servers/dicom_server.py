"""DicomServer: a server whose services are functions."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from dcmtk_native._core.servers import RunningServer, Session, SessionServer, SessionServerOptions
from dcmtk_native._runtime.groups_network import DEFAULT_MAX_PDU
from dcmtk_native._runtime.options import MAX_TIMEOUT_MS, Opt
from dcmtk_native._runtime.tool import creation
from dcmtk_native.constants import DEFAULT_DRAIN_TIMEOUT_MS, DEFAULT_START_TIMEOUT_MS
from dcmtk_native.errors import ToolError
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.services import (
    FIND_CLASSES,
    GET_CLASSES,
    MOVE_CLASSES,
    UNCOMPRESSED,
    VERIFICATION,
)
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.servers.admission import PeersOption
from dcmtk_native.servers.answers import Reject, verdict_of
from dcmtk_native.servers.calls import AssociationOverError, Caller, HandlerError
from dcmtk_native.servers.conversation import Conversation, Terms
from dcmtk_native.servers.dispatch import NativeEvent
from dcmtk_native.servers.events import DicomServerEvent
from dcmtk_native.servers.handler_loop import HandlerLoop
from dcmtk_native.servers.handlers import HANDLERS, Handler, Handlers
from dcmtk_native.servers.handling import Handling
from dcmtk_native.servers.lifecycle import ServerErrorData
from dcmtk_native.servers.listening import OnAssociationReceived
from dcmtk_native.servers.meanings import MEANINGS
from dcmtk_native.servers.options import (
    DEFAULT_ASSOCIATIONS,
    DEFAULT_SERVER_ACSE_TIMEOUT,
    BindAddress,
    DrainTimeoutMs,
    ExtensionOption,
    MaxAssociations,
    MaxAssociationsPerPeer,
    MaxPdu,
    OutputDirectory,
    OwnAETitle,
    ReusePort,
    ServerAcseTimeout,
    ServerDimseTimeout,
    ServerPort,
    ServerSignal,
    Sock,
    StartTimeoutMs,
    invalid,
)
from dcmtk_native.servers.process import DcmtkProcess
from dcmtk_native.servers.requests import AssociationRequest, CallingPeer
from dcmtk_native.servers.retrievals import Place
from dcmtk_native.servers.terms import ProcessTerms

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

__all__ = ["DicomServer"]

_TOOL = "DicomServer"
_LOGGER: Final = logging.getLogger("dcmtk_native.servers")
_MOST_LEFT_BEHIND: Final = 64
"""Handlers that did not return in time and are still at work: beyond it nobody new is let in."""

_LOCAL_LIMIT: Final = (2, 3, 2)
_ANY_ROLE: Final = (True, True)
_Context: TypeAlias = tuple[str, list[str], tuple[bool, bool] | None]
"""SOP class, transfer syntaxes, whether a requestor may be SCU and SCP; `None`: SCU as ever."""

_DEFAULT_HANDLER_TIMEOUT_MS: Final = 30_000

HandlerOption = Annotated[Handler | None, Opt(help="who answers; see the guide to servers")]
HandlerTimeoutMs = Annotated[
    int | None,
    Opt(
        help="milliseconds that a handler may take, and each step of a generator; None: any",
        lo=1,
        hi=MAX_TIMEOUT_MS,
    ),
]
DestinationsOption = Annotated[
    Mapping[str, Place] | Callable[[str], Place | None] | None,
    Opt(
        help="host and port of each AE title that a C-MOVE may send to, with a TlsConfig where it"
        " speaks TLS; None: on_move yields them, or None, before all else"
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """What a DicomServer is told beyond its `ProcessTerms`, as it stands in `create`."""

    folder: str | None
    in_memory: bool
    extension: str
    sop_classes: tuple[str, ...]
    transfer_syntaxes: tuple[str, ...]
    destinations: Callable[[str], Place | None] | None
    handler_timeout_ms: int | None
    require_called_ae_title: bool


class DicomServer(DcmtkProcess, OnAssociationReceived, Handling):
    """A server for any set of services: a handler for each, as an argument or by a decorator.

    A handler is a plain function, a generator, a coroutine function or an asynchronous generator.
    It runs on a thread of its association (coroutines: in an event loop) and has
    `handler_timeout_ms`; that it raises or takes too long is a failure status for the peer and an
    `error` event, and nothing else happens.

    Example:
        >>> server = DicomServer.create(port=0, output_directory="incoming").unwrap()
        >>> @server.on_store
        ... def check(request):
        ...     return 0 if request.sop_class_uid.startswith("1.2.840.10008") else 0xA900
        >>> with server:
        ...     server.start().ok
        True
    """

    TOOL = _TOOL
    EVENTS = frozenset(DicomServerEvent)

    def __init__(self, terms: ProcessTerms, settings: _Settings, handlers: Handlers) -> None:
        super().__init__(terms)
        self._settings = settings
        self._handlers = handlers
        self._own_loop = HandlerLoop(f"dcmtk_native {_TOOL} loop")
        self._given_loop: AbstractEventLoop | None = None
        self._deserted: list[Caller] = []
        self._sessions: SessionServer | None = None
        self._references = count(1)
        self._raised: dict[int, BaseException] = {}

    @classmethod
    @creation(_TOOL)
    def create(
        cls,
        *,
        port: ServerPort,
        ae_title: OwnAETitle = None,
        on_association: HandlerOption = None,
        on_echo: HandlerOption = None,
        on_store: HandlerOption = None,
        on_find: HandlerOption = None,
        on_move: HandlerOption = None,
        on_get: HandlerOption = None,
        on_n_create: HandlerOption = None,
        on_n_set: HandlerOption = None,
        on_n_get: HandlerOption = None,
        on_n_action: HandlerOption = None,
        on_n_event_report: HandlerOption = None,
        on_n_delete: HandlerOption = None,
        on_release: HandlerOption = None,
        on_abort: HandlerOption = None,
        output_directory: OutputDirectory = None,
        filename_extension: ExtensionOption = None,
        objects: Annotated[
            Literal["file", "bytes"] | None,
            Opt(help="what on_store gets: files (with output_directory), or their contents"),
        ] = None,
        sop_classes: Annotated[
            Sequence[str], Opt(help="UIDs of SOP classes to accept besides those of the handlers")
        ] = (),
        transfer_syntaxes: Annotated[
            Sequence[str],
            Opt(help="UIDs for objects, the preferred one first; none: what the peer prefers"),
        ] = (),
        destinations: DestinationsOption = None,
        peers: PeersOption = None,
        require_called_ae_title: Annotated[
            bool, Opt(help="reject who calls another AE title than this server's")
        ] = False,
        handler_timeout_ms: HandlerTimeoutMs = _DEFAULT_HANDLER_TIMEOUT_MS,
        acse_timeout: ServerAcseTimeout = DEFAULT_SERVER_ACSE_TIMEOUT,
        dimse_timeout: ServerDimseTimeout = None,
        max_pdu: MaxPdu = DEFAULT_MAX_PDU,
        max_associations: MaxAssociations = DEFAULT_ASSOCIATIONS,
        max_associations_per_peer: MaxAssociationsPerPeer = None,
        tls: TlsOption = None,
        bind_address: BindAddress = None,
        reuse_port: ReusePort = False,
        sock: Sock = None,
        start_timeout_ms: StartTimeoutMs = DEFAULT_START_TIMEOUT_MS,
        drain_timeout_ms: DrainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS,
        signal: ServerSignal = None,
    ) -> DicomServer:
        """A server; it is not started yet.

        It accepts verification, storage where there is `on_store` or an `output_directory`, and the
        query classes of the handlers that there are.

        Errors:
            OptionsError: an option is out of its rules, or means nothing beside the others.
        """
        terms = ProcessTerms.among(locals(), tool=_TOOL, ae_title="DCMTK_NATIVE")
        if objects == "file" and output_directory is None:
            raise invalid(_TOOL, "objects='file': only with output_directory")
        given = {name: value for name, value in locals().items() if name.startswith("on_")}
        settings = _Settings(
            folder=None if output_directory is None else os.fspath(output_directory),
            in_memory=output_directory is None or objects == "bytes",
            extension=filename_extension or "",
            sop_classes=tuple(sop_classes),
            transfer_syntaxes=tuple(transfer_syntaxes),
            destinations=destinations.get if isinstance(destinations, Mapping) else destinations,
            handler_timeout_ms=handler_timeout_ms,
            require_called_ae_title=require_called_ae_title,
        )
        return cls(terms, settings, Handlers({name: given[f"on_{name}"] for name in HANDLERS}))

    # ---- the server ----

    def metrics(self) -> dict[str, Any]:
        """Counts of what has happened so far, by name; none before it has started."""
        metrics = super().metrics()
        return {**metrics, "handlers_left_behind": self._left_behind()} if metrics else metrics

    def _open(self) -> RunningServer:
        settings = self._settings
        if settings.folder is not None:
            os.makedirs(settings.folder, exist_ok=True)  # noqa: PTH103 (pathlib costs import time)
        native = SessionServer(self._native_options(), self._decide, self._serve_session)
        self._sessions = native
        self._listeners.when_changed(lambda: native.want(self._wanted_kinds()))
        return native

    def _native_options(self) -> SessionServerOptions:
        settings, terms = self._settings, self._terms
        contexts, is_by_class = self._contexts()
        return SessionServerOptions(
            **terms.native(),
            transfer_syntaxes=list(settings.transfer_syntaxes),
            roles=_ANY_ROLE if self._handlers.has("get") else None,
            is_promiscuous=False,
            contexts=contexts,
            is_by_class=is_by_class,
            is_profile=False,
            extended=[],
            required_called_ae_title=terms.ae_title if settings.require_called_ae_title else None,
            responding_ae_title=None,
            refuses_all=False,
            requires_implementation_uid=False,
            folder=settings.folder,
            extension=settings.extension,
            identity="unchecked",
            answers_echo=not self._handlers.has("echo"),
        )

    def _contexts(self) -> tuple[list[_Context], bool]:
        """SOP classes with their terms, and whether these are all that there are."""
        takes_objects = self._settings.folder is not None or self._handlers.has("store", "get")
        asked = [VERIFICATION]
        for name, models in (("find", FIND_CLASSES), ("move", MOVE_CLASSES), ("get", GET_CLASSES)):
            if self._handlers.has(name):
                asked += models.values()
        syntaxes = list(UNCOMPRESSED)
        return [
            *((one, syntaxes, None) for one in asked),
            *((one, syntaxes, _ANY_ROLE) for one in self._settings.sop_classes),
        ], not takes_objects

    def _close(self) -> None:
        self._listeners.when_changed(_nobody_asks)
        self._sessions = None
        self._own_loop.close()

    # ---- events ----

    def _wanted_kinds(self) -> list[str]:
        kinds = [kind for kind, (name, _) in MEANINGS.items() if self._listeners.wants(name)]
        return [*kinds, "error"]

    def _handle(self, event: NativeEvent | None) -> None:
        if event is None or self._dispatcher is None:
            return
        if event.kind == "error":
            error = ToolError(f"{_TOOL}: {event.detail['message']}", tool=_TOOL)
            error.__cause__ = self._raised.pop(event.detail["reference"], None)
            self._dispatcher.emit("error", ServerErrorData(error, fatal=False))
            return
        name, made_of = MEANINGS.get(event.kind, ("", None))
        if made_of is not None and self._listeners.wants(name):
            self._dispatcher.emit(name, made_of(event[1:5], event.detail))

    def _failed(self, name: str, error: BaseException) -> None:
        """Nothing: a handler's failure is in the log, and listeners of `error` will hear of it."""
        _LOGGER.error("%s: the handler of %s failed", _TOOL, name, exc_info=error)
        reference = next(self._references)
        self._raised[reference] = error.__cause__ or error
        if self._sessions is not None:
            self._sessions.report(f"the handler of {name} failed: {error}", reference)

    # ---- associations, on their threads ----

    def _decide(self, peer: tuple[Any, ...], proposal: tuple[Any, ...]) -> Any:
        if self._left_behind() >= _MOST_LEFT_BEHIND:
            return _LOCAL_LIMIT
        handler = self._handlers.get("association")
        if handler is None:
            return None
        caller = self._caller(lambda: False)
        try:
            said = verdict_of(caller.call(handler, _association_request(peer, proposal)))
        except (HandlerError, AssociationOverError, TypeError) as error:
            self._failed("association", error)
            said = Reject(2, 1, 1)
        finally:
            self._leave(caller)
        return (said.result, said.source, said.reason) if isinstance(said, Reject) else said

    def _serve_session(self, session: Session) -> str | None:
        caller = self._caller(session.is_stopped)
        try:
            return Conversation(session, self._conversation_terms(), caller).run()
        finally:
            self._leave(caller)

    def _conversation_terms(self) -> Terms:
        settings = self._settings
        return Terms(
            handlers=self._handlers,
            in_memory=settings.in_memory,
            keeps_files=settings.folder is not None,
            destination=settings.destinations,
            peer=self._peer,
            failed=self._failed,
        )

    def _peer(self, ae_title: str, place: Place) -> Peer:
        host, port, tls = place if len(place) == 3 else (*place, None)
        return Peer(
            host=host,
            port=port,
            tls=tls,
            called_ae_title=ae_title,
            calling_ae_title=self.ae_title,
            acse_timeout=self._terms.acse_timeout,
            dimse_timeout=self._terms.dimse_timeout,
        )

    def _caller(self, is_over: Callable[[], bool]) -> Caller:
        limit = self._settings.handler_timeout_ms
        seconds = None if limit is None else limit / 1000
        return Caller(f"dcmtk_native {_TOOL} handlers", seconds, self._loop, is_over)

    def _leave(self, caller: Caller) -> None:
        caller.end()
        self._deserted = [one for one in (*self._deserted, caller) if one.left_behind]

    def _left_behind(self) -> int:
        """Handlers that are still at work though nobody waits for them any more."""
        return sum(caller.left_behind for caller in self._deserted)

    def _await_in(self, loop: AbstractEventLoop) -> None:
        """Nothing: coroutines of handlers run in this loop, which is somebody else's."""
        self._given_loop = loop

    def _loop(self) -> AbstractEventLoop:
        """Where coroutines run: the loop that was given, else one on a thread of its own."""
        return self._given_loop or self._own_loop.get()


def _nobody_asks() -> None:
    """When there is nobody any more who could tell of anything."""


def _association_request(peer: tuple[Any, ...], proposal: tuple[Any, ...]) -> AssociationRequest:
    class_uid, version, max_pdu, contexts, identity = proposal
    user = None
    if identity is not None:
        kind, positive_response, primary, secondary = identity
        user = UserIdentity(kind, primary, secondary, positive_response)
    return AssociationRequest(
        CallingPeer(*peer),
        class_uid,
        version,
        max_pdu,
        tuple(PresentationContext(abstract, syntaxes) for abstract, syntaxes in contexts),
        user,
    )
