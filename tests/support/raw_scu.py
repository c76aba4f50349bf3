"""A client that says what it is told to, byte by byte: no name is too odd for it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from support.hostile_peer import (
    COMMAND,
    LAST,
    Line,
    command,
    item,
    pdata,
    pdu,
    pdv,
    release_request,
    user,
)
from support.samples import CT_IMAGE, EXPLICIT_LITTLE

__all__ = ["RawScu", "associate_request", "raw_scu"]

_APPLICATION = b"1.2.840.10008.3.1.1.1"
_ACCEPT, _DATA = 2, 4
_STORE_REQUEST = 0x0001
_STATUS = struct.pack("<HHI", 0x0000, 0x0900, 2)


def _title(title: bytes) -> bytes:
    return title.ljust(16)[:16]


def associate_request(sop_class: str, calling: bytes = b"RAW", called: bytes = b"ANY-SCP") -> bytes:
    """An A-ASSOCIATE-RQ with one presentation context."""
    syntaxes = item(0x30, sop_class.encode()) + item(0x40, EXPLICIT_LITTLE.encode())
    body = b"\0\1\0\0" + _title(called) + _title(calling) + bytes(32) + item(0x10, _APPLICATION)
    return pdu(1, body + item(0x20, bytes([1, 0, 0, 0]) + syntaxes) + user())


class RawScu:
    """Its half of an association with one presentation context.

    Attributes:
        is_accepted: the server has taken it.
    """

    def __init__(self, line: Line, sop_class: str, calling: bytes, called: bytes) -> None:
        self._line = line
        self._sop_class = sop_class
        line.send(associate_request(sop_class, calling, called))
        self.is_accepted = line.receive()[0] == _ACCEPT

    def store(self, sop_instance: bytes, data: bytes) -> int:
        """The status of a C-STORE."""
        request = command(
            field=_STORE_REQUEST,
            id=1,
            priority=0,
            data=1,
            sop_class=self._sop_class.encode() + b"\0" * (len(self._sop_class) % 2),
            sop_instance=sop_instance + b"\0" * (len(sop_instance) % 2),
        )
        self._line.send(pdata(pdv(1, COMMAND | LAST, request)), pdata(pdv(1, LAST, data)))
        kind, body = self._line.receive()
        assert kind == _DATA, kind
        (status,) = struct.unpack_from("<H", body, body.index(_STATUS) + len(_STATUS))
        return int(status)

    def release(self) -> None:
        """Nothing: the server has said that it is over."""
        self._line.send(release_request)
        self._line.receive()


@contextmanager
def raw_scu(
    port: int,
    *,
    sop_class: str = CT_IMAGE,
    calling: bytes = b"RAW",
    called: bytes = b"ANY-SCP",
) -> Iterator[RawScu]:
    """An association with the server at that port, until the block ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        scu = RawScu(Line(connection), sop_class, calling, called)
        yield scu
        if scu.is_accepted:
            scu.release()
