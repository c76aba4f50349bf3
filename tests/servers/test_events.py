"""What the servers tell of what clients of others do: which events, in which order, with what."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE

from dcmtk_native import DCMRECV_FATAL_EVENTS as RECV_FATAL
from dcmtk_native import STORESCP_FATAL_EVENTS as STORE_FATAL
from dcmtk_native import (
    AssociationAcknowledgedData,
    AssociationEventData,
    AssociationReceivedData,
    CStoreRequestData,
    Dcmrecv,
    DcmrecvEvent,
    ProcessLine,
    RefusingAssociationData,
    StoredFileData,
    StoreSCP,
    StorescpEvent,
    StoringFileData,
    SubdirectoryCreatedData,
    storescu,
)
from support.samples import CT_IMAGE, EXPLICIT_LITTLE
from support.sendable import UID_ROOT, data_set_of, digest
from support.serving import Log, run_client, without_facts

HOST = "127.0.0.1"
Serve = Callable[..., tuple[Any, Log]]
Send = Callable[[int, list[Path]], None]


@pytest.fixture(params=[Dcmrecv, StoreSCP], ids=["Dcmrecv", "StoreSCP"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def serve(kind: Any, tmp_path: Path) -> Iterator[Serve]:
    """Starts a server of the kind, with all it tells written down."""
    made: list[Any] = []

    def start(**options: Any) -> tuple[Any, Log]:
        given = {"port": 0, "bind_address": HOST, "output_directory": tmp_path / "in"}
        server = kind.create(**{**given, **options}).unwrap()
        made.append(server)
        log = Log(server)
        server.start().unwrap()
        return server, log

    yield start
    for server in made:
        server.dispose()


def by_storescu(port: int, files: list[Path]) -> None:
    run_client("storescu", "-aet", "SENDER", "-aec", "TARGET", HOST, port, *files)


def by_dcmsend(port: int, files: list[Path]) -> None:
    run_client("dcmsend", "-aet", "SENDER", "-aec", "TARGET", HOST, port, *files)


def by_us(port: int, files: list[Path]) -> None:
    sent = storescu(
        host=HOST, port=port, files=files, calling_ae_title="SENDER", called_ae_title="TARGET"
    )
    assert sent.unwrap().success


def by_pynetdicom(port: int, files: list[Path]) -> None:
    ae = AE("SENDER")
    ae.add_requested_context(CT_IMAGE, EXPLICIT_LITTLE)
    peer = ae.associate(HOST, port, ae_title="TARGET")
    assert peer.is_established
    assert all(peer.send_c_store(path).Status == 0 for path in files)
    peer.release()


SENDERS: list[Send] = [by_storescu, by_dcmsend, by_us, by_pynetdicom]


def of_object(kind: Any) -> list[str]:
    """What is told of each object."""
    storing = ["STORING_FILE"] if kind is StoreSCP else []
    return ["C_STORE_REQUEST", *storing, "STORED_FILE"]


OPEN = ["ASSOCIATION_RECEIVED", "ASSOCIATION_ACKNOWLEDGED"]


@pytest.mark.parametrize("send", SENDERS)
def test_two_files_from_a_client(
    send: Send, kind: Any, serve: Serve, images: list[Path], tmp_path: Path
) -> None:
    server, log = serve()
    send(server.port, images)
    log.wait_for("ASSOCIATION_RELEASE")
    server.stop()
    names = ["LISTENING", "started", *OPEN, *of_object(kind) * 2, "ASSOCIATION_RELEASE", "stopped"]
    assert log.names == names
    facts = {
        (one.association_id, one.calling_ae_title, one.called_ae_title, one.address)
        for name, one in log.told
        if name not in {"LISTENING", "started", "stopped"}
    }
    assert facts == {(1, "SENDER", "TARGET", HOST)}
    for path, stored in zip(images, log.payloads("STORED_FILE"), strict=True):
        target = Path(stored.filename)
        assert target.parent == tmp_path / "in"
        assert stored.size == target.stat().st_size
        assert digest(data_set_of(target.read_bytes())) == digest(data_set_of(path.read_bytes()))


def test_payloads_of_a_store(kind: Any, serve: Serve, image: Path, tmp_path: Path) -> None:
    server, log = serve()
    by_storescu(server.port, [image])
    log.wait_for("ASSOCIATION_RELEASE")
    uid = f"{UID_ROOT}.1"
    filename = str(tmp_path / "in" / f"CT.{uid}")
    (received,) = log.payloads("ASSOCIATION_RECEIVED")
    assert received == AssociationReceivedData(1, "SENDER", "TARGET", HOST)
    (acknowledged,) = log.payloads("ASSOCIATION_ACKNOWLEDGED")
    assert type(acknowledged) is AssociationAcknowledgedData
    assert without_facts(acknowledged) == {"max_send_pdv": 16372}
    (request,) = log.payloads("C_STORE_REQUEST")
    assert type(request) is CStoreRequestData
    assert without_facts(request) == {
        "sop_class_uid": CT_IMAGE,
        "sop_instance_uid": uid,
        "message_id": 1,
        "transfer_syntax_uid": EXPLICIT_LITTLE,
        "raw": "Received C-STORE Request (MsgID 1, CT)",
    }
    (stored,) = log.payloads("STORED_FILE")
    assert type(stored) is StoredFileData
    assert without_facts(stored) == {
        "filename": filename,
        "sop_class_uid": CT_IMAGE,
        "sop_instance_uid": uid,
        "transfer_syntax_uid": EXPLICIT_LITTLE,
        "size": Path(filename).stat().st_size,
    }
    assert log.payloads("ASSOCIATION_RELEASE") == [
        AssociationEventData(1, "SENDER", "TARGET", HOST)
    ]
    if kind is StoreSCP:
        (storing,) = log.payloads("STORING_FILE")
        assert type(storing) is StoringFileData
        assert without_facts(storing) == {
            "filename": filename,
            "sop_class_uid": CT_IMAGE,
            "sop_instance_uid": uid,
        }


def test_an_echo(serve: Serve) -> None:
    server, log = serve()
    run_client("echoscu", "-aet", "SENDER", HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE")
    assert log.names[2:] == [*OPEN, "ECHO_REQUEST", "ASSOCIATION_RELEASE"]
    assert log.payloads("ECHO_REQUEST") == [AssociationEventData(1, "SENDER", "ANY-SCP", HOST)]


def test_a_peer_that_aborts(serve: Serve) -> None:
    server, log = serve()
    run_client("echoscu", "--abort", HOST, server.port)
    log.wait_for("ASSOCIATION_ABORTED")
    assert log.names[2:] == [*OPEN, "ECHO_REQUEST", "ASSOCIATION_ABORTED"]
    assert type(log.payloads("ASSOCIATION_ABORTED")[0]) is AssociationEventData


def test_a_connection_that_is_lost(serve: Serve) -> None:
    server, log = serve()
    ae = AE("SENDER")
    ae.add_requested_context(CT_IMAGE)
    peer = ae.associate(HOST, server.port)
    log.wait_for("ASSOCIATION_ACKNOWLEDGED")
    connection = peer.dul.socket.socket
    connection.shutdown(socket.SHUT_RDWR)
    log.wait_for("ASSOCIATION_ABORTED")
    assert log.names[2:] == [*OPEN, "ASSOCIATION_ABORTED"]
    peer.kill()
    peer.join()
    connection.close()


def test_an_association_that_is_refused(serve: Serve) -> None:
    server, log = serve(max_associations=1)
    ae = AE("SENDER")
    ae.add_requested_context(CT_IMAGE)
    first = ae.associate(HOST, server.port)
    run_client("echoscu", HOST, server.port, ok=False)
    (refused,) = log.wait_for("REFUSING_ASSOCIATION")
    assert type(refused) is RefusingAssociationData
    assert refused.association_id == 2
    assert "local limit exceeded" in refused.reason
    first.release()


def test_associations_have_numbers_of_their_own(serve: Serve) -> None:
    server, log = serve()
    for _ in range(3):
        run_client("echoscu", HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE", 3)
    assert [one.association_id for one in log.payloads("ECHO_REQUEST")] == [1, 2, 3]


def test_lines_say_what_the_programs_print(serve: Serve, image: Path) -> None:
    server, log = serve()
    lines: list[ProcessLine] = []
    server.on_event("line", lines.append)
    by_storescu(server.port, [image])
    log.wait_for("ASSOCIATION_RELEASE")
    server.stop()
    assert {one.source for one in lines} == {"stderr"}
    texts = [one.text for one in lines]
    assert texts[0] == f"Association Received {HOST}:SENDER -> TARGET"
    assert texts[1] == "Association Acknowledged (Max Send PDV: 16372)"
    assert texts[2] == "Received C-STORE Request (MsgID 1, CT)"
    assert texts[-2].startswith("Stored received object to file: ")
    assert texts[-1] == "Association Release"


def test_a_folder_of_a_study_is_told_of(tmp_path: Path, images: list[Path]) -> None:
    folder = tmp_path / "in"
    server = StoreSCP.create(port=0, output_directory=folder, sort_by_study_uid="ct").unwrap()
    log = Log(server)
    with server:
        server.start().unwrap()
        by_storescu(server.port, images)
        log.wait_for("ASSOCIATION_RELEASE")
    assert log.names.count("SUBDIRECTORY_CREATED") == 1
    (created,) = log.payloads("SUBDIRECTORY_CREATED")
    assert type(created) is SubdirectoryCreatedData
    assert Path(created.directory).parent == folder
    assert Path(created.directory).name.startswith("ct_")
    assert {Path(one.filename).parent for one in log.payloads("STORED_FILE")} == {
        Path(created.directory)
    }
    first = log.names.index("SUBDIRECTORY_CREATED")
    assert log.names.index("C_STORE_REQUEST") < first < log.names.index("STORED_FILE")


def test_a_file_is_told_of_before_it_is_complete(tmp_path: Path, image: Path) -> None:
    server = StoreSCP.create(port=0, output_directory=tmp_path / "in").unwrap()
    log = Log(server)
    with server:
        server.start().unwrap()
        by_storescu(server.port, [image])
        log.wait_for("STORED_FILE")
    assert log.names.index("STORING_FILE") < log.names.index("STORED_FILE")
    assert log.payloads("STORING_FILE")[0].filename == log.payloads("STORED_FILE")[0].filename


def test_what_nobody_listens_to_is_not_told_but_counted(
    kind: Any, tmp_path: Path, images: list[Path]
) -> None:
    server = kind.create(port=0, output_directory=tmp_path / "in").unwrap()
    released: list[Any] = []
    with server.on_event("ASSOCIATION_RELEASE", released.append):
        server.start().unwrap()
        by_storescu(server.port, images)
    assert len(released) == 1
    assert server.metrics()["objects_stored"] == 2


def test_listeners_that_come_later_hear_what_happens_then(serve: Serve) -> None:
    server, log = serve()
    run_client("echoscu", HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE")
    late: list[Any] = []
    server.on_event("line", late.append)
    run_client("echoscu", HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE", 2)
    server.stop()
    assert len(late) == 4


def test_the_convenient_methods_are_listeners_like_any_other(
    kind: Any, tmp_path: Path, image: Path
) -> None:
    server = kind.create(port=0, output_directory=tmp_path / "in").unwrap()
    called: list[Any] = []
    assert server.on_association_received(called.append) is server
    stores = server.on_stored_file if kind is Dcmrecv else server.on_storing_file

    @stores()
    def note(data: Any) -> None:
        called.append(data)

    with server:
        server.start().unwrap()
        by_storescu(server.port, [image])
    assert [type(one) for one in called] == [
        AssociationReceivedData,
        StoredFileData if kind is Dcmrecv else StoringFileData,
    ]
    assert note is not server


def test_an_exception_in_a_listener_is_an_error_and_the_others_are_called(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    server, log = serve()
    heard: list[str] = []
    reason = ZeroDivisionError("by nothing")

    def fail() -> None:
        raise reason

    def leave() -> None:
        raise SystemExit(3)

    server.on("ECHO_REQUEST", fail)
    server.on("ECHO_REQUEST", leave)
    server.on("ECHO_REQUEST", lambda: heard.append("echo"))
    server.on("error", fail)
    run_client("echoscu", HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE")
    first, second = log.payloads("error")
    assert (first.fatal, second.fatal) == (False, False)
    assert "a listener of ECHO_REQUEST failed: ZeroDivisionError: by nothing" in first.error.message
    assert first.error.__cause__ is reason
    assert "SystemExit: 3" in second.error.message
    assert heard == ["echo"]
    assert caplog.text.count("a listener of ECHO_REQUEST failed") == 2
    assert caplog.text.count("a listener of error failed") == 2
    assert server.is_running


def test_off_and_once(serve: Serve) -> None:
    server, log = serve()
    heard: list[str] = []

    def every() -> None:
        heard.append("every")

    server.on("ECHO_REQUEST", every).once("ECHO_REQUEST", lambda: heard.append("once"))
    run_client("echoscu", "--repeat", 2, HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE")
    assert server.off("ECHO_REQUEST", every) is server
    run_client("echoscu", HOST, server.port)
    log.wait_for("ASSOCIATION_RELEASE", 2)
    assert heard == ["every", "once", "every"]


def test_events_of_other_servers_are_value_errors(kind: Any) -> None:
    server = kind.create(port=0).unwrap()
    for method in (server.on_event, server.on, server.once, server.off):
        with pytest.raises(ValueError, match="no event 'C_FIND_REQUEST'"):
            method("C_FIND_REQUEST", print)
    with pytest.raises(ValueError, match="no event"):
        server.on_event("C_FIND_REQUEST")(print)
    known = DcmrecvEvent if kind is Dcmrecv else StorescpEvent
    for event in [*known, "started", "stopped", "error", "line"]:
        assert server.on_event(event, print) is server


def test_there_are_ten_and_twelve_events_of_which_one_is_fatal() -> None:
    assert len(DcmrecvEvent) == 10
    assert len(StorescpEvent) == 12
    assert set(map(str, StorescpEvent)) - set(map(str, DcmrecvEvent)) == {
        "STORING_FILE",
        "SUBDIRECTORY_CREATED",
    }
    assert frozenset({"CANNOT_START_LISTENER"}) == RECV_FATAL == STORE_FATAL
    assert all(one.name == one.value for one in [*DcmrecvEvent, *StorescpEvent])
