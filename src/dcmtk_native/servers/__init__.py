"""Servers, with their events and what these tell."""

from dcmtk_native.servers.admission import AllowedPeer, PeerRight
from dcmtk_native.servers.answers import DimseStatus, Reject
from dcmtk_native.servers.dcmrecv import Dcmrecv
from dcmtk_native.servers.dicom_server import DicomServer
from dcmtk_native.servers.dispatch import ServerEvent
from dcmtk_native.servers.events import (
    DCMRECV_FATAL_EVENTS,
    STORESCP_FATAL_EVENTS,
    DcmrecvEvent,
    DicomServerEvent,
    StorescpEvent,
)
from dcmtk_native.servers.lifecycle import (
    LineSource,
    ProcessLine,
    ProcessState,
    ServerErrorData,
    StoppedData,
)
from dcmtk_native.servers.options import (
    FilenameMode,
    PreferredTransferSyntax,
    StorageMode,
    SubdirectoryMode,
)
from dcmtk_native.servers.payloads import (
    AssociationAcknowledgedData,
    AssociationEventData,
    AssociationReceivedData,
    CannotStartListenerData,
    CStoreRequestData,
    RefusingAssociationData,
    StoredFileData,
    StoringFileData,
    StudyCompleteData,
    SubdirectoryCreatedData,
)
from dcmtk_native.servers.process import DcmtkProcess
from dcmtk_native.servers.requests import (
    AssociationRequest,
    CallingPeer,
    EchoRequest,
    FindRequest,
    GetRequest,
    MoveRequest,
    NormalizedRequest,
    StoreRequest,
)
from dcmtk_native.servers.storescp import StoreSCP, StoreSCPPreset

__all__ = [
    "DCMRECV_FATAL_EVENTS",
    "STORESCP_FATAL_EVENTS",
    "AllowedPeer",
    "AssociationAcknowledgedData",
    "AssociationEventData",
    "AssociationReceivedData",
    "AssociationRequest",
    "CStoreRequestData",
    "CallingPeer",
    "CannotStartListenerData",
    "Dcmrecv",
    "DcmrecvEvent",
    "DcmtkProcess",
    "DicomServer",
    "DicomServerEvent",
    "DimseStatus",
    "EchoRequest",
    "FilenameMode",
    "FindRequest",
    "GetRequest",
    "LineSource",
    "MoveRequest",
    "NormalizedRequest",
    "PeerRight",
    "PreferredTransferSyntax",
    "ProcessLine",
    "ProcessState",
    "RefusingAssociationData",
    "Reject",
    "ServerErrorData",
    "ServerEvent",
    "StoppedData",
    "StorageMode",
    "StoreRequest",
    "StoreSCP",
    "StoreSCPPreset",
    "StoredFileData",
    "StorescpEvent",
    "StoringFileData",
    "StudyCompleteData",
    "SubdirectoryCreatedData",
    "SubdirectoryMode",
]
