"""xml2dcm: DCMTK's XML, its validation, and what a stranger's XML must not be able to do."""

from __future__ import annotations

import gzip
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from dcmtk_native.convert import xml2dcm
from dcmtk_native.errors import (
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    OperationTimeoutError,
    OptionsError,
)
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err

JPEG = "1.2.840.10008.1.2.4.50"
NAMESPACE = "http://dicom.offis.de/dcmtk"


def data_set(content: str, syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    """The document of a data set without a meta header."""
    return f'<data-set xfer="{syntax}">{content}</data-set>'.encode()


def element(tag: str, vr: str, text: str, attributes: str = "") -> str:
    return f'<element tag="{tag}" vr="{vr}" {attributes}>{text}</element>'


FILE = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<file-format>\n'
    '<meta-header xfer="1.2.840.10008.1.2.1" name="Little Endian Explicit">\n'
    + element("0002,0010", "UI", "1.2.840.10008.1.2", 'vm="1" len="18" name="TransferSyntaxUID"')
    + element("0002,0016", "AE", "SENDER")
    + '\n</meta-header>\n<data-set xfer="1.2.840.10008.1.2">\n'
    + element("0008,0005", "CS", "ISO_IR 100")
    + element("0010,0010", "PN", "Jörg")
    + "\n</data-set>\n</file-format>"
).encode("latin-1")


def read(document: bytes, **options: Any) -> Dataset:
    """The data set that the document becomes."""
    content = xml2dcm(document, None, **options).unwrap().data
    assert content is not None
    return dcmread(BytesIO(content), force=True)


def raw(xml: str, **options: Any) -> bytes:
    """The value of the only element of a data set, in explicit little endian."""
    content = xml2dcm(data_set(xml), None, write_mode="dataset", **options).unwrap().data
    assert content is not None
    has_long_header = content[4:6] in (b"OB", b"OW", b"UN", b"OF", b"OD", b"UT")
    return content[12 if has_long_header else 8 :]


def refused(document: bytes, **options: Any) -> str:
    """Why a document is wrong."""
    result = xml2dcm(document, None, **options)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFormatError)
    assert result.error.message.startswith("xml2dcm failed: <bytes>, ")
    return result.error.message.partition("<bytes>, ")[2]


def test_a_file() -> None:
    found = read(FILE)
    assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2"
    assert found.file_meta.SourceApplicationEntityTitle == "SENDER"
    assert (found.SpecificCharacterSet, found.PatientName) == ("ISO_IR 100", "Jörg")


def test_the_meta_header_can_be_ignored() -> None:
    found = read(FILE, read_meta=False)
    assert "SourceApplicationEntityTitle" not in found.file_meta
    assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2"


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (element("0008,0060", "CS", "OT"), b"OT"),
        (element("0008,0016", "UI", "=CTImageStorage"), b"1.2.840.10008.5.1.4.1.1.2\0"),
        (element("0008,0018", "UI", "\n    1.2.3\n  "), b"1.2.3\0"),
        (element("0010,0020", "LO", "\n  4711\n"), b"4711"),
        (element("0010,4000", "LT", " one&#13;\ntwo &amp; more"), b" one\r\ntwo & more"),
        (element("0010,4000", "LT", "<![CDATA[<a>]]>"), b"<a> "),
        (element("0010,0020", "LO", ""), b""),
        (element("0028,0010", "US", " 256 "), b"\0\1"),
        (element("0028,0010", "US", ""), b""),
        (element("0028,0106", "xs", "7"), b"\7\0"),
        ('<element tag="0028,0010">7</element>', b"\7\0"),
        (element("0028,0009", "AT", "(0018,1063)"), b"\x18\0\x63\x10"),
        (element("0018,9073", "FD", "0.5"), b"\0\0\0\0\0\0\xe0\x3f"),
        (element("7fe0,0008", "OF", "0.5\\1"), b"\0\0\0\x3f\0\0\x80\x3f"),
        (element("7fe0,0010", "OW", "0001\\ff00", 'binary="yes"'), b"\1\0\0\xff"),
        (element("7fe0,0010", "OW", "AAH/AA==", 'binary="base64"'), b"\1\0\0\xff"),
        (element("7fe0,0010", "OB", "AAH/\n AA==", 'binary="base64"'), b"\0\1\xff\0"),
        (element("0009,1001", "UN", "45\\4d"), b"EM"),
        (element("0009,1001", "??", "45\\4d"), b"EM"),
    ],
)
def test_values(xml: str, expected: bytes) -> None:
    assert raw(xml) == expected


