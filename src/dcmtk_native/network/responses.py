"""Responses that come one by one: of C-FIND, C-GET and C-MOVE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from dcmtk_native._core.network import Operation
from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native._runtime.options import SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation_of
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.errors import ToolError
from dcmtk_native.network.peer import check_status
from dcmtk_native.network.query import dataset_of
from dcmtk_native.network.results import DimseResponse, ReceivedObject, SubOperations

__all__ = ["Answer", "Matches", "Retrieval", "finish", "next_answer"]

_NOTHING: Final = SubOperations(None, None, None, None)


class Answer(NamedTuple):
    """One response, and the counts that it has.

    Attributes:
        response: status and data set.
        counts: of sub-operations.
        content: the data set as it came, in the transfer syntax.
        transfer_syntax: UID.
    """

    response: DimseResponse
    counts: SubOperations
    content: bytes | None
    transfer_syntax: str


def next_answer(native: Operation) -> Answer | None:
    """The next response; `None` behind the final one."""
    found = native.next()
    if found is None:
        return None
    status, description, comment, counts, instance, content, syntax = found
    try:
        dataset = None if content is None else dataset_of(content, syntax)
    except Exception:
        # A peer that sends such things does not get another word.
        native.abort()
        raise
    response = DimseResponse(status, description, comment, dataset, instance)
    return Answer(response, SubOperations(*counts), content, syntax)


def finish(native: Operation) -> Answer | None:
    """The final answer, after the peer was asked to stop; those in between are dropped."""
    final = None
    if not native.is_finished:
        native.cancel()
    while (answer := next_answer(native)) is not None:
        final = answer
    return final


def _name_of(responses: _Responses) -> str:
    return responses._name


class _Responses:
    """What an iterator over responses knows at its end; leaving it early sends C-CANCEL."""

    def __init__(
        self, name: str, native: Operation, timeout_ms: int, signal: SignalLike | None
    ) -> None:
        self._name = name
        self._native = native
        self._timeout_ms = timeout_ms
        self._signal = signal
        self._final: DimseResponse | None = None

    @property
    def final(self) -> DimseResponse | None:
        """The response that ended it; `None` as long as none did."""
        return self._final

    @operation_of(_name_of)
    def _advance(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> Answer | None:
        return next_answer(self._native)

    @operation_of(_name_of)
    def cancel(
        self, *, timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS, signal: SignalOption = None
    ) -> DimseResponse | None:
        """The final response, after the peer was asked to stop.

        Matches that come in between are dropped; objects that come are kept.
        """
        try:
            answer = finish(self._native)
        finally:
            self._keep()
        if answer is not None:
            self._final = answer.response
            self._end(answer)
        return self._final

    def _answers(self) -> Iterator[Answer]:
        """Pending answers; the final one is kept. Raises what `Err` would hold."""
        try:
            while self._final is None:
                answer = self._advance(timeout_ms=self._timeout_ms, signal=self._signal).unwrap()
                if answer is None:
                    text = f"{self._name} failed: another request on the association has ended it"
                    raise ToolError(text, tool=self._name)
                if self._native.is_finished:
                    self._final = answer.response
                    self._end(answer)
                    check_status(self._name, answer.response)
                    return
                yield answer
        finally:
            self._leave()

    def _leave(self) -> None:
        self._native.begin_leaving()
        try:
            self._keep()
            if not self._native.is_finished:
                self.cancel(timeout_ms=self._timeout_ms)
        finally:
            self._native.end_leaving()

    def _end(self, answer: Answer) -> None:
        """The final answer has come."""

    def _keep(self) -> None:
        """Something may have come besides responses."""


class Matches(_Responses):
    """The matches of a C-FIND, each when it comes.

    Iterating raises the error that ends it, `DimseError` where the peer answers with a failure;
    after the last match `final` has the peer's status.
    """

    def __iter__(self) -> Iterator[DicomDataset]:
        for answer in self._answers():
            yield answer.response.dataset or DicomDataset({})


class Retrieval(_Responses):
    """The progress of a C-GET or C-MOVE, response by response; with C-GET what has been received.

    Iterating raises the error that ends it, `DimseError` where the peer answers with a failure;
    `received` and `counts` stay.

    Attributes:
        received: the objects that have come so far.
        counts: of the latest response.
    """

    def __init__(
        self, name: str, native: Operation, timeout_ms: int, signal: SignalLike | None
    ) -> None:
        super().__init__(name, native, timeout_ms, signal)
        self.received: list[ReceivedObject] = []
        self.counts = _NOTHING

    def __iter__(self) -> Iterator[SubOperations]:
        for answer in self._answers():
            self.counts = answer.counts
            self._keep()
            yield answer.counts

    def _end(self, answer: Answer) -> None:
        self.counts = answer.counts

    def _keep(self) -> None:
        self.received += [ReceivedObject(*found) for found in self._native.take_received()]
