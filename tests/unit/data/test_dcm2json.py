"""dcm2json: the values of every VR, structure, encodings, character sets."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.data.json import dcm2json
from dcmtk_native.result import Ok
from support.samples import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Element,
    ct_image,
    dataset,
    dicom_file,
)

PRIVATE = (0x00090010, "LO", "TEST")


def model_of(*elements: Element, **options: Any) -> dict[str, Any]:
    """The model of a data set in explicit VR little endian."""
    content = dataset(elements)
    return dcm2json(content, read_mode="dataset", read_xfer="little", **options).unwrap().data


def value_of(vr: str, value: Any, **options: Any) -> dict[str, Any]:
    """A private element of the VR, without its `vr`."""
    element = model_of(PRIVATE, (0x00091001, vr, value), **options)["00091001"]
    assert element.pop("vr") == vr
    return element


# ---- values ----


@pytest.mark.parametrize(
    ("vr", "stored", "values"),
    [
        ("AE", "  STORE SCP ", ["STORE SCP"]),
        ("AS", "045Y", ["045Y"]),
        ("AT", [0x00100010, 0x7FE000FF], ["00100010", "7FE000FF"]),
        ("CS", " ORIGINAL \\ AXIAL", ["ORIGINAL", "AXIAL"]),
        ("DA", "20240229", ["20240229"]),
        ("DS", "1", [1]),
        ("DS", " 1.50 \\-2.5e3\\+.5\\007", [1.5, -2500.0, 0.5, 7]),
        ("DT", "20240229101112.123456+0100 ", ["20240229101112.123456+0100"]),
        ("FD", [0.1, -2.5], [0.1, -2.5]),
        ("FL", [0.5, 1e30], [0.5, struct.unpack("f", struct.pack("f", 1e30))[0]]),
        ("IS", " 12 \\-007\\+3", [12, -7, 3]),
        ("LO", "  both ends  ", ["both ends"]),
        ("LT", "  keeps\\all\r\n but the end  ", ["  keeps\\all\r\n but the end"]),
        ("PN", "Doe^John^^Dr", [{"Alphabetic": "Doe^John^^Dr"}]),
        ("SH", "a\\\\b", ["a", None, "b"]),
        ("SL", [-(2**31), 2**31 - 1], [-(2**31), 2**31 - 1]),
        ("SS", [-(2**15), 2**15 - 1], [-(2**15), 2**15 - 1]),
        ("ST", " a\\b ", [" a\\b"]),
        ("SV", [-(2**63), 2**63 - 1], [-(2**63), 2**63 - 1]),
        ("TM", "101112.5", ["101112.5"]),
        ("UC", "  long\\er ", ["  long", "er"]),
        ("UI", "1.2.3\\4.5", ["1.2.3", "4.5"]),
        ("UL", [2**32 - 1], [2**32 - 1]),
        ("UR", "http://a.b/c ", ["http://a.b/c"]),
        ("US", [0, 2**16 - 1], [0, 2**16 - 1]),
        ("UT", "a\\b", ["a\\b"]),
        ("UV", [0, 2**64 - 1], [0, 2**64 - 1]),
    ],
)
def test_values_have_the_type_of_their_vr(vr: str, stored: Any, values: list[Any]) -> None:
    found = value_of(vr, stored)
    assert found == {"Value": values}
    assert [type(value) for value in found["Value"]] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("vr", "stored"),
    [
        ("OB", b"\1\2\3\4"),
        ("OD", [0.5]),
        ("OF", [0.5, 1.5]),
        ("OL", [1]),
        ("OV", [1]),
        ("OW", [1, 258]),
        ("UN", b"anything"),
    ],
)
def test_binary_vrs_are_base64(vr: str, stored: Any) -> None:
    content = dataset([(0x00091001, vr, stored)])[12:]
    assert value_of(vr, stored) == {"InlineBinary": base64.b64encode(content).decode()}
    assert value_of(vr, stored, binary="omit") == {}


@pytest.mark.parametrize("size", [2, 4, 6, 49150, 49152, 49154, 200_000])
def test_base64_of_any_size_is_complete(size: int) -> None:
    content = bytes(number * 7 % 256 for number in range(size))
    assert base64.b64decode(value_of("OB", content)["InlineBinary"]) == content


@pytest.mark.parametrize("vr", ["CS", "DS", "FD", "LT", "OB", "PN", "SQ", "UI", "UN", "US"])
def test_an_element_without_length_has_its_vr_only(vr: str) -> None:
    assert value_of(vr, [] if vr == "SQ" else b"") == {}


@pytest.mark.parametrize("vr", ["AE", "CS", "DS", "IS", "LO", "SH", "UC"])
def test_blanks_and_separators_are_no_values(vr: str) -> None:
    assert value_of(vr, "  \\ ") == {}


@pytest.mark.parametrize("vr", ["LT", "ST", "UT"])
def test_a_blank_text_is_an_empty_value(vr: str) -> None:
    assert value_of(vr, "    ") == {"Value": [None]}


@pytest.mark.parametrize(
    "text", ["1.5", "2147483648", "-2147483649", "0x10", "1 2", "--1", "+", "0000000000001"]
)
def test_an_is_that_breaks_its_rules_stays_text(text: str) -> None:
    assert value_of("IS", text) == {"Value": [text]}


@pytest.mark.parametrize(
    "text",
    ["1,5", "1e", "1e+", ".", "e5", "nan", "inf", "1.5.2", "0x1", "12345678901234567", "1e999"],
)
def test_a_ds_that_breaks_its_rules_stays_text(text: str) -> None:
    assert value_of("DS", text) == {"Value": [text]}


@pytest.mark.parametrize(
    ("text", "number"), [("1.", 1.0), ("-0.0", -0.0), ("0e5", 0.0), ("+1E+2", 100.0), ("-.5", -0.5)]
)
def test_a_ds_that_json_would_write_otherwise_is_a_number(text: str, number: float) -> None:
    (found,) = value_of("DS", text)["Value"]
    assert repr(found) == repr(number)


@given(st.integers(-(2**31), 2**31 - 1))
def test_every_is_is_its_integer(number: int) -> None:
    assert value_of("IS", str(number)) == {"Value": [number]}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_ds_of_16_characters_is_its_number(number: float) -> None:
    text = f"{number:.8g}"
    assert value_of("DS", text) == {"Value": [float(text)]}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_every_fd_is_exact(numbers: list[float]) -> None:
    assert value_of("FD", numbers) == {"Value": numbers}


@pytest.mark.parametrize(
    ("stored", "values"),
    [
        ("A^B=C^D=E", [{"Alphabetic": "A^B", "Ideographic": "C^D", "Phonetic": "E"}]),
        ("=Do^Jo", [{"Ideographic": "Do^Jo"}]),
        (" Doe ^ John ^ ^ Dr ^^ ", [{"Alphabetic": "Doe^John^^Dr"}]),
        ("^^", []),
        ("A\\\\B", [{"Alphabetic": "A"}, None, {"Alphabetic": "B"}]),
        ("A\\", [{"Alphabetic": "A"}, None]),
        ("\\", [None, None]),
        ("^=^\\B", [None, {"Alphabetic": "B"}]),
    ],
)
def test_a_person_name_has_its_groups(stored: str, values: list[Any]) -> None:
    assert value_of("PN", stored) == ({"Value": values} if values else {})


def test_a_fourth_group_of_a_name_is_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = [{"Alphabetic": "a", "Ideographic": "b", "Phonetic": "c"}]
    assert value_of("PN", "a=b=c=d") == {"Value": names}
    assert "more than three component groups" in caplog.text
    assert "(0009,1001)" in caplog.text


def test_bytes_that_are_no_whole_number_are_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert value_of("UL", b"\1\0\0\0\2\0") == {"Value": [1]}
    assert value_of("FD", b"\1\2") == {}
    assert "2 bytes are no whole number" in caplog.text


# ---- structure ----


def test_sequences_nest() -> None:
    innermost = (0x00080104, "LO", "meaning")
    inner = (0x0040A730, "SQ", [[innermost], []])
    model = model_of((0x0040A730, "SQ", [[inner], [innermost]]))
    leaf = {"00080104": {"vr": "LO", "Value": ["meaning"]}}
    assert model["0040A730"]["Value"] == [{"0040A730": {"vr": "SQ", "Value": [leaf, {}]}}, leaf]


def test_sixty_four_sequences_within_each_other_are_converted() -> None:
    elements: list[Element] = []
    for _ in range(64):
        elements = [(0x0040A730, "SQ", [elements])]
    model = model_of(*elements)
    for _ in range(64):
        (model,) = model["0040A730"]["Value"]
    assert model == {}


def test_group_lengths_are_no_part_of_the_model() -> None:
    model = model_of((0x00080000, "UL", [10]), (0x00080016, "UI", "1.2"))
    assert list(model) == ["00080016"]


def test_keys_are_eight_upper_case_digits_in_ascending_order() -> None:
    model = dcm2json(dicom_file(ct_image())).unwrap().data
    assert list(model) == sorted(model)
    assert all(len(key) == 8 and key == key.upper() for key in model)
    assert "0020000D" in model


def test_group_0002_is_there_on_request() -> None:
    content = dicom_file(ct_image())
    assert "00020010" not in dcm2json(content).unwrap().data
    model = dcm2json(content, write_meta=True).unwrap().data
    assert model["00020010"] == {"vr": "UI", "Value": [EXPLICIT_LITTLE]}
    assert model["00020001"] == {"vr": "OB", "InlineBinary": "AAE="}


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize(
    "transfer_syntax", [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED]
)
def test_the_encoding_does_not_matter(transfer_syntax: str, undefined: bool) -> None:
    numbers: list[Element] = [
        (0x00189073, "FD", [0.1]),
        (0x00189087, "FD", [1e-300, 1e300]),
        (0x00200062, "CS", "L"),
        (0x00280009, "AT", [0x00181063]),
        (0x00283002, "US", [16, 0, 16]),
        (0x00340007, "OB", b"12345678"),
        (0x00081140, "SQ", [[(0x00081150, "UI", "1.2.3")], []]),
    ]
    elements = ct_image(*numbers, (0x7FE00010, "OW", [1, 258, 65535] * 8))
    content = dicom_file(elements, transfer_syntax=transfer_syntax, undefined=undefined)
    expected = dcm2json(dicom_file(elements)).unwrap()
    assert dcm2json(content).unwrap() == expected


def test_a_path_and_its_content_give_the_same(tmp_path: Path) -> None:
    content = dicom_file(ct_image())
    path = tmp_path / "ct.dcm"
    path.write_bytes(content)
    results = [dcm2json(given) for given in (path, str(path), content, bytearray(content))]
    assert all(result == results[0] for result in results)
    assert isinstance(results[0], Ok)


# ---- character sets ----


@pytest.mark.parametrize(
    ("term", "codec", "name"),
    [
        ("ISO_IR 100", "latin-1", "Buc^Jérôme"),
        ("ISO_IR 144", "iso8859-5", "Люди"),
        ("ISO_IR 192", "utf-8", "Wang^XiaoDong=王^小東"),
        ("GB18030", "gb18030", "Wang^XiaoDong=王^小东"),
    ],
)
def test_text_is_decoded_and_the_character_set_says_so(term: str, codec: str, name: str) -> None:
    model = model_of((0x00080005, "CS", term), (0x00100010, "PN", name.encode(codec)))
    assert model["00080005"] == {"vr": "CS", "Value": ["ISO_IR 192"]}
    assert "=".join(model["00100010"]["Value"][0].values()) == name


def test_a_backslash_within_a_character_separates_nothing() -> None:
    text = "\u4e57\\\u5f5a"
    stored = text.encode("gb18030")
    assert stored.count(b"\\") == 2  # the first character ends in one
    model = model_of((0x00080005, "CS", "GB18030"), (0x00081030, "LO", stored))
    assert model["00081030"]["Value"] == ["\u4e57", "\u5f5a"]


def test_an_item_may_have_a_character_set_of_its_own() -> None:
    item = [(0x00080005, "CS", "ISO_IR 144"), (0x00080104, "LO", "Люди".encode("iso8859-5"))]
    plain = [(0x00080104, "LO", "Jérôme".encode("latin-1"))]
    model = model_of((0x00080005, "CS", "ISO_IR 100"), (0x0040A730, "SQ", [item, plain]))
    first, second = model["0040A730"]["Value"]
    assert first["00080005"]["Value"] == ["ISO_IR 192"]
    assert first["00080104"]["Value"] == ["Люди"]
    assert second["00080104"]["Value"] == ["Jérôme"]


@pytest.mark.parametrize(
    ("stored", "said"),
    [("ISO_IR 6", "ISO_IR 6"), ("", "ISO_IR 192"), ("\\ISO 2022 IR 87", "ISO_IR 192")],
)
def test_what_the_character_set_says_of_the_model(stored: str, said: str) -> None:
    assert model_of((0x00080005, "CS", stored))["00080005"]["Value"] == [said]


def test_bytes_without_meaning_become_replacement_characters_and_one_record(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = model_of(
        (0x00080005, "CS", "ISO_IR 192"),
        (0x00081030, "LO", b"a\xffb\xff"),
        (0x0008103E, "LO", b"\xff!"),
    )
    assert model["00081030"]["Value"] == ["a\ufffdb\ufffd"]
    (record,) = caplog.records
    assert "3 characters could not be decoded" in record.message
    assert "(0008,1030)" in record.message
