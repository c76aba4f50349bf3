"""PacsClient: what it sends for filters, and what it brings back from archives."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest

from dcmtk_native import (
    AssociationError,
    ImageFilter,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    PacsClient,
    RetrieveMode,
    SeriesFilter,
    StudyFilter,
    WorklistFilter,
    aio,
)
from support.archives import ARCHIVES, ROOT, Archive, fill, instance, worklist
from support.peers import free_port, running
from support.samples import dataset
from support.scp import Scp, matches, serving

HOST = "127.0.0.1"
WORKLIST = "1.2.840.10008.5.1.4.31"
STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
CONTENTS = [
    instance("P1", 1, 1, 1),
    instance("P1", 1, 2, 1),
    instance("P1", 1, 2, 2),
    instance("P2", 2, 1, 1),
]
MOVER = "MOVER"


@pytest.fixture(scope="module")
def port() -> int:
    """Where MOVER receives."""
    return free_port()


@pytest.fixture(scope="module", params=ARCHIVES)
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, port: int
) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp(request.param)
    with ARCHIVES[request.param](folder, destinations={MOVER: port}) as server:
        fill(server, folder, CONTENTS)
        yield server


@pytest.fixture
def client(archive: Archive) -> PacsClient:
    return PacsClient.create(
        host=HOST, port=archive.port, called_ae_title="ARCHIVE", timeout_ms=60000
    ).unwrap()


@pytest.fixture
def scp() -> Iterator[Scp]:
    with serving([STUDY, WORKLIST], find=matches()) as server:
        yield server


def test_what_is_stored_is_found(client: PacsClient, tmp_path: Path) -> None:
    path = tmp_path / "new.dcm"
    path.write_bytes(instance("P9", 9, 1, 1))
    stored = client.store([path]).unwrap()
    assert (stored.success, stored.file_count) == (True, 1)
    assert [outcome.status for outcome in stored.outcomes] == [0]
    (study,) = client.find_studies(patient_id="P9").unwrap()
    assert study.get_string("(0010,0020)") == "P9"


def test_it_answers(client: PacsClient) -> None:
    found = client.echo().unwrap()
    assert found.success
    assert found.rtt_ms > 0


def test_the_hierarchy_is_found_level_by_level(client: PacsClient) -> None:
    studies = client.find_studies(StudyFilter(patient_id="P1")).unwrap()
    assert [one.get_string("StudyInstanceUID", "") for one in studies] == [f"{ROOT}.1"]
    series = client.find_series(study_instance_uid=f"{ROOT}.1").unwrap()
    uids = sorted(one.get_string("SeriesInstanceUID", "") for one in series)
    assert uids == [f"{ROOT}.1.1", f"{ROOT}.1.2"]
    images = client.find_images(ImageFilter(f"{ROOT}.1", f"{ROOT}.1.2")).unwrap()
    assert sorted(one.get_string("InstanceNumber", "") for one in images) == ["1", "2"]
    assert client.find_studies(patient_id="nobody").unwrap() == ()
    assert len(client.find(["PatientID=P2", "StudyInstanceUID"]).unwrap()) == 1


def test_a_worklist_is_found(tmp_path: Path) -> None:
    dump = """
