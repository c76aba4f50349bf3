"""One frame of a big file: only that frame is read, and memory is that of the frame."""

from __future__ import annotations

import struct
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from support import frames
from support.samples import EXPLICIT_LITTLE, Element, Fragments, ct_image, dicom_file

RLE = "1.2.840.10008.1.2.5"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
COUNT, ROWS, COLUMNS = 120, 512, 512
ASKED = 60
MAX_MEMORY = 8 << 20
"""Of files of 60 MB with frames of half a megabyte."""
MAX_READ = 12 << 20
"""The frame, and what stands around each fragment's header, which has to be found."""

CHILD = """
import sys
from hashlib import sha256
from dcmtk_native import read_pixels, unwrap

def figure(name, file="status"):
    text = open(f"/proc/self/{file}").read()
    return int(text.partition(name + ":")[2].split()[0])

warm, path, frame = sys.argv[1:]
unwrap(read_pixels(warm)).frame(0)
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
memory, read = figure("VmRSS"), figure("rchar", "io")
pixels = unwrap(read_pixels(path)).frame(int(frame))
grown = (figure("VmHWM") - memory) * 1024, figure("rchar", "io") - read
print(*grown, sha256(pixels.tobytes()).hexdigest())
"""


@cache
def images() -> list[np.ndarray]:
    """Noise, which nothing makes smaller; one frame of the file is like no other."""
    chance = np.random.default_rng(1)
    return [chance.integers(0, 65536, (ROWS, COLUMNS), np.uint16) for _ in range(2)]


def big_file(syntax: str, *last: Element) -> bytes:
    elements = ct_image(
        (0x00280008, "IS", str(COUNT)),
        (0x00280101, "US", [16]),
        (0x00280102, "US", [15]),
        *last,
        rows=ROWS,
        columns=COLUMNS,
    )
    return dicom_file(elements, transfer_syntax=syntax)


def native() -> bytes:
    usual, asked = (image.tobytes() for image in images())
    data = usual * ASKED + asked + usual * (COUNT - ASKED - 1)
    return big_file(EXPLICIT_LITTLE, (0x7FE00010, "OW", data))


def compressed(syntax: str, table: str, fragments: int = 1) -> bytes:
    usual, asked = (frames.encode(syntax, image) for image in images())
    streams = [asked if number == ASKED else usual for number in range(COUNT)]
    parts: list[bytes] = []
    offsets = []
    at = 0
    for stream in streams:
        offsets.append(at)
        whole = stream + b"\0" * (len(stream) % 2)
        size = -(-len(whole) // fragments // 2) * 2
        pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
        parts += pieces
        at += sum(8 + len(piece) for piece in pieces)
    extended: list[Element] = [
        (0x7FE00001, "OV", offsets),
        (0x7FE00002, "OV", [len(stream) for stream in streams]),
    ]
    basic = struct.pack(f"<{COUNT}I", *offsets) if table == "basic" else b""
    return big_file(
        syntax,
        *(extended if table == "extended" else []),
        (0x7FE00010, "OB", Fragments([basic, *parts])),
    )


CASES = {
    "native": native,
    "RLE, basic offset table": lambda: compressed(RLE, "basic"),
    "RLE, extended offset table": lambda: compressed(RLE, "extended"),
    "RLE, no offset table": lambda: compressed(RLE, "none"),
    "JPEG in fragments, basic offset table": lambda: compressed(JPEG_LOSSLESS, "basic", 3),
    "JPEG in fragments, no offset table": lambda: compressed(JPEG_LOSSLESS, "none", 3),
}


@pytest.mark.parametrize("name", CASES)
def test_one_frame_costs_what_one_frame_is(name: str, tmp_path: Path, ct_small: Path) -> None:
    path = tmp_path / "big.dcm"
    path.write_bytes(CASES[name]())
    assert path.stat().st_size > 60_000_000
    done = subprocess.run(
        [sys.executable, "-c", CHILD, ct_small, path, str(ASKED)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    memory, read, digest = done.stdout.split()
    assert digest == sha256(images()[1].tobytes()).hexdigest()
    assert int(memory) < MAX_MEMORY
    assert int(read) < MAX_READ
    path.unlink()
