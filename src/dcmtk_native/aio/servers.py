"""Servers whose listeners run in the event loop."""

# A twin is the other half of a server and touches its insides.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import wait as wait_for_all
from contextvars import ContextVar
from functools import partial, update_wrapper
from inspect import isawaitable
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar
from weakref import WeakSet

from dcmtk_native import servers
from dcmtk_native._runtime.abort import AbortController
from dcmtk_native._runtime.mirror import run_in_thread
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.result import Err, Result, map_result
from dcmtk_native.servers.dispatch import ServerEvent
from dcmtk_native.servers.handling import Handling
from dcmtk_native.servers.lifecycle import ProcessState
from dcmtk_native.servers.listeners import Entry, Listeners
from dcmtk_native.servers.listening import (
    Listening,
    OnAssociationReceived,
    OnStoredFile,
    OnStoringFile,
)
from dcmtk_native.servers.process import DcmtkProcess as BlockingProcess
from dcmtk_native.servers.process import Stopper

__all__ = ["Dcmrecv", "DcmtkProcess", "DicomServer", "StoreSCP"]

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=BlockingProcess)
T = TypeVar("T", bound="DcmtkProcess[Any]")

_LOOK_SECONDS: Final = 1.0
_ROOM: Final = 1024
"""Events that wait for whoever iterates; beyond that the listeners wait, too."""

_inside: ContextVar[frozenset[int]] = ContextVar("inside", default=frozenset())
"""The servers of which a listener is running here, or has made this task."""


class _Buffer:
    """Events on their way to one who iterates."""

    def __init__(self) -> None:
        self.events: deque[ServerEvent] = deque()
        self.changed = asyncio.Event()
        self.is_left = False
        self.is_over = False

    async def put(self, event: str, data: object = None) -> None:
        """Nothing, once there was room for it."""
        while len(self.events) >= _ROOM and not self.is_left:
            await self.wait()
        self.events.append(ServerEvent(event, data))
        self.is_over = self.is_over or event == "stopped"
        self.changed.set()

    async def wait(self) -> None:
        """Nothing, once something has changed."""
        self.changed.clear()
        await self.changed.wait()

    def end(self) -> None:
        """Nothing: there is no more than what is here."""
        self.is_over = True
        self.changed.set()


