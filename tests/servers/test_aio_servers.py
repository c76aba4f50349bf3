"""Servers in an event loop: their listeners run in it, coroutine functions are awaited."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    AssociationError,
    CannotStartListenerData,
    Dcmrecv,
    OperationAbortedError,
    ProcessState,
    ServerEvent,
    StoppedData,
    StoredFileData,
    aio,
)
from support.sendable import UID_ROOT

HOST = "127.0.0.1"
SOON = 10.0


@pytest.fixture(params=["Dcmrecv", "StoreSCP"])
def kind(request: pytest.FixtureRequest) -> Any:
    return getattr(aio, request.param)


def made(kind: Any, folder: Path, **options: Any) -> Any:
    given = {"port": 0, "bind_address": HOST, "output_directory": folder / "in"}
    return kind.create(**{**given, **options}).unwrap()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Nothing, when it is done; a loop that is blocked is an error of its own."""
    asyncio.run(asyncio.wait_for(work, 60))


async def echo(port: int) -> None:
    assert (await aio.echoscu(host=HOST, port=port)).ok


async def send(port: int, *files: Path) -> None:
    sent = await aio.storescu(host=HOST, port=port, files=list(files))
    assert sent.unwrap().success


def test_listeners_run_in_the_loop_and_coroutine_functions_are_awaited(
    kind: Any, tmp_path: Path, images: list[Path]
) -> None:
    called: list[Any] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()

        async def slowly(data: StoredFileData) -> None:
            assert asyncio.get_running_loop() is loop
            await asyncio.sleep(0.05)
            called.append(data.filename)

        def at_once(_: StoredFileData) -> None:
            assert asyncio.get_running_loop() is loop
            called.append("at once")

        async with made(kind, tmp_path) as server:
            server.on_event("STORED_FILE", slowly).on_event("STORED_FILE", at_once)
            assert (await server.start()).ok
            assert server.is_running
            await send(server.port, *images)
        assert server.current_state is ProcessState.STOPPED

    run(work())
    names = [str(tmp_path / "in" / f"CT.{UID_ROOT}.{number}") for number in (0, 1)]
    assert called == [names[0], "at once", names[1], "at once"]


def test_all_events_can_be_iterated(kind: Any, tmp_path: Path, images: list[Path]) -> None:
    events: list[ServerEvent] = []

    async def work() -> None:
        async with made(kind, tmp_path) as server:
            stream = server.events()
            (await server.start()).unwrap()
            await send(server.port, *images)
            stopping = asyncio.create_task(server.stop())
            events.extend([event async for event in stream])
            await stopping
            assert [event async for event in server.events()] == []

    run(work())
    storing = ["STORING_FILE"] if kind is aio.StoreSCP else []
    assert [one.event for one in events if one.event != "line"] == [
        "LISTENING",
        "started",
        "ASSOCIATION_RECEIVED",
        "ASSOCIATION_ACKNOWLEDGED",
        *["C_STORE_REQUEST", *storing, "STORED_FILE"] * 2,
        "ASSOCIATION_RELEASE",
        "stopped",
    ]
    assert events[-1] == ("stopped", StoppedData("stop() was called"))
    assert "line" in {one.event for one in events}


def test_leaving_the_iteration_ends_it(tmp_path: Path) -> None:
    async def work() -> None:
        server = made(aio.Dcmrecv, tmp_path)
        async with server:
            (await server.start()).unwrap()
            for _ in range(3):
                waiting = asyncio.create_task(echo(server.port))
                async for event, _ in server.events():
                    if event == "ECHO_REQUEST":
                        break
                await waiting
            assert not server._listeners.wants("ECHO_REQUEST")

    run(work())


