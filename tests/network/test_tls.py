"""TLS with real peers: what is shown, whom is trusted, and what an error tells."""

from __future__ import annotations

import asyncio
import copy
import pickle
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from dcmtk_native import (
    AbortController,
    Association,
    AssociationError,
    CrlCheck,
    DicomFileError,
    OperationAbortedError,
    OptionsError,
    PeerAuthentication,
    PresentationContext,
    TlsConfig,
    TlsKeyFormat,
    TlsProfile,
    aio,
    echoscu,
)
from support.certificates import Authority, Issued, key_of
from support.peers import running
from support.samples import CT_IMAGE, EXPLICIT_LITTLE, ct_image, dicom_file
from support.tls_peers import (
    ABORT,
    CA,
    CLIENT,
    HERE,
    OWN,
    REACHED,
    SERVER,
    TRUST,
    listening,
    outcome,
    server_context,
    tls_server,
)

# What works.


@pytest.mark.parametrize(
    ("profile", "flag"),
    [
        ("bcp195-nd", "+py"),
        ("bcp195", "+px"),
        ("bcp195-ex", "+pz"),
        ("aes", "+pa"),
        ("null", "+pn"),
    ],
)
def test_dcmtk_understands_each_profile(tmp_path: Path, profile: str, flag: str) -> None:
    key, certificate = SERVER.files(tmp_path)
    with running(tmp_path, "storescp", "+tls", key, certificate, "-ic", flag) as program:
        tls = TlsConfig(ca_files=CA.file(tmp_path), profile=profile)
        result = echoscu(host="127.0.0.1", port=program.port, tls=tls).unwrap()
    assert result.success


def test_what_is_stored_over_tls_is_there_byte_for_byte(tmp_path: Path) -> None:
    key, certificate = SERVER.files(tmp_path)
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image((0x7FE00010, "OW", bytes(range(256)) * 20_000))))
    received = tmp_path / "received"
    received.mkdir()
    arguments = ["+tls", key, certificate, "+cf", CA.file(tmp_path), "-od", received, "+B"]
    with running(tmp_path, "storescp", *arguments) as program:
        contexts = [PresentationContext(CT_IMAGE, (EXPLICIT_LITTLE,))]
        tls = TlsConfig(ca_files=CA.pem, **OWN)
        with Association.open(
            "127.0.0.1", program.port, contexts=contexts, max_send_pdu=131072, tls=tls
        ).unwrap() as peer:
            assert peer.store(path).unwrap().status == 0
            assert peer.bytes_sent > 5_000_000
    (stored,) = received.iterdir()
    sent = path.read_bytes()
    assert stored.read_bytes()[-5_120_000:] == sent[-5_120_000:]


def test_dcmrecv_speaks_it_too(tmp_path: Path) -> None:
    key, certificate = SERVER.files(tmp_path)
    arguments = ["+tls", key, certificate, "+cf", CA.file(tmp_path)]
    with running(tmp_path, "dcmrecv", *arguments) as program:
        tls = TlsConfig(ca_files=CA.pem, **OWN)
        with Association.open("127.0.0.1", program.port, tls=tls).unwrap() as peer:
            assert peer.echo().unwrap().status == 0


def test_pynetdicom_answers_over_tls_1_3(tmp_path: Path) -> None:
    from pynetdicom import AE

    context = server_context(tmp_path)
    entity = AE()
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(("127.0.0.1", 0), block=False, ssl_context=context)
    try:
        port = server.server_address[1]
        with Association.open("localhost", port, tls=TRUST).unwrap() as peer:
            assert peer.echo().unwrap().status == 0

        async def awaited() -> int:
            opened = await aio.Association.open("localhost", port, tls=TRUST)
            async with opened.unwrap() as peer:
                return (await peer.echo()).unwrap().status

        assert asyncio.run(awaited()) == 0
    finally:
        server.shutdown()
        server.server_close()


def test_an_ipv6_address_is_verified(tmp_path: Path) -> None:
    with tls_server(server_context(tmp_path), family=socket.AF_INET6) as port:
        assert outcome(port, TRUST, "::1") == REACHED
    other = CA.issue("server", addresses=("127.0.0.1",))
    with tls_server(server_context(tmp_path, other), family=socket.AF_INET6) as port:
        assert "host name mismatch" in outcome(port, TRUST, "::1")


