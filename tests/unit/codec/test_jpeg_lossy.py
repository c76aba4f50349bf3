"""Lossy JPEG: as libjpeg decodes it, and coded so that others decode it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from dcmtk_native._core.runtime import NativeError
from support.jpeg_frames import (
    BASELINE,
    EXTENDED,
    LOSSLESS_SV1,
    PROGRESSIVE,
    SPECTRAL,
    Frame,
    by_dcmdjpeg,
    by_pydicom,
    decode,
    decode_into,
    encode,
    pattern,
    segments,
)

SHAPES = [(1, 1), (8, 8), (17, 31), (64, 50)]


def smooth(shape: tuple[int, ...], bits: int) -> Frame:
    """A frame without hard edges, which lossy coding changes little."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    waves = [np.sin(x / (7 + i)) + np.cos(y / (9 - i)) for i in range(3)]
    values = waves[0] if len(shape) == 2 else np.stack(waves, axis=-1)
    return ((values + 2) / 4 * ((1 << bits) - 1)).astype("u1" if bits == 8 else "u2")


def furthest(one: Frame, other: Frame) -> int:
    """The largest difference of two frames."""
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.mark.parametrize("shape", SHAPES)
def test_monochrome_is_decoded_as_by_libjpeg(shape: tuple[int, int]) -> None:
    frame = pattern(shape, 8)
    coded = imagecodecs.jpeg8_encode(frame, level=85)
    assert np.array_equal(decode(BASELINE, coded, frame, 8), imagecodecs.jpeg8_decode(coded))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("subsampling", ["444", "422", "420"])
def test_colours_are_decoded_as_by_libjpeg(subsampling: str, shape: tuple[int, int]) -> None:
    frame = pattern((*shape, 3), 8)
    coded = imagecodecs.jpeg8_encode(frame, level=85, subsampling=subsampling)
    as_rgb = imagecodecs.jpeg8_decode(coded)
    as_ybr = imagecodecs.jpeg8_decode(coded, outcolorspace="YCBCR")
    assert np.array_equal(decode(BASELINE, coded, frame, 8, ybr_to_rgb=True), as_rgb)
    assert np.array_equal(decode(BASELINE, coded, frame, 8), as_ybr)


@pytest.mark.parametrize("shape", [*SHAPES, (128, 77)])
def test_12_bits_are_decoded_as_by_libjpeg(shape: tuple[int, int], tmp_path: Path) -> None:
    frame = pattern(shape, 12)
    for level in (30, 90, 100):
        coded = imagecodecs.jpeg_encode(frame, level=level, bitspersample=12)
        ours = decode(EXTENDED, coded, frame, 12)
        assert np.array_equal(ours, imagecodecs.jpeg_decode(coded))
        assert np.array_equal(ours, by_dcmdjpeg(tmp_path, EXTENDED, coded, frame, 12))


@pytest.mark.parametrize("shape", [(17, 31), (64, 50), (64, 50, 3)])
@pytest.mark.parametrize(
    ("uid", "bits"),
    [
        (BASELINE, 8),
        (EXTENDED, 8),
        (EXTENDED, 12),
        (SPECTRAL, 8),
        (SPECTRAL, 12),
        (PROGRESSIVE, 8),
        (PROGRESSIVE, 12),
    ],
)
def test_others_decode_what_we_code(
    uid: str, bits: int, shape: tuple[int, ...], tmp_path: Path
) -> None:
    frame = smooth(shape, bits)
    coded = encode(uid, frame, bits, quality=95, subsampling="444")
    ours = decode(uid, coded, frame, bits)
    assert furthest(ours, frame) <= (8 if bits == 8 else 80)
    assert furthest(by_dcmdjpeg(tmp_path, uid, coded, frame, bits), ours) <= 1
    options: dict[str, Any] = {} if len(shape) == 2 else {"outcolorspace": "YCBCR"}
    if bits == 8:
        assert np.array_equal(imagecodecs.jpeg8_decode(coded, **options), ours)
    if uid in (BASELINE, EXTENDED):  # pydicom knows no other
        assert furthest(by_pydicom("pylibjpeg", uid, coded, frame, bits), ours) <= 1
    if bits == 12 and uid == EXTENDED and len(shape) == 2:
        assert np.array_equal(imagecodecs.jpeg_decode(coded), ours)


