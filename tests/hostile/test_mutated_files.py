"""Files of every transfer syntax with bytes changed, lost and doubled: pixels or an error, soon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dcmtk_native import dcmconv, from_array, read_pixels
from support.hostile_files import SANITIZED
from support.images import grey, rgb
from support.samples import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, dicom_file

SEED = 20260101
COUNT = 250 if SANITIZED else 5000
MAX_SECONDS = 20.0 if SANITIZED else 2.0
DOCUMENTED = {
    "CodecError",
    "DicomFileError",
    "DicomFormatError",
    "LimitExceededError",
    "UnsupportedError",
}
CHILD = Path(__file__).with_name("pixel_child.py")
TESTS = Path(__file__).parents[1]

GREY = dicom_file(grey(rows=14, columns=11, bits=12, frames=2))
BYTES = dicom_file(grey(rows=14, columns=11, bits=8, allocated=8, frames=2))
COLOR = dicom_file(rgb(rows=14, columns=11, frames=2))

SOURCES = {
    IMPLICIT_LITTLE: GREY,
    EXPLICIT_LITTLE: COLOR,
    EXPLICIT_BIG: GREY,
    DEFLATED: GREY,
    "1.2.840.10008.1.2.5": GREY,
    "1.2.840.10008.1.2.4.50": COLOR,
    "1.2.840.10008.1.2.4.51": GREY,
    "1.2.840.10008.1.2.4.53": COLOR,
    "1.2.840.10008.1.2.4.55": BYTES,
    "1.2.840.10008.1.2.4.57": GREY,
    "1.2.840.10008.1.2.4.70": COLOR,
    "1.2.840.10008.1.2.4.80": GREY,
    "1.2.840.10008.1.2.4.81": COLOR,
    "1.2.840.10008.1.2.4.90": GREY,
    "1.2.840.10008.1.2.4.91": COLOR,
    "1.2.840.10008.1.2.4.201": GREY,
    "1.2.840.10008.1.2.4.202": COLOR,
    "1.2.840.10008.1.2.4.203": BYTES,
}


@pytest.mark.parametrize("syntax", SOURCES)
def test_thousands_of_mutations_are_survived(syntax: str, tmp_path: Path) -> None:
    path = tmp_path / "source.dcm"
    dcmconv(SOURCES[syntax], path, transfer_syntax=syntax).unwrap()
    done = subprocess.run(
        [sys.executable, CHILD, path, str(SEED), str(COUNT)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])},
    )
    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"at mutation {last}: {done.stderr[-3000:]}"
    told = json.loads(last[0])
    assert sum(told["outcomes"].values()) == COUNT
    assert told["outcomes"].keys() <= DOCUMENTED | {"Ok"}
    assert told["outcomes"]["DicomFormatError" if syntax == DEFLATED else "CodecError"]
    assert told["outcomes"]["Ok"]
    seconds, number = told["slowest"]
    assert seconds < MAX_SECONDS, f"mutation {number}"


def test_text_in_no_character_set_stops_nobody() -> None:
    nonsense = b"\xff\xfe\x80a"
    texts = [(tag, "CS", nonsense) for tag in (0x00080005, 0x00080008, 0x00080016, 0x00280004)]
    content = dicom_file(grey(*texts, rows=4, columns=4))
    pixels = read_pixels(content).unwrap()
    assert pixels.photometric_interpretation == "\ufffd\ufffd\ufffda"
    assert pixels.array().shape == (4, 4)
    assert from_array(np.zeros((4, 4), np.uint16), content).ok
