"""termscu: the end of a server of DCMTK's that lets itself be ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups import LogLevelOption
from dcmtk_native._runtime.groups_network import (
    DEFAULT_MAX_PDU,
    CalledAETitle,
    CallingAETitle,
    Host,
    MaxPdu,
    PortOption,
)
from dcmtk_native._runtime.options import SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import AssociationError
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.services import IMPLICIT_LITTLE, UNCOMPRESSED

__all__ = ["TermscuResult", "termscu"]

_SHUTDOWN: Final = "1.2.276.0.7230010.3.4.1915765545.18030.917282194.0"
"""DCMTK's private SOP class."""

_SYNTAXES: Final = (IMPLICIT_LITTLE, *UNCOMPRESSED[:2])
_NO_REASON: Final = [1, 1, 1]
"""Rejected permanently, by the service user, no reason given (PS3.8 section 9.3.4)."""


@dataclass(frozen=True, slots=True)
class TermscuResult:
    """The peer has heard it.

    Attributes:
        success: always `True`: what fails is an error.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
    """

    success: bool
    stderr: str


@tool
def termscu(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> TermscuResult:
    """Whether a server of DCMTK's has been told to end itself.

    It answers DCMTK's private SOP class for that by rejecting the association without a reason.

    Errors:
        OptionsError: an option is out of its rules.
        AssociationError: no connection, rejected for another reason, or the peer does not know the
            SOP class.

    Example:
        >>> result = termscu(host="127.0.0.1", port=1)
        >>> print("ended" if result.ok else type(result.error).__name__)
        AssociationError
    """
    peer = Peer(
        host=host,
        port=port,
        calling_ae_title=calling_ae_title or "TERMSCU",
        called_ae_title=called_ae_title,
        max_pdu=max_pdu,
    )
    try:
        with peer.associated([PresentationContext(_SHUTDOWN, _SYNTAXES)]) as association:
            accepted = association.contexts
    except NativeError as error:
        if error.args[-1] != _NO_REASON:
            raise
        return TermscuResult(success=True, stderr="")
    what = "it accepted" if accepted else "no acceptable presentation context for"
    message = f"termscu failed: {host}:{port}: {what} {_SHUTDOWN}, and did not end"
    raise AssociationError(message, tool="termscu")
