"""`dcmtk-native dcmrecv` and `dcmtk-native storescp`: a server until it is interrupted."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dcmtk_native import Association, Dcmrecv
from support.sendable import UID_ROOT
from support.serving import run_client

HOST = "127.0.0.1"
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def command(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dcmtk_native", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dcmtk_native", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def port_of(process: subprocess.Popen[str]) -> int:
    """That of the first line, which says that it listens."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"LISTENING port=(\d+)\n", line)
    assert found, line
    return int(found[1])


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("name", ["dcmrecv", "storescp"])
def test_it_serves_until_it_is_interrupted(
    name: str, number: signal.Signals, tmp_path: Path, image: Path
) -> None:
    words = (name, "--port", "0", "--output-directory", "in", "--bind-address", HOST)
    with command(tmp_path, *words) as process:
        port = port_of(process)
        run_client("storescu", "-aet", "A B", HOST, port, image)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "ASSOCIATION_RECEIVED",
        "ASSOCIATION_ACKNOWLEDGED",
        "C_STORE_REQUEST",
        *(["STORING_FILE"] if name == "storescp" else []),
        "STORED_FILE",
        "ASSOCIATION_RELEASE",
    ]
    assert f"filename='in/CT.{UID_ROOT}.1'" in lines[-2]
    assert "calling_ae_title='A B'" in lines[0]
    assert (tmp_path / "in" / f"CT.{UID_ROOT}.1").is_file()


def test_events_as_json(tmp_path: Path) -> None:
    with command(tmp_path, "dcmrecv", "--port", "0", "--bind-address", HOST, "--json") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert first["event"] == "LISTENING"
        run_client("echoscu", HOST, first["port"])
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    events = [json.loads(line) for line in out.splitlines()]
    assert events[2] == {
        "event": "ECHO_REQUEST",
        "association_id": 1,
        "calling_ae_title": "ECHOSCU",
        "called_ae_title": "ANY-SCP",
        "address": HOST,
    }


def test_presentation_contexts_are_lines_of_their_own(tmp_path: Path) -> None:
    with command(tmp_path, "dcmrecv", "--port", "0", "--bind-address", HOST, "+v") as process:
        run_client("echoscu", HOST, port_of(process))
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    lines = out.splitlines()
    assert "line source='stderr' text='  Context ID:        1 (Proposed)'" in lines
    assert "line source='stderr' text='  Context ID:        1 (Accepted)'" in lines


def test_the_second_interrupt_waits_for_nobody(tmp_path: Path) -> None:
    words = ("dcmrecv", "--port", "0", "--drain-timeout-ms", "60000")
    with command(tmp_path, *words) as process:
        port = port_of(process)
        peer = Association.open(HOST, port).unwrap()
        process.send_signal(signal.SIGINT)
        while Association.open(HOST, port, timeout_ms=2000).ok:
            pass  # soon it takes nobody any more
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert not peer.echo().ok


def test_dcmtks_own_flags_are_known(tmp_path: Path, image: Path) -> None:
    flags = ["--port", "0", "-aet", "MINE", "-od", "in", "-su", "ct", "+xa", "-tos", "5", "-rns"]
    with command(tmp_path, "storescp", *flags) as process:
        run_client("storescu", HOST, port_of(process), image)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0
    (folder,) = (tmp_path / "in").iterdir()
    assert folder.name.startswith("ct_")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--port", "70000"], 2, "port=70000: must be an integer from 0 to 65535"),
        (["--port", "x"], 2, "argument --port: 'x': must be an integer"),
        ([], 2, "--port"),
        (["--bogus"], 2, "unknown option --bogus"),
        (["--port", "0", "more"], 2, "unrecognized arguments: "),
        (["--port", "0", "-xf", "nowhere", "--config-profile", "x"], 1, "nowhere"),
        (["--port", "0", "-xf", "nowhere"], 2, "only with config_profile"),
    ],
)
def test_what_is_wrong_is_said_and_told_by_the_exit_code(
    words: Sequence[str], code: int, text: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "dcmrecv", *words)
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_a_failure(tmp_path: Path) -> None:
    with Dcmrecv.create(port=0, output_directory=tmp_path).unwrap() as server:
        server.start().unwrap()
        done = run(tmp_path, "dcmrecv", "--port", str(server.port))
        assert done.returncode == 1
        assert f"Cannot listen on port {server.port}" in done.stderr
        told = run(tmp_path, "dcmrecv", "--port", str(server.port), "--json").stdout.splitlines()
    assert [json.loads(line).get("event") for line in told] == ["CANNOT_START_LISTENER", None]
    assert json.loads(told[-1])["error"]["class"] == "AssociationError"


@pytest.mark.parametrize("name", ["dcmrecv", "storescp"])
def test_the_help_tells_of_every_option(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, name, "--help")
    assert done.returncode == 0
    assert f"usage: dcmtk-native {name} [OPTION ...]" in done.stdout
    for option in ("--port", "--ae-title", "--tls", "--max-associations", "--start-timeout-ms"):
        assert option in done.stdout
    overview = run(tmp_path, "--help").stdout
    assert re.search(rf"^  {name} +A server ", overview, re.MULTILINE)


def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    with command(tmp_path, "dcmrecv", "--port", "0") as process:
        port = port_of(process)
        assert process.stdout is not None
        process.stdout.close()
        run_client("echoscu", HOST, port)
        process.wait(30)
        assert process.returncode == 141
