"""What two clients did, to be compared; data sets without what is around them."""

from __future__ import annotations

from typing import Any

from support.scp import Session

__all__ = ["comparable", "data_set_of"]


def comparable(session: Session) -> Any:
    """Everything of a session but its time."""
    asked = [(one.kind, one.identifier, one.syntax, one.fields) for one in session.asked]
    head = (session.calling, session.called, session.max_pdu, session.roles)
    return head, session.contexts, asked, session.ended


def data_set_of(content: bytes) -> bytes:
    """A file's content without preamble and file meta information."""
    return content[144 + int.from_bytes(content[140:144], "little") :]
