"""Paths of files: those given, and those in folders, in a fixed order, one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any, Final, TypeAlias, TypeGuard

from dcmtk_native._core.runtime import NativeError
from dcmtk_native._core.scan import Folder, Paths
from dcmtk_native.errors import DicomFileError, OptionsError
from dcmtk_native.types import StrPath

__all__ = ["ScanSource", "Sources"]

ScanSource: TypeAlias = StrPath | Iterable[StrPath]
"""A file, a folder, or any number of them."""

_ENTRIES_AT_A_TIME: Final = 10_000
_ERRNO: Final = 8  # among the arguments of a NativeError
"""Of a folder, between two looks at whether to stop."""

Report: TypeAlias = Callable[[str, Exception], object]


class Sources:
    """The paths of all files of a source; a huge tree takes the memory of its largest folder.

    The files of a folder come first, by name, then its folders, by name; names are compared byte
    by byte. Links to files are followed, links to folders are not: they may lead in circles.

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
        for some in self.portions():
            if isinstance(some, str):
                yield some
            else:
                yield from _each(some)

    def portions(self) -> Iterator[str | Paths]:
        """What was given as a file is one path, the files of a folder come at once.

        They are the native half's own, so that a folder of a thousand files does not wait for
        Python to make a thousand texts. Whoever gets them may take them away.
        """
        count = 0
        for given in self._given:
            for some in self._files_of(given):
                count += 1 if isinstance(some, str) else len(some)
                yield some
            if self._stop():
                return
        self.exhausted = True
        self.total = count

    def _files_of(self, given: object) -> Iterator[str | Paths]:
        path = os.fspath(given) if isinstance(given, (str, os.PathLike)) else ""
        if not _is_usable(path):
            self._report(repr(given)[:80], OptionsError("not a path"))
        # Half the time of a stat, which an archive of a million files would notice.
        elif os.access(f"{path}/", os.F_OK):
            self.total = None
            yield from self._walk(path)
        else:
            yield path

    def _walk(self, root: str) -> Iterator[Paths]:
        pending = [root]
        while pending:
            files, folders = self._listed(pending.pop())
            yield files
            if self._stop():
                return
            pending += reversed(folders)

    def _listed(self, path: str) -> tuple[Paths, list[str]]:
        """The files and the folders in a folder, as far as it can be read."""
        try:
            folder = Folder(path)
        except NativeError as error:
            self._complain(path, error.args[_ERRNO])
            return Paths(), []
        try:
            while not self._stop() and folder.read(_ENTRIES_AT_A_TIME):
                pass
        except NativeError as error:
            self._complain(path, error.args[_ERRNO])
        for name, number in folder.problems():  # links in a circle
            self._complain(f"{path}/{name}", number)
        folders = [*_each(folder.folders())] if self._recursive else []
        return folder.files(self._matches), folders

    def _complain(self, path: str, number: int) -> None:
        self._report(path, OSError(number, os.strerror(number), path))


def _each(paths: Paths) -> Iterator[str]:
    return (paths[place] for place in range(len(paths)))


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
