"""Every code block of the documents runs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def workplace(tmp_path: Path, ct_small: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the files that the documents name."""
    shutil.copy(ct_small, tmp_path / "image.dcm")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(document: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(document.read_text()) if kind == language]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_python_blocks_run_in_their_order(
    document: Path, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    namespace: dict[str, object] = {"__name__": "document"}
    for block in blocks(document, "python"):
        exec(compile(block, str(document), "exec"), namespace)
    assert "failed:" not in capsys.readouterr().out


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_of_the_package_run(document: Path, workplace: Path) -> None:
    commands = [
        line
        for block in blocks(document, "sh")
        for line in block.splitlines()
        if line.startswith("dcmtk-native ")
    ]
    for command in commands:
        _, *arguments = shlex.split(command)
        done = subprocess.run(
            [sys.executable, "-m", "dcmtk_native", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_scripts_and_files_that_are_named_exist(document: Path) -> None:
    text = document.read_text()
    named = set(re.findall(r"\./(scripts/\w+)", text))
    named |= set(re.findall(r"\]\(([^)#:]+)\)", text))
    for name in named:
        path = (ROOT if name.startswith("scripts/") else document.parent) / name
        assert path.exists(), name
        if name.startswith("scripts/"):
            assert os.access(path, os.X_OK), name
