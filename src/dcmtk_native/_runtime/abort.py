"""Aborting: a controller that says stop, and the signal by which running calls hear it.

Nothing here waits for a lock that another piece of this module may hold. `abort` may be called
from any thread, from a listener and from a signal handler, which Python runs in the middle of
whatever the main thread is doing, `attach` included. Shared state is therefore kept in dicts and
touched by single dict operations, each of which is atomic; what races with an abort looks at the
outcome again after it has registered itself.
"""

# The pieces of this file are one machine and touch each other's insides.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from types import TracebackType
from typing import NoReturn, Protocol, TypeAlias, final

from dcmtk_native.errors import OperationAbortedError, OperationTimeoutError, OptionsError

__all__ = [
    "AbortController",
    "AbortSignal",
    "Cancellable",
    "Flag",
    "SignalLike",
    "aborted_error",
    "attached",
    "check_signal",
    "is_aborted",
    "wait_for_abort",
]

POLL_SECONDS = 0.005
"""How often a flag that cannot call back, such as a `threading.Event`, is looked at."""


class Cancellable(Protocol):
    """What can be told to stop, once or several times, from any thread."""

    def cancel(self) -> object:
        """Make the call that this belongs to end soon."""


class Flag(Protocol):
    """What can be looked at to learn whether to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class _Gate:
    """Something to wait at until it is opened.

    A `threading.Event` would hold a lock while it is set, and setting it in a signal handler that
    interrupts its own `wait` would never end. Releasing a bare lock cannot block.
    """

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def cancel(self, _: object = None) -> None:
        with suppress(RuntimeError):  # it was open already
            self._lock.release()

    def wait(self, seconds: float | None) -> bool:
        """Whether it was opened in time; to be asked by one thread, and no more once true."""
        if seconds is None:
            return self._lock.acquire()
        return self._lock.acquire(timeout=min(max(seconds, 0), threading.TIMEOUT_MAX))


@final
class AbortSignal:
    """What a running call listens to; made by an `AbortController` or by one of the class methods.

    A signal lives as long as somebody refers to it; its listeners alone do not keep it.
    """

    __slots__ = ("__weakref__", "_dependents", "_listeners", "_outcome", "_sources", "_tokens")

    def __init__(self) -> None:
        self._outcome: dict[str, tuple[object]] = {}
        self._tokens: dict[int, Cancellable] = {}
        self._listeners: dict[Callable[[], object], None] = {}
        self._sources: tuple[AbortSignal, ...] = ()
        self._dependents: dict[weakref.ref[AbortSignal], None] = {}

    @classmethod
    def abort(cls, reason: object = None) -> AbortSignal:
        """A signal that is aborted already."""
        signal = AbortSignal()
        signal._abort(reason)
        return signal

    @classmethod
    def timeout(cls, ms: float) -> AbortSignal:
        """A signal that aborts after this many milliseconds, with a timeout error as its reason."""
        signal = AbortSignal()
        _abort_later(signal, ms)
        return signal

    @classmethod
    def any(cls, signals: Iterable[AbortSignal]) -> AbortSignal:
        """A signal that aborts as soon as one of these does, for the same reason."""
        signal = AbortSignal()
        signal._sources = tuple(root for one in signals for root in _roots(one))
        for source in signal._sources:
            source._dependents[weakref.ref(signal, _forgetting(source._dependents))] = None
        for source in signal._sources:
            if source.aborted:
                signal._abort(source.reason)
                break
        return signal

    @property
    def aborted(self) -> bool:
        """Whether it was aborted."""
        return bool(self._outcome)

    @property
    def reason(self) -> object:
        """What was given to `abort`, or `None`."""
        return self._outcome["abort"][0] if self._outcome else None

    def add_listener(self, fn: Callable[[], object]) -> None:
        """Nothing: `fn()` runs once, in the aborting thread; here and now if that has happened.

        Adding the same callable twice has no effect.
        """
        self._listeners[fn] = None
        if self._outcome:
            self._notify(fn)

    def remove_listener(self, fn: Callable[[], object]) -> None:
        """Nothing: `fn` will not be called any more."""
        self._listeners.pop(fn, None)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it was aborted within this many seconds; without a number, waits for it."""
        gate = _Gate()
        self._attach(gate)
        try:
            gate.wait(timeout)
        finally:
            self._detach(gate)
        return self.aborted

    def throw_if_aborted(self) -> None:
        """Nothing, unless it was aborted: then raises `OperationAbortedError`."""
        if self._outcome:
            raise aborted_error(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an AbortSignal cannot be copied or sent to another process")

    def __repr__(self) -> str:
        return f"<AbortSignal {'aborted' if self._outcome else 'active'}>"

    def _attach(self, token: Cancellable) -> None:
        """Cancel this token on an abort, or now if that has happened."""
        self._tokens[id(token)] = token
        if self._outcome:
            token.cancel()

    def _detach(self, token: Cancellable) -> None:
        self._tokens.pop(id(token), None)

    def _abort(self, reason: object) -> None:
        if not self._settle(reason):
            return
        dependents = [signal for ref in list(self._dependents) if (signal := ref()) is not None]
        settled = [self, *(signal for signal in dependents if signal._settle(reason))]
        # Running calls come first: a listener may take its time.
        for signal in settled:
            for token in list(signal._tokens.values()):
                token.cancel()
        for signal in settled:
            for fn in list(signal._listeners):
                signal._notify(fn)

    def _settle(self, reason: object) -> bool:
        """Whether this very call was the first to abort."""
        outcome = (reason,)
        return self._outcome.setdefault("abort", outcome) is outcome

    def _notify(self, fn: Callable[[], object]) -> None:
        """Call the listener, unless another thread does so or it was removed."""
        if self._listeners.pop(fn, _CALLED) is _CALLED:
            return
        try:
            fn()
        except Exception:
            import logging

            logging.getLogger("dcmtk_native").exception("a listener of an AbortSignal failed")


_CALLED = object()


def _roots(signal: AbortSignal) -> tuple[AbortSignal, ...]:
    """The signals that make this one abort.

    A combined signal aborts only through its sources, so those stand for it; an abort then never
    has more than one step to go, however often signals are combined.
    """
    if not isinstance(signal, AbortSignal):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise OptionsError(f"signals: {signal!r} must be an AbortSignal")
    return signal._sources or (signal,)


def _forgetting(
    dependents: dict[weakref.ref[AbortSignal], None],
) -> Callable[[weakref.ref[AbortSignal]], None]:
    """A callback that removes a dead reference from this dict."""

    def forget(dead: weakref.ref[AbortSignal]) -> None:
        dependents.pop(dead, None)

    return forget


class AbortController:
    """The side that says stop."""

    __slots__ = ("_alarm", "_signal")

    def __init__(self) -> None:
        self._signal = AbortSignal()
        self._alarm: _Gate | None = None

    @property
    def signal(self) -> AbortSignal:
        """What to hand to the calls that this controller shall stop."""
        return self._signal

    def abort(self, reason: object = None) -> None:
        """Nothing: whatever uses the signal ends; a second call has no effect."""
        self._signal._abort(reason)

    def abort_after(self, ms: float) -> None:
        """Nothing: aborts after this many milliseconds; a second call replaces the first."""
        previous, self._alarm = self._alarm, _abort_later(self._signal, ms)
        if previous is not None:
            self._signal._detach(previous)
            previous.cancel()


def _abort_later(signal: AbortSignal, ms: float) -> _Gate | None:
    """The gate that calls the timer off; `None` if there is nothing to wait for.

    The timer's thread ends at once when the signal is aborted by other means, or is gone.
    """
    seconds = _seconds(ms)
    reason = OperationTimeoutError(f"timed out after {ms:g}ms", timeout_ms=round(ms))
    if seconds == 0:
        signal._abort(reason)
    if signal.aborted:
        return None
    gate = _Gate()
    target = weakref.ref(signal, gate.cancel)

    def run() -> None:
        if not gate.wait(seconds) and (still_there := target()) is not None:
            still_there._abort(reason)

    threading.Thread(target=run, name="dcmtk_native abort timer", daemon=True).start()
    signal._attach(gate)
    return gate


def _seconds(ms: float) -> float:
    seconds = ms / 1000
    if isinstance(ms, bool) or not 0 <= seconds <= threading.TIMEOUT_MAX:
        raise OptionsError(f"ms={ms!r}: must be a number of milliseconds, not negative")
    return seconds


SignalLike: TypeAlias = AbortSignal | Flag


def check_signal(signal: object) -> None:
    """Nothing, unless this cannot be a `signal=` argument: then raises `OptionsError`."""
    if signal is None or isinstance(signal, AbortSignal):
        return
    if not callable(getattr(signal, "is_set", None)):
        raise OptionsError(f"signal={signal!r}: must be an AbortSignal or an object with is_set()")


def is_aborted(signal: SignalLike | None) -> bool:
    """Whether this signal says stop now."""
    if signal is None:
        return False
    return signal.aborted if isinstance(signal, AbortSignal) else signal.is_set()


def aborted_error(signal: SignalLike | None, *, tool: str | None = None) -> OperationAbortedError:
    """The error of an operation that this signal has stopped, with the signal's reason."""
    reason = signal.reason if isinstance(signal, AbortSignal) else None
    because = "" if reason is None else f": {reason}"
    return OperationAbortedError(
        f"{tool or 'operation'} aborted{because}", tool=tool, reason=reason
    )


def wait_for_abort(signal: SignalLike | None, seconds: float) -> bool:
    """Whether the signal said stop within this time; returns as soon as it does."""
    if isinstance(signal, AbortSignal):
        return signal.wait(seconds)
    if signal is None:
        time.sleep(min(seconds, threading.TIMEOUT_MAX))
        return False
    deadline = time.monotonic() + seconds
    while not signal.is_set():
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        time.sleep(min(remaining, POLL_SECONDS))
    return True


def attached(signal: SignalLike | None, token: Cancellable) -> AbstractContextManager[None]:
    """A context in which the token is cancelled when the signal says stop.

    Errors:
        OptionsError: raised if the signal is neither an `AbortSignal` nor has `is_set`.
    """
    check_signal(signal)
    if signal is None:
        return _NOT_ATTACHED
    if isinstance(signal, AbortSignal):
        return _Attachment(signal, token)
    return _PolledAttachment(signal, token)


_NOT_ATTACHED = nullcontext()


class _Attachment:
    __slots__ = ("_signal", "_token")

    def __init__(self, signal: AbortSignal, token: Cancellable) -> None:
        self._signal = signal
        self._token = token

    def __enter__(self) -> None:
        self._signal._attach(self._token)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._signal._detach(self._token)


class _PolledAttachment:
    """Looks at a flag from a thread of its own, which ends with the context."""

    __slots__ = ("_done", "_failure", "_flag", "_thread", "_token")

    def __init__(self, flag: Flag, token: Cancellable) -> None:
        self._flag = flag
        self._token = token
        self._done = _Gate()
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if self._flag.is_set():
            self._token.cancel()
            return
        self._thread = threading.Thread(
            target=self._poll, name="dcmtk_native abort poll", daemon=True
        )
        self._thread.start()

    def _poll(self) -> None:
        try:
            while not self._done.wait(POLL_SECONDS):
                if self._flag.is_set():
                    self._token.cancel()
                    return
        except Exception as error:
            # Without its flag the call could not be stopped any more.
            self._failure = error
            self._token.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread is None:
            return
        self._done.cancel()
        self._thread.join()
        if self._failure is not None:
            raise self._failure
