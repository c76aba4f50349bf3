"""A storage commitment server of pynetdicom's, with every way to report that there is."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.dimse_messages import N_ACTION_RSP
from pynetdicom.sop_class import StorageCommitmentPushModel

__all__ = ["Committing", "committing"]

_INSTANCE = "1.2.840.10008.1.20.1.1"
_NO_SUCH_INSTANCE = 0x0112


@dataclass
class Committing:
    """A server that keeps some instances.

    Attributes:
        port: on 127.0.0.1.
        asked: the action information of every request.
        answers: statuses of the answers to its reports.
    """

    port: int = 0
    asked: list[Dataset] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)


def report_of(asked: Dataset, keeps: Callable[[str], bool]) -> tuple[int, Dataset]:
    """Event type and event information."""
    report = Dataset()
    report.TransactionUID = asked.TransactionUID
    items = list(asked.ReferencedSOPSequence)
    report.ReferencedSOPSequence = [
        item for item in items if keeps(str(item.ReferencedSOPInstanceUID))
    ]
    failed = [item for item in items if not keeps(str(item.ReferencedSOPInstanceUID))]
    for item in failed:
        item.FailureReason = _NO_SUCH_INSTANCE
    if failed:
        report.FailedSOPSequence = failed
    return 2 if failed else 1, report


@contextmanager
def committing(
    *,
    keeps: Callable[[str], bool] = lambda _: True,
    status: int = 0,
    how: str = "same",
    report_to: Callable[[], int] = lambda: 0,
    other_first: bool = False,
    tls: ssl.SSLContext | None = None,
    report_tls: ssl.SSLContext | None = None,
) -> Iterator[Committing]:
    """The server, until the block ends.

    Args:
        keeps: by SOP Instance UID.
        status: of its answer to a request.
        how: `same` association, `later` one to `report_to`, `never`.
        report_to: a port.
        other_first: a report on another transaction comes before.
        tls: what it speaks it with.
        report_tls: the same, on the association to `report_to`.
    """
    server = Committing()
    answered = threading.Event()

    def acted(event: Any) -> tuple[int, None]:
        answered.clear()
        server.asked.append(event.action_information)
        kind, report = report_of(event.action_information, keeps)
        work = {"same": on_the_same, "later": on_a_later, "never": nothing}[how]
        thread = threading.Thread(target=work, args=(event.assoc, kind, report))
        server._threads.append(thread)
        thread.start()
        return status, None

    def send(association: Any, kind: int, report: Dataset) -> None:
        answer, _ = association.send_n_event_report(
            report, kind, StorageCommitmentPushModel, _INSTANCE
        )
        server.answers.append(answer.Status)

    def told(event: Any) -> None:
        if isinstance(event.message, N_ACTION_RSP):
            answered.set()

    def on_the_same(association: Any, kind: int, report: Dataset) -> None:
        # pynetdicom mixes the messages of two threads into each other.
        assert answered.wait(30)
        if other_first:
            other = Dataset()
            other.TransactionUID = "1.2.3"
            send(association, 1, other)
        send(association, kind, report)

    def on_a_later(_: Any, kind: int, report: Dataset) -> None:
        entity = AE("COMMITTER")
        entity.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = entity.associate(
            "127.0.0.1",
            report_to(),
            ext_neg=[role],
            tls_args=None if report_tls is None else (report_tls, "localhost"),
        )
        assert association.is_established
        send(association, kind, report)
        association.release()

    def nothing(*_: Any) -> None:
        """A peer that never says."""

    entity = AE("COMMITTER")
    entity.add_supported_context(StorageCommitmentPushModel)
    running = entity.start_server(
        ("127.0.0.1", 0),
        block=False,
        ssl_context=tls,
        evt_handlers=[(evt.EVT_N_ACTION, acted), (evt.EVT_DIMSE_SENT, told)],
    )
    server.port = running.server_address[1]
    try:
        yield server
    finally:
        for thread in server._threads:
            thread.join(10)
        running.shutdown()
