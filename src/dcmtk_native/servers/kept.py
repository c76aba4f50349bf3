"""What a handler is asked about: a file under its name, and what had that name before."""

from __future__ import annotations

import os
from contextlib import suppress

__all__ = ["KeptFile"]


class KeptFile:
    """A file of an object, until somebody has said whether it stays.

    Args:
        path: of the file.
        replaced: of the one that it has replaced, under a name of its own; `None`: there was none.
    """

    def __init__(self, path: str, replaced: str | None) -> None:
        self._path = path
        self._replaced = replaced
        self._identity = _identity(path)

    def refuse(self) -> None:
        """Nothing: the file is gone, and what it has replaced is back in its place.

        A file that somebody else has put there meanwhile, or that is not there any more, is theirs.
        """
        if self._identity is None or _identity(self._path) != self._identity:
            return
        with suppress(OSError):
            if self._replaced is None:
                os.unlink(self._path)  # noqa: PTH108 (pathlib costs import time)
            else:
                os.replace(self._replaced, self._path)  # noqa: PTH105

    def settle(self) -> None:
        """Nothing: what the file has replaced is not kept any longer."""
        if self._replaced is not None:
            with suppress(OSError):
                os.unlink(self._replaced)  # noqa: PTH108


def _identity(path: str) -> tuple[int, int] | None:
    """Of the file that has that name now."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino
