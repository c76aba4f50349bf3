"""Hostile files among good ones: errors of a scan that goes on to its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dcmtk_native import scan, unwrap
from support import hostile_files
from support.samples import ct_image, dicom_file

TAGS = [
    "PatientName",
    "Rows",
    "ImageType",
    "PixelSpacing",
    "(0009,1001)",
    "ReferencedImageSequence[*].ReferencedSOPInstanceUID",
    "(4008,0212)",
]
MAX_MEMORY = 1 << 62 if hostile_files.SANITIZED else 128 << 20

CHILD = """
import json, sys
from dcmtk_native import scan, series, unwrap
def peak():
    # Unlike ru_maxrss this knows nothing of the process that this one was forked from.
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) * 1024
folder, tags = sys.argv[1], json.loads(sys.argv[2])
unwrap(scan([], tags))
before = peak()
for dates in ("text", "date"):
    result = unwrap(scan(folder, tags, dates=dates, threads=2))
unwrap(series(folder, on_error=lambda error: None))
after = peak()
errors = [[one.path, one.column, type(one.error).__name__, str(one.error)] for one in result.errors]
print(json.dumps({"rows": result.paths, "names": result["PatientName"], "errors": errors,
                  "memory": after - before}))
"""


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Every hostile file that there is, small ones in plenty."""
    found = {
        **hostile_files.nested(),
        **hostile_files.lying_lengths(),
        **hostile_files.nonsense(),
        "bomb": hostile_files.deflate_bomb(64),
    }
    found |= {f"cut {n}": one for n, one in enumerate(hostile_files.truncations())}
    found |= {
        f"mutation {n}": one for n, one in enumerate(hostile_files.mutations(500, seed=20261123))
    }
    return found


@pytest.fixture(scope="module")
def archive(contents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    good = dicom_file(ct_image((0x00100010, "PN", "Good^One")))
    for number, content in enumerate(contents.values()):
        (folder / f"{number:05}.bad").write_bytes(content)
        (folder / f"{number:05}.good").write_bytes(good)
    return folder


@pytest.mark.timeout(600)
def test_hostile_files_never_stop_the_scan(contents: dict[str, bytes], archive: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, archive, json.dumps(TAGS)],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    outcome = json.loads(done.stdout)
    names = dict(zip(outcome["rows"], outcome["names"], strict=True))
    assert sum(path.endswith(".good") for path in names) == len(contents)
    assert all(name == "Good^One" for path, name in names.items() if path.endswith(".good"))
    failed = {path for path, column, *_ in outcome["errors"] if column is None}
    assert len(names) + len(failed) == 2 * len(contents)
    assert not failed & names.keys()
    assert len(failed) > 100
    for path, _, kind, message in outcome["errors"]:
        assert path.endswith(".bad"), "good files have no errors"
        assert kind != "InternalError", message
        assert message
    assert outcome["memory"] < MAX_MEMORY


@pytest.mark.timeout(300)
def test_a_hostile_neighbour_changes_no_row(archive: Path) -> None:
    paths = sorted(archive.glob("*.bad"))[::7]
    together = unwrap(scan(paths, TAGS, threads=2))
    alone = [unwrap(scan(path, TAGS, threads=1)) for path in paths]
    for tag in TAGS:
        assert together[tag] == [value for one in alone for value in one[tag]]
    shown = [
        (error.path, error.column, type(error.error), str(error.error))
        for one in alone
        for error in one.errors
    ]
    assert shown == [
        (error.path, error.column, type(error.error), str(error.error)) for error in together.errors
    ]
