"""dcmodify beside DCMTK's own program, over every file that can be read.

The data sets must be equal byte for byte, and the meta headers but for who wrote the file.
What differs has a name and a reason below. The program drops trailing padding unless it is told not
to, whatever its manual says: it always is here, but where that is the point.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from pydicom import Dataset

from dcmtk_native import OptionsError, ToolError, dcmodify
from support import oracle
from support.compare import data_set_of, elements, meta_of, parsed
from support.samples import (
    CT_IMAGE,
    EXPLICIT_LITTLE,
    JPEG_BASELINE,
    Element,
    Fragments,
    ct_image,
    dicom_file,
    meta_header,
)
from support.shipped import DICOM, FILES, ONE_OF_EACH_KIND

# ---- wanted differences ----

DICOMDIRS: Final = {name for name in DICOM if "/DICOMDIR" in name and "empty" not in name}
"""The program keeps the offsets of the input, though the records move; see test_dcmconv.py."""

DEFLATED: Final = "test_files/image_dfl.dcm"
"""Ours pads the stream to an even length."""

WRONG_LENGTHS: Final = {"test_files/meta_missing_tsyntax.dcm", "test_files/nested_priv_SQ.dcm"}
"""Values of odd length in sequences: without data correction the program pads them, and forgets it
in the lengths of the sequence and of the item."""

UNKNOWN_VR: Final = {"test_files/rtdose_rle.dcm", "test_files/rtdose_rle_1frame.dcm"}
"""Everything is UN, which takes hexadecimal numbers: the program makes some of certain texts."""

HALF_WRITTEN: Final = {"test_files/JPEG2000.dcm", "test_files/SC_rgb_rle_2frame.dcm"}
"""Compressed, and read as native: the program notices while it writes, and leaves half a file."""

WHO_WROTE_IT: Final = {0x0000, 0x0012, 0x0013}
"""Implementation class UID and version name, and the length of the group with them."""

RETAIN: Final[dict[str, Any]] = {"padding": "retain"}

# ---- the program ----

Contents = Mapping[str, bytes | None]
"""Content by file; `None` for a file that was not written."""


def copied(name: str, folder: Path) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(FILES[name], path)
    os.utime(path, (0, 0))
    return path


def written(path: Path) -> bytes | None:
    return path.read_bytes() if path.stat().st_mtime_ns else None


def program_on_all(names: Collection[str], folder: Path, **options: Any) -> Contents:
    """One run for all; after the first failure the program writes nothing any more."""
    paths = {name: copied(name, folder) for name in names}
    done = oracle.Original("dcmodify")(list(paths.values()), **options)
    assert done.ok, done.stderr
    return {name: written(path) for name, path in paths.items()}


def program_on_each(names: Collection[str], folder: Path, **options: Any) -> Contents:
    paths = {name: copied(name, folder) for name in names}
    oracle.require("dcmodify")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda path: oracle.run("dcmodify", path, **options), paths.values()))
    return {name: written(path) for name, path in paths.items()}


def program_on(source: bytes, folder: Path, **options: Any) -> bytes | None:
    path = folder / "theirs.dcm"
    path.write_bytes(source)
    os.utime(path, (0, 0))
    oracle.run("dcmodify", path, **options)
    return written(path)


def modified(source: bytes, **options: Any) -> bytes | None:
    result = dcmodify(source, **options)
    return result.value.data if result.ok else None


def ours_on(names: Collection[str], **options: Any) -> Contents:
    return {name: modified(FILES[name].read_bytes(), **options) for name in names}


def different(ours: Contents, theirs: Contents) -> set[str]:
    """The files whose data sets differ, or which only one of both has written."""
    assert ours.keys() == theirs.keys()
    return {
        name
        for name, content in ours.items()
        if (other := theirs[name]) is None
        or content is None
        or data_set_of(content) != data_set_of(other)
        if (content, other) != (None, None)
    }


# ---- changes that every file allows ----

ONE: Final[dict[str, Any]] = {"insertions": [("PatientID", "1")]}

FOR_ALL_FILES: Final[list[dict[str, Any]]] = [
    {"insertions": [("0010,0020", "4711"), ("Rows", "512"), ("(0008,0060)", "OT")]},
    {"insertions": [("ImageType", r"A\B\C"), ("AcquisitionMatrix", r"1\2\3\4")]},
    {"insertions": [("FrameIncrementPointer", "(0018,1063)"), ("ReferencePixelX0", "-7")]},
    {"insertions": [("DoubleFloatPixelData", "1.5"), ("(0018,9073)", r"0.1\1e300")]},
    {"insertions": [("SpecificCharacterSet", "ISO_IR 192"), ("StudyDescription", "")]},
    {"insertions": [("(0008,1140)[1].(0008,1155)", "1.2.3")]},
    {"insertions": [("ContentSequence[0].ConceptNameCodeSequence[0].CodeValue", "1")]},
    {"insertions": [("ContentSequence", ""), ("(0008,1140)[2]", "")]},
    {"insertions": [("(0029,0010)", "ACME"), ("(0029,1001)", "41")]},
    {"insertions": [("(0029,1001)", "41")], "no_reservation_check": True},
    {"modifications": [("ContentSequence[*].ConceptNameCodeSequence[*].CodeMeaning", "Y")]},
    {"modifications": [("BeamSequence[1].ControlPointSequence[0].NominalBeamEnergy", "7")]},
    {"modify_all": [("ReferencedSOPInstanceUID", "1.2.3"), ("CodeValue", "9")]},
    {"erasures": ["PatientName", "PixelData"]},
    {"erasures": ["ContentSequence[0]", "BeamSequence[0].ControlPointSequence"]},
    {"erasures": ["ContentSequence[*]"]},
    {"erase_all": ["CodeValue", "(0008,1155)"]},
    {"erase_private_tags": True},
    {**ONE, "modifications": [("StudyID", "2")], "erasures": ["Modality"], "erase_all": ["Rows"]},
    {**ONE, "length_encoding": "explicit"},
    {**ONE, "length_encoding": "undefined"},
    {**ONE, "group_length": "recalc"},
    {**ONE, "group_length": "create"},
    {**ONE, "group_length": "remove"},
    {**ONE, "enable_new_vr": True},
    {**ONE, "enable_new_vr": False},
    {**ONE, "padding": "off"},
    {**ONE, "read_xfer": "detect"},
    {**ONE, "write_xfer": "same"},
]


@pytest.mark.parametrize("options", FOR_ALL_FILES, ids=repr)
def test_the_data_set_is_that_of_the_original(options: dict[str, Any], tmp_path: Path) -> None:
    # Without a tag the program fails; that is compared below, a file at a time.
    options = {**RETAIN, "ignore_missing_tags": True, **options}
    names = set(DICOM) - UNKNOWN_VR
    theirs = program_on_all(names, tmp_path, **options)
    ours = ours_on(names, **options)
    assert None not in {*ours.values(), *theirs.values()}
    assert different(ours, theirs) - {DEFLATED} <= DICOMDIRS
    deflated = [data_set_of(one[DEFLATED] or b"") for one in (ours, theirs)]
    assert deflated[0] == deflated[1] + b"\0" * (len(deflated[1]) % 2)


def test_the_meta_header_is_that_of_the_original(tmp_path: Path) -> None:
    theirs = program_on_all(DICOM, tmp_path, **RETAIN, **ONE)
    for name, ours in ours_on(DICOM, **RETAIN, **ONE).items():
        original = theirs[name]
        assert ours is not None
        assert original is not None
        found, expected = meta_of(ours), meta_of(original)
        made_up = expected[0x0003].startswith(b"1.2.276.0.7230010.3.1.4.")
        wanted = WHO_WROTE_IT | ({0x0003} if made_up else set())
        wanted |= {0x0002} if name in UNKNOWN_VR else set()  # see below
        assert {one for one in found if found[one] != expected.get(one)} <= wanted, name
        assert found.keys() == expected.keys(), name


# ---- changes that some files do not allow ----

FOR_EACH_KIND: Final[list[dict[str, Any]]] = [
    {"modifications": [("PatientID", "X")]},
    {"modifications": [("PatientID", "X"), ("Rows", "x")], "ignore_errors": True},
    {"erasures": ["PatientName"]},
    {"erasures": ["PixelData"], "ignore_missing_tags": True},
    {"erase_all": ["CodeValue"]},
    {"modify_all": [("CodeValue", "1")]},
    {"insertions": [("(0029,1001)", "41")]},
    {"modifications": [("(4453,100c)", "x")], "ignore_un_values": True},
    {"modifications": [("Rows", "x")]},
    {"modifications": [("(0010,0010)[0].PatientID", "x")]},
    {"insertions": [("(0002,0016)", "X")]},
    {**ONE, "write_xfer": "little"},
    {**ONE, "write_xfer": "big"},
    {**ONE, "write_xfer": "implicit"},
    {**ONE, "odd_length": "assume-even"},
    {**ONE, "data_correction": True},
    {**ONE, "deflated_bitstream": "zlib"},
    {**ONE, "read_mode": "file-only"},
]


@pytest.mark.parametrize("options", FOR_EACH_KIND, ids=repr)
def test_failure_and_success_are_those_of_the_original(
    options: dict[str, Any], tmp_path: Path
) -> None:
    options = {**RETAIN, **options}
    names = [name for name in ONE_OF_EACH_KIND if name != DEFLATED]
    theirs = program_on_each(names, tmp_path, **options)
    assert different(ours_on(names, **options), theirs) == set()


def test_padding_counts_in_the_lengths_of_sequences(tmp_path: Path) -> None:
    options = {**RETAIN, **ONE, "data_correction": False}
    names = [name for name in ONE_OF_EACH_KIND if name != DEFLATED]
    theirs = program_on_each(names, tmp_path, **options)
    ours = ours_on(names, **options)
    assert different(ours, theirs) == WRONG_LENGTHS
    corrected = ours_on(names, **RETAIN, **ONE)
    for name in WRONG_LENGTHS:
        assert data_set_of(ours[name] or b"") == data_set_of(corrected[name] or b"")


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    options = {**RETAIN, **ONE, "read_mode": "dataset", "read_xfer": "little"}
    names = [name for name in ONE_OF_EACH_KIND if name != DEFLATED]
    theirs = program_on_each(names, tmp_path, **options)
    assert different(ours_on(names, **options), theirs) == HALF_WRITTEN
    for name in HALF_WRITTEN:
        assert len(theirs[name] or b"") < FILES[name].stat().st_size
        path = copied(name, tmp_path)
        assert "couldn't save file" in oracle.run("dcmodify", path, **options).stderr
        path = copied(name, tmp_path)
        assert not dcmodify(path, **options).ok
        assert path.read_bytes() == FILES[name].read_bytes()


# ---- values ----


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("PatientBirthDate", "nonsense"),
        ("StudyTime", "25"),
        ("SOPInstanceUID", "1.02"),
        ("Modality", "lower"),
        ("AccessionNumber", "12345678901234567"),
        ("InstanceNumber", "1.5"),
        ("SliceThickness", "thick"),
        ("PatientAge", "42"),
        ("PatientName", "=".join("abcd")),
    ],
)
def test_values_are_checked_against_their_vr(tag: str, value: str, tmp_path: Path) -> None:
    """PS3.5 section 6.2; the program writes what it is told."""
    source = dicom_file(ct_image())
    options: dict[str, Any] = {"insertions": [(tag, value)]}
    theirs = program_on(source, tmp_path, **options)
    assert theirs is not None
    assert value.encode() in theirs
    with pytest.raises(ToolError, match="not acceptable"):
        dcmodify(source, **options).unwrap()


@pytest.mark.parametrize("name", sorted(UNKNOWN_VR))
def test_text_is_no_value_of_unknown_vr(name: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"modifications": [("PatientName", "Doe^Jane")]}
    theirs = program_on(FILES[name].read_bytes(), tmp_path, **options)
    assert theirs is not None
    assert b"Doe^Jane" not in theirs
    with pytest.raises(ToolError, match="VR UN"):
        dcmodify(FILES[name].read_bytes(), **options).unwrap()


@pytest.mark.parametrize(("representation", "vr"), [(0, b"US"), (1, b"SS")])
def test_pixel_representation_tells_the_vr_of_pixel_values(
    representation: int, vr: bytes, tmp_path: Path
) -> None:
    source = dicom_file(ct_image((0x00280103, "US", [representation])))
    options: dict[str, Any] = {"insertions": [("SmallestImagePixelValue", "5")]}
    ours, theirs = modified(source, **options), program_on(source, tmp_path, **options)
    assert ours is not None
    assert theirs is not None
    assert b"\x28\0\x06\x01" + vr in ours
    assert b"\x28\0\x06\x01US" in theirs  # of any representation


def test_values_come_from_files(tmp_path: Path) -> None:
    value = tmp_path / "value"
    value.write_bytes(bytes(range(48)))
    options: dict[str, Any] = {
        "modifications_from_file": [("PixelData", value)],
        "insertions_from_file": [("(0042,0011)", value)],
    }
    source = dicom_file(ct_image())
    theirs = program_on(source, tmp_path, **options)
    ours = modified(source, **options)
    assert ours is not None
    assert theirs is not None
    assert data_set_of(ours) == data_set_of(theirs)


def test_compressed_pixel_data_are_not_replaced_by_a_file(tmp_path: Path) -> None:
    """The program writes native pixel data under the label of a compressed transfer syntax."""
    value = tmp_path / "value"
    value.write_bytes(bytes(48))
    pixels: Element = (0x7FE00010, "OB", Fragments([b"", b"\xff\xd8\xff\xd9"]))
    source = dicom_file(ct_image(pixels), transfer_syntax=JPEG_BASELINE)
    options: dict[str, Any] = {"modifications_from_file": [("PixelData", value)]}
    assert program_on(source, tmp_path, **options) is not None
    with pytest.raises(ToolError):
        dcmodify(source, **options).unwrap()


# ---- UIDs ----

UIDS: Final = {
    "generate_study_uid": "StudyInstanceUID",
    "generate_series_uid": "SeriesInstanceUID",
    "generate_instance_uid": "SOPInstanceUID",
}


@pytest.mark.parametrize("wanted", [[one] for one in UIDS] + [[*UIDS]], ids=repr)
def test_new_uids_where_the_program_makes_some(wanted: list[str], tmp_path: Path) -> None:
    # UIDs of another length change the lengths of their groups.
    options = {**RETAIN, "group_length": "remove", **dict.fromkeys(wanted, True)}
    names = set(DICOM) - DICOMDIRS
    theirs = program_on_all(names, tmp_path, **options)
    for name, content in ours_on(names, **options).items():
        original = theirs[name]
        assert content is not None
        assert original is not None
        found, expected = parsed(content), parsed(original)
        before = parsed(FILES[name].read_bytes())
        for one in wanted:
            values = {item.get(UIDS[one]) for item in (before, found, expected)}
            assert len(values) == 3, name
            found.pop(UIDS[one])
            expected.pop(UIDS[one])
        assert elements(found) == elements(expected), name
        if "generate_instance_uid" in wanted:
            meta = meta_of(content)
            assert meta[0x0003] == str(parsed(content).SOPInstanceUID).encode(), name


INSTANCE: Final[dict[str, Any]] = {"modifications": [("SOPInstanceUID", "1.2.3")]}


def instance_in_meta(content: bytes | None) -> bytes:
    assert content is not None
    return meta_of(content)[0x0003]


def test_uids_of_the_meta_header_stay_on_request(tmp_path: Path) -> None:
    """The program makes the meta header anew in spite of -nmu."""
    source = dicom_file(ct_image(), meta=meta_header(EXPLICIT_LITTLE, CT_IMAGE, "9.9.9"))
    for update, expected in ((True, b"1.2.3"), (False, b"9.9.9")):
        options = {**INSTANCE, "update_meta_uids": update}
        assert instance_in_meta(modified(source, **options)) == expected
        assert instance_in_meta(program_on(source, tmp_path, **options)) == b"1.2.3"


def test_uids_of_unknown_vr_reach_the_meta_header(tmp_path: Path) -> None:
    """The program does not look into a UN, and puts a new instance UID."""
    unknown: list[Element] = [(0x00080016, "UN", CT_IMAGE), (0x00080018, "UN", "4.5.6")]
    source = dicom_file(unknown, meta=meta_header(EXPLICIT_LITTLE))
    assert instance_in_meta(modified(source, **ONE)) == b"4.5.6"
    theirs = instance_in_meta(program_on(source, tmp_path, **ONE))
    assert theirs.startswith(b"1.2.276.0.7230010.3.1.4.")


def test_uids_of_items_do_not_reach_the_meta_header(tmp_path: Path) -> None:
    item: Element = (0x00081140, "SQ", [[(0x00080018, "UI", "7.7.7")]])
    source = dicom_file(ct_image(item))
    options: dict[str, Any] = {"modifications": [("(0008,1140)[0].SOPInstanceUID", "1.2.3")]}
    own = str(parsed(source).SOPInstanceUID).encode()
    assert instance_in_meta(modified(source, **options)) == own
    assert instance_in_meta(program_on(source, tmp_path, **options)) == own


# ---- files ----


def test_trailing_padding_stays(tmp_path: Path) -> None:
    """The program's manual says so too, but it needs -p= for that."""
    source = FILES["test_files/CT_small.dcm"].read_bytes()
    ours, theirs = modified(source, **ONE), program_on(source, tmp_path, **ONE)
    assert ours is not None
    assert theirs is not None
    found, expected = parsed(ours), parsed(theirs)
    assert 0xFFFCFFFC in found
    assert 0xFFFCFFFC not in expected
    del found[0xFFFCFFFC]
    assert elements(found) == elements(expected)
    kept = program_on(source, tmp_path, **ONE, **RETAIN)
    assert data_set_of(ours) == data_set_of(kept or b"")


