"""Files that an attacker would send, made on the spot."""

from __future__ import annotations

import os
import random
import struct
import zlib
from collections.abc import Iterator
from typing import Final

SANITIZED: Final = "DCMTK_NATIVE_SANITIZED" in os.environ
"""The sanitizers make everything slower and need memory of their own."""

EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
UNDEFINED = 0xFFFFFFFF

ITEM = b"\xfe\xff\x00\xe0"
ITEM_END = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def element(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    """One element in explicit VR little endian; `length` may lie."""
    size = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    if vr in {"OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UN", "UR", "UT", "SV", "UV"}:
        return head + struct.pack("<HI", 0, size) + value
    return head + struct.pack("<H", size & 0xFFFF) + value


def implicit_element(tag: int, value: bytes, length: int | None = None) -> bytes:
    size = len(value) if length is None else length
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, size) + value


def part10(dataset: bytes, syntax: str = EXPLICIT) -> bytes:
    """A whole file around the bytes of a data set."""
    uid = syntax.encode()
    uid += b"\0" * (len(uid) % 2)
    meta = (
        element(0x00020001, "OB", b"\0\1")
        + element(0x00020002, "UI", b"1.2.840.10008.5.1.4.1.1.7\0")
        + element(0x00020003, "UI", b"2.25.1\0\0")
        + element(0x00020010, "UI", uid)
        + element(0x00020012, "UI", b"2.25.2\0\0")
    )
    return (
        b"\0" * 128
        + b"DICM"
        + element(0x00020000, "UL", struct.pack("<I", len(meta)))
        + meta
        + dataset
    )


def small_dataset() -> bytes:
    """A bit of everything: text, numbers, a sequence, private elements, pixel data."""
    item = element(0x00080100, "SH", b"CODE") + element(0x00080104, "LO", b"Meaning ")
    return (
        element(0x00080005, "CS", b"ISO_IR 100")
        + element(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.7\0")
        + element(0x00080018, "UI", b"2.25.1\0\0")
        + element(0x00080060, "CS", b"OT")
        + element(0x00082112, "SQ", ITEM + struct.pack("<I", len(item)) + item)
        + element(0x00090010, "LO", b"SOMEBODY")
        + element(0x00091001, "UN", b"\1\2\3\4")
        + element(0x00100010, "PN", b"M\xfcller^J")
        + element(0x00280002, "US", b"\1\0")
        + element(0x00280010, "US", b"\2\0")
        + element(0x00280011, "US", b"\2\0")
        + element(0x00280100, "US", b"\x08\0")
        + element(
            0x00400275,
            "SQ",
            ITEM + struct.pack("<I", UNDEFINED) + item + ITEM_END + SEQUENCE_END,
            UNDEFINED,
        )
        + element(0x7FE00010, "OW", b"\1\2\3\4")
    )


def nested_explicit(levels: int) -> bytes:
    """Sequences in sequences, every length stated. Built from the outside in, for size's sake."""
    sizes = range(20 * (levels - 1), -1, -20)
    heads = (
        struct.pack("<HH", 0x0040, 0xA730)
        + b"SQ\0\0"
        + struct.pack("<I", size + 8)
        + ITEM
        + struct.pack("<I", size)
        for size in sizes
    )
    return part10(b"".join(heads))


def nested_undefined(levels: int) -> bytes:
    """The same with undefined lengths."""
    head = struct.pack("<HH", 0x0040, 0xA730) + b"SQ\0\0" + struct.pack("<I", UNDEFINED)
    head += ITEM + struct.pack("<I", UNDEFINED)
    return part10(head * levels + (ITEM_END + SEQUENCE_END) * levels)


def nested_implicit(levels: int) -> bytes:
    head = implicit_element(0x0040A730, b"", UNDEFINED) + ITEM + struct.pack("<I", UNDEFINED)
    return part10(head * levels + (ITEM_END + SEQUENCE_END) * levels, IMPLICIT)


def nested_unknown(levels: int) -> bytes:
    """UN of undefined length: a sequence in implicit VR (PS3.5 section 6.2.2, note)."""
    first = element(0x00091001, "UN", b"", UNDEFINED) + ITEM + struct.pack("<I", UNDEFINED)
    inner = implicit_element(0x00091001, b"", UNDEFINED) + ITEM + struct.pack("<I", UNDEFINED)
    return part10(first + inner * (levels - 1) + (ITEM_END + SEQUENCE_END) * levels)


def nested_without_end(levels: int) -> bytes:
    """Only the beginnings, as a sender that was cut off would leave them."""
    head = struct.pack("<HH", 0x0040, 0xA730) + b"SQ\0\0" + struct.pack("<I", UNDEFINED)
    return part10((head + ITEM + struct.pack("<I", UNDEFINED)) * levels)


def nested() -> dict[str, bytes]:
    makers = (
        nested_explicit,
        nested_undefined,
        nested_implicit,
        nested_unknown,
        nested_without_end,
    )
    return {
        f"{maker.__name__} {levels}": maker(levels)
        for maker in makers
        for levels in (65, 1_000, 100_000, 1_000_000)
    }


def lying_lengths() -> dict[str, bytes]:
    """Lengths beyond what is there, up to 4 GiB."""
    base = element(0x00080060, "CS", b"OT")
    huge = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFE)
    cases: dict[str, bytes] = {}
    for size in huge:
        cases[f"OW of {size:#x} bytes"] = part10(base + element(0x7FE00010, "OW", b"\0" * 64, size))
        cases[f"UT of {size:#x} bytes"] = part10(base + element(0x00080120, "UR", b"x" * 64, size))
        cases[f"SQ of {size:#x} bytes"] = part10(
            base + element(0x00082112, "SQ", ITEM + b"\0" * 60, size)
        )
        cases[f"item of {size:#x} bytes"] = part10(
            base + element(0x00082112, "SQ", ITEM + struct.pack("<I", size) + b"\0" * 52, UNDEFINED)
        )
        cases[f"implicit element of {size:#x} bytes"] = part10(
            implicit_element(0x00100010, b"A" * 64, size), IMPLICIT
        )
        cases[f"fragment of {size:#x} bytes"] = part10(
            base
            + element(
                0x7FE00010,
                "OB",
                ITEM + b"\0\0\0\0" + ITEM + struct.pack("<I", size) + b"\0" * 64,
                UNDEFINED,
            ),
            "1.2.840.10008.1.2.5",
        )
        cases[f"meta group length of {size:#x}"] = part10(base).replace(
            b"UL\x04\0" + part10(base)[140:144], b"UL\x04\0" + struct.pack("<I", size), 1
        )
    cases["short VR beyond the end"] = part10(base + element(0x00100010, "PN", b"A", 0xFFFE))
    return cases


