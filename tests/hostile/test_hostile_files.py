"""Hostile files: a clear error or an honest result, no crash, little memory, little time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support import hostile_files

CHILD = Path(__file__).with_name("child.py")
MAX_SECONDS = 20.0 if hostile_files.SANITIZED else 2.0
MAX_MEMORY = 1 << 62 if hostile_files.SANITIZED else 64 << 20

Outcomes = dict[str, dict[str, Any]]


class Victim:
    """A child process that takes whatever it is given, and must live."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "hostile.dcm"
        warm = folder / "warm.dcm"
        warm.write_bytes(hostile_files.part10(hostile_files.small_dataset()))
        with (folder / "stderr.txt").open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        self._tell(warm)

    def _tell(self, path: Path) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()

    def outcomes(self, content: bytes) -> Outcomes:
        self.path.write_bytes(content)
        self._tell(self.path)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the process died: {self.stderr()[-4000:]}"
        outcomes: Outcomes = json.loads(line)
        return outcomes

    def stderr(self) -> str:
        self.process.wait(10)
        return (self.path.parent / "stderr.txt").read_text()

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    child = Victim(tmp_path_factory.mktemp("hostile"))
    yield child
    child.end()
    assert child.process.returncode == 0
    assert child.stderr() == ""


def check_costs(name: str, content: bytes, outcomes: Outcomes) -> None:
    for tool, outcome in outcomes.items():
        assert outcome["seconds"] < MAX_SECONDS, (name, tool, outcome)
        assert outcome["memory"] < len(content) + MAX_MEMORY, (name, tool, outcome)
        # An own defect, or a message that says nothing, is no clear error.
        assert outcome["outcome"] != "InternalError", (name, tool, outcome)
        assert outcome["outcome"] == "Ok" or outcome["message"], (name, tool)


def all_are_errors(name: str, outcomes: Outcomes) -> None:
    for tool, outcome in outcomes.items():
        assert outcome["outcome"] != "Ok", (name, tool)


NESTED = hostile_files.nested()
LYING = hostile_files.lying_lengths()
NONSENSE = hostile_files.nonsense()
# What can be read to its end, by DCMTK's programs too.
READABLE = {
    "preamble only",
    "zeros",
    "two files",
    "tags going down",
    "same tag 10,000 times",
    "transfer syntax of NULs",
    "cyclic character sets",
    "a million backslashes",
    "unknown VR",
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NESTED)
def test_nesting_beyond_the_limit_is_refused(victim: Victim, name: str) -> None:
    outcomes = victim.outcomes(NESTED[name])
    check_costs(name, NESTED[name], outcomes)
    for tool, outcome in outcomes.items():
        assert outcome["outcome"] in {"LimitExceededError", "DicomFormatError"}, (tool, outcome)


@pytest.mark.parametrize("name", LYING)
def test_lengths_beyond_the_end_are_refused(victim: Victim, name: str) -> None:
    outcomes = victim.outcomes(LYING[name])
    check_costs(name, LYING[name], outcomes)
    if not name.startswith("meta group length"):
        all_are_errors(name, outcomes)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("megabytes", [64, 1024])
def test_a_deflate_bomb_is_refused_without_being_inflated(victim: Victim, megabytes: int) -> None:
    bomb = hostile_files.deflate_bomb(megabytes)
    outcomes = victim.outcomes(bomb)
    check_costs(f"{megabytes} MB", bomb, outcomes)
    for tool, outcome in outcomes.items():
        assert outcome["outcome"] == "LimitExceededError", (tool, outcome)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_an_error_or_read_to_its_end(victim: Victim, name: str) -> None:
    outcomes = victim.outcomes(NONSENSE[name])
    check_costs(name, NONSENSE[name], outcomes)
    if name not in READABLE:
        all_are_errors(name, outcomes)


def run_all(victim: Victim, contents: Iterable[bytes]) -> dict[str, int]:
    """Every content; the number of outcomes of each kind."""
    counts: dict[str, int] = {}
    for number, content in enumerate(contents):
        outcomes = victim.outcomes(content)
        check_costs(str(number), content, outcomes)
        for outcome in outcomes.values():
            counts[outcome["outcome"]] = counts.get(outcome["outcome"], 0) + 1
    return counts


@pytest.mark.timeout(900)
def test_a_file_cut_at_any_byte_never_crashes(victim: Victim) -> None:
    counts = run_all(victim, hostile_files.truncations())
    assert counts["DicomFormatError"] > counts.get("Ok", 0)


@pytest.mark.timeout(1800)
def test_two_thousand_mutations_never_crash(victim: Victim) -> None:
    counts = run_all(victim, hostile_files.mutations(2000, seed=20261122))
    assert sum(counts.values()) == 2000 * 6
    assert counts["Ok"] > 1000  # the mutations reach behind the first check
    assert counts["DicomFormatError"] > 1000
