"""For every option of every tool: a call whose outcome changes with it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dcmtk_native import Limits, TransferSyntax
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_LITTLE,
    JPEG_BASELINE,
    Encoding,
    ct_image,
    dataset,
    dicom_file,
    meta_header,
)

__all__ = [
    "ALWAYS",
    "CASES",
    "END_OF_ITEM",
    "END_OF_SEQUENCE",
    "FILE",
    "INPUTS",
    "ITEM",
    "UIDS",
    "UNDEFINED",
    "Case",
    "element",
    "implicit",
]

Made = Callable[[Path], Any]


@dataclass(frozen=True)
class Case:
    """A call whose outcome changes with one option.

    Attributes:
        option: its name.
        value: what it is given; of a function of a folder: what it returns.
        content: the input, or a function of a folder that makes it.
        also: what is given with and without the option.
    """

    option: str
    value: Any
    content: Any = None
    also: dict[str, Any] = field(default_factory=dict)


def element(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    """An element of explicit VR whose length need not be true, or even."""
    size = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    long = vr in {"OB", "OW", "SQ", "UN"}
    return head + (struct.pack("<HI", 0, size) if long else struct.pack("<H", size)) + value


def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
    """The same of implicit VR; items and delimiters too."""
    size = len(value) if length is None else length
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, size) + value


UNDEFINED = 0xFFFFFFFF
ITEM, END_OF_ITEM, END_OF_SEQUENCE = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LITTLE = {"read_mode": "dataset", "read_xfer": "little"}
IMPLICIT = {"read_mode": "dataset", "read_xfer": "implicit"}

FILE = dicom_file(ct_image())
ACCENTS = dicom_file(ct_image((0x00100010, "PN", "Müller^Jörg")))
SEQUENCE = dicom_file(ct_image((0x00081140, "SQ", [[(0x00081155, "UI", "1.2.4")]])))
TWICE = dicom_file(ct_image((0x00081140, "SQ", [[(0x00100020, "LO", "OTHER")]])))
PRIVATE = dicom_file(ct_image((0x00090010, "LO", "OWNER"), (0x00091001, "LO", "secret")))
LONG_TEXT = dicom_file(ct_image((0x00104000, "LT", "long " * 2000)))
BIG_PIXELS = dicom_file(ct_image(rows=60, columns=60))
BINARY = dicom_file(ct_image((0x00282000, "OB", b"\1\2\3\4")))
NEW_VR = dicom_file(ct_image((0x00080119, "UC", "long code value")))
OTHER_META = dicom_file(
    ct_image(), meta=[*meta_header(EXPLICIT_LITTLE), (0x00020016, "AE", "SENDER")]
)
LITTLE_SET = dataset(ct_image())
UIDS = [(0x00080016, "UI", CT_IMAGE), (0x00080018, "UI", "1.2.3.4")]
# Without them dcmconv would make up new ones for every call.
START = dataset(UIDS)
IMPLICIT_START = dataset(UIDS, Encoding(explicit=False))


def wrong_meta_length() -> bytes:
    content = bytearray(FILE)
    (length,) = struct.unpack_from("<I", content, 140)
    struct.pack_into("<I", content, 140, length + 2)
    return bytes(content)


def deflated_as_zlib() -> bytes:
    whole = dicom_file(ct_image(), transfer_syntax=DEFLATED)
    (length,) = struct.unpack_from("<I", whole, 140)
    packed = zlib.compress(LITTLE_SET)
    return whole[: 144 + length] + packed + b"\0" * (len(packed) % 2)


def folder_of_files(folder: Path) -> Path:
    inputs = folder / "inputs"
    (inputs / "deeper").mkdir(parents=True)
    for name in ("one.dcm", "two.other", "deeper/three.dcm"):
        (inputs / name).write_bytes(FILE)
    return inputs


def on_disk(content: bytes) -> Made:
    def made(folder: Path) -> Path:
        path = folder / "input"
        path.write_bytes(content)
        return path

    return made


def file_with(name: str, content: bytes) -> Made:
    def made(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return made


def _file(folder: Path, name: str, content: bytes) -> Path:
    return Path(file_with(name, content)(folder))


def output(name: str) -> Made:
    return lambda folder: folder / name


READING = [
    Case("read_mode", "file-only", LITTLE_SET),
    Case("read_xfer", "big", LITTLE_SET, {"read_mode": "dataset"}),
    Case("limits", Limits(max_elements=3)),
]
MODIFY_PARSE = [
    Case("odd_length", "assume-even", START + element(0x00100010, "PN", b"Doe^Jane", 7), LITTLE),
    Case("data_correction", False, dicom_file(ct_image((0x00100020, "LO", "ID    ")))),
    Case("deflated_bitstream", "zlib", deflated_as_zlib()),
]
FULL_PARSE = [
    *MODIFY_PARSE,
    Case("use_meta_length", False, wrong_meta_length()),
    Case("explicit_vr", "ignore", START + element(0x00100010, "LO", b"Doe^Jane"), LITTLE),
    Case(
        "nonstandard_vr", "implicit", START + element(0x00100010, "\5\0", b"", 0) + b"Jane^", LITTLE
    ),
    Case(
        "undefined_length_un",
        "explicit",
        START
        + element(0x00091001, "UN", b"", UNDEFINED)
        + implicit(ITEM, b"", UNDEFINED)
        + element(0x00100020, "LO", b"ID")
        + implicit(END_OF_ITEM, b"")
        + implicit(END_OF_SEQUENCE, b""),
        LITTLE,
    ),
    Case("convert_un", True, START + element(0x00100010, "UN", b"Doe^Jane"), LITTLE),
    Case(
        "private_max_length",
        "sequence",
        IMPLICIT_START
        + implicit(0x00090010, b"GEMS_IDEN_01")
        + implicit(0x00091001, b"", UNDEFINED)
        + implicit(ITEM, implicit(0x00100020, b"ID"))
        + implicit(END_OF_SEQUENCE, b""),
        IMPLICIT,
    ),
    Case(
        "wrong_delimiters",
        "replace",
        START
        + element(0x00081140, "SQ", b"", UNDEFINED)
        + implicit(ITEM, b"", UNDEFINED)
        + element(0x00081155, "UI", b"1.2.")
        + implicit(END_OF_SEQUENCE, b"")
        + implicit(END_OF_SEQUENCE, b"")
        + element(0x00100020, "LO", b"ID"),
        LITTLE,
    ),
    Case(
        "illegal_obow",
        "convert",
        START
        + element(0x00282000, "OB", b"", UNDEFINED)
        + implicit(ITEM, b"\1\2")
        + implicit(END_OF_SEQUENCE, b""),
        LITTLE,
    ),
    Case(
        "illegal_voi",
        "convert",
        START
        + element(0x00283010, "OW", implicit(ITEM, element(0x00283002, "US", b"\2\0\0\0\20\0"))),
        LITTLE,
    ),
    Case(
        "explicit_length_pixel_data",
        "use",
        dicom_file(ct_image(), transfer_syntax=JPEG_BASELINE),
        {},
    ),
    Case(
        "parse_errors",
        "ignore",
        START
        + element(0x00081140, "SQ", implicit(ITEM, element(0x00081155, "UI", b"1.2.", 40)))
        + element(0x00100020, "LO", b"ID" * 20),
        LITTLE,
    ),
    Case("stop_after", "PatientName"),
]
WRITING = [
    Case("enable_new_vr", False, NEW_VR),
    Case("group_length", "create"),
    Case("length_encoding", "undefined", SEQUENCE),
    Case("padding", (512, 64)),
]
DEFLATING = Case("compression_level", 0, also={"write_xfer": "deflated"})
DOCUMENT = [
    *(Case(each.option, each.value) for each in WRITING),
    DEFLATING,
    Case("write_mode", "dataset"),
    Case("write_xfer", "implicit"),
    Case("generate_new_uids", True),
    Case("update_meta_info", True),
    Case("read_meta", False),
    Case("limits", Limits(max_elements=1)),
]

DUMP = rb"""
(0002,0002) UI [1.2.3]
(0002,0010) UI [1.2.840.10008.1.2.1]
(0008,0016) UI [1.2.840.10008.5.1.4.1.1.2]
(0008,0018) UI [1.2.4]
(0008,0119) UC [long code value]
(0008,1140) SQ (Sequence with explicit length #=1)
  (fffe,e000) na (Item with explicit length #=1)
    (0008,1155) UI [1.2.5]
  (fffe,e00d) na
(fffe,e0dd) na
(0010,0010) PN [Doe^Jane]
"""
JSON = b"""{
"00020002": {"vr": "UI", "Value": ["1.2.3"]},
"00020010": {"vr": "UI", "Value": ["1.2.840.10008.1.2.1"]},
"00080005": {"vr": "CS", "Value": ["ISO_IR 100"]},
"00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
"00080018": {"vr": "UI", "Value": ["1.2.4"]},
"00080119": {"vr": "UC", "Value": ["long code value"]},
"00081140": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.2.5"]}}]},
"00100010": {"vr": "PN", "Value": [{"Alphabetic": "M\xc3\xbcller"}]}}"""
XML = b"""<file-format><meta-header xfer="1.2.840.10008.1.2.1">
<element tag="0002,0002" vr="UI">1.2.3</element>
<element tag="0002,0010" vr="UI">1.2.840.10008.1.2.1</element></meta-header>
<data-set xfer="1.2.840.10008.1.2.1">
<element tag="0008,0016" vr="UI">1.2.840.10008.5.1.4.1.1.2</element>
<element tag="0008,0018" vr="UI">1.2.4</element>
<element tag="0008,0119" vr="UC">long code value</element>
<sequence tag="0008,1140" vr="SQ"><item>
<element tag="0008,1155" vr="UI">1.2.5</element></item></sequence>
<element tag="0010,0010" vr="PN">Doe^Jane</element></data-set></file-format>"""
UIDS_OF_DUMP = b"(0020,000d) UI [1.2.6]\n(0020,000e) UI [1.2.7]\n"
UIDS_OF_JSON = (
    b'{"0020000D": {"vr": "UI", "Value": ["1.2.6"]}, "0020000E": {"vr": "UI", "Value": ["1.2.7"]},'
)
END_OF_XML = b"</data-set>"
UIDS_OF_XML = (
    b'<element tag="0020,000d" vr="UI">1.2.6</element>'
    b'<element tag="0020,000e" vr="UI">1.2.7</element>'
)
NEW_UIDS = {"generate_new_uids": True}
WORDS = b"(7fe0,0010) OW =words.raw"
SET_NAME = {"modifications": [("PatientName", "Doe^Jane")]}
ABSENT = {"modifications": [("PatientComments", "x"), ("PatientID", "7")]}

CASES: dict[str, list[Case]] = {
    "dcmftest": [],
    "dcmdump": [
        *READING,
        *FULL_PARSE,
        Case("format", "long", LONG_TEXT),
        Case("format", "short"),
        Case("all_tags", True, LONG_TEXT),
        Case("search_tag", "PatientName"),
        Case("print_values", True),
        Case("scan_directories", True, folder_of_files),
        Case("scan_pattern", "*.dcm", folder_of_files, {"scan_directories": True}),
        Case("recurse", True, folder_of_files, {"scan_directories": True}),
        Case("load_all", False, LONG_TEXT),
        Case("max_read_length", 64, LONG_TEXT, {"load_all": False}),
        Case("tree", True, SEQUENCE),
        Case("print_filename", True, on_disk(FILE)),
        Case("print_filename", "search", on_disk(FILE), {"search_tag": "PatientID"}),
        Case("map_uid_names", False),
        Case("quote", "xml", dicom_file(ct_image((0x00104000, "LT", "a\x01<b")))),
        Case("quote", "octal", dicom_file(ct_image((0x00104000, "LT", "a\x01<b")))),
        Case("color", True),
        Case("ignore_errors", True, FILE[:-20]),
        Case("search_first", True, TWICE, {"search_tag": "PatientID"}),
        Case("prepend_path", True, SEQUENCE, {"search_tag": "ReferencedSOPInstanceUID"}),
        Case("write_pixel", output("pixels"), on_disk(FILE)),
        Case("convert_charset", "utf8", ACCENTS),
        Case("stop_before", "PatientName"),
    ],
    "dcm2json": [
        *READING,
        Case("direct_only", True, dicom_file(ct_image((0x00189073, "FD", [float("inf")])))),
        Case("write_meta", True),
        Case("encode_extended", True, dicom_file(ct_image((0x00189073, "FD", [float("inf")])))),
        Case("binary", "omit"),
        Case("output_path", output("out.json")),
        Case("compact", True, also={"output_path": output("out.json")}),
    ],
    "dcm2xml": [
        *READING,
        Case("namespace", True),
        Case("charset", "latin1", ACCENTS),
        Case("write_binary_data", True, BINARY),
        Case("encode_binary_base64", False, BINARY, {"write_binary_data": True}),
        Case("output_path", output("out.xml")),
        Case("xml_format", "native"),
        Case("load_all", True, BIG_PIXELS),
        Case("max_read_length", 64, BIG_PIXELS),
        Case("dtd", "reference"),
        Case("dtd", "embed"),
        Case("dtd_file", file_with("own.dtd", b"<!-- own -->"), also={"dtd": "embed"}),
        Case("element_names", False),
        Case("binary_encoding", "hex", BINARY),
        Case("charset_assume", "ISO_IR 100", dicom_file([(0x00100010, "PN", "Müller")])),
        Case("charset_check_all", True, dicom_file([(0x00080060, "CS", "Ü")])),
    ],
    "dcmconv": [
        *READING,
        *(case for case in FULL_PARSE if case.option != "use_meta_length"),
        *WRITING,
        Case("transfer_syntax", "1.2.840.10008.1.2.2"),
        Case("write_mode", "file", OTHER_META),
        Case("compression_level", 0, also={"transfer_syntax": TransferSyntax.DEFLATED}),
        Case("remove_invalid_groups", True, dicom_file([*ct_image(), (0xFFFF0010, "LO", "x")])),
        Case("convert_charset", "utf8", ACCENTS),
        Case("transliterate", True, ACCENTS, {"convert_charset": "ascii"}),
        Case("discard_illegal", True, ACCENTS, {"convert_charset": "ascii"}),
    ],
    "dcmodify": [
        *READING,
        *MODIFY_PARSE,
        *WRITING,
        Case("modifications", [("PatientName", "Other")]),
        Case("erasures", ["PatientID"]),
        Case("erase_private_tags", True, PRIVATE),
        Case("no_backup", False, on_disk(FILE)),
        Case("insert_if_missing", True, also=ABSENT),
        Case("insertions", [("PatientComments", "x")]),
        Case("modifications_from_file", lambda f: [("PixelData", _file(f, "new", bytes(48)))]),
        Case("insertions_from_file", lambda f: [("(0042,0011)", _file(f, "new", b"doc!"))]),
        Case("modify_all", [("Modality", "MR")]),
        Case("erase_all", ["Modality"]),
        Case("generate_study_uid", True),
        Case("generate_series_uid", True),
        Case("generate_instance_uid", True),
        Case("update_meta_uids", False, also={"modifications": [("SOPInstanceUID", "1.2.9")]}),
        Case("create_file", True, output("new.dcm"), {"insertions": [("PatientName", "A")]}),
        Case("no_reservation_check", True, also={"insertions": [("(0011,1001)", "x")]}),
        Case("ignore_errors", True, also=ABSENT),
        Case("ignore_missing_tags", True, also=ABSENT),
        Case(
            "ignore_un_values",
            True,
            dicom_file(ct_image((0x00090010, "LO", "X"), (0x00091001, "UN", b"\1\2"))),
            {"modifications": [("(0009,1001)", "3\\4")]},
        ),
        Case("write_mode", "dataset"),
        Case("write_xfer", "big"),
    ],
    "dump2dcm": [
        *DOCUMENT,
        Case("overwrite_uids", True, DUMP + UIDS_OF_DUMP, NEW_UIDS),
        Case("big_endian_files", True, DUMP + WORDS, {"file_directory": lambda f: f}),
        Case("max_line_length", 100, DUMP + b"(0010,4000) LT [" + b"x" * 200 + b"]"),
        Case(
            "text_encoding",
            "utf8",
            DUMP + "(0008,0005) CS [ISO_IR 100]\n(0010,0020) LO [Ü]".encode(),
        ),
        Case("file_directory", lambda f: f, DUMP + WORDS),
        Case("write_file_format", False),
        Case("ignore_errors", True, DUMP + b"no line of a dump"),
    ],
    "json2dcm": [
        *DOCUMENT,
        Case("overwrite_uids", True, JSON.replace(b"{", UIDS_OF_JSON, 1), NEW_UIDS),
        Case("input_data", {"00100020": {"vr": "LO", "Value": ["7"]}}),
        Case("replace_charset", True),
        Case("ignore_errors", True, b'{"00100020": {"vr": "XX", "Value": ["7"]}}'),
    ],
    "xml2dcm": [
        *DOCUMENT,
        Case("overwrite_uids", True, XML.replace(END_OF_XML, UIDS_OF_XML + END_OF_XML), NEW_UIDS),
        Case("validate_document", True, XML.replace(b"<element ", b"<element odd='1' ")),
        Case("check_namespace", True),
        Case(
            "file_directory",
            lambda f: f,
            b'<data-set xfer="1.2.840.10008.1.2.1">'
            b'<element tag="7fe0,0010" vr="OW" binary="file">words.raw</element></data-set>',
        ),
        Case("ignore_errors", True, XML.replace(b'tag="0010,0010"', b'tag="x"')),
    ],
}
INPUTS = {"dump2dcm": DUMP, "json2dcm": JSON, "xml2dcm": XML}
ALWAYS: dict[str, dict[str, Any]] = {
    "dcmconv": {"output_path": None, "transfer_syntax": TransferSyntax.EXPLICIT_LITTLE},
    "dcmodify": SET_NAME,
    "dump2dcm": {"output_path": None},
    "json2dcm": {"output_path": None},
    "xml2dcm": {"output_path": None},
}
