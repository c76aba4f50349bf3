"""What peers call themselves and their objects makes no file where none belongs."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Dcmrecv, DicomServer, StoreSCP
from support.raw_scu import RawScu, raw_scu
from support.samples import CT_IMAGE, dataset
from support.serving import Log, serving

SERVERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "Dcmrecv": (Dcmrecv, {}),
    "Dcmrecv unique": (Dcmrecv, {"filename_mode": "unique"}),
    "Dcmrecv short-unique": (Dcmrecv, {"filename_mode": "short-unique"}),
    "Dcmrecv system-time": (Dcmrecv, {"filename_mode": "system-time"}),
    "Dcmrecv extension": (Dcmrecv, {"filename_extension": ".dcm"}),
    "Dcmrecv series-date": (Dcmrecv, {"subdirectory": "series-date"}),
    "Dcmrecv bit-preserving": (Dcmrecv, {"storage_mode": "bit-preserving"}),
    "StoreSCP": (StoreSCP, {}),
    "StoreSCP unique": (StoreSCP, {"unique_filenames": True}),
    "StoreSCP time": (StoreSCP, {"time_names": True}),
    "StoreSCP extension": (StoreSCP, {"filename_extension": ".dcm"}),
    "StoreSCP bit-preserving": (StoreSCP, {"bit_preserving": True}),
    "StoreSCP uid-padding": (StoreSCP, {"uid_padding": True}),
    "StoreSCP rewritten": (StoreSCP, {"write_xfer": "implicit"}),
    "StoreSCP study": (StoreSCP, {"sort_by_study": True}),
    "StoreSCP study, prefix": (StoreSCP, {"sort_by_study": "ct"}),
    "StoreSCP study-uid": (StoreSCP, {"sort_by_study_uid": True}),
    "StoreSCP study-uid, prefix": (StoreSCP, {"sort_by_study_uid": "ct"}),
    "StoreSCP patient": (StoreSCP, {"sort_by_patient_name": True}),
    "StoreSCP study-uid, time": (StoreSCP, {"sort_by_study_uid": True, "time_names": True}),
    "DicomServer": (DicomServer, {}),
    "DicomServer extension": (DicomServer, {"filename_extension": ".dcm"}),
}
"""Each way to name and to sort."""

KEEPS_ALL = [name for name in SERVERS if "unique" in name or "time" in name]
"""No two objects have one name there, not even one object that comes twice."""

ODD = [
    b"../x",
    b"../../x",
    b"/abs",
    b"/",
    b"a\\b",
    b"..\\x",
    b"..",
    b".",
    b"1.2\0.3",
    b"\0../x",
    b"1." * 150,
    b"x" * 300,
    b"~root",
    b"-rf",
    b"1.2.3\n\r",
    b"\xff\xfe\xfd\xfc",
    b"CON",
    b"\xc3\xa4/../x",
]
PLANTED = ("x", "abs", "b", "outer/x", "outer/abs", "outer/b", "outer/in/x", "outer/in/abs")
"""What somebody else has put there, relative to the test's folder; the server's is outer/in."""

_counter = itertools.count()


def image(
    sop_instance: bytes,
    *,
    study: bytes = b"1.2.3.4",
    patient: bytes = b"DOE^JANE",
    date: bytes = b"20240131",
    sop_class: str = CT_IMAGE,
) -> bytes:
    """A data set that says so of itself, and is like no other."""
    return dataset(
        [
            (0x00080016, "UI", sop_class),
            (0x00080018, "UI", sop_instance),
            (0x00080021, "DA", date),
            (0x00100010, "PN", patient),
            (0x0020000D, "UI", study),
            (0x00204000, "LT", f"object {next(_counter):07}"),
        ]
    )


def tree(root: Path) -> dict[str, str]:
    """All that is below a folder: what it is, or its content."""
    return {
        str(one.relative_to(root)): (
            "folder" if one.is_dir() else hashlib.sha256(one.read_bytes()).hexdigest()
        )
        for one in root.rglob("*")
    }


@contextmanager
def planted(folder: Path, name: str) -> Iterator[tuple[Any, Log, Path]]:
    """A server, and its folder; at the end all that was there before is as it was."""
    kind, options = SERVERS[name]
    inside = folder / "outer" / "in"
    inside.mkdir(parents=True)
    for path in PLANTED:
        (folder / path).write_text(f"of somebody else, {path}")
    before = tree(folder)
    root = set(Path("/").iterdir())
    with serving(kind, folder, output_directory=inside, **options) as (server, log):
        yield server, log, inside
    after = tree(folder)
    assert {path: after[path] for path in before} == before
    assert all(path.startswith("outer/in/") for path in after.keys() - before.keys())
    assert set(Path("/").iterdir()) == root


def files_of_objects(inside: Path) -> list[Path]:
    """What the server has put there."""
    return [
        one
        for one in inside.rglob("*")
        if one.is_file() and not one.read_bytes().startswith(b"of somebody else")
    ]


def stored_objects(inside: Path, objects: list[bytes]) -> int:
    """How many of these objects are in the files there, told by their numbers."""
    contents = [one.read_bytes() for one in files_of_objects(inside)]
    marks = [one[one.index(b"object ") :][:14] for one in objects]
    return sum(any(mark in content for content in contents) for mark in marks)


@pytest.mark.parametrize("name", SERVERS)
def test_odd_names_stay_in_the_folder_and_apart(name: str, tmp_path: Path) -> None:
    with planted(tmp_path, name) as (server, _, inside), raw_scu(server.port) as scu:
        taken = []
        for odd in ODD:
            content = image(odd, study=odd, patient=odd, date=odd)
            if scu.store(odd, content) == 0:
                taken.append(content)
        assert len(files_of_objects(inside)) == len(taken)
        assert stored_objects(inside, taken) == len(taken)
    # Whether the data set is held against its request is the only reason to refuse one of them.
    assert len(taken) >= len(ODD) - 2


@pytest.mark.parametrize("kind", [Dcmrecv, StoreSCP, DicomServer])
def test_odd_titles_make_no_names(kind: Any, tmp_path: Path) -> None:
    with planted(tmp_path, kind.__name__) as (server, _, inside):
        for odd in ODD:
            with raw_scu(server.port, calling=odd, called=odd) as scu:
                if scu.is_accepted:
                    assert scu.store(b"1.2.3", image(b"1.2.3")) == 0
        with raw_scu(server.port) as scu:
            assert scu.store(b"1.2.3", image(b"1.2.3")) == 0
        assert {one.name.removesuffix(".dcm") for one in files_of_objects(inside)} == {"CT.1.2.3"}


def test_odd_sop_classes_make_no_names(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    with serving(StoreSCP, tmp_path, promiscuous=True) as (server, _):
        for odd in ("../x", "/abs", "a\\b", "x" * 300):
            with raw_scu(server.port, sop_class=odd) as scu:
                if scu.is_accepted:
                    content = image(b"1.2.3", sop_class=odd)
                    assert scu.store(b"1.2.3", content) in {0, 0xA900}
    assert {one.name for one in inside.rglob("*")} <= {"UNKNOWN.1.2.3"}
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def store_all(scu: RawScu, objects: list[tuple[bytes, bytes]]) -> None:
    for sop_instance, content in objects:
        assert scu.store(sop_instance, content) == 0


@pytest.mark.parametrize("name", SERVERS)
def test_an_instance_that_comes_twice_replaces_itself_alone(name: str, tmp_path: Path) -> None:
    objects = [(uid, image(uid)) for uid in (b"1.2.3", b"1.2.4", b"1.2.3")]
    with planted(tmp_path, name) as (server, _, inside), raw_scu(server.port) as scu:
        store_all(scu, objects)
        contents = [content for _, content in objects]
        if name in KEEPS_ALL:
            assert len(files_of_objects(inside)) == 3
            assert stored_objects(inside, contents) == 3
        else:
            assert len(files_of_objects(inside)) == 2
            assert stored_objects(inside, contents[1:]) == 2


ALIKE = [
    [b"a/b", b"a\\b", b"a_b", b"A_B", b"a b", b"ab"],
    [b"1.2.3", b"01.2.3", b"1.2.3.", b"1..2.3", b"1.2.3/", b"1.2.03", b"1.2.3\0.4"],
    [b"../x", b"invalid-7f5c4de36a8bb92f", b"./x", b"x", b"../x/."],
    [b"9" * 64, b"9" * 65, b"9" * 66],
]
"""Different UIDs, or what is given for them, that careless cleaning would make the same."""


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("alike", ALIKE)
def test_names_that_look_alike_are_kept_apart(
    alike: list[bytes], name: str, tmp_path: Path
) -> None:
    objects = [(uid, image(uid)) for uid in alike]
    with planted(tmp_path, name) as (server, _, inside), raw_scu(server.port) as scu:
        store_all(scu, objects)
        assert len(files_of_objects(inside)) == len(alike)
        assert stored_objects(inside, [content for _, content in objects]) == len(alike)


@pytest.mark.parametrize("name", SERVERS)
def test_padding_makes_no_other_instance(name: str, tmp_path: Path) -> None:
    """PS3.5 section 9.1: a NUL behind a UID is none of it; blanks are a usual mistake."""
    paddings = (b"\0", b" ", b"\0\0\0", b"   ")
    objects = [(b"1.2.3" + padding, image(b"1.2.3")) for padding in paddings]
    with planted(tmp_path, name) as (server, _, inside), raw_scu(server.port) as scu:
        store_all(scu, objects)
        expected = len(objects) if name in KEEPS_ALL else 1
        assert len(files_of_objects(inside)) == expected
        assert stored_objects(inside, [objects[-1][1]]) == 1


@pytest.mark.parametrize(
    ("kind", "option", "more"),
    [
        (Dcmrecv, "filename_extension", {}),
        (StoreSCP, "filename_extension", {}),
        (StoreSCP, "sort_by_study", {}),
        (StoreSCP, "sort_by_study_uid", {}),
        (DicomServer, "filename_extension", {}),
    ],
)
@pytest.mark.parametrize("odd", ["../x", "/abs", "/", "a/b", "a\0b", ".", "..", "x" * 300])
def test_what_is_put_before_or_behind_names_is_no_path(
    odd: str, kind: Any, option: str, more: dict[str, Any], tmp_path: Path
) -> None:
    given = {option: odd, "output_directory": tmp_path / "in", **more}
    created = kind.create(port=0, bind_address="127.0.0.1", **given)
    if created.ok:
        with created.unwrap() as server:
            started = server.start()
            if started.ok:
                with raw_scu(server.port) as scu:
                    assert scu.store(b"1.2.3", image(b"1.2.3")) == 0xA700
                assert odd == "x" * 300
    assert {one.name for one in tmp_path.iterdir()} <= {"in"}
    assert list(tmp_path.rglob("*.*")) == []
