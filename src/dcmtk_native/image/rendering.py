"""to_display: stored values as a picture of 8 bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from dcmtk_native.errors import OptionsError
from dcmtk_native.image.attributes import AnyDataset, FunctionalGroups, attributes_of
from dcmtk_native.image.display import by_frame, presentation_lut, presentation_shape
from dcmtk_native.image.lut import Lut
from dcmtk_native.image.palette import has_palette, is_supplemental, palette_of
from dcmtk_native.image.pointwise import as_pixels, extremes, output_for, pointwise
from dcmtk_native.image.transforms import (
    FRAME_VOI_LUT,
    PIXEL_VALUE_TRANSFORMATION,
    Modality,
    Range,
    Voi,
    Window,
    modality_of,
    range_behind,
    stored_range,
    voi_function,
    voi_lut,
    window_at,
)

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = ["WindowChoice", "to_display"]

WindowChoice: TypeAlias = int | tuple[float, float] | Literal["minmax"] | None
"""Which values are between black and white, see `to_display`."""

_PHOTOMETRIC_INTERPRETATION: Final = 0x00280004
_PADDING_VALUE, _PADDING_LIMIT = 0x00280120, 0x00280121
_MACROS: Final = (PIXEL_VALUE_TRANSFORMATION, FRAME_VOI_LUT)
_RGB: Final = 3

Curve: TypeAlias = Callable[["Array"], "Array"]
"""Values of any kind to float64 from 0 to 1."""


class _Chain(NamedTuple):
    """What depends on the frame: values of the modality, and what of them is of interest.

    Attributes:
        modality: to the values of the modality.
        voi: from there to what is of interest; `None`: `values` is all of it.
        values: what comes out of the modality can be, or is; `None`: no number at all.
    """

    modality: Modality
    voi: Voi
    values: Range | None

    def onto_unit(self, pixels: Array) -> Array:
        """Stored values as numbers from 0 to 1."""
        import numpy as np

        values = pixels if self.modality is None else self.modality(pixels)
        if isinstance(self.voi, Window):
            return self.voi.onto(0, 1)(values)
        if isinstance(self.voi, Lut):
            values = self.voi(values)
            ends: Range = (0, self.voi.maximum)
        else:
            ends = self.values or (0, 0)
        low, high = ends
        scaled: Array = np.subtract(values, low, dtype=np.float64)
        if high > low:
            scaled /= high - low
        return np.clip(scaled, 0, 1, out=scaled)


def to_display(
    array: Array,
    dataset: AnyDataset,
    *,
    window: WindowChoice = None,
    prefer_lut: bool = True,
    frame: int | None = None,
    out: Array | None = None,
) -> Array:
    """The picture that these stored values are: uint8, of the same shape, or with colours.

    Grey values pass the modality LUT, the VOI LUT or a window, and the presentation LUT, as the
    data set has them; 0 is black and 255 white, whatever the photometric interpretation. What is no
    number is black (white of MONOCHROME1).

    PALETTE COLOR, and a supplemental palette, give RGB: a last axis of 3 more. Pixels of RGB, the
    form in which `PixelData` and pydicom give all true colour, pass through; those of more than 8
    bit are scaled to 8.

    Args:
        array: stored values, of any shape.
        dataset: a `DicomDataset`, a `DicomFile` or a data set of pydicom.
        window: what is between black and white. `None`: the first VOI LUT or window of the data
            set, or without one the whole range that values can have. A number: the VOI LUT or
            window with this index. A pair: the center and width of a window. "minmax": from the
            least value of the array to the greatest, Pixel Padding Value left out.
        prefer_lut: of a data set with VOI LUTs and windows, take the LUTs.
        frame: as for `apply_modality_lut`.
        out: where the result goes.

    Errors:
        CodecError: raised if something in the data set is broken, see the single steps.
        OptionsError: raised if the array is no such array, the window none, or the data set has no
            such frame.

    Example:
        >>> import numpy as np
        >>> ct = DicomFile.open("image.dcm").unwrap()
        >>> stored = np.array([[0, 1024, 2048]], np.int16)
        >>> to_display(stored, ct, window=(40, 400))
        array([[  0, 102, 255]], dtype=uint8)
        >>> to_display(stored, ct, window="minmax")
        array([[  0, 128, 255]], dtype=uint8)
    """
    import numpy as np

    pixels = as_pixels(array)
    groups = FunctionalGroups(attributes_of(dataset))
    root = groups.root
    photometric = root.text(_PHOTOMETRIC_INTERPRETATION).upper()
    if photometric == "PALETTE COLOR":
        return _palette_picture(pixels, groups, out)
    if photometric not in {"", "MONOCHROME1", "MONOCHROME2"}:
        return _colour_picture(pixels, groups, out)

    def step(number: int) -> _Chain:
        return _chain(groups, number, window, prefer_lut=prefer_lut, pixels=pixels)

    finish = _finish(groups, is_inverse=_is_inverse(groups, photometric))
    palette = palette_of(root) if has_palette(root) and is_supplemental(root) else None
    samples = 0 if palette is None else _RGB
    shape = (*pixels.shape, _RGB) if samples else pixels.shape
    target = output_for(shape, np.dtype(np.uint8), out)
    parts = list(by_frame(groups, _MACROS, pixels, frame, step))
    if _is_minmax(window):
        parts = _over_all_values(parts, pixels, groups)
    for part, chain in parts:
        function = _function(chain, finish, palette)
        pointwise(pixels[part], function, target.dtype, out=target[part], samples=samples)
    return target


def _function(chain: _Chain, finish: Curve, palette: Lut | None) -> Curve:
    """All steps as one."""

    def shown(pixels: Array) -> Array:
        return finish(chain.onto_unit(pixels))

    return shown if palette is None else _with_palette(shown, palette)


def _over_all_values(
    parts: list[tuple[Any, _Chain]], pixels: Array, groups: FunctionalGroups
) -> list[tuple[Any, _Chain]]:
    """The same, with the least and the greatest of all values that are there as the ends."""
    found = [_values_in(pixels[part], chain.modality, groups) for part, chain in parts]
    ends = [end for values in found if values is not None for end in values]
    values = (min(ends), max(ends)) if ends else None
    return [(part, chain._replace(values=values)) for part, chain in parts]


def _is_minmax(window: WindowChoice) -> bool:
    return isinstance(window, str) and window == "minmax"


def _chain(
    groups: FunctionalGroups,
    frame: int,
    window: WindowChoice,
    *,
    prefer_lut: bool,
    pixels: Array,
) -> _Chain:
    modality = modality_of(groups, frame)
    values = range_behind(modality, stored_range(groups.root, pixels))
    if _is_minmax(window):
        return _Chain(modality, None, None)
    if isinstance(window, (tuple, list)):
        return _Chain(modality, _given_window(groups, frame, window), values)
    index = 0 if window is None else window
    if not isinstance(index, int) or isinstance(index, bool):
        raise OptionsError(f"window={window!r}: must be an index, (center, width) or 'minmax'")
    order = (_lut, _window) if prefer_lut else (_window, _lut)
    found = order[0](groups, frame, index, values) or order[1](groups, frame, index, values)
    if found is None:
        if window is not None:
            raise OptionsError(f"window={window}: the data set has neither VOI LUT nor window")
        # Floating-point pixel data have no range but their own.
        values = values or range_behind(modality, extremes(pixels))
    return _Chain(modality, found, values)


def _lut(groups: FunctionalGroups, frame: int, index: int, values: Range | None) -> Voi:
    return voi_lut(groups, frame, index, values)


def _window(groups: FunctionalGroups, frame: int, index: int, _values: Range | None) -> Voi:
    return window_at(groups, frame, index)


def _given_window(groups: FunctionalGroups, frame: int, pair: Any) -> Window:
    from math import isfinite

    try:
        center, width = (float(number) for number in pair)
        given = Window(center, width, voi_function(groups, frame))
    except (TypeError, ValueError):
        raise OptionsError(f"window={pair!r}: must be two numbers, center and width") from None
    fault = given.fault() if isfinite(center) and isfinite(width) else "must be finite numbers"
    if fault:
        raise OptionsError(f"window={pair!r}: {fault}")
    return given


def _values_in(pixels: Array, modality: Modality, groups: FunctionalGroups) -> Range | None:
    """The least and the greatest of the modality's values that are there."""
    import numpy as np

    padding = groups.root.integer(_PADDING_VALUE)
    if padding is not None:
        limit = groups.root.integer(_PADDING_LIMIT)
        low, high = sorted((padding, padding if limit is None else limit))
        pixels = pixels[(pixels < low) | (pixels > high)]
    if isinstance(modality, Lut):
        return extremes(modality(np.unique(pixels)))
    return range_behind(modality, extremes(pixels))


