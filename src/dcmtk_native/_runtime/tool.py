"""`@tool`: a function that returns a value or raises becomes one that returns a `Result`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from types import FunctionType
from typing import Any, Final, NoReturn, ParamSpec, TypeVar, cast

from dcmtk_native._core.runtime import CancelToken, NativeError
from dcmtk_native._runtime.abort import attached, check_signal
from dcmtk_native._runtime.callbacks import CallbackRaised
from dcmtk_native._runtime.conditions import public_error
from dcmtk_native._runtime.isolation import written_by_worker
from dcmtk_native._runtime.scope import run_in_scope
from dcmtk_native._runtime.signature import Declaration, Refusal
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import (
    DcmtkError,
    Diagnostic,
    DicomFileError,
    InternalError,
    OperationAbortedError,
    OptionsError,
)
from dcmtk_native.result import Err, Ok, Result

__all__ = [
    "REGISTRY",
    "checked",
    "declaration_of",
    "error_of",
    "operation",
    "operation_of",
    "raise_refusal",
    "tool",
]

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

REGISTRY: Final[dict[str, Callable[..., Result[Any]]]] = {}
"""Every tool by its name: what the command line, the docs and the parity tests walk over."""


def tool(function: Callable[P, T]) -> Callable[P, Result[T]]:
    """The blocking public form of a declaration, registered under its name.

    With `isolate`, which a tool may declare if its result is one file, the body runs in a worker.
    """
    assert isinstance(function, FunctionType)
    wrapped = _callable(function, partial(written_by_worker, function))
    REGISTRY[wrapped.__name__] = wrapped
    return cast("Callable[P, Result[T]]", wrapped)


def operation(function: Callable[P, T]) -> Callable[P, Result[T]]:
    """The same for a method: checked, cancellable, timed, but no tool of its own."""
    assert isinstance(function, FunctionType)
    return cast("Callable[P, Result[T]]", _callable(function, None))


def operation_of(
    name_of: Callable[[Any], str],
) -> Callable[[Callable[P, T]], Callable[P, Result[T]]]:
    """The same, for a method of objects that tell by which name its errors go."""

    def decorate(function: Callable[P, T]) -> Callable[P, Result[T]]:
        assert isinstance(function, FunctionType)
        return cast("Callable[P, Result[T]]", _callable(function, None, name_of))

    return decorate


def _callable(
    function: FunctionType,
    isolated: Callable[..., Any] | None,
    name_of: Callable[[Any], str] | None = None,
) -> Any:
    """The public form of a function; `isolated` does the same, in a worker."""
    declaration = Declaration(function, function.__qualname__)

    def call(*args: Any, **kwargs: Any) -> Result[Any]:
        name = declaration.name if name_of is None else name_of(args[0])
        try:
            checked_args, checked = declaration.checked(args, kwargs)
        except Refusal as refusal:
            return Err(_refused(name, refusal))
        signal = checked.get("signal")
        body: Callable[..., Any] = function
        # A wrong call goes to the function itself, which raises.
        if isolated and checked.get("isolate") and declaration.is_complete(checked_args, checked):
            body = isolated
        try:
            if signal is None:
                return _run(name, body, checked_args, checked, None)
            token = CancelToken()
            with attached(signal, token):
                return _run(name, body, checked_args, checked, token)
        except OptionsError as error:  # `signal` is nothing that can signal
            return Err(_refused(name, error))
        except CallbackRaised as raised:
            raise raised.error from None

    update_wrapper(call, function)
    call.__dict__["__declaration__"] = declaration
    call.__dict__["__signature__"] = _public_signature(function)
    return call


def checked(
    refuse: Callable[[OptionsError], Any], name: str | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """For a function that manages its native calls itself: its arguments obey its declaration.

    Args:
        refuse: makes what the function returns for arguments that do not, or raises.
        name: that messages have it by, if not its own.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        assert isinstance(function, FunctionType)
        declaration = Declaration(function, name or function.__qualname__)

        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                checked_args, checked_kwargs = declaration.checked(args, kwargs)
                check_signal(kwargs.get("signal"))
            except (Refusal, OptionsError) as refusal:
                return refuse(_refused(declaration.name, refusal))
            return function(*checked_args, **checked_kwargs)

        update_wrapper(call, function)
        call.__dict__["__declaration__"] = declaration
        return cast("Callable[P, R]", call)

    return decorate


