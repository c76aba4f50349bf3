"""Servers, and files to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import Dcmrecv, DicomServer
from support.sendable import image_file, image_files
from support.serving import Serve


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
