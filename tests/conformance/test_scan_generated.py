"""Generated files: the scanner finds the values that libdcmtk finds, however they are written."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcmtk_native import read_tags, scan, unwrap
from support import oracle
from support.samples import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Element,
    Encoding,
    dataset,
    dicom_file,
)

CHARSETS = {
    "": "ascii",
    "ISO_IR 100": "iso8859-1",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
}
SYNTAXES = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED)

SEQUENCE = 0x00400275  # Request Attributes Sequence
INNER = 0x00400008  # Scheduled Protocol Code Sequence
CREATOR = 0x00090010


def characters(codec: str) -> st.SearchStrategy[str]:
    """What a text may hold in this encoding; delimiters and blanks have tests of their own."""
    if codec == "ascii":
        alphabet = st.characters(codec="ascii", categories=("L", "N"))
    elif codec in ("utf-8", "gb18030"):
        alphabet = st.characters(max_codepoint=0xFFFF, categories=("Lu", "Ll", "Lo", "Nd"))
    else:
        alphabet = st.characters(codec=codec, categories=("Lu", "Ll", "Nd"))
    return st.text(alphabet.filter(lambda one: _is_encodable(one, codec)), max_size=12)


def _is_encodable(text: str, codec: str) -> bool:
    try:
        # A second byte of GB18030 may be a backslash, which is another test's subject.
        return b"\\" not in text.encode(codec)
    except UnicodeEncodeError:
        return False


def values(text: st.SearchStrategy[str]) -> dict[tuple[int, str], st.SearchStrategy[Any]]:
    """Tags, their VRs, and what they may hold."""
    ascii_text = characters("ascii")
    several = st.lists(ascii_text, min_size=1, max_size=4).map("\\".join)
    integers = st.integers(-(2**31), 2**31 - 1)
    decimals = st.decimals(-1000, 1000, allow_nan=False, places=3)
    floats = st.floats(allow_nan=False, allow_infinity=False, width=32)
    return {
        (0x00080008, "CS"): several,
        (0x00080020, "DA"): st.sampled_from(["", "20240229", "19991231"]),
        (0x00080050, "SH"): text,
        (0x00081030, "LO"): text,
        (0x00081080, "LO"): st.lists(text, min_size=1, max_size=3).map("\\".join),
        (0x00100010, "PN"): st.tuples(text, text).map("^".join),
        (0x00104000, "LT"): text,
        (0x00180015, "CS"): ascii_text,
        (0x00189087, "FD"): floats.map(lambda one: [one]),
        (0x00200013, "IS"): integers.map(str),
        (0x00200032, "DS"): st.tuples(decimals, decimals, decimals).map(
            lambda three: "\\".join(map(str, three))
        ),
        (0x00209157, "UL"): st.lists(st.integers(0, 2**32 - 1), max_size=4),
        (0x00280010, "US"): st.integers(0, 2**16 - 1).map(lambda one: [one]),
        (0x00280106, "US"): st.integers(0, 2**16 - 1).map(lambda one: [one]),
        (0x00400009, "SH"): text,
        (0x00720076, "FL"): st.lists(floats, max_size=3),
        (0x00720078, "UL"): st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=2),
        (0x0072007A, "US"): st.lists(st.integers(0, 2**16 - 1), min_size=1, max_size=2),
    }


@st.composite
def elements_in(draw: st.DrawFn, codec: str) -> list[Element]:
    text = characters(codec)
    catalogue = values(text)
    chosen = draw(st.lists(st.sampled_from(sorted(catalogue)), unique=True, max_size=10))
    found: list[Element] = [(tag, vr, draw(catalogue[tag, vr])) for tag, vr in chosen]
    if draw(st.booleans()):
        found += [(CREATOR, "LO", "MAKER"), (0x00091001, "LO", draw(text)), (0x00091002, "US", [7])]
        found.append((0x00091003, "SQ", [[(0x00100010, "PN", "Nobody")]]))
    if draw(st.booleans()):
        inner = draw(st.lists(st.tuples(text).map(_code), max_size=2))
        items = [
            [(0x00400007, "LO", draw(text)), (INNER, "SQ", inner)]
            for _ in range(draw(st.integers(0, 3)))
        ]
        found.append((SEQUENCE, "SQ", items))
    return sorted(found, key=lambda element: element[0])


def _code(text: tuple[str]) -> list[Element]:
    return [(0x00080104, "LO", text[0])]


@st.composite
def data_sets(draw: st.DrawFn) -> tuple[str, list[Element]]:
    """The codec, and elements in their order."""
    charset = draw(st.sampled_from(sorted(CHARSETS)))
    codec = CHARSETS[charset]
    elements = draw(elements_in(codec))
    if charset:
        elements = sorted([(0x00080005, "CS", charset), *elements], key=lambda one: one[0])
    return codec, elements


TAGS = [f"{tag:08X}" for tag, _ in values(characters("ascii"))]
PATHS = [
    *TAGS,
    "(0009,1001)",
    *(f"(0040,0275)[{index}].(0040,0007)" for index in range(3)),
    "(0040,0275)[0].(0040,0008)[1].(0008,0104)",
    "RequestAttributesSequence[1].ScheduledProtocolCodeSequence[0].CodeMeaning",
]


# ---- what libdcmtk finds ----


def of_original(path: Path) -> dict[str, Any]:
    """The values by path, as DCMTK's dcm2json tells them."""
    outcome = oracle.run("dcm2json", path, compact=True)
    assert outcome.ok, outcome.stderr
    model = json.loads(outcome.text)
    return {wanted: _at(model, wanted) for wanted in PATHS}


