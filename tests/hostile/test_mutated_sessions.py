"""Good sessions with something wrong in them: whatever it is, it is an error or still good."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, evt

from dcmtk_native import (
    Association,
    AssociationError,
    DcmtkError,
    DimseError,
    LimitExceededError,
    OperationTimeoutError,
    PresentationContext,
)
from support.hostile_peer import ECHO, EXPLICIT, FIND, GET
from support.receiving import receiving
from support.samples import CT_IMAGE, ct_image, dicom_file
from support.sessions import mutated, recording, replaying

ROUNDS = 1000
CONTEXTS = [
    PresentationContext(ECHO),
    PresentationContext(FIND, (EXPLICIT,)),
    PresentationContext(GET, (EXPLICIT,)),
    PresentationContext(CT_IMAGE, (EXPLICIT,), scp=True),
]
ALLOWED = (AssociationError, DimseError, LimitExceededError, OperationTimeoutError)
Use = Callable[[Association, Path], object]


def echo(peer: Association, _folder: Path) -> None:
    peer.echo(timeout_ms=2000).unwrap()


def find(peer: Association, _folder: Path) -> None:
    for match in peer.find({"PatientID": ""}, timeout_ms=2000).unwrap():
        assert repr(match)
        [match.get_string(tag) for tag in match]


def get(peer: Association, folder: Path) -> None:
    found = peer.get({"PatientID": "1"}, output_directory=folder, timeout_ms=2000).unwrap()
    for _ in found:
        pass
    assert all(Path(str(one.path)).parent == folder for one in found.received)


USES: dict[str, Use] = {"echo": echo, "find": find, "get": get}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real peer that answers all three."""
    path = tmp_path_factory.mktemp("archive") / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))

    def matches(_event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        for number in range(3):
            match = Dataset()
            match.PatientName = f"Doe^{number}"
            match.PatientID = str(number)
            match.QueryRetrieveLevel = "STUDY"
            yield 0xFF00, match

    def objects(_event: evt.Event) -> Iterator[Any]:
        yield 1
        yield 0xFF00, dcmread(path)

    entity = AE()
    entity.add_supported_context(ECHO)
    entity.add_supported_context(FIND)
    entity.add_supported_context(GET)
    entity.add_supported_context(CT_IMAGE, scu_role=True, scp_role=True)
    server = entity.start_server(
        ("127.0.0.1", 0),
        block=False,
        evt_handlers=[
            (evt.EVT_C_ECHO, lambda _event: 0),
            (evt.EVT_C_FIND, matches),
            (evt.EVT_C_GET, objects),
        ],
    )
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def used(port: int, use: Use, folder: Path) -> DcmtkError | None:
    opened = Association.open("127.0.0.1", port, contexts=CONTEXTS, timeout_ms=2000)
    if not opened.ok:
        return opened.error
    try:
        use(opened.value, folder)
        opened.value.release(timeout_ms=2000).unwrap()
    except DcmtkError as error:
        return error
    finally:
        opened.value.abort()
    return None


@pytest.mark.parametrize("name", USES)
def test_a_client_survives_a_session_with_errors(name: str, archive: int, tmp_path: Path) -> None:
    with recording(archive) as recorder:
        assert used(recorder.port, USES[name], tmp_path) is None
    said = bytes(recorder.to_client)
    assert len(said) > 200
    chance = random.Random(name)
    outcomes: list[DcmtkError | None] = []
    with replaying([said, *(mutated(said, chance) for _ in range(ROUNDS))]) as port:
        for _ in range(ROUNDS + 1):
            outcomes.append(used(port, USES[name], tmp_path))
    assert outcomes[0] is None
    failures = [error for error in outcomes if error is not None]
    assert len(failures) > ROUNDS / 4
    assert not [error for error in failures if not isinstance(error, ALLOWED)]


def test_a_server_survives_a_session_with_errors(tmp_path: Path) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))

    def stored(port: int) -> None:
        contexts = [ECHO, PresentationContext(CT_IMAGE, (EXPLICIT,))]
        with Association.open("127.0.0.1", port, contexts=contexts).unwrap() as peer:
            assert peer.echo().ok
            assert peer.store(path).unwrap().ok

    folder = tmp_path / "received"
    with receiving(folder, identity="exact", dimse_timeout_ms=5000) as receiver:
        with recording(receiver.port) as recorder:
            stored(recorder.port)
        chance = random.Random("server")
        for _ in range(ROUNDS):
            with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as connection:
                connection.sendall(mutated(bytes(recorder.to_server), chance))
                connection.shutdown(socket.SHUT_WR)
                try:
                    while connection.recv(65536):
                        pass
                except ConnectionError:
                    continue
        stored(receiver.port)
    assert all(one.parent == folder for one in folder.iterdir())
