"""Queries and N-services on an association that stays open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.events import Event

from dcmtk_native import (
    Association,
    DicomDataset,
    DimseError,
    OperationTimeoutError,
    OptionsError,
    PresentationContext,
    QueryModel,
    StatusCategory,
    ToolError,
    aio,
)
from support.archives import ROOT, instance
from support.samples import CT_IMAGE, dataset
from support.scp import Scp, serving

HOST = "127.0.0.1"
ECHO = "1.2.840.10008.1.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
GET = "1.2.840.10008.5.1.4.1.2.2.3"
MPPS = "1.2.840.10008.3.1.2.3.3"


def answer(number: int) -> Dataset:
    made = Dataset()
    made.PatientID = f"P{number}"
    return made


@pytest.fixture
def archive() -> Iterator[Scp]:
    """Finds ten patients, one for each millisecond."""

    def find(event: Event) -> Iterator[Any]:
        for number in range(1, 11):
            yield 0xFF00, answer(number)

    with serving([ECHO, FIND, MOVE], find=find) as scp:
        yield scp


@pytest.fixture
def peer(archive: Scp) -> Iterator[Association]:
    contexts = [ECHO, FIND, MOVE]
    with Association.open(HOST, archive.port, contexts=contexts).unwrap() as association:
        yield association


@contextmanager
def opened(classes: list[str], contexts: list[Any], **handlers: Any) -> Iterator[Association]:
    """An association with a server for these classes."""
    with (
        serving(classes, **handlers) as scp,
        Association.open(HOST, scp.port, contexts=contexts).unwrap() as peer,
    ):
        yield peer


def test_matches_come_one_by_one(peer: Association) -> None:
    matches = peer.find(["PatientID"]).unwrap()
    found = iter(matches)
    assert next(found).patient_id == "P1"
    assert matches.final is None
    assert [one.patient_id for one in found] == [f"P{number}" for number in range(2, 11)]
    assert matches.final is not None
    assert matches.final.category is StatusCategory.SUCCESS
    assert list(matches) == []


def test_leaving_the_loop_ends_the_query_and_leaves_the_association_usable(
    archive: Scp, peer: Association
) -> None:
    for _ in range(3):
        for one in peer.find(["PatientID"]).unwrap():
            assert one.patient_id == "P1"
            break
        assert peer.echo().unwrap().status == 0
    assert len(list(peer.find(["PatientID"]).unwrap())) == 10


def test_cancelling_gives_the_final_response(peer: Association) -> None:
    matches = peer.find(["PatientID"]).unwrap()
    next(iter(matches))
    final = matches.cancel().unwrap()
    assert final is not None
    assert final.status in {0xFE00, 0x0000}
    assert matches.final == final
    assert matches.cancel().unwrap() == final


def test_a_query_that_nobody_iterates_is_in_nobodys_way(peer: Association) -> None:
    for _ in range(3):
        assert peer.find(["PatientID"]).ok
    assert peer.echo().ok
    assert peer.find(["PatientID"]).ok
    assert peer.release().ok


def test_another_request_ends_a_query_that_is_not_through(peer: Association) -> None:
    found = iter(peer.find(["PatientID"]).unwrap())
    next(found)
    assert peer.echo().ok
    with pytest.raises(ToolError, match="another request"):
        next(found)


@pytest.mark.parametrize(
    ("query", "identifier"),
    [
        (["PatientID=7"], [(0x00080052, "CS", "STUDY "), (0x00100020, "LO", "7")]),
        (
            {"PatientID": "7", "QueryRetrieveLevel": "PATIENT", "PatientName": None},
            [(0x00080052, "CS", "PATIENT "), (0x00100010, "PN", ""), (0x00100020, "LO", "7")],
        ),
        (
            DicomDataset({"00100020": {"vr": "LO", "Value": ["7"]}}),
            [(0x00080052, "CS", "STUDY "), (0x00100020, "LO", "7")],
        ),
        (
            {"ScheduledProcedureStepSequence": [{"Modality": "CT"}]},
            [(0x00080052, "CS", "STUDY "), (0x00400100, "SQ", [[(0x00080060, "CS", "CT")]])],
        ),
    ],
    ids=["keys", "names", "data set", "items"],
)
def test_a_query_has_three_forms(
    archive: Scp, peer: Association, query: Any, identifier: Any
) -> None:
    assert peer.find(query).ok
    assert peer.release().ok
    assert archive.only().asked[0].identifier == dataset(identifier)


def test_a_failure_is_raised_at_the_end_of_the_iteration() -> None:
    def find(event: Event) -> Iterator[Any]:
        yield 0xFF00, answer(1)
        yield 0xA700, None

    with opened([ECHO, FIND], [ECHO, FIND], find=find) as peer:
        matches = peer.find(["PatientID"], model=FIND).unwrap()
        found = iter(matches)
        assert next(found).patient_id == "P1"
        with pytest.raises(DimseError, match="0xA700"):
            next(found)
        assert matches.final is not None
        assert matches.final.status == 0xA700
        assert peer.echo().ok


def test_queries_are_awaited_too(archive: Scp) -> None:
    async def work() -> tuple[list[str], int, int]:
        opened = await aio.Association.open(HOST, archive.port, contexts=[ECHO, FIND])
        async with opened.unwrap() as peer:
            names = []
            async for one in (await peer.find(["PatientID"])).unwrap():
                names.append(one.patient_id)
                if len(names) == 2:
                    break
            status = (await peer.echo()).unwrap().status
            matches = (await peer.find(["PatientID"])).unwrap()
            count = len([one async for one in matches])
        return names, status, count

    assert asyncio.run(work()) == (["P1", "P2"], 0, 10)


def slow_to_stop(event: Event) -> Iterator[Any]:
    """One match, and the end a while behind the C-CANCEL."""
    yield 0xFF00, answer(1)
    while not event.is_cancelled:
        time.sleep(0.005)
    time.sleep(0.3)
    yield 0xFE00, None


@contextmanager
def leaving() -> Iterator[Association]:
    """An association on which another thread has just left a query."""
    with opened([ECHO, FIND], [ECHO, FIND], find=slow_to_stop) as peer:
        found = iter(peer.find(["PatientID"], model=FIND).unwrap())
        assert next(found).patient_id == "P1"
        with ThreadPoolExecutor(1) as pool:
            left = pool.submit(found.close)  # type: ignore[attr-defined]
            time.sleep(0.1)
            yield peer
            assert left.result() is None


def test_a_request_waits_for_the_end_of_a_query_that_is_left() -> None:
    with leaving() as peer:
        assert peer.echo().unwrap().status == 0


def test_and_no_longer_than_its_own_time() -> None:
    with leaving() as peer:
        begin = time.monotonic()
        assert isinstance(peer.echo(timeout_ms=50).error, OperationTimeoutError)
        assert time.monotonic() - begin < 0.1


@pytest.mark.parametrize("pause", [0.0, 0.1], ids=["at once", "meanwhile"])
def test_a_loop_that_is_left_holds_up_no_coroutine(pause: float) -> None:
    async def work(port: int) -> list[int]:
        statuses = []
        opened = await aio.Association.open(HOST, port, contexts=[ECHO, FIND])
        async with opened.unwrap() as peer:
            for _ in range(3):
                async for _ in (await peer.find(["PatientID"], model=FIND)).unwrap():
                    break
                await asyncio.sleep(pause)
                statuses.append((await peer.echo()).unwrap().status)
        return statuses

    with serving([ECHO, FIND], find=slow_to_stop) as scp:
        assert asyncio.run(work(scp.port)) == [0, 0, 0]


def test_a_model_without_the_service_is_refused(peer: Association) -> None:
    error = peer.move(["PatientID"], "WS1", model=QueryModel.WORKLIST).error
    assert isinstance(error, OptionsError)


def test_objects_come_within_a_get_to_memory_and_to_files(tmp_path: Path) -> None:
    from io import BytesIO

    import pydicom

    content = instance("P1", 1, 1, 1)

    def get(event: Event) -> Iterator[Any]:
        yield 1
        yield 0xFF00, pydicom.dcmread(BytesIO(content))

    contexts = [
        PresentationContext(GET),
        PresentationContext(CT_IMAGE, scu=False, scp=True),
        PresentationContext(ECHO),
    ]
    with opened([ECHO, GET, CT_IMAGE], contexts, get=get, roles=True) as peer:
        query = [f"StudyInstanceUID={ROOT}.1"]
        retrieval = peer.get(query).unwrap()
        assert [one.completed for one in retrieval] == [1]
        (received,) = retrieval.received
        assert received.data is not None
        assert pydicom.dcmread(BytesIO(received.data)) == pydicom.dcmread(BytesIO(content))
        retrieval = peer.get(query, output_directory=tmp_path).unwrap()
        assert len(list(retrieval)) == 1
        assert [one.path for one in retrieval.received] == [str(tmp_path / f"CT.{ROOT}.1.1.1")]
        assert peer.get(query, ignore_store=True).ok
        assert peer.echo().ok


def attributes() -> Dataset:
    """Of many kinds of values."""
    item = Dataset()
    item.CodeValue = "T-D3000"
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName = "Müller^Jörg"
    made.PatientID = "7"
    made.Rows = 512
    made.FrameIncrementPointer = 0x00181063
    made.PixelSpacing = ["0.5", "0.25"]
    made.RecommendedDisplayFrameRateInFloat = 2.5
    made.AcquisitionDateTime = "20240101120000"
    made.ScheduledProtocolCodeSequence = [item]
    made.PerformedProcedureStepStatus = "IN PROGRESS"
    return made


class Instances:
    """What a server of N-services has, and what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def create(self, event: Event) -> Any:
        self.told.append(("create", event.attribute_list))
        return 0x0000, event.attribute_list

    def set(self, event: Event) -> Any:
        self.told.append(("set", event.modification_list))
        return 0x0000, event.modification_list

    def get(self, event: Event) -> Any:
        wanted = event.attribute_identifiers
        found = attributes()
        self.told.append(("get", [int(tag) for tag in wanted]))
        if wanted:
            found = Dataset({tag: found[tag] for tag in wanted if tag in found})
        return 0x0000, found

    def action(self, event: Event) -> Any:
        self.told.append(("action", (event.action_type, event.action_information)))
        return 0x0000, event.action_information

    def report(self, event: Event) -> Any:
        self.told.append(("report", (event.event_type, event.event_information)))
        return 0x0000, event.event_information

    def delete(self, event: Event) -> Any:
        self.told.append(("delete", str(event.request.RequestedSOPInstanceUID)))
        return 0x0110


