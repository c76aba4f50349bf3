"""One tool for several files: which files, where their outputs go, how it goes on."""

from __future__ import annotations

import glob
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from dcmtk_native._runtime.abort import AbortController, AbortSignal
from dcmtk_native.batch import batch
from dcmtk_native.cli.arguments import Request, UsageError
from dcmtk_native.cli.output import FAILED, OK, as_json, as_text, complain, write
from dcmtk_native.cli.progress import progress
from dcmtk_native.result import Err, Ok, Result

__all__ = ["run_several"]

_MAX_JOBS: Final = 64

Tool = Callable[..., Result[Any]]


@dataclass(frozen=True, slots=True)
class _Task:
    """One input and where its output goes, if the tool writes a file."""

    index: int
    source: Path
    output: Path | None


def run_several(name: str, tool: Tool, request: Request) -> int:
    """The exit code of a tool that was run for every input; failures do not stop the others.

    Outcomes are printed in the order of the inputs, those that failed once more at the end.

    Errors:
        UsageError: raised before any work if an input or an output cannot be.
    """
    tasks = list(_tasks(name, request))
    printer = _Printer(name, request, tasks)
    with _aborted_by_interrupt() as aborted, progress(quiet=request.quiet) as told:

        def run(task: _Task) -> Result[_Task, Exception]:
            result: Result[Any, Exception]
            try:
                result = _run(tool, task, request.arguments, aborted)
            except OSError as error:  # the output's folder cannot be made
                result = Err(error)
            return printer.keep(task, result)

        def on_progress(done: int, total: int, result: Result[_Task, Exception]) -> None:
            printer.flush()
            told.advance(done, total, printer.line_of(result))

        outcome = batch(
            tasks,
            run,
            concurrency=request.jobs or min(os.cpu_count() or 1, _MAX_JOBS),
            on_progress=on_progress,
            signal=aborted,
        )
    for line in printer.failures:
        complain(line)
    if outcome.failed:
        complain(f"{outcome.failed} of {len(tasks)} failed")
    return FAILED if outcome.failed else OK


# ---- inputs and outputs ----


def _tasks(name: str, request: Request) -> Iterator[_Task]:
    taken: dict[Path, Path] = {}
    for index, (source, relative) in enumerate(_sources(request)):
        output = None
        if request.output_dir is not None:
            output = Path(request.output_dir, relative)
            if suffix := _suffix_of(name):
                output = output.with_suffix(suffix)
            if (other := taken.setdefault(output, source)) is not source:
                raise UsageError(f"{other} and {source} would both be written to {output}")
        yield _Task(index, source, output)


def _sources(request: Request) -> Iterator[tuple[Path, Path]]:
    """The path of every input, and its name within the output folder."""
    for given in request.inputs:
        for path in _expanded(given):
            if not path.is_dir():
                yield path, Path(path.name)
            elif request.recursive:
                for file in _files_below(path):
                    yield file, file.relative_to(path)
            else:
                raise UsageError(f"{path} is a folder; --recursive takes the files in it")


def _expanded(given: str) -> Sequence[Path]:
    """The path, or what a pattern matches that the shell has left alone."""
    path = Path(given)
    if os.path.lexists(path) or not glob.has_magic(given):
        return [path]
    found = glob.glob(given, recursive=True)  # noqa: PTH207 (a Path's own does not take absolute ones)
    return [Path(one) for one in sorted(found)] or [path]


def _files_below(folder: Path) -> Iterator[Path]:
    """Regular files, in a fixed order; links to folders are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file():
                yield path


def _suffix_of(name: str) -> str:
    """What a tool called `dcm2json` makes: `.json`; empty if its name does not tell."""
    _, two, made = name.rpartition("2")
    return f".{made}" if two else ""


# ---- running ----


def _run(tool: Tool, task: _Task, arguments: dict[str, Any], aborted: AbortSignal) -> Result[Any]:
    output = {}
    if task.output is not None:
        task.output.parent.mkdir(parents=True, exist_ok=True)
        output["output_path"] = task.output
    return tool(task.source, **output, **arguments, signal=aborted)


@contextmanager
def _aborted_by_interrupt() -> Iterator[AbortSignal]:
    """A signal that Ctrl-C aborts, so that the running calls end before the program does."""
    controller = AbortController()
    if threading.current_thread() is not threading.main_thread():
        yield controller.signal
        return

    def interrupted(_: int, __: FrameType | None) -> None:
        controller.abort("interrupted")
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield controller.signal
    finally:
        signal.signal(signal.SIGINT, before)


# ---- telling ----


class _Printer:
    """Prints outcomes in the order of the inputs; what came too early waits here, and only that."""

    def __init__(self, name: str, request: Request, tasks: Sequence[_Task]) -> None:
        self._name = name
        self._request = request
        self._tasks = tasks
        self._next = 0
        self._waiting: dict[int, str | bytes] = {}
        self.failures: list[str] = []

    def keep(self, task: _Task, result: Result[Any, Exception]) -> Result[_Task, Exception]:
        """The outcome without its value, which may be large and is not needed again."""
        self._waiting[task.index] = self._shown(task, result)
        if isinstance(result, Err):
            error = RuntimeError(f"{task.source}: {result.error}")
            return Err(error)
        return Ok(task)

    def flush(self) -> None:
        """Nothing: whatever is next and done has been printed."""
        while self._next in self._waiting:
            write(self._waiting.pop(self._next))
            self._next += 1

    def line_of(self, result: Result[_Task, Exception]) -> str:
        """What the progress says of an outcome."""
        if isinstance(result, Err):
            self.failures.append(f"failed: {result.error}")
            return str(result.error)
        return f"{result.value.source}: ok"

    def _shown(self, task: _Task, result: Result[Any, Exception]) -> str | bytes:
        if self._request.json:
            return as_json(self._name, result, str(task.source))
        if isinstance(result, Err):
            return ""
        shown = as_text(result.value, written=task.output is not None)
        if isinstance(shown, bytes):
            return shown
        if shown.count("\n") == 1:
            return f"{task.source}: {shown}"
        return f"# {task.source}\n{shown}" if shown else ""
