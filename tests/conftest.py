"""Fixtures for all tests: small DICOM files that come with pydicom, and copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

MAX_SAMPLE_BYTES = 1 << 20


def _pydicom_data() -> Path:
    """The folder of pydicom's files; importing pydicom is not needed to find it."""
    spec = find_spec("pydicom")
    assert spec is not None, "the tests need pydicom: pip install dcmtk_native[test]"
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def _shipped() -> Iterator[Path]:
    data = _pydicom_data()
    for folder in (data / "test_files", data / "charset_files"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size <= MAX_SAMPLE_BYTES:
                yield path


SHIPPED = {path.name: path for path in _shipped()}
DICOM_NAMES = sorted(name for name in SHIPPED if name.endswith(".dcm"))


@pytest.fixture(scope="session")
def samples() -> Callable[[str], Path]:
    """A shipped file by its name, not to be written to."""
    return SHIPPED.__getitem__


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a shipped file, in the test's own folder."""

    def copy(name: str) -> Path:
        return Path(shutil.copy(SHIPPED[name], tmp_path / name))

    return copy


@pytest.fixture
def ct_small(samples: Callable[[str], Path]) -> Path:
    """A small CT image, explicit little endian, with a private sequence."""
    return samples("CT_small.dcm")


@pytest.fixture
def workplace(tmp_path: Path, ct_small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a file called `image.dcm`, as the examples have it."""
    shutil.copy(ct_small, tmp_path / "image.dcm")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=DICOM_NAMES)
def any_sample(request: pytest.FixtureRequest) -> Path:
    """Every shipped DICOM file up to a size, one test each."""
    return SHIPPED[request.param]
