"""Small DICOM files, made on the spot from lists of elements.

    from support.samples import dataset, dicom_file

    elements = [
        (0x00100010, "PN", "Doe^John"),
        (0x00280010, "US", [512]),
        (0x00081140, "SQ", [[(0x00081150, "UI", "1.2.3")], []]),  # two items, the second one empty
    ]
    content = dicom_file(elements)

Nothing is checked: what is written may well be wrong, which is the point of some tests.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = [
    "CT_IMAGE",
    "DEFLATED",
    "EXPLICIT_BIG",
    "EXPLICIT_LITTLE",
    "IMPLICIT_LITTLE",
    "JPEG_BASELINE",
    "RLE",
    "Element",
    "Encoding",
    "Fragments",
    "ct_image",
    "dataset",
    "dicom_file",
    "meta_header",
]

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
RLE: Final = "1.2.840.10008.1.2.5"

CT_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.2"

Element = tuple[int, str, Any]
"""Tag, VR, and the value: bytes as they are, text, a number or numbers, for SQ a list of items."""

UNDEFINED: Final = 0xFFFFFFFF

_LONG_HEADER: Final = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
)
_NUMBERS: Final = {
    "SS": "h", "US": "H", "OW": "H", "SL": "i", "UL": "I", "OL": "I", "SV": "q", "UV": "Q",
    "OV": "Q", "FL": "f", "OF": "f", "FD": "d", "OD": "d", "OB": "B", "UN": "B",
}  # fmt: skip
_NUL_PADDED: Final = frozenset({"UI", "OB", "UN"})


@dataclass(frozen=True, slots=True)
class Fragments:
    """Encapsulated pixel data: the offset table first."""

    parts: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are written.

    Attributes:
        explicit: the VR is written.
        big_endian: numbers are written in big endian order.
        undefined: sequences and items are written with undefined length and delimiters.
        text: the codec for text values.
    """

    explicit: bool = True
    big_endian: bool = False
    undefined: bool = False
    text: str = "latin-1"

    @property
    def order(self) -> str:
        return ">" if self.big_endian else "<"


def dataset(elements: Iterable[Element], encoding: Encoding | None = None) -> bytes:
    """The bytes of a data set without any meta header."""
    return b"".join(_element(element, encoding or Encoding()) for element in elements)


def dicom_file(
    elements: Iterable[Element],
    *,
    transfer_syntax: str = EXPLICIT_LITTLE,
    undefined: bool = False,
    text: str = "latin-1",
    meta: Sequence[Element] | None = None,
    preamble: bytes = bytes(128),
) -> bytes:
    """The bytes of a file; `meta` replaces all of the meta header but its length."""
    elements = list(elements)
    encoding = Encoding(
        explicit=transfer_syntax != IMPLICIT_LITTLE,
        big_endian=transfer_syntax == EXPLICIT_BIG,
        undefined=undefined,
        text=text,
    )
    body = dataset(elements, encoding)
    if transfer_syntax == DEFLATED:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = packer.compress(body) + packer.flush()
        body += b"\0" * (len(body) % 2)
    if meta is None:
        values = {tag: value for tag, _, value in elements}
        meta = meta_header(transfer_syntax, values.get(0x00080016), values.get(0x00080018))
    group = dataset(meta)
    return preamble + b"DICM" + dataset([(0x00020000, "UL", [len(group)])]) + group + body


def meta_header(
    transfer_syntax: str, sop_class: str | None = None, sop_instance: str | None = None
) -> list[Element]:
    """The usual elements of a meta header, its length left out."""
    return [
        (0x00020001, "OB", b"\0\1"),
        (0x00020002, "UI", sop_class or CT_IMAGE),
        (0x00020003, "UI", sop_instance or "1.2.826.0.1.3680043.8.498.1"),
        (0x00020010, "UI", transfer_syntax),
        (0x00020012, "UI", "1.2.826.0.1.3680043.8.498.2"),
    ]


