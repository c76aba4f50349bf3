"""A failure, an abort or a kill at any moment: the original and any earlier output stay whole."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dcmtk_native import (
    ChangeSet,
    DicomFile,
    Result,
    TransferSyntax,
    create_dicom_tag_path,
    dcmconv,
    dcmodify,
    unwrap,
)
from support.hostile_files import element, part10, small_dataset

pytestmark = pytest.mark.timeout(600)

ROUNDS = 40
MEGABYTES = 24

WRITERS = {
    "dcmodify": "dcmodify(target, modifications=[('PatientName', f'ROUND^{number}')])",
    "dcmconv": "dcmconv(source, target, "
    "transfer_syntax=(T.EXPLICIT_BIG, T.IMPLICIT_LITTLE)[number % 2])",
    "write_as": "unwrap(DicomFile.open(source)).with_changes("
    "ChangeSet.empty().set_tag('(0010,0010)', f'ROUND^{number}')).write_as(target)",
}
CHILD = """
import itertools, sys
from dcmtk_native import ChangeSet, DicomFile, TransferSyntax as T, dcmconv, dcmodify, unwrap
source, target = sys.argv[1:]
print("ready", flush=True)
for number in itertools.count():
    unwrap({call})
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.dcm"
    pixels = element(0x7FE00010, "OW", bytes(range(256)) * (MEGABYTES << 12))
    path.write_bytes(part10(small_dataset()[:-16] + pixels))
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_whole(path: Path) -> bool:
    """Every byte of the pixel data is there, and the data set can be read to its end."""
    file = DicomFile.open(path)
    return (
        file.ok and file.value.dataset.has_tag("7FE00010") and path.stat().st_size > MEGABYTES << 20
    )


@pytest.mark.parametrize("writer", WRITERS)
def test_killed_at_any_moment(source: Path, tmp_path: Path, writer: str) -> None:
    target = tmp_path / "target.dcm"
    target.write_bytes(source.read_bytes())
    original = source.read_bytes()
    rng = random.Random(writer)
    for _ in range(ROUNDS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD.format(call=WRITERS[writer]), source, target],
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0, 0.06))
        child.send_signal(signal.SIGKILL)
        child.wait(30)
        child.stdout.close()
        assert is_whole(target)
        for leftover in tmp_path.glob(".*.part"):  # under names of their own only
            leftover.unlink()
    assert source.read_bytes() == original
    assert names_in(tmp_path) == ["source.dcm", "target.dcm"]


CALLS: dict[str, Callable[..., Result[object]]] = {
    "dcmodify": lambda source, target, **call: dcmodify(
        target, modifications=[("PatientName", "LONGER^NAME")], **call
    ),
    "dcmconv": lambda source, target, **call: dcmconv(
        source, target, transfer_syntax=TransferSyntax.EXPLICIT_BIG, **call
    ),
    "write_as": lambda source, target, **call: (
        unwrap(DicomFile.open(source))
        .with_changes(
            ChangeSet.empty().set_tag(create_dicom_tag_path("(0010,0010)"), "LONGER^NAME")
        )
        .write_as(target, **call)
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_full_disk_leaves_the_earlier_output(source: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "target.dcm"
    target.write_bytes(source.read_bytes())
    before = target.read_bytes()
    # A limit on the size of files stands for a full disk: the write fails in the middle.
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTES << 19, old[1]))
    try:
        result = CALLS[name](source, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, old_handler)
    assert not result.ok
    assert isinstance(result.error, OSError)
    assert target.read_bytes() == before
    assert source.read_bytes() == before
    assert names_in(tmp_path) == ["source.dcm", "target.dcm"]


@pytest.mark.parametrize("name", CALLS)
def test_a_deadline_in_the_middle_leaves_the_earlier_output(
    source: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "target.dcm"
    target.write_bytes(source.read_bytes())
    before = target.read_bytes()
    failures = 0
    for _ in range(10):
        result = CALLS[name](source, target, timeout_ms=1)
        failures += not result.ok
        if not result.ok:
            assert target.read_bytes() == before
        else:
            assert is_whole(target)
            before = target.read_bytes()
        assert names_in(tmp_path) == ["source.dcm", "target.dcm"]
    assert failures > 0


@pytest.mark.parametrize("name", CALLS)
def test_a_folder_that_is_missing_or_not_writable_is_an_err(
    source: Path, tmp_path: Path, name: str
) -> None:
    result = CALLS[name](source, tmp_path / "missing" / "target.dcm")
    assert not result.ok
    assert "missing" in result.error.message
    assert names_in(tmp_path) == ["source.dcm"]
