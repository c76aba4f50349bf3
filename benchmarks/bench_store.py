"""500 CT images to a peer, and C-ECHO; the others are DCMTK's programs and pynetdicom."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage, Verification

from data import make_images
from dcmtk_native import Association, dcmsend, echoscu, storescu
from servers import DCMRECV, serving
from support.orthanc import running_orthanc
from support.peers import program_of_dcmtk, running

FILES = 500
FEW = 25
"""For senders that take 45 ms a message; their time is scaled."""
ROUNDS = 3
ECHOES = 1000
PROCESSES = 20
HOST = "127.0.0.1"
LONG = 600_000


def clear_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@dataclass(frozen=True)
class Receiver:
    name: str
    port: int
    pid: int
    clear: Callable[[], object]

    def processor_seconds(self) -> float:
        """That its process has taken so far."""
        times = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_images(tmp_path_factory.mktemp("images"), FILES)


@pytest.fixture(scope="session")
def public_images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """With a header of usual length: less for a receiver to take apart."""
    return make_images(tmp_path_factory.mktemp("public"), FILES, private=False)


STORESCP = {
    "storescp": (),
    "storescp +B": ("+B",),
    "storescp --ignore": ("--ignore",),
}
"""How it stores what it takes; the last only receives, and so tells what the senders can do."""


ORTHANC: dict[str, dict[str, Any]] = {
    "Orthanc": {},
    "Orthanc without MD5": {"StoreMD5ForAttachments": False},
}


def receivers() -> list[str]:
    """Those of DCMTK as shipped, too: each waits for acknowledgements of what it has sent."""
    fast = [f"{name}, TCP_NODELAY=1" for name in STORESCP]
    return ["Dcmrecv", *fast, *STORESCP, "Orthanc"]


@pytest.fixture
def receiver(request: pytest.FixtureRequest, memory_folder: Path) -> Iterator[Receiver]:
    folder = memory_folder
    if request.param in ORTHANC:
        with running_orthanc(folder, **ORTHANC[request.param]) as orthanc:
            yield Receiver(request.param, orthanc.port, orthanc.pid, orthanc.clear)
        return
    received = folder / "received"
    received.mkdir()
    if request.param == "Dcmrecv":
        with serving(DCMRECV, received) as server:
            yield Receiver(request.param, server.port, server.pid, lambda: clear_folder(received))
        return

    name, _, is_fast = request.param.partition(", ")
    options = [*STORESCP[name], "-od", received]
    with running(folder, "storescp", *options, nodelay=bool(is_fast)) as program:
        pid = program.process.pid
        yield Receiver(request.param, program.port, pid, lambda: clear_folder(received))


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


class Timing(NamedTuple):
    seconds: float
    of_receiver: float
    """Processor time."""


def best(receiver: Receiver, work: Callable[[], object], rounds: int = ROUNDS) -> Timing:
    times = []
    for _ in range(rounds):
        receiver.clear()
        before = receiver.processor_seconds()
        taken = seconds(work)
        times.append(Timing(taken, receiver.processor_seconds() - before))
    return min(times)


def with_pynetdicom(port: int, files: list[Path]) -> None:
    entity = AE()
    entity.add_requested_context(CTImageStorage, "1.2.840.10008.1.2.1")
    association = entity.associate(HOST, port)
    assert association.is_established
    for file in files:
        assert association.send_c_store(str(file)).Status == 0
    association.release()


def with_program(name: str, port: int, files: list[Path], *, nodelay: bool) -> None:
    environment = {**os.environ, "TCP_NODELAY": "1"} if nodelay else dict(os.environ)
    command = [program_of_dcmtk(name), HOST, str(port), *map(str, files)]
    subprocess.run(command, env=environment, capture_output=True, check=True)


def program_seconds(receiver: Receiver, name: str, files: list[Path], *, nodelay: bool) -> float:
    """For all files, without the start of the process and what else one file costs as much."""
    some = files if nodelay else files[:FEW]
    one = best(receiver, lambda: with_program(name, receiver.port, files[:1], nodelay=nodelay))
    rounds = ROUNDS if nodelay else 1
    every = best(receiver, lambda: with_program(name, receiver.port, some, nodelay=nodelay), rounds)
    return (every.seconds - one.seconds) * len(files) / (len(some) - 1)


def compare(receiver: Receiver, images: list[Path], what: str) -> list[str]:
    port = receiver.port

    def ours(tool: Any, **options: Any) -> Timing:
        def send() -> None:
            result = tool(host=HOST, port=port, files=images, timeout_ms=LONG, **options).unwrap()
            assert result.success
            assert len(result.outcomes) == FILES

        return best(receiver, send)

    own = ours(storescu)
    times = {
        "storescu of dcmtk_native": own.seconds,
        "dcmsend of dcmtk_native": ours(dcmsend).seconds,
        "storescu of dcmtk_native, 2 associations": ours(storescu, associations=2).seconds,
        "pynetdicom": best(receiver, lambda: with_pynetdicom(port, images), 1).seconds,
    }
    for name in ("storescu", "dcmsend"):
        for nodelay in (True, False):
            how = ", TCP_NODELAY=1" if nodelay else ""
            times[f"{name} of DCMTK{how}"] = program_seconds(
                receiver, name, images, nodelay=nodelay
            )
    to = f"{FILES} {what} to {receiver.name}"
    return [
        f"{to}: {own.of_receiver * 1000:.0f} ms of its own processor time",
        *(
            f"{to}: {who} {time_ * 1000:.0f} ms, {time_ / own.seconds:.2f}"
            for who, time_ in times.items()
        ),
    ]


@pytest.mark.parametrize("receiver", receivers(), indirect=True)
def bench_store(receiver: Receiver, images: list[Path], findings: list[str]) -> None:
    findings += compare(receiver, images, "CT")


@pytest.mark.parametrize("receiver", ["Dcmrecv", *ORTHANC], indirect=True)
def bench_store_without_private_elements(
    receiver: Receiver, public_images: list[Path], findings: list[str]
) -> None:
    findings += compare(receiver, public_images, "CT without private elements")


@pytest.fixture(scope="module", params=["storescp", "Dcmrecv"])
def echo_port(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("echo")
    if request.param == "Dcmrecv":
        with serving(DCMRECV, folder) as server:
            yield server.port
    else:
        with running(folder, "storescp") as program:
            yield program.port


def pynetdicoms_echoes(association: Any) -> float:
    """Seconds for all; now and then it misses an answer, and waits until its timeout."""
    times: list[float] = []
    for _ in range(ECHOES):
        begin = time.perf_counter()
        if "Status" not in association.send_c_echo():
            break
        times.append(time.perf_counter() - begin)
    association.release()
    return sum(times) * ECHOES / len(times)


def bench_echoes_on_one_association(
    echo_port: int, findings: list[str], request: pytest.FixtureRequest
) -> None:
    with Association.open(HOST, echo_port).unwrap() as peer:

        def ours() -> None:
            for _ in range(ECHOES):
                assert peer.echo().unwrap().status == 0

        own = min(seconds(ours) for _ in range(3))
    by_tool = seconds(lambda: echoscu(host=HOST, port=echo_port, repeat=ECHOES).unwrap())
    entity = AE()
    entity.add_requested_context(Verification)
    association = entity.associate(HOST, echo_port)

    peers = pynetdicoms_echoes(association)
    findings.append(
        f"{ECHOES} C-ECHO on one association ({request.node.name}): {own * 1000:.0f} ms,"
        f" echoscu(repeat=) {by_tool * 1000:.0f} ms, pynetdicom {peers * 1000:.0f} ms,"
        f" {peers / own:.1f}"
    )


def bench_associations_with_one_echo(echo_port: int, findings: list[str]) -> None:
    def ours() -> None:
        for _ in range(ECHOES):
            echoscu(host=HOST, port=echo_port).unwrap()

    own = min(seconds(ours) for _ in range(3))
    program = program_of_dcmtk("echoscu")

    def theirs() -> None:
        for _ in range(PROCESSES):
            subprocess.run([program, HOST, str(echo_port)], check=True)

    peers = seconds(theirs) * ECHOES / PROCESSES
    findings.append(
        f"{ECHOES} associations with one C-ECHO each: {own * 1000:.0f} ms, echoscu processes"
        f" {peers * 1000:.0f} ms, {peers / own:.0f}"
    )
