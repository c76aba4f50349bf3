"""What a StoreSCP has done with files and studies: functions called, commands run."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import StoredFileData, StoreSCP, StudyCompleteData
from support.sendable import UID_ROOT, image_file
from support.serving import run_client, serving

HOST = "127.0.0.1"
WITHIN = 30.0
STUDY = (0x0020000D, "UI", "1.2.3.4")
OTHER_STUDY = (0x0020000D, "UI", "1.2.3.5")

WRITES_ITS_WORDS = (
    "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('|'.join(sys.argv[2:]))"
)
"""A program: the first word is a file, the others go into it."""


def command(target: Path, *words: str) -> str:
    return f"{sys.executable} -c \"{WRITES_ITS_WORDS}\" '{target}' {' '.join(words)}"


def content_of(path: Path) -> str:
    """What a command has written, when it has."""
    waiting = threading.Event()
    for _ in range(int(WITHIN / 0.01)):
        if path.exists() and (text := path.read_text()):
            return text
        waiting.wait(0.01)
    raise AssertionError(f"nobody has written {path}")


def send(port: int, *files: Path) -> None:
    run_client("storescu", "-aet", "SENDER", "-aec", "TARGET", HOST, port, *files)


@pytest.fixture
def studies(tmp_path: Path) -> list[Path]:
    """Two images of a study, one of another."""
    return [
        image_file(tmp_path / "1", 1, STUDY),
        image_file(tmp_path / "2", 2, STUDY),
        image_file(tmp_path / "3", 3, OTHER_STUDY),
    ]


def test_a_function_is_called_for_each_file_on_the_dispatch_thread(
    tmp_path: Path, studies: list[Path]
) -> None:
    called: list[tuple[StoredFileData, threading.Thread]] = []
    threads: list[threading.Thread] = []

    def hook(data: StoredFileData) -> None:
        called.append((data, threading.current_thread()))

    with serving(StoreSCP, tmp_path, exec_on_reception=hook) as (server, log):
        server.on_event("STORED_FILE", lambda: threads.append(threading.current_thread()))
        send(server.port, *studies)
    assert [data for data, _ in called] == log.payloads("STORED_FILE")
    assert {thread for _, thread in called} == set(threads)


def test_listeners_hear_of_a_file_before_its_hook_is_called(tmp_path: Path, image: Path) -> None:
    order: list[str] = []
    with serving(StoreSCP, tmp_path, exec_on_reception=lambda _: order.append("hook")) as (s, _):
        s.on_event("STORED_FILE", lambda: order.append("listener"))
        send(s.port, image, image)
    assert order == ["listener", "hook"] * 2


def test_without_a_listener_hooks_are_called_too(tmp_path: Path, image: Path) -> None:
    called: list[Any] = []
    server = StoreSCP.create(
        port=0, output_directory=tmp_path / "in", exec_on_reception=called.append
    ).unwrap()
    with server:
        server.start().unwrap()
        send(server.port, image)
    assert len(called) == 1


def test_a_command_gets_its_words(tmp_path: Path, image: Path) -> None:
    target = tmp_path / "words"
    line = command(target, "#p", "#f", "#a", "#c", "#r", "'two words'", "x#ay", "#z")
    with serving(StoreSCP, tmp_path, exec_on_reception=line, exec_sync=True) as (server, log):
        send(server.port, image)
    words = content_of(target).split("|")
    assert words == [
        str(tmp_path / "in"),
        f"CT.{UID_ROOT}.1",
        "SENDER",
        "TARGET",
        HOST,
        "two words",
        "xSENDERy",
        "#z",
    ]
    assert log.payloads("error") == []


def test_what_a_peer_says_is_one_word_and_no_shell_sees_it(tmp_path: Path, image: Path) -> None:
    target = tmp_path / "words"
    line = command(target, "#a", "#c")
    with serving(StoreSCP, tmp_path, exec_on_reception=line, exec_sync=True) as (server, _):
        run_client("storescu", "-aet", "a; touch x", "-aec", "$(id) #a", HOST, server.port, image)
    assert content_of(target) == "a; touch x|$(id) #a"


def test_a_command_in_the_background_is_not_waited_for(tmp_path: Path, image: Path) -> None:
    gate, target = tmp_path / "gate", tmp_path / "words"
    import os

    os.mkfifo(gate)
    program = f"open('{gate}').read(); open('{target}', 'w').write('done')"
    line = f'{sys.executable} -c "{program}"'
    with serving(StoreSCP, tmp_path, exec_on_reception=line) as (server, log):
        send(server.port, image)
        log.wait_for("ASSOCIATION_RELEASE")
        assert not target.exists()
    gate.write_text("go")
    assert content_of(target) == "done"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/nowhere/program #f", "the command '/nowhere/program' cannot be run"),
        (f"{sys.executable} -c 'raise SystemExit(7)'", "ended with status 7"),
    ],
)
def test_a_command_that_fails_is_an_error_and_no_end(
    line: str, reason: str, tmp_path: Path, image: Path
) -> None:
    with serving(StoreSCP, tmp_path, exec_on_reception=line, exec_sync=True) as (server, log):
        send(server.port, image)
        (told,) = log.wait_for("error")
        assert server.is_running
    assert not told.fatal
    assert reason in told.error.message


@pytest.mark.parametrize("reason", [ValueError("no"), SystemExit(3)])
def test_a_function_that_raises_is_an_error_and_no_end(
    reason: BaseException, tmp_path: Path, image: Path
) -> None:
    def hook(_: StoredFileData) -> None:
        raise reason

    with serving(StoreSCP, tmp_path, exec_on_reception=hook) as (server, log):
        send(server.port, image)
        (told,) = log.wait_for("error")
        assert server.is_running
    assert not told.fatal
    assert told.error.__cause__ is reason


# ---- studies ----

Done = Callable[[StudyCompleteData], None]


def test_a_study_is_complete_when_another_one_comes(tmp_path: Path, studies: list[Path]) -> None:
    told: list[StudyCompleteData] = []
    options: dict[str, Any] = {"sort_by_study_uid": True, "exec_on_end_of_study": told.append}
    with serving(StoreSCP, tmp_path, **options) as (server, log):
        send(server.port, *studies)
        log.wait_for("ASSOCIATION_RELEASE")
    (study,) = told
    folder = tmp_path / "in" / "1.2.3.4"
    assert study == StudyCompleteData(
        1,
        "SENDER",
        "TARGET",
        HOST,
        "1.2.3.4",
        str(folder),
        (str(folder / f"CT.{UID_ROOT}.1"), str(folder / f"CT.{UID_ROOT}.2")),
    )
    assert all(Path(one).is_file() for one in study.files)


def test_a_study_is_complete_when_its_time_is_over(tmp_path: Path, studies: list[Path]) -> None:
    told: list[StudyCompleteData] = []
    complete = threading.Event()

    def done(study: StudyCompleteData) -> None:
        told.append(study)
        complete.set()

    options: dict[str, Any] = {"exec_on_end_of_study": done, "end_of_study_timeout": 1}
    with serving(StoreSCP, tmp_path, sort_by_study=True, **options) as (server, _):
        send(server.port, *studies[:2])
        assert complete.wait(WITHIN)
    assert [len(study.files) for study in told] == [2]


def test_a_study_is_followed_without_a_folder_of_its_own(
    tmp_path: Path, studies: list[Path]
) -> None:
    told: list[StudyCompleteData] = []
    with serving(StoreSCP, tmp_path, exec_on_end_of_study=told.append) as (server, _):
        send(server.port, *studies)
    assert [study.study_instance_uid for study in told] == ["1.2.3.4"]
    assert {Path(one).parent for one in told[0].files} == {tmp_path / "in"}


def test_the_files_of_a_complete_study_are_numbered(tmp_path: Path, studies: list[Path]) -> None:
    told: list[StudyCompleteData] = []
    options: dict[str, Any] = {"sort_by_study_uid": True, "exec_on_end_of_study": told.append}
    with serving(StoreSCP, tmp_path, rename_on_end_of_study=True, **options) as (server, _):
        send(server.port, *studies)
    folder = tmp_path / "in" / "1.2.3.4"
    names = sorted(one.name for one in folder.iterdir())
    assert all(re.fullmatch(r"CT\.?00000[12]", name) for name in names), names
    assert sorted(told[0].files) == [str(folder / name) for name in names]


def test_a_study_that_comes_again_takes_no_number_of_another_file(
    tmp_path: Path, studies: list[Path]
) -> None:
    told: list[StudyCompleteData] = []
    options: dict[str, Any] = {"sort_by_study_uid": True, "exec_on_end_of_study": told.append}
    for _ in range(2):
        with serving(StoreSCP, tmp_path, rename_on_end_of_study=True, **options) as (server, log):
            send(server.port, *studies)
        assert log.payloads("error") == []
    folder = tmp_path / "in" / "1.2.3.4"
    assert len(list(folder.iterdir())) == 2 * len(studies[:2])
    assert not {*told[0].files} & {*told[1].files}


def test_an_instance_that_comes_twice_is_one_file_of_its_study(
    tmp_path: Path, studies: list[Path]
) -> None:
    told: list[StudyCompleteData] = []
    options: dict[str, Any] = {"sort_by_study_uid": True, "exec_on_end_of_study": told.append}
    with serving(StoreSCP, tmp_path, rename_on_end_of_study=True, **options) as (server, log):
        send(server.port, studies[0], *studies)
    assert log.payloads("error") == []
    assert sorted(map(Path, told[0].files)) == sorted((tmp_path / "in" / "1.2.3.4").iterdir())


def test_a_command_for_a_study(tmp_path: Path, studies: list[Path]) -> None:
    target = tmp_path / "words"
    line = command(target, "#p", "#a", "#c", "#r")
    options: dict[str, Any] = {"exec_on_end_of_study": line, "exec_sync": True}
    with serving(StoreSCP, tmp_path, sort_by_study_uid=True, **options) as (server, _):
        send(server.port, *studies)
    assert content_of(target) == f"{tmp_path / 'in' / '1.2.3.4'}|SENDER|TARGET|{HOST}"