# Whom this side trusts.


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (CA.issue("server", days=(-3, -1), **HERE), "certificate has expired"),
        (CA.issue("server", days=(1, 2), **HERE), "certificate is not yet valid"),
        (Authority("Other CA").issue("server", **HERE), "unknown CA"),
        (CA.issue("server", hosts=("pacs.example",)), "host name mismatch"),
        (CA.issue("server", addresses=("127.0.0.2",)), "host name mismatch"),
        (CA.issue("server", key=key_of("short", 1024), **HERE), "EE certificate key too weak"),
    ],
)
def test_a_certificate_that_is_not_good_is_named(tmp_path: Path, shown: Issued, said: str) -> None:
    context = server_context(tmp_path, shown, ciphers="DEFAULT@SECLEVEL=0")
    with tls_server(context) as port:
        message = outcome(port, TRUST)
        assert said in message
        assert "/CN=server" in message
        assert outcome(port, TlsConfig(peer_auth=PeerAuthentication.IGNORE)) in {REACHED, message}


def test_without_anybody_to_trust_it_is_the_system(tmp_path: Path) -> None:
    with tls_server(server_context(tmp_path)) as port:
        assert "unknown CA" in outcome(port, TlsConfig())
        assert outcome(port, TlsConfig(peer_auth="ignore")) == REACHED


def test_the_host_can_be_another_one_or_none(tmp_path: Path) -> None:
    shown = CA.issue("server", hosts=("pacs.example",))
    names: list[str | None] = []
    context = server_context(tmp_path, shown)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with tls_server(context) as port:
        assert outcome(port, TlsConfig(ca_files=CA.pem, server_name="pacs.example")) == REACHED
        assert outcome(port, TlsConfig(ca_files=CA.pem, verify_host=False)) == REACHED
        assert outcome(port, TlsConfig(ca_files=CA.pem, server_name="pacs.other")).startswith(
            "host name mismatch"
        )
        assert "host name mismatch" in outcome(port, TRUST, "localhost")
    assert names == ["pacs.example", None, "pacs.other", "localhost"]


def test_what_is_trusted_comes_from_files_folders_and_memory(tmp_path: Path) -> None:
    folder = tmp_path / "trusted"
    folder.mkdir()
    path = CA.file(folder)
    subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)
    der = tmp_path / "ca.der"
    der.write_bytes(CA.der)
    both = Authority("Other CA").pem + CA.pem
    with tls_server(server_context(tmp_path)) as port:
        for tls in (
            TlsConfig(ca_files=(path,)),
            TlsConfig(ca_files=str(path)),
            TlsConfig(ca_files=[both]),
            TlsConfig(ca_dirs=folder),
            TlsConfig(ca_files=der, key_format=TlsKeyFormat.DER),
            TlsConfig(ca_files=CA.der, key_format="der"),
            TlsConfig(ca_files=SERVER.pem),
        ):
            assert outcome(port, tls) == REACHED


def test_a_chain_is_followed(tmp_path: Path) -> None:
    between = Authority("Between", CA)
    shown = between.issue("server", **HERE)
    with tls_server(server_context(tmp_path, shown, between.pem)) as port:
        assert outcome(port, TRUST) == REACHED
    with tls_server(server_context(tmp_path, shown)) as port:
        assert "unknown CA" in outcome(port, TRUST)


def test_revoked_certificates_are_refused(tmp_path: Path) -> None:
    revoked = CA.issue("server", **HERE)
    crl = tmp_path / "ca.crl"
    crl.write_bytes(CA.revocation_list(revoked))
    der = CA.revocation_list(revoked, encoding=Encoding.DER)
    with tls_server(server_context(tmp_path, revoked)) as port:
        assert outcome(port, TRUST) == REACHED
        for tls in (
            TlsConfig(ca_files=CA.pem, crl_files=crl),
            TlsConfig(ca_files=CA.pem, crl_files=[crl.read_bytes()], crl_check=CrlCheck.CHAIN),
            TlsConfig(ca_files=CA.der, crl_files=der, key_format="der", crl_check="leaf"),
        ):
            assert "certificate revoked" in outcome(port, tls)
        missing = TlsConfig(ca_files=CA.pem, crl_check="leaf")
        assert "unable to get certificate CRL" in outcome(port, missing)


