"""Pixel data whose frames are awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
)
from dcmtk_native._runtime.groups_threads import ThreadsOption
from dcmtk_native._runtime.mirror import mirror, mirror_method
from dcmtk_native._runtime.options import InputSource, IsolateOption, SignalOption, TimeoutMs
from dcmtk_native.codec import pixels as blocking
from dcmtk_native.codec.pixels import ColorOption, RawOption
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.result import Result, map_result

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PixelData", "read_pixels"]

_read_pixels = mirror(blocking.read_pixels)


class PixelData:
    """The pixel data of one input; see `dcmtk_native.PixelData`.

    Example:
        >>> import asyncio
        >>> async def shapes() -> list[tuple[int, ...]]:
        ...     pixels = (await read_pixels("image.dcm")).unwrap()
        ...     return [frame.shape async for frame in pixels]
        >>> asyncio.run(shapes())
        [(128, 128)]
    """

    __slots__ = ("_pixels",)

    def __init__(self, pixels: blocking.PixelData) -> None:
        self._pixels = pixels

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(frames, rows, columns, samples)."""
        return self._pixels.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the arrays."""
        return self._pixels.dtype

    @property
    def nbytes(self) -> int:
        """Bytes of all frames as arrays."""
        return self._pixels.nbytes

    @property
    def bits_stored(self) -> int:
        """(0028,0101)."""
        return self._pixels.bits_stored

    @property
    def transfer_syntax(self) -> str:
        """UID of the input's transfer syntax."""
        return self._pixels.transfer_syntax

    @property
    def photometric_interpretation(self) -> str:
        """Of the arrays."""
        return self._pixels.photometric_interpretation

    @property
    def stored_photometric_interpretation(self) -> str:
        """(0028,0004), as the data set has it."""
        return self._pixels.stored_photometric_interpretation

    def __len__(self) -> int:
        """The number of frames."""
        return len(self._pixels)

    def __repr__(self) -> str:
        return repr(self._pixels)

    read = mirror_method(blocking.PixelData.read, "_pixels")
    frame = mirror_method(blocking.PixelData.frame, "_pixels")
    array = mirror_method(blocking.PixelData.array, "_pixels")
    frame_index = mirror_method(blocking.PixelData.frame_index, "_pixels")
    coded_frame = mirror_method(blocking.PixelData.coded_frame, "_pixels")

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Frame after frame."""
        for index in range(len(self)):
            yield await self.frame(index)


async def read_pixels(
    input_path: InputSource,
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
) -> Result[PixelData]:
    """The pixel data of a file; see `dcmtk_native.read_pixels`."""
    result = await _read_pixels(
        input_path,
        color=color,
        raw=raw,
        threads=threads,
        read_mode=read_mode,
        read_xfer=read_xfer,
        isolate=isolate,
        limits=limits,
        log_level=log_level,
        timeout_ms=timeout_ms,
        signal=signal,
    )
    return map_result(result, PixelData)
