"""Storage commitment, as its user (PS3.4 annex J): whether a peer keeps what it was sent."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final, Literal

from dcmtk_native._core.network import Association as NativeAssociation
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._core.servers import Receiver, ReceiverOptions
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    AcseTimeout,
    CalledAETitle,
    CallingAETitle,
    ConnectionTimeout,
    DimseTimeout,
    Host,
    MaxPdu,
    PortOption,
    milliseconds,
)
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import AssociationError, DimseError, OptionsError
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.peer import Peer, PresentationContext, check_status
from dcmtk_native.network.query import query_draft
from dcmtk_native.network.responses import next_answer
from dcmtk_native.network.services import CommandField, CommandTag
from dcmtk_native.network.tls import TlsConfig, TlsOption
from dcmtk_native.network.transaction import (
    STORAGE_COMMITMENT,
    StorageCommitment,
    Transaction,
)

__all__ = [
    "InstancesOption",
    "TransactionOption",
    "WaitOption",
    "ask_for_commitment",
    "await_report",
    "request_storage_commitment",
]

_NAME: Final = "request_storage_commitment"
_WELL_KNOWN_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
_REQUEST: Final = 1
_WAIT_BESIDE_LISTENER: Final = 1.0
_LONGEST_WAIT: Final = 2_000_000
_STEP_MS: Final = 1000
_STEP_BESIDE_LISTENER_MS: Final = 20
_DRAIN_MS: Final = 1000
"""What the peer may take for its release, once it has reported."""
_LOGGER: Final = logging.getLogger("dcmtk_native.network")


def _seconds(value: float) -> float:
    if not 0 <= value <= _LONGEST_WAIT:
        raise ValueError(f"must be seconds, 0 to {_LONGEST_WAIT}")
    return value


InstancesOption = Annotated[
    Sequence[Any],
    Opt(help="SOP class and SOP instance UID of each, or what a store has returned"),
]
TransactionOption = Annotated[str | None, Opt(help="UID of the transaction; default: a new one")]
WaitOption = Annotated[
    float | None,
    Opt(help="seconds to wait for the report on the same association", check=_seconds),
]


@operation
def request_storage_commitment(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    instances: InstancesOption,
    transaction_uid: TransactionOption = None,
    wait: WaitOption = None,
    listen_port: Annotated[
        int | None,
        Opt(help="where the peer may report on an association of its own", lo=1, hi=65535),
    ] = None,
    listen_address: Annotated[str, Opt(help="of that port; empty: every address")] = "",
    connection_timeout: ConnectionTimeout = None,
    acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
    dimse_timeout: DimseTimeout = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    user: Annotated[UserIdentity | None, Opt(help="who asks, and a proof of it")] = None,
    tls: TlsOption = None,
    listen_tls: Annotated[
        TlsConfig | Literal[False] | None,
        Opt(help="speak TLS on that port, on these terms; default: those of tls; False: none"),
    ] = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> StorageCommitment:
    """What a peer says it keeps of these instances.

    Peers report on the association that asked, or on one that they open to the port that they know
    for the calling AE title. With `listen_port` that port takes their reports as long as the call
    may take; the association that asked is kept for `wait` seconds, or one. Without it the
    association is kept for `wait` seconds, or as long as the call may take: `is_reported` is
    `False` if no report has come in this time, or before the peer has released the association.

    Who asks by TLS is reported to by TLS: the port shows the certificate of `tls`, trusts whom that
    trusts, and wants to see a certificate as its `peer_auth` says. `listen_tls` is for terms of its
    own, or, as `False`, for peers that report without TLS.

    Errors:
        OptionsError: an option is out of its rules; no instances, or no UIDs; there is no
            certificate for the port to show.
        AssociationError: no connection, rejected, no storage commitment there, a damaged report;
            the port is taken; the peer is gone before it has reported, and nobody listens.
        DimseError: the peer refuses the request.
        OperationTimeoutError: no report has come; one that comes later still counts at the peer.

    Example:
        >>> from dcmtk_native import request_storage_commitment
        >>> ct = ("1.2.840.10008.5.1.4.1.1.2", "1.2.826.0.1.3680043.8.498.1")
        >>> result = request_storage_commitment(host="127.0.0.1", port=1, instances=[ct])
        >>> type(result.error).__name__
        'AssociationError'
    """
    peer = Peer(
        host=host,
        port=port,
        calling_ae_title=calling_ae_title or "DCMTK_NATIVE",
        called_ae_title=called_ae_title,
        connection_timeout=connection_timeout,
        acse_timeout=acse_timeout,
        dimse_timeout=dimse_timeout,
        max_pdu=max_pdu,
        user=user,
        tls=tls,
    )
    transaction = Transaction.of(_NAME, instances, transaction_uid)
    own_tls = _tls_of_port(listen_port, tls, listen_tls)
    if listen_port is None:
        with _associated(peer) as association:
            ask_for_commitment(association, transaction)
            return await_report(association, transaction, wait)
    with _listening(listen_port, listen_address, own_tls, peer) as receiver:
        with _associated(peer) as association:
            ask_for_commitment(association, transaction)
            found = _await_either(association, receiver, transaction, wait)
        while found is None:
            found = _take(receiver, transaction, None)
    return found


def _tls_of_port(
    port: int | None, tls: TlsConfig | None, own: TlsConfig | Literal[False] | None
) -> TlsConfig | None:
    """On what terms TLS is spoken where the peer reports; `None`: it is not.

    Errors:
        OptionsError: raised without a port, and without a certificate for it.
    """
    if port is None:
        if own is not None:
            raise OptionsError("listen_tls: only with listen_port")
        return None
    if own is not None:
        return own or None
    if tls is not None and tls.certificate is None:
        raise OptionsError(
            "listen_port: tls has no certificate for who reports; give one, or listen_tls"
        )
    return tls


def ask_for_commitment(
    association: NativeAssociation, transaction: Transaction, name: str = _NAME
) -> None:
    """Nothing: the peer has the request, and will report.

    Errors:
        DimseError: raised if it refuses.
    """
    elements: list[tuple[int, Any]] = [
        (CommandTag.REQUESTED_SOP_CLASS, STORAGE_COMMITMENT),
        (CommandTag.REQUESTED_SOP_INSTANCE, _WELL_KNOWN_INSTANCE),
        (CommandTag.ACTION_TYPE, _REQUEST),
    ]
    information = query_draft(transaction.information())
    begun = association.begin(STORAGE_COMMITMENT, CommandField.N_ACTION, elements, information)
    answer = next_answer(begun)
    assert answer is not None
    check_status(name, answer.response)


def await_report(
    association: NativeAssociation, transaction: Transaction, wait: float | None
) -> StorageCommitment:
    """What the peer reports on this association in `wait` seconds; `None`: while the call lasts."""
    end = None if wait is None else time.monotonic() + wait
    while True:
        left = _STEP_MS if end is None else max(0, round((end - time.monotonic()) * 1000))
        found, is_over = _step(association, transaction, min(_STEP_MS, left))
        if found is not None:
            return found
        if is_over or left == 0:
            return transaction.unreported()


def _step(
    association: NativeAssociation, transaction: Transaction, wait_ms: int
) -> tuple[StorageCommitment | None, bool]:
    """What has come of the report in this time, and whether nothing more can come."""
    event = association.take_event(wait_ms)
    if event is None:
        return None, not association.is_open
    try:
        return transaction.commitment(event), False
    except Exception:
        # A peer that reports such things does not get another word.
        association.abort()
        raise


def _await_either(
    association: NativeAssociation,
    receiver: Receiver,
    transaction: Transaction,
    wait: float | None,
) -> StorageCommitment | None:
    """The report, wherever it comes while the association is kept; `None`: it has not."""
    end = time.monotonic() + (_WAIT_BESIDE_LISTENER if wait is None else wait)
    while True:
        try:
            found, is_over = _step(association, transaction, _STEP_BESIDE_LISTENER_MS)
        except NativeError as error:
            if error.args[0] != "association":
                raise
            found, is_over = None, True
        found = found or _take(receiver, transaction, 0)
        if found is not None or is_over or time.monotonic() >= end:
            return found


def _take(
    receiver: Receiver, transaction: Transaction, wait_ms: int | None
) -> StorageCommitment | None:
    """What somebody has reported to the port; whoever reports nonsense there is not our peer."""
    event = receiver.take_event(wait_ms)
    try:
        return None if event is None else transaction.commitment(event)
    except (AssociationError, NativeError) as error:
        _LOGGER.warning("a report that nobody can read: %s", error)
        return None


@contextmanager
def _associated(peer: Peer) -> Iterator[NativeAssociation]:
    """A context with an association, which is released at its end.

    The request stands, whatever the peer makes of the end.
    """
    association = peer.request([PresentationContext(STORAGE_COMMITMENT)])
    try:
        yield association
    except DimseError:
        _release(association)
        raise
    except BaseException:
        association.abort()
        raise
    _release(association)


def _release(association: NativeAssociation) -> None:
    """Nothing: it has ended. What the peer has reported is not lost if it does not let go."""
    try:
        association.release()
    except NativeError as error:
        if error.args[0] not in {"association", "timeout"}:
            raise


@contextmanager
def _listening(port: int, address: str, tls: TlsConfig | None, peer: Peer) -> Iterator[Receiver]:
    """A context with a server for the peer's own associations."""
    receiver = Receiver(
        ReceiverOptions(
            address=address,
            port=port,
            folder=None,
            identity="unchecked",
            transfer_syntaxes=[],
            takes_reports=True,
            max_pdu=peer.max_pdu,
            acse_timeout_ms=milliseconds(peer.acse_timeout),
            dimse_timeout_ms=milliseconds(peer.dimse_timeout),
            tls=None if tls is None else tls.native("server"),
        )
    )
    try:
        yield receiver
        # Whoever has reported is answered before the port closes.
        receiver.stop(_DRAIN_MS)
    finally:
        receiver.stop(0)
