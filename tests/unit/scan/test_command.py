"""`dcmtk-native scan`: index files, updates, interruptions, exit codes."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from dcmtk_native.cli import main
from support.samples import Element, ct_image, dicom_file

Run = Callable[..., tuple[int, str, str]]
FORMATS = ("parquet", "csv", "json")
TAGS = "PatientName,(0020,0013),PixelSpacing"


@pytest.fixture(params=FORMATS)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / f"index.{request.param}"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def run_main(*words: object) -> tuple[int, str, str]:
        code = main(["scan", *map(str, words)])
        return code, *capfd.readouterr()

    return run_main


@pytest.fixture
def good(archive: Path) -> Path:
    """The archive without its broken files."""
    (archive / "empty.dcm").unlink()
    (archive / "short.dcm").unlink()
    return archive


def rows(index: Path) -> list[dict[str, Any]]:
    """The rows by their columns; every value as text would have it."""
    if index.suffix == ".parquet":
        found: list[dict[str, Any]] = parquet.read_table(index).to_pylist()
        return found
    if index.suffix == ".json":
        loaded: list[dict[str, Any]] = json.loads(index.read_text())
        return loaded
    with index.open(newline="") as file:
        return [
            {name: None if text == "" else text for name, text in row.items()}
            for row in csv.DictReader(file)
        ]


def names(index: Path) -> list[str]:
    return sorted(row["PatientName"] or "" for row in rows(index))


def write(path: Path, name: str, *changes: Element) -> Path:
    path.write_bytes(dicom_file(ct_image((0x00100010, "PN", name), *changes)))
    return path


def in_folder(index: Path) -> list[str]:
    return sorted(path.name for path in index.parent.iterdir())


# ---- writing ----


def test_an_index_has_a_row_a_file(run: Run, good: Path, index: Path) -> None:
    code, out, err = run(good, "--tags", TAGS, "--out", index)
    assert (code, err) == (0, "")
    assert out == f"{index}: 5 read, 0 unchanged, 0 gone\n"
    first = rows(index)[1]
    file = good / "1.dcm"
    assert list(first) == [
        "path",
        "size",
        "mtime_ns",
        "error",
        "PatientName",
        "(0020,0013)",
        "PixelSpacing",
    ]
    assert first["path"] == str(file)
    assert int(first["size"]) == file.stat().st_size
    assert int(first["mtime_ns"]) == file.stat().st_mtime_ns
    assert first["error"] is None
    assert str(first["(0020,0013)"]) == "1"
    assert first["PixelSpacing"] in ([0.5, 0.5], "0.5\\0.5")
    assert names(index) == [f"Doe^{number}" for number in range(5)]
    assert in_folder(index) == [index.name]


def test_what_cannot_be_read_is_listed_counted_and_kept(
    run: Run, archive: Path, index: Path
) -> None:
    write(archive / "odd.dcm", "Doe^Odd", (0x00200013, "IS", "many"))
    code, out, err = run(archive, "--tags", TAGS, "--out", index, "--quiet")
    assert code == 1
    assert "8 read" in out
    lines = err.splitlines()
    assert lines[-1] == "3 failed"
    assert [line.split(": ")[1] for line in lines[:-1]] == [
        str(archive / name) for name in ("empty.dcm", "odd.dcm", "short.dcm")
    ]
    errors = {Path(row["path"]).name: row["error"] for row in rows(index) if row["error"]}
    assert errors.keys() == {"empty.dcm", "odd.dcm", "short.dcm"}
    assert "(0020,0013)" in errors["odd.dcm"]
    assert "Doe^Odd" in names(index)


def test_an_empty_folder_gives_an_empty_index(run: Run, tmp_path: Path, index: Path) -> None:
    (tmp_path / "nothing").mkdir()
    code, _, err = run(tmp_path / "nothing", "--tags", TAGS, "--out", index)
    assert (code, err) == (0, "")
    assert rows(index) == []
    assert run(tmp_path / "nothing", "--tags", TAGS, "--out", index, "--update")[0] == 0


def test_the_outcome_as_json(run: Run, good: Path, index: Path) -> None:
    code, out, _ = run(good, "--tags", TAGS, "--out", index, "--json")
    assert code == 0
    outcome = json.loads(out)
    assert outcome["ok"] is True
    assert outcome["value"] == {
        "index": str(index),
        "read": 5,
        "unchanged": 0,
        "gone": 0,
        "failures": [],
    }


def test_patterns_folders_and_threads(run: Run, good: Path, index: Path) -> None:
    run(good, "--tags", TAGS, "--out", index, "--no-recursive", "--pattern", "[12].dcm")
    assert names(index) == ["Doe^1", "Doe^2"]
    run(good, good / "deeper", good / "1.dcm", "--tags", TAGS, "--out", index, "--threads", "1")
    assert len(rows(index)) == 5, "a file of two sources has one row"


def test_tags_may_be_given_one_by_one(run: Run, good: Path, index: Path) -> None:
    run(good, "--tags", "PatientName", "--tags", "(0028,0010)", "--out", index)
    assert list(rows(index)[0])[4:] == ["PatientName", "(0028,0010)"]


def test_dates_with_a_type_of_their_own(run: Run, good: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.parquet"
    assert run(good, "--tags", "StudyDate", "--out", index, "--dates", "date")[0] == 0
    assert rows(index)[0]["StudyDate"].isoformat() == "2024-02-29"
    code, _, err = run(good, "--tags", "StudyDate", "--out", index, "--update")
    assert code in (0, 2)
    assert ("other types" in err) == (code == 2)
    code, _, err = run(good, "--tags", "StudyDate", "--out", "i.csv", "--dates", "date")
    assert code == 2
    assert "needs a .parquet index" in err


def test_an_index_within_its_own_folder_is_no_file_of_it(run: Run, good: Path, index: Path) -> None:
    own = good / index.name
    for _ in range(2):
        code, _, err = run(good, "--tags", TAGS, "--out", own, "--update")
        assert (code, err) == (0, "")
        assert len(rows(own)) == 5


def test_texts_that_need_care(run: Run, tmp_path: Path, index: Path) -> None:
    folder = tmp_path / "odd names"
    folder.mkdir()
    write(folder / 'a,"b"\n;c.dcm', 'Doe, "J"', (0x00081030, "LO", "line\r\nbreak"))
    write(folder / "Jürgen.dcm", "M\xfcller^J\xfcrgen")
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xff.dcm"))
    write(odd, "odd")
    for _ in range(2):
        run(folder, "--tags", "PatientName,StudyDescription", "--out", index, "--update")
    with index.open("rb") as file:
        assert b"M\xc3\xbcller" in file.read() or index.suffix == ".parquet"
    found = {row["PatientName"]: row for row in rows_of_any_name(index)}
    assert found['Doe, "J"']["path"] == str(folder / 'a,"b"\n;c.dcm')
    assert found["Müller^Jürgen"]["path"] == str(folder / "Jürgen.dcm")
    assert len(found) == 3


def rows_of_any_name(index: Path) -> list[dict[str, Any]]:
    if index.suffix == ".parquet":
        return rows(index)
    text = index.read_text(encoding="utf-8", errors="surrogateescape")
    copy = index.with_stem("copy")
    copy.write_text(text, encoding="utf-8", errors="replace", newline="")
    return rows(copy)


# ---- updating ----


def test_an_update_reads_only_what_is_new_or_changed(run: Run, archive: Path, index: Path) -> None:
    run(archive, "--tags", TAGS, "--out", index)
    before = rows(index)
    (archive / "0.dcm").unlink()
    write(archive / "1.dcm", "New^1")
    write(archive / "deeper" / "9.dcm", "Doe^9")
    # Nobody may read this one again; its size and time say that it is as it was.
    secret = archive / "2.dcm"
    status = secret.stat()
    secret.write_bytes(bytes(status.st_size))
    os.utime(secret, ns=(status.st_atime_ns, status.st_mtime_ns))

    code, out, err = run(archive, "--tags", TAGS, "--out", index, "--update")
    assert code == 1, "the broken files are still there"
    assert out == f"{index}: 2 read, 5 unchanged, 1 gone\n"
    assert "empty.dcm" in err
    assert "2 failed" in err
    assert names(index) == ["", "", "Doe^2", "Doe^3", "Doe^4", "Doe^9", "New^1"]
    kept = {row["path"]: row for row in rows(index)}
    for row in before:
        if Path(row["path"]).name in ("2.dcm", "3.dcm", "4.dcm", "empty.dcm"):
            assert kept[row["path"]] == row


def test_an_update_of_an_unchanged_folder_keeps_every_row(
    run: Run, good: Path, index: Path
) -> None:
    run(good, "--tags", TAGS, "--out", index)
    before = rows(index)
    code, out, _ = run(good, "--tags", TAGS, "--out", index, "--update")
    assert (code, out) == (0, f"{index}: 0 read, 5 unchanged, 0 gone\n")
    assert rows(index) == before


def test_rows_of_what_cannot_be_read_now_stay(run: Run, good: Path, index: Path) -> None:
    """A disk that is not there tonight must not empty the index."""
    run(good, "--tags", TAGS, "--out", index)
    (good / "deeper").rename(good.parent / "away")
    (good / "deeper").symlink_to(good / "deeper")  # in a circle
    code, out, err = run(good, "--tags", TAGS, "--out", index, "--update")
    assert (code, out) == (1, f"{index}: 0 read, 5 unchanged, 0 gone\n")
    assert "deeper" in err
    assert len(rows(index)) == 5
    (good / "deeper").unlink()
    (good.parent / "away").rename(good / "deeper")
    assert run(good, "--tags", TAGS, "--out", index, "--update")[0] == 0
    assert names(index) == [f"Doe^{number}" for number in range(5)]


def test_an_update_without_an_index_makes_one(run: Run, good: Path, index: Path) -> None:
    assert run(good, "--tags", TAGS, "--out", index, "--update")[0] == 0
    assert len(rows(index)) == 5


def test_an_update_with_other_tags_is_refused(run: Run, good: Path, index: Path) -> None:
    run(good, "--tags", TAGS, "--out", index)
    before = index.read_bytes()
    code, _, err = run(good, "--tags", "PatientName", "--out", index, "--update")
    assert code == 2
    assert "other columns" in err
    assert index.read_bytes() == before
    assert in_folder(index) == [index.name]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\0\xfe", b"[3]", b'{"a": 1}'])
def test_what_is_no_index_is_refused(content: bytes, run: Run, good: Path, index: Path) -> None:
    index.write_bytes(content)
    code, _, err = run(good, "--tags", TAGS, "--out", index, "--update")
    assert code == 2
    assert index.name in err
    assert index.read_bytes() == content
    assert run(good, "--tags", TAGS, "--out", index)[0] == 0, "without --update it is replaced"


@pytest.mark.parametrize("row", ["a.dcm,many,3,,x,1,", "a.dcm", ""])
def test_a_row_that_is_none_is_refused(row: str, run: Run, good: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.csv"
    run(good, "--tags", TAGS, "--out", index)
    index.write_text(index.read_text() + row + "\n")
    code, _, err = run(good, "--tags", TAGS, "--out", index, "--update")
    assert code == 2
    assert "cannot be brought up to date" in err


# ---- interruptions ----


SLOW_DISK = """
import os

