"""The payloads of events: their fields, aliases, and that nobody can change them."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import pytest

import dcmtk_native
from dcmtk_native import (
    AssociationEventData,
    AssociationReceivedData,
    StoredFileData,
    StoringFileData,
    servers,
)

FACTS = ["association_id", "calling_ae_title", "called_ae_title", "address"]
FIELDS: dict[str, list[str]] = {
    "AssociationEventData": FACTS,
    "AssociationReceivedData": FACTS,
    "AssociationAcknowledgedData": [*FACTS, "max_send_pdv"],
    "CStoreRequestData": [
        *FACTS,
        "sop_class_uid",
        "sop_instance_uid",
        "message_id",
        "transfer_syntax_uid",
        "raw",
    ],
    "StoredFileData": [
        *FACTS,
        "filename",
        "sop_class_uid",
        "sop_instance_uid",
        "transfer_syntax_uid",
        "size",
    ],
    "StoringFileData": [*FACTS, "filename", "sop_class_uid", "sop_instance_uid"],
    "SubdirectoryCreatedData": [*FACTS, "directory"],
    "RefusingAssociationData": [*FACTS, "reason"],
    "StudyCompleteData": [*FACTS, "study_instance_uid", "directory", "files"],
    "CannotStartListenerData": ["message", "port"],
    "StoppedData": ["reason"],
    "ServerErrorData": ["error", "fatal"],
    "ProcessLine": ["source", "text"],
}


MODULES = {"dcmtk_native.servers.lifecycle", "dcmtk_native.servers.payloads"}


def payload_classes() -> set[str]:
    classes = {name: getattr(servers, name) for name in servers.__all__}
    return {
        name
        for name, one in classes.items()
        if dataclasses.is_dataclass(one) and one.__module__ in MODULES
    }


def test_each_of_them_is_in_this_table() -> None:
    assert payload_classes() == FIELDS.keys()


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_it_has_its_fields_is_frozen_slotted_and_travels(name: str) -> None:
    cls = getattr(dcmtk_native, name)
    assert [one.name for one in dataclasses.fields(cls)] == FIELDS[name]
    value = cls(*range(len(FIELDS[name])))
    assert value == cls(*range(len(FIELDS[name])))
    assert not hasattr(value, "__dict__")
    with pytest.raises(AttributeError):
        setattr(value, FIELDS[name][0], None)
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_field_is_told_of(name: str) -> None:
    text = getattr(dcmtk_native, name).__doc__
    own = [one for one in FIELDS[name] if one not in FACTS or FIELDS[name] == FACTS]
    if name != "AssociationReceivedData":  # which has those of an association and no other
        assert all(f"{one}: " in text for one in own)


def test_the_older_names_are_aliases() -> None:
    received = AssociationReceivedData(1, "SCU", "SCP", "::1")
    assert (received.calling_ae, received.called_ae) == ("SCU", "SCP")
    stored: Any = StoredFileData(1, "SCU", "SCP", "::1", "a.dcm", "1.2", "1.3", "1.4", 5)
    storing: Any = StoringFileData(1, "SCU", "SCP", "::1", "a.dcm", "1.2", "1.3")
    assert stored.file_path == storing.file_path == "a.dcm"


def test_every_payload_of_an_association_is_association_event_data() -> None:
    for name, fields in FIELDS.items():
        is_one = issubclass(getattr(dcmtk_native, name), AssociationEventData)
        assert is_one is (fields[:4] == FACTS), name
