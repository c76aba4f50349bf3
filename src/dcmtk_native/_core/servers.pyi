"""
Servers inside this process.
"""

from __future__ import annotations
import collections.abc
import typing

__all__: list[str] = ["Receiver", "ReceiverOptions"]

class ReceiverOptions:
    __fields__: typing.ClassVar[tuple] = (
        "address",
        "port",
        "folder",
        "identity",
        "transfer_syntaxes",
        "takes_reports",
        "max_pdu",
        "acse_timeout_ms",
        "dimse_timeout_ms",
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
