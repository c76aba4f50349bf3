"""A server that says what it is told to, byte by byte, whatever it is asked.

It accepts every context in its first transfer syntax, waits for a request, answers by the messages
of its script, and grants a release.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["NO_DATA", "RawScp", "command", "scripted"]

_WAIT = 30.0
_DATA, _RELEASE_REQUEST, _RELEASE_RESPONSE = 4, 5, 6
NO_DATA = 0x0101


def command(elements: dict[int, int | str]) -> bytes:
    """A command set: group 0000, implicit VR little endian."""
    body = b""
    for number, value in sorted(elements.items()):
        if isinstance(value, int):
            content = struct.pack("<H", value)
        else:
            content = value.encode() + b"\0" * (len(value) % 2)
        body += struct.pack("<HHI", 0, number, len(content)) + content
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


@dataclass
class RawScp:
    """What the server has seen.

    Attributes:
        port: on 127.0.0.1.
        commands: the command fields of the messages that came, C-CANCEL included.
        ended: it was asked to release.
    """

    port: int = 0
    commands: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


Message = tuple[dict[int, int | str], bytes | None]
"""Elements of group 0000, and the data set that follows, if one does."""


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = connection.recv(count - len(content))
        if not part:
            raise ConnectionResetError
        content += part
    return content


def _pdu(connection: socket.socket) -> tuple[int, bytes]:
    kind, _, length = struct.unpack(">BBI", _exactly(connection, 6))
    return kind, _exactly(connection, length)


def _items(body: bytes) -> Iterator[tuple[int, bytes]]:
    while body:
        kind, _, length = struct.unpack_from(">BBH", body)
        yield kind, body[4 : 4 + length]
        body = body[4 + length :]


def _item(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, len(content)) + content


def _accept(request: bytes) -> bytes:
    answers = _item(0x10, b"1.2.840.10008.3.1.1.1")
    for kind, content in _items(request[68:]):
        if kind == 0x20:
            syntaxes = [value for each, value in _items(content[4:]) if each == 0x40]
            answers += _item(0x21, bytes([content[0], 0, 0, 0]) + _item(0x40, syntaxes[0]))
    user = _item(0x51, struct.pack(">I", 16384)) + _item(0x52, b"1.2.3")
    body = request[:68] + answers + _item(0x50, user)
    return struct.pack(">BBI", 2, 0, len(body)) + body


def _pdv(context: int, control: int, content: bytes) -> bytes:
    length = len(content) + 2
    return struct.pack(">BBIIBB", _DATA, 0, length + 4, length, context, control) + content


def _number(content: bytes, element: bytes) -> int:
    """What follows the tag and length of an element."""
    number: int = struct.unpack_from("<H", content, content.index(element) + len(element))[0]
    return number


class _Session:
    def __init__(self, connection: socket.socket, seen: RawScp, script: Sequence[Message]) -> None:
        self._connection = connection
        self._seen = seen
        self._script = list(script)
        self._message_id = 0

    def serve(self) -> None:
        _, request = _pdu(self._connection)
        self._connection.sendall(_accept(request))
        while True:
            kind, body = _pdu(self._connection)
            if kind == _RELEASE_REQUEST:
                self._connection.sendall(struct.pack(">BBII", _RELEASE_RESPONSE, 0, 4, 0))
                self._seen.ended.set()
                return
            if kind != _DATA:
                return
            self._take(body)

    def _take(self, body: bytes) -> None:
        while body:
            length, context, control = struct.unpack_from(">IBB", body)
            content, body = body[6 : 4 + length], body[4 + length :]
            if control & 1:
                self._seen.commands.append(_number(content, b"\0\0\0\1\2\0\0\0"))
                if b"\0\0\x10\1\2\0\0\0" in content:
                    self._message_id = _number(content, b"\0\0\x10\1\2\0\0\0")
            elif control & 2:  # the end of an identifier: the request is complete
                self._answer(context)

    def _answer(self, context: int) -> None:
        for elements, data in self._script:
            answer = command({0x0120: self._message_id, **elements})
            self._connection.sendall(_pdv(context, 3, answer))
            if data is not None:
                self._connection.sendall(_pdv(context, 2, data))


@contextmanager
def scripted(*script: Message) -> Iterator[RawScp]:
    """A server with this script, until the block ends."""
    seen = RawScp()
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen.port = server.getsockname()[1]
        server.settimeout(_WAIT)

        def work() -> None:
            try:
                connection, _ = server.accept()
                with connection:
                    connection.settimeout(_WAIT)
                    _Session(connection, seen, script).serve()
            except OSError:
                return

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield seen
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(_WAIT)
            assert not thread.is_alive()
