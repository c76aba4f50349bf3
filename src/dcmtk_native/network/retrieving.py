"""Retrieving, by C-GET and C-MOVE: what the two have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from dcmtk_native._core.network import Operation
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.options import Opt
from dcmtk_native.network.peer import check_status
from dcmtk_native.network.responses import next_answer
from dcmtk_native.network.results import ReceivedObject, SubOperations

__all__ = ["OnProgress", "Progress", "Tally"]

Progress: TypeAlias = Callable[[int, int, int, int], object]
OnProgress = Annotated[
    Progress | None,
    Opt(help="called with remaining, completed, failed and warnings at each response"),
]


@dataclass(slots=True)
class Tally:
    """What became of the sub-operations, over all requests of a call.

    Attributes:
        tool: the tool that asks.
        on_progress: of the caller.
        cancel_after: the responses after which the peer is asked to stop, in one request.
        status: of the last final response.
        completed, failed, warnings: sums over the requests.
        remaining: of the last request.
        received: the objects that came on the same association.
    """

    tool: str
    on_progress: Progress | None
    cancel_after: int | None = None
    status: int = 0
    completed: int = 0
    failed: int = 0
    warnings: int = 0
    remaining: int = 0
    received: list[ReceivedObject] = field(default_factory=list)

    def follow(self, operation: Operation) -> None:
        """Takes all responses to one request.

        Errors:
            DimseError: raised if the last one has a failure status.
        """
        tell = guarded(self.on_progress)
        seen = 0
        while (answer := next_answer(operation)) is not None:
            counts = answer.counts
            self.received += [ReceivedObject(*found) for found in operation.take_received()]
            if tell is not None:
                tell(*(number or 0 for number in counts_of(counts)))
            if operation.is_finished:
                self._add(counts)
                check_status(self.tool, answer.response)
                self.status = answer.response.status
                return
            seen += 1
            if seen == self.cancel_after:
                operation.cancel()

    def _add(self, counts: SubOperations) -> None:
        self.completed += counts.completed or 0
        self.failed += counts.failed or 0
        self.warnings += counts.warnings or 0
        self.remaining = counts.remaining or 0


def counts_of(counts: SubOperations) -> tuple[int | None, int | None, int | None, int | None]:
    """The four in the order of a progress callback."""
    return counts.remaining, counts.completed, counts.failed, counts.warnings
