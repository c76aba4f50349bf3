"""A server under test: what it tells, and clients of others that talk to it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pynetdicom import AE
from pynetdicom.association import Association

from dcmtk_native import DicomServer
from support.peers import environment_of_others, program_of_dcmtk

__all__ = [
    "Log",
    "Serve",
    "Start",
    "associated",
    "run_client",
    "scu_of",
    "serving",
    "without_facts",
]

Serve = Callable[..., DicomServer]
"""Starts a server with these handlers and options."""

Start = Callable[..., int]
"""Starts a server of pynetdicom's making for these SOP classes and handlers; its port."""

_WITHIN = 30.0
_FACTS = ("association_id", "calling_ae_title", "called_ae_title", "address")


class Log:
    """All that a server tells, in its order, log lines aside."""

    def __init__(self, server: Any) -> None:
        self.told: list[tuple[str, Any]] = []
        self._changed = threading.Condition()
        for event in [*server.EVENTS, "started", "stopped", "error"]:
            server.on_event(event, self._noting(event))

    def _noting(self, event: str) -> Callable[..., None]:
        def note(payload: Any = None) -> None:
            with self._changed:
                self.told.append((str(event), payload))
                self._changed.notify_all()

        return note

    @property
    def names(self) -> list[str]:
        """Of the events so far."""
        return [name for name, _ in self.told]

    def payloads(self, event: str) -> list[Any]:
        """Of one event, so far."""
        return [payload for name, payload in self.told if name == event]

    def wait_for(self, event: str, count: int = 1) -> list[Any]:
        """The payloads of an event, when it has happened this often."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.names.count(event) >= count, _WITHIN), (
                self.names
            )
        return self.payloads(event)


def without_facts(payload: Any) -> dict[str, Any]:
    """The fields of a payload that are not of its association."""
    fields = payload.__dataclass_fields__
    return {name: getattr(payload, name) for name in fields if name not in _FACTS}


def run_client(
    name: str, *arguments: str | Path | int, ok: bool = True
) -> subprocess.CompletedProcess[str]:
    """One of DCMTK's clients, to its end."""
    command: Sequence[str] = [program_of_dcmtk(name), *map(str, arguments)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment_of_others(),
    )
    assert (done.returncode == 0) is ok, done.stderr
    return done


@contextmanager
def associated(
    port: int, sop_class: str, *syntaxes: str, ae_title: str = "ANY-SCP", **options: Any
) -> Iterator[Association]:
    """An association of pynetdicom's, accepted or not."""
    ae = AE("PYNETDICOM")
    for name, value in options.items():
        setattr(ae, name, value)
    ae.add_requested_context(sop_class, list(syntaxes) or None)
    peer = ae.associate("127.0.0.1", port, ae_title=ae_title)
    try:
        yield peer
    finally:
        if peer.is_established:
            peer.release()
        if peer.ident is not None:  # without any context in common it never ran
            peer.join(_WITHIN)


@contextmanager
def serving(kind: Any, folder: Path, **options: Any) -> Iterator[tuple[Any, Log]]:
    """A running server of that class, until the block ends; its folder is `in`."""
    given = {"port": 0, "bind_address": "127.0.0.1", "output_directory": folder / "in"}
    server = kind.create(**{**given, **options}).unwrap()
    log = Log(server)
    with server:
        server.start().unwrap()
        yield server, log


def scu_of(server: DicomServer, *classes: Any, **options: Any) -> Any:
    """An association of pynetdicom's with the server."""
    entity = AE(ae_title="SCU")
    for one in classes:
        entity.add_requested_context(one)
    association = entity.associate("127.0.0.1", server.port, ae_title="SCP", **options)
    assert association.is_established
    return association
