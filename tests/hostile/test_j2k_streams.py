"""JPEG 2000 streams that lie: each gives a frame or a codec error, soon, and in little memory."""

from __future__ import annotations

from time import monotonic
from typing import Any

import numpy as np
import pytest

from support import codestreams, frames
from support.codestreams import segment, tile_part, with_siz

J2K = "1.2.840.10008.1.2.4.90"
PIXELS = frames.image(48, 80, dtype="u2", bits=12)
STREAM = frames.encode(J2K, PIXELS, bits_stored=12)
HEADER, (DATA,) = codestreams.taken_apart(STREAM)
SIZ_END = 2 + 2 + 41
SIZ, REST = HEADER[:SIZ_END], HEADER[SIZ_END:]
COLOUR = frames.image(48, 80, samples=3)
COLOUR_STREAM = frames.encode(J2K, COLOUR, is_rgb=True)
END = b"\xff\xd9"


def _cod(
    *,
    style: int = 0,
    progression: int = 0,
    layers: int = 1,
    transform: int = 0,
    levels: int = 5,
    width: int = 4,
    height: int = 4,
    mode: int = 0,
    wavelet: int = 1,
    precincts: bytes = b"",
) -> bytes:
    content = bytes((style, progression)) + layers.to_bytes(2) + bytes((transform, levels))
    return segment(0xFF52, content + bytes((width, height, mode, wavelet)) + precincts)


def _qcd(levels: int) -> bytes:
    return segment(0xFF5C, b"\x40" + b"\x70" * (3 * levels + 1))


def _coded(cod: bytes, levels: int = 5, data: bytes = DATA) -> bytes:
    return SIZ + cod + _qcd(levels) + tile_part(data) + END