@pytest.mark.parametrize("uid", [SPECTRAL, PROGRESSIVE])
@pytest.mark.parametrize("bits", [8, 12])
def test_progressive_streams_of_dcmtk(uid: str, bits: int, tmp_path: Path) -> None:
    coded, frame = coded_by_dcmcjpeg(tmp_path, "+es" if uid == SPECTRAL else "+ep", bits)
    ours = decode(uid, coded, frame, bits)
    assert furthest(ours, by_dcmdjpeg(tmp_path, uid, coded, frame, bits)) <= 1


@pytest.mark.parametrize("flag", ["+eb", "+ee"])
def test_monochrome_is_coded_as_by_dcmtk(flag: str, tmp_path: Path) -> None:
    coded, frame = coded_by_dcmcjpeg(tmp_path, flag, 8)
    uid = BASELINE if flag == "+eb" else EXTENDED
    ours = encode(uid, frame, 8, quality=90)
    assert ours + b"\0" * (len(ours) % 2) == coded


def coded_by_dcmcjpeg(folder: Path, flag: str, bits: int) -> tuple[bytes, Frame]:
    """A stream of DCMTK's program, and the frame that went into it."""
    import pydicom
    from pydicom.encaps import generate_frames
    from pydicom.uid import ExplicitVRLittleEndian

    from support.jpeg_frames import dataset

    program = shutil.which("dcmcjpeg")
    assert program is not None, "the tests need DCMTK's programs: apt-get install dcmtk"
    frame = smooth((40, 56), bits)
    native = folder / "native.dcm"
    dataset(ExplicitVRLittleEndian, None, frame, bits).save_as(native, enforce_file_format=True)
    run = [program, flag, str(native), str(folder / "coded.dcm")]
    subprocess.run(run, check=True, capture_output=True)
    coded = pydicom.dcmread(folder / "coded.dcm").PixelData
    return next(generate_frames(coded, number_of_frames=1)), frame


@pytest.mark.parametrize("subsampling", ["444", "422", "420"])
def test_rgb_is_stored_as_luminance_and_chroma(subsampling: str) -> None:
    frame = smooth((48, 40, 3), 8)
    coded = encode(BASELINE, frame, 8, is_rgb=True, quality=95, subsampling=subsampling)
    out = np.empty_like(frame)
    said = decode_into(BASELINE, coded, out, 8, ybr_to_rgb=True)
    assert said.is_rgb
    assert furthest(out, frame) < 25
    assert np.array_equal(out, imagecodecs.jpeg8_decode(coded))
    assert not decode_into(BASELINE, coded, out, 8).is_rgb
    factors = {"444": 0x11, "422": 0x21, "420": 0x22}
    begin = next(start for code, start, _ in segments(coded) if code == 0xC0)
    assert coded[begin + 11] == factors[subsampling]


@pytest.mark.parametrize("options", [{"ybr_to_rgb": True}, {}])
def test_components_that_the_markers_call_rgb_stay(
    options: dict[str, bool], samples: Callable[[str], Path]
) -> None:
    import pydicom
    from pydicom.encaps import generate_frames

    source = pydicom.dcmread(samples("SC_rgb_dcmtk_+eb+cr.dcm"))
    coded = next(generate_frames(source.PixelData, number_of_frames=1))
    out = np.empty((source.Rows, source.Columns, 3), np.uint8)
    said = decode_into(BASELINE, coded, out, 8, **options)
    assert said.is_rgb
    assert furthest(out, source.pixel_array) <= 1