class _Stream:
    """The events of a server from now on; the last is `stopped`. It ends with its last user."""

    def __init__(self, listeners: Listeners, buffer: _Buffer, names: frozenset[str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = buffer
        self._listeners = listeners
        self._own = {name: partial(buffer.put, name) for name in names}
        for name, put in self._own.items():
            listeners.add(name, put)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerEvent:
        buffer = self._buffer
        while not buffer.events:
            if buffer.is_over:
                raise StopAsyncIteration
            await buffer.wait()
        event = buffer.events.popleft()
        buffer.changed.set()
        return event

    def __del__(self) -> None:
        for name, put in self._own.items():
            self._listeners.remove(name, put)
        self._buffer.is_left = True
        if not self._loop.is_closed():  # who waits for room need not any more
            self._loop.call_soon_threadsafe(self._buffer.changed.set)


class DcmtkProcess(Listening, Generic[S]):
    """A server; see `dcmtk_native.DcmtkProcess`. Listeners may be coroutine functions."""

    def __init__(self, server: S) -> None:
        self._server = server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()
        self._buffers: WeakSet[_Buffer] = WeakSet()
        server._deliver_by(self._deliver_in_loop)
        self._listeners = server._listeners

    # ---- state ----

    @property
    def current_state(self) -> ProcessState:
        """Where in its life it is."""
        return self._server.current_state

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._server.is_running

    @property
    def port(self) -> int:
        """That it listens on; with `port=0`, known once it is started."""
        return self._server.port

    @property
    def ae_title(self) -> str:
        """Its own."""
        return self._server.ae_title

    def metrics(self) -> dict[str, Any]:
        """Counts of what has happened so far, by name; none before `start`."""
        return self._server.metrics()

    def reload_tls(self, tls: TlsConfig) -> None:
        """Nothing: connections from now on are on these terms; see the blocking one."""
        self._server.reload_tls(tls)

    async def wait(self, timeout: float | None = None) -> bool:
        """Whether it has stopped within this many seconds; without a number, waits for it."""
        try:
            if not self._told.is_set():  # which no wait of no time would find out
                await asyncio.wait_for(self._told.wait(), timeout)
        except TimeoutError:
            return False
        return True

    # ---- start and stop ----

    async def start(self) -> Result[None]:
        """Nothing, once the port is bound; listeners run in the loop that this is awaited in.

        Cancelling the awaiting task stops the server.
        """
        self._loop = self._loop or asyncio.get_running_loop()
        controller = AbortController()
        controller.signal.add_listener(Stopper(self._server).cancel)
        started = await run_in_thread(self._server.start, controller)
        if isinstance(started, Err) and self._server.current_state is ProcessState.STOPPED:
            self._end()
        return started

    async def stop(self) -> None:
        """Nothing, once it is stopped: its associations had `drain_timeout_ms` to end."""
        await self._ended(self._server._stop, "stop() was called")

    async def dispose(self) -> None:
        """Nothing, once it is stopped: associations are aborted, and nobody listens any more."""
        await self._ended(self._server._dispose)

    async def _ended(self, ending: Callable[..., None], *args: str) -> None:
        from_listener = id(self) in _inside.get()
        await run_in_thread(partial(ending, *args, from_listener), AbortController())
        if self._server.current_state is ProcessState.STOPPED and not from_listener:
            self._end()

    def _end(self) -> None:
        """Nothing: no listener is called any more."""
        self._told.set()
        for buffer in self._buffers:
            buffer.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
        await self.dispose()

    def __repr__(self) -> str:
        return repr(self._server)

    # ---- events ----

    def events(self) -> _Stream:
        """What happens from now on, for `async for`: names with payloads, `stopped` at last.

        Who does not take them makes the listeners wait.
        """
        buffer = _Buffer()
        self._buffers.add(buffer)
        if self._told.is_set():
            buffer.end()
        return _Stream(self._listeners, buffer, self._listeners.names)

    def _deliver_in_loop(self, events: list[ServerEvent]) -> None:
        """Nothing, once the listeners have been called, on the dispatch thread."""
        assert self._loop is not None
        delivery = self._deliver(events)
        try:
            told = asyncio.run_coroutine_threadsafe(delivery, self._loop)
        except RuntimeError:  # the loop is closed, and with it all that would listen
            delivery.close()
            return
        while not wait_for_all([told], _LOOK_SECONDS).done:
            if self._loop.is_closed():  # it was closed before it came to this
                delivery.close()
                return

    async def _deliver(self, events: list[ServerEvent]) -> None:
        _inside.set(_inside.get() | {id(self)})
        for name, payload in events:
            for entry in self._listeners.take(name):
                await self._call(entry, name, payload)
            if name == "stopped":
                self._told.set()

    async def _call(self, entry: Entry, name: str, payload: object) -> None:
        try:
            outcome = entry.call(payload)
            if outcome is not None and isawaitable(outcome):
                await outcome
        except (Exception, SystemExit) as error:
            await self._deliver(self._server._events_of_raised(name, error))


class _Creation(Generic[P]):
    """The `create` of a blocking server, for its twin."""

    def __init__(self, create: Callable[P, Result[Any]]) -> None:
        self._create = create

    def __get__(self, instance: object, owner: type[T]) -> Callable[P, Result[T]]:
        def create(*args: P.args, **kwargs: P.kwargs) -> Result[T]:
            return map_result(self._create(*args, **kwargs), owner)

        return update_wrapper(create, self._create)


class Dcmrecv(DcmtkProcess[servers.Dcmrecv], OnAssociationReceived, OnStoredFile):
    """A server that stores all that it is sent; see `dcmtk_native.Dcmrecv`.

    Example:
        >>> import asyncio
        >>> async def serve() -> bool:
        ...     async with Dcmrecv.create(port=0, output_directory="incoming").unwrap() as server:
        ...         return (await server.start()).ok
        >>> asyncio.run(serve())
        True
    """

    create = _Creation(servers.Dcmrecv.create)


class DicomServer(DcmtkProcess[servers.DicomServer], OnAssociationReceived, Handling):
    """A server for any set of services; see `dcmtk_native.DicomServer`.

    Handlers that are coroutine functions or asynchronous generators run in the event loop that
    `start` was awaited in; all others run on threads of their associations.

    Example:
        >>> import asyncio
        >>> async def matches(request):
        ...     yield {"PatientID": "7"}
        >>> async def serve() -> bool:
        ...     async with DicomServer.create(port=0, on_find=matches).unwrap() as server:
        ...         return (await server.start()).ok
        >>> asyncio.run(serve())
        True
    """

    create = _Creation(servers.DicomServer.create)

    def __init__(self, server: servers.DicomServer) -> None:
        super().__init__(server)
        self._handlers = server._handlers

    async def start(self) -> Result[None]:
        """Nothing, once the port is bound; handlers and listeners run in this loop."""
        self._server._await_in(asyncio.get_running_loop())
        return await super().start()


class StoreSCP(DcmtkProcess[servers.StoreSCP], OnAssociationReceived, OnStoringFile):
    """A server that stores and sorts what it is sent; see `dcmtk_native.StoreSCP`.

    Example:
        >>> import asyncio
        >>> async def serve() -> bool:
        ...     async with StoreSCP.create(port=0, output_directory="received").unwrap() as server:
        ...         return (await server.start()).ok
        >>> asyncio.run(serve())
        True
    """

    create = _Creation(servers.StoreSCP.create)
