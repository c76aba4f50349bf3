"""dcm2json: what JSON has no form for, the text, failures, cancellation."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native._runtime.abort import AbortController
from dcmtk_native.data.json import Dcm2jsonResult, Dcm2jsonSource, dcm2json
from dcmtk_native.errors import (
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    ToolError,
)
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err
from support.samples import (
    JPEG_BASELINE,
    Element,
    Fragments,
    ct_image,
    dataset,
    dicom_file,
)

PRIVATE = (0x00090010, "LO", "TEST")


# ---- what JSON has no form for ----


def compressed() -> bytes:
    fragments = Fragments([b"", b"\xff\xd8\xff\xd9"])
    return dicom_file(ct_image((0x7FE00010, "OB", fragments)), transfer_syntax=JPEG_BASELINE)


def test_compressed_pixel_data_take_the_form_of_xml() -> None:
    result = dcm2json(compressed()).unwrap()
    assert result.source is Dcm2jsonSource.XML
    assert result.data["7FE00010"] == {"vr": "OB"}
    assert result.data["00280010"] == {"vr": "US", "Value": [4]}


def test_compressed_pixel_data_fail_when_only_json_will_do() -> None:
    result = dcm2json(compressed(), direct_only=True)
    assert isinstance(result, Err)
    assert isinstance(result.error, ToolError)
    assert "compressed pixel data" in result.error.message
    assert dcm2json(compressed(), direct_only=True, binary="omit").ok


@pytest.mark.parametrize("vr", ["FL", "FD"])
def test_a_number_that_is_not_finite_takes_the_form_of_xml(vr: str) -> None:
    content = dataset([PRIVATE, (0x00091001, vr, [1.5, math.nan, math.inf, -math.inf])])
    options: Any = {"read_mode": "dataset", "read_xfer": "little"}
    result = dcm2json(content, **options).unwrap()
    assert result.source is Dcm2jsonSource.XML
    assert result.data["00091001"]["Value"] == [1.5, "nan", "inf", "-inf"]

    failure = dcm2json(content, direct_only=True, **options)
    assert isinstance(failure, Err)
    assert "JSON numbers cannot be nan" in failure.error.message

    extended = dcm2json(content, encode_extended=True, direct_only=True, **options).unwrap()
    assert extended.source is Dcm2jsonSource.DIRECT
    assert str(extended.data["00091001"]["Value"]) == "[1.5, nan, inf, -inf]"


# ---- text ----


def text_of(content: bytes, tmp_path: Path, **options: Any) -> str:
    path = tmp_path / "out.json"
    assert dcm2json(content, output_path=path, **options).ok
    return path.read_text(encoding="utf-8")


def test_the_text_has_the_layout_of_dcmtk(tmp_path: Path) -> None:
    inner: Element = (0x00081140, "SQ", [[(0x00100010, "PN", 'A"\n^B=C')], []])
    content = dataset([(0x00080060, "CS", "CT"), (0x00080070, "LO", ""), inner])
    options: Any = {"read_mode": "dataset", "read_xfer": "little"}
    expected = """{
  "00080060": {
    "vr": "CS",
    "Value": [
      "CT"
    ]
  },
  "00080070": {
    "vr": "LO"
  },
  "00081140": {
    "vr": "SQ",
    "Value": [
      {
        "00100010": {
          "vr": "PN",
          "Value": [
            {
              "Alphabetic": "A\\"\\n^B",
              "Ideographic": "C"
            }
          ]
        }
      },
      {}
    ]
  }
}
"""
    assert text_of(content, tmp_path, **options) == expected
    compact = '{"00080060":{"vr":"CS","Value":["CT"]},"00080070":{"vr":"LO"},"00081140":'
    assert text_of(content, tmp_path, compact=True, **options).startswith(compact)


def test_an_empty_data_set_is_an_empty_object(tmp_path: Path) -> None:
    assert text_of(dicom_file([]), tmp_path) == "{}\n"
    assert text_of(dicom_file([]), tmp_path, compact=True) == "{}"


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("write_meta", [False, True])
def test_the_text_says_what_the_objects_say(
    tmp_path: Path, compact: bool, write_meta: bool
) -> None:
    elements = ct_image(
        (0x00081140, "SQ", [[(0x00081150, "UI", "1.2.3")], []]),
        (0x00104000, "LT", 'quotes " and \\ and \x01\x1f\t\f\b'),
        (0x00189073, "FD", [1e-7, 1e22, -0.0, 0.1]),
        (0x00189074, "DT", "2024\\\\2025"),
        (0x00280030, "DS", "0.50\\1."),
    )
    content = dicom_file(elements)
    text = text_of(content, tmp_path, compact=compact, write_meta=write_meta)
    assert json.loads(text) == dcm2json(content, write_meta=write_meta).unwrap().data


def test_integers_of_more_than_53_bits_are_strings_in_the_text(tmp_path: Path) -> None:
    content = dataset([(0x00090010, "LO", "T"), (0x00091001, "SV", [2**53 - 1, -(2**53)])])
    text = text_of(content, tmp_path, read_mode="dataset", read_xfer="little", compact=True)
    assert text.endswith(f'"Value":[{2**53 - 1},"{-(2**53)}"]}}}}')


@given(st.text(st.characters(codec="utf-8", exclude_characters="\\"), min_size=1, max_size=40))
def test_any_text_survives_the_way_into_json(tmp_path_factory: Any, text: str) -> None:
    content = dataset([(0x00080005, "CS", "ISO_IR 192"), (0x00104000, "LT", text.encode())])
    path = tmp_path_factory.getbasetemp() / "any.json"
    result = dcm2json(content, read_mode="dataset", read_xfer="little", output_path=path).unwrap()
    expected = text.rstrip(" ") or None
    assert result.data["00104000"]["Value"] == [expected]
    assert json.loads(path.read_text(encoding="utf-8")) == result.data


def test_a_failure_leaves_no_text(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("as it was")
    assert not dcm2json(compressed(), direct_only=True, output_path=path).ok
    assert path.read_text() == "as it was"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.json"]


# ---- failures ----


def test_a_missing_file_is_a_file_error_with_its_name() -> None:
    result = dcm2json("/no/such/file.dcm")
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)
    assert "/no/such/file.dcm" in result.error.message


@pytest.mark.parametrize("content", [b"", b"no DICOM file at all, just text", bytes(200)])
def test_what_is_no_dicom_file_is_a_format_error(content: bytes) -> None:
    result = dcm2json(content)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFormatError)


def test_limits_hold() -> None:
    result = dcm2json(dicom_file(ct_image()), limits=Limits(max_elements=3))
    assert isinstance(result, Err)
    assert isinstance(result.error, LimitExceededError)


def long_work() -> bytes:
    """The content of a file that keeps dcm2json busy for a while."""
    item = dataset([(0x00080100, "SH", "A"), (0x00080102, "SH", "B"), (0x00080104, "LO", "C")])
    one = dataset([(0x0040A730, "SQ", [[]])])[12:16] + len(item).to_bytes(4, "little") + item
    many = one * 200_000
    header = dataset([(0x0040A730, "SQ", [])])[:8] + len(many).to_bytes(4, "little")
    return dicom_file([]) + header + many


def test_another_thread_can_abort_while_objects_are_made() -> None:
    controller = AbortController()
    controller.abort_after(30)
    result = dcm2json(long_work(), signal=controller.signal)
    assert isinstance(result, Err)
    assert isinstance(result.error, OperationAbortedError)


def test_the_deadline_holds_while_objects_are_made() -> None:
    result = dcm2json(long_work(), timeout_ms=30)
    assert isinstance(result, Err)
    assert isinstance(result.error, OperationTimeoutError)


def test_compact_without_a_path_is_refused() -> None:
    result = dcm2json(dicom_file(ct_image()), compact=True)
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)
    assert "output_path" in result.error.message


def test_the_result_is_a_frozen_pair() -> None:
    result = dcm2json(dicom_file(ct_image())).unwrap()
    assert isinstance(result, Dcm2jsonResult)
    assert result.source == "direct"
    with pytest.raises(AttributeError):
        result.data = {}  # type: ignore[misc]
