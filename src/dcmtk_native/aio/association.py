"""An association whose requests are awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

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
    MaxSendPdu,
    PortOption,
)
from dcmtk_native._runtime.mirror import mirror, mirror_method
from dcmtk_native._runtime.options import SignalOption, TimeoutMs
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.network import association as blocking
from dcmtk_native.network import responses
from dcmtk_native.network.association import ContextsOption
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.peer import PresentationContext
from dcmtk_native.network.results import DimseResponse, ReceivedObject, SubOperations
from dcmtk_native.network.services import VERIFICATION
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.result import Result, map_result

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Association", "Matches", "Retrieval"]

T = TypeVar("T")
_END = object()
_open = mirror(blocking.Association.open)


@mirror
def _next(iterator: Iterator[Any]) -> Any:
    return next(iterator, _END)


@mirror
def _close(iterator: Any) -> None:
    iterator.close()


class _Responses(Generic[T]):
    """Responses, each awaited; leaving the loop early sends C-CANCEL."""

    def __init__(self, found: Any) -> None:
        self._found = found

    @property
    def final(self) -> DimseResponse | None:
        """The response that ended it; `None` as long as none did."""
        return self._found.final  # type: ignore[no-any-return]

    cancel = mirror_method(responses._Responses.cancel, "_found")

    async def __aiter__(self) -> AsyncIterator[T]:
        iterator = iter(self._found)
        try:
            while (one := await _next(iterator)) is not _END:
                yield one
        finally:
            await _close(iterator)


class Matches(_Responses[DicomDataset]):
    """The matches of a C-FIND; see `dcmtk_native.Matches`."""


class Retrieval(_Responses[SubOperations]):
    """The progress of a C-GET or C-MOVE; see `dcmtk_native.Retrieval`."""

    @property
    def received(self) -> list[ReceivedObject]:
        """The objects that have come so far."""
        return self._found.received  # type: ignore[no-any-return]

    @property
    def counts(self) -> SubOperations:
        """Of the latest response."""
        return self._found.counts  # type: ignore[no-any-return]


def _iterated(
    method: Callable[..., Result[Any]], kind: type[T]
) -> Callable[..., Coroutine[Any, Any, Result[T]]]:
    """The method, with what it returns made asynchronous."""
    from functools import update_wrapper

    awaitable = mirror_method(method, "_association")

    async def call(self: Any, /, *args: Any, **kwargs: Any) -> Result[T]:
        return map_result(await awaitable(self, *args, **kwargs), kind)

    update_wrapper(call, awaitable)
    return call


class Association:
    """An open association; see `dcmtk_native.Association`. One request at a time.

    Example:
        >>> import asyncio
        >>> async def reachable() -> bool:
        ...     opened = await Association.open("127.0.0.1", 1)
        ...     return opened.ok
        >>> asyncio.run(reachable())
        False
    """

    __slots__ = ("_association",)

    def __init__(self, association: blocking.Association) -> None:
        self._association = association

    @classmethod
    async def open(
        cls,
        host: Host,
        port: PortOption,
        *,
        contexts: ContextsOption = (VERIFICATION,),
        called_ae_title: CalledAETitle = None,
        calling_ae_title: CallingAETitle = None,
        user: UserIdentity | None = None,
        tls: TlsOption = None,
        extended_negotiation: Mapping[str, bytes] | None = None,
        max_pdu: MaxPdu = DEFAULT_MAX_PDU,
        max_send_pdu: MaxSendPdu = None,
        connection_timeout: ConnectionTimeout = None,
        acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
        dimse_timeout: DimseTimeout = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Result[Association]:
        """An association that the peer has accepted."""
        opened = await _open(
            host,
            port,
            contexts=contexts,
            called_ae_title=called_ae_title,
            calling_ae_title=calling_ae_title,
            user=user,
            tls=tls,
            extended_negotiation=extended_negotiation,
            max_pdu=max_pdu,
            max_send_pdu=max_send_pdu,
            connection_timeout=connection_timeout,
            acse_timeout=acse_timeout,
            dimse_timeout=dimse_timeout,
            timeout_ms=timeout_ms,
            signal=signal,
        )
        return map_result(opened, cls)

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._association.is_open

    @property
    def contexts(self) -> tuple[PresentationContext, ...]:
        """The accepted contexts, each with the one transfer syntax that the peer chose."""
        return self._association.contexts

    @property
    def bytes_sent(self) -> int:
        """On the connection, so far."""
        return self._association.bytes_sent

    @property
    def bytes_received(self) -> int:
        """On the connection, so far."""
        return self._association.bytes_received

    echo = mirror_method(blocking.Association.echo, "_association")
    store = mirror_method(blocking.Association.store, "_association")
    find = _iterated(blocking.Association.find, Matches)
    get = _iterated(blocking.Association.get, Retrieval)
    move = _iterated(blocking.Association.move, Retrieval)
    n_create = mirror_method(blocking.Association.n_create, "_association")
    n_set = mirror_method(blocking.Association.n_set, "_association")
    n_get = mirror_method(blocking.Association.n_get, "_association")
    n_action = mirror_method(blocking.Association.n_action, "_association")
    n_event_report = mirror_method(blocking.Association.n_event_report, "_association")
    storage_commitment = mirror_method(blocking.Association.storage_commitment, "_association")
    n_delete = mirror_method(blocking.Association.n_delete, "_association")
    release = mirror_method(blocking.Association.release, "_association")

    def abort(self) -> None:
        """Ends it at once; a call that is awaited comes back with an error."""
        self._association.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            await self.release()
        self.abort()

    def __repr__(self) -> str:
        return repr(self._association)
