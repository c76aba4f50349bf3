"""from_array into transfer syntaxes of compressed pixel data."""

from __future__ import annotations

import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from dcmtk_native import (
    AbortSignal,
    CodecError,
    DcmtkError,
    Err,
    OperationAbortedError,
    OperationTimeoutError,
    TransferSyntax,
    dcmconv,
    dcmtk_info,
    from_array,
    read_pixels,
)

MULTI_FRAME_ANYTHING = "1.2.840.10008.5.1.4.1.1.4.1"
RLE = "1.2.840.10008.1.2.5"
JPEG = "1.2.840.10008.1.2.4."
LOSSY = [JPEG + number for number in ("50", "51", "53", "55")]
READ_BY_PYDICOM = [RLE, *(JPEG + number for number in ("57", "70", "80", "81", "90", "91"))]
"""With the plugins that are installed for tests; it has none for HTJ2K."""
LOSSLESS = [*READ_BY_PYDICOM, *(JPEG + number for number in ("201", "202", "203"))]
TYPES = ["uint8", "int8", "uint16", "int16"]
PLACES = [(), (3,)]


def pixels_of(dtype: str, *shape: int) -> NDArray[Any]:
    """Values over all of a type, the extremes among them."""
    rng = np.random.default_rng(7)
    ends = np.iinfo(np.dtype(dtype))
    found = rng.integers(ends.min, ends.max, shape, np.dtype(dtype), endpoint=True)
    found.flat[0], found.flat[1] = ends.min, ends.max
    return found


