"""from_array with a template: what of it stays, and what goes."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from dcmtk_native import (
    ChangeSet,
    DcmtkError,
    DicomDataset,
    DicomFile,
    DicomFileError,
    DicomFormatError,
    Err,
    OptionsError,
    dcm2json,
    from_array,
)
from support.pictures import grey, table
from support.shipped import FILES

CT = FILES["test_files/CT_small.dcm"]
GREY = np.arange(12, dtype=np.uint16).reshape(3, 4)


def made(array: Any, template: Any, **kwargs: Any) -> pydicom.Dataset:
    result = from_array(array, template, **kwargs).unwrap()
    dataset = pydicom.dcmread(BytesIO(result.data or b""))
    assert np.array_equal(dataset.pixel_array, array)
    return dataset


def failure(*args: Any, **kwargs: Any) -> DcmtkError:
    match from_array(*args, **kwargs):
        case Err(error):
            return error
    raise AssertionError("it was made")


def of_pydicom(path: Path) -> Dataset:
    return pydicom.dcmread(path)


FORMS: dict[str, Any] = {
    "path": lambda path: path,
    "bytes": Path.read_bytes,
    "DicomFile": lambda path: DicomFile.open(path).unwrap(),
    "DicomDataset": lambda path: DicomDataset.read(path).unwrap(),
    "pydicom": of_pydicom,
    "model": lambda path: dcm2json(path, write_meta=True).unwrap().data,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "name", ["CT_small", "MR_small_bigendian", "MR_small_implicit", "JPEG2000"]
)
def test_other_attributes_stay(form: str, name: str) -> None:
    path = FILES[f"test_files/{name}.dcm"]
    before = pydicom.dcmread(path)
    after = made(GREY.astype(np.int16), FORMS[form](path))
    gone = {"PixelData", "SmallestImagePixelValue", "LargestImagePixelValue",
            "SmallestPixelValueInSeries", "LargestPixelValueInSeries", "DataSetTrailingPadding",
            "IconImageSequence"}  # fmt: skip
    changed = {"SOPInstanceUID", "ImageType", "Rows", "Columns", "BitsAllocated", "BitsStored",
               "HighBit", "PixelRepresentation", "PhotometricInterpretation"}  # fmt: skip
    if form == "model":
        changed.add("SpecificCharacterSet")  # text of a model is Unicode
    for element in before:
        if element.keyword in gone | changed or element.tag.element == 0 or element.tag.is_private:
            continue
        if before.PixelRepresentation == 0 and element.keyword.startswith("PixelPadding"):
            continue
        assert element.tag in after, element
        if element.VR not in {"SQ", "PN"}:
            assert after[element.tag].value == element.value, element
    assert after.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert after.SOPClassUID == before.SOPClassUID


def test_the_object_is_a_derived_one_of_its_own() -> None:
    before = of_pydicom(CT)
    after = made(GREY, CT)
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert list(after.ImageType) == ["DERIVED", *before.ImageType[1:]]
    assert after.StudyInstanceUID == before.StudyInstanceUID
    kept = made(GREY, CT, keep_sop_instance_uid=True)
    assert kept.SOPInstanceUID == before.SOPInstanceUID
    assert kept.file_meta.MediaStorageSOPInstanceUID == before.SOPInstanceUID


def test_attributes_of_the_call_go_before_those_of_the_template() -> None:
    after = made(GREY, CT, PatientName="Other", RescaleIntercept=0, PatientID=None)
    assert str(after.PatientName) == "Other"
    assert (after.RescaleIntercept, after.PatientID) == (0, "")


def test_bits_stored_are_those_of_the_template_if_the_values_fit() -> None:
    template = file_of(grey(SamplesPerPixel=1, Rows=1, Columns=1))
    assert made(GREY, template).BitsStored == 12
    assert made(GREY + 4096, template).BitsStored == 16
    assert made(GREY.astype(np.uint8), template).BitsStored == 8
    assert made(GREY, template, bits_stored=10).BitsStored == 10


def test_changes_of_a_file_are_made() -> None:
    changes = ChangeSet.empty().set_tag("(0010,0010)", "ANONYMOUS").erase_private_tags()
    after = made(GREY, DicomFile.open(CT).unwrap().with_changes(changes))
    assert str(after.PatientName) == "ANONYMOUS"
    assert not [element for element in after if element.tag.is_private]


def test_private_elements_and_sequences_stay() -> None:
    before, after = of_pydicom(CT), made(GREY, CT)
    private = [element.tag for element in before if element.tag.is_private]
    assert private
    assert all(after[tag].value == before[tag].value for tag in private)


def file_of(dataset: Dataset, **attributes: Any) -> bytes:
    dataset.SOPClassUID = attributes.pop("sop_class", "1.2.840.10008.5.1.4.1.1.7")
    dataset.SOPInstanceUID = "1.2.3"
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    content = BytesIO()
    pydicom.dcmwrite(content, dataset, enforce_file_format=True)
    return content.getvalue()


def test_what_is_not_true_of_other_pixels_goes() -> None:
    icon = grey(Rows=1, Columns=1, SamplesPerPixel=1, PixelData=b"\0\0")
    dataset = grey(
        SmallestImagePixelValue=1,
        LargestImagePixelValue=2,
        IconImageSequence=[icon],
        PixelDataProviderURL="http://localhost/pixels",
        ExtendedOffsetTable=b"\0" * 8,
        DataSetTrailingPadding=b"\0\0",
    )
    dataset.add_new(0xFFFAFFFA, "SQ", [Dataset()])
    after = made(GREY, file_of(dataset))
    for element in dataset:
        if element.keyword not in {
            "PhotometricInterpretation",
            "BitsAllocated",
            "BitsStored",
            "PixelRepresentation",
            "SOPClassUID",
            "SOPInstanceUID",
        }:
            assert element.tag not in after, element  # fmt: skip


def test_overlays_stay_unless_they_were_in_the_pixels() -> None:
    dataset = grey()
    for group in (0x6000, 0x6002):
        dataset.add_new((group, 0x0010), "US", 4)
        dataset.add_new((group, 0x0011), "US", 4)
        dataset.add_new((group, 0x0102), "US", 12)
    dataset.add_new((0x6000, 0x3000), "OW", b"\1\1")
    after = made(GREY, file_of(dataset))
    assert (0x6000, 0x3000) in after
    assert not [element for element in after if element.tag.group == 0x6002]


def test_windows_and_luts_go_when_greys_become_colours() -> None:
    lut = table(2, 0, 8, [1, 2])
    dataset = grey(
        WindowCenter=1, WindowWidth=2, RescaleSlope=1, RescaleIntercept=0, VOILUTSequence=[lut]
    )
    template = file_of(dataset)
    assert made(GREY, template).WindowCenter == 1
    colour = made(np.zeros((3, 4, 3), np.uint8), template)
    for name in (
        "WindowCenter",
        "WindowWidth",
        "RescaleSlope",
        "RescaleIntercept",
        "VOILUTSequence",
    ):
        assert name not in colour
    assert colour.PlanarConfiguration == 0
    assert "PlanarConfiguration" not in made(GREY, file_of(colour))


def test_a_palette_stays_with_pixels_of_its_kind() -> None:
    path = FILES["test_files/examples_palette.dcm"]
    same = made(np.zeros((3, 4), np.uint8), path)
    assert same.PhotometricInterpretation == "PALETTE COLOR"
    assert "RedPaletteColorLookupTableData" in same
    grey_now = made(np.zeros((3, 4), np.uint8), path, photometric_interpretation="MONOCHROME2")
    assert "RedPaletteColorLookupTableData" not in grey_now
    assert "RedPaletteColorLookupTableDescriptor" not in grey_now


def test_low_values_that_were_white_stay_so() -> None:
    template = file_of(grey(PhotometricInterpretation="MONOCHROME1"))
    assert made(GREY, template).PhotometricInterpretation == "MONOCHROME1"


def test_padding_of_another_sign_goes() -> None:
    template = file_of(grey(PixelPaddingValue=7))
    assert made(GREY, template).PixelPaddingValue == 7
    assert "PixelPaddingValue" not in made(GREY.astype(np.int16), template)


@pytest.mark.parametrize(
    "name", ["JPEG-lossy", "JPGExtended", "SC_rgb_jpeg_dcmtk", "JPEGLSNearLossless_16"]
)
def test_once_lossy_is_always_lossy(name: str) -> None:
    path = FILES[f"test_files/{name}.dcm"]
    assert made(GREY, path).LossyImageCompression == "01"
    assert made(GREY, of_pydicom(path)).LossyImageCompression == "01"


def test_what_was_lossless_does_not_become_lossy() -> None:
    path = FILES["test_files/MR_small_RLE.dcm"]
    before, after = of_pydicom(path), made(GREY, path)
    assert after.get("LossyImageCompression") == before.get("LossyImageCompression")


def test_several_frames_need_a_class_that_has_them() -> None:
    error = failure(np.zeros((2, 4, 4), np.uint16), CT)
    assert isinstance(error, OptionsError)
    assert "have one frame" in error.message
    many = FILES["test_files/rtdose.dcm"]
    assert made(np.zeros((2, 4, 4), np.uint32), many).NumberOfFrames == 2
    one = made(np.zeros((4, 4), np.uint32), many)
    assert "NumberOfFrames" not in one
    assert "FrameIncrementPointer" not in one


def test_frames_that_are_described_one_by_one_must_be_as_many() -> None:
    enhanced = grey(NumberOfFrames=2, PerFrameFunctionalGroupsSequence=[Dataset(), Dataset()])
    template = file_of(enhanced, sop_class="1.2.840.10008.5.1.4.1.1.4.1")
    after = made(np.zeros((2, 4, 4), np.uint16), template)
    assert len(after.PerFrameFunctionalGroupsSequence) == 2
    assert "PageNumberVector" not in after
    for shape in ((4, 4), (3, 4, 4)):
        error = failure(np.zeros(shape, np.uint16), template)
        assert "describes 2 frames" in error.message


def test_a_float_picture_loses_what_only_integers_have() -> None:
    after = made(GREY.astype(np.float32), CT)
    for name in ("BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "PixelData"):
        assert name not in after


def test_a_template_may_be_replaced_by_what_is_made_of_it(tmp_path: Path) -> None:
    path = Path(shutil.copy(CT, tmp_path / "file.dcm"))
    from_array(GREY, path, path).unwrap()
    assert np.array_equal(pydicom.dcmread(path).pixel_array, GREY)


def test_text_of_the_template_keeps_its_characters() -> None:
    for name in ("chrH31.dcm", "chrArab.dcm", "chrGerm.dcm", "chrX1.dcm"):
        path = FILES[f"charset_files/{name}"]
        names = [made(GREY, form(path)).PatientName for form in (FORMS["path"], FORMS["model"])]
        assert names[0] == names[1] == of_pydicom(path).PatientName


@pytest.mark.parametrize("template", [1, [b""], object(), {"PatientName": "x"}, {"00100010": 1}])
def test_what_is_no_template_is_refused(template: Any) -> None:
    assert isinstance(failure(GREY, template), OptionsError)


def test_a_template_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    missing = failure(GREY, tmp_path / "no.dcm")
    assert isinstance(missing, DicomFileError)
    broken = failure(GREY, b"no DICOM file" * 100)
    assert isinstance(broken, DicomFormatError)
