"""The application entity of pynetdicom, as an acceptor of associations."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

from dcmtk_native.compat.pynetdicom.contexts import (
    ContextTerms,
    PresentationContext,
    build_context,
    syntaxes_of,
)
from dcmtk_native.compat.pynetdicom.destinations import offering
from dcmtk_native.compat.pynetdicom.services import Bindings
from dcmtk_native.network.peer import Peer
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.servers.dicom_server import DicomServer
from dcmtk_native.servers.options import invalid
from dcmtk_native.servers.retrievals import Place

__all__ = ["AE", "Server"]

_TOOL: Final = "compat.pynetdicom"
_PATIENCE: Final = 600.0
_EVERYWHERE: Final = frozenset({"", "0.0.0.0"})


class AE:
    """An application entity that serves.

    Attributes that are not here cannot be set: nothing is ignored in silence.

    Attributes:
        ae_title: of this side.
        require_called_aet: reject who calls another title.
        require_calling_aet: titles of those who are let in; none: everybody.
        maximum_associations: at a time.
        maximum_pdu_size: that is received, in bytes.
        acse_timeout: seconds for negotiation and release.
        dimse_timeout: seconds for a message; a peer is silent for the longer of this one and
            `network_timeout` at most. `None`: for as long as it likes.
        network_timeout: as `dimse_timeout`.
        handler_timeout: seconds that a handler may take, and each step of a generator; `None`: any.
            pynetdicom has no such limit.
        servers: that run.
    """

    __slots__ = (
        "_requested",
        "_supported",
        "acse_timeout",
        "ae_title",
        "dimse_timeout",
        "handler_timeout",
        "maximum_associations",
        "maximum_pdu_size",
        "network_timeout",
        "require_called_aet",
        "require_calling_aet",
        "servers",
    )

    def __init__(self, ae_title: str = "PYNETDICOM") -> None:
        self.ae_title = ae_title
        self._supported: dict[str, PresentationContext] = {}
        self._requested: list[PresentationContext] = []
        self.require_called_aet = False
        self.require_calling_aet: list[str] = []
        self.maximum_associations = 10
        self.maximum_pdu_size = 16382
        self.acse_timeout: float = 30
        self.dimse_timeout: float | None = 30
        self.network_timeout: float | None = 60
        self.handler_timeout: float | None = _PATIENCE
        self.servers: list[Server] = []

    def add_supported_context(
        self,
        abstract_syntax: str | PresentationContext,
        transfer_syntax: str | Iterable[str] | None = None,
        scu_role: bool | None = None,
        scp_role: bool | None = None,
    ) -> None:
        """Nothing: it is accepted, in these transfer syntaxes besides its others, in these roles.

        A `PresentationContext` comes with its own transfer syntaxes and roles.
        """
        if isinstance(abstract_syntax, PresentationContext):
            given = abstract_syntax
            abstract_syntax, transfer_syntax = given.abstract_syntax, given.transfer_syntax
            scu_role, scp_role = given.scu_role, given.scp_role
        if not all(role is None or isinstance(role, bool) for role in (scu_role, scp_role)):
            raise TypeError("scu_role and scp_role must be None or bool")
        uid = str(abstract_syntax)
        context = self._supported.setdefault(uid, build_context(uid, ()))
        context.transfer_syntax += [
            one for one in syntaxes_of(transfer_syntax) if one not in context.transfer_syntax
        ]
        context.scu_role, context.scp_role = scu_role, scp_role

    def remove_supported_context(
        self, abstract_syntax: str, transfer_syntax: str | Iterable[str] | None = None
    ) -> None:
        """Nothing: servers that are yet to be started do not take it, or not in these syntaxes."""
        context = self._supported.get(str(abstract_syntax))
        if context is None:
            return
        gone = context.transfer_syntax if transfer_syntax is None else syntaxes_of(transfer_syntax)
        context.transfer_syntax = [one for one in context.transfer_syntax if one not in gone]
        if not context.transfer_syntax:
            del self._supported[context.abstract_syntax]

    @property
    def supported_contexts(self) -> list[PresentationContext]:
        """Presentation contexts that are accepted, and no others, by SOP class.

        Those of a list are added to the ones that there are, without their roles; an empty list
        takes all away. This is what pynetdicom does.
        """
        return [context for _, context in sorted(self._supported.items())]

    @supported_contexts.setter
    def supported_contexts(self, contexts: Iterable[PresentationContext]) -> None:
        given = list(contexts)
        if not given:
            self._supported.clear()
        for one in given:
            self.add_supported_context(one.abstract_syntax, one.transfer_syntax)

    def add_requested_context(
        self, abstract_syntax: str, transfer_syntax: str | Iterable[str] | None = None
    ) -> None:
        """Nothing: it is offered to the destinations of C-MOVE, besides the others."""
        self._requested.append(build_context(abstract_syntax, transfer_syntax))

    @property
    def requested_contexts(self) -> list[PresentationContext]:
        """What the destinations of C-MOVE are offered; none: what the objects need.

        Those of a list are added to the ones that there are; an empty list takes all away. This is
        what pynetdicom does.
        """
        return self._requested

    @requested_contexts.setter
    def requested_contexts(self, contexts: Iterable[PresentationContext]) -> None:
        given = list(contexts)
        if not given:
            self._requested = []
        for one in given:
            self.add_requested_context(one.abstract_syntax, one.transfer_syntax)

    def start_server(  # noqa: PLR0917 (pynetdicom's own order)
        self,
        address: tuple[str, int],
        block: bool = True,
        ssl_context: object = None,
        evt_handlers: Iterable[Sequence[Any]] | None = None,
        ae_title: str | None = None,
        contexts: Iterable[PresentationContext] | None = None,
        *,
        tls: TlsConfig | None = None,
    ) -> Server | None:
        """The running server; with `block`, nothing, when it has been shut down or by Ctrl-C.

        Args:
            address: host and port; port 0 is any that is free.
            block: wait until it ends.
            ssl_context: has to be `None`: see `tls`.
            evt_handlers: (event, handler) or (event, handler, extra arguments).
            ae_title: in place of that of the entity.
            contexts: in place of those of the entity.
            tls: speak TLS on these terms.

        Errors:
            OptionsError: raised for what cannot be served as it is asked for.
            AssociationError: raised when the port cannot be listened on.
        """
        if ssl_context is not None:
            raise invalid(_TOOL, "ssl_context is Python's; give tls=TlsConfig(...)")
        supported = list(self.supported_contexts if contexts is None else contexts)
        if not supported:
            raise invalid(_TOOL, "no supported presentation contexts")
        half = [one for one in supported if (one.scu_role is None) is not (one.scp_role is None)]
        if half:
            uids = ", ".join(one.abstract_syntax for one in half)
            raise invalid(_TOOL, f"scu_role and scp_role of {uids}: both or neither")
        bindings = Bindings(evt_handlers or (), self)
        title = ae_title or self.ae_title
        native = self._create(address, title, supported, bindings, tls)
        server = Server(native, address[0], self)
        self.servers.append(server)
        if not block:
            return server
        try:
            server.wait()
        except KeyboardInterrupt:
            server.shutdown()
        return None

    def shutdown(self) -> None:
        """Nothing: none of its servers runs any more."""
        for server in list(self.servers):
            server.shutdown()

    def _create(
        self,
        address: tuple[str, int],
        title: str,
        supported: list[PresentationContext],
        bindings: Bindings,
        tls: TlsConfig | None,
    ) -> DicomServer:
        called = title if self.require_called_aet else None
        calling = [one.strip() for one in self.require_calling_aet]
        silences = (self.dimse_timeout, self.network_timeout)
        longest = None if None in silences else max(one for one in silences if one is not None)
        server = _ServerOfContexts.create(
            port=address[1],
            ae_title=title,
            bind_address=None if address[0] in _EVERYWHERE else address[0],
            objects="bytes",
            on_association=lambda asked: bindings.judge(asked, called=called, calling=calling),
            handler_timeout_ms=_milliseconds(self.handler_timeout),
            acse_timeout=_seconds(self.acse_timeout),
            dimse_timeout=None if longest is None else _seconds(longest),
            max_pdu=self.maximum_pdu_size,
            max_associations=self.maximum_associations,
            tls=tls,
            **bindings.handlers(),
        ).unwrap()
        assert isinstance(server, _ServerOfContexts)
        server.supported = supported
        server.requested = tuple(self._requested)
        for name, listener in bindings.listeners().items():
            server.on_event(name, listener)
        server.start().unwrap()
        return server


class _ServerOfContexts(DicomServer):
    """A server that accepts certain presentation contexts, and offers certain ones."""

    supported: Sequence[PresentationContext] = ()
    requested: Sequence[PresentationContext] = ()

    def _contexts(self) -> tuple[list[ContextTerms], bool]:
        return [one.terms for one in self.supported], True

    def _peer(self, ae_title: str, place: Place) -> Peer:
        return offering(super()._peer(ae_title, place), self.requested)


class Server:
    """A running server.

    Attributes:
        ae: whose it is.
        native: the `DicomServer` below, with its events and its `metrics()`.
        server_address: host and port.
    """

    def __init__(self, native: DicomServer, host: str, ae: AE) -> None:
        self.ae = ae
        self.native = native
        self.server_address = (host, native.port)
        self._over = threading.Event()
        native.on_event("stopped", lambda _: self._over.set())

    def shutdown(self) -> None:
        """Nothing: it has stopped, and its associations have come to their ends."""
        self.native.stop()
        self._over.set()
        if self in self.ae.servers:
            self.ae.servers.remove(self)

    def server_close(self) -> None:
        """The same as `shutdown`."""
        self.shutdown()

    def wait(self) -> None:
        """Nothing: it has stopped."""
        self._over.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()


def _seconds(value: float | None) -> int:
    """Whole seconds, not less than were given.

    Errors:
        OptionsError: raised without a limit, which a server has to have here.
    """
    if value is None:
        raise invalid(_TOOL, "acse_timeout: a server needs a limit")
    return -int(-value // 1)


def _milliseconds(value: float | None) -> int | None:
    return None if value is None else int(value * 1000)
