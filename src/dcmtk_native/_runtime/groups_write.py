"""G-OUT, G-OUTX, G-ENC, G-DEFL and G-CHAR: how tools write. An alias an option, as in `groups`."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from dcmtk_native._core.data import CharsetOptions, WriteOptions, is_charset
from dcmtk_native._runtime.groups import WriteXfer
from dcmtk_native._runtime.options import Opt

__all__ = [
    "DEFAULT_COMPRESSION_LEVEL",
    "TRANSFER_SYNTAX_UIDS",
    "CompressionLevel",
    "ConvertCharset",
    "DiscardIllegal",
    "EnableNewVr",
    "GroupLength",
    "LengthEncoding",
    "PaddingOption",
    "Transliterate",
    "WriteModeOption",
    "WriteXferDeflatedOption",
    "WriteXferOption",
    "charset_options",
    "write_options",
]

DEFAULT_COMPRESSION_LEVEL: Final = 6
"""zlib's own."""

TRANSFER_SYNTAX_UIDS: Final = {
    "same": "",
    "implicit": "1.2.840.10008.1.2",
    "little": "1.2.840.10008.1.2.1",
    "big": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
}
"""What the words of `write_xfer` stand for; an empty UID is that of the input."""


_MAX_PAD: Final = 1 << 24


def _padding(value: Any) -> Any:
    if isinstance(value, tuple) and any(pad < 0 or pad % 2 or pad > _MAX_PAD for pad in value):
        raise ValueError(f"must be even numbers from 0 to {_MAX_PAD}")
    return value


def _charset(name: str) -> str:
    if not is_charset(name):
        raise ValueError("must be utf8, latin1, ascii or a defined term that can stand alone")
    return name


WriteModeOption = Annotated[
    Literal["file", "dataset"],
    Opt(
        help="write a file, or a data set without file meta information",
        flags={"file": "+F", "dataset": "-F"},
    ),
]
WriteXferOption = Annotated[
    Literal["same", "little", "big", "implicit"],
    Opt(
        help="transfer syntax to write",
        flags={"same": "+t=", "little": "+te", "big": "+tb", "implicit": "+ti"},
    ),
]
WriteXferDeflatedOption = Annotated[
    WriteXfer | Literal["same", "little", "big", "implicit", "deflated"],
    Opt(
        help="transfer syntax to write",
        flags={
            "same": "+t=",
            "little": "+te",
            "big": "+tb",
            "implicit": "+ti",
            "deflated": "+td",
        },
    ),
]
EnableNewVr = Annotated[
    bool, Opt("+u", "write VRs of after 1993 as they are, instead of as OB", off="-u")
]
GroupLength = Annotated[
    Literal["recalc", "create", "remove"],
    Opt(
        help="group lengths: right where there are some, everywhere, nowhere",
        flags={"recalc": "+g=", "create": "+g", "remove": "-g"},
    ),
]
LengthEncoding = Annotated[
    Literal["explicit", "undefined"],
    Opt(help="lengths of sequences and items", flags={"explicit": "+e", "undefined": "-e"}),
]
PaddingOption = Annotated[
    Literal["retain", "off"] | tuple[int, int],
    Opt(
        "+p",
        "trailing padding: as it is, none, or the file and its items to multiples of bytes",
        flags={"retain": "-p=", "off": "-p"},
        check=_padding,
    ),
]
CompressionLevel = Annotated[
    int, Opt("+cl", "how much work deflating is worth, 0 to 9", lo=0, hi=9)
]
ConvertCharset = Annotated[
    str | None,
    Opt(
        "+C",
        "character set to bring text to: utf8, latin1, ascii or a defined term",
        flags={"utf8": "+U8", "latin1": "+L1", "ascii": "+A7"},
        check=_charset,
    ),
]
Transliterate = Annotated[
    bool, Opt("-Ct", "with convert_charset: render what the set lacks in ASCII")
]
DiscardIllegal = Annotated[
    bool, Opt("-Cd", "with convert_charset: leave out what cannot be converted")
]


@lru_cache(maxsize=64)  # calls differ in their inputs much more often than in these
def write_options(
    *,
    write_mode: str,
    transfer_syntax: str,
    enable_new_vr: bool = True,
    group_length: str = "recalc",
    length_encoding: str = "explicit",
    padding: str | tuple[int, int] = "retain",
    compression_level: int = DEFAULT_COMPRESSION_LEVEL,
    write_oversized: bool = True,
) -> WriteOptions:
    """The native form; `transfer_syntax` is a UID, or empty for that of the input.

    Errors:
        ValueError: a combination that means nothing; the text starts with the argument.
    """
    file_pad, item_pad = (0, 0) if isinstance(padding, str) else padding
    if write_mode == "dataset" and not isinstance(padding, str):
        raise ValueError(f"padding={padding}: a data set without meta information is not padded")
    if (
        compression_level != DEFAULT_COMPRESSION_LEVEL
        and transfer_syntax != TRANSFER_SYNTAX_UIDS["deflated"]
    ):
        raise ValueError(
            f"compression_level={compression_level}: only with the deflated transfer syntax"
        )
    return WriteOptions(
        write_mode=write_mode,
        transfer_syntax=transfer_syntax,
        enable_new_vr=enable_new_vr,
        group_length=group_length,
        length_encoding=length_encoding,
        padding=padding if isinstance(padding, str) else "create",
        file_pad=file_pad,
        item_pad=item_pad,
        compression_level=compression_level,
        write_oversized=write_oversized,
    )


def charset_options(
    convert_charset: str | None, *, transliterate: bool, discard_illegal: bool
) -> CharsetOptions:
    """The native form of G-CHAR.

    Errors:
        ValueError: an option that needs `convert_charset` without it.
    """
    if convert_charset is None:
        for name, given in (("transliterate", transliterate), ("discard_illegal", discard_illegal)):
            if given:
                raise ValueError(f"{name}=True: only with convert_charset")
    return CharsetOptions(
        target=convert_charset or "", transliterate=transliterate, discard_illegal=discard_illegal
    )
