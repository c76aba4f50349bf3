"""dcm2xml beside DCMTK's own program, over every file that pydicom ships.

The document must be equal but for random UUIDs. Ours always converts text and says so, therefore
the program is told to as well (`charset="utf8"` is its +U8). For character sets that iconv lacks
(`BEYOND_ICONV`) it fails then; what ours writes for them is compared with what pydicom reads.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from pydicom import Dataset, dcmread

from dcmtk_native import OptionsError, dcm2xml
from support import oracle
from support.compare import differences
from support.shipped import BEYOND_ICONV, BROKEN, FILES, NO_DICOM, ONE_OF_EACH_KIND, originals

# ---- wanted differences ----

GARBLED: Final = {"charset_files/chrX2.dcm"}
"""GB18030: without +U8 the program writes its bytes as if they were characters."""

# ---- the document ----

UUID: Final = re.compile(r'(?<=uuid=")[0-9a-f-]{36}(?=")')

FOR_ALL_FILES: Final[list[dict[str, Any]]] = [
    {},
    {"load_all": True, "write_binary_data": True, "encode_binary_base64": False},
]

FOR_EACH_KIND: Final[list[dict[str, Any]]] = [
    {"namespace": True},
    {"write_binary_data": True, "encode_binary_base64": True},
    {"write_binary_data": True, "binary_encoding": "hex"},
    {"write_binary_data": True, "binary_encoding": "base64", "load_all": True},
    {"load_all": True},
    {"load_all": False, "max_read_length": 64},
    {"dtd": "reference"},
    {"dtd": "embed"},
    {"element_names": False},
    {"charset_assume": "ISO_IR 100"},
    {"charset_check_all": True},
    {"read_mode": "file-only"},
    {"read_mode": "dataset"},
    {"read_mode": "dataset", "read_xfer": "little"},
    {"read_mode": "dataset", "read_xfer": "big"},
    {"read_mode": "dataset", "read_xfer": "implicit"},
    {"read_xfer": "detect"},
    {"xml_format": "native"},
    {"xml_format": "native", "namespace": True},
    {"xml_format": "native", "binary_encoding": "base64", "load_all": True},
    {"xml_format": "native", "binary_encoding": "uuid", "max_read_length": 32},
    {"xml_format": "dcmtk", "dtd": "embed", "namespace": True, "element_names": False},
]


def document(path: Path, **options: Any) -> str | None:
    result = dcm2xml(path, **options)
    return UUID.sub("", result.value.xml) if result.ok else None


def document_of(outcome: oracle.Outcome) -> str | None:
    return UUID.sub("", outcome.text) if outcome.ok else None


def assert_equal_documents(names: Collection[str], **options: Any) -> None:
    outcomes = originals("dcm2xml", names, charset="utf8", **options)
    theirs = {name: document_of(outcome) for name, outcome in outcomes.items()}
    ours = {name: document(FILES[name], **options) for name in names}
    found = differences(ours, theirs)
    failed = {name for name, text in theirs.items() if name in BEYOND_ICONV and text is None}
    assert {name: pair for name, pair in found.items() if name not in failed} == {}
    assert found.keys() == {name for name in failed if ours[name] is not None}
    # With the wrong transfer syntax they are refused before their text is looked at.
    assert failed == BEYOND_ICONV & set(names) or options.get("read_mode") == "dataset"


@pytest.mark.parametrize("options", FOR_ALL_FILES, ids=repr)
def test_the_document_is_that_of_the_original(options: dict[str, Any]) -> None:
    assert_equal_documents(FILES, **options)


@pytest.mark.parametrize("options", FOR_EACH_KIND, ids=repr)
def test_the_document_is_that_of_the_original_with_options(options: dict[str, Any]) -> None:
    assert_equal_documents(ONE_OF_EACH_KIND, **options)


def test_what_cannot_be_read_is_refused_here_and_there() -> None:
    outcomes = originals("dcm2xml", charset="utf8")
    refused = {name for name, path in FILES.items() if not dcm2xml(path).ok}
    assert refused == NO_DICOM | BROKEN
    assert {name for name, done in outcomes.items() if not done.ok} == refused | BEYOND_ICONV


# ---- character sets ----


DECLARED_AS_LATIN1: Final = (
    "charset_files/chrFren.dcm",
    "charset_files/chrFrenMulti.dcm",
    "charset_files/chrGerm.dcm",
    "palettes/spring.dcm",
    "test_files/CT_small.dcm",
    "test_files/examples_overlay.dcm",
    "test_files/test-SR.dcm",
)

TEXT: Final = ("LO", "LT", "PN", "SH", "ST", "UT")


def texts_of(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Tag and value of every text element; of private ones pydicom knows more VRs than DCMTK."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from texts_of(item)
        elif element.VR in TEXT and not element.tag.is_private:
            values = element.value if element.VM > 1 else [element.value or ""]
            yield str(element.tag).strip("()").lower(), "\\".join(map(str, values))


@pytest.mark.parametrize("name", sorted(BEYOND_ICONV))
def test_text_that_the_program_cannot_convert_is_what_pydicom_reads(name: str) -> None:
    root = ElementTree.fromstring(dcm2xml(FILES[name]).unwrap().xml.encode())
    written = [
        (element.attrib["tag"], element.text or "")
        for element in root.iterfind("data-set//element")
        if element.attrib["vr"] in TEXT and int(element.attrib["tag"][:4], 16) % 2 == 0
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "ISO 2022 IR 6"
        expected = list(texts_of(dcmread(FILES[name])))
    assert written == expected
    assert not "".join(text for _, text in written).isascii() or "J2K" in name


def test_latin1_is_what_the_program_writes_of_latin1(tmp_path: Path) -> None:
    """Without +U8 it declares the data set's own character set."""
    output = tmp_path / "out.xml"
    for name, outcome in originals("dcm2xml", DECLARED_AS_LATIN1).items():
        assert b'encoding="ISO-8859-1"?>' in outcome.stdout[:60]
        xml = dcm2xml(FILES[name], charset="latin1", output_path=output).unwrap().xml
        assert output.read_bytes() == xml.encode("latin-1") == outcome.stdout, name


