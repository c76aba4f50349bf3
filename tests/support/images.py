"""Small images for codecs: grey, colours, palettes, in several frames."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any, Final

from dcmtk_native import dcmcjpeg
from support.samples import Element, ct_image, dicom_file

__all__ = [
    "MR_IMAGE",
    "SECONDARY_CAPTURE",
    "cells",
    "fragments_of",
    "grey",
    "jpeg_file",
    "palette",
    "pixels_of",
    "rgb",
    "streams_of",
]

SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"


def cells(count: int, *, bits: int = 8, seed: int = 1) -> list[int]:
    """Numbers that are no noise, and do not repeat soon."""
    values = []
    state = seed
    for number in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        values.append((number * 3 + (state >> 26)) % (1 << bits))
    return values


def grey(
    *changes: Element,
    rows: int = 16,
    columns: int = 16,
    bits: int = 12,
    allocated: int = 16,
    frames: int = 1,
    signed: bool = False,
    seed: int = 1,
) -> list[Element]:
    """A MONOCHROME2 image; the changes come last."""
    values = cells(rows * columns * frames, bits=bits, seed=seed)
    width = "B" if allocated == 8 else "H"
    return ct_image(
        (0x00080016, "UI", MR_IMAGE),
        (0x00280008, "IS", str(frames)),
        (0x00280100, "US", [allocated]),
        (0x00280101, "US", [bits]),
        (0x00280102, "US", [bits - 1]),
        (0x00280103, "US", [int(signed)]),
        (0x7FE00010, "OW", struct.pack(f"<{len(values)}{width}", *values)),
        *changes,
        rows=rows,
        columns=columns,
    )


def rgb(
    *changes: Element,
    rows: int = 16,
    columns: int = 16,
    frames: int = 1,
    planar: int = 0,
    photometric: str = "RGB",
) -> list[Element]:
    """An image of three samples of 8 bits; the changes come last."""
    return ct_image(
        (0x00080016, "UI", SECONDARY_CAPTURE),
        (0x00280002, "US", [3]),
        (0x00280004, "CS", photometric),
        (0x00280006, "US", [planar]),
        (0x00280008, "IS", str(frames)),
        (0x00280100, "US", [8]),
        (0x00280101, "US", [8]),
        (0x00280102, "US", [7]),
        (0x7FE00010, "OB", bytes(cells(rows * columns * 3 * frames))),
        *changes,
        rows=rows,
        columns=columns,
    )


def palette(*, wrong_tags: bool = False) -> list[Element]:
    """A PALETTE COLOR image of 8 bits; some wrote its tables under wrong tags."""
    base = 0x00281110 if wrong_tags else 0x00281100
    descriptors = [(base + number, "US", [256, 0, 16]) for number in (1, 2, 3)]
    table = struct.pack("<256H", *(value * 257 for value in range(256)))
    tables = [(base + 0x100 + number, "OW", table) for number in (1, 2, 3)]
    return grey((0x00280004, "CS", "PALETTE COLOR"), *descriptors, *tables, bits=8, allocated=8)


def jpeg_file(elements: list[Element], **options: object) -> bytes:
    """The file with its pixel data compressed, made by dcmcjpeg."""
    data = dcmcjpeg(dicom_file(elements), None, **options).unwrap().data  # type: ignore[arg-type]
    assert data is not None
    return data


def fragments_of(content: bytes) -> list[bytes]:
    """The items of the encapsulated pixel data at the end of a file, the offset table first."""
    start = content.rindex(struct.pack("<HH", 0x7FE0, 0x0010) + b"OB\0\0\xff\xff\xff\xff") + 12
    found = []
    while content[start : start + 4] == b"\xfe\xff\x00\xe0":
        (length,) = struct.unpack_from("<I", content, start + 4)
        found.append(content[start + 8 : start + 8 + length])
        start += 8 + length
    return found


def streams_of(content: bytes) -> list[bytes]:
    """The fragments without the offset table."""
    return fragments_of(content)[1:]


def pixels_of(content: bytes) -> Any:
    """The pixels as pydicom and its decoders read them; colours as they are stored."""
    from pydicom import dcmread
    from pydicom.pixels import pixel_array

    return pixel_array(dcmread(BytesIO(content)), raw=True)
