"""What the network clients promise of their options."""

from __future__ import annotations

from typing import Any

__all__ = ["KEYS", "NETWORK_TOOLS", "NO_KEYS", "PEER", "PREFERRED", "PROPOSED", "SECONDS"]

NETWORK_TOOLS = frozenset(
    {"dcmsend", "echoscu", "findscu", "getscu", "movescu", "storescu", "termscu"}
)
"""Their options show at a peer: see tests/network."""

PEER: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "host": (("localhost", "127.0.0.1", "::1"), ("", " ", "a b", "a\n", 1)),
    "port": ((1, 104, 65535), (0, 65536, 1.5, "104", True)),
    "calling_ae_title": (("A", "MY_SCU", "PACS@01"), ("", "x" * 17, "A\\B", "   ", "A\n", 1)),
    "called_ae_title": (("A", "MY_SCP", "PACS@01"), ("", "x" * 17, "A\\B", "   ", "A\n", 1)),
}
"""Of every client: what it takes and what it refuses."""

SECONDS: tuple[tuple[Any, ...], tuple[Any, ...]] = ((0, 1, 0.5, 30.0), ("1", True, -1))

PROPOSED = ("uncompressed", "little", "big", "implicit", "deflated")
"""G-PROP of the tools that query."""

PREFERRED = (
    *PROPOSED,
    *("jpeg-lossless", "jpeg8", "jpeg12", "j2k-lossless", "j2k-lossy", "jls-lossless", "jls-lossy"),
    *("mpeg2", "mpeg2-high", "mpeg4", "mpeg4-bd", "mpeg4-2-2d", "mpeg4-2-3d", "mpeg4-2-st"),
    *("hevc", "hevc10", "rle"),
)
"""G-PREF."""

KEYS: tuple[Any, ...] = (
    ["0010,0020=7"],
    ["(0010,0020)=7", "00100010", "PatientName", "PatientName="],
    ["ScheduledProcedureStepSequence[0].Modality=CT", "0040,0100.0008,0060=CT"],
    [],
)
NO_KEYS: tuple[Any, ...] = (
    "0010,0020=7",
    [""],
    ["=7"],
    ["NoKeyword=7"],
    ["0010=7"],
    ["0010,0020[0]"],
    ["0040,0100[0]"],
    ["0040,0100[*].0008,0060=CT"],
    ["PatientID.PatientName=x"],
    ["ScheduledProcedureStepSequence=x"],
    ["0002,0010=1.2.3"],
    ["0000,0110=1"],
    ["0009,1001=x"],
    [1],
)
