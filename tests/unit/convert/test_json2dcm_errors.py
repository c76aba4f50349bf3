"""json2dcm: every way in which a model or its text can be wrong, and how that is told."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread

from dcmtk_native.convert import json2dcm
from dcmtk_native.errors import DicomFormatError, LimitExceededError
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err

NAME = {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}
BULK_DATA = {"vr": "OW", "BulkDataURI": "file:///etc/passwd"}
JPEG = {"00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2.4.50"]}}
DEEP: dict[str, Any] = {}
for _ in range(65):
    DEEP = {"0040A730": {"vr": "SQ", "Value": [DEEP]}}


def refused(model: object, **options: Any) -> str:
    """Why a model is wrong; as `input_data` too, if it can be given like that."""
    result = json2dcm(model if isinstance(model, bytes) else json.dumps(model).encode(), **options)
    assert isinstance(result, Err)
    assert isinstance(result.error, (DicomFormatError, LimitExceededError))
    assert result.error.message.startswith("json2dcm failed: ")
    if isinstance(model, dict):
        again = json2dcm(input_data=model, **options)
        assert isinstance(again, Err)
        assert type(again.error) is type(result.error)
    return result.error.message


@pytest.mark.parametrize(
    ("model", "where", "why"),
    [
        ({"0010001": NAME}, "the data set", "8 hexadecimal digits"),
        ({"PatientName": NAME}, "the data set", "8 hexadecimal digits"),
        ({"00100010": "Doe"}, "(0010,0010)", "an object"),
        ({"00100010": {"vr": "PN", "value": []}}, "(0010,0010)", "no member 'value'"),
        ({"00100010": {"vr": "ZZ"}}, "(0010,0010)", "no value representation"),
        ({"00100010": {"vr": 5}}, "(0010,0010)", "no value representation"),
        ({"00100010": {"vr": "PN", "Value": "Doe"}}, "(0010,0010)", "an array"),
        ({"00100010": {"vr": "PN", "Value": None}}, "(0010,0010)", "an array"),
        ({"00100010": {"vr": "PN", "Value": ["Doe"]}}, "(0010,0010)", "an object"),
        ({"00100010": {"vr": "PN", "Value": [{"Latin": "a"}]}}, "(0010,0010)", "no group 'Latin'"),
        ({"00100010": {"vr": "PN", "Value": [{"Phonetic": 1}]}}, "(0010,0010)", "a string"),
        ({"00100010": {"vr": "PN", "Value": [{"Phonetic": "a=b"}]}}, "(0010,0010)", "equals"),
        ({"00100020": {"vr": "LO", "Value": [1]}}, "(0010,0020)", "a string"),
        ({"00100020": {"vr": "LO", "Value": [True]}}, "(0010,0020)", "a string"),
        ({"00100020": {"vr": "LO", "Value": ["a\\b"]}}, "(0010,0020)", "backslash"),
        ({"00104000": {"vr": "LT", "Value": ["a", "b"]}}, "(0010,4000)", "one value"),
        ({"00280010": {"vr": "US", "Value": [65536]}}, "(0028,0010)", "VR US"),
        ({"00280010": {"vr": "US", "Value": [1.5]}}, "(0028,0010)", "an integer"),
        ({"00280010": {"vr": "US", "Value": [True]}}, "(0028,0010)", "an integer"),
        ({"00280010": {"vr": "US", "Value": [10**400]}}, "(0028,0010)", "VR US"),
        ({"00280010": {"vr": "US", "Value": ["1\\2"]}}, "(0028,0010)", "an integer"),
        ({"00280010": {"vr": "US", "Value": [1, None]}}, "(0028,0010)", "no empty values"),
        ({"00200013": {"vr": "IS", "Value": [1.5]}}, "(0020,0013)", "an integer"),
        ({"00186020": {"vr": "FD", "Value": ["one"]}}, "(0018,6020)", "a number"),
        ({"00186020": {"vr": "FD", "Value": [[]]}}, "(0018,6020)", "a number"),
        ({"00280030": {"vr": "DS", "Value": [{}]}}, "(0028,0030)", "a number"),
        ({"00280009": {"vr": "AT", "Value": ["(0018,1063)"]}}, "(0028,0009)", "8 hexadecimal"),
        ({"00280009": {"vr": "AT", "Value": [1577059]}}, "(0028,0009)", "8 hexadecimal"),
        ({"7FE00010": {"vr": "OW", "Value": [1]}}, "(7fe0,0010)", "InlineBinary"),
        ({"7FE00010": {"vr": "OW", "InlineBinary": "AAE"}}, "(7fe0,0010)", "base64"),
        ({"7FE00010": {"vr": "OW", "InlineBinary": "A A="}}, "(7fe0,0010)", "base64"),
        ({"7FE00010": {"vr": "OW", "InlineBinary": "ÄÖ=="}}, "(7fe0,0010)", "base64"),
        ({"7FE00010": {"vr": "OW", "InlineBinary": [0]}}, "(7fe0,0010)", "a string"),
        ({"00100020": {"vr": "LO", "InlineBinary": "AAE="}}, "(0010,0020)", "VR LO"),
        (
            {"7FE00010": {"vr": "OW", "BulkDataURI": "file:///etc/passwd"}},
            "(7fe0,0010)",
            "BulkData",
        ),
        (
            {"7FE00010": {"vr": "OW", "InlineBinary": "", "Value": []}},
            "(7fe0,0010)",
            "both Value and InlineBinary",
        ),
        (JPEG | {"7FE00010": {"vr": "OB", "InlineBinary": "AAE="}}, "(7fe0,0010)", "encapsulated"),
        ({"0040A043": {"vr": "SQ", "Value": ["item"]}}, "(0040,a043)[0]", "an object"),
        (
            {"0040A043": {"vr": "SQ", "Value": [{}, {"00080100": {"vr": "SH", "Value": [1]}}]}},
            "(0040,a043)[1].(0008,0100)",
            "a string",
        ),
        (
            {"0040A043": {"vr": "SQ", "Value": [{"00020010": {"vr": "UI"}}]}},
            "(0040,a043)[0].(0002,0010)",
            "file meta information",
        ),
        ({"FFFEE000": {"vr": "UN"}}, "(fffe,e000)", "no elements"),
        ({"0010001a": {"vr": "LO"}, "0010001A": {"vr": "LO"}}, "(0010,001a)", "twice"),
        ({"00020010": {"vr": "UI", "Value": ["\ud800"]}}, "(0002,0010)", "transfer syntax"),
        (
            {"00190010": {"vr": "LO", "Value": ["\ud800"]}, "00191002": {"Value": [7]}},
            "(0019,0010)",
            "surrogate",
        ),
        (DEEP, "(0040,a730)", "max_depth"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(model: dict[str, Any], where: str, why: str) -> None:
    message = refused(model)
    assert f", {where}" in message
    assert why in message


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        (b'{"00100010": {"vr": "PN",}}', "line 1, column 26", "Expecting property name"),
        (b'{\n  "00100010": nothing}', "line 2, column 15", "Expecting value"),
        (b"", "line 1, column 1", "Expecting value"),
        (b'"text"', "the document", "an object"),
        (b"[]", "the document", "an array of 0 data sets"),
        (b"[{}, {}]", "the document", "an array of 2 data sets"),
        (b"[[]]", "the document", "an object"),
        (b'{"00100010": {}, "00100010": {}}', "the data set", "'00100010' stands there twice"),
        (b'{"00100010": {"vr": "PN", "vr": "LO"}}', "(0010,0010)", "'vr' stands there twice"),
        (
            b'{"00100010": {"vr": "PN", "Value": [{"Phonetic": "a", "Phonetic": "b"}]}}',
            "(0010,0010)",
            "'Phonetic' stands there twice",
        ),
        (b'{"00186020": {"vr": "FD", "Value": [NaN]}}', "(0018,6020)", "NaN is no JSON number"),
        (b'{"00186020": {"vr": "FD", "Value": [-Infinity]}}', "(0018,6020)", "no JSON number"),
        (b'{"00280030": {"vr": "DS", "Value": [Infinity]}}', "(0028,0030)", "Infinity"),
        (b'{"00100020": {"vr": "LO", "Value": [NaN]}}', "(0010,0020)", "a string"),
        (b'{"00100020": {"vr": "LO", "Value": ["\xff"]}}', "byte 37", "invalid start byte"),
        (b'{"00280010": {"vr": "US", "Value": [' + b"9" * 10_000 + b"]}}", "(0028,0010)", "VR US"),
        (b'{"00280010": {"vr": "US", "Value": [1e999999]}}', "(0028,0010)", "an integer"),
    ],
)
def test_what_is_wrong_in_a_text_is_named_by_its_place(text: bytes, where: str, why: str) -> None:
    message = refused(text)
    assert f", {where}" in message
    assert why in message


@pytest.mark.parametrize("opening", [b"[", b'{"00100010":'])
def test_deep_nesting_is_an_error(opening: bytes) -> None:
    assert "nested too deep" in refused(opening * 200_000)


def test_deep_nesting_is_an_error_whatever_the_recursion_limit() -> None:
    program = (
        "import sys; sys.setrecursionlimit(10**7)\n"
        "from dcmtk_native.convert import json2dcm\n"
        'print(json2dcm(b\'{"a":["[", \' + b"[" * 2_000_000).error.message)'
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "nested too deep" in done.stdout


def test_a_model_that_contains_itself_is_an_error() -> None:
    model: dict[str, Any] = {}
    model["0040A730"] = {"vr": "SQ", "Value": [model]}
    result = json2dcm(input_data=model)
    assert isinstance(result, Err)
    assert isinstance(result.error, LimitExceededError)
    assert result.error.limit == "max_depth"


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (Limits(max_depth=0), "max_depth"),
        (Limits(max_elements=1), "max_elements"),
        (Limits(max_element_length=3), "max_element_length"),
        (Limits(max_file_size=10), "max_file_size"),
    ],
)
def test_limits(limits: Limits, limit: str) -> None:
    model = {
        "0040A043": {"vr": "SQ", "Value": [{}]},
        "7FE00010": {"vr": "OB", "InlineBinary": "AAECAw=="},
    }
    result = json2dcm(json.dumps(model).encode(), limits=limits)
    assert isinstance(result, Err)
    assert isinstance(result.error, LimitExceededError)
    assert result.error.limit == limit


def test_ignoring_errors_leaves_out_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    model = {
        "00100010": NAME,
        "00100020": {"vr": "LO", "Value": [1]},
        "0040A043": {"vr": "SQ", "Value": ["item", {"00080100": {"vr": "US", "Value": [-1]}}]},
        "nonsense": {},
    }
    content = json2dcm(input_data=model, ignore_errors=True).unwrap().data
    assert content is not None
    found = dcmread(BytesIO(content))
    assert found.PatientName == "Doe^Jane"
    assert "PatientID" not in found
    assert [len(item) for item in found.ConceptNameCodeSequence] == [0, 0]
    assert len([record for record in caplog.records if "left out" in record.message]) == 4


def test_ignoring_errors_does_not_ignore_limits() -> None:
    assert "max_depth" in refused(DEEP, ignore_errors=True)
