"""The life of a server: start, listeners, stop. What it serves is its subclass's."""

# What stops a server from outside touches its insides.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import atexit
import logging
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any, ClassVar, Final, Self

from dcmtk_native._core.servers import RunningServer
from dcmtk_native._runtime.abort import aborted_error, attached, is_aborted
from dcmtk_native._runtime.scope import run_in_scope
from dcmtk_native._runtime.tool import error_of
from dcmtk_native._runtime.turns import Latch, Turn
from dcmtk_native.errors import (
    AssociationError,
    DcmtkError,
    OperationAbortedError,
    OperationTimeoutError,
    ToolError,
)
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.result import Err, Ok, Result
from dcmtk_native.servers.dispatch import (
    Delivery,
    Dispatcher,
    NativeEvent,
    ServerEvent,
)
from dcmtk_native.servers.events import LIFECYCLE_EVENTS
from dcmtk_native.servers.lifecycle import ProcessState, ServerErrorData, StoppedData
from dcmtk_native.servers.listeners import Entry, Listeners
from dcmtk_native.servers.listening import Listening
from dcmtk_native.servers.payloads import CannotStartListenerData
from dcmtk_native.servers.terms import ProcessTerms

__all__ = ["DcmtkProcess", "Stopper", "described"]

_LOGGER: Final = logging.getLogger("dcmtk_native.servers")

_running: set[DcmtkProcess] = set()
"""Those with a thread: it keeps them, whoever has forgotten them, until they are stopped."""


def described(error: BaseException) -> str:
    """An exception in a message about it."""
    return f"{type(error).__name__}: {error}"


