"""Whatever a document holds, the answer is a result: never an exception, never a defect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcmtk_native.convert import dump2dcm, json2dcm, xml2dcm
from dcmtk_native.data.vr import VR
from dcmtk_native.errors import DicomFormatError, LimitExceededError, ToolError
from dcmtk_native.result import Err, Result

DUMP = b"""# Dicom-Data-Set
(0002,0010) UI =LittleEndianImplicit   # 18, 1 TransferSyntaxUID
(0008,0005) CS [ISO_IR 100]
(0010,0010) PN [J\xf6rg]  # 4, 1 PatientName
(0028,0009) AT (0018,1063)\\(0018,106a)
(0028,0010) US 256
(0040,a043) SQ (Sequence with undefined length #=1)
  (fffe,e000) na (Item with explicit length #=2)
    (0040,a160) UT [one
two]
  (fffe,e00d) na
(fffe,e0dd) na
(7fe0,0010) OW 0001\\ff00
"""
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<file-format><meta-header xfer="1.2.840.10008.1.2.1">
<element tag="0002,0010" vr="UI">1.2.840.10008.1.2</element></meta-header>
<data-set xfer="1.2.840.10008.1.2"><element tag="0008,0005" vr="CS">ISO_IR 100</element>
<element tag="0010,0010" vr="PN">J&#246;rg</element><sequence tag="0040,a043" vr="SQ"><item>
<element tag="0040,a160" vr="UT">text</element></item></sequence>
<element tag="7fe0,0010" vr="OW" binary="base64">AAEC/w==</element></data-set></file-format>
"""
JSON = json.dumps(
    {
        "00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2"]},
        "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Jörg", "Phonetic": "a"}, None]},
        "00280010": {"vr": "US", "Value": [256]},
        "00280030": {"vr": "DS", "Value": [0.5, "0.25"]},
        "0040A043": {"vr": "SQ", "Value": [{"0040A160": {"vr": "UT", "Value": ["text"]}}]},
        "7FE00010": {"vr": "OW", "InlineBinary": "AAEC/w=="},
    }
).encode()
TOOLS = [(dump2dcm, DUMP), (xml2dcm, XML), (json2dcm, JSON)]


def assert_is_an_answer(result: Result[Any]) -> None:
    if isinstance(result, Err):
        assert isinstance(result.error, ToolError)
        assert len(result.error.message) < 2000
    else:
        assert result.value.data[128:132] == b"DICM"


@pytest.mark.parametrize("ignore_errors", [False, True])
@pytest.mark.parametrize(("tool", "document"), TOOLS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_documents(tool: Any, document: bytes, ignore_errors: bool, data: Any) -> None:
    damaged = bytearray(document)
    for _ in range(data.draw(st.integers(1, 5))):
        begin = data.draw(st.integers(0, len(damaged)))
        end = begin + data.draw(st.integers(0, 30))
        pieces = st.one_of(
            st.binary(max_size=4),
            st.sampled_from([b"(", b")", b"[", b"]", b"\\", b"\n", b"<", b">", b'"', b"{", b"}"]),
            st.sampled_from([document[5:40], document[40:150], document[150:]]),
        )
        damaged[begin:end] = data.draw(pieces)
    assert_is_an_answer(tool(bytes(damaged), None, ignore_errors=ignore_errors))


@pytest.mark.parametrize(("tool", "document"), TOOLS)
def test_documents_cut_short(tool: Any, document: bytes) -> None:
    assert tool(document, None).ok
    for size in range(0, len(document), 3):
        assert_is_an_answer(tool(document[:size], None))
        assert_is_an_answer(tool(document[:size], None, ignore_errors=True))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["00100010", "0040A043", "AAE=", "1.5", "-3", "NaN", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["vr", "Value", "InlineBinary", "Alphabetic", "00100010", "0040A043", "00280010"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
VRS = st.sampled_from(sorted(VR))
ELEMENTS = st.fixed_dictionaries(
    {"vr": VRS}, optional={"Value": st.lists(VALUES, max_size=3), "InlineBinary": VALUES}
)
MODELS = st.dictionaries(
    st.sampled_from(["00020010", "00080005", "00100010", "0040A043", "00280010", "7FE00010", "x"]),
    ELEMENTS | VALUES,
    max_size=4,
)


@pytest.mark.parametrize("ignore_errors", [False, True])
@given(model=MODELS)
@settings(max_examples=200, deadline=None)
def test_any_model(ignore_errors: bool, model: Any) -> None:
    result = json2dcm(input_data=model, ignore_errors=ignore_errors)
    if isinstance(result, Err):
        assert isinstance(result.error, (DicomFormatError, LimitExceededError))
        assert not ignore_errors
