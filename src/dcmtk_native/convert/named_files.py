"""Files that a document names, such as raw pixel data: read from one directory and nowhere else.

A document may come from a stranger, who could name any file of the machine and find its content in
the result. So a name leads to a regular file below the directory, without a symbolic link or `..`
on the way; the kernel resolves every step of it relative to the one before, which leaves no moment
to exchange a directory in between.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from dcmtk_native._core.runtime import checkpoint
from dcmtk_native.limits import Limits

__all__ = ["NamedFiles", "RefusedFileError", "swapped_words"]

_STEP: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe would block the opening; what is opened is looked at before it is read.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class RefusedFileError(Exception):
    """Why a named file is not read."""


class NamedFiles:
    """The files below one directory, or none at all."""

    def __init__(self, directory: str | None, limits: Limits) -> None:
        self._directory = directory
        self._limits = limits
        # A document may name the same file a million times; its content is held once.
        self._contents: dict[tuple[int, int, bool], bytes] = {}
        self._total = 0

    def read(self, name: str, *, swap: bool = False) -> bytes:
        """The content of the file, the two bytes of each word exchanged if `swap`.

        Raises:
            RefusedFileError: the name leads out of the directory, to no regular file, or to too
                many bytes.
        """
        checkpoint()
        try:
            descriptor = self._open(name)
            try:
                content = self._content(descriptor, swap)
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            reason = error.strerror if isinstance(error, OSError) else error
            raise RefusedFileError(f"cannot read the file {name!r:.200}: {reason}") from None
        self._total += len(content)
        if self._total > self._limits.max_pixel_bytes:
            raise RefusedFileError("the files named so far have more bytes than max_pixel_bytes")
        return content

    def _open(self, name: str) -> int:
        if self._directory is None:
            raise RefusedFileError("it names a file, and there is no file_directory to look in")
        steps = self._steps(name, self._directory)
        here = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for step in steps[:-1]:
                there = os.open(step, _STEP, dir_fd=here)
                os.close(here)
                here = there
            return os.open(steps[-1], _FILE, dir_fd=here)
        finally:
            os.close(here)

    @staticmethod
    def _steps(name: str, directory: str) -> tuple[str, ...]:
        """The way from the directory to the file, name by name."""
        steps = PurePosixPath(name).parts
        if name.startswith("/"):
            base = Path(directory).absolute().parts
            steps = steps[len(base) :] if steps[: len(base)] == base else ()
        if not steps or ".." in steps:
            raise RefusedFileError(f"the file {name!r:.200} is not below file_directory")
        return steps

    def _content(self, descriptor: int, swap: bool) -> bytes:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "not a regular file")
        if facts.st_size > self._limits.max_element_length:
            raise OSError(0, "more bytes than max_element_length")
        identity = (facts.st_dev, facts.st_ino, swap)
        content = self._contents.get(identity)
        if content is None:
            with open(descriptor, "rb", closefd=False) as file:
                content = file.read(facts.st_size)
            if swap:
                content = swapped_words(content)
            self._contents[identity] = content
        return content


def swapped_words(content: bytes) -> bytes:
    """Words in the other byte order; an odd last byte gets a null byte first."""
    words = bytearray(content)
    if len(words) % 2:
        words.append(0)
    words[0::2], words[1::2] = words[1::2], words[0::2]
    return bytes(words)