class DcmtkProcess(Listening, ABC):
    """A server. It listens from `start` on until `stop`, once; its `create` makes one.

    No process is involved: native threads serve the associations, and one thread calls the
    listeners, in the order in which things happen. A server that runs lives on without any
    reference; when the interpreter exits it is stopped.
    """

    TOOL: ClassVar[str]
    """The name that messages have it by."""

    EVENTS: ClassVar[frozenset[str]]
    """What can be listened to, besides the lifecycle events."""

    def __init__(self, terms: ProcessTerms) -> None:
        self._terms = terms
        self._port = terms.port
        self._listeners = Listeners(self.EVENTS | LIFECYCLE_EVENTS)
        self._delivery: Delivery = self._call_listeners
        self._state = ProcessState.IDLE
        self._native: RunningServer | None = None
        self._last_metrics: dict[str, Any] = {}
        self._dispatcher: Dispatcher | None = None
        self._thread_id = 0
        self._failure: DcmtkError | None = None
        self._reason = ""
        self._begun = Turn()
        self._outcome = Turn()
        self._stopping = Turn()
        self._stopper_id = 0
        self._decided = Latch()
        self._stopped = Latch()
        self._ended = Latch()

    # ---- what a subclass is ----

    @abstractmethod
    def _open(self) -> RunningServer:
        """A native server that listens."""

    @abstractmethod
    def _handle(self, event: NativeEvent | None) -> None:
        """Nothing: what the event means has been emitted; `None` is no event for a while."""

    @abstractmethod
    def _close(self) -> None:
        """Nothing: whatever else it has is given back."""

    # ---- state ----

    @property
    def current_state(self) -> ProcessState:
        """Where in its life it is."""
        return self._state

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._state is ProcessState.RUNNING

    @property
    def port(self) -> int:
        """That it listens on; with `port=0`, known once it is started."""
        return self._port

    @property
    def ae_title(self) -> str:
        """Its own."""
        return self._terms.ae_title

    def metrics(self) -> dict[str, Any]:
        """Counts of what has happened so far, by name; none before it has started."""
        native = self._native
        return self._last_metrics if native is None else native.metrics()

    def reload_tls(self, tls: TlsConfig) -> None:
        """Nothing: connections from now on are on these terms.

        Errors:
            ToolError: raised for a server that does not run, or that does not speak TLS.
            OptionsError: raised for what `TlsConfig` refuses.
        """
        native = self._native
        if native is None or self._terms.tls is None:
            raise ToolError(f"{self.TOOL}: no TLS to be reloaded: {self!r}", tool=self.TOOL)
        native.set_tls(tls.native("server"))

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it has stopped within this many seconds; without a number, waits for it."""
        if not self._stopped.wait(timeout):
            return False
        self._await_listeners()
        return True

    # ---- start and stop ----

    def start(self) -> Result[None]:
        """Nothing, once the port is bound. A server can be started once.

        Errors:
            ToolError: it was started before.
            AssociationError: the port cannot be had.
            DicomFileError, OptionsError: a file of its options cannot be read.
            OperationTimeoutError: it does not listen within `start_timeout_ms`.
            OperationAbortedError: it was stopped, or its signal aborted, before it did.
        """
        name, terms = self.TOOL, self._terms
        if self._state is not ProcessState.IDLE or not self._begun.take():
            return Err(ToolError(f"{name}: Cannot start: it is {self._state}", tool=name))
        self._state = ProcessState.STARTING
        if is_aborted(terms.signal):
            self._outcome.take()
            self._give_up(aborted_error(terms.signal, tool=name))
            self._ended.open()
        else:
            _running.add(self)
            threading.Thread(target=self._run, name=f"dcmtk_native {name}", daemon=True).start()
            if not self._decided.wait(terms.start_timeout_ms / 1000) and self._outcome.take():
                limit = terms.start_timeout_ms
                message = f"{name} failed to start within {limit}ms"
                self._give_up(OperationTimeoutError(message, timeout_ms=limit, tool=name))
            self._decided.wait()  # who has the outcome tells it in no time
        if self._failure is None:
            return Ok(None)
        if not isinstance(self._failure, (OperationTimeoutError, OperationAbortedError)):
            self._await_listeners()  # else they may have to wait for what did not end in time
        return Err(self._failure)

    def stop(self) -> None:
        """Nothing, once it is stopped: its associations had `drain_timeout_ms` to end.

        From any thread, from a listener and from a signal handler, as often as you like. The
        listeners have heard of all when it returns, unless one of them is what waits.
        """
        self._stop("stop() was called", self._on_dispatch_thread)

    def dispose(self) -> None:
        """Nothing, once it is stopped: associations are aborted, and nobody listens any more."""
        self._dispose(self._on_dispatch_thread)

    def _dispose(self, from_listener: bool) -> None:
        self._listeners.clear()
        if self._begun.take():
            self._outcome.take()
            self._give_up(OperationAbortedError(f"{self.TOOL} was disposed", tool=self.TOOL))
            self._ended.open()
            return
        native = self._native
        if native is not None:
            native.abort()
        self._stop("dispose() was called", from_listener)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self.dispose()

    def __repr__(self) -> str:
        return f"<{self.TOOL} {self.ae_title} port {self._port} {self._state}>"

    # ---- stopping, inside ----

    @property
    def _on_dispatch_thread(self) -> bool:
        return threading.get_ident() == self._thread_id

    def _stop(self, reason: str, from_listener: bool, error: DcmtkError | None = None) -> None:
        """Nothing, once it is stopped; `error` is what a `start` under way returns then."""
        if self._state in {ProcessState.IDLE, ProcessState.STOPPED}:
            return
        if self._outcome.take():
            text = f"{self.TOOL} was stopped while it started"
            self._give_up(error or OperationAbortedError(text, tool=self.TOOL))
            return
        self._decided.wait()
        if self._failure is not None:
            return
        if self._stopping.take():
            self._reason = reason
            self._state = ProcessState.STOPPING
            self._stopper_id = threading.get_ident()
            self._end()
        elif self._stopper_id == threading.get_ident():
            return  # a signal handler, in the middle of this very method
        self._stopped.wait()
        if not from_listener:
            self._await_listeners()

    def _end(self) -> None:
        assert self._native is not None
        self._native.stop(self._terms.drain_timeout_ms)
        self._state = ProcessState.STOPPED
        self._stopped.open()

    def _give_up(self, error: DcmtkError) -> None:
        """Nothing: `start` fails. For whoever has the turn at the outcome."""
        self._failure = error
        self._reason = error.message
        self._state = ProcessState.STOPPED
        self._decided.open()
        self._stopped.open()

    def _await_listeners(self) -> None:
        """Nothing, once they have heard of all; one that does not return is not waited for."""
        if not self._on_dispatch_thread:
            self._ended.wait(self._terms.drain_timeout_ms / 1000)

    # ---- the dispatch thread ----

    def _run(self) -> None:
        self._thread_id = threading.get_ident()
        try:
            with attached(self._terms.signal, Stopper(self)):
                self._serve()
        except Exception:  # of a flag that cannot be asked
            _LOGGER.exception("%s: its signal failed", self.TOOL)
        finally:
            _running.discard(self)
            self._ended.open()

    def _serve(self) -> None:
        native, failure, diagnostics = run_in_scope(
            self._open,
            (),
            {},
            token=None,
            timeout_ms=self._terms.start_timeout_ms,
            log_level=None,
        )
        if failure is not None:
            error = error_of(self.TOOL, failure, diagnostics, self._terms.start_timeout_ms)
            if self._outcome.take():
                self._give_up(error)
            self._delivery(self._events_of_failure(error))
        elif not self._outcome.take():
            native.stop(0)
        else:
            self._serve_until_stopped(native)
        self._last_metrics = self.metrics()
        self._close()
        # The native server goes, and with it what it has of the system, though this object stays.
        self._native = self._dispatcher = None
        self._delivery([ServerEvent("stopped", StoppedData(self._reason))])

    def _serve_until_stopped(self, native: RunningServer) -> None:
        self._native = native
        self._port = native.port
        self._dispatcher = dispatcher = Dispatcher(native, self._handle, self._delivery)
        self._state = ProcessState.RUNNING
        self._decided.open()
        dispatcher.emit("LISTENING")
        dispatcher.emit("started")
        try:
            dispatcher.run()
        except Exception:
            _LOGGER.exception("%s: a defect ends it; please report it", self.TOOL)
        # Usually it has ended, and whoever asked for that does not know it yet.
        self._stop("a defect", from_listener=True)

    def _events_of_failure(self, error: DcmtkError) -> list[ServerEvent]:
        events: Mapping[str, object] = {}
        if isinstance(error, AssociationError):
            events = {
                "CANNOT_START_LISTENER": CannotStartListenerData(error.message, self._terms.port)
            }
        fatal = error
        if events:
            text = f"Fatal: {' '.join(events)}: {error.message}"
            fatal = AssociationError(text, tool=self.TOOL)
        return [
            ServerEvent("error", ServerErrorData(fatal, fatal=True)),
            *(ServerEvent(name, payload) for name, payload in events.items()),
        ]

    # ---- calling listeners ----

    def _deliver_by(self, delivery: Delivery) -> None:
        """Nothing: not this server, but an event loop's calls the listeners, and awaits them."""
        self._delivery = delivery
        self._listeners = Listeners(self.EVENTS | LIFECYCLE_EVENTS, awaited=True)

    def _call_listeners(self, events: list[ServerEvent]) -> None:
        for name, payload in events:
            for entry in self._listeners.take(name):
                self._call(entry, name, payload)

    def _call(self, entry: Entry, name: str, payload: object) -> None:
        try:
            entry.call(payload)
        except BaseException as error:  # an exit is none of this thread's business
            self._call_listeners(self._events_of_raised(name, error))

    def _events_of_raised(self, name: str, raised: BaseException) -> list[ServerEvent]:
        """What a listener's exception is to the others; none if it was told of one itself."""
        _LOGGER.error("%s: a listener of %s failed", self.TOOL, name, exc_info=raised)
        if name == "error":
            return []
        text = f"{self.TOOL}: a listener of {name} failed: {described(raised)}"
        error = ToolError(text, tool=self.TOOL)
        error.__cause__ = raised
        return [ServerEvent("error", ServerErrorData(error, fatal=False))]


class Stopper:
    """What a signal cancels: it may be a signal handler or a busy thread that does."""

    __slots__ = ("_server",)

    def __init__(self, server: DcmtkProcess) -> None:
        self._server = server

    def cancel(self) -> None:
        """Nothing: the server will stop."""
        server = self._server
        if not server._stopping.is_taken:
            error = aborted_error(server._terms.signal, tool=server.TOOL)
            stop = partial(server._stop, error.message, from_listener=False, error=error)
            threading.Thread(target=stop, name=f"dcmtk_native {server.TOOL} stop").start()


def _stop_all() -> None:
    """At exit."""
    for server in list(_running):
        server._stop("the interpreter exits", from_listener=False)


def _forget_all() -> None:
    """A forked child has the servers' sockets, but none of their threads."""
    for server in _running:
        server._state = ProcessState.STOPPED
        server._stopped.open()
        server._ended.open()
    _running.clear()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
