"""The files that pydicom ships, and what a program of DCMTK makes of each of them.

from support.shipped import DICOM, FILES, originals

outcomes = originals("dcm2json", compact=True)
assert outcomes["test_files/CT_small.dcm"].ok
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from support import oracle

__all__ = ["BEYOND_ICONV", "BROKEN", "DICOM", "FILES", "NO_DICOM", "ONE_OF_EACH_KIND", "originals"]


def _data() -> Path:
    """The folder of pydicom's files; importing pydicom is not needed to find it."""
    spec = find_spec("pydicom")
    assert spec is not None, "the tests need pydicom: pip install dcmtk_native[test]"
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


FILES: Final[Mapping[str, Path]] = {
    path.relative_to(_data()).as_posix(): path
    for folder in ("charset_files", "palettes", "test_files")
    for path in sorted((_data() / folder).rglob("*"))
    if path.is_file()
}
"""Every file by its name, the folder in front."""

NO_DICOM: Final = {
    "charset_files/FileInfo.txt",
    "palettes/README.md",
    "test_files/README.txt",
    "test_files/crayons.icc",
    "test_files/dicomdirtests/README.txt",
    "test_files/dicomdirtests/TINY_ALPHA/README",
    "test_files/rtplan.dump",
    "test_files/rtstruct.dump",
    "test_files/test1.json",
    "test_files/test_PN.json",
    "test_files/zipMR.gz",
}
"""Texts, JSON, a colour profile, an archive."""

BROKEN: Final = {
    "test_files/MR_truncated.dcm",
    "test_files/SC_rgb_jpeg.dcm",  # labelled as explicit VR, written with implicit VR
    "test_files/no_meta.dcm",  # a stray byte in front of the data set
    "test_files/rtplan_truncated.dcm",
}
"""What every program of DCMTK refuses, unless it is told to go on."""

DICOM: Final[Mapping[str, Path]] = {
    name: path for name, path in FILES.items() if name not in NO_DICOM | BROKEN
}
"""The files that can be read."""

BEYOND_ICONV: Final = {
    "charset_files/chrH31.dcm",
    "charset_files/chrH32.dcm",
    "charset_files/chrJapMulti.dcm",
    "charset_files/chrJapMultiExplicitIR6.dcm",
    "charset_files/chrSQEncoding.dcm",
    "charset_files/chrSQEncoding1.dcm",
    "test_files/J2K_pixelrep_mismatch.dcm",
}
"""ISO 2022 IR 87 and IR 159: glibc's iconv has no such character sets, so the programs fail."""

ONE_OF_EACH_KIND: Final = (
    "charset_files/chrFrenMulti.dcm",  # single byte characters
    "charset_files/chrH31.dcm",  # escape sequences
    "charset_files/chrSQEncoding.dcm",  # a character set of an item
    "charset_files/chrX2.dcm",  # GB18030
    "palettes/pet.dcm",
    "test_files/CT_small.dcm",  # explicit VR little endian, private elements, padding
    "test_files/ExplVR_BigEnd.dcm",
    "test_files/ExplVR_LitEndNoMeta.dcm",
    "test_files/JPEG2000.dcm",
    "test_files/MR_small_bigendian.dcm",
    "test_files/MR_small_implicit.dcm",
    "test_files/MR_truncated.dcm",
    "test_files/README.txt",
    "test_files/SC_rgb_rle_2frame.dcm",
    "test_files/SC_rgb_small_odd.dcm",
    "test_files/UN_sequence.dcm",
    "test_files/badVR.dcm",
    "test_files/image_dfl.dcm",  # deflated
    "test_files/meta_missing_tsyntax.dcm",
    "test_files/nested_priv_SQ.dcm",
    "test_files/no_meta_group_length.dcm",
    "test_files/rtplan.dcm",  # nested sequences
    "test_files/test-SR.dcm",
)
"""For options that need a run of the program a file: what the files differ in, each once."""


def originals(
    tool: str, names: Iterable[str] = FILES, **options: Any
) -> Mapping[str, oracle.Outcome]:
    """What the original program makes of each file, run once for all tests that ask."""
    oracle.require(tool)
    return _originals(tool, tuple(names), **options)


@cache
def _originals(tool: str, names: tuple[str, ...], **options: Any) -> dict[str, oracle.Outcome]:
    program = oracle.Original(tool)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = pool.map(lambda name: program(FILES[name], **options), names)
        return dict(zip(names, outcomes, strict=True))
