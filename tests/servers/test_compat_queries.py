"""Queries and retrievals of one receiver under pynetdicom and under our door to it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom.sop_class import (
    CTImageStorage,
    MRImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from support.serving import Start, associated, run_client

HOST = "127.0.0.1"
STUDY = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1")
FIND = StudyRootQueryRetrieveInformationModelFind


def test_a_query_is_answered_pair_by_pair(package: ModuleType, start: Start) -> None:
    def handle_find(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        if "QueryRetrieveLevel" not in event.identifier:
            yield 0xC000, None
            return
        for name in ("A^B", "C^D"):
            if event.is_cancelled:
                yield 0xFE00, None
                return
            match = Dataset()
            match.QueryRetrieveLevel = event.identifier.QueryRetrieveLevel
            match.PatientName = name
            yield 0xFF00, match

    port = start([FIND], (package.evt.EVT_C_FIND, handle_find))
    query = Dataset()
    query.PatientName = ""
    with associated(port, FIND) as peer:
        refused = [status.Status for status, _ in peer.send_c_find(query, FIND)]
        query.QueryRetrieveLevel = "STUDY"
        found = list(peer.send_c_find(query, FIND))
    assert refused == [0xC000]
    assert [status.Status for status, _ in found] == [0xFF00, 0xFF00, 0x0000]
    assert [str(match.PatientName) for _, match in found[:2]] == ["A^B", "C^D"]


def test_a_query_that_fails_half_way_is_a_failure(package: ModuleType, start: Start) -> None:
    def handle_find(event: Any) -> Iterator[Any]:
        match = Dataset()
        match.PatientID = "1"
        yield 0xFF00, match
        raise ValueError("half way")

    port = start([FIND], (package.evt.EVT_C_FIND, handle_find))
    query = Dataset()
    query.PatientID = ""
    with associated(port, FIND) as peer:
        statuses = [status.Status for status, _ in peer.send_c_find(query, FIND)]
    assert statuses == [0xFF00, 0xC311]


# ---- retrieval ----


@pytest.fixture
def two(samples: Callable[[str], Path]) -> list[Path]:
    return [samples("CT_small.dcm"), samples("MR_small.dcm")]


def test_a_get_sends_what_the_handler_yields(
    package: ModuleType,
    start: Start,
    two: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(waiting))

    def handle_get(event: Any) -> Iterator[Any]:
        assert event.identifier.QueryRetrieveLevel == "STUDY"
        yield len(two)
        for path in two:
            yield 0xFF00, pydicom.dcmread(path)

    classes = [CTImageStorage, MRImageStorage, StudyRootQueryRetrieveInformationModelGet]
    port = start(classes, (package.evt.EVT_C_GET, handle_get))
    taken = tmp_path / "taken"
    taken.mkdir()
    run_client("getscu", *STUDY, "-od", taken, HOST, port)
    assert len(list(taken.iterdir())) == 2
    assert list(waiting.iterdir()) == []


def test_a_move_goes_where_the_handler_says(
    package: ModuleType, start: Start, two: list[Path], tmp_path: Path
) -> None:
    came: list[Any] = []

    def handle_store(event: Any) -> int:
        request = event.request
        came.append(
            (
                event.dataset.PatientID,
                request.MoveOriginatorApplicationEntityTitle is not None,
                request.MoveOriginatorMessageID,
            )
        )
        return 0

    target = start([CTImageStorage, MRImageStorage], (package.evt.EVT_C_STORE, handle_store))

    def handle_move(event: Any) -> Iterator[Any]:
        if event.move_destination != "TARGET":
            yield None, None
            return
        assert event.request.MoveDestination == "TARGET"
        yield HOST, target
        yield len(two)
        for path in two:
            yield 0xFF00, pydicom.dcmread(path)

    model = StudyRootQueryRetrieveInformationModelMove
    offered = [package.build_context(one) for one in (CTImageStorage, MRImageStorage)]
    handler = (package.evt.EVT_C_MOVE, handle_move)
    port = start([model], handler, requested_contexts=offered)
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    with associated(port, model) as peer:
        moved = [status for status, _ in peer.send_c_move(query, "TARGET", model, msg_id=77)]
        nowhere = [status.Status for status, _ in peer.send_c_move(query, "NOWHERE", model)]
    assert moved[-1].Status == 0
    assert moved[-1].NumberOfCompletedSuboperations == 2
    assert nowhere == [0xA801]
    assert came == [(pydicom.dcmread(path).PatientID, True, 77) for path in two]


@pytest.mark.parametrize(
    ("requested", "outcome"),
    [
        ([(CTImageStorage, None), (MRImageStorage, None)], (2, 0, 0x0000)),
        ([(CTImageStorage, None)], (1, 1, 0xB000)),
        ([(Verification, None), (CTImageStorage, "1.2.840.10008.1.2")], (1, 1, 0xB000)),
        ([(Verification, None)], (0, 2, 0xA702)),
    ],
)
def test_a_move_offers_what_is_requested(
    package: ModuleType,
    start: Start,
    two: list[Path],
    requested: list[tuple[str, str | None]],
    outcome: tuple[int, int, int],
) -> None:
    classes = [CTImageStorage, MRImageStorage, Verification]
    target = start(classes, (package.evt.EVT_C_STORE, lambda event: 0))

    def handle_move(event: Any) -> Iterator[Any]:
        yield HOST, target
        yield len(two)
        for path in two:
            yield 0xFF00, pydicom.dcmread(path)

    model = StudyRootQueryRetrieveInformationModelMove
    ae = package.AE()
    ae.add_supported_context(model)
    for one, syntax in requested:
        ae.add_requested_context(one, syntax)
    handlers = [(package.evt.EVT_C_MOVE, handle_move)]
    server = ae.start_server((HOST, 0), block=False, evt_handlers=handlers)
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    with associated(server.server_address[1], model) as peer:
        *_, (final, _) = peer.send_c_move(query, "TARGET", model)
    server.shutdown()
    server.server_close()
    completed, failed = final.NumberOfCompletedSuboperations, final.NumberOfFailedSuboperations
    assert (completed, failed, final.Status) == outcome


def test_requested_contexts_are_kept_as_by_pynetdicom(package: ModuleType) -> None:
    ae = package.AE()
    ae.add_requested_context(CTImageStorage, "1.2.840.10008.1.2")
    ae.requested_contexts = [package.build_context(CTImageStorage, ["1.2.840.10008.1.2.1"])]
    assert [(one.abstract_syntax, one.transfer_syntax) for one in ae.requested_contexts] == [
        (CTImageStorage, ["1.2.840.10008.1.2"]),
        (CTImageStorage, ["1.2.840.10008.1.2.1"]),
    ]
    ae.requested_contexts = []
    assert ae.requested_contexts == []


def test_a_get_that_fails_half_way_is_a_failure(
    package: ModuleType, start: Start, two: list[Path]
) -> None:
    def handle_get(event: Any) -> Iterator[Any]:
        yield 2
        raise ValueError("half way")

    model = StudyRootQueryRetrieveInformationModelGet
    port = start([model, CTImageStorage], (package.evt.EVT_C_GET, handle_get))
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    with associated(port, model) as peer:
        statuses = [status.Status for status, _ in peer.send_c_get(query, model)]
    assert statuses == [0xC411]
