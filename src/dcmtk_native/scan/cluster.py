"""A scan whose files are read by the workers of an executor: processes, a Dask cluster, Ray."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

from dcmtk_native._core.scan import Paths
from dcmtk_native.scan.job import Columns, Job
from dcmtk_native.scan.result import ScanResult

if TYPE_CHECKING:
    from concurrent.futures import Future
    from queue import SimpleQueue

__all__ = ["CHUNK_SIZE", "Submits", "batches_elsewhere"]

CHUNK_SIZE: Final = 1000
"""Files of a chunk, unless told otherwise: some tens of milliseconds of work."""

_MAX_UNDER_WAY: Final = 256
"""Chunks that were handed out, or whose results wait for those of earlier ones."""

_MAX_ATTEMPTS: Final = 3
"""How often a chunk is given to the executor before this process reads it."""

_LOGGER: Final = logging.getLogger("dcmtk_native.scan")


class Submits(Protocol):
    """A `concurrent.futures.Executor`, or what looks like one."""

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """The running call `fn(*args)`."""


@dataclass(slots=True)
class _Chunk:
    """Consecutive paths.

    Attributes:
        number: its place among the chunks.
        paths: what to read.
        attempts: how often an executor took it.
    """

    number: int
    paths: list[str]
    attempts: int = 0


def read_chunk(columns: Columns, paths: list[str], threads: int, key: str) -> ScanResult:
    """The rows of a chunk: what runs in a worker.

    Args:
        columns: what to read.
        paths: the files.
        threads: native threads.
        key: makes every call another one. Dask takes equal calls for the same and would hand out
            the outcome of an earlier one, a failure too.
    """
    job = Job("scan", (), columns, threads=threads)
    for table, _ in job.read(Paths(paths), len(paths)):
        job.keep_table(table)
    return job.result(aborted=False)


def batches_elsewhere(
    job: Job, size: int, executor: Submits, chunk_size: int
) -> Generator[ScanResult]:
    """Results of at most so many files each, in the order of the paths.

    After an abort what has come back so far is the last result; chunks that are being read are left
    to themselves.
    """
    kept = 0
    is_first = True
    crew = _Crew(job, executor, chunk_size)
    try:
        for chunk, result in crew.results():
            if kept and kept + len(chunk.paths) > size:
                yield job.result(aborted=False)
                kept, is_first = 0, False
            job.keep_result(result)
            kept += len(chunk.paths)
        aborted = job.cancelled and not (crew.is_done and job.sources.exhausted)
        if is_first or aborted or not job.is_empty:
            yield job.result(aborted=aborted)
    finally:
        crew.dismiss()


class _Crew:
    """The executor's workers, and the chunks that they have."""

    def __init__(self, job: Job, executor: Submits, chunk_size: int) -> None:
        from queue import SimpleQueue

        self._job = job
        self._executor = executor
        self._chunks = _chunks(iter(job.sources), chunk_size)
        self._key = os.urandom(8).hex()
        self._events: SimpleQueue[Future[ScanResult] | None] = SimpleQueue()
        self._running: dict[Future[ScanResult], _Chunk] = {}
        self._waiting: dict[int, tuple[_Chunk, ScanResult]] = {}
        self._next = 0
        self.is_done = False
        job.when_cancelled(lambda: self._events.put(None))

    def results(self) -> Iterator[tuple[_Chunk, ScanResult]]:
        """The chunks and their rows, in order; after an abort those that are there, with gaps."""
        while not self._job.cancelled:
            self._hand_out()
            yield from self._ready()
            if not self._running:
                self.is_done = not self._job.cancelled
                return
            future = self._events.get()
            if future is not None:
                self._take_back(self._running.pop(future), future)
                yield from self._ready()
        for number in sorted(self._waiting):
            yield self._waiting.pop(number)

    def dismiss(self) -> None:
        """Nothing: chunks that no worker has begun are called off."""
        for future in self._running:
            future.cancel()

    def _hand_out(self) -> None:
        while len(self._running) + len(self._waiting) < _MAX_UNDER_WAY:
            if self._job.cancelled or (chunk := next(self._chunks, None)) is None:
                return
            self._submit(chunk)

    def _submit(self, chunk: _Chunk) -> None:
        key = f"{self._key}-{chunk.number}-{chunk.attempts}"
        job = self._job
        try:
            future = self._executor.submit(read_chunk, job.columns, chunk.paths, job.threads, key)
        except Exception as error:  # a broken pool, one that was shut down, a lost connection
            _LOGGER.warning("chunk %d is read by this process: %r", chunk.number, error)
            self._read_here(chunk)
            return
        chunk.attempts += 1
        self._running[future] = chunk
        future.add_done_callback(self._events.put)

    def _take_back(self, chunk: _Chunk, future: Future[ScanResult]) -> None:
        reason = "cancelled" if future.cancelled() else future.exception()
        if reason is None:
            self._put(chunk, future.result(), len(chunk.paths))
            return
        self._job.retried += 1
        _LOGGER.warning(
            "a worker has lost chunk %d (%r): its %d files are read again",
            chunk.number,
            reason,
            len(chunk.paths),
        )
        if chunk.attempts < _MAX_ATTEMPTS:
            self._submit(chunk)
        else:
            self._read_here(chunk)

    def _read_here(self, chunk: _Chunk) -> None:
        job = Job("scan", (), self._job.columns, threads=self._job.threads, token=self._job.token)
        unread = Paths(chunk.paths)
        for table, _ in job.read(unread, len(unread)):
            job.keep_table(table)
        count = len(chunk.paths) - len(unread)
        self._put(chunk, job.result(aborted=len(unread) > 0), count)

    def _put(self, chunk: _Chunk, result: ScanResult, count: int) -> None:
        self._waiting[chunk.number] = chunk, result
        if count:
            self._job.tell(count, chunk.paths[count - 1], result.errors)

    def _ready(self) -> Iterator[tuple[_Chunk, ScanResult]]:
        while self._next in self._waiting:
            yield self._waiting.pop(self._next)
            self._next += 1


def _chunks(paths: Iterator[str], size: int) -> Iterator[_Chunk]:
    number = 0
    while chunk := list(islice(paths, size)):
        yield _Chunk(number, chunk)
        number += 1
