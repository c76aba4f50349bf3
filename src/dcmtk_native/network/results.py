"""What comes out of network operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dcmtk_native.network.services import StatusCategory, category_of

if TYPE_CHECKING:
    from dcmtk_native.data.dataset import DicomDataset

__all__ = [
    "DimseResponse",
    "ReceivedObject",
    "StoreOutcome",
    "SubOperations",
]


@dataclass(frozen=True, slots=True)
class DimseResponse:
    """The answer of a peer.

    Attributes:
        status: (0000,0900).
        description: what that means.
        comment: (0000,0902), if the peer says more.
        dataset: what came with it.
        sop_instance_uid: the affected instance, where the peer names it.
    """

    status: int
    description: str
    comment: str = ""
    dataset: DicomDataset | None = None
    sop_instance_uid: str = ""

    @property
    def category(self) -> StatusCategory:
        """What kind of status it is."""
        return category_of(self.status)

    @property
    def ok(self) -> bool:
        """Whether it is a success or a warning."""
        return self.category in {StatusCategory.SUCCESS, StatusCategory.WARNING}


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What became of one file.

    Attributes:
        file: its path, or `<bytes>`.
        sop_class_uid: (0008,0016); empty if the file could not be read.
        sop_instance_uid: (0008,0018).
        status: of the response; `None` if there was none.
        message: what the status means, or why there is none.
        ok: stored; a warning of the peer is no failure.
    """

    file: str
    sop_class_uid: str
    sop_instance_uid: str
    status: int | None
    message: str
    ok: bool


@dataclass(frozen=True, slots=True)
class SubOperations:
    """How far a C-MOVE or C-GET is, in sub-operations; `None` where the peer says nothing."""

    remaining: int | None
    completed: int | None
    failed: int | None
    warnings: int | None


@dataclass(frozen=True, slots=True)
class ReceivedObject:
    """An object that a peer has sent.

    Attributes:
        sop_class_uid: as the request says.
        sop_instance_uid: as the request says.
        transfer_syntax: UID.
        path: the file it is in.
        data: the content of the file, if it is in memory.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    path: str | None
    data: bytes | None
