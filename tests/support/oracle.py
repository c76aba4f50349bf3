"""The original DCMTK program, run on the very arguments that a tool of ours was called with.

The argv is derived from the tool's declaration, so a flag that is declared wrongly fails the
comparison instead of being typed wrongly a second time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, get_args, get_origin

import pytest

from dcmtk_native import tools
from dcmtk_native._runtime.signature import COMMON, REQUIRED, Declaration, Parameter
from dcmtk_native._runtime.tool import REGISTRY, declaration_of

__all__ = ["NoOriginal", "Original", "Outcome", "argv", "available", "require", "run"]

assert tools.__all__  # importing them has registered them

OTHER_DEFAULT: Final[frozenset[tuple[str, str]]] = frozenset(
    {
        ("dcmodify", "no_backup"),  # the original makes a backup
        ("dcmconv", "write_mode"),  # ours writes new meta information
    }
)
"""Parameters whose default is not the original's: their flag is sent though they are not given."""

PRINTS: Final = frozenset({"dcm2json", "dcm2xml"})
"""Originals that print to stdout when no output is named; all others must be given a file."""

WITHOUT_ARGUMENT: Final = COMMON - {"log_level"}


class NoOriginal(Exception):
    """The original program has nothing that corresponds; the message names what it lacks."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of an original program left.

    Attributes:
        argv: what was run.
        returncode: its exit code.
        stdout: what it printed.
        stderr: what it said besides.
        output: the content of its output file; `None` if there is none.
    """

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: str
    output: bytes | None

    @property
    def ok(self) -> bool:
        return self.returncode == 0

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Original:
    """The original program of a tool: called like the tool, it runs and returns an `Outcome`.

    Attributes:
        tool: the tool's name.
        extra: further arguments, put in front of the derived ones.
        cwd: the directory to run in.
        timeout_s: how long it may run.
        env: further environment variables.
    """

    tool: str
    extra: Sequence[str] = ()
    cwd: str | os.PathLike[str] | None = None
    timeout_s: float = 60
    env: Mapping[str, str] = field(default_factory=dict)

    def argv(self, *args: Any, **kwargs: Any) -> list[str]:
        """The arguments of the original program, its name left out."""
        declaration = _declaration(self.tool)
        given = _bound(declaration, args, kwargs)
        options: list[str] = [*self.extra]
        names: list[str] = []
        for parameter in declaration.parameters.values():
            if parameter.name in WITHOUT_ARGUMENT:
                continue
            other_default = (self.tool, parameter.name) in OTHER_DEFAULT
            if parameter.name not in given and not other_default:
                continue
            value = given.get(parameter.name, parameter.default)
            if other_default and value is False:
                continue  # what the original does when it is told nothing
            words = arguments_of(parameter, value)
            (names if _stands_alone(parameter) else options).extend(words)
        return [*options, *names]

    def __call__(self, *args: Any, **kwargs: Any) -> Outcome:
        require(self.tool)
        declaration = _declaration(self.tool)
        given = _bound(declaration, args, kwargs)
        with TemporaryDirectory(prefix="oracle-") as folder:
            output = _as_files(self.tool, declaration, given, Path(folder))
            command = [self.tool, *self.argv(**given)]
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                cwd=self.cwd,
                env={**_ENVIRONMENT, **self.env},
                stdin=subprocess.DEVNULL,
                timeout=self.timeout_s,
            )
            if output is not None and self.cwd is not None:
                output = Path(self.cwd) / output
            return Outcome(
                argv=tuple(command),
                returncode=done.returncode,
                stdout=done.stdout,
                stderr=done.stderr.decode("utf-8", "replace"),
                output=output.read_bytes() if output is not None and output.is_file() else None,
            )


def run(tool: str, /, *args: Any, **kwargs: Any) -> Outcome:
    """What the original makes of the arguments that the tool takes."""
    return Original(tool)(*args, **kwargs)


def argv(tool: str, /, *args: Any, **kwargs: Any) -> list[str]:
    """The original's arguments for the arguments that the tool takes."""
    return Original(tool).argv(*args, **kwargs)


def available(tool: str) -> bool:
    """Whether the original program is installed."""
    return shutil.which(tool, path=_ENVIRONMENT["PATH"]) is not None


def require(tool: str) -> None:
    """Nothing: skips the running test if the original program is not installed."""
    if not available(tool):
        pytest.skip(f"the original {tool} is not installed")


def arguments_of(parameter: Parameter, value: Any) -> list[str]:
    """The original's arguments for one value of one parameter.

    Errors:
        NoOriginal: raised for a value that the original cannot be told.
    """
    opt = parameter.opt
    if value is None:
        return []
    if opt.argv is not None:
        return list(opt.argv(value))
    if isinstance(value, str) and value in opt.flags:
        return opt.flags[value].split()
    if isinstance(value, bool):
        word = opt.flags.get("yes", opt.flag) if value else opt.flags.get("no", opt.off)
        if not word and value is not parameter.default:
            raise NoOriginal(f"{parameter.name}={value!r}")
        return word.split()
    if not opt.flag and not _stands_alone(parameter):
        if value == parameter.default:
            return []
        raise NoOriginal(f"{parameter.name}={value!r}")
    flag = opt.flag.split()
    if isinstance(value, (list, tuple)):
        if _is_fixed_tuple(parameter.annotation, len(value)):
            return [*flag, *map(_word, value)]
        return [word for item in value for word in (*flag, _word(item))]
    return [*flag, _word(value)]


_ENVIRONMENT: Final = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}


def _declaration(tool: str) -> Declaration:
    return declaration_of(REGISTRY[tool])


def _bound(
    declaration: Declaration, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments by name; what the tool itself would refuse as a TypeError is one here too."""
    positional = [name for name, one in declaration.parameters.items() if one.positional]
    if len(args) > len(positional):
        raise TypeError(f"{declaration.name} takes {len(positional)} positional arguments")
    given = dict(zip(positional, args, strict=False))
    if unknown := (kwargs.keys() - declaration.parameters.keys()) | (given.keys() & kwargs.keys()):
        raise TypeError(f"{declaration.name} cannot be given {sorted(unknown)}")
    given.update(kwargs)
    for name, parameter in declaration.parameters.items():
        if parameter.default is REQUIRED and name not in given:
            raise TypeError(f"{declaration.name} needs {name}")
    return given


def _as_files(
    tool: str, declaration: Declaration, given: dict[str, Any], folder: Path
) -> Path | None:
    """The output file, if there is one. Buffers become files, a missing output gets one."""
    for name, value in given.items():
        if isinstance(value, (bytes, bytearray, memoryview)):
            path = folder / name
            path.write_bytes(value)
            given[name] = path
    if "output_path" not in declaration.parameters:
        return None
    if given.get("output_path") is None:
        if tool in PRINTS:
            return None
        given["output_path"] = folder / "output"
    return Path(given["output_path"])


def _stands_alone(parameter: Parameter) -> bool:
    """Whether the original takes it without a flag: its input and its output."""
    opt = parameter.opt
    named = bool(opt.flag or opt.flags or opt.argv)
    return not named and (parameter.positional or parameter.name == "output_path")


def _is_fixed_tuple(annotation: Any, size: int) -> bool:
    """Whether the annotation, or a member of its union, is a tuple of exactly this size."""
    parts = get_args(annotation)
    if get_origin(annotation) is tuple:
        return Ellipsis not in parts and len(parts) == size
    return any(_is_fixed_tuple(part, size) for part in parts)


def _word(value: Any) -> str:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (str, int, float)):
        return str(value)
    raise NoOriginal(f"no argument can be made of {value!r}; the option needs `argv=`")
