"""Full disks, killed processes: no damaged file under a final name, and the server goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dcmtk_native import Dcmrecv, storescu
from support.sendable import data_set_of, digest, image_file, image_files
from support.serving import serving

HOST = "127.0.0.1"

SERVER = """
import json, resource, signal, sys
from dcmtk_native import Dcmrecv
limit = int(sys.argv[1])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
server = Dcmrecv.create(port=0, bind_address="127.0.0.1", output_directory="in").unwrap()
def tell(event, data=None):
    print(json.dumps([event, getattr(data, "filename", None)]), flush=True)
server.on("STORED_FILE", lambda data: tell("STORED_FILE", data))
server.on("error", lambda data: tell("error"))
server.start().unwrap()
print(server.port, flush=True)
server.wait()
"""


@contextmanager
def server_process(folder: Path, *, limit: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A server in a process of its own, which may write files of this size and no longer."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(limit)], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_full_disk_is_a_status_and_the_next_object_is_stored(tmp_path: Path) -> None:
    big = image_file(tmp_path / "big", 1, rows=200, columns=200)
    small = image_file(tmp_path / "small", 2)
    with server_process(tmp_path, limit=20_000) as process:
        port = int(line_of(process))
        sent = storescu(host=HOST, port=port, files=[big, small], halt=False).unwrap()
        assert [one.status for one in sent.outcomes] == [0xA700, 0]
        assert json.loads(line_of(process)) == ["error", None]
        event, filename = json.loads(line_of(process))
    assert event == "STORED_FILE"
    assert [str(one.relative_to(tmp_path)) for one in (tmp_path / "in").iterdir()] == [filename]
    stored = (tmp_path / filename).read_bytes()
    assert digest(data_set_of(stored)) == digest(data_set_of(small.read_bytes()))


@pytest.mark.parametrize("number", range(8))
def test_whoever_is_killed_has_told_of_complete_files_alone(number: int, tmp_path: Path) -> None:
    files = image_files(tmp_path, 40, rows=64, columns=64)
    digests = {digest(data_set_of(path.read_bytes())) for path in files}
    with server_process(tmp_path) as process:
        port = int(line_of(process))
        sending = threading.Thread(
            target=storescu, kwargs={"host": HOST, "port": port, "files": files}
        )
        sending.start()
        for _ in range(1 + 4 * number):
            assert json.loads(line_of(process))[0] == "STORED_FILE"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        sending.join(30)
    complete = [one for one in (tmp_path / "in").iterdir() if not one.name.startswith(".")]
    assert len(complete) >= 1 + 4 * number
    assert all(digest(data_set_of(one.read_bytes())) in digests for one in complete)


def test_a_folder_that_is_gone_is_a_status_and_is_served_again_when_it_is_back(
    tmp_path: Path, image: Path
) -> None:
    with serving(Dcmrecv, tmp_path) as (server, log):
        shutil.rmtree(tmp_path / "in")
        sent = storescu(host=HOST, port=server.port, files=[image], halt=False).unwrap()
        assert [one.status for one in sent.outcomes] == [0xA700]
        (told,) = log.wait_for("error")
        assert not told.fatal
        (tmp_path / "in").mkdir()
        assert storescu(host=HOST, port=server.port, files=[image]).unwrap().success
        log.wait_for("STORED_FILE")
    assert server.metrics()["objects_failed"] == 1
    assert server.metrics()["objects_stored"] == 1


def test_a_folder_in_the_place_of_a_file_stays_one(tmp_path: Path, image: Path) -> None:
    with serving(Dcmrecv, tmp_path) as (server, log):
        assert storescu(host=HOST, port=server.port, files=[image]).unwrap().success
        (stored,) = log.wait_for("STORED_FILE")
        Path(stored.filename).unlink()
        Path(stored.filename).mkdir()
        sent = storescu(host=HOST, port=server.port, files=[image], halt=False).unwrap()
        assert sent.outcomes[0].status == 0xA700
    assert [one.name for one in (tmp_path / "in").iterdir()] == [Path(stored.filename).name]
    assert Path(stored.filename).is_dir()
