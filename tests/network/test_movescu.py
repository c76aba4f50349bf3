"""movescu with real peers: what it asks, where the objects go, what comes back here."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom import build_context
from pynetdicom.events import Event

from dcmtk_native import (
    AssociationError,
    DicomFileError,
    DimseError,
    MoveQueryModel,
    OptionsError,
    aio,
    dcmcjpeg,
    movescu,
)
from support.archives import ARCHIVES, ROOT, Archive, dcmqrscp, fill, instance
from support.comparing import comparable, data_set_of
from support.peers import free_port, program_of_dcmtk, running
from support.raw_scp import NO_DATA, scripted
from support.samples import CT_IMAGE, EXPLICIT_LITTLE, dataset, dicom_file
from support.scp import Liar, Scp, serving

ROOTS = "1.2.840.10008.5.1.4.1.2"
CLASSES = [f"{ROOTS}.{model}.{service}" for model in (1, 2, 3) for service in (1, 2)]
HOST = "127.0.0.1"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
SEQUENCE = (0x00081140, "SQ", [[(0x00081155, "UI", "1.2.4")]])
CONTENTS = [
    instance("P1", 1, 1, 1),
    instance("P1", 1, 2, 1, SEQUENCE),
    instance("P1", 2, 1, 1),
]
STUDY_1 = {"query_model": "study", "keys": [f"StudyInstanceUID={ROOT}.1"]}


@contextmanager
def archive(folder: Path, kind: str, destinations: dict[str, int]) -> Iterator[Archive]:
    folder.mkdir()
    with ARCHIVES[kind](folder, destinations=destinations) as server:
        fill(server, folder, CONTENTS)
        yield server


@pytest.fixture
def received(tmp_path: Path) -> Path:
    folder = tmp_path / "received"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_study_is_sent_to_another(tmp_path: Path, received: Path, kind: str) -> None:
    with (
        running(tmp_path, "storescp", "-od", received, "+B") as storage,
        archive(tmp_path / kind, kind, {"WS1": storage.port}) as server,
    ):
        result = movescu(
            host=HOST,
            port=server.port,
            called_ae_title="ARCHIVE",
            query_model=MoveQueryModel.STUDY,
            keys=["QueryRetrieveLevel=STUDY", f"StudyInstanceUID={ROOT}.1"],
            move_destination="WS1",
        )
        assert result.ok, result.error.message
        found = result.value
    assert (found.success, found.status, found.stderr, found.files) == (True, 0, "", ())
    assert (found.completed, found.failed, found.warnings, found.remaining) == (2, 0, 0, 0)
    assert sorted(path.name for path in received.iterdir()) == [
        f"CT.{ROOT}.1.1.1",
        f"CT.{ROOT}.1.2.1",
    ]


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_study_is_received_here_byte_for_byte(tmp_path: Path, received: Path, kind: str) -> None:
    port = free_port()
    with archive(tmp_path / kind, kind, {"MOVESCU": port}) as server:
        result = movescu(
            host=HOST,
            port=server.port,
            called_ae_title="ARCHIVE",
            **STUDY_1,
            receive_port=port,
            output_directory=received,
        )
    assert result.ok, result.error.message
    names = [f"CT.{ROOT}.1.1.1", f"CT.{ROOT}.1.2.1"]
    assert sorted(result.value.files) == [str(received / name) for name in names]
    for name, content in zip(names, CONTENTS, strict=False):
        assert data_set_of((received / name).read_bytes()) == data_set_of(content)


def test_it_is_awaited_too(tmp_path: Path, received: Path) -> None:
    port = free_port()

    async def work(server: Archive) -> int:
        result = await aio.movescu(
            host=HOST,
            port=server.port,
            called_ae_title="ARCHIVE",
            **STUDY_1,
            receive_port=port,
            output_directory=received,
        )
        return len(result.unwrap().files)

    with archive(tmp_path / "archive", "dcmqrscp", {"MOVESCU": port}) as server:
        assert asyncio.run(work(server)) == 2


FORMS: list[tuple[dict[str, Any], list[str]]] = [
    ({"write_mode": "dataset"}, ["-F"]),
    ({"write_xfer": "implicit"}, ["+ti"]),
    ({"write_xfer": "big"}, ["+tb"]),
    ({"write_xfer": "deflated", "compression_level": 1}, ["+td", "+cl", "1"]),
    ({"group_length": "create"}, ["+g"]),
    ({"length_encoding": "undefined"}, ["-e"]),
    ({"padding": (512, 64)}, ["+p", "512", "64"]),
    ({"enable_new_vr": False}, ["-u"]),
]


def test_files_get_the_form_that_is_asked_for(tmp_path: Path) -> None:
    """As DCMTK's movescu writes them; its meta header names another implementation."""
    ports = {"OURS": free_port(), "THEIRS": free_port()}
    with archive(tmp_path / "archive", "dcmqrscp", ports) as server:
        for number, (options, flags) in enumerate(FORMS):
            folders = {title: tmp_path / f"{title}-{number}" for title in ports}
            for folder in folders.values():
                folder.mkdir()
            command = [program_of_dcmtk("movescu"), *flags, "-S", "-aec", "ARCHIVE"]
            command += ["-aem", "THEIRS", "+P", str(ports["THEIRS"]), "-od", folders["THEIRS"]]
            command += ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={ROOT}.1"]
            subprocess.run(
                [*map(str, command), HOST, str(server.port)], check=True, capture_output=True
            )
            result = movescu(
                host=HOST,
                port=server.port,
                called_ae_title="ARCHIVE",
                move_destination="OURS",
                **STUDY_1,
                receive_port=ports["OURS"],
                output_directory=folders["OURS"],
                **options,
            )
            assert result.ok, result.error.message
            assert len(result.value.files) == 2
            for path in folders["OURS"].iterdir():
                ours, theirs = path.read_bytes(), (folders["THEIRS"] / path.name).read_bytes()
                if options.get("write_mode") != "dataset":
                    ours, theirs = data_set_of(ours), data_set_of(theirs)
                if "padding" in options:
                    assert path.stat().st_size % 512 == 0
                elif "compression_level" in options:
                    assert pydicom.dcmread(path) == pydicom.dcmread(folders["THEIRS"] / path.name)
                else:
                    assert ours == theirs, options


