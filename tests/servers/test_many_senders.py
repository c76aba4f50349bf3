"""Several associations at a time: each is served, and all that they send is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Association, Dcmrecv, StoreSCP, storescu
from support.sendable import data_set_of, digest, image_files
from support.serving import serving

HOST = "127.0.0.1"


@pytest.mark.parametrize("associations", [1, 8])
def test_what_many_send_at_a_time_is_all_there(associations: int, tmp_path: Path) -> None:
    files = image_files(tmp_path, 80, rows=64, columns=64)
    with serving(Dcmrecv, tmp_path) as (server, log):
        sent = storescu(host=HOST, port=server.port, files=files, associations=associations)
        assert sent.unwrap().success
        stored = log.wait_for("STORED_FILE", len(files))
        assert len(log.wait_for("ASSOCIATION_RELEASE", associations)) == associations
    given = [digest(data_set_of(path.read_bytes())) for path in files]
    kept = [digest(data_set_of(Path(one.filename).read_bytes())) for one in stored]
    assert sorted(given) == sorted(kept)


@pytest.mark.parametrize(
    ("kind", "options", "count"),
    [
        (Dcmrecv, {"filename_mode": "unique"}, 400),
        (Dcmrecv, {"filename_mode": "short-unique"}, 400),
        (Dcmrecv, {"filename_mode": "system-time"}, 400),
        (StoreSCP, {"unique_filenames": True}, 400),
        (StoreSCP, {"time_names": True}, 2000),
        (StoreSCP, {"time_names": True, "sort_by_study_uid": True}, 400),
    ],
)
def test_names_that_are_made_at_the_same_time_differ(
    kind: Any, options: dict[str, Any], count: int, tmp_path: Path
) -> None:
    files = image_files(tmp_path, count)
    with serving(kind, tmp_path, **options) as (server, _):
        sent = storescu(host=HOST, port=server.port, files=files, associations=16)
        assert sent.unwrap().success
    kept = [one for one in (tmp_path / "in").rglob("*") if one.is_file()]
    assert len(kept) == len(files)
    given = {digest(data_set_of(path.read_bytes())) for path in files}
    assert {digest(data_set_of(path.read_bytes())) for path in kept} == given


def test_associations_that_say_nothing_hold_up_nobody(tmp_path: Path, image: Path) -> None:
    with serving(Dcmrecv, tmp_path, max_associations=3) as (server, _):
        idle = [Association.open(HOST, server.port).unwrap() for _ in range(2)]
        assert storescu(host=HOST, port=server.port, files=[image]).unwrap().success
        for peer in idle:
            assert peer.echo().ok
            peer.release()
