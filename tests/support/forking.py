"""Servers to be killed by the hundred: forked off an interpreter that has imported all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Forked", "Nursery", "nursery"]

# A child has the only thread of its parent, which is why it is safe to go on in it.
_PARENT = """
import os, sys
import dcmtk_native
kind = getattr(dcmtk_native, sys.argv[1])
options = eval(sys.argv[2])

def serve(folder):
    server = kind.create(
        port=0, bind_address="127.0.0.1", output_directory=folder, **options
    ).unwrap()
    server.start().unwrap()
    print(os.getpid(), server.port, flush=True)
    server.wait()

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        serve(line.rstrip("\\n"))
        os._exit(0)
    os.waitpid(child, 0)
    print("gone", flush=True)
"""


@dataclass(frozen=True)
class Forked:
    """A server in a process of its own.

    Attributes:
        port: where it listens, on 127.0.0.1.
        pid: of its process.
    """

    port: int
    pid: int


class Nursery:
    """Where servers come from, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @contextmanager
    def server(self, folder: str | os.PathLike[str]) -> Iterator[Forked]:
        """A server that stores below a folder; at the end of the block it is killed, and gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{os.fspath(folder)}\n")
        self._process.stdin.flush()
        pid, port = map(int, self._line().split())
        try:
            yield Forked(port, pid)
        finally:
            os.kill(pid, signal.SIGKILL)
            assert self._line() == "gone\n"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def nursery(kind: type, **options: object) -> Iterator[Nursery]:
    """Servers of that class with these options, which have to be such that `repr` says them."""
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, kind.__name__, repr(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)
