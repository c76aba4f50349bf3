"""What a scan comes to: columns of values, in Arrow's buffers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dcmtk_native._runtime.outputs import replaced_at_the_end
from dcmtk_native.errors import DcmtkError, UnsupportedError

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from dcmtk_native._core.scan import Table
    from dcmtk_native.types import StrPath

__all__ = ["PATH", "ScanError", "ScanResult", "arrow_module"]

PATH: Final = "path"
"""The name of the first column."""


@dataclass(frozen=True, slots=True)
class ScanError:
    """What could not be read.

    Attributes:
        path: the file or the folder.
        error: why.
        column: the tag whose value is none of its kind, such as an IS of letters: the row is there,
            its value is `None`. Without a column the whole file has no row.
    """

    path: str
    error: DcmtkError
    column: str | None = None


class ScanResult:
    """The values of the files that could be read: a row a file, a column a tag.

    `len(result)` is the number of rows, `result["PatientName"]` a new list of a column's values.
    A value is text, a number or a date, a list of them where a file has several, and `None` where
    it has none. In Arrow's forms a column has one type: lists, if any file has several values or
    the dictionary allows for it.

    The Arrow PyCapsule interface is there, so `pyarrow.table(result)`, `polars.DataFrame(result)`,
    DuckDB and pandas take a result without copying a value.

    Attributes:
        columns: the tags, as they were given.
        errors: files, folders and single values that could not be read.
        aborted: the signal stopped the scan before all was read.
        retried: chunks that an executor lost, and that were read again.
    """

    __slots__ = ("_paths", "_table", "aborted", "columns", "errors", "retried")

    # By its rows, or by its columns as a data frame? Neither is obvious.
    __iter__ = None

    def __init__(
        self,
        columns: tuple[str, ...],
        table: Table,
        errors: Iterable[ScanError] = (),
        *,
        aborted: bool = False,
        retried: int = 0,
    ) -> None:
        self.columns = columns
        self.errors: tuple[ScanError, ...] = tuple(errors)
        self.aborted = aborted
        self.retried = retried
        self._table = table
        self._paths: tuple[str, ...] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the rows."""
        if self._paths is None:
            self._paths = tuple(self._table.paths())
        return self._paths

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, column: str) -> list[Any]:
        try:
            index = self.columns.index(column)
        except ValueError:
            raise KeyError(column) from None
        return self._table.column(index)

    def __repr__(self) -> str:
        parts = [f"{len(self)} rows", f"{len(self.columns)} columns", f"{len(self.errors)} errors"]
        if self.aborted:
            parts.append("aborted")
        return f"<ScanResult: {', '.join(parts)}>"

    @classmethod
    def merge(cls, results: Iterable[ScanResult]) -> ScanResult:
        """The rows of several scans of the same tags, one after the other; they stay as they are.

        Errors:
            ValueError: raised if there is no result, or if their columns differ.
        """
        from copy import copy

        parts = list(results)
        if not parts:
            raise ValueError("there is no result to merge")
        first, *others = parts
        if any(other.columns != first.columns for other in others):
            raise ValueError("results of other tags cannot be merged")
        table = copy(first._table)
        for other in others:
            table.extend(copy(other._table))
        return cls(
            first.columns,
            table,
            (error for one in parts for error in one.errors),
            aborted=any(one.aborted for one in parts),
            retried=sum(one.retried for one in parts),
        )

    # ---- other forms ----

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns by name, the paths first, as `path`."""
        columns = {name: self._table.column(index) for index, name in enumerate(self.columns)}
        return {PATH: list(self.paths), **columns}

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The capsules of a struct array, `path` first; a wish for other types is not fulfilled."""
        return self._table.arrow()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The capsule of a stream of one batch; needs pyarrow, unlike `__arrow_c_array__`."""
        pyarrow = arrow_module("pyarrow")
        batch = pyarrow.record_batch(self)
        reader = pyarrow.RecordBatchReader.from_batches(batch.schema, [batch])
        return reader.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pyarrow.Table:
        """The same memory as a table of pyarrow's.

        Errors:
            UnsupportedError: raised if pyarrow is not installed.
        """
        table = arrow_module("pyarrow")
        return table.Table.from_batches([table.record_batch(self)])

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame.

        Errors:
            UnsupportedError: raised if pandas or pyarrow is not installed.
        """
        arrow_module("pandas")
        return self.to_arrow().to_pandas()

    def to_parquet(self, path: StrPath) -> None:
        """Nothing: the table is in a Parquet file, which is replaced at the end, or not at all.

        Errors:
            UnsupportedError: raised if pyarrow is not installed.
            DicomFileError: raised if the file cannot be written.
        """
        parquet = arrow_module("pyarrow.parquet")
        with replaced_at_the_end(path, tool="to_parquet") as temporary:
            parquet.write_table(self.to_arrow(), temporary)

    # ---- pickling ----

    def __getstate__(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "_paths"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self._paths = None


def arrow_module(name: str) -> Any:
    """A module of the extra `arrow`.

    Errors:
        UnsupportedError: raised if it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        text = f"{package} is not installed; `pip install dcmtk_native[arrow]` does it"
        raise UnsupportedError(text, tool="scan") from None
