"""JPEG 2000 as encoders may write it: every stream of OpenJPEG's program decodes as by OpenJPEG."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from support import frames

LOSSLESS = "1.2.840.10008.1.2.4.90"
PROGRESSIONS = ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"]
LAYERS = [[], ["-r", "40,15,5,1"], ["-q", "20,35,50"], ["-r", "12"]]
BLOCKS = ["64,64", "32,32", "4,4", "8,16", "4,256"]
PRECINCTS = [[], ["-c", "[128,64],[64,64],[32,16]"], ["-c", "[32,32]"]]
TILES = [[], ["-t", "50,33"]]
WAVELETS = [[], ["-I"]]


def varieties(count: int) -> Iterator[list[str]]:
    """Options of the encoder, each of them in several company."""
    chance = random.Random(7)
    for number in range(count):
        yield [
            *("-p", PROGRESSIONS[number % len(PROGRESSIONS)]),
            *("-n", str(chance.randint(1, 6))),
            *("-b", chance.choice(BLOCKS)),
            *chance.choice(LAYERS),
            *chance.choice(PRECINCTS),
            *chance.choice(TILES),
            *WAVELETS[number // 5 % 2],
        ]


def encoded(pixels: NDArray[Any], bits: int, options: list[str], folder: Path) -> bytes:
    program = shutil.which("opj_compress")
    assert program is not None, "scripts/setup test installs it (Debian: libopenjp2-tools)"
    planes = pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1)
    rows, columns = pixels.shape[:2]
    source, target = folder / "in.raw", folder / "out.j2k"
    source.write_bytes(planes.astype(planes.dtype.newbyteorder(">")).tobytes())
    sign = "s" if pixels.dtype.kind == "i" else "u"
    shape = f"{columns},{rows},{len(planes)},{bits},{sign}"
    command = [program, "-i", source, "-o", target, "-F", shape, *options]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return target.read_bytes()


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("options", list(varieties(40)), ids=" ".join)
def test_streams_decode_as_by_openjpeg(options: list[str], samples: int, tmp_path: Path) -> None:
    for kind, bits, noise in (("u1", 8, 0.02), ("u2", 12, 0.1), ("i2", 16, 3.0)):
        pixels = frames.image(90, 131, dtype=kind, bits=bits, samples=samples, noise=noise)
        coded = encoded(pixels, bits, options, tmp_path)
        expected = imagecodecs.jpeg2k_decode(coded)
        for threads in (1, 3):
            decoded = frames.decode(LOSSLESS, coded, like=pixels, bits_stored=bits, threads=threads)
            assert np.abs(decoded.astype(int) - expected).max() <= ("-I" in options)
        if not {"-I", "-r", "-q"} & set(options):
            assert (decoded == pixels).all()


@pytest.mark.parametrize(
    "options",
    [
        *(["-M", mode] for mode in ("1", "2", "4", "8", "16", "32", "63")),
        *(["-SOP"], ["-EPH"], ["-SOP", "-EPH"], ["-TP", "R"], ["-PLT"], ["-d", "5,3"]),
    ],
    ids=" ".join,
)
def test_rare_streams_come_back(options: list[str], tmp_path: Path) -> None:
    pixels = frames.image(70, 131, dtype="u2", bits=12, noise=0.1)
    coded = encoded(pixels, 12, options, tmp_path)
    assert (frames.decode(LOSSLESS, coded, like=pixels, bits_stored=12) == pixels).all()


@pytest.mark.parametrize(
    ("size", "wavelet"),
    [
        *((size, []) for size in ((14, 16), (27, 46), (26, 31), (40, 17))),
        ((40, 17), ["-I"]),  # for the others the encoder aborts itself
    ],
)
def test_tiles_may_have_more_decompositions_than_samples(
    size: tuple[int, int], wavelet: list[str], tmp_path: Path
) -> None:
    pixels = frames.image(*size, dtype="u1", bits=8, noise=0.5)
    coded = encoded(pixels, 8, ["-n", "4", "-t", "15,13", *wavelet], tmp_path)
    decoded = frames.decode(LOSSLESS, coded, like=pixels)
    assert np.abs(decoded.astype(int) - imagecodecs.jpeg2k_decode(coded)).max() <= len(wavelet)
