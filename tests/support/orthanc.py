"""Orthanc as a peer on loopback, and what its REST API says."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.peers import environment_of_others, free_port

__all__ = ["Orthanc", "running_orthanc"]

_READY_WITHIN = 30.0
_CLIENTS = ("DCMTK_NATIVE", "FINDSCU", "GETSCU", "MOVESCU", "STORESCU")
"""It answers queries only of whom it knows."""


@dataclass(frozen=True)
class Orthanc:
    """A running one.

    Attributes:
        port: for DICOM, on 127.0.0.1.
        http_port: for REST, on 127.0.0.1.
        log: what it has printed.
        pid: of its process.
    """

    port: int
    http_port: int
    log: Path
    pid: int

    def get(self, path: str) -> Any:
        """What `GET` of a path answers: from JSON, or bytes."""
        return self._ask(urllib.request.Request(self._url(path)))

    def post(self, path: str, body: Any) -> Any:
        """What `POST` of a path answers."""
        return self._send("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """What `PUT` of a path answers."""
        return self._send("PUT", path, body)

    def clear(self) -> None:
        """Nothing: it has no patient any more."""
        for patient in self.get("/patients"):
            self._ask(urllib.request.Request(self._url(f"/patients/{patient}"), method="DELETE"))

    def instances(self) -> dict[str, str]:
        """Its own identifiers by SOP Instance UID."""
        found = self.get("/instances?expand")
        return {one["MainDicomTags"]["SOPInstanceUID"]: one["ID"] for one in found}

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            self.get("/system")
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def _send(self, method: str, path: str, body: Any) -> Any:
        data = json.dumps(body).encode()
        return self._ask(urllib.request.Request(self._url(path), data, method=method))

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.http_port}{path}"

    @staticmethod
    def _ask(request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
            if answer.headers.get_content_type() == "application/json":
                return json.loads(content)
            return content


@contextmanager
def running_orthanc(
    folder: Path, *, destinations: Mapping[str, int] | None = None, **more: Any
) -> Iterator[Orthanc]:
    """Orthanc with an empty store below a folder, until the block ends.

    Args:
        folder: for its files and its log.
        destinations: ports on loopback that it may send to, by AE title.
        more: of its configuration.
    """
    program = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
    assert program is not None, "orthanc is not installed"
    port, http_port, log = free_port(), free_port(), folder / "orthanc.log"
    ports = {**dict.fromkeys(_CLIENTS, 1), **(destinations or {})}
    settings = {
        "Name": "Test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "storage"),
        "HttpPort": http_port,
        "DicomPort": port,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "OverwriteInstances": True,
        "DicomCheckModalityHost": False,
        "DicomModalities": {
            title.lower(): [title, "127.0.0.1", port] for title, port in ports.items()
        },
        "Plugins": [],
        **more,
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, str(folder / "orthanc.json")],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment_of_others(),
        )
        orthanc = Orthanc(port, http_port, log, process.pid)
        try:
            end = time.monotonic() + _READY_WITHIN
            while not orthanc.is_ready():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, "Orthanc does not answer"
                time.sleep(0.05)
            yield orthanc
        finally:
            process.terminate()
            process.wait(30)
