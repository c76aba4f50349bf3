"""dcmcrle: a DICOM file with its pixel data compressed by RLE."""

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
from dcmtk_native._runtime.groups_pixels import FragmentSize, OffsetTable, SopClassOption
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

__all__ = ["DcmcrleResult", "dcmcrle"]

RLE: Final = "1.2.840.10008.1.2.5"


@dataclass(frozen=True, slots=True)
class DcmcrleResult:
    """Where the compressed file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dcmcrle(
    input_path: Annotated[InputSource, Opt(help="DICOM file to compress")],
    output_path: Annotated[OutputPath, Opt(help="file to write; may be the input")],
    *,
    uid_always: Annotated[bool, Opt("+ua", "give the image a new SOP instance UID")] = False,
    uid: Annotated[
        Literal["never", "always"],
        Opt(help="a new SOP instance UID", flags={"never": "+un", "always": "+ua"}),
    ] = "never",
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
) -> DcmcrleResult:
    """A DICOM file with its pixel data in RLE Lossless (PS3.5 annex G).

    The samples come back bit for bit. An input that is compressed already is decoded first; one in
    RLE stays as it is.

    Errors:
        DicomFileError: the input cannot be read, or the output cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: there is no pixel data, or RLE has nothing for its depth.

    Example:
        >>> result = dcmcrle("image.dcm", None).unwrap()
        >>> read_pixels(result.data).unwrap().transfer_syntax
        '1.2.840.10008.1.2.5'
    """
    try:
        options = _core.CompressOptions(
            read=read_options(read_mode, read_xfer, limits),
            compression=compression(
                RLE,
                encode_options(),
                fragment_size=fragment_size,
                offset_table=offset_table,
                sop_class=sop_class,
                uid="always" if uid_always else uid,
                threads=threads,
            ),
            write=write_options(
                write_mode="update-meta",
                transfer_syntax=RLE,
                enable_new_vr=enable_new_vr,
                group_length=group_length,
                length_encoding=length_encoding,
                padding=padding,
            ),
        )
    except ValueError as error:
        raise OptionsError(f"dcmcrle: invalid options: {error}", tool="dcmcrle") from None
    data = _core.compress_file(input_path, output_path, options, guarded(on_progress))
    return DcmcrleResult(None if output_path is None else str(output_path), data)
