"""series: the instances of a source as series, sorted as a volume loader wants them."""

from __future__ import annotations

import logging
from typing import Final

from dcmtk_native._runtime.abort import aborted_error
from dcmtk_native._runtime.groups import LimitsOption
from dcmtk_native._runtime.options import SignalOption
from dcmtk_native._runtime.tool import checked
from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok, Result
from dcmtk_native.scan.cluster import CHUNK_SIZE
from dcmtk_native.scan.job import Columns, Job
from dcmtk_native.scan.result import ScanError
from dcmtk_native.scan.scanning import (
    ChunkSize,
    ExecutorOption,
    OnErrorOption,
    OnProgressOption,
    Pattern,
    Recursive,
    Source,
    Threads,
    completed,
    threads_for,
)
from dcmtk_native.scan.stacks import TAGS, Series, series_of

__all__ = ["Series", "series"]

_LOGGER: Final = logging.getLogger("dcmtk_native.scan")


@checked(Err)
def series(
    source: Source,
    *,
    recursive: Recursive = True,
    pattern: Pattern = None,
    threads: Threads = None,
    limits: LimitsOption = None,
    on_progress: OnProgressOption = None,
    on_error: OnErrorOption = None,
    signal: SignalOption = None,
    executor: ExecutorOption = None,
    chunk_size: ChunkSize = CHUNK_SIZE,
) -> Result[list[Series]]:
    """The series of a source, each one a stack that can be loaded as a volume.

    Instances belong together that have one Series Instance UID, one size, one orientation and one
    pixel spacing: the three planes of a localizer are three stacks. Where several images have one
    position, they are told apart by time, echo, acquisition or image type (PS3.3 section C.7.6.2
    has the position of a plane). Images are sorted along the normal of their plane; without
    positions by Instance Number, then by path. A multi-frame instance is a stack of its own.

    What cannot be read is told to `on_error`, else to the log.

    Errors:
        OptionsError: an option is out of its rules.
        DicomFileError: the source is a path under which nothing can be read.
        OperationAbortedError: the signal said stop; some of a series would look like all of it.

    Example:
        >>> one = series("image.dcm").unwrap()[0]
        >>> one.modality, one.paths, one.orientation, one.frames
        ('CT', ('image.dcm',), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1)
    """
    try:
        job = Job(
            "series",
            source,
            Columns(TAGS, "text", fixed=True, limits=limits),
            recursive=recursive,
            pattern=pattern,
            threads=threads_for(threads, executor),
            on_progress=on_progress,
            on_error=on_error or _log,
        )
    except DcmtkError as error:
        return Err(error)
    result = completed(job, executor, chunk_size, signal)
    if not result:
        return result
    if result.value.aborted:
        return Err(aborted_error(signal, tool="series"))
    return Ok(series_of(result.value))


def _log(error: ScanError) -> None:
    _LOGGER.warning("%s", error.error)