def test_compressed_objects_are_taken_as_preferred(tmp_path: Path) -> None:
    source = tmp_path / "jpeg.dcm"
    dcmcjpeg(CONTENTS[0], source).unwrap()
    port = free_port()
    folder = tmp_path / "archive"
    folder.mkdir()
    with dcmqrscp(folder, "+xs", "-xs", destinations={"MOVESCU": port}) as server:
        store = [program_of_dcmtk("storescu"), "-xs", "-aec", "ARCHIVE"]
        subprocess.run(
            [*store, HOST, str(server.port), str(source)], check=True, capture_output=True
        )
        for prefer, expected in (
            ("jpeg-lossless", [JPEG_LOSSLESS]),
            ("accept-all", [JPEG_LOSSLESS]),
            ("uncompressed", []),
        ):
            received = tmp_path / prefer
            received.mkdir()
            result = movescu(
                host=HOST,
                port=server.port,
                called_ae_title="ARCHIVE",
                **STUDY_1,
                prefer=prefer,
                receive_port=port,
                output_directory=received,
            )
            syntaxes = [
                str(pydicom.dcmread(path).file_meta.TransferSyntaxUID)
                for path in received.iterdir()
            ]
            assert syntaxes == expected
            if expected:
                assert result.ok


@pytest.fixture
def scp() -> Iterator[Scp]:
    def answers(event: Event) -> Iterator[Any]:
        yield (HOST, 1)  # nobody is there
        yield 0

    with serving(CLASSES, move=answers) as server:
        yield server


KEYS = ["QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3"]
SAME_AS_THE_PROGRAM: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"query_model": "patient"}, ["-P"]),
    ({"query_model": "study"}, ["-S"]),
    ({"query_model": "psonly"}, ["-O"]),
    ({"calling_ae_title": "ME", "called_ae_title": "YOU"}, ["-aet", "ME", "-aec", "YOU"]),
    ({"move_destination": "WS1"}, ["-aem", "WS1"]),
    ({"propose": "little"}, ["-xe"]),
    ({"propose": "big"}, ["-xb"]),
    ({"propose": "implicit"}, ["-xi"]),
    ({"propose": "deflated"}, ["-xd"]),
    ({"propose": "deflated", "compression_level": 0}, ["-xd", "+cl", "0"]),
    ({"max_pdu": 4096}, ["-pdu", "4096"]),
    ({"repeat": 2}, ["--repeat", "2"]),
]


