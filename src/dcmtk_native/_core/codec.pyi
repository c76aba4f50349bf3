"""
Frames of pixel data, native and compressed.
"""

from __future__ import annotations
import dcmtk_native._core.data
import os
import typing
import typing_extensions

__all__: list[str] = [
    "CompressOptions",
    "Compression",
    "DcmcjpegOptions",
    "DecodeOptions",
    "DecompressOptions",
    "Decompression",
    "EncodeOptions",
    "FrameFormat",
    "PixelView",
    "Pixels",
    "ReadPixels",
    "StreamFormat",
    "ToolkitJpegOptions",
    "Window",
    "compress_draft",
    "compress_file",
    "dcmcjpeg",
    "decode_frame",
    "decompress_file",
    "encode_frame",
    "readable_syntaxes",
]

class FrameFormat:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "rows",
        "columns",
        "samples",
        "bits_allocated",
        "bits_stored",
        "is_signed",
    )
    def __init__(
        self,
        *,
        rows: typing.SupportsInt | typing.SupportsIndex,
        columns: typing.SupportsInt | typing.SupportsIndex,
        samples: typing.SupportsInt | typing.SupportsIndex,
        bits_allocated: typing.SupportsInt | typing.SupportsIndex,
        bits_stored: typing.SupportsInt | typing.SupportsIndex,
        is_signed: bool,
    ) -> None: ...

class DecodeOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "ybr_to_rgb",
        "workaround_predictor6",
        "workaround_cornell",
        "workaround_incomplete",
        "reverse_byte_order",
        "threads",
    )
    def __init__(
        self,
        *,
        ybr_to_rgb: bool,
        workaround_predictor6: bool,
        workaround_cornell: bool,
        workaround_incomplete: bool,
        reverse_byte_order: bool,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class EncodeOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "is_rgb",
        "quality",
        "subsampling",
        "optimize_huffman",
        "smoothing",
        "predictor",
        "point_transform",
        "max_deviation",
        "interleave",
        "threshold1",
        "threshold2",
        "threshold3",
        "reset",
        "compression_ratio",
        "psnr",
        "threads",
    )
    def __init__(
        self,
        *,
        is_rgb: bool,
        quality: typing.SupportsInt | typing.SupportsIndex,
        subsampling: str,
        optimize_huffman: bool,
        smoothing: typing.SupportsInt | typing.SupportsIndex,
        predictor: typing.SupportsInt | typing.SupportsIndex,
        point_transform: typing.SupportsInt | typing.SupportsIndex,
        max_deviation: typing.SupportsInt | typing.SupportsIndex,
        interleave: str,
        threshold1: typing.SupportsInt | typing.SupportsIndex,
        threshold2: typing.SupportsInt | typing.SupportsIndex,
        threshold3: typing.SupportsInt | typing.SupportsIndex,
        reset: typing.SupportsInt | typing.SupportsIndex,
        compression_ratio: typing.SupportsFloat | typing.SupportsIndex,
        psnr: typing.SupportsFloat | typing.SupportsIndex,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class StreamFormat:
    @property
    def is_rgb(self) -> bool: ...
    @property
    def is_signed(self) -> bool: ...
    @property
    def precision(self) -> int: ...

class ReadPixels:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "color",
        "settle_bits",
        "decode",
        "threads",
    )
    def __init__(
        self,
        *,
        color: str,
        settle_bits: bool,
        decode: typing.Any,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class PixelView:
    pass

class Pixels:
    def __init__(
        self,
        input: str | os.PathLike[str] | bytes | bytearray | memoryview,
        options: dcmtk_native._core.data.ReadOptions,
    ) -> None: ...
    def coded_frame(self, frame: typing.SupportsInt | typing.SupportsIndex) -> bytes: ...
    def frame_index(self) -> list[list[tuple[int, int]]] | None: ...
    def is_settled(
        self,
        view: PixelView,
        first: typing.SupportsInt | typing.SupportsIndex,
        count: typing.SupportsInt | typing.SupportsIndex,
    ) -> bool: ...
    def photometric_interpretation_of(self, options: ReadPixels) -> str: ...
    def read(
        self,
        first: typing.SupportsInt | typing.SupportsIndex,
        count: typing.SupportsInt | typing.SupportsIndex,
        options: ReadPixels,
        out: typing_extensions.Buffer,
        on_progress: typing.Any,
    ) -> None: ...
    def view(self) -> PixelView | None: ...
    @property
    def bits_allocated(self) -> int: ...
    @property
    def bits_stored(self) -> int: ...
    @property
    def columns(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def is_float(self) -> bool: ...
    @property
    def is_native(self) -> bool: ...
    @property
    def is_signed(self) -> bool: ...
    @property
    def photometric_interpretation(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def samples(self) -> int: ...
    @property
    def transfer_syntax(self) -> str: ...

class Decompression:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "color",
        "planar",
        "new_uid",
        "ignore_offset_table",
        "decode",
        "threads",
    )
    def __init__(
        self,
        *,
        color: str,
        planar: str,
        new_uid: bool,
        ignore_offset_table: bool,
        decode: typing.Any,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class Compression:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "transfer_syntax",
        "encode",
        "fragment_size",
        "offset_table",
        "uid",
        "to_secondary_capture",
        "only_stored_bits",
        "interleave_as_stored",
        "zero_padding",
        "threads",
    )
    def __init__(
        self,
        *,
        transfer_syntax: str,
        encode: typing.Any,
        fragment_size: typing.SupportsInt | typing.SupportsIndex,
        offset_table: bool,
        uid: str,
        to_secondary_capture: bool,
        only_stored_bits: bool,
        interleave_as_stored: bool,
        zero_padding: bool,
        threads: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class CompressOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = ("read", "compression", "write")
    def __init__(self, *, read: typing.Any, compression: typing.Any, write: typing.Any) -> None: ...

class DecompressOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = ("read", "decompression", "write")
    def __init__(
        self, *, read: typing.Any, decompression: typing.Any, write: typing.Any
    ) -> None: ...

class Window:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "kind",
        "number",
        "center",
        "width",
        "left",
        "top",
        "columns",
        "rows",
    )
    def __init__(
        self,
        *,
        kind: str,
        number: typing.SupportsInt | typing.SupportsIndex,
        center: typing.SupportsFloat | typing.SupportsIndex,
        width: typing.SupportsFloat | typing.SupportsIndex,
        left: typing.SupportsInt | typing.SupportsIndex,
        top: typing.SupportsInt | typing.SupportsIndex,
        columns: typing.SupportsInt | typing.SupportsIndex,
        rows: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class ToolkitJpegOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "process",
        "true_lossless",
        "selection_value",
        "point_transform",
        "quality",
        "smoothing",
        "optimize_huffman",
        "bits",
        "color_space",
        "sampling",
        "window",
        "scale_to_range",
        "map_rescale",
        "accept_acr_nema",
        "accept_palettes",
        "fragment_size",
        "offset_table",
        "sop_class",
        "uid",
    )
    def __init__(
        self,
        *,
        process: str,
        true_lossless: bool,
        selection_value: typing.SupportsInt | typing.SupportsIndex,
        point_transform: typing.SupportsInt | typing.SupportsIndex,
        quality: typing.SupportsInt | typing.SupportsIndex,
        smoothing: typing.SupportsInt | typing.SupportsIndex,
        optimize_huffman: bool,
        bits: str,
        color_space: str,
        sampling: str,
        window: typing.Any,
        scale_to_range: bool,
        map_rescale: bool,
        accept_acr_nema: bool,
        accept_palettes: bool,
        fragment_size: typing.SupportsInt | typing.SupportsIndex,
        offset_table: bool,
        sop_class: str,
        uid: str,
    ) -> None: ...

class DcmcjpegOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "read",
        "color_conversion",
        "decode",
        "jpeg",
        "write",
    )
    def __init__(
        self,
        *,
        read: typing.Any,
        color_conversion: str,
        decode: typing.Any,
        jpeg: typing.Any,
        write: typing.Any,
    ) -> None: ...

def compress_draft(draft: dcmtk_native._core.data.Draft, options: Compression) -> None: ...
def compress_file(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview,
    output: str | os.PathLike[str] | None,
    options: CompressOptions,
    on_progress: typing.Any,
) -> bytes | None: ...
def dcmcjpeg(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview,
    output: str | os.PathLike[str] | None,
    options: DcmcjpegOptions,
    on_progress: typing.Any,
) -> bytes | None: ...
def decode_frame(
    transfer_syntax: str,
    coded: typing_extensions.Buffer,
    format: FrameFormat,
    options: DecodeOptions,
    out: typing_extensions.Buffer,
) -> StreamFormat: ...
def decompress_file(
    input: str | os.PathLike[str] | bytes | bytearray | memoryview,
    output: str | os.PathLike[str] | None,
    options: DecompressOptions,
    on_progress: typing.Any,
) -> bytes | None: ...
def encode_frame(
    transfer_syntax: str,
    pixels: typing_extensions.Buffer,
    format: FrameFormat,
    options: EncodeOptions,
) -> bytes: ...
def readable_syntaxes() -> list[tuple[str, bool]]: ...
