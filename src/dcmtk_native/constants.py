"""The default times, sizes, search paths and limits of this package."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

__all__ = [
    "DEFAULT_BLOCK_TIMEOUT_MS",
    "DEFAULT_DICOM_PORT",
    "DEFAULT_DRAIN_TIMEOUT_MS",
    "DEFAULT_START_TIMEOUT_MS",
    "DEFAULT_TIMEOUT_MS",
    "MAX_BLOCK_LINES",
    "MAX_CHANGESET_OPERATIONS",
    "MAX_EVENT_PATTERNS",
    "MAX_TRAVERSAL_DEPTH",
    "PDU_SIZE",
    "REQUIRED_BINARIES",
    "UNIX_SEARCH_PATHS",
    "WINDOWS_SEARCH_PATHS",
]

DEFAULT_TIMEOUT_MS: Final = 30_000
"""How long a tool may take, unless it is told otherwise."""

DEFAULT_START_TIMEOUT_MS: Final = 10_000
"""How long a server may take until it listens."""

DEFAULT_DRAIN_TIMEOUT_MS: Final = 5_000
"""How long a stopping server waits for its running associations."""

DEFAULT_BLOCK_TIMEOUT_MS: Final = 1_000
"""Has no effect here: it limits the parsing of a child process's output."""


class PDU_SIZE(IntEnum):
    """The sizes of a PDU in bytes (PS3.8 annex D.1)."""

    DEFAULT = 16_384
    MIN = 4_096
    MAX = 131_072


DEFAULT_DICOM_PORT: Final = 104
"""The registered port (PS3.8 section 9.1.1)."""

WINDOWS_SEARCH_PATHS: Final = (
    r"C:\Program Files\DCMTK\bin",
    r"C:\Program Files (x86)\DCMTK\bin",
    r"C:\ProgramData\chocolatey\bin",
)
"""Where DCMTK's programs are looked for on Windows."""

UNIX_SEARCH_PATHS: Final = (
    "/usr/local/bin",
    "/usr/bin",
    "/opt/local/bin",
    "/opt/homebrew/bin",
)
"""Where DCMTK's programs are looked for elsewhere."""

REQUIRED_BINARIES: Final = (
    "dcm2json",
    "dcm2xml",
    "dcmodify",
    "dcmdump",
    "dcmrecv",
    "dcmsend",
    "echoscu",
)
"""The programs that make a directory one of DCMTK's."""

MAX_BLOCK_LINES: Final = 1_000
"""Has no effect here: it limits the parsing of a child process's output."""

MAX_EVENT_PATTERNS: Final = 200
"""Has no effect here: it limits the parsing of a child process's output."""

MAX_TRAVERSAL_DEPTH: Final = 50
"""How many segments a tag path may have."""

MAX_CHANGESET_OPERATIONS: Final = 10_000
"""How many operations a `ChangeSet` may hold."""