SEQUENCE = (
    '<sequence tag="0040,a043" vr="SQ" card="2" name="ConceptNameCodeSequence">\n<item card="2">'
    + element("0008,0100", "SH", "1111")
    + '<sequence tag="0040,a043" vr="SQ"></sequence></item><!-- comment --><item/></sequence>'
    + element("0010,0020", "LO", "4711")
)


def test_sequences_and_items() -> None:
    found = read(data_set(SEQUENCE))
    first, second = found.ConceptNameCodeSequence
    assert first.CodeValue == "1111"
    assert len(first.ConceptNameCodeSequence) == 0
    assert len(second) == 0
    assert found.PatientID == "4711"


def test_encapsulated_pixel_data() -> None:
    xml = (
        '<sequence tag="7fe0,0010" vr="OB"><pixel-item></pixel-item>'
        '<pixel-item binary="base64">/9gB</pixel-item><pixel-item binary="yes">ff\\d9</pixel-item>'
        "</sequence>"
    )
    content = xml2dcm(data_set(xml, JPEG), None).unwrap().data
    assert content is not None
    assert content.endswith(
        b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0"
        b"\xfe\xff\0\xe0\4\0\0\0\xff\xd8\1\0\xfe\xff\0\xe0\2\0\0\0\xff\xd9\xfe\xff\xdd\xe0\0\0\0\0"
    )


class TestCharacterSet:
    def test_text_is_brought_into_it(self) -> None:
        xml = element("0008,0005", "CS", "ISO_IR 144") + element("0010,0010", "PN", "Київ")
        content = xml2dcm(data_set(xml), None).unwrap().data
        assert content is not None
        assert content.endswith("Київ".encode("iso8859-5"))

    def test_without_one_text_is_utf8_and_labelled(self) -> None:
        found = read(data_set(element("0010,0010", "PN", "Jörg")))
        assert (found.SpecificCharacterSet, found.PatientName) == ("ISO_IR 192", "Jörg")

    def test_ascii_needs_no_label(self) -> None:
        assert "SpecificCharacterSet" not in read(data_set(element("0010,0010", "PN", "Doe")))

    def test_it_must_come_first(self) -> None:
        xml = element("0010,0010", "PN", "Jörg") + element("0008,0005", "CS", "ISO_IR 100")
        assert "must stand before" in refused(data_set(xml))

    def test_an_item_may_have_its_own(self) -> None:
        item = element("0008,0005", "CS", "ISO_IR 144") + element("0008,0104", "LO", "Київ")
        xml = f'<sequence tag="0040,a043" vr="SQ"><item>{item}</item></sequence>'
        assert read(data_set(xml)).ConceptNameCodeSequence[0].CodeMeaning == "Київ"

    def test_text_that_it_cannot_hold(self) -> None:
        xml = element("0008,0005", "CS", "ISO_IR 100") + element("0010,0010", "PN", "山田")
        assert "(0010,0010)" in refused(data_set(xml))


