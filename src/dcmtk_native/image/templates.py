"""What of a data set stays when it gets other pixels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final, NamedTuple, cast

from dcmtk_native._core.data import Dataset, Draft
from dcmtk_native._runtime.groups import read_options
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.elements import put_model
from dcmtk_native.data.file import DicomFile
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.errors import OptionsError
from dcmtk_native.image.attributes import Attributes, attributes_of
from dcmtk_native.image.pixel_module import PixelModule
from dcmtk_native.limits import Limits

__all__ = ["Template", "clear_pixels", "template_of"]

_EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
_PLANAR: Final = 0x00280006
_FRAMES, _PIXEL_REPRESENTATION = 0x00280008, 0x00280103
_LOSSY: Final = 0x00282110
_TRANSFER_SYNTAX: Final = 0x00020010
_PIXEL_PRESENTATION: Final = 0x00089205
_OVERLAY_GROUPS: Final = range(0x6000, 0x6100, 2)
_OVERLAY_DATA: Final = 0x3000

# JPEG processes of PS3.5 table A.4-1 that are lossy, near-lossless JPEG-LS, and video.
_LOSSY_SYNTAXES: Final = frozenset(
    {f"1.2.840.10008.1.2.4.{number}" for number in (*range(50, 57), *range(59, 65), 81)}
    | {f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109)}
)

_ALWAYS_STALE: Final = (
    0x00280106, 0x00280107, 0x00280108, 0x00280109,  # smallest and largest values
    0x00280101, 0x00280102, 0x00280103, _PLANAR,  # absent again, or given anew
    0x00880200,  # an icon of the other picture
    0x4FFE0001, 0xFFFAFFFA,  # signatures of the other content
    0x00287FE0, 0xFFFCFFFC,
)  # fmt: skip
_OF_GREY: Final = (
    0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281054, 0x00281055, 0x00281056,
    0x00283000, 0x00283010, 0x20500010, 0x20500020,
)  # fmt: skip
_OF_SIGN: Final = (0x00280110, 0x00280111, 0x00280120, 0x00280121)
_OF_PALETTE: Final = (
    0x00281101, 0x00281102, 0x00281103, 0x00281104, 0x00281199,
    0x00281201, 0x00281202, 0x00281203, 0x00281204,
    0x00281221, 0x00281222, 0x00281223, 0x00281224,
)  # fmt: skip
_OF_FRAMES: Final = (
    _FRAMES, 0x00280009, 0x00181065, 0x00182001, 0x00182002, 0x00182003, 0x00182004, 0x00182005,
    0x00182006,
)  # fmt: skip


class Template(NamedTuple):
    """A data set to start from.

    Attributes:
        draft: all its elements, to be changed.
        attributes: the same, to be looked up.
        tags: of its elements.
        transfer_syntax: UID of the form that its own pixels have.
    """

    draft: Draft
    attributes: Attributes
    tags: list[int]
    transfer_syntax: str


def template_of(source: Any, limits: Limits | None) -> Template:
    """The template that a path, the content of a file, or a data set is; of `None` an empty one.

    Errors:
        OptionsError: raised if it is none of these.
        NativeError, OSError: raised if a file cannot be read.
    """
    if source is None:
        return Template(Draft(_EXPLICIT_LITTLE), attributes_of({}), [], "")
    options = read_options("auto", "auto", limits)
    if isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview)):
        return _stored(LazyElements(Dataset.read(source, options)))
    if isinstance(source, DicomFile) and not source.changes.is_empty:
        # They may be what takes a patient's name out of it.
        return _stored(LazyElements(Dataset.read(source._changed_content(), options)))
    if isinstance(source, DicomFile):
        source = source.dataset
    if isinstance(source, DicomDataset):
        elements = source._elements
        if isinstance(elements, LazyElements):
            return _stored(elements)
        source = elements
    if isinstance(source, Mapping):
        draft = Draft(_EXPLICIT_LITTLE)
        model = cast("Mapping[str, Any]", source)
        put_model(draft, model)
        attributes = attributes_of(model)
        return Template(draft, attributes, _tags(model), attributes.text(_TRANSFER_SYNTAX))
    attributes_of(source)  # refuses what is no data set
    return _of_pydicom(source)


def clear_pixels(template: Template, module: PixelModule) -> None:
    """Takes out of a template what is not true of other pixels.

    Errors:
        OptionsError: raised if it describes single frames, and not as many.
    """
    draft, attributes, tags, transfer_syntax = template
    gone = {0x0002, 0x7FE0}
    # Overlay planes of the retired form are in the pixel data, too.
    gone |= {tag >> 16 for tag in tags if tag >> 16 in _OVERLAY_GROUPS} - {
        tag >> 16 for tag in tags if tag & 0xFFFF == _OVERLAY_DATA
    }
    stale = [*_ALWAYS_STALE, *(tag for tag in tags if tag >> 16 in gone)]
    if module.samples > 1:
        stale += _OF_GREY
    if module.is_signed != (attributes.integer(_PIXEL_REPRESENTATION) == 1) or module.is_float:
        stale += _OF_SIGN
    is_supplemental = attributes.has(_PIXEL_PRESENTATION) and module.samples == 1
    if module.photometric != "PALETTE COLOR" and not is_supplemental:
        stale += _OF_PALETTE
    if module.frames != (attributes.integer(_FRAMES) or 1):
        described = len(attributes.items(0x52009230))
        if described:
            text = f"the template describes {described} frames, the array has {module.frames}"
            raise OptionsError(f"array: {text}")
        stale += _OF_FRAMES
    for tag in stale:
        draft.erase(tag)
    if transfer_syntax in _LOSSY_SYNTAXES:
        draft.put_text(_LOSSY, "CS", "01")


def _stored(elements: LazyElements) -> Template:
    native = elements.native
    tags = _tags(elements)
    return Template(native.draft(), attributes_of(elements), tags, native.transfer_syntax)


def _of_pydicom(dataset: Any) -> Template:
    import pydicom

    content = BytesIO()
    is_file = "TransferSyntaxUID" in getattr(dataset, "file_meta", {})
    try:
        if is_file:
            pydicom.dcmwrite(content, dataset)
        else:
            pydicom.dcmwrite(content, dataset, implicit_vr=False, little_endian=True)
    except Exception as error:  # whatever pydicom finds wrong with a value
        raise OptionsError(f"template: pydicom cannot write it: {error}") from None
    options = read_options("auto" if is_file else "dataset", "auto" if is_file else "little", None)
    return _stored(LazyElements(Dataset.read(content.getvalue(), options)))


def _tags(elements: Mapping[str, Any]) -> list[int]:
    return [int(key, 16) for key in elements]
