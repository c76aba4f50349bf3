"""Servers in processes of their own, as they are timed: each notes what it has stored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

__all__ = ["DCMRECV", "DICOM_SERVER", "PYNETDICOM", "Serving", "serving"]

DCMRECV = """
import sys
from dcmtk_native import Dcmrecv
stored = []
server = Dcmrecv.create(port=0, output_directory=sys.argv[1], max_associations=100).unwrap()
server.on_event("STORED_FILE", lambda data: stored.append(data.filename))
with server:
    server.start().unwrap()
    print(server.port, flush=True)
    sys.stdin.readline()
"""

DICOM_SERVER = """
import sys
from dcmtk_native import DicomServer
stored = []
server = DicomServer.create(
    port=0,
    output_directory=sys.argv[1],
    max_associations=100,
    on_store=lambda request: stored.append(request.path),
).unwrap()
with server:
    server.start().unwrap()
    print(server.port, flush=True)
    sys.stdin.readline()
"""

PYNETDICOM = """
import sys
from pathlib import Path
from pynetdicom import AE, evt
from pynetdicom.sop_class import CTImageStorage
folder, stored = Path(sys.argv[1]), []
def store(event):
    path = folder / event.request.AffectedSOPInstanceUID
    with path.open("wb") as file:
        file.write(event.encoded_dataset())
    stored.append(path)
    return 0
entity = AE()
entity.maximum_associations = 100
entity.add_supported_context(CTImageStorage, "1.2.840.10008.1.2.1")
server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
print(server.socket.getsockname()[1], flush=True)
sys.stdin.readline()
server.shutdown()
"""


@dataclass(frozen=True)
class Serving:
    """A server that runs.

    Attributes:
        port: where it listens.
        pid: of its process.
    """

    port: int
    pid: int

    def resident_mb(self) -> float:
        """Of its process, as the system counts it."""
        return self._memory("VmRSS")

    def peak_mb(self) -> float:
        """The most that it has been."""
        return self._memory("VmHWM")

    def threads(self) -> int:
        """Of its process."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def descriptors(self) -> int:
        """Open ones of its process."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) / 1024


@contextmanager
def serving(script: str, folder: Path) -> Iterator[Serving]:
    """The server of one of these scripts, until the block ends."""
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        yield Serving(int(process.stdout.readline()), process.pid)
        process.communicate("\n", timeout=120)
