"""Who may open an association with a server, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Annotated, TypeAlias

from dcmtk_native._runtime.options import Opt
from dcmtk_native.types import parse_ae_title

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

    @classmethod
    def read(cls, text: str) -> AllowedPeer:
        """The peer of `CT1`, `CT1@10.1.0.0/16`, `@10.1.0.0/16`.

        Errors:
            ValueError: raised if it is none of these.
        """
        ae_title, _, network = text.partition("@")
        if ae_title and not parse_ae_title(ae_title).ok:
            raise ValueError("must begin with an AE title, or with @")
        if not text.strip("@"):
            raise ValueError("must be AE_TITLE, AE_TITLE@NETWORK or @NETWORK")
        return cls(ae_title or None, network or None)


def _all_readable(peers: Sequence[AllowedPeer | str]) -> Sequence[AllowedPeer | str]:
    if not peers:
        raise ValueError("must name somebody; None lets everybody in")
    for one in peers:
        if isinstance(one, str):
            AllowedPeer.read(one)
    return peers


PeersOption: TypeAlias = Annotated[
    Sequence[AllowedPeer | str] | None,
    Opt(
        help="who may open an association: AE_TITLE, AE_TITLE@NETWORK or @NETWORK (with rights: in"
        " Python); default: everybody",
        check=_all_readable,
    ),
]


NativePeer: TypeAlias = tuple[str | None, str | None, str | None, int]


def native_peers(peers: Sequence[AllowedPeer | str] | None) -> list[NativePeer]:
    """The same as the native half takes them."""
    every = [AllowedPeer.read(one) if isinstance(one, str) else one for one in peers or ()]
    return [
        (one.ae_title, _plain_network(one.network), one.certificate_subject, int(one.rights))
        for one in every
    ]


def _plain_network(network: str | None) -> str | None:
    """With a number of bits, however the mask was written."""
    if network is None:
        return None
    from ipaddress import ip_network

    return str(ip_network(network, strict=False))
