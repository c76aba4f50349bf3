"""Peers that say nothing, or next to nothing, and crowds: others are served all the same."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Dcmrecv, DicomServer, echoscu, storescu
from support.raw_scu import associate_request
from support.serving import Log
from support.shipped import FILES

HOST = "127.0.0.1"
CT = next(path for path in FILES.values() if path.name == "CT_small.dcm")
FLOOD = 2000
VERIFICATION = "1.2.840.10008.1.1"
Kind = Callable[..., Any]


def dcmrecv(folder: Path, **options: Any) -> Dcmrecv:
    return Dcmrecv.create(port=0, bind_address=HOST, output_directory=folder, **options).unwrap()


def dicom_server(folder: Path, **options: Any) -> DicomServer:
    return DicomServer.create(
        port=0, bind_address=HOST, output_directory=folder, on_store=lambda _: None, **options
    ).unwrap()


@pytest.fixture(params=[dcmrecv, dicom_server])
def kind(request: pytest.FixtureRequest) -> Kind:
    made: Kind = request.param
    return made


@pytest.fixture
def server(kind: Kind, tmp_path: Path) -> Iterator[Any]:
    with kind(tmp_path) as made:
        made.start().unwrap()
        yield made


def silent(stack: ExitStack, port: int) -> socket.socket:
    return stack.enter_context(socket.create_connection((HOST, port)))


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def settles_at(most: int, count: Callable[[], int]) -> bool:
    """Whether it comes down to that: ends of threads and connections take a moment."""
    for _ in range(200):
        if count() <= most:
            return True
        time.sleep(0.02)
    return False


def good_peers(port: int, count: int) -> None:
    for _ in range(count):
        assert echoscu(host=HOST, port=port).ok


@pytest.mark.parametrize("crowd", [1, 100])
def test_silent_peers_do_not_keep_others_out(server: Any, crowd: int) -> None:
    with ExitStack() as stack:
        for _ in range(crowd):
            silent(stack, server.port)
        good_peers(server.port, 50)
        assert storescu(host=HOST, port=server.port, files=[CT]).ok
    assert server.metrics()["associations_accepted"] == 51


def test_a_peer_that_drips_its_request_keeps_nobody_out(server: Any) -> None:
    request = bytes.fromhex("0100000000c8") + bytes(200)
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        for byte in request:
            if stop.wait(0.05):
                return
            connection.sendall(bytes([byte]))

    with ExitStack() as stack:
        dripping = threading.Thread(target=drip, args=[silent(stack, server.port)])
        dripping.start()
        good_peers(server.port, 50)
        stop.set()
        dripping.join()


def test_a_flood_of_connections_passes(server: Any) -> None:
    before = threads(), descriptors()
    with ExitStack() as stack:
        for _ in range(FLOOD // 4):
            silent(stack, server.port)
        good_peers(server.port, 20)
    for _ in range(FLOOD - FLOOD // 4):
        reset(socket.create_connection((HOST, server.port)))
    good_peers(server.port, 20)
    assert settles_at(before[0] + 2, threads)
    assert settles_at(before[1] + 2, descriptors)


FLOODING = """
import socket, sys
held = []
print(flush=True)
while True:
    held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
    held[-1].send(bytes.fromhex(sys.argv[2]))
    held = held[-1000:]
