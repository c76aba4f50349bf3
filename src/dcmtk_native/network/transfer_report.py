"""What dcmsend reports of a transfer, as text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from dcmtk_native._core.runtime import uid_name
from dcmtk_native._runtime.outputs import replaced_at_the_end
from dcmtk_native.network.peer import Peer
from dcmtk_native.network.sending import Sent
from dcmtk_native.types import StrPath

__all__ = ["write_report"]

_TITLE: Final = "Detailed Report on the Transfer of Instances"


def write_report(path: StrPath, peer: Peer, sent: Iterable[Sent], *, tool: str) -> None:
    """Nothing: the file has the report, in the form of DCMTK's dcmsend.

    Errors:
        DicomFileError: it cannot be written.
    """
    called = peer.called_ae_title or "ANY-SCP"
    head = (
        f"{_TITLE}\n{'=' * len(_TITLE)}\n\n"
        f"Communication Peer : {peer.host}:{peer.port}\n"
        f"AE Titles used     : {peer.calling_ae_title} -> {called}\n"
        f"Current Date/Time  : {datetime.now():%Y-%m-%d %H:%M:%S}\n\n\n"
    )
    entries = [_entry(number, one) for number, one in enumerate(sent, 1)]
    with replaced_at_the_end(path, tool=tool) as temporary:
        # File names need not be UTF-8.
        temporary.write_text(head + "\n".join(entries), "utf-8", "surrogateescape")


def _entry(number: int, sent: Sent) -> str:
    outcome = sent.outcome
    status = f"<not sent>: {outcome.message}" if outcome.status is None else outcome.message
    lines = {
        "Number": str(number),
        "Filename": outcome.file,
        "SOP Instance": outcome.sop_instance_uid,
        "SOP Class": _named(outcome.sop_class_uid),
        "Original Xfer": _named(sent.file.transfer_syntax),
        "Dataset Size": f"{sent.length} bytes",
        "Association": str(sent.association),
        "Pres. Context": str(sent.context),
        "Network Xfer": _named(sent.transfer_syntax),
        "DIMSE Status": status,
    }
    return "".join(f"{name:13} : {text}\n" for name, text in lines.items())


def _named(uid: str) -> str:
    return f"{uid} = {uid_name(uid) or 'unknown'}" if uid else ""
