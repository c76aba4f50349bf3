"""Servers that speak TLS, on certificates made for them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dcmtk_native import Association, AssociationError, TlsConfig
from support.certificates import Authority, Issued

__all__ = [
    "ABORT",
    "CA",
    "CLIENT",
    "HERE",
    "OWN",
    "REACHED",
    "SERVER",
    "TRUST",
    "client_context",
    "listening",
    "outcome",
    "server_context",
    "tls_server",
]

HERE = {"hosts": ("localhost",), "addresses": ("127.0.0.1", "::1")}
CA = Authority()
SERVER = CA.issue("server", **HERE)
CLIENT = CA.issue("client")
TRUST = TlsConfig(ca_files=CA.pem)
OWN = {"private_key": CLIENT.key_as(), "certificate": CLIENT.pem}


def server_context(
    folder: Path, shown: Issued = SERVER, *more: bytes, ciphers: str | None = None
) -> ssl.SSLContext:
    """Of a server that shows this certificate, and the others behind it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key, certificate = shown.files(folder)
    certificate.write_bytes(shown.pem + b"".join(more))
    if ciphers is not None:
        context.set_ciphers(ciphers)
    context.load_cert_chain(certificate, key)
    return context


def client_context(folder: Path, shown: Issued | None = None, ca: Authority = CA) -> ssl.SSLContext:
    """Of a client that shows this certificate, or none, and trusts this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ca.pem.decode())
    if shown is not None:
        key, certificate = shown.files(folder)
        certificate.write_bytes(shown.pem)
        context.load_cert_chain(certificate, key)
    return context


@contextmanager
def listening(
    talk: Callable[[socket.socket], object], family: int = socket.AF_INET
) -> Iterator[int]:
    """A port with a peer that talks to one after the other, until the block ends."""
    address = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    with socket.create_server((address, 0), family=family) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(10)
                    talk(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(15)
            assert not thread.is_alive()


ABORT = bytes([7, 0, 0, 0, 0, 4, 0, 0, 0, 0])
"""What the peers below say to whoever has come through the handshake."""
REACHED = "the peer aborted the association"


@contextmanager
def tls_server(
    context: ssl.SSLContext, seen: list[Any] | None = None, family: int = socket.AF_INET
) -> Iterator[int]:
    """Aborts every association, over TLS; `seen` gets what was negotiated."""

    def talk(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as secured:
                if seen is not None:
                    seen.append((secured.version(), secured.cipher(), secured.getpeercert()))
                secured.recv(65536)
                secured.sendall(ABORT)
                secured.recv(1)
        except OSError:
            return

    with listening(talk, family) as port:
        yield port


def outcome(port: int, tls: TlsConfig, host: str = "127.0.0.1") -> str:
    """What came of opening an association, as a message."""
    error = Association.open(host, port, tls=tls, timeout_ms=10_000).error
    assert isinstance(error, AssociationError)
    assert f"{port}: " in error.message
    return error.message.partition(f"{port}: ")[2]
