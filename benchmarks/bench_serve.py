"""500 CT images to servers that store them: ours, pynetdicom's, DCMTK's storescp."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest

from data import make_images
from dcmtk_native import storescu
from support.peers import running

FILES = 500
SENDERS = (1, 4, 16, 64)
ROUNDS = 3
HOST = "127.0.0.1"
LONG = 600_000

OURS = """
import sys
from dcmtk_native import Dcmrecv
stored = []
server = Dcmrecv.create(port=0, output_directory=sys.argv[1], max_associations=100).unwrap()
server.on_event("STORED_FILE", lambda data: stored.append(data.filename))
with server:
    server.start().unwrap()
    print(server.port, flush=True)
    sys.stdin.readline()
print(len(stored))
"""

HANDLER = """
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
print(len(stored))
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
print(len(stored))
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_images(tmp_path_factory.mktemp("images"), FILES)


@contextmanager
def serving(script: str, folder: Path) -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate("\n", timeout=120)


@contextmanager
def storescp(folder: Path) -> Iterator[int]:
    with running(folder.parent, "storescp", "+B", "--fork", "-od", folder, nodelay=True) as program:
        yield program.port


SERVERS: dict[str, Callable[[Path], object]] = {
    "Dcmrecv, a listener": lambda folder: serving(OURS, folder),
    "DicomServer, a handler": lambda folder: serving(HANDLER, folder),
    "storescp --fork, TCP_NODELAY=1": storescp,
    "pynetdicom": lambda folder: serving(PYNETDICOM, folder),
}


def send(port: int, files: list[Path]) -> None:
    result = storescu(host=HOST, port=port, files=files, timeout_ms=LONG).unwrap()
    assert result.success


def seconds(port: int, images: list[Path], senders: int) -> float:
    """Until every sender has got rid of its share."""
    shares = [images[sender::senders] for sender in range(senders)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(senders) as pool:
        list(pool.map(lambda share: send(port, share), shares))
    return time.perf_counter() - begin


@pytest.mark.parametrize("senders", SENDERS)
def bench_serve(senders: int, images: list[Path], tmp_path: Path, findings: list[str]) -> None:
    times = {}
    for who, start in SERVERS.items():
        folder = tmp_path / "received"
        folder.mkdir()
        with start(folder) as port:
            rounds = 1 if who == "pynetdicom" else ROUNDS
            times[who] = min(seconds(port, images, senders) for _ in range(rounds))
        shutil.rmtree(folder)
    own = next(iter(times.values()))
    for who, time_ in times.items():
        rate = FILES / time_
        findings.append(
            f"{FILES} CT from {senders} senders to {who}: {time_ * 1000:.0f} ms,"
            f" {rate:.0f}/s, {time_ / own:.2f}"
        )
