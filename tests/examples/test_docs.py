"""Every code block of the documents runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.peers import Program, running

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(document.read_text()) if kind == language]


def section(title: str) -> str:
    """A section of the README, up to the next one."""
    return README.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_block_is_of_a_kind_that_is_run(document: Path) -> None:
    text = document.read_text()
    found = BLOCK.findall(text)
    assert len(re.findall("^```", text, re.MULTILINE)) == 2 * len(found)
    assert {kind for kind, _ in found} <= {"python", "sh"}
    commands = [line for block in blocks(document, "sh") for line in block.splitlines()]
    assert all(re.match(r"dcmtk-native |\./scripts/\w+", command) for command in commands)


def test_two_commands_and_five_examples_are_what_the_titles_say() -> None:
    (commands,) = BLOCK.findall(section("Two commands"))
    assert [line.split()[0] for line in commands[1].splitlines()] == [
        "./scripts/demo",
        "./scripts/test",
    ]
    examples = BLOCK.findall(section("Five examples"))
    assert [kind for kind, _ in examples] == ["python"] * 5 + ["sh"]


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[Program]:
    """What the documents call a PACS on port 11112."""
    folder = tmp_path / "pacs"
    folder.mkdir()
    with running(folder, "storescp", "--ignore", "+xa") as program:
        yield program


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_python_blocks_run_in_their_order(
    document: Path, workplace: Path, pacs: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    namespace: dict[str, object] = {"__name__": "document"}
    for block in blocks(document, "python"):
        text = block.replace("11112", str(pacs.port))
        exec(compile(text, str(document), "exec"), namespace)
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
