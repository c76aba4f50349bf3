"""Options that the tools which query and retrieve have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypeAlias

from dcmtk_native._runtime.options import Opt
from dcmtk_native.network.keys import model_of_keys
from dcmtk_native.types import StrPath

__all__ = [
    "STORED_FLAGS",
    "AcceptOption",
    "AutoLevel",
    "CancelAfter",
    "PreferOption",
    "ProposeOption",
    "QueryFiles",
    "QueryKeys",
    "StoredSyntax",
]


def _keys(keys: Sequence[str]) -> Sequence[str]:
    model_of_keys(keys)
    return keys


QueryKeys = Annotated[
    Sequence[str],
    Opt("-k", "what to ask for: path=value, or a path alone to be told its value", check=_keys),
]
QueryFiles = Annotated[
    Sequence[StrPath],
    Opt(
        help="DICOM files to ask with, a request each; keys change what they say",
        argv=lambda paths: [str(path) for path in paths],
    ),
]
CancelAfter = Annotated[
    int | None, Opt("--cancel", "ask the peer to stop after this many responses", lo=1)
]
AutoLevel = Annotated[
    bool, Opt(help="add the Query/Retrieve Level of the model's root where the keys have none")
]

_Native: TypeAlias = Literal["uncompressed", "little", "big", "implicit", "deflated"]
_NATIVE_FLAGS: Final = {
    "uncompressed": "-x=",
    "little": "-xe",
    "big": "-xb",
    "implicit": "-xi",
    "deflated": "-xd",
}
ProposeOption = Annotated[
    _Native | Sequence[_Native],
    Opt(help="transfer syntaxes to propose, the preferred one first", flags=_NATIVE_FLAGS),
]

StoredSyntax: TypeAlias = Literal[
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
"""The words of G-PREF."""

STORED_FLAGS: Final = {
    "uncompressed": "+x=",
    "little": "+xe",
    "big": "+xb",
    "implicit": "+xi",
    "deflated": "+xd",
    "jpeg-lossless": "+xs",
    "jpeg8": "+xy",
    "jpeg12": "+xx",
    "j2k-lossless": "+xv",
    "j2k-lossy": "+xw",
    "jls-lossless": "+xt",
    "jls-lossy": "+xu",
    "mpeg2": "+xm",
    "mpeg2-high": "+xh",
    "mpeg4": "+xn",
    "mpeg4-bd": "+xl",
    "mpeg4-2-2d": "+x2",
    "mpeg4-2-3d": "+x3",
    "mpeg4-2-st": "+xo",
    "hevc": "+x4",
    "hevc10": "+x5",
    "rle": "+xr",
}
PreferOption = Annotated[
    StoredSyntax | Sequence[StoredSyntax],
    Opt(help="transfer syntaxes for what is received, the preferred one first", flags=STORED_FLAGS),
]
AcceptOption = Annotated[
    StoredSyntax | Literal["accept-all"] | Sequence[StoredSyntax | Literal["accept-all"]],
    Opt(
        help="with receive_port: transfer syntaxes for what is received, the preferred one first",
        flags={**STORED_FLAGS, "accept-all": "+xa"},
    ),
]
