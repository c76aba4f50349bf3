"""One receiver, two packages: the same handlers under pynetdicom and under our door to it."""

from __future__ import annotations

import hashlib
import threading
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pydicom
import pynetdicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom.sop_class import (
    BasicFilmSession,
    BasicGrayscalePrintManagementMeta,
    CTImageStorage,
    ModalityPerformedProcedureStep,
    MRImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

from dcmtk_native import OptionsError, storescu
from dcmtk_native.compat import pynetdicom as door
from dcmtk_native.compat.pynetdicom import sop_class
from support.negotiating import Roles, settled
from support.serving import Start, associated, run_client

HOST = "127.0.0.1"
STUDY = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1")
FIND = StudyRootQueryRetrieveInformationModelFind

# ---- storage ----


def test_a_storage_provider_saves_what_comes(
    package: ModuleType, start: Start, tmp_path: Path, ct_small: Path
) -> None:
    seen: list[Any] = []

    def handle_store(event: Any, folder: Path) -> int:
        dataset = event.dataset
        dataset.file_meta = event.file_meta
        path = folder / event.request.AffectedSOPInstanceUID
        dataset.save_as(path, enforce_file_format=True)
        request = event.request
        seen.append(
            (
                event.assoc.requestor.ae_title,
                event.assoc.requestor.address,
                event.context.abstract_syntax.name,
                event.context.transfer_syntax,
                event.context.context_id % 2,
                request.AffectedSOPClassUID.name,
                request.Priority,
                event.message_id == request.MessageID,
                event.timestamp is not None,
            )
        )
        whole = pydicom.dcmread(BytesIO(event.encoded_dataset()))
        assert whole.PatientID == dataset.PatientID
        alone = event.encoded_dataset(include_meta=False)
        seen.append(hashlib.sha256(alone).hexdigest())
        return 0x0000

    handlers = [(package.evt.EVT_C_STORE, handle_store, [tmp_path])]
    port = start([CTImageStorage], *handlers)
    run_client("storescu", "-aet", "CT1", HOST, port, ct_small)
    original = pydicom.dcmread(ct_small)
    facts, digest = seen
    assert facts == (
        "CT1",
        HOST,
        "CT Image Storage",
        "1.2.840.10008.1.2.1",
        1,
        "CT Image Storage",
        0,
        True,
        True,
    )
    saved = pydicom.dcmread(tmp_path / original.SOPInstanceUID)
    assert saved.PixelData == original.PixelData
    assert saved.file_meta.MediaStorageSOPInstanceUID == original.SOPInstanceUID
    assert len(digest) == 64


@pytest.mark.parametrize(
    ("said", "status"), [(0xA700, 0xA700), (None, 0xC002), ("no", 0xC002), ("raise", 0xC211)]
)
def test_a_status_of_a_handler_is_that_of_the_response(
    package: ModuleType, start: Start, ct_small: Path, said: Any, status: int
) -> None:
    def handle(event: Any) -> Any:
        if said == "raise":
            raise ValueError(event)
        return said

    port = start([CTImageStorage], (package.evt.EVT_C_STORE, handle))
    with associated(port, CTImageStorage, "1.2.840.10008.1.2.1") as peer:
        assert peer.send_c_store(ct_small).Status == status


def test_a_status_may_bring_a_comment(package: ModuleType, start: Start) -> None:
    def handle(event: Any) -> Dataset:
        status = Dataset()
        status.Status = 0x0122
        status.ErrorComment = "not today"
        return status

    port = start([Verification], (package.evt.EVT_C_ECHO, handle))
    with associated(port, Verification) as peer:
        answer = peer.send_c_echo()
    assert (answer.Status, answer.ErrorComment) == (0x0122, "not today")


def test_only_supported_contexts_are_accepted(start: Start) -> None:
    port = start([CTImageStorage])
    with associated(port, MRImageStorage) as peer:
        assert not peer.is_established
    with associated(port, Verification) as peer:
        assert not peer.is_established
    with associated(port, CTImageStorage) as peer:
        assert peer.is_established


OFFERED = [(None, None), (True, True), (True, False), (False, True), (False, False)]
PROPOSED = [None, (True, False), (False, True), (True, True)]


@pytest.mark.parametrize("proposed", PROPOSED, ids=["none", "SCU", "SCP", "both"])
def test_roles_are_those_of_pynetdicom(proposed: Roles | None) -> None:
    classes = [str(one.abstract_syntax) for one in pynetdicom.StoragePresentationContexts[:5]]
    found = []
    for package in (pynetdicom, door):
        ae = package.AE()
        for one, (scu, scp) in zip(classes, OFFERED, strict=True):
            ae.add_supported_context(one, scu_role=scu, scp_role=scp)
        server: Any = ae.start_server((HOST, 0), block=False)
        found.append(settled(server.server_address[1], classes, proposed))
        server.shutdown()
        server.server_close()
    assert found[1] == found[0]
    assert bool(found[0].roles) is (proposed is not None)


def test_supported_contexts_are_kept_as_by_pynetdicom(package: ModuleType) -> None:
    def kept() -> list[Any]:
        return [
            (one.abstract_syntax, one.transfer_syntax, one.scu_role, one.scp_role)
            for one in ae.supported_contexts
        ]

    implicit, explicit = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
    ae = package.AE()
    ae.add_supported_context(MRImageStorage, implicit, scu_role=True, scp_role=False)
    ae.add_supported_context(CTImageStorage, [implicit], True)
    assert kept() == [
        (CTImageStorage, [implicit], True, None),
        (MRImageStorage, [implicit], True, False),
    ]
    ae.add_supported_context(CTImageStorage, [explicit, implicit])
    ae.supported_contexts = [package.build_context(MRImageStorage, explicit)]
    assert kept() == [
        (CTImageStorage, [implicit, explicit], None, None),
        (MRImageStorage, [implicit, explicit], None, None),
    ]
    ae.remove_supported_context(CTImageStorage, implicit)
    ae.remove_supported_context(MRImageStorage)
    ae.remove_supported_context("1.2.3")
    assert kept() == [(CTImageStorage, [explicit], None, None)]
    ae.remove_supported_context(CTImageStorage, [explicit])
    assert kept() == []
    ae.add_supported_context(Verification)
    ae.supported_contexts = []
    assert kept() == []
    with pytest.raises(TypeError, match="role"):
        ae.add_supported_context(Verification, scp_role="yes")
    ae.add_supported_context(Verification, scp_role=True)
    with pytest.raises((ValueError, OptionsError), match=Verification):
        ae.start_server((HOST, 0), block=False)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"require_called_aet": True}, "Called AE Title Not Recognized"),
        ({"require_calling_aet": ["OTHER"]}, "Calling AE Title Not Recognized"),
    ],
)
def test_titles_can_be_required(start: Start, attributes: dict[str, Any], words: str) -> None:
    port = start([Verification], **attributes)
    assert words in run_client("echoscu", "-aec", "WRONG", HOST, port, ok=False).stderr
    run_client("echoscu", "-aet", "OTHER", "-aec", "SCP", HOST, port)


