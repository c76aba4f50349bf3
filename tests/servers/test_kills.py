"""Servers that are killed at any moment of a reception: what has its final name is complete."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Dcmrecv, DicomServer, StoreSCP, storescu
from support.forking import nursery
from support.sendable import data_set_of, digest, image_file

HOST = "127.0.0.1"
OBJECTS = 4
SIZE = 700
"""Rows and columns: an object of a megabyte."""


def two_versions(folder: Path) -> list[Path]:
    """The same objects twice over, the second time with other contents under the same UIDs."""
    files = []
    for version in "AB":
        for number in range(OBJECTS):
            path = folder / f"{version}{number}"
            comment = (0x00204000, "LT", version)
            files.append(image_file(path, number, comment, rows=SIZE, columns=SIZE))
    return files


def send(port: int, files: list[Path]) -> None:
    """As many as the server lives for."""
    storescu(host=HOST, port=port, files=files, timeout_ms=30_000)


def is_temporary(path: Path) -> bool:
    return path.name.startswith(".")


def digests_below(folder: Path) -> list[str]:
    """Of the data sets of all files that have their final names."""
    return [
        digest(data_set_of(path.read_bytes()))
        for path in folder.rglob("*")
        if path.is_file() and not is_temporary(path)
    ]


@pytest.mark.parametrize(
    ("kind", "options", "rounds"),
    [
        (Dcmrecv, {}, 100),
        (StoreSCP, {"sort_by_study_uid": True, "write_xfer": "implicit"}, 50),
        (DicomServer, {}, 50),
    ],
)
def test_no_kill_leaves_a_damaged_file_under_a_final_name(
    kind: Any, options: dict[str, Any], rounds: int, tmp_path: Path
) -> None:
    files = two_versions(tmp_path)
    chance = random.Random(rounds)
    with nursery(kind, **options) as servers:
        complete = set()
        for version in (files[:OBJECTS], files[OBJECTS:]):
            whole = tmp_path / f"whole-{len(complete)}"
            with servers.server(whole) as server:
                begin = time.monotonic()
                assert storescu(host=HOST, port=server.port, files=version).unwrap().success
                seconds = 2 * (time.monotonic() - begin)
            complete.update(digests_below(whole))
        assert len(complete) == len(files)

        kept, halves = [], []
        for number in range(rounds):
            folder = tmp_path / str(number)
            with servers.server(folder) as server:
                sending = threading.Thread(target=send, args=[server.port, files])
                sending.start()
                time.sleep(chance.uniform(0, seconds))
            sending.join(60)
            found = digests_below(folder)
            assert set(found) <= complete, number
            kept.append(len(found))
            halves += [path.stat().st_size for path in folder.rglob(".*") if path.is_file()]
    # Else the kills came too early, too late or at other moments than meant, and showed nothing.
    assert sum(one > 0 for one in kept) > rounds // 10, kept
    assert any(0 < one < files[0].stat().st_size * 0.9 for one in halves), halves
