"""dcm2xml: a file's content as XML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups import (
    DEFAULT_MAX_READ_LENGTH,
    LimitsOption,
    LogLevelOption,
    MaxReadLength,
    ReadModeOption,
    ReadXferOption,
    max_read_bytes,
    read_options,
)
from dcmtk_native._runtime.options import InputSource, Opt, OutputPath, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError
from dcmtk_native.types import StrPath

__all__ = ["Dcm2xmlCharset", "Dcm2xmlResult", "dcm2xml"]


class Dcm2xmlCharset(StrEnum):
    """The character set of the document."""

    UTF8 = "utf8"
    LATIN1 = "latin1"
    ASCII = "ascii"


_PYTHON_CODECS: Final = {"utf8": "utf-8", "latin1": "latin-1", "ascii": "ascii"}


@dataclass(frozen=True, slots=True)
class Dcm2xmlResult:
    """The document."""

    xml: str


def _default_encoding(native: bool, base64: bool) -> str:
    if native:
        return "uuid"
    return "base64" if base64 else "hex"


@tool
def dcm2xml(
    input_path: Annotated[InputSource, Opt(help="DICOM file to convert")],
    *,
    namespace: Annotated[bool, Opt("+Xn", "declare the XML namespace on the root")] = False,
    charset: Annotated[
        Dcm2xmlCharset | Literal["utf8", "latin1", "ascii"],
        Opt(help="character set that values are converted to", flags={"utf8": "+U8"}),
    ] = "utf8",
    write_binary_data: Annotated[bool, Opt("+Wb", "write the values of OB and OW")] = False,
    encode_binary_base64: Annotated[
        bool, Opt("+Eb", "with write_binary_data: in base64, else in hex", off="+Eh")
    ] = True,
    output_path: Annotated[OutputPath, Opt(help="file to write the document to as well")] = None,
    xml_format: Annotated[
        Literal["dcmtk", "native"],
        Opt(
            help="DCMTK's own format, or the Native DICOM Model (PS3.19 annex A)",
            flags={"dcmtk": "-dtk", "native": "-nat"},
        ),
    ] = "dcmtk",
    load_all: Annotated[bool, Opt("+M", "read long values too", off="-M")] = False,
    max_read_length: MaxReadLength = DEFAULT_MAX_READ_LENGTH,
    dtd: Annotated[
        Literal["none", "reference", "embed"],
        Opt(
            help="name DCMTK's DTD, or include it",
            flags={"none": "", "reference": "+Xd", "embed": "+Xe"},
        ),
    ] = "none",
    dtd_file: Annotated[StrPath | None, Opt("+Xf", "the DTD to include, with dtd='embed'")] = None,
    element_names: Annotated[bool, Opt("+Wn", "write the names of elements", off="-Wn")] = True,
    binary_encoding: Annotated[
        Literal["base64", "hex", "uuid"] | None,
        Opt(
            help="form of binary values; overrides encode_binary_base64",
            flags={"base64": "+Eb", "hex": "+Eh", "uuid": "+Eu"},
        ),
    ] = None,
    charset_assume: Annotated[
        str | None,
        Opt("+Ca", "the (0008,0005) to assume where text is beyond ASCII and none is declared"),
    ] = None,
    charset_check_all: Annotated[
        bool, Opt("+Cc", "look for undeclared characters beyond ASCII in values of every string VR")
    ] = False,
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> Dcm2xmlResult:
    r"""The content of a file as XML, in the format of DCMTK's dcm2xml.

    The root of a file is `file-format`, that of a bare data set `data-set`; of the Native DICOM
    Model `NativeDicomModel`.

    Errors:
        DicomFileError: the file is missing or cannot be read, the document cannot be written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        ToolError: text cannot be converted to `charset`.

    Example:
        >>> element = b"\x10\x00\x20\x00LO\x06\x00ID-001"
        >>> xml = dcm2xml(element, read_mode="dataset", read_xfer="little").unwrap().xml
        >>> [line for line in xml.splitlines() if "ID-001" in line]
        ['<element tag="0010,0020" vr="LO" vm="1" len="6" name="PatientID">ID-001</element>']
    """
    if not (encode_binary_base64 or write_binary_data):
        rule = "encode_binary_base64=False: only with write_binary_data=True"
        raise OptionsError(f"dcm2xml: invalid options: {rule}", tool="dcm2xml")
    native = xml_format == "native"
    encoding = binary_encoding or _default_encoding(native, encode_binary_base64)
    options = _core.Dcm2xmlOptions(
        read=read_options(read_mode, read_xfer, limits),
        xml_format=xml_format,
        use_namespace=namespace,
        charset=charset,
        charset_assume=charset_assume or "",
        charset_check_all=charset_check_all,
        write_binary_data=write_binary_data or (binary_encoding is not None and not native),
        binary_encoding=encoding,
        dtd=dtd,
        dtd_file=None if dtd_file is None else str(dtd_file),
        element_names=element_names,
        load_all=load_all,
        max_read_length=max_read_bytes("dcm2xml", max_read_length, load_all=load_all),
    )
    document = _core.dcm2xml(input_path, options)
    if output_path is not None:
        _core.write_file(str(output_path), document)
    return Dcm2xmlResult(document.decode(_PYTHON_CODECS[charset]))
