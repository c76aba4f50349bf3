"""Images that lie, given to the encoder: an error or a file, soon, and no crash."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable
from typing import Any, Final

import pytest

from dcmtk_native import (
    CodecError,
    Err,
    InternalError,
    OperationTimeoutError,
    OptionsError,
    Window,
    dcmcjpeg,
)
from support.hostile_files import SANITIZED
from support.images import fragments_of, grey, jpeg_file, palette, rgb
from support.samples import Element, Fragments, dicom_file

MAX_SECONDS: Final = 20.0 if SANITIZED else 3.0
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.70"

WAYS: Final[list[dict[str, Any]]] = [
    {},
    {"process": "lossless", "selection_value": 5},
    {"pseudo_lossless": True},
    {"quality": 50},
    {"process": "progressive", "color_space": "monochrome"},
    {"process": "extended", "rescale": "map", "accept_palettes": True, "accept_acr_nema": True},
    {"process": "baseline", "window": Window.histogram(10)},
    {"process": "baseline", "window": Window.index(1)},
    {"process": "baseline", "window": Window.lut(1)},
    {"process": "baseline", "window": Window.min_max_n()},
    {"process": "baseline", "window": Window.roi(1, 1, 3, 3)},
    {"process": "spectral", "smoothing": 100, "sampling": "411", "color_conversion_mode": "guess"},
    {"process": "baseline", "color_conversion_mode": "always", "workaround_incomplete": True},
]


def survives(content: bytes, way: dict[str, Any]) -> bool:
    """Whether there is a file; an error must be one that tells."""
    begin = time.monotonic()
    result = dcmcjpeg(content, None, timeout_ms=int(MAX_SECONDS * 500), **way)
    assert time.monotonic() - begin < MAX_SECONDS
    if isinstance(result, Err):
        assert not isinstance(result.error, (InternalError, OptionsError)), result.error.message
        assert not isinstance(result.error, OperationTimeoutError)
        return False
    return True


def compressed(stream: bytes, *changes: Element, syntax: str = JPEG_BASELINE) -> bytes:
    elements = grey((0x7FE00010, "OB", Fragments([b"", stream])), *changes, bits=8, allocated=8)
    return dicom_file(elements, transfer_syntax=syntax)


def stream_of(process: str) -> bytes:
    return fragments_of(jpeg_file(grey(bits=8, allocated=8), process=process))[1]


def with_size(stream: bytes, rows: int, columns: int) -> bytes:
    at = min(at for at in (stream.find(bytes([0xFF, one])) for one in (0xC0, 0xC3)) if at > 0)
    return stream[: at + 5] + struct.pack(">HH", rows, columns) + stream[at + 9 :]


STREAMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "TEM markers without end": lambda _: b"\xff\xd8" + b"\xff\x01" * 4000,
    "nothing": lambda _: b"",
    "one byte": lambda _: b"\xff\x00",
    "no SOI": lambda stream: stream[2:],
    "SOI alone": lambda _: b"\xff\xd8",
    "fill bytes": lambda _: b"\xff\xd8" + b"\xff" * 1000,
    "a segment of no length": lambda _: b"\xff\xd8\xff\xdb\x00\x00" + bytes(200),
    "a segment beyond the end": lambda _: b"\xff\xd8\xff\xdb\xff\xff" + bytes(200),
    "more rows than claimed": lambda stream: with_size(stream, 65500, 16),
    "more columns than claimed": lambda stream: with_size(stream, 16, 65500),
    "no rows": lambda stream: with_size(stream, 0, 16),
    "cut in the header": lambda stream: stream[:20],
    "cut in the scan": lambda stream: stream[: len(stream) - len(stream) // 4],
    "two images": lambda stream: stream + stream,
    "another SOI inside": lambda stream: stream[:2] + b"\xff\xd8" + stream[2:],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize(
    ("process", "syntax"), [("baseline", JPEG_BASELINE), ("lossless-sv1", JPEG_LOSSLESS)]
)
def test_a_hostile_stream_is_survived(name: str, process: str, syntax: str) -> None:
    stream = STREAMS[name](stream_of(process))
    stream += b"\0" * (len(stream) % 2)
    is_harmless = survives(compressed(stream, syntax=syntax), {})
    assert not is_harmless or name in {"two images", "another SOI inside"}


def test_more_frames_than_fragments_are_survived() -> None:
    survives(compressed(stream_of("baseline"), (0x00280008, "IS", "2147483647")), {})


TABLE: Final = struct.pack("<256H", *range(256))
LIES: Final[dict[str, list[Element]]] = {
    "a palette that is too short": [
        *((0x00281101 + number, "US", [65535, 0, 16]) for number in range(3)),
        *((0x00281201 + number, "OW", b"\1\0") for number in range(3)),
    ],
    "a palette without an end": [(0x00281101, "US", [0, 65535, 16])],
    "a palette of no bits": [(0x00281101, "US", [256, 0, 0])],
    "a palette of many bits": [(0x00281101, "US", [256, 0, 65535])],
    "a VOI LUT that is too short": [
        (0x00283010, "SQ", [[(0x00283002, "US", [65535, 0, 16]), (0x00283006, "US", [1])]])
    ],
    "a VOI LUT of no bits": [
        (0x00283010, "SQ", [[(0x00283002, "US", [256, 0, 0]), (0x00283006, "OW", TABLE)]])
    ],
    "a modality LUT that is too short": [
        (0x00283000, "SQ", [[(0x00283002, "US", [0, 32768, 16]), (0x00283006, "US", [1])]])
    ],
    "a presentation LUT that is too short": [
        (0x20500010, "SQ", [[(0x00283002, "US", [0, 0, 16]), (0x00283006, "US", [1])]])
    ],
    "a slope of no number": [(0x00281053, "DS", "nan"), (0x00281052, "DS", "0")],
    "an endless slope": [(0x00281053, "DS", "1e308"), (0x00281052, "DS", "1e308")],
    "a slope of zero": [(0x00281053, "DS", "0"), (0x00281052, "DS", "0")],
    "a window of no width": [(0x00281050, "DS", "1\\2"), (0x00281051, "DS", "0\\-5")],
    "an endless window": [(0x00281050, "DS", "1e308"), (0x00281051, "DS", "1e308")],
    "a ratio of zero": [(0x00280034, "IS", "0\\0")],
    "an overlay of the largest size": [
        (0x60000010, "US", [65535]),
        (0x60000011, "US", [65535]),
        (0x60000015, "IS", "2147483647"),
        (0x60000050, "SS", [-32768, 32767]),
        (0x60000100, "US", [65535]),
        (0x60000102, "US", [65535]),
        (0x60003000, "OW", b"\1\2"),
    ],
    "a high bit below the bits stored": [(0x00280102, "US", [0])],
    "more samples than the colors have": [(0x00280002, "US", [4])],
    "colors that are grey": [(0x00280004, "CS", "RGB")],
    "a plane that is none": [(0x00280006, "US", [65535])],
}


@pytest.mark.parametrize("name", LIES)
@pytest.mark.parametrize("image", [grey(), palette(), rgb()], ids=["grey", "palette", "RGB"])
def test_a_hostile_image_is_survived(name: str, image: list[Element]) -> None:
    merged = {tag: (tag, vr, value) for tag, vr, value in (*image, *LIES[name])}
    content = dicom_file([merged[tag] for tag in sorted(merged)])
    for way in WAYS:
        survives(content, way)


NUMBERS: Final = (0, 1, 2, 3, 4, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 255, 256, 32768, 65535)
TEXTS: Final = ("", "0", "-1", "1", "2", "3", "4294967297", "2147483647", "1e30", "nan", "\\", "x")
TAGS: Final = (0x00280002, 0x00280006, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102)
COLORS: Final = (
    "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "HSV", "ARGB", "CMYK", "YBR_FULL",
    "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_RCT", "UNKNOWN",
)  # fmt: skip


def mutated(elements: list[Element], dice: random.Random) -> list[Element]:
    """The image with one to three of its claims changed, or gone."""
    merged = {tag: (tag, vr, value) for tag, vr, value in elements}
    for _ in range(dice.randint(1, 3)):
        match dice.randrange(7):
            case 0 | 1:
                tag = dice.choice([*TAGS, 0x00280103])
                merged[tag] = (tag, "US", [dice.choice(NUMBERS)])
            case 2:
                merged[0x00280004] = (0x00280004, "CS", dice.choice(COLORS))
            case 3:
                tag, vr = dice.choice([(0x00280008, "IS"), (0x00281052, "DS"), (0x00281053, "DS")])
                merged[tag] = (tag, vr, dice.choice(TEXTS))
            case 4:
                merged.pop(dice.choice([*TAGS, 0x00280004, 0x7FE00010]), None)
            case 5:
                count = dice.randrange(0, 1200, 2)
                vr = dice.choice(["OB", "OW"])
                merged[0x7FE00010] = (0x7FE00010, vr, dice.randbytes(count))
            case _:
                lies = dice.choice(list(LIES.values()))
                merged |= {tag: (tag, vr, value) for tag, vr, value in lies}
    return [merged[tag] for tag in sorted(merged)]


@pytest.mark.parametrize("seed", range(8))
def test_images_with_changed_claims_are_survived(seed: int) -> None:
    dice = random.Random(seed)
    images = [
        grey(),
        grey(bits=8, allocated=8, frames=3),
        palette(),
        rgb(),
        rgb(planar=1, frames=2),
    ]
    done = sum(
        survives(dicom_file(mutated(dice.choice(images), dice)), dice.choice(WAYS))
        for _ in range(60)
    )
    assert done, "some are images nevertheless"


@pytest.mark.parametrize("process", ["baseline", "progressive", "extended", "lossless-sv1"])
def test_changed_streams_are_survived(process: str) -> None:
    dice = random.Random(process)
    content = jpeg_file(rgb() if process == "baseline" else grey(bits=8), process=process)
    start = content.rindex(b"\xff\xd8")
    for _ in range(60):
        changed = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(start, len(content) - 8)] = dice.randrange(256)
        survives(bytes(changed), dice.choice(WAYS))


def test_a_refusal_says_what_is_wrong() -> None:
    result = dcmcjpeg(compressed(b"\xff\xd8" + b"\xff\x01" * 100), None)
    assert isinstance(result, Err)
    assert isinstance(result.error, CodecError)
    assert "JPEG stream: marker FF01" in result.error.message
