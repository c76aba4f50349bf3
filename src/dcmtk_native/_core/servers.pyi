"""
Servers inside this process.
"""

from __future__ import annotations
import collections.abc
import dcmtk_native._core.data
import dcmtk_native._core.network
import typing

__all__: list[str] = [
    "Receiver",
    "ReceiverOptions",
    "RunningServer",
    "Session",
    "SessionServer",
    "SessionServerOptions",
    "StorageServer",
    "StorageServerOptions",
]

class ReceiverOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "address",
        "port",
        "folder",
        "identity",
        "transfer_syntaxes",
        "takes_reports",
        "max_pdu",
        "acse_timeout_ms",
        "dimse_timeout_ms",
        "tls",
    )
    def __init__(
        self,
        *,
        address: str,
        port: typing.SupportsInt | typing.SupportsIndex,
        folder: str | None,
        identity: str,
        transfer_syntaxes: collections.abc.Sequence[str],
        takes_reports: bool,
        max_pdu: typing.SupportsInt | typing.SupportsIndex,
        acse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        dimse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        tls: typing.Any,
    ) -> None: ...

class Receiver:
    def __init__(self, options: ReceiverOptions) -> None: ...
    def stop(self, drain_ms: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def take_event(
        self, wait_ms: typing.SupportsInt | typing.SupportsIndex | None
    ) -> typing.Any: ...
    def take_stored(self) -> list[tuple[str, str, str, str]]: ...
    @property
    def associations(self) -> int: ...
    @property
    def port(self) -> int: ...

class RunningServer:
    def abort(self) -> None: ...
    def metrics(self) -> dict[typing.Any, typing.Any]: ...
    def next_events(
        self,
        most: typing.SupportsInt | typing.SupportsIndex,
        timeout_ms: typing.SupportsInt | typing.SupportsIndex,
    ) -> typing.Any: ...
    def set_tls(self, tls: dcmtk_native._core.network.TlsContext) -> None: ...
    def stop(self, drain_ms: typing.SupportsInt | typing.SupportsIndex) -> None: ...
    def want(self, kinds: collections.abc.Sequence[str]) -> None: ...
    @property
    def port(self) -> int: ...

class StorageServerOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "address",
        "port",
        "reuse_port",
        "inherited",
        "max_pdu",
        "acse_timeout_ms",
        "dimse_timeout_ms",
        "socket_timeout_ms",
        "max_associations",
        "max_per_peer",
        "max_half_open",
        "tls",
        "peers",
        "transfer_syntaxes",
        "roles",
        "is_promiscuous",
        "contexts",
        "is_by_class",
        "is_profile",
        "extended",
        "required_called_ae_title",
        "responding_ae_title",
        "refuses_all",
        "requires_implementation_uid",
        "max_events",
        "folder",
        "file_names",
        "folders",
        "folder_prefix",
        "extension",
        "follows_studies",
        "study_timeout_ms",
        "renames_at_end",
        "rewriting",
        "identity",
    )
    def __init__(
        self,
        *,
        address: str,
        port: typing.SupportsInt | typing.SupportsIndex,
        reuse_port: bool,
        inherited: typing.SupportsInt | typing.SupportsIndex | None,
        max_pdu: typing.SupportsInt | typing.SupportsIndex,
        acse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        dimse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        socket_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        max_associations: typing.SupportsInt | typing.SupportsIndex,
        max_per_peer: typing.SupportsInt | typing.SupportsIndex,
        max_half_open: typing.SupportsInt | typing.SupportsIndex,
        tls: typing.Any,
        peers: collections.abc.Sequence[
            tuple[str | None, str | None, str | None, typing.SupportsInt | typing.SupportsIndex]
        ],
        transfer_syntaxes: collections.abc.Sequence[str],
        roles: tuple[bool, bool] | None,
        is_promiscuous: bool,
        contexts: collections.abc.Sequence[
            tuple[str, collections.abc.Sequence[str], tuple[bool, bool] | None]
        ],
        is_by_class: bool,
        is_profile: bool,
        extended: collections.abc.Sequence[tuple[str, bytes]],
        required_called_ae_title: str | None,
        responding_ae_title: str | None,
        refuses_all: bool,
        requires_implementation_uid: bool,
        max_events: typing.SupportsInt | typing.SupportsIndex,
        folder: str | None,
        file_names: str,
        folders: str,
        folder_prefix: str,
        extension: str,
        follows_studies: bool,
        study_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        renames_at_end: bool,
        rewriting: typing.Any,
        identity: str,
    ) -> None: ...