"""


@pytest.mark.parametrize(
    "word",
    ["", "01", "0100000000ff0001", "010000ffffff" + 100 * "00", "16", "1603010200"],
    ids=[
        "silent",
        "a byte",
        "half a request",
        "some of a long one",
        "a byte of TLS",
        "some of TLS",
    ],
)
def test_a_flood_that_does_not_end_makes_no_threads_and_keeps_nobody_out(
    word: str, server: Any
) -> None:
    others = threads()
    most = served = 0
    with subprocess.Popen(
        [sys.executable, "-c", FLOODING, str(server.port), word], stdout=subprocess.PIPE
    ) as flood:
        assert flood.stdout is not None
        flood.stdout.readline()
        for _ in range(300):
            served += echoscu(host=HOST, port=server.port).ok
            most = max(most, threads() - others)
        flood.kill()
    assert most < 20
    assert served > 290


def test_more_associations_than_allowed_are_rejected_for_now(kind: Kind, tmp_path: Path) -> None:
    from pynetdicom import AE
    from pynetdicom.sop_class import Verification

    with kind(tmp_path, max_associations=2) as made:
        made.start().unwrap()
        ae = AE()
        ae.add_requested_context(Verification)
        held = [ae.associate(HOST, made.port) for _ in range(2)]
        refused = echoscu(host=HOST, port=made.port)
        assert not refused.ok
        assert (refused.error.result, refused.error.source, refused.error.reason) == (2, 3, 2)
        for association in held:
            association.release()
        assert settles_at(0, lambda: made.metrics()["associations_open"])
        assert echoscu(host=HOST, port=made.port).ok


def test_half_sent_objects_leave_nothing_behind(server: Any, tmp_path: Path) -> None:
    from pynetdicom import AE
    from pynetdicom.sop_class import CTImageStorage

    log = Log(server)
    ae = AE()
    ae.add_requested_context(CTImageStorage)
    for _ in range(20):
        association = ae.associate(HOST, server.port)
        connection = association.dul.socket.socket
        # A P-DATA with the whole command of a C-STORE, and the beginning of its data set.
        command = store_command()
        connection.sendall(pdata(1, 3, command) + pdata(1, 0, bytes(1000)))
        reset(connection)
    log.wait_for("ASSOCIATION_ABORTED", 20)
    assert list(tmp_path.iterdir()) == []
    good_peers(server.port, 1)


def element(number: int, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHI", 0, number, len(value)) + value


def store_command() -> bytes:
    elements = b"".join(
        [
            element(0x0002, b"1.2.840.10008.5.1.4.1.1.2"),
            element(0x0100, struct.pack("<H", 1)),
            element(0x0110, struct.pack("<H", 1)),
            element(0x0700, struct.pack("<H", 0)),
            element(0x0800, struct.pack("<H", 1)),
            element(0x1000, b"1.2.3.4"),
        ]
    )
    return element(0x0000, struct.pack("<I", len(elements))) + elements


def pdata(context: int, header: int, value: bytes) -> bytes:
    item = struct.pack(">IBB", len(value) + 2, context, header) + value
    return struct.pack(">BBI", 4, 0, len(item)) + item


@pytest.mark.parametrize("kind_", [dcmrecv, dicom_server])
def test_starting_and_stopping_leaves_nothing(kind_: Kind, tmp_path: Path) -> None:
    for _ in range(5):
        with kind_(tmp_path) as made:
            made.start().unwrap()
    before = threads(), descriptors()
    for _ in range(100):
        with kind_(tmp_path) as made:
            made.start().unwrap()
            good_peers(made.port, 1)
    assert settles_at(before[0], threads)
    assert settles_at(before[1], descriptors)


def test_a_request_that_comes_in_pieces_is_answered(server: Any) -> None:
    whole = associate_request(VERIFICATION)
    for size in (1, 3, 6, 50):
        with socket.create_connection((HOST, server.port), timeout=20) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for begin in range(0, len(whole), size):
                peer.sendall(whole[begin : begin + size])
            assert peer.recv(1) == b"\x02"


def test_who_hangs_up_in_the_middle_of_a_request_is_gone(server: Any) -> None:
    before = descriptors()
    for end in (0, 1, 5, 6, 60):
        with socket.create_connection((HOST, server.port)) as peer:
            peer.sendall(associate_request(VERIFICATION)[:end])
            peer.shutdown(socket.SHUT_WR)
            assert peer.recv(1) in (b"", b"\x07")
    assert settles_at(before + 2, descriptors)
    good_peers(server.port, 1)
