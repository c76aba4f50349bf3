"""SOP classes of the network services, and DIMSE's numbers (PS3.4, PS3.7)."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final

__all__ = [
    "EXPLICIT_LITTLE",
    "FIND_CLASSES",
    "GET_CLASSES",
    "IMPLICIT_LITTLE",
    "MOVE_CLASSES",
    "UNCOMPRESSED",
    "VERIFICATION",
    "CommandField",
    "CommandTag",
    "Priority",
    "QueryModel",
    "StatusCategory",
    "category_of",
]

VERIFICATION: Final = "1.2.840.10008.1.1"
IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
UNCOMPRESSED: Final = (EXPLICIT_LITTLE, "1.2.840.10008.1.2.2", IMPLICIT_LITTLE)
"""Explicit little and big endian before implicit, as DCMTK's tools propose them."""


class QueryModel(StrEnum):
    """The information models of queries (PS3.4 annexes C and K)."""

    WORKLIST = "worklist"
    PATIENT = "patient"
    STUDY = "study"
    PATIENT_STUDY_ONLY = "psonly"


_ROOT: Final = "1.2.840.10008.5.1.4.1.2"
FIND_CLASSES: Final = {
    QueryModel.WORKLIST: "1.2.840.10008.5.1.4.31",
    QueryModel.PATIENT: f"{_ROOT}.1.1",
    QueryModel.STUDY: f"{_ROOT}.2.1",
    QueryModel.PATIENT_STUDY_ONLY: f"{_ROOT}.3.1",
}
MOVE_CLASSES: Final = {
    QueryModel.PATIENT: f"{_ROOT}.1.2",
    QueryModel.STUDY: f"{_ROOT}.2.2",
    QueryModel.PATIENT_STUDY_ONLY: f"{_ROOT}.3.2",
}
GET_CLASSES: Final = {
    QueryModel.PATIENT: f"{_ROOT}.1.3",
    QueryModel.STUDY: f"{_ROOT}.2.3",
    QueryModel.PATIENT_STUDY_ONLY: f"{_ROOT}.3.3",
}


class Priority(IntEnum):
    """Of a request (0000,0700)."""

    MEDIUM = 0
    HIGH = 1
    LOW = 2


class CommandField(IntEnum):
    """Requests (0000,0100)."""

    C_STORE = 0x0001
    C_GET = 0x0010
    C_FIND = 0x0020
    C_MOVE = 0x0021
    C_ECHO = 0x0030
    N_EVENT_REPORT = 0x0100
    N_GET = 0x0110
    N_SET = 0x0120
    N_ACTION = 0x0130
    N_CREATE = 0x0140
    N_DELETE = 0x0150


class CommandTag(IntEnum):
    """Elements of command sets (PS3.7 annex E)."""

    AFFECTED_SOP_CLASS = 0x00000002
    REQUESTED_SOP_CLASS = 0x00000003
    MOVE_DESTINATION = 0x00000600
    PRIORITY = 0x00000700
    AFFECTED_SOP_INSTANCE = 0x00001000
    REQUESTED_SOP_INSTANCE = 0x00001001
    EVENT_TYPE = 0x00001002
    ATTRIBUTE_LIST = 0x00001005
    ACTION_TYPE = 0x00001008


class StatusCategory(StrEnum):
    """What kind of status a response has (PS3.7 annex C)."""

    SUCCESS = "success"
    PENDING = "pending"
    WARNING = "warning"
    CANCEL = "cancel"
    FAILURE = "failure"


_CANCEL: Final = 0xFE00
_PENDING: Final = frozenset({0xFF00, 0xFF01})
_WARNINGS: Final = frozenset({0x0001, 0x0107, 0x0116})
_FIRST_WARNING: Final = 0xB000
_LAST_WARNING: Final = 0xBFFF


def category_of(status: int) -> StatusCategory:
    """The category of a value of (0000,0900)."""
    if status == 0:
        return StatusCategory.SUCCESS
    if status == _CANCEL:
        return StatusCategory.CANCEL
    if status in _PENDING:
        return StatusCategory.PENDING
    if status in _WARNINGS or _FIRST_WARNING <= status <= _LAST_WARNING:
        return StatusCategory.WARNING
    return StatusCategory.FAILURE
