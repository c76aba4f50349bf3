"""RLE Lossless: there and back again, and the streams of other programs."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import generate_frames

from support import frames
from support.shipped import DICOM

RLE = "1.2.840.10008.1.2.5"

KINDS = [
    pytest.param(kind, samples, id=f"{kind}-{samples}")
    for kind in ("u1", "i1", "u2", "i2", "u4", "i4")
    for samples in (1, 3, 4)
    if np.dtype(kind).itemsize * samples <= 15
]
SIZES = [(1, 1), (1, 2), (2, 1), (3, 127), (5, 128), (4, 129), (7, 400), (61, 257), (300, 331)]


def _sources(kind: str, samples: int, rows: int, columns: int) -> list[Any]:
    chance = np.random.default_rng(rows * columns + samples)
    shape = (rows, columns) if samples == 1 else (rows, columns, samples)
    limits = np.iinfo(kind)
    runs = np.repeat(
        chance.integers(0, 3, rows * columns * samples),
        chance.integers(1, 5, rows * columns * samples),
    )
    return [
        frames.image(rows, columns, dtype=kind, samples=samples),
        chance.integers(limits.min, limits.max, shape, kind, endpoint=True),
        np.full(shape, limits.min, kind),
        runs[: rows * columns * samples].reshape(shape).astype(kind),
    ]


@pytest.mark.parametrize(("rows", "columns"), SIZES)
@pytest.mark.parametrize(("kind", "samples"), KINDS)
def test_a_frame_comes_back(kind: str, samples: int, rows: int, columns: int) -> None:
    for pixels in _sources(kind, samples, rows, columns):
        coded = frames.encode(RLE, pixels)
        assert (frames.decode(RLE, coded, like=pixels) == pixels).all()


OTHERS = [("u1", 1), ("u2", 1), ("i2", 1), ("u1", 3), ("u2", 3)]


@pytest.mark.parametrize("plugin", ["pydicom", "pylibjpeg"])
@pytest.mark.parametrize(("kind", "samples"), OTHERS)
def test_other_programs_read_it_and_we_read_theirs(plugin: str, kind: str, samples: int) -> None:
    pixels = frames.image(61, 255, dtype=kind, samples=samples)
    coded = frames.encode(RLE, pixels)
    assert (frames.decode_by(plugin, RLE, coded, pixels) == pixels).all()
    theirs = frames.encode_by(plugin, RLE, pixels)
    assert (frames.decode(RLE, theirs, like=pixels) == pixels).all()
    assert len(coded) <= len(theirs)


@pytest.mark.parametrize(("kind", "samples"), [("u1", 1), ("u2", 1), ("i2", 1), ("u1", 3)])
def test_gdcm_reads_it(kind: str, samples: int, tmp_path: Path) -> None:
    gdcm = pytest.importorskip("gdcm")
    pixels = frames.image(61, 255, dtype=kind, samples=samples)
    coded = frames.encode(RLE, pixels)
    path = tmp_path / "rle.dcm"
    path.write_bytes(frames.dicom_file(RLE, coded, pixels))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    native = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
    assert native == pixels.tobytes()


@pytest.mark.parametrize(("kind", "samples"), [("u1", 1), ("u2", 1), ("u1", 3), ("u4", 1)])
def test_imagecodecs_reads_it(kind: str, samples: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = frames.image(61, 255, dtype=kind, samples=samples)
    planes = imagecodecs.dicomrle_decode(frames.encode(RLE, pixels), pixels.dtype)
    theirs = np.frombuffer(planes, pixels.dtype).reshape(samples, 61, 255)
    assert (np.moveaxis(theirs, 0, -1).reshape(pixels.shape) == pixels).all()


@pytest.mark.parametrize(("kind", "samples"), [("u1", 1), ("u2", 1), ("i2", 1), ("u1", 3)])
def test_dcmtk_reads_it_and_writes_no_smaller(kind: str, samples: int, tmp_path: Path) -> None:
    if shutil.which("dcmdrle") is None:
        pytest.skip("DCMTK's programs are not installed")
    pixels = frames.image(64, 200, dtype=kind, samples=samples)
    coded = frames.encode(RLE, pixels)
    source, native, again = (tmp_path / name for name in ("rle.dcm", "native.dcm", "again.dcm"))
    source.write_bytes(frames.dicom_file(RLE, coded, pixels))
    subprocess.run(["dcmdrle", source, native], check=True, timeout=60)
    decoded = dcmread(native)
    planar = decoded.get("PlanarConfiguration", 0) == 1
    values = np.frombuffer(decoded.PixelData, pixels.dtype)[: pixels.size]
    assert not planar
    assert (values.reshape(pixels.shape) == pixels).all()
    subprocess.run(["dcmcrle", native, again], check=True, timeout=60)
    theirs = next(generate_frames(dcmread(again).PixelData, number_of_frames=1))
    assert len(coded) <= len(theirs)


@pytest.mark.parametrize(
    "name", [name for name in DICOM if "rle" in Path(name).name.lower() and "2frame" not in name]
)
def test_shipped_files_decode_as_pydicom_does(name: str) -> None:
    dataset = dcmread(DICOM[name])
    count = int(dataset.get("NumberOfFrames", 1))
    expected = dataset.pixel_array.reshape(count, *dataset.pixel_array.shape[count > 1 :])
    for frame, coded in zip(
        expected, generate_frames(dataset.PixelData, number_of_frames=count), strict=True
    ):
        assert (frames.decode(RLE, coded, like=frame) == frame).all()


def test_rows_and_segments_are_coded_apart() -> None:
    # PS3.5 section G.3.1: a run ends with its row; section G.4: a segment has an even length.
    pixels = np.zeros((4, 5), np.uint16)
    coded = frames.encode(RLE, pixels)
    assert coded[64:] == b"\xfc\0" * 8
    odd = frames.encode(RLE, np.zeros((3, 4), np.uint8) + np.arange(4, dtype=np.uint8))
    offsets = np.frombuffer(odd[:64], "<u4")
    assert offsets[0] == 1
    assert len(odd) % 2 == 0
    assert all(end % 2 == 0 for _, end in pairwise(offsets[:3].tolist()))


def test_surplus_packets_and_filling_do_not_matter() -> None:
    pixels = frames.image(9, 33, dtype="u2")
    coded = frames.encode(RLE, pixels)
    assert (frames.decode(RLE, coded + b"\x80\x05abcdef\0", like=pixels) == pixels).all()


def test_a_short_segment_ends_in_zeros_when_wanted() -> None:
    pixels = np.arange(1, 1001, dtype=np.uint8).reshape(10, 100) | 1
    coded = frames.encode(RLE, pixels)
    cut = coded[:-300]
    with frames.refused("ends early"):
        frames.decode(RLE, cut, like=pixels)
    decoded = frames.decode(RLE, cut, like=pixels, workaround_incomplete=True)
    there = int(np.count_nonzero(decoded))
    assert 600 < there < 800
    assert (decoded.ravel()[:there] == pixels.ravel()[:there]).all()


def test_more_bytes_a_pixel_than_segments_are_refused() -> None:
    with frames.refused("15 segments"):
        frames.encode(RLE, np.zeros((2, 2, 4), np.uint32))
