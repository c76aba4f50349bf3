"""dcmsend against a server that records: the effect of every option."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcmtk_native import (
    AssociationError,
    DicomFileError,
    DicomFormatError,
    DimseError,
    LimitExceededError,
    Limits,
    OperationTimeoutError,
    OptionsError,
    StoreOutcome,
    ToolError,
    aio,
    dcmsend,
    read_pixels,
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

HOST = "127.0.0.1"
NATIVES = (EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE)
JPEG = "1.2.840.10008.1.2.4.50"


@pytest.fixture
def compressed(samples: Callable[[str], Path]) -> Path:
    """An MR image in RLE."""
    return samples("MR_small_RLE.dcm")


@pytest.fixture
def lossy(samples: Callable[[str], Path]) -> Path:
    """A color image in baseline JPEG."""
    return samples("SC_rgb_jpeg_dcmtk.dcm")


def test_files_are_sent_byte_for_byte(peer: Recorder, tmp_path: Path, compressed: Path) -> None:
    files = [*image_files(tmp_path, 3), compressed]
    result = dcmsend(host=HOST, port=peer.port, files=files).unwrap()
    assert result.success
    assert result.stderr == ""
    assert [one.file for one in result.outcomes] == [str(file) for file in files]
    assert [one.data for one in peer.received] == [data_set_of(f.read_bytes()) for f in files]
    assert len(peer.met) == 1
    assert (peer.met[0].calling, peer.met[0].called) == ("DCMSEND", "ANY-SCP")


def test_each_syntax_has_a_context_and_the_rest_another(
    peer: Recorder, tmp_path: Path, compressed: Path
) -> None:
    files = [
        image_file(tmp_path / f"{number}.dcm", number, transfer_syntax=syntax)
        for number, syntax in enumerate([IMPLICIT_LITTLE, DEFLATED])
    ]
    dcmsend(host=HOST, port=peer.port, files=[*files, compressed]).unwrap()
    assert peer.met[0].contexts == [
        (CT_IMAGE, (IMPLICIT_LITTLE,)),
        (CT_IMAGE, (DEFLATED,)),
        (CT_IMAGE, (EXPLICIT_LITTLE, EXPLICIT_BIG)),
        (MR_IMAGE, (RLE,)),
        (MR_IMAGE, NATIVES),
    ]


def test_titles_and_pdus(peer: Recorder, image: Path) -> None:
    options = {"calling_ae_title": "ME", "called_ae_title": "YOU", "max_pdu": 5000}
    dcmsend(host=HOST, port=peer.port, files=[image], **options).unwrap()  # type: ignore[arg-type]
    met = peer.met[0]
    assert (met.calling, met.called, met.max_pdu) == ("ME", "YOU", 5000)
    big = image_file(image.with_name("big.dcm"), rows=256, columns=256)
    dcmsend(host=HOST, port=peer.port, files=[big], max_send_pdu=4096).unwrap()
    assert 4000 < peer.largest_pdu <= 4096


def test_folders_are_scanned_when_that_is_asked_for(peer: Recorder, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    image_file(tmp_path / "a.dcm", 1)
    image_file(tmp_path / "b.img", 2)
    image_file(below / "c.dcm", 3)

    def sent(**options: object) -> set[str]:
        arguments = {"host": HOST, "port": peer.port, "files": [tmp_path], **options}
        outcomes = dcmsend(**arguments).unwrap().outcomes  # type: ignore[arg-type]
        return {Path(one.file).name for one in outcomes}

    assert sent(scan_directory=True) == {"a.dcm", "b.img"}
    assert sent(scan_directory=True, recurse=True, scan_pattern="*.dcm") == {"a.dcm", "c.dcm"}
    assert isinstance(dcmsend(host=HOST, port=peer.port, files=[tmp_path]).error, DicomFormatError)
    for options in ({"recurse": True}, {"scan_pattern": "*"}):
        arguments = {"host": HOST, "port": peer.port, "files": [tmp_path], **options}
        assert isinstance(dcmsend(**arguments).error, OptionsError)  # type: ignore[arg-type]


def test_only_files_are_read_unless_told_otherwise(
    peer: Recorder, image: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.write_bytes(data_set_of(image.read_bytes()))
    error = dcmsend(host=HOST, port=peer.port, files=[bare]).error
    assert isinstance(error, DicomFormatError)
    for mode in ("auto", "dataset"):
        result = dcmsend(host=HOST, port=peer.port, files=[bare], read_mode=mode)  # type: ignore[arg-type]
        assert result.unwrap().success


def test_limits_hold(peer: Recorder, image: Path) -> None:
    error = dcmsend(host=HOST, port=peer.port, files=[image], limits=Limits(max_elements=3)).error
    assert isinstance(error, LimitExceededError)


# Compression


@pytest.fixture
def plain() -> Iterator[Recorder]:
    """A server that takes implicit little endian alone."""
    classes = [CT_IMAGE, MR_IMAGE, "1.2.840.10008.5.1.4.1.1.7"]
    with recording(classes, syntaxes=[IMPLICIT_LITTLE]) as recorder:
        yield recorder


def sends(peer: Recorder, file: Path, **options: object) -> bool:
    peer.forget()
    arguments = {"host": HOST, "port": peer.port, "files": [file], "halt": False, **options}
    result = dcmsend(**arguments)  # type: ignore[arg-type]
    return result.ok and result.value.success


def test_what_may_be_decompressed(plain: Recorder, compressed: Path, lossy: Path) -> None:
    assert sends(plain, compressed)
    assert plain.received[0].transfer_syntax == IMPLICIT_LITTLE
    pixels = read_pixels(compressed).unwrap().array().tobytes()
    assert pixels in plain.received[0].data
    assert not sends(plain, compressed, decompress="never")
    assert sends(plain, compressed, decompress="lossy")
    assert not sends(plain, lossy)
    assert not sends(plain, lossy, decompress="never")
    assert sends(plain, lossy, decompress="lossy")
    error = dcmsend(host=HOST, port=plain.port, files=[lossy]).error
    assert isinstance(error, AssociationError)


def test_what_is_never_decompressed_is_proposed_alone_or_not_at_all(
    peer: Recorder, compressed: Path, image: Path
) -> None:
    assert sends(peer, compressed, decompress="never")
    assert peer.met[0].contexts == [(MR_IMAGE, (RLE,))]
    options = {"decompress": "never", "illegal_proposal": False}
    assert not sends(peer, compressed, **options)
    assert not peer.met
    error = dcmsend(host=HOST, port=peer.port, files=[compressed], **options).error  # type: ignore[arg-type]
    assert type(error) is ToolError
    both = {"host": HOST, "port": peer.port, "files": [compressed, image], "halt": False}
    outcomes = dcmsend(**both, **options).unwrap().outcomes  # type: ignore[arg-type]
    assert [one.ok for one in outcomes] == [False, True]
    assert "default transfer syntax" in outcomes[0].message


def test_deflated_files_are_deflated_anew_for_another_level(peer: Recorder, tmp_path: Path) -> None:
    file = image_file(tmp_path / "image.dcm", transfer_syntax=DEFLATED, rows=100, columns=100)
    dcmsend(host=HOST, port=peer.port, files=[file]).unwrap()
    dcmsend(host=HOST, port=peer.port, files=[file], compression_level=0).unwrap()
    as_it_is, stored = peer.received
    assert as_it_is.data == data_set_of(file.read_bytes())
    assert len(stored.data) > 20_000 > len(as_it_is.data)


# Files that must not be sent


def odd_file(path: Path, sop_class: str, sop_instance: str) -> Path:
    elements = ct_image((0x00080016, "UI", sop_class), (0x00080018, "UI", sop_instance))
    path.write_bytes(dicom_file(elements, meta=meta_header(EXPLICIT_LITTLE)))
    return path


@pytest.mark.parametrize(
    ("sop_class", "sop_instance"),
    [
        (CT_IMAGE, "1.2.not.a.uid"),
        (CT_IMAGE, "1." * 40 + "1"),
        ("1.2.840.10008.1.1", f"{UID_ROOT}.1"),
        ("1.2.840.10008.99.99", f"{UID_ROOT}.1"),
    ],
)
def test_wrong_uids_are_refused(
    peer: Recorder, tmp_path: Path, sop_class: str, sop_instance: str
) -> None:
    file = odd_file(tmp_path / "odd.dcm", sop_class, sop_instance)
    error = dcmsend(host=HOST, port=peer.port, files=[file]).error
    assert type(error) is ToolError
    assert not peer.met
    unchecked = dcmsend(host=HOST, port=peer.port, files=[file], uid_checks=False)
    assert peer.met or isinstance(unchecked.error, AssociationError)
    assert not isinstance(unchecked.error, ToolError) or peer.met


def test_private_classes_are_none_of_our_business(tmp_path: Path) -> None:
    private = "1.2.826.0.1.3680043.8.498.6"
    file = image_file(tmp_path / "private.dcm", sop_class=private)
    with recording([private]) as peer:
        assert dcmsend(host=HOST, port=peer.port, files=[file]).unwrap().success


def directory_of(folder: Path, ids: list[str]) -> Path:
    records = [
        [
            (0x00041400, "UL", [0]),
            (0x00041430, "CS", "IMAGE"),
            (0x00041500, "CS", file_id),
        ]
        for file_id in ids
    ]
    path = folder / "DICOMDIR"
    content = dicom_file(
        [(0x00041220, "SQ", [[(0x00041430, "CS", "PATIENT")], *records])],
        meta=meta_header(EXPLICIT_LITTLE, "1.2.840.10008.1.3.10", f"{UID_ROOT}.9"),
    )
    path.write_bytes(content)
    return path


def test_a_dicomdir_stands_for_its_files(peer: Recorder, tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    image_file(tmp_path / "A" / "ONE", 1)
    image_file(tmp_path / "TWO", 2)
    directory = directory_of(tmp_path, ["A\\ONE", "TWO"])
    other = image_file(tmp_path / "other.dcm", 3)
    options = {"host": HOST, "port": peer.port, "files": [directory, other]}
    result = dcmsend(**options, from_dicomdir=True).unwrap()  # type: ignore[arg-type]
    names = [Path(one.file).relative_to(tmp_path).as_posix() for one in result.outcomes]
    assert names == ["A/ONE", "TWO", "other.dcm"]
    assert result.success
    assert isinstance(dcmsend(**options).error, ToolError)  # type: ignore[arg-type]


@pytest.mark.parametrize("file_id", ["..\\..\\etc\\passwd", "\\etc\\passwd", "A\\..\\..\\B"])
def test_a_dicomdir_cannot_lead_out_of_its_folder(
    peer: Recorder, tmp_path: Path, image: Path, file_id: str
) -> None:
    directory = directory_of(tmp_path, [file_id])
    options = {"host": HOST, "port": peer.port, "files": [directory, image], "from_dicomdir": True}
    error = dcmsend(**options).error  # type: ignore[arg-type]
    assert isinstance(error, DicomFormatError)
    outcomes = dcmsend(**options, halt=False).unwrap().outcomes  # type: ignore[arg-type]
    assert [one.ok for one in outcomes] == [True]


# Associations


@pytest.fixture
def many(tmp_path: Path) -> Iterator[tuple[Recorder, list[Path]]]:
    """140 files of as many SOP classes, and a server for them."""
    classes = [f"1.2.826.0.1.3680043.8.498.6.{number}" for number in range(140)]
    files = [
        image_file(tmp_path / f"{number}.dcm", number, sop_class=sop_class)
        for number, sop_class in enumerate(classes)
    ]
    with recording(classes) as peer:
        yield peer, files


def test_more_than_128_contexts_take_further_associations(
    many: tuple[Recorder, list[Path]],
) -> None:
    peer, files = many
    result = dcmsend(host=HOST, port=peer.port, files=files).unwrap()
    assert result.success
    assert [len(one.contexts) for one in peer.met] == [128, 128, 24]


def test_a_single_association_leaves_the_rest(many: tuple[Recorder, list[Path]]) -> None:
    peer, files = many
    result = dcmsend(host=HOST, port=peer.port, files=files, multi_associations=False).unwrap()
    assert not result.success
    assert [one.ok for one in result.outcomes] == [True] * 64 + [False] * 76
    assert "contexts enough" in result.outcomes[-1].message
    assert len(peer.met) == 1


def test_several_associations_at_a_time(tmp_path: Path, peer: Recorder) -> None:
    files = image_files(tmp_path, 20)
    result = dcmsend(host=HOST, port=peer.port, files=files, associations=4).unwrap()
    assert [one.file for one in result.outcomes] == [str(file) for file in files]
    assert len(peer.received) == 20
    assert 2 <= len(peer.met) <= 4


# Failures, time, reports


def test_a_failure_status_ends_the_call_unless_told_otherwise(tmp_path: Path) -> None:
    files = image_files(tmp_path, 3)
    statuses = {f"{UID_ROOT}.1": 0xA900}
    with recording([CT_IMAGE], status=lambda one: statuses.get(one.sop_instance, 0)) as peer:
        error = dcmsend(host=HOST, port=peer.port, files=files).error
        assert isinstance(error, DimseError)
        assert error.status == 0xA900
        assert error.message.startswith("dcmsend failed")
        result = dcmsend(host=HOST, port=peer.port, files=files, halt=False).unwrap()
        assert [one.status for one in result.outcomes] == [0, 0xA900, 0]


def test_progress_is_told(peer: Recorder, tmp_path: Path) -> None:
    told: list[tuple[int, int, StoreOutcome]] = []
    dcmsend(
        host=HOST,
        port=peer.port,
        files=image_files(tmp_path, 2),
        on_progress=lambda *now: told.append(now),
    ).unwrap()
    assert [(sent, total, outcome.ok) for sent, total, outcome in told] == [
        (1, 2, True),
        (2, 2, True),
    ]


def test_a_report_is_written(tmp_path: Path) -> None:
    files = image_files(tmp_path, 3)
    report = tmp_path / "report.txt"
    statuses = {f"{UID_ROOT}.1": 0xA700}
    with recording(
        [CT_IMAGE], syntaxes=[IMPLICIT_LITTLE], status=lambda one: statuses.get(one.sop_instance, 0)
    ) as peer:
        dcmsend(
            host=HOST,
            port=peer.port,
            files=[*files, tmp_path / "none.dcm"],
            halt=False,
            report_file=report,
        ).unwrap()
        text = report.read_text()
        assert f"Communication Peer : {HOST}:{peer.port}" in text
        size = len(peer.received[0].data)
    assert "AE Titles used     : DCMSEND -> ANY-SCP" in text
    entries = text.split("Number        : ")[1:]
    assert len(entries) == 4
    first = dict(line.split(" : ", 1) for line in entries[0].splitlines()[1:] if " : " in line)
    values = {name.strip(): value for name, value in first.items()}
    assert values == {
        "Filename": str(files[0]),
        "SOP Instance": f"{UID_ROOT}.0",
        "SOP Class": f"{CT_IMAGE} = CTImageStorage",
        "Original Xfer": f"{EXPLICIT_LITTLE} = LittleEndianExplicit",
        "Dataset Size": f"{size} bytes",
        "Association": "1",
        "Pres. Context": "3",
        "Network Xfer": f"{IMPLICIT_LITTLE} = LittleEndianImplicit",
        "DIMSE Status": "0x0000 (success)",
    }
    assert "0xA700" in entries[1]
    assert "<not sent>" in entries[3]


def test_a_report_that_cannot_be_written_is_an_error(
    peer: Recorder, image: Path, tmp_path: Path
) -> None:
    error = dcmsend(
        host=HOST, port=peer.port, files=[image], report_file=tmp_path / "none" / "report.txt"
    ).error
    assert isinstance(error, DicomFileError)


def test_contexts_are_logged_if_that_is_asked_for(
    peer: Recorder, image: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "dcmtk_native.network"):
        dcmsend(host=HOST, port=peer.port, files=[image]).unwrap()
        assert CT_IMAGE not in caplog.text
        dcmsend(host=HOST, port=peer.port, files=[image], verbose_pc=True).unwrap()
    assert f"proposes 1: {CT_IMAGE} in {EXPLICIT_LITTLE}\n" in caplog.text
    assert f"proposes 3: {CT_IMAGE} in {EXPLICIT_BIG}, {IMPLICIT_LITTLE}\n" in caplog.text
    assert f"accepts {CT_IMAGE} in {EXPLICIT_LITTLE}" in caplog.text


def test_the_timeouts_hold(image: Path) -> None:
    with socket.create_server((HOST, 0)) as silent:
        port = silent.getsockname()[1]
        begin = time.monotonic()
        error = dcmsend(host=HOST, port=port, files=[image], timeout_ms=200).error
        assert isinstance(error, OperationTimeoutError)
        for name in ("acse_timeout", "timeout_ms"):
            value = {"acse_timeout": 0.2, "timeout_ms": 200}[name]
            result = dcmsend(host=HOST, port=port, files=[image], **{name: value})  # type: ignore[arg-type]
            assert not result.ok
        assert time.monotonic() - begin < 3
    error = dcmsend(host=HOST, port=1, files=[image], connection_timeout=1).error
    assert isinstance(error, AssociationError)


def test_a_late_answer_costs_the_dimse_timeout(image: Path) -> None:
    from threading import Event

    answer = Event()

    def wait(_: object) -> int:
        answer.wait(10)
        return 0

    with recording([CT_IMAGE], status=wait) as peer:
        error = dcmsend(host=HOST, port=peer.port, files=[image], dimse_timeout=0.2).error
        answer.set()
    assert isinstance(error, AssociationError)


def test_it_is_awaited_too(peer: Recorder, image: Path) -> None:
    assert asyncio.run(aio.dcmsend(host=HOST, port=peer.port, files=[image])).unwrap().success
    assert len(peer.received) == 1
