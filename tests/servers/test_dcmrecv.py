"""What each option of Dcmrecv does, as a client and the disk see it."""

from __future__ import annotations

import re
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt

from dcmtk_native import AssociationError, Dcmrecv, PeerAuthentication, TlsConfig, echoscu, storescu
from support.peers import free_port
from support.samples import CT_IMAGE, EXPLICIT_LITTLE, RLE
from support.sendable import MR_IMAGE, UID_ROOT, data_set_of, digest, image_file
from support.serving import associated, run_client, serving
from support.tls_peers import CA, OWN, SERVER, TRUST

HOST = "127.0.0.1"
FILE_NAME = f"CT.{UID_ROOT}.1"


def received(folder: Path) -> list[str]:
    """What is below the folder of a server, relative to it."""
    root = folder / "in"
    return sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())


def responding_title(port: int) -> str:
    """The AE title in the answer to a request for TARGET."""
    titles: list[str] = []

    def look(event: Any) -> None:
        if event.pdu.pdu_type == 2:
            titles.append(event.pdu.reserved_aet.strip())

    ae = AE("PYNETDICOM")
    ae.add_requested_context(CT_IMAGE)
    handlers: Any = [(evt.EVT_PDU_RECV, look)]
    peer = ae.associate(HOST, port, ae_title="TARGET", evt_handlers=handlers)
    peer.release()
    return titles[0]


def test_it_takes_every_storage_class_in_every_syntax(tmp_path: Path) -> None:
    with serving(Dcmrecv, tmp_path) as (server, _):
        for sop_class in (CT_IMAGE, MR_IMAGE, "1.2.840.10008.5.1.4.1.1.88.11"):
            for syntax in (EXPLICIT_LITTLE, RLE, "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.2"):
                with associated(server.port, sop_class, syntax) as peer:
                    assert peer.is_established


def test_it_takes_nothing_but_storage_and_verification(tmp_path: Path) -> None:
    with (
        serving(Dcmrecv, tmp_path) as (server, _),
        associated(server.port, "1.2.840.10008.5.1.4.31") as peer,
    ):
        assert peer.accepted_contexts == []


@pytest.mark.parametrize("sample", ["JPEG2000.dcm", "MR_small_RLE.dcm", "CT_small.dcm"])
def test_data_sets_are_stored_byte_for_byte(sample: str, tmp_path: Path, samples: Any) -> None:
    with serving(Dcmrecv, tmp_path) as (server, log):
        sent = storescu(host=HOST, port=server.port, files=[samples(sample)])
        assert sent.unwrap().success
        (stored,) = log.wait_for("STORED_FILE")
    run_client("dcmftest", stored.filename)
    given = data_set_of(samples(sample).read_bytes())
    assert digest(data_set_of(Path(stored.filename).read_bytes())) == digest(given)


def test_port(tmp_path: Path) -> None:
    port = free_port()
    with serving(Dcmrecv, tmp_path, port=port) as (server, _):
        assert server.port == port
        run_client("echoscu", HOST, port)


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ({}, "DCMRECV"),
        ({"ae_title": "MY SCP"}, "MY SCP"),
        ({"use_called_ae_title": True}, "TARGET"),
        ({"ae_title": "MY SCP", "use_called_ae_title": True}, "TARGET"),
    ],
)
def test_ae_title_and_use_called_ae_title(
    options: dict[str, Any], title: str, tmp_path: Path
) -> None:
    with serving(Dcmrecv, tmp_path, **options) as (server, _):
        assert server.ae_title == options.get("ae_title", "DCMRECV")
        assert responding_title(server.port) == title


def test_output_directory_is_made_with_its_parents(tmp_path: Path, image: Path) -> None:
    folder = tmp_path / "a" / "b"
    with serving(Dcmrecv, tmp_path, output_directory=folder) as (server, _):
        run_client("storescu", HOST, server.port, image)
    assert [one.name for one in folder.iterdir()] == [FILE_NAME]


