"""What a PACS client brings back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.network.results import StoreOutcome

__all__ = [
    "PacsEchoResult",
    "PacsQueryResult",
    "PacsRetrieveResult",
    "PacsStoreResult",
    "RetrieveMode",
]


class RetrieveMode(StrEnum):
    """By which service objects are retrieved."""

    C_GET = "C_GET"
    C_MOVE = "C_MOVE"


@dataclass(frozen=True, slots=True)
class PacsEchoResult:
    """The PACS answers.

    Attributes:
        success: always `True`: what fails is an error.
        rtt_ms: milliseconds from the request to its answer.
    """

    success: bool
    rtt_ms: float


PacsQueryResult: TypeAlias = tuple[DicomDataset, ...]
"""The matches of a query, in order."""


@dataclass(frozen=True, slots=True)
class PacsRetrieveResult:
    """What was retrieved.

    Attributes:
        success: all of it.
        output_directory: as it was given.
        completed: sub-operations, as the PACS counts them.
        failed: of those.
        files: the paths of what came here.
    """

    success: bool
    output_directory: str
    completed: int
    failed: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PacsStoreResult:
    """What was stored.

    Attributes:
        success: all of it.
        file_count: the number of paths that were given.
        outcomes: of each file, in order.
    """

    success: bool
    file_count: int
    outcomes: tuple[StoreOutcome, ...]
