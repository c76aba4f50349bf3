"""The network tools in a shell, with DCMTK's archive as their peer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcmtk_native.cli import main
from support.archives import ROOT, dcmqrscp, fill, instance
from support.peers import Program, free_port

Run = Callable[..., tuple[int, str, str]]
STUDY = f"StudyInstanceUID={ROOT}.1"


@pytest.fixture(scope="module")
def port() -> int:
    """Where MOVER receives."""
    return free_port()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("archive")
    with dcmqrscp(folder, destinations={"MOVER": port}) as server:
        fill(server, folder, [instance("P1", 1, 1, 1), instance("P1", 1, 2, 1)])
        fill(server, folder, [instance("P2", 2, 1, 1)])
        yield server


@pytest.fixture
def run(archive: Program, capsys: pytest.CaptureFixture[str]) -> Run:
    """A tool with these words: exit code, output, complaints."""

    def run_tool(tool: str, *words: str | Path) -> tuple[int, str, str]:
        there = ["--host", "127.0.0.1", "--port", str(archive.port), "-aec", "ARCHIVE"]
        code = main([tool, *there, *map(str, words)])
        return (code, *capsys.readouterr())

    return run_tool


def test_it_answers(run: Run) -> None:
    code, out, err = run("echoscu")
    assert (code, err) == (0, "")
    assert out.startswith("success: yes\nrtt_ms: ")


def test_what_is_found_is_told_as_dicom_json(run: Run) -> None:
    words = ["-S", "-k", "PatientID=P*", "-k", STUDY.partition("=")[0]]
    code, out, _ = run("findscu", *words)
    lines = [line.partition(": ") for line in out.splitlines()]
    found = [json.loads(text) for name, _, text in lines if name == "responses"]
    assert code == 0
    assert sorted(one["0020000D"]["Value"][0] for one in found) == [f"{ROOT}.1", f"{ROOT}.2"]
    code, out, _ = run("findscu", *words, "--json")
    assert code == 0
    assert sorted(map(str, json.loads(out)["value"]["responses"])) == sorted(map(str, found))


def test_objects_are_got(run: Run, tmp_path: Path) -> None:
    code, out, err = run("getscu", "-S", "-k", STUDY, "-od", tmp_path)
    assert code == 0
    assert "completed: 2\n" in out
    assert err.splitlines()[-1] == "[2/2] 2 completed, 0 failed, 0 with warnings"
    assert len(list(tmp_path.iterdir())) == 2


def test_objects_are_moved_here_in_silence(run: Run, tmp_path: Path, port: int) -> None:
    words = ["-S", "-k", STUDY, "-aet", "MOVER", "--receive-port", str(port), "--quiet"]
    code, out, err = run("movescu", *words, "--output-directory", tmp_path)
    assert (code, err) == (0, "")
    assert "completed: 2\n" in out
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("tool", ["storescu", "dcmsend"])
def test_files_are_sent_and_counted(run: Run, tmp_path: Path, tool: str) -> None:
    path, broken = tmp_path / "new.dcm", tmp_path / "broken.dcm"
    path.write_bytes(instance("P3", 3, 1, 1))
    broken.write_bytes(b"nothing")
    code, out, err = run(tool, "--files", path)
    assert code == 0
    assert err.splitlines() == [f"[1/1] {path}: 0x0000 (success)"]
    outcome = json.loads(out.partition("outcomes: ")[2])
    assert (outcome["file"], outcome["status"]) == (str(path), 0)
    code, out, err = run(tool, "--files", path, "--files", broken, "--no-halt")
    assert code == 1
    assert out.startswith("success: no\n")
    assert f"/2] {broken}: " in err


def test_an_error_tells_what_was_sent_before_it(run: Run, tmp_path: Path) -> None:
    path, other = tmp_path / "ct.dcm", tmp_path / "other.dcm"
    path.write_bytes(instance("P4", 4, 1, 1))
    # A worklist entry is nothing that an archive stores.
    other.write_bytes(instance("P4", 4, 1, 2, (0x00080016, "UI", "1.2.840.10008.5.1.4.31")))
    code, out, _ = run("storescu", "--files", path, "--files", other, "--json", "--quiet")
    assert code == 1
    outcomes = json.loads(out)["error"]["outcomes"]
    assert [(one["file"], one["ok"]) for one in outcomes] == [(str(path), True)]


def test_a_failure_is_told_in_words(run: Run) -> None:
    code, out, err = run("movescu", "-S", "-k", STUDY, "-aem", "NOBODY")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("dcmtk-native: movescu failed: the peer answered ")
