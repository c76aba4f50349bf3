"""Which files a source stands for, and in which order they come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import DicomFileError, OptionsError
from dcmtk_native.scan.sources import Sources


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.dcm", "a.dcm", "z/1.dcm", "z/y/2.dcm", "c/3.txt", "c/4.DCM"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "tree"


class Errors(list[tuple[str, Exception]]):
    def __call__(self, path: str, error: Exception) -> None:
        self.append((path, error))


def sources(source: Any, **options: Any) -> Sources:
    settings: dict[str, Any] = {
        "tool": "scan",
        "recursive": True,
        "pattern": None,
        "report": Errors(),
        "stop": lambda: False,
        **options,
    }
    return Sources(source, **settings)


def names(found: Sources, root: Path) -> list[str]:
    return [os.path.relpath(path, root) for path in found]


def test_files_come_before_folders_and_both_by_name(tree: Path) -> None:
    expected = ["a.dcm", "b.dcm", "c/3.txt", "c/4.DCM", "z/1.dcm", "z/y/2.dcm"]
    assert names(sources(tree), tree) == expected
    assert names(sources(str(tree)), tree) == expected


def test_names_are_compared_byte_by_byte(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    raw = [b"10", b"9", b"A", b"_", b"a", b"a b", b"\x80", "\u00e4".encode(), "\uffee".encode()]
    raw += ["\U0001f600".encode(), b"\xff"]
    for name in reversed(raw):
        Path(os.fsdecode(folder + b"/" + name)).touch()
        (Path(os.fsdecode(folder + b"/d" + name))).mkdir()
        Path(os.fsdecode(folder + b"/d" + name + b"/file")).touch()
    expected = raw + [b"d" + name + b"/file" for name in raw]
    for pattern in (None, "*"):
        found = sources(tmp_path, pattern=pattern)
        assert [os.path.relpath(os.fsencode(path), folder) for path in found] == expected


def test_without_recursion_only_the_folder_itself(tree: Path) -> None:
    assert names(sources(tree, recursive=False), tree) == ["a.dcm", "b.dcm"]


def test_a_pattern_is_for_the_names_in_folders(tree: Path) -> None:
    assert names(sources(tree, pattern="[!3]*.dcm"), tree) == [
        "a.dcm",
        "b.dcm",
        "z/1.dcm",
        "z/y/2.dcm",
    ]
    assert names(sources(tree / "c" / "3.txt", pattern="*.dcm"), tree) == ["c/3.txt"]


def test_a_list_may_hold_files_and_folders(tree: Path) -> None:
    found = sources([tree / "b.dcm", str(tree / "c")])
    assert names(found, tree) == ["b.dcm", "c/3.txt", "c/4.DCM"]


def test_an_iterator_is_read_no_further_than_it_is_needed(tree: Path) -> None:
    taken = []

    def endless() -> Iterator[Path]:
        while True:
            taken.append(1)
            yield tree / "a.dcm"

    paths = iter(sources(endless()))
    assert [next(paths), next(paths)] == [str(tree / "a.dcm")] * 2
    assert len(taken) == 2


def test_the_total_is_known_when_it_can_be(tree: Path) -> None:
    assert sources(tree / "a.dcm").total == 1
    assert sources([tree / "a.dcm"] * 3).total == 3
    walked = sources(tree)
    assert walked.total is None
    assert not walked.exhausted
    list(walked)
    assert (walked.total, walked.exhausted) == (6, True)


def test_a_missing_item_of_a_list_is_left_to_whoever_reads_it(tmp_path: Path) -> None:
    assert list(sources([tmp_path / "gone"])) == [str(tmp_path / "gone")]


def test_a_missing_source_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(DicomFileError, match="gone: No such file") as raised:
        sources(tmp_path / "gone")
    assert raised.value.filename == str(tmp_path / "gone")


@pytest.mark.parametrize("source", [3, None, b"path", "", "a\0b"])
def test_what_is_no_source_is_refused(source: Any) -> None:
    with pytest.raises(OptionsError, match=r"^scan: invalid options: source="):
        sources(source)


@pytest.mark.parametrize("item", [3, None, b"path", "", "a\0b"])
def test_what_is_no_path_in_a_list_is_reported(item: Any, tree: Path) -> None:
    errors = Errors()
    assert len(list(sources([item, tree / "a.dcm"], report=errors))) == 1
    ((shown, error),) = errors
    assert shown == repr(item)
    assert isinstance(error, OptionsError)


def test_links_to_folders_are_not_followed_and_links_to_files_are(tree: Path) -> None:
    (tree / "z" / "circle").symlink_to(tree)
    (tree / "z" / "link.dcm").symlink_to(tree / "a.dcm")
    (tree / "z" / "dangling.dcm").symlink_to(tree / "nowhere")
    assert names(sources(tree / "z"), tree) == ["z/1.dcm", "z/link.dcm", "z/y/2.dcm"]


def test_a_link_to_itself_is_reported(tree: Path) -> None:
    (tree / "z" / "self.dcm").symlink_to(tree / "z" / "self.dcm")
    errors = Errors()
    assert names(sources(tree / "z", report=errors), tree) == ["z/1.dcm", "z/y/2.dcm"]
    assert [path for path, _ in errors] == [str(tree / "z" / "self.dcm")]


def test_what_would_block_is_left_out(tree: Path) -> None:
    os.mkfifo(tree / "z" / "fifo.dcm")
    assert names(sources(tree / "z"), tree) == ["z/1.dcm", "z/y/2.dcm"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_reported(tree: Path) -> None:
    (tree / "c").chmod(0)
    errors = Errors()
    try:
        found = names(sources(tree, report=errors), tree)
        with pytest.raises(DicomFileError):
            sources(tree / "c")
    finally:
        (tree / "c").chmod(0o755)
    assert found == ["a.dcm", "b.dcm", "z/1.dcm", "z/y/2.dcm"]
    ((path, error),) = errors
    assert path == str(tree / "c")
    assert isinstance(error, PermissionError)


def test_a_folder_that_goes_meanwhile_is_reported(tree: Path) -> None:
    errors = Errors()
    paths = iter(sources(tree, report=errors))
    assert next(paths).endswith("a.dcm")
    for name in ("3.txt", "4.DCM"):
        (tree / "c" / name).unlink()
    (tree / "c").rmdir()
    assert len(list(paths)) == 3
    assert [path for path, _ in errors] == [str(tree / "c")]


def test_a_deep_tree_needs_no_deep_stack(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(300):
        folder = folder / "d"
        folder.mkdir()
    (folder / "x").touch()
    assert len(list(sources(tmp_path))) == 1


def test_no_folder_is_listed_after_a_stop(tree: Path) -> None:
    stop: list[bool] = []
    found = sources([tree, tree], stop=lambda: bool(stop))
    paths = iter(found)
    next(paths)
    stop.append(True)
    assert [Path(path).name for path in paths] == ["b.dcm"]
    assert not found.exhausted
    assert list(sources([tree, tree], stop=lambda: True)) == []
