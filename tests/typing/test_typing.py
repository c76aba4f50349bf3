"""The files in `cases` mean to both checkers what they claim."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases"
CHECKERS = {
    "mypy": ["mypy", "--strict", "--warn-unused-ignores", "--follow-imports=silent"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("checker", sorted(CHECKERS))
def test_the_checker_agrees_with_every_case(checker: str) -> None:
    if find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    command, *options = CHECKERS[checker]
    done = subprocess.run(
        [sys.executable, "-m", command, *options, str(CASES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
