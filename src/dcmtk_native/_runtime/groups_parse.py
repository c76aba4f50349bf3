"""G-PARSE: how tolerant libdcmdata's parser is.

A call with other values than the defaults takes the gate before the process-wide switches alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Final, Literal

from dcmtk_native._core.data import ParseOptions
from dcmtk_native._core.runtime import find_keyword
from dcmtk_native._runtime.options import Opt

__all__ = [
    "DEFAULT_PARSE",
    "ConvertUn",
    "DataCorrection",
    "DeflatedBitstream",
    "ExplicitLengthPixelData",
    "ExplicitVr",
    "IllegalObow",
    "IllegalVoi",
    "NonstandardVr",
    "OddLength",
    "ParseErrors",
    "PrivateMaxLength",
    "StopAfter",
    "StopBefore",
    "UndefinedLengthUn",
    "UseMetaLength",
    "WrongDelimiters",
    "parse_options",
    "tag_number",
]

_TAG_DIGITS: Final = 8


def tag_number(text: str) -> int:
    """The number of `(gggg,eeee)`, `gggg,eeee`, 8 hex digits or a keyword; else a ValueError."""
    digits = text.removeprefix("(").removesuffix(")").replace(",", "", 1)
    if len(digits) == _TAG_DIGITS:
        try:
            return int(digits, 16)
        except ValueError:
            pass
    entry = find_keyword(text)
    if entry is None:
        raise ValueError("must be (gggg,eeee), 8 hex digits or a keyword of the dictionary")
    return int(entry[0])


def _known_tag(text: str) -> str:
    tag_number(text)
    return text


UseMetaLength = Annotated[
    bool, Opt("+ml", "trust the length of the file meta information group", off="-ml")
]
OddLength = Annotated[
    Literal["accept", "assume-even"],
    Opt(
        help="odd lengths: take them as they are, or one byte longer",
        flags={"accept": "+ao", "assume-even": "+ae"},
    ),
]
ExplicitVr = Annotated[
    Literal["use", "ignore"],
    Opt(
        help="explicit VRs: use them, or those of the dictionary",
        flags={"use": "+ev", "ignore": "-ev"},
    ),
]
NonstandardVr = Annotated[
    Literal["unknown", "implicit"],
    Opt(
        help="VRs that are none: as UN, or as if the element were implicit VR",
        flags={"unknown": "+vr", "implicit": "-vr"},
    ),
]
UndefinedLengthUn = Annotated[
    Literal["implicit", "explicit"],
    Opt(
        help="the content of a UN of undefined length",
        flags={"implicit": "+ui", "explicit": "-ui"},
    ),
]
ConvertUn = Annotated[bool, Opt("+uc", "give UN elements their VR of the dictionary", off="-uc")]
PrivateMaxLength = Annotated[
    Literal["dictionary", "sequence"],
    Opt(
        help="implicit private elements of undefined length: by the dictionary, or as sequences",
        flags={"dictionary": "-sq", "sequence": "+sq"},
    ),
]
WrongDelimiters = Annotated[
    Literal["keep", "replace"],
    Opt(help="wrong delimitation items", flags={"keep": "-rd", "replace": "+rd"}),
]
IllegalObow = Annotated[
    Literal["reject", "convert"],
    Opt(
        help="OB or OW of undefined length that is not pixel data: refuse, or read as a sequence",
        flags={"reject": "-oi", "convert": "+oi"},
    ),
]
IllegalVoi = Annotated[
    Literal["reject", "convert"],
    Opt(
        help="a VOI LUT Sequence with an OW VR: refuse, or read as a sequence",
        flags={"reject": "-vi", "convert": "+vi"},
    ),
]
ExplicitLengthPixelData = Annotated[
    Literal["abort", "use"],
    Opt(
        help="explicit length pixel data in an encapsulated transfer syntax",
        flags={"abort": "-pe", "use": "+pe"},
    ),
]
ParseErrors = Annotated[
    Literal["stop", "ignore"],
    Opt(
        help="errors of the parser: give up, or keep what was read",
        flags={"stop": "-Ep", "ignore": "+Ep"},
    ),
]
StopAfter = Annotated[str | None, Opt("+st", "stop parsing after this element", check=_known_tag)]
StopBefore = Annotated[str | None, Opt("+sb", "stop parsing before this element", check=_known_tag)]
DataCorrection = Annotated[
    bool, Opt("+dc", "correct padding and other small faults of values", off="-dc")
]
DeflatedBitstream = Annotated[
    Literal["deflated", "zlib"],
    Opt(
        help="a deflated data set is a raw deflate stream, or one with zlib's header",
        flags={"deflated": "+bd", "zlib": "+bz"},
    ),
]


@lru_cache(maxsize=64)  # calls differ in their inputs much more often than in these
def parse_options(
    *,
    use_meta_length: bool = True,
    odd_length: str = "accept",
    explicit_vr: str = "use",
    nonstandard_vr: str = "unknown",
    undefined_length_un: str = "implicit",
    convert_un: bool = False,
    private_max_length: str = "dictionary",
    wrong_delimiters: str = "keep",
    illegal_obow: str = "reject",
    illegal_voi: str = "reject",
    explicit_length_pixel_data: str = "abort",
    parse_errors: str = "stop",
    stop_after: str | None = None,
    stop_before: str | None = None,
    data_correction: bool = True,
    deflated_bitstream: str = "deflated",
) -> ParseOptions:
    """The native form of G-PARSE; a tool with fewer of the options leaves the others out."""
    return ParseOptions(
        use_meta_length=use_meta_length,
        assume_even_length=odd_length == "assume-even",
        ignore_explicit_vr=explicit_vr == "ignore",
        nonstandard_vr_implicit=nonstandard_vr == "implicit",
        undefined_length_un_explicit=undefined_length_un == "explicit",
        convert_un=convert_un,
        private_max_length_sequence=private_max_length == "sequence",
        replace_wrong_delimiters=wrong_delimiters == "replace",
        convert_illegal_obow=illegal_obow == "convert",
        convert_illegal_voi=illegal_voi == "convert",
        use_explicit_length_pixel_data=explicit_length_pixel_data == "use",
        ignore_parse_errors=parse_errors == "ignore",
        data_correction=data_correction,
        zlib_bitstream=deflated_bitstream == "zlib",
        stop_after=None if stop_after is None else tag_number(stop_after),
        stop_before=None if stop_before is None else tag_number(stop_before),
    )


DEFAULT_PARSE: Final = parse_options()
"""G-PARSE as DCMTK has it when nothing is asked for."""
