"""Palette colour lookup tables (PS3.3 sections C.7.6.3.1.5, C.7.6.3.1.6 and C.7.9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dcmtk_native.errors import OptionsError
from dcmtk_native.image.attributes import AnyDataset, Attributes, attributes_of, broken, tag_text
from dcmtk_native.image.lut import Lut, descriptor_of, lut_values
from dcmtk_native.image.pointwise import as_pixels, pointwise

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = ["apply_color_lut", "has_palette", "is_supplemental", "palette_of"]

_DESCRIPTOR: Final = 0x00281101
_DATA: Final = 0x00281201
_SEGMENTED_DATA: Final = 0x00281221
_ALPHA: Final = 3  # behind red, green and blue
_PIXEL_REPRESENTATION: Final = 0x00280103
_PIXEL_PRESENTATION: Final = 0x00089205

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_BYTE_BITS: Final = 8


def apply_color_lut(array: Array, dataset: AnyDataset, *, out: Array | None = None) -> Array:
    """The colours of pixels of PALETTE COLOR: an array with one more dimension, of RGB or RGBA.

    Tables may be plain or segmented; alpha is there if the data set has a table for it. The result
    is uint8, or uint16 where entries have more than 8 bit.

    Args:
        array: stored values, of any shape.
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.
        out: where the result goes.

    Errors:
        CodecError: raised if the data set has no palette, or a broken one.
        OptionsError: raised if the array is no such array, or the palette is a supplemental one,
            which colours a part of the pixels only: `to_display` shows both.

    Example:
        >>> import numpy as np
        >>> def table(*entries):
        ...     return {"vr": "US", "Value": list(entries)}
        >>> palette = {tag: table(2, 0, 8) for tag in ("00281101", "00281102", "00281103")}
        >>> palette |= {"00281201": table(0, 255), "00281202": table(0, 9), "00281203": table(7, 0)}
        >>> apply_color_lut(np.array([[0, 1]], np.uint8), palette).tolist()
        [[[0, 0, 7], [255, 9, 0]]]
    """
    pixels = as_pixels(array)
    attributes = attributes_of(dataset)
    if is_supplemental(attributes):
        raise OptionsError("a supplemental palette colours some pixels only: use to_display")
    palette = palette_of(attributes)
    return pointwise(pixels, palette, palette.dtype, out=out, samples=palette.values.shape[1])


def has_palette(attributes: Attributes) -> bool:
    """Whether there is a palette, of whatever kind."""
    return attributes.has(_DESCRIPTOR)


def is_supplemental(attributes: Attributes) -> bool:
    """Whether the palette is for the values from its first one on; those below are grey."""
    return attributes.text(_PIXEL_PRESENTATION).upper() in {"COLOR", "MIXED"}


def palette_of(attributes: Attributes) -> Lut:
    """The tables of red, green, blue and, if there is one, alpha, as the columns of one.

    Errors:
        CodecError: raised if there is none, or a broken one.
    """
    import numpy as np

    if not has_palette(attributes):
        broken("the data set has no palette")
    is_signed = attributes.integer(_PIXEL_REPRESENTATION) == 1
    # All descriptors shall be identical; that of red counts, which every palette has.
    descriptor = descriptor_of(attributes, _DESCRIPTOR, is_signed=is_signed)
    tables = [
        _channel(attributes, channel, descriptor.entries, descriptor.bits)
        for channel in range(_ALPHA + 1)
    ]
    channels = [table for table in tables if table is not None]
    if any(table is None for table in tables[:_ALPHA]):
        broken("the palette lacks the table of a colour")
    if any(table.dtype != channels[0].dtype for table in channels):
        broken("the tables of the palette differ in the size of their entries")
    values = np.stack(channels, axis=1)
    bits = descriptor.bits if values.itemsize * 8 >= descriptor.bits else _BYTE_BITS
    return Lut(values, descriptor.first, bits)


def _channel(attributes: Attributes, channel: int, entries: int, bits: int) -> Array | None:
    """The table of a colour; `None` if there is none."""
    import numpy as np

    tag = _DATA + channel
    content = attributes.content(tag)
    if content:
        # Some programs say 16 bit of tables of bytes.
        is_bytes = len(content) in {entries, entries + 1}
        return lut_values(content, tag, entries, _BYTE_BITS if is_bytes else bits)
    tag = _SEGMENTED_DATA + channel
    content = attributes.content(tag)
    if not content:
        return None
    words = np.frombuffer(content[: len(content) & ~1], "<u2") if bits > _BYTE_BITS else content
    segments = _Segments([int(word) for word in words], bits, tag)
    table = segments.expanded(entries)
    return np.array(table, np.uint16 if bits > _BYTE_BITS else np.uint8)


class _Segments:
    """A segmented table (PS3.3 section C.7.9.2): a program of three operations."""

    def __init__(self, words: list[int], bits: int, tag: int) -> None:
        self._words = words
        self._is_bytes = bits <= _BYTE_BITS
        self._tag = tag

    def expanded(self, entries: int) -> list[int]:
        """The entries of the table.

        Errors:
            CodecError: raised if there are more or fewer than the descriptor says.
        """
        table: list[int] = []
        at = 0
        # One word alone is the padding of an odd length; every segment has more.
        while at + 1 < len(self._words) and len(table) < entries:
            operation, length = self._words[at], self._words[at + 1]
            at += 2
            if operation == _INDIRECT:
                offset, at = self._offset(at)
                self._append_segments(table, offset, length, entries)
            else:
                at = self._append(table, operation, length, at)
        if len(table) != entries:
            found = f"more than {entries}" if len(table) > entries else str(len(table))
            broken(f"{tag_text(self._tag)}: segments of {found} entries, not of {entries}")
        return table

    def _append_segments(self, table: list[int], at: int, count: int, entries: int) -> None:
        """Appends a number of segments again, which stand at an offset and are not indirect."""
        for _ in range(count):
            if len(table) > entries:
                return
            operation, length = self._word(at), self._word(at + 1)
            if operation == _INDIRECT:
                broken(f"{tag_text(self._tag)}: an indirect segment of indirect segments")
            at = self._append(table, operation, length, at + 2)

    def _append(self, table: list[int], operation: int, length: int, at: int) -> int:
        """Appends a discrete or linear segment; the position behind it."""
        if not length:  # nothing would bound how often that is repeated
            broken(f"{tag_text(self._tag)}: a segment without entries")
        if operation == _DISCRETE:
            behind = at + length
            if behind > len(self._words):
                broken(f"{tag_text(self._tag)}: a segment goes on behind the end")
            table += self._words[at:behind]
            return behind
        if operation != _LINEAR:
            broken(f"{tag_text(self._tag)}: {operation} is no kind of segment")
        if not table:
            broken(f"{tag_text(self._tag)}: a linear segment without an entry before it")
        table += _line(table[-1], self._word(at), length)
        return at + 1

    def _offset(self, at: int) -> tuple[int, int]:
        """The position of the segment that bytes from the beginning lead to, and what follows.

        PS3.3 section C.7.9.2.3: a byte offset of 32 bit, its less significant half first, whatever
        the size of the entries is.
        """
        size = 1 if self._is_bytes else 2
        count = 4 // size
        parts = [self._word(at + number) << 8 * size * number for number in range(count)]
        offset, rest = divmod(sum(parts), size)
        if rest or offset >= len(self._words):
            broken(f"{tag_text(self._tag)}: an indirect segment leads out of the table")
        return offset, at + count

    def _word(self, at: int) -> int:
        if at >= len(self._words):
            broken(f"{tag_text(self._tag)}: a segment goes on behind the end")
        return self._words[at]


def _line(start: int, end: int, length: int) -> Iterator[int]:
    """So many values on the way from one value, without it, to another."""
    return (round(start + (end - start) * number / length) for number in range(1, length + 1))
