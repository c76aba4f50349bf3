"""JPEG-LS: there and back again, the streams of other programs, and what the headers may say."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import generate_frames

from support import frames
from support import jpegls_streams as jls
from support.shipped import DICOM

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODES = ("none", "line", "sample")
SIZES = ((1, 1), (1, 19), (17, 1), (2, 2), (33, 31))
SHIPPED = [
    name
    for name in (
        "JPEGLSNearLossless_08.dcm",
        "JPEGLSNearLossless_16.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_jls_lossy_sample.dcm",
    )
    if f"test_files/{name}" in DICOM
]


def rgb(rows: int = 23, columns: int = 37, dtype: Any = np.uint8) -> NDArray[Any]:
    return frames.image(rows, columns, dtype=dtype, samples=3, noise=0.05)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bits", range(2, 17))
def test_samples_of_2_to_16_bits_come_back(bits: int, size: tuple[int, int]) -> None:
    for dtype in ("u1", "u2") if bits <= 8 else ("u2",):
        for noise in (0, 0.02, 3):
            pixels = frames.image(*size, dtype=dtype, bits=bits, noise=noise)
            coded = jls.encode(pixels, bits)
            decoded, found = frames.decode_with_format(jls.LOSSLESS, coded, like=pixels)
            assert (decoded == pixels).all()
            assert (found.precision, found.is_signed, found.is_rgb) == (bits, False, False)
            assert (jls.decoded_by_charls(coded, pixels) == pixels).all()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("samples", [2, 3, 4])
@pytest.mark.parametrize("bits", [5, 8, 12, 16])
def test_several_components_come_back_in_every_interleave_mode(
    bits: int, samples: int, mode: str
) -> None:
    dtype = "u1" if bits <= 8 else "u2"
    for size in SIZES:
        pixels = frames.image(*size, dtype=dtype, bits=bits, samples=samples)
        coded = jls.encode(pixels, bits, interleave=mode)
        assert (jls.decode(coded, pixels) == pixels).all()
        assert (jls.decoded_by_libjpeg(coded, pixels) == pixels).all()
        if samples > 2:  # what CharLS can interleave
            assert (jls.decoded_by_charls(coded, pixels) == pixels).all()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("near", [1, 2, 5, 20, 127])
def test_no_sample_differs_by_more_than_the_deviation(near: int, mode: str) -> None:
    for pixels in (rgb(), rgb(dtype=np.uint16), rgb()[..., 0].copy()):
        coded = jls.encode(pixels, max_deviation=near, interleave=mode)
        decoded = jls.decode(coded, pixels)
        assert 0 < np.abs(decoded.astype(int) - pixels).max() <= near
        assert (jls.decoded_by_charls(coded, pixels) == decoded).all()


@pytest.mark.parametrize("seed", range(8))
def test_any_image_of_any_kind_is_the_same_to_charls(seed: int) -> None:
    chance = np.random.default_rng(seed)
    for _ in range(40):
        bits = int(chance.integers(2, 17))
        samples = int(chance.choice([1, 1, 3, 4]))
        near = min(int(chance.choice([0, 0, 1, 3, 20])), ((1 << bits) - 1) // 2)
        rows, columns = int(chance.integers(1, 30)), int(chance.integers(1, 60))
        shape = (rows, columns) if samples == 1 else (rows, columns, samples)
        pixels = jls.noisy_image(chance, shape, bits)
        mode = str(chance.choice(MODES))
        coded = jls.encode(pixels, bits, max_deviation=near, interleave=mode)
        decoded = jls.decode(coded, pixels)
        assert np.abs(decoded.astype(int) - pixels).max() <= near
        assert (jls.decoded_by_charls(coded, pixels) == decoded).all()


@pytest.mark.parametrize("bits", [2, 7, 8, 10, 16])
@pytest.mark.parametrize("near", [0, 1])
def test_streams_of_charls_are_read_and_are_ours_byte_for_byte(bits: int, near: int) -> None:
    pixels = frames.image(48, 64, dtype="u1" if bits <= 8 else "u2", bits=bits)
    theirs = jls.encoded_by_charls(pixels, bits, near=near)
    assert (jls.decode(theirs, pixels) == jls.decoded_by_charls(theirs, pixels)).all()
    ours = jls.encode(pixels, bits, max_deviation=near)
    assert ours[ours.index(b"\xff\xda") :] == theirs[theirs.index(b"\xff\xda") :]


@pytest.mark.parametrize("mode", [1, 2])
@pytest.mark.parametrize("near", [0, 3])
def test_colour_streams_of_charls_are_read(mode: int, near: int) -> None:
    for pixels in (rgb(), rgb(dtype=np.uint16)):
        coded = jls.encoded_by_charls(pixels, 8 * pixels.itemsize, near=near, mode=mode)
        expected = jls.decoded_by_charls(coded, pixels)
        assert (jls.decode(coded, pixels) == expected).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_are_the_same_to_charls(name: str) -> None:
    dataset = dcmread(DICOM[f"test_files/{name}"])
    coded = next(generate_frames(dataset.PixelData, number_of_frames=1))
    shape: tuple[int, ...] = (dataset.Rows, dataset.Columns)
    if dataset.SamplesPerPixel > 1:
        shape = (*shape, dataset.SamplesPerPixel)
    like = np.empty(shape, f"u{dataset.BitsAllocated // 8}")
    assert (jls.decode(coded, like) == jls.decoded_by_charls(coded, like)).all()


@pytest.mark.parametrize("mode", ["line", "sample"])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_dcmdjpls_reads_what_we_encode(kind: str, samples: int, mode: str, tmp_path: Path) -> None:
    program = shutil.which("dcmdjpls")
    if program is None:
        pytest.skip("DCMTK's program is not installed")
    pixels = frames.image(40, 52, dtype=kind, samples=samples)
    coded = jls.encode(pixels, interleave=mode)
    source, target = tmp_path / "coded.dcm", tmp_path / "plain.dcm"
    source.write_bytes(frames.dicom_file(jls.LOSSLESS, coded + b"\0" * (len(coded) % 2), pixels))
    subprocess.run([program, source, target], check=True, capture_output=True)
    assert (dcmread(target).pixel_array == pixels).all()


def test_gdcm_reads_what_we_encode() -> None:
    for pixels in (rgb(), frames.image(40, 52, dtype="u2")):
        coded = jls.encode(pixels)
        assert (frames.decode_by("gdcm", jls.LOSSLESS, coded, pixels) == pixels).all()


def test_signed_samples_are_coded_as_their_bits_stored() -> None:
    pixels = frames.image(30, 40, dtype="i2", bits=12)
    assert pixels.min() < 0 < pixels.max()
    patterns = pixels.view("u2") & 0xFFF
    coded = jls.encode(pixels, 12)
    assert coded == jls.encode(patterns, 12)
    assert (jls.decode(coded, patterns) == patterns).all()
    # Cells whose unused bits are zeros say the same.
    assert coded == jls.encode(patterns.view("i2"), 12)


@pytest.mark.parametrize(("kind", "value"), [("u2", 4096), ("i2", 2048 + 8192), ("i2", -2049)])
def test_a_sample_beyond_the_bits_stored_is_refused(kind: str, value: int) -> None:
    pixels = np.zeros((5, 6), kind)
    pixels[4, 5] = value
    with frames.refused("more than the 12 bits"):
        jls.encode(pixels, 12)


def test_a_deviation_may_not_turn_a_sign() -> None:
    pixels = np.zeros((5, 6), "i2")
    for value in (2047, -2048, 2045, -2046):
        pixels[0, 0] = value
        with frames.refused("end of its range"):
            jls.encode(pixels, 12, max_deviation=3)
    pixels[0, :2] = (2044, -2045)
    assert jls.encode(pixels, 12, max_deviation=3)


def test_the_lossless_syntax_takes_no_deviation() -> None:
    with frames.refused("allows no deviation"):
        frames.encode(jls.LOSSLESS, rgb(), max_deviation=1)


@pytest.mark.parametrize(
    ("pixels", "match"),
    [
        (np.zeros((4, 4), "u4"), "32 bits allocated"),
        (np.zeros((4, 4, 5), "u1"), "5 samples"),
        (np.zeros((1, 70000), "u1"), "65535"),
    ],
    ids=["32 bits", "5 samples", "too wide"],
)
def test_what_cannot_be_encoded_is_named(pixels: NDArray[Any], match: str) -> None:
    with frames.refused(match):
        jls.encode(pixels)


def test_thresholds_and_reset_are_told_in_the_stream() -> None:
    pixels = frames.image(50, 60, noise=0.1)
    plain = jls.encode(pixels)
    assert b"\xff\xf8" not in plain[:20]
    for options in ({"threshold1": 5}, {"threshold3": 90}, {"reset": 20}):
        coded = jls.encode(pixels, **options)
        assert jls.parts(coded)[2][1] == 0xF8
        assert coded != plain
        assert (jls.decode(coded, pixels) == pixels).all()
        assert (jls.decoded_by_charls(coded, pixels) == pixels).all()
    # The defaults of the standard in so many words are no news.
    assert jls.encode(pixels, threshold1=3, threshold2=7, threshold3=21, reset=64) == plain


@pytest.mark.parametrize(
    "options", [{"threshold1": 300}, {"threshold1": 9, "threshold2": 8}, {"reset": 2}]
)
def test_illegal_thresholds_are_refused(options: dict[str, int]) -> None:
    with frames.refused("JPEG-LS"):
        jls.encode(rgb(), **options)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("interval", "length"), [(1, 2), (3, 3), (7, 4), (100, 2)])
def test_restart_intervals_are_followed(interval: int, length: int, mode: str) -> None:
    for pixels in (rgb(), rgb()[..., 1].copy()):
        stream = jls.restarted(pixels, interval, length, interleave=mode)
        assert (jls.decode(stream, pixels) == pixels).all()
        assert (jls.decoded_by_charls(stream, pixels) == pixels).all()


def test_a_wrong_or_missing_restart_marker_is_an_error() -> None:
    pixels = rgb()[..., 0].copy()
    stream = jls.restarted(pixels, 4)
    with frames.refused("restart D1"):
        jls.decode(stream.replace(b"\xff\xd1", b"\xff\xd2"), pixels)
    with frames.refused("stream ends"):
        jls.decode(jls.encode(pixels).replace(b"\xff\xda", b"\xff\xdd\0\4\0\4\xff\xda", 1), pixels)


def test_what_stands_around_the_frame_is_skipped() -> None:
    pixels = rgb()
    soi, frame, *rest = jls.parts(jls.encode(pixels))
    spiff = jls.segment(0xE8, b"SPIFF\0\2\0\0\3" + bytes(20))
    end_of_directory = jls.segment(0xE8, b"\0\0\0\1\xff\xd8")
    others = jls.segment(0xFE, b"a comment \xff\xda") + jls.segment(0xE0, b"JFIF\0")
    for before in (spiff + end_of_directory, others, b"\xff\xff\xff", b"\xff" + others + b"\xff"):
        stream = jls.joined([soi, before, frame, before, *rest])
        assert (jls.decode(stream, pixels) == pixels).all()


@pytest.mark.parametrize("mode", MODES)
def test_a_complete_frame_needs_no_eoi_and_may_be_padded(mode: str) -> None:
    pixels = rgb()
    stream = jls.encode(pixels, interleave=mode)
    for ending in (b"", b"\xff", b"\xff\xff\xd9", b"\xff\xd9\0", b"\xff\xd9\xff\xd9 and more"):
        assert (jls.decode(stream[:-2] + ending, pixels) == pixels).all()


def test_scans_may_come_in_any_order_and_hold_some_components() -> None:
    pixels = rgb()
    soi, frame, *scans, eoi = jls.parts(jls.encode(pixels, interleave="none"))
    assert (jls.decode(jls.joined([soi, frame, *scans[::-1], eoi]), pixels) == pixels).all()
    # The first and the last component together, by pixel, behind the one between.
    both = jls.encode(np.ascontiguousarray(pixels[..., ::2]), interleave="sample")
    scan = jls.parts(both)[2].replace(b"\2\1\0\2\0", b"\2\1\0\3\0", 1)
    assert (jls.decode(jls.joined([soi, frame, scans[1], scan, eoi]), pixels) == pixels).all()


def test_a_component_may_not_come_twice() -> None:
    soi, frame, first, *_, eoi = jls.parts(jls.encode(rgb(), interleave="none"))
    with frames.refused("twice"):
        jls.decode(jls.joined([soi, frame, first, first, eoi]), rgb())


def forward_hp(pixels: NDArray[Any], transform: int) -> NDArray[Any]:
    """HP's colour transforms, as its encoder applies them."""
    red, green, blue = (pixels[..., n].astype(np.int64) for n in range(3))
    size = 256**pixels.itemsize
    half = size // 2
    if transform == 1:
        planes = [red - green + half, green, blue - green + half]
    elif transform == 2:
        planes = [red - green + half, green, blue - (red + green) // 2 - half]
    else:
        second, third = (blue - green + half) % size, (red - green + half) % size
        planes = [green + (second + third) // 4 - size // 4, second, third]
    return (np.stack(planes, -1) % size).astype(pixels.dtype)


@pytest.mark.parametrize("transform", [1, 2, 3])
@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_hp_colour_transforms_are_undone(kind: str, transform: int) -> None:
    pixels = rgb(dtype=kind)
    soi, *rest = jls.parts(jls.encode(forward_hp(pixels, transform)))
    stream = jls.joined([soi, jls.segment(0xE8, b"mrfx" + bytes([transform])), *rest])
    decoded, found = frames.decode_with_format(jls.LOSSLESS, stream, like=pixels)
    assert found.is_rgb
    assert (decoded == pixels).all()
    assert (jls.decoded_by_charls(stream, pixels) == pixels).all()


@pytest.mark.parametrize("width", [2, 3, 4])
def test_the_size_may_be_told_apart_from_the_frame_header(width: int) -> None:
    pixels = rgb()
    soi, frame, *rest = jls.parts(jls.encode(pixels))
    rows, columns = (length.to_bytes(width) for length in pixels.shape[:2])
    size = jls.segment(0xF8, b"\4" + bytes([width]) + rows + columns)
    empty = frame[:5] + bytes(4) + frame[9:]
    for stream in ([soi, empty, size, *rest], [soi, size, empty, *rest]):
        assert (jls.decode(jls.joined(stream), pixels) == pixels).all()


def test_the_number_of_rows_may_follow_the_first_scan() -> None:
    pixels = rgb()
    soi, frame, first, *rest = jls.parts(jls.encode(pixels, interleave="none"))
    headless = frame[:5] + b"\0\0" + frame[7:]
    for rows, legal in ((23, True), (24, False)):
        stream = [soi, headless, first, jls.segment(0xDC, rows.to_bytes(2)), *rest]
        result = frames.outcome(lambda stream=stream: jls.decode(jls.joined(stream), pixels))
        assert isinstance(result, str) != legal


def test_a_stream_that_disagrees_with_the_data_set_says_how() -> None:
    stream = jls.encode(rgb())
    for like in (rgb(22, 37), rgb(23, 38), rgb()[..., 0]):
        with frames.refused("the stream has 37 x 23 pixels of 3 samples, the data set claims"):
            jls.decode(stream, like)
    with frames.refused("samples of 16 bits, the data set allocates 8"):
        jls.decode(jls.encode(rgb(dtype=np.uint16)), rgb())


@pytest.mark.parametrize("mode", MODES)
def test_an_incomplete_stream_ends_in_zeros_on_demand(mode: str) -> None:
    pixels = np.maximum(rgb(), 1)
    stream = jls.encode(pixels, interleave=mode)
    half = stream[: len(stream) * 3 // 4]
    with frames.refused("the stream ends before the frame does"):
        jls.decode(half, pixels)
    decoded = jls.decode(half, pixels, workaround_incomplete=True)
    assert (decoded[decoded != 0] == pixels[decoded != 0]).all()
    assert (decoded[0, :, 0] == pixels[0, :, 0]).all()
    assert not decoded[-1, :, 2].any()
