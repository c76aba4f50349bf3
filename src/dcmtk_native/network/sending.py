"""Sending files: over one association, several after another, or several at the same time."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from dcmtk_native._core.network import Association as NativeAssociation
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.together import run_together
from dcmtk_native.errors import DimseError
from dcmtk_native.network.outgoing import (
    OutgoingFile,
    answered,
    failed,
    is_of_the_file,
    name_of,
    text_of,
)
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.preparation import Preparation
from dcmtk_native.network.results import StoreOutcome
from dcmtk_native.network.services import Priority, category_of
from dcmtk_native.network.storage_contexts import Batch

__all__ = ["Sending", "Sent", "send_files"]

_LOGGER: Final = logging.getLogger("dcmtk_native.network")
_LOST: Final = "association"

Job = tuple[int, int]
"""The position of a file, and the how-manieth time it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What all files of a call have in common.

    Attributes:
        tool: for messages.
        peer: where to.
        preparation: how files become what is sent.
        halt: the first failure ends the call.
        associations: at the same time.
        repeat: how often each file is sent.
        abort_association: at the end, instead of releasing it.
        rename: processed files get `.done` or `.bad` behind their names.
        log_contexts: what was proposed and accepted goes to the log.
        extended_negotiation: see `Peer.request`.
        on_progress: see `OnOutcomeOption`.
    """

    tool: str
    peer: Peer
    preparation: Preparation
    halt: bool = True
    associations: int = 1
    repeat: int = 1
    abort_association: bool = False
    rename: bool = False
    log_contexts: bool = False
    extended_negotiation: Mapping[str, bytes] | None = None
    on_progress: Callable[[int, int, StoreOutcome], object] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a file, and how it went.

    Attributes:
        file: what was sent.
        outcome: what became of it.
        association: the number of the association within the call, from 1; 0: none.
        context: ID of the presentation context.
        transfer_syntax: UID of what went over the network.
        length: of the data set, in bytes.
    """

    file: OutgoingFile
    outcome: StoreOutcome
    association: int = 0
    context: int = 0
    transfer_syntax: str = ""
    length: int = 0


def send_files(
    sending: Sending, files: Sequence[OutgoingFile], batches: Sequence[Batch]
) -> tuple[Sent, ...]:
    """What became of each file, in the order of the files.

    Errors:
        NativeError or DimseError of the first failure; with `halt` off of what ends the call alone:
        its deadline, an abort, no association at all. Its `outcomes` are of what was done before.
    """
    delivery = _Delivery(sending, files)
    try:
        return delivery.run(batches)
    except Exception as error:
        error.outcomes = delivery.outcomes()  # type: ignore[attr-defined]
        raise


class _Link:
    """An open association, and what the peer has accepted on it."""

    def __init__(self, native: NativeAssociation, number: int, batch: Batch) -> None:
        self.native = native
        self.number = number
        self._proposed = batch.contexts
        self.accepted: dict[str, list[str]] = {}
        for abstract_syntax, transfer_syntax, _, _ in native.contexts:
            self.accepted.setdefault(abstract_syntax, []).append(transfer_syntax)

    def context_id(self, sop_class: str, syntax: str) -> int:
        """Proposals have the odd numbers, in their order."""
        for position, context in enumerate(self._proposed):
            if context.abstract_syntax == sop_class and syntax in context.transfer_syntaxes:
                return 2 * position + 1
        return 0

    def end(self, *, by_abort: bool) -> None:
        """Nothing: it is closed. What was stored is stored, whatever the peer makes of the end."""
        if by_abort:
            self.native.abort()
            return
        try:
            self.native.release()
        except NativeError as error:
            if error.args[0] != _LOST:
                raise
            _LOGGER.warning("%s", text_of(error))


