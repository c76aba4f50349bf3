"""From stored values to what a display shows, step by step or at once (PS3.3 section C.11).

The names are pydicom's, and so are the results, up to where pydicom leaves the standard. Two
functions of pydicom are one here: `apply_voi` takes a VOI LUT or a window, whichever there is, as
pydicom's `apply_voi_lut` does; that name is there, too.

Arrays hold stored values in any shape: (rows, columns), (frames, rows, columns), and with a last
axis for the samples of colour. What the caller gives wrong is an `OptionsError`, which is a
`ValueError`; what is wrong in the data set is a `CodecError`. Nothing else is raised, and nothing
changes the array or the data set.

Integers of up to 16 bit go through a table of all possible values, which is made for the call:
every step costs as much as one of these values, and all steps of `to_display` cost as much as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dcmtk_native.errors import OptionsError
from dcmtk_native.image.attributes import (
    AnyDataset,
    Attributes,
    FunctionalGroups,
    attributes_of,
    broken,
)
from dcmtk_native.image.lut import Lut, lut_of
from dcmtk_native.image.pointwise import as_pixels, chunks, extremes, output_for, pointwise
from dcmtk_native.image.transforms import (
    FRAME_VOI_LUT,
    PIXEL_VALUE_TRANSFORMATION,
    Range,
    Rescale,
    Window,
    modality_of,
    range_behind,
    stored_range,
    voi_lut,
    window_at,
)

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = [
    "apply_modality_lut",
    "apply_presentation_lut",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "by_frame",
    "presentation_lut",
    "presentation_shape",
]

_PHOTOMETRIC_INTERPRETATION: Final = 0x00280004
_PRESENTATION_LUT_SEQUENCE, _PRESENTATION_LUT_SHAPE = 0x20500010, 0x20500020

Step = TypeVar("Step")


def apply_modality_lut(
    array: Array, dataset: AnyDataset, *, frame: int | None = None, out: Array | None = None
) -> Array:
    """The values of the modality, such as Hounsfield units, of stored values.

    By the Modality LUT Sequence they are uint8 or uint16, by Rescale Slope and Intercept float64.
    A data set with neither has none: the array itself comes back.

    Args:
        array: stored values.
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.
        frame: of an enhanced multi-frame image: the number, from 0, of the frame that these pixels
            are, where frames differ. Default: the first axis is that of all frames.
        out: where the result goes.

    Errors:
        CodecError: raised if the LUT is broken, or the slope no finite number.
        OptionsError: raised if the array is no such array, or the frame none of the data set's.

    Example:
        >>> import numpy as np
        >>> ct = DicomFile.open("image.dcm").unwrap()
        >>> apply_modality_lut(np.array([[0, 1024]], np.int16), ct)
        array([[-1024.,     0.]])
    """
    pixels = as_pixels(array)
    groups = FunctionalGroups(attributes_of(dataset))

    def step(number: int) -> Rescale | Lut | None:
        return modality_of(groups, number)

    parts = list(by_frame(groups, (PIXEL_VALUE_TRANSFORMATION,), pixels, frame, step))
    steps = [one for _, one in parts if one is not None]
    if not steps:
        return array if out is None else _copied(pixels, out)
    if len(steps) < len(parts) or len({one.dtype for one in steps}) > 1:
        broken("some frames have a modality LUT or a rescaling, others have another or none")
    target = output_for(pixels.shape, steps[0].dtype, out)
    for (part, _), one in zip(parts, steps, strict=True):
        if isinstance(one, Rescale):  # a multiplication costs less than looking it up
            _rescale(pixels[part], one, target[part])
        else:
            pointwise(pixels[part], one, one.dtype, out=target[part])
    return target


def apply_voi(
    array: Array,
    dataset: AnyDataset,
    index: int = 0,
    prefer_lut: bool = True,
    *,
    frame: int | None = None,
    out: Array | None = None,
) -> Array:
    """The values of interest: what the VOI LUT or the window makes of values of the modality.

    By a VOI LUT they are uint8 or uint16, by a window float64, see `apply_windowing`. A data set
    with neither has none: the array itself comes back.

    Args:
        array: what `apply_modality_lut` gives.
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.
        index: which one, of several LUTs or windows.
        prefer_lut: of a data set with both, take the LUT.
        frame: as for `apply_modality_lut`.
        out: where the result goes.

    Errors:
        CodecError: raised if the LUT or the window is broken.
        OptionsError: raised if the array is no such array, or if there is no LUT or window with
            this index, or no such frame.

    Example:
        >>> import numpy as np
        >>> window = {"00281050": {"vr": "DS", "Value": [40]}}
        >>> window |= {"00281051": {"vr": "DS", "Value": [401]}}
        >>> window |= {"00280101": {"vr": "US", "Value": [8]}}
        >>> apply_voi(np.array([-200.0, 39.5, 300.0]), window)
        array([  0. , 127.5, 255. ])
    """
    pixels = as_pixels(array)
    groups = FunctionalGroups(attributes_of(dataset))

    def step(number: int) -> Lut | None:
        modality = modality_of(groups, number)
        values = range_behind(modality, stored_range(groups.root, pixels))
        return voi_lut(groups, number, index, values)

    has_window = window_at(groups, 0, 0) is not None if not prefer_lut else False
    parts = [] if has_window else list(by_frame(groups, (FRAME_VOI_LUT,), pixels, frame, step))
    tables = [one for _, one in parts if one is not None]
    if not tables:
        return apply_windowing(array, dataset, index, frame=frame, out=out)
    if len(tables) < len(parts) or len({one.dtype for one in tables}) > 1:
        broken("some frames have a VOI LUT, others have another or none")
    target = output_for(pixels.shape, tables[0].dtype, out)
    for (part, _), one in zip(parts, tables, strict=True):
        pointwise(pixels[part], one, one.dtype, out=target[part])
    return target


apply_voi_lut = apply_voi
"""The name that pydicom has for it."""


def apply_windowing(
    array: Array,
    dataset: AnyDataset,
    index: int = 0,
    *,
    frame: int | None = None,
    out: Array | None = None,
) -> Array:
    """What a window makes of values of the modality: float64, over the range that these can have.

    The function is LINEAR, LINEAR_EXACT or SIGMOID, as VOI LUT Function says. A data set without a
    window changes nothing: the array itself comes back. What is no number stays none.

    pydicom turns a picture with a negative Rescale Slope upside down; here what is above the window
    always becomes the greatest value, as the standard has it.

    Args:
        array: what `apply_modality_lut` gives.
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.
        index: which one, of several windows.
        frame: as for `apply_modality_lut`.
        out: where the result goes.

    Errors:
        CodecError: raised if the window is none that the standard allows, such as one of no width.
        OptionsError: raised if the array is no such array, or if there is no window with this
            index, or no such frame.

    Example:
        >>> import numpy as np
        >>> ct = {"00280101": {"vr": "US", "Value": [8]}}
        >>> ct |= {"00281050": {"vr": "DS", "Value": [40]}, "00281051": {"vr": "DS", "Value": [9]}}
        >>> ct |= {"00281056": {"vr": "CS", "Value": ["SIGMOID"]}}
        >>> apply_windowing(np.array([40]), ct)
        array([127.5])
    """
    pixels = as_pixels(array)
    groups = FunctionalGroups(attributes_of(dataset))
    macros = (PIXEL_VALUE_TRANSFORMATION, FRAME_VOI_LUT)

    def step(number: int) -> tuple[Window | None, Range | None]:
        values = range_behind(modality_of(groups, number), stored_range(groups.root, pixels))
        return window_at(groups, number, index), values

    parts = list(by_frame(groups, macros, pixels, frame, step))
    windows = [window for _, (window, _) in parts if window is not None]
    if not windows:
        return array if out is None else _copied(pixels, out)
    if len(windows) < len(parts):
        broken("some frames have a window, others have none")
    photometric = groups.root.text(_PHOTOMETRIC_INTERPRETATION).upper()
    if photometric not in {"", "MONOCHROME1", "MONOCHROME2"}:
        broken(f"a window is for MONOCHROME1 and MONOCHROME2, not for {photometric}")
    target = output_for(pixels.shape, _float64(), out)
    for window, (part, (_, values)) in zip(windows, parts, strict=True):
        low, high = values or extremes(pixels[part]) or (0, 0)
        pointwise(pixels[part], window.onto(low, high), target.dtype, out=target[part])
    return target


def apply_presentation_lut(array: Array, dataset: AnyDataset) -> Array:
    """The P-values of values of interest, by the Presentation LUT Sequence or Shape.

    A LUT gives uint8 or uint16; what goes in is spread over its entries, from the least value of
    the array to the greatest. The shape INVERSE turns the array upside down between these two;
    with IDENTITY, or without either, the array itself comes back.

    Args:
        array: what `apply_voi` gives.
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.

    Errors:
        CodecError: raised if the LUT is broken, or the shape none that the standard knows for
            images.
        OptionsError: raised if the array is no such array.

    Example:
        >>> import numpy as np
        >>> shape = {"20500020": {"vr": "CS", "Value": ["INVERSE"]}}
        >>> apply_presentation_lut(np.array([0, 10, 255]), shape)
        array([255, 245,   0])
    """
    import numpy as np

    pixels = as_pixels(array)
    root = attributes_of(dataset)
    lut = presentation_lut(root)
    ends = extremes(pixels)
    if ends is None:
        return array
    low, high = ends
    if lut is None:
        return high - pixels if presentation_shape(root) == "INVERSE" else array
    last = len(lut.values) - 1

    def p_values(part: Array) -> Array:
        # In these steps and this precision pydicom has the same index, which it rounds down, too.
        index = part.astype(np.float32)
        index -= np.float32(low)
        if high > low:
            index /= np.float32((np.float32(high) - np.float32(low)) / np.float32(last))
        entries: Array = lut.values[np.nan_to_num(index).astype(np.int64).clip(0, last)]
        return entries

    return pointwise(pixels, p_values, lut.dtype)


def presentation_lut(root: Attributes) -> Lut | None:
    """The table of the Presentation LUT Sequence, or `None`."""
    tables = root.items(_PRESENTATION_LUT_SEQUENCE)
    return lut_of(tables[0], is_signed=False) if tables else None


def presentation_shape(root: Attributes) -> str:
    """The Presentation LUT Shape: IDENTITY, INVERSE, or empty without one.

    Errors:
        CodecError: raised if it is something else.
    """
    shape = root.text(_PRESENTATION_LUT_SHAPE).upper()
    if shape not in {"", "IDENTITY", "INVERSE"}:
        broken(f"{shape} is no Presentation LUT Shape of an image")
    return shape


def by_frame(
    groups: FunctionalGroups,
    macros: tuple[int, ...],
    pixels: Array,
    frame: int | None,
    step: Callable[[int], Step],
) -> Iterator[tuple[Any, Step]]:
    """Parts of an array, as indices, with the step for each; one part where frames are alike.

    Args:
        groups: of the data set.
        macros: what the step depends on.
        pixels: the array.
        frame: the only frame that the array has, or `None`.
        step: makes the step for a frame.

    Errors:
        OptionsError: raised if there is no such frame, or frames differ and the array has not as
            many.
    """
    count = groups.count
    if frame is not None:
        if frame < 0 or (count and frame >= count):
            raise OptionsError(f"frame={frame}: the data set has functional groups of {count}")
        yield ..., step(frame)
        return
    if count < 2 or not any(groups.vary(macro) for macro in macros):
        yield ..., step(0)
        return
    steps = [step(number) for number in range(count)]
    if all(one == steps[0] for one in steps):
        yield ..., steps[0]
        return
    if pixels.ndim < 3 or len(pixels) != count:
        raise OptionsError(f"frame=None: the {count} frames differ, say which one the array has")
    begin = 0
    for number in range(1, count + 1):
        if number == count or steps[number] != steps[begin]:
            yield slice(begin, number), steps[begin]
            begin = number


def _rescale(pixels: Array, step: Rescale, target: Array) -> None:
    """Writes what a rescaling makes of pixels."""
    import numpy as np

    source, places = pixels.reshape(-1), target.reshape(-1)
    for part in chunks(source.size):
        place = places[part]
        np.multiply(source[part], step.slope, out=place, dtype=np.float64)
        place += step.intercept


def _copied(pixels: Array, out: Array) -> Array:
    target = output_for(pixels.shape, pixels.dtype, out)
    target[...] = pixels
    return target


def _float64() -> Any:
    import numpy as np

    return np.dtype(np.float64)
