"""Frames through the codecs, beside the peers, one thread each unless the name says two.

Ten 1024x1024 MR frames of 12 bits in 16, twenty 640x480 RGB frames, one 1955x1841 radiograph of 8
bits. Colors come out as RGB from all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import imagecodecs
import numpy as np
import pytest

from dcmtk_native._core import codec as native
from dcmtk_native.codec.compression import encode_options

RLE, BASELINE, EXTENDED = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
LOSSLESS, JPEGLS = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"
JPEG2000, HTJ2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"

DECODING = {
    to_rgb: native.DecodeOptions(
        ybr_to_rgb=to_rgb,
        workaround_predictor6=False,
        workaround_cornell=False,
        workaround_incomplete=False,
        reverse_byte_order=False,
        threads=1,
    )
    for to_rgb in (False, True)
}

Image = Any


def smooth(rows: int, columns: int, bits: int, seed: int) -> Image:
    """A picture with edges, gradients and noise, as a modality makes them."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    body = ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.16) * (
        0.4 + 0.3 * np.sin(9 * x + seed) * np.cos(7 * y)
    )
    values = (body + random.normal(0, 0.006, body.shape)) * ((1 << bits) - 1)
    return values.clip(0, (1 << bits) - 1).astype("u2" if bits > 8 else "u1")


@cache
def frames(kind: str) -> list[Image]:
    if kind == "MR":
        return [smooth(1024, 1024, 12, seed) for seed in range(10)]
    if kind == "CR":
        return [smooth(1955, 1841, 8, 1)]
    return [
        np.stack([smooth(480, 640, 8, seed + shift) for shift in range(3)], axis=2)
        for seed in range(20)
    ]


def frame_format(frame: Image) -> native.FrameFormat:
    bits = frame.dtype.itemsize * 8
    return native.FrameFormat(
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples=1 if frame.ndim == 2 else frame.shape[2],
        bits_allocated=bits,
        bits_stored=12 if bits == 16 else 8,
        is_signed=False,
    )


@cache
def streams(uid: str, kind: str) -> list[bytes]:
    is_rgb = kind == "RGB" and uid != LOSSLESS
    options = encode_options(is_rgb=is_rgb)
    return [
        native.encode_frame(uid, frame.data.cast("B"), frame_format(frame), options)
        for frame in map(np.ascontiguousarray, frames(kind))
    ]


def decode_all(uid: str, kind: str, threads: int = 1) -> None:
    options = DECODING[uid == BASELINE and kind == "RGB"]

    def one(pair: tuple[bytes, Image]) -> None:
        stream, frame = pair
        out = bytearray(frame.nbytes)
        native.decode_frame(uid, stream, frame_format(frame), options, out)

    pairs = zip(streams(uid, kind), frames(kind), strict=True)
    if threads == 1:
        for pair in pairs:
            one(pair)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, pairs))


def encode_all(uid: str, kind: str) -> None:
    options = encode_options(is_rgb=kind == "RGB", optimize_huffman=False)
    for frame in frames(kind):
        native.encode_frame(uid, frame.data.cast("B"), frame_format(frame), options)


def peers(uid: str) -> dict[str, Callable[[bytes, Image], Any]]:
    """By name what decodes one stream."""

    def rle(stream: bytes, frame: Image) -> Any:
        return imagecodecs.dicomrle_decode(stream, dtype=frame.dtype)

    def jpegls(stream: bytes, _: Image) -> Any:
        import jpeg_ls

        return jpeg_ls.decode(np.frombuffer(stream, "u1"))

    def jpeg(stream: bytes, _: Image) -> Any:
        return imagecodecs.jpeg_decode(stream)

    def jpeg2000(stream: bytes, _: Image) -> Any:
        return imagecodecs.jpeg2k_decode(stream, numthreads=1)

    by_uid: dict[str, dict[str, Callable[[bytes, Image], Any]]] = {
        RLE: {"imagecodecs": rle},
        BASELINE: {"imagecodecs": jpeg},
        EXTENDED: {"imagecodecs": jpeg},
        LOSSLESS: {"imagecodecs": jpeg},
        JPEGLS: {
            "pyjpegls": jpegls,
            "imagecodecs": lambda stream, _: imagecodecs.jpegls_decode(stream),
        },
        JPEG2000: {"imagecodecs": jpeg2000},
        HTJ2K: {
            "imagecodecs": lambda stream, _: imagecodecs.htj2k_decode(stream),
            "OpenJPEG (imagecodecs)": jpeg2000,
        },
    }
    return by_uid[uid]


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


def who_decodes() -> list[Any]:
    found = []
    for uid, kind in CASES:
        group = f"decode {uid[14:] or uid} {kind}"
        names = ["dcmtk_native", *peers(uid), "dcmtk_native, two threads"]
        mark = pytest.mark.benchmark(group=group)
        found += [pytest.param(uid, kind, who, marks=mark) for who in names]
    return found


@pytest.mark.parametrize(("uid", "kind", "who"), who_decodes())
def bench_decode(benchmark: Any, uid: str, kind: str, who: str) -> None:
    benchmark.extra_info["who"] = who
    coded = streams(uid, kind)
    if who.startswith("dcmtk_native"):
        threads = 2 if who.endswith("two threads") else 1
        benchmark.pedantic(decode_all, (uid, kind, threads), rounds=7, warmup_rounds=1)
        return
    decode = peers(uid)[who]

    def all_frames() -> None:
        for stream, frame in zip(coded, frames(kind), strict=True):
            decode(stream, frame)

    benchmark.pedantic(all_frames, rounds=7, warmup_rounds=1)


@pytest.mark.benchmark(group="encode JPEG baseline RGB")
@pytest.mark.parametrize("who", ["dcmtk_native", "imagecodecs"])
def bench_encode_baseline(benchmark: Any, who: str) -> None:
    benchmark.extra_info["who"] = who
    if who == "dcmtk_native":
        benchmark.pedantic(encode_all, (BASELINE, "RGB"), rounds=7, warmup_rounds=1)
        return

    def all_frames() -> None:
        for frame in frames("RGB"):
            imagecodecs.jpeg_encode(frame, 90, subsampling="422")

    benchmark.pedantic(all_frames, rounds=7, warmup_rounds=1)
