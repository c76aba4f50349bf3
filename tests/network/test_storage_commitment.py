"""Storage commitment with pynetdicom's server and with Orthanc."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcmtk_native import (
    Association,
    AssociationError,
    CommitmentFailure,
    DimseError,
    OperationTimeoutError,
    OptionsError,
    StorageCommitment,
    TlsConfig,
    aio,
    request_storage_commitment,
    storescu,
)
from support.committing import committing
from support.orthanc import Orthanc, running_orthanc
from support.peers import free_port
from support.samples import CT_IMAGE
from support.sendable import UID_ROOT, image_files
from support.tls_peers import CA, server_context

HOST = "127.0.0.1"
COMMITMENT = "1.2.840.10008.1.20.1"
ONE = (CT_IMAGE, f"{UID_ROOT}.1")
TWO = (CT_IMAGE, f"{UID_ROOT}.2")


def test_all_is_kept() -> None:
    with committing() as peer:
        found = request_storage_commitment(host=HOST, port=peer.port, instances=[ONE, TWO]).unwrap()
        assert found.success
        assert found.committed == (ONE, TWO)
        assert found.failed == ()
        asked = peer.asked[0]
        assert asked.TransactionUID == found.transaction_uid
        assert [
            (one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID)
            for one in asked.ReferencedSOPSequence
        ] == [ONE, TWO]
    assert peer.answers == [0]


def test_what_is_not_kept_is_told_with_its_reason() -> None:
    with committing(keeps=lambda uid: uid == ONE[1]) as peer:
        found = request_storage_commitment(
            host=HOST, port=peer.port, instances=[ONE, TWO], transaction_uid="1.2.3.4"
        ).unwrap()
    assert found.transaction_uid == "1.2.3.4"
    assert found.is_reported
    assert not found.success
    assert found.committed == (ONE,)
    assert found.failed == (CommitmentFailure(*TWO, 0x0112),)


def test_reports_on_other_transactions_are_answered_and_left_alone() -> None:
    with committing(other_first=True) as peer:
        found = request_storage_commitment(host=HOST, port=peer.port, instances=[ONE]).unwrap()
    assert found.success
    assert peer.answers == [0, 0]


def test_it_is_asked_on_an_open_association() -> None:
    with (
        committing() as peer,
        Association.open(HOST, peer.port, contexts=[COMMITMENT]).unwrap() as association,
    ):
        assert association.storage_commitment([ONE]).unwrap().success
        assert association.storage_commitment([TWO], wait=5).unwrap().success
        assert association.is_open


def test_an_association_survives_a_wait_in_vain() -> None:
    with (
        committing(how="never") as peer,
        Association.open(HOST, peer.port, contexts=[COMMITMENT]).unwrap() as association,
    ):
        begin = time.monotonic()
        found = association.storage_commitment([ONE], wait=0.2).unwrap()
        assert 0.2 <= time.monotonic() - begin < 1
        assert (found.is_reported, found.success) == (False, False)
        assert association.is_open
        assert not association.storage_commitment([TWO], wait=0).unwrap().is_reported


def test_without_a_wait_it_is_the_calls_time_that_ends_it() -> None:
    with committing(how="never") as peer:
        error = request_storage_commitment(
            host=HOST, port=peer.port, instances=[ONE], timeout_ms=300
        ).error
    assert isinstance(error, OperationTimeoutError)


def test_a_refusal_is_an_error() -> None:
    with committing(status=0x0112, how="never") as peer:
        error = request_storage_commitment(host=HOST, port=peer.port, instances=[ONE]).error
    assert isinstance(error, DimseError)
    assert error.status == 0x0112


def test_a_peer_without_the_service_is_an_error() -> None:
    with committing() as peer:
        opened = Association.open(HOST, peer.port, contexts=[COMMITMENT, "1.2.840.10008.1.1"])
        assert [one.abstract_syntax for one in opened.unwrap().contexts] == [COMMITMENT]
        opened.unwrap().abort()
    error = request_storage_commitment(host=HOST, port=1, instances=[ONE]).error
    assert isinstance(error, AssociationError)


@pytest.mark.parametrize("instances", [[], ["1.2.3"], [("1.2.3",)], [1]])
def test_wrong_instances_are_refused(instances: list[object]) -> None:
    error = request_storage_commitment(host=HOST, port=1, instances=instances).error
    assert isinstance(error, OptionsError)


def test_the_report_may_come_on_an_association_of_its_own() -> None:
    port = free_port()
    with committing(how="later", report_to=lambda: port) as peer:
        found = request_storage_commitment(
            host=HOST,
            port=peer.port,
            instances=[ONE, TWO],
            wait=0,
            listen_port=port,
            listen_address=HOST,
        ).unwrap()
        assert found.success
        assert found.committed == (ONE, TWO)
    assert peer.answers == [0]


def test_with_a_listener_the_same_association_will_do_as_well() -> None:
    with committing() as peer:
        found = request_storage_commitment(
            host=HOST,
            port=peer.port,
            instances=[ONE],
            listen_port=free_port(),
            listen_address=HOST,
        ).unwrap()
    assert found.success


def test_it_is_asked_over_tls(tmp_path: Path) -> None:
    tls = TlsConfig(ca_files=CA.pem)
    with committing(tls=server_context(tmp_path)) as peer:
        there = {"host": HOST, "port": peer.port, "tls": tls}
        assert request_storage_commitment(**there, instances=[ONE]).unwrap().success
    with committing(tls=server_context(tmp_path), how="never") as peer:
        there = {"host": HOST, "port": peer.port, "tls": tls}
        found = request_storage_commitment(**there, instances=[ONE], wait=0.2).unwrap()
        assert not found.is_reported


def test_it_is_awaited_too() -> None:
    async def work(port: int) -> bool:
        call = aio.request_storage_commitment(host=HOST, port=port, instances=[ONE])
        opened = await aio.Association.open(HOST, port, contexts=[COMMITMENT])
        async with opened.unwrap() as association:
            second = (await association.storage_commitment([TWO])).unwrap()
        return (await call).unwrap().success and second.success

    with committing() as peer:
        assert asyncio.run(work(peer.port))


@pytest.fixture
def orthanc(tmp_path: Path) -> Iterator[tuple[Orthanc, int]]:
    """Orthanc, and the port to which it reports."""
    port = free_port()
    with running_orthanc(tmp_path, destinations={"US": port}) as server:
        yield server, port


def test_orthanc_commits_to_what_it_has(orthanc: tuple[Orthanc, int], tmp_path: Path) -> None:
    server, port = orthanc
    stored = storescu(host=HOST, port=server.port, files=image_files(tmp_path, 2)).unwrap()
    missing = (CT_IMAGE, f"{UID_ROOT}.99")

    def ask(*instances: object) -> StorageCommitment:
        return request_storage_commitment(
            host=HOST,
            port=server.port,
            calling_ae_title="US",
            called_ae_title="ORTHANC",
            instances=instances,
            wait=0,
            listen_port=port,
            listen_address=HOST,
        ).unwrap()

    found = ask(*stored.outcomes)
    assert found.success
    assert {uid for _, uid in found.committed} == {f"{UID_ROOT}.0", f"{UID_ROOT}.1"}
    partly = ask(*stored.outcomes, missing)
    assert not partly.success
    assert [one.sop_instance_uid for one in partly.failed] == [missing[1]]
