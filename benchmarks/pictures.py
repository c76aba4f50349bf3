"""Frames that codecs work on, and files of them.

Ten 1024x1024 MR frames of 12 bits in 16, twenty 640x480 RGB frames, one 1955x1841 radiograph of 8
bits: pictures with edges, gradients and noise, as modalities make them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dcmtk_native import dcmconv, from_array, read_pixels, unwrap
from dcmtk_native._core import codec as native

RLE, BASELINE, EXTENDED = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
LOSSLESS, JPEGLS = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"
JPEG2000, HTJ2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"

CASES = [
    (RLE, "MR"),
    (RLE, "RGB"),
    (BASELINE, "RGB"),
    (BASELINE, "CR"),
    (EXTENDED, "MR"),
    (LOSSLESS, "MR"),
    (LOSSLESS, "RGB"),
    (JPEGLS, "MR"),
    (JPEGLS, "RGB"),
    (JPEG2000, "MR"),
    (HTJ2K, "MR"),
]
"""What is decoded."""

NAMES = {
    RLE: "RLE",
    BASELINE: "JPEG baseline",
    EXTENDED: "JPEG 12 bit",
    LOSSLESS: "JPEG lossless",
    JPEGLS: "JPEG-LS",
    JPEG2000: "JPEG 2000",
    HTJ2K: "HTJ2K",
}

Image = Any


def _picture(rows: int, columns: int, bits: int, seed: int) -> Image:
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    body = ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.16) * (
        0.4 + 0.3 * np.sin(9 * x + seed) * np.cos(7 * y)
    )
    values = (body + random.normal(0, 0.006, body.shape)) * ((1 << bits) - 1)
    return values.clip(0, (1 << bits) - 1).astype("u2" if bits > 8 else "u1")


@cache
def frames(kind: str) -> list[Image]:
    """Of MR, CR or RGB."""
    if kind == "MR":
        return [_picture(1024, 1024, 12, seed) for seed in range(10)]
    if kind == "CR":
        return [_picture(1955, 1841, 8, 1)]
    return [
        np.stack([_picture(480, 640, 8, seed + shift) for shift in range(3)], axis=2)
        for seed in range(20)
    ]


def frame_format(frame: Image, bits_stored: int | None = None) -> native.FrameFormat:
    """What the codecs are told of a frame."""
    bits = frame.dtype.itemsize * 8
    return native.FrameFormat(
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples=1 if frame.ndim == 2 else frame.shape[2],
        bits_allocated=bits,
        bits_stored=bits_stored or (12 if bits == 16 else 8),
        is_signed=False,
    )


@cache
def native_file(kind: str) -> bytes:
    """An uncompressed file of the frames."""
    array = np.stack(frames(kind))
    whole = array[0] if len(array) == 1 else array
    data = unwrap(from_array(whole, None, bits_stored=12 if kind == "MR" else 8)).data
    assert data is not None
    return data


@cache
def coded_file(uid: str, kind: str) -> bytes:
    """The file in a transfer syntax."""
    data = unwrap(dcmconv(native_file(kind), None, transfer_syntax=uid)).data
    assert data is not None
    return data


@cache
def streams(uid: str, kind: str) -> list[bytes]:
    """Of the frames in that file."""
    pixels = unwrap(read_pixels(coded_file(uid, kind)))
    return [pixels.coded_frame(number) for number in range(len(pixels))]
