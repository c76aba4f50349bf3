"""What the user has done with a file or a study: a function called, or a command run."""

from __future__ import annotations

import os
import re
import shlex
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from dcmtk_native.errors import ToolError
from dcmtk_native.servers.payloads import AssociationEventData, StoredFileData, StudyCompleteData

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["Commands", "Hook", "words_of_command"]

P = TypeVar("P", StoredFileData, StudyCompleteData)

_MOST_CHILDREN: Final = 64
"""Commands at a time; the next one waits for the oldest."""

_PLACEHOLDER: Final = re.compile("#[pfacr]")


def words_of_command(command: str) -> list[str]:
    """The words of a command line, with quotes as in a shell; placeholders stay.

    Errors:
        ValueError: raised for no word at all, and for a quote that does not end.
    """
    if "\0" in command:
        raise ValueError("a command holds no NUL character")
    words = shlex.split(command)
    if not words:
        raise ValueError("must name a program")
    return words


class Commands:
    """The child processes of a server."""

    def __init__(self, *, wait: bool) -> None:
        self._wait = wait
        self._children: list[Popen[bytes]] = []

    def run(self, words: list[str]) -> None:
        """Nothing: the program runs, or has run.

        Errors:
            ToolError: raised if it cannot be started, or was waited for and failed.
        """
        from subprocess import DEVNULL, Popen

        self.reap()
        if len(self._children) == _MOST_CHILDREN:
            self._children.pop(0).wait()
        try:
            child = Popen(words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        except (OSError, ValueError) as reason:
            raise ToolError(f"the command {words[0]!r} cannot be run: {reason}") from None
        if not self._wait:
            self._children.append(child)
        elif status := child.wait():
            raise ToolError(f"the command {words[0]!r} ended with status {status}")

    def reap(self) -> None:
        """Nothing: no child that has ended is left as a zombie."""
        self._children = [child for child in self._children if child.poll() is None]

    def leave(self) -> None:
        """Nothing: those that still run do so without this server."""
        self.reap()
        if self._children:
            name = "dcmtk_native last commands"
            threading.Thread(
                target=_wait_for, args=(self._children,), name=name, daemon=True
            ).start()


def _wait_for(children: list[Popen[bytes]]) -> None:
    for child in children:
        child.wait()


class Hook(Generic[P]):
    """A function, or a command with placeholders."""

    def __init__(self, what: str | Callable[[P], object], commands: Commands) -> None:
        self._function: Callable[[P], object] | None = None if isinstance(what, str) else what
        self._words = words_of_command(what) if isinstance(what, str) else []
        self._commands = commands

    def __call__(self, payload: P) -> None:
        """Nothing: it was called, or runs.

        Errors:
            Whatever the function raises; ToolError of a command.
        """
        if self._function is not None:
            self._function(payload)
        else:
            values = _values_of(payload)
            # A value is put into a word, never taken apart, and never looked through itself.
            self._commands.run(
                [_PLACEHOLDER.sub(lambda found: values[found[0]], word) for word in self._words]
            )


def _values_of(payload: AssociationEventData) -> dict[str, str]:
    folder, name = "", ""
    if isinstance(payload, StoredFileData):
        folder, name = os.path.split(payload.filename)
    elif isinstance(payload, StudyCompleteData):
        folder = payload.directory
    return {
        "#p": folder or ".",
        "#f": name,
        "#a": payload.calling_ae_title,
        "#c": payload.called_ae_title,
        "#r": payload.address,
    }
