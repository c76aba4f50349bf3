"""Destinations of a C-MOVE to which no other contexts are offered than an entity requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from dcmtk_native._core.network import Association as NativeAssociation
from dcmtk_native.compat.pynetdicom.contexts import PresentationContext as Requested
from dcmtk_native.network.peer import MAX_CONTEXTS, Peer, PresentationContext

__all__ = ["RequestedPeer", "offering"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPeer(Peer):
    """A peer to whom certain contexts are proposed, whatever is wanted.

    Attributes:
        offered: of these, those of the SOP classes that are wanted; at least one.
    """

    offered: tuple[PresentationContext, ...]

    def request(
        self,
        contexts: Sequence[PresentationContext],
        extended_negotiation: Mapping[str, bytes] | None = None,
    ) -> NativeAssociation:
        """An association that the peer has accepted; what is not offered has no context on it."""
        wanted = {one.abstract_syntax for one in contexts}
        found = [one for one in self.offered if one.abstract_syntax in wanted] or self.offered[:1]
        return Peer.request(self, found[:MAX_CONTEXTS], extended_negotiation)


def offering(peer: Peer, requested: Sequence[Requested]) -> Peer:
    """The peer, to whom what an entity requests is proposed; if that is none, what is wanted."""
    if not requested:
        return peer
    terms = {one.name: getattr(peer, one.name) for one in fields(peer)}
    offered = tuple(
        PresentationContext(str(one.abstract_syntax), tuple(map(str, one.transfer_syntax)))
        for one in requested
    )
    return RequestedPeer(**terms, offered=offered)
