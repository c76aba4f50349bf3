"""Lookup tables of data sets: their descriptors, their data, and what they make of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dcmtk_native.image.attributes import Attributes, broken, tag_text

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = ["Descriptor", "Lut", "descriptor_of", "lut_of", "lut_values"]

_LUT_DESCRIPTOR: Final = 0x00283002
_LUT_DATA: Final = 0x00283006
_MAX_BITS: Final = 16


class Descriptor(NamedTuple):
    """What a LUT Descriptor says (PS3.3 section C.11.1.1).

    Attributes:
        entries: how many there are, 1 to 65,536.
        first: the value that the first entry stands for.
        bits: of an entry.
    """

    entries: int
    first: int
    bits: int


@dataclass(frozen=True, slots=True, eq=False)
class Lut:
    """A table: values before the first entry and behind the last one have those entries' values.

    Attributes:
        values: the entries, uint8 or uint16.
        first: the value that the first entry stands for.
        bits: of an entry, as the data set says.
    """

    values: Array
    first: int
    bits: int

    @property
    def dtype(self) -> Any:
        """Of the entries."""
        return self.values.dtype

    @property
    def maximum(self) -> int:
        """The greatest value that an entry may have."""
        return (1 << self.bits) - 1

    def __call__(self, pixels: Array) -> Array:
        """The entries of these values; what is between two integers is that of the lower one."""
        import numpy as np

        last = self.first + len(self.values) - 1
        if pixels.dtype.kind == "f":
            pixels = np.floor(np.nan_to_num(pixels, nan=self.first).clip(self.first, last))
        index = pixels.astype(np.int64).clip(self.first, last)
        index -= self.first
        entries: Array = self.values[index]
        return entries


def descriptor_of(attributes: Attributes, tag: int, *, is_signed: bool) -> Descriptor:
    """The descriptor with this tag.

    Its numbers have 16 bit. The second one is signed where the values that come in may be negative,
    whatever VR the file has given to it.

    Errors:
        CodecError: raised if there is none, or it describes no table.
    """
    numbers = attributes.numbers(tag)
    if len(numbers) != len(Descriptor._fields):
        broken(f"{tag_text(tag)} must have three values, not {len(numbers)}")
    if any(number != int(number) or not -0x8000 <= number <= 0xFFFF for number in numbers):
        broken(f"{tag_text(tag)} has values that are no words of 16 bit")
    entries, first, bits = (int(number) for number in numbers)
    if not 0 < bits <= _MAX_BITS:
        broken(f"{tag_text(tag)}: entries of {bits} bit are none")
    if is_signed and first > 0x7FFF:
        first -= 0x10000
    return Descriptor(entries & 0xFFFF or 0x10000, first, bits)


def lut_values(content: bytes | None, tag: int, entries: int, bits: int) -> Array:
    """The entries of a table, as uint8 where they have up to 8 bit, else as uint16.

    Entries of 8 bit may be in words of 16, in their lower half or, by old and wrong programs, in
    their upper one or in both.

    Errors:
        CodecError: raised if there are fewer than the descriptor says.
    """
    import numpy as np

    if not content:
        broken(f"{tag_text(tag)}: the table has no data")
    if len(content) >= 2 * entries:
        words = np.frombuffer(content, "<u2", entries)
        if bits > 8:
            return words.astype(np.uint16)
        is_upper_half = not (words & 0xFF).any()
        return (words >> 8 if is_upper_half else words & 0xFF).astype(np.uint8)
    if bits <= 8 and len(content) >= entries:
        return np.frombuffer(content, np.uint8, entries)
    need = entries * (1 if bits <= 8 else 2)
    return broken(f"{tag_text(tag)}: a table of {need} bytes is only {len(content)} long")


def lut_of(item: Attributes, *, is_signed: bool) -> Lut:
    """The table of an item of a Modality, VOI or Presentation LUT Sequence.

    Errors:
        CodecError: raised if it has none, or a broken one.
    """
    entries, first, bits = descriptor_of(item, _LUT_DESCRIPTOR, is_signed=is_signed)
    return Lut(lut_values(item.content(_LUT_DATA), _LUT_DATA, entries, bits), first, bits)