@pytest.fixture
def instances() -> Instances:
    return Instances()


@pytest.fixture
def manager(instances: Instances) -> Iterator[Association]:
    handlers = {
        evt.EVT_N_CREATE: instances.create,
        evt.EVT_N_SET: instances.set,
        evt.EVT_N_GET: instances.get,
        evt.EVT_N_ACTION: instances.action,
        evt.EVT_N_EVENT_REPORT: instances.report,
        evt.EVT_N_DELETE: instances.delete,
    }
    classes = [MPPS, FILM_SESSION]
    with opened(classes, classes, others=handlers) as peer:
        yield peer


FILM_SESSION = "1.2.840.10008.5.1.1.1"
UID = "1.2.3.4"


def given() -> DicomDataset:
    return DicomDataset.from_pydicom(attributes()).unwrap()


def check(found: DicomDataset | None) -> None:
    assert found is not None
    assert found.to_pydicom().unwrap() == attributes()
    assert found.patient_name == "Müller^Jörg"
    assert found.get_number("Rows").unwrap() == 512


def test_n_create(manager: Association, instances: Instances) -> None:
    response = manager.n_create(MPPS, given(), sop_instance=UID).unwrap()
    assert (response.status, response.sop_instance_uid, response.ok) == (0, UID, True)
    check(response.dataset)
    assert instances.told == [("create", attributes())]
    simple = manager.n_create(MPPS, {"PatientID": "7"}, sop_instance=UID).unwrap()
    assert simple.dataset is not None
    assert simple.dataset.patient_id == "7"


