"""A DICOM file whose methods are awaited where they read or write."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from dcmtk_native._runtime.groups import LimitsOption
from dcmtk_native._runtime.mirror import mirror, mirror_method
from dcmtk_native._runtime.options import IsolateOption, SignalOption, TimeoutMs
from dcmtk_native.aio.pixels import PixelData
from dcmtk_native.codec.pixels import PixelData as BlockingPixels
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.changes import ChangeSet
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.file import DicomFile as BlockingFile
from dcmtk_native.result import Result, map_result
from dcmtk_native.types import DicomFilePath, StrPath

if TYPE_CHECKING:
    from dcmtk_native.limits import Limits

__all__ = ["DicomFile"]

_open = mirror(BlockingFile.open)


async def _pixels_of(file: BlockingFile) -> Result[PixelData]:
    return map_result(await _read_pixels_of(file), PixelData)


@mirror
def _read_pixels_of(file: BlockingFile) -> Result[BlockingPixels]:
    return file.pixels


class DicomFile:
    """The data set of a file, as it was when the file was opened, and changes to be written.

    Immutable: `with_changes` and `with_file_path` give new objects.

    Example:
        >>> import asyncio
        >>> async def anonymise() -> str:
        ...     file = (await DicomFile.open("image.dcm")).unwrap()
        ...     changes = ChangeSet.empty().set_tag("(0010,0010)", "ANONYMOUS")
        ...     return (await file.with_changes(changes).write_as("anonymous.dcm")).unwrap()
        >>> asyncio.run(anonymise())
        'anonymous.dcm'
    """

    __slots__ = ("_file",)

    def __init__(
        self,
        path: DicomFilePath,
        dataset: DicomDataset,
        changes: ChangeSet | None = None,
        limits: Limits | None = None,
        isolate: bool = False,
    ) -> None:
        self._file = BlockingFile(path, dataset, changes, limits, isolate)

    @classmethod
    async def open(
        cls,
        path: StrPath,
        *,
        limits: LimitsOption = None,
        isolate: IsolateOption = False,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Result[DicomFile]:
        """A file, with its file meta information in the data set; see `dcmtk_native.DicomFile`."""
        result = await _open(
            path, limits=limits, isolate=isolate, timeout_ms=timeout_ms, signal=signal
        )
        return map_result(result, cls._around)

    @classmethod
    def _around(cls, file: BlockingFile) -> DicomFile:
        self = cls.__new__(cls)
        self._file = file
        return self

    @property
    def dataset(self) -> DicomDataset:
        """What the file held when it was opened; writing changes nothing of it."""
        return self._file.dataset

    @property
    def file_path(self) -> DicomFilePath:
        """The normalised path."""
        return self._file.file_path

    @property
    def pixels(self) -> Coroutine[Any, Any, Result[PixelData]]:
        """The pixel data, to be awaited, as `read_pixels` gives it."""
        return _pixels_of(self._file)

    @property
    def changes(self) -> ChangeSet:
        """The changes to be written."""
        return self._file.changes

    def with_changes(self, changes: ChangeSet) -> DicomFile:
        """The same file with these changes too; they go before those that it has already."""
        return self._around(self._file.with_changes(changes))

    def with_file_path(self, path: StrPath) -> DicomFile:
        """The same data set and changes under another path."""
        return self._around(self._file.with_file_path(path))

    apply_changes = mirror_method(BlockingFile.apply_changes, "_file")
    write_as = mirror_method(BlockingFile.write_as, "_file")
    file_size = mirror_method(BlockingFile.file_size, "_file")
    unlink = mirror_method(BlockingFile.unlink, "_file")

    def __repr__(self) -> str:
        return repr(self._file)
