"""What the handlers of a `DicomServer` say, as statuses and data sets of responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dcmtk_native._core.data import Draft
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.network.query import query_draft

__all__ = ["FAILED", "Answer", "DimseStatus", "Reject", "answer_of", "draft_of", "verdict_of"]


class DimseStatus:
    """Values of (0000,0900) that servers often need (PS3.7 annex C, PS3.4 annexes B and C)."""

    SUCCESS: Final = 0x0000
    CANCEL: Final = 0xFE00
    PENDING: Final = 0xFF00
    PROCESSING_FAILURE: Final = 0x0110
    NOT_AUTHORIZED: Final = 0x0124
    UNRECOGNIZED_OPERATION: Final = 0x0211
    OUT_OF_RESOURCES: Final = 0xA700
    CANNOT_PERFORM_SUBOPERATIONS: Final = 0xA702
    UNKNOWN_MOVE_DESTINATION: Final = 0xA801
    DOES_NOT_MATCH: Final = 0xA900
    SUBOPERATIONS_WITH_FAILURES: Final = 0xB000
    CANNOT_UNDERSTAND: Final = 0xC000
    UNABLE_TO_PROCESS: Final = 0xC001


FAILED: Final = DimseStatus.UNABLE_TO_PROCESS
"""What a handler that raises, or takes too long, is to the peer of a C-service."""

_LAST_STATUS: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejection of an association, in the numbers of PS3.8 section 9.3.4.

    Attributes:
        result: 1 permanent, 2 transient.
        source: 1 the service user, 2 and 3 the service provider.
        reason: of a service user: 1 none given, 3 calling AE title not recognized, 7 called AE
            title not recognized.
    """

    result: int = 1
    source: int = 1
    reason: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the data set that goes with it.

    Attributes:
        status: (0000,0900).
        dataset: to be sent; `None`: none.
        comment: (0000,0902), of at most 64 characters; empty: none.
    """

    status: int
    dataset: Draft | None = None
    comment: str = ""


def verdict_of(said: object) -> Reject | bytes | None:
    """What a handler says of an association: `None` is yes, bytes answer the user identity.

    Errors:
        TypeError: raised for what is none of this.
    """
    if said is None or said is True:
        return None
    if said is False:
        return Reject()
    if isinstance(said, (Reject, bytes)):
        return said
    raise TypeError(f"an association is accepted by None, True or bytes, not by {said!r}")


def _status_of(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= _LAST_STATUS:
        raise TypeError(f"a status is a number from 0 to 0xFFFF, not {said!r}")
    return said


def draft_of(said: Any) -> Draft:
    """A data set, of whatever a handler has it as: ours, a mapping of names, or pydicom's.

    Errors:
        TypeError: raised for what is no data set.
    """
    if isinstance(said, (DicomDataset, Mapping)):
        return query_draft(said)
    if hasattr(said, "to_json_dict"):
        return query_draft(DicomDataset.from_pydicom(said).unwrap())
    raise TypeError(f"a data set is a DicomDataset, a mapping or pydicom's, not {said!r}")


def answer_of(said: Any) -> Answer:
    """The response of one status: `None` is success, a data set succeeds, a pair is both.

    Errors:
        TypeError: raised for what is none of this.
    """
    if isinstance(said, Answer):
        return said
    if said is None:
        return Answer(DimseStatus.SUCCESS)
    if isinstance(said, int):
        return Answer(_status_of(said))
    if isinstance(said, tuple):
        status, dataset = said
        return Answer(_status_of(status), None if dataset is None else draft_of(dataset))
    return Answer(DimseStatus.SUCCESS, draft_of(said))
