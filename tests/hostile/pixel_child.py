"""Reads the pixels of mutated copies of a file: one line a copy, and a last one of JSON.

Arguments: the file, a seed, and how many. The copies are the same in every run. A crash of this
process is what the test looks for; the number of the copy is the last line then.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dcmtk_native import Err, dcmconv, read_pixels, unwrap
from support import frames

PIXEL_MODULE: Final = b"\x28\x00\x02\x00"
PIXEL_DATA: Final = b"\xe0\x7f\x10\x00"
BIG_ENDIAN: Final = {PIXEL_MODULE: b"\x00\x28\x00\x02", PIXEL_DATA: b"\x7f\xe0\x00\x10"}


def place(content: bytes, tag: bytes) -> int:
    """Where the element begins; where none can be seen (deflated), behind the meta header."""
    for bytes_of_tag in (tag, BIG_ENDIAN[tag]):
        at = content.rfind(bytes_of_tag)
        if at > 0:
            return at
    return 144 + int.from_bytes(content[140:144], "little")


def mutations(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """By turns of the description with all behind it, and of the pixel data alone."""
    starts = [place(content, PIXEL_MODULE), place(content, PIXEL_DATA)]
    sources = [frames.mutations(content[at:], count, seed + at) for at in starts]
    for number in range(count):
        which = number % 2
        yield content[: starts[which]] + next(sources[which])


def outcome(content: bytes, number: int) -> str:
    """The name of the error, or Ok, after everything has been looked at."""
    found = read_pixels(content, threads=1, raw=number % 3 == 0)
    if isinstance(found, Err):
        return type(found.error).__name__
    pixels = found.value
    repr(pixels)
    pixels.frame_index()
    if number % 4 == 0:
        native = dcmconv(content, None, transfer_syntax="1.2.840.10008.1.2.1", threads=1)
        return "Ok" if native.ok else type(native.error).__name__
    # As much as one would take from an unknown sender.
    if pixels.nbytes > 1 << 28:
        one = pixels.read(0)
        return "Ok" if one.ok else type(one.error).__name__
    all_of_them = pixels.read(copy=True)
    return "Ok" if all_of_them.ok else type(all_of_them.error).__name__


def main() -> None:
    path, seed, count = sys.argv[1:]
    content = Path(path).read_bytes()
    unwrap(unwrap(read_pixels(content)).read())
    outcomes: Counter[str] = Counter()
    slowest = (0.0, 0)
    for number, mutated in enumerate(mutations(content, int(count), int(seed))):
        print(number, flush=True)
        begin = time.perf_counter()
        outcomes[outcome(mutated, number)] += 1
        slowest = max(slowest, (time.perf_counter() - begin, number))
    print(json.dumps({"outcomes": outcomes, "slowest": slowest}))


if __name__ == "__main__":
    main()
