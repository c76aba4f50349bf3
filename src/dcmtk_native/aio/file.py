"""A DICOM file whose methods are awaited where they read or write."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from dcmtk_native._runtime.groups import LimitsOption
from dcmtk_native._runtime.mirror import mirror
from dcmtk_native._runtime.options import SignalOption, TimeoutMs
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.changes import ChangeSet
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.file import DicomFile as BlockingFile
from dcmtk_native.result import Result, map_result
from dcmtk_native.types import DicomFilePath, StrPath

if TYPE_CHECKING:
    from dcmtk_native.limits import Limits

__all__ = ["DicomFile"]

P = ParamSpec("P")
R = TypeVar("R")

_open = mirror(BlockingFile.open)


def _awaitable(
    method: Callable[Concatenate[BlockingFile, P], R],
) -> Callable[Concatenate[DicomFile, P], Coroutine[Any, Any, R]]:
    """The method of the blocking file as an awaitable one of the file around it."""
    awaitable = mirror(method)

    async def call(self: DicomFile, *args: P.args, **kwargs: P.kwargs) -> R:
        return await awaitable(self._file, *args, **kwargs)

    update_wrapper(call, awaitable)
    return cast("Callable[Concatenate[DicomFile, P], Coroutine[Any, Any, R]]", call)


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
    ) -> None:
        self._file = BlockingFile(path, dataset, changes, limits)

    @classmethod
    async def open(
        cls,
        path: StrPath,
        *,
        limits: LimitsOption = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Result[DicomFile]:
        """A file, with its file meta information in the data set; see `dcmtk_native.DicomFile`."""
        result = await _open(path, limits=limits, timeout_ms=timeout_ms, signal=signal)
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
    def changes(self) -> ChangeSet:
        """The changes to be written."""
        return self._file.changes

    def with_changes(self, changes: ChangeSet) -> DicomFile:
        """The same file with these changes too; they go before those that it has already."""
        return self._around(self._file.with_changes(changes))

    def with_file_path(self, path: StrPath) -> DicomFile:
        """The same data set and changes under another path."""
        return self._around(self._file.with_file_path(path))

    apply_changes = _awaitable(BlockingFile.apply_changes)
    write_as = _awaitable(BlockingFile.write_as)
    file_size = _awaitable(BlockingFile.file_size)
    unlink = _awaitable(BlockingFile.unlink)

    def __repr__(self) -> str:
        return repr(self._file)
