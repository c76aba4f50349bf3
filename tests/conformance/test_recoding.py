"""dcmcrle, dcmdrle, dcmcjpls, dcmdjpls and dcmdjpeg beside DCMTK's own programs.

Over every image that pydicom ships and the programs can handle: equal attributes, and equal pixels
(what the encoders make of them may differ, so it is decoded by somebody else).
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import pytest

from dcmtk_native import dcmcjpls, dcmcrle, dcmdjpeg, dcmdjpls, dcmdrle, read_pixels
from support.compare import elements, parsed
from support.shipped import DICOM, FILES, originals

TOOLS: Final = {
    "dcmcrle": dcmcrle,
    "dcmcjpls": dcmcjpls,
    "dcmdrle": dcmdrle,
    "dcmdjpls": dcmdjpls,
    "dcmdjpeg": dcmdjpeg,
}
NATIVE: Final = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"}
READS: Final = {
    "dcmcrle": NATIVE,
    "dcmcjpls": NATIVE,
    "dcmdrle": {"1.2.840.10008.1.2.5"},
    "dcmdjpls": {"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"},
    "dcmdjpeg": {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 57, 70)},
}
PIXELS: Final = "(7FE0,0010)"

LENGTH_OF_PIXELS: Final = "(7FE0,0000)"

ICON: Final = "test_files/examples_overlay.dcm"
"""The programs compress icons, too; ours leaves them readable without a codec."""

WORDS_OF_32_BITS: Final = {"test_files/rtdose_expb.dcm", "test_files/rtdose_expb_1frame.dcm"}
"""Big endian: the program swaps the halves of each sample. Ours are those that pydicom reads."""


@cache
def images(tool: str) -> tuple[str, ...]:
    """What the program can work on."""
    found = []
    for name, path in DICOM.items():
        dataset = parsed(path.read_bytes())
        syntax = dataset.file_meta.get("TransferSyntaxUID", "1.2.840.10008.1.2")
        if "PixelData" in dataset and syntax in READS[tool]:
            found.append(name)
    return tuple(found)


def array(content: bytes) -> np.ndarray[Any, Any]:
    return read_pixels(content, color="stored").unwrap().array()


def compare(tool: str, tolerance: int = 0, **options: Any) -> set[str]:
    """The files whose attributes or pixels differ, or which only the program can handle."""
    different = set()
    outcomes = originals(tool, images(tool), output_path=None, **options)
    compared = 0
    for name, done in outcomes.items():
        if not done.ok:
            continue
        result = TOOLS[tool](FILES[name], None, **options)
        if not result.ok:
            different.add(name)
            continue
        compared += 1
        ours, theirs = result.value.data, done.output
        found, wanted = (
            {
                path: one
                for path, one in elements(parsed(content)).items()
                if path[0] not in (PIXELS, LENGTH_OF_PIXELS)
            }
            for content in (ours, theirs)
        )
        distance = np.abs(array(ours).astype(np.int64) - array(theirs)).max()
        if found != wanted or distance > tolerance:
            different.add(name)
    assert compared
    return different


@pytest.mark.parametrize("options", [{}, {"offset_table": False, "group_length": "create"}])
def test_dcmcrle(options: dict[str, Any]) -> None:
    assert compare("dcmcrle", **options) == {ICON, *WORDS_OF_32_BITS}


@pytest.mark.parametrize("options", [{}, {"interleave": "sample"}, {"threshold1": 5, "reset": 32}])
def test_dcmcjpls(options: dict[str, Any]) -> None:
    assert compare("dcmcjpls", **options) == {ICON}


@pytest.mark.parametrize("options", [{}, {"write_xfer": "implicit"}, {"write_mode": "dataset"}])
def test_dcmdrle(options: dict[str, Any]) -> None:
    assert compare("dcmdrle", **options) == set()


@pytest.mark.parametrize("options", [{}, {"planar": "by-plane"}, {"planar": "auto"}])
def test_dcmdjpls(options: dict[str, Any]) -> None:
    assert compare("dcmdjpls", **options) == set()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"color_conversion": "never"},
        {"color_conversion_mode": "lossy"},
        {"color_conversion_mode": "guess"},
        {"planar": "by-plane"},
        {"write_xfer": "big"},
    ],
)
def test_dcmdjpeg(options: dict[str, Any]) -> None:
    assert compare("dcmdjpeg", tolerance=1, **options) == set()
