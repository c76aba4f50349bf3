"""Two servers with one folder, as processes have it that share a port: each keeps what it gets."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Dcmrecv, StoreSCP, storescu
from support.sendable import data_set_of, digest, image_file, image_files
from support.serving import serving

HOST = "127.0.0.1"


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


def send_to_both(
    kind: Any,
    folder: Path,
    files: list[Path],
    associations: int,
    is_done: Callable[[list[Path]], bool] = bool,
    **options: Any,
) -> list[Path]:
    """Half of the files to each of two servers at the same time; what they have kept.

    Args:
        is_done: of the files there; the servers run until it holds, or for ten seconds.
    """

    def send(port: int, some: list[Path]) -> bool:
        sent = storescu(host=HOST, port=port, files=some, associations=associations)
        return sent.unwrap().success

    with (
        serving(kind, folder, **options) as (first, _),
        serving(kind, folder, **options) as (second, _),
        ThreadPoolExecutor(2) as pool,
    ):
        half = len(files) // 2
        assert all(pool.map(send, (first.port, second.port), (files[:half], files[half:])))
        end = time.monotonic() + 10
        while not is_done(files_in(folder / "in")) and time.monotonic() < end:
            time.sleep(0.05)
    return files_in(folder / "in")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Dcmrecv, {"filename_mode": "system-time"}),
        (StoreSCP, {"time_names": True}),
        (StoreSCP, {"time_names": True, "sort_by_study_uid": True}),
    ],
)
def test_names_of_the_same_time_lose_no_file(
    kind: Any, options: dict[str, Any], tmp_path: Path
) -> None:
    files = image_files(tmp_path, 2000)
    kept = send_to_both(kind, tmp_path, files, 8, **options)
    given = [digest(data_set_of(path.read_bytes())) for path in files]
    assert sorted(digest(data_set_of(path.read_bytes())) for path in kept) == sorted(given)


@pytest.mark.parametrize("option", ["sort_by_study", "sort_by_patient_name"])
def test_studies_of_the_same_time_share_no_folder(option: str, tmp_path: Path) -> None:
    studies = range(1, 101)
    files = [
        image_file(tmp_path / str(one), one, (0x0020000D, "UI", f"1.2.3.{one}")) for one in studies
    ]
    kept = send_to_both(StoreSCP, tmp_path, files, 1, **{option: True})
    assert Counter(path.parent for path in kept) == dict.fromkeys({path.parent for path in kept}, 1)
    assert len(kept) == len(studies)


def test_a_study_that_ends_twice_keeps_the_files_of_both(tmp_path: Path) -> None:
    study = (0x0020000D, "UI", "1.2.3.4")
    files = [image_file(tmp_path / str(one), one, study) for one in range(1, 201)]
    kept = send_to_both(
        StoreSCP,
        tmp_path,
        files,
        1,
        lambda there: all(path.name.startswith("CT0") for path in there),
        sort_by_study_uid=True,
        rename_on_end_of_study=True,
        end_of_study_timeout=1,
    )
    assert sorted(path.name for path in kept) == [
        f"CT{number:06}" for number in range(1, len(files) + 1)
    ]
