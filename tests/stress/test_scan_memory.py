"""An archive of any size: the memory of a scan is that of its result, of batches that of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.samples import ct_image, dicom_file

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

COUNT = 100_000
LINKS = 10_000  # file systems have a limit
MAX_MEMORY = 300 << 20

CHILD = """
import sys
from dcmtk_native import iter_batches, scan, unwrap
folder, what = sys.argv[1:]
tags = ["PatientName", "PatientID", "Modality", "StudyDate", "SeriesInstanceUID", "SOPInstanceUID",
        "InstanceNumber", "Rows", "PixelSpacing", "ImageType"]
def peak():
    # Unlike ru_maxrss this knows nothing of the process that this one was forked from.
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) * 1024
unwrap(scan([], tags))
before = peak()
if what == "batches":
    rows = sum(len(batch) for batch in iter_batches(folder, tags))
    size = 0
else:
    import pickle
    result = unwrap(scan(folder, tags))
    rows = len(result)
    grown = peak() - before
    size = len(pickle.dumps(result))
print(rows, peak() - before if what == "batches" else grown, size)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    content = dicom_file(ct_image())
    for number in range(COUNT):
        path = folder / f"{number:06}.dcm"
        if number % LINKS:
            os.link(folder / f"{number - number % LINKS:06}.dcm", path)
        else:
            path.write_bytes(content)
    return folder


@pytest.mark.parametrize("what", ["whole", "batches"])
def test_memory_is_bounded(what: str, archive: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, archive, what],
        capture_output=True,
        text=True,
        timeout=500,
        check=True,
    )
    rows, grown, size = map(int, done.stdout.split())
    print(f"{what}: {grown >> 20} MiB, the result itself has {size >> 20} MiB")
    assert rows == COUNT
    assert grown - size < (MAX_MEMORY if what == "whole" else MAX_MEMORY // 4)
