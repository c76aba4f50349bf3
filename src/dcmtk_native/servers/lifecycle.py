"""The states of a server, and what its lifecycle events tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dcmtk_native.errors import DcmtkError

__all__ = ["LineSource", "ProcessLine", "ProcessState", "ServerErrorData", "StoppedData"]


class ProcessState(StrEnum):
    """The states that a server goes through, in this order; a state may be left out."""

    IDLE = "IDLE"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"


class LineSource(StrEnum):
    """Where a program would have printed a line; here it is always `STDERR`."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True, slots=True)
class StoppedData:
    """The end of a server.

    Attributes:
        reason: who or what ended it.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class ServerErrorData:
    """Something that went wrong.

    Attributes:
        error: what.
        fatal: the server ends by it.
    """

    error: DcmtkError
    fatal: bool


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A log line of a server, of level info or above.

    Attributes:
        source: always `LineSource.STDERR`.
        text: without its end of line.
    """

    source: LineSource
    text: str
