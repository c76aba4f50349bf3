"""SCP/SCU role selection and extended negotiation, as servers answer them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    SecondaryCaptureImageStorage,
    StorageCommitmentPushModel,
    StudyRootQueryRetrieveInformationModelGet,
    UltrasoundImageStorage,
    Verification,
)

from dcmtk_native import Dcmrecv, DicomServer, StoreSCP, ToolError
from support.negotiating import Roles, settled
from support.peers import running
from support.serving import run_client, serving

HOST = "127.0.0.1"
GET = StudyRootQueryRetrieveInformationModelGet
PROPOSALS: list[Roles | None] = [None, (True, False), (False, True), (True, True)]
NAMES = ["none", "SCU", "SCP", "both"]
ACCEPTED, USER_REJECTION, NO_REASON = 0, 1, 2

# ---- by a profile ----

CLASSES = [
    CTImageStorage,
    MRImageStorage,
    UltrasoundImageStorage,
    SecondaryCaptureImageStorage,
    Verification,
]
CONFIG = """
[[TransferSyntaxes]]
[Plain]
TransferSyntax1 = LittleEndianImplicit
[[PresentationContexts]]
[All]
PresentationContext1 = CTImageStorage\\Plain
PresentationContext2 = MRImageStorage\\Plain
PresentationContext3 = UltrasoundImageStorage\\Plain
PresentationContext4 = SecondaryCaptureImageStorage\\Plain
PresentationContext5 = VerificationSOPClass\\Plain
[[SCPSCURoleSelection]]
[Roles]
Role1 = MRImageStorage\\SCU
Role2 = UltrasoundImageStorage\\SCP
Role3 = SecondaryCaptureImageStorage\\both
[[ExtendedNegotiation]]
[More]
ExtendedNegotiation1 = CTImageStorage\\0201
ExtendedNegotiation2 = UltrasoundImageStorage\\07
[[Profiles]]
[Default]
PresentationContexts = All
SCPSCURoleSelection = Roles
ExtendedNegotiation = More
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "roles.cfg"
    path.write_text(CONFIG)
    return path


@contextmanager
def both_servers(folder: Path, config: Path) -> Iterator[tuple[int, int]]:
    """The ports of DCMTK's program and of ours, on the same profile."""
    options = {"config_file": config, "config_profile": "Default"}
    with (
        running(folder, "storescp", "-xf", config, "Default") as original,
        serving(StoreSCP, folder, **options) as (server, _),
    ):
        yield original.port, server.port


@pytest.mark.parametrize("proposed", PROPOSALS, ids=NAMES)
def test_a_profile_is_accepted_as_by_dcmtk(
    proposed: Roles | None, config: Path, tmp_path: Path
) -> None:
    with both_servers(tmp_path, config) as (original, ours):
        assert settled(ours, CLASSES, proposed) == settled(original, CLASSES, proposed)


def test_what_a_profile_says_of_roles_is_answered(config: Path, tmp_path: Path) -> None:
    options = {"config_file": config, "config_profile": "Default"}
    with serving(Dcmrecv, tmp_path, **options) as (server, _):
        asked = settled(server.port, CLASSES)
        both = settled(server.port, CLASSES, (True, True))
    assert asked.results[UltrasoundImageStorage] == [NO_REASON]
    assert asked.results[CTImageStorage] == [ACCEPTED]
    assert asked.roles == {}
    assert set(both.results) == set(CLASSES)
    assert both.roles == {
        MRImageStorage: (True, False),
        UltrasoundImageStorage: (False, True),
        SecondaryCaptureImageStorage: (True, True),
    }


def test_a_profile_says_its_extended_negotiation_of_accepted_contexts(
    config: Path, tmp_path: Path
) -> None:
    with both_servers(tmp_path, config) as (original, ours):
        for proposed in (None, {CTImageStorage: b"\3", MRImageStorage: b"\4"}):
            found = settled(ours, CLASSES, None, proposed)
            assert found == settled(original, CLASSES, None, proposed)
            assert found.extended == {CTImageStorage: b"\2\1"}


def test_extended_negotiation_that_fits_into_no_answer_is_refused(
    config: Path, tmp_path: Path
) -> None:
    config.write_text(CONFIG.replace("\\0201", "\\" + "00" * 50_000))
    options = {"config_file": config, "config_profile": "Default"}
    server = Dcmrecv.create(port=0, output_directory=tmp_path, **options).unwrap()
    error = server.start().error
    assert isinstance(error, ToolError)
    assert "too long" in error.message


# ---- without a profile ----


@pytest.mark.parametrize("kind", [Dcmrecv, StoreSCP])
@pytest.mark.parametrize("proposed", PROPOSALS, ids=NAMES)
def test_a_storage_server_is_a_provider_whatever_is_proposed(
    kind: Any, proposed: Roles | None, tmp_path: Path, image: Path
) -> None:
    with serving(kind, tmp_path) as (server, log):
        found = settled(server.port, [CTImageStorage, Verification], proposed)
        assert found.results == {CTImageStorage: [ACCEPTED], Verification: [ACCEPTED]}
        assert found.roles == {}
        run_client("storescu", HOST, server.port, image)
        log.wait_for("STORED_FILE")


def test_only_who_has_objects_for_a_get_lets_others_receive_them(tmp_path: Path) -> None:
    nothing = lambda _: iter(())  # noqa: E731
    with serving(DicomServer, tmp_path, on_get=nothing) as (server, _):
        for proposed in PROPOSALS[1:]:
            found = settled(server.port, [CTImageStorage, GET], proposed)
            assert found.roles == {CTImageStorage: proposed}
    with serving(DicomServer, tmp_path) as (server, _):
        found = settled(server.port, [CTImageStorage], (True, True))
        assert (found.results, found.roles) == ({CTImageStorage: [ACCEPTED]}, {})


@pytest.mark.parametrize(
    ("proposed", "completed"), [(None, None), ((True, False), None), ((False, True), 2)]
)
def test_a_get_stores_where_the_peer_is_provider(
    proposed: Roles | None, completed: int | None, tmp_path: Path, image: Path
) -> None:
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    query.StudyInstanceUID = "1"
    entity = AE("GETTER")
    entity.requested_contexts = [build_context(GET), build_context(CTImageStorage)]
    roles = [build_role(CTImageStorage, *proposed)] if proposed else []
    handlers: Any = [(evt.EVT_C_STORE, lambda _: 0)]
    with serving(DicomServer, tmp_path, on_get=lambda _: [image, image]) as (server, _):
        association = entity.associate(HOST, server.port, ext_neg=roles, evt_handlers=handlers)
        *_, (status, _) = association.send_c_get(query, GET)
        association.release()
    assert (status.Status == 0) is (completed is not None)
    assert (status.NumberOfCompletedSuboperations or None) == completed


def test_whoever_reports_on_a_commitment_may_be_its_provider(tmp_path: Path) -> None:
    reports: list[Any] = []
    with serving(
        DicomServer,
        tmp_path,
        sop_classes=[StorageCommitmentPushModel],
        on_n_event_report=reports.append,
    ) as (server, _):
        for proposed in PROPOSALS[1:]:
            found = settled(server.port, [StorageCommitmentPushModel], proposed)
            assert found.roles == {StorageCommitmentPushModel: proposed}
        entity = AE("COMMITTER")
        entity.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = entity.associate(HOST, server.port, ext_neg=[role])
        status, _ = association.send_n_event_report(
            None, 1, StorageCommitmentPushModel, "1.2.840.10008.1.20.1.1"
        )
        association.release()
    assert status.Status == 0
    assert len(reports) == 1
