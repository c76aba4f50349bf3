"""dcmcjpls: a DICOM file with its pixel data compressed by JPEG-LS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from dcmtk_native._core import codec as _core
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.groups_pixels import FragmentSize, OffsetTable, SopClassOption, UidOption
from dcmtk_native._runtime.groups_threads import OnFrameOption, ThreadsOption
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
from dcmtk_native.codec.compression import compression, encode_options
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError

__all__ = ["DcmcjplsResult", "dcmcjpls"]

_LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
_NEAR_LOSSLESS: Final = "1.2.840.10008.1.2.4.81"
_DEFAULT_DEVIATION: Final = 2
_MAX_PARAMETER: Final = 65535


@dataclass(frozen=True, slots=True)
class DcmcjplsResult:
    """Where the compressed file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dcmcjpls(
    input_path: Annotated[InputSource, Opt(help="DICOM file to compress")],
    output_path: Annotated[OutputPath, Opt(help="file to write; may be the input")],
    *,
    lossless: Annotated[
        bool | None,
        Opt("+el", "lossless or near-lossless; default: lossless without max_deviation", off="+en"),
    ] = None,
    max_deviation: Annotated[
        int | None,
        Opt(
            "+md",
            "near-lossless: how much a sample may differ; 2 by default",
            lo=0,
            hi=_MAX_PARAMETER,
        ),
    ] = None,
    cooked: Annotated[
        bool, Opt("+pc", "encode the stored bits only, not all bits of a cell", off="+pr")
    ] = False,
    threshold1: Annotated[
        int | None, Opt("+t1", "parameter T1 (ITU-T T.87 C.2.4.1.1)", lo=1, hi=_MAX_PARAMETER)
    ] = None,
    threshold2: Annotated[int | None, Opt("+t2", "parameter T2", lo=1, hi=_MAX_PARAMETER)] = None,
    threshold3: Annotated[int | None, Opt("+t3", "parameter T3", lo=1, hi=_MAX_PARAMETER)] = None,
    reset: Annotated[int | None, Opt("+rs", "parameter RESET", lo=1, hi=_MAX_PARAMETER)] = None,
    interleave: Annotated[
        Literal["line", "sample", "none", "default"],
        Opt(
            help="how colors are mixed in a stream; default: as they lie in the input",
            flags={"line": "+il", "sample": "+is", "none": "+in", "default": "+iv"},
        ),
    ] = "line",
    zero_padding: Annotated[
        bool, Opt("+pz", "pad an odd stream by a zero behind it (non-standard)", off="+ps")
    ] = False,
    uid: UidOption = "default",
    fragment_size: FragmentSize = None,
    offset_table: OffsetTable = True,
    sop_class: SopClassOption = "keep",
    threads: ThreadsOption = None,
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
) -> DcmcjplsResult:
    """A DICOM file with its pixel data in JPEG-LS (ITU-T T.87, PS3.5 section A.4.3).

    Without any option the samples come back bit for bit. A near-lossless image says so, and has a
    new SOP instance UID. An input that is compressed already is decoded first; one in the very
    transfer syntax stays as it is.

    Errors:
        DicomFileError: the input cannot be read, or the output cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: there is no pixel data, or JPEG-LS has nothing for its depth;
            near-lossless: signed samples, palettes.

    Example:
        >>> result = dcmcjpls("image.dcm", None).unwrap()
        >>> read_pixels(result.data).unwrap().transfer_syntax
        '1.2.840.10008.1.2.4.80'
    """
    if lossless and max_deviation is not None:
        rule = f"max_deviation={max_deviation}: only with lossless=False"
        raise OptionsError(f"dcmcjpls: invalid options: {rule}", tool="dcmcjpls")
    near = lossless is False or (lossless is None and max_deviation is not None)
    syntax = _NEAR_LOSSLESS if near else _LOSSLESS
    deviation = _DEFAULT_DEVIATION if max_deviation is None else max_deviation
    try:
        options = _core.CompressOptions(
            read=read_options(read_mode, read_xfer, limits),
            compression=compression(
                syntax,
                encode_options(
                    max_deviation=deviation if near else 0,
                    interleave="line" if interleave == "default" else interleave,
                    threshold1=threshold1 or 0,
                    threshold2=threshold2 or 0,
                    threshold3=threshold3 or 0,
                    reset=reset or 0,
                ),
                fragment_size=fragment_size,
                offset_table=offset_table,
                sop_class=sop_class,
                uid=uid,
                only_stored_bits=cooked or near,
                interleave_as_stored=interleave == "default",
                zero_padding=zero_padding,
                threads=threads,
            ),
            write=write_options(
                write_mode="update-meta",
                transfer_syntax=syntax,
                enable_new_vr=enable_new_vr,
                group_length=group_length,
                length_encoding=length_encoding,
                padding=padding,
            ),
        )
    except ValueError as error:
        raise OptionsError(f"dcmcjpls: invalid options: {error}", tool="dcmcjpls") from None
    data = _core.compress_file(input_path, output_path, options, guarded(on_progress))
    return DcmcjplsResult(None if output_path is None else str(output_path), data)
