"""read_tags: a few values of one file."""

from __future__ import annotations

import inspect
import logging
from pathlib import Path

import pytest

from dcmtk_native import (
    AbortSignal,
    DicomFileError,
    DicomFormatError,
    Err,
    LimitExceededError,
    Limits,
    OperationAbortedError,
    OptionsError,
    aio,
    read_tags,
    unwrap,
)
from support.samples import IMPLICIT_LITTLE, Encoding, ct_image, dataset, dicom_file

FILE = dicom_file(
    ct_image(
        (0x00081140, "SQ", [[(0x00081155, "UI", "1.2.3")], [(0x00081155, "UI", "1.2.4")]]),
        (0x00090010, "LO", "MAKER"),
        (0x00091001, "LO", "private"),
    )
)


def test_values_have_the_names_that_were_given() -> None:
    tags = ["PatientName", "(0028,0010)", "00280030", "PatientAge", "ImageType"]
    assert unwrap(read_tags(FILE, tags)) == {
        "PatientName": "Doe^John",
        "(0028,0010)": 4,
        "00280030": [0.5, 0.5],
        "PatientAge": None,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    }


def test_paths_lead_into_sequences() -> None:
    one = "ReferencedImageSequence[1].ReferencedSOPInstanceUID"
    every = "ReferencedImageSequence[*].ReferencedSOPInstanceUID"
    none = "ReferencedImageSequence[7].ReferencedSOPInstanceUID"
    assert unwrap(read_tags(FILE, [one, every, none])) == {
        one: "1.2.4",
        every: ["1.2.3", "1.2.4"],
        none: None,
    }


def test_the_order_of_the_tags_does_not_matter() -> None:
    tags = ["Rows", "PatientName", "StudyDate"]
    assert list(unwrap(read_tags(FILE, tags))) == tags
    assert unwrap(read_tags(FILE, tags)) == unwrap(read_tags(FILE, tags[::-1]))


def test_a_path_and_its_content_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "image.dcm").write_bytes(FILE)
    tags = ["PatientName", "Rows"]
    assert read_tags(tmp_path / "image.dcm", tags) == read_tags(FILE, tags)
    assert read_tags(memoryview(FILE), tags) == read_tags(FILE, tags)


def test_dates_as_objects() -> None:
    (date,) = unwrap(read_tags(FILE, ["StudyDate"], dates="date")).values()
    assert date.isoformat() == "2024-02-29"


def test_a_bare_data_set_is_read_as_told() -> None:
    bare = dataset([(0x00100010, "PN", "Doe^John")], Encoding(explicit=False))
    options = {"read_mode": "dataset", "read_xfer": "implicit"}
    assert unwrap(read_tags(bare, ["PatientName"], **options)) == {"PatientName": "Doe^John"}  # type: ignore[arg-type]
    refused = read_tags(bare, ["PatientName"], read_mode="file-only")
    assert isinstance(refused, Err)
    file = dicom_file([(0x00100010, "PN", "Doe^John")], transfer_syntax=IMPLICIT_LITTLE)
    assert unwrap(read_tags(file, ["PatientName"])) == {"PatientName": "Doe^John"}


def test_a_value_that_is_none_of_its_kind_is_none_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    content = dicom_file(ct_image((0x00200013, "IS", "many")))
    with caplog.at_level(logging.WARNING, "dcmtk_native.scan"):
        assert unwrap(read_tags(content, ["InstanceNumber"])) == {"InstanceNumber": None}
    assert "InstanceNumber has no value" in caplog.text


@pytest.mark.parametrize(
    ("tags", "options"),
    [
        ("PatientName", {}),
        (["NoKeyword"], {}),
        (["PixelData"], {}),
        (["Rows"], {"dates": "never"}),
        (["Rows"], {"read_mode": "never"}),
        (["Rows"], {"timeout_ms": 0}),
        (["Rows"], {"signal": 3}),
    ],
)
def test_options_out_of_their_rules(tags: list[str], options: dict[str, object]) -> None:
    result = read_tags(FILE, tags, **options)  # type: ignore[arg-type]
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)
    assert result.error.tool == "read_tags"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    for content, kind in (
        (tmp_path / "gone", DicomFileError),
        (b"", DicomFormatError),
        (FILE[:400], DicomFormatError),
    ):
        result = read_tags(content, ["Rows"])  # type: ignore[arg-type]
        assert isinstance(result, Err)
        assert isinstance(result.error, kind)
    result = read_tags(FILE, ["Rows"], limits=Limits(max_file_size=100))
    assert isinstance(result, Err)
    assert isinstance(result.error, LimitExceededError)
    result = read_tags(FILE, ["Rows"], signal=AbortSignal.abort("enough"))
    assert isinstance(result, Err)
    assert isinstance(result.error, OperationAbortedError)


def test_the_last_three_parameters_are_those_of_every_tool() -> None:
    names = list(inspect.signature(read_tags).parameters)
    assert names[-3:] == ["log_level", "timeout_ms", "signal"]
    assert inspect.signature(aio.read_tags) == inspect.signature(read_tags)
