"""Native DICOM model XML becomes a DICOM JSON model, and hostile XML an Err."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.convert.xml_to_json import xml_to_json
from dcmtk_native.data.model import DicomJsonElement
from dcmtk_native.errors import DcmtkError, DicomFormatError, LimitExceededError
from dcmtk_native.result import Err, Ok


def model(inside: str, attributes: str = "") -> str:
    return f"<NativeDicomModel{attributes}>{inside}</NativeDicomModel>"


def element(inside: str, vr: str = "LO") -> DicomJsonElement:
    """What one DicomAttribute with this content becomes."""
    result = xml_to_json(
        model(f'<DicomAttribute tag="00100010" vr="{vr}">{inside}</DicomAttribute>')
    )
    assert isinstance(result, Ok)
    assert list(result.value) == ["00100010"]
    return result.value["00100010"]


def values(inside: str, vr: str = "LO") -> list[object] | None:
    """The values of one DicomAttribute with this content."""
    return element(inside, vr).get("Value")


def failure(xml: str | bytes) -> DcmtkError:
    result = xml_to_json(xml)
    assert isinstance(result, Err)
    return result.error


# --- root -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "xml",
    [
        "<NativeDicomModel/>",
        "\ufeff<NativeDicomModel/>",
        "<NativeDicomModel/>".encode("utf-8-sig"),
        '<?xml version="1.0" encoding="UTF-16"?><NativeDicomModel/>'.encode("utf-16"),
        '<?xml version="1.0" encoding="UTF-16"?><NativeDicomModel/>',
        '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM"/>',
        '<dcm:NativeDicomModel xmlns:dcm="urn:anything at all"/>',
        '<!DOCTYPE NativeDicomModel SYSTEM "dcm2xml.dtd"><NativeDicomModel/>',
    ],
)
def test_an_empty_root_is_an_empty_model(xml: str | bytes) -> None:
    assert xml_to_json(xml) == Ok({})


def test_elements_may_be_in_any_namespace() -> None:
    value = '<d:Value number="1">1</d:Value>'
    inside = f'<d:DicomAttribute tag="00100020" vr="LO">{value}</d:DicomAttribute>'
    xml = f'<d:NativeDicomModel xmlns:d="urn:x">{inside}</d:NativeDicomModel>'
    assert xml_to_json(xml) == Ok({"00100020": {"vr": "LO", "Value": ["1"]}})


@pytest.mark.parametrize("xml", ["<file-format/>", "<nativeDicomModel/>", "", "  ", "<!-- x -->"])
def test_a_missing_root_is_named(xml: str) -> None:
    error = failure(xml)
    assert isinstance(error, DicomFormatError)
    assert "NativeDicomModel" in error.message


@pytest.mark.parametrize(
    "xml",
    [
        "<NativeDicomModel>",
        "<NativeDicomModel></Other>",
        "<NativeDicomModel/><NativeDicomModel/>",
        "<NativeDicomModel a='1' a='2'/>",
        "<x:NativeDicomModel/>",
        "not xml",
        "<NativeDicomModel>\x00</NativeDicomModel>",
        "<NativeDicomModel>\ud800</NativeDicomModel>",
        "<NativeDicomModel>&nbsp;</NativeDicomModel>",
        b"<NativeDicomModel>\xff</NativeDicomModel>",
        b'<?xml version="1.0" encoding="no-such-code"?><NativeDicomModel/>',
        b'<?xml version="1.0" encoding="idna"?><NativeDicomModel/>',
    ],
)
def test_what_is_not_well_formed_fails_to_parse(xml: str | bytes) -> None:
    error = failure(xml)
    assert isinstance(error, DicomFormatError)
    assert error.message.startswith("Failed to parse")


# --- attributes and values ------------------------------------------------------------------


def test_tag_and_vr_are_copied_as_they_are() -> None:
    xml = model('<DicomAttribute tag="0009xx0a" vr="un" keyword="X" privateCreator="ACME"/>')
    assert xml_to_json(xml) == Ok({"0009xx0a": {"vr": "un"}})


def test_a_missing_vr_is_empty() -> None:
    assert xml_to_json(model('<DicomAttribute tag="00100010"/>')) == Ok({"00100010": {"vr": ""}})


def test_an_attribute_without_tag_is_skipped() -> None:
    inside = '<DicomAttribute vr="LO"><Value>x</Value></DicomAttribute>'
    assert xml_to_json(model(inside)) == Ok({})


def test_the_last_of_two_equal_tags_wins() -> None:
    inside = "".join(
        f'<DicomAttribute tag="00100020" vr="LO"><Value>{value}</Value></DicomAttribute>'
        for value in "AB"
    )
    assert xml_to_json(model(inside)) == Ok({"00100020": {"vr": "LO", "Value": ["B"]}})


def test_values_are_always_strings() -> None:
    assert element('<Value number="1">1</Value><Value number="2">2.50</Value>', "DS") == {
        "vr": "DS",
        "Value": ["1", "2.50"],
    }


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<Value number="2">b</Value><Value number="1">a</Value>', ["a", "b"]),
        ('<Value number="10">b</Value><Value number="9">a</Value>', ["a", "b"]),
        ("<Value>a</Value><Value>b</Value>", ["a", "b"]),
        ('<Value number="1">a</Value><Value number="1">b</Value>', ["a", "b"]),
        ('<Value number="x">a</Value><Value number="-1">b</Value>', ["a", "b"]),
        ('<Value number="4000000000">b</Value><Value number="1">a</Value>', ["a", "b"]),
        (f'<Value number="{"9" * 5000}">a</Value><Value number="2">b</Value>', ["a", "b"]),
    ],
)
def test_values_come_in_the_order_of_their_number(inside: str, expected: list[str]) -> None:
    assert values(inside) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a &lt; b &amp; c &#228;&#x20AC;", "a < b & c ä€"),
        ("<![CDATA[<x> & y]]>", "<x> & y"),
        ("a<![CDATA[b]]>c<!-- no -->d<?no?>", "abcd"),
        ("  two  spaces  ", "  two  spaces  "),
        ("", ""),
        ("a<b>ignored</b>c", "ac"),
        ("x" * 200_000, "x" * 200_000),
    ],
)
def test_text_is_taken_as_xml_means_it(text: str, value: str) -> None:
    assert values(f"<Value>{text}</Value>") == [value]


def test_bytes_are_decoded_as_they_declare() -> None:
    inside = '<DicomAttribute tag="1" vr="LO"><Value>Müller</Value></DicomAttribute>'
    for encoding in ("UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"):
        xml = f'<?xml version="1.0" encoding="{encoding}"?>{model(inside)}'.encode(encoding)
        assert xml_to_json(xml) == Ok({"1": {"vr": "LO", "Value": ["Müller"]}})


def test_unknown_elements_are_ignored() -> None:
    assert values("<Other><Value>no</Value></Other><Value>yes</Value>") == ["yes"]
    inside = '<Other><DicomAttribute tag="1" vr="LO"/></Other>text'
    assert xml_to_json(model(inside)) == Ok({})


def test_an_attribute_without_content_has_no_value() -> None:
    for vr in ("LO", "PN", "SQ", "OB"):
        assert element("", vr) == {"vr": vr}


def test_an_element_has_a_vr_and_one_form_of_its_value() -> None:
    assert DicomJsonElement.__required_keys__ == {"vr"}
    assert DicomJsonElement.__optional_keys__ == {"Value", "InlineBinary", "BulkDataURI"}


# --- precedence -----------------------------------------------------------------------------


def test_inline_binary_comes_first() -> None:
    inside = '<Value>v</Value><BulkDataURI uri="u"/><InlineBinary>AAEC</InlineBinary>'
    assert element(inside, "OB") == {"vr": "OB", "InlineBinary": "AAEC"}


def test_inline_binary_may_be_wrapped_or_empty() -> None:
    assert element("<InlineBinary>\n AA\n EC\n</InlineBinary>", "OB") == {
        "vr": "OB",
        "InlineBinary": "AAEC",
    }
    assert element("<InlineBinary/><Value>v</Value>", "OB") == {"vr": "OB", "InlineBinary": ""}


@pytest.mark.parametrize(
    "inside",
    [
        '<BulkDataURI uri="file:a"/>',
        '<BulkDataURI uri="file:a">other</BulkDataURI>',
        "<BulkDataURI> file:a </BulkDataURI>",
        '<BulkData uri="file:a"/>',
        '<BulkData uuid="file:a"/>',
    ],
)
def test_bulk_data_comes_second(inside: str) -> None:
    assert element(f"<Value>v</Value>{inside}", "OB") == {"vr": "OB", "BulkDataURI": "file:a"}


def test_person_names_and_items_come_before_values() -> None:
    name = '<PersonName number="1"><Alphabetic><FamilyName>A</FamilyName></Alphabetic></PersonName>'
    assert values(f"<Value>v</Value>{name}", "PN") == [{"Alphabetic": "A"}]
    assert values("<Value>v</Value><Item number='1'/>", "SQ") == [{}]


def test_person_names_and_items_belong_to_their_vr() -> None:
    name = "<PersonName><Alphabetic><FamilyName>A</FamilyName></Alphabetic></PersonName>"
    assert values(f"{name}<Item/><Value>v</Value>", "LO") == ["v"]
    assert values("<Value>A^B</Value>", "PN") == ["A^B"]


# --- person names ---------------------------------------------------------------------------

PARTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("Doe", "Jane", "Q", "Dr", "PhD"), "Doe^Jane^Q^Dr^PhD"),
        (("Doe", "Jane"), "Doe^Jane"),
        (("Doe", "", "", "", "PhD"), "Doe^^^^PhD"),
        (("", "Jane"), "^Jane"),
    ],
)
def test_the_parts_of_a_name_are_joined(parts: tuple[str, ...], text: str) -> None:
    inside = "".join(
        f"<{name}>{part}</{name}>" for name, part in zip(PARTS, parts, strict=False) if part
    )
    xml = f"<PersonName number='1'><Alphabetic>{inside}</Alphabetic></PersonName>"
    assert values(xml, "PN") == [{"Alphabetic": text}]


def test_parts_are_joined_in_dicom_s_order() -> None:
    inside = "<GivenName>Jane</GivenName><FamilyName>Doe</FamilyName>"
    xml = f"<PersonName><Alphabetic>{inside}</Alphabetic></PersonName>"
    assert values(xml, "PN") == [{"Alphabetic": "Doe^Jane"}]


def test_all_three_groups_are_kept_and_empty_ones_left_out() -> None:
    groups = "".join(
        f"<{name}><FamilyName>{text}</FamilyName></{name}>"
        for name, text in (("Alphabetic", "Yamada"), ("Ideographic", "山田"), ("Phonetic", ""))
    )
    assert values(f"<PersonName number='1'>{groups}</PersonName>", "PN") == [
        {"Alphabetic": "Yamada", "Ideographic": "山田"}
    ]


def test_an_unstructured_name_is_empty() -> None:
    assert values("<PersonName number='1'>Doe^Jane</PersonName>", "PN") == [{}]
    assert values("<PersonName><Alphabetic>Doe</Alphabetic></PersonName>", "PN") == [{}]


def test_several_names_come_in_order() -> None:
    names = "".join(
        f"<PersonName number='{number}'><Alphabetic><FamilyName>{text}</FamilyName></Alphabetic>"
        "</PersonName>"
        for number, text in ((2, "B"), (1, "A"))
    )
    assert values(names, "PN") == [{"Alphabetic": "A"}, {"Alphabetic": "B"}]


# --- sequences ------------------------------------------------------------------------------


def nested(depth: int) -> str:
    opening = '<DicomAttribute tag="0040A730" vr="SQ"><Item number="1">'
    return model(opening * depth + "</Item></DicomAttribute>" * depth)


def test_items_are_models() -> None:
    inner = '<DicomAttribute tag="00080100" vr="SH"><Value number="1">T</Value></DicomAttribute>'
    assert element(f"<Item number='2'/><Item number='1'>{inner}</Item>", "SQ") == {
        "vr": "SQ",
        "Value": [{"00080100": {"vr": "SH", "Value": ["T"]}}, {}],
    }


def test_sixty_four_sequences_may_be_nested() -> None:
    result = xml_to_json(nested(64))
    assert isinstance(result, Ok)
    data: Any = result.value
    depth = 0
    while data:
        data = data["0040A730"]["Value"][0]
        depth += 1
    assert depth == 64


def test_deeper_nesting_exceeds_the_limit() -> None:
    for xml in (nested(65), nested(20_000)):
        error = failure(xml)
        assert isinstance(error, LimitExceededError)
        assert (error.limit, error.value, error.maximum) == ("sequence_depth", 65, 64)


def test_unknown_elements_may_be_nested_beyond_python_s_stack() -> None:
    depth = sys.getrecursionlimit() * 20
    assert xml_to_json(model("<a>" * depth + "</a>" * depth)) == Ok({})


# --- entities -------------------------------------------------------------------------------


def bomb() -> str:
    declarations = ['<!ENTITY e0 "boom">']
    for number in range(1, 30):
        declarations.append(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">')
    return f"<!DOCTYPE NativeDicomModel [{''.join(declarations)}]>" + model("&e29;")


@pytest.mark.parametrize(
    "xml",
    [
        bomb(),
        '<!DOCTYPE a [<!ENTITY x "y">]>' + model(""),
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + model("&x;"),
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://localhost/x.dtd">%x;]>' + model(""),
        "<!DOCTYPE a [<!NOTATION n SYSTEM 'n'><!ENTITY x SYSTEM 'x' NDATA n>]>" + model(""),
    ],
)
def test_declared_entities_are_refused(xml: str) -> None:
    error = failure(xml)
    assert isinstance(error, DicomFormatError)
    assert "declares an entity" in error.message


def test_an_entity_of_a_dtd_that_is_not_loaded_is_not_dropped_silently() -> None:
    xml = '<!DOCTYPE NativeDicomModel SYSTEM "x.dtd">' + model(
        '<DicomAttribute tag="1" vr="LO"><Value>a&x;b</Value></DicomAttribute>'
    )
    error = failure(xml)
    assert "'x' is not declared" in error.message


def test_a_dtd_is_never_loaded(tmp_path: Path) -> None:
    dtd = tmp_path / "x.dtd"
    dtd.write_text("<!ELEMENT broken")
    xml = f'<!DOCTYPE NativeDicomModel SYSTEM "{dtd.as_uri()}">' + model("")
    assert xml_to_json(xml) == Ok({})


def test_default_attributes_of_a_dtd_are_not_used() -> None:
    xml = '<!DOCTYPE a [<!ATTLIST DicomAttribute tag CDATA "00100010" vr CDATA "LO">]>'
    assert xml_to_json(xml + model("<DicomAttribute/>")) == Ok({})


# --- hostile input --------------------------------------------------------------------------

PIECES = [
    "<NativeDicomModel>", "</NativeDicomModel>", '<DicomAttribute tag="1" vr="SQ">',
    '<DicomAttribute tag="2" vr="PN">', "</DicomAttribute>", "<Item>", "</Item>", "<Value>",
    "</Value>", "<PersonName>", "</PersonName>", "<Alphabetic>", "</Alphabetic>", "<FamilyName/>",
    "<InlineBinary/>", '<BulkData uri="u"/>', "text", "&amp;", "&x;", "<![CDATA[", "]]>", "\x00",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_jumble_of_elements_is_a_result(xml: str) -> None:
    assert isinstance(xml_to_json(xml), (Ok, Err))
    assert isinstance(xml_to_json(model(xml)), (Ok, Err))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_result(data: bytes) -> None:
    assert isinstance(xml_to_json(data), Err)


def test_an_error_message_stays_short() -> None:
    for xml in (f"<{'a' * 100_000}/>", f'<!DOCTYPE a [<!ENTITY {"b" * 100_000} "">]><a/>'):
        assert len(failure(xml).message) < 300
