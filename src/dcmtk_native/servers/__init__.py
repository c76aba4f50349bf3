"""Servers, with their events and what these tell."""

from dcmtk_native.servers.dcmrecv import Dcmrecv
from dcmtk_native.servers.dispatch import ServerEvent
from dcmtk_native.servers.events import (
    DCMRECV_FATAL_EVENTS,
    STORESCP_FATAL_EVENTS,
    DcmrecvEvent,
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
from dcmtk_native.servers.storescp import StoreSCP, StoreSCPPreset

__all__ = [
    "DCMRECV_FATAL_EVENTS",
    "STORESCP_FATAL_EVENTS",
    "AssociationAcknowledgedData",
    "AssociationEventData",
    "AssociationReceivedData",
    "CStoreRequestData",
    "CannotStartListenerData",
    "Dcmrecv",
    "DcmrecvEvent",
    "DcmtkProcess",
    "FilenameMode",
    "LineSource",
    "PreferredTransferSyntax",
    "ProcessLine",
    "ProcessState",
    "RefusingAssociationData",
    "ServerErrorData",
    "ServerEvent",
    "StoppedData",
    "StorageMode",
    "StoreSCP",
    "StoreSCPPreset",
    "StoredFileData",
    "StorescpEvent",
    "StoringFileData",
    "StudyCompleteData",
    "SubdirectoryCreatedData",
    "SubdirectoryMode",
]