@pytest.mark.parametrize(("options", "flags"), SAME_AS_THE_PROGRAM, ids=" ".join)
def test_it_asks_what_the_program_asks(scp: Scp, options: dict[str, Any], flags: list[str]) -> None:
    arguments = [part for key in KEYS for part in ("-k", key)]
    command = [program_of_dcmtk("movescu"), *flags, *arguments, HOST, str(scp.port)]
    subprocess.run(command, timeout=60, capture_output=True)
    movescu(host=HOST, port=scp.port, keys=KEYS, **options)
    theirs, ours = scp.ended(2)
    assert comparable(ours) == comparable(theirs)


STUDY_MOVE = f"{ROOTS}.2.2"


def response(status: int, *counts: int, has_data: bool = False) -> dict[int, int | str]:
    """A C-MOVE-RSP to the first message: remaining, completed, failed, warnings."""
    elements: dict[int, int | str] = {
        0x0002: STUDY_MOVE,
        0x0100: 0x8021,
        0x0120: 1,
        0x0800: 0 if has_data else NO_DATA,
        0x0900: status,
    }
    return elements | dict(zip((0x1020, 0x1021, 0x1022, 0x1023), counts, strict=False))


MOVE: dict[str, Any] = {"host": HOST, "query_model": "study", "keys": KEYS}


def test_progress_and_counts_are_those_of_the_peer() -> None:
    told: list[tuple[int, ...]] = []
    script = [
        (response(0xFF00, 3, 0, 0, 0), None),
        (response(0xFF00, 1, 1, 1, 0), None),
        (response(0xB000, 0, 1, 1, 1), None),
    ]
    with scripted(*script) as scp:
        result = movescu(
            **MOVE, port=scp.port, on_progress=lambda *counts: told.append(counts)
        ).unwrap()
        assert scp.ended.wait(10)
    assert told == [(3, 0, 0, 0), (1, 1, 1, 0), (0, 1, 1, 1)]
    assert (result.success, result.status) == (False, 0xB000)
    assert (result.completed, result.failed, result.warnings, result.remaining) == (1, 1, 1, 0)


@pytest.mark.parametrize("status", [0xA701, 0xA702, 0xA801, 0xA900, 0xC000])
def test_a_failure_status_is_an_error(status: int) -> None:
    with scripted((response(status, 0, 0, 2, 0), None)) as scp:
        error = movescu(**MOVE, port=scp.port).error
        assert scp.ended.wait(10)
    assert isinstance(error, DimseError)
    assert error.status == status
    assert error.message.startswith("movescu failed")
    assert f"0x{status:04X}" in error.message


def test_the_peer_is_asked_to_stop_after_some_responses() -> None:
    pending = [(response(0xFF00, 9 - number, number, 0, 0), None) for number in range(3)]
    with scripted(*pending, (response(0xFE00, 6, 3, 0, 0), None)) as scp:
        result = movescu(**MOVE, port=scp.port, cancel_after=2).unwrap()
        assert scp.ended.wait(10)
    assert (result.success, result.status, result.remaining) == (False, 0xFE00, 6)
    assert scp.commands == [0x0021, 0x0FFF]


def test_a_data_set_of_a_pending_response_is_ignored_or_read() -> None:
    """Some peers announce one that does not come, others send one that has no place there."""
    announced = response(0xFF00, 1, 0, 0, 0, has_data=True)
    final = (response(0x0000, 0, 1, 0, 0), None)
    with scripted((announced, None), final) as scp:
        assert movescu(**MOVE, port=scp.port).unwrap().completed == 1
    content = dataset([(0x00080052, "CS", "STUDY ")])
    with scripted((announced, content), final) as scp:
        result = movescu(**MOVE, port=scp.port, ignore_pending_data=False)
        assert result.unwrap().completed == 1
    with scripted((announced, content), final) as scp:
        assert isinstance(movescu(**MOVE, port=scp.port).error, AssociationError)


def sender(port: int, *contents: pydicom.Dataset) -> Any:
    """A server that sends these itself, and notes with what status each was taken."""

    def answers(event: Event) -> Iterator[Any]:
        yield HOST, port, {"contexts": [build_context(CT_IMAGE, EXPLICIT_LITTLE)]}
        yield len(contents)
        for one in contents:
            yield 0xFF00, one

    return answers


