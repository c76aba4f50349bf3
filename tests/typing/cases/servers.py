"""What both checkers make of servers, their listeners and their twins."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type

from dcmtk_native import Dcmrecv, ProcessState, Result, StoredFileData, StoreSCP, aio


def create_returns_a_result_of_the_class() -> None:
    assert_type(Dcmrecv.create(port=0), Result[Dcmrecv])
    assert_type(StoreSCP.create(port=0, sort_by_study="ct"), Result[StoreSCP])
    assert_type(aio.Dcmrecv.create(port=0), Result[aio.Dcmrecv])
    assert_type(aio.StoreSCP.create(port=0), Result[aio.StoreSCP])


def wrong_options_are_found() -> None:
    Dcmrecv.create(port="104")  # type: ignore[arg-type]
    Dcmrecv.create()  # type: ignore[call-arg]
    StoreSCP.create(port=0, preferred_transfer_syntax="nonsense")  # type: ignore[arg-type]
    aio.Dcmrecv.create(port=0, bogus=1)  # type: ignore[call-arg]


def stored(data: StoredFileData) -> None:
    print(data.filename)


def listeners_can_be_chained_and_decorated(server: Dcmrecv) -> None:
    assert_type(server.on_event("STORED_FILE", stored).once("started", print), Dcmrecv)
    assert_type(server.off("STORED_FILE", stored), Dcmrecv)

    @server.on_event("STORED_FILE")
    def noted(data: StoredFileData) -> int:
        return data.size

    assert_type(noted(StoredFileData(1, "", "", "", "", "", "", "", 0)), int)
    assert_type(server.start(), Result[None])
    assert_type(server.current_state, ProcessState)
    with server as running:
        assert_type(running, Dcmrecv)


async def the_twin_is_awaited(server: aio.StoreSCP) -> None:
    assert_type(server.on_storing_file(print), aio.StoreSCP)
    assert_type(await server.start(), Result[None])
    assert_type(await server.wait(1), bool)
    async for event, _ in server.events():
        assert_type(event, str)
    await server.stop()
