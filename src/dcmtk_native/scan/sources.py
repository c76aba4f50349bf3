"""Paths of files: those given, and those in folders, in a fixed order, one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, Final, TypeAlias, TypeGuard

from dcmtk_native._core.runtime import NativeError
from dcmtk_native._core.scan import Folder
from dcmtk_native.errors import DicomFileError, OptionsError
from dcmtk_native.types import StrPath

__all__ = ["ScanSource", "Sources"]

ScanSource: TypeAlias = StrPath | Iterable[StrPath]
"""A file, a folder, or any number of them."""

_ENTRIES_AT_A_TIME: Final = 10_000
"""Of a folder, between two looks at whether to stop."""

Report: TypeAlias = Callable[[str, Exception], object]


class Sources:
    """The paths of all files of a source; a huge tree takes the memory of its largest folder.

    The files of a folder come first, by name, then its folders, by name. Links to files are
    followed, links to folders are not: they may lead in circles.

    Attributes:
        total: how many files there are; `None` as long as that is not known.
        exhausted: all paths have been handed out.
    """

    def __init__(
        self,
        source: ScanSource,
        *,
        tool: str,
        recursive: bool,
        pattern: str | None,
        report: Report,
        stop: Callable[[], bool],
    ) -> None:
        """Paths that are made while they are asked for.

        Args:
            source: where to look.
            tool: who asks, for the errors.
            recursive: go into the folders of folders.
            pattern: what the names of files in folders must match.
            report: told what a folder cannot be read for, and what is no path at all.
            stop: asked now and then while a folder is listed, and between what was given; once
                it says yes, only the files of the folder at hand are still to come.

        Errors:
            OptionsError: raised if the source is neither a path nor an iterable.
            DicomFileError: raised if it is a path under which nothing can be read.
        """
        self._recursive = recursive
        self._matches = _matcher(pattern)
        self._report = report
        self._stop = stop
        self.exhausted = False
        self.total: int | None
        given: object = source  # whatever the caller's type checker let through
        self._given: Iterable[object]
        if isinstance(given, (str, os.PathLike)):
            self._given = (given,)
            self.total = None if _is_folder(given, tool) else 1
        elif isinstance(given, Iterable) and not isinstance(given, (bytes, bytearray)):
            self._given = given
            self.total = len(given) if isinstance(given, Sized) else None
        else:
            rule = f"source={source!r:.80}: must be a path, or an iterable of paths"
            raise OptionsError(f"{tool}: invalid options: {rule}", tool=tool)

    def __iter__(self) -> Iterator[str]:
        count = 0
        for given in self._given:
            for path in self._files_of(given):
                yield path
                count += 1
            if self._stop():
                return
        self.exhausted = True
        self.total = count

    def _files_of(self, given: object) -> Iterator[str]:
        path = os.fspath(given) if isinstance(given, (str, os.PathLike)) else ""
        if not _is_usable(path):
            self._report(repr(given)[:80], OptionsError("not a path"))
        # Half the time of a stat, which an archive of a million files would notice.
        elif os.access(f"{path}/", os.F_OK):
            self.total = None
            yield from self._walk(path)
        else:
            yield path

    def _walk(self, root: str) -> Iterator[str]:
        pending = [root]
        while pending:
            folder = pending.pop()
            files, folders = self._listed(folder)
            files.sort()
            folders.sort(reverse=True)
            inside = folder if folder.endswith("/") else f"{folder}/"
            for name in files:
                yield inside + name
            if self._stop():
                return
            pending += [inside + name for name in folders]

    def _listed(self, folder: str) -> tuple[list[str], list[str]]:
        """The names of the files and of the folders in a folder, as far as it can be read."""
        files: list[str] = []
        folders: list[str] = []
        is_end = False
        try:
            entries = Folder(folder)
            while not is_end and not self._stop():
                some_files, some_folders, problems, is_end = entries.read(_ENTRIES_AT_A_TIME)
                files += some_files
                folders += some_folders
                for name, number in problems:  # links in a circle
                    path = f"{folder}/{name}"
                    self._report(path, OSError(number, os.strerror(number), path))
        except NativeError as error:
            number = error.args[-1]
            self._report(folder, OSError(number, os.strerror(number), folder))
        if self._matches is not None:
            files = list(filter(self._matches, files))
        return files, folders if self._recursive else []


def _matcher(pattern: str | None) -> Callable[[str], object] | None:
    if pattern is None:
        return None
    import re
    from fnmatch import translate

    return re.compile(translate(pattern)).match


def _is_usable(path: object) -> TypeGuard[str]:
    return isinstance(path, str) and path != "" and "\0" not in path


def _is_folder(path: str | os.PathLike[Any], tool: str) -> bool:
    """Whether it is a folder; a source that is not there, or that may not be read, ends it all."""
    name = os.fspath(path)
    if not _is_usable(name):
        rule = f"source={path!r:.80}: must be a path of at least one character, without NUL"
        raise OptionsError(f"{tool}: invalid options: {rule}", tool=tool)
    try:
        if not stat.S_ISDIR(os.stat(name).st_mode):  # noqa: PTH116
            return False
        os.scandir(name).close()
    except OSError as error:
        message = f"{tool} failed: {name}: {error.strerror}"
        raise DicomFileError(message, tool=tool, filename=name, errno=error.errno) from None
    return True