def _is_inverse(groups: FunctionalGroups, photometric: str) -> bool:
    """Whether low values are white. The shape says so for MONOCHROME1, too, where there is one."""
    shape = presentation_shape(groups.root)
    return shape == "INVERSE" if shape else photometric == "MONOCHROME1"


def _finish(groups: FunctionalGroups, *, is_inverse: bool) -> Curve:
    """The last steps: numbers from 0 to 1 through the presentation LUT to uint8."""
    import numpy as np

    lut = presentation_lut(groups.root)

    def finish(units: Array) -> Array:
        units = np.nan_to_num(units, copy=False)
        if lut is not None:
            entries = lut.values[np.rint(units * (len(lut.values) - 1)).astype(np.int64)]
            units = np.minimum(entries / lut.maximum, 1)
        elif is_inverse:
            units = 1 - units
        units *= 255
        return np.rint(units, out=units).astype(np.uint8)

    return finish


def _with_palette(shown: Curve, palette: Lut) -> Curve:
    """Grey below the first value of the palette, its colours from there on (C.7.6.19)."""
    import numpy as np

    colours = _bytes(palette.values[:, :_RGB], palette.bits)
    coloured = Lut(colours, palette.first, 8)

    def rgb(pixels: Array) -> Array:
        picture = np.repeat(shown(pixels)[:, np.newaxis], _RGB, axis=1)
        is_colour = pixels >= palette.first
        picture[is_colour] = coloured(pixels[is_colour])
        return picture

    return rgb


