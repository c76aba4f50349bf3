"""Orthanc asks a DicomServer what it has, and has it sent over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import DicomDataset, DicomServer, FindRequest, MoveRequest, TlsConfig
from support.archives import ROOT, instance
from support.orthanc import Orthanc, running_orthanc
from support.sendable import data_set_of, digest
from support.serving import Serve
from support.tls_peers import CA, CLIENT, SERVER

HOST = "127.0.0.1"
PLACES = [("P1", 1, 1, 1), ("P1", 1, 1, 2), ("P1", 1, 2, 1), ("P2", 2, 1, 1)]
"""Patient, study, series and number of each object."""

KEYS = {
    "STUDY": ["PatientID", "PatientName", "StudyInstanceUID", "StudyDescription"],
    "SERIES": ["StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber"],
}
"""What is told of a match."""

TAGS = {
    "PatientID": "00100020",
    "PatientName": "00100010",
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018",
    "StudyDescription": "00081030",
    "Modality": "00080060",
    "SeriesNumber": "00200011",
}


class Archive:
    """Objects on the disk, by what they are asked for.

    Attributes:
        digests: SHA-256 of the data set of each object, by SOP Instance UID.
        asked: the requests that came.
    """

    def __init__(self, folder: Path) -> None:
        self.digests: dict[str, str] = {}
        self.asked: list[FindRequest | MoveRequest] = []
        self._objects: list[tuple[Path, DicomDataset]] = []
        for number, place in enumerate(PLACES):
            content = instance(*place)
            path = folder / f"{number}.dcm"
            path.write_bytes(content)
            dataset = DicomDataset.read(content).unwrap()
            self.digests[dataset.sop_instance_uid] = digest(data_set_of(content))
            self._objects.append((path, dataset))

    def find(self, request: FindRequest) -> Iterator[Any]:
        """Each study or series once."""
        self.asked.append(request)
        told = []
        for _, dataset in self._matching(request.identifier):
            match = {key: dataset.get_string(TAGS[key]) for key in KEYS[request.level]}
            if match not in told:
                told.append(match)
                yield match

    def move(self, request: MoveRequest) -> Iterator[Any]:
        """The objects, by their paths."""
        self.asked.append(request)
        found = [path for path, _ in self._matching(request.identifier)]
        yield len(found)
        yield from found

    def _matching(self, identifier: DicomDataset) -> Iterator[tuple[Path, DicomDataset]]:
        wanted = {
            tag: value
            for tag in TAGS.values()
            if (value := identifier.get_string(tag)) not in ("", "*")
        }
        for path, dataset in self._objects:
            if all(dataset.get_string(tag) == value for tag, value in wanted.items()):
                yield path, dataset


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    folder = tmp_path / "archive"
    folder.mkdir()
    return Archive(folder)


def tls_of_orthanc(folder: Path) -> dict[str, Any]:
    """Its configuration as a client that shows a certificate, and wants to see one."""
    key, certificate = CLIENT.files(folder)
    return {
        "DicomTlsPrivateKey": str(key),
        "DicomTlsCertificate": str(certificate),
        "DicomTlsTrustedCertificates": str(CA.file(folder)),
    }


@contextmanager
def asking(
    archive: Archive, serve: Serve, folder: Path, *, secured: bool
) -> Iterator[tuple[Orthanc, DicomServer]]:
    """Orthanc, to which our server has been introduced as `ours`; it sends to ORTHANC."""
    place = folder / "orthanc"
    place.mkdir()
    own = TlsConfig(private_key=SERVER.key_as(), certificate=SERVER.pem, ca_files=CA.pem)
    with running_orthanc(place, **(tls_of_orthanc(place) if secured else {})) as orthanc:
        server = serve(
            ae_title="OURS",
            require_called_ae_title=True,
            on_find=archive.find,
            on_move=archive.move,
            destinations={"ORTHANC": (HOST, orthanc.port)},
            tls=own if secured else None,
        )
        orthanc.put(
            "/modalities/ours",
            {"AET": "OURS", "Host": HOST, "Port": server.port, "UseDicomTls": secured},
        )
        yield orthanc, server


def queried(orthanc: Orthanc, level: str, **query: str) -> tuple[str, list[dict[str, str]]]:
    """The path of a query, and its answers."""
    path = orthanc.post("/modalities/ours/query", {"Level": level, "Query": query})["Path"]
    answers = [
        orthanc.get(f"{path}/answers/{number}/content?simplify")
        for number in orthanc.get(f"{path}/answers")
    ]
    return path, answers


def retrieved(orthanc: Orthanc, what: str) -> dict[str, str]:
    """What Orthanc has, by SOP Instance UID, when it was sent what it asked for."""
    orthanc.post(f"{what}/retrieve", {"TargetAet": "ORTHANC", "Synchronous": True})
    return {
        uid: digest(data_set_of(orthanc.get(f"/instances/{number}/file")))
        for uid, number in orthanc.instances().items()
    }


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "TLS"])
def test_orthanc_finds_and_fetches(
    secured: bool, archive: Archive, serve: Serve, tmp_path: Path
) -> None:
    with asking(archive, serve, tmp_path, secured=secured) as (orthanc, server):
        orthanc.post("/modalities/ours/echo", {})
        path, studies = queried(orthanc, "Study", PatientID="*")
        assert [one["StudyInstanceUID"] for one in studies] == [f"{ROOT}.1", f"{ROOT}.2"]
        assert [one["PatientName"] for one in studies] == ["Doe^P1", "Doe^P2"]
        assert retrieved(orthanc, path) == archive.digests
        assert server.metrics()["echoes"] == 1
    caller = archive.asked[-1].peer
    assert caller.calling_ae_title == "ORTHANC"
    assert ("client" in caller.certificate_subject) is secured


def test_orthanc_asks_for_series_and_gets_no_more_than_it_asked_for(
    archive: Archive, serve: Serve, tmp_path: Path
) -> None:
    with asking(archive, serve, tmp_path, secured=False) as (orthanc, _):
        path, series = queried(orthanc, "Series", StudyInstanceUID=f"{ROOT}.1")
        assert [one["SeriesInstanceUID"] for one in series] == [f"{ROOT}.1.1", f"{ROOT}.1.2"]
        assert {one["Modality"] for one in series} == {"CT"}
        wanted = {uid: one for uid, one in archive.digests.items() if uid.startswith(f"{ROOT}.1.2")}
        assert retrieved(orthanc, f"{path}/answers/1") == wanted
        _, nothing = queried(orthanc, "Study", PatientID="P3")
        assert nothing == []
    assert [type(one) for one in archive.asked] == [FindRequest, MoveRequest, FindRequest]