class _Delivery:
    """The state of one call."""

    def __init__(self, sending: Sending, files: Sequence[OutgoingFile]) -> None:
        self._sending = sending
        self._files = files
        self._sent: list[Sent | None] = [None] * (len(files) * sending.repeat)
        self._lock = threading.Lock()
        self._done = 0
        self._links = 0
        self._is_over = False

    def run(self, batches: Sequence[Batch]) -> tuple[Sent, ...]:
        for position, file in enumerate(self._files):
            if file.refusal:
                self._give_up(self._jobs_of([position]), file.refusal)
        for batch in batches:
            jobs = self._jobs_of(batch.files)
            try:
                first = self._connect(batch)
            except NativeError as error:
                if self._sending.halt or self._links == 0 or error.args[0] != _LOST:
                    raise
                self._give_up(jobs, text_of(error))
                continue
            helpers = min(self._sending.associations, len(jobs)) - 1
            run_together(
                [
                    partial(self._serve, batch, jobs, first),
                    *[partial(self._help, batch, jobs) for _ in range(helpers)],
                ]
            )
            self._give_up(jobs, "the association was lost, and the peer does not give another")
        assert all(sent is not None for sent in self._sent)
        return tuple(sent for sent in self._sent if sent is not None)

    def outcomes(self) -> tuple[StoreOutcome, ...]:
        """Of what is done so far."""
        return tuple(sent.outcome for sent in self._sent if sent is not None)

    def _jobs_of(self, positions: Sequence[int]) -> deque[Job]:
        times = range(self._sending.repeat)
        return deque((position, time) for position in positions for time in times)

    def _connect(self, batch: Batch) -> _Link:
        sending = self._sending
        native = sending.peer.request(batch.contexts, sending.extended_negotiation)
        with self._lock:
            self._links += 1
            number = self._links
        if sending.log_contexts:
            _log_contexts(number, batch.contexts, native)
        return _Link(native, number, batch)

    def _help(self, batch: Batch, jobs: deque[Job]) -> None:
        """The same on one more association, if the peer lets us have one."""
        link = self._try_to_connect(batch)
        if link is not None:
            self._serve(batch, jobs, link)

    def _try_to_connect(self, batch: Batch) -> _Link | None:
        try:
            return self._connect(batch)
        except NativeError as error:
            if error.args[0] != _LOST:
                raise
            _LOGGER.warning("no further association: %s", text_of(error))
            return None

    def _serve(self, batch: Batch, jobs: deque[Job], link: _Link) -> None:
        """Nothing: there are no jobs left, a failure has ended the call, or no link can be had."""
        try:
            while not self._is_over and (job := _next_of(jobs)) is not None:
                open_link = link if link.native.is_open else self._try_to_connect(batch)
                if open_link is None:
                    jobs.appendleft(job)
                    return
                link = open_link
                self._send(link, *job)
        except DimseError:
            self._is_over = True
            link.end(by_abort=False)
            raise
        except BaseException:
            self._is_over = True
            link.native.abort()
            raise
        if link.native.is_open:
            link.end(by_abort=self._sending.abort_association)

    def _send(self, link: _Link, position: int, time: int) -> None:
        file = self._files[position]
        preparation = self._sending.preparation
        try:
            stored = preparation.open(file.source, self._index(position, time))
            ready = preparation.made_ready(stored, link.accepted)
            answer = link.native.store(ready, Priority.MEDIUM, None, None)
        except NativeError as error:
            if self._sending.halt or not (is_of_the_file(error) or error.args[0] == _LOST):
                raise
            self._settle(position, time, Sent(file, failed(file, text_of(error))))
            return
        outcome = answered(name_of(file.source), ready, answer)
        syntax = ready.transfer_syntax
        context = link.context_id(ready.sop_class, syntax)
        sent = Sent(file, outcome, link.number, context, syntax, ready.length)
        self._settle(position, time, sent)
        if self._sending.halt and not outcome.ok:
            raise self._refused(outcome)

    def _refused(self, outcome: StoreOutcome) -> DimseError:
        tool, status = self._sending.tool, outcome.status
        assert status is not None
        message = f"{tool} failed: {outcome.file}: the peer answered {outcome.message}"
        return DimseError(message, status=status, category=category_of(status), tool=tool)

    def _give_up(self, jobs: deque[Job], reason: str) -> None:
        while (job := _next_of(jobs)) is not None:
            position, time = job
            file = self._files[position]
            self._settle(position, time, Sent(file, failed(file, reason)))

    def _index(self, position: int, time: int) -> int:
        return position * self._sending.repeat + time

    def _settle(self, position: int, time: int, sent: Sent) -> None:
        """Keeps what became of a file, and tells it; one at a time."""
        with self._lock:
            self._sent[self._index(position, time)] = sent
            self._done += 1
            if self._sending.rename:
                _rename(sent)
            if self._sending.on_progress is not None:
                self._sending.on_progress(self._done, len(self._sent), sent.outcome)


def _next_of(jobs: deque[Job]) -> Job | None:
    # Between a look and a take another thread may have taken the last.
    try:
        return jobs.popleft()
    except IndexError:
        return None


def _rename(sent: Sent) -> None:
    path = Path(sent.outcome.file)
    target = path.with_name(f"{path.name}.{'done' if sent.outcome.ok else 'bad'}")
    try:
        path.rename(target)
    except OSError as error:
        _LOGGER.warning("cannot rename %s: %s", path, error.strerror)


def _log_contexts(
    number: int, proposed: Sequence[PresentationContext], native: NativeAssociation
) -> None:
    for position, context in enumerate(proposed):
        syntaxes = ", ".join(context.transfer_syntaxes)
        _LOGGER.info(
            "association %d proposes %d: %s in %s",
            number,
            2 * position + 1,
            context.abstract_syntax,
            syntaxes,
        )
    for abstract_syntax, transfer_syntax, _, _ in native.contexts:
        _LOGGER.info("association %d accepts %s in %s", number, abstract_syntax, transfer_syntax)
