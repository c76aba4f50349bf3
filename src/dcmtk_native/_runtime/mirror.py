"""A blocking callable as an awaitable one, with the same name, arguments and results."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from functools import partial, update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from dcmtk_native._runtime.abort import AbortController, AbortSignal, Flag
from dcmtk_native._runtime.workers import submit

__all__ = ["either", "mirror", "mirror_method", "run_in_thread"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def mirror(blocking: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """The awaitable twin; the event loop is never blocked.

    Cancelling the awaiting task aborts a call that takes a `signal`. `CancelledError` is raised
    once the call has ended, so that nothing keeps running behind the caller's back.
    """
    signature = inspect.signature(blocking)
    takes_signal = "signal" in signature.parameters

    async def call(*args: Any, **kwargs: Any) -> R:
        controller = AbortController()
        if takes_signal:
            kwargs["signal"] = either(kwargs.get("signal"), controller.signal)
        return await run_in_thread(partial(blocking, *args, **kwargs), controller)

    update_wrapper(call, blocking)
    call.__dict__["__signature__"] = signature  # that of a bound method lacks what is bound
    return cast("Callable[P, Coroutine[Any, Any, R]]", call)


def mirror_method(
    method: Callable[Concatenate[T, P], R], attribute: str
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]:
    """The method of a blocking object as an awaitable one of the object that holds it."""
    awaitable = mirror(method)

    async def call(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await awaitable(getattr(self, attribute), *args, **kwargs)

    update_wrapper(call, awaitable)
    return call


async def run_in_thread(work: Callable[[], R], controller: AbortController) -> R:
    """What the call returns; a cancelled task aborts it by the controller and waits for its end."""
    job = submit(partial(copy_context().run, work), controller.abort)
    ended = asyncio.wrap_future(job)
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        if not job.cancel():  # it is under way
            controller.abort("the awaiting task was cancelled")
            await _wait(ended)
        raise


async def _wait(ended: asyncio.Future[Any]) -> None:
    """Nothing, once the call has ended; being cancelled again does not make it end any sooner."""
    while not ended.done():
        try:
            await asyncio.wait([ended])
        except asyncio.CancelledError:
            continue


class _EitherFlag:
    """Says stop when a flag of the caller's says so, or when the awaiting task was cancelled."""

    __slots__ = ("_cancelled", "_given")

    def __init__(self, given: Flag, cancelled: AbortSignal) -> None:
        self._given = given
        self._cancelled = cancelled

    def is_set(self) -> bool:
        return self._cancelled.aborted or self._given.is_set()


def either(given: Any, cancelled: AbortSignal) -> Any:
    """What stops the call when the caller's signal says so, or when the task was cancelled."""
    if given is None:
        return cancelled
    if isinstance(given, AbortSignal):
        return AbortSignal.any([given, cancelled])
    if callable(getattr(given, "is_set", None)):
        return _EitherFlag(given, cancelled)
    return given  # no signal at all: the call refuses it
