"""From the native server to the listeners: one thread, batches, the order of occurrence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from dcmtk_native._core.servers import RunningServer

__all__ = ["Delivery", "Dispatcher", "NativeEvent", "ServerEvent"]

_MOST: Final = 256
"""Events taken at a time."""

_IDLE_MS: Final = 1000


class NativeEvent(NamedTuple):
    """An event as the native server tells it.

    Attributes:
        kind: such as `stored_file`.
        association_id: 0 without an association.
        calling: AE title.
        called: AE title.
        address: of the peer.
        detail: what else there is to tell, by kind.
    """

    kind: str
    association_id: int
    calling: str
    called: str
    address: str
    detail: dict[str, Any]


class ServerEvent(NamedTuple):
    """Something that has happened in a server.

    Attributes:
        event: its name.
        data: its payload; `None` if it has none.
    """

    event: str
    data: Any


Delivery: TypeAlias = Callable[[list[ServerEvent]], object]


class Dispatcher:
    """Takes events from a native server and hands on what is made of them.

    Args:
        server: where they come from.
        handle: emits what is to be made of one; is called with `None` when there was none for long.
        deliver: takes what was emitted.
    """

    def __init__(
        self,
        server: RunningServer,
        handle: Callable[[NativeEvent | None], None],
        deliver: Delivery,
    ) -> None:
        self._server = server
        self._handle = handle
        self._deliver = deliver
        self._outbox: list[ServerEvent] = []

    def emit(self, name: str, payload: object = None) -> None:
        """Nothing: it goes out after all that was emitted before."""
        self._outbox.append(ServerEvent(name, payload))

    def flush(self) -> None:
        """Nothing: what was emitted so far has been delivered."""
        if self._outbox:
            batch, self._outbox = self._outbox, []
            self._deliver(batch)

    def run(self) -> None:
        """Nothing, when the server has ended and all has been delivered."""
        self.flush()
        while (events := self._server.next_events(_MOST, _IDLE_MS)) is not None:
            for event in events:
                self._handle(NativeEvent._make(event))
            if not events:
                self._handle(None)
            self.flush()
