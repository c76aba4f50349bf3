"""dcmcjpeg: a DICOM file with its pixel data compressed by JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from dcmtk_native._core import codec as _core
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.groups_pixels import (
    ColorConversionMode,
    FragmentSize,
    OffsetTable,
    SopClassOption,
    UidOption,
    WindowOption,
    WorkaroundCornell,
    WorkaroundIncomplete,
    WorkaroundPredictor6,
    decode_options,
)
from dcmtk_native._runtime.groups_threads import OnFrameOption
from dcmtk_native._runtime.groups_write import (
    EnableNewVr,
    GroupLength,
    LengthEncoding,
    PaddingOption,
    write_options,
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
from dcmtk_native.codec.options import (
    AcceptAcrNema,
    AcceptPalettes,
    ColorSpace,
    JpegBits,
    JpegProcess,
    Lossless,
    OptimizeHuffman,
    PointTransform,
    PseudoLossless,
    Quality,
    Rescale,
    Sampling,
    Scaling,
    SelectionValue,
    Smoothing,
    jpeg_options,
    process_of,
)
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError

__all__ = ["DcmcjpegResult", "dcmcjpeg"]


@dataclass(frozen=True, slots=True)
class DcmcjpegResult:
    """Where the compressed file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dcmcjpeg(
    input_path: Annotated[InputSource, Opt(help="DICOM file to compress")],
    output_path: Annotated[OutputPath, Opt(help="file to write; may be the input")],
    *,
    quality: Quality = None,
    lossless: Lossless = None,
    process: JpegProcess = None,
    pseudo_lossless: PseudoLossless = False,
    selection_value: SelectionValue = 6,
    point_transform: PointTransform = 0,
    smoothing: Smoothing = 0,
    optimize_huffman: OptimizeHuffman = True,
    bits: JpegBits = "auto",
    color_space: ColorSpace = "ybr",
    sampling: Sampling = "422",
    scaling: Scaling = "pixel",
    rescale: Rescale = "identity",
    accept_acr_nema: AcceptAcrNema = False,
    accept_palettes: AcceptPalettes = False,
    window: WindowOption = None,
    fragment_size: FragmentSize = None,
    offset_table: OffsetTable = True,
    sop_class: SopClassOption = "keep",
    uid: UidOption = "default",
    color_conversion_mode: ColorConversionMode = "photometric",
    workaround_predictor6: WorkaroundPredictor6 = False,
    workaround_incomplete: WorkaroundIncomplete = False,
    workaround_cornell: WorkaroundCornell = False,
    on_progress: OnFrameOption = None,
    enable_new_vr: EnableNewVr = True,
    group_length: GroupLength = "recalc",
    length_encoding: LengthEncoding = "explicit",
    padding: PaddingOption = "retain",
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    isolate: IsolateOption = False,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmcjpegResult:
    """A DICOM file with its pixel data in a JPEG transfer syntax.

    Without any option the pixels come back bit for bit (process 14, selection value 1). `quality`
    alone makes a lossy image: baseline for up to 8 bits a sample, extended (12 bits) for more.
    What a lossy process changes is written into the data set, with a new SOP instance UID. An
    input that is compressed already is decoded first; one in a lossy syntax has lost what it lost.

    Errors:
        DicomFileError: the input cannot be read, or the output cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: there is no pixel data, or JPEG has nothing for its depth or colors.

    Example:
        >>> result = dcmcjpeg("image.dcm", None, quality=80).unwrap()
        >>> result.output_path is None, result.data[128:132]
        (True, b'DICM')
    """
    try:
        options = _core.DcmcjpegOptions(
            read=read_options(read_mode, read_xfer, limits),
            color_conversion=color_conversion_mode,
            decode=decode_options(
                workaround_predictor6=workaround_predictor6,
                workaround_incomplete=workaround_incomplete,
                workaround_cornell=workaround_cornell,
            ),
            jpeg=jpeg_options(
                process=process_of(process=process, lossless=lossless, quality=quality),
                pseudo_lossless=pseudo_lossless,
                selection_value=selection_value,
                point_transform=point_transform,
                quality=quality,
                optimize_huffman=optimize_huffman,
                sampling=sampling,
                fragment_size=fragment_size,
                offset_table=offset_table,
                sop_class=sop_class,
                uid=uid,
                color_conversion_mode=color_conversion_mode,
                smoothing=smoothing,
                bits=bits,
                color_space=color_space,
                window=window,
                scaling=scaling,
                rescale=rescale,
                accept_acr_nema=accept_acr_nema,
                accept_palettes=accept_palettes,
            ),
            write=write_options(
                write_mode="update-meta",
                transfer_syntax="",
                enable_new_vr=enable_new_vr,
                group_length=group_length,
                length_encoding=length_encoding,
                padding=padding,
            ),
        )
    except ValueError as error:
        raise OptionsError(f"dcmcjpeg: invalid options: {error}", tool="dcmcjpeg") from None
    data = _core.dcmcjpeg(input_path, output_path, options, guarded(on_progress))
    return DcmcjpegResult(None if output_path is None else str(output_path), data)
