"""dcmconv: a DICOM file in another encoding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.groups_parse import (
    ConvertUn,
    DataCorrection,
    DeflatedBitstream,
    ExplicitLengthPixelData,
    ExplicitVr,
    IllegalObow,
    IllegalVoi,
    NonstandardVr,
    OddLength,
    ParseErrors,
    PrivateMaxLength,
    StopAfter,
    UndefinedLengthUn,
    UseMetaLength,
    WrongDelimiters,
    parse_options,
)
from dcmtk_native._runtime.groups_threads import ThreadsOption, threads_or_all
from dcmtk_native._runtime.groups_write import (
    DEFAULT_COMPRESSION_LEVEL,
    CompressionLevel,
    ConvertCharset,
    DiscardIllegal,
    EnableNewVr,
    GroupLength,
    LengthEncoding,
    PaddingOption,
    Transliterate,
    charset_options,
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
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError

__all__ = [
    "DcmconvResult",
    "TransferSyntax",
    "TransferSyntaxOption",
    "dcmconv",
    "transfer_syntax_uid",
]


class TransferSyntax(StrEnum):
    """What dcmconv writes, by the flag that DCMTK has for it."""

    IMPLICIT_LITTLE = "+ti"
    EXPLICIT_LITTLE = "+te"
    EXPLICIT_BIG = "+tb"
    DEFLATED = "+td"
    GE_PRIVATE = "+tg"
    JPEG_LOSSLESS = "+tl"
    JPEG2K_LOSSLESS = "+t2"
    RLE = "+tr"


_UIDS: Final = {
    "+ti": "1.2.840.10008.1.2",
    "+te": "1.2.840.10008.1.2.1",
    "+tb": "1.2.840.10008.1.2.2",
    "+td": "1.2.840.10008.1.2.1.99",
    "+tg": "1.2.840.113619.5.2",
    "ge-private": "1.2.840.113619.5.2",
    "+tl": "1.2.840.10008.1.2.4.70",
    "+t2": "1.2.840.10008.1.2.4.90",
    "+tr": "1.2.840.10008.1.2.5",
}
# The program has no flag for the syntaxes that need a codec.
_FLAGS: Final = {
    name: flag
    for word, flag in {
        "+ti": "+ti",
        "+te": "+te",
        "+tb": "+tb",
        "+td": "+td",
        "+tg": "+tg",
        "ge-private": "+tg",
    }.items()
    for name in (word, _UIDS[word])
}


def transfer_syntax_uid(syntax: str) -> str:
    """The UID of a transfer syntax, given by a `TransferSyntax` or by the UID itself."""
    return _UIDS.get(syntax, syntax)


def _syntax(text: str) -> str:
    if text not in _UIDS and not _core.is_uid(text):
        raise ValueError("must be a TransferSyntax, 'ge-private' or the UID of a transfer syntax")
    return text


TransferSyntaxOption = Annotated[
    TransferSyntax | str,
    Opt(help="transfer syntax to write, or its UID", flags=_FLAGS, check=_syntax),
]


@dataclass(frozen=True, slots=True)
class DcmconvResult:
    """Where the converted file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


@tool
def dcmconv(
    input_path: Annotated[InputSource, Opt(help="DICOM file to convert")],
    output_path: Annotated[OutputPath, Opt(help="file to write; may be the input")],
    *,
    transfer_syntax: TransferSyntaxOption,
    write_mode: Annotated[
        Literal["new-meta", "file", "dataset"],
        Opt(
            help="new file meta information, that of the input brought up to date, or none",
            flags={"new-meta": "+Fm", "file": "+F", "dataset": "-F"},
        ),
    ] = "new-meta",
    enable_new_vr: EnableNewVr = True,
    group_length: GroupLength = "recalc",
    length_encoding: LengthEncoding = "explicit",
    padding: PaddingOption = "retain",
    compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
    write_oversized: Annotated[
        bool,
        Opt("+eo", "sequences and items of 4 GiB get an undefined length, else fail", off="-eo"),
    ] = True,
    remove_invalid_groups: Annotated[
        bool, Opt("-ig", "leave out elements of groups that no data set has")
    ] = False,
    threads: ThreadsOption = None,
    convert_charset: ConvertCharset = None,
    transliterate: Transliterate = False,
    discard_illegal: DiscardIllegal = False,
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    use_meta_length: UseMetaLength = True,
    odd_length: OddLength = "accept",
    explicit_vr: ExplicitVr = "use",
    nonstandard_vr: NonstandardVr = "unknown",
    undefined_length_un: UndefinedLengthUn = "implicit",
    convert_un: ConvertUn = False,
    private_max_length: PrivateMaxLength = "dictionary",
    wrong_delimiters: WrongDelimiters = "keep",
    illegal_obow: IllegalObow = "reject",
    illegal_voi: IllegalVoi = "reject",
    explicit_length_pixel_data: ExplicitLengthPixelData = "abort",
    parse_errors: ParseErrors = "stop",
    stop_after: StopAfter = None,
    data_correction: DataCorrection = True,
    deflated_bitstream: DeflatedBitstream = "deflated",
    isolate: IsolateOption = False,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmconvResult:
    """A DICOM file in another transfer syntax, character set or form.

    Values keep their meaning. Text loses padding that carries none (not with
    `data_correction=False`), and the implementation UID and version name of the file meta
    information become those of this package. What needs no change is copied as it stands.

    Errors:
        DicomFileError: the input cannot be read, or the output cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: the pixel data cannot be brought into the transfer syntax.
        ToolError: text that the character set cannot hold; an oversized sequence.

    Example:
        >>> result = dcmconv("image.dcm", None, transfer_syntax=TransferSyntax.DEFLATED).unwrap()
        >>> result.output_path is None, result.data[128:132]
        (True, b'DICM')
    """
    try:
        options = _core.DcmconvOptions(
            read=read_options(read_mode, read_xfer, limits),
            parse=parse_options(
                use_meta_length=use_meta_length,
                odd_length=odd_length,
                explicit_vr=explicit_vr,
                nonstandard_vr=nonstandard_vr,
                undefined_length_un=undefined_length_un,
                convert_un=convert_un,
                private_max_length=private_max_length,
                wrong_delimiters=wrong_delimiters,
                illegal_obow=illegal_obow,
                illegal_voi=illegal_voi,
                explicit_length_pixel_data=explicit_length_pixel_data,
                parse_errors=parse_errors,
                stop_after=stop_after,
                data_correction=data_correction,
                deflated_bitstream=deflated_bitstream,
            ),
            charset=charset_options(
                convert_charset, transliterate=transliterate, discard_illegal=discard_illegal
            ),
            remove_invalid_groups=remove_invalid_groups,
            write=write_options(
                write_mode=write_mode,
                transfer_syntax=transfer_syntax_uid(transfer_syntax),
                enable_new_vr=enable_new_vr,
                group_length=group_length,
                length_encoding=length_encoding,
                padding=padding,
                compression_level=compression_level,
                write_oversized=write_oversized,
            ),
            threads=threads_or_all(threads),
        )
    except ValueError as error:
        raise OptionsError(f"dcmconv: invalid options: {error}", tool="dcmconv") from None
    data = _core.dcmconv(input_path, output_path, options)
    return DcmconvResult(None if output_path is None else str(output_path), data)
