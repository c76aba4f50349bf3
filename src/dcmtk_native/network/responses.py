"""Responses that come one by one: of C-FIND, C-GET and C-MOVE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from dcmtk_native._core.network import Operation
from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native._runtime.options import SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.network.query import dataset_of
from dcmtk_native.network.results import DimseResponse, ReceivedObject, SubOperations

__all__ = ["Answer", "Matches", "Retrieval", "next_answer"]

_NOTHING: Final = SubOperations(None, None, None, None)


class Answer(NamedTuple):
    """One response, and the counts that it has."""

    response: DimseResponse
    counts: SubOperations


def next_answer(native: Operation) -> Answer | None:
    """The next response; `None` behind the final one."""
    found = native.next()
    if found is None:
        return None
    status, description, comment, counts, instance, data, syntax = found
    try:
        dataset = None if data is None else dataset_of(data, syntax)
    except Exception:
        # A peer that sends such things does not get another word.
        native.abort()
        raise
    response = DimseResponse(status, description, comment, dataset, instance)
    return Answer(response, SubOperations(*counts))


class _Responses:
    """What an iterator over responses knows at its end; leaving it early sends C-CANCEL."""

    def __init__(self, native: Operation, timeout_ms: int, signal: SignalLike | None) -> None:
        self._native = native
        self._timeout_ms = timeout_ms
        self._signal = signal
        self._final: DimseResponse | None = None

    @property
    def final(self) -> DimseResponse | None:
        """The response that ended it; `None` as long as none did."""
        return self._final

    @operation
    def _advance(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> Answer | None:
        return next_answer(self._native)

    @operation
    def cancel(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> DimseResponse | None:
        """The final response, after the peer was asked to stop; what came in between is dropped."""
        if not self._native.is_finished:
            self._native.cancel()
        while (answer := next_answer(self._native)) is not None:
            self._final = answer.response
        return self._final

    def _answers(self) -> Iterator[Answer]:
        """Pending answers; the final one is kept. Raises what `Err` would hold."""
        try:
            while True:
                answer = self._advance(timeout_ms=self._timeout_ms, signal=self._signal).unwrap()
                if answer is None:
                    return
                if self._native.is_finished:
                    self._final = answer.response
                    self._end(answer)
                    return
                yield answer
        finally:
            if not self._native.is_finished:
                self.cancel(timeout_ms=self._timeout_ms)

    def _end(self, answer: Answer) -> None:
        """The final answer has come."""


class Matches(_Responses):
    """The matches of a C-FIND, each when it comes.

    Iterating raises the error that ends it; after the last match `final` has the peer's status.
    """

    def __iter__(self) -> Iterator[DicomDataset]:
        for answer in self._answers():
            yield answer.response.dataset or DicomDataset({})


class Retrieval(_Responses):
    """The progress of a C-GET or C-MOVE, response by response; with C-GET what has been received.

    Attributes:
        received: the objects that have come so far.
        counts: of the latest response.
    """

    def __init__(self, native: Operation, timeout_ms: int, signal: SignalLike | None) -> None:
        super().__init__(native, timeout_ms, signal)
        self.received: list[ReceivedObject] = []
        self.counts = _NOTHING

    def __iter__(self) -> Iterator[SubOperations]:
        for answer in self._answers():
            self._take(answer)
            yield answer.counts

    def _end(self, answer: Answer) -> None:
        self._take(answer)

    def _take(self, answer: Answer) -> None:
        self.counts = answer.counts
        self.received += [ReceivedObject(*found) for found in self._native.take_received()]
