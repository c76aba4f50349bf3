"""The native forms of what all encoders and decoders are told."""

from __future__ import annotations

from typing import Any, Final

from dcmtk_native._core.codec import Compression, DecodeOptions, Decompression, EncodeOptions
from dcmtk_native._runtime.groups_threads import threads_or_all

__all__ = ["compression", "decompression", "encode_options"]

_ENCODING: Final[dict[str, Any]] = {
    "is_rgb": False,
    "quality": 90,
    "subsampling": "422",
    "optimize_huffman": True,
    "smoothing": 0,
    "predictor": 1,
    "point_transform": 0,
    "max_deviation": 0,
    "interleave": "line",
    "threshold1": 0,
    "threshold2": 0,
    "threshold3": 0,
    "reset": 0,
    "compression_ratio": 0.0,
    "psnr": 0.0,
    "threads": 1,
}
_KILOBYTE: Final = 1024


def encode_options(**given: Any) -> EncodeOptions:
    """The parameters of the codecs; what is not given does not matter to the one that is called."""
    return EncodeOptions(**{**_ENCODING, **given})


def compression(
    transfer_syntax: str,
    encode: EncodeOptions,
    *,
    fragment_size: int | None = None,
    offset_table: bool = True,
    sop_class: str = "keep",
    uid: str = "default",
    only_stored_bits: bool = True,
    interleave_as_stored: bool = False,
    zero_padding: bool = False,
    threads: int | None = None,
) -> Compression:
    """G-PIX, with the syntax to write and its parameters."""
    return Compression(
        transfer_syntax=transfer_syntax,
        encode=encode,
        fragment_size=0 if fragment_size is None else fragment_size * _KILOBYTE,
        offset_table=offset_table,
        uid=uid,
        to_secondary_capture=sop_class == "sc",
        only_stored_bits=only_stored_bits,
        interleave_as_stored=interleave_as_stored,
        zero_padding=zero_padding,
        threads=threads_or_all(threads),
    )


def decompression(
    decode: DecodeOptions,
    *,
    color: str = "never",
    planar: str = "restore",
    uid: str = "default",
    ignore_offset_table: bool = False,
    threads: int | None = None,
) -> Decompression:
    """What becomes of colors and planes, with the workarounds."""
    return Decompression(
        color=color,
        planar=planar,
        new_uid=uid == "always",
        ignore_offset_table=ignore_offset_table,
        decode=decode,
        threads=threads_or_all(threads),
    )
