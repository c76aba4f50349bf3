"""Lossless JPEG: what it codes comes back, here and in every other decoder."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from dcmtk_native._core.runtime import NativeError
from support.jpeg_frames import (
    LENGTHS,
    LOSSLESS,
    LOSSLESS_SV1,
    Frame,
    LosslessWriter,
    by_dcmdjpeg,
    by_pydicom,
    decode,
    decode_into,
    encode,
    pattern,
    segments,
)

PREDICTORS = range(1, 8)


def stored(frame: Frame, bits: int) -> Frame:
    """The bits that a lossless stream holds of signed and unsigned samples."""
    mask = (1 << bits) - 1
    return (frame.astype(int) & mask).astype(frame.dtype.str.replace("i", "u"))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 1), (33, 47), (16, 21, 3), (6, 5, 2)])
@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("bits", [2, 7, 8, 10, 12, 15, 16])
def test_a_frame_comes_back(bits: int, is_signed: bool, shape: tuple[int, ...]) -> None:
    frame = pattern(shape, bits, is_signed=is_signed)
    for predictor in PREDICTORS:
        coded = encode(LOSSLESS, frame, bits, predictor=predictor)
        like = stored(frame, bits)
        assert np.array_equal(decode(LOSSLESS, coded, like, bits), like)


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("predictor", PREDICTORS)
def test_others_decode_what_we_code(predictor: int, bits: int, tmp_path: Path) -> None:
    frame = pattern((37, 29), bits)
    coded = encode(LOSSLESS, frame, bits, predictor=predictor)
    assert np.array_equal(imagecodecs.jpeg_decode(coded), frame)
    assert np.array_equal(by_pydicom("pylibjpeg", LOSSLESS, coded, frame, bits), frame)
    assert np.array_equal(by_pydicom("gdcm", LOSSLESS, coded, frame, bits), frame)
    assert np.array_equal(by_dcmdjpeg(tmp_path, LOSSLESS, coded, frame, bits), frame)


def test_others_decode_our_colours(tmp_path: Path) -> None:
    frame = pattern((37, 29, 3), 8)
    coded = encode(LOSSLESS_SV1, frame, 8, is_rgb=True)
    assert np.array_equal(by_pydicom("pylibjpeg", LOSSLESS_SV1, coded, frame, 8), frame)
    assert np.array_equal(by_pydicom("gdcm", LOSSLESS_SV1, coded, frame, 8), frame)
    assert np.array_equal(by_dcmdjpeg(tmp_path, LOSSLESS_SV1, coded, frame, 8), frame)


def test_sv1_has_predictor_1_whatever_is_asked_for() -> None:
    coded = encode(LOSSLESS_SV1, pattern((4, 4), 8), 8, predictor=6)
    assert coded[list(segments(coded))[-1][1] + 7] == 1


@pytest.mark.parametrize("transform", [1, 4])
def test_a_point_transform_takes_the_lowest_bits(transform: int) -> None:
    frame = pattern((20, 31), 12)
    coded = encode(LOSSLESS, frame, 12, predictor=4, point_transform=transform)
    expected = frame >> transform << transform
    assert np.array_equal(decode(LOSSLESS, coded, frame, 12), expected)
    assert np.array_equal(imagecodecs.jpeg_decode(coded), expected)


@pytest.mark.parametrize("separate_scans", [False, True])
@pytest.mark.parametrize("restart_rows", [0, 1, 4])
@pytest.mark.parametrize("predictor", PREDICTORS)
@pytest.mark.parametrize("shape", [(27, 11), (27, 11, 3), (9, 5, 4)])
def test_restarts_and_scans_of_one_component(
    shape: tuple[int, ...], predictor: int, restart_rows: int, separate_scans: bool
) -> None:
    frame = pattern(shape, 16)
    coded = LosslessWriter(
        predictor=predictor, restart_rows=restart_rows, separate_scans=separate_scans
    ).write(frame)
    assert np.array_equal(decode(LOSSLESS, coded, frame, 16), frame)


def test_a_difference_of_32768_has_no_bits_but_its_code(tmp_path: Path) -> None:
    frame = np.array([[0, 32768, 0], [65535, 32767, 65535]], np.uint16)
    coded = encode(LOSSLESS, frame, 16)
    assert np.array_equal(decode(LOSSLESS, coded, frame, 16), frame)
    assert np.array_equal(by_dcmdjpeg(tmp_path, LOSSLESS, coded, frame, 16), frame)


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_the_workaround_for_predictor_6_is_that_of_dcmtk(predictor: int, tmp_path: Path) -> None:
    frame = np.random.default_rng(1).integers(0, 1 << 16, (19, 23), np.uint16)
    coded = LosslessWriter(predictor=predictor, overflows=True).write(frame)
    ours = decode(LOSSLESS, coded, frame, 16, workaround_predictor6=True)
    assert np.array_equal(ours, frame)
    assert np.array_equal(by_dcmdjpeg(tmp_path, LOSSLESS, coded, frame, 16, "+w6"), frame)
    as_written = decode(LOSSLESS, coded, frame, 16)
    assert np.array_equal(as_written, by_dcmdjpeg(tmp_path, LOSSLESS, coded, frame, 16))
    assert np.array_equal(as_written, frame) == (predictor < 5)


def test_the_workaround_for_cornell_drops_what_need_not_be_told() -> None:
    frame = np.array([[0, 32768, 5], [32773, 4, 32772]], np.uint16)
    coded = LosslessWriter(cornell=True).write(frame)
    assert np.array_equal(decode(LOSSLESS, coded, frame, 16, workaround_cornell=True), frame)
    assert not np.array_equal(decode(LOSSLESS, coded, frame, 16), frame)


def test_the_workaround_for_cornell_takes_codes_that_are_too_long() -> None:
    lengths = {symbol: size for symbol, size in LENGTHS.items() if symbol < 15}
    frame = np.array([[40000, 7232, 7240]], np.uint16)
    coded = LosslessWriter(lengths={**lengths, 15: 16, 16: 17}).write(frame)
    # The table says nothing of the code of 17 ones, which its writer uses all the same.
    begin = next(start for code, start, _ in segments(coded) if code == 0xC4)
    assert coded[begin + 5 : begin + 21] == bytes([*[0] * 1, *[1] * 14, 2])
    broken = coded.replace(bytes([*range(17)]), bytes([*range(16)]))
    broken = broken[: begin + 2] + b"\x00\x23" + broken[begin + 4 :]
    assert np.array_equal(decode(LOSSLESS, broken, frame, 16, workaround_cornell=True), frame)
    with pytest.raises(NativeError, match="Huffman table"):
        decode(LOSSLESS, broken, frame, 16)


def test_a_stream_that_ends_early_is_an_error_or_ends_in_zeros() -> None:
    frame = pattern((40, 30), 12)
    coded = encode(LOSSLESS, frame, 12)
    cut = coded[: len(coded) // 2]
    with pytest.raises(NativeError, match="ends before"):
        decode(LOSSLESS, cut, frame, 12)
    rest = decode(LOSSLESS, cut, frame, 12, workaround_incomplete=True)
    rows = int(np.flatnonzero(rest.any(axis=1))[-1]) + 1
    assert 10 < rows < 30
    assert np.array_equal(rest[:rows], frame[:rows])


def test_a_missing_end_and_what_follows_it_do_not_matter() -> None:
    frame = pattern((12, 10), 12)
    coded = encode(LOSSLESS, frame, 12)
    for variant in (coded[:-2], coded + b"\0", coded + b"\xff\xd8 more"):
        assert np.array_equal(decode(LOSSLESS, variant, frame, 12), frame)


def test_narrow_samples_in_wide_cells() -> None:
    frame = pattern((11, 13), 8)
    out = np.full(frame.shape, 0xABCD, np.uint16)
    said = decode_into(LOSSLESS, encode(LOSSLESS, frame, 8), out, 8)
    assert np.array_equal(out, frame)
    assert (said.precision, said.is_signed, said.is_rgb) == (8, False, False)


def test_a_point_transform_of_all_bits_is_refused() -> None:
    with pytest.raises(NativeError, match="point transform 8"):
        encode(LOSSLESS, pattern((4, 4), 8), 8, point_transform=8)


def test_the_fibonacci_frequencies_have_no_code_above_16_bits(tmp_path: Path) -> None:
    # Weights that make the deepest tree there is for 17 categories.
    weights = [1, 1]
    while len(weights) < 16:
        weights.append(weights[-1] + weights[-2])
    steps = np.concatenate(
        [np.full(weight, (1 << category) >> 1) for category, weight in enumerate(weights[::-1])]
    )
    signs = np.where(np.arange(steps.size) % 2 == 0, 1, -1)
    values = (np.cumsum(steps * signs) & 0xFFFF).astype(np.uint16)
    frame = values[: values.size // 50 * 50].reshape(-1, 50)
    coded = encode(LOSSLESS, frame, 16)
    assert np.array_equal(decode(LOSSLESS, coded, frame, 16), frame)
    assert np.array_equal(by_dcmdjpeg(tmp_path, LOSSLESS, coded, frame, 16), frame)
