"""What the tools that compress and decompress have in common: identity, progress, threads."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pydicom
import pytest

from dcmtk_native import (
    CodecError,
    Err,
    dcmcjpls,
    dcmconv,
    dcmcrle,
    dcmdjpeg,
    dcmdjpls,
    dcmdrle,
)
from support.images import grey, rgb
from support.samples import dicom_file

SOURCE = dicom_file(grey(frames=5, rows=40, columns=30))
COMPRESSORS: list[Callable[..., Any]] = [dcmcrle, dcmcjpls]
DECOMPRESSORS: list[Callable[..., Any]] = [dcmdrle, dcmdjpls, dcmdjpeg]


def content(tool: Callable[..., Any], source: bytes, **options: Any) -> bytes:
    data = tool(source, None, **options).unwrap().data
    assert isinstance(data, bytes)
    return data


def parsed(data: bytes) -> pydicom.FileDataset:
    return pydicom.dcmread(BytesIO(data))


@pytest.mark.parametrize("tool", COMPRESSORS)
def test_pixels_come_back_bit_for_bit(tool: Callable[..., Any]) -> None:
    before = parsed(SOURCE)
    after = parsed(content(tool, SOURCE))
    assert (after.pixel_array == before.pixel_array).all()
    assert after.SOPInstanceUID == before.SOPInstanceUID
    for decompress in DECOMPRESSORS:
        native = parsed(content(decompress, content(tool, SOURCE)))
        assert native.PixelData == before.PixelData
        assert native.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


@pytest.mark.parametrize("tool", COMPRESSORS)
@pytest.mark.parametrize("options", [{"uid": "always"}, {"sop_class": "sc"}])
def test_a_new_instance_names_its_source(tool: Callable[..., Any], options: dict[str, str]) -> None:
    before, after = parsed(SOURCE), parsed(content(tool, SOURCE, **options))
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    (source,) = after.SourceImageSequence
    assert source.ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert source.PurposeOfReferenceCodeSequence[0].CodeValue == "121320"
    is_capture = "sop_class" in options
    assert (after.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7") == is_capture
    assert after.file_meta.MediaStorageSOPClassUID == after.SOPClassUID


def test_uid_always_is_short_for_the_word() -> None:
    assert parsed(content(dcmcrle, SOURCE, uid_always=True)).SourceImageSequence
    assert parsed(content(dcmdrle, content(dcmcrle, SOURCE), uid_always=True)).SourceImageSequence


@pytest.mark.parametrize("tool", DECOMPRESSORS)
def test_a_decompressed_image_may_have_a_new_uid(tool: Callable[..., Any]) -> None:
    compressed = content(dcmcjpls, SOURCE)
    assert parsed(content(tool, compressed)).SOPInstanceUID == parsed(SOURCE).SOPInstanceUID
    assert parsed(content(tool, compressed, uid="always")).SourceImageSequence


def test_near_lossless_says_what_was_lost() -> None:
    before = parsed(SOURCE)
    after = parsed(content(dcmcjpls, SOURCE, max_deviation=3))
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.LossyImageCompression == "01"
    assert after.LossyImageCompressionMethod == "ISO_14495_1"
    assert float(after.LossyImageCompressionRatio) > 1
    assert after.ImageType[0] == "DERIVED"
    assert after.DerivationCodeSequence[0].CodeValue == "113040"
    assert "(NEAR=3)" in after.DerivationDescription
    difference = after.pixel_array.astype(int) - before.pixel_array
    assert 0 < abs(difference).max() <= 3


def test_near_lossless_has_no_signed_samples() -> None:
    result = dcmcjpls(dicom_file(grey(signed=True)), None, lossless=False)
    assert isinstance(result, Err)
    assert isinstance(result.error, CodecError)


@pytest.mark.parametrize("tool", [*COMPRESSORS, *DECOMPRESSORS])
def test_progress_is_told_and_threads_change_nothing(tool: Callable[..., Any]) -> None:
    source = SOURCE if tool in COMPRESSORS else content(dcmcrle, SOURCE)
    told: list[tuple[int, int]] = []
    one = content(tool, source, threads=1, on_progress=lambda *done: told.append(done))
    assert told[-1] == (5, 5)
    assert told == sorted(set(told))
    assert content(tool, source, threads=3) == one


def test_dcmconv_has_threads_too() -> None:
    options = {"transfer_syntax": "1.2.840.10008.1.2.4.90"}
    one = content(dcmconv, SOURCE, threads=1, **options)
    assert content(dcmconv, SOURCE, threads=2, **options) == one


class StoppedError(Exception):
    """Raised by a callback."""


def test_what_a_callback_raises_comes_out_of_the_call() -> None:
    def stop(_done: int, _total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        dcmcrle(SOURCE, None, on_progress=stop)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80"])
@pytest.mark.parametrize("planar", [0, 1])
def test_colors_come_back_whatever_their_planes(syntax: str, planar: int) -> None:
    source = dicom_file(rgb(planar=planar, frames=3))
    compressed = content(dcmconv, source, transfer_syntax=syntax)
    assert (parsed(compressed).pixel_array == parsed(source).pixel_array).all()
