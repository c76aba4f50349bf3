"""dcmftest: the magic word, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native import DicomFileError, Err, dcmftest
from support.samples import ct_image, dicom_file

FILE = dicom_file(ct_image())


def test_a_file_with_the_magic_word_is_dicom(ct_small: Path) -> None:
    assert dcmftest(ct_small).unwrap().is_dicom
    assert dcmftest(str(ct_small)).unwrap().is_dicom


@pytest.mark.parametrize("view", [bytes, bytearray, memoryview])
def test_a_buffer_is_an_input(view: type) -> None:
    assert dcmftest(view(FILE)).unwrap().is_dicom


def test_the_data_set_is_not_looked_at() -> None:
    assert dcmftest(bytes(128) + b"DICM").unwrap().is_dicom
    assert dcmftest(bytes(128) + b"DICM\xff\xff").unwrap().is_dicom


@pytest.mark.parametrize("content", [b"", b"DICM", bytes(131), bytes(128) + b"DIC", bytes(999)])
def test_anything_else_is_not(content: bytes) -> None:
    assert not dcmftest(content).unwrap().is_dicom


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.dcm", tmp_path):
        result = dcmftest(path)
        assert isinstance(result, Err)
        assert isinstance(result.error, DicomFileError)
        assert str(path) in result.error.message
