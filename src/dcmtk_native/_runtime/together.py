"""Several pieces of one call at the same time, each on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from dcmtk_native._core.runtime import CallTerms, CancelToken, checkpoint
from dcmtk_native._runtime.options import MAX_TIMEOUT_MS
from dcmtk_native._runtime.scope import run_in_scope

__all__ = ["run_together"]

_SECONDS_BETWEEN_CHECKS: Final = 0.02
"""The pieces see an abort and the deadline by themselves; this is for Ctrl-C."""


class _Piece:
    """Work on a thread, within the terms of the call that began it."""

    def __init__(self, work: Callable[[], object], terms: CallTerms, stop: CancelToken) -> None:
        self._work = work
        self._terms = terms
        self._stop = stop
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="dcmtk_native piece", daemon=True)

    def _run(self) -> None:
        around = self._terms.begin()
        try:
            self.failure = run_in_scope(
                self._work, (), {}, token=self._stop, timeout_ms=MAX_TIMEOUT_MS, log_level=None
            ).failure
        except BaseException as error:  # a callback's own error, which belongs to the caller
            self.failure = error
        finally:
            around.close()


def run_together(works: Sequence[Callable[[], object]]) -> None:
    """Nothing, once all have ended; the first failure is raised then. A single one runs right here.

    An abort, a deadline or Ctrl-C ends all of them. Otherwise a failure of one does not end the
    others: they may look for themselves whether to go on.
    """
    if len(works) == 1:
        works[0]()
        return
    stop = CancelToken()
    terms = CallTerms()
    pieces = [_Piece(work, terms, stop) for work in works]
    begun: list[_Piece] = []
    try:
        for piece in pieces:
            piece.thread.start()
            begun.append(piece)
        for piece in begun:
            while piece.thread.is_alive():
                piece.thread.join(_SECONDS_BETWEEN_CHECKS)
                checkpoint()
    finally:
        stop.cancel()  # without effect on those that have ended
        for piece in begun:
            piece.thread.join()
    for piece in pieces:
        if piece.failure is not None:
            raise piece.failure
