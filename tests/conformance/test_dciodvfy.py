"""Files with their pixel data compressed, before David Clunie's validator."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from dcmtk_native import dcmcjpeg, dcmcjpls, dcmconv, dcmcrle, from_array
from support.shipped import FILES

PROGRAM: Final = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which(
    "dciodvfy"
)
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="dciodvfy is not installed")


def _captured(array: Any, **attributes: Any) -> bytes:
    data = from_array(array, None, **attributes).unwrap().data
    assert data is not None
    return data


_RAMP: Final = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
_GREY: Final = (_RAMP % 256).astype(np.uint8)
_RGB: Final = np.stack([_GREY, _GREY.T, _GREY[::-1]], axis=-1)
SOURCES: Final = {
    "CT": FILES["test_files/CT_small.dcm"].read_bytes(),
    "MR": FILES["test_files/MR_small.dcm"].read_bytes(),
    "SC": _captured(_GREY),
    "SC of 12 bits": _captured(_RAMP, bits_stored=12),
    "SC in colors": _captured(_RGB),
    "SC of frames": _captured(np.stack([_RAMP, _RAMP.T, _RAMP])),
    "SC of frames in colors": _captured(np.stack([_RGB] * 3)),
}
WAYS: Final[dict[str, tuple[Callable[..., Any], dict[str, Any]]]] = {
    **{
        f"dcmconv to {uid}": (dcmconv, {"transfer_syntax": f"1.2.840.10008.1.2.{uid}"})
        for uid in (
            *("5", "4.50", "4.51", "4.53", "4.55", "4.57", "4.70", "4.80", "4.81"),
            *("4.90", "4.91", "4.201", "4.202", "4.203"),
        )
    },
    "dcmcrle": (dcmcrle, {"uid": "always"}),
    "dcmcjpls": (dcmcjpls, {"uid": "always"}),
    "dcmcjpls, near-lossless": (dcmcjpls, {"max_deviation": 3}),
    "dcmcjpeg": (dcmcjpeg, {"uid": "always", "offset_table": False}),
    "dcmcjpeg, lossy": (dcmcjpeg, {"quality": 80}),
    "dcmcjpeg, progressive": (dcmcjpeg, {"process": "progressive"}),
}
LOSSY_JPEG: Final = {f"dcmconv to 4.{number}" for number in (50, 51, 53, 55)}


def can(source: str, way: str) -> bool:
    """Lossy JPEG and near-lossless JPEG-LS have no signed samples, and JPEG's have 8 or 12 bits."""
    if source in ("CT", "MR"):
        return way not in LOSSY_JPEG | {"dcmcjpls, near-lossless"}
    if source == "SC of frames":
        return way not in LOSSY_JPEG
    return (source, way) != ("SC of 12 bits", "dcmconv to 4.50")


def complaints(content: bytes, folder: Path) -> set[str]:
    """Its errors and warnings."""
    assert PROGRAM is not None
    path = folder / "image.dcm"
    path.write_bytes(content)
    done = subprocess.run([PROGRAM, path], capture_output=True, text=True, timeout=60, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert any(line.endswith("Image") for line in lines), "the IOD was recognised"
    return {line for line in lines if line.startswith(("Error", "Warning"))}


@cache
def complaints_before(source: str, folder: Path) -> set[str]:
    return complaints(SOURCES[source], folder)


@pytest.mark.parametrize(
    ("source", "way"), [(source, way) for source in SOURCES for way in WAYS if can(source, way)]
)
def test_nothing_new_is_complained_of(
    source: str, way: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tool, options = WAYS[way]
    compressed = tool(SOURCES[source], None, **options).unwrap().data
    before = complaints_before(source, tmp_path_factory.getbasetemp())
    assert not any(line.startswith("Error") for line in before)
    assert complaints(compressed, tmp_path) <= before
