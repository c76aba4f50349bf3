"""RLE streams that lie: each gives a frame or a codec error, soon."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np
import pytest

from support import frames

RLE = "1.2.840.10008.1.2.5"
PIXELS = frames.image(40, 60, dtype="u2")
STREAM = frames.encode(RLE, PIXELS)


def _header(count: int, *offsets: int) -> bytes:
    return np.array([count, *offsets] + [0] * (15 - len(offsets)), "<u4").tobytes()


BODY = STREAM[64:]
HALF = int(np.frombuffer(STREAM[:64], "<u4")[2])

HOSTILE = {
    "nothing": b"",
    "no header": STREAM[:63],
    "header alone": STREAM[:64],
    "no segments": _header(0) + BODY,
    "one segment too few": _header(1, 64) + BODY,
    "one segment too many": _header(3, 64, HALF, HALF + 2) + BODY,
    "sixteen segments": _header(16, 64, HALF) + BODY,
    "most segments": _header(0xFFFFFFFF, 64, HALF) + BODY,
    "offset in the header": _header(2, 60, HALF) + BODY,
    "offset of nothing": _header(2, 0, HALF) + BODY,
    "descending offsets": _header(2, HALF, 64) + BODY,
    "equal offsets": _header(2, HALF, HALF) + BODY,
    "offset behind the end": _header(2, 64, len(STREAM) + 2) + BODY,
    "largest offset": _header(2, 64, 0xFFFFFFFF) + BODY,
    "empty last segment": _header(2, 64, len(STREAM)) + BODY,
    "only no-operations": _header(2, 64, 96) + b"\x80" * 4096,
    "run without value": _header(2, 64, 66) + b"\0\0\x81",
    "literal without bytes": _header(2, 64, 66) + b"\0\0\x7f",
    "literal past the end": _header(2, 64, 66) + b"\0\0\x7f" + b"a" * 100,
    "big-endian header": np.frombuffer(STREAM[:64], "<u4").astype(">u4").tobytes() + BODY,
}


@pytest.mark.parametrize("stream", HOSTILE.values(), ids=HOSTILE.keys())
def test_named_lies_are_refused(stream: bytes) -> None:
    with frames.refused("RLE"):
        frames.decode(RLE, stream, like=PIXELS)


@pytest.mark.parametrize("stream", HOSTILE.values(), ids=HOSTILE.keys())
def test_named_lies_are_survived_by_the_lenient(stream: bytes) -> None:
    frames.outcome(lambda: frames.decode(RLE, stream, like=PIXELS, workaround_incomplete=True))


@pytest.mark.parametrize(
    "pixels",
    [
        frames.image(40, 60, dtype=np.uint8),
        frames.image(40, 60, dtype=np.uint16),
        frames.image(21, 90, dtype=np.uint8, samples=3),
        frames.image(9, 30, dtype=np.uint32, samples=3),
    ],
    ids=["8", "16", "rgb", "96"],
)
@pytest.mark.parametrize("lenient", [False, True])
def test_mutations_give_a_frame_or_an_error(pixels: Any, lenient: bool) -> None:
    begin = monotonic()
    results = [
        frames.outcome(
            lambda stream=stream: frames.decode(
                RLE, stream, like=pixels, workaround_incomplete=lenient
            )
        )
        for stream in frames.mutations(frames.encode(RLE, pixels), 150, seed=5)
    ]
    assert any(isinstance(result, str) for result in results)
    assert any(isinstance(result, np.ndarray) for result in results)
    assert monotonic() - begin < 60


def test_a_small_stream_makes_a_huge_frame_of_zeros_at_most() -> None:
    like = np.empty((8000, 8000), np.uint8)
    begin = monotonic()
    result = frames.decode(
        RLE, _header(1, 64) + b"\x80" * 64, like=like, workaround_incomplete=True
    )
    assert not result.any()
    assert monotonic() - begin < 10
