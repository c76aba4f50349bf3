"""What the examples of the guide must have done, whoever ran them: blocking or awaited."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dcmtk_native import (
    AbortSignal,
    ChangeSet,
    Dcm2jsonSource,
    DcmconvResult,
    DicomDataset,
    DicomFileError,
    Err,
    OperationAbortedError,
    Result,
    TransferSyntax,
    dcm2json,
)

__all__ = [
    "PRESETS",
    "Sample",
    "accept_aborted",
    "accept_anonymised",
    "accept_collected_errors",
    "accept_conversion",
    "accept_element_line",
    "accept_erased",
    "accept_json_result",
    "accept_modified",
    "accept_own_unwrap",
    "accept_source",
    "accept_structured",
    "accept_walk_through",
]

_PIXEL_DATA = 0x7FE00010
_LINE = re.compile(r"^\(([0-9a-f]{4},[0-9a-f]{4})\) ([A-Z]{2}) ", re.MULTILINE)

PRESETS = {
    TransferSyntax.IMPLICIT_LITTLE: "1.2.840.10008.1.2",
    TransferSyntax.EXPLICIT_LITTLE: "1.2.840.10008.1.2.1",
    TransferSyntax.EXPLICIT_BIG: "1.2.840.10008.1.2.2",
    TransferSyntax.DEFLATED: "1.2.840.10008.1.2.1.99",
    TransferSyntax.JPEG_LOSSLESS: "1.2.840.10008.1.2.4.70",
    TransferSyntax.JPEG2K_LOSSLESS: "1.2.840.10008.1.2.4.90",
    TransferSyntax.RLE: "1.2.840.10008.1.2.5",
}


@dataclass(frozen=True)
class Sample:
    """A file, and what pydicom reads in it."""

    path: str

    @cached_property
    def truth(self) -> pydicom.FileDataset:
        return pydicom.dcmread(self.path)

    def text(self, keyword: str) -> str:
        return str(self.truth.get(keyword) or "")

    @property
    def is_compressed(self) -> bool:
        return self.truth.file_meta.TransferSyntaxUID.is_encapsulated

    @property
    def is_image(self) -> bool:
        return _PIXEL_DATA in self.truth

    @property
    def content(self) -> bytes:
        return Path(self.path).read_bytes()


def accept_json_result(result: Result[Any], missing: Result[Any], path_of_missing: str) -> None:
    """E02: a success with data, a failure that names the path, both of them frozen."""
    assert result.ok
    assert isinstance(missing, Err)
    assert isinstance(missing.error, DicomFileError)
    assert path_of_missing in missing.error.message
    assert missing.error.message == str(missing.error)
    for each in (result, missing):
        with pytest.raises(AttributeError):
            each.ok = True
    with pytest.raises(AttributeError, match="'ok' flag"):
        _ = missing.value  # type: ignore[attr-defined]


def accept_own_unwrap(own: Callable[[Any], Any], failure: Err[Exception]) -> None:
    """E03: what a user writes and what is exported raise the very same error."""
    for each in (own, Err.unwrap):
        with pytest.raises(type(failure.error)) as caught:
            each(failure)
        assert caught.value is failure.error


def accept_element_line(text: str, sample: Sample) -> None:
    """E06: one line, PatientName and nothing else."""
    assert _LINE.findall(text) == [("0010,0010", "PN")]
    assert text.count("\n") == 1
    assert f"[{sample.text('PatientName')}]" in text
    assert text.endswith("PatientName\n")


def accept_structured(dataset: DicomDataset, printed: str, sample: Sample) -> None:
    """E08: the values that pydicom reads."""
    assert printed.splitlines() == [
        f"Patient Name: {sample.text('PatientName')}",
        f"Patient ID: {sample.text('PatientID')}",
        f"Modality: {sample.text('Modality')}",
        f"Study Date: {sample.text('StudyDate')}",
        f"Accession: {sample.text('AccessionNumber')}",
        f"Has pixel data: {sample.is_image}",
    ]
    assert dataset.study_instance_uid == sample.text("StudyInstanceUID")


def accept_conversion(
    result: Result[DcmconvResult], printed: str, sample: Sample, output: Path, uid: str
) -> None:
    """E09: the file is there, in that transfer syntax, with the same pixels and values."""
    assert result.unwrap() == DcmconvResult(output_path=str(output))
    assert printed == f"Converted to: {output}\n"
    converted = pydicom.dcmread(output)
    assert converted.file_meta.TransferSyntaxUID == uid
    assert converted.PatientName == sample.truth.PatientName
    if sample.is_image:
        assert converted.pixel_array.shape == sample.truth.pixel_array.shape
        assert (converted.pixel_array == sample.truth.pixel_array).all()
    assert sorted(path.name for path in output.parent.iterdir()) == [output.name]


def accept_modified(path: Path, printed: str) -> None:
    """E12: both values changed, in place, without a backup."""
    changed = pydicom.dcmread(path)
    assert (changed.PatientName, changed.PatientID) == ("DOE^JOHN", "PATIENT-001")
    assert printed == f"Modified: {path}\n"
    assert list(path.parent.iterdir()) == [path]


def accept_erased(path: Path) -> None:
    """E13: both elements and every odd group are gone, in items too."""
    changed = pydicom.dcmread(path)
    assert "PatientName" not in changed
    assert "PatientID" not in changed
    assert not any(element.tag.is_private for element in changed.iterall())


def accept_anonymised(
    output: Path, printed: str, sample: Sample, before: bytes, changes: ChangeSet
) -> None:
    """E14: the copy is anonymous, the original as it was, and so is what changes are made from."""
    assert printed.splitlines() == [
        f"Current patient: {sample.text('PatientName')}",
        "Anonymized copy created",
    ]
    copy = pydicom.dcmread(output)
    assert (copy.PatientName, copy.PatientID) == ("ANONYMOUS", "ANON-001")
    assert not any(element.tag.is_private for element in copy.iterall())
    if sample.is_image:
        assert copy.PixelData == sample.truth.PixelData
    assert sample.content == before
    assert changes.operation_count == 3
    assert ChangeSet.empty().is_empty


def accept_aborted(result: Result[Any], printed: str, signal: AbortSignal) -> None:
    """E20: the call has told that it was aborted."""
    assert signal.aborted
    assert isinstance(result, Err)
    assert isinstance(result.error, OperationAbortedError)
    assert printed == f"Aborted or failed: {result.error.message}\n"
    assert "aborted" in result.error.message


def accept_source(printed: str, sample: Sample) -> None:
    """E24: where the model is from, and how many elements it has."""
    elements = [each for each in sample.truth if each.tag.element != 0]
    source = Dcm2jsonSource.XML if sample.is_compressed else Dcm2jsonSource.DIRECT
    assert printed == f"Conversion source: {source}\nTags: {len(elements)}\n"


def accept_walk_through(copy: Path, printed: str, printed_for_missing: str, name: str) -> None:
    """E25: to the end for a file that is there, stopped at the first step for one that is not."""
    assert printed.splitlines() == [f"Anonymizing patient: {name}", "Anonymization complete"]
    dataset = DicomDataset.from_json(dcm2json(copy).unwrap().data).unwrap()
    assert (dataset.patient_name, dataset.patient_id) == ("ANONYMOUS", "ANON-001")
    assert printed_for_missing.startswith("Read failed: dcm2json failed")
    assert printed_for_missing.count("\n") == 1


def accept_collected_errors(printed: str, not_dicom: Path, missing: Path) -> None:
    """E26: one line for the file that is no DICOM, one for that which is not there."""
    first, second = printed.splitlines()
    assert first == f"  - {not_dicom}: not a valid DICOM file"
    assert second.startswith(f"  - {missing}: dcmftest failed")
