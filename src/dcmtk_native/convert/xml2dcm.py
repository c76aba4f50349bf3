"""xml2dcm: a DICOM file of the XML that dcm2xml writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

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
    open_document,
    path_of,
    put_new_uids,
)
from dcmtk_native.convert.named_files import NamedFiles
from dcmtk_native.convert.xml_reader import XmlReader
from dcmtk_native.convert.xml_rules import Validator
from dcmtk_native.limits import Limits

__all__ = ["Xml2dcmResult", "xml2dcm"]

_TOOL: Final = "xml2dcm"


@dataclass(frozen=True, slots=True)
class Xml2dcmResult:
    """Where the DICOM file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def xml2dcm(
    input_path: Annotated[InputSource, Opt(help="the XML document")],
    output_path: Annotated[
        OutputPath, Opt(help="the DICOM file to write; none: its content is in the result")
    ],
    *,
    read_meta: ReadMeta = True,
    validate_document: Annotated[
        bool, Opt("+Vd", "the document must follow DCMTK's dcm2xml.dtd")
    ] = False,
    check_namespace: Annotated[
        bool, Opt("+Vn", "the root element must declare DCMTK's namespace")
    ] = False,
    file_directory: FileDirectory = None,
    generate_new_uids: GenerateNewUids = False,
    overwrite_uids: OverwriteUids = False,
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
) -> Xml2dcmResult:
    """The DICOM file that an XML document describes.

    The document has the form of dcm2xml (root `file-format` or `data-set`), not that of the native
    DICOM model; it may be compressed with gzip. Values that dcm2xml has left out (`hidden`, not
    loaded) are errors. Text is written in the character set that the document's (0008,0005) names,
    as UTF-8 where there is none.

    The document may come from a stranger. Documents that declare entities are refused, a DTD is
    never loaded: `validate_document` holds every document against the rules of DCMTK's own. The
    file that a value with `binary="file"` names is read only if it lies below `file_directory`,
    and not through a symbolic link; of a document in memory none at all, unless that directory is
    given.

    Errors:
        DicomFormatError: not well-formed, of another type, not valid, or a value that is wrong;
            the message has the line.
        DicomFileError: the document cannot be read, or the output not be written.
        LimitExceededError: sequences in more than 64 levels, or more than `limits` allows.
        CodecError: the pixel data cannot be written in the transfer syntax.

    Example:
        >>> document = b'<data-set xfer="1.2.840.10008.1.2.1">'
        >>> document += b'<element tag="0010,0010" vr="PN">Doe^Jane</element></data-set>'
        >>> content = xml2dcm(document, None).unwrap().data
        >>> content[128:132], b"Doe^Jane" in content
        (b'DICM', True)
    """
    writing = document_writing(
        _TOOL,
        generate_new_uids=generate_new_uids,
        overwrite_uids=overwrite_uids,
        update_meta_info=update_meta_info,
        write_mode=write_mode,
        write_xfer=write_xfer,
        enable_new_vr=enable_new_vr,
        group_length=group_length,
        length_encoding=length_encoding,
        padding=padding,
        compression_level=compression_level,
    )
    bounds = limits or Limits()
    reader = XmlReader(
        Problems(_TOOL, path_of(input_path) or IN_MEMORY, ignore=ignore_errors),
        files=NamedFiles(directory_of(input_path, file_directory), bounds),
        limits=bounds,
        read_meta=read_meta,
        write_xfer=write_xfer,
        check_namespace=check_namespace,
        validator=Validator() if validate_document else None,
    )
    with open_document(_TOOL, input_path, bounds) as stream:
        draft = reader.read(stream)
    if generate_new_uids:
        put_new_uids(draft, overwrite=overwrite_uids)
    return Xml2dcmResult(path_of(output_path), draft.write(output_path, writing))
