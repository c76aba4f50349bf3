"""scan: the values of a few tags of many files, as columns."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from time import monotonic
from typing import Annotated, Final, Literal

from dcmtk_native._core.scan import Paths
from dcmtk_native._runtime.abort import SignalLike, attached
from dcmtk_native._runtime.groups import LimitsOption
from dcmtk_native._runtime.options import Opt, SignalOption
from dcmtk_native._runtime.tool import checked, raise_refusal
from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok, Result
from dcmtk_native.scan.cluster import CHUNK_SIZE, Submits, batches_elsewhere
from dcmtk_native.scan.job import AHEAD, BUDGET_MS, Columns, Job, OnError, OnProgress, ScanFailure
from dcmtk_native.scan.result import ScanResult
from dcmtk_native.scan.sources import ScanSource

__all__ = ["BATCH_SIZE", "completed", "iter_batches", "scan", "threads_for"]

BATCH_SIZE: Final = 16_384
"""Files of one batch, unless told otherwise."""

_MAX_THREADS: Final = 256

Source = Annotated[ScanSource, Opt(help="a file, a folder, or an iterable of files and folders")]
Tags = Annotated[
    Sequence[str],
    Opt(help="what to read: keywords, tags, or paths such as ContentSequence[0].TextValue"),
]
Recursive = Annotated[bool, Opt(help="go into the folders of folders")]
Pattern = Annotated[str | None, Opt(help="files of folders must match this pattern, such as *.dcm")]
Threads = Annotated[
    int | None,
    Opt(
        help="native threads; default: one a processor, or one a chunk with an executor",
        lo=1,
        hi=_MAX_THREADS,
    ),
]
Dates = Annotated[
    Literal["text", "date"], Opt(help="dates and times: as the text of the file, or as objects")
]
OnProgressOption = Annotated[
    OnProgress | None,
    Opt(help="called now and then with the number done, that of all or None, and the last path"),
]
OnErrorOption = Annotated[
    OnError | None, Opt(help="called with each ScanError when it happens; what it raises ends all")
]
ExecutorOption = Annotated[
    Submits | None, Opt(help="a concurrent.futures.Executor that reads chunks of the files")
]
ChunkSize = Annotated[int, Opt(help="files of a chunk for the executor", lo=1, hi=1_000_000)]


@checked(Err)
def scan(
    source: Source,
    tags: Tags,
    *,
    recursive: Recursive = True,
    pattern: Pattern = None,
    threads: Threads = None,
    dates: Dates = "text",
    limits: LimitsOption = None,
    on_progress: OnProgressOption = None,
    on_error: OnErrorOption = None,
    signal: SignalOption = None,
    executor: ExecutorOption = None,
    chunk_size: ChunkSize = CHUNK_SIZE,
) -> Result[ScanResult]:
    """The values of these tags in all files of a source, as columns.

    Files are read on native threads, only as far as their last wanted element. A file that cannot
    be read is an entry of `errors`, as is a folder within the source; they never stop the scan. An
    abort is no error: what has been read comes back, with `aborted`.

    With an executor its workers read chunks of files, with the same paths. A chunk that a worker
    does not return is read again, in the end by this process; `retried` counts them.

    Errors:
        OptionsError: an option is out of its rules, a tag is unknown or its values fit no column.
        DicomFileError: the source is a path under which nothing can be read.

    Example:
        >>> result = scan("image.dcm", ["PatientID", "Rows"]).unwrap()
        >>> result.to_dict()
        {'path': ['image.dcm'], 'PatientID': ['1CT1'], 'Rows': [128]}
    """
    try:
        job = Job(
            "scan",
            source,
            Columns(tuple(tags), dates, fixed=False, limits=limits),
            recursive=recursive,
            pattern=pattern,
            threads=threads_for(threads, executor),
            on_progress=on_progress,
            on_error=on_error,
        )
    except DcmtkError as error:
        return Err(error)
    return completed(job, executor, chunk_size, signal)


@checked(raise_refusal)
def iter_batches(
    source: Source,
    tags: Tags,
    *,
    batch_size: Annotated[int, Opt(help="files of a batch", lo=1, hi=10_000_000)] = BATCH_SIZE,
    recursive: Recursive = True,
    pattern: Pattern = None,
    threads: Threads = None,
    dates: Dates = "text",
    limits: LimitsOption = None,
    on_progress: OnProgressOption = None,
    on_error: OnErrorOption = None,
    signal: SignalOption = None,
    executor: ExecutorOption = None,
    chunk_size: ChunkSize = CHUNK_SIZE,
) -> Generator[ScanResult]:
    """The same as `scan` in batches, so that an archive of any size takes the memory of one.

    All batches have the same types, whatever the files hold: where the dictionary gives an element
    one value, further texts are joined by backslashes, and further numbers are an entry of
    `errors`. There is at least one batch, which may be empty; an abort ends with one that says so.

    Errors:
        OptionsError: raised by the call as `scan` returns it.
        DicomFileError: raised by the call if the source is a path under which nothing can be read.

    Example:
        >>> [len(batch) for batch in iter_batches(["image.dcm"] * 5, ["Rows"], batch_size=2)]
        [2, 2, 1]
    """
    job = Job(
        "iter_batches",
        source,
        Columns(tuple(tags), dates, fixed=True, limits=limits),
        recursive=recursive,
        pattern=pattern,
        threads=threads_for(threads, executor),
        on_progress=on_progress,
        on_error=on_error,
    )
    return _attached_batches(job, batch_size, executor, chunk_size, signal)


def completed(
    job: Job, executor: Submits | None, chunk_size: int, signal: SignalLike | None
) -> Result[ScanResult]:
    """All that a job comes to, as one result; what a callback raises goes through."""
    try:
        with attached(signal, job):
            (result,) = _batches(job, sys.maxsize, executor, chunk_size)
    except ScanFailure as failure:
        return Err(failure.error)
    return Ok(result)


def _attached_batches(
    job: Job, size: int, executor: Submits | None, chunk_size: int, signal: SignalLike | None
) -> Generator[ScanResult]:
    try:
        with attached(signal, job), closing(_batches(job, size, executor, chunk_size)) as batches:
            yield from batches
    except ScanFailure as failure:
        raise failure.error from None


def threads_for(threads: int | None, executor: Submits | None) -> int:
    """How many native threads read the files of one process."""
    if threads is not None:
        return threads
    return 1 if executor is not None else min(os.cpu_count() or 1, _MAX_THREADS)


def _batches(
    job: Job, size: int, executor: Submits | None, chunk_size: int
) -> Generator[ScanResult]:
    if executor is not None:
        return batches_elsewhere(job, size, executor, min(chunk_size, size))
    return _batches_here(job, size)


def _fill(paths: Paths, portions: Iterator[str | Paths], size: int) -> int:
    """How many of the next `size` paths are there now.

    Fewer than that if there are no more, or if they come slowly: those that are there are read
    first.
    """
    until = monotonic() + BUDGET_MS / 1000
    while (count := len(paths)) < size and not (count and monotonic() > until):
        some = next(portions, None)
        if some is None:
            break
        if isinstance(some, str):
            paths.append(some)
        else:
            paths.extend(some)
    return min(count, size)


def _batches_here(job: Job, size: int) -> Generator[ScanResult]:
    portions = job.sources.portions()
    paths = Paths()
    is_first = True
    is_last = False
    while not is_last:
        left = size
        while left and not job.cancelled and (count := _fill(paths, portions, min(AHEAD, left))):
            for table, last_path in job.read(paths, count):
                left -= table.count
                errors = job.keep_table(table)
                if table.count:
                    job.tell(table.count, last_path, errors)
        is_last = left > 0 or job.cancelled
        aborted = job.cancelled and (len(paths) > 0 or not job.sources.exhausted)
        if is_first or aborted or not job.is_empty:
            yield job.result(aborted=aborted)
        is_first = False
