"""Transactions of storage commitment (PS3.4 annex J): what is asked for, and what is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from dcmtk_native._core.data import is_uid, new_uid
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.query import dataset_of

__all__ = [
    "STORAGE_COMMITMENT",
    "CommitmentFailure",
    "Event",
    "Reference",
    "StorageCommitment",
    "Transaction",
]

STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
"""The push model, the one that there is."""

Reference: TypeAlias = tuple[str, str]
"""SOP class and SOP instance."""

Event: TypeAlias = tuple[str, str, int, bytes | None, str]
"""SOP class, SOP instance, event type, data set, its transfer syntax."""

_RESULTS: Final = frozenset({1, 2})
"""Event types: all is kept, not all is (PS3.4 section J.3.3.1)."""
_TRANSACTION_UID: Final = "00081195"
_REASON: Final = "00081197"
_FAILED: Final = "00081198"
_REFERENCED: Final = "00081199"
_SOP_CLASS: Final = "00081150"
_SOP_INSTANCE: Final = "00081155"


@dataclass(frozen=True, slots=True)
class CommitmentFailure:
    """An instance that the peer does not say to keep.

    Attributes:
        sop_class_uid: of the request.
        sop_instance_uid: of the request.
        reason: (0008,1197), such as 0x0112: no such instance; `None`: the report has no word of it.
    """

    sop_class_uid: str
    sop_instance_uid: str
    reason: int | None


@dataclass(frozen=True, slots=True)
class StorageCommitment:
    """What a peer says it keeps.

    Attributes:
        transaction_uid: of the request.
        is_reported: whether the peer's report has come.
        committed: SOP class and SOP instance of what it keeps.
        failed: what it does not keep; once it has reported, all else that was asked for.
    """

    transaction_uid: str
    is_reported: bool
    committed: tuple[Reference, ...] = ()
    failed: tuple[CommitmentFailure, ...] = ()

    @property
    def success(self) -> bool:
        """Whether the peer keeps all of it, and says so."""
        return self.is_reported and not self.failed


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a peer is asked to keep.

    Attributes:
        uid: that its report names.
        references: each once.
    """

    uid: str
    references: tuple[Reference, ...]

    @classmethod
    def of(cls, tool: str, instances: Sequence[Any], uid: str | None) -> Transaction:
        """The transaction for instances as the caller has them, with a new UID if there is none.

        Errors:
            OptionsError: raised for what is no UID, or no instance at all.
        """
        try:
            references = tuple(dict.fromkeys(_reference(one) for one in instances))
            if not references:
                raise ValueError("instances: must name at least one")
            if uid is not None and not is_uid(uid):
                raise ValueError(f"transaction_uid={uid!r:.80}: must be a UID")
        except ValueError as rule:
            raise OptionsError(f"{tool}: invalid options: {rule}", tool=tool) from None
        return cls(uid or new_uid(), references)

    def information(self) -> dict[str, Any]:
        """Of the request (PS3.4 table J.3-1)."""
        return {
            "TransactionUID": self.uid,
            "ReferencedSOPSequence": [
                {"ReferencedSOPClassUID": sop_class, "ReferencedSOPInstanceUID": sop_instance}
                for sop_class, sop_instance in self.references
            ],
        }

    def unreported(self) -> StorageCommitment:
        """What is known before the report."""
        return StorageCommitment(self.uid, is_reported=False)

    def commitment(self, event: Event) -> StorageCommitment | None:
        """What a report says; `None`: it is about something else.

        Whatever a peer leaves out is not kept: nobody may delete an object for lack of a word.

        Errors:
            AssociationError: raised for a damaged one.
        """
        sop_class, _, event_type, data, syntax = event
        if sop_class != STORAGE_COMMITMENT or event_type not in _RESULTS or data is None:
            return None
        report = dataset_of(data, syntax)
        if report.get_string(_TRANSACTION_UID) != self.uid:
            return None
        reasons = {_named(item): _reason(item) for item in _items(report, _FAILED)}
        kept = {_named(item) for item in _items(report, _REFERENCED)} - reasons.keys()
        return StorageCommitment(
            self.uid,
            is_reported=True,
            committed=tuple(one for one in self.references if one in kept),
            failed=tuple(
                CommitmentFailure(*one, reasons.get(one))
                for one in self.references
                if one not in kept
            ),
        )


def _reference(instance: Any) -> Reference:
    """Of a pair of UIDs, or what has them as attributes: a StoreOutcome, a ReceivedObject."""
    if isinstance(instance, (tuple, list)) and len(instance) == 2:
        sop_class, sop_instance = instance
    else:
        sop_class = getattr(instance, "sop_class_uid", None)
        sop_instance = getattr(instance, "sop_instance_uid", None)
    for uid in (sop_class, sop_instance):
        if not isinstance(uid, str) or not is_uid(uid):
            raise ValueError(f"instances: {instance!r:.80} has no SOP class and instance UID")
    return str(sop_class), str(sop_instance)


def _items(report: DicomDataset, tag: str) -> Iterator[DicomDataset]:
    """The items, if it is a sequence: a peer may say otherwise."""
    found = report.get_element(tag)
    if found.ok and found.value["vr"] == "SQ":
        items: Any = found.value.get("Value", ())
        yield from (DicomDataset(item) for item in items)


def _named(item: DicomDataset) -> Reference:
    return item.get_string(_SOP_CLASS), item.get_string(_SOP_INSTANCE)


def _reason(item: DicomDataset) -> int | None:
    reason = item.get_number(_REASON)
    return int(reason.value) if reason.ok else None
