"""Files that other libraries write, replaced at the end or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path

from dcmtk_native.errors import DcmtkError, DicomFileError
from dcmtk_native.types import StrPath

__all__ = ["replaced_at_the_end"]

_MAX_STEM = 200
"""A long name leaves no room for ours in NAME_MAX."""


@contextmanager
def replaced_at_the_end(path: StrPath, *, tool: str) -> Iterator[Path]:
    """A context with the path of a new, empty file, which takes the place of `path` if all is well.

    A link is written through; mode and owner of a replaced file are kept.

    Errors:
        DicomFileError: raised if the path is a folder or a device, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        before = _status(target)
        temporary = target.with_name(f".{target.name[:_MAX_STEM]}.{os.urandom(8).hex()}.part")
        # Nobody may read what will be secret, not even for a moment.
        mode = 0o666 if before is None else before.st_mode & 0o777
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    except OSError as error:
        raise _failure(path, error, tool) from None
    try:
        yield temporary
        if before is not None:
            _give_back(temporary, before)
        temporary.replace(target)
    except DcmtkError:  # of the body, which may be an OSError too
        raise
    except OSError as error:
        raise _failure(path, error, tool) from error
    finally:
        temporary.unlink(missing_ok=True)


def _status(target: Path) -> os.stat_result | None:
    """What is known of the file that will be replaced; `None` if there is none."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(target))
    if not stat.S_ISREG(status.st_mode):  # renaming would put a file in the place of a device
        raise OSError(f"{target} is not a regular file")
    return status


def _give_back(temporary: Path, before: os.stat_result) -> None:
    """Nothing: mode and owner are those of the replaced file."""
    with suppress(PermissionError):  # only root may give a file away; anybody else keeps it
        os.chown(temporary, before.st_uid, before.st_gid)
    temporary.chmod(stat.S_IMODE(before.st_mode))


def _failure(path: StrPath, error: OSError, tool: str) -> DicomFileError:
    name = os.fspath(path)
    message = f"{tool} failed: cannot write {name}: {error.strerror or error}"
    return DicomFileError(message, tool=tool, filename=name, errno=error.errno)
