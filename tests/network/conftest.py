"""Servers that record, and what is sent to them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.recording import Recorder, recording
from support.samples import CT_IMAGE
from support.sendable import MR_IMAGE, UID_ROOT, image_file

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recording([CT_IMAGE, MR_IMAGE]) as recorder:
        yield recorder


@pytest.fixture
def peer(server: Recorder) -> Recorder:
    server.forget()
    return server


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return image_file(tmp_path / "image.dcm")


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are accepted by the system, and nobody ever says a word."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def choosy() -> Iterator[Recorder]:
    """Refuses the second object for lack of room, and warns of the third."""
    statuses = {f"{UID_ROOT}.1": 0xA700, f"{UID_ROOT}.2": 0xB007}
    with recording([CT_IMAGE], status=lambda one: statuses.get(one.sop_instance, 0)) as recorder:
        yield recorder
