"""dump2dcm, xml2dcm and json2dcm beside DCMTK's own programs, over every file that can be read.

json2dcm is no program of the DCMTK that is installed; there dcm2json reads back what was written.
Wanted differences are named where they are allowed, with their reason.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import dcm2json, dcm2xml, dcmdump, dump2dcm, json2dcm, xml2dcm
from dcmtk_native.convert.xml_rules import RULES
from support import oracle
from support.compare import data_set_of, elements, parsed
from support.shipped import BEYOND_ICONV, DICOM, originals

assert all((dcm2json, dcm2xml, dcmdump))  # registered, so that the oracle knows their flags

# The longest value of the shipped files as text.
WHOLE_LINES = {"max_line_length": 1 << 24}

TEXT_OF_SEVERAL_LINES = {
    "test_files/examples_ybr_color.dcm",
    "test_files/no_meta_group_length.dcm",
    "test_files/test-SR.dcm",
}
"""The program cannot read line breaks in a value, though dcmdump prints them; it exits with 0."""

GARBLED_BY_DCM2XML = {"charset_files/chrX2.dcm"}
"""GB18030 unconverted, as if it were Latin-1; the program writes UTF-8 under that label again."""

COMPRESSED = "not supported for compressed pixel data"
"""dcm2json has no form for fragments."""

NO_JSON = {"charset_files/chrSQEncoding.dcm"}
"""What dcm2json prints is not UTF-8: items have character sets of their own."""

WITHOUT_VRS = {"test_files/nested_priv_SQ.dcm"}
"""Implicit VR, and a sequence that only its undefined length tells."""

NO_XML = {
    "charset_files/chrH31.dcm",
    "charset_files/chrH32.dcm",
    "charset_files/chrI2.dcm",
    "charset_files/chrJapMulti.dcm",
    "charset_files/chrJapMultiExplicitIR6.dcm",
    "charset_files/chrKoreanMulti.dcm",
    "charset_files/chrSQEncoding.dcm",
    "charset_files/chrSQEncoding1.dcm",
}
"""What dcm2xml prints is no XML: it holds references to control characters (ISO 2022)."""


def is_explained(path: tuple[object, ...], theirs: bytes | None, ours: bytes | None) -> bool:
    """Whether a difference to dump2dcm or xml2dcm is a wanted one."""
    if theirs is None or ours is None:
        return False
    if path[-1] in ("FD", "FL"):
        # The program's own number parser is off by a last digit; ours is exact.
        form = "<d" if path[-1] == "FD" else "<f"
        pairs = zip(struct.iter_unpack(form, theirs), struct.iter_unpack(form, ours), strict=True)
        return all(isclose(a, b, rel_tol=1e-15) for (a,), (b,) in pairs)
    # The program makes a line break of "\n" also where a backslash separates values ("yes\no").
    return ours.replace(b"\\n", b"\r\n") == theirs


def different_elements(theirs: bytes, ours: bytes) -> set[tuple[object, ...]]:
    """The paths of elements whose difference is not a wanted one."""
    expected, found = elements(parsed(theirs)), elements(parsed(ours))
    return {
        path
        for path in expected.keys() | found.keys()
        if expected.get(path) != found.get(path)
        and not is_explained(path, expected.get(path), found.get(path))
    }


def assert_equal(theirs: bytes, ours: bytes) -> None:
    """The same data sets, and the same meta headers but for who wrote them."""
    assert different_elements(theirs, ours) == set()
    left, right = parsed(theirs).file_meta, parsed(ours).file_meta
    for keyword in ("TransferSyntaxUID", "MediaStorageSOPClassUID", "SourceApplicationEntityTitle"):
        assert left.get(keyword) == right.get(keyword)


@cache
def dump_of(path: Path) -> bytes:
    return oracle.run("dcmdump", path, format="long").stdout


@cache
def xml_of(path: Path, **options: Any) -> bytes:
    return oracle.run("dcm2xml", path, load_all=True, **options).stdout


every_file = pytest.mark.parametrize("name", DICOM)


@every_file
def test_dump2dcm_writes_what_the_program_writes(name: str) -> None:
    dump = dump_of(DICOM[name])
    # The program drops trailing padding unless it is told not to, whatever its manual says.
    options = {**WHOLE_LINES, "padding": "retain"}
    done = oracle.run("dump2dcm", dump, None, **options)
    ours = dump2dcm(dump, None, **options).unwrap().data
    assert ours is not None
    assert (done.output is None) == (name in TEXT_OF_SEVERAL_LINES)
    if done.output is not None:
        assert_equal(done.output, ours)


@every_file
def test_a_dump_gives_the_file_back(name: str) -> None:
    content = dump2dcm(dump_of(DICOM[name]), None, **WHOLE_LINES).unwrap().data
    assert content is not None
    again = oracle.run("dcmdump", content, format="long").stdout
    is_equal = lines_of(again) == lines_of(dump_of(DICOM[name]))
    assert is_equal == (name not in WITHOUT_VRS)


def lines_of(dump: bytes) -> list[bytes]:
    """The elements of a dump, without what depends on the encoding or on who wrote the file."""
    kept = []
    for line in re.sub(rb"with (undefined|explicit) length #=", b"", dump).splitlines():
        text = line.partition(b" #")[0]
        if not text.strip().startswith((b"(0002,", b"#", b"(fffe,")) and b",0000) UL" not in text:
            # Without a VR in the file, what the dictionary does not know is UN for the reader.
            kept.append(text.replace(b") ?? ", b") UN ").replace(b" ", b""))
    return kept


@every_file
def test_xml2dcm_writes_what_the_program_writes(name: str) -> None:
    document = xml_of(DICOM[name], binary_encoding="hex", write_binary_data=True)
    done = oracle.run("xml2dcm", document, None, padding="retain")
    result = xml2dcm(document, None, padding="retain")
    if name in NO_XML:
        assert (done.output, result.ok) == (None, False)
        return
    ours = result.unwrap().data
    assert done.output is not None
    assert ours is not None
    if name in GARBLED_BY_DCM2XML:
        assert different_elements(done.output, ours)
    else:
        assert_equal(done.output, ours)


@every_file
def test_both_forms_of_binary_values_in_xml_are_the_same(name: str) -> None:
    # The program itself cannot read words in base64 but for pixel data.
    results = [
        xml2dcm(
            xml_of(DICOM[name], binary_encoding=form, write_binary_data=True),
            None,
            write_mode="dataset",
        )
        for form in ("hex", "base64")
    ]
    assert {result.ok for result in results} == {name not in NO_XML}
    if name not in NO_XML:
        assert results[0].unwrap().data == results[1].unwrap().data


@every_file
def test_json2dcm_keeps_what_dcm2json_reads(name: str) -> None:
    before = originals("dcm2json")[name]
    if not before.ok:
        assert name in BEYOND_ICONV or COMPRESSED in before.stderr
        return
    result = json2dcm(before.stdout)
    assert result.ok == (name not in NO_JSON)
    if name not in NO_JSON:
        content = result.unwrap().data
        assert content is not None
        assert oracle.run("dcm2json", content).stdout == before.stdout


@every_file
def test_json2dcm_keeps_what_our_dcm2json_reads(name: str) -> None:
    model = dcm2json(DICOM[name]).unwrap().data
    content = json2dcm(input_data=model).unwrap().data
    assert content is not None
    assert dcm2json(content).unwrap().data == model


OPTIONS: list[dict[str, Any]] = [
    {},
    {"write_xfer": "little"},
    {"write_xfer": "big"},
    {"write_xfer": "implicit"},
    {"write_xfer": "implicit", "length_encoding": "undefined"},
    {"length_encoding": "undefined"},
    {"group_length": "create"},
    {"group_length": "remove"},
    {"enable_new_vr": False},
    {"padding": "off"},
    {"padding": (512, 64)},
    {"read_meta": False},
    {"update_meta_info": True},
    {"ignore_errors": True},
]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("name", ["rtplan.dcm", "MR_small.dcm", "UN_sequence.dcm"])
def test_dump2dcm_writes_the_same_bytes(samples: Any, name: str, options: dict[str, Any]) -> None:
    dump = dump_of(samples(name))
    options = {"padding": "retain", **WHOLE_LINES, **options}
    done = oracle.run("dump2dcm", dump, None, **options)
    ours = dump2dcm(dump, None, **options).unwrap().data
    assert done.output is not None
    assert ours is not None
    if isinstance(options["padding"], tuple):
        # Meta headers of different sizes leave different room; the sum is what counts.
        assert (len(ours) % 512, len(done.output) % 512) == (0, 0)
        assert_equal(done.output, ours)
    else:
        assert data_set_of(ours) == data_set_of(done.output)


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("name", ["rtplan.dcm", "MR_small.dcm"])
def test_xml2dcm_writes_the_same_bytes(samples: Any, name: str, options: dict[str, Any]) -> None:
    document = xml_of(samples(name), binary_encoding="hex", write_binary_data=True)
    options = {"padding": "retain", **options}
    done = oracle.run("xml2dcm", document, None, **options)
    ours = xml2dcm(document, None, **options).unwrap().data
    assert done.output is not None
    assert ours is not None
    if isinstance(options["padding"], tuple):
        assert (len(ours) % 512, len(done.output) % 512) == (0, 0)
        assert_equal(done.output, ours)
    else:
        assert data_set_of(ours) == data_set_of(done.output)


@pytest.mark.parametrize("tool", [dump2dcm, xml2dcm])
def test_deflated(samples: Any, tool: Any) -> None:
    path = samples("rtplan.dcm")
    source = dump_of(path) if tool is dump2dcm else xml_of(path, write_binary_data=True)
    options = {"write_xfer": "deflated", "compression_level": 9}
    done = oracle.run(tool.__name__, source, None, **options)
    ours = tool(source, None, **options).unwrap().data
    assert done.output is not None
    assert_equal(done.output, ours)


@pytest.mark.parametrize("tool", [dump2dcm, xml2dcm])
def test_a_bare_data_set(samples: Any, tool: Any) -> None:
    path = samples("rtplan.dcm")
    source = dump_of(path) if tool is dump2dcm else xml_of(path, write_binary_data=True)
    done = oracle.run(tool.__name__, source, None, write_mode="dataset")
    assert tool(source, None, write_mode="dataset").unwrap().data == done.output


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("tool", [dump2dcm, xml2dcm])
def test_new_uids_where_the_program_makes_some(samples: Any, tool: Any, overwrite: bool) -> None:
    path = samples("rtplan.dcm")
    source = dump_of(path) if tool is dump2dcm else xml_of(path, write_binary_data=True)
    before = elements(parsed(tool(source, None).unwrap().data))
    options = {"generate_new_uids": True, "overwrite_uids": overwrite}
    done = oracle.run(tool.__name__, source, None, **options)
    assert done.output is not None
    theirs = elements(parsed(done.output))
    ours = elements(parsed(tool(source, None, **options).unwrap().data))
    changed = {path for path, value in theirs.items() if before.get(path) != value}
    assert {path for path, value in ours.items() if before.get(path) != value} == changed
    assert len(changed) == (3 if overwrite else 0)


def test_raw_words_of_either_order(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(bytes(range(8)))
    dump = tmp_path / "dump"
    dump.write_text("(0028,0010) US 2\n(7fe0,0010) OW =words\n")
    program = oracle.Original("dump2dcm", cwd=tmp_path)
    for big in (False, True):
        done = program(dump, None, big_endian_files=big)
        ours = dump2dcm(dump, None, big_endian_files=big).unwrap().data
        assert done.output is not None
        assert ours is not None
        assert data_set_of(ours) == data_set_of(done.output)


@pytest.mark.parametrize(
    "dump",
    [
        b"nonsense",
        b"(0010,0020 LO [4711]",
        b"(0010,0020) LO [4711",
        b"(0028,0010) US many",
        b"(0010,0020) LO <4711>",
        b"(0008,0016) UI =NoSuchName",
        b"(7fe0,0010) OW =/no/such/file",
        b"(fffe,e000) na",
        b"(fffe,e00d) na",
        b"(fffe,e0dd) na",
        b"(0040,a043) SQ",
        b"(0040,a043) SQ\n(fffe,e000) na",
        b"(0040,a043) SQ\n(0010,0020) LO [1]\n(fffe,e0dd) na",
        b"(7fe0,0010) OW (not loaded)",
    ],
)
def test_the_program_refuses_these_dumps_too(dump: bytes) -> None:
    assert oracle.run("dump2dcm", dump, None).output is None
    assert not dump2dcm(dump, None).ok


@pytest.mark.parametrize(
    "dump",
    [
        b"(7fe0,0010) OW 0000\\0000...  # 524288, 1 PixelData",  # shortened by dcmdump
        b"(0010,0020) LO [" + b"1" * 5000 + b"]",  # too long a line
        b"(0010,0020) LO [first]\n(0010,0020) LO [second]",
        # Native pixel data labelled as compressed.
        b"(0002,0010) UI [1.2.840.10008.1.2.4.50]\n(7fe0,0010) OB 00\\01",
    ],
)
def test_the_program_loses_data_in_silence_where_ours_refuses(dump: bytes) -> None:
    assert oracle.run("dump2dcm", dump, None).ok
    assert not dump2dcm(dump, None).ok


@pytest.mark.parametrize(
    "dump",
    [
        b"(0028,0009) AT (no value available)",  # as dcmdump prints it
        b"(0040,a160) UT [one\ntwo]",
        b"(0008,0060) CT\n(0010,0010) DOE^JANE",  # taken for the letters of a VR
    ],
)
def test_ours_reads_what_the_program_cannot(dump: bytes) -> None:
    done = oracle.run("dump2dcm", dump, None)
    ours = dump2dcm(dump, None).unwrap().data
    assert ours is not None
    assert done.output is None or data_set_of(done.output) != data_set_of(ours)


@pytest.mark.parametrize(
    "dump",
    [
        b"(0008,0060) CS [OT]\n(0010,0020) LO [4711]  # comment",
        b"( 0010 , 0020 ) LO 4711",
        b"(0028,0009) AT (3004,000c)\\(0018,1063)",
        b"(0008,0016) UI =MRImageStorage",
        b"(0009,0010) LO [OWNER]\n(0009,1001) UN 01\\02",
        b"(0010,0020) LO (no value available)",
        b"(0010,4000) LT [one\\ntwo]",
        b"(0009,1001) OB (not loaded)",
        b"(0028,0106) xs 7\n(0028,1221) ox 0001",
        b"(0040,a043) SQ\n(fffe,e000) na\n(0008,0100) SH [1]\n(fffe,e00d) na\n(fffe,e0dd) na",
    ],
)
def test_the_program_reads_these_dumps_like_this(dump: bytes) -> None:
    done = oracle.run("dump2dcm", dump, None)
    ours = dump2dcm(dump, None).unwrap().data
    assert done.output is not None
    assert ours is not None
    assert data_set_of(ours) == data_set_of(done.output)


ROOT = b'<data-set xfer="1.2.840.10008.1.2.1">'


@pytest.mark.parametrize(
    ("document", "options"),
    [
        (b"<data-set>", {}),
        (b"<NativeDicomModel/>", {}),
        (b"<file-format/>", {}),
        (ROOT + b'<element tag="0010" vr="LO">1</element></data-set>', {}),
        (ROOT + b'<element tag="0028,0010" vr="US">many</element></data-set>', {}),
        (ROOT + b'<element tag="0010,0020" vr="LO" binary="hidden"/></data-set>', {}),
        (ROOT + b"</data-set>", {"check_namespace": True}),
        (
            b"<!DOCTYPE data-set SYSTEM 'x.dtd'>" + ROOT + b"<a/></data-set>",
            {"validate_document": True},
        ),
    ],
)
def test_the_program_refuses_these_documents_too(document: bytes, options: dict[str, Any]) -> None:
    assert oracle.run("xml2dcm", document, None, **options).output is None
    assert not xml2dcm(document, None, **options).ok


def dtd_of(path: Path) -> str:
    """DCMTK's document type definition, as dcm2xml embeds it."""
    document = xml_of(path, dtd="embed").decode()
    return document.partition("[")[2].partition("\n]>")[0]


