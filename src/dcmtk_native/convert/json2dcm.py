"""json2dcm: a DICOM file of a DICOM JSON model."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast

from dcmtk_native._core.runtime import checkpoint
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
from dcmtk_native._runtime.options import (
    InputSource,
    Opt,
    OutputPath,
    SignalOption,
    TimeoutMs,
)
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.convert.document import (
    IN_MEMORY,
    GenerateNewUids,
    IgnoreErrors,
    OverwriteUids,
    Problems,
    ReadMeta,
    UpdateMetaInfo,
    document_writing,
    draft_in,
    open_document,
    path_of,
    put_new_uids,
)
from dcmtk_native.convert.json_model import (
    JsonConstant,
    JsonNumber,
    ModelReader,
    RepeatedKeys,
    as_object,
    transfer_syntax_of,
)
from dcmtk_native.data.model import DicomJsonModel
from dcmtk_native.errors import OptionsError
from dcmtk_native.limits import Limits

__all__ = ["Json2dcmResult", "json2dcm"]

_TOOL: Final = "json2dcm"
# The decoder recurses in C and trusts the recursion limit, which may be set higher than the stack
# can bear; a level takes about 100 bytes of it.
_TRUSTED_RECURSION: Final = 10_000
_BETWEEN_CHECKPOINTS: Final = 0x3FF


@dataclass(frozen=True, slots=True)
class Json2dcmResult:
    """Where the DICOM file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
    """

    output_path: str | None
    data: bytes | None = None


def _model_of(source: InputSource, problems: Problems, limits: Limits) -> Mapping[str, object]:
    """The one data set of a JSON text."""
    import json

    with open_document(_TOOL, source, limits) as stream:
        text = stream.read()
    if sys.getrecursionlimit() > _TRUSTED_RECURSION:
        _refuse_deep_nesting(text, problems)
    objects = 0

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal objects
        objects += 1
        if not objects & _BETWEEN_CHECKPOINTS:
            checkpoint()
        found = dict(pairs)
        return found if len(found) == len(pairs) else _with_repeated_keys(pairs)

    try:
        document = json.loads(
            text,
            object_pairs_hook=object_of,
            parse_int=JsonNumber,
            parse_float=JsonNumber,
            parse_constant=JsonConstant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise problems.fatal(where, error.msg) from None
    except UnicodeDecodeError as error:
        raise problems.fatal(f"byte {error.start}", error.reason) from None
    except RecursionError:
        raise problems.fatal("the document", "arrays and objects are nested too deep") from None
    return _data_set_of(document, problems)


def _with_repeated_keys(pairs: list[tuple[str, Any]]) -> RepeatedKeys:
    found = RepeatedKeys()
    for key, value in pairs:
        if key in found and not found.key:
            found.key = key
        found[key] = value
    return found


def _refuse_deep_nesting(text: bytes, problems: Problems) -> None:
    import re

    depth = 0
    for found in re.finditer(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|([\[{])|[\]}]', text, re.DOTALL):
        if found.lastindex:
            depth += 1
            if depth > _TRUSTED_RECURSION:
                raise problems.fatal("the document", "arrays and objects are nested too deep")
        elif found[0] in (b"]", b"}"):
            depth -= 1


def _data_set_of(document: object, problems: Problems) -> Mapping[str, object]:
    """The model itself, or the only one of an array, the form that DICOMweb answers have."""
    if isinstance(document, list):
        models = cast("list[object]", document)
        if len(models) != 1:
            raise problems.fatal("the document", f"an array of {len(models)} data sets, not one")
        document = models[0]
    model = as_object(document)
    if model is None:
        raise problems.fatal("the document", "a data set is an object")
    return model


@tool
def json2dcm(
    input_path: Annotated[InputSource | None, Opt(help="the JSON text")] = None,
    output_path: Annotated[
        OutputPath, Opt(help="the DICOM file to write; none: its content is in the result")
    ] = None,
    *,
    input_data: Annotated[
        DicomJsonModel | None, Opt(help="the model itself, in place of a JSON text")
    ] = None,
    read_meta: ReadMeta = True,
    generate_new_uids: GenerateNewUids = False,
    overwrite_uids: OverwriteUids = False,
    replace_charset: Annotated[
        bool,
        Opt("-c", "write UTF-8 whatever character set the document names", off="+c"),
    ] = False,
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
) -> Json2dcmResult:
    """The DICOM file that a DICOM JSON model (PS3.18 annex F) describes.

    The model is a JSON text, or as `input_data` what `dcm2json` returns. It is one data set, or an
    array of exactly one. Group 0002 counts if it is there; (0002,0010) is the transfer syntax to
    write unless `write_xfer` says otherwise, else it is explicit VR little endian.

    Text is written as UTF-8 with (0008,0005) "ISO_IR 192", or in the character set that the
    document's own (0008,0005) names; text which that cannot hold is an error. Numbers may be given
    as numbers or as strings. A data set keeps the values that dcm2json read from it.

    Errors:
        DicomFormatError: no JSON (the message has line and column), or no DICOM JSON model (it has
            the path of the tag): wrong types, a tag twice, BulkDataURI, pixel data of a compressed
            transfer syntax, text beyond the character set.
        DicomFileError: the text cannot be read, or the output not be written.
        LimitExceededError: sequences in more than 64 levels, or more than `limits` allows.

    Example:
        >>> name = {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}
        >>> content = json2dcm(input_data={"00100010": name}).unwrap().data
        >>> content[128:132], b"Doe^Jane" in content
        (b'DICM', True)
    """
    if (input_path is None) == (input_data is None):
        message = f"{_TOOL}: invalid options: give either input_path or input_data"
        raise OptionsError(message, tool=_TOOL)
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
    name = "input_data" if input_path is None else path_of(input_path) or IN_MEMORY
    problems = Problems(_TOOL, name, ignore=ignore_errors)
    model = (
        _data_set_of(input_data, problems)
        if input_path is None
        else _model_of(input_path, problems, bounds)
    )
    syntax = transfer_syntax_of(model) if read_meta else ""
    draft, encapsulated = draft_in(syntax, problems, write_xfer=write_xfer)
    ModelReader(
        draft,
        problems,
        limits=bounds,
        read_meta=read_meta,
        encapsulated=encapsulated,
        replace_charset=replace_charset,
    ).read(model)
    if generate_new_uids:
        put_new_uids(draft, overwrite=overwrite_uids)
    return Json2dcmResult(path_of(output_path), draft.write(output_path, writing))
