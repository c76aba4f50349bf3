"""json2dcm: every VR, what the character set and group 0002 do, inputs and outputs."""

from __future__ import annotations

import json
from io import BytesIO
from math import isnan
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydicom import Dataset, dcmread

from dcmtk_native.convert import json2dcm
from dcmtk_native.errors import DicomFileError, OptionsError
from dcmtk_native.result import Err

NAME = {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}


def read(content: bytes | None) -> Dataset:
    assert content is not None
    return dcmread(BytesIO(content), force=True)


def written(model: dict[str, Any], **options: Any) -> Dataset:
    """The data set that the model becomes; as JSON text it becomes the same."""
    content = json2dcm(input_data=model, **options).unwrap().data
    text = json.dumps(model).encode()
    from_text = read(json2dcm(text, **options).unwrap().data)
    found = read(content)
    assert from_text == found
    return found


def element(tag: str, vr: str, **forms: Any) -> Any:
    """The element of a model that has only this one."""
    return written({tag: {"vr": vr, **forms}})[int(tag, 16)]


@pytest.mark.parametrize(
    ("tag", "vr", "value", "expected"),
    [
        ("00080054", "AE", ["ONE", "TWO"], ["ONE", "TWO"]),
        ("00101010", "AS", ["034Y"], "034Y"),
        ("00280009", "AT", ["00181063", "0018106A"], [0x00181063, 0x0018106A]),
        ("00080008", "CS", ["ORIGINAL", "PRIMARY"], ["ORIGINAL", "PRIMARY"]),
        ("00080020", "DA", ["20240229"], "20240229"),
        ("00280030", "DS", [0.5, "0.50"], [0.5, 0.5]),
        ("0008002A", "DT", ["20240229120000"], "20240229120000"),
        ("00186020", "FD", [1.1], 1.1),
        ("00089459", "FL", [0.25], 0.25),
        ("00200013", "IS", [7, "8"], [7, 8]),
        ("00081030", "LO", ["head", None, "neck"], ["head", "", "neck"]),
        ("00104000", "LT", ["a\\b"], "a\\b"),
        ("00080050", "SH", ["4711"], "4711"),
        ("00186020", "SL", [-70000], -70000),
        ("00280106", "SS", [-1024], -1024),
        ("00080081", "ST", ["street\r\ntown"], "street\r\ntown"),
        ("00720082", "SV", [-(2**63), str(2**63 - 1)], [-(2**63), 2**63 - 1]),
        ("00080030", "TM", ["120000"], "120000"),
        ("00080119", "UC", ["long", "code"], ["long", "code"]),
        ("00080018", "UI", ["1.2.3"], "1.2.3"),
        ("00186022", "UL", [2**32 - 1], 2**32 - 1),
        ("00080120", "UR", ["http://example.org/a?b=c"], "http://example.org/a?b=c"),
        ("00280010", "US", [512, "513", 514.0], [512, 513, 514]),
        ("0040A160", "UT", ["text"], "text"),
        ("00720083", "UV", [2**64 - 1], 2**64 - 1),
    ],
)
def test_values_of_a_vr(tag: str, vr: str, value: list[object], expected: object) -> None:
    found = element(tag, vr, Value=value)
    assert (found.VR, found.value) == (vr, expected)


