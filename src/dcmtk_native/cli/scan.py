"""The command `dcmtk-native scan`: an index of an archive, made or brought up to date."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from csv import Error as CsvError
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any, Final

from dcmtk_native._runtime.abort import AbortController, AbortSignal
from dcmtk_native._runtime.outputs import replaced_at_the_end
from dcmtk_native.cli.arguments import PROGRAM, HelpRequest, Parser, UsageError, formatter
from dcmtk_native.cli.help import epilog_of
from dcmtk_native.cli.index import ERROR, MTIME, SIZE, Frame, format_of, frame_of
from dcmtk_native.cli.logs import logging_to_stderr
from dcmtk_native.cli.output import FAILED, OK, as_json, complain, exit_code, write
from dcmtk_native.cli.progress import progress
from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok
from dcmtk_native.scan.result import PATH, ScanError, ScanResult
from dcmtk_native.scan.scanning import iter_batches
from dcmtk_native.scan.sources import Sources

__all__ = ["INTERRUPTED", "run"]

INTERRUPTED: Final = 130

_TELL_SECONDS: Final = 0.5

_ABOUT: Final = """\
Writes an index of the DICOM files in folders: a row a file, with the values of some tags.

Besides the tags a row has the path, the size and the time of the last change of its file (mtime_ns,
nanoseconds since 1970), and why the file or a value could not be read (error). Where a tag has one
value by the dictionary and a file has more, they are joined by backslashes.

