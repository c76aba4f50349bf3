"""
Associations and what goes over them.
"""

from __future__ import annotations
import collections.abc
import dcmtk_native._core.data
import os
import typing

__all__: list[str] = [
    "Association",
    "Operation",
    "RequestOptions",
    "StorageObject",
    "TlsContext",
    "TlsOptions",
    "known_ciphers",
]

class TlsOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "role",
        "private_key",
        "certificate",
        "password",
        "is_der",
        "ca_files",
        "ca_dirs",
        "crl_files",
        "crl_check",
        "profile",
        "ciphers",
        "dh_params",
        "peer_auth",
        "server_name",
        "verify_host",
    )
    def __init__(
        self,
        *,
        role: str,
        private_key: tuple[str, bytes] | None,
        certificate: tuple[str, bytes] | None,
        password: str | None,
        is_der: bool,
        ca_files: collections.abc.Sequence[tuple[str, bytes]],
        ca_dirs: collections.abc.Sequence[str],
        crl_files: collections.abc.Sequence[tuple[str, bytes]],
        crl_check: str,
        profile: str,
        ciphers: collections.abc.Sequence[str],
        dh_params: tuple[str, bytes] | None,
        peer_auth: str,
        server_name: str,
        verify_host: bool,
    ) -> None: ...

class TlsContext:
    def __init__(self, options: TlsOptions) -> None: ...

class RequestOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "host",
        "port",
        "called_ae_title",
        "calling_ae_title",
        "contexts",
        "roles",
        "extended",
        "identity",
        "max_pdu",
        "max_send_pdu",
        "connection_timeout_ms",
        "acse_timeout_ms",
        "socket_timeout_ms",
        "dimse_timeout_ms",
        "tls",
    )
    def __init__(
        self,
        *,
        host: str,
        port: typing.SupportsInt | typing.SupportsIndex,
        called_ae_title: str,
        calling_ae_title: str,
        contexts: collections.abc.Sequence[tuple[str, collections.abc.Sequence[str]]],
        roles: collections.abc.Sequence[tuple[str, bool, bool]],
        extended: collections.abc.Sequence[tuple[str, bytes]],
        identity: tuple[typing.SupportsInt | typing.SupportsIndex, bool, bytes, bytes] | None,
        max_pdu: typing.SupportsInt | typing.SupportsIndex,
        max_send_pdu: typing.SupportsInt | typing.SupportsIndex,
        connection_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        acse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        socket_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        dimse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        tls: typing.Any,
    ) -> None: ...

class StorageObject:
    @staticmethod
    def open(
        input: str | os.PathLike[str] | bytes | bytearray | memoryview,
        options: dcmtk_native._core.data.ReadOptions,
    ) -> StorageObject: ...
    def in_syntax(
        self,
        transfer_syntax: str,
        *,
        enable_new_vr: bool,
        compression_level: typing.SupportsInt | typing.SupportsIndex,
    ) -> StorageObject: ...
    @property
    def length(self) -> int: ...
    @property
    def sop_class(self) -> str: ...
    @property
    def sop_instance(self) -> str: ...
    @property
    def transfer_syntax(self) -> str: ...

class Operation:
    def abort(self) -> None: ...
    def begin_leaving(self) -> None: ...
    def cancel(self) -> None: ...
    def end_leaving(self) -> None: ...
    def ignore_pending_data(self) -> None: ...
    def next(self) -> typing.Any: ...
    def receive_into(self, folder: str | None, is_ignored: bool, identity: str) -> None: ...
    def take_received(
        self,
    ) -> list[tuple[typing.Any, typing.Any, str, str | None, bytes | None]]: ...
    @property
    def is_finished(self) -> bool: ...

class Association:
    @staticmethod
    def request(options: RequestOptions) -> Association: ...
    def abort(self) -> None: ...
    def begin(
        self,
        sop_class: str,
        field: typing.SupportsInt | typing.SupportsIndex,
        elements: collections.abc.Sequence[
            tuple[
                typing.SupportsInt | typing.SupportsIndex,
                typing.SupportsInt
                | typing.SupportsIndex
                | str
                | collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
            ]
        ],
        data: None | dcmtk_native._core.data.Draft,
        encoding: dcmtk_native._core.data.WriteOptions | None = None,
    ) -> Operation: ...
    def release(self) -> None: ...
    def store(
        self,
        object: StorageObject,
        priority: typing.SupportsInt | typing.SupportsIndex,
        originator: tuple[str, typing.SupportsInt | typing.SupportsIndex] | None,
        on_progress: typing.Any,
    ) -> tuple[typing.Any, ...]: ...
    def take_event(self, wait_ms: typing.SupportsInt | typing.SupportsIndex) -> typing.Any: ...
    @property
    def bytes_received(self) -> int: ...
    @property
    def bytes_sent(self) -> int: ...
    @property
    def contexts(self) -> list[tuple[str, str, bool, bool]]: ...
    @property
    def is_open(self) -> bool: ...
    @property
    def why_closed(self) -> typing.Any: ...

def known_ciphers() -> list[str]: ...