@pytest.mark.parametrize("vr", ["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
def test_inline_binary(vr: str) -> None:
    assert element("00091001", vr, InlineBinary="AAECAwQFBgc=").value == bytes(range(8))


def test_the_three_groups_of_a_person_name() -> None:
    name = {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}
    found = element("00100010", "PN", Value=[name, None, {"Phonetic": "a"}]).value
    assert [str(one) for one in found] == ["Yamada^Tarou=山田^太郎=やまだ^たろう", "", "==a"]


def test_sequences() -> None:
    code = {"00080100": {"vr": "SH", "Value": ["1111"]}}
    items = element("0040A043", "SQ", Value=[code, {}, {"0040A043": {"vr": "SQ", "Value": [code]}}])
    assert [len(item) for item in items] == [1, 0, 1]
    assert items[2].ConceptNameCodeSequence[0].CodeValue == "1111"


@pytest.mark.parametrize("forms", [{}, {"Value": []}, {"InlineBinary": ""}])
def test_elements_without_a_value(forms: dict[str, Any]) -> None:
    assert element("7FE00010", "OW", **forms).is_empty


def test_an_empty_sequence() -> None:
    assert len(element("0040A043", "SQ").value) == 0


def test_a_missing_vr_is_looked_up() -> None:
    model = {
        "00100020": {"Value": ["4711"]},
        "00190010": {"vr": "LO", "Value": ["GEMS_ACQU_01"]},
        "00191002": {"Value": [7]},
        "00111001": {"InlineBinary": "AAE="},
    }
    found = written(model)
    assert [found[tag].VR for tag in (0x00100020, 0x00191002, 0x00111001)] == ["LO", "SL", "UN"]


def test_numbers_of_a_text_keep_their_digits() -> None:
    text = b'{"00280030": {"vr": "DS", "Value": [1.50, 1E2, 100000000000000000000]}}'
    content = json2dcm(text).unwrap().data
    assert content is not None
    assert content.endswith(b"1.50\\1E2\\1e+20")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1 / 3, b"0.33333333333333"),
        (-1.2345678901234567e-300, b"-1.23456789e-300"),
        (1e15, b"1000000000000000"),
        (123456789012345.0, b"123456789012345"),
        (7, b"7"),
    ],
)
def test_a_decimal_string_has_at_most_16_characters(number: float, text: bytes) -> None:
    content = json2dcm(input_data={"00280030": {"vr": "DS", "Value": [number]}}).unwrap().data
    assert content is not None
    value = content.rpartition(b"DS")[2][2:].rstrip()
    assert len(value) <= 16
    assert float(value) == pytest.approx(number, rel=1e-9)
    assert value == text


def test_floats_that_are_no_numbers_are_values_of_fl_and_fd() -> None:
    for value in (["NaN", "inf", "-Infinity"], [float("nan"), float("inf"), float("-inf")]):
        content = json2dcm(input_data={"00186020": {"vr": "FD", "Value": value}}).unwrap().data
        nan, plus, minus = read(content)[0x00186020].value
        assert isnan(nan)
        assert (plus, minus) == (float("inf"), float("-inf"))


class TestCharacterSet:
    def test_text_beyond_ascii_is_utf8_and_labelled(self) -> None:
        found = written({"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller"}]}})
        assert found.SpecificCharacterSet == "ISO_IR 192"
        assert found.PatientName == "Müller"

    def test_ascii_needs_no_label(self) -> None:
        assert "SpecificCharacterSet" not in written({"00100010": NAME})

    def test_an_empty_character_set_stays_if_it_is_enough(self) -> None:
        assert written({"00080005": {"vr": "CS"}, "00100010": NAME})[0x00080005].is_empty

    def test_the_named_character_set_is_the_one_that_is_written(self) -> None:
        model = {
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Müller"}]},
            "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
        }
        content = json2dcm(input_data=model).unwrap().data
        assert content is not None
        assert "Müller".encode("latin-1") in content
        assert read(content).SpecificCharacterSet == "ISO_IR 100"

    def test_text_that_it_cannot_hold_is_an_error(self) -> None:
        model = {
            "00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "山田"}]},
        }
        result = json2dcm(input_data=model)
        assert isinstance(result, Err)
        assert "(0010,0010)" in result.error.message

    def test_it_can_be_replaced_everywhere(self) -> None:
        latin = {"vr": "CS", "Value": ["ISO_IR 100"]}
        item = {"00080005": latin, "00080104": {"vr": "LO", "Value": ["Köln"]}}
        model = {"00080005": latin, "0040A043": {"vr": "SQ", "Value": [item]}}
        found = written(model, replace_charset=True)
        assert found.SpecificCharacterSet == "ISO_IR 192"
        assert "SpecificCharacterSet" not in found.ConceptNameCodeSequence[0]
        assert found.ConceptNameCodeSequence[0].CodeMeaning == "Köln"

    def test_an_item_may_have_its_own(self) -> None:
        item = {
            "00080104": {"vr": "LO", "Value": ["Київ"]},
            "00080005": {"vr": "CS", "Value": ["ISO_IR 144"]},
        }
        found = written({"0040A043": {"vr": "SQ", "Value": [item]}})
        assert found.ConceptNameCodeSequence[0].CodeMeaning == "Київ"

    def test_half_of_a_surrogate_pair_is_no_text(self) -> None:
        result = json2dcm(rb'{"00100020": {"vr": "LO", "Value": ["\ud800"]}}')
        assert isinstance(result, Err)
        assert "surrogate" in result.error.message


