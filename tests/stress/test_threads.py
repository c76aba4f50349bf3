"""Eight threads, ten thousand mixed calls: right results, each log record in its own thread."""

from __future__ import annotations

import logging
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dcmtk_native import (
    ChangeSet,
    TransferSyntax,
    create_dicom_tag_path,
    dcm2json,
    dcm2xml,
    dcmconv,
    dcmdump,
    dcmodify,
    unwrap,
)
from support.hostile_files import element, part10

pytestmark = pytest.mark.timeout(600)

THREADS = 8
CALLS = 10_000


@pytest.fixture
def records() -> Iterator[dict[int, list[str]]]:
    """The messages of the package's loggers, by thread."""
    seen: dict[int, list[str]] = defaultdict(list)

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen[threading.get_ident()].append(record.getMessage())

    logger = logging.getLogger("dcmtk_native")
    handler = Keep()
    logger.addHandler(handler)
    logger.propagate = False
    yield seen
    logger.removeHandler(handler)
    logger.propagate = True


def odd_file(thread: int) -> bytes:
    """A file at which libdcmtk warns of an odd length, at an element of this thread's own."""
    return part10(
        element(0x00080060, "CS", b"OT")
        + element(0x00100010, "PN", b"A^B ")
        + element(odd_tag(thread), "LO", b"ABC")
    )


def odd_tag(thread: int) -> int:
    return 0x00400000 + 0x3000 + thread


def make_calls(thread: int, ct: Path) -> list[Callable[[], None]]:
    """The mixed calls of one thread; each asserts its own result."""
    name = f"THREAD^{thread}"
    source = ct.read_bytes()
    renamed = unwrap(dcmodify(source, modifications=[("PatientName", name)])).data
    assert renamed is not None
    odd = odd_file(thread)

    def json() -> None:
        model = unwrap(dcm2json(renamed)).data
        assert model["00100010"]["Value"] == [{"Alphabetic": name}]

    def dump() -> None:
        assert f"[{name}" in unwrap(dcmdump(renamed, search_tag="PatientName")).text

    def xml() -> None:
        assert name in unwrap(dcm2xml(renamed)).xml

    def convert() -> None:
        syntax = random.choice(
            [TransferSyntax.IMPLICIT_LITTLE, TransferSyntax.EXPLICIT_BIG, TransferSyntax.DEFLATED]
        )
        data = unwrap(dcmconv(renamed, None, transfer_syntax=syntax)).data
        assert data is not None
        assert unwrap(dcm2json(data)).data["00100010"]["Value"] == [{"Alphabetic": name}]

    def modify() -> None:
        changes = ChangeSet.empty().set_tag(create_dicom_tag_path("(0010,0020)"), f"ID{thread}")
        pairs = [(tag, value) for tag, value in changes.modifications.items()]
        data = unwrap(dcmodify(renamed, modifications=pairs)).data
        assert data is not None
        assert unwrap(dcm2json(data)).data["00100020"]["Value"] == [f"ID{thread}"]

    def other_switches() -> None:
        # Other values of the process-wide switches: must neither see nor disturb others.
        assert (
            f"[{name}" in unwrap(dcmdump(renamed, search_tag="PatientName", convert_un=True)).text
        )

    def missing() -> None:
        result = dcmdump(f"/nonexistent/{thread}.dcm")
        assert not result.ok
        assert f"/nonexistent/{thread}.dcm" in result.error.message

    def warned() -> None:
        assert "[A^B]" in unwrap(dcmdump(odd)).text

    return [json, dump, xml, convert, modify, other_switches, missing, warned]


def test_ten_thousand_mixed_calls(ct_small: Path, records: dict[int, list[str]]) -> None:
    def work(thread: int) -> int:
        rng = random.Random(thread)
        calls = make_calls(thread, ct_small)
        for _ in range(CALLS // THREADS):
            rng.choice(calls)()
        mine = f"(0040,{odd_tag(thread) & 0xFFFF:04x})"
        messages = [text for text in records[threading.get_ident()] if "(0040,3" in text]
        assert messages, "libdcmtk's warnings reached the logger of the calling thread"
        assert all(mine in text for text in messages), messages[:3]
        return CALLS // THREADS

    # One thread a task: a shared pool could give two tasks to one thread.
    with ThreadPoolExecutor(THREADS) as pool:
        barrier = threading.Barrier(THREADS)

        def start(thread: int) -> int:
            barrier.wait()
            return work(thread)

        assert sum(pool.map(start, range(THREADS))) == CALLS