SHIPPED = {
    "JPGExtended.dcm": "pylibjpeg",
    "SC_jpeg_no_color_transform.dcm": "gdcm",
    "SC_jpeg_no_color_transform_2.dcm": "gdcm",
    "SC_rgb_dcmtk_+eb+cr.dcm": "gdcm",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm": "gdcm",
    "SC_rgb_dcmtk_+eb+cy+n2.dcm": "gdcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm": "gdcm",
    "SC_rgb_dcmtk_+eb+cy+s2.dcm": "gdcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm": "gdcm",
    "SC_rgb_jpeg_app14_dcmd.dcm": "gdcm",
    "SC_rgb_jpeg_dcmtk.dcm": "gdcm",
    "SC_rgb_jpeg_gdcm.dcm": "gdcm",
    "SC_rgb_jpeg_lossy_gdcm.dcm": "gdcm",
    "SC_rgb_small_odd_jpeg.dcm": "gdcm",
    "examples_ybr_color.dcm": "gdcm",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_are_decoded_as_by_others(name: str, samples: Callable[[str], Path]) -> None:
    import pydicom
    from pydicom.encaps import generate_frames
    from pydicom.pixels import get_decoder

    source = pydicom.dcmread(samples(name))
    uid = str(source.file_meta.TransferSyntaxUID)
    decoder = get_decoder(uid)
    expected, _ = decoder.as_array(source, raw=True, index=0, decoding_plugin=SHIPPED[name])
    coded = next(
        generate_frames(source.PixelData, number_of_frames=source.get("NumberOfFrames", 1))
    )
    ours = decode(uid, coded, expected, source.BitsStored)
    assert furthest(ours, expected) <= (0 if uid == LOSSLESS_SV1 else 1)


def test_odd_scan_parameters_do_not_matter(samples: Callable[[str], Path]) -> None:
    import pydicom
    from pydicom.encaps import generate_frames

    source = pydicom.dcmread(samples("JPEG-lossy.dcm"))
    coded = next(generate_frames(source.PixelData, number_of_frames=1))
    frame = np.empty((source.Rows, source.Columns), np.uint16)
    assert decode(EXTENDED, coded, frame, 12).max() == 264


def test_the_stream_decides_and_not_the_transfer_syntax() -> None:
    frame = smooth((30, 20), 8)
    coded = encode(BASELINE, frame, 8)
    assert np.array_equal(decode(LOSSLESS_SV1, coded, frame, 8), decode(BASELINE, coded, frame, 8))


def test_8_bits_in_wide_cells() -> None:
    frame = smooth((30, 21), 8)
    coded = encode(BASELINE, frame.astype(np.uint16), 8)
    assert coded == encode(BASELINE, frame, 8)
    narrow = decode(BASELINE, coded, frame, 8)
    assert np.array_equal(decode(BASELINE, coded, frame.astype(np.uint16), 8), narrow)


@pytest.mark.parametrize(("uid", "bits"), [(BASELINE, 8), (PROGRESSIVE, 8), (EXTENDED, 12)])
def test_a_stream_that_ends_early_is_an_error_or_a_frame(uid: str, bits: int) -> None:
    frame = pattern((80, 64), bits)
    coded = encode(uid, frame, bits)
    cut = coded[: len(coded) * 2 // 3]
    with pytest.raises(NativeError):
        decode(uid, cut, frame, bits)
    rest = decode(uid, cut, frame, bits, workaround_incomplete=True)
    if uid == PROGRESSIVE:
        assert rest.any()
        return
    whole = decode(uid, coded, frame, bits)
    rows = int(np.flatnonzero(rest.any(axis=1))[-1]) + 1
    assert 24 <= rows < 72
    assert np.array_equal(rest[:rows], whole[:rows])


@pytest.mark.parametrize("uid", [BASELINE, EXTENDED])
def test_a_missing_end_does_not_matter(uid: str) -> None:
    bits = 8 if uid == BASELINE else 12
    frame = pattern((20, 24), bits)
    coded = encode(uid, frame, bits).rstrip(b"\0")
    assert np.array_equal(decode(uid, coded[:-2], frame, bits), decode(uid, coded, frame, bits))


def test_smoothing_quality_and_tables_change_the_stream() -> None:
    frame = pattern((32, 32), 8)
    plain = encode(BASELINE, frame, 8)
    assert len(encode(BASELINE, frame, 8, quality=30)) < len(plain)
    assert len(encode(BASELINE, frame, 8, smoothing=80)) < len(plain)
    assert len(encode(BASELINE, frame, 8, optimize_huffman=False)) > len(plain)


@pytest.mark.parametrize(
    ("uid", "dtype", "bits", "reason"),
    [
        (BASELINE, "u2", 12, "at most 8 bits"),
        (EXTENDED, "u2", 16, "at most 12 bits"),
        (BASELINE, "i1", 8, "unsigned"),
        (LOSSLESS_SV1, "u4", 32, "at most 16 bits"),
    ],
)
def test_what_a_process_cannot_hold_is_refused(
    uid: str, dtype: str, bits: int, reason: str
) -> None:
    with pytest.raises(NativeError, match=reason):
        encode(uid, np.zeros((4, 4), dtype), bits)
