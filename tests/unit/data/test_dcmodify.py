"""dcmodify: tag paths, values, erasures, private blocks, UIDs, meta information, failures."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native._runtime.abort import AbortController
from dcmtk_native.data.changes import TagModification
from dcmtk_native.data.modify import dcmodify
from dcmtk_native.errors import (
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    OperationAbortedError,
    OptionsError,
    ToolError,
)
from dcmtk_native.result import Ok
from support.modifying import changed, inserted, refused
from support.samples import (
    CT_IMAGE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Element,
    Encoding,
    ct_image,
    dataset,
    dicom_file,
    meta_header,
)

NAME: Element = (0x00100010, "PN", "Doe")
ITEMS: list[Element] = [
    (0x00081140, "SQ", [[(0x00081155, "UI", "1.1")], [(0x00081155, "UI", "1.2")]]),
    NAME,
]


# ---- what a modification is, and where it goes ----


@pytest.mark.parametrize(
    "modification",
    [
        ("PatientName", "Roe"),
        ("(0010,0010)", "Roe"),
        ("0010,0010", "Roe"),
        ("00100010", "Roe"),
        TagModification("PatientName", "Roe"),
        {"tag": "(0010,0010)", "value": "Roe"},
    ],
)
def test_a_modification_has_many_forms(modification: Any) -> None:
    content = changed([NAME], modifications=[modification])
    assert content == dataset([(0x00100010, "PN", "Roe")])


def test_modifications_are_done_in_order() -> None:
    result = dcmodify(
        dicom_file([NAME]), modifications=[("PatientName", "A"), ("PatientName", "B")]
    ).unwrap()
    assert result.modified == 2
    assert result.data is not None
    assert result.data.endswith(b"B ")


@pytest.mark.parametrize(
    ("path", "uids"),
    [
        ("(0008,1140)[1].(0008,1155)", ["1.1", "9"]),
        ("ReferencedImageSequence[*].ReferencedSOPInstanceUID", ["9", "9"]),
        ("ReferencedImageSequence.ReferencedSOPInstanceUID", ["9", "1.2"]),
    ],
)
def test_paths_lead_into_items(path: str, uids: list[str]) -> None:
    expected = [[(0x00081155, "UI", uid)] for uid in uids]
    content = changed(ITEMS, modifications=[(path, "9")])
    assert content == dataset([(0x00081140, "SQ", expected), NAME])


def test_what_is_missing_is_inserted_with_the_sequences_and_items_on_the_way() -> None:
    content = changed(
        [NAME],
        modifications=[("ContentSequence[1].ConceptNameCodeSequence[0].CodeValue", "77")],
        insert_if_missing=True,
    )
    code: list[Element] = [(0x0040A043, "SQ", [[(0x00080100, "SH", "77")]])]
    assert content == dataset([NAME, (0x0040A730, "SQ", [[], code])])


def test_sequences_and_items_are_inserted_without_a_value() -> None:
    content = changed([], insertions=[("ContentSequence", ""), ("(0008,1140)[1]", "")])
    assert content == dataset([(0x00081140, "SQ", [[], []]), (0x0040A730, "SQ", [])])


@pytest.mark.parametrize(
    "path",
    [
        "PatientID",
        "(0008,1140)[2].(0008,1155)",
        "(0008,1140)[0].PatientID",
        "ContentSequence[*].CodeValue",
    ],
)
@pytest.mark.parametrize("how", ["modifications", "modify_all", "erasures", "erase_all"])
def test_a_tag_that_is_not_there_is_an_error_unless_it_is_ignored(path: str, how: str) -> None:
    options: dict[str, Any] = {how: [path] if how.startswith("eras") else [(path, "1")]}
    error = refused(dicom_file(ITEMS), **options)
    assert isinstance(error, ToolError)
    assert "tag not found" in str(error)
    assert changed(ITEMS, **options, ignore_missing_tags=True) == dataset(ITEMS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("PatientName[0].PatientID", "1"),  # no sequence
        ("ReferencedImageSequence", "1"),  # a sequence has no value
        ("ReferencedImageSequence[0]", "1"),  # nor has an item
        ("ContentSequence[*].CodeValue", "1"),  # how many items?
        ("(0002,0016)", "X"),
        ("(0001,0010)", "X"),
        ("(FFFF,0010)", "X"),
    ],
)
def test_what_cannot_be_inserted_is_an_error(path: str, value: str) -> None:
    error = refused(dicom_file(ITEMS), insertions=[(path, value)])
    assert isinstance(error, ToolError)


def test_an_index_far_beyond_the_items_is_no_reason_to_make_millions() -> None:
    error = refused(dicom_file(ITEMS), insertions=[("(0008,1140)[99999999].(0008,1155)", "1")])
    assert isinstance(error, LimitExceededError)


@pytest.mark.parametrize(
    "path",
    [
        "", "(0010,0010", "(0010)", "0010", "NoSuchKeyword", "(0010,0010).", ".PatientName",
        "ContentSequence[", "ContentSequence[-1].CodeValue", "ContentSequence[x]",
        "ContentSequence[0]CodeValue", "PatientName ", "ContentSequence[0]." * 60 + "CodeValue",
        "x" * 10_000, "PatientName\0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["modifications", "erasures"])
def test_a_malformed_path_is_refused_before_the_file_is_read(path: str, how: str) -> None:
    options = {how: [(path, "1")] if how == "modifications" else [path]}
    assert isinstance(refused(Path("/no/such/file"), **options), OptionsError)


@given(path=st.text(st.sampled_from("(0123456789ABCDEFa,)[]*. PatientName"), max_size=40))
def test_any_path_parses_or_is_refused(path: str) -> None:
    result = dcmodify(dicom_file(ITEMS), erasures=[path], ignore_missing_tags=True)
    assert isinstance(result, Ok) or isinstance(result.error, (OptionsError, ToolError))


# ---- everywhere ----


def test_all_occurrences_are_modified_or_erased() -> None:
    nested: list[Element] = [
        (0x00081140, "SQ", [[(0x00081140, "SQ", [[NAME]]), NAME], []]),
        NAME,
    ]
    other: Element = (0x00100010, "PN", "Roe")
    expected = [(0x00081140, "SQ", [[(0x00081140, "SQ", [[other]]), other], []]), other]
    assert changed(nested, modify_all=[("PatientName", "Roe")]) == dataset(expected)
    result = dcmodify(dicom_file(nested), erase_all=["PatientName"]).unwrap()
    assert result.modified == 3
    inner = changed(nested, erase_all=["(0008,1140)[0].PatientName"])
    assert inner == dataset([(0x00081140, "SQ", [[(0x00081140, "SQ", [[]])], []]), NAME])


def test_elements_items_and_all_items_are_erased() -> None:
    assert changed(ITEMS, erasures=["(0008,1140)"]) == dataset([NAME])
    one = [(0x00081140, "SQ", [[(0x00081155, "UI", "1.2")]]), NAME]
    assert changed(ITEMS, erasures=["(0008,1140)[0]"]) == dataset(one)
    none: list[Element] = [(0x00081140, "SQ", []), NAME]
    assert changed(ITEMS, erasures=["(0008,1140)[*]"]) == dataset(none)


def test_private_elements_go_at_every_level() -> None:
    private: list[Element] = [(0x00090010, "LO", "ACME"), (0x00091001, "SQ", [[NAME]])]
    elements = [(0x00081140, "SQ", [[*private, NAME]]), *private, NAME]
    expected = dataset([(0x00081140, "SQ", [[NAME]]), NAME])
    assert changed(elements, erase_private_tags=True) == expected
    assert changed([NAME], erase_private_tags=True) == dataset([NAME])


def test_private_elements_are_inserted_into_reserved_blocks_only() -> None:
    error = refused(dicom_file([]), insertions=[("(0029,1001)", "41")])
    assert isinstance(error, ToolError)
    assert "(0029,0010)" in str(error)
    unknown: Element = (0x00291001, "UN", b"A\0")
    owner: Element = (0x00290010, "LO", "ACME")
    content = changed([], insertions=[("(0029,0010)", "ACME"), ("(0029,1001)", "41")])
    assert content == dataset([owner, unknown])
    unchecked = changed([], insertions=[("(0029,1001)", "41")], no_reservation_check=True)
    assert unchecked == dataset([unknown])


def test_the_dictionary_knows_private_elements_by_their_owner() -> None:
    owner: Element = (0x00090010, "LO", "GEMS_IDEN_01")
    expected = dataset([owner, (0x00091002, "SH", "SUITE")])
    assert inserted("(0009,1002)", "SUITE", [owner]) == expected


# ---- UIDs and meta information ----


def test_new_uids_are_valid_and_new() -> None:
    source = dicom_file(ct_image())
    seen = set()
    for _ in range(20):
        data = dcmodify(
            source, generate_study_uid=True, generate_series_uid=True, generate_instance_uid=True
        ).unwrap()
        assert data.modified == 3
        found = pydicom.dcmread(io.BytesIO(data.data or b""))
        uids = (found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID)
        assert all(uid.is_valid and uid.startswith("2.25.") for uid in uids)
        assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
        seen.update(uids)
    assert len(seen) == 60


@pytest.mark.parametrize(("update", "expected"), [(True, "1.2.3"), (False, "9.9.9")])
def test_meta_uids_follow_the_data_set_unless_told_not_to(update: bool, expected: str) -> None:
    meta = [*meta_header(EXPLICIT_LITTLE, CT_IMAGE, "9.9.9"), (0x00020016, "AE", "SENDER")]
    source = dicom_file(ct_image(), meta=meta)
    result = dcmodify(source, modifications=[("SOPInstanceUID", "1.2.3")], update_meta_uids=update)
    found = pydicom.dcmread(io.BytesIO(result.unwrap().data or b""))
    assert found.SOPInstanceUID == "1.2.3"
    assert found.file_meta.MediaStorageSOPInstanceUID == expected
    assert 0x00020016 not in found.file_meta  # it is made anew, as dcmodify does


# ---- encodings ----


@pytest.mark.parametrize("syntax", [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG])
def test_the_encoding_stays_and_so_does_what_is_not_touched(syntax: str) -> None:
    encoding = Encoding(syntax != IMPLICIT_LITTLE, syntax == EXPLICIT_BIG)
    elements = ct_image((0x00081140, "SQ", [[(0x00280010, "US", [5])]]))
    after = [(tag, vr, "X" if tag == 0x00100020 else value) for tag, vr, value in elements]
    content = changed(elements, syntax=syntax, modifications=[("PatientID", "X")])
    assert content == dataset(after, encoding)


def test_the_encoding_changes_on_request() -> None:
    content = changed(
        ITEMS, modifications=[("PatientName", "Doe")], write_xfer="big", length_encoding="undefined"
    )
    assert content == dataset(ITEMS, Encoding(big_endian=True, undefined=True))


# ---- files ----


def test_a_file_is_replaced_with_its_mode_and_no_leftover(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    path.chmod(0o600)
    result = dcmodify(path, modifications=[("PatientName", "Roe")]).unwrap()
    assert (result.file_path, result.modified, result.backup_path) == (str(path), 1, None)
    assert result.data is None
    assert pydicom.dcmread(path).PatientName == "Roe"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_backup_holds_the_file_as_it_was(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    before = path.read_bytes()
    backup = path.with_name("CT_small.dcm.bak")
    backup.write_bytes(b"an older one")
    result = dcmodify(path, modifications=[("PatientName", "Roe")], no_backup=False).unwrap()
    assert result.backup_path == str(backup)
    assert backup.read_bytes() == before
    assert path.read_bytes() != before


def test_a_link_is_written_through(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    link = path.with_name("link.dcm")
    link.symlink_to(path)
    dcmodify(link, modifications=[("PatientName", "Roe")]).unwrap()
    assert link.is_symlink()
    assert pydicom.dcmread(path).PatientName == "Roe"


@pytest.mark.parametrize(
    "options",
    [
        {"modifications": [("PatientName", "Roe"), ("(0010,9999)", "x")]},
        {"modifications": [("PatientName", "Roe"), ("Rows", "x")]},
        {"modifications": [("PatientName", "Roe")], "erasures": ["(0010,9999)"]},
        {"insertions": [("PatientName", "Roe"), ("(0029,3001)", "x")]},
    ],
)
def test_a_failure_leaves_the_file_as_it_was(copy_of: Any, options: dict[str, Any]) -> None:
    path: Path = copy_of("CT_small.dcm")
    before = path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino
    assert isinstance(refused(path, **options, no_backup=False), ToolError)
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert list(path.parent.iterdir()) == [path]


def test_ignored_errors_leave_out_the_whole_change() -> None:
    items = [("ContentSequence[0].Rows", "x"), ("PatientID", "1")]
    result = dcmodify(dicom_file([NAME]), insertions=items, ignore_errors=True).unwrap()
    assert result.modified == 1
    assert (result.data or b"").endswith(dataset([NAME, (0x00100020, "LO", "1")]))


def test_a_file_is_created_on_request(tmp_path: Path) -> None:
    path = tmp_path / "new.dcm"
    assert isinstance(refused(path, insertions=[("PatientName", "Doe")]), DicomFileError)
    dcmodify(path, insertions=[("PatientName", "Doe")], create_file=True).unwrap()
    found = pydicom.dcmread(path)
    assert found.file_meta.TransferSyntaxUID == EXPLICIT_LITTLE
    assert found.PatientName == "Doe"


def test_what_is_no_dicom_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"no DICOM at all, and long enough for a header or two")
    assert isinstance(refused(path, modifications=[("PatientName", "x")]), DicomFormatError)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    path.parent.chmod(0o500)
    try:
        assert isinstance(refused(path, modifications=[("PatientName", "x")]), DicomFileError)
    finally:
        path.parent.chmod(0o700)


def test_an_aborted_call_changes_nothing(copy_of: Any) -> None:
    path: Path = copy_of("CT_small.dcm")
    before = path.read_bytes()
    controller = AbortController()
    controller.abort()
    error = refused(path, modifications=[("PatientName", "x")], signal=controller.signal)
    assert isinstance(error, OperationAbortedError)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"modifications": [("PatientName",)]},
        {"modifications": [("PatientName", 5)]},
        {"modifications": [("PatientName", "\ud800")]},
        {"modifications": [{"tag": "PatientName"}]},
        {"modifications": "PatientName=x"},
        {"erasures": "PatientName"},
        {"modify_all": [("ContentSequence[0]", "")]},
        {"erase_all": ["ContentSequence[0]"]},
        {"erase_private_tags": True, "no_backup": False},
        {"erase_private_tags": True, "create_file": True},
        {"erase_private_tags": True, "padding": (2, 3)},
        {"erase_private_tags": True, "padding": (2, 2), "write_mode": "dataset"},
        {"erase_private_tags": True, "read_xfer": "big"},
    ],
)
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    assert isinstance(refused(dicom_file([NAME]), **options), OptionsError)
