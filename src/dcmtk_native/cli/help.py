"""What the command line's help says of a tool and of an option."""

from __future__ import annotations

import re
from enum import Enum
from inspect import getdoc
from typing import Any, Final

from dcmtk_native._runtime.signature import REQUIRED, Declaration, Parameter
from dcmtk_native.cli.values import FIELDS, Reader, word_of

__all__ = ["EXIT_CODES", "description_of", "epilog_of", "help_of", "summary_of"]

EXIT_CODES: Final = {
    0: "done",
    1: "the tool failed",
    2: "wrong usage, or an option out of its rules",
    3: "timed out",
    130: "interrupted",
}

_PYTHON_SECTION: Final = re.compile(r"^(Args|Returns|Example|Examples):$", re.MULTILINE)


def summary_of(declaration: Declaration) -> str:
    """The first line of the docstring."""
    return (getdoc(declaration.function) or "").partition("\n")[0]


def description_of(declaration: Declaration) -> str:
    """The docstring, without what only a Python program needs."""
    text = getdoc(declaration.function) or ""
    found = _PYTHON_SECTION.search(text)
    return (text[: found.start()] if found else text).replace("``", "`").rstrip()


def epilog_of() -> str:
    """What the exit codes mean."""
    return "exit codes:\n" + "\n".join(f"  {code:<4} {text}" for code, text in EXIT_CODES.items())


def help_of(parameter: Parameter, reader: Reader, *, stream: str = "") -> str:
    """What an option does, the flags that DCMTK has for it, its range and its default."""
    notes = [stream, _range(parameter), _flags(parameter), _default(parameter, reader)]
    if reader.gather is not None and not parameter.positional:
        fields = f"; fields: {', '.join(reader.choices)}" if reader.metavar == FIELDS else ""
        notes.insert(0, f"may be repeated{fields}")
        notes.append(_flags_of_fields(reader))
    text = parameter.opt.help
    if shown := "; ".join(note for note in notes if note):
        text = f"{text} ({shown})"
    return text.replace("%", "%%")


def _range(parameter: Parameter) -> str:
    lo, hi = parameter.opt.lo, parameter.opt.hi
    if lo is not None and hi is not None:
        return f"{lo} to {hi}"
    return f"at least {lo}" if lo is not None else ""


def _flags(parameter: Parameter) -> str:
    opt = parameter.opt
    words = {flag: flag for flag in (opt.flag, opt.off) if flag}
    for value, flag in opt.flags.items():
        if flag:
            words.setdefault(flag, flag if flag == value else f"{flag} {value}")
    return f"DCMTK: {', '.join(words.values())}" if words else ""


def _flags_of_fields(reader: Reader) -> str:
    """What DCMTK's flags stand for."""
    forms = [
        f"{flag} {start}{'' if '=' in start else '=' + ' '.join(['X'] * words)}"
        for flag, (start, words) in reader.flags.items()
    ]
    return f"DCMTK: {', '.join(forms)}" if forms else ""


def _default(parameter: Parameter, reader: Reader) -> str:
    default: Any = parameter.default
    if default is REQUIRED or default is None or default == ():
        return ""
    if isinstance(default, Enum):
        return f"default: {word_of(default)}"
    if reader.words == 0:
        return f"default: {'yes' if default else 'no'}"
    if isinstance(default, tuple):
        return f"default: {','.join(map(str, default))}"
    return f"default: {default}"
