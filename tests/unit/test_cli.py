"""The command `dcmtk-native`: what it prints, what it returns, and how it ends."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dcmtk_native
from dcmtk_native import DicomFile, dcm2json, dcmdump, unwrap
from dcmtk_native._runtime.tool import REGISTRY
from dcmtk_native.cli import INTERRUPTED, PIPE_CLOSED, main

PROGRAM = [sys.executable, "-m", "dcmtk_native"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: exit code, stdout, stderr."""

    def run_main(*words: str | Path) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        return code, *capfd.readouterr()

    return run_main


def in_a_process(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [*PROGRAM, *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)


@pytest.fixture
def many(tmp_path: Path, samples: Callable[[str], Path]) -> Path:
    """A folder with three DICOM files, in two places, and one that is none."""
    folder = tmp_path / "many"
    (folder / "deeper").mkdir(parents=True)
    shutil.copy(samples("CT_small.dcm"), folder / "a.dcm")
    shutil.copy(samples("MR_small.dcm"), folder / "b.dcm")
    shutil.copy(samples("CT_small.dcm"), folder / "deeper" / "a.dcm")
    (folder / "note.txt").write_text("no DICOM file, whatever it is called")
    return folder


# ---- the program ----


def test_without_arguments_it_tells_how_it_is_used(run: Run) -> None:
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "usage: dcmtk-native TOOL" in err


def test_help_lists_every_tool_with_its_first_line(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for name, tool in REGISTRY.items():
        line = (tool.__doc__ or "").partition("\n")[0]
        assert any(shown.split() == [name, *line.split()] for shown in out.splitlines())


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_tools_help_names_each_of_its_options(name: str, run: Run) -> None:
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    assert f"dcmtk-native {name}" in out
    assert "--timeout-ms" in out


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version") == (0, f"dcmtk-native {dcmtk_native.__version__}\n", "")


def test_info_tells_what_it_runs_on(run: Run) -> None:
    code, out, _ = run("info")
    assert code == 0
    assert f"dcmtk_native: {dcmtk_native.__version__}" in out
    value = json.loads(run("info", "--json")[1])["value"]
    assert value["dictionary_entries"] > 4000
    assert run("info", "--bogus")[0] == 2


@pytest.mark.parametrize(
    ("name", "hint"),
    [("dcmdmp", "did you mean dcmdump?"), ("zzz", "--help"), ("batch", "--help")],
)
def test_an_unknown_tool_is_wrong_usage(name: str, hint: str, run: Run) -> None:
    code, out, err = run(name)
    assert (code, out) == (2, "")
    assert f"there is no tool {name!r}" in err
    assert hint in err


def test_python_m_is_the_same_command() -> None:
    done = in_a_process("--version")
    assert done.returncode == 0
    assert done.stdout.decode().split() == ["dcmtk-native", dcmtk_native.__version__]


# ---- one file ----


def test_a_text_tool_prints_its_text(run: Run, ct_small: Path) -> None:
    code, out, err = run("dcmdump", ct_small, "--search-tag", "PatientName")
    assert (code, err) == (0, "")
    assert out == unwrap(dcmdump(ct_small, search_tag="PatientName")).text
    assert run("dcmdump", ct_small, "+P", "PatientName") == (code, out, err)


def test_a_model_is_printed_as_json(run: Run, ct_small: Path) -> None:
    code, out, _ = run("dcm2json", ct_small)
    assert code == 0
    assert json.loads(out) == unwrap(dcm2json(ct_small)).data


def test_a_plain_result_is_printed_field_by_field(run: Run, ct_small: Path) -> None:
    assert run("dcmftest", ct_small) == (0, "is_dicom: yes\n", "")


def test_json_tells_the_value(run: Run, ct_small: Path) -> None:
    code, out, _ = run("dcmftest", ct_small, "--json")
    assert code == 0
    assert json.loads(out) == {"ok": True, "tool": "dcmftest", "value": {"is_dicom": True}}


def test_json_tells_the_error(run: Run, tmp_path: Path) -> None:
    code, out, err = run("dcmdump", tmp_path / "missing.dcm", "--json")
    outcome = json.loads(out)
    assert (code, err) == (1, "")
    assert (outcome["ok"], outcome["tool"]) == (False, "dcmdump")
    assert outcome["error"]["class"] == "DicomFileError"
    assert outcome["error"]["tool"] == "dcmdump"
    assert "missing.dcm" in outcome["error"]["message"]


def test_a_failure_is_exit_code_1(run: Run, tmp_path: Path) -> None:
    code, out, err = run("dcmdump", tmp_path / "missing.dcm")
    assert (code, out) == (1, "")
    assert err.startswith("dcmtk-native: dcmdump failed: ")


@pytest.mark.parametrize(
    "words",
    [["--bogus"], ["--timeout-ms", "0"], ["--search-tag", "NoSuchKeyword"], ["--format", "x"]],
)
def test_wrong_options_are_exit_code_2(words: list[str], run: Run, ct_small: Path) -> None:
    code, out, err = run("dcmdump", ct_small, *words)
    assert (code, out) == (2, "")
    assert "dcmdump" in err


def test_a_timeout_is_exit_code_3(run: Run, tmp_path: Path) -> None:
    code, _, err = run("dcmdump", _long_file(tmp_path), "--timeout-ms", "1")
    assert code == 3, err
    assert "timed out after 1ms" in err


def _long_file(folder: Path) -> Path:
    """A data set that takes longer than a millisecond: many elements."""
    path = folder / "long.dcm"
    element = b"\x09\x00\x10\x10LO\x02\x00AB"
    path.write_bytes(bytes(128) + b"DICM" + element * 90_000)
    return path


def test_binary_data_go_to_stdout_as_they_are(ct_small: Path) -> None:
    done = in_a_process("dcmconv", ct_small, "-", "--transfer-syntax", "+tb")
    assert done.returncode == 0, done.stderr
    assert done.stdout[128:132] == b"DICM"
    model = unwrap(dcm2json(done.stdout, write_meta=True)).data
    assert model["00020010"]["Value"] == ["1.2.840.10008.1.2.2"]


def test_binary_data_are_base64_in_json(run: Run, ct_small: Path) -> None:
    code, out, _ = run("dcmconv", ct_small, "-", "--transfer-syntax", "explicit-little", "--json")
    assert code == 0
    assert base64.b64decode(json.loads(out)["value"]["data"])[128:132] == b"DICM"


def test_binary_data_do_not_go_to_a_terminal(
    run: Run, ct_small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    code, out, err = run("dcmconv", ct_small, "-", "--transfer-syntax", "+te")
    assert (code, out) == (2, "")
    assert "terminal" in err


def test_the_standard_input_is_an_input(ct_small: Path) -> None:
    done = in_a_process("dcmftest", "-", "--json", input=ct_small.read_bytes())
    assert json.loads(done.stdout)["value"] == {"is_dicom": True}


def test_a_written_file_is_named_and_its_text_not_printed(
    run: Run, ct_small: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.json"
    code, out, _ = run("dcm2json", ct_small, "--output-path", target)
    assert code == 0
    assert json.loads(target.read_text()) == unwrap(dcm2json(ct_small)).data
    assert "00100010" not in out


def test_dcmodify_takes_its_modifications_as_in_dcmtk(
    run: Run, copy_of: Callable[[str], Path]
) -> None:
    path = copy_of("CT_small.dcm")
    words = ["-m", "PatientName=DOE^JOHN", "--modifications", "(0010,0020)=A=B"]
    code, out, err = run("dcmodify", path, *words)
    assert code == 0, err
    dataset = unwrap(DicomFile.open(path)).dataset
    assert (dataset.patient_name, dataset.patient_id) == ("DOE^JOHN", "A=B")
    assert str(path) in out


def test_names_that_are_no_utf_8_are_printed(ct_small: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9"
    shutil.copy(ct_small, path)
    command = [*map(os.fsencode, PROGRAM), b"dcmftest", path, path, b"--json"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"caf\xe9: ok" in done.stderr
    names = [json.loads(line)["input"] for line in os.fsdecode(done.stdout).splitlines()]
    assert [os.fsencode(name) for name in names] == [path, path]


# ---- logs ----


def test_log_lines_go_to_stderr_when_they_are_wanted(run: Run, ct_small: Path) -> None:
    silent = run("dcmdump", ct_small)
    code, out, err = run("dcmdump", ct_small, "--log-level", "trace")
    assert (code, out) == silent[:2]
    assert silent[2] == ""
    assert all(line[1:3] == ": " for line in err.splitlines() if line[:1] in "TDIWEF")


# ---- several files ----


def test_several_inputs_are_told_in_their_order(run: Run, many: Path) -> None:
    files = [many / "a.dcm", many / "b.dcm", many / "note.txt"]
    code, out, err = run("dcmftest", *files, "--jobs", "3")
    assert code == 0
    assert out.splitlines() == [
        f"{files[0]}: is_dicom: yes",
        f"{files[1]}: is_dicom: yes",
        f"{files[2]}: is_dicom: no",
    ]
    assert len(err.splitlines()) == 3


def test_a_folder_stands_for_its_files_if_asked(run: Run, many: Path) -> None:
    code, _, err = run("dcmftest", many, many)
    assert code == 2
    assert "--recursive" in err
    code, out, _ = run("dcmftest", many, "--recursive", "--json", "--quiet")
    outcomes = [json.loads(line) for line in out.splitlines()]
    assert [os.path.relpath(one["input"], many) for one in outcomes] == [
        "a.dcm",
        "b.dcm",
        "note.txt",
        str(Path("deeper", "a.dcm")),
    ]
    assert [one["value"]["is_dicom"] for one in outcomes] == [True, True, False, True]


def test_a_pattern_that_the_shell_left_alone_is_expanded(run: Run, many: Path) -> None:
    code, out, _ = run("dcmftest", many / "*.dcm", many / "note.txt", "--quiet")
    assert code == 0
    assert len(out.splitlines()) == 3


def test_failures_do_not_stop_the_others(run: Run, many: Path) -> None:
    missing = many / "missing.dcm"
    code, out, err = run("dcmftest", many / "a.dcm", missing, many / "b.dcm")
    assert code == 1
    assert len(out.splitlines()) == 2
    *_, failure, count = err.splitlines()
    assert failure.startswith(f"failed: {missing}: dcmftest failed: ")
    assert count == "1 of 3 failed"


def test_outputs_go_to_a_folder_that_looks_like_the_inputs(
    run: Run, many: Path, tmp_path: Path
) -> None:
    (many / "note.txt").unlink()
    target = tmp_path / "json"
    code, out, err = run("dcm2json", many, "--recursive", "--output-dir", target)
    assert code == 0, err
    found = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.json"))
    assert found == ["a.json", "b.json", "deeper/a.json"]
    assert json.loads((target / "b.json").read_text()) == unwrap(dcm2json(many / "b.dcm")).data
    assert "00100010" not in out


def test_two_inputs_never_share_an_output(run: Run, many: Path, tmp_path: Path) -> None:
    files = [many / "a.dcm", many / "deeper" / "a.dcm"]
    code, out, err = run("dcm2json", *files, "--output-dir", tmp_path / "out")
    assert (code, out) == (2, "")
    assert "both" in err
    assert not list((tmp_path / "out").rglob("*.json"))


def test_dcmconv_converts_several_files(run: Run, many: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    code, _, err = run(
        "dcmconv",
        many / "a.dcm",
        many / "b.dcm",
        "--output-dir",
        target,
        "--transfer-syntax",
        "+td",
    )
    assert code == 0, err
    for name in ("a.dcm", "b.dcm"):
        dataset = unwrap(DicomFile.open(target / name)).dataset
        assert dataset.transfer_syntax_uid == "1.2.840.10008.1.2.1.99"


def test_a_tool_that_takes_several_files_tells_its_progress_too(run: Run, many: Path) -> None:
    files = [many / "a.dcm", many / "b.dcm"]
    code, out, err = run("dcmdump", *files, "--search-tag", "PatientName")
    assert (code, out.count("(0010,0010)")) == (0, 2)
    assert [line.partition(" ")[2] for line in err.splitlines()] == [str(file) for file in files]
    assert run("dcmdump", *files, "--search-tag", "PatientName", "--quiet")[2] == ""
    assert run("dcmdump", files[0], "--search-tag", "PatientName")[2] == ""


def test_a_tool_that_takes_several_files_fails_if_one_does(run: Run, many: Path) -> None:
    code, out, err = run("dcmdump", many / "a.dcm", many / "note.txt", "--quiet", "+P", "Modality")
    assert (code, out.count("(0008,0060)")) == (1, 1)
    assert f"failed: {many / 'note.txt'}: " in err


def test_a_terminal_gets_a_bar(many: Path) -> None:
    pytest.importorskip("rich")
    controller, terminal = pty.openpty()
    try:
        command = [*PROGRAM, "dcmftest", str(many), "--recursive"]
        environment = {**os.environ, "TERM": "xterm"}
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=terminal,
            env=environment,
            timeout=60,
            check=False,
        )
        shown = os.read(controller, 65536)
    finally:
        os.close(controller)
        os.close(terminal)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 4
    assert b"\x1b[" in shown
    assert b"4/4" in shown


# ---- how it ends ----


@pytest.mark.parametrize("words", [["dcmdump", "a.dcm"], ["--help"], ["dcmdump", "--help"]])
def test_a_closed_pipe_ends_it_quietly(
    words: list[str], many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(many)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [*PROGRAM, *words]
        done = subprocess.run(
            command, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, b"")


def test_an_interrupt_of_one_file_ends_it_without_a_traceback() -> None:
    with started("dcmdump", "-") as process:
        assert process.stdin is not None
        process.stdin.write(b"x")
        process.stdin.flush()
        wait_for(lambda: waiting_bytes(process.stdin) == 0)  # it reads on
        assert ends_interrupted(process)


def test_an_interrupt_of_several_files_ends_it_without_a_traceback(ct_small: Path) -> None:
    words = ["dcm2xml", *[ct_small] * 6, "--write-binary-data", "--quiet"]
    with started(*words) as process:
        wait_for(lambda: waiting_bytes(process.stdout) > 0)  # more than a pipe holds will follow
        assert ends_interrupted(process)


def started(*words: str | Path) -> subprocess.Popen[bytes]:
    command = [*PROGRAM, *map(str, words)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)


def ends_interrupted(process: subprocess.Popen[bytes]) -> bool:
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.read() == b""
    return process.wait(30) == INTERRUPTED


def waiting_bytes(pipe: Any) -> int:
    """How much has been written to a pipe and not been read."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