stat = os.stat


def slow(path, *args, **options):
    if str(path).endswith("/last.dcm"):
        with open(os.environ["GATE"], "rb") as gate:
            gate.read()
    return stat(path, *args, **options)


os.stat = slow
"""
"""A disk that takes its time for the last file: until the gate, a FIFO, is opened and closed."""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """More files than are read at a time."""
    folder = tmp_path / "many"
    folder.mkdir()
    content = dicom_file(ct_image(rows=2, columns=2))
    (folder / "00000.dcm").write_bytes(content)
    for number in range(1, 5_000):
        os.link(folder / "00000.dcm", folder / f"{number:05}.dcm")
    write(folder / "last.dcm", "Last^One")
    return folder


def words(many: Path, index: Path) -> list[str]:
    scan = [sys.executable, "-m", "dcmtk_native", "scan", str(many), "--threads", "1"]
    return [*scan, "--tags", "PatientName", "--out", str(index), "--update", "--json"]


def opened_for_writing(gate: Path, process: subprocess.Popen[bytes]) -> int:
    """The gate, as soon as the process waits at it; without blocking, for it may have ended."""
    while process.poll() is None:
        with suppress(OSError):
            return os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
    raise AssertionError(process.communicate()[1])


def interrupted(words: list[str], folder: Path) -> tuple[int, bytes]:
    """The exit code and stderr of a scan that gets Ctrl-C before it has looked at its last file."""
    gate = folder / "gate"
    os.mkfifo(gate)
    (folder / "sitecustomize.py").write_text(SLOW_DISK)
    paths = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(
        words,
        env={**os.environ, "PYTHONPATH": paths, "GATE": str(gate)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    writer = opened_for_writing(gate, process)
    process.send_signal(signal.SIGINT)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def test_an_interrupted_scan_can_be_gone_on_with(many: Path, index: Path, tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    code, err = interrupted(words(many, index), tmp_path / "slow")
    partial = index.with_name(f"{index.name}.partial")
    assert code == 130, err
    assert b"--update goes on from" in err
    assert in_folder(index) == [partial.name]
    done = subprocess.run(words(many, index), capture_output=True, timeout=60, check=True)
    outcome = json.loads(done.stdout)["value"]
    assert 0 < outcome["unchanged"] < 5_001, "what was read before Ctrl-C is not read again"
    assert outcome["read"] == 5_001 - outcome["unchanged"]
    assert outcome["gone"] == 0
    assert in_folder(index) == [index.name]
    found = rows(index)
    assert len({row["path"] for row in found}) == len(found) == 5_001
    assert names(index)[-1] == "Last^One"


def test_rows_of_a_partial_index_are_newer(run: Run, good: Path, index: Path) -> None:
    partial = index.with_name(f"{index.name}.partial")
    run(good, "--tags", TAGS, "--out", index)
    write(good / "1.dcm", "Newer^1")
    run(good / "1.dcm", "--tags", TAGS, "--out", index.with_stem("other"))
    index.with_stem("other").rename(partial)
    code, out, _ = run(good, "--tags", TAGS, "--out", index, "--update")
    assert (code, out) == (0, f"{index}: 0 read, 5 unchanged, 0 gone\n")
    assert names(index) == ["Doe^0", "Doe^2", "Doe^3", "Doe^4", "Newer^1"]
    assert not partial.exists()


# ---- wrong usage ----


def test_wrong_usage(run: Run, good: Path, tmp_path: Path) -> None:
    out = tmp_path / "index.csv"
    for words, text in (
        ((), "required"),
        ((good, "--tags", TAGS), "--out"),
        ((good, "--out", out), "--tags"),
        ((good, "--tags", TAGS, "--out", "index.txt"), "ends in .parquet, .csv, .json"),
        ((good, "--tags", "NoKeyword", "--out", out), "NoKeyword"),
        ((good, "--tags", TAGS, "--out", out, "--threads", "0"), "threads=0"),
        ((good, "--tags", TAGS, "--out", out, "--threads", "x"), "--threads"),
        ((good, "--tags", TAGS, "--out", out, "--bogus"), "--bogus"),
    ):
        code, stdout, err = run(*words)
        assert (code, stdout) == (2, ""), words
        assert text in err
    assert not out.exists()


def test_a_missing_source_fails(run: Run, tmp_path: Path, index: Path) -> None:
    code, _, err = run(tmp_path / "gone", "--tags", TAGS, "--out", index)
    assert code == 1
    assert "gone: No such file" in err
    code, out, _ = run(tmp_path / "gone", "--tags", TAGS, "--out", index, "--json")
    assert json.loads(out)["error"]["class"] == "DicomFileError"
    assert in_folder(index) == []


def test_an_index_that_cannot_be_written_fails(run: Run, good: Path, tmp_path: Path) -> None:
    code, _, err = run(good, "--tags", TAGS, "--out", tmp_path / "gone" / "index.csv")
    assert code == 1
    assert "cannot write" in err


def test_the_mode_of_an_index_stays(run: Run, good: Path, index: Path) -> None:
    run(good, "--tags", TAGS, "--out", index)
    index.chmod(0o600)
    run(good, "--tags", TAGS, "--out", index)
    assert stat.S_IMODE(index.stat().st_mode) == 0o600


def test_csv_and_json_need_no_pyarrow(
    run: Run, good: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    code, _, err = run(good, "--tags", TAGS, "--out", index)
    if index.suffix == ".parquet":
        assert code == 1
        assert "pip install dcmtk_native[arrow]" in err
    else:
        assert (code, err) == (0, "")


def test_help(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for word in ("--tags", "--out", "--update", "--pattern", "mtime_ns", "exit codes"):
        assert word in out
    assert main(["--help"]) == 0
    assert "dcmtk-native scan --help" in capfd.readouterr().out


def test_shutil_is_not_fooled_by_a_copy_with_its_time(run: Run, good: Path, index: Path) -> None:
    """A copy that keeps its time is a new path, so it is read."""
    run(good, "--tags", TAGS, "--out", index)
    shutil.copy2(good / "1.dcm", good / "copy.dcm")
    _, out, _ = run(good, "--tags", TAGS, "--out", index, "--update")
    assert "1 read, 5 unchanged" in out