def _at(model: dict[str, Any], path: str) -> Any:
    *outer, last = path.split(".")
    for segment in outer:
        tag, _, index = segment.removesuffix("]").partition("[")
        items = model.get(_key(tag), {}).get("Value", [])
        if int(index) >= len(items):
            return None
        model = items[int(index)]
    found = [_plain(one) for one in model.get(_key(last), {}).get("Value", [])]
    return found[0] if len(found) == 1 else found or None


def _key(tag: str) -> str:
    keywords = {
        "RequestAttributesSequence": "00400275",
        "ScheduledProtocolCodeSequence": "00400008",
        "CodeMeaning": "00080104",
    }
    return keywords.get(tag, tag.strip("()").replace(",", ""))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):  # a person's name
        return value.get("Alphabetic")
    return value or None if isinstance(value, str) else value


# ---- what we find ----


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return math.isclose(ours, theirs, rel_tol=1e-6)
    if isinstance(ours, str) or isinstance(theirs, str):
        return (ours or "").rstrip("^") == (theirs or "").rstrip("^")
    return bool(ours == theirs)


def variants(codec: str, elements: list[Element]) -> dict[str, bytes]:
    found = {
        f"{syntax} {undefined}": dicom_file(
            elements, transfer_syntax=syntax, undefined=undefined, text=codec
        )
        for syntax in (SYNTAXES if elements else SYNTAXES[:3])  # nothing cannot be deflated
        for undefined in (False, True)
    }
    if elements:
        found["bare"] = dataset(elements, Encoding(text=codec))
    return found


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data_sets())
def test_scanner_and_libdcmtk_find_the_same(made: tuple[str, list[Element]]) -> None:
    oracle.require("dcm2json")
    codec, elements = made
    contents = variants(codec, elements)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.dcm") for number in range(len(contents))]
        for path, content in zip(paths, contents.values(), strict=True):
            path.write_bytes(content)
        result = unwrap(scan(paths, PATHS, threads=2))
        assert len(result) == len(paths), result.errors
        columns = {path: result[path] for path in PATHS}
        for row, (name, content) in enumerate(contents.items()):
            ours = {path: columns[path][row] for path in PATHS}
            assert unwrap(read_tags(content, PATHS)) == ours
            theirs = of_original(paths[row])
            wrong = {p: (ours[p], theirs[p]) for p in PATHS if not same(ours[p], theirs[p])}
            assert not wrong, name


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED, IMPLICIT_LITTLE])
def test_what_lies_behind_the_last_wanted_element_does_not_matter(
    syntax: str, tmp_path: Path
) -> None:
    """However large it is: only as much is read as is needed."""
    large = (0x7FE00010, "OW", bytes(1 << 20))
    elements: list[Element] = [(0x00100010, "PN", "Doe^John"), (0x00280010, "US", [3])]
    for number, extra in enumerate(([], [large])):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(dicom_file([*elements, *extra], transfer_syntax=syntax))
    result = unwrap(scan(tmp_path, ["PatientName", "Rows"]))
    assert result["PatientName"] == ["Doe^John"] * 2
    assert result["Rows"] == [3, 3]


def test_a_value_that_crosses_the_first_block(tmp_path: Path) -> None:
    """The header is read block by block; no border may cut a value."""
    wanted: list[Element] = [(0x00104000, "LT", "x" * 300), (0x00280010, "US", [3])]
    for size in (*range(7600, 8400, 8), *range(15_800, 16_500, 8), *range(32_300, 32_800, 8)):
        filling = (0x00091001, "OB", bytes(size))
        elements = [(CREATOR, "LO", "MAKER"), filling, *wanted]
        (tmp_path / f"{size}.dcm").write_bytes(dicom_file(elements))
    result = unwrap(scan(tmp_path, ["(0010,4000)", "Rows"]))
    assert set(result["(0010,4000)"]) == {"x" * 300}
    assert set(result["Rows"]) == {3}
