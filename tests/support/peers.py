"""Peers on loopback: DCMTK's own programs and others, each on a port that the system gave."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Program",
    "environment_of_others",
    "free_port",
    "listening",
    "program_of_dcmtk",
    "running",
]

_READY_WITHIN = 30.0


@dataclass(frozen=True)
class Program:
    """A program that listens.

    Attributes:
        port: on 127.0.0.1.
        log: what it has printed.
        process: the program.
    """

    port: int
    log: Path
    process: subprocess.Popen[bytes]


def program_of_dcmtk(name: str) -> str:
    """Its path. pynetdicom has programs of the same names, beside the interpreter."""
    own = Path(sys.executable).parent
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    search = os.pathsep.join(folder for folder in folders if Path(folder) != own)
    program = shutil.which(name, path=search)
    assert program is not None, f"{name} is not installed"
    return program


def free_port() -> int:
    """A port of which the system says that nobody uses it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    folder: Path,
    name: str,
    *arguments: str | Path,
    port: int | None = None,
    last: Sequence[str] = (),
    nodelay: bool = True,
) -> Iterator[Program]:
    """One of DCMTK's servers, until the block ends.

    Args:
        folder: it works there, and its output goes to a file there.
        name: of the program.
        arguments: before the port.
        port: if it has to be known before.
        last: behind the port.
        nodelay: without it each answer comes late, as it does where nobody knows of TCP_NODELAY.
    """
    port = port or free_port()
    command = [program_of_dcmtk(name), *map(str, arguments), str(port), *last]
    with listening(folder, command, port, nodelay=nodelay) as server:
        yield server


def environment_of_others(*, nodelay: bool = True) -> dict[str, str]:
    """This process's, without the sanitizer that ours may be under: the faults are not ours."""
    ours = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return {**ours, "TCP_NODELAY": "1"} if nodelay else ours


@contextmanager
def listening(
    folder: Path, command: Sequence[str], port: int, *, nodelay: bool = True
) -> Iterator[Program]:
    """A program that listens on this port, until the block ends."""
    log = folder / f"{Path(command[0]).name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment_of_others(nodelay=nodelay),
        )
        try:
            end = time.monotonic() + _READY_WITHIN
            while not _is_listening(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, f"{command[0]} does not listen"
                time.sleep(0.01)
            yield Program(port, log, process)
        finally:
            process.terminate()
            process.wait(10)