class StorageServer(RunningServer):
    def __init__(self, options: StorageServerOptions) -> None: ...

class SessionServerOptions:
    __fields__: typing.ClassVar[tuple[typing.Any, ...]] = (
        "address",
        "port",
        "reuse_port",
        "inherited",
        "max_pdu",
        "acse_timeout_ms",
        "dimse_timeout_ms",
        "socket_timeout_ms",
        "max_associations",
        "max_per_peer",
        "max_half_open",
        "tls",
        "peers",
        "transfer_syntaxes",
        "roles",
        "is_promiscuous",
        "contexts",
        "is_by_class",
        "is_profile",
        "extended",
        "required_called_ae_title",
        "responding_ae_title",
        "refuses_all",
        "requires_implementation_uid",
        "max_events",
        "folder",
        "extension",
        "identity",
        "answers_echo",
    )
    def __init__(
        self,
        *,
        address: str,
        port: typing.SupportsInt | typing.SupportsIndex,
        reuse_port: bool,
        inherited: typing.SupportsInt | typing.SupportsIndex | None,
        max_pdu: typing.SupportsInt | typing.SupportsIndex,
        acse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        dimse_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        socket_timeout_ms: typing.SupportsInt | typing.SupportsIndex | None,
        max_associations: typing.SupportsInt | typing.SupportsIndex,
        max_per_peer: typing.SupportsInt | typing.SupportsIndex,
        max_half_open: typing.SupportsInt | typing.SupportsIndex,
        tls: typing.Any,
        peers: collections.abc.Sequence[
            tuple[str | None, str | None, str | None, typing.SupportsInt | typing.SupportsIndex]
        ],
        transfer_syntaxes: collections.abc.Sequence[str],
        roles: tuple[bool, bool] | None,
        is_promiscuous: bool,
        contexts: collections.abc.Sequence[
            tuple[str, collections.abc.Sequence[str], tuple[bool, bool] | None]
        ],
        is_by_class: bool,
        is_profile: bool,
        extended: collections.abc.Sequence[tuple[str, bytes]],
        required_called_ae_title: str | None,
        responding_ae_title: str | None,
        refuses_all: bool,
        requires_implementation_uid: bool,
        max_events: typing.SupportsInt | typing.SupportsIndex,
        folder: str | None,
        extension: str,
        identity: str,
        answers_echo: bool,
    ) -> None: ...

class Session:
    def abort(self) -> None: ...
    def answer(
        self,
        status: typing.SupportsInt | typing.SupportsIndex,
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
    ) -> None: ...
    def is_cancelled(self) -> bool: ...
    def is_stopped(self) -> bool: ...
    def read_data(self, most: typing.SupportsInt | typing.SupportsIndex) -> typing.Any: ...
    def receive(self) -> typing.Any: ...
    def send(
        self,
        object: dcmtk_native._core.network.StorageObject,
        priority: typing.SupportsInt | typing.SupportsIndex,
    ) -> tuple[typing.Any, ...]: ...
    def store(self, in_memory: bool) -> tuple[typing.Any, ...]: ...
    def syntaxes_of(self, sop_class: str) -> list[str]: ...
    @property
    def contexts(self) -> list[tuple[typing.Any, typing.Any, bool, bool]]: ...
    @property
    def peer(self) -> tuple[typing.Any, ...]: ...

class SessionServer(RunningServer):
    def __init__(
        self, options: SessionServerOptions, decide: typing.Any, serve: typing.Any
    ) -> None: ...
    def report(
        self, message: str, reference: typing.SupportsInt | typing.SupportsIndex
    ) -> None: ...
