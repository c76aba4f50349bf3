"""Ten values of each of 2,000 files; the peers are dicomsdl, fastdicom and pydicom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dicomsdl
import fastdicom
import pydicom
import pytest

from data import TEN_KEYWORDS, make_series
from dcmtk_native import scan, unwrap

FILES = 2000
LAST_TAG = 0x00280011

Values = dict[str, list[Any]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    make_series(folder, FILES)
    return folder


def columns(folder: Path, read: Any) -> Values:
    values: Values = {keyword: [] for keyword in TEN_KEYWORDS}
    for path in sorted(folder.iterdir()):
        dataset = read(str(path))
        for keyword in TEN_KEYWORDS:
            values[keyword].append(getattr(dataset, keyword, None))
    return values


def ours(folder: Path, threads: int) -> Values:
    result = unwrap(scan(folder, TEN_KEYWORDS, threads=threads))
    return {keyword: result[keyword] for keyword in TEN_KEYWORDS}


def with_dicomsdl(folder: Path, _: int) -> Values:
    return columns(folder, lambda path: dicomsdl.open(path, load_until=LAST_TAG))


def with_fastdicom(folder: Path, _: int) -> Values:
    return columns(folder, lambda path: fastdicom.dcmread(path, stop_before_pixels=True))


def with_pydicom(folder: Path, _: int) -> Values:
    return columns(folder, lambda path: pydicom.dcmread(path, specific_tags=list(TEN_KEYWORDS)))


@pytest.mark.benchmark(group="ten values of 2,000 files")
@pytest.mark.parametrize(
    ("who", "work", "threads"),
    [
        ("dcmtk_native", ours, 1),
        ("dcmtk_native, two threads", ours, 2),
        ("dicomsdl", with_dicomsdl, 1),
        ("fastdicom", with_fastdicom, 1),
        ("pydicom, specific_tags", with_pydicom, 1),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def bench_scan(benchmark: Any, archive: Path, who: str, work: Any, threads: int) -> None:
    benchmark.extra_info["who"] = who
    values = benchmark.pedantic(work, (archive, threads), rounds=5, warmup_rounds=1)
    assert len(values["PatientName"]) == FILES
    assert str(values["PatientName"][0]) == "CompressedSamples^CT1"
    assert values["Rows"][0] == 512
