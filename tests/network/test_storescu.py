"""storescu against a server that records: which files it takes, and what is sent of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native import (
    AssociationError,
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    Limits,
    OptionsError,
    StoreOutcome,
    ToolError,
    storescu,
)
from support.recording import Recorder, recording
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    RLE,
    ct_image,
    dicom_file,
    meta_header,
)
from support.sendable import MR_IMAGE, UID_ROOT, data_set_of, image_file, image_files

NATIVES = (EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE)
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
HOST = "127.0.0.1"


def test_files_are_stored_byte_for_byte_in_their_order(peer: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 5)
    result = storescu(host=HOST, port=peer.port, files=files).unwrap()
    assert result.success
    assert result.stderr == ""
    assert [one.file for one in result.outcomes] == [str(file) for file in files]
    assert [one.data for one in peer.received] == [data_set_of(f.read_bytes()) for f in files]
    assert [one.status for one in result.outcomes] == [0] * 5
    assert len(peer.met) == 1
    assert peer.met[0].ends == ["released"]


def test_the_content_of_a_file_is_sent_as_well(peer: Recorder, image: Path) -> None:
    outcome = storescu(host=HOST, port=peer.port, files=[image.read_bytes()]).unwrap().outcomes[0]
    assert outcome == StoreOutcome(
        file="<bytes>",
        sop_class_uid=CT_IMAGE,
        sop_instance_uid=f"{UID_ROOT}.1",
        status=0,
        message="0x0000 (success)",
        ok=True,
    )
    assert peer.received[0].data == data_set_of(image.read_bytes())


def test_folders_are_scanned_when_that_is_asked_for(peer: Recorder, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    image_file(tmp_path / "a.dcm", 1)
    image_file(tmp_path / "b.img", 2)
    image_file(below / "c.dcm", 3)

    def sent(**options: object) -> set[str]:
        peer.forget()
        arguments = {"host": HOST, "port": peer.port, "files": [tmp_path], **options}
        outcomes = storescu(**arguments).unwrap().outcomes  # type: ignore[arg-type]
        return {Path(one.file).name for one in outcomes}

    assert sent(scan_directories=True) == {"a.dcm", "b.img"}
    assert sent(scan_directories=True, recurse=True) == {"a.dcm", "b.img", "c.dcm"}
    assert sent(scan_directories=True, recurse=True, scan_pattern="*.dcm") == {"a.dcm", "c.dcm"}
    error = storescu(host=HOST, port=peer.port, files=[tmp_path]).error
    assert isinstance(error, DicomFormatError)
    assert "is a directory" in error.message


def test_a_scan_that_finds_nothing_is_an_error(peer: Recorder, tmp_path: Path) -> None:
    error = storescu(host=HOST, port=peer.port, files=[tmp_path], scan_directories=True).error
    assert type(error) is ToolError
    assert "no input files to be sent" in error.message


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"recurse": True}, "recurse"),
        ({"scan_pattern": "*"}, "scan_pattern"),
        ({"config_file": "x.cfg"}, "config_profile"),
        ({"config_profile": "Default"}, "config_file"),
        ({"config_file": "x.cfg", "config_profile": "D", "propose": "little"}, "propose"),
        ({"config_file": "x.cfg", "config_profile": "D", "combine": True}, "combine"),
        ({"rename": True, "repeat": 2}, "repeat"),
        ({"compression_level": 9}, "compression_level"),
        ({"files": []}, "files"),
        ({"propose": ["auto", "rle"]}, "propose"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, object], named: str) -> None:
    arguments = {"host": HOST, "port": 1, "files": ["none.dcm"], **options}
    error = storescu(**arguments).error  # type: ignore[arg-type]
    assert isinstance(error, OptionsError)
    assert error.message.startswith("storescu: invalid options:")
    assert named in error.message


def test_what_is_in_memory_cannot_be_renamed() -> None:
    error = storescu(host=HOST, port=1, files=[b"DICM"], rename=True).error
    assert isinstance(error, OptionsError)


def test_all_files_are_looked_at_before_anything_is_sent(
    peer: Recorder, image: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("no image")
    error = storescu(host=HOST, port=peer.port, files=[image, text]).error
    assert isinstance(error, DicomFormatError)
    assert str(text) in error.message
    missing = storescu(host=HOST, port=peer.port, files=[image, tmp_path / "none.dcm"]).error
    assert isinstance(missing, DicomFileError)
    assert not peer.met


def test_without_halt_a_bad_file_is_an_outcome(peer: Recorder, image: Path, tmp_path: Path) -> None:
    files = [tmp_path / "none.dcm", image]
    result = storescu(host=HOST, port=peer.port, files=files, halt=False).unwrap()
    assert not result.success
    assert [one.ok for one in result.outcomes] == [False, True]
    assert result.outcomes[0].status is None
    assert "none.dcm" in result.outcomes[0].message
    alone = storescu(host=HOST, port=peer.port, files=files[:1], halt=False)
    assert isinstance(alone.error, DicomFileError)


def test_a_data_set_without_meta_information_is_read_as_it_is_told(
    peer: Recorder, image: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.write_bytes(data_set_of(image.read_bytes()))
    for mode in ("auto", "dataset"):
        peer.forget()
        result = storescu(host=HOST, port=peer.port, files=[bare], read_mode=mode)  # type: ignore[arg-type]
        assert result.unwrap().success
        assert peer.received[0].data == bare.read_bytes()
    error = storescu(host=HOST, port=peer.port, files=[bare], read_mode="file-only").error
    assert isinstance(error, DicomFormatError)


def test_limits_hold(peer: Recorder, image: Path) -> None:
    tight = Limits(max_elements=3)
    error = storescu(host=HOST, port=peer.port, files=[image], limits=tight).error
    assert isinstance(error, LimitExceededError)


def test_a_native_file_is_written_anew_only_for_a_peer_that_wants_that(tmp_path: Path) -> None:
    file = image_file(tmp_path / "image.dcm")
    implicit = image_file(tmp_path / "implicit.dcm", transfer_syntax=IMPLICIT_LITTLE)
    with recording([CT_IMAGE], syntaxes=[IMPLICIT_LITTLE]) as peer:
        assert storescu(host=HOST, port=peer.port, files=[file]).unwrap().success
        assert peer.received[0].data == data_set_of(implicit.read_bytes())


def test_a_compressed_file_needs_a_peer_that_takes_it(
    tmp_path: Path, samples: object, peer: Recorder
) -> None:
    compressed = samples("MR_small_RLE.dcm")  # type: ignore[operator]
    native = image_file(tmp_path / "image.dcm")
    with recording([CT_IMAGE, MR_IMAGE], syntaxes=NATIVES) as plain:
        error = storescu(host=HOST, port=plain.port, files=[compressed]).error
        assert isinstance(error, AssociationError)
        assert MR_IMAGE in error.message
        both = storescu(host=HOST, port=plain.port, files=[compressed, native], halt=False).unwrap()
        assert [one.ok for one in both.outcomes] == [False, True]
        assert MR_IMAGE in both.outcomes[0].message
    assert storescu(host=HOST, port=peer.port, files=[compressed]).unwrap().success
    assert peer.received[0].transfer_syntax == RLE
    assert peer.received[0].data == data_set_of(compressed.read_bytes())


def test_deflated_is_preferred_when_it_is_proposed(peer: Recorder, tmp_path: Path) -> None:
    file = image_file(tmp_path / "image.dcm", rows=200, columns=200)
    sizes = []
    for level in (0, 9):
        peer.forget()
        options = {"propose": "deflated", "compression_level": level}
        storescu(host=HOST, port=peer.port, files=[file], **options).unwrap()  # type: ignore[arg-type]
        assert peer.received[0].transfer_syntax == DEFLATED
        sizes.append(len(peer.received[0].data))
    assert sizes[0] > file.stat().st_size - 1000 > sizes[1]


def test_new_vrs_become_ob_when_that_is_asked_for(peer: Recorder, tmp_path: Path) -> None:
    file = image_file(tmp_path / "image.dcm", 1, (0x0018A001, "UT", "text"))
    storescu(host=HOST, port=peer.port, files=[file], enable_new_vr=False).unwrap()
    storescu(host=HOST, port=peer.port, files=[file]).unwrap()
    first, second = (one.data for one in peer.received)
    tag = b"\x18\x00\x01\xa0"
    assert tag + b"OB" in first
    assert tag + b"UT" in second


def test_uids_that_blanks_pad_are_mended_when_that_is_asked_for(
    peer: Recorder, tmp_path: Path
) -> None:
    uid = f"{UID_ROOT}.77".ljust(34)
    file = tmp_path / "image.dcm"
    elements = ct_image((0x00080018, "UI", uid))
    file.write_bytes(dicom_file(elements, meta=meta_header(EXPLICIT_LITTLE)))
    storescu(host=HOST, port=peer.port, files=[file]).unwrap()
    storescu(host=HOST, port=peer.port, files=[file], uid_padding=True).unwrap()
    as_it_is, mended = peer.received
    assert as_it_is.data == data_set_of(file.read_bytes())
    assert uid.encode() in as_it_is.data
    assert uid.encode() not in mended.data
    assert uid.strip().encode() in mended.data
    assert mended.sop_instance == as_it_is.sop_instance == uid.strip()


def test_identifiers_are_invented(peer: Recorder, image: Path) -> None:
    from io import BytesIO

    from pydicom import dcmread

    options = {"invent_series": 2, "invent_study": 2, "invent_patient": 1, "repeat": 9}
    outcomes = storescu(host=HOST, port=peer.port, files=[image], **options).unwrap().outcomes  # type: ignore[arg-type]
    sets = [dcmread(BytesIO(one.data), force=True) for one in peer.received]
    assert [one.sop_instance_uid for one in outcomes] == [one.SOPInstanceUID for one in sets]
    assert len({one.SOPInstanceUID for one in sets}) == 9
    for keyword, sizes in (
        ("SeriesInstanceUID", [2, 2, 2, 2, 1]),
        ("StudyInstanceUID", [4, 4, 1]),
        ("PatientID", [4, 4, 1]),
    ):
        values = [str(one[keyword].value) for one in sets]
        assert [values.count(value) for value in dict.fromkeys(values)] == sizes
    assert [int(one.InstanceNumber) for one in sets] == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert [int(one.SeriesNumber) for one in sets] == [0, 0, 1, 1, 0, 0, 1, 1, 0]
    assert all(one.PixelData == sets[0].PixelData for one in sets)
    assert data_set_of(image.read_bytes()) not in [one.data for one in peer.received]


def test_invented_instances_stay_in_their_series(peer: Recorder, image: Path) -> None:
    storescu(host=HOST, port=peer.port, files=[image], invent_instance=True, repeat=3).unwrap()
    assert len({one.sop_instance for one in peer.received}) == 3


def test_repeat(peer: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 2)
    result = storescu(host=HOST, port=peer.port, files=files, repeat=3).unwrap()
    names = [str(file) for file in files]
    assert [one.file for one in result.outcomes] == [names[0]] * 3 + [names[1]] * 3
    assert len(peer.received) == 6