def test_without_an_output_directory_it_is_the_current_one(
    tmp_path: Path, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving(Dcmrecv, tmp_path, output_directory=None) as (server, _):
        run_client("storescu", HOST, server.port, image)
    assert (tmp_path / FILE_NAME).is_file()


CONFIG = f"""
[[TransferSyntaxes]]
[Explicit]
TransferSyntax1 = {EXPLICIT_LITTLE}
[[PresentationContexts]]
[OnlyMR]
PresentationContext1 = MRImageStorage\\Explicit
[[Profiles]]
[Default]
PresentationContexts = OnlyMR
"""


def test_config_file_and_config_profile(tmp_path: Path) -> None:
    path = tmp_path / "recv.cfg"
    path.write_text(CONFIG)
    options = {"config_file": path, "config_profile": "default"}
    with serving(Dcmrecv, tmp_path, **options) as (server, _):
        for sop_class, syntax, is_taken in (
            (MR_IMAGE, EXPLICIT_LITTLE, True),
            (MR_IMAGE, RLE, False),
            (CT_IMAGE, EXPLICIT_LITTLE, False),
            ("1.2.840.10008.1.1", EXPLICIT_LITTLE, False),
        ):
            with associated(server.port, sop_class, syntax) as peer:
                assert bool(peer.accepted_contexts) is is_taken


def test_subdirectory(tmp_path: Path) -> None:
    dated = image_file(tmp_path / "a", 1, (0x00080021, "DA", "20240131"))
    without = image_file(tmp_path / "b", 2, (0x00080021, "DA", ""))
    with serving(Dcmrecv, tmp_path, subdirectory="series-date") as (server, _):
        run_client("storescu", HOST, server.port, dated, without)
    first, second = received(tmp_path)
    assert first == f"data/2024/01/31/CT.{UID_ROOT}.1"
    assert re.fullmatch(rf"undef/{datetime.now():%Y%m}\d\d/CT\.{UID_ROOT}\.2", second)


@pytest.mark.parametrize(
    ("mode", "pattern"),
    [
        ("default", re.escape(FILE_NAME)),
        ("unique", r"CT\.X\.[0-9.]{10,64}"),
        ("short-unique", r"CT_[0-9a-f]{16}"),
        ("system-time", r"\d{14}\.\d{6}\.CT"),
    ],
)
def test_filename_mode(mode: str, pattern: str, tmp_path: Path, image: Path) -> None:
    with serving(Dcmrecv, tmp_path, filename_mode=mode) as (server, _):
        run_client("storescu", HOST, server.port, image, image)
    names = received(tmp_path)
    assert len(names) == (1 if mode == "default" else 2)
    assert all(re.fullmatch(pattern, name) for name in names), names


def test_filename_extension(tmp_path: Path, image: Path) -> None:
    with serving(Dcmrecv, tmp_path, filename_extension=".dcm") as (server, _):
        run_client("storescu", HOST, server.port, image)
    assert received(tmp_path) == [f"{FILE_NAME}.dcm"]


def test_storage_mode_ignore(tmp_path: Path, image: Path) -> None:
    with serving(Dcmrecv, tmp_path, storage_mode="ignore") as (server, log):
        run_client("storescu", HOST, server.port, image)
        log.wait_for("ASSOCIATION_RELEASE")
    assert "C_STORE_REQUEST" in log.names
    assert "STORED_FILE" not in log.names
    assert not (tmp_path / "in").exists()


def store_as(port: int, path: Path, sop_instance: str) -> int:
    """The status of a request that gives the object another UID than it has."""
    from pydicom import dcmread

    data = dcmread(path)
    with associated(port, CT_IMAGE, EXPLICIT_LITTLE) as peer:
        from support.scp import Liar

        return int(peer.send_c_store(Liar(data, {"SOPInstanceUID": sop_instance})).Status)


def test_storage_mode_bit_preserving_takes_what_contradicts_its_request(
    tmp_path: Path, image: Path
) -> None:
    with serving(Dcmrecv, tmp_path, storage_mode="bit-preserving") as (server, log):
        assert store_as(server.port, image, "1.2.3") == 0
        log.wait_for("STORED_FILE")
    with serving(Dcmrecv, tmp_path) as (server, log):
        assert store_as(server.port, image, "1.2.3") != 0
        (told,) = log.wait_for("error")
    assert not told.fatal
    assert "STORED_FILE" not in log.names


def seconds_until_it_hangs_up(peer: socket.socket) -> float:
    begin = time.monotonic()
    while peer.recv(4096):
        pass
    return time.monotonic() - begin


def test_acse_timeout(tmp_path: Path) -> None:
    with (
        serving(Dcmrecv, tmp_path, acse_timeout=1) as (server, _),
        socket.create_connection((HOST, server.port), timeout=30) as silent,
    ):
        assert 0.5 < seconds_until_it_hangs_up(silent) < 15


def test_dimse_timeout(tmp_path: Path) -> None:
    with (
        serving(Dcmrecv, tmp_path, dimse_timeout=1) as (server, log),
        associated(server.port, CT_IMAGE) as peer,
    ):
        assert peer.is_established
        log.wait_for("ASSOCIATION_ABORTED")


def test_max_pdu(tmp_path: Path) -> None:
    for size in (16384, 4096, 131072):
        with (
            serving(Dcmrecv, tmp_path, max_pdu=size) as (server, _),
            associated(server.port, CT_IMAGE) as peer,
        ):
            assert peer.acceptor.maximum_length == size


def test_host_lookup_changes_nothing_as_nothing_is_looked_up(tmp_path: Path) -> None:
    for value in (True, False):
        with serving(Dcmrecv, tmp_path, host_lookup=value) as (server, log):
            run_client("echoscu", HOST, server.port)
            (request,) = log.wait_for("ASSOCIATION_RECEIVED")
        assert request.address == HOST


def test_bind_address(tmp_path: Path) -> None:
    with serving(Dcmrecv, tmp_path, bind_address=HOST) as (server, _):
        assert not echoscu(host="127.0.0.2", port=server.port).ok
    with serving(Dcmrecv, tmp_path, bind_address=None) as (server, _):
        assert echoscu(host="127.0.0.2", port=server.port).ok
        assert echoscu(host="::1", port=server.port).ok
    with serving(Dcmrecv, tmp_path, bind_address="::1") as (server, _):
        assert echoscu(host="::1", port=server.port).ok
    error = Dcmrecv.create(port=1, bind_address="192.0.2.1").unwrap().start().error
    assert isinstance(error, AssociationError)
    assert "Cannot listen on port 1 of 192.0.2.1" in error.message


def test_tls(tmp_path: Path) -> None:
    own = TlsConfig(
        private_key=SERVER.key_as(),
        certificate=SERVER.pem,
        ca_files=CA.pem,
        peer_auth=PeerAuthentication.VERIFY,
    )
    with serving(Dcmrecv, tmp_path, tls=own) as (server, log):
        assert echoscu(host=HOST, port=server.port, tls=TRUST).ok
        assert not echoscu(host=HOST, port=server.port, timeout_ms=5000).ok
        assert log.names.count("ECHO_REQUEST") == 1
    strict = TlsConfig(private_key=SERVER.key_as(), certificate=SERVER.pem, ca_files=CA.pem)
    with serving(Dcmrecv, tmp_path, tls=strict) as (server, _):
        assert not echoscu(host=HOST, port=server.port, tls=TRUST).ok
        known = TlsConfig(ca_files=CA.pem, **OWN)
        assert echoscu(host=HOST, port=server.port, tls=known).ok


def test_a_certificate_that_cannot_be_read_is_an_error_of_start(tmp_path: Path) -> None:
    own = TlsConfig(private_key="nowhere.key", certificate="nowhere.pem")
    server = Dcmrecv.create(port=0, output_directory=tmp_path, tls=own).unwrap()
    assert "nowhere.key" in server.start().error.message
    assert server.current_state == "STOPPED"
