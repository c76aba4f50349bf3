"""One scan under way: what it reads, how far it is, who is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from dcmtk_native._core import scan as _core
from dcmtk_native._core.runtime import CancelToken, NativeError
from dcmtk_native._runtime.conditions import public_error
from dcmtk_native._runtime.groups import read_options
from dcmtk_native._runtime.options import MAX_TIMEOUT_MS
from dcmtk_native._runtime.scope import run_in_scope
from dcmtk_native.errors import DcmtkError, DicomFileError
from dcmtk_native.limits import Limits
from dcmtk_native.scan.result import ScanError, ScanResult
from dcmtk_native.scan.sources import ScanSource, Sources

__all__ = ["AHEAD", "BUDGET_MS", "Columns", "Job", "OnError", "OnProgress", "ScanFailure"]

OnProgress: TypeAlias = Callable[[int, int | None, str], object]
"""Told now and then: how many files are done, of how many if that is known, and the last one."""

OnError: TypeAlias = Callable[[ScanError], object]
"""Told of each error when it happens."""

BUDGET_MS: Final = 100
"""How long the native half works before Python is told."""

AHEAD: Final = 4096
"""Paths that the native half gets at a time: enough to keep every thread busy."""

_TOOL: Final = "scan"


class ScanFailure(Exception):
    """The scan itself failed, not a file or a callback."""

    def __init__(self, error: DcmtkError) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Columns:
    """What is read of each file; can be sent to another process.

    Attributes:
        tags: as they were given.
        dates: "text" or "date".
        fixed: the types depend on the tags alone.
        limits: on foreign input.
    """

    tags: tuple[str, ...]
    dates: str
    fixed: bool
    limits: Limits | None

    def request(self, tool: str) -> _core.Request:
        """The native form.

        Errors:
            OptionsError: raised for tags that no column can hold.
        """
        read = read_options("auto", "auto", self.limits)
        try:
            return _core.Request(self.tags, self.dates, self.fixed, read)
        except NativeError as error:
            raise public_error(tool, error.args, (), 0) from None


class Job:
    """What a scan has read so far and not yet handed out.

    Attributes:
        sources: the paths.
        token: stops the native half.
        retried: chunks that were read again, since the last result was handed out.
    """

    def __init__(
        self,
        tool: str,
        source: ScanSource,
        columns: Columns,
        *,
        recursive: bool = True,
        pattern: str | None = None,
        threads: int,
        on_progress: OnProgress | None = None,
        on_error: OnError | None = None,
        token: CancelToken | None = None,
    ) -> None:
        """A job that has not begun.

        Errors:
            OptionsError: raised for options out of their rules.
            DicomFileError: raised if the source is not there.
        """
        self.token = CancelToken() if token is None else token
        self.columns = columns
        self.threads = threads
        self.retried = 0
        self._tool = tool
        self._request = columns.request(tool)
        self._on_progress = on_progress
        self._on_error = on_error
        self._on_cancel: Callable[[], object] | None = None
        self.sources = Sources(
            source,
            tool=tool,
            recursive=recursive,
            pattern=pattern,
            report=self._report,
            stop=lambda: self.token.cancelled,
        )
        self._done = 0
        self._errors: list[ScanError] = []
        self._table: _core.Table | None = None

    # ---- stopping ----

    @property
    def cancelled(self) -> bool:
        """Whether the signal said stop."""
        return self.token.cancelled

    def cancel(self) -> None:
        """Nothing: the job ends soon; may be called from any thread and from a signal handler."""
        self.token.cancel()
        if self._on_cancel is not None:
            self._on_cancel()

    def when_cancelled(self, fn: Callable[[], object]) -> None:
        """Nothing: `fn()` is called by `cancel`; now, if that has happened."""
        self._on_cancel = fn
        if self.token.cancelled:
            fn()

    # ---- reading ----

    def read(self, paths: _core.Paths, most: int) -> Iterator[tuple[_core.Table, str]]:
        """Rows of the first `most` paths, now and then, and the last of those that are done.

        What is done is taken away from the paths. Ends early when the job is cancelled.
        """
        while most and len(paths) and not self.cancelled:
            # The native half has a place ready for each of them.
            table = self._read_some(paths, min(most, AHEAD))
            count = table.count
            last = paths[count - 1] if count else ""
            paths.drop(count)
            most -= count
            yield table, last
            if table.stopped:
                return

    def _read_some(self, paths: _core.Paths, most: int) -> _core.Table:
        value, failure, diagnostics = run_in_scope(
            _core.scan_files,
            (paths, most, self._request, self.threads, BUDGET_MS),
            {},
            token=self.token,
            timeout_ms=MAX_TIMEOUT_MS,
            log_level=None,
        )
        if isinstance(failure, NativeError):
            raise ScanFailure(public_error(self._tool, failure.args, diagnostics, 0))
        if failure is not None:
            raise failure
        assert isinstance(value, _core.Table)
        return value

    # ---- keeping ----

    @property
    def is_empty(self) -> bool:
        """Whether nothing was kept since the last result."""
        return self._table is None and not self._errors

    def keep_table(self, table: _core.Table) -> list[ScanError]:
        """Its errors; they and the rows are part of the next result."""
        errors = [
            ScanError(path, public_error(_TOOL, args, (), 0), column or None)
            for path, column, args in table.errors()
        ]
        self._keep(table, errors)
        return errors

    def keep_result(self, result: ScanResult) -> None:
        """Nothing: what another process has read is part of the next result."""
        self._keep(result._table, result.errors)

    def _keep(self, table: _core.Table, errors: Iterable[ScanError]) -> None:
        self._errors += errors
        if self._table is None:
            self._table = table
        else:
            self._table.extend(table)

    def result(self, *, aborted: bool) -> ScanResult:
        """What was kept since the last result."""
        table = self._table if self._table is not None else self._read_some(_core.Paths(), 0)
        result = ScanResult(
            self._request.names, table, self._errors, aborted=aborted, retried=self.retried
        )
        self._table, self._errors, self.retried = None, [], 0
        return result

    # ---- telling ----

    def tell(self, count: int, last_path: str, errors: Iterable[ScanError]) -> None:
        """Nothing: the callbacks know that so many files more are done."""
        self._done += count
        if self._on_error is not None:
            for error in errors:
                self._on_error(error)
        if self._on_progress is not None:
            self._on_progress(self._done, self.sources.total, last_path)

    def _report(self, path: str, error: Exception) -> None:
        """Keeps what `Sources` cannot read."""
        if isinstance(error, OSError):
            text = f"{_TOOL} failed: {path}: {error.strerror}"
            public: DcmtkError = DicomFileError(text, tool=_TOOL, filename=path, errno=error.errno)
        else:
            assert isinstance(error, DcmtkError)
            public = error
        entry = ScanError(path, public)
        self._errors.append(entry)
        if self._on_error is not None:
            self._on_error(entry)
