"""ScanResult: its forms, its pickle, what it says when a library is missing."""

from __future__ import annotations

import os
import pickle
import stat
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from dcmtk_native import (
    DicomFileError,
    ScanResult,
    UnsupportedError,
    iter_batches,
    scan,
    unwrap,
)
from support.samples import ct_image, dicom_file

TAGS = ["PatientName", "Rows", "PixelSpacing", "StudyDate", "PatientAge", "ImageType"]


@pytest.fixture
def result(archive: Path) -> ScanResult:
    return unwrap(scan(archive, TAGS, dates="date"))


def test_it_looks_like_a_table(result: ScanResult) -> None:
    assert len(result) == 5
    assert repr(result) == "<ScanResult: 5 rows, 6 columns, 2 errors>"
    assert result.to_dict() == {"path": list(result.paths)} | {tag: result[tag] for tag in TAGS}
    assert result.paths is result.paths
    with pytest.raises(KeyError, match="Columns"):
        result["Columns"]
    with pytest.raises(TypeError):
        iter(result)  # type: ignore[call-overload]


def test_a_column_is_the_callers_own(result: ScanResult) -> None:
    result["Rows"].clear()
    assert len(result["Rows"]) == 5


def test_a_pickle_has_everything(result: ScanResult) -> None:
    copy = pickle.loads(pickle.dumps(result))
    assert copy.to_dict() == result.to_dict()
    assert copy.to_arrow().equals(result.to_arrow())
    assert (copy.columns, copy.aborted, copy.retried) == (result.columns, False, 0)
    assert [str(one.error) for one in copy.errors] == [str(one.error) for one in result.errors]
    assert [one.path for one in copy.errors] == [one.path for one in result.errors]


# ---- Arrow ----


def test_arrow_has_the_same_values(result: ScanResult) -> None:
    table = result.to_arrow()
    assert table.column_names == ["path", *TAGS]
    table.validate(full=True)
    content = table.to_pydict()
    assert content == result.to_dict()
    assert content["PatientAge"] == [None] * 5
    assert table.schema.field("Rows").type == pa.int64()
    assert table.schema.field("StudyDate").type == pa.date32()


def test_it_can_be_taken_by_the_capsule_interface(result: ScanResult) -> None:
    assert pa.table(result).equals(result.to_arrow())
    assert pa.record_batch(result).to_pydict() == result.to_dict()
    stream = pa.RecordBatchReader.from_stream(result)
    assert stream.read_all().equals(result.to_arrow())


def test_nothing_is_copied_for_arrow(result: ScanResult) -> None:
    def addresses() -> list[int]:
        column = result.to_arrow()["Rows"].chunk(0)
        return [buffer.address for buffer in column.buffers() if buffer is not None]

    assert addresses() == addresses()


def test_arrow_outlives_the_result(archive: Path) -> None:
    table = unwrap(scan(archive, TAGS)).to_arrow()
    assert table["PatientName"].to_pylist() == [f"Doe^{number}" for number in range(5)]


def test_an_empty_result_has_its_types(tmp_path: Path) -> None:
    empty = unwrap(scan(tmp_path, TAGS)).to_arrow()
    assert empty.num_rows == 0
    assert empty.schema.field("Rows").type == pa.int64()


def test_pandas(result: ScanResult) -> None:
    frame = result.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["PatientName"]) == result["PatientName"]
    assert [list(one) for one in frame["PixelSpacing"]] == [[0.5, 0.5]] * 5


# ---- Parquet ----


def test_parquet_comes_back_as_it_was(result: ScanResult, tmp_path: Path) -> None:
    result.to_parquet(tmp_path / "index.parquet")
    assert parquet.read_table(tmp_path / "index.parquet").equals(result.to_arrow())
    frame = pd.read_parquet(tmp_path / "index.parquet")
    assert list(frame["PatientName"]) == result["PatientName"]


def test_batches_go_into_one_file(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    batches = iter_batches(archive, TAGS, batch_size=2)
    first = next(batches).to_arrow()
    with parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for batch in batches:
            writer.write_table(batch.to_arrow())
    assert parquet.read_table(path).to_pydict() == unwrap(scan(archive, TAGS)).to_dict()


def test_a_replaced_file_keeps_its_mode(result: ScanResult, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link = tmp_path / "link.parquet"
    link.symlink_to(path)
    result.to_parquet(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert parquet.read_table(path).num_rows == 5


def test_a_failure_leaves_the_file_and_nothing_else(
    result: ScanResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "index.parquet"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(parquet, "write_table", full)
    with pytest.raises(DicomFileError, match="No space left") as raised:
        result.to_parquet(path)
    assert raised.value.errno == 28
    assert [one.name for one in folder.iterdir()] == ["index.parquet"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("place", ["missing/index.parquet", "folder", "fifo"])
def test_what_cannot_be_written(place: str, result: ScanResult, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(DicomFileError, match="cannot write"):
        result.to_parquet(tmp_path / place)
    assert not list(tmp_path.rglob("*.part"))


# ---- without the libraries ----


@pytest.mark.parametrize(
    ("missing", "method", "arguments"),
    [
        ("pyarrow", "to_arrow", ()),
        ("pandas", "to_pandas", ()),
        ("pyarrow", "to_pandas", ()),
        ("pyarrow.parquet", "to_parquet", ("index.parquet",)),
        ("pyarrow", "__arrow_c_stream__", ()),
    ],
)
def test_a_missing_library_is_named_with_its_extra(
    missing: str,
    method: str,
    arguments: tuple[str, ...],
    result: ScanResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(UnsupportedError, match=r"pip install dcmtk_native\[arrow\]"):
        getattr(result, method)(*arguments)


# ---- merging ----


def test_merged_results_have_all_rows_and_stay_themselves(archive: Path) -> None:
    parts = [unwrap(scan(path, TAGS)) for path in sorted(archive.rglob("*.dcm"))]
    before = [len(part) for part in parts]
    merged = ScanResult.merge(parts)
    assert sorted(merged["PatientName"]) == [f"Doe^{number}" for number in range(5)]
    assert len(merged.errors) == 2
    assert [len(part) for part in parts] == before
    merged.to_arrow().validate(full=True)


def test_columns_that_became_lists_are_merged_with_others(tmp_path: Path) -> None:
    (tmp_path / "1.dcm").write_bytes(dicom_file(ct_image()))
    (tmp_path / "2.dcm").write_bytes(dicom_file(ct_image((0x00280010, "US", [4, 5]))))
    one, two = (unwrap(scan(tmp_path / name, ["Rows"])) for name in ("1.dcm", "2.dcm"))
    assert ScanResult.merge([one, two])["Rows"] == [4, [4, 5]]
    assert ScanResult.merge([two, one])["Rows"] == [[4, 5], 4]
    assert one.to_arrow()["Rows"].to_pylist() == [4]


def test_what_cannot_be_merged(result: ScanResult, archive: Path) -> None:
    with pytest.raises(ValueError, match="no result"):
        ScanResult.merge([])
    with pytest.raises(ValueError, match="other tags"):
        ScanResult.merge([result, unwrap(scan(archive, ["Rows"]))])