def _palette_picture(pixels: Array, groups: FunctionalGroups, out: Array | None) -> Array:
    palette = palette_of(groups.root)
    colours = Lut(_bytes(palette.values[:, :_RGB], palette.bits), palette.first, 8)
    return pointwise(pixels, colours, colours.dtype, out=out, samples=_RGB)


def _colour_picture(pixels: Array, groups: FunctionalGroups, out: Array | None) -> Array:
    import numpy as np

    if pixels.shape[-1:] != (_RGB,):
        raise OptionsError(f"array must have a last axis of {_RGB}, not the shape {pixels.shape}")
    if pixels.dtype == np.uint8:
        if out is None:
            return pixels
        target = output_for(pixels.shape, np.dtype(np.uint8), out)
        target[...] = pixels
        return target
    values = stored_range(groups.root, pixels) or extremes(pixels)
    finish = _finish(groups, is_inverse=False)
    chain = _Chain(None, None, values)
    return pointwise(pixels, lambda some: finish(chain.onto_unit(some)), np.uint8, out=out)


def _bytes(entries: Array, bits: int) -> Array:
    """Entries of a palette with their highest 8 bit."""
    import numpy as np

    if entries.dtype == np.uint8:
        return entries
    highest: Array = np.minimum(entries >> max(bits - 8, 0), 255).astype(np.uint8)
    return highest
