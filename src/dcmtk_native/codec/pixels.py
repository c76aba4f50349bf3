"""Pixel data as numpy arrays.

>>> from dcmtk_native import read_pixels
>>> pixels = read_pixels("image.dcm").unwrap()
>>> pixels.shape, pixels.dtype, int(pixels.frame(0).max())
((1, 128, 128, 1), dtype('int16'), 2191)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, cast, overload

from dcmtk_native._core import codec as _core
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.groups_threads import OnFrameOption, ThreadsOption, threads_or_all
from dcmtk_native._runtime.options import (
    Buffer,
    InputSource,
    IsolateOption,
    Opt,
    SignalOption,
    TimeoutMs,
)
from dcmtk_native._runtime.tool import operation
from dcmtk_native.codec.isolated import IsolatedPixels, identity_of, native_reading
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    Array: TypeAlias = NDArray[Any]
else:
    # Declarations are read at run time, where nothing has loaded numpy yet.
    Array = Any

__all__ = ["FrameSpan", "PixelData", "read_pixels"]

ColorOption = Annotated[
    Literal["rgb", "stored"], Opt(help="YBR_FULL and YBR_FULL_422 as RGB, or colors as they are")
]
RawOption = Annotated[
    bool, Opt(help="bits above the stored ones stay as they are, and so do colors")
]


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """Where a frame's bytes are in the file: what an HTTP range request asks for.

    Attributes:
        offset: of its first byte.
        length: up to behind its last byte, headers of fragments between included.
        parts: (offset, length) of each fragment's value; one for native pixel data.
    """

    offset: int
    length: int
    parts: tuple[tuple[int, int], ...]


class PixelData:
    """The pixel data of one input, decoded when it is asked for, each frame on its own.

    Samples are by pixel, whatever PlanarConfiguration says. Bits above BitsStored get the value
    that the sample stands for (PS3.5 section 8.1.1). One bit a pixel becomes bytes of 0 and 1.
    Palette colors stay indices: see `apply_color_lut`. Native little endian frames are read-only
    views of the mapped file, if nothing has to be changed in them; as with `numpy.memmap`, the
    file must not be cut short while such an array is used. Safe for several threads.

    `read` returns a Result; `frame`, `array`, indexing, iteration and numpy's protocols raise the
    error that `read` returns.
    """

    __slots__ = (
        "_color",
        "_isolated",
        "_native",
        "_options",
        "_raw",
        "_reading",
        "_threads",
        "_view",
    )

    def __init__(
        self,
        native: _core.Pixels,
        color: str,
        raw: bool,
        threads: int | None,
        isolated: IsolatedPixels | None = None,
    ) -> None:
        self._native = native
        self._isolated = isolated
        self._color = "stored" if raw or color == "stored" else "declared"
        self._raw = raw
        self._threads = threads_or_all(threads)
        self._reading = {
            "color": self._color,
            "settle_bits": not raw,
            "threads": self._threads,
        }
        self._options = native_reading(self._reading)
        self._view: _core.PixelView | None = None

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(frames, rows, columns, samples)."""
        native = self._native
        return (native.frames, native.rows, native.columns, native.samples)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the arrays: by BitsAllocated, PixelRepresentation and the pixel data element."""
        import numpy as np

        native = self._native
        kind = "f" if native.is_float else "i" if native.is_signed else "u"
        return np.dtype(f"{kind}{native.bits_allocated // 8}")

    @property
    def nbytes(self) -> int:
        """Bytes of all frames as arrays."""
        frames, rows, columns, samples = self.shape
        return frames * rows * columns * samples * (self._native.bits_allocated // 8)

    @property
    def bits_stored(self) -> int:
        """(0028,0101)."""
        return self._native.bits_stored

    @property
    def transfer_syntax(self) -> str:
        """UID of the input's transfer syntax."""
        return self._native.transfer_syntax

    @property
    def photometric_interpretation(self) -> str:
        """Of the arrays: `"RGB"` where colors are converted, or the codec undoes a transform."""
        return self._native.photometric_interpretation_of(self._options)

    @property
    def stored_photometric_interpretation(self) -> str:
        """(0028,0004), as the data set has it."""
        return self._native.photometric_interpretation

    def __len__(self) -> int:
        """The number of frames."""
        return self._native.frames

    def __repr__(self) -> str:
        return (
            f"<PixelData shape={self.shape} dtype={self.dtype}"
            f" photometric_interpretation={self.photometric_interpretation!r}>"
        )

    @operation
    def read(
        self,
        frames: int | slice | None = None,
        *,
        out: Array | None = None,
        copy: bool = False,
        on_progress: OnFrameOption = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> Array:
        """One frame, a slice, or all: an array of shape ([frames,] rows, columns[, samples]).

        A number gives no frame axis, and neither does all of an image of one frame; one sample a
        pixel gives no sample axis.

        Args:
            frames: the number of a frame from 0 on (negative: from the end), a slice of step 1, or
                `None` for all.
            out: a writable, C-contiguous array of that shape and of `dtype` to decode into.
            copy: never a view: the array is writable and the caller's own.
            on_progress: called with the number of frames done and of all.
            timeout_ms: give up after this many milliseconds.
            signal: what may abort the call.

        Errors:
            CodecError: a frame is damaged, or its stream contradicts the data set.
            DicomFileError: the file cannot be read any more.
            OptionsError: a frame that is not there, or an `out` that does not fit.
        """
        import numpy as np

        try:
            first, count, axes = self._selected(frames)
            target = None if out is None else _checked_out(out, axes, self.dtype)
        except (IndexError, ValueError) as error:
            rule = f"PixelData.read: invalid options: {error}"
            raise OptionsError(rule, tool="PixelData.read") from None
        if target is None:
            view = None if copy else self._viewed(first, count)
            if view is not None:
                return view.reshape(axes)
            target = np.empty(axes, self.dtype)
        if self._isolated is None:
            self._native.read(first, count, self._options, target.data, guarded(on_progress))
        elif count:
            self._isolated.read(first, count, self._reading, target.data, on_progress)
        return target

    def frame(self, index: int, *, out: Array | None = None) -> Array:
        """One frame of shape (rows, columns[, samples])."""
        self._selected(index)  # its own IndexError, as sequences have it
        return self.read(index, out=out).unwrap()

    def array(self, *, out: Array | None = None, copy: bool = False) -> Array:
        """All frames, of shape ([frames,] rows, columns[, samples]): no axis for one of a kind."""
        return self.read(None, out=out, copy=copy).unwrap()

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> Array: ...
    def __getitem__(self, index: int | slice) -> Array:
        self._selected(index)
        return self.read(index).unwrap()

    def __iter__(self) -> Iterator[Array]:
        """Frame after frame; as many are decoded at a time as there are threads."""
        for first in range(0, len(self), self._threads):
            yield from self[first : first + self._threads]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        array = self.array(copy=bool(copy))
        return array if dtype is None else array.astype(dtype, copy=False)

    def __dlpack__(self, **options: Any) -> Any:
        """All frames for another array library; a copy: most cannot take what is read-only."""
        return self.array(copy=True).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        """The processor's memory."""
        return (1, 0)

    def frame_index(self) -> list[FrameSpan] | None:
        """Where each frame is in the file; `None` if its bytes are not there as such (deflated)."""
        index = self._native.frame_index()
        if index is None:
            return None
        return [
            FrameSpan(parts[0][0], parts[-1][0] + parts[-1][1] - parts[0][0], tuple(parts))
            for parts in index
        ]

    def coded_frame(self, index: int) -> bytes:
        """The compressed stream of one frame, as it is stored.

        Errors:
            ValueError: raised if there is no such frame, or the pixel data is not compressed.
        """
        return self._native.coded_frame(index)

    def _selected(self, frames: int | slice | None) -> tuple[int, int, tuple[int, ...]]:
        """The first frame, how many, and the shape of their array."""
        total, rows, columns, samples = self.shape
        image = (rows, columns) if samples == 1 else (rows, columns, samples)
        if frames is None:
            return 0, total, image if total == 1 else (total, *image)
        if isinstance(frames, slice):
            start, stop, step = frames.indices(total)
            if step != 1:
                msg = f"a slice of frames has step 1, not {step}"
                raise IndexError(msg)
            count = max(stop - start, 0)
            return min(start, total), count, (count, *image)
        first = frames + total if frames < 0 else frames
        if not 0 <= first < total:
            msg = f"frame {frames} of {total}"
            raise IndexError(msg)
        return first, 1, image

    def _viewed(self, first: int, count: int) -> Array | None:
        """The frames where they are stored, if nothing has to be done to them."""
        import numpy as np

        if count == 0 or self.photometric_interpretation != self.stored_photometric_interpretation:
            return None
        if self._view is None:
            self._view = self._native.view()
        if self._view is None:
            return None
        if not self._raw and not self._native.is_settled(self._view, first, count):
            return None
        size = self.nbytes // len(self)
        stored = memoryview(cast("Buffer", self._view))[first * size : (first + count) * size]
        return np.frombuffer(stored, self.dtype)


def _checked_out(out: Array, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """The array, if the frames can be decoded into it as it is."""
    if out.shape != shape or out.dtype != dtype:
        msg = f"out has shape {out.shape} and dtype {out.dtype}, the frames {shape} and {dtype}"
        raise ValueError(msg)
    if not out.flags.c_contiguous or not out.flags.writeable:
        msg = "out must be C-contiguous and writable"
        raise ValueError(msg)
    return out


@operation
def read_pixels(
    input_path: Annotated[InputSource, Opt(help="DICOM file to read")],
    *,
    color: ColorOption = "rgb",
    raw: RawOption = False,
    threads: ThreadsOption = None,
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    isolate: IsolateOption = False,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> PixelData:
    """The pixel data of a file; nothing of it is decoded before it is asked for.

    With `isolate` compressed frames are decoded in a worker process: should a decoder crash on
    them, that is a `CodecError`, and a decoder that nothing can interrupt is killed at the
    deadline. It is for services that take files from strangers. A call of `PixelData` then takes
    half a millisecond longer, and 2 ms for each megabyte of pixels; the first starts the worker,
    which takes a sixth of a second and 40 MB. There are as many as calls at a time have needed, at
    most one a processor; they end with this process.

    Errors:
        DicomFileError: the file is missing or cannot be read.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: there is no pixel data, no codec for it, or its description makes no sense.
        UnsupportedError: its codec is not in this build.

    Example:
        >>> pixels = read_pixels("image.dcm").unwrap()
        >>> pixels.array().shape, pixels.photometric_interpretation
        ((128, 128), 'MONOCHROME2')
    """
    identity = identity_of(input_path) if isolate else None
    native = _core.Pixels(input_path, read_options(read_mode, read_xfer, limits))
    isolated = None
    if isolate and not native.is_native:  # what is native needs no decoder that could crash
        isolated = IsolatedPixels(input_path, identity, read_mode, read_xfer, limits)
    return PixelData(native, color, raw, threads, isolated)