def deflate_bomb(megabytes: int) -> bytes:
    """A data set of one element of zeros, deflated about 1000:1."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    out = [packer.compress(element(0x7FE00010, "OW", b"", megabytes << 20))]
    block = b"\0" * (1 << 20)
    out += [packer.compress(block) for _ in range(megabytes)]
    out.append(packer.flush())
    return part10(b"".join(out), DEFLATED)


def nonsense() -> dict[str, bytes]:
    """What is no DICOM, or hardly."""
    good = part10(small_dataset())
    return {
        "nothing": b"",
        "one byte": b"\0",
        "preamble only": b"\0" * 128,
        "magic word only": b"\0" * 128 + b"DICM",
        "text": b"just a text file\n" * 100,
        "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8,
        "zeros": b"\0" * 10_000,
        "ones": b"\xff" * 10_000,
        "two files": good + good,
        "delimiters only": part10(SEQUENCE_END * 1000),
        "item at the top": part10(
            ITEM + struct.pack("<I", 8) + element(0x00080060, "CS", b"OT")[:8]
        ),
        "items without end": part10(
            element(0x00082112, "SQ", (ITEM + b"\0\0\0\0") * 10_000, UNDEFINED)
        ),
        "unknown VR": part10(b"\x10\x00\x10\x00??\x04\x00ABCD" * 50),
        "tags going down": part10(
            b"".join(element(0x00400000 - i, "LO", b"AB") for i in range(2000))
        ),
        "same tag 10,000 times": part10(element(0x00100010, "PN", b"A^") * 10_000),
        "transfer syntax of NULs": part10(small_dataset(), "\0" * 60),
        "deflated text": part10(b"not deflated at all" * 10, DEFLATED),
        "big endian that is little": part10(small_dataset(), "1.2.840.10008.1.2.2"),
        "implicit that is explicit": part10(small_dataset(), IMPLICIT),
        "encapsulated that is native": part10(small_dataset(), "1.2.840.10008.1.2.4.50"),
        "cyclic character sets": part10(
            element(0x00080005, "CS", b"\\".join([b"ISO 2022 IR 87"] * 500))
            + element(0x00100010, "PN", b"\x1b$B\x1b(B" * 2000)
        ),
        "a million backslashes": part10(
            element(0x00200037, "UT", b"") + element(0x00080119, "UC", b"\\" * 1_000_000)
        ),
    }


def truncations() -> Iterator[bytes]:
    """A small file cut at every byte."""
    whole = part10(small_dataset())
    for size in range(len(whole)):
        yield whole[:size]


def mutations(count: int, seed: int) -> Iterator[bytes]:
    """A small file with a few bytes changed, inserted or taken out.

    Most are changed lightly and in place: only such a file is read beyond its first elements.
    """
    rng = random.Random(seed)
    bases = [
        part10(small_dataset()),
        part10(
            implicit_element(0x00080060, b"OT")
            + implicit_element(
                0x0040A730, ITEM + struct.pack("<I", 12) + implicit_element(0x0040A040, b"TEXT")
            )
            + implicit_element(0x00280103, b"\1\0")
            + implicit_element(0x00280106, b"\xff\xff"),
            IMPLICIT,
        ),
        part10(_deflated(small_dataset()), DEFLATED),
        part10(
            small_dataset()[:-16]
            + element(
                0x7FE00010,
                "OB",
                ITEM
                + struct.pack("<II", 4, 0)
                + ITEM
                + struct.pack("<I", 6)
                + b"\1\2\3\4\5\6"
                + SEQUENCE_END,
                UNDEFINED,
            ),
            "1.2.840.10008.1.2.5",
        ),
    ]
    interesting = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
    for _ in range(count):
        data = bytearray(rng.choice(bases))
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            at = rng.randrange(132, len(data))
            match rng.randrange(8):
                case 0:
                    data[at:at] = rng.randbytes(rng.randint(1, 8))
                case 1:
                    del data[at : at + rng.randint(1, 8)]
                case 2 | 3:
                    data[at] = rng.choice(interesting)
                case _:
                    data[at] = rng.randrange(256)
        yield bytes(data)


def _deflated(dataset: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(dataset) + packer.flush()
