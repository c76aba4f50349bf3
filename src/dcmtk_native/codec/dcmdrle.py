"""dcmdrle: a DICOM file with its RLE compressed pixel data decompressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from dcmtk_native._core import codec as _core
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    read_options,
)
from dcmtk_native._runtime.groups_pixels import decode_options
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
from dcmtk_native.codec.native import NewUidOption, WriteXferNative, native_writing
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError

__all__ = ["DcmdrleResult", "dcmdrle"]


@dataclass(frozen=True, slots=True)
class DcmdrleResult:
    """Where the decompressed file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dcmdrle(
    input_path: Annotated[InputSource, Opt(help="DICOM file to decompress")],
    output_path: Annotated[OutputPath, Opt(help="file to write; may be the input")],
    *,
    uid_always: Annotated[bool, Opt("+ua", "give the image a new SOP instance UID")] = False,
    uid: NewUidOption = "default",
    reverse_byte_order: Annotated[
        bool, Opt("+br", "segments of words have the least significant byte first", off="+bd")
    ] = False,
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
) -> DcmdrleResult:
    """A DICOM file with native pixel data.

    What another decoder of this package understands is decompressed too; native pixel data stays.

    Errors:
        DicomFileError: the input cannot be read, or the output cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: the pixel data is damaged, or there is no decoder for it.

    Example:
        >>> compressed = dcmcrle("image.dcm", None).unwrap().data
        >>> result = dcmdrle(compressed, None).unwrap()
        >>> read_pixels(result.data).unwrap().transfer_syntax
        '1.2.840.10008.1.2.1'
    """
    try:
        options = _core.DecompressOptions(
            read=read_options(read_mode, "auto", limits),
            decompression=decompression(
                decode_options(reverse_byte_order=reverse_byte_order),
                uid="always" if uid_always else uid,
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
        raise OptionsError(f"dcmdrle: invalid options: {error}", tool="dcmdrle") from None
    data = _core.decompress_file(input_path, output_path, options, guarded(on_progress))
    return DcmdrleResult(None if output_path is None else str(output_path), data)
