"""JPEG-LS streams that lie: each gives a frame or a codec error, soon."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np
import pytest

from support import frames
from support import jpegls_streams as jls

PIXELS = frames.image(24, 32, samples=3, noise=0.05)
STREAM = jls.encode(PIXELS, interleave="line")
SOI, FRAME, SCAN, EOI = jls.parts(STREAM)
HEADER_END = 4 + 10


def _stream(*pieces: bytes) -> bytes:
    return jls.joined([SOI, *pieces, EOI])


def _changed(piece: bytes, at: int, value: int) -> bytes:
    return piece[:at] + bytes([value]) + piece[at + 1 :]


def _preset(*values: int) -> bytes:
    return jls.segment(0xF8, b"\1" + b"".join(value.to_bytes(2) for value in values))


def _scan_of(data: bytes) -> bytes:
    return SCAN[:HEADER_END] + data


HOSTILE = {
    "nothing": b"",
    "SOI alone": SOI,
    "no SOI": STREAM[2:],
    "JPEG baseline": _stream(b"\xff\xc0" + FRAME[2:], SCAN),
    "no frame header": _stream(SCAN),
    "two frame headers": _stream(FRAME, FRAME, SCAN),
    "no scan": _stream(FRAME),
    "frame header cut off": SOI + FRAME[:9],
    "segment of length 0": _stream(b"\xff\xfe\0\0", FRAME, SCAN),
    "segment of length 1": _stream(b"\xff\xfe\0\1", FRAME, SCAN),
    "segment past the end": SOI + b"\xff\xfe\xff\xff" + FRAME,
    "precision 1": _stream(_changed(FRAME, 4, 1), SCAN),
    "precision 17": _stream(_changed(FRAME, 4, 17), SCAN),
    "precision 255": _stream(_changed(FRAME, 4, 255), SCAN),
    "no columns": _stream(FRAME[:7] + b"\0\0" + FRAME[9:], SCAN),
    "65535 columns": _stream(FRAME[:7] + b"\xff\xff" + FRAME[9:], SCAN),
    "no components": _stream(_changed(FRAME, 9, 0), SCAN),
    "255 components": _stream(_changed(FRAME, 9, 255), SCAN),
    "components of one name": _stream(_changed(FRAME, 13, FRAME[10]), SCAN),
    "subsampling": _stream(_changed(FRAME, 11, 0x22), SCAN),
    "scan of no component": _stream(FRAME, _changed(SCAN, 4, 0)),
    "scan of 4 components": _stream(FRAME, _changed(SCAN, 4, 4)),
    "scan of an unknown component": _stream(FRAME, _changed(SCAN, 5, 9)),
    "scan of a component twice": _stream(FRAME, _changed(SCAN, 7, SCAN[5])),
    "mapping table": _stream(FRAME, _changed(SCAN, 6, 1)),
    "NEAR beyond the half": _stream(FRAME, _changed(SCAN, 11, 128)),
    "interleave mode 3": _stream(FRAME, _changed(SCAN, 12, 3)),
    "interleave mode 0": _stream(FRAME, _changed(SCAN, 12, 0)),
    "point transform": _stream(FRAME, _changed(SCAN, 13, 2)),
    "MAXVAL beyond the precision": _stream(FRAME, _preset(256, 0, 0, 0, 0), SCAN),
    "T1 beyond MAXVAL": _stream(FRAME, _preset(255, 256, 0, 0, 0), SCAN),
    "T2 below T1": _stream(FRAME, _preset(255, 9, 8, 0, 0), SCAN),
    "T3 below T2": _stream(FRAME, _preset(255, 3, 9, 8, 0), SCAN),
    "RESET 1": _stream(FRAME, _preset(255, 0, 0, 0, 1), SCAN),
    "RESET beyond MAXVAL": _stream(FRAME, _preset(255, 0, 0, 0, 256), SCAN),
    "short preset": _stream(FRAME, jls.segment(0xF8, b"\1\0\xff"), SCAN),
    "empty preset": _stream(FRAME, jls.segment(0xF8, b""), SCAN),
    "preset of type 9": _stream(FRAME, jls.segment(0xF8, b"\x09"), SCAN),
    "size without a width": _stream(FRAME, jls.segment(0xF8, b"\4"), SCAN),
    "size of 255 bytes": _stream(FRAME, jls.segment(0xF8, b"\4\xff" + bytes(510)), SCAN),
    "greatest size": _stream(FRAME, jls.segment(0xF8, b"\4\4" + b"\xff" * 8), SCAN),
    "restart interval of 1 byte": _stream(FRAME, jls.segment(0xDD, b"\1"), SCAN),
    "restart interval without markers": _stream(FRAME, jls.segment(0xDD, b"\0\1"), SCAN),
    "restart marker before the scan": _stream(FRAME, b"\xff\xd0", SCAN),
    "colour transform 5": _stream(jls.segment(0xE8, b"mrfx\5"), FRAME, SCAN),
    "only ones": _stream(FRAME, _scan_of(b"\xff\x7f" * 4)),
    "only zeros": _stream(FRAME, _scan_of(bytes(4000))),
    "no entropy coded bytes": _stream(FRAME, _scan_of(b"")),
    "marker at once": _stream(FRAME, _scan_of(b"\xff\xd0" + SCAN[HEADER_END:])),
    "cut off in the last byte": STREAM[:-3],
    "garbage between segments": _stream(FRAME, b"\0\1\2\3", SCAN),
}


@pytest.mark.parametrize("stream", HOSTILE.values(), ids=HOSTILE.keys())
def test_named_lies_are_refused(stream: bytes) -> None:
    with frames.refused("JPEG-LS"):
        jls.decode(stream, PIXELS)


@pytest.mark.parametrize("stream", HOSTILE.values(), ids=HOSTILE.keys())
def test_named_lies_are_survived_by_the_lenient(stream: bytes) -> None:
    frames.outcome(lambda: jls.decode(stream, PIXELS, workaround_incomplete=True))


@pytest.mark.parametrize("bits", [2, 8, 12, 16])
@pytest.mark.parametrize(
    "options", [{}, {"max_deviation": 1}, {"reset": 3}, {"interleave": "sample"}]
)
def test_random_codes_give_a_frame_or_an_error(bits: int, options: dict[str, Any]) -> None:
    chance = np.random.default_rng(bits)
    pixels = np.zeros((40, 50, 3), "u1" if bits <= 8 else "u2")
    soi, *headers, scan, eoi = jls.parts(
        jls.encode(pixels, bits, **{"interleave": "line", **options})
    )
    for ones in (0.1, 0.3, 0.5, 0.7, 0.9):
        for _ in range(10):
            noise = np.packbits(chance.random(40_000) < ones).tobytes().replace(b"\xff", b"\xfe")
            stream = jls.joined([soi, *headers, scan[:HEADER_END], noise, eoi])
            frames.outcome(lambda stream=stream: jls.decode(stream, pixels))


@pytest.mark.parametrize(
    ("pixels", "options"),
    [
        (PIXELS, {"interleave": "none"}),
        (PIXELS, {"interleave": "line"}),
        (PIXELS, {"interleave": "sample"}),
        (PIXELS[..., 0].copy(), {}),
        (PIXELS[..., 0].copy(), {"max_deviation": 3}),
        (frames.image(30, 41, dtype="u2"), {"reset": 9}),
        (frames.image(30, 41, dtype="u2", samples=4), {"interleave": "sample", "max_deviation": 9}),
    ],
    ids=["none", "line", "sample", "8", "8 near", "16", "16 near"],
)
@pytest.mark.parametrize("lenient", [False, True])
def test_mutations_give_a_frame_or_an_error(
    pixels: Any, options: dict[str, Any], lenient: bool
) -> None:
    begin = monotonic()
    results = [
        frames.outcome(
            lambda stream=stream: jls.decode(stream, pixels, workaround_incomplete=lenient)
        )
        for stream in frames.mutations(jls.encode(pixels, **options), 150, seed=7)
    ]
    assert any(isinstance(result, str) for result in results)
    assert any(isinstance(result, np.ndarray) for result in results)
    assert monotonic() - begin < 60


def test_a_small_stream_makes_a_huge_flat_frame_soon() -> None:
    pixels = np.zeros((6000, 8000), np.uint8)
    stream = jls.encode(pixels)
    assert len(stream) < 60_000
    begin = monotonic()
    assert not jls.decode(stream, pixels).any()
    assert monotonic() - begin < 10
