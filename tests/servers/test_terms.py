"""What every server is told: whom it lets in, where it listens, how it speaks TLS."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AllowedPeer,
    AssociationError,
    Dcmrecv,
    DicomServer,
    DimseError,
    DimseStatus,
    OptionsError,
    PeerRight,
    StoreSCP,
    TlsConfig,
    ToolError,
    echoscu,
    storescu,
)
from support.certificates import Authority
from support.sendable import image_file
from support.serving import associated, run_client, serving
from support.tls_peers import HERE, SERVER, TRUST

HOST = "127.0.0.1"
VERIFICATION = "1.2.840.10008.1.1"
SERVERS = (Dcmrecv, StoreSCP, DicomServer)

every_server = pytest.mark.parametrize("kind", SERVERS, ids=lambda kind: kind.__name__)


@every_server
@pytest.mark.parametrize(
    ("peers", "is_let_in"),
    [
        (["CT1"], True),
        (["CT2"], False),
        (["CT2", "CT1"], True),
        (["CT1@127.0.0.0/8"], True),
        (["@127.0.0.0/255.0.0.0"], True),
        (["CT1@10.0.0.0/8"], False),
        ([AllowedPeer(network="::1"), "@127.0.0.1"], True),
    ],
)
def test_only_peers_of_the_list_are_let_in(
    kind: Any, peers: list[AllowedPeer | str], is_let_in: bool, tmp_path: Path
) -> None:
    with serving(kind, tmp_path, peers=peers) as (server, log):
        run_client("echoscu", "-aet", "CT1", HOST, server.port, ok=is_let_in)
        if not is_let_in:
            log.wait_for("REFUSING_ASSOCIATION")


@every_server
def test_a_peer_may_do_what_it_has_a_right_to(kind: Any, tmp_path: Path) -> None:
    image = image_file(tmp_path / "file", 1)
    peers = [AllowedPeer(rights=PeerRight.ECHO)]
    with serving(kind, tmp_path, peers=peers) as (server, _):
        assert echoscu(host=HOST, port=server.port).ok
        refused = storescu(host=HOST, port=server.port, files=[image])
        assert isinstance(refused.error, DimseError)
        assert refused.error.status == DimseStatus.NOT_AUTHORIZED
    assert list((tmp_path / "in").rglob("*")) == []


@every_server
def test_one_address_has_no_more_than_its_share(kind: Any, tmp_path: Path) -> None:
    options = {"max_associations": 5, "max_associations_per_peer": 1}
    with (
        serving(kind, tmp_path, **options) as (server, _),
        associated(server.port, VERIFICATION) as held,
    ):
        assert held.is_established
        assert isinstance(echoscu(host=HOST, port=server.port).error, AssociationError)


@every_server
def test_several_servers_share_a_port(kind: Any, tmp_path: Path) -> None:
    with serving(kind, tmp_path / "1", reuse_port=True) as (first, _):
        taken = kind.create(port=first.port, bind_address=HOST, output_directory=tmp_path)
        assert isinstance(taken.unwrap().start().error, AssociationError)
        with serving(kind, tmp_path / "2", port=first.port, reuse_port=True) as (second, _):
            assert second.port == first.port
            for _ in range(20):
                assert echoscu(host=HOST, port=first.port).ok
            counts = [one.metrics()["echoes"] for one in (first, second)]
    assert sum(counts) == 20


@every_server
@pytest.mark.parametrize("as_number", [False, True])
def test_a_socket_that_listens_already_is_taken(kind: Any, as_number: bool, tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as given:
        port = given.getsockname()[1]
        sock = given.fileno() if as_number else given
        with serving(kind, tmp_path, sock=sock, bind_address=None) as (server, _):
            assert server.port == port
            assert echoscu(host=HOST, port=port).ok
        # It is the giver's: who comes now waits for the next server.
        with socket.create_connection((HOST, port)), given.accept()[0]:
            pass


@every_server
def test_a_socket_that_does_not_listen_is_an_error(kind: Any, tmp_path: Path) -> None:
    with socket.socket() as given:
        started = kind.create(port=0, output_directory=tmp_path, sock=given).unwrap().start()
    assert isinstance(started.error, AssociationError)
    assert "does not listen" in started.error.message


@every_server
@pytest.mark.parametrize(
    "other", [{"port": 104}, {"bind_address": HOST}, {"reuse_port": True}], ids=str
)
def test_a_socket_says_by_itself_where_it_listens(kind: Any, other: dict[str, Any]) -> None:
    made = kind.create(**{"port": 0, "sock": 3, **other})
    assert isinstance(made.error, OptionsError)
    assert "sock: only with port=0, without bind_address and reuse_port" in made.error.message


@every_server
def test_certificates_are_exchanged_while_it_runs(kind: Any, tmp_path: Path) -> None:
    def own(issued: Any) -> TlsConfig:
        return TlsConfig(private_key=issued.key_as(), certificate=issued.pem, peer_auth="ignore")

    other = Authority("Other CA")
    after = TlsConfig(ca_files=other.pem)
    with serving(kind, tmp_path, tls=own(SERVER)) as (server, _):
        assert echoscu(host=HOST, port=server.port, tls=TRUST).ok
        assert not echoscu(host=HOST, port=server.port, tls=after).ok
        server.reload_tls(own(other.issue("next", **HERE)))
        assert echoscu(host=HOST, port=server.port, tls=after).ok
        assert not echoscu(host=HOST, port=server.port, tls=TRUST).ok


@every_server
def test_there_is_no_tls_to_exchange_without_tls(kind: Any, tmp_path: Path) -> None:
    with (
        serving(kind, tmp_path) as (server, _),
        pytest.raises(ToolError, match="no TLS to be reloaded"),
    ):
        server.reload_tls(TlsConfig(private_key=SERVER.key_as(), certificate=SERVER.pem))


@every_server
def test_metrics_are_kept_after_the_end(kind: Any, tmp_path: Path) -> None:
    with serving(kind, tmp_path) as (server, _):
        assert echoscu(host=HOST, port=server.port).ok
    assert server.metrics()["echoes"] == 1
