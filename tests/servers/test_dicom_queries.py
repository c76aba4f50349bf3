"""C-FIND, C-GET and C-MOVE at a DicomServer, asked by clients of others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from dcmtk_native import DimseStatus, FindRequest, StoreRequest, TlsConfig, findscu
from support.peers import running
from support.serving import Serve, run_client, scu_of
from support.tls_peers import CA, OWN, SERVER

HOST = "127.0.0.1"
STUDY_KEYS = ["0008,0052=STUDY", "0010,0020=", "0020,000D="]
STUDY = ("-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1")


def test_matches_come_as_the_handler_yields_them(serve: Serve) -> None:
    def matches(request: FindRequest) -> Iterator[Any]:
        assert request.level == "STUDY"
        assert "00100020" in request.identifier.to_json()
        yield {"PatientID": "1", "PatientName": "DOE^JOHN"}
        one = Dataset()
        one.PatientID = "2"
        yield one
        yield 0xFF01, {"PatientID": "3"}

    server = serve(on_find=matches)
    found = findscu(host=HOST, port=server.port, keys=STUDY_KEYS).unwrap()
    assert [one.patient_id for one in found.responses] == ["1", "2", "3"]
    assert found.responses[0].patient_name == "DOE^JOHN"
    assert found.status == 0
    done = run_client(
        "findscu",
        "-S",
        "-k",
        "QueryRetrieveLevel=STUDY",
        "-k",
        "PatientID",
        HOST,
        server.port,
        "-v",
    )
    assert done.stderr.count("Received Final Find Response (Success)") == 1


async def two_later(_: Any) -> AsyncIterator[Any]:
    for number in "12":
        await asyncio.sleep(0)
        yield {"PatientID": number}


async def list_later(_: Any) -> list[Any]:
    await asyncio.sleep(0)
    return [{"PatientID": "1"}, {"PatientID": "2"}]


def list_now(_: Any) -> list[Any]:
    return [{"PatientID": "1"}, {"PatientID": "2"}]


@pytest.mark.parametrize("handler", [two_later, list_later, list_now])
def test_a_handler_of_any_kind_can_find(serve: Serve, handler: Any) -> None:
    server = serve(on_find=handler)
    found = findscu(host=HOST, port=server.port, keys=STUDY_KEYS).unwrap()
    assert [one.patient_id for one in found.responses] == ["1", "2"]


def test_a_query_that_is_cancelled_closes_the_generator(serve: Serve) -> None:
    closed = threading.Event()

    def endless(_: Any) -> Iterator[Any]:
        try:
            while True:
                yield {"PatientID": "1"}
        finally:
            closed.set()

    association = scu_of(serve(on_find=endless), StudyRootQueryRetrieveInformationModelFind)
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    statuses = []
    for number, (status, _) in enumerate(
        association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind, msg_id=7)
    ):
        statuses.append(status.Status)
        if number == 3:
            association.send_c_cancel(7, None, StudyRootQueryRetrieveInformationModelFind)
    association.release()
    assert statuses[-1] == DimseStatus.CANCEL
    assert closed.wait(30)


def test_a_generator_that_fails_half_way_ends_the_query_by_a_failure(serve: Serve) -> None:
    def broken(_: Any) -> Iterator[Any]:
        yield {"PatientID": "1"}
        raise ValueError("half way")

    association = scu_of(serve(on_find=broken), StudyRootQueryRetrieveInformationModelFind)
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    answers = association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind)
    assert [status.Status for status, _ in answers] == [0xFF00, DimseStatus.UNABLE_TO_PROCESS]
    association.release()


def test_a_service_without_a_handler_is_not_offered(serve: Serve) -> None:
    association = scu_of(
        serve(), Verification, StudyRootQueryRetrieveInformationModelFind, CTImageStorage
    )
    assert [str(one.abstract_syntax) for one in association.accepted_contexts] == [Verification]
    association.release()


# ---- retrieval ----


@pytest.fixture
def three(samples: Callable[[str], Path]) -> list[Path]:
    return [samples(name) for name in ("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm")]


def test_a_get_sends_what_the_handler_yields(
    serve: Serve, three: list[Path], tmp_path: Path
) -> None:
    server = serve(on_get=lambda request: three)
    run_client(
        "getscu",
        "-S",
        "-k",
        "QueryRetrieveLevel=STUDY",
        "-k",
        "StudyInstanceUID=1",
        "-od",
        tmp_path,
        HOST,
        server.port,
    )
    names = sorted(path.name.split(".")[0] for path in tmp_path.iterdir())
    assert names == ["CT", "MR", "SC"]


def test_a_get_tells_how_far_it_is(serve: Serve, three: list[Path]) -> None:
    def objects(_: Any) -> Iterator[Any]:
        yield 4
        yield from three
        yield b"no DICOM"

    received: list[Any] = []
    ae = AE()
    ae.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
    roles = []
    for name in (
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2.840.10008.5.1.4.1.1.4",
        "1.2.840.10008.5.1.4.1.1.7",
    ):
        ae.add_requested_context(name, ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.91"])
        roles.append(build_role(name, scp_role=True))

    def keep(event: Any) -> int:
        received.append(event.request.AffectedSOPInstanceUID)
        return 0

    association = ae.associate(
        HOST, serve(on_get=objects).port, ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, keep)]
    )
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    answers = list(association.send_c_get(query, StudyRootQueryRetrieveInformationModelGet))
    association.release()
    assert [status.Status for status, _ in answers] == [0xFF00] * 3 + [0xB000]
    remaining = [status.NumberOfRemainingSuboperations for status, _ in answers[:-1]]
    assert remaining == [3, 2, 1]
    final = answers[-1][0]
    assert (final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations) == (3, 1)
    assert len(received) == 3


def test_a_move_sends_to_the_destination(serve: Serve, three: list[Path], tmp_path: Path) -> None:
    taken: list[StoreRequest] = []
    target = serve(output_directory=tmp_path, on_store=taken.append)
    server = serve(on_move=lambda request: three, destinations={"TARGET": (HOST, target.port)})
    run_client(
        "movescu",
        "-aet",
        "ME",
        "-aem",
        "TARGET",
        "-S",
        "-k",
        "QueryRetrieveLevel=STUDY",
        "-k",
        "StudyInstanceUID=1",
        HOST,
        server.port,
    )
    assert len(list(tmp_path.iterdir())) == 3
    assert {one.move_originator for one in taken} == {"ME"}
    assert len({one.move_originator_message_id for one in taken} - {None}) == 1


@pytest.mark.parametrize("yields_it", [False, True], ids=["destinations", "the handler"])
def test_a_destination_may_speak_tls(
    yields_it: bool, serve: Serve, three: list[Path], tmp_path: Path
) -> None:
    key, certificate = SERVER.files(tmp_path)
    received = tmp_path / "received"
    received.mkdir()
    with running(
        tmp_path, "storescp", "+tls", key, certificate, "+cf", CA.file(tmp_path), "-od", received
    ) as target:
        place = (HOST, target.port, TlsConfig(ca_files=CA.pem, **OWN))
        if yields_it:
            server = serve(on_move=lambda request: [place, *three])
        else:
            server = serve(on_move=lambda request: three, destinations={"TARGET": place})
        run_client("movescu", "-aem", "TARGET", "-S", *STUDY, HOST, server.port)
    assert len(list(received.iterdir())) == 3


def test_a_move_to_nowhere_is_refused(serve: Serve) -> None:
    association = scu_of(
        serve(on_move=lambda request: [], destinations={}),
        StudyRootQueryRetrieveInformationModelMove,
    )
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    answers = association.send_c_move(query, "NOWHERE", StudyRootQueryRetrieveInformationModelMove)
    assert [status.Status for status, _ in answers] == [DimseStatus.UNKNOWN_MOVE_DESTINATION]
    association.release()


@pytest.mark.parametrize("first", [None, "a path", ("127.0.0.1",), Path("a path")])
def test_without_destinations_the_handler_has_to_say_one(serve: Serve, first: Any) -> None:
    model = StudyRootQueryRetrieveInformationModelMove
    association = scu_of(serve(on_move=lambda request: [first]), model)
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    answers = association.send_c_move(query, "NOWHERE", model)
    assert [status.Status for status, _ in answers] == [DimseStatus.UNKNOWN_MOVE_DESTINATION]
    association.release()


def test_a_destination_that_does_not_answer_fails_the_move(serve: Serve, three: list[Path]) -> None:
    association = scu_of(
        serve(on_move=lambda request: three, destinations={"GONE": (HOST, 1)}),
        StudyRootQueryRetrieveInformationModelMove,
    )
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    answers = list(
        association.send_c_move(query, "GONE", StudyRootQueryRetrieveInformationModelMove)
    )
    assert answers[-1][0].Status == DimseStatus.CANNOT_PERFORM_SUBOPERATIONS
    association.release()
