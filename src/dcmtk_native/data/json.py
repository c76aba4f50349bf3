"""dcm2json: a file's content as the DICOM JSON model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.options import InputSource, Opt, OutputPath, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.model import DicomJsonModel
from dcmtk_native.errors import OptionsError

__all__ = ["Dcm2jsonResult", "Dcm2jsonSource", "dcm2json"]


class Dcm2jsonSource(StrEnum):
    """Whether JSON has a form for everything in the file."""

    XML = "xml"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Dcm2jsonResult:
    """The content of a file.

    Attributes:
        data: elements by tag, as plain dicts, lists, strings and numbers.
        source: `xml` if at least one element has the form that the native XML model gives it,
            because JSON has none: compressed pixel data (then without a value), or a number that
            is not finite (then a string).
    """

    data: DicomJsonModel
    source: Dcm2jsonSource


@tool
def dcm2json(
    input_path: Annotated[InputSource, Opt(help="DICOM file to convert")],
    *,
    direct_only: Annotated[
        bool, Opt(help="fail where JSON has no form for something, instead of using that of XML")
    ] = False,
    write_meta: Annotated[bool, Opt("+m", "include the file meta information")] = False,
    encode_extended: Annotated[
        bool, Opt("-ee", "keep infinity and not-a-number as numbers", off="-es")
    ] = False,
    binary: Annotated[
        Literal["inline", "omit"],
        Opt(help="binary values: in base64, or left out while their elements stay"),
    ] = "inline",
    output_path: Annotated[OutputPath, Opt(help="file to write the JSON text to as well")] = None,
    compact: Annotated[
        bool, Opt("-fc", "write the text without white space; needs output_path", off="+fc")
    ] = False,
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> Dcm2jsonResult:
    r"""The content of a file as the DICOM JSON model (PS3.18 annex F).

    Numbers are `int` or `float`, except IS and DS that break the rules of their VR, which stay
    strings. Text is decoded, so (0008,0005) says `ISO_IR 192`; a byte that has no meaning in its
    character set becomes U+FFFD, with a warning in the log. Group lengths are left out.

    With `output_path` the same content is written as UTF-8 text; there integers of more than
    53 bits are strings.

    Errors:
        DicomFileError: the file is missing or cannot be read, the text cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        ToolError: with `direct_only`, what JSON has no form for.

    Example:
        >>> element = b"\x10\x00\x20\x00LO\x06\x00ID-001"
        >>> dcm2json(element, read_mode="dataset", read_xfer="little").unwrap().data
        {'00100020': {'vr': 'LO', 'Value': ['ID-001']}}
    """
    if compact and output_path is None:
        message = "dcm2json: invalid options: compact=True: needs output_path"
        raise OptionsError(message, tool="dcm2json")
    options = _core.Dcm2jsonOptions(
        read=read_options(read_mode, read_xfer, limits),
        write_meta=write_meta,
        encode_extended=encode_extended,
        binary=binary,
        direct_only=direct_only,
        compact=compact,
    )
    model, is_xml = _core.dcm2json(input_path, output_path, options)
    return Dcm2jsonResult(model, Dcm2jsonSource.XML if is_xml else Dcm2jsonSource.DIRECT)