@pytest.mark.parametrize(
    ("document", "place", "why"),
    [
        (b"", "line 1, column 0", "no element found"),
        (b"<data-set>\n<item></data-set>", "line 2, column 8", "mismatched tag"),
        (b"\n<NativeDicomModel/>", "line 2", "the root is 'NativeDicomModel'"),
        (b"<file-format/>", "the end", "no element data-set"),
        (b"<file-format><data-set/></file-format>", "line 1", "a meta-header and a data-set"),
        (
            b"<file-format><meta-header/><a/></file-format>",
            "line 1",
            "a meta-header and a data-set",
        ),
        (FILE.replace(b"</data-set>", b"</data-set><data-set/>"), "line 8", "a second data-set"),
        (FILE.replace(b'"0002,0016"', b'"0008,0016"'), "line 4", "no file meta information"),
        (b'<?xml version="1.0" encoding="no-such"?><data-set/>', "line 1", "unknown encoding"),
        (data_set("\xff").replace(b"\xc3\xbf", b"\xff"), "line 1", "not well-formed"),
        (data_set(element("0010", "LO", "")), "line 1", "gggg,eeee"),
        (data_set("\n<element>1</element>"), "line 2", "gggg,eeee"),
        (data_set(element("0002,0010", "UI", "")), "line 1", "cannot stand in a data set"),
        (data_set(element("fffe,e000", "na", "")), "line 1", "cannot stand in a data set"),
        (data_set(element("0040,a043", "SQ", "")), "line 1", "cannot be an XML element"),
        (data_set('<sequence tag="0010,0020" vr="LO"/>'), "line 1", "cannot be an XML sequence"),
        (data_set(element("0010,0020", "LO", "1") * 2), "line 1, (0010,0020)", "twice"),
        (data_set(SEQUENCE * 2), "line 2", "(0040,a043) stands there twice"),
        (data_set("\n" + element("0028,0010", "US", "many")), "line 2, (0028,0010)", "VR US"),
        (data_set(element("0008,0016", "UI", "=Nobody")), "line 1, (0008,0016)", "no UID"),
        (data_set(element("7fe0,0010", "OW", "", 'binary="hidden"')), "line 1", "does not hold"),
        (data_set(element("7fe0,0010", "OW", "", 'loaded="no"')), "line 1", "does not hold"),
        (data_set(element("7fe0,0010", "OW", "AA", 'binary="base64"')), "line 1", "not base64"),
        (data_set(element("7fe0,0010", "OW", "A?==", 'binary="base64"')), "line 1", "not base64"),
        (data_set(element("0010,0020", "LO", "AA==", 'binary="base64"')), "line 1", "VR LO"),
        (
            data_set(
                '<sequence tag="7fe0,0010" vr="OB"><pixel-item>x</pixel-item></sequence>', JPEG
            ),
            "line 1, (fffe,e000)",
            "hexadecimal bytes",
        ),
        (data_set(element("7fe0,0010", "OB", "00\\01"), JPEG), "line 1", "a sequence"),
        (data_set("", "1.2.3"), "(0002,0010)", "unknown transfer syntax"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(document: bytes, place: str, why: str) -> None:
    message = refused(document)
    assert message.startswith(f"{place}")
    assert why in message


def test_ignoring_errors_leaves_out_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    xml = (
        element("0028,0010", "US", "many")
        + element("0010,0020", "LO", "first")
        + element("0010,0020", "LO", "second")
        + "<sequence><item>" + element("0010,0010", "PN", "ignored") + "</item></sequence>"
        + SEQUENCE.replace("4711", "third")
        + element("7fe0,0010", "OW", "", 'binary="hidden"')
    )  # fmt: skip
    found = read(data_set(xml), ignore_errors=True)
    assert found.PatientID == "first"
    assert found.ConceptNameCodeSequence[0].CodeValue == "1111"
    assert found["PixelData"].is_empty
    assert len(found) == 3
    assert len([record for record in caplog.records if "left out" in record.message]) == 5


def test_unknown_xml_is_skipped_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    xml = "text<comment>" + element("0010,0010", "PN", "no") + "</comment>"
    found = read(data_set(xml + element("0010,0020", "LO", "4711")))
    assert (found.PatientID, len(found)) == ("4711", 1)
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "text means nothing here",
        "element 'comment' means nothing here",
    ]


VALID = (
    FILE,
    data_set(SEQUENCE),
    data_set('<sequence tag="7fe0,0010" vr="OB"><pixel-item/></sequence>', JPEG),
    FILE.replace(b"<file-format>", f'<file-format xmlns="{NAMESPACE}">'.encode()),
)


class TestValidation:
    @pytest.mark.parametrize("document", VALID)
    def test_valid_documents(self, document: bytes) -> None:
        assert xml2dcm(document, None, validate_document=True).ok

    @pytest.mark.parametrize(
        ("document", "why"),
        [
            (b"<nonsense/>", "the root element"),
            (b"<file-format/>", "missing in 'file-format'"),
            (FILE.replace(b"<meta-header ", b"<a/><meta-header "), "'a' cannot stand here"),
            (FILE.replace(b' xfer="1.2.840.10008.1.2.1"', b""), "no attribute 'xfer'"),
            (data_set("text"), "text cannot stand in 'data-set'"),
            (data_set("<item/>"), "'item' cannot stand here"),
            (data_set('<element tag="0010,0020"/>'), "no attribute 'vr'"),
            (data_set(element("0010,0020", "LO", "", 'color="red"')), "cannot have an attribute"),
            (data_set(element("0010,0020", "LO", "", 'binary="b64"')), "cannot be 'b64'"),
            (data_set(element("0010,0020", "LO", "<b/>")), "'b' cannot stand here"),
            (
                data_set('<sequence tag="0040,a043" vr="SQ"><item/><pixel-item/></sequence>'),
                "'pixel-item' cannot stand here",
            ),
            (
                b'<file-format><meta-header xfer="1.2"></meta-header></file-format>',
                "missing in 'meta-header'",
            ),
        ],
    )
    def test_documents_that_are_not(self, document: bytes, why: str) -> None:
        for ignore in (False, True):
            message = refused(document, validate_document=True, ignore_errors=ignore)
            assert "the document is not valid" in message
            assert why in message


class TestNamespace:
    @pytest.mark.parametrize("attribute", ["xmlns", "xmlns:dcmtk"])
    def test_it_is_declared(self, attribute: str) -> None:
        root = f'<file-format {attribute}="{NAMESPACE}">'.encode()
        assert xml2dcm(FILE.replace(b"<file-format>", root), None, check_namespace=True).ok

    @pytest.mark.parametrize("attribute", ["", 'xmlns="http://example.org"'])
    def test_it_is_not(self, attribute: str) -> None:
        root = f"<file-format {attribute}>".encode()
        document = FILE.replace(b"<file-format>", root)
        assert "namespace" in refused(document, check_namespace=True)
        assert xml2dcm(document, None).ok

    def test_prefixed_names(self) -> None:
        document = f'<d:data-set xmlns:d="{NAMESPACE}"/>'.encode()
        assert xml2dcm(document, None, check_namespace=True).ok


class TestHostileDocuments:
    def entities(self, declarations: str, text: str) -> bytes:
        document = data_set(element("0010,0020", "LO", text)).decode()
        return f"<!DOCTYPE data-set [{declarations}]>{document}".encode()

    @pytest.mark.parametrize(
        ("declarations", "text"),
        [
            ('<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">', "&b;"),
            ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
            ('<!ENTITY % a SYSTEM "http://example.org/"> %a;', ""),
            ("<!ENTITY % a \"<!ENTITY b 'x'>\"> %a;", "&b;"),
        ],
    )
    def test_entities_are_refused(self, declarations: str, text: str) -> None:
        assert "declares an entity" in refused(self.entities(declarations, text))

    def test_unknown_entities_are_refused(self) -> None:
        assert "undefined entity" in refused(data_set(element("0010,0020", "LO", "&a;")))
        document = b'<!DOCTYPE data-set SYSTEM "http://127.0.0.1:9/x.dtd">' + data_set("&a;")
        assert "not declared" in refused(document)

    def test_a_named_dtd_is_not_loaded(self, tmp_path: Path) -> None:
        path = tmp_path / "document.xml"
        path.write_bytes(b'<!DOCTYPE data-set SYSTEM "missing.dtd">' + data_set(SEQUENCE))
        assert xml2dcm(path, None, validate_document=True).ok

    def test_defaults_of_a_dtd_do_not_count(self) -> None:
        document = self.entities('<!ATTLIST element binary CDATA "file">', "/etc/hostname")
        assert read(document).PatientID == "/etc/hostname"

    @pytest.mark.parametrize("close", [True, False])
    def test_deep_nesting(self, close: bool) -> None:
        deep = '<sequence tag="0040,a730" vr="SQ"><item>' * 100_000
        if close:
            deep += "</item></sequence>" * 100_000
        result = xml2dcm(data_set(deep), None, ignore_errors=True)
        assert isinstance(result, Err)
        assert isinstance(result.error, LimitExceededError)
        assert result.error.limit == "max_depth"

    def test_deep_nesting_of_what_means_nothing(self) -> None:
        deep = "<a>" * 200_000 + "</a>" * 200_000
        assert len(read(data_set(deep))) == 0

    def test_a_huge_comment(self) -> None:
        document = data_set("<!--" + "x" * (12 << 20) + "-->")
        assert "more than" in refused(document)

    def test_the_deadline_holds(self) -> None:
        document = data_set(element("0010,0020", "LO", "<a/>") * 1_000_000)
        begin = time.monotonic()
        result = xml2dcm(document, None, timeout_ms=100, ignore_errors=True)
        assert isinstance(result, Err)
        assert isinstance(result.error, OperationTimeoutError)
        assert time.monotonic() - begin < 5

    @pytest.mark.parametrize(
        ("limits", "limit"),
        [
            (Limits(max_depth=0), "max_depth"),
            (Limits(max_elements=2), "max_elements"),
            (Limits(max_element_length=3), "max_element_length"),
            (Limits(max_file_size=10), "max_file_size"),
        ],
    )
    def test_limits(self, limits: Limits, limit: str) -> None:
        result = xml2dcm(data_set(SEQUENCE), None, limits=limits)
        assert isinstance(result, Err)
        assert isinstance(result.error, LimitExceededError)
        assert result.error.limit == limit


class TestCompressedDocuments:
    def test_gzip(self) -> None:
        assert read(gzip.compress(FILE)) == read(FILE)

    def test_a_bomb(self) -> None:
        bomb = gzip.compress(data_set(" " * (4 << 20)))
        result = xml2dcm(bomb, None, limits=Limits(min_inflate_allowance=1 << 20))
        assert isinstance(result, Err)
        assert isinstance(result.error, LimitExceededError)
        assert result.error.limit == "max_inflate_ratio"

    def test_damage(self) -> None:
        whole = gzip.compress(FILE)
        assert "ends too early" in refused(whole[:-20])
        assert "the compressed document" in refused(whole[:15] + b"\xff" * 40)


class TestOutput:
    DOCUMENT = FILE.replace(
        b'<element tag="0010,0010"',
        b'<element tag="0008,0018" vr="UI">1.2.4</element><element tag="0010,0010"',
    ).replace(b"</meta-header>", b'<element tag="0002,0003" vr="UI">1.2.3</element></meta-header>')

    def test_new_uids(self) -> None:
        found = read(self.DOCUMENT, generate_new_uids=True)
        assert found.SOPInstanceUID == found.file_meta.MediaStorageSOPInstanceUID == "1.2.4"
        assert found.StudyInstanceUID.startswith("2.25.")
        found = read(self.DOCUMENT, generate_new_uids=True, overwrite_uids=True)
        assert found.SOPInstanceUID == found.file_meta.MediaStorageSOPInstanceUID != "1.2.4"

    def test_the_meta_header_is_kept_or_brought_up_to_date(self) -> None:
        assert read(self.DOCUMENT).file_meta.MediaStorageSOPInstanceUID == "1.2.3"
        found = read(self.DOCUMENT, update_meta_info=True)
        assert found.file_meta.MediaStorageSOPInstanceUID == "1.2.4"

    @pytest.mark.parametrize("word", ["little", "big", "implicit", "deflated"])
    def test_native_transfer_syntaxes(self, word: str) -> None:
        assert read(data_set(SEQUENCE), write_xfer=word) == read(data_set(SEQUENCE))

    def test_from_file_to_file(self, tmp_path: Path) -> None:
        document = tmp_path / "document.xml"
        document.write_bytes(FILE)
        output = tmp_path / "out.dcm"
        result = xml2dcm(document, output).unwrap()
        assert (result.output_path, result.data) == (str(output), None)
        assert dcmread(output).PatientName == "Jörg"

    def test_a_failed_call_leaves_no_file(self, tmp_path: Path) -> None:
        assert not xml2dcm(b"<", tmp_path / "out.dcm").ok
        assert not list(tmp_path.iterdir())

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        for path in (tmp_path / "missing", tmp_path):
            result = xml2dcm(path, None)
            assert isinstance(result, Err)
            assert isinstance(result.error, DicomFileError)
            assert str(path) in result.error.message

    @pytest.mark.parametrize(
        "options",
        [
            {"overwrite_uids": True},
            {"update_meta_info": True, "write_mode": "dataset"},
            {"compression_level": 9},
        ],
    )
    def test_options_without_effect_or_sense(self, options: dict[str, Any]) -> None:
        result = xml2dcm(FILE, None, **options)
        assert isinstance(result, Err)
        assert isinstance(result.error, OptionsError)
        assert result.error.message.startswith("xml2dcm: invalid options:")
