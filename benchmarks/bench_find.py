"""C-FIND with 300 matches on an open association; peer: pynetdicom's client.

The server is another process that has its answer ready: what is measured is the clients.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE

from dcmtk_native import Association
from support.raw_scp import scripted
from support.samples import dataset

MATCHES = 300
STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"


def match(number: int) -> bytes:
    """A study, as archives answer."""
    return dataset(
        [
            (0x00080020, "DA", "20240101"),
            (0x00080030, "TM", "120000"),
            (0x00080050, "SH", f"A{number}"),
            (0x00080052, "CS", "STUDY"),
            (0x00080061, "CS", "CT\\SR"),
            (0x00081030, "LO", f"Study number {number}"),
            (0x00100010, "PN", f"Doe^John {number}"),
            (0x00100020, "LO", f"PATIENT-{number}"),
            (0x0020000D, "UI", f"1.2.826.0.1.3680043.8.498.{number}"),
            (0x00200010, "SH", f"{number}"),
            (0x00201206, "IS", "4"),
            (0x00201208, "IS", "1024"),
        ]
    )


def serve(told: Connection) -> None:
    """Tells its port, and serves until it is told to end."""
    response = {0x0002: STUDY_ROOT, 0x0100: 0x8020}
    script: list[tuple[dict[int, int | str], bytes | None]] = [
        (response | {0x0800: 0, 0x0900: 0xFF00}, match(number)) for number in range(MATCHES)
    ]
    script.append((response | {0x0800: 0x0101, 0x0900: 0}, None))
    with scripted(*script) as scp:
        told.send(scp.port)
        told.recv()


@pytest.fixture
def port() -> Iterator[int]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    process.start()
    yield here.recv()
    here.send("end")
    process.join(60)
    assert process.exitcode == 0


def ours(port: int) -> Iterator[Callable[[], int]]:
    with Association.open("127.0.0.1", port, contexts=[STUDY_ROOT]).unwrap() as peer:

        def find() -> int:
            return sum(1 for _ in peer.find(["PatientID"]).unwrap())

        yield find


def pynetdicoms(port: int) -> Iterator[Callable[[], int]]:
    ae = AE("BENCH")
    ae.add_requested_context(STUDY_ROOT, [EXPLICIT])
    peer = ae.associate("127.0.0.1", port)
    assert peer.is_established
    asked = Dataset()
    asked.QueryRetrieveLevel = "STUDY"
    asked.PatientID = ""

    def find() -> int:
        return sum(1 for _, one in peer.send_c_find(asked, STUDY_ROOT) if one is not None)

    yield find
    peer.release()


@pytest.mark.benchmark(group="C-FIND, 300 matches")
@pytest.mark.parametrize(
    ("who", "client"),
    [("dcmtk_native", ours), ("pynetdicom", pynetdicoms)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def bench_find(benchmark: Any, port: int, who: str, client: Any) -> None:
    benchmark.extra_info["who"] = who
    session = client(port)
    find = next(session)
    assert benchmark(find) == MATCHES
    assert next(session, None) is None
