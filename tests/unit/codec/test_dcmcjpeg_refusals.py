"""What dcmcjpeg refuses: options that exclude each other, pixels that are not what is claimed."""

from __future__ import annotations

from typing import Any

import pytest

from dcmtk_native import (
    CodecError,
    Err,
    LimitExceededError,
    Limits,
    OptionsError,
    Window,
    dcmcjpeg,
)
from support.compare import parsed
from support.images import grey, jpeg_file, rgb
from support.samples import Element, Fragments, dicom_file

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"


def error_of(content: bytes, **options: Any) -> Exception:
    result = dcmcjpeg(content, None, **options)
    assert isinstance(result, Err)
    return result.error


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"quality": 90, "lossless": True}, "quality"),
        ({"quality": 90, "process": "lossless"}, "quality"),
        ({"quality": 101}, "quality"),
        ({"lossless": True, "process": "baseline"}, "lossless"),
        ({"lossless": False, "process": "lossless"}, "lossless"),
        ({"pseudo_lossless": True, "quality": 90}, "pseudo_lossless"),
        ({"selection_value": 2}, "selection_value"),
        ({"selection_value": 8, "process": "lossless"}, "selection_value"),
        ({"point_transform": 1, "process": "baseline"}, "point_transform"),
        ({"point_transform": 16}, "point_transform"),
        ({"smoothing": 1}, "smoothing"),
        ({"smoothing": 101, "quality": 90}, "smoothing"),
        ({"optimize_huffman": False}, "optimize_huffman"),
        ({"bits": 8}, "bits"),
        ({"bits": 10}, "bits"),
        ({"bits": 12, "process": "baseline"}, "bits"),
        ({"bits": 16, "process": "extended"}, "bits"),
        ({"bits": 16, "quality": 90}, "bits"),
        ({"color_space": "rgb"}, "color_space"),
        ({"color_space": "cmyk", "quality": 90}, "color_space"),
        ({"sampling": "444"}, "sampling"),
        ({"sampling": "444", "pseudo_lossless": True}, "sampling"),
        ({"color_conversion_mode": "always"}, "color_conversion_mode"),
        ({"window": Window.min_max()}, "window"),
        ({"window": Window.min_max_ref(), "quality": 90}, "window"),
        ({"scaling": "range"}, "scaling"),
        ({"scaling": "range", "quality": 90, "window": Window.min_max()}, "scaling"),
        ({"rescale": "map"}, "rescale"),
        ({"rescale": "map", "quality": 90, "window": Window.min_max()}, "rescale"),
        ({"accept_acr_nema": True}, "accept_acr_nema"),
        ({"accept_palettes": True}, "accept_palettes"),
        ({"fragment_size": 0}, "fragment_size"),
        ({"padding": (3, 0)}, "padding"),
    ],
    ids=repr,
)
def test_options_that_exclude_each_other_are_refused(options: dict[str, Any], name: str) -> None:
    error = error_of(dicom_file(grey()), **options)
    assert isinstance(error, OptionsError)
    assert str(error).startswith(f"dcmcjpeg: invalid options: {name}=")


HUGE = 0x7FFFFFFF


