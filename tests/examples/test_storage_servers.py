"""The guide's examples of storage servers (E18, E19), as they stand there, blocking and awaited."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Dcmrecv, StoreSCP, aio, storescu
from support.peers import free_port
from support.samples import CT_IMAGE
from support.sendable import UID_ROOT, image_file

HOST = "127.0.0.1"
NAME = f"CT.{UID_ROOT}.1"


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return image_file(tmp_path / "image.dcm")


def accept_e18(printed: str, port: int) -> None:
    """The four lines in their order, and the file in a folder that was made."""
    assert printed.splitlines() == [
        f"Server listening on port {port}",
        "Association from: SENDER",
        f"Receiving: {CT_IMAGE}",
        f"Saved: ./incoming/{NAME}",
        "Association released",
    ]
    assert Path("incoming", NAME).is_file()


def test_e18_storage_server(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    create_result = Dcmrecv.create(port=port, output_directory="./incoming", ae_title="MY_SCP")
    if not create_result.ok:
        print("Failed to create server:", create_result.error.message)
        sys.exit(1)
    server = create_result.value
    server.on_event(
        "ASSOCIATION_RECEIVED", lambda data: print(f"Association from: {data.calling_ae_title}")
    )
    server.on_event("C_STORE_REQUEST", lambda data: print(f"Receiving: {data.sop_class_uid}"))
    server.on_event("STORED_FILE", lambda data: print(f"Saved: {data.filename}"))
    server.on_event("ASSOCIATION_RELEASE", lambda: print("Association released"))
    server.start()
    print("Server listening on port", port)

    sent = storescu(host=HOST, port=port, files=[image], calling_ae_title="SENDER")
    assert sent.unwrap().success
    server.stop()
    accept_e18(capsys.readouterr().out, port)


def test_e18_awaited(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()

    async def example() -> None:
        create_result = aio.Dcmrecv.create(
            port=port, output_directory="./incoming", ae_title="MY_SCP"
        )
        server = create_result.unwrap()
        server.on_event(
            "ASSOCIATION_RECEIVED", lambda data: print(f"Association from: {data.calling_ae_title}")
        )
        server.on_event("C_STORE_REQUEST", lambda data: print(f"Receiving: {data.sop_class_uid}"))
        server.on_event("STORED_FILE", lambda data: print(f"Saved: {data.filename}"))
        server.on_event("ASSOCIATION_RELEASE", lambda: print("Association released"))
        await server.start()
        print("Server listening on port", port)
        sent = await aio.storescu(host=HOST, port=port, files=[image], calling_ae_title="SENDER")
        assert sent.unwrap().success
        await server.stop()

    asyncio.run(example())
    accept_e18(capsys.readouterr().out, port)


def test_e18_a_port_that_is_taken(image: Path) -> None:
    first = Dcmrecv.create(port=0).unwrap()
    with first:
        first.start()
        started = Dcmrecv.create(port=first.port).unwrap().start()
    assert f"Cannot listen on port {first.port}" in started.error.message


def test_e19_store_scp(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    create_result = StoreSCP.create(port=port, output_directory="./received", ae_title="STORE_SCP")
    if create_result.ok:
        scp = create_result.value
        scp.on_event("STORING_FILE", lambda data: print(f"Storing: {data.filename}"))
        scp.on_event("STORED_FILE", lambda data: print(f"Stored: {data.file_path}"))
        scp.start()

    assert storescu(host=HOST, port=port, files=[image]).unwrap().success
    scp.stop()
    assert capsys.readouterr().out.splitlines() == [
        f"Storing: ./received/{NAME}",
        f"Stored: ./received/{NAME}",
    ]
    assert Path("received", NAME).is_file()


def test_e19_awaited(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def example() -> None:
        create_result = aio.StoreSCP.create(
            port=0, output_directory="./received", ae_title="STORE_SCP"
        )
        async with create_result.unwrap() as scp:

            @scp.on_storing_file()
            async def tell(data: Any) -> None:
                await asyncio.sleep(0)
                print(f"Storing: {data.filename}")

            (await scp.start()).unwrap()
            sent = await aio.storescu(host=HOST, port=scp.port, files=[image])
            assert sent.unwrap().success

    asyncio.run(example())
    assert capsys.readouterr().out == f"Storing: ./received/{NAME}\n"


def test_no_thread_is_left_of_them(image: Path) -> None:
    before = threading.active_count()
    with Dcmrecv.create(port=0).unwrap() as server:
        server.start()
    assert threading.active_count() <= before
