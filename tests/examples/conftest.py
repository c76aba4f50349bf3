"""What the examples of the guide call SAMPLE, COPY and OUT."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.getting_started import Sample

IMAGES = ("CT_small.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm", "SC_rgb_rle.dcm")
FILES = (*IMAGES, "rtplan.dcm")


@pytest.fixture(params=FILES)
def sample(request: pytest.FixtureRequest, samples: Callable[[str], Path]) -> Sample:
    """Explicit and implicit, little and big endian, compressed, with and without pixels."""
    return Sample(str(samples(request.param)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder: whatever is in it afterwards, an example has written."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def copy(sample: Sample, folder: Path) -> Path:
    """A copy of the sample that an example may change."""
    return Path(shutil.copy(sample.path, folder / "copy.dcm"))


@pytest.fixture
def missing(tmp_path: Path) -> Path:
    return tmp_path / "missing.dcm"


@pytest.fixture
def not_dicom(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("no DICOM file\n" * 20)
    return path
