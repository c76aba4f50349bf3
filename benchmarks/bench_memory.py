"""16 senders with an object of 500 MB each: the most memory that the server ever had."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data import make_multi_frame
from dcmtk_native import storescu
from servers import Serving, serving

MEGABYTES = 500
SENDERS = 16
HOST = "127.0.0.1"
LONG = 3_600_000

SERVER = """
import sys
from dcmtk_native import Dcmrecv
server = Dcmrecv.create(port=0, output_directory=sys.argv[1], filename_mode="unique").unwrap()
with server:
    server.start().unwrap()
    print(server.port, flush=True)
    sys.stdin.readline()
"""


def sent(server: Serving, path: Path) -> None:
    result = storescu(host=HOST, port=server.port, files=[path], timeout_ms=LONG).unwrap()
    assert result.success


def bench_memory(tmp_path: Path, findings: list[str]) -> None:
    path = make_multi_frame(tmp_path / "image.dcm", MEGABYTES)
    folder = tmp_path / "received"
    folder.mkdir()
    try:
        with serving(SERVER, folder) as server:
            before = server.peak_mb()
            begin = time.perf_counter()
            with ThreadPoolExecutor(SENDERS) as pool:
                list(pool.map(lambda _: sent(server, path), range(SENDERS)))
            seconds = time.perf_counter() - begin
            peak = server.peak_mb()
        sizes = [one.stat().st_size for one in folder.iterdir()]
        assert len(sizes) == SENDERS
        assert min(sizes) > MEGABYTES << 20
    finally:
        shutil.rmtree(folder)
        path.unlink()
    rate = SENDERS * MEGABYTES / seconds
    findings.append(
        f"{SENDERS} senders of {MEGABYTES} MB each to Dcmrecv: at most {peak:.0f} MB of memory,"
        f" {before:.0f} MB before the first; {seconds:.1f} s, {rate:.0f} MB/s"
    )
