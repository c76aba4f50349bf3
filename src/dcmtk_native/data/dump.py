"""dcmdump: a file's content as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.callbacks import guarded
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
    StopBefore,
    UndefinedLengthUn,
    UseMetaLength,
    WrongDelimiters,
    parse_options,
    tag_number,
)
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.types import StrPath

__all__ = ["DcmdumpFormat", "DcmdumpResult", "dcmdump"]


class DcmdumpFormat(StrEnum):
    """How much of an element a line shows."""

    STANDARD = "standard"
    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class DcmdumpResult:
    """The dump.

    Attributes:
        text: as the program prints it, decoded by each file's character set.
        failures: of a call with several files or `ignore_errors`: path and reason of what could
            not be read.
    """

    text: str
    failures: tuple[tuple[str, str], ...] = ()


def _tags(value: Any) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value)
    if not texts:
        raise ValueError("must name at least one tag")
    for text in texts:
        tag_number(text)
    return texts


@tool
def dcmdump(
    input_path: Annotated[
        InputSource | Sequence[InputSource],
        Opt(help="DICOM file to show, or several; a folder with scan_directories"),
    ],
    *,
    format: Annotated[
        DcmdumpFormat | Literal["standard", "short", "long"],
        Opt(
            help="lines with long values cut; without their comments; with everything",
            flags={"standard": "", "short": "", "long": "+L"},
        ),
    ] = "standard",
    all_tags: Annotated[bool, Opt("+L", "show private tags and long values completely")] = False,
    search_tag: Annotated[
        str | Sequence[str] | None,
        Opt("+P", "show these elements only: (gggg,eeee), 8 hex digits or a keyword", check=_tags),
    ] = None,
    print_values: Annotated[
        bool, Opt("-Un +L", "show raw values: UIDs as numbers, nothing cut")
    ] = False,
    scan_directories: Annotated[bool, Opt("+sd", "take folders, and the files in them")] = False,
    scan_pattern: Annotated[
        str | None, Opt("+sp", "files of folders must match this pattern, such as *.dcm")
    ] = None,
    recurse: Annotated[bool, Opt("+r", "go into the folders of folders")] = False,
    load_all: Annotated[bool, Opt("+M", "read long values too", off="-M")] = True,
    max_read_length: MaxReadLength = DEFAULT_MAX_READ_LENGTH,
    tree: Annotated[bool, Opt("+T", "show the hierarchy as a tree")] = False,
    print_filename: Annotated[
        bool | Literal["search"],
        Opt(
            help="show the name of each file; with 'search': of those with a match",
            flags={"yes": "+F", "search": "+Fs"},
        ),
    ] = False,
    map_uid_names: Annotated[bool, Opt("", "show the names of well-known UIDs", off="-Un")] = True,
    quote: Annotated[
        Literal["none", "xml", "octal"],
        Opt(
            help="what cannot be printed: as it is, as XML or octal escapes",
            flags={"none": "", "xml": "+Qn", "octal": "+Qo"},
        ),
    ] = "none",
    color: Annotated[bool, Opt("+C", "use ANSI colours")] = False,
    ignore_errors: Annotated[bool, Opt("+E", "show what can be read of a broken file")] = False,
    search_first: Annotated[
        bool, Opt("-s", "show only the first element that was searched for")
    ] = False,
    prepend_path: Annotated[
        bool, Opt("+p", "show the sequences around an element that was searched for")
    ] = False,
    write_pixel: Annotated[
        StrPath | None, Opt("+W", "write pixel data to files in this folder")
    ] = None,
    convert_charset: Annotated[
        Literal["utf8"] | None, Opt(help="bring text to UTF-8 first", flags={"utf8": "+U8"})
    ] = None,
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
    stop_before: StopBefore = None,
    data_correction: DataCorrection = True,
    deflated_bitstream: DeflatedBitstream = "deflated",
    on_progress: Annotated[
        Callable[[int, int, str], object] | None,
        Opt(help="called before each of several files with done, total and its path"),
    ] = None,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmdumpResult:
    r"""The content of files as text, the same that DCMTK's dcmdump prints.

    A search without a match is `Ok` with an empty text. Text is decoded by the character set that
    the file declares, so the result is readable without `convert_charset`, too.

    Errors:
        DicomFileError: a file is missing or cannot be read.
        DicomFormatError: the input is no DICOM file, or broken.
        LimitExceededError: it asks for more than `limits` allow.

    Example:
        >>> element = b"\x10\x00\x20\x00LO\x06\x00ID-001"
        >>> dump = dcmdump(element, read_mode="dataset", read_xfer="little", search_tag="PatientID")
        >>> dump.unwrap().text
        '(0010,0020) LO [ID-001]                                 #   6, 1 PatientID\n'
    """
    options = _core.DcmdumpOptions(
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
            stop_before=stop_before,
            data_correction=data_correction,
            deflated_bitstream=deflated_bitstream,
        ),
        format=format,
        all_tags=all_tags,
        search_tags=[tag_number(tag) for tag in search_tag or ()],
        print_values=print_values,
        scan_directories=scan_directories,
        scan_pattern=scan_pattern or "",
        recurse=recurse,
        load_all=load_all,
        max_read_length=max_read_bytes("dcmdump", max_read_length, load_all=load_all),
        tree=tree,
        print_filename={False: "no", True: "yes", "search": "search"}[print_filename],
        map_uid_names=map_uid_names,
        quote=quote,
        color=color,
        ignore_errors=ignore_errors,
        search_first=search_first,
        prepend_path=prepend_path,
        write_pixel=None if write_pixel is None else str(write_pixel),
        convert_charset=convert_charset == "utf8",
    )
    # The check has made a tuple of every sequence.
    inputs: list[Any] = list(input_path) if isinstance(input_path, tuple) else [input_path]
    text, failures = _core.dcmdump(inputs, options, guarded(on_progress))
    return DcmdumpResult(text, failures)
