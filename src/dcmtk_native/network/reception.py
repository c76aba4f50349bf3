"""A port where a C-MOVE's objects arrive, and what becomes of them on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dcmtk_native._core import data as _core
from dcmtk_native._core.servers import Receiver, ReceiverOptions
from dcmtk_native._runtime.groups_network import milliseconds
from dcmtk_native.network.syntaxes import proposed_syntaxes
from dcmtk_native.network.written_form import WriteForm, conversion

__all__ = ["Reception", "identity_check"]

_DRAIN_MS = 5000
"""What the last sender may take for its release, once the peer has said that all is done."""


def identity_check(*, bit_preserving: bool, uid_padding: bool) -> str:
    """How what comes is held against its request."""
    if bit_preserving:
        return "unchecked"
    return "padded" if uid_padding else "exact"


@dataclass(frozen=True, slots=True)
class Reception:
    """How objects are received.

    Attributes:
        port: where they arrive, on every address of this machine.
        folder: where they go; `None`: nowhere.
        identity: see `identity_check`.
        prefer: words of G-PREF.
        max_pdu: the longest PDU to take.
        acse_timeout: seconds for negotiation and release.
        dimse_timeout: seconds for each message.
        write: the form that files are brought into; `None`: they stay as they came.
    """

    port: int
    folder: str | None
    identity: str
    prefer: str | Sequence[str]
    max_pdu: int
    acse_timeout: float
    dimse_timeout: float | None
    write: WriteForm | None

    @contextmanager
    def open(self) -> Iterator[Receiver]:
        """A context in which the port is open; at its end the senders have gone."""
        words = (self.prefer,) if isinstance(self.prefer, str) else self.prefer
        syntaxes = () if "accept-all" in words else proposed_syntaxes(words)
        receiver = Receiver(
            ReceiverOptions(
                address="",
                port=self.port,
                folder=self.folder,
                identity=self.identity,
                transfer_syntaxes=list(syntaxes),
                takes_reports=False,
                max_pdu=self.max_pdu,
                acse_timeout_ms=milliseconds(self.acse_timeout),
                dimse_timeout_ms=milliseconds(self.dimse_timeout),
                tls=None,
            )
        )
        try:
            yield receiver
            receiver.stop(_DRAIN_MS)
        finally:
            receiver.stop(0)

    def finish(self, receiver: Receiver) -> tuple[str, ...]:
        """The paths of what has come, in the form that files are to have."""
        stored = [(path, syntax) for _, _, syntax, path in receiver.take_stored() if path]
        for path, syntax in stored:
            if self.write is not None:
                _core.dcmconv(path, path, conversion(self.write(syntax)))
        return tuple(path for path, _ in stored)
