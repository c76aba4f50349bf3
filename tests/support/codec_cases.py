"""For every option of the tools that compress and decompress: a call that changes with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from dcmtk_native import Result, Window, dcmcjpls, dcmcrle
from support.images import grey, jpeg_file, palette, rgb
from support.option_cases import READING, WRITING, Case
from support.samples import dicom_file

__all__ = ["CODEC_ALWAYS", "CODEC_CASES"]

GREY: Final = dicom_file(grey())
COLOR: Final = dicom_file(rgb())
WITHOUT_PHOTOMETRIC: Final = dicom_file([one for one in grey() if one[0] != 0x00280004])
LOSSY: Final = {"process": "baseline"}
EXTENDED: Final = {"process": "extended"}


def _data(result: Result[Any]) -> bytes:
    data = result.unwrap().data
    assert isinstance(data, bytes)
    return data


def made(make: Callable[[], bytes]) -> Callable[[Path], bytes]:
    """The content, made when it is needed."""
    kept = cache(make)
    return lambda _: kept()


@made
def ybr_jpeg() -> bytes:
    return jpeg_file(rgb(), process="baseline", uid="never")


@made
def unmarked_ybr_jpeg() -> bytes:
    """The same, but the data set says RGB."""
    content = jpeg_file(rgb(), process="baseline", uid="never")
    return content.replace(b"YBR_FULL_422", b"RGB         ")


@made
def overflowing_predictor() -> bytes:
    return jpeg_file(
        grey((0x7FE00010, "OW", ([0, 65535, 32768, 1, 7] * 52)[:256]), bits=16),
        process="lossless",
        selection_value=6,
    )


@made
def incomplete_jpeg() -> bytes:
    content = jpeg_file(grey(rows=64, columns=64, bits=8, allocated=8), process="baseline")
    # The end of the scan and EOI become nothing that could end it.
    at = content.rindex(b"\xff\xd9")
    return content[: at - 400] + b"\xff\xff" * ((len(content) - at + 392) // 2) + content[-8:]


@made
def rle() -> bytes:
    return _data(dcmcrle(GREY, None))


@made
def jpegls() -> bytes:
    return _data(dcmcjpls(COLOR, None))


@made
def odd_jpegls() -> bytes:
    """Pixels whose stream has an odd length, so that it needs padding."""
    for seed in range(1, 20):
        content = dicom_file(grey(seed=seed))
        if _data(dcmcjpls(content, None)) != _data(dcmcjpls(content, None, zero_padding=True)):
            return content
    raise AssertionError("every stream has an even length")


@made
def incomplete_jpegls() -> bytes:
    content = _data(dcmcjpls(dicom_file(grey(rows=64, columns=64)), None))
    at = content.rindex(b"\xff\xd9")
    return content[: at - 600] + b"\xff\xff" * 300 + content[at:]


@made
def merged_fragments() -> bytes:
    """Two frames whose offset table says that all of the first fragments are one of them."""
    content = _data(
        dcmcjpls(dicom_file(grey(frames=2, rows=64, columns=64)), None, fragment_size=1)
    )
    table = content.index(b"\xfe\xff\x00\xe0\x08\x00\x00\x00", content.index(b"\xe0\x7f\x10\x00"))
    first = int.from_bytes(content[table + 20 : table + 24], "little")
    wrong = (first + 8).to_bytes(4, "little")
    return content[: table + 12] + wrong + content[table + 16 :]


READ_MODE: Final = READING[0]
LIMITS: Final = READING[2]
NATIVE: Final = [
    Case("write_mode", "dataset"),
    Case("write_xfer", "implicit"),
]

CODEC_CASES: Final[dict[str, list[Case]]] = {
    "dcmcjpeg": [
        *READING,
        *WRITING,
        Case("quality", 50, GREY),
        Case("quality", 50, GREY, LOSSY),
        Case("lossless", False, GREY),
        Case("process", "progressive", GREY),
        Case("pseudo_lossless", True, GREY),
        Case("selection_value", 3, GREY, {"process": "lossless"}),
        Case("point_transform", 2, GREY),
        Case("smoothing", 80, GREY, LOSSY),
        Case("optimize_huffman", False, GREY, LOSSY),
        Case("bits", 8, GREY, EXTENDED),
        Case("color_space", "rgb", COLOR, LOSSY),
        Case("color_space", "monochrome", COLOR, LOSSY),
        Case("sampling", "444", COLOR, LOSSY),
        Case("sampling", "422-full", COLOR, LOSSY),
        Case("scaling", "range", GREY, LOSSY),
        Case("rescale", "map", GREY, LOSSY),
        Case("accept_acr_nema", True, WITHOUT_PHOTOMETRIC, LOSSY),
        Case("accept_palettes", True, dicom_file(palette(wrong_tags=True)), LOSSY),
        Case("window", Window.set(40, 100), GREY, LOSSY),
        Case("window", Window.histogram(20), GREY, LOSSY),
        Case("fragment_size", 1, dicom_file(grey(rows=64, columns=64))),
        Case("offset_table", False, GREY),
        Case("sop_class", "sc", GREY),
        Case("uid", "always", GREY, LOSSY),
        Case("color_conversion_mode", "never", ybr_jpeg, LOSSY),
        Case("color_conversion_mode", "guess", unmarked_ybr_jpeg, LOSSY),
        Case("workaround_predictor6", True, overflowing_predictor),
        Case("workaround_incomplete", True, incomplete_jpeg),
    ],
    "dcmcrle": [
        *READING,
        *WRITING,
        Case("fragment_size", 1, dicom_file(grey(rows=64, columns=64))),
        Case("offset_table", False, GREY),
    ],
    "dcmcjpls": [
        *READING,
        *WRITING,
        Case("lossless", False, COLOR),
        Case("max_deviation", 5, COLOR),
        Case("cooked", True, GREY),
        Case("threshold1", 9, GREY),
        Case("threshold2", 90, GREY),
        Case("threshold3", 900, GREY),
        Case("reset", 16, dicom_file(grey(rows=64, columns=64))),
        Case("interleave", "sample", COLOR),
        Case("interleave", "none", COLOR),
        Case("interleave", "default", COLOR),
        Case("zero_padding", True, odd_jpegls),
        Case("fragment_size", 1, dicom_file(grey(rows=64, columns=64))),
        Case("offset_table", False, GREY),
    ],
    "dcmdrle": [
        READ_MODE,
        LIMITS,
        *WRITING,
        *NATIVE,
        Case("reverse_byte_order", True, rle),
    ],
    "dcmdjpeg": [
        READ_MODE,
        LIMITS,
        *WRITING,
        *NATIVE,
        Case("color_conversion", "never", ybr_jpeg),
        Case("color_conversion_mode", "never", ybr_jpeg),
        Case("color_conversion_mode", "guess", unmarked_ybr_jpeg),
        Case("planar", "by-plane", ybr_jpeg),
        Case("workaround_predictor6", True, overflowing_predictor),
        Case("workaround_incomplete", True, incomplete_jpeg),
    ],
    "dcmdjpls": [
        READ_MODE,
        LIMITS,
        *WRITING,
        *NATIVE,
        Case("color_conversion", "always", jpegls),
        Case("planar", "by-plane", jpegls),
        Case("ignore_offset_table", True, merged_fragments),
        Case("workaround_incomplete", True, incomplete_jpegls),
    ],
}
CODEC_ALWAYS: Final[dict[str, dict[str, Any]]] = {
    # A new UID is another one each time.
    "dcmcjpeg": {"output_path": None, "uid": "never"},
    "dcmcjpls": {"output_path": None, "uid": "never"},
    "dcmcrle": {"output_path": None},
    "dcmdjpeg": {"output_path": None},
    "dcmdjpls": {"output_path": None},
    "dcmdrle": {"output_path": None},
}
