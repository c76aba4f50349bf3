"""JPEG-LS streams put together by hand, from the scans that an encoder made.

from support import jpegls_streams

stream = jpegls_streams.encode(pixels)
parts = jpegls_streams.parts(stream)
assert jpegls_streams.joined(parts) == stream
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from support import frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "EOI",
    "LOSSLESS",
    "NEAR",
    "SOI",
    "decode",
    "decoded_by_charls",
    "decoded_by_libjpeg",
    "encode",
    "encoded_by_charls",
    "joined",
    "noisy_image",
    "parts",
    "restarted",
    "segment",
]

LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
NEAR: Final = "1.2.840.10008.1.2.4.81"
SOI: Final = b"\xff\xd8"
EOI: Final = b"\xff\xd9"


def encode(pixels: NDArray[Any], bits: int | None = None, **options: Any) -> bytes:
    """The stream of a frame by our encoder; near-lossless when a deviation is given."""
    uid = NEAR if options.get("max_deviation") else LOSSLESS
    return frames.encode(uid, pixels, bits_stored=bits, **options)


def decode(
    stream: bytes, like: NDArray[Any], bits: int | None = None, **options: Any
) -> NDArray[Any]:
    """The frame by our decoder."""
    return frames.decode(NEAR, stream, like=like, bits_stored=bits, **options)


def segment(code: int, body: bytes) -> bytes:
    """A marker and its segment."""
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body


def parts(stream: bytes) -> list[bytes]:
    """SOI, the marker segments (a scan's with the entropy coded bytes behind it), and EOI."""
    found = [stream[:2]]
    at = 2
    while stream[at : at + 2] != EOI:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4])
        if stream[at + 1] == 0xDA:
            while not (stream[end] == 0xFF and stream[end + 1] >= 0x80):
                end += 1
        found.append(stream[at:end])
        at = end
    return [*found, EOI]


def joined(pieces: Sequence[bytes]) -> bytes:
    """A stream of such parts."""
    return b"".join(pieces)


def entropy_coded(scan: bytes) -> bytes:
    """What follows the header of a scan."""
    return scan[2 + int.from_bytes(scan[2:4]) :]


def restarted(pixels: NDArray[Any], interval: int, length: int = 2, **options: Any) -> bytes:
    """A stream with restart markers: each interval is coded as an image of its own would be."""
    strips = [pixels[row : row + interval] for row in range(0, len(pixels), interval)]
    scans = [
        [part for part in parts(encode(strip, **options)) if part[1] == 0xDA] for strip in strips
    ]
    whole = [part for part in parts(encode(pixels, **options)) if part[1] not in {0xDA, 0xD9}]
    stream = joined([*whole, segment(0xDD, interval.to_bytes(length))])
    for component in range(len(scans[0])):
        first = scans[0][component]
        stream += first
        for number, scan in enumerate(scans[1:]):
            stream += bytes((0xFF, 0xD0 + number % 8)) + entropy_coded(scan[component])
    return stream + EOI


def _interleaved(values: NDArray[Any], like: NDArray[Any], mode: int) -> NDArray[Any]:
    if like.ndim == 3 and mode == 0:
        rows, columns, samples = like.shape
        values = values.reshape(samples, rows, columns).transpose(1, 2, 0)
    return values.reshape(like.shape).astype(like.dtype)


def decoded_by_charls(stream: bytes, like: NDArray[Any]) -> NDArray[Any]:
    """The frame by pyjpegls."""
    import jpeg_ls

    buffer, found = jpeg_ls.decode_pixel_data(bytearray(stream))
    values = np.frombuffer(bytes(buffer), "u1" if found["bits_per_sample"] <= 8 else "<u2")
    return _interleaved(values, like, found["interleave_mode"])


def encoded_by_charls(pixels: NDArray[Any], bits: int, *, near: int = 0, mode: int = 0) -> bytes:
    """The stream by pyjpegls; the mode is 1 (line) or 2 (sample) where there are more samples."""
    import jpeg_ls

    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    return bytes(
        jpeg_ls.encode_pixel_data(
            pixels.astype("u1" if bits <= 8 else "<u2").tobytes(),
            rows=pixels.shape[0],
            columns=pixels.shape[1],
            samples_per_pixel=samples,
            bits_stored=bits,
            lossy_error=near,
            **({"planar_configuration": 0, "interleave_mode": mode} if samples > 1 else {}),
        )
    )


def decoded_by_libjpeg(stream: bytes, like: NDArray[Any]) -> NDArray[Any]:
    """The frame by pylibjpeg's libjpeg."""
    import libjpeg

    return libjpeg.decode(stream).reshape(like.shape).astype(like.dtype)


def noisy_image(chance: np.random.Generator, shape: tuple[int, ...], bits: int) -> NDArray[Any]:
    """One of the images that take a coder into every corner: flat, noise, steps, spots, stripes."""
    highest = (1 << bits) - 1
    match int(chance.integers(6)):
        case 0:
            values = np.full(shape, chance.integers(highest + 1), float)
        case 1:
            values = chance.integers(highest + 1, size=shape).astype(float)
        case 2:
            values = np.cumsum(chance.integers(-1, 2, size=shape), 1) + highest / 2
        case 3:
            step = highest / 40
            values = np.cumsum(chance.normal(0, step, shape), 1) + highest / 2
            values += np.cumsum(chance.normal(0, step, shape), 0)
        case 4:
            spots = chance.integers(highest + 1, size=shape)
            values = np.where(chance.random(shape) < 0.02, spots, highest // 3)
        case _:
            values = np.zeros(shape)
            values[:, :: int(chance.integers(2, 9))] = highest
    return np.clip(values, 0, highest).astype("u1" if bits <= 8 else "u2")