def stored(**values: str) -> pydicom.Dataset:
    made = pydicom.dcmread(BytesIO(CONTENTS[0]))
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("options", "completed", "names"),
    [
        ({}, 1, [f"CT.{ROOT}.1.1.1"]),
        ({"bit_preserving": True}, 2, [f"CT.{ROOT}.1.1.1", f"CT.{ROOT}.9"]),
        ({"uid_padding": True}, 1, [f"CT.{ROOT}.1.1.1"]),
        ({"ignore_store": True}, 2, []),
    ],
    ids=str,
)
def test_what_is_not_the_instance_of_its_request_is_refused(
    tmp_path: Path, options: dict[str, Any], completed: int, names: list[str]
) -> None:
    port = free_port()
    other = Liar(stored(SOPInstanceUID=f"{ROOT}.9"), {"SOPInstanceUID": f"{ROOT}.8"})
    with serving(CLASSES, move=sender(port, stored(), other)) as scp:
        folder = {} if "ignore_store" in options else {"output_directory": tmp_path}
        result = movescu(**MOVE, port=scp.port, receive_port=port, **folder, **options).unwrap()
    assert result.completed == completed
    assert result.success == (completed == 2)
    assert [Path(path).name for path in result.files] == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize(("uid_padding", "completed"), [(False, 0), (True, 1)])
def test_uids_that_are_padded_by_blanks_are_taken_if_that_is_asked_for(
    tmp_path: Path, uid_padding: bool, completed: int
) -> None:
    port = free_port()
    uid = f"{ROOT}.11"
    padded = Liar(stored(SOPInstanceUID=uid), {"SOPInstanceUID": f"{uid} "})
    with serving(CLASSES, move=sender(port, padded)) as scp:
        result = movescu(
            **MOVE,
            port=scp.port,
            receive_port=port,
            output_directory=tmp_path,
            uid_padding=uid_padding,
        )
    count = result.value.completed if result.ok else 0
    assert count == completed
    assert len(list(tmp_path.iterdir())) == completed


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"keys": []}, "keys"),
        ({"compression_level": 9}, "compression_level"),
        ({"output_directory": "."}, "receive_port"),
        ({"prefer": "rle"}, "receive_port"),
        ({"host_lookup": False}, "receive_port"),
        ({"ignore_store": True}, "receive_port"),
        ({"uid_padding": True}, "receive_port"),
        ({"bit_preserving": True}, "receive_port"),
        ({"write_mode": "dataset"}, "receive_port"),
        ({"write_xfer": "big"}, "receive_port"),
        ({"group_length": "create"}, "receive_port"),
        ({"length_encoding": "undefined"}, "receive_port"),
        ({"padding": "off"}, "receive_port"),
        ({"receive_port": 1, "bit_preserving": True, "write_xfer": "big"}, "bit_preserving"),
        ({"receive_port": 1, "ignore_store": True, "output_directory": "."}, "ignore_store"),
        ({"receive_port": 1, "write_mode": "dataset", "padding": (4, 4)}, "padding"),
    ],
    ids=str,
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], part: str) -> None:
    error = movescu(host=HOST, port=1, **{"keys": KEYS, **options}).error
    assert isinstance(error, OptionsError)
    assert error.message.startswith("movescu: invalid options:")
    assert part in error.message


def test_a_port_that_is_taken_and_a_missing_folder_are_errors(scp: Scp, tmp_path: Path) -> None:
    taken = movescu(**MOVE, port=scp.port, receive_port=scp.port).error
    assert isinstance(taken, AssociationError)
    assert "Cannot listen on" in taken.message
    missing = movescu(
        **MOVE, port=scp.port, receive_port=free_port(), output_directory=tmp_path / "none"
    ).error
    assert isinstance(missing, DicomFileError)
    assert not scp.sessions


def test_the_port_is_free_again_after_the_call(scp: Scp, tmp_path: Path) -> None:
    port = free_port()
    for _ in range(3):
        result = movescu(**MOVE, port=scp.port, receive_port=port, output_directory=tmp_path)
        assert result.ok


def test_query_files_and_keys(scp: Scp, tmp_path: Path) -> None:
    query = tmp_path / "query.dcm"
    query.write_bytes(dicom_file([(0x00100020, "LO", "1"), (0x0020000D, "UI", "1.2")]))
    result = movescu(host=HOST, port=scp.port, query_files=[query, query], keys=["PatientID=7"])
    assert result.ok
    expected = [(0x00080052, "CS", "STUDY "), (0x00100020, "LO", "7"), (0x0020000D, "UI", "1.2")]
    assert [one.identifier for one in scp.only().asked] == [dataset(expected)] * 2