@pytest.mark.parametrize("options", [{}, {"write_xfer": "big"}], ids=repr)
def test_a_bare_data_set(options: dict[str, Any], tmp_path: Path) -> None:
    options = {**ONE, **options, "write_mode": "dataset", "padding": "off"}
    for name in ("test_files/CT_small.dcm", "test_files/rtplan.dcm"):
        source = FILES[name].read_bytes()
        assert modified(source, **options) == program_on(source, tmp_path, **options)


def test_a_file_is_created(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "insertions": [("PatientName", "Doe"), ("ContentSequence[0].CodeValue", "1")],
        "create_file": True,
    }
    ours, theirs = tmp_path / "ours.dcm", tmp_path / "theirs.dcm"
    dcmodify(ours, **options).unwrap()
    oracle.run("dcmodify", theirs, **options)
    assert data_set_of(ours.read_bytes()) == data_set_of(theirs.read_bytes())
    assert meta_of(ours.read_bytes())[0x0010] == meta_of(theirs.read_bytes())[0x0010]


def test_a_backup_is_made_like_the_original_does(tmp_path: Path) -> None:
    for tool in (dcmodify, oracle.Original("dcmodify")):
        path = copied("test_files/CT_small.dcm", tmp_path)
        backup = path.with_name("CT_small.dcm.bak")
        tool(path, **ONE, no_backup=False)
        assert backup.read_bytes() == FILES["test_files/CT_small.dcm"].read_bytes()
        backup.unlink()


