"""storescu against servers that refuse, are slow or silent; several associations at a time."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
from pathlib import Path

import pytest

from dcmtk_native import (
    AbortController,
    AssociationError,
    DimseError,
    OperationAbortedError,
    OperationTimeoutError,
    StoreOutcome,
    aio,
    dcmsend,
    storescu,
)
from support.hostile_peer import Line, answer, context, hostile
from support.recording import Recorder, recording
from support.samples import (
    CT_IMAGE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
)
from support.sendable import data_set_of, image_file, image_files

NATIVES = (EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE)
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
HOST = "127.0.0.1"


def test_a_failure_ends_the_call(choosy: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 4)
    error = storescu(host=HOST, port=choosy.port, files=files).error
    assert isinstance(error, DimseError)
    assert error.status == 0xA700
    assert "storescu failed" in error.message
    assert "0xA700" in error.message
    assert str(files[1]) in error.message
    assert len(choosy.received) == 2
    choosy.wait_for(lambda peer: peer.met[0].ends)
    assert choosy.met[0].ends == ["released"]


def test_an_error_tells_what_was_done_before_it(choosy: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 4)
    error = storescu(host=HOST, port=choosy.port, files=files).error
    assert [(one.file, one.status) for one in error.outcomes] == [
        (str(files[0]), 0),
        (str(files[1]), 0xA700),
    ]
    assert pickle.loads(pickle.dumps(error)).outcomes == error.outcomes
    error = dcmsend(host=HOST, port=choosy.port, files=[files[0], files[1]]).error
    assert [one.ok for one in error.outcomes] == [True, False]
    error = storescu(host=HOST, port=1, files=files).error
    assert error.outcomes == ()


@pytest.mark.parametrize("associations", [1, 2])
def test_a_call_that_is_aborted_tells_what_was_done_before(
    choosy: Recorder, tmp_path: Path, associations: int
) -> None:
    files = [image_file(tmp_path / "a.dcm", 3), image_file(tmp_path / "b.dcm", 4)]
    controller = AbortController()

    def stop(done: int, total: int, outcome: StoreOutcome) -> None:
        controller.abort("enough")

    error = storescu(
        host=HOST,
        port=choosy.port,
        files=[*files, *image_files(tmp_path, 1)] * 100,
        associations=associations,
        on_progress=stop,
        signal=controller.signal,
    ).error
    assert isinstance(error, OperationAbortedError)
    assert 1 <= len(error.outcomes) <= 2 * associations
    assert all(one.ok for one in error.outcomes)


def test_a_deadline_tells_what_was_done_before(tmp_path: Path) -> None:
    def serve(line: Line) -> None:
        line.opened(context(1, EXPLICIT_LITTLE))
        line.message()
        line.send(answer(0x8001))

    with hostile(serve) as port:
        error = storescu(
            host=HOST,
            port=port,
            files=image_files(tmp_path, 2),
            propose="little",
            required_only=True,
            timeout_ms=500,
        ).error
    assert isinstance(error, OperationTimeoutError)
    assert [one.sop_instance_uid[-2:] for one in error.outcomes] == [".0"]


def test_without_halt_it_goes_on(choosy: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 4)
    result = storescu(host=HOST, port=choosy.port, files=files, halt=False).unwrap()
    assert not result.success
    assert [one.status for one in result.outcomes] == [0, 0xA700, 0xB007, 0]
    assert [one.ok for one in result.outcomes] == [True, False, True, True]
    assert len(choosy.received) == 4


def test_a_warning_is_no_failure(choosy: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 3)[2:]
    assert storescu(host=HOST, port=choosy.port, files=files).unwrap().success


def test_processed_files_are_renamed(choosy: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 3)
    storescu(host=HOST, port=choosy.port, files=files, halt=False, rename=True).unwrap()
    assert {one.name for one in tmp_path.iterdir()} == {
        "000.dcm.done",
        "001.dcm.bad",
        "002.dcm.done",
    }


def test_what_cannot_be_renamed_is_logged(
    peer: Recorder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = image_file(tmp_path / "image.dcm")
    (tmp_path / "image.dcm.done").mkdir()
    with caplog.at_level(logging.WARNING, "dcmtk_native.network"):
        assert storescu(host=HOST, port=peer.port, files=[file], rename=True).unwrap().success
    assert "cannot rename" in caplog.text
    assert file.exists()


def test_a_lost_association_costs_one_file(tmp_path: Path) -> None:
    files = image_files(tmp_path, 3)
    with recording([CT_IMAGE], refuse=lambda number: number == 0) as peer:
        result = storescu(host=HOST, port=peer.port, files=files, halt=False).unwrap()
        assert [one.ok for one in result.outcomes] == [False, True, True]
        assert result.outcomes[0].status is None
        assert "aborted" in result.outcomes[0].message
        assert len(peer.met) == 2
    with recording([CT_IMAGE], refuse=lambda _: True) as peer:
        error = storescu(host=HOST, port=peer.port, files=files).error
        assert isinstance(error, AssociationError)


def test_a_class_that_the_peer_does_not_know_is_an_error(peer: Recorder, tmp_path: Path) -> None:
    unknown = "1.2.826.0.1.3680043.8.498.6"
    file = image_file(tmp_path / "image.dcm", sop_class=unknown)
    error = storescu(host=HOST, port=peer.port, files=[file]).error
    assert isinstance(error, AssociationError)
    assert unknown in error.message


def test_it_is_aborted_instead_of_released_if_that_is_asked_for(
    peer: Recorder, image: Path
) -> None:
    storescu(host=HOST, port=peer.port, files=[image], abort_association=True).unwrap()
    peer.wait_for(lambda recorder: recorder.met[-1].ends)
    assert peer.met[-1].ends == ["aborted"]


def test_progress_is_told(choosy: Recorder, tmp_path: Path) -> None:
    told: list[tuple[int, int, StoreOutcome]] = []
    result = storescu(
        host=HOST,
        port=choosy.port,
        files=image_files(tmp_path, 3),
        halt=False,
        on_progress=lambda *now: told.append(now),
    ).unwrap()
    assert [(sent, total) for sent, total, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert tuple(outcome for *_, outcome in told) == result.outcomes


@pytest.mark.parametrize("associations", [1, 3])
def test_what_the_callback_raises_comes_out(
    peer: Recorder, tmp_path: Path, associations: int
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        storescu(
            host=HOST,
            port=peer.port,
            files=image_files(tmp_path, 6),
            on_progress=fail,
            associations=associations,
        )


def test_several_associations_at_a_time_keep_the_order(tmp_path: Path) -> None:
    files = image_files(tmp_path, 24)
    gate = threading.Barrier(3, timeout=10)

    def together(_: object) -> int:
        if len(seen) < 3:
            seen.append(1)
            gate.wait()
        return 0

    seen: list[int] = []
    with recording([CT_IMAGE], status=together) as peer:
        result = storescu(host=HOST, port=peer.port, files=files, associations=3).unwrap()
        assert result.success
        assert [one.file for one in result.outcomes] == [str(file) for file in files]
        assert len(peer.met) == 3
        assert peer.most_at_a_time == 3
        assert sorted(one.data for one in peer.received) == sorted(
            data_set_of(file.read_bytes()) for file in files
        )


def test_a_failure_ends_all_associations(tmp_path: Path) -> None:
    with recording([CT_IMAGE], status=lambda _: 0xC000) as peer:
        files = image_files(tmp_path, 60)
        error = storescu(host=HOST, port=peer.port, files=files, associations=3).error
        assert isinstance(error, DimseError)
        assert len(peer.received) < 10


@pytest.mark.parametrize("associations", [1, 4])
def test_a_silent_peer_costs_the_timeout(silent: int, tmp_path: Path, associations: int) -> None:
    begin = time.monotonic()
    error = storescu(
        host=HOST,
        port=silent,
        files=image_files(tmp_path, 4),
        timeout_ms=300,
        associations=associations,
    ).error
    assert isinstance(error, OperationTimeoutError)
    assert 0.3 <= time.monotonic() - begin < 1


def test_the_timeouts_of_the_stages_hold(silent: int, image: Path) -> None:
    for options in ({"acse_timeout": 0.2}, {"socket_timeout": 0.2}):
        begin = time.monotonic()
        error = storescu(host=HOST, port=silent, files=[image], **options).error  # type: ignore[arg-type]
        assert isinstance(error, AssociationError)
        assert 0.2 <= time.monotonic() - begin < 1


@pytest.mark.parametrize("associations", [1, 3])
def test_a_slow_answer_costs_the_dimse_timeout(tmp_path: Path, associations: int) -> None:
    answer = threading.Event()

    def wait(_: object) -> int:
        answer.wait(10)
        return 0

    with recording([CT_IMAGE], status=wait) as peer:
        begin = time.monotonic()
        error = storescu(
            host=HOST,
            port=peer.port,
            files=image_files(tmp_path, 3),
            dimse_timeout=0.3,
            associations=associations,
        ).error
        took = time.monotonic() - begin
        answer.set()
    assert isinstance(error, AssociationError)
    assert 0.3 <= took < 2


def test_nobody_listens_within_the_connection_timeout(image: Path) -> None:
    error = storescu(host=HOST, port=1, files=[image], connection_timeout=1).error
    assert isinstance(error, AssociationError)
    assert "127.0.0.1:1" in error.message


@pytest.mark.parametrize("associations", [1, 3])
def test_an_abort_ends_it_at_once(tmp_path: Path, associations: int) -> None:
    controller = AbortController()
    answer = threading.Event()
    aborted: list[float] = []

    def abort_and_wait(_: object) -> int:
        if not aborted:
            aborted.append(time.monotonic())
            controller.abort("enough")
        answer.wait(10)
        return 0

    with recording([CT_IMAGE], status=abort_and_wait) as peer:
        error = storescu(
            host=HOST,
            port=peer.port,
            files=image_files(tmp_path, 6),
            signal=controller.signal,
            associations=associations,
        ).error
        late = time.monotonic() - aborted[0]
        answer.set()
    assert isinstance(error, OperationAbortedError)
    assert error.reason == "enough"
    assert late < 0.2


def test_no_thread_is_left(peer: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 8)
    for _ in range(5):
        storescu(host=HOST, port=peer.port, files=files, associations=4).unwrap()
    assert not [one for one in threading.enumerate() if one.name == "dcmtk_native piece"]


def test_it_is_awaited_too(peer: Recorder, tmp_path: Path) -> None:
    files = image_files(tmp_path, 4)
    call = aio.storescu(host=HOST, port=peer.port, files=files, associations=2)
    assert asyncio.run(call).unwrap().success
    assert len(peer.received) == 4


def test_a_cancelled_task_ends_the_call(silent: int, image: Path) -> None:
    async def work() -> float:
        sending = asyncio.create_task(aio.storescu(host=HOST, port=silent, files=[image]))
        await asyncio.sleep(0.1)
        begin = time.monotonic()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        return time.monotonic() - begin

    assert asyncio.run(work()) < 0.2
