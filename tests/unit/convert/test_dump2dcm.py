"""dump2dcm: the syntax of dumps, text of several lines, what is wrong in a dump."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from dcmtk_native.convert import dump2dcm
from dcmtk_native.errors import (
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    OptionsError,
)
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err

JPEG = b"(0002,0010) UI [1.2.840.10008.1.2.4.50]\n"


def read(dump: bytes, **options: Any) -> Dataset:
    """The data set that the dump becomes."""
    content = dump2dcm(dump, None, **options).unwrap().data
    assert content is not None
    return dcmread(BytesIO(content), force=True)


def value(line: bytes, **options: Any) -> Any:
    """The value of the only element of a dump."""
    (found,) = read(line, **options)
    return found.value


def raw(line: bytes, **options: Any) -> bytes:
    """The same as bytes, in explicit little endian."""
    content = dump2dcm(line, None, write_mode="dataset", **options).unwrap().data
    assert content is not None
    has_long_header = content[4:6] in (b"OB", b"OW", b"UN", b"OF", b"OD", b"OL", b"OV", b"UT")
    return content[12 if has_long_header else 8 :]


def refused(dump: bytes, **options: Any) -> str:
    """Why a dump is wrong."""
    result = dump2dcm(dump, None, **options)
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFormatError)
    assert result.error.message.startswith("dump2dcm failed: <bytes>, line ")
    return result.error.message.partition("<bytes>, ")[2]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"(0008,0020) DA [19921012]            #  8, 1 StudyDate", b"19921012"),
        (
            b"(0008,0016) UI =MRImageStorage       # 26, 1 SOPClassUID",
            b"1.2.840.10008.5.1.4.1.1.4\0",
        ),
        (b"(0008,0018) UI [1.2.276.0.7230010.100.1.1]", b"1.2.276.0.7230010.100.1.1\0"),
        (b"(0020,0032) DS [0.0\\.0]             #  8, 2 ImagePositionPatient", b"0.0\\.0"),
        (b"(0028,0009) AT (3004,000c)           #  4, 1 FrameIncrementPointer", b"\4\x30\x0c\0"),
        (b"(0028,0009) AT (3004,000c)\\(18,1063)", b"\4\x30\x0c\0\x18\0\x63\x10"),
        (b"(0028,0010) US 256                   #  4, 1 Rows", b"\0\1"),
        (b"(0028,0010) 256", b"\0\1"),
        (b"(0028,0106) SS -2\\3", b"\xfe\xff\3\0"),
        (b"(0018,6020) SL -1", b"\xff\xff\xff\xff"),
        (b"(0018,6022) UL 4294967295", b"\xff\xff\xff\xff"),
        (b"(0018,9073) FD 0.5", b"\0\0\0\0\0\0\xe0\x3f"),
        (b"(0008,9459) FL 0.5", b"\0\0\0\x3f"),
        (b"(7fe0,0008) OF 0.5\\1", b"\0\0\0\x3f\0\0\x80\x3f"),
        (b"(0009,0001) OB 01\\00\\F", b"\1\0\x0f\0"),
        (b"(7fe0,0010) OW 0001\\ff00", b"\1\0\0\xff"),
        (b"(0009,1001) UN 45\\4d\\20\\00", b"EM \0"),
        (b"(0009,1001) ?? 45\\4d", b"EM"),
        (b"(0028,0106) xs 7", b"\7\0"),
        (b"( 00 10 , 0010 ) PN Doe^Jane", b"Doe^Jane"),
        (b"\t(0010,0010)\tPN\t[Doe [the] first]", b"Doe [the] first "),
        (b"(0010,0010) [Doe^Jane]", b"Doe^Jane"),
        (b"(0010,0010) DOE^JANE", b"DOE^JANE"),
        (b"(0008,0060) CT", b"CT"),
        (b"(0008,0060) CT  # two letters that are no VR", b"CT"),
        (b"(0010,0020) ZZ [4711]", b"4711"),
        (b"(0010,0020) LO 47#11", b"47"),
        (b"(0010,0020) LO [47#11]", b"47#11 "),
        (b"(0010,0020) LO (no value available) # 0, 0 PatientID", b""),
        (b"(0028,0009) AT (no value available)", b""),
        (b"(0010,0020) LO []", b""),
        (b"(0010,0020) LO", b""),
        (b"(0010,0020) LO    # a comment", b""),
        (b"(0010,4000) LT [first\\nsecond]", b"first\r\nsecond "),
        (b"(0012,0063) LO [keep\\no identifiers]", b"keep\\no identifiers "),
        (b"(0010,0010) PN [J\xf6rg]", b"J\xf6rg"),
    ],
)
def test_lines(line: bytes, expected: bytes) -> None:
    assert raw(line) == expected


def test_comments_and_empty_lines_mean_nothing() -> None:
    assert value(b"\n# Dicom-Data-Set\n  # more\n\t\n\r\n(0010,0020) LO [4711]\r\n") == "4711"


def test_lines_come_in_any_order() -> None:
    found = read(b"(0010,0020) LO [4711]\n(0008,0060) CS [OT]\n(0002,0016) AE [SENDER]\n")
    assert [one.tag for one in found] == [0x00080060, 0x00100020]
    assert found.file_meta.SourceApplicationEntityTitle == "SENDER"


SEQUENCE = b"""
(0040,a043) SQ (Sequence with undefined length #=2)     # u/l, 1 ConceptNameCodeSequence
  (fffe,e000) na (Item with explicit length #=2)          #  42, 1 Item
    (0008,0100) SH [1111]                                   #   4, 1 CodeValue
    (0040,a043) SQ (Sequence with explicit length #=0)      #   0, 1 ConceptNameCodeSequence
    (fffe,e0dd) na (SequenceDelimitationItem for re-encod.) #   0, 0 SequenceDelimitationItem
  (fffe,e00d) na (ItemDelimitationItem for re-encoding)   #   0, 0 ItemDelimitationItem
  (fffe,e000) na "Directory Record" IMAGE #=0
  (fffe,e00d) na (ItemDelimitationItem)                   #   0, 0 ItemDelimitationItem
(fffe,e0dd) na (SequenceDelimitationItem)               #   0, 0 SequenceDelimitationItem
(0010,0020) LO [4711]
"""


def test_sequences_and_items() -> None:
    found = read(SEQUENCE)
    first, second = found.ConceptNameCodeSequence
    assert first.CodeValue == "1111"
    assert len(first.ConceptNameCodeSequence) == 0
    assert len(second) == 0
    assert found.PatientID == "4711"


@pytest.mark.parametrize("encoding", ["explicit", "undefined"])
@pytest.mark.parametrize("syntax", ["little", "big", "implicit", "deflated"])
def test_the_same_in_every_native_encoding(syntax: str, encoding: str) -> None:
    assert read(SEQUENCE, write_xfer=syntax, length_encoding=encoding) == read(SEQUENCE)


def test_encapsulated_pixel_data() -> None:
    dump = JPEG + (
        b"(7fe0,0010) OB (PixelSequence #=3)\n  (fffe,e000) pi (no value available)\n"
        b"  (fffe,e000) pi ff\\d8\\1\n  (fffe,e000) pi 00\\01\n(fffe,e0dd) na\n"
    )
    content = dump2dcm(dump, None).unwrap().data
    assert content is not None
    assert content.endswith(
        b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\0\0\0\0"
        b"\xfe\xff\0\xe0\4\0\0\0\xff\xd8\1\0\xfe\xff\0\xe0\2\0\0\0\0\1\xfe\xff\xdd\xe0\0\0\0\0"
    )


@pytest.mark.parametrize(
    ("line", "uid"),
    [
        (b"(0002,0010) UI =BigEndianExplicit   # 20, 1 TransferSyntaxUID", "1.2.840.10008.1.2.2"),
        (b"(0002,0010) UI [1.2.840.10008.1.2.2]", "1.2.840.10008.1.2.2"),
        (b"(0002,0010) 1.2.840.10008.1.2", "1.2.840.10008.1.2"),
        (b"", "1.2.840.10008.1.2.1"),
    ],
)
def test_the_transfer_syntax_may_stand_anywhere(line: bytes, uid: str) -> None:
    for dump in (line + b"\n(0028,0010) US 1", b"(0028,0010) US 1\n" + line):
        found = read(dump)
        assert found.file_meta.TransferSyntaxUID == uid
        assert found.Rows == 1


def test_file_meta_information_can_be_ignored() -> None:
    found = read(b"(0002,0010) UI =BigEndianExplicit\n(0002,0016) AE [SENDER]", read_meta=False)
    assert found.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert "SourceApplicationEntityTitle" not in found.file_meta


def test_a_value_that_was_not_loaded_becomes_an_empty_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert value(b"(0040,a160) UT (not loaded)  # 524288, 1 TextValue") == ""
    assert "line 1: the value had not been loaded" in caplog.text


class TestTextOfSeveralLines:
    """dcmdump prints the line breaks of a value as they are."""

    def test_it_goes_on_to_the_closing_bracket(self) -> None:
        dump = (
            b"(0040,a160) UT [one\r\n# two ]  \n\nthree]  # 9, 1 TextValue\n(0010,0020) LO [4711]"
        )
        found = read(dump)
        assert found.PatientID == "4711"
        assert found.TextValue == "one\r\n# two ]  \n\nthree"

    def test_all_of_it_is_kept(self) -> None:
        assert value(b"(0040,a160) UT [ one \r\n\r\n  two] # 9, 1") == " one \r\n\r\n  two"

    def test_what_follows_may_only_be_a_comment(self) -> None:
        assert value(b"(0040,a160) UT [one\ntwo] # 7, 1\n\n#  offset=$42") == "one\ntwo"
        assert refused(b"(0040,a160) UT [one\ntwo]\nthree").startswith("line 1: no closing")

    def test_an_element_in_it_means_that_the_bracket_is_missing(self) -> None:
        dump = b"(0010,0010) PN [Doe^Jane\n\n(0010,0020) LO [4711]"
        assert refused(dump) == "line 1: no closing bracket"
        (found,) = read(dump, ignore_errors=True)
        assert found.value == "4711"

    def test_the_end_of_the_dump_means_the_same(self) -> None:
        assert refused(b"\n(0010,0010) PN [Doe\nJane") == "line 2: no closing bracket"

    def test_other_values_have_one_line(self) -> None:
        assert refused(b"(0028,0010) US [1\n]") == "line 1: no closing bracket"


class TestTextEncoding:
    DUMP = "(0008,0005) CS [ISO_IR 100]\n(0010,0010) PN [Jörg]\n".encode()

    def test_bytes_are_kept(self) -> None:
        content = dump2dcm(self.DUMP, None).unwrap().data
        assert content is not None
        assert content.endswith("Jörg ".encode())

    def test_utf8_is_brought_into_the_character_set(self) -> None:
        content = dump2dcm(self.DUMP, None, text_encoding="utf8").unwrap().data
        assert content is not None
        assert content.endswith("Jörg".encode("latin-1"))

    def test_without_a_character_set_it_stays_utf8_and_is_labelled(self) -> None:
        found = read("(0010,0010) PN [Jörg]".encode(), text_encoding="utf8")
        assert (found.SpecificCharacterSet, found.PatientName) == ("ISO_IR 192", "Jörg")

    def test_ascii_needs_no_label(self) -> None:
        assert "SpecificCharacterSet" not in read(b"(0010,0010) PN [Doe]", text_encoding="utf8")

    def test_the_character_set_must_come_first(self) -> None:
        first, second = self.DUMP.splitlines()
        dump = second + b"\n" + first
        assert "must stand before" in refused(dump, text_encoding="utf8")

    def test_text_that_is_not_utf8(self) -> None:
        assert "not UTF-8" in refused(b"(0010,0010) PN [J\xf6rg]", text_encoding="utf8")

    def test_text_that_the_character_set_cannot_hold(self) -> None:
        dump = "(0008,0005) CS [ISO_IR 100]\n(0010,0010) PN [山田]".encode()
        assert refused(dump, text_encoding="utf8").startswith("line 2: ")


@pytest.mark.parametrize(
    ("dump", "line", "why"),
    [
        (b"nonsense", 1, "a tag"),
        (b"\n# comment\n(0010,00zz) LO", 3, "a tag"),
        (b"(0010) LO [1]", 1, "a tag"),
        (b"(0010,0020 LO [1]", 1, "a tag"),
        (b"(0028,0010) US many", 1, "VR US"),
        (b"(0028,0010) US 65536", 1, "VR US"),
        (b"(0028,0010) US \xff", 1, "VR US"),
        (b"(0028,0009) AT 3004", 1, "no tag"),
        (b"(0028,0009) AT (nonsense)", 1, "no tag"),
        (b"(0010,0020) LO (4711)", 1, "parenthesis"),
        (b"(0010,0020) LO <4711>", 1, "<"),
        (b"(0008,0016) UI =NoSuchName", 1, "no UID"),
        (b"(7fe0,0010) OW 0000\\0000\\00...  # 524288, 1 PixelData", 1, "shortened"),
        (b"(0009,0001) OB 123", 1, "VR OB"),
        (b"(7fe0,0010) OW (not loaded)  # 524288, 1 PixelData", 1, "not been loaded"),
        (b"(0010,0020) LO [1]\n(0010,0020) LO [2]", 2, "(0010,0020) stands there twice"),
        (b"(fffe,e000) na", 1, "(fffe,e000) cannot stand in the data set"),
        (b"(fffe,e0dd) na", 1, "(fffe,e0dd) cannot stand in the data set"),
        (b"(fffe,1234) na", 1, "(fffe,1234) cannot stand in the data set"),
        (b"(0040,a043) SQ\n(0010,0020) LO [1]", 2, "(0010,0020) cannot stand in a sequence"),
        (b"(0040,a043) SQ\n(fffe,e00d) na", 2, "cannot stand in a sequence"),
        (b"(0040,a043) SQ\n(fffe,e000) na\n(fffe,e000) na", 3, "cannot stand in an item"),
        (b"(0040,a043) SQ\n(fffe,e000) na\n(0002,0010) UI", 3, "file meta information"),
        (b"\n(0040,a043) SQ", 2, "a sequence begins here and never ends"),
        (b"(0040,a043) SQ\n(fffe,e000) na", 2, "an item begins here and never ends"),
        (JPEG + b"(7fe0,0010) OB (PixelSequence\n(0010,0020) LO", 3, "encapsulated pixel data"),
        (JPEG + b"(7fe0,0010) OB (PixelSequence\n(fffe,e000) pi xx", 3, "hexadecimal bytes"),
        (JPEG + b"(7fe0,0010) OB (PixelSequence\n(fffe,e000) pi 123", 3, "hexadecimal bytes"),
        (JPEG + b"(7fe0,0010) OB 00\\01", 2, "PixelSequence"),
        (b"(0010,0020) LO [" + b"x" * 100 + b"]", 1, "max_line_length"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(dump: bytes, line: int, why: str) -> None:
    message = refused(dump, max_line_length=80)
    assert message.startswith(f"line {line}: ")
    assert why in message


def test_an_unknown_transfer_syntax_is_an_error_unless_another_is_named() -> None:
    dump = b"(0002,0010) UI [1.2.3]\n(0010,0020) LO [4711]"
    assert not dump2dcm(dump, None).ok
    assert read(dump, write_xfer="big").file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.2"


def test_fragments_have_no_native_form() -> None:
    dump = JPEG + b"(7fe0,0010) OB (PixelSequence\n(fffe,e000) pi\n(fffe,e0dd) na"
    assert not dump2dcm(dump, None, write_xfer="little").ok


def test_native_pixels_of_a_compressed_header_can_be_written_natively() -> None:
    found = read(JPEG + b"(7fe0,0010) OB 00\\01", write_xfer="little")
    assert found.PixelData == b"\0\1"


def test_ignoring_errors_leaves_out_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    dump = (
        b"(0010,0020) LO [first]\nnonsense\n(0028,0010) US many\n(0010,0020) LO [second]\n"
        b"(0040,a043) SQ\n(fffe,e000) na\n(0008,0100) SH [1]\n(fffe,e00d) na\n(fffe,e0dd) na\n"
        b"(0040,a043) SQ\n(fffe,e000) na\n(0040,a043) SQ\n(fffe,e0dd) na\n(0008,0100) SH [2]\n"
        b"(fffe,e00d) na\n(fffe,e0dd) na\n(0010,0030) DA [" + b"1" * 100 + b"]\n"
        b"(0040,a730) SQ\n(fffe,e000) na\n(0008,0060) CS [OT]"
    )
    found = read(dump, ignore_errors=True, max_line_length=80)
    assert found.PatientID == "first"
    assert [item.CodeValue for item in found.ConceptNameCodeSequence] == ["1"]
    assert [item.Modality for item in found.ContentSequence] == ["OT"]
    assert len(found) == 3
    lines = [record.message.split(", ")[1].partition(":")[0] for record in caplog.records]
    assert lines == ["line 2", "line 3", "line 4", "line 10", "line 17", "line 19", "line 18"]


@pytest.mark.parametrize(
    "begin", [b"(0040,a043) SQ\n", b"(0040,a043)\n", b"(7fe0,0010) OB (PixelSequence #=1)\n"]
)
def test_a_sequence_that_is_left_out_ends_where_it_ends(begin: bytes) -> None:
    inner = b"(fffe,e000) na\n(0008,0100) SH [no]\n(fffe,e00d) na\n(fffe,e0dd) na\n"
    dump = (
        b"(0040,a730) SQ\n" + begin + inner + b"(fffe,e000) na\n(0008,0060) CS [OT]\n"
        b"(fffe,e00d) na\n(fffe,e0dd) na\n(0010,0020) LO [4711]"
    )
    found = read(dump, ignore_errors=True)
    assert [dict(item.items()).keys() for item in found.ContentSequence] == [{0x00080060}]
    assert found.PatientID == "4711"


def test_a_flood_of_errors_is_counted_and_not_kept(caplog: pytest.LogCaptureFixture) -> None:
    assert dump2dcm(b"nonsense\n" * 5000, None, ignore_errors=True).ok
    assert 0 < len(caplog.records) < 1100


DEEP = b"(0040,a730) SQ\n(fffe,e000) na\n" * 65


@pytest.mark.parametrize(
    ("dump", "options", "limit"),
    [
        (DEEP, {}, "max_depth"),
        (DEEP, {"ignore_errors": True}, "max_depth"),
        (b"(0040,a730) SQ", {"limits": Limits(max_depth=0)}, "max_depth"),
        (b"(0010,0020) LO\n(0010,0030) DA", {"limits": Limits(max_elements=1)}, "max_elements"),
        (b"(0010,0020) LO 12", {"limits": Limits(max_element_length=1)}, "max_element_length"),
        (b"(0010,0020) LO [1\n2]", {"limits": Limits(max_element_length=2)}, "max_element_length"),
        (b"(0010,0020) LO [1]", {"limits": Limits(max_file_size=1)}, "max_file_size"),
    ],
)
def test_limits(dump: bytes, options: dict[str, Any], limit: str) -> None:
    result = dump2dcm(dump, None, **options)
    assert isinstance(result, Err)
    assert isinstance(result.error, LimitExceededError)
    assert result.error.limit == limit


class TestOutput:
    DUMP = b"(0002,0003) UI [1.2.3]\n(0008,0018) UI [1.2.4]\n(0020,000d) UI [1.2.5]\n"

    def test_uids_where_there_are_none(self) -> None:
        found = read(self.DUMP, generate_new_uids=True)
        assert (found.SOPInstanceUID, found.StudyInstanceUID) == ("1.2.4", "1.2.5")
        assert found.SeriesInstanceUID.startswith("2.25.")
        assert found.file_meta.MediaStorageSOPInstanceUID == "1.2.4"

    def test_all_uids_anew(self) -> None:
        found = read(self.DUMP, generate_new_uids=True, overwrite_uids=True)
        assert found.StudyInstanceUID != "1.2.5"
        assert found.SOPInstanceUID != "1.2.4"
        assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID

    def test_the_meta_header_is_kept_or_brought_up_to_date(self) -> None:
        assert read(self.DUMP).file_meta.MediaStorageSOPInstanceUID == "1.2.3"
        found = read(self.DUMP, update_meta_info=True)
        assert found.file_meta.MediaStorageSOPInstanceUID == "1.2.4"

    @pytest.mark.parametrize("option", [{"write_file_format": False}, {"write_mode": "dataset"}])
    def test_a_bare_data_set(self, option: dict[str, Any]) -> None:
        content = dump2dcm(b"(0010,0020) LO [4711]", None, **option).unwrap().data
        assert content == b"\x10\0\x20\0LO\4\0004711"

    def test_from_file_to_file(self, tmp_path: Path) -> None:
        dump = tmp_path / "dump.txt"
        dump.write_bytes(b"(0010,0020) LO [4711]")
        output = tmp_path / "out.dcm"
        result = dump2dcm(dump, output).unwrap()
        assert (result.output_path, result.data) == (str(output), None)
        assert dcmread(output).PatientID == "4711"

    def test_a_failed_call_leaves_no_file(self, tmp_path: Path) -> None:
        assert not dump2dcm(b"nonsense", tmp_path / "out.dcm").ok
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("name", ["missing", "."])
    def test_what_is_no_file(self, tmp_path: Path, name: str) -> None:
        result = dump2dcm(tmp_path / name, None)
        assert isinstance(result, Err)
        assert isinstance(result.error, DicomFileError)
        assert str(tmp_path) in result.error.message

    @pytest.mark.parametrize(
        "options",
        [
            {"overwrite_uids": True},
            {"update_meta_info": True, "write_file_format": False},
            {"max_line_length": 79},
            {"compression_level": 9},
            {"text_encoding": "latin1"},
        ],
    )
    def test_options_without_effect_or_sense(self, options: dict[str, Any]) -> None:
        result = dump2dcm(b"", None, **options)
        assert isinstance(result, Err)
        assert isinstance(result.error, OptionsError)
        assert result.error.message.startswith("dump2dcm: invalid options:")
