"""The worker processes of this process, seen from outside."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

__all__ = ["CRASH", "end_workers", "kill_on_progress", "pids_of_workers", "wait_for_end"]

CRASH = signal.SIGILL if "DCMTK_NATIVE_SANITIZED" in os.environ else signal.SIGSEGV
"""What a faulty decoder dies of. AddressSanitizer takes SIGSEGV for itself."""

MODULE = b"dcmtk_native._runtime.worker_main"


def pids_of_workers(parent: int | None = None) -> set[int]:
    """The processes that this one, or another, has started as workers."""
    wanted = os.getpid() if parent is None else parent
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == wanted and (MODULE in command or fields[0] == "Z"):
            found.add(int(folder.name))
    return found


def kill_on_progress(how: signal.Signals) -> Callable[[int, int], None]:
    """A callback that ends, or stops, every worker in the middle of its work."""

    def kill(done: int, total: int) -> None:
        for pid in pids_of_workers():
            os.kill(pid, how)

    return kill


def wait_for_end(pid: int, seconds: float) -> bool:
    """Whether the process ends within this time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def end_workers() -> None:
    """Nothing: they are dead, though nobody has told their pool."""
    for pid in pids_of_workers():
        os.kill(pid, signal.SIGKILL)
        assert wait_for_end(pid, 10)
