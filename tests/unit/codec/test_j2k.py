"""JPEG 2000: there and back again, the streams of other programs, and what the headers may say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import generate_frames
from pydicom.pixels import get_decoder

from support import codestreams, frames
from support.shipped import DICOM

LOSSLESS = "1.2.840.10008.1.2.4.90"
LOSSY = "1.2.840.10008.1.2.4.91"

JPEG_2000 = [
    name
    for name in (
        "693_J2KI.dcm",
        "GDCMJ2K_TextGBR.dcm",
        "J2K_pixelrep_mismatch.dcm",
        "JPEG2000.dcm",
        "MR_small_jp2klossless.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "examples_jpeg2k.dcm",
    )
    if f"test_files/{name}" in DICOM
]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", range(1, 17))
def test_samples_of_up_to_16_bits_come_back(bits: int, signed: bool) -> None:
    kind = ("i" if signed else "u") + ("1" if bits <= 8 else "2")
    for noise in (0.02, 3):
        pixels = frames.image(61, 67, dtype=kind, bits=bits, noise=noise)
        coded = frames.encode(LOSSLESS, pixels, bits_stored=bits)
        decoded, found = frames.decode_with_format(LOSSLESS, coded, like=pixels, bits_stored=bits)
        assert (decoded == pixels).all()
        assert (found.precision, found.is_signed, found.is_rgb) == (bits, signed, False)


@pytest.mark.parametrize("kind", ["u4", "i4"])
def test_samples_of_up_to_23_bits_come_back(kind: str) -> None:
    extremes = frames.image(64, 64, dtype=kind, bits=23, noise=50)
    coded = frames.encode(LOSSLESS, extremes, bits_stored=23)
    assert (frames.decode(LOSSLESS, coded, like=extremes, bits_stored=23) == extremes).all()
    with frames.refused("24 bits"):
        frames.encode(LOSSLESS, extremes, bits_stored=24)
        frames.encode(LOSSLESS, frames.image(64, 64, dtype=kind, bits=24), bits_stored=24)


@pytest.mark.parametrize("samples", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("rows", "columns"), [(1, 1), (1, 5), (7, 1), (2, 2), (3, 3), (17, 31), (64, 64), (65, 200)]
)
def test_any_size_comes_back(rows: int, columns: int, samples: int) -> None:
    pixels = frames.image(rows, columns, dtype="u2", bits=12, samples=samples)
    for is_rgb in (False, True):
        coded = frames.encode(LOSSLESS, pixels, bits_stored=12, is_rgb=is_rgb)
        decoded, found = frames.decode_with_format(LOSSLESS, coded, like=pixels, bits_stored=12)
        assert (decoded == pixels).all()
        assert found.is_rgb == (is_rgb and samples == 3)


def test_samples_beyond_bits_stored_are_kept() -> None:
    pixels = frames.image(20, 20, dtype="u2", bits=16)
    coded = frames.encode(LOSSLESS, pixels, bits_stored=12)
    decoded, found = frames.decode_with_format(LOSSLESS, coded, like=pixels, bits_stored=12)
    assert (decoded == pixels).all()
    assert found.precision == 16


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_nothing(threads: int) -> None:
    pixels = frames.image(300, 400, dtype="u2", bits=12)
    one = frames.encode(LOSSLESS, pixels, bits_stored=12)
    assert frames.encode(LOSSLESS, pixels, bits_stored=12, threads=threads) == one
    assert (frames.decode(LOSSLESS, one, like=pixels, threads=threads) == pixels).all()


@pytest.mark.parametrize("plugin", ["pylibjpeg", "gdcm"])
@pytest.mark.parametrize(
    ("kind", "bits", "samples"),
    [("u1", 8, 1), ("u2", 12, 1), ("u2", 16, 1), ("i2", 16, 1), ("u1", 8, 3)],
)
def test_other_programs_read_it(plugin: str, kind: str, bits: int, samples: int) -> None:
    pixels = frames.image(61, 130, dtype=kind, bits=bits, samples=samples)
    coded = frames.encode(LOSSLESS, pixels, bits_stored=bits, is_rgb=samples == 3)
    colour = {"PhotometricInterpretation": "YBR_RCT"} if samples == 3 else {}
    theirs = frames.decode_by(
        plugin, LOSSLESS, coded, pixels, BitsStored=bits, HighBit=bits - 1, **colour
    )
    assert (theirs == pixels).all()


@pytest.mark.parametrize(
    ("kind", "bits", "samples"),
    [("u1", 8, 1), ("u2", 12, 1), ("u2", 16, 1), ("i2", 16, 1), ("u1", 8, 3)],
)
def test_we_read_other_programs(kind: str, bits: int, samples: int) -> None:
    pixels = frames.image(61, 130, dtype=kind, bits=bits, samples=samples)
    colour = {"photometric_interpretation": "YBR_RCT"} if samples == 3 else {}
    coded = frames.encode_by("pylibjpeg", LOSSLESS, pixels, bits_stored=bits, **colour)
    decoded, found = frames.decode_with_format(LOSSLESS, coded, like=pixels, bits_stored=bits)
    assert (decoded == pixels).all()
    assert found.is_rgb == (samples == 3)


@pytest.mark.parametrize("name", JPEG_2000)
def test_shipped_files_decode_as_by_pylibjpeg(name: str) -> None:
    dataset = dcmread(DICOM[f"test_files/{name}"])
    uid = dataset.file_meta.TransferSyntaxUID
    expected, _ = get_decoder(uid).as_array(dataset, decoding_plugin="pylibjpeg", raw=True)
    coded = next(generate_frames(dataset.PixelData, number_of_frames=1))
    decoded, found = frames.decode_with_format(
        uid, coded, like=expected, bits_stored=dataset.BitsStored
    )
    if dataset.PixelRepresentation and not found.is_signed:
        # The stream says unsigned, the data set signed: the sign is the data set's matter.
        shift = 16 - dataset.BitsStored
        decoded = (decoded << shift) >> shift
    assert (decoded == expected).all()


def test_lossy_keeps_to_the_ratio() -> None:
    pixels = frames.image(256, 256, dtype="u2", bits=12, noise=0.1)
    for ratio in (5, 10, 30):
        coded = frames.encode(LOSSY, pixels, bits_stored=12, compression_ratio=float(ratio))
        # Of the coded bits, not of the cells.
        assert 0.8 < len(coded) / (256 * 256 * 12 / 8 / ratio) < 1.05
        decoded = frames.decode(LOSSY, coded, like=pixels, bits_stored=12)
        theirs = frames.decode_by("pylibjpeg", LOSSY, coded, pixels, BitsStored=12, HighBit=11)
        assert np.abs(decoded.astype(int) - theirs.astype(int)).max() <= 1


@pytest.mark.parametrize("samples", [1, 3])
def test_lossy_keeps_to_the_psnr(samples: int) -> None:
    pixels = frames.image(256, 256, samples=samples, noise=0.1)
    for psnr in (30, 40):
        coded = frames.encode(LOSSY, pixels, psnr=float(psnr), is_rgb=samples == 3)
        decoded, found = frames.decode_with_format(LOSSY, coded, like=pixels)
        error = np.mean((decoded.astype(float) - pixels) ** 2)
        assert abs(10 * np.log10(255**2 / error) - psnr) < 3
        assert found.is_rgb == (samples == 3)


def test_lossy_without_a_target_is_lossless() -> None:
    pixels = frames.image(50, 50)
    assert frames.encode(LOSSY, pixels) == frames.encode(LOSSLESS, pixels)


def test_boxes_are_taken_off() -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = frames.image(50, 70)
    coded = imagecodecs.jpeg2k_encode(pixels, codecformat="jp2", reversible=True, level=0)
    assert coded[4:8] == b"jP  "
    assert (frames.decode(LOSSLESS, coded, like=pixels) == pixels).all()


def _tiled(pixels: Any) -> bytes:
    return codestreams.tiled(
        pixels, 64, lambda tile: frames.encode(LOSSLESS, tile, is_rgb=pixels.ndim == 3)
    )


@pytest.mark.parametrize("samples", [1, 3])
def test_tiles_are_put_together(samples: int) -> None:
    pixels = frames.image(172, 160, dtype="u2", samples=samples)
    assert (frames.decode(LOSSLESS, _tiled(pixels), like=pixels) == pixels).all()


@pytest.mark.parametrize("end", [b"", b"\0", b"\xff\xd9\0", b"\xff\xd9" + b"\0" * 9])
def test_end_and_filling_do_not_matter(end: bytes) -> None:
    pixels = frames.image(50, 70)
    coded = frames.encode(LOSSLESS, pixels)
    assert coded.endswith(b"\xff\xd9")
    assert (frames.decode(LOSSLESS, coded[:-2] + end, like=pixels) == pixels).all()


@pytest.mark.parametrize("tiled", [False, True])
def test_a_stream_cut_off_decodes_when_wanted(tiled: bool) -> None:
    pixels = frames.image(128, 160, dtype="u2", noise=0.1)
    coded = _tiled(pixels) if tiled else frames.encode(LOSSLESS, pixels)
    cut = coded[: 2 * len(coded) // 3]
    with frames.refused("ends early"):
        frames.decode(LOSSLESS, cut, like=pixels)
    decoded = frames.decode(LOSSLESS, cut, like=pixels, workaround_incomplete=True)
    assert decoded.any()
    if tiled:
        assert (decoded[:64, :64] == pixels[:64, :64]).all()


def test_what_does_not_fit_the_data_set_is_refused() -> None:
    pixels = frames.image(50, 70, dtype="u2")
    coded = frames.encode(LOSSLESS, pixels)
    with frames.refused("70x50 pixels of 1 components, the data set claims 50x70 of 1"):
        frames.decode(LOSSLESS, coded, like=np.empty((70, 50), np.uint16))
    with frames.refused("of 3"):
        frames.decode(LOSSLESS, coded, like=np.empty((50, 70, 3), np.uint16))
    with frames.refused("16 bits, the data set claims cells of 8"):
        frames.decode(LOSSLESS, coded, like=np.empty((50, 70), np.uint8))
    wide = np.empty((50, 70), np.uint32)
    assert (frames.decode(LOSSLESS, coded, like=wide) == pixels).all()


def test_signs_reach_wider_cells() -> None:
    pixels = frames.image(50, 70, dtype="i2", bits=12)
    coded = frames.encode(LOSSLESS, pixels, bits_stored=12)
    assert (frames.decode(LOSSLESS, coded, like=np.empty((50, 70), np.int32)) == pixels).all()


def test_components_of_fewer_samples_are_spread() -> None:
    small = frames.image(40, 30)
    coded = codestreams.with_siz(frames.encode(LOSSLESS, small), Xsiz=60, XTsiz=60, XRsiz=2)
    decoded = frames.decode(LOSSLESS, coded, like=np.empty((40, 60), np.uint8))
    assert (decoded == np.repeat(small, 2, axis=1)).all()


def test_an_image_may_lie_off_the_origin() -> None:
    # Whole steps of the decomposition, so that its subbands do not change.
    pixels = frames.image(64, 64)
    coded = codestreams.with_siz(
        frames.encode(LOSSLESS, pixels),
        XOsiz=64,
        YOsiz=128,
        Xsiz=128,
        Ysiz=192,
        XTsiz=128,
        YTsiz=192,
    )
    assert (frames.decode(LOSSLESS, coded, like=pixels) == pixels).all()