def test_notifications_come_in_their_order(package: ModuleType) -> None:
    told: list[tuple[str, str]] = []
    evt = package.evt
    ae = package.AE()
    ae.add_supported_context(Verification)
    kinds = (evt.EVT_REQUESTED, evt.EVT_ACCEPTED, evt.EVT_RELEASED)
    note = lambda event: told.append((event.event.name, event.assoc.requestor.address))  # noqa: E731
    server = ae.start_server((HOST, 0), block=False, evt_handlers=[(one, note) for one in kinds])
    run_client("echoscu", HOST, server.server_address[1])
    server.shutdown()
    server.server_close()
    assert {name for name, _ in told} == {one.name for one in kinds}
    assert told[0][0] == "EVT_REQUESTED"
    assert {address for _, address in told} == {HOST}


@pytest.mark.parametrize(("is_known", "is_let_in"), [(True, True), (False, False)])
def test_a_handler_judges_users(
    package: ModuleType, start: Start, ct_small: Path, is_known: bool, is_let_in: bool
) -> None:
    seen: list[Any] = []

    def judge(event: Any) -> tuple[bool, bytes | None]:
        seen.append((event.user_id_type, event.primary_field, event.secondary_field))
        return is_known, None

    port = start(
        [CTImageStorage],
        (package.evt.EVT_USER_ID, judge),
        (package.evt.EVT_C_STORE, lambda event: 0),
    )
    user = ("-usr", "alice", "-pwd", "secret")
    run_client("storescu", *user, HOST, port, ct_small, ok=is_let_in)
    assert seen == [(2, b"alice", b"secret")]


# ---- N-services ----


