"""Frame 500 of a file of 1,000 frames and 500 MB: from the path to the array, in a new process.

The page cache is warm, for it is the reading that is looked at and not the disk. Each process
tells the time of its first access, and by how much that raised the peak of its memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from data import header_of_frames, make_coded_frames
from dcmtk_native._core import codec as native
from dcmtk_native.codec.compression import encode_options
from pictures import (
    BASELINE,
    EXTENDED,
    HTJ2K,
    JPEG2000,
    JPEGLS,
    LOSSLESS,
    NAMES,
    RLE,
    frame_format,
)

FRAMES, ASKED, PROCESSES = 1000, 500, 7
CHILD = """
import json, sys, time
who, warm, path, frame = sys.argv[1:]
if who == "dcmtk_native":
    import numpy
    from dcmtk_native import read_pixels, unwrap
    def work(path, frame):
        return unwrap(read_pixels(path)).frame(frame)
else:
    from pydicom.pixels import pixel_array
    def work(path, frame):
        return pixel_array(path, index=frame)
def figure(name):
    return int(open("/proc/self/status").read().partition(name + ":")[2].split()[0]) * 1024
work(warm, 0)
open("/proc/self/clear_refs", "w").write("5")
before, begin = figure("VmRSS"), time.perf_counter()
array = work(path, int(frame))
seconds = time.perf_counter() - begin
print(json.dumps([seconds, figure("VmHWM") - before, int(array.sum(dtype="u8"))]))
"""

# What makes frames of half a megabyte: noise, of 16 bits, or of fewer and more pixels.
KINDS: dict[str, tuple[str, int, tuple[int, int], dict[str, Any]]] = {
    NAMES[uid]: (uid, bits, shape, options)
    for uid, bits, shape, options in (
        (RLE, 16, (512, 512), {}),
        (BASELINE, 8, (768, 896), {"quality": 90}),
        (EXTENDED, 12, (640, 640), {"quality": 90}),
        (LOSSLESS, 16, (512, 512), {}),
        (JPEGLS, 16, (512, 512), {}),
        (JPEG2000, 16, (512, 512), {}),
        (HTJ2K, 16, (512, 512), {}),
    )
}
LOSSY = {NAMES[BASELINE], NAMES[EXTENDED]}
CASES = [
    ("native", ""),
    *((name, "basic") for name in KINDS),
    *((name, table) for name in ("RLE", "JPEG lossless") for table in ("extended", "none")),
]


def noise(bits: int, shape: tuple[int, int], seed: int) -> Any:
    chance = np.random.default_rng(seed)
    return chance.integers(0, 1 << bits, shape, np.uint8 if bits == 8 else np.uint16)


def make(path: Path, name: str, table: str) -> None:
    if name == "native":
        frame = noise(16, (512, 512), 1).tobytes()
        header = header_of_frames(path, ExplicitVRLittleEndian, 512, 512, FRAMES)
        with path.open("wb") as file:
            size = (FRAMES * len(frame)).to_bytes(4, "little")
            file.write(header + b"\xe0\x7f\x10\x00OW\x00\x00" + size)
            for _ in range(FRAMES):
                file.write(frame)
        return
    syntax, bits, shape, options = KINDS[name]
    image = noise(bits, shape, 1)
    stream = native.encode_frame(
        syntax, image, frame_format(image, bits), encode_options(**options)
    )
    make_coded_frames(
        path,
        syntax,
        shape,
        [stream] * FRAMES,
        table,
        BitsAllocated=8 * image.itemsize,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=0,
    )


def measured(who: str, *arguments: object) -> tuple[float, float, int]:
    """Seconds, bytes, and the sum of the pixels, of one new process."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, who, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"{who}: {done.stderr.splitlines()[-1][:200]}")
    seconds, memory, total = json.loads(done.stdout)
    return seconds, memory, total


@pytest.mark.parametrize(("name", "table"), CASES, ids=str)
def bench_one_frame(name: str, table: str, ct: Path, tmp_path: Path, findings: Any) -> None:
    path = tmp_path / "big.dcm"
    make(path, name, table)
    rounds = {
        who: [measured(who, ct, path, ASKED) for _ in range(PROCESSES)]
        for who in ("dcmtk_native", "pydicom")
    }
    if name not in LOSSY:
        assert len({total for each in rounds.values() for _, _, total in each}) == 1
    told = ", ".join(
        f"{who} {median(r[0] for r in each) * 1e3:.1f} ms"
        f" ({min(r[0] for r in each) * 1e3:.1f} to {max(r[0] for r in each) * 1e3:.1f})"
        f" and {max(r[1] for r in each) / 1e6:.1f} MB"
        for who, each in rounds.items()
    )
    size = path.stat().st_size / 1e6
    title = f"{name}, offset table: {table}" if table else name
    findings.append(f"frame {ASKED} of {FRAMES} ({title}, {size:.0f} MB): {told}")
    path.unlink()
