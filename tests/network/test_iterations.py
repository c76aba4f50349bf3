"""How iterations over responses end: by whose name, and with what has come till then."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    Association,
    AssociationError,
    DcmtkError,
    OperationTimeoutError,
    OptionsError,
    Retrieval,
    aio,
)
from support.hostile_cases import BOTH, CONTEXTS, store_request
from support.hostile_peer import FIND, Line, Script, answer, hostile, pdata, pdv, release_request

HOST = "127.0.0.1"
KEYS = {"PatientID": "1"}
PATIENT_NAME = b"\x10\0\x10\0PN\4\0A^B "
PENDING = {"status": 0xFF00}


def store(line: Line, instance: str) -> None:
    """An object comes, and is answered."""
    line.send(store_request(instance), pdata(pdv(3, 2, PATIENT_NAME)))
    line.receive()


@pytest.fixture
def getting() -> Iterator[Callable[[Script], Association]]:
    """An association for a C-GET, with a peer of this kind."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def open_to(script: Script) -> Association:
            port = stack.enter_context(hostile(script))
            peer = Association.open(HOST, port, contexts=CONTEXTS["get"]).unwrap()
            stack.callback(peer.abort)
            return peer

        yield open_to


def instances(found: Retrieval) -> list[str]:
    return [one.sop_instance_uid for one in found.received]


def late(line: Line) -> None:
    """Sends two objects, and two more when it is asked to stop."""
    line.asked(*BOTH)
    store(line, "1.1")
    store(line, "1.2")
    line.send(answer(0x8010, **PENDING))
    line.message()
    store(line, "1.3")
    store(line, "1.4")
    line.send(answer(0x8010, status=0xFE00))


ALL = ["1.1", "1.2", "1.3", "1.4"]


def test_what_comes_after_a_cancel_is_kept(getting: Callable[[Script], Association]) -> None:
    found = getting(late).get(KEYS, timeout_ms=5000).unwrap()
    iterator = iter(found)
    assert next(iterator) is found.counts
    assert instances(found) == ALL[:2]
    assert found.cancel(timeout_ms=5000).unwrap().status == 0xFE00  # type: ignore[union-attr]
    assert instances(found) == ALL


def test_what_comes_after_the_loop_was_left_is_kept(
    getting: Callable[[Script], Association],
) -> None:
    found = getting(late).get(KEYS, timeout_ms=5000).unwrap()
    for _ in found:
        break
    assert instances(found) == ALL
    assert found.final is not None
    assert found.final.status == 0xFE00


def test_what_came_before_an_error_is_kept(getting: Callable[[Script], Association]) -> None:
    def script(line: Line) -> None:
        line.asked(*BOTH)
        store(line, "1.1")
        line.send(answer(0x8030))

    found = getting(script).get(KEYS, timeout_ms=5000).unwrap()
    with pytest.raises(AssociationError, match=r"Association.get failed: .* another command"):
        list(found)
    assert instances(found) == ["1.1"]


def test_an_iteration_that_fails_holds_no_descriptor_until_the_collector_comes() -> None:
    def attempt() -> None:
        peer = Association.open(HOST, port, contexts=[FIND]).unwrap()
        try:
            list(peer.find(KEYS, timeout_ms=50).unwrap())
        except OperationTimeoutError:
            return
        raise AssertionError

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    gc.collect()
    gc.disable()
    try:
        with hostile(silent_after()) as port:
            attempt()
            before = descriptors()
            for _ in range(5):
                attempt()
            # The last connection may still be the peer's.
            assert descriptors() - before < 4
    finally:
        gc.enable()


def silent_after(*parts: bytes) -> Script:
    def script(line: Line) -> None:
        line.asked()
        line.send(*parts)
        line.message()

    return script


ENDS: dict[str, tuple[Script, type[DcmtkError], str]] = {
    "a deadline": (silent_after(), OperationTimeoutError, "Association.find timed out"),
    "a release": (silent_after(release_request), AssociationError, "Association.find failed"),
    "a lie": (silent_after(answer(0x8030)), AssociationError, "Association.find failed"),
}


@pytest.mark.parametrize("name", ENDS)
def test_errors_go_by_the_name_of_what_was_called(name: str) -> None:
    script, kind, text = ENDS[name]

    async def awaited(port: int) -> Any:
        opened = await aio.Association.open(HOST, port, contexts=[FIND])
        try:
            async for _ in (await opened.unwrap().find(KEYS, timeout_ms=200)).unwrap():
                raise AssertionError
        finally:
            opened.unwrap().abort()

    with hostile(script) as port:
        peer = Association.open(HOST, port, contexts=[FIND]).unwrap()
        with pytest.raises(kind) as caught:
            list(peer.find(KEYS, timeout_ms=200).unwrap())
        peer.abort()
        with pytest.raises(kind) as caught_in_aio:
            asyncio.run(awaited(port))
    for error in (caught.value, caught_in_aio.value):
        assert error.message.startswith(text)
        assert error.tool == "Association.find"


def test_so_do_those_of_a_cancel() -> None:
    with hostile(silent_after(answer(0x8020, **PENDING))) as port:
        peer = Association.open(HOST, port, contexts=[FIND]).unwrap()
        found = peer.find(KEYS, timeout_ms=5000).unwrap()
        refused = found.cancel(timeout_ms=0).error
        assert isinstance(refused, OptionsError)
        assert refused.message.startswith("Association.find: invalid options: timeout_ms")
        error = found.cancel(timeout_ms=200).error
        peer.abort()
    assert isinstance(error, OperationTimeoutError)
    assert error.message == "Association.find timed out after 200ms"
