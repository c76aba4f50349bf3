"""Index files: what `dcmtk-native scan` writes, and reads again to bring it up to date.

An index has a row a file: the path, its size and the time of its last change, why it could not be
read if that is so, and the values of the tags.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeAlias

from dcmtk_native.cli.arguments import UsageError
from dcmtk_native.scan.result import PATH, ScanResult, arrow_module

__all__ = ["ERROR", "MTIME", "SIZE", "Frame", "IndexFormat", "format_of", "frame_of"]

SIZE: Final = "size"
MTIME: Final = "mtime_ns"
ERROR: Final = "error"

Frame: TypeAlias = dict[str, list[Any]]
"""Rows as columns."""

Write: TypeAlias = Callable[[Frame], object]

_ROWS: Final = 16_384
"""Rows that are in memory at a time."""

_MAX_FIELD: Final = 2**31 - 1

_VALUES: Final = "\\"
"""Between the values of one element, as in DICOM."""


@dataclass(frozen=True, slots=True)
class IndexFormat:
    """One form of index files.

    Attributes:
        columns: the names of an index's columns; nothing if it has no row that tells.
        read: the rows of an index, some at a time.
        write: a context with what writes rows; the result has the columns of the tags.
        keeps_types: dates can be more than text.
    """

    columns: Callable[[Path], list[str]]
    read: Callable[[Path], Iterator[Frame]]
    write: Callable[[Path, ScanResult], AbstractContextManager[Write]]
    keeps_types: bool = False


def format_of(path: Path) -> IndexFormat:
    """The form that the name of an index asks for.

    Errors:
        UsageError: raised for any other name.
    """
    found = _FORMATS.get(path.suffix.lower())
    if found is None:
        raise UsageError(f"{path}: the name of an index ends in {', '.join(_FORMATS)}")
    return found


def frame_of(rows: ScanResult, facts: dict[str, tuple[int, int]], reasons: dict[str, str]) -> Frame:
    """The rows of an index for what was read, and for what could not be.

    Args:
        rows: what was read.
        facts: size and time of each file that was looked at.
        reasons: why a file, or a value of it, could not be read.
    """
    readable = set(rows.paths)
    failed = [path for path in reasons if path in facts and path not in readable]
    paths = [*rows.paths, *failed]
    return {
        PATH: paths,
        SIZE: [facts[path][0] for path in paths],
        MTIME: [facts[path][1] for path in paths],
        ERROR: [reasons.get(path) for path in paths],
        **{name: rows[name] + [None] * len(failed) for name in rows.columns},
    }


def _names(columns: tuple[str, ...]) -> list[str]:
    return [PATH, SIZE, MTIME, ERROR, *columns]


def _rows_of(frame: Frame) -> Iterator[tuple[Any, ...]]:
    return zip(*frame.values(), strict=True)


def _frames(names: list[str], rows: Iterator[list[Any]]) -> Iterator[Frame]:
    while some := list(islice(rows, _ROWS)):
        yield dict(zip(names, map(list, zip(*some, strict=True)), strict=True))


# ---- CSV ----


def _csv_columns(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return next(csv.reader(file), [])


def _read_csv(path: Path) -> Iterator[Frame]:
    csv.field_size_limit(_MAX_FIELD)  # a text may be longer than the module expects
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        names = next(reader, [])
        numbers = [names.index(SIZE), names.index(MTIME)]
        rows = (
            [int(text) if at in numbers else text or None for at, text in enumerate(row)]
            for row in reader
        )
        yield from _frames(names, rows)


@contextmanager
def _write_csv(path: Path, result: ScanResult) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_names(result.columns))
        yield lambda frame: writer.writerows(map(_csv_text, row) for row in _rows_of(frame))


def _csv_text(value: Any) -> Any:
    if isinstance(value, list):
        return _VALUES.join("" if one is None else str(one) for one in value)
    return value


# ---- JSON ----


def _load_json(path: Path) -> list[dict[str, Any]]:
    import json

    try:
        content = json.loads(path.read_text(encoding="utf-8", errors="surrogateescape"))
    except ValueError as error:
        raise UsageError(f"{path} is no index: {error}") from None
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise UsageError(f"{path} is no index: it is no list of objects")
    return content


def _json_columns(path: Path) -> list[str]:
    content = _load_json(path)
    return list(content[0]) if content else []


def _read_json(path: Path) -> Iterator[Frame]:
    content = _load_json(path)
    if content:
        names = list(content[0])
        yield from _frames(names, ([row[name] for name in names] for row in content))


@contextmanager
def _write_json(path: Path, result: ScanResult) -> Iterator[Write]:
    from json import dumps

    names = _names(result.columns)
    with path.open("w", encoding="utf-8", errors="surrogateescape") as file:
        between = "[\n"

        def write(frame: Frame) -> None:
            nonlocal between
            for row in _rows_of(frame):
                values = dict(zip(names, map(_json_value, row), strict=True))
                file.write(between + dumps(values, ensure_ascii=False, allow_nan=False))
                between = ",\n"

        yield write
        file.write("[]\n" if between == "[\n" else "\n]\n")


def _json_value(value: Any) -> Any:
    """The value; a number that JSON has no form for as text."""
    if isinstance(value, list):
        return [_json_value(one) for one in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


# ---- Parquet ----


def _parquet_columns(path: Path) -> list[str]:
    names: list[str] = arrow_module("pyarrow.parquet").read_schema(path).names
    return names


def _read_parquet(path: Path) -> Iterator[Frame]:
    with arrow_module("pyarrow.parquet").ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            yield batch.to_pydict()


@contextmanager
def _write_parquet(path: Path, result: ScanResult) -> Iterator[Write]:
    arrow, parquet = arrow_module("pyarrow"), arrow_module("pyarrow.parquet")
    values = {field.name: field.type for field in result.to_arrow().schema}
    types = {SIZE: arrow.int64(), MTIME: arrow.int64(), ERROR: arrow.large_string(), **values}
    schema = arrow.schema([(name, types[name]) for name in _names(result.columns)])
    several = [one.name for one in schema if arrow.types.is_large_list(one.type)]
    with parquet.ParquetWriter(path, schema) as writer:

        def write(frame: Frame) -> None:
            lists = {name: _lists(frame[name]) for name in several}
            texts = {name: _storable(frame[name]) for name in (PATH, ERROR)}
            try:
                table = arrow.Table.from_pydict(frame | lists | texts, schema=schema)
            except (arrow.ArrowInvalid, arrow.ArrowTypeError):
                raise UsageError(
                    "the index has values of other types; scan without --update"
                ) from None
            writer.write_table(table)

        yield write


def _lists(values: list[Any]) -> list[Any]:
    """The values as those of a column of lists: one alone is a list, too."""
    return [one if one is None or isinstance(one, list) else [one] for one in values]


def _storable(texts: list[str | None]) -> list[str | None]:
    """The texts; a name of a file that is no UTF-8 gets replacement characters."""
    return [
        text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()
        for text in texts
    ]


_FORMATS: Final = {
    ".parquet": IndexFormat(_parquet_columns, _read_parquet, _write_parquet, keeps_types=True),
    ".csv": IndexFormat(_csv_columns, _read_csv, _write_csv),
    ".json": IndexFormat(_json_columns, _read_json, _write_json),
}