@pytest.mark.parametrize("options", [{}, {"quality": 90}, {"pseudo_lossless": True}], ids=repr)
@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ([one for one in grey() if one[0] != 0x7FE00010], "no pixel data"),
        (grey((0x7FE00010, "OW", b"")), "claims 512 bytes and has 0"),
        (grey((0x7FE00010, "OW", bytes(510))), "claims 512 bytes and has 510"),
        (grey((0x00280010, "US", [0])), "no rows"),
        (grey((0x00280011, "US", [0])), "no columns"),
        ([one for one in grey() if one[0] != 0x00280010], "Rows is missing"),
        (grey((0x00280010, "UL", [16])), "Rows is no number"),
        (grey((0x00280010, "US", b"")), "Rows is no number"),
        ([one for one in grey() if one[0] != 0x00280100], "BitsAllocated is missing"),
        (grey((0x00280100, "US", [0])), "0 bits allocated"),
        (grey((0x00280100, "US", [64])), "64 bits allocated"),
        (grey((0x00280002, "US", [0])), "0 samples"),
        (grey((0x00280002, "US", [5])), "5 samples"),
        (grey((0x00280010, "US", [65535]), (0x00280011, "US", [65535])), "2 GiB"),
        (grey((0x00280008, "IS", "50000000")), "claims more than 4 GiB"),
        (grey((0x7FE00008, "OF", bytes(4))), "floating point"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pixel_data_that_is_not_what_is_claimed_is_refused(
    elements: list[Element], reason: str, options: dict[str, Any]
) -> None:
    content = dicom_file(elements)
    error = error_of(content, **options)
    assert isinstance(error, CodecError)
    assert reason in str(error)


@pytest.mark.parametrize(
    ("elements", "options"),
    [
        (grey((0x00280101, "US", [17])), {"quality": 90}),
        (grey((0x00280102, "US", [16])), {"quality": 90}),
        (grey((0x00280101, "US", [1])), {"quality": 90}),
        (grey((0x00280004, "CS", "UNHEARD_OF")), {"quality": 90}),
        (rgb(photometric="YBR_FULL_422"), {}),
        (rgb(planar=1, photometric="CMYK"), {"quality": 90}),
        (rgb((0x00280002, "US", [1])), {"quality": 90}),
        (rgb((0x7FE00010, "OB", bytes(512)), planar=1, photometric="YBR_FULL_422"), {}),
        (grey((0x00281053, "DS", "1e30")), {"quality": 90, "window": Window.histogram(10)}),
        (grey(), {"quality": 90, "window": Window.index(1)}),
        (grey(), {"quality": 90, "window": Window.lut(1)}),
        (grey(), {"quality": 90, "window": Window.roi(100, 100, 5, 5)}),
    ],
    ids=lambda value: repr(value) if isinstance(value, dict) else "",
)
def test_what_jpeg_has_nothing_for_is_refused(
    elements: list[Element], options: dict[str, Any]
) -> None:
    assert isinstance(error_of(dicom_file(elements), **options), CodecError)


def overlay(frames: int, rows: int = 3, columns: int = 3) -> list[Element]:
    """One whose bits stand in the pixel cells."""
    return [
        (0x60000010, "US", [rows]),
        (0x60000011, "US", [columns]),
        (0x60000015, "IS", str(frames)),
        (0x60000040, "CS", "G"),
        (0x60000050, "SS", [1, 1]),
        (0x60000100, "US", [16]),
        (0x60000102, "US", [15]),
    ]


@pytest.mark.parametrize(
    "planes",
    [overlay(28), overlay(HUGE), overlay(1, 65535, 65535)],
    ids=["frames that end within a byte", "many frames", "a large plane"],
)
def test_an_overlay_that_would_be_written_beyond_its_memory_is_refused(
    planes: list[Element],
) -> None:
    content = dicom_file(grey(*planes))
    assert "overlay" in str(error_of(content, quality=90))
    assert dcmcjpeg(content, None).ok, "nobody looks at overlays of cells that stay as they are"


def test_an_overlay_in_the_pixels_gets_data_of_its_own() -> None:
    after = parsed(jpeg_file(grey(*overlay(1, 16, 16)), quality=90))
    assert len(after[0x60003000].value) == 32
    assert after[0x60000100].value == 1


def test_a_dicomdir_is_refused() -> None:
    directory = "1.2.840.10008.1.3.10"
    content = dicom_file(grey((0x00080016, "UI", directory)))
    assert "DICOMDIR" in str(error_of(content))


def test_more_pixels_than_the_limit_allows_are_refused() -> None:
    error = error_of(dicom_file(grey()), limits=Limits(max_pixel_bytes=511))
    assert isinstance(error, LimitExceededError)
    assert (error.limit, error.value, error.maximum) == ("max_pixel_bytes", 512, 511)


def test_fragments_that_are_no_jpeg_are_refused() -> None:
    elements = grey((0x7FE00010, "OB", Fragments([b"", b"\xff\x01" * 50])))
    error = error_of(dicom_file(elements, transfer_syntax=JPEG_BASELINE))
    assert isinstance(error, CodecError)
