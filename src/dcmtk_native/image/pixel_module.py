"""The Image Pixel module that an array makes (PS3.3 sections C.7.6.3, C.7.6.24 and C.7.6.25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dcmtk_native.errors import OptionsError

if TYPE_CHECKING:
    from dcmtk_native.image.pointwise import Array

__all__ = ["PHOTOMETRIC_INTERPRETATIONS", "PixelModule", "pixel_module_of"]

_MONOCHROME: Final = ("MONOCHROME2", "MONOCHROME1")
_COLOUR: Final = ("RGB", "YBR_FULL")
_PALETTE: Final = "PALETTE COLOR"
PHOTOMETRIC_INTERPRETATIONS: Final = (*_MONOCHROME, *_COLOUR, _PALETTE)
"""What native pixel data of whole samples may be."""

_SAMPLES: Final = 3
_MAX_SIDE: Final = 0xFFFF
_MAX_LENGTH: Final = 0xFFFFFFFE
_TYPES: Final = "bool, uint8, int8, uint16, int16, uint32, int32, float32 or float64"
_SHAPES: Final = (
    "(rows, columns), (frames, rows, columns), (rows, columns, 3) or (frames, rows, columns, 3)"
)


@dataclass(frozen=True, slots=True)
class PixelModule:
    """What an array is as pixel data.

    Attributes:
        photometric: Photometric Interpretation.
        samples: of a pixel: 1 or 3, the latter by pixel.
        frames: how many.
        rows: of a frame.
        columns: of a frame.
        bits_allocated: 1, 8, 16, 32 or 64.
        bits_stored: of integers; `None` of floating-point numbers.
        is_signed: of integers.
    """

    photometric: str
    samples: int
    frames: int
    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int | None
    is_signed: bool

    @property
    def is_float(self) -> bool:
        """Whether it is Float or Double Float Pixel Data."""
        return self.bits_stored is None

    @property
    def data_element(self) -> tuple[int, str]:
        """Tag and VR of the pixel data."""
        if self.is_float:
            return (0x7FE00008, "OF") if self.bits_allocated == 32 else (0x7FE00009, "OD")
        return 0x7FE00010, "OB" if self.bits_allocated <= 8 else "OW"

    def numbers(self) -> list[tuple[int, str, int]]:
        """Tag, VR and value of the attributes that are numbers."""
        found = [
            (0x00280002, "US", self.samples),
            (0x00280010, "US", self.rows),
            (0x00280011, "US", self.columns),
            (0x00280100, "US", self.bits_allocated),
        ]
        if self.samples > 1:
            found.append((0x00280006, "US", 0))  # by pixel
        if self.bits_stored is not None:
            found += [
                (0x00280101, "US", self.bits_stored),
                (0x00280102, "US", self.bits_stored - 1),
                (0x00280103, "US", int(self.is_signed)),
            ]
        return found

    def data(self, array: Array) -> memoryview:
        """The pixel data: the memory of the array itself, if that is as a file has it."""
        import numpy as np

        if array.dtype.kind == "b":
            return np.packbits(array.reshape(-1), bitorder="little").data
        little = array.dtype.newbyteorder("<")
        return np.ascontiguousarray(array, dtype=little).reshape(-1).view(np.uint8).data


def pixel_module_of(
    array: Any,
    *,
    photometric_interpretation: str | None,
    bits_stored: int | None,
    usual_photometric: str,
    usual_bits: int | None,
) -> PixelModule:
    """The module for an array.

    Args:
        array: anything.
        photometric_interpretation: what the caller wants, or `None`.
        bits_stored: what the caller wants, or `None`.
        usual_photometric: that of the template, or nothing.
        usual_bits: bits stored of the template, or `None`.

    Errors:
        OptionsError: raised if the array is no picture, or what the caller wants does not fit it.
    """
    import numpy as np

    if not isinstance(array, np.ndarray):
        raise OptionsError(f"array must be a numpy array, not {type(array).__name__}")
    kind, size = array.dtype.kind, array.dtype.itemsize
    if not (kind == "b" or (kind in "iu" and size <= 4) or (kind == "f" and size in (4, 8))):
        raise OptionsError(f"array must be of {_TYPES}, not of {array.dtype}")
    is_colour = _is_colour(array, photometric_interpretation)
    frames, rows, columns = _shape(array, is_colour=is_colour)
    photometric = photometric_interpretation or _photometric(is_colour, usual_photometric)
    _check_type(array, photometric)
    allocated = 1 if kind == "b" else size * 8
    if array.size * allocated > _MAX_LENGTH * 8:
        raise OptionsError(f"array must have no more than {_MAX_LENGTH} bytes of native pixel data")
    return PixelModule(
        photometric=photometric,
        samples=_SAMPLES if is_colour else 1,
        frames=frames,
        rows=rows,
        columns=columns,
        bits_allocated=allocated,
        bits_stored=_bits_stored(array, allocated, bits_stored, usual_bits),
        is_signed=kind == "i",
    )


def _is_colour(array: Array, wanted: str | None) -> bool:
    if wanted is not None:
        return wanted in _COLOUR
    return array.ndim in (3, 4) and array.shape[-1] == _SAMPLES


def _shape(array: Array, *, is_colour: bool) -> tuple[int, int, int]:
    """Frames, rows and columns."""
    shape = array.shape
    plane = shape[:-1] if is_colour else shape
    if len(plane) not in (2, 3) or (is_colour and shape[-1] != _SAMPLES):
        raise OptionsError(f"array must have the shape {_SHAPES}, not {shape}")
    frames, rows, columns = (1, *plane) if len(plane) == 2 else plane
    if not (1 <= rows <= _MAX_SIDE and 1 <= columns <= _MAX_SIDE and frames >= 1):
        raise OptionsError(f"array must have 1 to {_MAX_SIDE} rows and columns, not shape {shape}")
    return frames, rows, columns


def _photometric(is_colour: bool, usual: str) -> str:
    """That of the template, where the array is of the same kind."""
    allowed = _COLOUR[:1] if is_colour else (*_MONOCHROME, _PALETTE)
    return usual if usual in allowed else allowed[0]


def _check_type(array: Array, photometric: str) -> None:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if photometric in _COLOUR and (kind != "u" or (photometric != "RGB" and size > 1)):
        types = "uint8, uint16 or uint32" if photometric == "RGB" else "uint8"
        raise OptionsError(f"array must be of {types} for {photometric}, not of {array.dtype}")
    if photometric == _PALETTE and (kind not in "ui" or size > 2):
        raise OptionsError(f"array must be of 8 or 16 bit for {_PALETTE}, not of {array.dtype}")
    if kind == "f" and photometric != "MONOCHROME2":
        raise OptionsError(f"array must be of integers for {photometric}, not of {array.dtype}")


def _bits_stored(array: Array, allocated: int, wanted: int | None, usual: int | None) -> int | None:
    if array.dtype.kind == "f":
        if wanted is not None:
            raise OptionsError(f"bits_stored={wanted}: is for integers, not for {array.dtype}")
        return None
    bits = wanted if wanted is not None else usual
    if bits is None or bits == allocated:
        return allocated
    fits = 1 <= bits <= allocated and _fit(array, bits)
    if not fits and wanted is not None:
        ends = f"{array.min()} to {array.max()}"
        raise OptionsError(f"bits_stored={wanted}: the array is of {array.dtype} and has {ends}")
    return bits if fits else allocated


def _fit(array: Array, bits: int) -> bool:
    """Whether all values have no more than so many bits."""
    if array.dtype.kind == "i":
        return bool(array.min() >= -(1 << bits - 1) and array.max() < 1 << bits - 1)
    return bool(array.max() < 1 << bits)
