"""What the decoders of DCMTK can be told of the native pixel data that they write."""

from __future__ import annotations

from typing import Annotated, Literal

from dcmtk_native._runtime.options import Opt

__all__ = ["NewUidOption", "PlanarOption", "PlanarRestoreOption", "WriteXferNative"]

WriteXferNative = Annotated[
    Literal["little", "big", "implicit"],
    Opt(help="transfer syntax to write", flags={"little": "+te", "big": "+tb", "implicit": "+ti"}),
]
NewUidOption = Annotated[
    Literal["default", "always"],
    Opt(
        help="SOP instance UID: that of the input, or a new one",
        flags={"default": "+ud", "always": "+ua"},
    ),
]
PlanarOption = Annotated[
    Literal["auto", "by-pixel", "by-plane"],
    Opt(
        help="samples of colors: by pixel but for the old IODs that want planes, or as it says",
        flags={"auto": "+pa", "by-pixel": "+px", "by-plane": "+pl"},
    ),
]
PlanarRestoreOption = Annotated[
    Literal["restore", "auto", "by-pixel", "by-plane"],
    Opt(
        help="samples of colors: as PlanarConfiguration of the input has it, or as dcmdjpeg does",
        flags={"restore": "+pr", "auto": "+pa", "by-pixel": "+px", "by-plane": "+pl"},
    ),
]
