"""The outcome of an operation as a value: `Ok` with what was asked for, or `Err` with the reason.

An expected failure never raises; it comes back as an `Err` that the caller looks at:

    >>> from dcmtk_native.result import Err, Ok, Result
    >>> def half(number: int) -> Result[int, str]:
    ...     return Ok(number // 2) if number % 2 == 0 else Err(f"{number} is odd")
    >>> match half(8):
    ...     case Ok(value):
    ...         print(value)
    ...     case Err(error):
    ...         print("failed:", error)
    4

`match`, `if result:` and `is_ok(result)` narrow the type in every checker, `if result.ok:` in mypy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, Never, NoReturn, final

from dcmtk_native.errors import DcmtkError

if TYPE_CHECKING:
    from typing import TypeAlias

    # The checkers bring their own description of typing_extensions; it is not needed to run.
    from typing_extensions import TypeIs, TypeVar

    E = TypeVar("E", default=DcmtkError)
else:
    from typing import TypeVar

    E = TypeVar("E")

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)

__all__ = [
    "Err",
    "Ok",
    "Result",
    "assert_unreachable",
    "err",
    "is_err",
    "is_ok",
    "map_result",
    "ok",
    "unwrap",
]


def _absent(name: str, holder: str) -> property:
    """A property that tells whoever reads `name` to look at the `ok` flag first."""

    def refuse(_: object) -> NoReturn:
        raise AttributeError(f"{holder} has no {name!r}; look at its 'ok' flag first")

    return property(refuse)


# Both classes are made for every call, so their __init__ stores through the slot itself: the one
# that dataclass generates goes through object.__setattr__ and takes half as long again. Slots are
# written out because slots=True would make a second class, which breaks the generated __setattr__.
@final
@dataclass(frozen=True, init=False)
class Ok(Generic[T_co]):
    """A success and its value."""

    __slots__ = ("value",)

    ok: ClassVar[Literal[True]] = True
    value: T_co

    if not TYPE_CHECKING:  # to a checker the attribute does not exist at all
        error = _absent("error", "Ok")

    def __init__(self, value: T_co) -> None:
        _set_value(self, value)

    def __bool__(self) -> Literal[True]:
        return True

    def __reduce__(self) -> tuple[type[Ok[T_co]], tuple[T_co]]:
        return Ok, (self.value,)

    def unwrap(self) -> T_co:
        """The value."""
        return self.value


@final
@dataclass(frozen=True, init=False)
class Err(Generic[E_co]):
    """A failure and its error."""

    __slots__ = ("error",)

    ok: ClassVar[Literal[False]] = False
    error: E_co

    if not TYPE_CHECKING:
        value = _absent("value", "Err")

    def __init__(self, error: E_co) -> None:
        _set_error(self, error)

    def __bool__(self) -> Literal[False]:
        return False

    def __reduce__(self) -> tuple[type[Err[E_co]], tuple[E_co]]:
        return Err, (self.error,)

    def unwrap(self) -> NoReturn:
        """Nothing: raises the very error, or a `DcmtkError` around one that is no exception."""
        try:
            if isinstance(self.error, BaseException):
                raise self.error
            raise DcmtkError(str(self.error))
        finally:
            # The traceback keeps this frame: with us in it, the error would keep itself alive, and
            # all that is in the frames of its callers.
            del self


_set_value: Callable[[object, object], None] = Ok.__dict__["value"].__set__
_set_error: Callable[[object, object], None] = Err.__dict__["error"].__set__


if TYPE_CHECKING:
    Result: TypeAlias = Ok[T] | Err[E]
else:

    class _ResultAlias:
        """`Ok[T] | Err[E]`, `E` optional: no plain alias can have that before Python 3.13."""

        __slots__ = ()

        def __getitem__(self, parameters):
            if not isinstance(parameters, tuple):
                parameters = (parameters, DcmtkError)
            value, error = parameters
            return Ok[value] | Err[error]

        def __or__(self, other):
            return Ok | Err | other

        def __ror__(self, other):
            return other | Ok | Err

        def __instancecheck__(self, instance):
            return isinstance(instance, (Ok, Err))

        def __reduce__(self):
            return "Result"

        def __repr__(self):
            return "dcmtk_native.Result"

    Result = _ResultAlias()


def ok(value: T) -> Ok[T]:
    """A success with this value."""
    return Ok(value)


def err(error: U) -> Err[U]:
    """A failure with this error; any object may be an error."""
    return Err(error)


def is_ok(result: Result[T, U]) -> TypeIs[Ok[T]]:
    """Whether the result is a success; narrows its type."""
    return result.ok


def is_err(result: Result[T, U]) -> TypeIs[Err[U]]:
    """Whether the result is a failure; narrows its type."""
    return not result.ok


def unwrap(result: Result[T, object]) -> T:
    """The value of a success; the error of a failure is raised as it is."""
    try:
        return result.unwrap()
    finally:
        del result  # as in Err.unwrap


def map_result(result: Result[T, U], fn: Callable[[T], V]) -> Result[V, U]:
    """A success with `fn(value)`; a failure passes through as the same object, `fn` not called."""
    if isinstance(result, Err):
        return result
    return Ok(fn(result.value))


def require_result(value: Result[T, U]) -> Result[T, U]:
    """The value that a caller's function returned, if it is a result; else raises `TypeError`."""
    if not isinstance(value, (Ok, Err)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"the operation returned {type(value).__name__}, not a Result")
    return value


def assert_unreachable(value: Never) -> NoReturn:
    """Nothing: always raises `AssertionError`.

    Put it where every case has been handled; a checker then complains about a forgotten one.
    """
    raise AssertionError(f"unreachable code was reached with {value!r}")