def test_who_iterates_slowly_loses_nothing_and_hinders_no_stop(tmp_path: Path) -> None:
    count = 1500  # more than there is room for
    seen: list[str] = []

    async def work() -> None:
        async with made(aio.Dcmrecv, tmp_path) as server:
            stream = server.events()
            (await server.start()).unwrap()
            opened = await aio.Association.open(HOST, server.port)
            async with opened.unwrap() as peer:
                for _ in range(count):
                    (await peer.echo()).unwrap()
            stopping = asyncio.create_task(server.stop())
            async for event, _ in stream:
                seen.append(event)
            await stopping

    run(work())
    assert seen.count("ECHO_REQUEST") == count
    assert seen[-1] == "stopped"


def test_a_stream_that_is_dropped_holds_up_nobody(tmp_path: Path) -> None:
    async def work() -> None:
        async with made(aio.Dcmrecv, tmp_path) as server:
            stream = server.events()
            (await server.start()).unwrap()
            opened = await aio.Association.open(HOST, server.port)
            async with opened.unwrap() as peer:
                for _ in range(1200):
                    (await peer.echo()).unwrap()
            del stream
            begin = time.monotonic()
            await server.stop()
            assert time.monotonic() - begin < 4  # not the drain time

    run(work())


def test_stop_from_a_listener(kind: Any, tmp_path: Path) -> None:
    states: list[ProcessState] = []

    async def work() -> None:
        server = made(kind, tmp_path, drain_timeout_ms=20_000)

        @server.on_event("ASSOCIATION_RELEASE")
        async def stop() -> None:
            await server.stop()
            states.append(server.current_state)

        (await server.start()).unwrap()
        begin = time.monotonic()
        await echo(server.port)
        assert await server.wait(SOON)
        assert time.monotonic() - begin < SOON

    run(work())
    assert states == [ProcessState.STOPPED]


def test_stop_from_a_task_of_a_plain_listener(tmp_path: Path) -> None:
    async def work() -> None:
        server = made(aio.Dcmrecv, tmp_path, drain_timeout_ms=20_000)
        tasks: list[asyncio.Task[None]] = []
        server.on("ECHO_REQUEST", lambda: tasks.append(asyncio.create_task(server.stop())))
        (await server.start()).unwrap()
        await echo(server.port)
        assert await server.wait(SOON)
        await asyncio.gather(*tasks)

    run(work())


def test_the_loop_is_free_while_a_server_drains(tmp_path: Path) -> None:
    async def work() -> None:
        server = made(aio.Dcmrecv, tmp_path, drain_timeout_ms=400)
        (await server.start()).unwrap()
        opened = await aio.Association.open(HOST, server.port)
        peer = opened.unwrap()
        stopping = asyncio.create_task(server.stop())
        turns = 0
        while not stopping.done():
            turns += 1
            await asyncio.sleep(0.01)
        assert turns > 10
        peer.abort()

    run(work())


def test_an_exception_in_a_coroutine_is_an_error(tmp_path: Path) -> None:
    errors: list[Any] = []

    async def work() -> None:
        async def fail() -> None:
            await asyncio.sleep(0)
            raise ZeroDivisionError("by nothing")

        async with made(aio.Dcmrecv, tmp_path) as server:
            server.on("ECHO_REQUEST", fail).on("error", errors.append)
            (await server.start()).unwrap()
            await echo(server.port)
            assert server.is_running

    run(work())
    (told,) = errors
    assert not told.fatal
    assert "a listener of ECHO_REQUEST failed: ZeroDivisionError" in told.error.message


def test_a_port_that_is_taken(kind: Any, tmp_path: Path) -> None:
    async def work() -> None:
        async with made(kind, tmp_path) as first:
            (await first.start()).unwrap()
            second = made(kind, tmp_path, port=first.port)
            events: list[tuple[str, Any]] = []
            for name in ("error", "CANNOT_START_LISTENER", "stopped"):
                second.on(name, lambda data, name=name: events.append((name, data)))
            error = (await second.start()).error
            assert isinstance(error, AssociationError)
            assert [name for name, _ in events] == ["error", "CANNOT_START_LISTENER", "stopped"]
            assert events[1][1] == CannotStartListenerData(error.message, first.port)
            assert await second.wait(SOON)

    run(work())


