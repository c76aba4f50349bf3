"""DicomDataset over a given model."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.errors import (
    DcmtkError,
)
from dcmtk_native.result import Err, Ok
from support.samples import (
    ct_image,
    dicom_file,
)

MODEL: dict[str, Any] = {
    "00080008": {"vr": "CS", "Value": ["ORIGINAL", "PRIMARY"]},
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
    "00080020": {"vr": "DA"},
    "00080050": {"vr": "SH", "Value": []},
    "00080060": {"vr": "CS", "Value": [None]},
    "00081030": {"vr": "LO", "Value": ["", "second"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^John"}, {"Ideographic": "D"}]},
    "00101020": {"vr": "DS", "Value": [1.8]},
    "00280010": {"vr": "US", "Value": [512]},
    "00280030": {"vr": "DS", "Value": ["0.5", " 7 "]},
    "0040A730": {
        "vr": "SQ",
        "Value": [
            {"00080104": {"vr": "LO", "Value": ["first"]}},
            {"0040A730": {"vr": "SQ", "Value": [{"00080104": {"vr": "LO", "Value": ["x", "y"]}}]}},
            {"00080104": {"vr": "LO", "Value": ["third"]}},
            "no item",
        ],
    },
    "7FE00010": {"vr": "OW", "InlineBinary": "AAA="},
}


@pytest.fixture
def dataset() -> DicomDataset:
    return DicomDataset.from_json(MODEL).unwrap()


def message_of(result: object) -> str:
    assert isinstance(result, Err)
    assert isinstance(result.error, DcmtkError)
    return result.error.message


# ---- from_json ----


@pytest.mark.parametrize("json", [None, [], [MODEL], "text", 5, 1.5, True])
def test_what_is_no_mapping_is_refused(json: object) -> None:
    assert "mapping" in message_of(DicomDataset.from_json(json))


@pytest.mark.parametrize("json", [{}, MODEL, MappingProxyType(MODEL), {"bad": 1, "x": None}])
def test_any_mapping_is_taken_as_it_is(json: Mapping[str, object]) -> None:
    assert DicomDataset.from_json(json).unwrap().to_json() is json


# ---- one element: the table of the contract ----

BAD_TAGS = ["", "0010", "0010,0010", "(0010,0010", "(0010,00100)", "NoSuchKeyword", "00100G10"]
ABSENT, NO_VALUE, EMPTY_VALUE = "(0010,0040)", "(0008,0020)", "(0008,0050)"


@pytest.mark.parametrize("tag", [*BAD_TAGS, None, 5, [], b"00100010"])
def test_a_bad_tag_is_an_error_or_the_fallback(dataset: DicomDataset, tag: Any) -> None:
    for method in (
        dataset.get_element,
        dataset.get_value,
        dataset.get_first_value,
        dataset.get_number,
        dataset.get_strings,
    ):
        assert "Invalid DICOM tag" in message_of(method(tag))
    assert dataset.get_string(tag, "fallback") == "fallback"
    assert dataset.has_tag(tag) is False
    assert tag not in dataset


def test_an_absent_tag_is_an_error_that_names_it_or_the_fallback(dataset: DicomDataset) -> None:
    for method in (
        dataset.get_element,
        dataset.get_value,
        dataset.get_first_value,
        dataset.get_number,
        dataset.get_strings,
    ):
        message = message_of(method(ABSENT))
        assert ABSENT in message
        assert "not found" in message
    assert dataset.get_string(ABSENT) == ""
    assert dataset.get_string(ABSENT, "fallback") == "fallback"
    assert dataset.has_tag(ABSENT) is False


def test_an_element_without_value(dataset: DicomDataset) -> None:
    for tag in (NO_VALUE, "(7FE0,0010)"):
        assert dataset.get_element(tag).ok
        for method in (dataset.get_value, dataset.get_first_value, dataset.get_number):
            assert "has no Value" in message_of(method(tag))
        assert dataset.get_strings(tag) == Ok(())
        assert dataset.get_string(tag, "fallback") == "fallback"
        assert dataset.has_tag(tag) is True


def test_an_element_with_an_empty_value(dataset: DicomDataset) -> None:
    assert dataset.get_element(EMPTY_VALUE).ok
    assert dataset.get_value(EMPTY_VALUE) == Ok([])
    for method in (dataset.get_first_value, dataset.get_number):
        assert "empty" in message_of(method(EMPTY_VALUE))
    assert dataset.get_strings(EMPTY_VALUE) == Ok(())
    assert dataset.get_string(EMPTY_VALUE, "fallback") == "fallback"
    assert dataset.has_tag(EMPTY_VALUE) is True


def test_elements_and_values_are_those_of_the_model(dataset: DicomDataset) -> None:
    assert dataset.get_element("(0008,0008)").unwrap() is MODEL["00080008"]
    assert dataset.get_value("(0008,0008)").unwrap() is MODEL["00080008"]["Value"]
    assert dataset.get_first_value("(0008,0008)") == Ok("ORIGINAL")
    assert dataset.get_first_value("(0008,0060)") == Ok(None)


@pytest.mark.parametrize("tag", ["(0010,0010)", "00100010", "PatientName"])
def test_a_tag_may_be_written_in_three_ways(dataset: DicomDataset, tag: str) -> None:
    assert dataset.get_string(tag) == "Doe^John"
    assert dataset[tag] is MODEL["00100010"]
    assert tag in dataset


@pytest.mark.parametrize("tag", ["(0040,a730)", "0040a730", "0040A730"])
def test_the_case_of_digits_does_not_matter(dataset: DicomDataset, tag: str) -> None:
    assert dataset.has_tag(tag)
    lower = DicomDataset({"0040a730": {"vr": "SQ"}})
    assert lower.has_tag(tag)
    assert lower.get_element(tag).ok


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (" as it is ", " as it is "),
        (5, "5"),
        (0.5, "0.5"),
        (1.0, "1.0"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ({}, ""),
        ({"Alphabetic": "A^B"}, "A^B"),
        ({"Alphabetic": 5}, ""),
        ({"Ideographic": "A"}, ""),
        ([1], ""),
    ],
)
def test_how_values_become_text(value: object, text: str) -> None:
    dataset = DicomDataset({"00081030": {"vr": "LO", "Value": [value, value]}})
    assert dataset.get_string("00081030") == text
    assert dataset.get_string("00081030", "fallback") == (text or "fallback")
    assert dataset.get_strings("00081030") == Ok((text, text))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        (0.5, 0.5),
        ("5", 5),
        (" -5 ", -5),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("+.5", 0.5),
        (math.inf, math.inf),
    ],
)
def test_what_is_a_number(value: object, number: float) -> None:
    found = DicomDataset({"00280030": {"vr": "DS", "Value": [value]}}).get_number("00280030")
    assert found == Ok(number)
    assert type(found.unwrap()) is type(number)


@pytest.mark.parametrize(
    "value",
    ["", "  ", "nan", "NaN", "1_000", "five", "1,5", "0x10", "\u0661", True, {}, None, "9" * 5000],
)
def test_what_is_no_number(value: object) -> None:
    dataset = DicomDataset({"00280030": {"vr": "DS", "Value": [value]}})
    assert "is no number" in message_of(dataset.get_number("00280030"))


def test_the_message_about_a_number_names_the_text(dataset: DicomDataset) -> None:
    assert "ORIGINAL" in message_of(dataset.get_number("(0008,0008)"))
    assert len(message_of(DicomDataset(LONG_TEXT).get_number("00081030"))) < 200


LONG_TEXT = {"00081030": {"vr": "LO", "Value": ["x" * 10_000]}}


def test_names_give_their_alphabetic_parts(dataset: DicomDataset) -> None:
    assert dataset.get_strings("(0010,0010)") == Ok(("Doe^John", ""))


@given(st.integers() | st.floats(allow_nan=False))
def test_numbers_are_what_they_were(number: float) -> None:
    dataset = DicomDataset({"00280030": {"vr": "DS", "Value": [number]}})
    assert dataset.get_number("00280030") == Ok(number)


@pytest.mark.parametrize("element", [None, 5, "text", [], {"Value": "text"}, {"Value": {}}])
def test_a_model_that_is_none_does_no_harm(element: object) -> None:
    dataset = DicomDataset({"00100010": element, "0040A730": element})
    assert dataset.patient_name == ""
    assert not dataset.get_value("00100010").ok
    assert not dataset.get_number("00100010").ok
    assert dataset.find_values("(0040,A730)[*].(0010,0010)") == ()
    assert not dataset.get_element_at_path("(0040,A730).(0010,0010)").ok
    assert dataset.has_tag("00100010")
    assert "table" in dataset._repr_html_()


# ---- along a path ----


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("(0008,0008)", "ORIGINAL"),
        ("(0008,0008)[7]", "ORIGINAL"),
        ("(0040,A730)[0].(0008,0104)", "first"),
        ("(0040,a730).(0008,0104)", "first"),
        ("(0040,A730)[2].(0008,0104)", "third"),
        ("(0040,A730)[1].(0040,A730).(0008,0104)", "x"),
    ],
)
def test_a_path_leads_to_an_element(dataset: DicomDataset, path: str, value: str) -> None:
    assert dataset.get_element_at_path(path).unwrap()["Value"][0] == value


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "empty"),
        ("0040A730", "bad segment"),
        ("(0040,A730)[0](0008,0104)", "bad segment"),
        ("(0040,A730).", "ends with a dot"),
        ("(0040,A730)[*].(0008,0104)", "more than one"),
        ("(0040,A730)[*]", "more than one"),
        ("(0010,0040)", "not found"),
        ("(0010,0040).(0008,0104)", "(0010,0040) not found"),
        ("(0040,A730)[0].(0010,0010)", "(0010,0010) not found"),
        ("(0008,0008).(0008,0104)", "(0008,0008) is not a sequence"),
        ("(0040,A730)[4].(0008,0104)", "no item at index 4"),
        ("(0040,A730)[3].(0008,0104)", "no item at index 3"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error(
    dataset: DicomDataset, path: str, reason: str
) -> None:
    assert reason in message_of(dataset.get_element_at_path(path))


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("(0008,0008)", ("ORIGINAL", "PRIMARY")),
        ("(0040,A730)[*].(0008,0104)", ("first", "third")),
        ("(0040,A730)[2].(0008,0104)", ("third",)),
        ("(0040,A730).(0008,0104)", ("first",)),
        ("(0040,A730)[*].(0040,A730)[*].(0008,0104)", ("x", "y")),
        ("(0040,A730)[9].(0008,0104)", ()),
        ("(0008,0008)[*].(0008,0104)", ()),
        ("(0010,0040)", ()),
        ("(0008,0020)", ()),
        ("(0008,0050)", ()),
        ("(0008,0060)", (None,)),
    ],
)
def test_find_values_collects(dataset: DicomDataset, path: str, values: tuple[object]) -> None:
    assert dataset.find_values(path) == values


def test_find_values_goes_level_by_level() -> None:
    def sequence(*items: object) -> dict[str, Any]:
        return {"0040A730": {"vr": "SQ", "Value": list(items)}}

    leaves = [{"00080104": {"vr": "LO", "Value": [name]}} for name in "abcd"]
    dataset = DicomDataset(sequence(sequence(*leaves[:2]), sequence(*leaves[2:])))
    assert dataset.find_values("(0040,A730)[*].(0040,A730)[*].(0008,0104)") == tuple("abcd")


def test_find_values_has_no_cap() -> None:
    items = [{"00080104": {"vr": "LO", "Value": [number]}} for number in range(20_000)]
    dataset = DicomDataset({"0040A730": {"vr": "SQ", "Value": items}})
    assert len(dataset.find_values("(0040,A730)[*].(0008,0104)")) == 20_000


@pytest.mark.parametrize("path", ["", "PatientName", "(0040,A730)..(0008,0104)", "(0040,A730)[x]"])
def test_find_values_raises_for_a_malformed_path(dataset: DicomDataset, path: str) -> None:
    with pytest.raises(ValueError, match="tag path"):
        dataset.find_values(path)


# ---- properties ----

PROPERTIES = {
    "accession": "00080050",
    "patient_name": "00100010",
    "patient_id": "00100020",
    "study_date": "00080020",
    "modality": "00080060",
    "study_instance_uid": "0020000D",
    "series_instance_uid": "0020000E",
    "sop_instance_uid": "00080018",
    "transfer_syntax_uid": "00020010",
}


@pytest.mark.parametrize(("name", "key"), PROPERTIES.items())
def test_properties_are_the_text_of_their_tags(name: str, key: str) -> None:
    assert getattr(DicomDataset({key: {"vr": "LO", "Value": ["it"]}}), name) == "it"
    assert getattr(DicomDataset({}), name) == ""


@pytest.mark.parametrize(
    ("stored", "uid"), [("1.2.3", "1.2.3"), ("", None), ("no uid", None), ("1." * 40, None)]
)
def test_the_sop_class_is_a_valid_uid_or_none(stored: str, uid: str | None) -> None:
    dataset = DicomDataset({"00080016": {"vr": "UI", "Value": [stored]}})
    assert dataset.sop_class_uid == uid
    assert DicomDataset({}).sop_class_uid is None


# ---- as a container ----


def test_a_data_set_is_a_container_of_tags(dataset: DicomDataset) -> None:
    assert len(dataset) == len(MODEL)
    assert list(dataset) == list(MODEL)
    assert 5 not in dataset
    with pytest.raises(KeyError, match="0010,0040"):
        dataset["(0010,0040)"]


def test_equal_content_is_equal(dataset: DicomDataset) -> None:
    assert dataset == DicomDataset(copy.deepcopy(MODEL))
    assert dataset != DicomDataset({})
    assert dataset != MODEL
    with pytest.raises(TypeError):
        hash(dataset)


def test_repr_has_no_patient_data(dataset: DicomDataset) -> None:
    assert repr(dataset) == "<DicomDataset: 12 elements>"
    read = DicomDataset.read(dicom_file(ct_image())).unwrap()
    assert "Doe" not in repr(read) + repr(read._elements)