def _box(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    return (8 + len(content) if length is None else length).to_bytes(4) + kind + content


SIGNATURE = _box(b"jP  ", b"\r\n\x87\n")

REFUSED = {
    "nothing": b"",
    "one byte": b"\xff",
    "SOC alone": b"\xff\x4f",
    "SIZ cut off": STREAM[:30],
    "SIZ without components": with_siz(STREAM, Csiz=0),
    "16384 components": with_siz(STREAM, Csiz=16384),
    "no columns": with_siz(STREAM, Xsiz=0),
    "2^31 columns": with_siz(STREAM, Xsiz=1 << 31),
    "2^32-1 columns and rows": with_siz(STREAM, Xsiz=0xFFFFFFFF, Ysiz=0xFFFFFFFF),
    "2^31 columns less 2^31": with_siz(STREAM, Xsiz=(1 << 31) + 80, XOsiz=1 << 31),
    "offset behind the image": with_siz(STREAM, XOsiz=81),
    "tiles of no size": with_siz(STREAM, XTsiz=0),
    "tiles of one pixel": with_siz(STREAM, XTsiz=1, YTsiz=1),
    "tile offset behind the image": with_siz(STREAM, XTOsiz=1),
    "no tile at the image": with_siz(STREAM, XOsiz=100, Xsiz=180, XTsiz=80),
    "39 bits": with_siz(STREAM, Ssiz=38),
    "128 bits": with_siz(STREAM, Ssiz=127),
    "subsampling by 0": with_siz(STREAM, XRsiz=0),
    "subsampling of rows by 0": with_siz(STREAM, YRsiz=0),
    "subsampling to nothing": with_siz(STREAM, XRsiz=255, XOsiz=1, Xsiz=81),
    "no COD": SIZ + _qcd(5) + tile_part(DATA) + END,
    "no QCD": SIZ + _cod() + tile_part(DATA) + END,
    "no tile-part": HEADER + END,
    "no SOD": HEADER + tile_part(DATA)[:12] + DATA + END,
    "33 decompositions": _coded(_cod(levels=33), 32),
    "255 decompositions": _coded(_cod(levels=255), 32),
    "code-blocks of 2^12 columns": _coded(_cod(width=10)),
    "code-blocks of 2^20 samples": _coded(_cod(width=8, height=8)),
    "code-blocks of 2^257 columns": _coded(_cod(width=255)),
    "wavelet of part 2": _coded(_cod(wavelet=2)),
    "unknown progression": _coded(_cod(progression=5)),
    "no layers": _coded(_cod(layers=0)),
    "65535 layers": _coded(_cod(layers=65535, style=1, precincts=b"\x00" + b"\x11" * 5)),
    "precincts of no size": _coded(_cod(style=1, precincts=b"\xff" + b"\x00" * 5)),
    "precincts missing": _coded(_cod(style=1)),
    "precincts behind 2^31": _coded(_cod(levels=32, progression=2), 32),
    "COD cut off": SIZ + segment(0xFF52, b"\0\0\0\1") + _qcd(5) + tile_part(DATA) + END,
    "quantization unknown": SIZ + _cod() + segment(0xFF5C, b"\x1f" * 17) + tile_part(DATA) + END,
    "quantization of 98 bands": SIZ
    + _cod()
    + segment(0xFF5C, b"\x40" * 99)
    + tile_part(DATA)
    + END,
    "quantization of none": SIZ + _cod() + segment(0xFF5C, b"\x40") + tile_part(DATA) + END,
    "COC of no component": HEADER + segment(0xFF53, b"\x07\0\5\4\4\0\1") + tile_part(DATA) + END,
    "COC of HTJ2K": HEADER + segment(0xFF53, b"\0\0\5\4\4\x40\1") + tile_part(DATA) + END,
    "region of interest by 255 bits": HEADER + segment(0xFF5E, b"\0\0\xff") + tile_part(DATA) + END,
    "packed headers": HEADER + segment(0xFF60, b"\0" + b"\xff" * 40) + tile_part(DATA) + END,
    "non-linear values of part 2": HEADER + segment(0xFF76, b"\0\0\x0b\1") + tile_part(DATA) + END,
    "segment of length 0": HEADER + b"\xff\x64\0\0" + tile_part(DATA) + END,
    "segment of length 1": HEADER + b"\xff\x64\0\1" + tile_part(DATA) + END,
    "segment past the end": HEADER + b"\xff\x64\xff\xff" + tile_part(DATA) + END,
    "no marker": HEADER + b"\0\0\0\2" + tile_part(DATA) + END,
    "tile out of range": HEADER + tile_part(DATA, 1) + END,
    "tile-part out of order": HEADER + tile_part(DATA, index=1, count=2) + END,
    "tile-part twice": HEADER + 2 * tile_part(DATA, count=2) + END,
    "tile-part of 13 bytes": HEADER + tile_part(DATA, claim=13) + END,
    "tile-part past the end": HEADER + tile_part(DATA, claim=len(DATA) + 1000) + END,
    "tile-part of 4 GiB": HEADER + tile_part(DATA, claim=0xFFFFFFFF) + END,
    "tile-parts promised": HEADER + tile_part(DATA, count=200) + END,
    "tile header past its tile-part": HEADER
    + tile_part(DATA, header=b"\xff\x64\x40\0" + b"a" * 40)
    + END,
    "coding of a tile with small blocks": HEADER
    + tile_part(DATA, header=_cod(levels=0, style=1, precincts=b"\x00", layers=60000))
    + END,
    "JP2 without codestream": SIGNATURE + _box(b"ftyp", b"jp2 "),
    "JP2 box of length 0": SIGNATURE + _box(b"ftyp", b"", 0) + STREAM,
    "JP2 box of length 1": SIGNATURE + _box(b"ftyp", b"\0" * 8, 1) + STREAM,
    "JP2 box of length 7": SIGNATURE + _box(b"ftyp", b"", 7) + STREAM,
    "JP2 box of 2^63": SIGNATURE + _box(b"ftyp", b"\x80" + b"\0" * 7, 1) + STREAM,
    "JP2 signature alone": SIGNATURE,
    "JP2 boxes without end": SIGNATURE + _box(b"free", b"") * 5000,
}


@pytest.mark.parametrize("stream", REFUSED.values(), ids=REFUSED.keys())
def test_named_lies_are_refused(stream: bytes) -> None:
    begin = monotonic()
    with frames.refused("JPEG 2000"):
        frames.decode(J2K, stream, like=PIXELS)
    assert monotonic() - begin < 2


SURVIVED = {
    "garbage for packets": HEADER + tile_part(bytes(range(256)) * 8) + END,
    "ones for packets": HEADER + tile_part(b"\xff\x7f" * 1000) + END,
    "no packets": HEADER + tile_part(b"") + END,
    "order of packets garbage": HEADER + segment(0xFF5F, b"\xff" * 21) + tile_part(DATA) + END,
    "order of packets empty": HEADER + segment(0xFF5F, b"") + tile_part(DATA) + END,
    "lengths of packets garbage": HEADER
    + tile_part(DATA, header=segment(0xFF58, b"\0" + b"\xff" * 99))
    + END,
    "packet headers garbage": HEADER
    + tile_part(DATA, header=segment(0xFF61, b"\0" + b"\xff\x7f" * 99))
    + END,
    "lengths of tile-parts garbage": HEADER
    + segment(0xFF55, b"\0\xff" * 20)
    + tile_part(DATA)
    + END,
    "region of interest": HEADER + segment(0xFF5E, b"\0\0\x1e") + tile_part(DATA) + END,
    "exponents of 31": SIZ
    + _cod()
    + segment(0xFF5C, b"\xe0" + b"\xf8" * 16)
    + tile_part(DATA)
    + END,
    "exponents of 0": SIZ + _cod() + segment(0xFF5C, b"\0" * 17) + tile_part(DATA) + END,
    "every mode of blocks": _coded(_cod(mode=0x3F)),
    "SOP and EPH promised": _coded(_cod(style=6)),
    "transform of one component": _coded(_cod(transform=1)),
    "transform of any kind": _coded(_cod(transform=0xFF)),
    "no decomposition": _coded(_cod(levels=0), 0),
    "32 decompositions": _coded(_cod(levels=32), 32),
    "code-blocks of 4 x 4": _coded(_cod(width=0, height=0)),
    "precincts of 2 x 2": _coded(_cod(style=1, precincts=b"\x11" * 6)),
    "31 bits in cells of 16": with_siz(STREAM, Ssiz=15),
    "signed": with_siz(STREAM, Ssiz=0x80 | 11),
    "profile of part 2": with_siz(STREAM, Rsiz=0x8000),
    "HTJ2K in SIZ alone": with_siz(STREAM, Rsiz=0x4000),
    "HTJ2K in COD alone": _coded(_cod(mode=0x40)),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("stream", SURVIVED.values(), ids=SURVIVED.keys())
def test_named_oddities_are_survived(stream: bytes, threads: int) -> None:
    begin = monotonic()
    frames.outcome(lambda: frames.decode(J2K, stream, like=PIXELS, threads=threads))
    assert monotonic() - begin < 2


@pytest.mark.parametrize("lenient", [False, True])
def test_a_stream_may_end_anywhere(lenient: bool) -> None:
    small = frames.image(16, 16, dtype="u2", bits=12)
    stream = frames.encode(J2K, small, bits_stored=12)
    for end in range(len(stream)):
        result = frames.outcome(
            lambda end=end: frames.decode(
                J2K, stream[:end], like=small, workaround_incomplete=lenient
            )
        )
        if end < len(stream) - 2 and not lenient:
            assert isinstance(result, str)


def test_a_stream_of_nothing_asks_for_no_memory() -> None:
    # 65535 x 65535 pixels in tiles of one are compared with the frame before all else.
    stream = with_siz(STREAM, Xsiz=65535, Ysiz=65535, XTsiz=1, YTsiz=1)
    with frames.refused("the data set claims"):
        frames.decode(J2K, stream, like=PIXELS)
    wide = np.empty((1024, 1024), np.uint8)
    header = with_siz(SIZ + _cod(style=1, levels=0, precincts=b"\x00"), Xsiz=1024, Ysiz=1024)
    header = with_siz(header, XTsiz=1024, YTsiz=1024, Ssiz=7)
    with frames.refused("too many code-blocks"):
        frames.decode(J2K, header + _qcd(0) + tile_part(b"\0" * 9) + END, like=wide)
    tiles = with_siz(HEADER, Xsiz=1024, Ysiz=1024, XTsiz=8, YTsiz=8, Ssiz=7)
    with frames.refused("too many tiles"):
        frames.decode(J2K, tiles + tile_part(b"\0" * 9) + END, like=wide)


@pytest.mark.parametrize(
    ("pixels", "stream"),
    [
        (PIXELS, STREAM),
        (COLOUR, COLOUR_STREAM),
        (COLOUR, frames.encode("1.2.840.10008.1.2.4.91", COLOUR, psnr=40.0, is_rgb=True)),
        (
            frames.image(64, 96),
            codestreams.tiled(frames.image(64, 96), 32, lambda tile: frames.encode(J2K, tile)),
        ),
    ],
    ids=["16", "rgb", "lossy", "tiles"],
)
@pytest.mark.parametrize("lenient", [False, True])
def test_mutations_give_a_frame_or_an_error(pixels: Any, stream: bytes, lenient: bool) -> None:
    for seed in range(3):
        for damaged in frames.mutations(stream, 50, seed):
            begin = monotonic()
            frames.outcome(
                lambda damaged=damaged: frames.decode(
                    J2K, damaged, like=pixels, workaround_incomplete=lenient
                )
            )
            assert monotonic() - begin < 2
