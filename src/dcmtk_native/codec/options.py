"""What the JPEG encoder can be told, and what excludes what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from dcmtk_native._core.codec import ToolkitJpegOptions
from dcmtk_native._runtime.groups_pixels import native_window
from dcmtk_native._runtime.options import Opt
from dcmtk_native._runtime.window import Window

__all__ = [
    "AcceptAcrNema",
    "AcceptPalettes",
    "ColorSpace",
    "JpegBits",
    "JpegProcess",
    "Lossless",
    "OptimizeHuffman",
    "PointTransform",
    "PseudoLossless",
    "Quality",
    "Rescale",
    "Sampling",
    "Scaling",
    "SelectionValue",
    "Smoothing",
    "jpeg_options",
    "process_of",
]

DEFAULT_QUALITY: Final = 90

Lossless = Annotated[
    bool | None, Opt("+e1", "lossless, selection value 1: what is done without any other word")
]
JpegProcess = Annotated[
    Literal["lossless-sv1", "lossless", "baseline", "extended", "spectral", "progressive"] | None,
    Opt(
        help="JPEG process",
        flags={
            "lossless-sv1": "+e1",
            "lossless": "+el",
            "baseline": "+eb",
            "extended": "+ee",
            "spectral": "+es",
            "progressive": "+ep",
        },
    ),
]
Quality = Annotated[
    int | None,
    Opt("+q", "quality of a lossy process, 0 to 100; alone: baseline or extended", lo=0, hi=100),
]
PseudoLossless = Annotated[
    bool, Opt("+pl", "lossless of the rendered image, instead of the cells as they are", off="+tl")
]
SelectionValue = Annotated[int, Opt("+sv", "of the process lossless: predictor", lo=1, hi=7)]
PointTransform = Annotated[
    int, Opt("+pt", "lossless processes: bits that are left out", lo=0, hi=15)
]
Smoothing = Annotated[int, Opt("+sm", "smooth before encoding, in percent", lo=0, hi=100)]
OptimizeHuffman = Annotated[
    bool, Opt("+ho", "Huffman tables of the image, not those of the standard (8 bits)", off="-ho")
]
JpegBits = Annotated[
    Literal["auto", 8, 12, 16],
    Opt(
        help="bits of a sample in the stream; by default those stored",
        argv=lambda bits: [{"auto": "+ba", 8: "+be", 12: "+bt", 16: "+bs"}[bits]],
    ),
]
ColorSpace = Annotated[
    Literal["ybr", "rgb", "monochrome"],
    Opt(
        help="color images: as YCbCr if lossy, as RGB, or in grey",
        flags={"ybr": "+cy", "rgb": "+cr", "monochrome": "+cm"},
    ),
]
Sampling = Annotated[
    Literal["422", "444", "422-full", "411-full", "411"],
    Opt(
        help="lossy: chroma of one, two or four pixels; full: called YBR_FULL, not YBR_FULL_422",
        flags={"422": "+s2", "444": "+s4", "422-full": "+n2", "411-full": "+n1", "411": "+np"},
    ),
]
Scaling = Annotated[
    Literal["pixel", "range"],
    Opt(
        help="grey values without window: scaled by what occurs, or by what is possible",
        flags={"pixel": "+sp", "range": "+sr"},
    ),
]
Rescale = Annotated[
    Literal["identity", "map"],
    Opt(
        help="grey values without window: no rescaling, or one that leads back to old values",
        flags={"identity": "+ri", "map": "+rm"},
    ),
]
AcceptAcrNema = Annotated[bool, Opt("+Ma", "accept old images without photometric interpretation")]
AcceptPalettes = Annotated[bool, Opt("+Mp", "accept palettes under wrong tags")]

_LOSSLESS: Final = frozenset({"lossless-sv1", "lossless"})
_DEFAULTS: Final[dict[str, Any]] = {
    "smoothing": 0,
    "bits": "auto",
    "color_space": "ybr",
    "color_conversion_mode": "photometric",
    "window": None,
    "scaling": "pixel",
    "rescale": "identity",
    "accept_acr_nema": False,
    "accept_palettes": False,
}
"""What means something only where the image is rendered, and what says nothing."""


def process_of(*, process: str | None, lossless: bool | None, quality: int | None) -> str:
    """The process that was asked for; "lossy" for whichever fits the bits.

    Errors:
        ValueError: words that exclude each other; the text starts with the argument.
    """
    if process is None:
        is_lossless = quality is None if lossless is None else lossless
        chosen = "lossless-sv1" if is_lossless else "lossy"
    else:
        chosen = process
        if lossless is not None and lossless is not (process in _LOSSLESS):
            raise ValueError(f"lossless={lossless}: the process is {process}")
    if quality is not None and chosen in _LOSSLESS:
        raise ValueError(f"quality={quality}: only with a lossy process")
    return chosen


def jpeg_options(
    *,
    process: str,
    pseudo_lossless: bool,
    selection_value: int,
    point_transform: int,
    quality: int | None,
    optimize_huffman: bool,
    sampling: str,
    fragment_size: int | None,
    offset_table: bool,
    sop_class: str,
    uid: str,
    color_conversion_mode: str,
    smoothing: int,
    bits: str | int,
    color_space: str,
    window: Window | None,
    scaling: str,
    rescale: str,
    accept_acr_nema: bool,
    accept_palettes: bool,
) -> ToolkitJpegOptions:
    """The native form; `process` is a word of `process_of`.

    Errors:
        ValueError: an option without meaning beside the others; the text starts with its name.
    """
    given = {
        "smoothing": smoothing,
        "bits": bits,
        "color_space": color_space,
        "color_conversion_mode": color_conversion_mode,
        "window": window,
        "scaling": scaling,
        "rescale": rescale,
        "accept_acr_nema": accept_acr_nema,
        "accept_palettes": accept_palettes,
    }
    processing = {
        "pseudo_lossless": pseudo_lossless,
        "selection_value": selection_value,
        "point_transform": point_transform,
        "optimize_huffman": optimize_huffman,
        "sampling": sampling,
    }
    is_rendered = process not in _LOSSLESS or pseudo_lossless
    for refusal in (
        *_by_process(process, processing),
        *_by_rendering(given, is_rendered=is_rendered),
    ):
        raise ValueError(refusal)
    _check_bits(process, bits)
    return ToolkitJpegOptions(
        process=process,
        true_lossless=not pseudo_lossless,
        selection_value=selection_value,
        point_transform=point_transform,
        quality=DEFAULT_QUALITY if quality is None else quality,
        smoothing=smoothing,
        optimize_huffman=optimize_huffman,
        bits=str(bits),
        color_space=color_space,
        sampling=sampling,
        window=native_window(window),
        scale_to_range=scaling == "range",
        map_rescale=rescale == "map",
        accept_acr_nema=accept_acr_nema,
        accept_palettes=accept_palettes,
        fragment_size=fragment_size or 0,
        offset_table=offset_table,
        sop_class=sop_class,
        uid=uid,
    )


def _by_process(process: str, given: Mapping[str, Any]) -> Iterator[str]:
    """What is refused because of the process."""
    is_lossless = process in _LOSSLESS
    meaningless: dict[str, Any] = {}
    if process != "lossless":
        meaningless |= {"selection_value": 6}
    if is_lossless:
        meaningless |= {"optimize_huffman": True, "sampling": "422"}
    else:
        meaningless |= {"pseudo_lossless": False, "point_transform": 0}
    for name, default in meaningless.items():
        if given[name] != default:
            yield f"{name}={given[name]!r}: means nothing with the process {process}"


def _by_rendering(given: Mapping[str, Any], *, is_rendered: bool) -> Iterator[str]:
    """What is refused because the cells are encoded as they are, or windowed already."""
    for name, default in _DEFAULTS.items():
        # Cells that are kept keep their colors, so that "never" is what is done anyway.
        is_neutral = given[name] in (default, "never")
        if not is_rendered and not is_neutral:
            yield f"{name}={given[name]!r}: only with pseudo_lossless or a lossy process"
    for name in ("scaling", "rescale"):
        if given["window"] is not None and given[name] != _DEFAULTS[name]:
            yield f"{name}={given[name]!r}: only without a window"


def _check_bits(process: str, bits: str | int) -> None:
    if bits == 16 and process not in _LOSSLESS:
        raise ValueError("bits=16: only with a lossless process")
    if bits == 12 and process == "baseline":
        raise ValueError("bits=12: not with process='baseline'")