With --update only files are read that are new or changed; rows of files that are not there any
more are dropped, those of a folder that cannot be read now stay. An interrupted scan leaves
INDEX.partial, from which --update goes on.
"""


class _Interrupted(Exception):
    """What was read is in the partial index."""


def run(argv: Sequence[str]) -> int:
    """The exit code of `dcmtk-native scan` with these words."""
    parser = _parser()
    if {"--help", "-h"} & set(argv):
        raise HelpRequest(parser.format_help())
    try:
        options = parser.parse_args(argv)
        with logging_to_stderr("error"):  # a warning does not say of which file it is
            return _index(options)
    except UsageError as error:
        raise UsageError(f"scan: {error}\n(see {PROGRAM} scan --help)") from None


def _parser() -> ArgumentParser:
    parser = Parser(
        prog=f"{PROGRAM} scan",
        usage=f"{PROGRAM} scan [OPTION ...] --tags TAG,... --out INDEX FOLDER ...",
        description=_ABOUT,
        epilog=epilog_of(),
        formatter_class=formatter(),
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("sources", metavar="FOLDER", nargs="+", help="folders and files to read")
    parser.add_argument(
        "--tags",
        action="append",
        required=True,
        metavar="TAG,...",
        help="keywords, tags such as (0010,0010), or paths into sequences; may be repeated",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="INDEX", help="a .parquet, .csv or .json file"
    )
    parser.add_argument(
        "--update", action="store_true", help="read only what is new or has changed since"
    )
    parser.add_argument("--pattern", help="files of folders must match it, such as '*.dcm'")
    parser.add_argument(
        "--no-recursive", action="store_true", help="leave out the folders of folders"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="default: one a processor")
    parser.add_argument(
        "--dates",
        choices=("text", "date"),
        default="text",
        help="dates and times as the text of the file, or with types of their own (.parquet)",
    )
    parser.add_argument("--quiet", action="store_true", help="no word on progress")
    parser.add_argument("--json", action="store_true", help="tell the outcome as JSON")
    parser.add_argument("--help", "-h", action="store_true", help="this text")
    return parser


@dataclass(slots=True)
class _Outcome:
    """What a scan did.

    Attributes:
        index: the file that was written.
        read: files that were read now.
        unchanged: files whose rows were taken over.
        gone: rows that were dropped.
        failures: what could not be read, now or before.
    """

    index: str
    read: int = 0
    unchanged: int = 0
    gone: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.index}: {self.read} read, {self.unchanged} unchanged, {self.gone} gone"


def _index(options: Any) -> int:
    indexing = _Indexing(options)
    try:
        with _stopped_by_interrupt() as stop, progress(quiet=options.quiet) as told:
            last = time.monotonic()

            def on_progress(done: int, total: int | None, path: str) -> None:
                nonlocal last
                if time.monotonic() - last >= _TELL_SECONDS:
                    last = time.monotonic()
                    told.advance(done, None, path)

            indexing.run(stop, on_progress)
    except DcmtkError as error:
        if options.json:
            write(as_json("scan", Err(error)))
        else:
            complain(f"{PROGRAM}: {error}")
        return exit_code(Err(error))
    except _Interrupted:
        complain(f"interrupted; --update goes on from {indexing.partial}")
        return INTERRUPTED
    return _tell(indexing.outcome, json=options.json)


def _tell(outcome: _Outcome, *, json: bool) -> int:
    for path, reason in outcome.failures:
        complain(f"failed: {path}: {reason}")
    if outcome.failures:
        complain(f"{len(outcome.failures)} failed")
    write(as_json("scan", Ok(outcome)) if json else f"{outcome}\n")
    return FAILED if outcome.failures else OK


class _Indexing:
    """One run of the command."""

    def __init__(self, options: Any) -> None:
        self._options = options
        self._out: Path = options.out
        self._format = format_of(self._out)
        self._tags = _split_tags(options.tags)
        if options.dates == "date" and not self._format.keeps_types:
            raise UsageError("--dates date needs a .parquet index; others hold text")
        self.partial = self._out.with_name(f"{self._out.name}.partial")
        self.outcome = _Outcome(str(self._out))
        self._known: dict[str, tuple[int, int]] = {}
        self._unchanged: set[str] = set()
        self._read_again: set[str] = set()
        self._facts: dict[str, tuple[int, int]] = {}
        self._reasons: dict[str, str] = {}
        self._own: set[tuple[int, int]] = set()
        self._out_of_reach: set[str] = set()

    def run(self, stop: AbortSignal, on_progress: Any) -> None:
        """Nothing: the index is written.

        Errors:
            _Interrupted: raised if `stop` said so; then there is a partial index.
            DcmtkError: raised if nothing could be written, or the source is not there.
        """
        if self._options.update:
            self._read_known()
        sources = self._sources(stop)
        with replaced_at_the_end(self._out, tool="scan") as temporary:
            self._own = {
                _identity(path.stat())
                for path in (temporary, self._out, self.partial)
                if path.exists()
            }
            batches = iter_batches(
                self._changed(sources),
                self._tags,
                threads=self._options.threads,
                dates=self._options.dates,
                on_progress=on_progress,
                on_error=self._fail,
                signal=stop,
            )
            if not self._write(temporary, batches, stop):
                temporary.replace(self.partial)
                raise _Interrupted
        self.partial.unlink(missing_ok=True)

    # ---- what is there ----

    def _old_indexes(self) -> list[Path]:
        """What `--update` starts from, the newer rows first."""
        if not self._options.update:
            return []
        return [path for path in (self.partial, self._out) if path.exists()]

    def _read_known(self) -> None:
        wanted = [PATH, SIZE, MTIME, ERROR, *self._tags]
        for index in reversed(self._old_indexes()):
            try:
                names = self._format.columns(index)
                if names and names != wanted:
                    raise UsageError(f"{index} has other columns; scan without --update")
                for frame in self._format.read(index):
                    facts = zip(frame[SIZE], frame[MTIME], strict=True)
                    self._known.update(zip(frame[PATH], facts, strict=True))
            except (OSError, ValueError, LookupError, CsvError) as error:
                raise UsageError(f"{index} cannot be brought up to date: {error}") from None

    def _sources(self, stop: AbortSignal) -> Iterator[str]:
        """The paths of all files; a source that is not there is an error at once."""
        each = [
            Sources(
                source,
                tool="scan",
                recursive=not self._options.no_recursive,
                pattern=self._options.pattern,
                report=self._miss,
                stop=lambda: stop.aborted,
            )
            for source in self._options.sources
        ]
        return iter(each[0]) if len(each) == 1 else _once(chain.from_iterable(each))

    def _changed(self, paths: Iterator[str]) -> Iterator[str]:
        """Those that have to be read."""
        for path in paths:
            try:
                status = os.stat(path)  # noqa: PTH116 (a Path for every file takes too long)
            except FileNotFoundError:
                yield path  # the scan says so
                continue
            except OSError as error:
                self._miss(path, error)
                continue
            if _identity(status) in self._own:
                continue
            facts = status.st_size, status.st_mtime_ns
            before = self._known.get(path)
            if before == facts:
                self._unchanged.add(path)
                continue
            if before is not None:
                self._read_again.add(path)
            self._facts[path] = facts
            yield path

    def _miss(self, path: str, error: Exception) -> None:
        """Nothing: it is known that nothing is known of what is there now."""
        self.outcome.failures.append((path, str(error)))
        self._out_of_reach.add(path)

    def _is_current(self, path: str) -> bool:
        """Whether its row stays: it is as it was, or for all that is known it may be."""
        if path in self._unchanged:
            return True
        missed = self._out_of_reach
        return bool(missed) and any(str(one) in missed for one in (path, *Path(path).parents))

    def _fail(self, error: ScanError) -> None:
        reason = error.error.message if error.column is None else f"{error.column}: {error.error}"
        self.outcome.failures.append((error.path, reason))
        before = self._reasons.get(error.path)
        self._reasons[error.path] = reason if before is None else f"{before}; {reason}"

    # ---- what will be there ----

    def _write(self, temporary: Path, batches: Iterator[ScanResult], stop: AbortSignal) -> bool:
        """Whether the index is complete."""
        first = next(batches)
        with self._format.write(temporary, first) as add:
            for batch in chain((first,), batches):
                # Files that were looked up, but not read before an abort, are in no frame.
                frame = frame_of(batch, self._facts, self._reasons)
                add(frame)
                self.outcome.read += len(frame[PATH])
                for path in frame[PATH]:
                    del self._facts[path]
                self._reasons.clear()
            if stop.aborted:
                self._add_old(add, [self.partial], lambda path: path not in self._read_again)
                return False
            self._add_old(add, self._old_indexes(), self._is_current)
        self.outcome.gone = len(self._known) - len(self._read_again) - self.outcome.unchanged
        return True

    def _add_old(
        self, add: Callable[[Frame], object], indexes: list[Path], wanted: Callable[[str], bool]
    ) -> None:
        """Takes rows over that tell the latest state of their files, each once."""
        for index in indexes:
            if index not in self._old_indexes():
                continue
            for frame in self._format.read(index):
                keys = zip(frame[PATH], frame[SIZE], frame[MTIME], strict=True)
                kept = [
                    at
                    for at, (path, *facts) in enumerate(keys)
                    if wanted(path) and self._known.get(path) == tuple(facts)
                ]
                rows = {name: [column[at] for at in kept] for name, column in frame.items()}
                add(rows)
                self.outcome.unchanged += len(kept)
                reasons = zip(rows[PATH], rows[ERROR], strict=True)
                self.outcome.failures += [(path, text) for path, text in reasons if text]


def _once(paths: Iterator[str]) -> Iterator[str]:
    """Each path at its first place: folders may be given that lie in each other."""
    seen: set[str] = set()
    for path in paths:
        if path not in seen:
            seen.add(path)
            yield path


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _split_tags(texts: Sequence[str]) -> list[str]:
    """The tags; a comma within parentheses belongs to one."""
    return [tag for text in texts for tag in re.split(r",(?![^(]*\))", text)]


@contextmanager
def _stopped_by_interrupt() -> Iterator[AbortSignal]:
    """A signal that Ctrl-C aborts, so that what has been read is kept; a second one ends it all."""
    controller = AbortController()
    if threading.current_thread() is not threading.main_thread():
        yield controller.signal
        return

    def interrupted(_: int, __: FrameType | None) -> None:
        if controller.signal.aborted:
            raise KeyboardInterrupt
        controller.abort("interrupted")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield controller.signal
    finally:
        signal.signal(signal.SIGINT, before)
