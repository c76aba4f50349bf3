"""Opening, values, JSON and dump; the peers are dicomsdl, pydicom and DCMTK's programs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import dicomsdl
import pydicom
import pytest

from data import TEN_KEYWORDS
from dcmtk_native import DicomFile, dcm2json, dcmdump, unwrap

PATIENT = "CompressedSamples^CT1"


def ours_ten(path: Path) -> list[object]:
    dataset = unwrap(DicomFile.open(path)).dataset
    return [
        dataset.patient_name,
        dataset.patient_id,
        dataset.modality,
        dataset.study_date,
        dataset.accession,
        dataset.study_instance_uid,
        dataset.series_instance_uid,
        dataset.sop_instance_uid,
        unwrap(dataset.get_number("00280010")),
        unwrap(dataset.get_number("00280011")),
    ]


def dicomsdl_ten(path: Path) -> list[object]:
    dataset = dicomsdl.open_file(str(path))
    return [getattr(dataset, keyword) for keyword in TEN_KEYWORDS]


def pydicom_ten(path: Path) -> list[object]:
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    return [getattr(dataset, keyword, "") for keyword in TEN_KEYWORDS]


@pytest.mark.benchmark(group="open + ten values")
@pytest.mark.parametrize(
    ("who", "work"),
    [("dcmtk_native", ours_ten), ("dicomsdl", dicomsdl_ten), ("pydicom", pydicom_ten)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_open_and_ten_values(benchmark: Any, ct: Path, who: str, work: Any) -> None:
    benchmark.extra_info["who"] = who
    values = benchmark(work, ct)
    assert str(values[0]) == PATIENT
    assert values[8] == 128


def run(*command: object) -> str:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, check=True, text=True
    ).stdout


@pytest.mark.benchmark(group="dcm2json")
@pytest.mark.parametrize(
    ("who", "work"),
    [
        ("dcmtk_native", lambda path: unwrap(dcm2json(path)).data),
        ("dcm2json program", lambda path: run("dcm2json", path)),
        ("pydicom to_json_dict", lambda path: pydicom.dcmread(path).to_json_dict()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_json(benchmark: Any, ct: Path, who: str, work: Any) -> None:
    benchmark.extra_info["who"] = who
    assert "00100010" in benchmark(work, ct)


@pytest.mark.benchmark(group="dcmdump")
@pytest.mark.parametrize(
    ("who", "work"),
    [
        ("dcmtk_native", lambda path: unwrap(dcmdump(path)).text),
        ("dcmdump program", lambda path: run("dcmdump", path)),
        ("pydicom str(dataset)", lambda path: str(pydicom.dcmread(path))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_dump(benchmark: Any, ct: Path, who: str, work: Any) -> None:
    benchmark.extra_info["who"] = who
    assert PATIENT in benchmark(work, ct)