def test_a_chain_of_lists_is_asked_for_by_chain_alone(tmp_path: Path) -> None:
    between = Authority("Between", CA)
    shown = between.issue("server", **HERE)
    crl = between.revocation_list()
    with tls_server(server_context(tmp_path, shown, between.pem)) as port:
        assert outcome(port, TlsConfig(ca_files=CA.pem, crl_files=crl)) == REACHED
        whole = TlsConfig(ca_files=CA.pem, crl_files=crl, crl_check="chain")
        assert "unable to get certificate CRL" in outcome(port, whole)
        lists = (crl, CA.revocation_list())
        whole = TlsConfig(ca_files=CA.pem, crl_files=lists, crl_check="chain")
        assert outcome(port, whole) == REACHED


# What this side shows.


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_shows_its_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    context = server_context(tmp_path)
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=CA.pem.decode())
    seen: list[Any] = []
    key, certificate = CLIENT.files(tmp_path, "client")
    locked = CLIENT.key_as(password="geheim")
    locked_der = CLIENT.key_as(Encoding.DER, "geheim")
    trust_der = {"ca_files": CA.der, "key_format": "der"}
    with tls_server(context, seen) as port:
        for tls in (
            TlsConfig(ca_files=CA.pem, **OWN),
            TlsConfig(ca_files=CA.pem, private_key=key, certificate=str(certificate)),
            TlsConfig(
                ca_files=CA.pem, private_key=locked, certificate=CLIENT.pem, password="geheim"
            ),
            TlsConfig(private_key=CLIENT.key_as(Encoding.DER), certificate=CLIENT.der, **trust_der),
            TlsConfig(
                private_key=locked_der, certificate=CLIENT.der, password="geheim", **trust_der
            ),
        ):
            assert outcome(port, tls) == REACHED
        assert {shown["subject"] for _, _, shown in seen} == {((("commonName", "client"),),)}
        wants = "the peer wants a certificate of this side"
        assert outcome(port, TRUST) == wants
        assert outcome(port, TlsConfig(ca_files=CA.pem, anonymous=True)) == wants
        stranger = Authority("Other CA").issue("client")
        tls = TlsConfig(ca_files=CA.pem, private_key=stranger.key_as(), certificate=stranger.pem)
        assert "does not accept the certificate of this side: unknown CA" in outcome(port, tls)


def test_the_rest_of_a_chain_is_shown_too(tmp_path: Path) -> None:
    between = Authority("Between", CA)
    own = between.issue("client")
    context = server_context(tmp_path)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=CA.pem.decode())
    shown = {"ca_files": CA.pem, "private_key": own.key_as()}
    with tls_server(context) as port:
        assert outcome(port, TlsConfig(certificate=own.pem + between.pem, **shown)) == REACHED
        assert outcome(port, TlsConfig(certificate=own.pem, **shown)) != REACHED


