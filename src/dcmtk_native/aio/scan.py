"""The awaitable forms of what reads the headers of many files."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial, update_wrapper
from typing import Any, ParamSpec, cast

from dcmtk_native import tools
from dcmtk_native._runtime.abort import AbortController
from dcmtk_native._runtime.mirror import either, mirror, run_in_thread
from dcmtk_native.scan.result import ScanResult

__all__ = ["iter_batches", "read_tags", "scan", "series"]

P = ParamSpec("P")

read_tags = mirror(tools.read_tags)
scan = mirror(tools.scan)
series = mirror(tools.series)


def _awaited_batches(
    blocking: Callable[P, Generator[ScanResult]],
) -> Callable[P, AsyncGenerator[ScanResult]]:
    """The asynchronous form of the iterator: each batch is read in a thread."""

    async def batches(*args: Any, **kwargs: Any) -> AsyncGenerator[ScanResult]:
        controller = AbortController()
        kwargs["signal"] = either(kwargs.get("signal"), controller.signal)
        found = await run_in_thread(partial(blocking, *args, **kwargs), controller)
        try:
            following = partial(next, found, None)
            while (batch := await run_in_thread(following, controller)) is not None:
                yield batch
        finally:
            controller.abort("nobody wants the batches any more")
            found.close()

    update_wrapper(batches, blocking)
    batches.__dict__["__signature__"] = inspect.signature(blocking)
    return cast("Callable[P, AsyncGenerator[ScanResult]]", batches)


iter_batches = _awaited_batches(tools.iter_batches)
