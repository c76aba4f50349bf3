"""What a worker process may do, and that it ends with the process that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dcmtk_native import TransferSyntax, from_array, read_pixels
from support.workers import pids_of_workers, wait_for_end


@pytest.fixture
def path(tmp_path: Path) -> Path:
    array = np.random.default_rng(3).integers(0, 4096, (20, 128, 128), np.uint16)
    file = tmp_path / "coded.dcm"
    from_array(array, None, file, transfer_syntax=TransferSyntax.JPEG2K_LOSSLESS).unwrap()
    return file


def test_a_worker_dumps_no_core_and_gains_nothing(path: Path) -> None:
    read_pixels(path, isolate=True).unwrap().frame(0)
    for pid in pids_of_workers():
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert next(one for one in limits.splitlines() if "core" in one).split()[4:6] == ["0", "0"]
        assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
        assert os.getpgid(pid) != os.getpgid(0), "Ctrl-C is not for it"


PROGRAM = """
import os, signal, sys
sys.path[:0] = {paths!r}
from dcmtk_native import read_pixels
from support.workers import pids_of_workers
pixels = read_pixels({path!r}, isolate=True).unwrap()
pixels.frame(0)
print(*pids_of_workers(), flush=True)
{rest}
"""


def run(path: Path, rest: str) -> subprocess.Popen[str]:
    paths = [str(Path(__file__).parents[2]), *(one for one in sys.path if one)]
    program = PROGRAM.format(paths=paths, path=str(path), rest=rest)
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("rest", ["", "raise SystemExit(0)", "sys.stdin.read()"])
def test_a_worker_ends_with_the_process_that_started_it(path: Path, rest: str) -> None:
    with run(path, rest) as process:
        assert process.stdout is not None
        (worker,) = map(int, process.stdout.readline().split())
        if "stdin" in rest:
            process.kill()
        assert wait_for_end(worker, 10)
    assert process.returncode in {0, -signal.SIGKILL}


def test_a_worker_in_the_middle_of_something_ends_too(path: Path) -> None:
    rest = "pixels.read(on_progress=lambda *_: os.kill(os.getpid(), signal.SIGKILL))"
    with run(path, rest) as process:
        assert process.stdout is not None
        (worker,) = map(int, process.stdout.readline().split())
        assert wait_for_end(worker, 10)


def test_a_forked_child_has_a_worker_of_its_own(path: Path) -> None:
    rest = """
mine = pids_of_workers()
child = os.fork()
if child == 0:
    pixels.frame(1)
    os._exit(0 if len(pids_of_workers()) == 1 and not mine & pids_of_workers() else 1)
assert os.waitpid(child, 0)[1] == 0
pixels.frame(2)
assert pids_of_workers() == mine
print("fine")
"""
    with run(path, rest) as process:
        assert process.stdout is not None
        assert process.stdout.read().endswith("fine\n")
        assert process.wait() == 0
