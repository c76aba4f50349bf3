"""What the decoders of DCMTK can be told of the native pixel data that they write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from dcmtk_native._runtime.groups_write import TRANSFER_SYNTAX_UIDS, write_options
from dcmtk_native._runtime.options import Opt

if TYPE_CHECKING:
    from dcmtk_native._core.data import WriteOptions

__all__ = [
    "NewUidOption",
    "PlanarOption",
    "PlanarRestoreOption",
    "WriteXferNative",
    "native_writing",
]

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


def native_writing(write_mode: str, write_xfer: str, **options: Any) -> WriteOptions:
    """`write_options` of a file whose meta information goes with its new transfer syntax."""
    return write_options(
        write_mode="update-meta" if write_mode == "file" else write_mode,
        transfer_syntax=TRANSFER_SYNTAX_UIDS[write_xfer],
        **options,
    )
