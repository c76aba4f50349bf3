"""echoscu: whether a peer answers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

from dcmtk_native._runtime.groups import LogLevelOption
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    DEFAULT_SOCKET_TIMEOUT,
    AbortAssociation,
    AcseTimeout,
    CalledAETitle,
    CallingAETitle,
    ConnectionTimeout,
    DimseTimeout,
    Host,
    MaxPdu,
    PortOption,
    Repeat,
    SocketTimeout,
)
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.network.peer import MAX_CONTEXTS, Peer, PresentationContext, check_status
from dcmtk_native.network.responses import next_answer
from dcmtk_native.network.services import VERIFICATION, CommandField, CommandTag
from dcmtk_native.network.syntaxes import KNOWN_SYNTAXES
from dcmtk_native.network.tls import TlsOption

__all__ = ["EchoscuResult", "echoscu"]


@dataclass(frozen=True, slots=True)
class EchoscuResult:
    """The peer has answered.

    Attributes:
        success: always `True`: what fails is an error.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
        rtt_ms: milliseconds from the request to its answer; of the last one with `repeat`.
    """

    success: bool
    stderr: str
    rtt_ms: float


@tool
def echoscu(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    propose_ts: Annotated[
        int, Opt("-pts", "propose this many transfer syntaxes", lo=1, hi=len(KNOWN_SYNTAXES))
    ] = 1,
    propose_pc: Annotated[
        int, Opt("-ppc", "propose this many presentation contexts", lo=1, hi=MAX_CONTEXTS)
    ] = 1,
    connection_timeout: ConnectionTimeout = None,
    socket_timeout: SocketTimeout = DEFAULT_SOCKET_TIMEOUT,
    acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
    dimse_timeout: DimseTimeout = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    tls: TlsOption = None,
    repeat: Repeat = 1,
    abort_association: AbortAssociation = False,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> EchoscuResult:
    """How long the peer took to answer a C-ECHO (PS3.4 annex A).

    Errors:
        OptionsError: an option is out of its rules.
        AssociationError: no connection, rejected, aborted, or verification is not accepted.
        DimseError: the peer answered with a failure status.

    Example:
        >>> result = echoscu(host="127.0.0.1", port=1, called_ae_title="PACS_SCP")
        >>> print("answers" if result.ok else type(result.error).__name__)
        AssociationError
    """
    peer = Peer(
        host=host,
        port=port,
        calling_ae_title=calling_ae_title or "ECHOSCU",
        called_ae_title=called_ae_title,
        connection_timeout=connection_timeout,
        socket_timeout=socket_timeout,
        acse_timeout=acse_timeout,
        dimse_timeout=dimse_timeout,
        max_pdu=max_pdu,
        tls=tls,
    )
    context = PresentationContext(VERIFICATION, KNOWN_SYNTAXES[:propose_ts])
    rtt_ms = 0.0
    elements = [(CommandTag.AFFECTED_SOP_CLASS, VERIFICATION)]
    with peer.associated([context] * propose_pc, abort=abort_association) as association:
        for _ in range(repeat):
            begin = time.perf_counter()
            operation = association.begin(VERIFICATION, CommandField.C_ECHO, elements, None)
            answer = next_answer(operation)
            assert answer is not None
            rtt_ms = (time.perf_counter() - begin) * 1000
            check_status("echoscu", answer.response)
    return EchoscuResult(success=True, stderr="", rtt_ms=rtt_ms)