def ct_image(*changes: Element, rows: int = 4, columns: int = 6) -> list[Element]:
    """A small CT image in ascending order; `changes` replace elements of it or are added."""
    pixels = bytes(value % 256 for value in range(rows * columns * 2))
    elements: list[Element] = [
        (0x00080005, "CS", "ISO_IR 100"),
        (0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        (0x00080016, "UI", CT_IMAGE),
        (0x00080018, "UI", "1.2.826.0.1.3680043.8.498.1"),
        (0x00080020, "DA", "20240229"),
        (0x00080050, "SH", "A-1"),
        (0x00080060, "CS", "CT"),
        (0x00100010, "PN", "Doe^John"),
        (0x00100020, "LO", "ID-001"),
        (0x0020000D, "UI", "1.2.826.0.1.3680043.8.498.3"),
        (0x0020000E, "UI", "1.2.826.0.1.3680043.8.498.4"),
        (0x00200013, "IS", "1"),
        (0x00280002, "US", [1]),
        (0x00280004, "CS", "MONOCHROME2"),
        (0x00280010, "US", [rows]),
        (0x00280011, "US", [columns]),
        (0x00280030, "DS", "0.5\\0.5"),
        (0x00280100, "US", [16]),
        (0x00280101, "US", [12]),
        (0x00280102, "US", [11]),
        (0x00280103, "US", [0]),
        (0x7FE00010, "OW", pixels),
    ]
    replaced = {tag: (tag, vr, value) for tag, vr, value in (*elements, *changes)}
    return [replaced[tag] for tag in sorted(replaced)]


def _element(element: Element, encoding: Encoding) -> bytes:
    tag, vr, value = element
    if vr == "SQ":
        body = b"".join(_item(dataset(item, encoding), encoding) for item in value)
        length = UNDEFINED if encoding.undefined else len(body)
        end = _delimiter(0xFFFEE0DD, encoding) if encoding.undefined else b""
        return _header(tag, vr, length, encoding) + body + end
    if isinstance(value, Fragments):
        parts = b"".join(_fragment(part, encoding) for part in value.parts)
        end = _delimiter(0xFFFEE0DD, encoding)
        return _header(tag, vr, UNDEFINED, encoding) + parts + end
    content = _value(vr, value, encoding)
    return _header(tag, vr, len(content), encoding) + content


def _value(vr: str, value: Any, encoding: Encoding) -> bytes:
    if isinstance(value, str):
        value = value.encode(encoding.text)
    if isinstance(value, (int, float)):
        value = [value]
    if vr == "AT" and not isinstance(value, bytes):
        value = b"".join(_tag(tag, encoding) for tag in value)
    if not isinstance(value, bytes):
        value = struct.pack(f"{encoding.order}{len(value)}{_NUMBERS[vr]}", *value)
    padding = b"\0" if vr in _NUL_PADDED else b" "
    return value + padding if len(value) % 2 else value


def _header(tag: int, vr: str, length: int, encoding: Encoding) -> bytes:
    order = encoding.order
    if not encoding.explicit:
        return _tag(tag, encoding) + struct.pack(f"{order}I", length)
    letters = _tag(tag, encoding) + vr.encode("ascii")
    if vr in _LONG_HEADER:
        return letters + b"\0\0" + struct.pack(f"{order}I", length)
    return letters + struct.pack(f"{order}H", length)


def _item(body: bytes, encoding: Encoding) -> bytes:
    if encoding.undefined:
        start = _tag(0xFFFEE000, encoding) + struct.pack(f"{encoding.order}I", UNDEFINED)
        return start + body + _delimiter(0xFFFEE00D, encoding)
    return _fragment(body, encoding)


def _fragment(body: bytes, encoding: Encoding) -> bytes:
    return _tag(0xFFFEE000, encoding) + struct.pack(f"{encoding.order}I", len(body)) + body


def _delimiter(tag: int, encoding: Encoding) -> bytes:
    return _tag(tag, encoding) + bytes(4)


def _tag(tag: int, encoding: Encoding) -> bytes:
    return struct.pack(f"{encoding.order}HH", tag >> 16, tag & 0xFFFF)