def creation(name: str) -> Callable[[Callable[P, T]], Callable[P, Result[T]]]:
    """For a class method that looks at its arguments and makes an object: a Result of it.

    Args:
        name: that messages have it by.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, Result[T]]:
        made = checked(raise_refusal, name)(function)

        def create(*args: P.args, **kwargs: P.kwargs) -> Result[T]:
            try:
                return Ok(made(*args, **kwargs))
            except OptionsError as error:
                return Err(error)

        update_wrapper(create, made)
        return create

    return decorate


def raise_refusal(error: OptionsError) -> NoReturn:
    """Nothing: for a function that raises instead of returning a Result."""
    raise error


def _refused(name: str, reason: object) -> OptionsError:
    """The error of a call with an argument out of its rules."""
    return OptionsError(f"{name}: invalid options: {reason}", tool=name)


def _public_signature(function: FunctionType) -> object:
    """What `help()` shows: the body's signature, but what comes back is a Result."""
    from inspect import signature

    own = signature(function)
    return own.replace(return_annotation=f"Result[{own.return_annotation}]")


def declaration_of(wrapped: Callable[..., Any]) -> Declaration:
    """The declaration behind a tool or an operation."""
    found = wrapped.__dict__["__declaration__"]
    assert isinstance(found, Declaration)
    return found


def _run(
    name: str,
    body: Callable[..., Any],
    args: Any,
    kwargs: dict[str, Any],
    token: CancelToken | None,
) -> Result[Any]:
    """One call: the body inside a native scope, its logs delivered, its outcome as a Result."""
    timeout_ms = kwargs.get("timeout_ms", DEFAULT_TIMEOUT_MS)
    if token is not None and token.cancelled:
        return Err(_aborted(name, kwargs))
    value, failure, diagnostics = run_in_scope(
        body,
        args,
        kwargs,
        token=token,
        timeout_ms=timeout_ms,
        log_level=kwargs.get("log_level"),
    )
    if failure is None:
        return Ok(value)
    if isinstance(failure, TypeError) and _is_wrong_call(failure):
        raise failure
    public = error_of(name, failure, diagnostics, timeout_ms)
    if isinstance(failure, NativeError) and isinstance(public, OperationAbortedError):
        public.reason = getattr(kwargs.get("signal"), "reason", None)
    public.outcomes = getattr(failure, "outcomes", ())
    return Err(public)


def error_of(
    name: str, failure: Exception, diagnostics: tuple[Diagnostic, ...], timeout_ms: int
) -> DcmtkError:
    """What a call has raised, as an error of the tree."""
    if isinstance(failure, NativeError):
        return public_error(name, failure.args, diagnostics, timeout_ms)
    if isinstance(failure, DcmtkError):
        return failure
    if isinstance(failure, OSError):
        message = f"{name} failed: {failure}"
        return DicomFileError(message, tool=name, errno=failure.errno, filename=failure.filename)
    error = InternalError(f"{name} failed: {type(failure).__name__}", tool=name)
    error.__cause__ = failure
    return error


def _is_wrong_call(error: TypeError) -> bool:
    """Whether the body was never entered: an unknown keyword, or a missing argument."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is None


def _aborted(name: str, kwargs: dict[str, Any]) -> OperationAbortedError:
    reason = getattr(kwargs.get("signal"), "reason", None)
    return OperationAbortedError(f"{name} was aborted", reason=reason, tool=name)