def test_n_set(manager: Association, instances: Instances) -> None:
    response = manager.n_set(MPPS, UID, given()).unwrap()
    assert response.status == 0
    check(response.dataset)
    assert instances.told == [("set", attributes())]


def test_n_get(manager: Association, instances: Instances) -> None:
    check(manager.n_get(MPPS, UID).unwrap().dataset)
    response = manager.n_get(MPPS, UID, [0x00100020, 0x00280010]).unwrap()
    assert response.dataset is not None
    assert sorted(response.dataset) == ["00100020", "00280010"]
    assert instances.told == [("get", []), ("get", [0x00100020, 0x00280010])]


def test_n_action(manager: Association, instances: Instances) -> None:
    response = manager.n_action(FILM_SESSION, UID, 3, given()).unwrap()
    check(response.dataset)
    assert instances.told == [("action", (3, attributes()))]


def test_n_event_report(manager: Association, instances: Instances) -> None:
    response = manager.n_event_report(FILM_SESSION, UID, 2, given()).unwrap()
    check(response.dataset)
    assert instances.told == [("report", (2, attributes()))]


def test_n_delete_and_a_status_that_is_a_failure(
    manager: Association, instances: Instances
) -> None:
    response = manager.n_delete(FILM_SESSION, UID).unwrap()
    assert (response.status, response.ok) == (0x0110, False)
    assert response.category is StatusCategory.FAILURE
    assert instances.told == [("delete", UID)]
