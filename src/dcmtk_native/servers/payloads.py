"""What the events of a storage server tell, as frozen values.

Every payload of an association says which one: see `AssociationEventData`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AssociationAcknowledgedData",
    "AssociationEventData",
    "AssociationReceivedData",
    "CStoreRequestData",
    "CannotStartListenerData",
    "RefusingAssociationData",
    "StoredFileData",
    "StoringFileData",
    "StudyCompleteData",
    "SubdirectoryCreatedData",
]


@dataclass(frozen=True, slots=True)
class AssociationEventData:
    """An association, and who is at its other end.

    Attributes:
        association_id: counts the connections of a server, from 1.
        calling_ae_title: of the peer.
        called_ae_title: whom it asked for.
        address: of the peer.
    """

    association_id: int
    calling_ae_title: str
    called_ae_title: str
    address: str


@dataclass(frozen=True, slots=True)
class AssociationReceivedData(AssociationEventData):
    """A request for an association, before it is answered."""

    @property
    def calling_ae(self) -> str:
        """The same as `calling_ae_title`."""
        return self.calling_ae_title

    @property
    def called_ae(self) -> str:
        """The same as `called_ae_title`."""
        return self.called_ae_title


@dataclass(frozen=True, slots=True)
class AssociationAcknowledgedData(AssociationEventData):
    """An association that was accepted.

    Attributes:
        max_send_pdv: the longest fragment that goes to the peer, in bytes.
    """

    max_send_pdv: int


@dataclass(frozen=True, slots=True)
class RefusingAssociationData(AssociationEventData):
    """An association that was rejected.

    Attributes:
        reason: as the peer is told (PS3.8 section 9.3.4).
    """

    reason: str


@dataclass(frozen=True, slots=True)
class CStoreRequestData(AssociationEventData):
    """A C-STORE request, before its data set is read.

    Attributes:
        sop_class_uid: of the object.
        sop_instance_uid: of the object.
        message_id: of the request.
        transfer_syntax_uid: of the data set.
        raw: the request as text.
    """

    sop_class_uid: str
    sop_instance_uid: str
    message_id: int
    transfer_syntax_uid: str
    raw: str


class _OfFile:
    """What has a `filename` has it as `file_path`, too."""

    __slots__ = ()
    filename: str

    @property
    def file_path(self) -> str:
        """The same as `filename`."""
        return self.filename


@dataclass(frozen=True, slots=True)
class StoringFileData(_OfFile, AssociationEventData):
    """A file that is about to be written.

    Attributes:
        filename: its final path; a name made of the time becomes the next one should another server
            have taken it meanwhile, as `StoredFileData` says.
        sop_class_uid: of the object.
        sop_instance_uid: of the object.
    """

    filename: str
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class StoredFileData(_OfFile, AssociationEventData):
    """A file that is complete, under its final name.

    Attributes:
        filename: its path.
        sop_class_uid: of the object.
        sop_instance_uid: of the object.
        transfer_syntax_uid: in which it came.
        size: of the file, in bytes.
    """

    filename: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    size: int


@dataclass(frozen=True, slots=True)
class SubdirectoryCreatedData(AssociationEventData):
    """A folder that was made for a study.

    Attributes:
        directory: its path.
    """

    directory: str


@dataclass(frozen=True, slots=True)
class StudyCompleteData(AssociationEventData):
    """A study of which nothing more is expected, with the association that its last object came by.

    Attributes:
        study_instance_uid: of the study.
        directory: where its files are.
        files: their paths.
    """

    study_instance_uid: str
    directory: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CannotStartListenerData:
    """Why a server does not listen.

    Attributes:
        message: as of the error that `start` returns.
        port: that it was to listen on.
    """

    message: str
    port: int
