"""Ten values of each of 2,000 files; the peers are dicomsdl, fastdicom and pydicom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dicomsdl
import fastdicom
import pydicom
import pytest

from data import SERIES_FILES, TEN_KEYWORDS
from dcmtk_native import scan, unwrap

LAST_TAG = 0x00280011

Values = dict[str, list[Any]]


def columns(folder: Path, read: Any) -> Values:
    values: Values = {keyword: [] for keyword in TEN_KEYWORDS}
    for path in sorted(folder.iterdir()):
        dataset = read(str(path))
        for keyword in TEN_KEYWORDS:
            values[keyword].append(getattr(dataset, keyword, None))
    return values


def ours(folder: Path) -> Values:
    result = unwrap(scan(folder, TEN_KEYWORDS, threads=1))
    return {keyword: result[keyword] for keyword in TEN_KEYWORDS}


def with_dicomsdl(folder: Path) -> Values:
    return columns(folder, lambda path: dicomsdl.open(path, load_until=LAST_TAG))


def with_fastdicom(folder: Path) -> Values:
    return columns(folder, lambda path: fastdicom.dcmread(path, stop_before_pixels=True))


def with_pydicom(folder: Path) -> Values:
    return columns(folder, lambda path: pydicom.dcmread(path, specific_tags=list(TEN_KEYWORDS)))


@pytest.mark.benchmark(group="ten values of 2,000 files")
@pytest.mark.parametrize(
    ("who", "work"),
    [
        ("dcmtk_native", ours),
        ("dicomsdl", with_dicomsdl),
        ("fastdicom", with_fastdicom),
        ("pydicom, specific_tags", with_pydicom),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def bench_scan(benchmark: Any, archive: Path, who: str, work: Any) -> None:
    benchmark.extra_info["who"] = who
    values = benchmark.pedantic(work, (archive,), rounds=5, warmup_rounds=1)
    assert len(values["PatientName"]) == SERIES_FILES
    assert str(values["PatientName"][0]) == "CompressedSamples^CT1"
    assert values["Rows"][0] == 512
