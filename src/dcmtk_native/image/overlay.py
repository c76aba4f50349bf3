"""Overlay planes: bitmaps that belong over a picture (PS3.3 section C.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dcmtk_native.errors import OptionsError
from dcmtk_native.image.attributes import (
    AnyDataset,
    Attributes,
    attributes_of,
    broken,
    tag_text,
)
from dcmtk_native.image.pointwise import output_for

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = ["Overlay", "burn_overlays", "overlays"]

_GROUPS: Final = range(0x6000, 0x6100, 2)
_ROWS, _COLUMNS, _FRAMES = 0x0010, 0x0011, 0x0015
_DESCRIPTION, _TYPE, _SUBTYPE = 0x0022, 0x0040, 0x0045
_ORIGIN, _FRAME_ORIGIN = 0x0050, 0x0051
_BIT_POSITION, _LABEL, _DATA = 0x0102, 0x1500, 0x3000
_RGB: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One overlay plane.

    Attributes:
        group: 0x6000 to 0x60FE.
        type: "G" for graphics, "R" for a region of interest.
        rows: of the bitmap.
        columns: of the bitmap.
        origin: row and column of the picture at which the bitmap begins; (1, 1) is its upper left
            corner.
        frames: how many bitmaps there are.
        first_frame: the frame of the picture, from 0, that the first bitmap is for; `None`: the one
            bitmap is for every frame.
        description: Overlay Description.
        label: Overlay Label.
        subtype: Overlay Subtype.
        array: bool, (frames, rows, columns).
    """

    group: int
    type: str
    rows: int
    columns: int
    origin: tuple[int, int]
    frames: int
    first_frame: int | None
    description: str
    label: str
    subtype: str
    array: Array


def overlays(dataset: AnyDataset, stored: Array | None = None) -> list[Overlay]:
    """The overlay planes of a data set, in the order of their groups.

    Args:
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.
        stored: needed for planes of the retired form, which are in bits of the pixel data that
            values do not use: the pixel cells with all their bits, (rows, columns) or (frames,
            rows, columns).

    Errors:
        CodecError: raised if a plane is broken, such as one with less data than it has pixels.
        OptionsError: raised if a plane is in the pixel data and `stored` is missing or of another
            size.

    Example:
        >>> plane = {"60000010": {"vr": "US", "Value": [2]}, "60000011": {"vr": "US", "Value": [3]}}
        >>> plane["60003000"] = {"vr": "OW", "InlineBinary": "KgA="}
        >>> [overlay] = overlays(plane)
        >>> overlay.array.astype(int).tolist()
        [[[0, 1, 0], [1, 0, 1]]]
    """
    root = attributes_of(dataset)
    return [
        _overlay(root, group << 16, stored)
        for group in _GROUPS
        if root.has(group << 16 | _ROWS) and root.has(group << 16 | _COLUMNS)
    ]


def burn_overlays(
    display: Any,
    overlays: Iterable[Overlay],
    *,
    value: int | Sequence[int] | None = None,
    frame: int | None = None,
    out: Array | None = None,
) -> Array:
    """A picture with overlay planes in it.

    Args:
        display: what `to_display` gives: (rows, columns) or (frames, rows, columns), with a last
            axis of 3 for colour.
        overlays: the planes. What of them is beyond the picture is left out.
        value: what their pixels become; of a colour picture it may be three numbers. Default: the
            greatest value of the type of the picture.
        frame: of one frame of a multi-frame picture: its number, from 0.
        out: where the result goes; the picture itself if it may be changed.

    Errors:
        OptionsError: raised if the picture is none, or the value none of it.

    Example:
        >>> import numpy as np
        >>> plane = {"60000010": {"vr": "US", "Value": [1]}, "60000011": {"vr": "US", "Value": [2]}}
        >>> plane |= {"60000050": {"vr": "SS", "Value": [2, 1]}}
        >>> plane |= {"60003000": {"vr": "OW", "InlineBinary": "AQA="}}
        >>> burn_overlays(np.zeros((2, 2), np.uint8), globals()["overlays"](plane))
        array([[  0,   0],
               [255,   0]], dtype=uint8)
    """
    import numpy as np

    if not isinstance(display, np.ndarray) or display.dtype.kind not in "uif":
        raise OptionsError("display must be a numpy array of numbers")
    colours = (_RGB,) if display.ndim > 2 and display.shape[-1] == _RGB else ()
    if display.ndim - len(colours) not in (2, 3):
        raise OptionsError(f"display must be a picture or frames, not of shape {display.shape}")
    ink = _ink(display, value, colours)
    target = _target(display, out)
    frames = target.reshape(-1, *target.shape[target.ndim - 2 - len(colours) :])
    is_single = display.ndim == 2 + len(colours)
    first = frame or 0 if is_single else 0
    for overlay in overlays:
        for number, picture in enumerate(frames, start=first):
            _burn(picture, overlay, number, ink)
    return target


