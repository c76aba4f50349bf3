"""Servers, and files to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pynetdicom
import pytest

from dcmtk_native import Dcmrecv, DicomServer
from dcmtk_native.compat import pynetdicom as door
from support.sendable import image_file, image_files
from support.serving import Serve, Start


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return image_file(tmp_path / "image.dcm")


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    return image_files(tmp_path, 2)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Dcmrecv]]:
    """Makes servers that are gone when the test is."""
    made: list[Dcmrecv] = []

    def create(**options: object) -> Dcmrecv:
        given: dict[str, object] = {
            "port": 0,
            "bind_address": "127.0.0.1",
            "output_directory": tmp_path / "in",
        }
        server = Dcmrecv.create(**{**given, **options}).unwrap()  # type: ignore[arg-type]
        made.append(server)
        return server

    yield create
    for server in made:
        server.dispose()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a DicomServer with these handlers and options."""
    made: list[DicomServer] = []

    def start(**options: Any) -> DicomServer:
        given = {"port": 0, "bind_address": "127.0.0.1", **options}
        server = DicomServer.create(**given).unwrap()
        made.append(server)
        server.start().unwrap()
        return server

    yield start
    for server in made:
        server.dispose()


@pytest.fixture(params=[pynetdicom, door], ids=["pynetdicom", "dcmtk_native"])
def package(request: pytest.FixtureRequest) -> ModuleType:
    """pynetdicom, and our door to it."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def start(package: ModuleType) -> Iterator[Start]:
    made: list[Any] = []

    def begin(classes: list[str], *handlers: Any, **attributes: Any) -> int:
        ae = package.AE("SCP")
        for one in classes:
            ae.add_supported_context(one, scu_role=False, scp_role=True)
        for name, value in attributes.items():
            setattr(ae, name, value)
        server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=list(handlers))
        made.append(server)
        return int(server.server_address[1])

    yield begin
    for server in made:
        server.shutdown()
        server.server_close()
