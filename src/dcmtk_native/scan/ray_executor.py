"""A Ray cluster as a `concurrent.futures.Executor`: for `scan`, `series` and `batch`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

from dcmtk_native.errors import UnsupportedError

__all__ = ["RayExecutor"]

P = ParamSpec("P")
T = TypeVar("T")


class RayExecutor(Executor):
    """Runs every call as a Ray task, which Ray runs again where its worker has died.

    The cluster is the one that `ray.init` has connected to; it stays up when the executor is shut
    down.

    Args:
        options: of the tasks, as `ray.remote` takes them, such as `num_cpus=2`.
    """

    def __init__(self, **options: Any) -> None:
        try:
            import ray
        except ImportError:
            text = "ray is not installed; `pip install dcmtk_native[ray]` does it"
            raise UnsupportedError(text, tool="RayExecutor") from None
        call = ray.remote(_call)
        self._task = call.options(**options) if options else call
        self._is_shut_down = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The running call."""
        if self._is_shut_down:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future: Future[T] = self._task.remote(fn, args, kwargs).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing: no call is taken any more; those under way end on the cluster."""
        self._is_shut_down = True


def _call(fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    return fn(*args, **kwargs)
