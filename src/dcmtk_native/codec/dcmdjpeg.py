"""dcmdjpeg: a DICOM file with its JPEG compressed pixel data decompressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from dcmtk_native._core import codec as _core
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    read_options,
)
from dcmtk_native._runtime.groups_pixels import (
    ColorConversion,
    ColorConversionMode,
    WorkaroundCornell,
    WorkaroundIncomplete,
    WorkaroundPredictor6,
    decode_options,
)
from dcmtk_native._runtime.groups_threads import OnFrameOption, ThreadsOption
from dcmtk_native._runtime.groups_write import (
    EnableNewVr,
    GroupLength,
    LengthEncoding,
    PaddingOption,
    WriteModeOption,
)
from dcmtk_native._runtime.options import (
    InputSource,
    IsolateOption,
    Opt,
    OutputPath,
    SignalOption,
    TimeoutMs,
)
from dcmtk_native._runtime.tool import tool
from dcmtk_native.codec.compression import decompression
from dcmtk_native.codec.native import NewUidOption, PlanarOption, WriteXferNative, native_writing
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError

__all__ = ["DcmdjpegResult", "dcmdjpeg"]


@dataclass(frozen=True, slots=True)
class DcmdjpegResult:
    """Where the decompressed file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dcmdjpeg(
    input_path: Annotated[InputSource, Opt(help="DICOM file to decompress")],
    output_path: Annotated[OutputPath, Opt(help="file to write; may be the input")],
    *,
    color_conversion: Annotated[
        ColorConversion | Literal["photometric", "always", "never"] | None,
        Opt(
            help="when YCbCr becomes RGB; default: where the data set says YCbCr",
            flags={"photometric": "+cp", "always": "+ca", "never": "+cn"},
        ),
    ] = None,
    color_conversion_mode: ColorConversionMode = "photometric",
    planar: PlanarOption = "auto",
    uid: NewUidOption = "default",
    workaround_predictor6: WorkaroundPredictor6 = False,
    workaround_incomplete: WorkaroundIncomplete = False,
    workaround_cornell: WorkaroundCornell = False,
    threads: ThreadsOption = None,
    on_progress: OnFrameOption = None,
    write_mode: WriteModeOption = "file",
    write_xfer: WriteXferNative = "little",
    enable_new_vr: EnableNewVr = True,
    group_length: GroupLength = "recalc",
    length_encoding: LengthEncoding = "explicit",
    padding: PaddingOption = "retain",
    read_mode: ReadModeOption = "auto",
    isolate: IsolateOption = False,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmdjpegResult:
    """A DICOM file with native pixel data.

    `color_conversion_mode` has more words than `color_conversion`, which goes before it. What
    another decoder of this package understands is decompressed too; native pixel data stays.

    Errors:
        DicomFileError: the input cannot be read, or the output cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: the pixel data is damaged, or there is no decoder for it.

    Example:
        >>> compressed = dcmcjpeg("image.dcm", None).unwrap().data
        >>> result = dcmdjpeg(compressed, None).unwrap()
        >>> read_pixels(result.data).unwrap().transfer_syntax
        '1.2.840.10008.1.2.1'
    """
    try:
        options = _core.DecompressOptions(
            read=read_options(read_mode, "auto", limits),
            decompression=decompression(
                decode_options(
                    workaround_predictor6=workaround_predictor6,
                    workaround_incomplete=workaround_incomplete,
                    workaround_cornell=workaround_cornell,
                ),
                color=color_conversion_mode if color_conversion is None else color_conversion,
                planar=planar,
                uid=uid,
                threads=threads,
            ),
            write=native_writing(
                write_mode,
                write_xfer,
                enable_new_vr=enable_new_vr,
                group_length=group_length,
                length_encoding=length_encoding,
                padding=padding,
            ),
        )
    except ValueError as error:
        raise OptionsError(f"dcmdjpeg: invalid options: {error}", tool="dcmdjpeg") from None
    data = _core.decompress_file(input_path, output_path, options, guarded(on_progress))
    return DcmdjpegResult(None if output_path is None else str(output_path), data)