def test_a_context_is_that_of_its_abstract_syntax(package: ModuleType, start: Start) -> None:
    seen: list[Any] = []

    def create(event: Any) -> tuple[int, Dataset]:
        seen.append((*event.context, event.request.AffectedSOPClassUID))
        return 0, event.attribute_list

    content = Dataset()
    content.NumberOfCopies = "1"
    meta = BasicGrayscalePrintManagementMeta
    port = start([Verification, meta], (package.evt.EVT_N_CREATE, create))
    with associated(port, meta, "1.2.840.10008.1.2") as peer:
        number = peer.accepted_contexts[0].context_id
        status, _ = peer.send_n_create(content, BasicFilmSession, "1.2.3", meta_uid=meta)
    assert status.Status == 0
    assert seen == [(number, meta, "1.2.840.10008.1.2", BasicFilmSession)]


def test_a_performed_procedure_step_is_made_and_set(package: ModuleType, start: Start) -> None:
    seen: list[Any] = []

    def create(event: Any) -> tuple[int, Dataset]:
        seen.append((event.attribute_list.PatientID, event.request.AffectedSOPInstanceUID))
        return 0, event.attribute_list

    def change(event: Any) -> tuple[int, Dataset | None]:
        seen.append((event.modification_list.PatientID, event.request.RequestedSOPInstanceUID))
        return 0x0112, None

    model = ModalityPerformedProcedureStep
    evt = package.evt
    port = start([model], (evt.EVT_N_CREATE, create), (evt.EVT_N_SET, change))
    content = Dataset()
    content.PatientID = "7"
    with associated(port, model) as peer:
        made, answer = peer.send_n_create(content, model, "1.2.3")
        changed, _ = peer.send_n_set(content, model, "1.2.3")
    assert (made.Status, answer.PatientID, changed.Status) == (0, "7", 0x0112)
    assert seen == [("7", "1.2.3"), ("7", "1.2.3")]


# ---- what the door refuses ----


@pytest.mark.parametrize(
    ("handlers", "options", "words"),
    [
        ([(pynetdicom.evt.EVT_PDU_RECV, print)], {}, "EVT_PDU_RECV cannot be served"),
        ([(door.evt.EVT_C_ECHO,)], {}, "is no"),
        ([(door.evt.EVT_C_ECHO, "print")], {}, "is no"),
        ([], {"ssl_context": object()}, "TlsConfig"),
    ],
)
def test_what_cannot_be_served_is_refused(
    handlers: list[Any], options: dict[str, Any], words: str
) -> None:
    ae = door.AE()
    ae.add_supported_context(Verification)
    with pytest.raises(OptionsError, match=words):
        ae.start_server((HOST, 0), block=False, evt_handlers=handlers, **options)


def test_an_attribute_that_is_not_there_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        door.AE().implementation_version_name = "X"  # type: ignore[attr-defined]
    with pytest.raises(OptionsError, match="contexts"):
        door.AE().start_server((HOST, 0), block=False)


def test_events_do_not_tell_what_is_not_theirs(image: Path) -> None:
    failures: list[str] = []

    def handle(event: Any) -> int:
        for name in ("identifier", "action_type", "move_destination", "is_cancelled"):
            with pytest.raises(AttributeError, match="EVT_C_STORE"):
                getattr(event, name)
            failures.append(name)
        with pytest.raises(AttributeError, match="encoded_dataset"):
            _ = event.dataset_path
        assert event.request.MoveOriginatorApplicationEntityTitle is None
        assert event.request.MoveOriginatorMessageID is None
        with pytest.raises(AttributeError, match="has no MoveDestination"):
            _ = event.request.MoveDestination
        return 0

    ae = door.AE()
    ae.supported_contexts = list(door.AllStoragePresentationContexts)
    handlers = [(door.evt.EVT_C_STORE, handle)]
    with ae.start_server((HOST, 0), block=False, evt_handlers=handlers) as server:  # type: ignore[union-attr]
        storescu(host=HOST, port=server.server_address[1], files=[image]).unwrap()
        assert ae.servers == [server]
    assert len(failures) == 4
    assert ae.servers == []


def test_a_blocking_server_returns_when_its_entity_is_shut_down() -> None:
    ae = door.AE()
    ae.add_supported_context(Verification)
    over: list[Any] = []
    serving = threading.Thread(target=lambda: over.append(ae.start_server((HOST, 0))))
    serving.start()
    while not ae.servers:
        serving.join(0.01)
        assert serving.is_alive()
    run_client("echoscu", HOST, ae.servers[0].server_address[1])
    ae.shutdown()
    serving.join(30)
    assert over == [None]
    assert ae.servers == []


def test_names_of_sop_classes_are_those_of_pynetdicom() -> None:
    assert sop_class.CTImageStorage == CTImageStorage
    assert sop_class.StudyRootQueryRetrieveInformationModelFind == FIND
    with pytest.raises(AttributeError, match="NoSuchStorage"):
        _ = sop_class.NoSuchStorage
