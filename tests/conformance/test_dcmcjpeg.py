"""dcmcjpeg beside DCMTK's own program, over every image that pydicom ships and that it can read.

The data sets must be equal byte for byte, coded pixels included, but for new UIDs and what has a
name and a reason below.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, Final

import numpy as np
import pytest

from dcmtk_native import Window, dcmcjpeg
from support import oracle
from support.compare import Elements, data_set_of, elements, meta_of, parsed
from support.images import grey, pixels_of, rgb
from support.samples import dicom_file
from support.shipped import DICOM, FILES, originals

# ---- which files ----

JPEG: Final = {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 57, 70)}
NATIVE: Final = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"}


@cache
def images() -> tuple[str, ...]:
    """What the program could compress: pixel data that is native, or that it decodes."""
    found = []
    for name, path in DICOM.items():
        dataset = parsed(path.read_bytes())
        syntax = dataset.file_meta.get("TransferSyntaxUID", "1.2.840.10008.1.2")
        if "PixelData" in dataset and syntax in JPEG | NATIVE:
            found.append(name)
    return tuple(found)


ONE_OF_EACH_KIND: Final = (
    "test_files/CT_small.dcm",  # a rescale slope of CT, signed
    "test_files/ExplVR_BigEnd.dcm",
    "test_files/JPGExtended.dcm",  # 12 bits
    "test_files/MR_small_implicit.dcm",
    "test_files/SC_rgb_dcmtk_+eb+cy+n1.dcm",
    "test_files/SC_rgb_dcmtk_+eb+cr.dcm",
    "test_files/SC_rgb_small_odd.dcm",
    "test_files/SC_ybr_full_422_uncompressed.dcm",
    "test_files/examples_palette.dcm",
    "test_files/examples_ybr_color.dcm",  # frames
    "test_files/liver_1frame.dcm",  # one bit
    "test_files/rtdose_1frame.dcm",  # 32 bits
)

WITHOUT_PIXELS: Final = "test_files/rtplan.dcm"
"""The program copies it, and says in its header that it is JPEG."""

MANY_VALUES: Final = {"test_files/rtdose_1frame.dcm", "test_files/badVR.dcm"}
"""32 bits: the program counts each value that may occur, and is killed for it or takes minutes."""

MIXED: Final = {"test_files/examples_ybr_color.dcm"}
"""Decoded frames of an ultrasound image have their colors by plane; the program takes all of them
for one frame before it encodes them without loss. Ours gives back what was decoded."""

# ---- comparison ----

NEW_UID: Final = "(0008,0018)"
GROUP_LENGTH: Final = "(0008,0000)"
WHO_WROTE_IT: Final = {0x0000, 0x0003, 0x0012, 0x0013}


def compressed(name: str, **options: Any) -> bytes | None:
    result = dcmcjpeg(FILES[name], None, **options)
    return result.value.data if result.ok else None


def pairs(names: Collection[str], **options: Any) -> dict[str, tuple[bytes | None, bytes | None]]:
    """What ours and what the program writes, by file."""
    outcomes = originals("dcmcjpeg", names, output_path=None, **options)
    return {
        name: (compressed(name, **options), done.output if done.ok else None)
        for name, done in outcomes.items()
    }


def without_new_uids(content: bytes) -> Elements:
    """The elements without the new instance UID, and the length of its group."""
    found = elements(parsed(content))
    return {path: one for path, one in found.items() if path[0] not in (NEW_UID, GROUP_LENGTH)}


def are_equal(ours: bytes | None, theirs: bytes | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    found, expected = meta_of(ours), meta_of(theirs)
    different = {number for number in found if found[number] != expected.get(number)}
    if found.keys() != expected.keys() or not different <= WHO_WROTE_IT:
        return False
    if data_set_of(ours) == data_set_of(theirs):
        return True
    return without_new_uids(ours) == without_new_uids(theirs)


def expected_differences(**options: Any) -> set[str]:
    """The files that the program spoils with these options."""
    is_lossless = options.get("process", "lossless") in ("lossless", "lossless-sv1")
    return MIXED if is_lossless and not options.get("pseudo_lossless") else set()


def different(names: Collection[str], **options: Any) -> set[str]:
    """The files whose data sets differ, or which only one of both can compress."""
    found = pairs(names, **options)
    assert any(ours is not None for ours, _ in found.values())
    return {name for name, pair in found.items() if not are_equal(*pair)}


# ---- processes ----

PROCESSES: Final = ("lossless-sv1", "lossless", "baseline", "extended", "spectral", "progressive")


@pytest.mark.parametrize("process", PROCESSES)
def test_every_image_is_compressed_as_by_the_original(process: str) -> None:
    assert different(images(), process=process) == expected_differences(process=process)


def test_a_lossless_data_set_is_equal_byte_for_byte() -> None:
    done = 0
    for name, (ours, theirs) in pairs(images()).items():
        assert (ours is None) == (theirs is None), name
        if ours is not None and theirs is not None and name not in MIXED:
            assert data_set_of(ours) == data_set_of(theirs), name
            done += 1
    assert done > 20


# ---- options ----

LOSSY: Final = {"process": "baseline"}
EXTENDED: Final = {"process": "extended"}
RENDERED: Final = {"pseudo_lossless": True}

WITHOUT_DIFFERENCE: Final[list[dict[str, Any]]] = [
    *({"process": "lossless", "selection_value": value} for value in (1, 2, 3, 4, 5, 6, 7)),
    {"point_transform": 3},
    {"process": "lossless", "selection_value": 4, "point_transform": 7},
    RENDERED,
    {**RENDERED, "process": "lossless", "selection_value": 3, "point_transform": 1},
    {**RENDERED, "window": Window.set(40, 400)},
    {**LOSSY, "window": Window.index(1)},
    *({**RENDERED, "bits": bits} for bits in (8, 12, 16)),
    {**RENDERED, "color_space": "monochrome"},
    {**RENDERED, "scaling": "range"},
    {**RENDERED, "smoothing": 30},
    *({**LOSSY, "quality": quality} for quality in (0, 1, 50, 90, 100)),
    *({**EXTENDED, "quality": quality} for quality in (0, 50, 100)),
    *({"process": process, "smoothing": 40} for process in PROCESSES[2:]),
    {**LOSSY, "optimize_huffman": False},
    {**EXTENDED, "optimize_huffman": False},
    *({**EXTENDED, "bits": bits} for bits in (8, 12)),
    *({**LOSSY, "color_space": space} for space in ("ybr", "rgb", "monochrome")),
    *({**LOSSY, "sampling": one} for one in ("422", "444", "422-full", "411-full", "411")),
    *({"process": "progressive", "sampling": one} for one in ("444", "411")),
    {**EXTENDED, "scaling": "range"},
    {**EXTENDED, "rescale": "map"},
    {**LOSSY, "rescale": "map", "scaling": "range"},
    {**LOSSY, "accept_acr_nema": True},
    {**LOSSY, "accept_palettes": True},
    # Encapsulation.
    {"fragment_size": 1},
    {**LOSSY, "fragment_size": 2, "offset_table": False},
    {"offset_table": False},
    {"sop_class": "sc"},
    {**LOSSY, "sop_class": "sc"},
    {**LOSSY, "uid": "never"},
    # Compressed input.
    *(
        {**LOSSY, "color_conversion_mode": mode}
        for mode in ("photometric", "lossy", "guess", "guess-lossy", "always", "never")
    ),
    {"workaround_predictor6": True},
    {"workaround_incomplete": True},
    {"workaround_cornell": True},
    # How it is read and written.
    {"read_xfer": "detect"},
    {"read_mode": "file-only"},
    {"enable_new_vr": False},
    {"group_length": "create"},
    {"group_length": "remove"},
    {**LOSSY, "group_length": "create", "uid": "never"},
    {"length_encoding": "undefined"},
    {**LOSSY, "length_encoding": "undefined"},
    {"padding": "off"},
    {"padding": (0, 64)},
]


@pytest.mark.parametrize("options", WITHOUT_DIFFERENCE, ids=repr)
def test_the_data_set_is_that_of_the_original_with_options(options: dict[str, Any]) -> None:
    assert different(ONE_OF_EACH_KIND, **options) == expected_differences(**options)


@pytest.mark.parametrize(
    "window",
    [
        Window.index(1),
        Window.index(2),
        Window.lut(1),
        Window.min_max(),
        Window.min_max_n(),
        Window.set(40, 400),
        Window.set(-40.5, 400.25),
        Window.roi(0, 0, 3, 3),
        Window.roi(10, 20, 30, 40),
        Window.roi(60000, 60000, 3, 3),
    ],
    ids=repr,
)
def test_a_window_is_that_of_the_original(window: Window) -> None:
    assert different(ONE_OF_EACH_KIND, window=window, **EXTENDED) == set()


@pytest.mark.parametrize("percent", [0, 5, 100])
def test_a_histogram_is_that_of_the_original_where_that_is_wise(percent: int) -> None:
    names = [name for name in ONE_OF_EACH_KIND if name not in MANY_VALUES]
    assert different(names, process="baseline", window=Window.histogram(percent)) == set()
    for name in MANY_VALUES:
        assert compressed(name, process="baseline", window=Window.histogram(percent)) is None


def test_padding_has_room_for_another_implementation_version_name() -> None:
    for name, (ours, theirs) in pairs(ONE_OF_EACH_KIND, padding=(512, 64)).items():
        assert (ours is None) == (theirs is None), name
        if ours is None or theirs is None or name in MIXED:
            continue
        assert (len(ours) % 512, len(theirs) % 512) == (0, 0), name
        found, expected = without_new_uids(ours), without_new_uids(theirs)
        for one in (found, expected):
            for path in [path for path in one if path[0] == "(FFFC,FFFC)"]:
                del one[path]
        assert found == expected, name


# ---- wanted differences ----


def test_a_file_without_pixel_data_is_no_jpeg_file() -> None:
    assert pairs([WITHOUT_PIXELS])[WITHOUT_PIXELS][1] is not None
    assert compressed(WITHOUT_PIXELS) is None


def test_the_source_of_a_new_instance_is_the_file_that_was_given() -> None:
    name = "test_files/JPGExtended.dcm"
    ours, theirs = pairs([name], process="extended", uid="always")[name]
    assert ours is not None
    assert theirs is not None
    found, expected = without_new_uids(ours), without_new_uids(theirs)
    changed = {path for path in found if found[path] != expected[path]}
    assert changed == {("(0008,2112)", 0, "(0008,1155)", "UI")}
    source = parsed(ours).SourceImageSequence[0].ReferencedSOPInstanceUID
    assert source == parsed(FILES[name].read_bytes()).SOPInstanceUID


def test_the_frames_of_an_ultrasound_image_are_what_was_decoded() -> None:
    for name in MIXED:
        ours = compressed(name)
        theirs = oracle.run("dcmcjpeg", FILES[name], None).output
        assert ours is not None
        assert theirs is not None
        decoded = pixels_of(FILES[name].read_bytes()).astype(int)
        # Decoders round in their own ways.
        assert np.abs(pixels_of(ours).astype(int) - decoded).max() < 10
        assert np.abs(pixels_of(theirs).astype(int) - decoded).max() > 100


def test_frames_with_colors_by_plane_are_not_mixed() -> None:
    source = dicom_file(rgb(planar=1, frames=3))
    theirs = oracle.run("dcmcjpeg", source, None).output
    ours = dcmcjpeg(source, None).unwrap().data
    assert theirs is not None
    assert ours is not None
    np.testing.assert_array_equal(pixels_of(ours), pixels_of(source))
    assert not np.array_equal(pixels_of(theirs), pixels_of(source))
    one = dicom_file(rgb(planar=1))
    theirs = oracle.run("dcmcjpeg", one, None).output
    ours = dcmcjpeg(one, None).unwrap().data
    assert are_equal(ours, theirs), "of a single frame both make the same"


def test_a_quality_alone_is_what_the_program_makes_with_the_process_that_fits() -> None:
    for bits, flag in ((8, "+eb"), (12, "+ee")):
        source = dicom_file(grey(bits=bits))
        theirs = oracle.Original("dcmcjpeg", extra=(flag,))(source, None, quality=60)
        ours = dcmcjpeg(source, None, quality=60).unwrap().data
        assert are_equal(ours, theirs.output)
        refused = oracle.run("dcmcjpeg", source, None, quality=60)
        assert not refused.ok


def test_an_icon_is_compressed_as_by_the_original() -> None:
    icon = [one for one in grey(bits=8, allocated=8, rows=4) if one[0] >> 16 in {0x0028, 0x7FE0}]
    broken = [one for one in icon if one[0] != 0x00280010]
    for kept in (icon, broken):
        source = dicom_file(grey((0x00880200, "SQ", [kept])))
        for options in ({}, {"process": "baseline"}):
            theirs = oracle.run("dcmcjpeg", source, None, **options)
            assert are_equal(dcmcjpeg(source, None, **options).unwrap().data, theirs.output)