def smooth(*shape: int) -> NDArray[Any]:
    """What lossy compression is made for."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    grey = rows * 3 + columns * 2
    picture = grey if len(shape) == 2 else np.stack([grey, grey // 2, 255 - grey], axis=-1)
    return np.clip(picture, 0, 255).astype(np.uint8)


def content_of(array: Any, *args: Any, **kwargs: Any) -> bytes:
    data = from_array(array, *args, **kwargs).unwrap().data
    assert data is not None
    return data


def failure(*args: Any, **kwargs: Any) -> DcmtkError:
    match from_array(*args, **kwargs):
        case Err(error):
            return error
    raise AssertionError("it was made")


def test_these_are_all_syntaxes_with_an_encoder() -> None:
    encapsulated = {uid for uid in dcmtk_info().encoders if uid.startswith((JPEG, RLE))}
    assert encapsulated == {*LOSSLESS, *LOSSY}


@pytest.mark.parametrize("frames", PLACES, ids=["one", "three"])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_greys_come_back_as_they_were(syntax: str, dtype: str, frames: tuple[int, ...]) -> None:
    array = pixels_of(dtype, *frames, 21, 34)
    content = content_of(array, transfer_syntax=syntax, SOPClassUID=MULTI_FRAME_ANYTHING)
    found = read_pixels(content).unwrap()
    assert found.transfer_syntax == syntax
    assert np.array_equal(found.array(), array)
    if syntax in READ_BY_PYDICOM:
        dataset = pydicom.dcmread(BytesIO(content))
        assert "LossyImageCompression" not in dataset
        assert np.array_equal(dataset.pixel_array, array)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("frames", PLACES, ids=["one", "three"])
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_colours_come_back_as_they_were(syntax: str, frames: tuple[int, ...], dtype: str) -> None:
    array = pixels_of(dtype, *frames, 21, 34, 3)
    content = content_of(array, transfer_syntax=syntax, SOPClassUID=MULTI_FRAME_ANYTHING)
    found = read_pixels(content).unwrap()
    assert found.photometric_interpretation == "RGB"
    assert np.array_equal(found.array(), array)
    if syntax in READ_BY_PYDICOM:
        assert np.array_equal(pydicom.dcmread(BytesIO(content)).pixel_array, array)


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_fewer_bits_than_are_allocated_come_back(syntax: str) -> None:
    array = pixels_of("int16", 21, 34) >> 4
    content = content_of(array, transfer_syntax=syntax, bits_stored=12)
    found = read_pixels(content).unwrap()
    assert found.bits_stored == 12
    assert np.array_equal(found.array(), array)


@pytest.mark.parametrize("shape", [(40, 56), (40, 56, 3)], ids=["grey", "colour"])
@pytest.mark.parametrize("syntax", LOSSY)
def test_what_is_lost_is_little_and_written_down(syntax: str, shape: tuple[int, ...]) -> None:
    array = smooth(*shape)
    content = content_of(array, transfer_syntax=syntax)
    dataset = pydicom.dcmread(BytesIO(content))
    assert dataset.LossyImageCompression == "01"
    assert float(dataset.LossyImageCompressionRatio) > 1
    assert dataset.LossyImageCompressionMethod == "ISO_10918_1"
    assert dataset.ImageType[0] == "DERIVED"
    found = read_pixels(content).unwrap().array().astype(int)
    assert np.abs(found - array).mean() < 8


@pytest.mark.parametrize("syntax", [*LOSSLESS, *LOSSY])
def test_the_pixels_are_coded_as_dcmconv_codes_them(syntax: str) -> None:
    array = smooth(40, 56, 3)
    native = content_of(array)
    converted = dcmconv(native, None, transfer_syntax=syntax).unwrap().data
    own = pydicom.dcmread(BytesIO(content_of(array, transfer_syntax=syntax)))
    other = pydicom.dcmread(BytesIO(converted or b""))
    assert own.PixelData == other.PixelData
    assert own.PhotometricInterpretation == other.PhotometricInterpretation
    assert own.get("LossyImageCompressionRatio") == other.get("LossyImageCompressionRatio")


def test_lossy_or_not_the_object_has_the_uid_that_is_told() -> None:
    for syntax in (JPEG + "50", RLE):
        result = from_array(smooth(8, 8), transfer_syntax=syntax, SOPInstanceUID="1.2.3").unwrap()
        dataset = pydicom.dcmread(BytesIO(result.data or b""))
        assert result.sop_instance_uid == dataset.SOPInstanceUID == "1.2.3"
        assert dataset.file_meta.MediaStorageSOPInstanceUID == "1.2.3"
        assert "SourceImageSequence" not in dataset


def test_a_compressed_template_gives_its_attributes_alone(tmp_path: Path) -> None:
    path = tmp_path / "template.dcm"
    first = pixels_of("uint16", 16, 16)
    for syntax in (JPEG + "70", JPEG + "50", RLE, "1.2.840.10008.1.2.2"):
        picture = smooth(16, 16) if syntax == JPEG + "50" else first
        from_array(picture, None, path, PatientID="7", transfer_syntax=syntax).unwrap()
        content = content_of(first, path, transfer_syntax=JPEG + "80")
        dataset = pydicom.dcmread(BytesIO(content))
        assert dataset.PatientID == "7"
        assert dataset.file_meta.TransferSyntaxUID == JPEG + "80"
        assert np.array_equal(dataset.pixel_array, first)


@pytest.mark.parametrize("syntax", [*LOSSLESS, *LOSSY])
@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.eye(8, dtype=bool), "one bit a sample cannot be compressed"),
        (np.ones((4, 4), np.float32), "float pixel data cannot be compressed"),
        (np.ones((4, 4)), "float pixel data cannot be compressed"),
    ],
    ids=["bool", "float", "double"],
)
def test_single_bits_and_floats_are_refused(array: Any, text: str, syntax: str) -> None:
    error = failure(array, transfer_syntax=syntax, SOPClassUID=MULTI_FRAME_ANYTHING)
    assert isinstance(error, CodecError)
    assert text in error.message


@pytest.mark.parametrize("syntax", [*LOSSLESS, *LOSSY])
def test_32_bits_come_back_or_are_refused(syntax: str) -> None:
    array = pixels_of("uint32", 8, 9)
    result = from_array(array, transfer_syntax=syntax, SOPClassUID=MULTI_FRAME_ANYTHING)
    if result:
        assert np.array_equal(read_pixels(result.value.data or b"").unwrap().array(), array)
    else:
        assert isinstance(result.error, CodecError)
        assert "32" in result.error.message or "bits" in result.error.message


def test_signed_samples_are_refused_by_lossy_jpeg() -> None:
    error = failure(pixels_of("int16", 8, 8), transfer_syntax=JPEG + "51")
    assert isinstance(error, CodecError)
    assert "signed" in error.message


@pytest.mark.parametrize("syntax", [JPEG + "92", JPEG + "102", "1.2.840.10008.1.2.8.1", "1.2.3.4"])
def test_a_syntax_without_an_encoder_is_named(syntax: str) -> None:
    error = failure(pixels_of("uint8", 2, 2), transfer_syntax=syntax)
    assert isinstance(error, CodecError)
    assert syntax in error.message


def test_the_presets_of_dcmconv_are_taken() -> None:
    array = pixels_of("uint16", 5, 5)
    for name in ("RLE", "JPEG_LOSSLESS", "JPEG2K_LOSSLESS"):
        content = content_of(array, transfer_syntax=TransferSyntax[name])
        assert np.array_equal(read_pixels(content).unwrap().array(), array)


def test_the_number_of_threads_changes_nothing() -> None:
    array = pixels_of("uint16", 4, 64, 64)
    options = {"transfer_syntax": JPEG + "80", "SOPInstanceUID": "1.2"}
    one, four = (
        pydicom.dcmread(BytesIO(content_of(array, threads=threads, **options)))
        for threads in (1, 4)
    )
    assert one.PixelData == four.PixelData


def test_a_deadline_and_an_abort_end_it(tmp_path: Path) -> None:
    path = tmp_path / "new.dcm"
    array = pixels_of("uint16", 40, 512, 512)
    late = failure(array, None, path, transfer_syntax=JPEG + "90", threads=1, timeout_ms=50)
    assert isinstance(late, OperationTimeoutError)
    event = threading.Event()
    threading.Timer(0.05, event.set).start()
    aborted = failure(array, None, path, transfer_syntax=JPEG + "90", threads=1, signal=event)
    assert isinstance(aborted, OperationAbortedError)
    never = failure(array, None, path, transfer_syntax=RLE, signal=AbortSignal.abort("no"))
    assert isinstance(never, OperationAbortedError)
    assert not path.exists()
