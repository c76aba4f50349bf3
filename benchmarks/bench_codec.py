"""Frames through the codecs, beside the peers, one thread each unless the name says two.

Ours are read from a file in memory, frame after frame; the peers get the streams of that file.
Colors come out as RGB from all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import gdcm
import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.pixels import get_decoder, pixel_array

from dcmtk_native import pydicom_plugin, read_pixels, unwrap
from dcmtk_native._core import codec as native
from dcmtk_native.codec.compression import encode_options
from pictures import (
    BASELINE,
    CASES,
    EXTENDED,
    HTJ2K,
    JPEG2000,
    JPEGLS,
    LOSSLESS,
    NAMES,
    RLE,
    Image,
    coded_file,
    frame_format,
    frames,
    native_file,
    streams,
)

ROUNDS = 7

Work = Callable[[], object]


def timed(benchmark: Any, who: str, work: Callable[..., object], setup: Any = None) -> None:
    benchmark.extra_info["who"] = who
    benchmark.pedantic(work, setup=setup, rounds=ROUNDS, warmup_rounds=1)


def cases(group: str, whos: list[str], *arguments: object) -> list[Any]:
    """A parameter set for each of them."""
    mark = pytest.mark.benchmark(group=group)
    return [pytest.param(*arguments, who, marks=mark, id=f"{group}-{who}") for who in whos]


def ours(uid: str, kind: str) -> Work:
    pixels = unwrap(read_pixels(coded_file(uid, kind), threads=1))

    def work() -> None:
        for number in range(len(pixels)):
            pixels.frame(number)

    return work


def ours_with_two_threads(uid: str, kind: str) -> Work:
    pixels = unwrap(read_pixels(coded_file(uid, kind), threads=2))
    target = np.empty_like(pixels.array())
    return lambda: unwrap(pixels.read(out=target))


def by_frame(decode: Callable[[bytes, Image], Any]) -> Callable[[str, str], Work]:
    """A peer that is given one stream after the other."""

    def prepared(uid: str, kind: str) -> Work:
        pairs = list(zip(streams(uid, kind), frames(kind), strict=True))

        def work() -> None:
            for stream, frame in pairs:
                decode(stream, frame)

        return work

    return prepared


def _pyjpegls(stream: bytes, _: Image) -> Any:
    import jpeg_ls

    return jpeg_ls.decode(np.frombuffer(stream, "u1"))


_jpeg = by_frame(lambda stream, _: imagecodecs.jpeg_decode(stream))
_openjpeg = by_frame(lambda stream, _: imagecodecs.jpeg2k_decode(stream, numthreads=1))
PEERS: dict[str, dict[str, Callable[[str, str], Work]]] = {
    RLE: {
        "imagecodecs": by_frame(
            lambda stream, frame: imagecodecs.dicomrle_decode(stream, dtype=frame.dtype)
        )
    },
    BASELINE: {"imagecodecs": _jpeg},
    EXTENDED: {"imagecodecs": _jpeg},
    LOSSLESS: {"imagecodecs": _jpeg},
    JPEGLS: {
        "pyjpegls": by_frame(_pyjpegls),
        "imagecodecs": by_frame(lambda stream, _: imagecodecs.jpegls_decode(stream)),
    },
    JPEG2000: {"imagecodecs": _openjpeg},
    HTJ2K: {
        "imagecodecs": by_frame(lambda stream, _: imagecodecs.htj2k_decode(stream)),
        "OpenJPEG (imagecodecs)": _openjpeg,
    },
}
OURS: dict[str, Callable[[str, str], Work]] = {
    "dcmtk_native": ours,
    "dcmtk_native, two threads": ours_with_two_threads,
}


@pytest.mark.parametrize(
    ("uid", "kind", "who"),
    [
        case
        for uid, kind in CASES
        for case in cases(f"decode {NAMES[uid]} {kind}", [*OURS, *PEERS[uid]], uid, kind)
    ],
)
def bench_decode(benchmark: Any, uid: str, kind: str, who: str) -> None:
    timed(benchmark, who, {**OURS, **PEERS[uid]}[who](uid, kind))


ENCODERS = [
    (RLE, "MR", "GDCM"),
    (RLE, "RGB", "GDCM"),
    (BASELINE, "RGB", "imagecodecs"),
    (LOSSLESS, "MR", "GDCM"),
    (JPEGLS, "MR", "GDCM"),
    (JPEGLS, "RGB", "GDCM"),
]


def our_encoder(uid: str, kind: str) -> Work:
    options = encode_options(is_rgb=kind == "RGB", optimize_huffman=False)

    def work() -> None:
        for frame in frames(kind):
            native.encode_frame(uid, frame.data.cast("B"), frame_format(frame), options)

    return work


def encode_by_gdcm(benchmark: Any, uid: str, kind: str, path: Path) -> None:
    """Its own objects from begin to end: nothing is copied to Python, and reading is not timed."""
    path.write_bytes(native_file(kind))
    syntax = gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(uid))

    def setup() -> tuple[tuple[Any, Any], dict[str, Any]]:
        # Anew each time: it changes the image that it is given.
        reader = gdcm.ImageReader()
        reader.SetFileName(str(path))
        assert reader.Read()
        return (reader, gdcm.ImageChangeTransferSyntax()), {}

    def work(reader: Any, change: Any) -> None:
        change.SetTransferSyntax(syntax)
        change.SetInput(reader.GetImage())
        assert change.Change()

    timed(benchmark, "GDCM", work, setup)


def imagecodecs_encoder(kind: str) -> Work:
    def work() -> None:
        for frame in frames(kind):
            imagecodecs.jpeg_encode(frame, 90, subsampling="422", optimize=False)

    return work


@pytest.mark.parametrize(
    ("uid", "kind", "who"),
    [
        case
        for uid, kind, peer in ENCODERS
        for case in cases(f"encode {NAMES[uid]} {kind}", ["dcmtk_native", peer], uid, kind)
    ],
)
def bench_encode(benchmark: Any, uid: str, kind: str, who: str, tmp_path: Path) -> None:
    if who == "dcmtk_native":
        timed(benchmark, who, our_encoder(uid, kind))
    elif who == "GDCM":
        encode_by_gdcm(benchmark, uid, kind, tmp_path / "native.dcm")
    else:
        timed(benchmark, who, imagecodecs_encoder(kind))


@pytest.mark.parametrize(
    "who", cases("one native MR frame, from its path", ["dcmtk_native", "pydicom"])
)
def bench_native_frame(benchmark: Any, who: str, tmp_path: Path) -> None:
    path = tmp_path / "native.dcm"
    path.write_bytes(native_file("MR"))
    if who == "dcmtk_native":
        view = unwrap(read_pixels(path)).frame(5)
        assert not view.flags.owndata
        timed(benchmark, who, lambda: unwrap(read_pixels(path)).frame(5))
    else:
        timed(benchmark, who, lambda: pixel_array(path, index=5))


@pytest.mark.parametrize(
    "who", cases("all native MR frames of an open file", ["dcmtk_native", "pydicom"])
)
def bench_native_array(benchmark: Any, who: str) -> None:
    if who == "dcmtk_native":
        pixels = unwrap(read_pixels(native_file("MR")))
        timed(benchmark, who, pixels.array)
    else:
        dataset = pydicom.dcmread(BytesIO(native_file("MR")))
        timed(benchmark, who, lambda: pixel_array(dataset))


@cache
def plugins(uid: str) -> list[str]:
    """Of pydicom, for a transfer syntax; 12 bit JPEG has none besides ours."""
    return [name for name in get_decoder(uid).available_plugins if name != "dcmtk_native"]


def pydicom_cases() -> list[Any]:
    return [
        case
        for uid, kind in CASES
        if uid != EXTENDED
        for case in cases(
            f"pixel_array of pydicom: {NAMES[uid]} {kind}",
            ["dcmtk_native", *plugins(uid)],
            uid,
            kind,
        )
    ]


@pytest.mark.parametrize(("uid", "kind", "who"), pydicom_cases())
def bench_pydicom(benchmark: Any, uid: str, kind: str, who: str) -> None:
    dataset = pydicom.dcmread(BytesIO(coded_file(uid, kind)))
    pydicom_plugin.register()
    try:
        timed(benchmark, who, lambda: pixel_array(dataset, decoding_plugin=who))
    finally:
        pydicom_plugin.unregister()
