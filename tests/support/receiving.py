"""The storage server inside of clients, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dcmtk_native._core.servers import Receiver, ReceiverOptions

__all__ = ["receiver_options", "receiving"]


def receiver_options(**options: Any) -> ReceiverOptions:
    """These, and else what serves a test on loopback."""
    given: dict[str, Any] = {
        "address": "127.0.0.1",
        "port": 0,
        "folder": None,
        "identity": "unchecked",
        "transfer_syntaxes": [],
        "takes_reports": False,
        "max_pdu": 16384,
        "acse_timeout_ms": 5000,
        "dimse_timeout_ms": None,
        "tls": None,
    }
    return ReceiverOptions(**{**given, **options})


@contextmanager
def receiving(folder: Path, **options: Any) -> Iterator[Receiver]:
    """One that writes into a new folder, until the block ends."""
    folder.mkdir()
    receiver = Receiver(receiver_options(folder=str(folder), **options))
    try:
        yield receiver
    finally:
        receiver.stop(1000)
