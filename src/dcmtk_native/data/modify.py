"""dcmodify: changed elements of a DICOM file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias

from dcmtk_native._core import data as _core
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.groups_parse import (
    DataCorrection,
    DeflatedBitstream,
    OddLength,
    parse_options,
)
from dcmtk_native._runtime.groups_write import (
    TRANSFER_SYNTAX_UIDS,
    EnableNewVr,
    GroupLength,
    PaddingOption,
    WriteModeOption,
    WriteXferOption,
    write_options,
)
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.changes import TagModification
from dcmtk_native.errors import OptionsError
from dcmtk_native.types import StrPath

__all__ = ["DcmodifyResult", "Modification", "dcmodify"]

Modification: TypeAlias = tuple[str, str] | TagModification | Mapping[str, str]
"""A tag path and a value: a `TagModification`, a pair, or a mapping with `tag` and `value`."""

_FIELDS: Final = {"tag", "value"}
_NO_PATH: Final = (("", ""),)
"""For a job that concerns the whole data set."""


def _path(path: object) -> str:
    """A tag path that parses."""
    if not isinstance(path, str):
        raise ValueError("a tag path must be a string")
    try:
        _core.check_tag_path(path)
    except NativeError as error:
        raise ValueError(error.args[1]) from None
    return path


def _paths(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(_path, paths))


def _pair(given: Any) -> tuple[str, str]:
    match given:
        case (tag, value) | TagModification(tag=tag, value=value):
            pass
        case Mapping() if given.keys() == _FIELDS:
            tag, value = given["tag"], given["value"]
        case _:
            raise ValueError("must be TagModification, (tag, value) or {'tag': ..., 'value': ...}")
    if not isinstance(value, str):
        raise ValueError("a value must be a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("a value must be text without lone surrogates") from None
    return _path(tag), value


def _pairs(given: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple(map(_pair, given))


def _files(given: Sequence[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((_path(tag), os.fspath(path)) for tag, path in given)


def _pairs_option(flag: str, text: str) -> Opt:
    def argv(given: Sequence[Any]) -> list[str]:
        return [word for tag, value in _pairs(given) for word in (flag, f"{tag}={value}")]

    return Opt(flag, text, check=_pairs, argv=argv)


def _files_option(flag: str, text: str) -> Opt:
    def argv(given: Sequence[Any]) -> list[str]:
        return [word for tag, path in _files(given) for word in (flag, f"{tag}={path}")]

    return Opt(flag, text, check=_files, argv=argv)


@dataclass(frozen=True, slots=True)
class DcmodifyResult:
    """What was changed.

    Attributes:
        file_path: the file; `None` if the input was in memory.
        modified: how many elements and items were changed, inserted or erased.
        backup_path: where the file as it was is kept, if it is.
        data: the changed content, if the input was in memory.
    """

    file_path: str | None
    modified: int
    backup_path: str | None = None
    data: bytes | None = None


@tool
def dcmodify(
    input_path: Annotated[InputSource, Opt(help="DICOM file to change")],
    *,
    modifications: Annotated[
        Sequence[Modification], _pairs_option("-m", "elements to set, in this order")
    ] = (),
    erasures: Annotated[
        Sequence[str] | None, Opt("-e", "elements or items to erase afterwards", check=_paths)
    ] = None,
    erase_private_tags: Annotated[
        bool, Opt("-ep", "erase all elements of odd groups, after the erasures")
    ] = False,
    no_backup: Annotated[
        bool, Opt("-nb", "do not keep the file as it was under <file>.bak")
    ] = True,
    insert_if_missing: Annotated[
        bool, Opt(help="modifications insert what is missing: elements, items and sequences")
    ] = False,
    insertions: Annotated[
        Sequence[Modification], _pairs_option("-i", "elements to set or insert")
    ] = (),
    modifications_from_file: Annotated[
        Sequence[tuple[str, StrPath]],
        _files_option("-mf", "elements to set to the content of a file"),
    ] = (),
    insertions_from_file: Annotated[
        Sequence[tuple[str, StrPath]],
        _files_option("-if", "elements to set or insert, with the content of a file"),
    ] = (),
    modify_all: Annotated[
        Sequence[Modification], _pairs_option("-ma", "elements to set wherever they occur")
    ] = (),
    erase_all: Annotated[
        Sequence[str], Opt("-ea", "elements to erase wherever they occur", check=_paths)
    ] = (),
    generate_study_uid: Annotated[bool, Opt("-gst", "a new Study Instance UID")] = False,
    generate_series_uid: Annotated[bool, Opt("-gse", "a new Series Instance UID")] = False,
    generate_instance_uid: Annotated[bool, Opt("-gin", "a new SOP Instance UID")] = False,
    update_meta_uids: Annotated[
        bool, Opt("", "the file meta information follows the UIDs of the data set", off="-nmu")
    ] = True,
    create_file: Annotated[bool, Opt("+fc", "begin with nothing if there is no file")] = False,
    no_reservation_check: Annotated[
        bool, Opt("-nrc", "insert private elements into blocks that nobody has reserved")
    ] = False,
    ignore_errors: Annotated[
        bool, Opt("-ie", "leave out changes that fail, with an error in the log")
    ] = False,
    ignore_missing_tags: Annotated[
        bool, Opt("-imt", "a tag that is not there is no error")
    ] = False,
    ignore_un_values: Annotated[bool, Opt("-iun", "do not set elements of VR UN")] = False,
    write_mode: WriteModeOption = "file",
    write_xfer: WriteXferOption = "same",
    enable_new_vr: EnableNewVr = True,
    group_length: GroupLength = "recalc",
    length_encoding: Annotated[
        Literal["explicit", "undefined"],
        Opt(help="lengths of sequences and items", flags={"explicit": "+le", "undefined": "-le"}),
    ] = "explicit",
    padding: PaddingOption = "retain",
    read_mode: ReadModeOption = "auto",
    read_xfer: ReadXferOption = "auto",
    odd_length: OddLength = "accept",
    data_correction: DataCorrection = True,
    deflated_bitstream: DeflatedBitstream = "deflated",
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmodifyResult:
    r"""A DICOM file with changed elements, in its place.

    Tag paths are written as for DCMTK's dcmodify: `(gggg,eeee)`, 8 hex digits or a keyword, and
    `[n]` or `[*]` for items of sequences: `ContentSequence[0].(0040,A160)`. A backslash separates
    values. The order is: modifications, insertions, the same from files, `modify_all`, erasures,
    `erase_all`, private elements, new UIDs.

    Values must keep the rules of their VR (PS3.5 section 6.2); text beyond ASCII is encoded as
    (0008,0005) declares, and where nothing is declared the data set becomes `ISO_IR 192`. The
    file meta information is made anew from the data set. The file is replaced at the end, or not
    at all. For an input in memory the result has the content.

    Errors:
        OptionsError: nothing to do; a malformed path.
        DicomFileError: the file is missing, cannot be read or written.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.
        CodecError: `write_xfer` for compressed pixel data.
        ToolError: a tag that is not there; a value that the VR or character set cannot hold; a
            private block that is not reserved.

    Example:
        >>> result = dcmodify("image.dcm", modifications=[("PatientName", "Doe^Jane")]).unwrap()
        >>> result.file_path, result.modified
        ('image.dcm', 1)
    """
    name = "dcmodify"
    changes: tuple[tuple[str, Sequence[Any]], ...] = (
        ("insert" if insert_if_missing else "modify", modifications),
        ("insert", insertions),
        ("modify-from-file", modifications_from_file),
        ("insert-from-file", insertions_from_file),
        ("modify-all", modify_all),
        ("erase", [(path, "") for path in erasures or ()]),
        ("erase-all", [(path, "") for path in erase_all]),
        ("erase-private", _NO_PATH if erase_private_tags else ()),
        ("new-study-uid", _NO_PATH if generate_study_uid else ()),
        ("new-series-uid", _NO_PATH if generate_series_uid else ()),
        ("new-instance-uid", _NO_PATH if generate_instance_uid else ()),
    )
    jobs = [job for kind, pairs in changes if pairs for job in _jobs(kind, pairs)]
    path = input_path if isinstance(input_path, str) else None
    try:
        _check(jobs, in_memory=path is None, backup=not no_backup, create=create_file)
        if create_file and write_mode == "dataset":
            raise ValueError("create_file=True: creates a file, not a bare data set")
        options = _core.DcmodifyOptions(
            read=read_options(read_mode, read_xfer, limits),
            parse=parse_options(
                odd_length=odd_length,
                data_correction=data_correction,
                deflated_bitstream=deflated_bitstream,
            ),
            jobs=jobs,
            create_file=create_file,
            check_reservations=not no_reservation_check,
            update_meta_uids=update_meta_uids,
            ignore_errors=ignore_errors,
            ignore_missing_tags=ignore_missing_tags,
            ignore_un_values=ignore_un_values,
            backup=not no_backup,
            write=write_options(
                write_mode=write_mode,
                transfer_syntax=TRANSFER_SYNTAX_UIDS[write_xfer],
                enable_new_vr=enable_new_vr,
                group_length=group_length,
                length_encoding=length_encoding,
                padding=padding,
            ),
        )
    except ValueError as error:
        raise OptionsError(f"{name}: invalid options: {error}", tool=name) from None
    modified, backup_path, data = _core.dcmodify(input_path, path, options)
    return DcmodifyResult(path, modified, backup_path, data)


def _jobs(kind: str, pairs: Sequence[Any]) -> list[tuple[str, str, bytes]]:
    """Native jobs of checked pairs. Paths of files may hold bytes that no text has."""
    encode = os.fsencode if kind.endswith("-file") else str.encode
    return [(kind, path, encode(value)) for path, value in pairs]


def _check(jobs: Sequence[object], *, in_memory: bool, backup: bool, create: bool) -> None:
    if not jobs:
        raise ValueError("nothing to do: no modification, insertion, erasure or new UID")
    if in_memory and backup:
        raise ValueError("no_backup=False: an input in memory has no file to keep")
    if in_memory and create:
        raise ValueError("create_file=True: an input in memory is no file to create")
