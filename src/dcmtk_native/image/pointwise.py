"""Functions of single pixels over whole arrays, by tables where there are few possible values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dcmtk_native.errors import OptionsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Array", "as_pixels", "chunks", "extremes", "output_for", "pointwise"]

Array: TypeAlias = "NDArray[Any]"

_CHUNK: Final = 1 << 15
"""Pixels at a time: what is made of them on the way stays in the cache of the processor."""

_MAX_TABLE_BYTES: Final = 2
"""Types of up to 16 bit have so few values that a table of all of them is soon made."""


def as_pixels(array: Any) -> Array:
    """The array itself, if it is one of integers, booleans (as 0 and 1) or floating-point numbers.

    Errors:
        OptionsError: raised if it is none.
    """
    import numpy as np

    if not isinstance(array, np.ndarray):
        raise OptionsError(f"array must be a numpy array, not {type(array).__name__}")
    if array.dtype.kind not in "biuf":
        raise OptionsError(f"array must hold integers or floating-point numbers, not {array.dtype}")
    return array.view(np.uint8) if array.dtype.kind == "b" else array


def output_for(shape: tuple[int, ...], dtype: Any, out: Any) -> Array:
    """Where a result of this shape and type goes: `out` if it is given and fits.

    Errors:
        OptionsError: raised if it does not fit.
    """
    import numpy as np

    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != dtype:
        raise OptionsError(f"out must be an array of {np.dtype(dtype)} with the shape {shape}")
    if not (out.flags.c_contiguous and out.flags.writeable):
        raise OptionsError("out must be contiguous and writeable")
    return out


def pointwise(
    array: Array,
    function: Callable[[Array], Array],
    dtype: Any,
    *,
    out: Array | None = None,
    samples: int = 0,
) -> Array:
    """What a function makes of every pixel.

    Args:
        array: the pixels.
        function: takes any of them as an array of one dimension, and gives as many values.
        dtype: of what it gives.
        out: where the result goes.
        samples: if not 0: the function gives so many values a pixel, in a second dimension, which
            will be the last one of the result.
    """
    tail = (samples,) if samples else ()
    target = output_for(array.shape + tail, dtype, out)
    source, places = array.reshape(-1), target.reshape(-1, *tail)
    codes = _codes(source)
    if codes is not None:
        table = function(codes).astype(dtype, copy=False)
        if source.dtype.kind == "i":
            source = source.view(source.dtype.str.replace("i", "u"))
        for part in chunks(source.size):
            # All are in range; other modes than "clip" take twice the time to make sure of that.
            table.take(source[part], axis=0, out=places[part], mode="clip")
        return target
    for part in chunks(source.size):
        places[part] = function(source[part])
    return target


def chunks(size: int) -> Iterator[slice]:
    """So many pixels in parts, between which nothing but the array need be in memory."""
    return (slice(begin, begin + _CHUNK) for begin in range(0, size, _CHUNK))


def extremes(array: Array) -> tuple[float, float] | None:
    """The least and the greatest value, or `None` if there is no number in the array."""
    import numpy as np

    if array.dtype.kind == "f":
        array = array[np.isfinite(array)]
    return None if array.size == 0 else (array.min().item(), array.max().item())


def _codes(pixels: Array) -> Array | None:
    """The possible values, by their position in memory; `None` where a table does not pay."""
    import numpy as np

    dtype = pixels.dtype
    if dtype.kind not in "iu" or dtype.itemsize > _MAX_TABLE_BYTES or not pixels.size:
        return None
    count = 1 << 8 * dtype.itemsize
    if dtype.kind == "u" or pixels.min() >= 0:
        count = int(pixels.max()) + 1
    if count >= pixels.size:
        return None
    unsigned: np.dtype[Any] = np.dtype(f"u{dtype.itemsize}")
    return np.arange(count, dtype=unsigned).view(f"{dtype.kind}{dtype.itemsize}")
