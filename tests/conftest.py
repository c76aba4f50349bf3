"""Fixtures for all tests: small DICOM files that come with pydicom, and copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.shipped import FILES

SHIPPED = {path.name: path for path in FILES.values()}


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
