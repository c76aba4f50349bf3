"""Who may open an association with a server, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Annotated, TypeAlias

from dcmtk_native._runtime.options import Opt

__all__ = ["AllowedPeer", "NativePeer", "PeerRight", "PeersOption", "native_peers"]


class PeerRight(IntFlag):
    """What a peer may ask for."""

    ECHO = 1
    STORE = 2
    FIND = 4
    MOVE = 8
    GET = 16
    NORMALIZED = 32
    ALL = 63


@dataclass(frozen=True, slots=True)
class AllowedPeer:
    """A peer that is let in: whatever is given here has to hold.

    Attributes:
        ae_title: its calling AE title. Anybody can call by any: it protects against mistakes only.
        network: its address, or the network of it: `10.1.0.0/16`, `fd00::/8`.
        certificate_subject: of the certificate that it has shown: `CN=ct1,O=Hospital` (RFC 2253).
        rights: what it may ask for; the rest is answered by 0124, not authorized.
    """

    ae_title: str | None = None
    network: str | None = None
    certificate_subject: str | None = None
    rights: PeerRight = PeerRight.ALL

    def __post_init__(self) -> None:
        if self.network is not None:
            from ipaddress import ip_network

            ip_network(self.network, strict=False)


PeersOption: TypeAlias = Annotated[
    Sequence[AllowedPeer] | None,
    Opt(help="who may open an association, and for what; default: everybody, for everything"),
]


NativePeer: TypeAlias = tuple[str | None, str | None, str | None, int]


def native_peers(peers: Sequence[AllowedPeer] | None) -> list[NativePeer]:
    """The same as the native half takes them."""
    return [
        (one.ae_title, one.network, one.certificate_subject, int(one.rights)) for one in peers or ()
    ]
