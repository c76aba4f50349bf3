"""The steps from stored values to what is shown, as a data set describes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dcmtk_native.errors import OptionsError
from dcmtk_native.image.attributes import Attributes, FunctionalGroups, broken
from dcmtk_native.image.lut import Lut, lut_of

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = [
    "FRAME_VOI_LUT",
    "PIXEL_VALUE_TRANSFORMATION",
    "Modality",
    "Range",
    "Rescale",
    "Voi",
    "Window",
    "modality_of",
    "range_behind",
    "stored_range",
    "voi_function",
    "voi_lut",
    "window_at",
]

PIXEL_VALUE_TRANSFORMATION: Final = 0x00289145
FRAME_VOI_LUT: Final = 0x00289132

_MODALITY_LUT: Final = 0x00283000
_VOI_LUT: Final = 0x00283010
_WINDOW_CENTER, _WINDOW_WIDTH = 0x00281050, 0x00281051
_VOI_LUT_FUNCTION: Final = 0x00281056
_RESCALE_INTERCEPT, _RESCALE_SLOPE = 0x00281052, 0x00281053
_BITS_STORED, _PIXEL_REPRESENTATION = 0x00280101, 0x00280103
_FUNCTIONS: Final = ("LINEAR", "LINEAR_EXACT", "SIGMOID")

Range: TypeAlias = tuple[float, float]
"""The least and the greatest value that something can have."""


@dataclass(frozen=True, slots=True)
class Rescale:
    """Stored values to those of the modality (PS3.3 section C.11.1.1.2): float64."""

    slope: float
    intercept: float

    @property
    def dtype(self) -> Any:
        """Of what comes out."""
        import numpy as np

        return np.dtype(np.float64)

    def __call__(self, pixels: Array) -> Array:
        """The rescaled values."""
        import numpy as np

        values: Array = np.multiply(pixels, self.slope, dtype=np.float64)
        values += self.intercept
        return values


Modality: TypeAlias = Rescale | Lut | None
"""What the modality LUT stage does; `None`: nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window and its function (PS3.3 section C.11.2.1)."""

    center: float
    width: float
    function: str

    def onto(self, low: float, high: float) -> Callable[[Array], Array]:
        """The function of PS3.3 that brings values to the range from `low` to `high`: float64.

        Where no number comes in, none comes out.
        """
        import numpy as np

        def sigmoid(pixels: Array) -> Array:
            with np.errstate(over="ignore"):  # far below the window it is 1 / (1 + infinity)
                values: Array = np.exp(-4 * (pixels.astype(np.float64) - self.center) / self.width)
            return (high - low) / (1 + values) + low

        if self.function == "SIGMOID":
            return sigmoid
        is_exact = self.function == "LINEAR_EXACT"
        center = self.center if is_exact else self.center - 0.5
        width = self.width if is_exact else self.width - 1

        def linear(pixels: Array) -> Array:
            values: Array = np.subtract(pixels, center, dtype=np.float64)
            if width == 0:
                return np.where(np.isnan(values), values, np.where(values > 0, high, low))
            values /= width
            values += 0.5
            np.clip(values, 0, 1, out=values)
            values *= high - low
            values += low
            return values

        return linear

    def fault(self) -> str | None:
        """What the standard has against it, or `None`."""
        if self.function not in _FUNCTIONS:
            return f"{self.function} is no VOI LUT Function"
        if self.function == "LINEAR" and self.width < 1:
            return f"the width of a linear window must be at least 1, not {self.width:g}"
        if self.width <= 0:
            return f"the width of a window must be more than 0, not {self.width:g}"
        return None


Voi: TypeAlias = Window | Lut | None
"""What the VOI LUT stage does; `None`: nothing."""


def stored_range(root: Attributes, pixels: Array) -> Range | None:
    """What stored values can be; `None` for floating-point pixel data, which can be anything.

    Args:
        root: the data set.
        pixels: count only where the data set does not say how many bits values have.
    """
    import numpy as np

    bits = root.integer(_BITS_STORED)
    if bits is None:
        if pixels.dtype.kind == "f":
            return None
        whole = np.iinfo(pixels.dtype)
        return int(whole.min), int(whole.max)
    if not 1 <= bits <= 64:
        broken(f"values of {bits} bits stored are none")
    if root.integer(_PIXEL_REPRESENTATION) == 1:
        return -(1 << bits - 1), (1 << bits - 1) - 1
    return 0, (1 << bits) - 1


def modality_of(groups: FunctionalGroups, frame: int) -> Modality:
    """The modality LUT, else the rescaling of a frame, else `None`.

    Errors:
        CodecError: raised if the data set has a broken one.
    """
    root = groups.root
    tables = root.items(_MODALITY_LUT)
    if tables:
        return lut_of(tables[0], is_signed=root.integer(_PIXEL_REPRESENTATION) == 1)
    source = groups.of(PIXEL_VALUE_TRANSFORMATION, frame)
    slope, intercept = source.number(_RESCALE_SLOPE), source.number(_RESCALE_INTERCEPT)
    # Each is required where the other is; one alone is no rescaling, for DCMTK and pydicom too.
    return None if slope is None or intercept is None else Rescale(slope, intercept)


def range_behind(modality: Modality, stored: Range | None) -> Range | None:
    """What values behind the modality LUT stage can be."""
    if isinstance(modality, Lut):
        return 0, modality.maximum
    if modality is None or stored is None:
        return stored
    low, high = sorted(value * modality.slope + modality.intercept for value in stored)
    return low, high


def voi_lut(groups: FunctionalGroups, frame: int, index: int, values: Range | None) -> Lut | None:
    """The VOI LUT of a frame with this index, or `None` if there is no VOI LUT at all.

    Args:
        groups: of the data set.
        frame: its number.
        index: of the LUT.
        values: what comes in can be.

    Errors:
        OptionsError: raised if there are fewer.
        CodecError: raised if it is broken.
    """
    tables = groups.of(FRAME_VOI_LUT, frame).items(_VOI_LUT)
    if not tables:
        return None
    _check_index(index, len(tables), "VOI LUT")
    return lut_of(tables[index], is_signed=values is not None and values[0] < 0)


def window_at(groups: FunctionalGroups, frame: int, index: int) -> Window | None:
    """The window of a frame with this index, or `None` if there is no window at all.

    Errors:
        OptionsError: raised if there are fewer.
        CodecError: raised if it is none that the standard allows.
    """
    source = groups.of(FRAME_VOI_LUT, frame)
    centers, widths = source.numbers(_WINDOW_CENTER), source.numbers(_WINDOW_WIDTH)
    windows = list(zip(centers, widths, strict=False))
    if not windows:
        return None
    _check_index(index, len(windows), "window")
    window = Window(*windows[index], voi_function(groups, frame))
    fault = window.fault()
    if fault:
        broken(fault)
    return window


def voi_function(groups: FunctionalGroups, frame: int) -> str:
    """The VOI LUT Function (0028,1056) of a frame."""
    return groups.of(FRAME_VOI_LUT, frame).text(_VOI_LUT_FUNCTION).upper() or "LINEAR"


def _check_index(index: int, count: int, what: str) -> None:
    if not 0 <= index < count:
        plural = "" if count == 1 else "s"
        raise OptionsError(f"index={index}: the data set has {count} {what}{plural}")
