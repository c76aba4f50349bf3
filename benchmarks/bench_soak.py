"""20,000 associations, half of them reset, and 20,000 stores: what a server holds then."""

from __future__ import annotations

import shutil
import socket
import struct
import time
from pathlib import Path

import pytest

from data import make_images
from dcmtk_native import echoscu, storescu
from servers import DCMRECV, DICOM_SERVER, Serving, serving

ASSOCIATIONS = 20_000
STORES = 20_000
STEPS = 5
HOST = "127.0.0.1"
SCRIPTS = {"Dcmrecv": DCMRECV, "DicomServer": DICOM_SERVER}
REQUEST = bytes.fromhex("0100000000c8") + bytes(200)


def reset_in_the_middle(port: int) -> None:
    connection = socket.create_connection((HOST, port))
    connection.sendall(REQUEST)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def held(server: Serving) -> str:
    time.sleep(1)  # what has ended is looked for now and then
    return (
        f"{server.resident_mb():.0f} MB, {server.threads()} threads,"
        f" {server.descriptors()} descriptors"
    )


@pytest.mark.parametrize("who", SCRIPTS)
def bench_associations(who: str, tmp_path: Path, findings: list[str]) -> None:
    with serving(SCRIPTS[who], tmp_path) as server:
        states = [held(server)]
        for _ in range(STEPS):
            for _ in range(ASSOCIATIONS // STEPS // 2):
                echoscu(host=HOST, port=server.port).unwrap()
                reset_in_the_middle(server.port)
            states.append(held(server))
    findings.append(f"{who}, {ASSOCIATIONS} associations, half of them reset: {' | '.join(states)}")


@pytest.mark.parametrize("who", SCRIPTS)
def bench_stores(who: str, tmp_path: Path, findings: list[str]) -> None:
    (tmp_path / "images").mkdir()
    images = make_images(tmp_path / "images", 100)
    folder = tmp_path / "received"
    folder.mkdir()
    with serving(SCRIPTS[who], folder) as server:
        states = [held(server)]
        for _ in range(STEPS):
            for _ in range(STORES // STEPS // len(images)):
                storescu(host=HOST, port=server.port, files=images).unwrap()
            states.append(held(server))
    shutil.rmtree(folder)
    findings.append(f"{who}, {STORES} stores of 0.5 MB: {' | '.join(states)}")
