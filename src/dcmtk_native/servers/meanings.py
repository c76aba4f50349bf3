"""What native events mean: the names and payloads that listeners know them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from dcmtk_native.servers.payloads import (
    AssociationAcknowledgedData,
    AssociationEventData,
    AssociationReceivedData,
    CStoreRequestData,
    RefusingAssociationData,
    StoredFileData,
    StoringFileData,
    StudyCompleteData,
    SubdirectoryCreatedData,
)

__all__ = ["MEANINGS", "Detail", "Facts", "stored_file", "study_complete"]

Facts = tuple[int, str, str, str]
Detail = Mapping[str, Any]


def _facts(facts: Facts, _: Detail) -> AssociationEventData:
    return AssociationEventData(*facts)


def _association_received(facts: Facts, _: Detail) -> AssociationReceivedData:
    return AssociationReceivedData(*facts)


def _association_acknowledged(facts: Facts, detail: Detail) -> AssociationAcknowledgedData:
    return AssociationAcknowledgedData(*facts, detail["max_send_pdv"])


def _refusing_association(facts: Facts, detail: Detail) -> RefusingAssociationData:
    return RefusingAssociationData(*facts, detail["reason"])


def _c_store_request(facts: Facts, detail: Detail) -> CStoreRequestData:
    return CStoreRequestData(
        *facts,
        detail["sop_class_uid"],
        detail["sop_instance_uid"],
        detail["message_id"],
        detail["transfer_syntax_uid"],
        detail["raw"],
    )


def _storing_file(facts: Facts, detail: Detail) -> StoringFileData:
    return StoringFileData(
        *facts, detail["filename"], detail["sop_class_uid"], detail["sop_instance_uid"]
    )


def stored_file(facts: Facts, detail: Detail) -> StoredFileData:
    """A file that is complete."""
    return StoredFileData(
        *facts,
        detail["filename"],
        detail["sop_class_uid"],
        detail["sop_instance_uid"],
        detail["transfer_syntax_uid"],
        detail["size"],
    )


def _subdirectory_created(facts: Facts, detail: Detail) -> SubdirectoryCreatedData:
    return SubdirectoryCreatedData(*facts, detail["directory"])


def study_complete(facts: Facts, detail: Detail) -> StudyCompleteData:
    """A study of which nothing more came."""
    return StudyCompleteData(
        *facts, detail["study_instance_uid"], detail["directory"], tuple(detail["files"])
    )


MEANINGS: Final[dict[str, tuple[str, Callable[[Facts, Detail], AssociationEventData]]]] = {
    "association_received": ("ASSOCIATION_RECEIVED", _association_received),
    "association_acknowledged": ("ASSOCIATION_ACKNOWLEDGED", _association_acknowledged),
    "refusing_association": ("REFUSING_ASSOCIATION", _refusing_association),
    "c_store_request": ("C_STORE_REQUEST", _c_store_request),
    "storing_file": ("STORING_FILE", _storing_file),
    "stored_file": ("STORED_FILE", stored_file),
    "subdirectory_created": ("SUBDIRECTORY_CREATED", _subdirectory_created),
    "echo_request": ("ECHO_REQUEST", _facts),
    "association_release": ("ASSOCIATION_RELEASE", _facts),
    "association_aborted": ("ASSOCIATION_ABORTED", _facts),
}
"""The events and payloads of what happens on an association."""
