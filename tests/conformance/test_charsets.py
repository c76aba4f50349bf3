"""The names that the files of pydicom's charset_files hold, in Unicode.

They are the examples of PS3.5: annexes H (Japanese), I (Korean), J (Chinese in UTF-8 and GB18030)
and K, and of the test data of David Clunie, as pydicom's tests and the FileInfo.txt beside them
publish them.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pydicom
import pytest

from dcmtk_native import (
    DicomDataset,
    DicomFile,
    ToolError,
    dcm2json,
    dcm2xml,
    dcmconv,
    dcmdump,
    dcmodify,
)
from support.shipped import FILES

PARTS: Final = ("Alphabetic", "Ideographic", "Phonetic")

NAMES: Final = {
    "chrArab.dcm": ("قباني^لنزار",),
    "chrFren.dcm": ("Buc^Jérôme",),
    "chrFrenMulti.dcm": ("Buc^Jérôme",),
    "chrGerm.dcm": ("Äneas^Rüdiger",),
    "chrGreek.dcm": ("Διονυσιος",),
    "chrH31.dcm": ("Yamada^Tarou", "山田^太郎", "やまだ^たろう"),
    "chrH32.dcm": ("ﾔﾏﾀﾞ^ﾀﾛｳ", "山田^太郎", "やまだ^たろう"),  # half width
    "chrHbrw.dcm": ("שרון^דבורה",),
    "chrI2.dcm": ("Hong^Gildong", "洪^吉洞", "홍^길동"),
    "chrJapMulti.dcm": ("やまだ^たろう",),
    "chrJapMultiExplicitIR6.dcm": ("やまだ^たろう",),
    "chrKoreanMulti.dcm": ("김희중",),
    # The file mixes Cyrillic and Latin letters that look alike.
    "chrRuss.dcm": ("\u041b\u044e\u043ace\u043c\u0431yp\u0433",),
    "chrX1.dcm": ("Wang^XiaoDong", "王^小東"),
    "chrX2.dcm": ("Wang^XiaoDong", "王^小东"),
}

OTHER_TEXT: Final = {
    ("chrFrenMulti.dcm", "OtherPatientNames"): ["Buc^Jérôme", "Buc^Jérôme"],
    ("chrJapMulti.dcm", "OtherPatientNames"): ["やまだ^たろう", "やまだ^たろう"],
    ("chrJapMulti.dcm", "AdditionalPatientHistory"): ["たろう"],
    ("chrJapMultiExplicitIR6.dcm", "OtherPatientNames"): ["やまだ^たろう", "やまだ^たろう"],
    ("chrJapMultiExplicitIR6.dcm", "AdditionalPatientHistory"): ["たろう"],
    ("chrKoreanMulti.dcm", "OperatorsName"): ["김희중"],
    ("chrKoreanMulti.dcm", "OtherPatientNames"): ["김희중", "김희중"],
    ("chrKoreanMulti.dcm", "AdditionalPatientHistory"): ["김희중"],
}

IN_AN_ITEM: Final = {
    "chrSQEncoding.dcm": "the item declares it, the data set is UTF-8",
    "chrSQEncoding1.dcm": "the data set declares it",
}
"""Files that have the name of chrH32.dcm in an item, and why."""

NAME: Final = "00100010"


def path_of(name: str) -> Path:
    return FILES[f"charset_files/{name}"]


def components(*parts: str) -> dict[str, str]:
    return dict(zip(PARTS, parts, strict=False))


def test_every_file_has_its_expectation() -> None:
    shipped = {name.partition("/")[2] for name in FILES if name.startswith("charset_files/chr")}
    assert shipped == NAMES.keys() | IN_AN_ITEM.keys()


@pytest.mark.parametrize("name", NAMES)
def test_names_are_read_in_unicode(name: str) -> None:
    expected = components(*NAMES[name])
    for data_set in (
        DicomFile.open(path_of(name)).unwrap().dataset,
        DicomDataset.read(path_of(name)).unwrap(),
        DicomDataset.read(path_of(name).read_bytes()).unwrap(),
    ):
        assert data_set.get_element(NAME).unwrap() == {"vr": "PN", "Value": [expected]}
        assert data_set.patient_name == expected["Alphabetic"]
        assert data_set.get_string("SpecificCharacterSet") == "ISO_IR 192"


@pytest.mark.parametrize("name", NAMES)
def test_names_are_written_in_unicode_by_dcm2json(name: str) -> None:
    model: Any = dcm2json(path_of(name)).unwrap().data
    assert model[NAME] == {"vr": "PN", "Value": [components(*NAMES[name])]}
    assert model["00080005"]["Value"] == ["ISO_IR 192"]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_in_unicode(name: str) -> None:
    whole = "=".join(NAMES[name])
    for convert in (None, "utf8"):
        shown = dcmdump(path_of(name), search_tag="PatientName", convert_charset=convert)
        assert f"[{whole}" in shown.unwrap().text
    assert f'name="PatientName">{whole}' in dcm2xml(path_of(name)).unwrap().xml


@pytest.mark.parametrize(("name", "keyword"), OTHER_TEXT)
def test_other_text_is_read_in_unicode(name: str, keyword: str) -> None:
    data_set = DicomDataset.read(path_of(name)).unwrap()
    assert data_set.get_strings(keyword).unwrap() == tuple(OTHER_TEXT[name, keyword])


@pytest.mark.parametrize("name", IN_AN_ITEM, ids=IN_AN_ITEM.get)
def test_names_of_items_are_read_by_the_character_set_that_holds_there(name: str) -> None:
    expected = components(*NAMES["chrH32.dcm"])
    model: Any = dcm2json(path_of(name)).unwrap().data
    assert model["00321064"]["Value"][0][NAME]["Value"] == [expected]
    data_set = DicomDataset.read(path_of(name)).unwrap()
    found: Any = data_set.get_element_at_path("(0032,1064)[0].(0010,0010)").unwrap()
    assert found["Value"] == [expected]


@pytest.mark.parametrize("name", NAMES)
def test_names_survive_conversion_to_utf8(name: str) -> None:
    options: dict[str, Any] = {"transfer_syntax": "+te", "convert_charset": "utf8"}
    content = dcmconv(path_of(name), None, **options).unwrap().data
    assert content is not None
    assert "=".join(NAMES[name]).encode() in content
    assert DicomDataset.read(content).unwrap().patient_name == NAMES[name][0]


NEEDS_ESCAPE_SEQUENCES: Final = {
    "chrH31.dcm",
    "chrH32.dcm",
    "chrI2.dcm",
    "chrJapMulti.dcm",
    "chrJapMultiExplicitIR6.dcm",
    "chrKoreanMulti.dcm",
}
"""Escape sequences are read, never written."""


@pytest.mark.parametrize("name", sorted(NAMES.keys() - NEEDS_ESCAPE_SEQUENCES))
def test_names_are_written_as_the_file_had_them(name: str) -> None:
    source = path_of(name).read_bytes()
    changes: dict[str, Any] = {"modifications": [("PatientName", "=".join(NAMES[name]))]}
    content = dcmodify(source, **changes).unwrap().data
    assert content is not None
    before, after = (pydicom.dcmread(BytesIO(one)) for one in (source, content))
    assert after.SpecificCharacterSet == before.SpecificCharacterSet
    # An empty component at the end says nothing (PS3.5 section 6.2.1.1).
    values = [one.get_item(NAME).value.rstrip(b"= ") for one in (before, after)]
    assert values[0] == values[1]


@pytest.mark.parametrize("name", sorted(NEEDS_ESCAPE_SEQUENCES))
def test_names_that_need_escape_sequences_are_refused(name: str) -> None:
    changes: dict[str, Any] = {"modifications": [("PatientName", "=".join(NAMES[name]))]}
    with pytest.raises(ToolError, match="encoding text"):
        dcmodify(path_of(name).read_bytes(), **changes).unwrap()
    content = dcmconv(path_of(name), None, transfer_syntax="+te", convert_charset="utf8")
    again = dcmodify(content.unwrap().data or b"", **changes).unwrap().data
    assert DicomDataset.read(again or b"").unwrap().patient_name == NAMES[name][0]
