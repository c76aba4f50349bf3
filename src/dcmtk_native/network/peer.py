"""Where an association goes, and on what terms: what all clients have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from dcmtk_native._core.network import Association as NativeAssociation
from dcmtk_native._core.network import RequestOptions
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    MAX_PDU,
    milliseconds,
)
from dcmtk_native.errors import DimseError, OptionsError
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.results import DimseResponse
from dcmtk_native.network.services import UNCOMPRESSED, StatusCategory
from dcmtk_native.network.tls import TlsConfig

__all__ = ["MAX_CONTEXTS", "Peer", "PresentationContext", "check_status"]

MAX_CONTEXTS: Final = 128
"""Of one association (PS3.8 section 9.3.2.2)."""


@dataclass(frozen=True, slots=True)
class PresentationContext:
    """What is proposed for one SOP class.

    Attributes:
        abstract_syntax: the SOP class's UID.
        transfer_syntaxes: UIDs, the preferred one first.
        scu: this side asks.
        scp: this side performs, as a C-GET needs it for what it receives.
    """

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...] = UNCOMPRESSED
    scu: bool = True
    scp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A peer and the terms of an association with it; times in seconds, 0 and `None`: no limit."""

    host: str
    port: int
    calling_ae_title: str
    called_ae_title: str | None = None
    connection_timeout: float | None = None
    socket_timeout: float = 0
    acse_timeout: float = DEFAULT_ACSE_TIMEOUT
    dimse_timeout: float | None = None
    max_pdu: int = DEFAULT_MAX_PDU
    max_send_pdu: int | None = None
    user: UserIdentity | None = None
    tls: TlsConfig | None = None

    def request(
        self,
        contexts: Sequence[PresentationContext],
        extended_negotiation: Mapping[str, bytes] | None = None,
    ) -> NativeAssociation:
        """An association that the peer has accepted.

        Errors:
            OptionsError: raised unless there are 1 to 128 contexts.
        """
        if not 1 <= len(contexts) <= MAX_CONTEXTS:
            raise OptionsError(f"contexts: 1 to {MAX_CONTEXTS}, not {len(contexts)}")
        roles = {
            (one.abstract_syntax, one.scu, one.scp) for one in contexts if one.scp or not one.scu
        }
        user = self.user
        return NativeAssociation.request(
            RequestOptions(
                host=self.host,
                port=self.port,
                called_ae_title=self.called_ae_title or "ANY-SCP",
                calling_ae_title=self.calling_ae_title,
                contexts=[(one.abstract_syntax, list(one.transfer_syntaxes)) for one in contexts],
                roles=sorted(roles),
                extended=list((extended_negotiation or {}).items()),
                identity=None if user is None else user.fields,
                max_pdu=self.max_pdu,
                max_send_pdu=self.max_send_pdu or MAX_PDU,
                connection_timeout_ms=milliseconds(self.connection_timeout),
                acse_timeout_ms=milliseconds(self.acse_timeout),
                socket_timeout_ms=milliseconds(self.socket_timeout),
                dimse_timeout_ms=milliseconds(self.dimse_timeout),
                tls=None if self.tls is None else self.tls.native(),
            )
        )

    @contextmanager
    def associated(
        self, contexts: Sequence[PresentationContext], *, abort: bool = False
    ) -> Iterator[NativeAssociation]:
        """A context with an association, which is released at its end, or aborted.

        What the peer refuses to do is no reason to abort; anything else that is raised is one.
        """
        association = self.request(contexts)
        try:
            yield association
        except DimseError:
            association.release()
            raise
        except BaseException:
            association.abort()
            raise
        if abort:
            association.abort()
        else:
            association.release()


def check_status(tool: str, response: DimseResponse) -> None:
    """Nothing for a response that is no failure.

    Errors:
        DimseError: raised with the status and what it means.
    """
    category = response.category
    if category is StatusCategory.FAILURE:
        text = ": ".join(filter(None, (response.description, response.comment)))
        message = f"{tool} failed: the peer answered {text}"
        raise DimseError(message, status=response.status, category=category, tool=tool)
