"""500 CT images to servers that store them: ours, pynetdicom's, DCMTK's storescp."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from data import make_images
from dcmtk_native import storescu
from servers import DCMRECV, DICOM_SERVER, PYNETDICOM, serving
from support.peers import running

FILES = 500
SENDERS = (1, 4, 16, 64)
ROUNDS = 3
PAIRS = 10
HOST = "127.0.0.1"
LONG = 600_000


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_images(tmp_path_factory.mktemp("images"), FILES)


@contextmanager
def storescp(folder: Path, *options: str) -> Iterator[int]:
    with running(folder.parent, "storescp", *options, "-od", folder, nodelay=True) as program:
        yield program.port


@contextmanager
def ports(script: str, folder: Path) -> Iterator[int]:
    with serving(script, folder) as server:
        yield server.port


SERVERS: dict[str, Callable[[Path], object]] = {
    "Dcmrecv, a listener": lambda folder: ports(DCMRECV, folder),
    "DicomServer, a handler": lambda folder: ports(DICOM_SERVER, folder),
    "storescp, TCP_NODELAY=1": storescp,
    "storescp --fork +B, TCP_NODELAY=1": lambda folder: storescp(folder, "--fork", "+B"),
    "pynetdicom": lambda folder: ports(PYNETDICOM, folder),
}


def send(port: int, files: list[Path]) -> None:
    result = storescu(host=HOST, port=port, files=files, timeout_ms=LONG).unwrap()
    assert result.success


def seconds(port: int, folder: Path, images: list[Path], senders: int) -> float:
    """Until every sender has got rid of its share; nothing is there to be overwritten."""
    for path in folder.iterdir():
        path.unlink()
    shares = [images[sender::senders] for sender in range(senders)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(senders) as pool:
        list(pool.map(lambda share: send(port, share), shares))
    return time.perf_counter() - begin


@pytest.mark.parametrize("senders", SENDERS)
def bench_serve(senders: int, images: list[Path], memory_folder: Path, findings: list[str]) -> None:
    times = {}
    for who, start in SERVERS.items():
        folder = memory_folder / "received"
        folder.mkdir()
        with start(folder) as port:
            rounds = 1 if who == "pynetdicom" else ROUNDS
            times[who] = min(seconds(port, folder, images, senders) for _ in range(rounds))
        shutil.rmtree(folder)
    own = next(iter(times.values()))
    for who, time_ in times.items():
        rate = FILES / time_
        findings.append(
            f"{FILES} CT from {senders} senders to {who}: {time_ * 1000:.0f} ms,"
            f" {rate:.0f}/s, {time_ / own:.2f}"
        )


def bench_many_senders_and_one(
    images: list[Path], memory_folder: Path, findings: list[str]
) -> None:
    """In turn, for the machine is not the same from one minute to the next."""
    times: dict[int, list[float]] = {1: [], 16: []}
    folder = memory_folder / "received"
    folder.mkdir()
    with ports(DCMRECV, folder) as port:
        for _ in range(PAIRS):
            for senders, found in times.items():
                found.append(seconds(port, folder, images, senders))
    ratio = median(one / many for one, many in zip(*times.values(), strict=True))
    rates = ", ".join(f"{FILES / median(found):.0f}/s from {n}" for n, found in times.items())
    findings.append(
        f"{FILES} CT to Dcmrecv, a listener, {PAIRS} paired rounds: {rates}, {ratio:.2f}"
    )
