"""How work on several files goes on: a bar on a terminal, a line a file anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from dcmtk_native.cli.output import complain

__all__ = ["Progress", "counting", "progress"]


class Progress(Protocol):
    """What is told how far the work is."""

    def advance(self, done: int, total: int | None, line: str) -> None:
        """Nothing: so many are done, of so many if known; the line says something of this one."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """A context with what shows progress on stderr."""
    if quiet:
        yield _Silence()
        return
    bar = _rich_bar() if sys.stderr.isatty() else None
    if bar is None:
        yield _Lines()
        return
    with bar:
        yield _Bar(bar)


def counting(told: Progress) -> Callable[..., None]:
    """What a tool calls, whatever it counts.

    That is done and all, of frames; with a line, or an outcome, of files; or remaining, completed,
    failed and warnings of sub-operations.
    """

    def call(*counts: Any) -> None:
        match counts:
            case (int(remaining), completed, failed, warnings):
                done = completed + failed + warnings
                line = f"{completed} completed, {failed} failed, {warnings} with warnings"
                told.advance(done, done + remaining, line)
            case (done, total):
                told.advance(done, total, "frames")
            case (done, total, str(line)):
                told.advance(done, total, line)
            case (done, total, outcome):
                told.advance(done, total, f"{outcome.file}: {outcome.message}")

    return call


class _Lines:
    """A line a file."""

    def advance(self, done: int, total: int | None, line: str) -> None:
        complain(f"[{done}] {line}" if total is None else f"[{done}/{total}] {line}")


class _Silence:
    def advance(self, done: int, total: int | None, line: str) -> None:
        pass


class _Bar:
    """A progress bar of rich's."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def advance(self, done: int, total: int | None, line: str) -> None:
        self._bar.update(self._task, completed=done, total=total)


def _rich_bar() -> Any:
    """A bar on stderr, above which stdout may scroll; `None` without rich."""
    try:
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress
    except ImportError:
        return None
    return RichProgress(
        *RichProgress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=sys.stdout.isatty(),
        transient=True,
    )
