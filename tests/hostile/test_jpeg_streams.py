"""Hostile JPEG streams: an error or a frame, in little time, and no byte beside the frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from dcmtk_native._core.runtime import NativeError
from support.hostile_files import SANITIZED
from support.jpeg_frames import (
    BASELINE,
    EXTENDED,
    LOSSLESS,
    PROGRESSIVE,
    Frame,
    LosslessWriter,
    decode_into,
    encode,
    pattern,
    segment,
    segments,
)

MAX_SECONDS = 20.0 if SANITIZED else 2.0
GUARD = 4096
FRAME_HEADERS = (0xC0, 0xC1, 0xC2, 0xC3)
DHT, SOS, DQT, DRI = 0xC4, 0xDA, 0xDB, 0xDD


@dataclass(frozen=True, slots=True)
class Sample:
    """An honest stream, and the frame that is in it."""

    uid: str
    coded: bytes
    frame: Frame
    bits: int


def _samples() -> dict[str, Sample]:
    made = {}
    for name, uid, shape, bits, options in (
        ("baseline", BASELINE, (24, 19), 8, {}),
        ("baseline-420", BASELINE, (37, 40, 3), 8, {"is_rgb": True, "subsampling": "420"}),
        ("progressive", PROGRESSIVE, (37, 40, 3), 8, {"is_rgb": True}),
        ("12-bits", EXTENDED, (24, 19), 12, {}),
        ("12-bits-colour", EXTENDED, (24, 19, 3), 12, {"is_rgb": True}),
        ("12-bits-progressive", PROGRESSIVE, (24, 19), 12, {}),
        ("lossless", LOSSLESS, (24, 19), 16, {"predictor": 6}),
        ("lossless-colour", LOSSLESS, (14, 19, 3), 8, {"predictor": 4}),
    ):
        frame = pattern(shape, bits)
        made[name] = Sample(uid, encode(uid, frame, bits, **options), frame, bits)
    frame = pattern((14, 9, 3), 16)
    writer = LosslessWriter(predictor=7, restart_rows=3, separate_scans=True)
    made["lossless-restarts"] = Sample(LOSSLESS, writer.write(frame), frame, 16)
    return made


SAMPLES = _samples()


def attempt(sample: Sample, coded: bytes, **options: bool) -> NativeError | Frame:
    """The outcome of decoding a stream in the place of a sample's."""
    memory = np.full(sample.frame.nbytes + 2 * GUARD, 0x5A, np.uint8)
    out = memory[GUARD:-GUARD].view(sample.frame.dtype).reshape(sample.frame.shape)
    begin = time.perf_counter()
    outcome: NativeError | Frame = out
    try:
        decode_into(sample.uid, coded, out, sample.bits, **options)
    except NativeError as error:
        outcome = error
    assert time.perf_counter() - begin < MAX_SECONDS
    if isinstance(outcome, NativeError):
        assert outcome.args[0] in ("codec", "limit"), outcome
    assert (memory[:GUARD] == 0x5A).all()
    assert (memory[-GUARD:] == 0x5A).all()
    return outcome


def refusal(sample: Sample, coded: bytes) -> str:
    """The words of the error that a stream must give."""
    outcome = attempt(sample, coded)
    assert isinstance(outcome, NativeError)
    return str(outcome.args[1])


def place(coded: bytes, *codes: int) -> tuple[int, int]:
    """Begin and end of the first segment with one of these codes."""
    return next((begin, end) for code, begin, end in segments(coded) if code in codes)


def frame_header(coded: bytes) -> int:
    """Where the frame header begins."""
    return place(coded, *FRAME_HEADERS)[0]


def with_bytes(coded: bytes, position: int, content: bytes) -> bytes:
    """The stream with other bytes in one place."""
    return coded[:position] + content + coded[position + len(content) :]


def inserted(coded: bytes, position: int, content: bytes) -> bytes:
    """The stream with more bytes in one place."""
    return coded[:position] + content + coded[position:]


def without(coded: bytes, *codes: int) -> bytes:
    """The stream without its segments of these codes."""
    for code, begin, end in reversed(list(segments(coded))):
        if code in codes:
            coded = coded[:begin] + coded[end:]
    return coded


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_honest(name: str) -> None:
    assert isinstance(attempt(SAMPLES[name], SAMPLES[name].coded), np.ndarray)


