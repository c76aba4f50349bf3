"""Values of the scanner against pydicom's, for every text and number of every shipped file."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from dcmtk_native import iter_batches, read_tags, scan, unwrap
from support.shipped import DICOM, FILES, NO_DICOM

NUMBERS = frozenset({"DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
TEXTS = frozenset(
    {"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
)

NOT_A_NUMBER = {("test_files/badVR.dcm", "(0028,0008)")}
"""An IS of "1A": pydicom hands the text out, a column of numbers has none."""

Paths = dict[str, DataElement]


@cache
def own_and_nested(name: str) -> tuple[Paths, Paths]:
    """The texts and numbers at the top, and those in the first and last items of sequences."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the samples are odd on purpose
        own: Paths = {}
        nested: Paths = {}
        for path, element in walk(dcmread(DICOM[name], force=True)):
            (nested if "." in path else own)[path] = element
    return own, nested


def walk(dataset: Dataset, prefix: str = "") -> Iterator[tuple[str, DataElement]]:
    for tag in list(dataset.keys()):
        if getattr(dataset.get_item(tag), "VR", None) == "UN":
            continue  # pydicom looks into what was written as unknown, DCMTK takes it as it is
        element = dataset[tag]
        path = f"{prefix}({element.tag.group:04X},{element.tag.element:04X})"
        if element.VR == "SQ" and element.value and not element.tag.is_private:
            for index in sorted({0, len(element.value) - 1}):
                yield from walk(element.value[index], f"{path}[{index}].")
        elif element.VR in NUMBERS | TEXTS and element.tag.element != 0:  # no group lengths
            yield path, element


def expected(element: DataElement) -> Any:
    """A value of pydicom's in the form of a column's."""
    # What the dictionary does not know has no other type than text.
    as_text = element.VR in TEXTS or element.tag.is_private
    several = isinstance(element.value, MultiValue | list)
    values = list(element.value) if several else [element.value]
    if element.value is None:
        values = []
    plain = [_text(one) if as_text else _number(element.VR, one) for one in values]
    return _plain(plain)


def _text(value: Any) -> str:
    if isinstance(value, float) and not isinstance(value, str):
        return f"{value:.17g}"
    return ("" if value is None else str(value)).strip(" ").rstrip("^=")


def _number(vr: str, value: Any) -> Any:
    if value in ("", None):
        return None
    return float(value) if vr in {"DS", "FD", "FL"} else int(value)


def ours(value: Any, element: DataElement) -> Any:
    """A value of a column without what pydicom leaves out: padding, empty components of names."""
    values = value if isinstance(value, list) else [value]
    return _plain([one.strip(" ").rstrip("^=") if isinstance(one, str) else one for one in values])


def _plain(values: list[Any]) -> Any:
    values = [None if one == "" else one for one in values]
    if len(values) > 1:
        return values
    return values[0] if values else None


def same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str) and one != other:
        try:  # a private number as text: its digits are nobody's business
            return math.isclose(float(one), float(other), rel_tol=1e-6, abs_tol=1e-40)
        except ValueError:
            return False
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def differences(name: str, wanted: dict[str, DataElement], got: dict[str, Any]) -> dict[str, Any]:
    return {
        path: (ours(got[path], element), expected(element))
        for path, element in wanted.items()
        if (name, path) not in NOT_A_NUMBER
        and not same(ours(got[path], element), expected(element))
    }


@pytest.mark.parametrize("name", DICOM)
def test_every_text_and_number_of_a_file(name: str) -> None:
    wanted, _ = own_and_nested(name)
    if wanted:
        got = unwrap(read_tags(DICOM[name], list(wanted)))
        assert not differences(name, wanted, got)


@pytest.mark.parametrize("name", DICOM)
def test_texts_and_numbers_within_sequences(name: str) -> None:
    _, wanted = own_and_nested(name)
    if wanted:
        got = unwrap(read_tags(DICOM[name], list(wanted)))
        assert not differences(name, wanted, got)


def test_there_was_enough_to_compare() -> None:
    assert sum(len(own) for own, _ in map(own_and_nested, DICOM)) > 8000
    assert sum(len(nested) for _, nested in map(own_and_nested, DICOM)) > 800


def test_a_scan_of_all_files_has_the_values_of_each() -> None:
    """All tags that any file has: what a file lacks is none, and nobody's column is shifted."""
    per_file = {name: own_and_nested(name)[0] for name in DICOM}
    tags = sorted({path for wanted in per_file.values() for path in wanted})
    result = unwrap(scan(DICOM.values(), tags))
    assert list(result.paths) == list(map(str, DICOM.values()))
    columns = {tag: result[tag] for tag in tags}
    for row, (name, wanted) in enumerate(per_file.items()):
        got = {tag: columns[tag][row] for tag in tags}
        assert not differences(name, wanted, got)
        has = dcmread(DICOM[name], force=True, stop_before_pixels=True)
        assert all(got[tag] is None for tag in tags if Tag(f"0x{tag[1:5]}{tag[6:10]}") not in has)
    # What was written as unknown is no text; only private elements were.
    errors = {(one.path, one.column or "") for one in result.errors}
    assert {(path, column) for path, column in errors if int(column[4], 16) % 2 == 0} == {
        (str(DICOM[name]), path) for name, path in NOT_A_NUMBER
    }
    result.to_arrow().validate(full=True)


def test_batches_hold_the_same_rows() -> None:
    tags = ["PatientName", "Modality", "Rows", "ImagePositionPatient", "InstanceNumber"]
    whole = unwrap(scan(DICOM.values(), tags))
    batches = list(iter_batches(DICOM.values(), tags, batch_size=20))
    for tag in ("PatientName", "Rows", "ImagePositionPatient"):
        assert [value for batch in batches for value in batch[tag]] == whole[tag]


def test_what_is_no_dicom_file_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    paths = [FILES[name] for name in sorted(NO_DICOM)]
    result = unwrap(scan(paths, ["PatientName", "Rows", "SOPInstanceUID"]))
    assert [error.path for error in result.errors] == list(map(str, paths))
    assert len(result) == 0
