"""A peer that lies: PDUs, commands and data sets whose lengths and numbers need not be true."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = [
    "ECHO",
    "EXPLICIT",
    "FIND",
    "GET",
    "IMPLICIT",
    "Line",
    "Script",
    "abort",
    "accept",
    "answer",
    "command",
    "context",
    "element",
    "hostile",
    "item",
    "pdata",
    "pdu",
    "pdv",
    "reject",
    "release_request",
    "release_response",
    "user",
]

ECHO = "1.2.840.10008.1.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
GET = "1.2.840.10008.5.1.4.1.2.2.3"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
_APPLICATION = b"1.2.840.10008.3.1.1.1"

COMMAND, LAST = 1, 2


def pdu(kind: int, body: bytes, length: int | None = None) -> bytes:
    """A PDU (PS3.8 section 9.3.1)."""
    return struct.pack(">BBI", kind, 0, len(body) if length is None else length) + body


def item(kind: int, content: bytes, length: int | None = None) -> bytes:
    return struct.pack(">BBH", kind, 0, len(content) if length is None else length) + content


def context(number: int, syntax: str | None = IMPLICIT, result: int = 0) -> bytes:
    """A presentation context as it is answered."""
    inner = b"" if syntax is None else item(0x40, syntax.encode())
    return item(0x21, bytes([number, 0, result, 0]) + inner)


def user(max_pdu: int = 16384, more: bytes = b"") -> bytes:
    return item(0x50, item(0x51, struct.pack(">I", max_pdu)) + item(0x52, b"1.2.3") + more)


def accept(
    *contexts: bytes, users: bytes | None = None, version: int = 1, tail: bytes = b""
) -> bytes:
    """An A-ASSOCIATE-AC."""
    head = struct.pack(">HH16s16s32s", version, 0, b"ANY-SCP".ljust(16), b"X".ljust(16), b"")
    items = item(0x10, _APPLICATION) + b"".join(contexts)
    return pdu(2, head + items + (user() if users is None else users) + tail)


def reject(*fields: int, length: int | None = None) -> bytes:
    return pdu(3, bytes(fields), length)


def abort(*fields: int, length: int | None = None) -> bytes:
    return pdu(7, bytes(fields), length)


release_request = pdu(5, bytes(4))
release_response = pdu(6, bytes(4))


def pdv(number: int, control: int, value: bytes, length: int | None = None) -> bytes:
    size = len(value) + 2 if length is None else length
    return struct.pack(">IBB", size, number, control) + value


def pdata(*values: bytes, length: int | None = None) -> bytes:
    return pdu(4, b"".join(values), length)


def element(tag: int, value: bytes | int | str, length: int | None = None) -> bytes:
    """Of a command set; a number has two bytes."""
    if isinstance(value, int):
        value = struct.pack("<H", value)
    elif isinstance(value, str):
        value = value.encode() + b"\0" * (len(value.encode()) % 2)
    size = len(value) if length is None else length
    return struct.pack("<HHI", tag >> 16, tag & 0xFFFF, size) + value


FIELDS = {
    "sop_class": 0x0002,
    "field": 0x0100,
    "id": 0x0110,
    "answers": 0x0120,
    "priority": 0x0700,
    "data": 0x0800,
    "status": 0x0900,
    "sop_instance": 0x1000,
    "remaining": 0x1020,
}


def command(more: bytes = b"", **fields: bytes | int | str | None) -> bytes:
    """A command set; what is `None` is left out."""
    body = b"".join(
        element(FIELDS[name], value)
        for name, value in sorted(fields.items(), key=lambda one: FIELDS[one[0]])
        if value is not None
    )
    body += more
    return element(0x0000, struct.pack("<I", len(body))) + body


def answer(
    field: int, number: int = 1, more: bytes = b"", **changes: bytes | int | str | None
) -> bytes:
    """A response to message 1 on a context, as a P-DATA."""
    fields: dict[str, bytes | int | str | None] = {
        "field": field,
        "answers": 1,
        "data": 0x0101,
        "status": 0,
        **changes,
    }
    return pdata(pdv(number, COMMAND | LAST, command(more, **fields)))


Script = Callable[["Line"], object]
"""What a peer does on a connection, which stays open behind it unless the script closes it."""


class Line:
    """One connection, as the peer sees it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.sendall(part)

    def receive(self) -> tuple[int, bytes]:
        """Type and body of a PDU; raises ConnectionError at the end."""
        head = self._exactly(6)
        return head[0], self._exactly(int.from_bytes(head[2:], "big"))

    def message(self) -> None:
        """Reads on until a command has come, and the data set that it announces."""
        has_command = has_data = False
        while not has_command or has_data:
            kind, body = self.receive()
            if kind != 4:
                raise ConnectionError(f"PDU {kind}")
            while body:
                size = int.from_bytes(body[:4], "big")
                control, value, body = body[5], body[6 : 4 + size], body[4 + size :]
                if control == COMMAND | LAST:
                    has_command, has_data = True, element(0x0800, 0x0101) not in value
                elif control == LAST:
                    has_data = False

    def opened(self, *contexts: bytes, users: bytes | None = None) -> None:
        """Accepts the first context, or others."""
        self.receive()
        self.send(accept(*(contexts or (context(1),)), users=users))

    def asked(self, *contexts: bytes) -> None:
        """The same, and the first request has come."""
        self.opened(*contexts)
        self.message()

    def reset(self) -> None:
        """Ends the connection the rude way."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def wait_for_end(self) -> None:
        """Until the other side has closed."""
        while self.connection.recv(65536):
            pass

    def flood(self, part: bytes) -> None:
        """Sends it until nobody listens any more."""
        while True:
            self.send(part)

    def drip(self, content: bytes, seconds: float = 1) -> None:
        """A byte now and then, until the other side has closed."""
        self.connection.settimeout(seconds)
        for byte in content:
            self.send(bytes([byte]))
            with suppress(TimeoutError):
                if not self.connection.recv(65536):
                    return
        self.connection.settimeout(20)
        self.wait_for_end()

    def _exactly(self, size: int) -> bytes:
        content = b""
        while len(content) < size:
            part = self.connection.recv(size - len(content))
            if not part:
                raise ConnectionError("closed")
            content += part
        return content


@contextmanager
def hostile(script: Script) -> Iterator[int]:
    """The port of a peer that follows the script with one after the other, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        current: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                current[:] = [connection]
                with connection, suppress(OSError):
                    line = Line(connection)
                    script(line)
                    line.wait_for_end()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in current:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            thread.join(30)
            assert not thread.is_alive()
