"""Events as the log lines that DCMTK's programs print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dcmtk_native.servers.dispatch import NativeEvent

__all__ = ["lines_of"]


def lines_of(event: NativeEvent) -> list[str]:
    """What a program would print of an event."""
    return _TEXTS[event.kind](event).split("\n")


def _of_peer(event: NativeEvent, text: str) -> str:
    return f"{text} {event.address}:{event.calling} -> {event.called}"


_TEXTS: Final[dict[str, Callable[[NativeEvent], str]]] = {
    "association_received": lambda one: _of_peer(one, "Association Received"),
    "association_acknowledged": lambda one: (
        f"Association Acknowledged (Max Send PDV: {one.detail['max_send_pdv']})"
    ),
    "presentation_contexts": lambda one: str(one.detail["text"]),
    "refusing_association": lambda one: f"Refusing Association ({one.detail['reason']})",
    "echo_request": lambda one: f"Received C-ECHO Request (MsgID {one.detail['message_id']})",
    "c_store_request": lambda one: str(one.detail["raw"]),
    "storing_file": lambda one: f"storing DICOM file: {one.detail['filename']}",
    "stored_file": lambda one: f"Stored received object to file: {one.detail['filename']}",
    "subdirectory_created": lambda one: (
        f"created new subdirectory for study: {one.detail['directory']}"
    ),
    "study_complete": lambda one: f"study complete: {one.detail['study_instance_uid']}",
    "association_release": lambda one: "Association Release",
    "association_aborted": lambda one: f"Association Aborted ({one.detail['reason']})",
    "error": lambda one: str(one.detail["message"]),
}
