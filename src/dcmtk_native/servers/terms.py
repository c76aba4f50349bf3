"""What every server is told, whatever it serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native._runtime.groups_network import milliseconds
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.servers.admission import AllowedPeer, native_peers
from dcmtk_native.servers.options import HasFileno, invalid

__all__ = ["ProcessTerms"]

_MOST_HALF_OPEN: Final = 128
_MOST_EVENTS: Final = 4096
"""That wait for the listeners; then the peers wait, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTerms:
    """What every server is told; times in seconds unless named otherwise, `None`: no limit.

    Attributes:
        port: to listen on; 0: any that is free.
        ae_title: its own.
        bind_address: that it listens on; `None`: all.
        sock: that listens already; port and address are its own then.
        reuse_port: other processes listen on this port, too.
        peers: who is let in; `None`: everybody.
        max_associations_per_peer: `None`: as many as of all.
        tls: `None`: plain.
        start_timeout_ms: until it has to listen.
        drain_timeout_ms: for associations to end after `stop`.
        signal: stops it.
    """

    port: int
    ae_title: str
    bind_address: str | None
    sock: int | HasFileno | None
    reuse_port: bool
    max_pdu: int
    acse_timeout: int
    dimse_timeout: int | None
    socket_timeout: int | None = None
    max_associations: int
    max_associations_per_peer: int | None
    peers: Sequence[AllowedPeer | str] | None
    tls: TlsConfig | None
    start_timeout_ms: int
    drain_timeout_ms: int
    signal: SignalLike | None

    @classmethod
    def among(cls, options: Mapping[str, Any], *, tool: str, ae_title: str) -> ProcessTerms:
        """Those among the options of a server's `create`; `ae_title` is the default of its own.

        Errors:
            OptionsError: raised for some that mean nothing beside the others.
        """
        named: dict[str, Any] = {
            one.name: options[one.name] for one in fields(cls) if one.name in options
        }
        named["ae_title"] = options["ae_title"] or ae_title
        terms = cls(**named)
        if terms.sock is not None and (terms.port or terms.bind_address or terms.reuse_port):
            raise invalid(tool, "sock: only with port=0, without bind_address and reuse_port")
        return terms

    def native(self) -> dict[str, Any]:
        """The same as the native half takes it; reads the files of `tls`."""
        return {
            "address": self.bind_address or "",
            "port": self.port,
            "reuse_port": self.reuse_port,
            "inherited": self.sock if isinstance(self.sock, int | None) else self.sock.fileno(),
            "max_pdu": self.max_pdu,
            "acse_timeout_ms": milliseconds(self.acse_timeout),
            "dimse_timeout_ms": milliseconds(self.dimse_timeout),
            "socket_timeout_ms": milliseconds(self.socket_timeout),
            "max_associations": self.max_associations,
            "max_per_peer": self.max_associations_per_peer or 0,
            "max_half_open": _MOST_HALF_OPEN,
            "max_events": _MOST_EVENTS,
            "tls": None if self.tls is None else self.tls.native("server"),
            "peers": native_peers(self.peers),
        }
