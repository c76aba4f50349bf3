"""from_array: a new DICOM file of an array of numpy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from dcmtk_native._core import convert as _core_convert
from dcmtk_native._core.codec import compress_draft
from dcmtk_native._core.data import Draft, new_uid
from dcmtk_native._runtime.groups import LimitsOption
from dcmtk_native._runtime.groups_threads import ThreadsOption
from dcmtk_native._runtime.groups_write import write_options
from dcmtk_native._runtime.options import Opt, OutputPath, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.codec.compression import compression, encode_options
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.conv import TransferSyntax, TransferSyntaxOption, transfer_syntax_uid
from dcmtk_native.data.elements import Named, named, put, put_charset
from dcmtk_native.errors import OptionsError
from dcmtk_native.image.pixel_module import PixelModule, pixel_module_of
from dcmtk_native.image.secondary_capture import (
    check_frames,
    put_increments,
    put_secondary_capture,
)
from dcmtk_native.image.templates import Template, clear_pixels, template_of

__all__ = ["FromArrayResult", "from_array"]

_TOOL: Final = "from_array"
_IMAGE_TYPE, _SOP_CLASS, _SOP_INSTANCE = 0x00080008, 0x00080016, 0x00080018
_PHOTOMETRIC, _BITS_ALLOCATED, _BITS_STORED = 0x00280004, 0x00280100, 0x00280101
_EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"

# What the array says, or the options.
_NOT_GIVEN: Final = frozenset(
    {0x00280002, _PHOTOMETRIC, 0x00280006, 0x00280008, 0x00280010, 0x00280011}
    | {_BITS_ALLOCATED, _BITS_STORED, 0x00280102, 0x00280103}
)


@dataclass(frozen=True, slots=True)
class FromArrayResult:
    """Where the DICOM file is.

    Attributes:
        output_path: the path that was given.
        data: the content of the file, if no path was given.
        sop_instance_uid: of the new object.
    """

    output_path: str | None
    data: bytes | None
    sop_instance_uid: str


@operation
def from_array(
    array: Annotated[Any, Opt(help="the pixels: stored values")],
    template: Annotated[
        Any, Opt(help="a DICOM file or data set whose other attributes the new file has")
    ] = None,
    output_path: Annotated[
        OutputPath, Opt(help="the DICOM file to write; none: its content is in the result")
    ] = None,
    *,
    photometric_interpretation: Annotated[
        Literal["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "PALETTE COLOR"] | None,
        Opt(help="what the samples are; default: RGB with a last axis of 3, else greys"),
    ] = None,
    bits_stored: Annotated[
        int | None,
        Opt(help="bits of a value; default: as in the template if all fit, else all", lo=1, hi=32),
    ] = None,
    transfer_syntax: TransferSyntaxOption = TransferSyntax.EXPLICIT_LITTLE,
    keep_sop_instance_uid: Annotated[
        bool, Opt(help="the new file is the same object as the template, not one of its own")
    ] = False,
    threads: ThreadsOption = None,
    limits: LimitsOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
    **attributes: Any,
) -> FromArrayResult:
    r"""A DICOM file with the pixels of an array, and a correct Image Pixel module.

    Shapes are (rows, columns) and (frames, rows, columns), for colour (rows, columns, 3) and
    (frames, rows, columns, 3); without `photometric_interpretation` a last axis of 3 is that of
    RGB. Types: bool (1 bit a pixel), uint8, int8, uint16, int16, uint32 and int32, for RGB unsigned
    ones, and float32 and float64, which become Float and Double Float Pixel Data.

    The array has stored values: readers apply the Rescale Slope, the windows and whatever else the
    template has. What of the template is not true of other pixels is left out: its pixel data, its
    smallest and largest pixel values, icon, signatures. The SOP Instance UID is a new one, and
    Image Type begins with DERIVED. A template that was once compressed with loss stays marked so.
    It is a path, the content of a file, a `DicomFile` (its changes are made), a `DicomDataset` or
    a data set of pydicom.

    Without a template the file is a Secondary Capture image, of a multi-frame class for several
    frames, which claims that nothing is burned in (`BurnedInAnnotation="YES"` says otherwise). That
    family has no floating-point numbers, and of several frames only unsigned ones of 1, 8 or 16
    bit and RGB of uint8: name another `SOPClassUID` for the rest, or give a template.

    A transfer syntax of compressed pixel data is written with the parameters that `dcmconv` has
    for it; JPEG 2000, HTJ2K and JPEG-LS are lossless in all their syntaxes. What JPEG loses is
    written into the data set. `dcmcjpeg` and `dcmcjpls` of the result of a native syntax have all
    parameters there are.

    Other keywords are attributes: `PatientName="Doe^Jane"`, `PixelSpacing=[0.5, 0.5]`,
    `PerformedProtocolCodeSequence=[{"CodeValue": "1", ...}]`. `None` makes an empty one.

    Errors:
        OptionsError: the array has another type or shape, its values have more bits than
            `bits_stored`, an attribute is unknown, has no such value or is what the array says, or
            the SOP class has but one frame.
        DicomFileError: the template cannot be read, or the output not be written.
        DicomFormatError: the template is no DICOM file, or broken.
        CodecError: there is no encoder of the transfer syntax, or it has nothing for these pixels:
            single bits, floating-point numbers, for some integers of 32 bit.

    Example:
        >>> import numpy as np
        >>> pixels = np.zeros((64, 64), np.uint16)
        >>> from_array(pixels, "image.dcm", "new.dcm", bits_stored=12).unwrap().output_path
        'new.dcm'
        >>> rle = from_array(pixels, transfer_syntax=TransferSyntax.RLE).unwrap().data
        >>> read_pixels(rle).unwrap().transfer_syntax
        '1.2.840.10008.1.2.5'
        >>> content = from_array(np.eye(8, dtype=bool), PatientID="7").unwrap().data
        >>> read_tags(content, ["PatientID", "Rows", "BitsAllocated"]).unwrap()
        {'PatientID': '7', 'Rows': 8, 'BitsAllocated': 1}
    """
    syntax = transfer_syntax_uid(transfer_syntax)
    try:
        given = _given(attributes)
        start = template_of(template, limits)
        module = _module(array, start, photometric_interpretation, bits_stored)
        draft = _draft(start, module, given, is_new=template is None)
        instance = _identify(draft, given, is_kept=keep_sop_instance_uid)
        put_charset(draft, attributes)
        for element, value in given.values():
            put(draft, element, value, is_signed=module.is_signed)
        _put_pixels(draft, module, array, syntax)
    except OptionsError as error:
        message = str(error)
        if message.startswith(_TOOL):
            raise
        raise OptionsError(f"{_TOOL}: invalid options: {message}", tool=_TOOL) from None
    if _core_convert.pixels_of_syntax(syntax) != "native":
        _compress(draft, syntax, threads)
    data = draft.write(output_path, write_options(write_mode="new-meta", transfer_syntax=syntax))
    path = None if output_path is None else os.fspath(output_path)
    return FromArrayResult(path, data, instance)


def _given(attributes: dict[str, Any]) -> dict[int, tuple[Named, Any]]:
    """The attributes of the call by their tags."""
    given: dict[int, tuple[Named, Any]] = {}
    for name, value in attributes.items():
        element = named(name)
        if element.tag in _NOT_GIVEN or element.tag >> 16 in {0x0002, 0x7FE0}:
            raise OptionsError(f"{name}: the array and the options say that")
        given[element.tag] = (element, value)
    return given


def _module(
    array: Any, template: Template, photometric: str | None, bits_stored: int | None
) -> PixelModule:
    usual = template.attributes
    allocated = usual.integer(_BITS_ALLOCATED)
    same_cells = allocated == getattr(array, "itemsize", 0) * 8
    return pixel_module_of(
        array,
        photometric_interpretation=photometric,
        bits_stored=bits_stored,
        usual_photometric=usual.text(_PHOTOMETRIC).upper(),
        usual_bits=usual.integer(_BITS_STORED) if same_cells else None,
    )


def _draft(
    template: Template, module: PixelModule, given: dict[int, tuple[Named, Any]], *, is_new: bool
) -> Draft:
    """The data set without pixels."""
    draft = template.draft
    wanted_class = str(given[_SOP_CLASS][1]) if _SOP_CLASS in given else None
    if is_new:
        put_secondary_capture(draft, module, wanted_class)
        draft.put_text(_IMAGE_TYPE, "CS", "DERIVED\\SECONDARY")
    else:
        clear_pixels(template, module)
        parts = template.attributes.texts(_IMAGE_TYPE)[1:] or ("SECONDARY",)
        draft.put_text(_IMAGE_TYPE, "CS", "\\".join(("DERIVED", *parts)))
    check_frames(wanted_class or draft.text(_SOP_CLASS) or "", module)
    return draft


def _identify(draft: Draft, given: dict[int, tuple[Named, Any]], *, is_kept: bool) -> str:
    """The SOP Instance UID that the draft has now, or that it is about to get."""
    if _SOP_INSTANCE in given:
        return str(given[_SOP_INSTANCE][1])
    if not is_kept or not draft.text(_SOP_INSTANCE):
        draft.put_text(_SOP_INSTANCE, "UI", new_uid())
    return draft.text(_SOP_INSTANCE) or ""


def _put_pixels(draft: Draft, module: PixelModule, array: Any, syntax: str) -> None:
    for tag, vr, number in module.numbers():
        draft.put_numbers(tag, vr, [number])
    draft.put_text(_PHOTOMETRIC, "CS", module.photometric)
    if module.frames > 1:
        put_increments(draft, module)
    if module.photometric == "PALETTE COLOR" and not draft.has(0x00281101):
        raise OptionsError("photometric_interpretation='PALETTE COLOR': there is no palette")
    if syntax == _EXPLICIT_BIG and module.bits_allocated == 32 and not module.is_float:
        raise OptionsError("transfer_syntax: readers differ on big endian values of 32 bit")
    tag, vr = module.data_element
    draft.put_held(tag, vr, module.data(array))


def _compress(draft: Draft, syntax: str, threads: int | None) -> None:
    # The object is a new one already, or keeps its UID because the caller says so.
    wanted = compression(syntax, encode_options(), uid="never", threads=threads)
    compress_draft(draft, wanted)