(0010,0010) PN [Doe^John]
(0010,0020) LO [1]
(0020,000d) UI [1.2.3]
(0032,1032) PN [Doctor]
(0032,1060) LO [Head]
(0040,1001) SH [RP]
(0040,0100) SQ
(fffe,e000) na
(0008,0060) CS [CT]
(0040,0001) AE [STATION]
(0040,0002) DA [20240105]
(0040,0003) TM [0900]
(0040,0006) PN [Nurse]
(0040,0007) LO [Head]
(0040,0009) SH [SPS]
(0040,0010) SH [ROOM]
(fffe,e00d) na
(fffe,e0dd) na
"""
    with worklist(tmp_path, [dump]) as server:
        client = PacsClient.create(host=HOST, port=server.port, called_ae_title="ARCHIVE").unwrap()
        for found in (
            client.find_worklist(WorklistFilter(["PatientName", "PatientID=1"])),
            client.find_worklist(keys=["PatientName", "0040,0100[0].0008,0060=CT"]),
        ):
            (entry,) = found.unwrap()
            assert entry.patient_name == "Doe^John"


def test_a_study_and_a_series_are_retrieved(client: PacsClient, tmp_path: Path) -> None:
    found = client.retrieve_study(f"{ROOT}.1", output_directory=tmp_path).unwrap()
    assert (found.success, found.completed, found.failed) == (True, 3, 0)
    assert found.output_directory == str(tmp_path)
    assert sorted(found.files) == sorted(str(path) for path in tmp_path.iterdir())
    path = tmp_path / f"CT.{ROOT}.1.1.1"
    assert pydicom.dcmread(path) == pydicom.dcmread(BytesIO(CONTENTS[0]))
    other = tmp_path / "series"
    other.mkdir()
    found = client.retrieve_series(f"{ROOT}.1", f"{ROOT}.1.2", output_directory=other).unwrap()
    assert len(found.files) == 2


def test_a_study_is_moved_here(client: PacsClient, tmp_path: Path, port: int) -> None:
    found = client.retrieve_study(
        f"{ROOT}.1",
        output_directory=tmp_path,
        mode=RetrieveMode.C_MOVE,
        move_destination=MOVER,
        receive_port=port,
    ).unwrap()
    assert (found.success, found.completed, len(found.files)) == (True, 3, 3)


def test_a_series_is_moved_elsewhere(client: PacsClient, tmp_path: Path, port: int) -> None:
    received = tmp_path / "received"
    received.mkdir()
    with running(tmp_path, "storescp", "-od", received, port=port):
        found = client.retrieve_series(
            f"{ROOT}.1",
            f"{ROOT}.1.1",
            output_directory="not/used",
            mode="C_MOVE",
            move_destination=MOVER,
        ).unwrap()
    assert (found.success, found.completed, found.files) == (True, 1, ())
    assert found.output_directory == "not/used"
    assert len(list(received.iterdir())) == 1


def test_all_of_it_is_awaited_too(archive: Archive, tmp_path: Path) -> None:
    async def work() -> Any:
        client = aio.PacsClient.create(
            host=HOST, port=archive.port, called_ae_title="ARCHIVE"
        ).unwrap()
        studies, echo = await asyncio.gather(client.find_studies(patient_id="P1"), client.echo())
        retrieved = await client.retrieve_study(f"{ROOT}.1", output_directory=tmp_path)
        return len(studies.unwrap()), echo.unwrap().success, len(retrieved.unwrap().files)

    assert asyncio.run(work()) == (1, True, 3)


LEVEL = 0x00080052
QUERIES: list[tuple[str, Any, dict[str, Any], list[str]]] = [
    (
        "find_studies",
        StudyFilter(
            patient_id="1",
            patient_name="D*",
            study_date="20240101-",
            accession_number="A",
            modality="CT",
            study_instance_uid="1.2",
            study_description="x",
        ),
        {},
        "0008,0020=20240101- 0008,0030= 0008,0050=A 0008,0052=STUDY 0008,0060= 0008,0061=CT"
        " 0008,1030=x 0010,0010=D* 0010,0020=1 0020,000d=1.2 0020,0010= 0020,1206= 0020,1208=",
    ),
    (
        "find_studies",
        None,
        {"patient_id": ""},
        "0008,0020= 0008,0030= 0008,0050= 0008,0052=STUDY 0008,0060= 0008,0061= 0008,1030="
        " 0010,0010= 0010,0020= 0020,000d= 0020,0010= 0020,1206= 0020,1208=",
    ),
    (
        "find_series",
        SeriesFilter("1.2", modality="CT", series_number="3", series_description="y"),
        {},
        "0008,0052=SERIES 0008,0060=CT 0008,103e=y 0020,000d=1.2 0020,000e= 0020,0011=3 0020,1209=",
    ),
    (
        "find_images",
        None,
        {"study_instance_uid": "1.2", "series_instance_uid": "1.3", "instance_number": "4"},
        "0008,0016= 0008,0018= 0008,0052=IMAGE 0020,000d=1.2 0020,000e=1.3 0020,0013=4 0028,0010="
        " 0028,0011=",
    ),
    ("find_worklist", WorklistFilter(["PatientID=1"]), {}, "0010,0020=1"),
]


@pytest.mark.parametrize(("method", "given", "values", "keys"), QUERIES)
def test_a_filter_stands_for_its_keys(
    scp: Scp, method: str, given: Any, values: dict[str, Any], keys: str
) -> None:
    client = PacsClient.create(host=HOST, port=scp.port).unwrap()
    assert getattr(client, method)(given, **values, parse_concurrency=4).unwrap() == ()
    (asked,) = scp.only().asked
    sent = pydicom.dcmread(BytesIO(asked.identifier), force=True)
    shown = [
        f"{one.tag.group:04x},{one.tag.element:04x}={'' if one.value is None else one.value}"
        for one in sent
    ]
    assert " ".join(shown) == keys


def test_raw_keys_get_a_level(scp: Scp) -> None:
    client = PacsClient.create(host=HOST, port=scp.port, calling_ae_title="ME").unwrap()
    assert client.find(["PatientID=1"]).ok
    session = scp.only()
    assert (session.calling, session.called) == ("ME", "ANY-SCP")
    expected = dataset([(LEVEL, "CS", "STUDY "), (0x00100020, "LO", "1")])
    assert session.asked[0].identifier == expected


@pytest.mark.parametrize(
    "options",
    [
        {"host": ""},
        {"port": 0},
        {"port": 65536},
        {"port": "104"},
        {"calling_ae_title": "x" * 17},
        {"called_ae_title": ""},
        {"timeout_ms": 0},
        {"timeout_ms": True},
    ],
    ids=str,
)
def test_a_config_out_of_its_rules_is_refused(options: dict[str, Any]) -> None:
    error = PacsClient.create(**{"host": HOST, "port": 104, **options}).error
    assert isinstance(error, OptionsError)
    assert error.message.startswith("PacsClient: invalid config:")
    assert next(iter(options)) in error.message


def test_what_was_given_is_shown() -> None:
    client = PacsClient.create(host=HOST, port=104).unwrap()
    assert (client.host, client.port) == (HOST, 104)
    assert (client.calling_ae_title, client.called_ae_title) == (None, None)
    named = PacsClient.create(host="h", port=1, calling_ae_title="A", called_ae_title="B").unwrap()
    assert (named.calling_ae_title, named.called_ae_title) == ("A", "B")


REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("find_studies", (StudyFilter(),), {"patient_id": "1"}, "patient_id"),
    ("find_studies", (SeriesFilter("1.2"),), {}, "StudyFilter"),
    ("find_studies", (StudyFilter(patient_id=1),), {}, "patient_id"),  # type: ignore[arg-type]
    ("find_series", (), {}, "study_instance_uid"),
    ("find_images", (), {"study_instance_uid": "1.2"}, "series_instance_uid"),
    ("find_worklist", (), {}, "keys"),
    ("find_worklist", (WorklistFilter([]),), {"keys": []}, "keys"),
    ("find", (["NoKeyword=1"],), {}, "NoKeyword"),
    ("retrieve_study", ("1.2",), {"mode": "C_MOVE"}, "move_destination"),
    ("retrieve_study", ("1.2",), {"mode": "C_PUT"}, "mode"),
    ("retrieve_series", ("1.2", "1.3"), {"move_destination": "A"}, "move_destination"),
    ("echo", (), {"timeout_ms": 0}, "timeout_ms"),
]


@pytest.mark.parametrize(("method", "arguments", "options", "part"), REFUSED)
def test_arguments_out_of_their_rules_are_refused(
    tmp_path: Path, method: str, arguments: Any, options: dict[str, Any], part: str
) -> None:
    client = PacsClient.create(host=HOST, port=1).unwrap()
    if method.startswith("retrieve"):
        options = {"output_directory": tmp_path, **options}
    error = getattr(client, method)(*arguments, **options).error
    assert isinstance(error, OptionsError)
    assert part in error.message


def test_nobody_there_is_an_association_error() -> None:
    client = PacsClient.create(host=HOST, port=1).unwrap()
    assert isinstance(client.echo().error, AssociationError)
    assert isinstance(client.find(["PatientID"]).error, AssociationError)


def test_a_method_has_its_own_timeout_or_that_of_the_client() -> None:
    import socket

    with socket.create_server((HOST, 0)) as silent:
        port = silent.getsockname()[1]
        client = PacsClient.create(host=HOST, port=port, timeout_ms=100).unwrap()
        for error in (client.echo().error, client.find(["PatientID"], timeout_ms=50).error):
            assert isinstance(error, OperationTimeoutError)
        assert "50ms" in error.message


def test_a_signal_stops_it() -> None:
    import socket

    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with socket.create_server((HOST, 0)) as silent:
        client = PacsClient.create(host=HOST, port=silent.getsockname()[1]).unwrap()
        error = client.find_studies(signal=stop).error
    assert isinstance(error, OperationAbortedError)
