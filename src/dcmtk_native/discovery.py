"""What of DCMTK is there: where its programs or its library lie, and what the library can do.

No tool needs any of this; it informs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, cast

from dcmtk_native.constants import REQUIRED_BINARIES, UNIX_SEARCH_PATHS, WINDOWS_SEARCH_PATHS
from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok, Result

__all__ = ["DcmtkInfo", "clear_dcmtk_path_cache", "dcmtk_info", "find_dcmtk_path"]

_VARIABLE = "DCMTK_PATH"
_ON_WINDOWS = os.name == "nt"
_SUFFIX = ".exe" if _ON_WINDOWS else ""
_SEARCH_PATHS = WINDOWS_SEARCH_PATHS if _ON_WINDOWS else UNIX_SEARCH_PATHS

_found: Ok[str] | None = None


@dataclass(frozen=True, slots=True)
class DcmtkInfo:
    """The DCMTK library that this package runs on, and its codecs, most of which are not DCMTK's.

    Attributes:
        version: such as "3.6.7".
        library_directory: where the library lies.
        tools_directory: where DCMTK's programs lie, if they are installed.
        dictionary_entries: how many the loaded data dictionary has.
        with_openssl, with_zlib, with_libxml, with_png, with_tiff, with_charset_conversion: what the
            library was built with.
        codecs: the UIDs of the transfer syntaxes whose pixel data this package can read.
        encoders: those of them that it can write, too.
    """

    version: str
    library_directory: str
    tools_directory: str | None
    dictionary_entries: int
    with_openssl: bool
    with_zlib: bool
    with_libxml: bool
    with_png: bool
    with_tiff: bool
    with_charset_conversion: bool
    codecs: tuple[str, ...]
    encoders: tuple[str, ...]


def find_dcmtk_path(*, no_cache: bool = False) -> Result[str]:
    """The directory of DCMTK's programs, or that of its library where there are no programs.

    Looked for in `DCMTK_PATH`, the usual directories and `PATH`, in this order. A success is kept
    for the life of the process; `no_cache` searches again.

    Errors:
        DcmtkError: `DCMTK_PATH` names a directory that lacks a program, or nothing was found.
    """
    global _found  # noqa: PLW0603 (this is the cache)
    if _found is not None and not no_cache:
        return _found
    result = _find_tools()
    if result is None:
        result = _find_library()
    if result:
        _found = result
    return result


def clear_dcmtk_path_cache() -> None:
    """Nothing: the next `find_dcmtk_path` searches again."""
    global _found  # noqa: PLW0603 (this is the cache)
    _found = None


def dcmtk_info() -> DcmtkInfo:
    """What the DCMTK library that this package runs on is, and what it can do."""
    from dcmtk_native._core import codec, runtime

    syntaxes = codec.readable_syntaxes()
    tools = _find_tools()
    return DcmtkInfo(
        **cast("dict[str, Any]", runtime.library_info()),
        tools_directory=tools.value if tools else None,
        codecs=tuple(uid for uid, _ in syntaxes),
        encoders=tuple(uid for uid, is_writable in syntaxes if is_writable),
    )


def _find_tools() -> Result[str] | None:
    """The directory of DCMTK's programs; `None` if there is none, an `Err` if one was misnamed."""
    given = os.environ.get(_VARIABLE)
    if given:
        return _check_given(given)
    for directory in _SEARCH_PATHS:
        if not _missing_binaries(directory):
            return Ok(directory)
    return _find_on_path()


def _check_given(directory: str) -> Result[str]:
    missing = _missing_binaries(directory)
    if not missing:
        return Ok(directory)
    return Err(
        DcmtkError(
            f"DCMTK binaries not found: {_VARIABLE} is {directory!r}, "
            f"which lacks {', '.join(missing)}"
        )
    )


def _find_on_path() -> Result[str] | None:
    from shutil import which

    program = which("dcm2json")
    if program is None:
        return None
    directory = _directory_of(program)
    return None if _missing_binaries(directory) else Ok(directory)


def _missing_binaries(directory: str) -> list[str]:
    from pathlib import Path

    names = [name + _SUFFIX for name in REQUIRED_BINARIES]
    return [name for name in names if not Path(directory, name).is_file()]


def _directory_of(file: str) -> str:
    from pathlib import Path

    return str(Path(file).parent)


def _find_library() -> Result[str]:
    try:
        from dcmtk_native._core import runtime
    except ImportError:
        library = ""
    else:
        library = runtime.library_path()
    if library:
        return Ok(_directory_of(library))
    return Err(
        DcmtkError(
            "DCMTK binaries not found. Install DCMTK's programs (package 'dcmtk'), "
            f"or set {_VARIABLE} to the directory that holds them, or put that directory on PATH"
        )
    )
