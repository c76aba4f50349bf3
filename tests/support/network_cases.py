"""What the network clients promise of their options."""

from __future__ import annotations

from typing import Any

__all__ = ["NETWORK_TOOLS", "PEER", "SECONDS"]

NETWORK_TOOLS = frozenset({"dcmsend", "echoscu", "storescu"})
"""Their options show at a peer: see tests/network."""

PEER: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "host": (("localhost", "127.0.0.1", "::1"), ("", " ", "a b", "a\n", 1)),
    "port": ((1, 104, 65535), (0, 65536, 1.5, "104", True)),
    "calling_ae_title": (("A", "MY_SCU", "PACS@01"), ("", "x" * 17, "A\\B", "   ", "A\n", 1)),
    "called_ae_title": (("A", "MY_SCP", "PACS@01"), ("", "x" * 17, "A\\B", "   ", "A\n", 1)),
}
"""Of every client: what it takes and what it refuses."""

SECONDS: tuple[tuple[Any, ...], tuple[Any, ...]] = ((0, 1, 0.5, 30.0), ("1", True, -1))
