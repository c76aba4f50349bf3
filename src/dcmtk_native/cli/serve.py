"""`dcmtk-native dcmrecv ...`: a server until Ctrl-C, which prints what happens in it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from types import FrameType
from typing import Any, Final

from dcmtk_native._runtime.abort import AbortController
from dcmtk_native._runtime.signature import Declaration
from dcmtk_native._runtime.tool import declaration_of
from dcmtk_native.cli.arguments import PROGRAM, Request, UsageError, parse
from dcmtk_native.cli.logs import logging_to_stderr
from dcmtk_native.cli.output import (
    OK,
    as_json,
    complain,
    discard_stdout,
    exit_code,
    json_text,
    write,
)
from dcmtk_native.result import Err

__all__ = ["declaration_of_server", "run"]

_PIPE_CLOSED: Final = 141


def declaration_of_server(name: str, server: Any) -> Declaration:
    """How a server of this class is made, under the name of the command."""
    return Declaration(declaration_of(server.create).function, name)


def run(name: str, server: Any, argv: Sequence[str]) -> int:
    """The exit code of a server, when it was interrupted.

    A second interrupt aborts the associations that the first one let end.

    Errors:
        UsageError: raised if the words are wrong.
        HelpRequest: raised if they ask for the help.
    """
    try:
        request = parse(declaration_of_server(name, server), argv)
    except UsageError as error:
        raise UsageError(f"{name}: {error}\n(see {PROGRAM} {name} --help)") from None
    with logging_to_stderr(None):
        return _serve(name, server, request)


def _serve(name: str, server: Any, request: Request) -> int:
    controller = AbortController()
    created = server.create(**request.arguments, signal=controller.signal)
    if isinstance(created, Err):
        return _tell_failure(name, created, json=request.json)
    made = created.value
    printer = _Printer(made, controller, json=request.json)
    told = [*made.EVENTS, "line"] if request.arguments.get("verbose_pc") else made.EVENTS
    for event in sorted(told):
        made.on_event(event, partial(printer.tell, event))
    with _interrupting(controller, made.dispose):
        started = made.start()
        if isinstance(started, Err):
            return _tell_failure(name, started, json=request.json)
        made.wait()
    if printer.is_broken:
        discard_stdout()
        return _PIPE_CLOSED
    return OK


def _tell_failure(name: str, failure: Err[Any], *, json: bool) -> int:
    if json:
        write(as_json(name, failure))
    else:
        complain(f"{PROGRAM}: {failure.error}")
    return exit_code(failure)


class _Printer:
    """A line for each event; stops the server when nobody reads them any more."""

    def __init__(self, server: Any, controller: AbortController, *, json: bool) -> None:
        self._server = server
        self._controller = controller
        self._json = json
        self.is_broken = False

    def tell(self, event: str, payload: Any = None) -> None:
        """Nothing: it is on stdout."""
        if self.is_broken:
            return
        try:
            write(self._line(event, payload))
        except BrokenPipeError:
            self.is_broken = True
            self._controller.abort("nobody reads what is printed")

    def _line(self, event: str, payload: Any) -> str:
        data = {one.name: getattr(payload, one.name) for one in fields(payload)} if payload else {}
        if event == "LISTENING":
            data["port"] = self._server.port
        if self._json:
            return json_text({"event": event, **data})
        # What a peer has sent makes neither a line nor a field of its own.
        words = (f"{name}={_shown(value)}" for name, value in data.items())
        return " ".join([event, *words]) + "\n"


def _shown(value: Any) -> str:
    """A field; a word of an enumeration as a word."""
    return repr(str(value) if isinstance(value, str) else value)


@contextmanager
def _interrupting(controller: AbortController, dispose: Callable[[], None]) -> Iterator[None]:
    """A context in which SIGINT and SIGTERM stop a server, and again do not wait for anybody."""

    def interrupted(_: int, __: FrameType | None) -> None:
        if controller.signal.aborted:
            threading.Thread(target=dispose).start()
        controller.abort("interrupted")

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, interrupted) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