def _sof(offset: int, content: bytes) -> Callable[[bytes], bytes]:
    return lambda coded: with_bytes(coded, frame_header(coded) + offset, content)


def _sos(offset: int, content: bytes) -> Callable[[bytes], bytes]:
    return lambda coded: with_bytes(coded, place(coded, SOS)[0] + offset, content)


EVERY_SAMPLE_REFUSES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda coded: b"", "SOI"),
    "one byte": (lambda coded: b"\xff", "SOI"),
    "no SOI": (lambda coded: coded[2:], "SOI"),
    "SOI alone": (lambda coded: coded[:2] + bytes(2), "before its first scan"),
    "a TEM marker": (lambda coded: inserted(coded, 2, b"\xff\x01" * 9), "marker FF01"),
    "a second SOI": (lambda coded: inserted(coded, 2, b"\xff\xd8"), "marker FFD8"),
    "a JPEG-LS frame header": (lambda coded: inserted(coded, 2, b"\xff\xf7\0\2"), "marker FFF7"),
    "EOI before the frame": (
        lambda coded: inserted(coded, 2, b"\xff\xd9"),
        "before its first scan",
    ),
    "a segment of no length": (lambda coded: inserted(coded, 2, b"\xff\xe1\0\0"), "0 bytes"),
    "a segment of length one": (lambda coded: inserted(coded, 2, b"\xff\xe1\0\1"), "1 bytes"),
    "a segment beyond the end": (lambda coded: inserted(coded, 2, b"\xff\xe1\xff\xff"), "65535"),
    "two frame headers": (
        lambda coded: inserted(
            coded, frame_header(coded), coded[slice(*place(coded, *FRAME_HEADERS))]
        ),
        "two frame headers",
    ),
    "arithmetic coding": (_sof(1, b"\xc9"), "arithmetic"),
    "lossless arithmetic coding": (_sof(1, b"\xcb"), "arithmetic"),
    "hierarchical coding": (_sof(1, b"\xc5"), "hierarchical"),
    "hierarchical arithmetic coding": (_sof(1, b"\xcd"), "arithmetic"),
    "precision 0": (_sof(4, b"\0"), "0 bits"),
    "precision 17": (_sof(4, b"\x11"), "17 bits"),
    "rows 0": (_sof(5, b"\0\0"), "DNL"),
    "rows that lie": (_sof(5, b"\xff\xdc"), "the data set claims"),
    "columns 0": (_sof(7, b"\0\0"), "no columns"),
    "columns that lie": (_sof(7, b"\xff\xff"), "the data set claims"),
    "no components": (_sof(9, b"\0"), "0 components"),
    "255 components": (_sof(9, b"\xff"), "255 components"),
    "sampling factor 0": (_sof(11, b"\x01"), "sampling factors 0x1"),
    "sampling factor 5": (_sof(11, b"\x15"), "sampling factors 1x5"),
    "a scan of no components": (_sos(4, b"\0"), "0 components"),
    "a scan of five components": (_sos(4, b"\5"), "5 components"),
    "a scan of an unknown component": (_sos(5, b"\x99"), "component 153"),
    "a scan header cut off": (_sos(2, b"\0\3"), "wrong length"),
    "no frame header": (
        lambda coded: without(coded, *FRAME_HEADERS),
        "before the frame header",
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("case", EVERY_SAMPLE_REFUSES)
def test_markers_that_lie_are_refused_in_words(case: str, name: str) -> None:
    change, words = EVERY_SAMPLE_REFUSES[case]
    assert words in refusal(SAMPLES[name], change(SAMPLES[name].coded))


EVERY_SAMPLE_FAILS: dict[str, Callable[[bytes], bytes]] = {
    "a Huffman table with too many codes": lambda coded: inserted(
        coded, place(coded, SOS)[0], segment(DHT, bytes([0, 3, *[0] * 15, 0, 1, 2]))
    ),
    "a Huffman table without symbols": lambda coded: inserted(
        coded, place(coded, SOS)[0], segment(DHT, bytes([0, *[255] * 16]))
    ),
    "a Huffman table that is cut off": lambda coded: inserted(
        coded, place(coded, SOS)[0], segment(DHT, b"\0\0")
    ),
    "a Huffman table number 15": lambda coded: inserted(
        coded, place(coded, SOS)[0], segment(DHT, bytes([15, 1, *[0] * 15, 0]))
    ),
    "no data": lambda coded: coded[: place(coded, SOS)[1]],
    "EOI in the place of data": lambda coded: coded[: place(coded, SOS)[1]] + b"\xff\xd9",
    "fill bytes in the place of data": lambda coded: (
        coded[: place(coded, SOS)[1]] + b"\xff" * 10**6
    ),
    "restart markers in the place of data": lambda coded: (
        coded[: place(coded, SOS)[1]] + b"\xff\xd0\xff\xd3" * 10**5
    ),
    "a restart interval that nobody keeps": lambda coded: inserted(
        coded, place(coded, SOS)[0], segment(DRI, b"\0\1")
    ),
    "a restart interval of the wrong length": lambda coded: inserted(
        coded, place(coded, SOS)[0], segment(DRI, b"\0\1\0")
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("case", EVERY_SAMPLE_FAILS)
def test_streams_without_their_data_are_refused(case: str, name: str) -> None:
    assert refusal(SAMPLES[name], EVERY_SAMPLE_FAILS[case](SAMPLES[name].coded))


@pytest.mark.parametrize("name", [name for name in SAMPLES if "baseline" not in name])
def test_codes_that_no_table_has_are_refused(name: str) -> None:
    # Of baseline streams libjpeg-turbo takes them for zeros, and has tables for those without.
    coded = SAMPLES[name].coded
    assert refusal(SAMPLES[name], without(coded, DHT))
    assert refusal(SAMPLES[name], coded[: place(coded, SOS)[1]] + b"\xff\0" * 5000)


@pytest.mark.parametrize("name", ["baseline", "baseline-420"])
def test_codes_that_no_table_has_are_survived(name: str) -> None:
    coded = SAMPLES[name].coded
    attempt(SAMPLES[name], without(coded, DHT))
    attempt(SAMPLES[name], coded[: place(coded, SOS)[1]] + b"\xff\0" * 5000)


@pytest.mark.parametrize("name", [name for name in SAMPLES if "lossless" not in name])
def test_a_missing_quantisation_table_is_refused(name: str) -> None:
    assert refusal(SAMPLES[name], without(SAMPLES[name].coded, DQT))


@pytest.mark.parametrize("predictor", [0, 8, 255])
def test_a_predictor_that_does_not_exist_is_refused(predictor: int) -> None:
    sample = SAMPLES["lossless"]
    coded = with_bytes(sample.coded, place(sample.coded, SOS)[0] + 7, bytes([predictor]))
    assert f"predictor {predictor}" in refusal(sample, coded)


def test_a_point_transform_of_all_bits_is_refused() -> None:
    sample = SAMPLES["lossless-colour"]
    coded = with_bytes(sample.coded, place(sample.coded, SOS)[1] - 1, b"\x0f")
    assert "point transform 15" in refusal(sample, coded)


def test_subsampled_lossless_components_are_refused() -> None:
    sample = SAMPLES["lossless-colour"]
    coded = with_bytes(sample.coded, frame_header(sample.coded) + 11, b"\x22")
    assert "subsampled" in refusal(sample, coded)


def test_a_restart_interval_within_a_row_is_refused() -> None:
    sample = SAMPLES["lossless"]
    coded = inserted(sample.coded, place(sample.coded, SOS)[0], segment(DRI, b"\0\5"))
    assert "restart interval of 5" in refusal(sample, coded)


def test_restart_markers_out_of_order_are_refused() -> None:
    sample = SAMPLES["lossless-restarts"]
    assert b"\xff\xd1" in sample.coded
    assert "restart marker 1" in refusal(sample, sample.coded.replace(b"\xff\xd1", b"\xff\xd5"))


def test_differences_of_16_bits_wrap() -> None:
    sample = SAMPLES["lossless"]
    table = segment(DHT, bytes([0, 1, *[0] * 15, 16]))
    header = without(sample.coded[: place(sample.coded, SOS)[1]], DHT)
    coded = inserted(header, header.rindex(b"\xff\xda"), table) + bytes(1000)
    assert isinstance(attempt(sample, coded), np.ndarray)


def test_a_difference_of_17_bits_is_refused() -> None:
    sample = SAMPLES["lossless"]
    header = without(sample.coded[: place(sample.coded, SOS)[1]], DHT)
    table = segment(DHT, bytes([0, 1, *[0] * 15, 17]))
    coded = inserted(header, header.rindex(b"\xff\xda"), table) + bytes(1000)
    assert "code" in refusal(sample, coded)


@pytest.mark.parametrize("name", ["progressive", "12-bits-progressive"])
def test_scans_without_end_are_refused(name: str) -> None:
    sample = SAMPLES[name]
    end = place(sample.coded, SOS)[1]
    header = segment(SOS, sample.coded[place(sample.coded, SOS)[0] + 4 : end])
    outcome = attempt(sample, sample.coded[:end] + header * 20_000 + b"\xff\xd9")
    assert isinstance(outcome, NativeError)
    assert outcome.args[0] == "limit"


def test_scans_of_single_components_without_end_are_refused() -> None:
    sample = SAMPLES["baseline-420"]
    begin, end = place(sample.coded, SOS)
    scans = [segment(SOS, bytes([1, 1 + i % 3, 0, 0, 63, 0])) for i in range(20_000)]
    outcome = attempt(sample, sample.coded[:begin] + b"".join(scans) + sample.coded[end:])
    assert isinstance(outcome, NativeError)
    assert outcome.args[0] == "limit"


def test_a_frame_of_the_largest_size_takes_no_memory_before_its_data() -> None:
    # The data set agrees with the stream, which holds nothing for its million of rows of blocks.
    sample = SAMPLES["progressive"]
    begin = frame_header(sample.coded)
    frame = np.zeros((8000, 2000, 3), np.uint8)
    size = frame.shape[0].to_bytes(2, "big") + frame.shape[1].to_bytes(2, "big")
    large = Sample(sample.uid, with_bytes(sample.coded, begin + 5, size), frame, 8)
    assert isinstance(attempt(large, large.coded), NativeError)


@pytest.mark.parametrize("options", [{}, {"workaround_incomplete": True}])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_truncation_is_an_error_or_a_frame(name: str, options: dict[str, bool]) -> None:
    sample = SAMPLES[name]
    step = 7 if SANITIZED else 1
    failures = 0
    for size in range(0, len(sample.coded), step):
        outcome = attempt(sample, sample.coded[:size], **options)
        failures += isinstance(outcome, NativeError)
    assert failures
    if not options:
        assert isinstance(attempt(sample, sample.coded[: len(sample.coded) // 2]), NativeError)


def mutations(coded: bytes, seed: int, count: int) -> Iterator[bytes]:
    """The stream with some bytes changed, taken out, doubled or moved."""
    random = np.random.default_rng(seed)
    header = place(coded, SOS)[1]
    for _ in range(count):
        changed = bytearray(coded)
        for _ in range(int(random.integers(1, 5))):
            # Half of them hit the headers, which are the smaller part.
            end = header if random.integers(2) else len(changed)
            at = int(random.integers(2, max(3, min(end, len(changed)))))
            size = int(random.integers(1, 9))
            match int(random.integers(5)):
                case 0:
                    changed[at : at + 1] = bytes([int(random.integers(256))])
                case 1:
                    changed[at : at + 1] = random.choice([b"\xff", b"\0", b"\xff\xd0", b"\xff\xda"])
                case 2:
                    del changed[at : at + size]
                case 3:
                    changed[at:at] = changed[at : at + size]
                case _:
                    other = int(random.integers(2, len(changed)))
                    changed[at : at + size] = changed[other : other + size]
        yield bytes(changed)


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_streams_are_an_error_or_a_frame(name: str) -> None:
    sample = SAMPLES[name]
    options = [
        {},
        {"workaround_incomplete": True, "ybr_to_rgb": True},
        {"workaround_predictor6": True, "workaround_cornell": True},
    ]
    outcomes = [
        isinstance(attempt(sample, coded, **options[i % 3]), NativeError)
        for i, coded in enumerate(mutations(sample.coded, 20_24, 40 if SANITIZED else 300))
    ]
    assert any(outcomes)