@pytest.mark.parametrize(
    ("password", "said"),
    [(None, "it is encrypted"), ("falsch", "password is wrong"), ("", "wrong")],
)
def test_a_locked_key_is_no_question_on_the_terminal(password: str | None, said: str) -> None:
    locked = CLIENT.key_as(password="geheim")
    tls = TlsConfig(private_key=locked, certificate=CLIENT.pem, password=password)
    error = Association.open("127.0.0.1", 1, tls=tls).error
    assert isinstance(error, OptionsError)
    assert said in error.message


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"private_key": b"no key", "certificate": CLIENT.pem}, "private key <bytes> cannot be"),
        ({"private_key": CLIENT.key_as(), "certificate": b"none"}, "certificate <bytes> cannot be"),
        ({"private_key": key_of("x"), "certificate": CLIENT.pem}, "private_key: must be"),
        ({"private_key": CLIENT.key_as(), "certificate": CA.pem}, "does not belong to"),
        ({"private_key": CLIENT.key_as()}, "both or neither"),
        ({**OWN, "anonymous": True}, "anonymous has no certificate"),
        ({"ca_files": b"nothing"}, "CA certificate <bytes> cannot be read"),
        ({"ca_files": CA.pem + b"-----BEGIN CERTIFICATE-----\nAAAA\n"}, "CA certificate"),
        ({"ca_files": CA.pem, "key_format": "der"}, "CA certificate <bytes> cannot be read"),
        ({"crl_files": CA.pem}, "revocation list <bytes> cannot be read"),
        ({"ciphers": "TLS_NONSENSE"}, "unknown cipher TLS_NONSENSE"),
        ({"ciphers": "ALL"}, "unknown cipher ALL"),
        ({"ciphers": ["TLS_RSA_WITH_NULL_SHA256"]}, "does not encrypt"),
        ({"ciphers": ["TLS_DH_anon_WITH_AES_128_CBC_SHA"]}, "does not authenticate"),
        ({"ciphers": "AES256-SHA", "profile": "bcp195-ex"}, "no further ciphers"),
        ({"profile": "basic"}, "must be one of"),
        ({"peer_auth": None}, "must be one of"),
        ({"server_name": ""}, "server_name"),
        ({"server_name": "a b"}, "server_name"),
        ({"verify_host": 1}, "verify_host"),
        ({"ca_dirs": b"bytes"}, "ca_dirs"),
        ({"password": b"bytes"}, "password"),
    ],
)
def test_what_does_not_fit_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionsError, match="tls: ") as caught:
        Association.open("127.0.0.1", 1, tls=TlsConfig(**fields)).unwrap()
    assert said in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for fields in ({"ca_files": tmp_path / "none"}, {"ca_dirs": tmp_path / "none"}):
        error = Association.open("127.0.0.1", 1, tls=TlsConfig(**fields)).error
        assert isinstance(error, DicomFileError)
        assert "none" in error.message


def test_one_configuration_is_read_once_and_can_be_copied(tmp_path: Path) -> None:
    path = CA.file(tmp_path)
    tls = TlsConfig(ca_files=path)
    made = tls.native()
    path.unlink()
    assert tls.native() is made
    for copied in (copy.copy(tls), copy.deepcopy(tls), pickle.loads(pickle.dumps(tls))):
        assert copied == tls
    secret = TlsConfig(**OWN, password="geheim")
    assert "geheim" not in repr(secret)
    assert "PRIVATE" not in repr(secret)


# How strong it is.


