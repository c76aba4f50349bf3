"""The presentation contexts of associations, as lines: as DCMTK's programs print them."""

from __future__ import annotations

import asyncio
import socket
import struct
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, build_role
from pynetdicom.sop_class import CTImageStorage, MRImageStorage, Verification

from dcmtk_native import Association, Dcmrecv, StoreSCP, aio, echoscu
from support.hostile_peer import abort, item, pdu, user
from support.peers import running
from support.samples import EXPLICIT_LITTLE, IMPLICIT_LITTLE, RLE
from support.serving import run_client, serving

HOST = "127.0.0.1"
BEGIN, END = "=== BEGIN A-ASSOCIATE-", "=== END A-ASSOCIATE-"
HEADS = ("Calling Application", "Called Application", "Presentation Contexts:", " ", "=")


def meet(port: int) -> None:
    """An association with contexts that are accepted, and refused for each reason."""
    entity = AE("MEETER")
    entity.add_requested_context(Verification, [IMPLICIT_LITTLE])
    entity.add_requested_context(CTImageStorage, [RLE, EXPLICIT_LITTLE, "1.2.3.4"])
    entity.add_requested_context(MRImageStorage, [RLE])
    entity.add_requested_context("1.2.3.4.5", [IMPLICIT_LITTLE])
    role = build_role(CTImageStorage, scu_role=True, scp_role=True)
    association = entity.associate(HOST, port, ext_neg=[role])
    assert association.is_established
    association.release()


def framed(lines: list[str]) -> list[list[str]]:
    """What is told of contexts, each time, frames included, without what else DCMTK puts there."""
    frames: list[list[str]] = []
    is_within = False
    for line in lines:
        if BEGIN in line:
            is_within = True
            frames.append([])
        if is_within and line.startswith(HEADS):
            frames[-1].append(line)
        is_within = is_within and END not in line
    return frames


def listened(server: Any) -> list[str]:
    """The lines that it will tell."""
    lines: list[str] = []
    server.on_event("line", lambda line: lines.append(line.text))
    return lines


def test_lines_are_those_of_storescp(tmp_path: Path) -> None:
    with running(tmp_path, "storescp", "-v", "+v", "-od", tmp_path) as original:
        meet(original.port)
    printed = [line[3:] for line in original.log.read_text().splitlines()]
    with serving(StoreSCP, tmp_path, verbose_pc=True) as (server, log):
        lines = listened(server)
        meet(server.port)
        log.wait_for("ASSOCIATION_RELEASE")
    ours = framed(lines)
    assert ours == framed(printed)[-2:]  # before them somebody looked whether it listens
    assert len(ours) == 2
    positions = [
        next(at for at, line in enumerate(lines) if text in line)
        for text in (
            "Association Received",
            f"{BEGIN}RQ",
            "=CTImageStorage",
            "Proposed SCP/SCU Role: SCP/SCU",
            "=RLELossless",
            "Association Acknowledged",
            f"{BEGIN}AC",
            "Accepted Transfer Syntax: =LittleEndianExplicit",
            "(Transfer Syntaxes Not Supported)",
            "(Abstract Syntax Not Supported)",
            "Association Release",
        )
    ]
    assert positions == sorted(positions)


@pytest.mark.parametrize("kind", [Dcmrecv, StoreSCP])
@pytest.mark.parametrize("verbose", [True, False])
def test_they_are_told_only_if_they_are_asked_for(kind: Any, verbose: bool, tmp_path: Path) -> None:
    with serving(kind, tmp_path, verbose_pc=verbose) as (server, log):
        echoscu(host=HOST, port=server.port).unwrap()
        log.wait_for("ASSOCIATION_RELEASE")  # while nobody listens to lines
        lines = listened(server)
        run_client("echoscu", HOST, server.port)
        server.stop()
    assert len(framed(lines)) == (2 if verbose else 0)
    assert len([line for line in lines if "Received C-ECHO" in line]) == 1


def test_a_refused_association_has_proposals_alone(tmp_path: Path) -> None:
    with serving(StoreSCP, tmp_path, verbose_pc=True, refuse=True) as (server, _):
        lines = listened(server)
        assert not Association.open(HOST, server.port).ok
        server.stop()
    (frame,) = framed(lines)
    assert frame[0] == "====================== BEGIN A-ASSOCIATE-RQ ====================="


def proposal(number: int, abstract_syntax: bytes, syntaxes: list[bytes]) -> bytes:
    """A presentation context as it is proposed."""
    inner = b"".join(item(0x40, syntax) for syntax in syntaxes)
    return item(0x20, bytes([number, 0, 0, 0]) + item(0x30, abstract_syntax) + inner)


def test_a_peers_text_makes_no_lines(tmp_path: Path) -> None:
    evil = proposal(1, b"1.2\nE: all is lost", [b"1\x1b[31m" * 1000])
    many = [proposal(number, b"1.2", [b"1"] * 12_000) for number in range(3, 33, 2)]
    head = struct.pack(">HH16s16s32s", 1, 0, b"ANY-SCP".ljust(16), b"X\nY".ljust(16), b"")
    contexts = item(0x10, b"1.2.840.10008.3.1.1.1") + evil + b"".join(many)
    with serving(Dcmrecv, tmp_path, verbose_pc=True) as (server, log):
        lines = listened(server)
        with socket.create_connection((HOST, server.port), 10) as peer:
            peer.sendall(pdu(1, head + contexts + user()))
            assert peer.recv(1) == b"\2"
            peer.sendall(abort(0, 0, 0, 0))
            log.wait_for("ASSOCIATION_ABORTED")
    assert not any("\n" in line or "\x1b" in line for line in lines)
    assert "    Abstract Syntax: 1.2?E: all is lost" in lines
    assert "Calling Application Name:    X?Y" in lines
    assert "  (more than is shown here)" in lines
    assert sum(len(line) + 1 for line in lines) < 600 * 1024


def test_they_are_told_in_asyncio(tmp_path: Path) -> None:
    async def work() -> list[str]:
        made = aio.StoreSCP.create(
            port=0, bind_address=HOST, output_directory=tmp_path, verbose_pc=True
        )
        lines: list[str] = []
        async with made.unwrap() as server:
            server.on_event("line", lambda line: lines.append(line.text))
            (await server.start()).unwrap()
            (await aio.echoscu(host=HOST, port=server.port)).unwrap()
        return lines

    assert len(framed(asyncio.run(work()))) == 2
