"""DicomServer: every service, asked by clients of others, answered by handlers of every kind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityPerformedProcedureStep,
    Verification,
)

from dcmtk_native import (
    AllowedPeer,
    DicomServer,
    DimseStatus,
    NormalizedRequest,
    Reject,
    StoreRequest,
    aio,
    echoscu,
    storescu,
)
from support.sendable import data_set_of, image_file
from support.serving import Log, Serve, run_client, scu_of
from support.shipped import FILES

HOST = "127.0.0.1"
CT_IMAGE = next(path for path in FILES.values() if path.name == "CT_small.dcm")
STUDY_KEYS = ["0008,0052=STUDY", "0010,0020=", "0020,000D="]


# ---- verification, associations ----


def test_an_echo_is_answered_without_a_handler(serve: Serve) -> None:
    server = serve()
    run_client("echoscu", HOST, server.port)
    assert server.metrics()["echoes"] == 1


def test_a_handler_decides_the_status_of_an_echo(serve: Serve) -> None:
    association = scu_of(serve(on_echo=lambda request: 0x0122), Verification)
    assert association.send_c_echo().Status == 0x0122
    association.release()


def test_a_handler_sees_what_is_proposed_and_accepts_by_it(serve: Serve) -> None:
    seen: list[Any] = []

    def decide(request: Any) -> Reject | None:
        seen.append(request)
        return None if request.peer.calling_ae_title == "GOOD" else Reject(reason=3)

    server = serve(on_association=decide)
    run_client("echoscu", "-aet", "GOOD", "-aec", "SCP", HOST, server.port)
    refused = run_client("echoscu", "-aet", "BAD", HOST, server.port, ok=False)
    assert "Calling AE Title Not Recognized" in refused.stderr
    assert [one.peer.called_ae_title for one in seen] == ["SCP", "ANY-SCP"]
    assert seen[0].contexts[0].abstract_syntax == Verification
    assert seen[0].peer.address == HOST


def test_bytes_confirm_the_identity_of_a_user(serve: Serve) -> None:
    from pynetdicom.pdu_primitives import UserIdentityNegotiation

    seen: list[Any] = []

    def decide(request: Any) -> bytes:
        seen.append(request.identity.fields)
        return b"welcome"

    item = UserIdentityNegotiation()
    item.user_identity_type = 2
    item.primary_field = b"alice"
    item.secondary_field = b"secret"
    item.positive_response_requested = True
    association = scu_of(serve(on_association=decide), Verification, ext_neg=[item])
    assert association.acceptor.user_identity.server_response == b"welcome"
    association.release()
    assert seen == [(2, True, b"alice", b"secret")]


@pytest.mark.parametrize("decide", [lambda request: 1 / 0, lambda request: "yes"])
def test_a_decision_that_is_none_rejects(serve: Serve, decide: Any) -> None:
    server = serve(on_association=decide)
    run_client("echoscu", HOST, server.port, ok=False)
    assert server.metrics()["associations_rejected"] == 1


def test_the_called_title_can_be_required(serve: Serve) -> None:
    server = serve(ae_title="MINE", require_called_ae_title=True)
    run_client("echoscu", "-aec", "MINE", HOST, server.port)
    refused = run_client("echoscu", "-aec", "OTHER", HOST, server.port, ok=False)
    assert "Called AE Title Not Recognized" in refused.stderr


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        AllowedPeer(network="300.1.2.3/8")


# ---- storage ----


def test_objects_are_kept_byte_for_byte_and_handed_over_as_files(
    serve: Serve, tmp_path: Path
) -> None:
    seen: list[StoreRequest] = []
    server = serve(output_directory=tmp_path / "in", on_store=seen.append)
    assert storescu(host=HOST, port=server.port, files=[CT_IMAGE]).ok
    (request,) = seen
    assert request.path is not None
    assert data_set_of(Path(request.path).read_bytes()) == data_set_of(CT_IMAGE.read_bytes())
    assert request.dataset().unwrap().modality == "CT"
    assert request.content is None
    assert request.peer.calling_ae_title == "STORESCU"


def test_objects_can_stay_in_memory(serve: Serve) -> None:
    seen: list[StoreRequest] = []
    server = serve(on_store=seen.append)
    assert storescu(host=HOST, port=server.port, files=[CT_IMAGE]).ok
    (request,) = seen
    assert request.path is None
    assert request.content is not None
    assert data_set_of(request.content) == data_set_of(CT_IMAGE.read_bytes())
    assert request.dataset().unwrap().patient_name == "CompressedSamples^CT1"


@pytest.mark.parametrize("status", [0xA700, 0xA900, 0xC123])
def test_a_failure_of_the_handler_removes_the_file(
    serve: Serve, tmp_path: Path, status: int
) -> None:
    association = scu_of(
        serve(output_directory=tmp_path, on_store=lambda request: status), CTImageStorage
    )
    assert association.send_c_store(CT_IMAGE).Status == status
    association.release()
    assert list(tmp_path.iterdir()) == []


def test_a_refused_object_leaves_the_one_that_it_would_have_replaced(
    serve: Serve, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    statuses = iter([0, 0xC123, 0])
    server = serve(output_directory=folder, on_store=lambda request: next(statuses))
    versions = [
        image_file(tmp_path / str(number), 1, (0x00204000, "LT", f"version {number}"))
        for number in range(3)
    ]
    kept = []
    for version in versions:
        storescu(host=HOST, port=server.port, files=[version])
        (path,) = folder.iterdir()
        kept.append(data_set_of(path.read_bytes()))
    first, _, last = [data_set_of(version.read_bytes()) for version in versions]
    assert kept == [first, first, last]


def test_a_refused_object_takes_nothing_that_came_meanwhile(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    files = [image_file(tmp_path / str(one), 1, (0x00204000, "LT", str(one))) for one in range(3)]
    outcomes = []

    def send(path: Path) -> None:
        outcomes.append(storescu(host=HOST, port=server.port, files=[path]).ok)

    def store(request: StoreRequest) -> int:
        if len(outcomes) == 1:  # while the second is looked at, the third comes
            outcomes.append(False)
            send(files[2])
            return 0xC123
        return 0

    server = serve(output_directory=folder, on_store=store)
    send(files[0])
    send(files[1])
    assert outcomes == [True, False, True, False]
    (path,) = folder.iterdir()
    assert data_set_of(path.read_bytes()) == data_set_of(files[2].read_bytes())


def test_a_warning_keeps_the_file(serve: Serve, tmp_path: Path) -> None:
    server = serve(output_directory=tmp_path, on_store=lambda request: 0xB000)
    association = scu_of(server, CTImageStorage)
    assert association.send_c_store(CT_IMAGE).Status == 0xB000
    association.release()
    assert len(list(tmp_path.iterdir())) == 1


def raises(_: Any) -> None:
    raise ValueError("of the handler")


def leaves(_: Any) -> None:
    raise SystemExit(3)


def says_nonsense(_: Any) -> str:
    return "stored"


@pytest.mark.parametrize("handler", [raises, leaves, says_nonsense])
def test_a_handler_that_fails_is_a_status_and_an_event(
    serve: Serve, tmp_path: Path, handler: Any
) -> None:
    server = serve(output_directory=tmp_path, on_store=handler)
    log = Log(server)
    association = scu_of(server, CTImageStorage, Verification)
    assert association.send_c_store(CT_IMAGE).Status == DimseStatus.UNABLE_TO_PROCESS
    assert association.send_c_echo().Status == 0
    association.release()
    assert list(tmp_path.iterdir()) == []
    (error,) = log.wait_for("error")
    assert not error.fatal
    assert "the handler of store failed" in error.error.message
    assert error.error.__cause__ is not None


def test_a_handler_that_blocks_is_a_status_after_its_time(serve: Serve, tmp_path: Path) -> None:
    gate = threading.Event()
    server = serve(
        output_directory=tmp_path, on_store=lambda request: gate.wait(60), handler_timeout_ms=200
    )
    association = scu_of(server, CTImageStorage, Verification)
    assert association.send_c_store(CT_IMAGE).Status == DimseStatus.UNABLE_TO_PROCESS
    assert association.send_c_echo().Status == 0
    association.release()
    assert server.metrics()["handlers_left_behind"] == 1
    assert list(tmp_path.iterdir()) == []
    gate.set()


def test_a_handler_that_blocks_holds_nobody_else_and_not_the_end(serve: Serve) -> None:
    gate, entered = threading.Event(), threading.Event()

    def block(_: Any) -> None:
        entered.set()
        gate.wait(60)

    server = serve(on_store=block, drain_timeout_ms=100)
    sender = threading.Thread(
        target=storescu, kwargs={"host": HOST, "port": server.port, "files": [CT_IMAGE]}
    )
    sender.start()
    assert entered.wait(30)
    run_client("echoscu", HOST, server.port)
    server.stop()
    assert not server.is_running
    sender.join(30)
    assert not sender.is_alive()
    gate.set()


# ---- N-services ----


def test_the_n_services_are_asked_and_answered(serve: Serve) -> None:
    seen: list[tuple[str, NormalizedRequest]] = []

    def answering(name: str, said: Any) -> Callable[[NormalizedRequest], Any]:
        def answer(request: NormalizedRequest) -> Any:
            seen.append((name, request))
            return said

        return answer

    server = serve(
        sop_classes=[str(ModalityPerformedProcedureStep)],
        on_n_create=answering("create", {"PatientID": "7"}),
        on_n_set=answering("set", None),
        on_n_get=answering("get", (0x0107, {"PatientID": "8"})),
        on_n_action=answering("action", 0x0110),
        on_n_event_report=answering("event", (0, None)),
        on_n_delete=answering("delete", 0x0112),
    )
    association = scu_of(server, ModalityPerformedProcedureStep)
    step, given = ModalityPerformedProcedureStep, Dataset()
    given.PatientName = "DOE"
    status, made = association.send_n_create(given, step, "1.2.3")
    assert (status.Status, made.PatientID) == (0, "7")
    assert association.send_n_set(given, step, "1.2.3")[0].Status == 0
    status, got = association.send_n_get([0x00100020], step, "1.2.3")
    assert (status.Status, got.PatientID) == (0x0107, "8")
    assert association.send_n_action(given, 5, step, "1.2.3")[0].Status == 0x0110
    assert association.send_n_event_report(given, 6, step, "1.2.3")[0].Status == 0
    assert association.send_n_delete(step, "1.2.3").Status == 0x0112
    association.release()
    asked = dict(seen)
    assert list(asked) == ["create", "set", "get", "action", "event", "delete"]
    assert {request.sop_instance_uid for request in asked.values()} == {"1.2.3"}
    assert asked["create"].dataset is not None
    assert asked["create"].dataset.patient_name == "DOE"
    assert asked["get"].tags == (0x00100020,)
    assert asked["action"].action_type == 5
    assert asked["event"].event_type == 6
    assert asked["delete"].dataset is None


# ---- ends ----


def test_handlers_hear_of_releases_and_aborts(serve: Serve) -> None:
    ended: list[tuple[str, str]] = []
    both = threading.Semaphore(0)

    def note(how: str) -> Callable[[Any], None]:
        def noting(peer: Any) -> None:
            ended.append((how, peer.calling_ae_title))
            both.release()

        return noting

    server = serve(on_release=note("release"), on_abort=note("abort"))
    scu_of(server, Verification).release()
    scu_of(server, Verification).abort()
    assert both.acquire(timeout=30)
    assert both.acquire(timeout=30)
    assert sorted(ended) == [("abort", "SCU"), ("release", "SCU")]


def test_a_decorator_leaves_the_function_what_it_was() -> None:
    server = DicomServer.create(port=0).unwrap()

    @server.on_echo
    def answer(_: Any) -> int:
        return 5

    assert answer(None) == 5
    with pytest.raises(TypeError, match="no handler"):
        server.on_store(5)  # type: ignore[type-var]


def test_stop_within_a_handler_ends_the_server(serve: Serve) -> None:
    servers: list[DicomServer] = []
    server = serve(on_echo=lambda request: servers[0].stop(), drain_timeout_ms=100)
    servers.append(server)
    assert not echoscu(host=HOST, port=server.port).ok
    assert server.wait(30)


# ---- asyncio ----


def test_handlers_run_in_the_loop_of_an_awaited_server(tmp_path: Path) -> None:
    async def serving() -> tuple[bool, list[str]]:
        loop = asyncio.get_running_loop()
        in_loop: list[bool] = []

        async def find(_: Any) -> AsyncIterator[Any]:
            in_loop.append(asyncio.get_running_loop() is loop)
            yield {"PatientID": "1"}

        created = aio.DicomServer.create(port=0, bind_address=HOST, on_find=find)
        async with created.unwrap() as server:
            (await server.start()).unwrap()
            found = await aio.findscu(host=HOST, port=server.port, keys=STUDY_KEYS)
        return all(in_loop), [one.patient_id for one in found.unwrap().responses]

    assert asyncio.run(serving()) == (True, ["1"])


def test_a_folder_is_needed_for_files() -> None:
    assert "output_directory" in DicomServer.create(port=0, objects="file").error.message
