"""Folders for what comes over the network."""

from __future__ import annotations

import os

from dcmtk_native.types import StrPath

__all__ = ["existing_folder"]


def existing_folder(folder: StrPath | None) -> str:
    """The path of a folder that files can be written to; `None` is the current one.

    Errors:
        OSError: raised if it is none, or nothing may be written there.
    """
    path = "." if folder is None else os.fspath(folder)
    if not os.path.isdir(path):  # noqa: PTH112 (pathlib costs import time)
        raise NotADirectoryError(20, "not a directory", path)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(13, "not writable", path)
    return path
