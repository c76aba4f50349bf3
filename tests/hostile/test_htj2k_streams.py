"""HTJ2K streams that lie: each gives a frame or a codec error, soon, by OpenJPH and by OpenJPEG."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest

from support import codestreams, frames
from support.codestreams import segment, tile_part, with_siz

HTJ2K = "1.2.840.10008.1.2.4.201"
RPCL = "1.2.840.10008.1.2.4.202"
LOSSY = "1.2.840.10008.1.2.4.203"
BY_OPENJPEG = "1.2.840.10008.1.2.4.90"
PIXELS = frames.image(80, 100, dtype="u2", bits=12, noise=0.1)
STREAM = frames.encode(HTJ2K, PIXELS, bits_stored=12)
HEADER, (DATA,) = codestreams.taken_apart(STREAM)
COD = HEADER.index(b"\xff\x52")
QCD = HEADER.index(b"\xff\x5c")
CAP = HEADER.index(b"\xff\x50")
END = b"\xff\xd9"


def _changed(at: int, value: bytes) -> bytes:
    return HEADER[:at] + value + HEADER[at + len(value) :] + tile_part(DATA) + END


def _data(data: bytes) -> bytes:
    return HEADER + tile_part(data) + END


def _with(content: bytes) -> bytes:
    return HEADER + content + tile_part(DATA) + END


MIDDLE = len(DATA) // 2

HOSTILE = {
    "a tile of 2^32 - 1 rows": with_siz(STREAM, YTsiz=0xFFFFFFFF),
    "a tile of 2^32 - 1 rows and columns": with_siz(STREAM, XTsiz=0xFFFFFFFF, YTsiz=0xFFFFFFFF),
    "tile index of the number of tiles": HEADER + tile_part(DATA, 1) + END,
    "quantization of 21845 decompositions": HEADER[:QCD]
    + segment(0xFF5C, b"\x20" + b"\x70" * 65530)
    + tile_part(DATA)
    + END,
    "quantization of fewer decompositions": HEADER[:QCD]
    + segment(0xFF5C, b"\x20" + b"\x70" * 4)
    + HEADER[QCD + 2 + int.from_bytes(HEADER[QCD + 2 : QCD + 4]) :]
    + tile_part(DATA)
    + END,
    "derived quantization": _changed(QCD + 4, b"\x21"),
    "no guard bits, no exponents": _changed(QCD + 4, b"\x00" * 17),
    "most guard bits and exponents": _changed(QCD + 4, b"\xe0" + b"\xf8" * 16),
    "34 decompositions": _changed(COD + 9, b"\x22"),
    "decompositions without quantization": _changed(COD + 9, b"\x06"),
    "fewer decompositions than quantized": _changed(COD + 9, b"\x01"),
    "blocks of 1024 x 4": _changed(COD + 10, b"\x08\x00"),
    "blocks of 4 x 4": _changed(COD + 10, b"\x00\x00"),
    "blocks of 2^20": _changed(COD + 10, b"\x08\x08"),
    "blocks of JPEG 2000": _changed(COD + 12, b"\x00"),
    "every mode of blocks": _changed(COD + 12, b"\x7f"),
    "mode of HTJ2K and JPEG 2000 mixed": _changed(COD + 12, b"\xc0"),
    "irreversible with reversible steps": _changed(COD + 13, b"\x00"),
    "transform of one component": _changed(COD + 8, b"\x01"),
    "many layers": _changed(COD + 6, b"\xff\xff"),
    "two layers": _changed(COD + 6, b"\x00\x02"),
    "SOP and EPH promised": _changed(COD + 4, b"\x06"),
    "precincts promised": _changed(COD + 4, b"\x01"),
    "another order": _changed(COD + 5, b"\x03"),
    "unknown order": _changed(COD + 5, b"\x09"),
    "capabilities of all kinds": _changed(CAP + 4, b"\xff\xff\xff\xff"),
    "capabilities of none": _changed(CAP + 4, b"\0\0\0\0"),
    "not HTJ2K by its profile": with_siz(STREAM, Rsiz=0),
    "QCC of many components": _with(2000 * segment(0xFF5D, b"\0\x20" + b"\x70" * 16)),
    "COC": _with(segment(0xFF53, b"\0\0\5\4\4\x40\1")),
    "COC of JPEG 2000": _with(segment(0xFF53, b"\0\0\5\4\4\0\1")),
    "region of interest": _with(segment(0xFF5E, b"\0\0\7")),
    "a marker in a comment": _with(segment(0xFF64, b"\0\1\xff\x52\xff\x5c\xff\x90\xff\x93")),
    "all zeros": _data(b"\0" * 4000),
    "all ones": _data(b"\xff" * 4000),
    "ones with stuffing": _data(b"\xff\x7f" * 2000),
    "ones with a marker": _data(b"\xff\x8f" * 2000),
    "counting": _data(bytes(range(255)) * 16),
    "empty": _data(b""),
    "one byte": _data(b"\x80"),
    "a marker in a block": _data(DATA[:MIDDLE] + b"\xff\xff" + DATA[MIDDLE + 2 :]),
    "a marker at the end": _data(DATA[:-1] + b"\xff"),
    "zeros in the middle": _data(DATA[:MIDDLE] + b"\0" * 200 + DATA[MIDDLE + 200 :]),
    "a hole": _data(DATA[:MIDDLE] + DATA[MIDDLE + 100 :]),
    "lengths of 2^18": _data(b"\xe0" + b"\xff\x7f" * 4 + DATA),
    "31 bits": with_siz(STREAM, Ssiz=30),
    "signed": with_siz(STREAM, Ssiz=0x8B),
    "1 bit": with_siz(STREAM, Ssiz=0),
    "tile-parts of nothing": HEADER
    + b"".join(tile_part(b"", index=index, count=0) for index in range(200))
    + tile_part(DATA, index=200, count=0)
    + END,
    "a tile-part cut in a block": HEADER
    + tile_part(DATA[:MIDDLE], count=2)
    + tile_part(DATA[MIDDLE:], index=1, count=2)
    + END,
}


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("uid", [HTJ2K, BY_OPENJPEG])
@pytest.mark.parametrize("stream", HOSTILE.values(), ids=HOSTILE.keys())
def test_named_lies_are_survived(stream: bytes, uid: str, lenient: bool) -> None:
    begin = monotonic()
    frames.outcome(lambda: frames.decode(uid, stream, like=PIXELS, workaround_incomplete=lenient))
    assert monotonic() - begin < 2


@pytest.mark.parametrize("lenient", [False, True])
def test_a_stream_may_end_anywhere(lenient: bool) -> None:
    for end in range(0, len(STREAM) - 2, 23):
        result = frames.outcome(
            lambda end=end: frames.decode(
                HTJ2K, STREAM[:end], like=PIXELS, workaround_incomplete=lenient
            )
        )
        assert lenient or isinstance(result, str)


_COLOUR = frames.image(70, 90, samples=3, noise=0.1)


@pytest.mark.parametrize(
    ("pixels", "stream"),
    [
        (PIXELS, STREAM),
        (PIXELS, frames.encode(RPCL, PIXELS, bits_stored=12)),
        (_COLOUR, frames.encode(HTJ2K, _COLOUR, is_rgb=True)),
        (_COLOUR, frames.encode(LOSSY, _COLOUR, is_rgb=True, psnr=35.0)),
    ],
    ids=["12", "rpcl", "rgb", "lossy"],
)
@pytest.mark.parametrize("uid", [HTJ2K, BY_OPENJPEG])
def test_mutations_give_a_frame_or_an_error(pixels: Any, stream: bytes, uid: str) -> None:
    for lenient in (False, True):
        for damaged in frames.mutations(stream, 60, seed=11):
            begin = monotonic()
            frames.outcome(
                lambda damaged=damaged, lenient=lenient: frames.decode(
                    uid, damaged, like=pixels, workaround_incomplete=lenient
                )
            )
            assert monotonic() - begin < 2
