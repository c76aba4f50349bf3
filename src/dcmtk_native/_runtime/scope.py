"""One stretch of native work: it can be stopped, has a deadline, and what it logs is delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from dcmtk_native._core.runtime import Call, CancelToken, NativeError
from dcmtk_native._runtime.logs import capture_level, deliver
from dcmtk_native.errors import DcmtkError

if TYPE_CHECKING:
    from dcmtk_native.errors import Diagnostic

__all__ = ["Outcome", "run_in_scope"]


class Outcome(NamedTuple):
    """What came of it.

    Attributes:
        value: what the function returned.
        failure: what it raised, else `None`.
        diagnostics: the log records that warn or are worse.
    """

    value: Any
    failure: Exception | None
    diagnostics: tuple[Diagnostic, ...]


def run_in_scope(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    token: CancelToken | None,
    timeout_ms: int,
    log_level: str | None,
) -> Outcome:
    """What came of a call inside a native scope of its own, which ends with it.

    Errors:
        KeyboardInterrupt, or what else a signal handler raised meanwhile, is raised.
    """
    failure: Exception | None = None
    value: Any = None
    call = Call(cast("CancelToken", token), timeout_ms, capture_level(log_level))
    try:
        value = function(*args, **kwargs)
    except (NativeError, DcmtkError, OSError) as error:
        # A traceback would keep this frame alive, and the input in it, as long as the error lives.
        failure = error.with_traceback(None)
    except Exception as error:
        failure = error
    finally:
        records = call.close()
    return Outcome(value, failure, deliver(records) if records else ())
