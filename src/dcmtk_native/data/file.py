"""A DICOM file: its data set, and changes to be written.

>>> from dcmtk_native.data.changes import ChangeSet
>>> from dcmtk_native.data.file import DicomFile
>>> file = DicomFile.open("image.dcm").unwrap()
>>> changes = ChangeSet.empty().set_tag("(0010,0010)", "ANONYMOUS").erase_private_tags()
>>> file.with_changes(changes).write_as("anonymous.dcm")
Ok(value='anonymous.dcm')
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups import LimitsOption, read_options
from dcmtk_native._runtime.groups_parse import parse_options
from dcmtk_native._runtime.groups_write import write_options
from dcmtk_native._runtime.options import IsolateOption, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.codec.pixels import PixelData, read_pixels
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.changes import ChangeSet
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.errors import DcmtkError, DicomFileError, OptionsError
from dcmtk_native.result import Err, Ok, Result
from dcmtk_native.types import DicomFilePath, StrPath

if TYPE_CHECKING:
    from dcmtk_native.limits import Limits

__all__ = ["DicomFile"]


class DicomFile:
    """The data set of a file, as it was when the file was opened, and changes to be written.

    Immutable: `with_changes` and `with_file_path` give new objects.
    """

    __slots__ = ("_changes", "_dataset", "_isolate", "_limits", "_path")

    def __init__(
        self,
        path: DicomFilePath,
        dataset: DicomDataset,
        changes: ChangeSet | None = None,
        limits: Limits | None = None,
        isolate: bool = False,
    ) -> None:
        self._path = path
        self._dataset = dataset
        self._changes = ChangeSet.empty() if changes is None else changes
        self._limits = limits
        self._isolate = isolate

    @classmethod
    @operation
    def open(
        cls,
        path: Annotated[StrPath, Opt(help="DICOM file to open")],
        *,
        limits: LimitsOption = None,
        isolate: IsolateOption = False,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DicomFile:
        """A file, with its file meta information in the data set; binary values are left out.

        `limits` and `isolate` are also those of its `pixels`.

        Errors:
            OptionsError: the path is empty.
            DicomFileError: the file is missing or cannot be read.
            DicomFormatError: it is no DICOM file, or broken.
            LimitExceededError: it asks for more than `limits` allow.

        Example:
            >>> DicomFile.open("image.dcm").unwrap().dataset.has_tag("(7FE0,0010)")
            True
        """
        native = _core.Dataset.read(path, read_options("auto", "auto", limits))
        normal = DicomFilePath(os.path.normpath(path))
        return cls(normal, DicomDataset(LazyElements(native)), None, limits, isolate)

    @property
    def dataset(self) -> DicomDataset:
        """What the file held when it was opened; writing changes nothing of it."""
        return self._dataset

    @property
    def file_path(self) -> DicomFilePath:
        """The normalised path."""
        return self._path

    @property
    def pixels(self) -> Result[PixelData]:
        """The pixel data, as `read_pixels` gives it; the file is opened for it."""
        return read_pixels(self._path, limits=self._limits, isolate=self._isolate)

    @property
    def changes(self) -> ChangeSet:
        """The changes to be written."""
        return self._changes

    def with_changes(self, changes: ChangeSet) -> DicomFile:
        """The same file with these changes too; they go before those that it has already."""
        merged = self._changes.merge(changes)
        return DicomFile(self._path, self._dataset, merged, self._limits, self._isolate)

    def with_file_path(self, path: StrPath) -> DicomFile:
        """The same data set and changes under another path."""
        normal = DicomFilePath(os.path.normpath(path))
        return DicomFile(normal, self._dataset, self._changes, self._limits, self._isolate)

    @operation
    def apply_changes(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> None:
        """Nothing: the file has the changes now, without any it is not touched.

        What is set and missing is inserted, what is erased need not be there. The file is replaced
        at the end, or not at all. `dataset` stays as it is; open the file again to see the changes.

        Errors:
            OptionsError: a path of the changes is malformed.
            DicomFileError: the file is missing, cannot be read or written.
            ToolError: a value that its VR or the character set of the file cannot hold.

        Example:
            >>> file = DicomFile.open("image.dcm").unwrap()
            >>> file.with_changes(ChangeSet.empty().set_tag("(0010,0020)", "7")).apply_changes()
            Ok(value=None)
        """
        if self._changes.is_empty:
            return
        elements = self._dataset._elements
        if isinstance(elements, LazyElements):
            with suppress(DcmtkError):  # what cannot be had any more says so when it is asked for
                elements.make_what_needs_the_file()
        self._write_changed(self._path)

    @operation
    def write_as(
        self,
        output_path: Annotated[StrPath, Opt(help="file to write")],
        *,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DicomFilePath:
        """The path of a copy with the changes; this file stays as it is.

        A file under that name is replaced at the end, or not at all.

        Errors:
            OptionsError: `output_path` is the file itself; a path of the changes is malformed.
            DicomFileError: the file is missing or cannot be read, the copy cannot be written.
            ToolError: a value that its VR or the character set of the file cannot hold.

        Example:
            >>> DicomFile.open("image.dcm").unwrap().write_as("copy.dcm")
            Ok(value='copy.dcm')
        """
        name = os.fspath(output_path)
        output = Path(name)
        with suppress(OSError):
            if output.samefile(self._path):
                rule = f"output_path={name!r}: is the file itself, which apply_changes changes"
                raise OptionsError(f"DicomFile.write_as: invalid options: {rule}")
        if self._changes.is_empty:
            _core.copy_file(self._path, name)
        else:
            self._write_changed(name)
        return DicomFilePath(name)

    def file_size(self) -> Result[int]:
        """How many bytes the file has now.

        Errors:
            DicomFileError: the file is missing.
        """
        try:
            return Ok(Path(self._path).stat().st_size)
        except OSError as error:
            return self._failure("file_size", error)

    def unlink(self) -> Result[None]:
        """Nothing: the file is deleted.

        Errors:
            DicomFileError: the file is missing or cannot be deleted.
        """
        try:
            Path(self._path).unlink()
        except OSError as error:
            return self._failure("unlink", error)
        return Ok(None)

    def __repr__(self) -> str:
        return f"<DicomFile {self._path!r}: {self._dataset!r}, {self._changes!r}>"

    def _write_changed(self, output: str) -> None:
        _core.dcmodify(self._path, output, self._writing_of_changes())

    def _changed_content(self) -> bytes:
        """The content of the file with the changes in it; the file stays as it is."""
        content = Path(self._path).read_bytes()
        _, _, changed = _core.dcmodify(content, None, self._writing_of_changes())
        return changed or b""

    def _writing_of_changes(self) -> _core.DcmodifyOptions:
        changes = self._changes
        jobs: list[Any] = [
            ("insert", path, _bytes(value)) for path, value in changes.modifications.items()
        ]
        jobs += [("erase", path, b"") for path in changes.to_erasure_args()]
        if changes.erase_private:
            jobs.append(("erase-private", "", b""))
        return _core.DcmodifyOptions(
            read=read_options("auto", "auto", self._limits),
            parse=parse_options(),
            jobs=jobs,
            create_file=False,
            check_reservations=True,
            update_meta_uids=True,
            ignore_errors=False,
            ignore_missing_tags=True,
            ignore_un_values=False,
            backup=False,
            write=write_options(write_mode="file", transfer_syntax=""),
        )

    def _failure(self, method: str, error: OSError) -> Err[DcmtkError]:
        name = f"DicomFile.{method}"
        message = f"{name} failed: {self._path}: {error.strerror}"
        return Err(DicomFileError(message, tool=name, filename=self._path, errno=error.errno))


def _bytes(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        text = "DicomFile: invalid options: a value must be text without lone surrogates"
        raise OptionsError(text, tool="DicomFile") from None
