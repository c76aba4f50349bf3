"""What went over a connection: recorded between two that understand each other."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["Recorder", "mutated", "recording", "replaying"]


class Recorder:
    """A port that passes on to another, and keeps what went by.

    Attributes:
        port: to connect to.
        to_client: all that the server has said.
        to_server: all that the client has said.
    """

    def __init__(self, server: socket.socket, target: int) -> None:
        self.port: int = server.getsockname()[1]
        self.to_client = bytearray()
        self.to_server = bytearray()
        self._server = server
        self._target = target

    def pass_on(self) -> None:
        """One connection."""
        client, _ = self._server.accept()
        with client, socket.create_connection(("127.0.0.1", self._target)) as target:
            there = threading.Thread(target=self._pump, args=(client, target, self.to_server))
            there.start()
            self._pump(target, client, self.to_client)
            there.join(30)

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                kept += part
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def recording(target: int) -> Iterator[Recorder]:
    """One connection to the port of the target is recorded."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        recorder = Recorder(server, target)
        thread = threading.Thread(target=recorder.pass_on)
        thread.start()
        yield recorder
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def replaying(contents: list[bytes]) -> Iterator[int]:
    """A port where the next of the contents is said to whoever connects, and nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for content in contents:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.settimeout(20)
                    connection.sendall(content)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(30)
        assert not thread.is_alive()


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few things wrong."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(changed))
        size = chance.choice((1, 1, 2, 4, 8, 64))
        match chance.randrange(7):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at : at + size] = bytes([chance.choice((0, 255))]) * size
            case 2:
                changed[at : at + size] = chance.randbytes(size)
            case 3:
                del changed[at : at + size]
            case 4:
                changed[at:at] = changed[at : at + size]
            case 5:
                changed[at:at] = chance.randbytes(size)
            case _:
                del changed[at:]
        if not changed:
            break
    return bytes(changed)
