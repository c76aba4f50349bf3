"""Modifying, converting, writing; peers: dicomsdl, pydicom, DCMTK's programs, a plain copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dicomsdl
import pydicom
import pytest
from pydicom.uid import ImplicitVRLittleEndian

from dcmtk_native import (
    ChangeSet,
    DicomFile,
    TransferSyntax,
    create_dicom_tag_path,
    dcmconv,
    dcmodify,
    unwrap,
)

CHANGES = {"(0010,0010)": "DOE^JOHN", "(0010,0020)": "PATIENT-001"}


def ours_modify(source: Path, target: Path) -> None:
    unwrap(dcmodify(target, modifications=list(CHANGES.items())))


def dicomsdl_modify(source: Path, target: Path) -> None:
    dataset = dicomsdl.open_file(str(source))
    dataset.PatientName = "DOE^JOHN"
    dataset.PatientID = "PATIENT-001"
    dataset.saveToFile(str(target))


def pydicom_modify(source: Path, target: Path) -> None:
    dataset = pydicom.dcmread(source)
    dataset.PatientName = "DOE^JOHN"
    dataset.PatientID = "PATIENT-001"
    dataset.save_as(target)


def program_modify(source: Path, target: Path) -> None:
    arguments = [part for tag, value in CHANGES.items() for part in ("-m", f"{tag}={value}")]
    subprocess.run(["dcmodify", "-nb", *arguments, str(target)], check=True)


@pytest.mark.benchmark(group="dcmodify, two tags")
@pytest.mark.parametrize(
    ("who", "work"),
    [
        ("dcmtk_native", ours_modify),
        ("dicomsdl set + saveToFile", dicomsdl_modify),
        ("pydicom", pydicom_modify),
        ("dcmodify program", program_modify),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_modify(benchmark: Any, ct: Path, tmp_path: Path, who: str, work: Any) -> None:
    target = tmp_path / "target.dcm"
    shutil.copy(ct, target)
    benchmark.extra_info["who"] = who
    benchmark(work, ct, target)
    assert pydicom.dcmread(target).PatientName == "DOE^JOHN"


def ours_write_as(source: Path, target: Path) -> None:
    changes = ChangeSet.empty()
    for tag, value in CHANGES.items():
        changes = changes.set_tag(create_dicom_tag_path(tag), value)
    unwrap(unwrap(DicomFile.open(source)).with_changes(changes).write_as(target))


def copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


@pytest.mark.benchmark(group="500 MB multi-frame file, two tags")
@pytest.mark.parametrize(
    ("who", "work"),
    [("dcmtk_native", ours_write_as), ("copying the file", copy), ("pydicom", pydicom_modify)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_modify_big(benchmark: Any, big: Path, tmp_path: Path, who: str, work: Any) -> None:
    target = tmp_path / "target.dcm"
    benchmark.extra_info["who"] = who

    def start_clean() -> tuple[tuple[Path, Path], dict[str, Any]]:
        target.unlink(missing_ok=True)
        os.sync()  # or one round would wait for the disk on behalf of the last one
        return (big, target), {}

    benchmark.pedantic(work, setup=start_clean, rounds=7)
    assert abs(target.stat().st_size - big.stat().st_size) < 1000
    target.unlink()


def program_convert(source: Path, target: Path) -> None:
    subprocess.run(["dcmconv", "+ti", str(source), str(target)], check=True)


def pydicom_convert(source: Path, target: Path) -> None:
    dataset = pydicom.dcmread(source)
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.save_as(target)


@pytest.mark.benchmark(group="dcmconv to implicit VR")
@pytest.mark.parametrize(
    ("who", "work"),
    [
        (
            "dcmtk_native",
            lambda source, target: unwrap(
                dcmconv(source, target, transfer_syntax=TransferSyntax.IMPLICIT_LITTLE)
            ),
        ),
        ("pydicom", pydicom_convert),
        ("dcmconv program", program_convert),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_convert(benchmark: Any, ct: Path, tmp_path: Path, who: str, work: Any) -> None:
    target = tmp_path / "target.dcm"
    benchmark.extra_info["who"] = who
    benchmark(work, ct, target)
    assert target.stat().st_size > 30_000


def convert_all(source: Path, targets: list[Path], threads: int) -> None:
    def one(target: Path) -> None:
        unwrap(dcmconv(source, target, transfer_syntax=TransferSyntax.EXPLICIT_BIG))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, targets))


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where the system has such a place: two threads do not make a disk faster."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.mark.benchmark(group="dcmconv of 16 files of 8 MB: two threads and one")
@pytest.mark.parametrize(
    ("who", "threads"), [("dcmtk_native", 2), ("dcmtk_native, one thread", 1)], ids=["two", "one"]
)
def bench_threads(
    benchmark: Any, eight_megabytes: Path, fast_folder: Path, who: str, threads: int
) -> None:
    targets = [fast_folder / f"{number}.dcm" for number in range(16)]
    benchmark.extra_info["who"] = who
    benchmark.pedantic(convert_all, (eight_megabytes, targets, threads), rounds=15, warmup_rounds=2)
    assert all(target.stat().st_size > 8_000_000 for target in targets)