def _overlay(root: Attributes, base: int, stored: Array | None) -> Overlay:
    rows, columns = (root.integer(base | tag) or 0 for tag in (_ROWS, _COLUMNS))
    declared = root.integer(base | _FRAMES)
    frames = 1 if declared is None else declared
    if min(rows, columns, frames) < 1:
        broken(f"{_name(base)} of {rows} rows, {columns} columns and {frames} frames is none")
    content = root.content(base | _DATA)
    if content:
        array = _unpacked(content, (frames, rows, columns), base)
    else:
        array = _from_cells(root, base, stored, (frames, rows, columns))
    row, column = (*(int(number) for number in root.numbers(base | _ORIGIN)), 1, 1)[:2]
    first = root.integer(base | _FRAME_ORIGIN)
    return Overlay(
        group=base >> 16,
        type=root.text(base | _TYPE).upper() or "G",
        rows=rows,
        columns=columns,
        origin=(row, column),
        frames=len(array),
        first_frame=None if declared is None and first is None else (first or 1) - 1,
        description=root.text(base | _DESCRIPTION),
        label=root.text(base | _LABEL),
        subtype=root.text(base | _SUBTYPE),
        array=array,
    )


def _unpacked(content: bytes, shape: tuple[int, int, int], base: int) -> Array:
    """The bits of Overlay Data, the first pixel in the lowest one."""
    import numpy as np

    frames, rows, columns = shape
    count = frames * rows * columns
    if len(content) * 8 < count:
        broken(f"{_name(base)}: {count} pixels, but data for {len(content) * 8}")
    packed = np.frombuffer(content, np.uint8, (count + 7) // 8)
    bits = np.unpackbits(packed, count=count, bitorder="little")
    return bits.view(np.bool_).reshape(shape)


def _from_cells(root: Attributes, base: int, stored: object, shape: tuple[int, int, int]) -> Array:
    """A plane of the retired form: one bit of every pixel cell. It has the size of the picture."""
    import numpy as np

    bit = root.integer(base | _BIT_POSITION)
    if bit is None:
        broken(f"{_name(base)} has neither data nor the position of its bit")
    if stored is None:
        raise OptionsError(f"stored=None: {_name(base)} is in bit {bit} of the pixel data")
    if not isinstance(stored, np.ndarray) or stored.dtype.kind not in "ui":
        raise OptionsError("stored must be a numpy array of integers")
    _, rows, columns = shape
    if stored.ndim not in (2, 3) or stored.shape[-2:] != (rows, columns):
        raise OptionsError(f"stored must have {rows} rows and {columns} columns as {_name(base)}")
    if not 0 <= bit < stored.dtype.itemsize * 8:
        broken(f"{_name(base)} is in bit {bit} of cells of {stored.dtype.itemsize * 8}")
    mask = np.array(1 << bit, f"u{stored.dtype.itemsize}").view(stored.dtype.newbyteorder("="))
    plane: Array = (stored & mask) != 0
    return plane.reshape(-1, rows, columns)


def _name(base: int) -> str:
    return f"the overlay of group {tag_text(base)[1:5]}"


def _ink(display: Array, value: int | Sequence[int] | None, colours: tuple[int, ...]) -> Any:
    import numpy as np

    if value is None:
        return 1 if display.dtype.kind == "f" else np.iinfo(display.dtype).max
    try:
        ink = np.asarray(value)
        fits = ink.shape in ((), colours) and bool((ink.astype(display.dtype) == ink).all())
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise OptionsError(f"value={value!r}: no value of this picture of {display.dtype}")
    return ink


def _target(display: Array, out: Array | None) -> Array:
    if out is None:
        return display.copy()
    target = output_for(display.shape, display.dtype, out)
    if target is not display:
        target[...] = display
    return target


def _burn(picture: Array, overlay: Overlay, frame: int, ink: Any) -> None:
    number = 0 if overlay.first_frame is None else frame - overlay.first_frame
    if not 0 <= number < overlay.frames:
        return
    top, left = overlay.origin[0] - 1, overlay.origin[1] - 1
    rows, columns = picture.shape[:2]
    bitmap = overlay.array[number][
        max(-top, 0) : max(rows - top, 0), max(-left, 0) : max(columns - left, 0)
    ]
    top, left = max(top, 0), max(left, 0)
    part = picture[top : top + bitmap.shape[0], left : left + bitmap.shape[1]]
    part[bitmap] = ink
