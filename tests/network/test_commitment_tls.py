"""Reports on storage commitment that come over TLS, to a port of the asker's own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    Association,
    OptionsError,
    PeerAuthentication,
    TlsConfig,
    aio,
    request_storage_commitment,
    storescu,
)
from support.certificates import Authority
from support.committing import committing
from support.hostile_peer import item, pdu, user
from support.orthanc import running_orthanc
from support.peers import free_port
from support.samples import CT_IMAGE
from support.sendable import UID_ROOT, image_files
from support.tls_peers import CA, CLIENT, SERVER, TRUST, client_context, server_context

HOST = "127.0.0.1"
COMMITMENT = "1.2.840.10008.1.20.1"
ONE = (CT_IMAGE, f"{UID_ROOT}.1")
OURS = TlsConfig(private_key=SERVER.key_as(), certificate=SERVER.pem, ca_files=CA.pem)
ANYBODY = TlsConfig(
    private_key=SERVER.key_as(), certificate=SERVER.pem, peer_auth=PeerAuthentication.IGNORE
)
OTHERS = Authority("Others")
STRANGER = OTHERS.issue("stranger")

REQUEST = pdu(
    1,
    struct.pack(">HH16s16s32s", 1, 0, b"ANY-SCP".ljust(16), b"X".ljust(16), b"")
    + item(0x10, b"1.2.840.10008.3.1.1.1")
    + item(0x20, b"\1\0\0\0" + item(0x30, COMMITMENT.encode()) + item(0x40, b"1.2.840.10008.1.2"))
    + user(),
)

Reporting = Callable[[Path], ssl.SSLContext | None]


def known(folder: Path) -> ssl.SSLContext:
    return client_context(folder, CLIENT)


def nameless(folder: Path) -> ssl.SSLContext:
    return client_context(folder)


def stranger(folder: Path) -> ssl.SSLContext:
    return client_context(folder, STRANGER)


def plain(_: Path) -> None:
    return None


def asked(
    folder: Path, reporting: Reporting, before: Callable[[int], object] = id, **options: Any
) -> tuple[Any, list[int]]:
    """What comes of a request by TLS whose report comes so, and what the peer was answered."""
    port = free_port()
    own = folder / "reporting"
    own.mkdir()

    def report_to() -> int:
        before(port)
        return port

    with committing(
        how="later",
        report_to=report_to,
        tls=server_context(folder),
        report_tls=reporting(own),
    ) as peer:
        given = {"tls": OURS, "listen_port": port, "listen_address": HOST, "wait": 0}
        found = request_storage_commitment(
            host=HOST, port=peer.port, instances=[ONE], **{**given, **options}
        )
    return found, peer.answers


@pytest.mark.parametrize(
    ("reporting", "options"),
    [
        (known, {}),
        (known, {"tls": TRUST, "listen_tls": OURS}),
        (nameless, {"tls": TRUST, "listen_tls": ANYBODY}),
        (plain, {"tls": TRUST, "listen_tls": False}),
    ],
    ids=["that of the request", "its own", "for anybody", "none"],
)
def test_the_port_takes_reports_by_tls(
    reporting: Reporting, options: dict[str, Any], tmp_path: Path
) -> None:
    found, answers = asked(tmp_path, reporting, **options)
    assert found.unwrap().committed == (ONE,)
    assert answers == [0]


@pytest.mark.parametrize(
    ("shown", "is_heard"), [(known, True), (plain, False), (nameless, False), (stranger, False)]
)
def test_only_who_is_trusted_is_listened_to(
    shown: Reporting, is_heard: bool, tmp_path: Path
) -> None:
    said: list[bytes] = []

    def talk(port: int) -> None:
        folder = tmp_path / "talk"
        folder.mkdir()
        context = shown(folder)
        line = socket.create_connection((HOST, port), 10)
        with suppress(OSError):
            if context is not None:
                line = context.wrap_socket(line, server_hostname="localhost")
            line.sendall(REQUEST)
            said.append(line.recv(1))
        line.close()

    found, answers = asked(tmp_path, known, talk)
    assert (said == [b"\2"]) is is_heard
    assert found.unwrap().success
    assert answers == [0]


def test_the_port_may_speak_tls_where_the_request_does_not(tmp_path: Path) -> None:
    port = free_port()
    with committing(
        how="later", report_to=lambda: port, report_tls=client_context(tmp_path, CLIENT)
    ) as peer:
        found = request_storage_commitment(
            host=HOST,
            port=peer.port,
            instances=[ONE],
            wait=0,
            listen_port=port,
            listen_address=HOST,
            listen_tls=OURS,
        )
    assert found.unwrap().success
    assert peer.answers == [0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"listen_port": 11112, "tls": TRUST}, "no certificate"),
        ({"listen_port": 11112, "listen_tls": TRUST}, "certificate"),
        ({"listen_tls": OURS}, "only with listen_port"),
        ({"listen_tls": False}, "only with listen_port"),
        ({"listen_port": 11112, "listen_tls": True}, "listen_tls"),
        ({"listen_port": 11112, "listen_tls": "pem"}, "listen_tls"),
    ],
)
def test_a_port_that_could_not_show_a_certificate_is_refused(
    options: dict[str, Any], words: str
) -> None:
    error = request_storage_commitment(host=HOST, port=1, instances=[ONE], **options).error
    assert isinstance(error, OptionsError)
    assert words in error.message


def test_reports_by_tls_are_awaited_too(tmp_path: Path) -> None:
    async def work(peer: int, port: int) -> Any:
        return await aio.request_storage_commitment(
            host=HOST,
            port=peer,
            instances=[ONE],
            wait=0,
            tls=OURS,
            listen_port=port,
            listen_address=HOST,
        )

    port = free_port()
    shown = tmp_path / "shown"
    shown.mkdir()
    with committing(
        how="later",
        report_to=lambda: port,
        tls=server_context(tmp_path),
        report_tls=client_context(shown, CLIENT),
    ) as peer:
        assert asyncio.run(work(peer.port, port)).unwrap().success
    assert peer.answers == [0]


@pytest.mark.parametrize("remote_certificate", [True, False])
def test_orthanc_reports_by_tls(remote_certificate: bool, tmp_path: Path) -> None:
    port = free_port()
    key, certificate = SERVER.files(tmp_path, "orthanc")
    us = {"AET": "US", "Host": HOST, "Port": port, "UseDicomTls": True}
    settings = {
        "DicomTlsEnabled": True,
        "DicomTlsPrivateKey": str(key),
        "DicomTlsCertificate": str(certificate),
        "DicomTlsTrustedCertificates": str(CA.file(tmp_path)),
        "DicomTlsRemoteCertificateRequired": remote_certificate,
        "DicomModalities": {"us": us},
    }
    with running_orthanc(tmp_path, **settings) as server:
        there: Any = {"host": HOST, "port": server.port, "tls": OURS, "calling_ae_title": "US"}
        stored = storescu(**there, files=image_files(tmp_path, 2)).unwrap()
        missing = (CT_IMAGE, f"{UID_ROOT}.99")
        found = request_storage_commitment(
            **there,
            called_ae_title="ORTHANC",
            instances=[*stored.outcomes, missing],
            wait=0,
            listen_port=port,
            listen_address=HOST,
        ).unwrap()
    assert {uid for _, uid in found.committed} == {f"{UID_ROOT}.0", f"{UID_ROOT}.1"}
    assert [one.sop_instance_uid for one in found.failed] == [missing[1]]


def test_an_open_association_by_tls_is_reported_on(tmp_path: Path) -> None:
    async def work(port: int) -> bool:
        opened = await aio.Association.open(HOST, port, contexts=[COMMITMENT], tls=TRUST)
        async with opened.unwrap() as association:
            return (await association.storage_commitment([ONE])).unwrap().success

    with committing(tls=server_context(tmp_path)) as peer:
        opened = Association.open(HOST, peer.port, contexts=[COMMITMENT], tls=TRUST)
        with opened.unwrap() as association:
            assert association.storage_commitment([ONE]).unwrap().success
        assert asyncio.run(work(peer.port))