def test_wait_and_dispose(tmp_path: Path) -> None:
    async def work() -> None:
        server = made(aio.Dcmrecv, tmp_path, drain_timeout_ms=60_000)
        stream = server.events()
        (await server.start()).unwrap()
        assert not await server.wait(0.05)
        peer = (await aio.Association.open(HOST, server.port)).unwrap()
        await server.dispose()
        assert await server.wait(SOON)
        assert not (await peer.echo()).ok
        assert "stopped" not in [one.event async for one in stream]
        unstarted = made(aio.Dcmrecv, tmp_path)
        await unstarted.dispose()
        assert await unstarted.wait(0)
        assert "Cannot start" in (await unstarted.start()).error.message

    run(work())


def test_a_signal_stops_it(tmp_path: Path) -> None:
    async def work() -> None:
        controller = AbortController()
        server = made(aio.Dcmrecv, tmp_path, signal=controller.signal)
        (await server.start()).unwrap()
        controller.abort()
        assert await server.wait(SOON)
        late = made(aio.Dcmrecv, tmp_path, signal=controller.signal)
        assert isinstance((await late.start()).error, OperationAbortedError)
        assert await late.wait(SOON)

    run(work())


def test_cancelling_a_start_stops_the_server(tmp_path: Path) -> None:
    import os

    path = tmp_path / "config"
    os.mkfifo(path)

    async def work() -> None:
        server = made(aio.Dcmrecv, tmp_path, config_file=path, config_profile="Default")
        starting = asyncio.create_task(server.start())
        await asyncio.sleep(0.1)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert server.current_state is ProcessState.STOPPED
        await asyncio.to_thread(path.write_text, "")

    run(work())


def test_a_loop_that_ends_before_its_server_hinders_nobody(tmp_path: Path) -> None:
    servers: list[Any] = []

    async def work() -> None:
        server = made(aio.Dcmrecv, tmp_path, drain_timeout_ms=300)
        server.on("ECHO_REQUEST", lambda: None)
        (await server.start()).unwrap()
        servers.append(server)

    run(work())
    (server,) = servers
    assert server.is_running
    from dcmtk_native import echoscu

    assert echoscu(host=HOST, port=server.port).ok
    begin = time.monotonic()
    asyncio.run(server.stop())
    assert time.monotonic() - begin < SOON
    assert server.current_state is ProcessState.STOPPED


def test_what_a_loop_never_came_to_is_dropped_without_a_word(tmp_path: Path) -> None:
    """A loop that has stopped and is not closed yet takes calls, and makes none."""
    loop = asyncio.new_event_loop()
    server = made(aio.Dcmrecv, tmp_path, drain_timeout_ms=100)
    server.on("stopped", lambda: None)
    loop.run_until_complete(server.start()).unwrap()
    stopping = threading.Thread(target=server._server.stop)
    stopping.start()
    stopping.join(SOON)
    loop.close()
    assert server._server._ended.wait(SOON)
    gc.collect()  # what was never awaited would warn now


def test_a_twin_tells_what_its_server_is(kind: Any, tmp_path: Path) -> None:
    server = made(kind, tmp_path, ae_title="TWIN")
    assert (server.ae_title, server.port, server.current_state) == ("TWIN", 0, "IDLE")
    assert "TWIN" in repr(server)
    assert server.metrics() == {}


def test_blocking_servers_run_beside_a_loop(tmp_path: Path) -> None:
    threads: list[str] = []

    async def work() -> None:
        server = Dcmrecv.create(port=0, output_directory=tmp_path).unwrap()
        server.on("ECHO_REQUEST", lambda: threads.append(threading.current_thread().name))
        with server:
            server.start().unwrap()
            await echo(server.port)

    run(work())
    assert threads == ["dcmtk_native Dcmrecv"]
