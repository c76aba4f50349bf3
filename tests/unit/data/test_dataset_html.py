"""DicomDataset in a notebook."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.data.dataset import DicomDataset

MODEL: dict[str, Any] = {
    "00080008": {"vr": "CS", "Value": ["ORIGINAL", "PRIMARY"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^John"}]},
    "0040A730": {
        "vr": "SQ",
        "Value": [{}, {"00080104": {"vr": "LO", "Value": ["third"]}}],
    },
}

SCRIPT = "<script>alert('x')</script>"


def test_html_shows_elements_and_nested_ones() -> None:
    html = DicomDataset(MODEL)._repr_html_()
    for shown in ("(0010,0010)", "PatientName", "Doe^John", "ORIGINAL\\PRIMARY", "item 1", "third"):
        assert shown in html
    assert html.count("<tr>") == html.count("</tr>")


def test_html_escapes_everything() -> None:
    element = {"vr": SCRIPT, "Value": [SCRIPT, {"Alphabetic": SCRIPT}]}
    bulk = {"vr": "OB", "BulkDataURI": SCRIPT}
    html = DicomDataset({SCRIPT: element, "00080008": element, "7FE00010": bulk})._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert set(re.findall(r"</?(\w+)", html)) == {"table", "thead", "tbody", "tr", "td"}
    assert not re.search(r'style="[^"]*<', html)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.floats(), st.lists)))
def test_html_of_anything_has_no_other_markup(model: dict[str, Any]) -> None:
    html = DicomDataset({key: {"vr": "LO", "Value": value} for key, value in model.items()})
    tags = set(re.findall(r"<\s*/?\s*(\w*)", html._repr_html_()))
    assert tags <= {"table", "thead", "tbody", "tr", "td"}


def test_html_is_of_bounded_size() -> None:
    assert (
        len(DicomDataset({"00081030": {"vr": "LO", "Value": ["x" * 10_000]}})._repr_html_()) < 2000
    )
    many = {f"{number:08X}": {"vr": "LO", "Value": ["x" * 200] * 1000} for number in range(5000)}
    assert len(DicomDataset(many)._repr_html_()) < 1_000_000
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"0040A730": {"vr": "SQ", "Value": [deep]}}
    assert "table" in DicomDataset(deep)._repr_html_()