class TestFileMetaInformation:
    META: ClassVar[dict[str, Any]] = {
        "00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2"]},
        "00020016": {"vr": "AE", "Value": ["SENDER"]},
        "00100010": NAME,
    }

    def test_group_2_is_honoured(self) -> None:
        found = written(self.META)
        assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2"
        assert found.file_meta.SourceApplicationEntityTitle == "SENDER"

    def test_group_2_can_be_ignored(self) -> None:
        found = written(self.META, read_meta=False)
        assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
        assert "SourceApplicationEntityTitle" not in found.file_meta

    @pytest.mark.parametrize(
        ("word", "uid"),
        [("big", "1.2.840.10008.1.2.2"), ("deflated", "1.2.840.10008.1.2.1.99")],
    )
    def test_another_transfer_syntax_can_be_written(self, word: str, uid: str) -> None:
        found = written(self.META, write_xfer=word)
        assert found.file_meta.TransferSyntaxUID == uid
        assert found.PatientName == "Doe^Jane"

    def test_a_bare_data_set(self) -> None:
        content = json2dcm(input_data={"00100010": NAME}, write_mode="dataset").unwrap().data
        assert content == b"\x10\x00\x10\x00PN\x08\x00Doe^Jane"

    def test_uids_where_there_are_none(self) -> None:
        model = {"0020000D": {"vr": "UI", "Value": ["1.2.3"]}}
        content = json2dcm(input_data=model, generate_new_uids=True).unwrap().data
        found = read(content)
        assert found.StudyInstanceUID == "1.2.3"
        assert found.SeriesInstanceUID.startswith("2.25.")
        assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID

    def test_all_uids_anew(self) -> None:
        model = {
            "00020003": {"vr": "UI", "Value": ["1.2.3"]},
            "00080018": {"vr": "UI", "Value": ["1.2.3"]},
            "0020000D": {"vr": "UI", "Value": ["1.2.4"]},
        }
        options = {"generate_new_uids": True, "overwrite_uids": True}
        found = read(json2dcm(input_data=model, **options).unwrap().data)
        assert found.StudyInstanceUID != "1.2.4"
        assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID != "1.2.3"

    def test_an_unknown_transfer_syntax_is_an_error_unless_another_is_named(self) -> None:
        model = {"00020010": {"vr": "UI", "Value": ["1.2.3"]}}
        result = json2dcm(input_data=model)
        assert isinstance(result, Err)
        assert "transfer syntax" in result.error.message
        found = written(model, write_xfer="little")
        assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


def test_an_array_of_one_data_set() -> None:
    content = json2dcm(json.dumps([{"00100010": NAME}]).encode()).unwrap().data
    assert read(content).PatientName == "Doe^Jane"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_encodings_of_json(encoding: str) -> None:
    text = '{"00100020": {"vr": "LO", "Value": ["Zürich"]}}'.encode(encoding)
    assert read(json2dcm(text).unwrap().data).PatientID == "Zürich"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_text_in_memory(kind: Any) -> None:
    content = json2dcm(kind(b'{"00100020": {"vr": "LO", "Value": ["4711"]}}')).unwrap().data
    assert read(content).PatientID == "4711"


def test_from_file_to_file(tmp_path: Path) -> None:
    text = tmp_path / "model.json"
    text.write_text(json.dumps({"00100010": NAME}))
    output = tmp_path / "out.dcm"
    value = json2dcm(text, output).unwrap()
    assert (value.output_path, value.data) == (str(output), None)
    assert dcmread(output).PatientName == "Doe^Jane"


def test_a_failed_call_leaves_no_file(tmp_path: Path) -> None:
    assert not json2dcm(b"{", tmp_path / "out.dcm").ok
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_what_is_no_file(tmp_path: Path, name: str) -> None:
    result = json2dcm(tmp_path / name, None)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)
    assert str(tmp_path) in result.error.message


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"input_path": b"{}", "input_data": {}},
        {"input_data": {}, "overwrite_uids": True},
        {"input_data": {}, "update_meta_info": True, "write_mode": "dataset"},
        {"input_data": {}, "compression_level": 9},
        {"input_data": {}, "padding": (2, 2), "write_mode": "dataset"},
        {"input_data": {}, "write_xfer": "jpeg"},
    ],
)
def test_options_without_effect_or_sense(options: dict[str, Any]) -> None:
    result = json2dcm(**options)
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)
    assert result.error.message.startswith("json2dcm: invalid options:")
