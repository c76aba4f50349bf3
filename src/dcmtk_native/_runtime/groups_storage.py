"""Options of the tools that send files: which files, G-PROP, and what becomes of failures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal

from dcmtk_native._runtime.options import InputSource, Opt
from dcmtk_native.errors import OptionsError

__all__ = [
    "MAX_ASSOCIATIONS",
    "AssociationsOption",
    "FilesOption",
    "HaltOption",
    "OnOutcomeOption",
    "ProposeOption",
    "RecurseOption",
    "ScanDirectories",
    "ScanPattern",
    "check_scan",
]

MAX_ASSOCIATIONS: Final = 64


def _some(files: tuple[Any, ...]) -> tuple[Any, ...]:
    if not files:
        raise ValueError("must name at least one file")
    return files


def _pattern(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("must be a pattern for file names")
    return text


def _alone(value: Any) -> Any:
    if not isinstance(value, str) and (not value or "auto" in value):
        raise ValueError("must be at least one word, and auto stands alone")
    return value


_Words = Literal[
    "auto",
    "uncompressed",
    "little",
    "big",
    "implicit",
    "deflated",
    "jpeg-lossless",
    "jpeg8",
    "jpeg12",
    "j2k-lossless",
    "j2k-lossy",
    "jls-lossless",
    "jls-lossy",
    "mpeg2",
    "mpeg2-high",
    "mpeg4",
    "mpeg4-bd",
    "mpeg4-2-2d",
    "mpeg4-2-3d",
    "mpeg4-2-st",
    "hevc",
    "hevc10",
    "rle",
]
ProposeOption = Annotated[
    _Words | Sequence[_Words],
    Opt(
        help="transfer syntaxes to propose: those of the files, or others in this order",
        flags={
            "auto": "",
            "uncompressed": "-x=",
            "little": "-xe",
            "big": "-xb",
            "implicit": "-xi",
            "deflated": "-xd",
            "jpeg-lossless": "-xs",
            "jpeg8": "-xy",
            "jpeg12": "-xx",
            "j2k-lossless": "-xv",
            "j2k-lossy": "-xw",
            "jls-lossless": "-xt",
            "jls-lossy": "-xu",
            "mpeg2": "-xm",
            "mpeg2-high": "-xh",
            "mpeg4": "-xn",
            "mpeg4-bd": "-xl",
            "mpeg4-2-2d": "-x2",
            "mpeg4-2-3d": "-x3",
            "mpeg4-2-st": "-xo",
            "hevc": "-x4",
            "hevc10": "-x5",
            "rle": "-xr",
        },
        check=_alone,
    ),
]
FilesOption = Annotated[
    Sequence[InputSource],
    Opt(help="DICOM files to send; folders only if they are to be scanned", check=_some, argv=list),
]
ScanDirectories = Annotated[bool, Opt("+sd", "take folders for the files in them")]
ScanPattern = Annotated[
    str | None,
    Opt("+sp", "of a scan: only files whose name matches, with wildcards", check=_pattern),
]
RecurseOption = Annotated[bool, Opt("+r", "of a scan: go into the folders of folders")]
HaltOption = Annotated[bool, Opt(help="end at the first file that fails", off="-nh")]
AssociationsOption = Annotated[
    int,
    Opt(
        help="associations at the same time, each with a share of the files",
        lo=1,
        hi=MAX_ASSOCIATIONS,
    ),
]
OnOutcomeOption = Annotated[
    Callable[[int, int, Any], object] | None,
    Opt(help="called with the number of files done, of all, and the StoreOutcome of the last"),
]


def check_scan(tool: str, *, scan: bool, pattern: str | None, recurse: bool, name: str) -> None:
    """Nothing, if what only a scan of folders needs comes with one.

    Errors:
        OptionsError: raised for a pattern or a recursion without a scan.
    """
    for option, given in (("scan_pattern", pattern), ("recurse", recurse)):
        if given and not scan:
            rule = f"{option}={given!r}: only with {name}=True"
            raise OptionsError(f"{tool}: invalid options: {rule}", tool=tool)