@pytest.mark.parametrize("dtd", ["reference", "embed"])
def test_valid_documents(samples: Any, tmp_path: Path, dtd: str) -> None:
    # The program demands that a document names or brings its DTD; ours has the rules.
    path = samples("rtplan.dcm")
    document = tmp_path / "document.xml"
    document.write_bytes(xml_of(path, dtd=dtd, write_binary_data=True))
    (tmp_path / "dcm2xml.dtd").write_text(dtd_of(path))
    done = oracle.run("xml2dcm", document, None, validate_document=True)
    ours = xml2dcm(document, None, validate_document=True).unwrap().data
    assert done.output is not None
    assert ours is not None
    assert data_set_of(ours) == data_set_of(done.output)


def test_the_rules_for_documents_are_those_of_the_dtd(samples: Any) -> None:
    dtd = dtd_of(samples("rtplan.dcm"))
    names: dict[str, set[str]] = {name: set() for name in re.findall(r"<!ELEMENT ([\w-]+)", dtd)}
    for name, attribute in re.findall(r"<!ATTLIST ([\w-]+) ([\w-]+)", dtd):
        names[name].add(attribute)
    required = re.findall(r"<!ATTLIST ([\w-]+) ([\w-]+) \w+ #REQUIRED", dtd)
    assert {name: set(rule.attributes) for name, rule in RULES.items()} == names
    assert sorted(required) == sorted((n, one) for n, r in RULES.items() for one in r.required)