def test_versions_are_those_of_the_profile(tmp_path: Path) -> None:
    seen: list[Any] = []
    with tls_server(server_context(tmp_path), seen) as port:
        for profile in ("bcp195-nd", "bcp195", "bcp195-ex"):
            assert outcome(port, TlsConfig(ca_files=CA.pem, profile=profile)) == REACHED
    assert [version for version, _, _ in seen] == ["TLSv1.3", "TLSv1.3", "TLSv1.2"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_the_downgrading_profiles_speak_old_versions(tmp_path: Path) -> None:
    context = server_context(tmp_path, ciphers="ALL@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with tls_server(context) as port:
        for profile in (TlsProfile.BCP195, TlsProfile.AES):
            assert outcome(port, TlsConfig(ca_files=CA.pem, profile=profile)) == REACHED
        for profile in (TlsProfile.BCP195_ND, TlsProfile.BCP195_EX):
            tls = TlsConfig(ca_files=CA.pem, profile=profile)
            assert outcome(port, tls).startswith("no common ")


def test_ciphers_can_be_added(tmp_path: Path) -> None:
    name = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
    context = server_context(tmp_path, ciphers="ECDHE-RSA-CHACHA20-POLY1305")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tls_server(context) as port:
        assert "no common cipher" in outcome(port, TRUST)
        for given in (name, "ECDHE-RSA-CHACHA20-POLY1305"):
            assert outcome(port, TlsConfig(ca_files=CA.pem, ciphers=given)) == REACHED


def test_certificates_of_elliptic_curves_are_for_the_profiles_that_have_them(
    tmp_path: Path,
) -> None:
    shown = CA.issue("server", key=ec.generate_private_key(ec.SECP256R1()), **HERE)
    context = server_context(tmp_path, shown)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tls_server(context) as port:
        assert "no common cipher" in outcome(port, TRUST)
        assert outcome(port, TlsConfig(ca_files=CA.pem, profile="bcp195-ex")) == REACHED


# Peers that are none.


def test_a_peer_that_does_not_speak_tls_is_recognised(tmp_path: Path) -> None:
    with running(tmp_path, "storescp") as program:
        assert "not speak TLS" in outcome(program.port, TRUST)

    def hang_up(connection: socket.socket) -> None:
        connection.recv(1)
        connection.shutdown(socket.SHUT_WR)

    for talk, said in (
        (lambda peer: peer.sendall(b"HTTP/1.0 400 Bad Request\r\n"), "it speaks HTTP"),
        (lambda peer: peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), "it speaks SSH"),
        (lambda peer: peer.sendall(bytes(1000)), "does not speak TLS"),
        (hang_up, "closed the connection"),
        (lambda peer: peer.sendall(b"\x16\x03\x03\xff\xff" + bytes(1000)), "TLS failed"),
    ):
        with listening(talk) as port:
            assert said in outcome(port, TRUST)


def test_a_plain_client_is_told_that_the_peer_expects_tls(tmp_path: Path) -> None:
    with tls_server(server_context(tmp_path)) as port:
        error = Association.open("127.0.0.1", port).error
    assert "TLS" in error.message


@pytest.mark.parametrize("limit", ["acse_timeout", "socket_timeout"])
def test_a_silent_handshake_ends_by_its_deadline(limit: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        begin = time.monotonic()
        port = server.getsockname()[1]
        error = echoscu(host="127.0.0.1", port=port, tls=TRUST, **{limit: 0.2}).error
    assert isinstance(error, AssociationError)
    assert 0.2 <= time.monotonic() - begin < 0.25


def test_a_handshake_can_be_aborted() -> None:
    controller = AbortController()
    aborted: list[float] = []

    def abort() -> None:
        aborted.append(time.monotonic())
        controller.abort()

    with socket.create_server(("127.0.0.1", 0)) as server:
        timer = threading.Timer(0.1, abort)
        timer.start()
        error = Association.open(
            "127.0.0.1", server.getsockname()[1], tls=TRUST, signal=controller.signal
        ).error
        late = time.monotonic() - aborted[0]
    assert isinstance(error, OperationAbortedError)
    assert late < 0.02


def test_a_cut_connection_is_noticed(tmp_path: Path) -> None:
    context = server_context(tmp_path)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(ABORT[:5])

    with listening(talk) as port:
        assert "closed the connection" in outcome(port, TRUST)


# A server's side, as far as it can be made.

SHORT_DH = b"""-----BEGIN DH PARAMETERS-----
MEYCQQDYXsDxZ2gijpSzt3Chto3P7At2QFunCD1oPfM0U2ZRbRUylldPiJYE/NPg
A0O7QF+YLlTLUkOBDgx+F2+TJtpXAgEC
-----END DH PARAMETERS-----
"""


def test_a_server_needs_a_certificate_and_whom_to_trust() -> None:
    good = subprocess.run(
        ["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"],
        check=True,
        capture_output=True,
    ).stdout
    shown = {"private_key": SERVER.key_as(), "certificate": SERVER.pem}
    for fields, said in (
        ({"ca_files": CA.pem}, "a server needs a private key"),
        (shown, "the CAs that it trusts"),
        ({**shown, "peer_auth": "ignore", "dh_params": SHORT_DH}, "less than 2048 bits"),
        ({**shown, "peer_auth": "ignore", "dh_params": b"none"}, "cannot be read"),
    ):
        with pytest.raises(Exception, match="tls: ") as caught:
            TlsConfig(**fields).native("server")
        assert said in str(caught.value)
    assert TlsConfig(**shown, peer_auth="ignore").native("server")
    assert TlsConfig(**shown, peer_auth="ignore", dh_params=good).native("server")
    assert TlsConfig(**shown, ca_files=CA.pem, peer_auth="verify").native("server")
