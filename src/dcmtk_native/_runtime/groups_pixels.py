"""G-PIX, G-DEC and G-VOI: encapsulated pixel data, and how images are decoded and windowed."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from dcmtk_native._core.codec import DecodeOptions
from dcmtk_native._core.codec import Window as NativeWindow
from dcmtk_native._runtime.options import Opt
from dcmtk_native._runtime.window import Window

__all__ = [
    "ColorConversion",
    "ColorConversionMode",
    "FragmentSize",
    "OffsetTable",
    "SopClassOption",
    "UidOption",
    "WindowOption",
    "WorkaroundCornell",
    "WorkaroundIncomplete",
    "WorkaroundPredictor6",
    "decode_options",
    "native_window",
]


class ColorConversion(StrEnum):
    """When luminance and chroma of a decoded image become RGB."""

    PHOTOMETRIC = "photometric"
    ALWAYS = "always"
    NEVER = "never"


FragmentSize = Annotated[
    int | None,
    Opt("+fs", "fragments of at most this many kilobytes; default: one a frame", lo=1, hi=4194303),
]
OffsetTable = Annotated[bool, Opt("+ot", "fill the basic offset table", off="-ot")]
SopClassOption = Annotated[
    Literal["keep", "sc"],
    Opt(
        help="SOP class: that of the input, or Secondary Capture with a new SOP instance UID",
        flags={"keep": "+cd", "sc": "+cs"},
    ),
]
UidOption = Annotated[
    Literal["default", "always", "never"],
    Opt(
        help="a new SOP instance UID: where the pixels lose something, always, never",
        flags={"default": "+ud", "always": "+ua", "never": "+un"},
    ),
]

ColorConversionMode = Annotated[
    ColorConversion | Literal["photometric", "lossy", "guess", "guess-lossy", "always", "never"],
    Opt(
        help="compressed input: when YCbCr becomes RGB",
        flags={
            "photometric": "+cp",
            "lossy": "+cl",
            "guess": "+cg",
            "guess-lossy": "+cgl",
            "always": "+ca",
            "never": "+cn",
        },
    ),
]
WorkaroundPredictor6 = Annotated[
    bool, Opt("+w6", "compressed input: lossless JPEG whose predictor 6 overflows")
]
WorkaroundIncomplete = Annotated[
    bool, Opt("+wi", "compressed input: a frame that ends early is complete")
]
WorkaroundCornell = Annotated[
    bool, Opt("+wc", "compressed input: 16 bit lossless JPEG with Cornell's Huffman tables")
]
WindowOption = Annotated[
    Window | None,
    Opt("+W", "VOI transformation of grey values", argv=lambda window: window.arguments()),
]


def decode_options(
    *,
    workaround_predictor6: bool = False,
    workaround_incomplete: bool = False,
    workaround_cornell: bool = False,
    reverse_byte_order: bool = False,
    threads: int = 1,
) -> DecodeOptions:
    """The native form of G-DEC; whether there will be RGB is decided for each input."""
    return DecodeOptions(
        ybr_to_rgb=False,
        workaround_predictor6=workaround_predictor6,
        workaround_cornell=workaround_cornell,
        workaround_incomplete=workaround_incomplete,
        reverse_byte_order=reverse_byte_order,
        threads=threads,
    )


def native_window(window: Window | None) -> NativeWindow:
    """The native form of G-VOI.

    Errors:
        ValueError: a window of another image, which only a comparison has.
    """
    if window is not None and window.kind.endswith("-ref"):
        raise ValueError(f"window={window!r}: there is no reference image")
    return NativeWindow(
        kind="none" if window is None else window.kind,
        number=_or_zero(window, "number"),
        center=float(_or_zero(window, "center")),
        width=float(_or_zero(window, "width")),
        left=_or_zero(window, "left"),
        top=_or_zero(window, "top"),
        columns=_or_zero(window, "columns"),
        rows=_or_zero(window, "rows"),
    )


def _or_zero(window: Window | None, name: str) -> int:
    value: int | None = None if window is None else getattr(window, name)
    return 0 if value is None else value
