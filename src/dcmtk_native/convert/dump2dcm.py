"""dump2dcm: a DICOM file of the text that dcmdump prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from dcmtk_native._runtime.groups import LimitsOption, LogLevelOption
from dcmtk_native._runtime.groups_write import (
    DEFAULT_COMPRESSION_LEVEL,
    CompressionLevel,
    EnableNewVr,
    GroupLength,
    LengthEncoding,
    PaddingOption,
    WriteModeOption,
    WriteXferDeflatedOption,
)
from dcmtk_native._runtime.options import InputSource, Opt, OutputPath, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.convert.document import (
    IN_MEMORY,
    FileDirectory,
    GenerateNewUids,
    IgnoreErrors,
    OverwriteUids,
    Problems,
    ReadMeta,
    UpdateMetaInfo,
    directory_of,
    document_writing,
    draft_in,
    open_document,
    path_of,
    put_new_uids,
)
from dcmtk_native.convert.dump_parser import (
    DumpLines,
    DumpReader,
    transfer_syntax_of,
)
from dcmtk_native.convert.named_files import NamedFiles
from dcmtk_native.limits import Limits

__all__ = ["Dump2dcmResult", "dump2dcm"]

_TOOL: Final = "dump2dcm"
_MAX_LINE_LENGTH: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Dump2dcmResult:
    """Where the DICOM file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dump2dcm(
    input_path: Annotated[InputSource, Opt(help="the dump")],
    output_path: Annotated[
        OutputPath, Opt(help="the DICOM file to write; none: its content is in the result")
    ],
    *,
    read_meta: ReadMeta = True,
    big_endian_files: Annotated[
        bool, Opt("+rb", "words (OW) in files that the dump names are big endian", off="+rl")
    ] = False,
    max_line_length: Annotated[
        int, Opt("+l", "bytes that a line may have", lo=80, hi=_MAX_LINE_LENGTH)
    ] = 4096,
    text_encoding: Annotated[
        Literal["stored", "utf8"],
        Opt(help="text values are bytes in the character set of the data set, or UTF-8"),
    ] = "stored",
    file_directory: FileDirectory = None,
    generate_new_uids: GenerateNewUids = False,
    overwrite_uids: OverwriteUids = False,
    write_file_format: Annotated[
        bool, Opt("+F", "False is the same as write_mode='dataset'", off="-F")
    ] = True,
    write_mode: WriteModeOption = "file",
    update_meta_info: UpdateMetaInfo = False,
    write_xfer: WriteXferDeflatedOption = "same",
    ignore_errors: IgnoreErrors = False,
    enable_new_vr: EnableNewVr = True,
    group_length: GroupLength = "recalc",
    length_encoding: LengthEncoding = "explicit",
    padding: PaddingOption = "retain",
    compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> Dump2dcmResult:
    r"""The DICOM file that a text dump describes.

    The dump has the form that dcmdump prints, or was written by hand after the same pattern: an
    element a line, `(gggg,eeee) VR value`, a comment behind `#`. Values that dcmdump has shortened
    are errors, so dump long values too. A value `(not loaded)` becomes an empty one, with a
    warning in the log; of pixel data it is an error.

    The bytes of text values are taken as they are, in whatever character set (0008,0005) names,
    as DCMTK's dcmdump prints them. The text that `dcmdump` of this package returns is Unicode:
    encode it as UTF-8 and pass `text_encoding="utf8"`.

    A value `=name` of OB, OW or a pixel item is the content of a file. Because a dump may come
    from a stranger, only files below `file_directory` are read, and none through a symbolic link;
    of a dump in memory none at all, unless that directory is given.

    Errors:
        DicomFormatError: a line that is wrong; the message has its number.
        DicomFileError: the dump cannot be read, or the output not be written.
        LimitExceededError: sequences in more than 64 levels, or more than `limits` allows.
        CodecError: the pixel data cannot be written in the transfer syntax.

    Example:
        >>> dump = b"(0008,0060) CS [OT]  # a comment\n(0010,0010) PN [Doe^Jane]"
        >>> content = dump2dcm(dump, None).unwrap().data
        >>> content[128:132], b"Doe^Jane" in content
        (b'DICM', True)
    """
    writing = document_writing(
        _TOOL,
        generate_new_uids=generate_new_uids,
        overwrite_uids=overwrite_uids,
        update_meta_info=update_meta_info,
        write_mode=write_mode if write_file_format else "dataset",
        write_xfer=write_xfer,
        enable_new_vr=enable_new_vr,
        group_length=group_length,
        length_encoding=length_encoding,
        padding=padding,
        compression_level=compression_level,
    )
    bounds = limits or Limits()
    problems = Problems(_TOOL, path_of(input_path) or IN_MEMORY, ignore=ignore_errors)
    with open_document(_TOOL, input_path, bounds) as stream:
        lines = DumpLines(stream, max_line_length)
        syntax = transfer_syntax_of(lines) if read_meta else ""
        draft, encapsulated = draft_in(syntax, problems, write_xfer=write_xfer)
        DumpReader(
            draft,
            problems,
            files=NamedFiles(directory_of(input_path, file_directory), bounds),
            limits=bounds,
            read_meta=read_meta,
            only_fragments=encapsulated and write_xfer == "same",
            big_endian_files=big_endian_files,
            is_utf8=text_encoding == "utf8",
        ).read(lines)
    if generate_new_uids:
        put_new_uids(draft, overwrite=overwrite_uids)
    return Dump2dcmResult(path_of(output_path), draft.write(output_path, writing))
