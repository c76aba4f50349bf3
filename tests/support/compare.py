"""What two outputs have to have in common: lines of text, elements, parts of a file."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from pydicom import Dataset, Sequence, dcmread
from pydicom.dataelem import RawDataElement

__all__ = [
    "Elements",
    "data_set_of",
    "differences",
    "elements",
    "first_difference",
    "meta_of",
    "parsed",
]

Elements = dict[tuple[object, ...], bytes]
"""Value bytes without padding by path; the VR ends the path."""


# ---- text ----


def first_difference(ours: str | None, theirs: str | None) -> tuple[str, str] | None:
    """The beginning of the first two lines that differ. A text that is missing is `None`."""
    if ours is None or theirs is None:
        return None if ours is theirs else (repr(ours)[:200], repr(theirs)[:200])
    lines = zip(f"{ours}\n".split("\n"), f"{theirs}\n".split("\n"), strict=False)
    return next(((one[:200], other[:200]) for one, other in lines if one != other), None)


def differences(
    ours: Mapping[str, str | None], theirs: Mapping[str, str | None]
) -> dict[str, tuple[str, str]]:
    """The first lines that differ by name, of those names whose texts differ."""
    assert ours.keys() == theirs.keys()
    found = {name: first_difference(text, theirs[name]) for name, text in ours.items()}
    return {name: pair for name, pair in found.items() if pair is not None}


# ---- files ----


def data_set_of(content: bytes) -> bytes:
    """What follows the meta header."""
    return content[_start_of_data_set(content) :]


def meta_of(content: bytes) -> dict[int, bytes]:
    """The values of the meta header by their element numbers, padding left out."""
    end = _start_of_data_set(content)
    values = {}
    start = 132
    while start < end:
        group, number, vr, length = struct.unpack_from("<HH2sH", content, start)
        assert group == 2
        start += 8
        if vr in (b"OB", b"UN"):
            (length,) = struct.unpack_from("<I", content, start)
            start += 4
        values[number] = content[start : start + length].rstrip(b"\0 ")
        start += length
    return values


def _start_of_data_set(content: bytes) -> int:
    assert content[128:132] == b"DICM"
    (length,) = struct.unpack_from("<I", content, 140)
    return 144 + int(length)


# ---- elements ----


def parsed(content: bytes) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the samples are odd on purpose
        return dcmread(BytesIO(content), force=True)


def elements(dataset: Dataset) -> Elements:
    """Every element of a data set and of its sequences."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dict(_walk(dataset, ()))


def _walk(dataset: Dataset, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], bytes]]:
    for tag in list(dataset.keys()):
        element: Any = dataset.get_item(tag)
        here = (*path, str(tag))
        # Without a VR in the file, the dictionary tells what is a sequence.
        is_sequence = (element.VR or dataset[tag].VR) == "SQ"
        value = dataset[tag].value if is_sequence else element.value
        if isinstance(value, Sequence):
            yield (*here, "items"), str(len(value)).encode()
            for number, item in enumerate(value):
                yield from _walk(item, (*here, number))
        else:
            # What pydicom has looked at while reading (the character set) is no raw value.
            is_raw = isinstance(element, RawDataElement) or isinstance(value, bytes)
            content = (value or b"") if is_raw else str(value).encode()
            yield (*here, element.VR), content.rstrip(b" \0")
