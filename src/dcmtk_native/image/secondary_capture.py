"""What a new file without a template is: of the Secondary Capture family (PS3.3 section A.8)."""

from __future__ import annotations

from typing import Final

from dcmtk_native._core.data import Draft, new_uid
from dcmtk_native.errors import OptionsError
from dcmtk_native.image.pixel_module import PixelModule

__all__ = ["check_frames", "put_increments", "put_secondary_capture"]

_FAMILY: Final = "1.2.840.10008.5.1.4.1.1.7"
_SINGLE_BIT, _GREY_BYTE, _GREY_WORD, _TRUE_COLOUR = (f"{_FAMILY}.{n}" for n in range(1, 5))

# Their IODs have no Multi-frame module.
_SINGLE_FRAME: Final = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{number}"
    for number in (
        "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "2", "4", "6.1", "7", "128",
        "77.1.1", "77.1.2", "77.1.3", "77.1.4",
    )
)  # fmt: skip

_SOP_CLASS: Final = 0x00080016
_FRAME_INCREMENT, _PAGE_NUMBERS = 0x00280009, 0x00182001

_EMPTY: Final = (
    (0x00080020, "DA"), (0x00080030, "TM"), (0x00080050, "SH"), (0x00080070, "LO"),
    (0x00080090, "PN"), (0x00100010, "PN"), (0x00100020, "LO"), (0x00100030, "DA"),
    (0x00100040, "CS"), (0x00200010, "SH"), (0x00200011, "IS"), (0x00200020, "CS"),
    (0x00200060, "CS"),
)  # fmt: skip
"""Type 2: they must be there, known or not."""


def put_secondary_capture(draft: Draft, module: PixelModule, sop_class: str | None) -> None:
    """Puts what the IOD wants besides the pixels.

    Args:
        draft: gets it.
        module: the pixels.
        sop_class: another class that the caller has named, or `None`.

    Errors:
        OptionsError: raised if the family has no class for such pixels.
    """
    for tag, vr in _EMPTY:
        draft.put_empty(tag, vr)
    draft.put_text(_SOP_CLASS, "UI", sop_class or _class_of(module))
    draft.put_text(0x0020000D, "UI", new_uid())
    draft.put_text(0x0020000E, "UI", new_uid())
    draft.put_text(0x00080060, "CS", "OT")
    draft.put_text(0x00080064, "CS", "WSD")  # Conversion Type: of a workstation
    draft.put_text(0x00200013, "IS", "1")
    if sop_class is not None or module.frames == 1:
        return
    draft.put_text(0x00280301, "CS", "NO")
    if module.samples == 1 and module.bits_allocated > 1:
        draft.put_text(0x20500020, "CS", "IDENTITY")
        draft.put_text(0x00281052, "DS", "0")
        draft.put_text(0x00281053, "DS", "1")
        draft.put_text(0x00281054, "LO", "US")


def check_frames(sop_class: str, module: PixelModule) -> None:
    """Refuses several frames where the SOP class has but one.

    Errors:
        OptionsError: raised then.
    """
    if module.frames > 1 and sop_class in _SINGLE_FRAME:
        text = f"objects of SOP class {sop_class} have one frame, the array has {module.frames}"
        raise OptionsError(f"array: {text}; name a SOPClassUID of multi-frame images")


def put_increments(draft: Draft, module: PixelModule) -> None:
    """Puts how frames follow each other, unless that is said: as pages."""
    draft.put_text(0x00280008, "IS", str(module.frames))
    if draft.has(_FRAME_INCREMENT) or draft.has(0x52009230):
        return
    draft.put_numbers(_FRAME_INCREMENT, "AT", [_PAGE_NUMBERS])
    pages = "\\".join(str(number) for number in range(1, module.frames + 1))
    draft.put_text(_PAGE_NUMBERS, "IS", pages)


def _class_of(module: PixelModule) -> str:
    if module.frames == 1 and not module.is_float:
        return _FAMILY
    if module.samples > 1 and module.bits_allocated == 8:
        return _TRUE_COLOUR
    if module.samples == 1 and not module.is_signed and module.photometric == "MONOCHROME2":
        found = {1: _SINGLE_BIT, 8: _GREY_BYTE, 16: _GREY_WORD}.get(module.bits_allocated)
        if found and not module.is_float:
            return found
    raise OptionsError(
        "array: Secondary Capture has one frame of integers, or several of MONOCHROME2 of bool, "
        "uint8 or uint16, or of RGB of uint8; any other array needs a template, or a SOPClassUID"
    )
