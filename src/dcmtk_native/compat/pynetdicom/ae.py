"""The application entity of pynetdicom, as an acceptor of associations."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

from dcmtk_native.compat.pynetdicom.contexts import (
    PresentationContext,
    build_context,
)
from dcmtk_native.compat.pynetdicom.services import Bindings
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.servers.dicom_server import DicomServer
from dcmtk_native.servers.options import invalid

__all__ = ["AE", "Server"]

_TOOL: Final = "compat.pynetdicom"
_PATIENCE: Final = 600.0
_EVERYWHERE: Final = frozenset({"", "0.0.0.0"})


class AE:
    """An application entity that serves.

    Attributes that are not here cannot be set: nothing is ignored in silence.

    Attributes:
        ae_title: of this side.
        supported_contexts: presentation contexts that are accepted, and no others.
        requested_contexts: what a C-MOVE of pynetdicom offers to its destination; here that is
            what the objects need, in any case.
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
        "acse_timeout",
        "ae_title",
        "dimse_timeout",
        "handler_timeout",
        "maximum_associations",
        "maximum_pdu_size",
        "network_timeout",
        "requested_contexts",
        "require_called_aet",
        "require_calling_aet",
        "servers",
        "supported_contexts",
    )

    def __init__(self, ae_title: str = "PYNETDICOM") -> None:
        self.ae_title = ae_title
        self.supported_contexts: list[PresentationContext] = []
        self.requested_contexts: list[PresentationContext] = []
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
        """Nothing: it is accepted from now on, in these transfer syntaxes besides its others."""
        if isinstance(abstract_syntax, PresentationContext):
            added = abstract_syntax
        else:
            added = build_context(abstract_syntax, transfer_syntax)
            added.scu_role, added.scp_role = scu_role, scp_role
        for context in self.supported_contexts:
            if context.abstract_syntax == added.abstract_syntax:
                more = [s for s in added.transfer_syntax if s not in context.transfer_syntax]
                context.transfer_syntax += more
                return
        self.supported_contexts.append(added)

    def remove_supported_context(self, abstract_syntax: str) -> None:
        """Nothing: it is not accepted any more, by servers that are yet to be started."""
        kept = [one for one in self.supported_contexts if one.abstract_syntax != abstract_syntax]
        self.supported_contexts = kept

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
        for name, listener in bindings.listeners().items():
            server.on_event(name, listener)
        server.start().unwrap()
        return server


class _ServerOfContexts(DicomServer):
    """A server that accepts certain presentation contexts and no others."""

    supported: Sequence[PresentationContext] = ()

    def _contexts(self) -> tuple[list[tuple[str, list[str]]], bool]:
        listed = [
            (str(one.abstract_syntax), [str(syntax) for syntax in one.transfer_syntax])
            for one in self.supported
        ]
        return listed, True


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