@pytest.mark.parametrize("name", sorted(GARBLED))
def test_the_program_garbles_what_ours_converts(name: str) -> None:
    unconverted = originals("dcm2xml", ONE_OF_EACH_KIND)[name]
    assert unconverted.ok
    assert "Wang^XiaoDong=&#205;&#245;^&#208;&#161;&#182;&#171;=<" in unconverted.text
    assert "Wang^XiaoDong=王^小东=<" in dcm2xml(FILES[name]).unwrap().xml


# ---- files beside the input, and what cannot be combined ----


def test_the_document_is_written_to_a_file_as_well(tmp_path: Path, ct_small: Path) -> None:
    done = oracle.run("dcm2xml", ct_small, charset="utf8", output_path=tmp_path / "theirs.xml")
    ours = dcm2xml(ct_small, output_path=tmp_path / "ours.xml").unwrap().xml
    assert ours.encode() == (tmp_path / "ours.xml").read_bytes() == done.output


def test_a_dtd_of_ones_own_is_embedded(tmp_path: Path, ct_small: Path) -> None:
    dtd = tmp_path / "own.dtd"
    dtd.write_text("<!ELEMENT file-format (meta-header?, data-set)>\n<!-- our own -->\n")
    options: dict[str, Any] = {"dtd": "embed", "dtd_file": dtd}
    done = oracle.run("dcm2xml", ct_small, charset="utf8", **options)
    assert "our own" in done.text
    assert dcm2xml(ct_small, **options).unwrap().xml == done.text


@pytest.mark.parametrize(
    "options",
    [
        {"xml_format": "native", "dtd": "embed"},
        {"xml_format": "native", "dtd": "reference"},
        {"xml_format": "native", "element_names": False},
        {"xml_format": "native", "write_binary_data": True},
        {"xml_format": "native", "binary_encoding": "hex"},
        {"xml_format": "dcmtk", "binary_encoding": "uuid"},
        {"dtd_file": "/usr/share/dcmtk/dcm2xml.dtd"},
        {"read_xfer": "little"},
        {"max_read_length": 3},
    ],
    ids=repr,
)
def test_the_program_refuses_these_options_too(options: dict[str, Any], ct_small: Path) -> None:
    done = oracle.run("dcm2xml", ct_small, **options)
    assert (done.ok, done.stdout) == (False, b"")
    with pytest.raises(OptionsError):
        dcm2xml(ct_small, **options).unwrap()
