"""Frames that a worker process decodes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, cast

from dcmtk_native._core import codec as _core
from dcmtk_native._runtime.conditions import native_error
from dcmtk_native._runtime.groups import read_options
from dcmtk_native._runtime.groups_pixels import decode_options
from dcmtk_native._runtime.isolation import made_by_worker, shared_content
from dcmtk_native._runtime.options import InputSource
from dcmtk_native.limits import Limits

__all__ = ["IsolatedPixels", "identity_of", "native_reading"]


class IsolatedPixels:
    """The pixel data of one input, which a worker reads anew for every call.

    Args:
        input_path: the input.
        identity: of the input, from before it was first read.
        read_mode, read_xfer, limits: of `read_pixels`.
    """

    __slots__ = ("_arguments",)

    def __init__(
        self,
        input_path: InputSource,
        identity: tuple[int, ...] | None,
        read_mode: str,
        read_xfer: str,
        limits: Limits | None,
    ) -> None:
        self._arguments: dict[str, Any] = {
            "input_path": shared_content(input_path),
            "identity": identity,
            "read_mode": str(read_mode),
            "read_xfer": str(read_xfer),
            "limits": limits,
        }

    def read(
        self,
        first: int,
        count: int,
        options: Mapping[str, Any],
        out: memoryview,
        on_progress: Callable[[int, int], object] | None,
    ) -> None:
        """Nothing: `out` has the frames, as the native `Pixels.read` gives them."""
        frames = {"first": first, "count": count, "options": options, "on_progress": on_progress}
        made_by_worker(cast("FunctionType", _read), self._arguments | frames, out.cast("B"))


def _read(
    *,
    input_path: InputSource,
    identity: tuple[int, ...] | None,
    read_mode: str,
    read_xfer: str,
    limits: Limits | None,
    first: int,
    count: int,
    options: Mapping[str, Any],
    into: Any,
    on_progress: Callable[[int, int], object] | None = None,
) -> None:
    """Nothing: what a worker runs."""
    native = _core.Pixels(input_path, read_options(read_mode, read_xfer, limits))
    if identity_of(input_path) != identity:
        name = os.fspath(cast("str", input_path))
        text = f"cannot read: {name}: it has changed since it was first read"
        raise native_error("file", text)
    native.read(first, count, native_reading(options), into, on_progress)


def native_reading(options: Mapping[str, Any]) -> _core.ReadPixels:
    """The native form of color, settle_bits and threads."""
    return _core.ReadPixels(decode=decode_options(), **options)


def identity_of(source: InputSource) -> tuple[int, ...] | None:
    """What changes when a path leads to another file, or to another content."""
    if not isinstance(source, (str, os.PathLike)):
        return None
    try:
        status = os.stat(source)  # noqa: PTH116 (a Path costs more than the call)
    except OSError:
        return None  # reading it will say why
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
