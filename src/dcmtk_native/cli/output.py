"""Outcomes as text, as JSON and as exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final, cast

from dcmtk_native.cli.arguments import UsageError
from dcmtk_native.errors import OperationTimeoutError, OptionsError
from dcmtk_native.result import Err, Result

__all__ = [
    "FAILED",
    "OK",
    "TIMED_OUT",
    "WRONG_USAGE",
    "as_json",
    "as_text",
    "complain",
    "discard_stdout",
    "exit_code",
    "failures_of",
    "json_text",
    "prepare_streams",
    "write",
]

OK: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2
TIMED_OUT: Final = 3

_TEXTS: Final = ("text", "xml")
"""Fields of results that are what the tool prints."""


def exit_code(result: Result[Any], *, forgiving: bool = False) -> int:
    """What the shell is told of an outcome; failures of single files count unless forgiven."""
    if result:
        is_partial = bool(failures_of(result.value)) and not forgiving
        return FAILED if is_partial or not getattr(result.value, "success", True) else OK
    if isinstance(result.error, OptionsError):
        return WRONG_USAGE
    return TIMED_OUT if isinstance(result.error, OperationTimeoutError) else FAILED


def failures_of(value: Any) -> tuple[tuple[str, str], ...]:
    """What a tool that takes several files could not do: paths and reasons."""
    return cast("tuple[tuple[str, str], ...]", getattr(value, "failures", ()))


def as_text(value: Any, *, written: bool) -> str | bytes:
    """What a tool prints: the text or the bytes that it makes, else its result field by field.

    Args:
        value: what the tool returned.
        written: the text or the bytes went to a file, so they are not shown.
    """
    content = {one.name: getattr(value, one.name) for one in fields(value)}
    for name in _TEXTS:
        if (text := content.pop(name, None)) is not None and not written:
            return _with_newline(cast("str", text))
    data = content.pop("data", None)
    if data is not None and not written:
        return bytes(data) if isinstance(data, (bytes, bytearray)) else json_text(data, indent=2)
    return "".join(
        f"{name}: {line}\n"
        for name, one in content.items()
        if one not in (None, (), "")
        for line in _lines_of(one)
    )


def as_json(tool: str, result: Result[Any, Exception], source: str | None = None) -> str:
    """One line of JSON: `ok`, `tool`, and `value` or `error`; `input` if there were several."""
    outcome: dict[str, Any] = {"ok": result.ok, "tool": tool}
    if source is not None:
        outcome["input"] = source
    if isinstance(result, Err):
        outcome["error"] = _error(result.error)
    else:
        outcome["value"] = result.value
    return json_text(outcome)


def _error(error: Exception) -> dict[str, Any]:
    told = {
        "class": type(error).__name__,
        "message": str(error),
        "tool": getattr(error, "tool", None),
        "condition": getattr(error, "condition", None),
    }
    outcomes = getattr(error, "outcomes", ())
    return {**told, "outcomes": outcomes} if outcomes else told


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON, and the end of a line."""
    import json

    return json.dumps(value, ensure_ascii=False, default=_jsonable, indent=indent) + "\n"


def _jsonable(value: Any) -> Any:
    """What stands for a value that JSON has no form for; bytes are base64."""
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, (bytes, bytearray, memoryview)):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    if hasattr(value, "to_json"):
        value = value.to_json()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def _lines_of(value: Any) -> list[str]:
    """A field's value: one line, or one for each object of several."""
    is_list = isinstance(value, tuple) and all(map(_is_object, value))
    return [_plain(one) for one in (value if is_list else (value,))]


def _is_object(value: Any) -> bool:
    return is_dataclass(value) or isinstance(value, Mapping) or hasattr(value, "to_json")


def _plain(value: Any) -> str:
    """A field's value in one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return " ".join(_plain(one) for one in value)
    if _is_object(value):
        return json_text(value).rstrip("\n")
    return str(value.value if isinstance(value, Enum) else value)


def _with_newline(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def write(content: str | bytes) -> None:
    """Nothing: the content is on stdout.

    Errors:
        UsageError: raised instead of writing binary data to a terminal.
    """
    if isinstance(content, str):
        sys.stdout.write(content)
    elif sys.stdout.isatty():
        raise UsageError(
            "binary data is not written to a terminal: redirect it, name an output, or use --json"
        )
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    sys.stdout.flush()


def complain(message: str) -> None:
    """Nothing: the message is on stderr."""
    print(message, file=sys.stderr, flush=True)


def prepare_streams() -> None:
    """Nothing: no character of a file or of a path can make a stream fail any more."""
    for stream in (sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is None:
            continue
        if stream.isatty():
            reconfigure(errors="backslashreplace")
        else:
            reconfigure(encoding="utf-8", errors="surrogateescape")


def discard_stdout() -> None:
    """Nothing: whoever read it has gone, and the interpreter's last flush shall not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
