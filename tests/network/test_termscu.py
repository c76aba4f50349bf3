"""termscu: servers that let themselves be ended, and those that do not."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from dcmtk_native import AssociationError, OperationTimeoutError, aio, termscu
from support.archives import dcmqrscp
from support.comparing import comparable
from support.peers import program_of_dcmtk, running
from support.scp import serving

HOST = "127.0.0.1"
SHUTDOWN = "1.2.276.0.7230010.3.4.1915765545.18030.917282194.0"


def test_a_server_that_allows_it_ends(tmp_path: Path) -> None:
    with dcmqrscp(tmp_path, "--allow-shutdown") as server:
        result = termscu(host=HOST, port=server.port, called_ae_title="ARCHIVE")
        assert result.ok, result.error.message
        assert (result.value.success, result.value.stderr) == (True, "")
        server.process.wait(10)


def test_it_ends_in_an_event_loop_too(tmp_path: Path) -> None:
    with dcmqrscp(tmp_path, "--allow-shutdown") as server:
        ended = asyncio.run(
            aio.termscu(host=HOST, port=server.port, called_ae_title="ARCHIVE", max_pdu=4096)
        )
        assert ended.ok
        server.process.wait(10)


def test_a_server_that_does_not_know_it_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, "storescp") as server:
        error = termscu(host=HOST, port=server.port).error
        assert server.process.poll() is None
    assert isinstance(error, AssociationError)
    assert "no acceptable presentation context" in error.message
    assert SHUTDOWN in error.message


def test_a_server_that_accepts_it_has_not_ended() -> None:
    with serving([SHUTDOWN]) as scp:
        error = termscu(host=HOST, port=scp.port).error
        assert scp.only().ended == "released"
    assert isinstance(error, AssociationError)
    assert "accepted" in error.message


def test_a_rejection_for_another_reason_is_an_error(tmp_path: Path) -> None:
    with dcmqrscp(tmp_path, "--allow-shutdown") as server:
        error = termscu(host=HOST, port=server.port, called_ae_title="NOBODY").error
        assert server.process.poll() is None
    assert isinstance(error, AssociationError)
    assert "called AE title not recognized" in error.message


def test_it_asks_what_the_program_asks() -> None:
    options = {"calling_ae_title": "ME", "called_ae_title": "YOU", "max_pdu": 8192}
    flags = ["-aet", "ME", "-aec", "YOU", "-pdu", "8192"]
    with serving(["1.2.3"]) as scp:
        for arguments in ([], flags):
            command = [program_of_dcmtk("termscu"), *arguments, HOST, str(scp.port)]
            subprocess.run(command, capture_output=True, timeout=60)
        assert not termscu(host=HOST, port=scp.port).ok
        assert not termscu(host=HOST, port=scp.port, **options).ok
        sessions = [comparable(one)[:2] for one in scp.ended(4)]
    assert sessions[2:] == sessions[:2]


def test_a_silent_peer_costs_the_timeout() -> None:
    import socket

    with socket.create_server((HOST, 0)) as silent:
        error = termscu(host=HOST, port=silent.getsockname()[1], timeout_ms=100).error
    assert isinstance(error, OperationTimeoutError)