@pytest.mark.parametrize(
    ("flag", "words", "options"),
    [
        ("-m", "NoSuchKeyword=1", {"modifications": [("NoSuchKeyword", "1")]}),
        ("-m", "(0010,0010=1", {"modifications": [("(0010,0010", "1")]}),
        ("-e", "ContentSequence[", {"erasures": ["ContentSequence["]}),
        ("-i", "=1", {"insertions": [("", "1")]}),
        ("-ma", "(0008,1140)[x].(0008,1155)=1", {"modify_all": [("(0008,1140)[x]", "1")]}),
    ],
)
def test_the_program_refuses_these_paths_too(
    flag: str, words: str, options: dict[str, Any], tmp_path: Path
) -> None:
    path = copied("test_files/CT_small.dcm", tmp_path)
    assert not oracle.Original("dcmodify", extra=[flag, words])(path).ok
    assert written(path) is None
    with pytest.raises(OptionsError):
        dcmodify(path, **options).unwrap()
    assert written(path) is None


def test_nothing_to_do_is_an_error(tmp_path: Path) -> None:
    """The program writes the file anew, with a meta header of its own."""
    path = copied("test_files/CT_small.dcm", tmp_path)
    assert not dcmodify(path).ok
    assert written(path) is None
    assert oracle.run("dcmodify", path).ok
    assert written(path) is not None


def values_of(dataset: Dataset, keyword: str) -> list[str]:
    return [str(element.value) for element in dataset.iterall() if element.keyword == keyword]


def test_every_occurrence_is_found_in_nested_sequences(tmp_path: Path) -> None:
    options: dict[str, Any] = {"modify_all": [("CodeMeaning", "Y")]}
    source = FILES["test_files/test-SR.dcm"].read_bytes()
    ours, theirs = modified(source, **options), program_on(source, tmp_path, **options)
    assert ours is not None
    assert theirs is not None
    assert set(values_of(parsed(ours), "CodeMeaning")) == {"Y"}
    assert data_set_of(ours) == data_set_of(theirs)
