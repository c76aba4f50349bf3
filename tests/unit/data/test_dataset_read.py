"""DicomDataset over a file: elements are made when they are asked for."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.json import dcm2json
from dcmtk_native.errors import (
    DcmtkError,
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    UnsupportedError,
)
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err, Ok
from support.samples import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    JPEG_BASELINE,
    Element,
    Fragments,
    ct_image,
    dicom_file,
)


def message_of(result: object) -> str:
    assert isinstance(result, Err)
    assert isinstance(result.error, DcmtkError)
    return result.error.message


NESTED: Element = (0x0040A730, "SQ", [[(0x00080104, "LO", "first")], []])


@pytest.mark.parametrize(
    "transfer_syntax", [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED]
)
def test_a_read_data_set_has_what_dcm2json_gives(transfer_syntax: str) -> None:
    content = dicom_file(ct_image(NESTED), transfer_syntax=transfer_syntax)
    dataset = DicomDataset.read(content).unwrap()
    options: Any = {"write_meta": True, "encode_extended": True, "binary": "omit"}
    model = dcm2json(content, **options).unwrap().data
    assert {key: dataset[key] for key in dataset} == model
    assert list(dataset) == list(model)
    assert len(dataset) == len(model)
    assert dataset.to_json() == model
    assert dataset == DicomDataset(model)
    assert dataset.transfer_syntax_uid == transfer_syntax


def test_every_getter_works_on_a_read_data_set() -> None:
    dataset = DicomDataset.read(dicom_file(ct_image(NESTED))).unwrap()
    assert dataset.patient_name == "Doe^John"
    assert dataset.get_string("PatientID") == "ID-001"
    assert dataset.get_number("Rows") == Ok(4)
    assert dataset.get_number("(0020,0013)") == Ok(1)
    assert dataset.get_strings("ImageType") == Ok(("ORIGINAL", "PRIMARY", "AXIAL"))
    assert dataset.get_value("PixelSpacing") == Ok([0.5, 0.5])
    assert dataset.get_element_at_path("(0040,A730)[0].(0008,0104)").unwrap()["vr"] == "LO"
    assert dataset.find_values("(0040,A730)[*].(0008,0104)") == ("first",)
    assert dataset.sop_class_uid == "1.2.840.10008.5.1.4.1.1.2"
    assert dataset.get_element("PixelData") == Ok({"vr": "OW"})
    assert not dataset.get_element("PatientBirthDate").ok
    assert "group" not in dataset
    assert "00080000" not in dataset


def test_an_element_is_made_once() -> None:
    dataset = DicomDataset.read(dicom_file(ct_image())).unwrap()
    assert dataset["PatientName"] is dataset["(0010,0010)"]
    assert dataset.to_json()["00100010"] is dataset["PatientName"]


def test_threads_see_the_same_elements() -> None:
    dataset = DicomDataset.read(dicom_file(ct_image())).unwrap()
    start = threading.Barrier(8)
    seen: list[list[Any]] = []

    def look() -> None:
        start.wait()
        seen.append([dataset[tag] for tag in dataset])

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one is other for found in seen for one, other in zip(found, seen[0], strict=True))


def test_a_path_and_a_buffer_are_read_alike(tmp_path: Path) -> None:
    content = bytearray(dicom_file(ct_image()))
    path = tmp_path / "ct.dcm"
    path.write_bytes(content)
    assert DicomDataset.read(path).unwrap() == DicomDataset.read(content).unwrap()


def test_a_buffer_is_kept_while_elements_may_need_it() -> None:
    content = bytearray(dicom_file(ct_image()))
    dataset = DicomDataset.read(content).unwrap()
    with pytest.raises(BufferError):
        content.clear()
    assert dataset.patient_name == "Doe^John"
    del dataset
    content.clear()


LONG = (0x00204000, "UT", "x" * 70_000)
"""Makes a file too long to be read whole when it is opened."""


def test_a_long_value_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.dcm"
    path.write_bytes(dicom_file(ct_image(LONG)))
    dataset = DicomDataset.read(path).unwrap()
    assert len(dataset.get_string("ImageComments")) == 70_000
    changed = DicomDataset.read(path).unwrap()
    path.write_bytes(dicom_file(ct_image(LONG, rows=8)))
    assert isinstance(changed.get_element("ImageComments"), Err)
    assert "has changed" in message_of(changed.get_value("ImageComments"))
    with pytest.raises(DicomFileError, match="has changed"):
        changed.get_string("ImageComments")
    assert changed.patient_name == "Doe^John"
    assert len(dataset.get_string("ImageComments")) == 70_000


@pytest.mark.parametrize("make", [pickle.dumps, copy.deepcopy])
def test_copies_need_neither_file_nor_buffer(make: Callable[[Any], Any], tmp_path: Path) -> None:
    path = tmp_path / "long.dcm"
    path.write_bytes(dicom_file(ct_image(LONG, NESTED)))
    dataset = DicomDataset.read(path).unwrap()
    made = make(dataset)
    path.unlink()
    copied = pickle.loads(made) if isinstance(made, bytes) else made
    assert len(copied.get_string("ImageComments")) == 70_000
    assert copied.get_element("PixelData") == Ok({"vr": "OW"})


def test_reading_what_is_no_dicom_file_is_an_error() -> None:
    assert isinstance(DicomDataset.read(b"no DICOM file").error, DicomFormatError)
    assert isinstance(DicomDataset.read("/no/such/file").error, DicomFileError)
    limited = DicomDataset.read(dicom_file(ct_image()), limits=Limits(max_elements=2))
    assert isinstance(limited.error, LimitExceededError)


def test_bytes_without_meaning_are_logged_when_the_element_is_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong: Element = (0x00081030, "LO", b"a\xff")
    elements = ct_image((0x00080005, "CS", "ISO_IR 192"), wrong)
    dataset = DicomDataset.read(dicom_file(elements)).unwrap()
    assert dataset.patient_name == "Doe^John"
    assert not caplog.records
    assert dataset.get_string("StudyDescription") == "a\ufffd"
    assert "could not be decoded" in caplog.text


# ---- pydicom ----


def test_a_read_data_set_goes_to_pydicom_with_everything() -> None:
    content = dicom_file(ct_image(NESTED))
    dataset = DicomDataset.read(content).unwrap().to_pydicom().unwrap()
    assert str(dataset.PatientName) == "Doe^John"
    assert dataset.file_meta.TransferSyntaxUID == EXPLICIT_LITTLE
    assert dataset.PixelData == bytes(range(48))
    assert dataset.ContentSequence[0].CodeMeaning == "first"


def test_compressed_pixel_data_go_to_pydicom() -> None:
    fragments = Fragments([b"", b"\xff\xd8\xff\xd9"])
    elements = ct_image((0x7FE00010, "OB", fragments))
    content = dicom_file(elements, transfer_syntax=JPEG_BASELINE)
    dataset = DicomDataset.read(content).unwrap().to_pydicom().unwrap()
    assert b"\xff\xd8\xff\xd9" in dataset.PixelData


def test_a_model_goes_to_pydicom_and_back() -> None:
    model = dcm2json(dicom_file(ct_image(NESTED)), write_meta=True).unwrap().data
    dataset = DicomDataset(model)
    converted = dataset.to_pydicom().unwrap()
    assert converted.Rows == 4
    assert converted.file_meta.TransferSyntaxUID == EXPLICIT_LITTLE
    back = DicomDataset.from_pydicom(converted).unwrap()
    for tag in ("PatientName", "PixelData", "ContentSequence", "PixelSpacing", "00020010"):
        assert back[tag] == dataset[tag]


def test_a_data_set_made_with_pydicom_is_taken() -> None:
    made = pydicom.Dataset()
    made.PatientName = "Wang^XiaoDong=\u738b^\u5c0f\u6771"
    made.SpecificCharacterSet = "ISO_IR 192"
    made.Rows = 5
    dataset = DicomDataset.from_pydicom(made).unwrap()
    assert dataset["PatientName"]["Value"] == [
        {"Alphabetic": "Wang^XiaoDong", "Ideographic": "\u738b^\u5c0f\u6771"}
    ]
    assert dataset.get_number("Rows") == Ok(5)
    assert DicomDataset.from_pydicom(pydicom.Dataset()) == Ok(DicomDataset({}))


def test_what_pydicom_refuses_is_an_error() -> None:
    wrong = DicomDataset({"00280010": {"vr": "US", "Value": ["no number"]}})
    assert "pydicom" in message_of(wrong.to_pydicom())
    made = pydicom.Dataset()
    made.Rows = 5
    made["Rows"]._value = "five"
    assert "pydicom" in message_of(DicomDataset.from_pydicom(made))


def test_without_pydicom_it_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = DicomDataset({})
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    result = dataset.to_pydicom()
    assert isinstance(result, Err)
    assert isinstance(result.error, UnsupportedError)
