"""JPEG 2000 codestreams taken apart and put together by hand.

from support import codestreams

header, (data,) = codestreams.taken_apart(stream)
stream = codestreams.put_together(header, [data])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["put_together", "segment", "taken_apart", "tile_part", "tiled", "with_siz"]

SOT = b"\xff\x90"
SOD = b"\xff\x93"
EOC = b"\xff\xd9"

# Where in the SIZ segment a value lies, from its marker on, and its width.
_SIZ = {
    "Rsiz": (4, 2),
    "Xsiz": (6, 4),
    "Ysiz": (10, 4),
    "XOsiz": (14, 4),
    "YOsiz": (18, 4),
    "XTsiz": (22, 4),
    "YTsiz": (26, 4),
    "XTOsiz": (30, 4),
    "YTOsiz": (34, 4),
    "Csiz": (38, 2),
    "Ssiz": (40, 1),
    "XRsiz": (41, 1),
    "YRsiz": (42, 1),
}


def with_siz(stream: bytes, **values: int) -> bytes:
    """The stream with other values in its SIZ segment (component values: of the first)."""
    changed = bytearray(stream)
    for name, value in values.items():
        at, width = _SIZ[name]
        changed[2 + at : 2 + at + width] = value.to_bytes(width)
    return bytes(changed)


def taken_apart(stream: bytes) -> tuple[bytes, list[bytes]]:
    """The main header, and the packets of each tile-part; of streams without tile-part headers."""
    at = 2
    while stream[at : at + 2] != SOT:
        at += 2 + int.from_bytes(stream[at + 2 : at + 4])
    header, parts = stream[:at], []
    while stream[at : at + 2] == SOT:
        size = int.from_bytes(stream[at + 6 : at + 10])
        assert stream[at + 12 : at + 14] == SOD
        parts.append(stream[at + 14 : at + size])
        at += size
    return header, parts


def tile_part(
    data: bytes,
    tile: int = 0,
    *,
    index: int = 0,
    count: int = 1,
    header: bytes = b"",
    claim: int = -1,
) -> bytes:
    """A tile-part; `claim` is its length if that is to be a lie."""
    size = 14 + len(header) + len(data) if claim < 0 else claim
    numbers = tile.to_bytes(2) + size.to_bytes(4) + bytes((index, count))
    return SOT + b"\x00\x0a" + numbers + header + SOD + data


def put_together(header: bytes, tiles: Sequence[bytes]) -> bytes:
    """A stream of one tile-part a tile."""
    parts = (tile_part(data, tile) for tile, data in enumerate(tiles))
    return header + b"".join(parts) + EOC


def segment(marker: int, content: bytes) -> bytes:
    """A marker segment."""
    return marker.to_bytes(2) + (2 + len(content)).to_bytes(2) + content


def tiled(pixels: NDArray[Any], side: int, encode: Callable[[NDArray[Any]], bytes]) -> bytes:
    """A stream of tiles that were encoded each alone.

    That is the same, as long as `side` is a multiple of the decomposition's step (32), and the
    header of every tile (above all its decompositions, so no tile may be small) is the same.
    """
    headers, tiles = [], []
    rows, columns = pixels.shape[:2]
    for y in range(0, rows, side):
        for x in range(0, columns, side):
            piece = np.ascontiguousarray(pixels[y : y + side, x : x + side])
            header, (data,) = taken_apart(encode(piece))
            headers.append(header)
            tiles.append(data)
    assert len({header[2 + 40 :] for header in headers}) == 1
    header = with_siz(headers[0], Xsiz=columns, Ysiz=rows, XTsiz=side, YTsiz=side)
    return put_together(header, tiles)
