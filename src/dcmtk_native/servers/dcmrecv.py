"""Dcmrecv: a server that stores all it is sent."""

from __future__ import annotations

import os
from typing import Annotated

from dcmtk_native._runtime.groups_network import DEFAULT_MAX_PDU
from dcmtk_native._runtime.options import Opt
from dcmtk_native._runtime.tool import creation
from dcmtk_native.constants import DEFAULT_DRAIN_TIMEOUT_MS, DEFAULT_START_TIMEOUT_MS
from dcmtk_native.network.reception import identity_check
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.servers.admission import PeersOption
from dcmtk_native.servers.events import DcmrecvEvent
from dcmtk_native.servers.listening import OnAssociationReceived, OnStoredFile
from dcmtk_native.servers.options import (
    DEFAULT_ASSOCIATIONS,
    DEFAULT_SERVER_ACSE_TIMEOUT,
    BindAddress,
    ConfigFile,
    ConfigProfile,
    DrainTimeoutMs,
    ExtensionOption,
    FilenameModeOption,
    HostLookup,
    MaxAssociations,
    MaxAssociationsPerPeer,
    MaxPdu,
    OutputDirectory,
    OwnAETitle,
    ReusePort,
    ServerAcseTimeout,
    ServerDimseTimeout,
    ServerPort,
    ServerSignal,
    Sock,
    StartTimeoutMs,
    StorageModeOption,
    SubdirectoryModeOption,
    VerbosePc,
    invalid,
)
from dcmtk_native.servers.storage import StorageProcess, StorageSettings, profile_of
from dcmtk_native.servers.terms import ProcessTerms

__all__ = ["Dcmrecv"]

_TOOL = "Dcmrecv"


class Dcmrecv(StorageProcess, OnAssociationReceived, OnStoredFile):
    """A server that stores all that it is sent, of every SOP class and in every transfer syntax.

    Example:
        >>> server = Dcmrecv.create(port=0, output_directory="incoming").unwrap()
        >>> with server.on_event("STORED_FILE", lambda data: print(data.filename)):
        ...     print(server.start().ok, server.is_running)
        True True
        >>> server.current_state
        <ProcessState.STOPPED: 'STOPPED'>
    """

    TOOL = _TOOL
    EVENTS = frozenset(DcmrecvEvent)

    @classmethod
    @creation(_TOOL)
    def create(
        cls,
        *,
        port: ServerPort,
        ae_title: OwnAETitle = None,
        output_directory: OutputDirectory = None,
        config_file: ConfigFile = None,
        config_profile: ConfigProfile = None,
        subdirectory: SubdirectoryModeOption = "none",
        filename_mode: FilenameModeOption = "default",
        filename_extension: ExtensionOption = None,
        storage_mode: StorageModeOption = "normal",
        acse_timeout: ServerAcseTimeout = DEFAULT_SERVER_ACSE_TIMEOUT,
        dimse_timeout: ServerDimseTimeout = None,
        max_pdu: MaxPdu = DEFAULT_MAX_PDU,
        use_called_ae_title: Annotated[
            bool, Opt("-uca", "answer with the AE title that the peer asks for")
        ] = False,
        host_lookup: HostLookup = True,
        tls: TlsOption = None,
        verbose_pc: VerbosePc = False,
        max_associations: MaxAssociations = DEFAULT_ASSOCIATIONS,
        max_associations_per_peer: MaxAssociationsPerPeer = None,
        peers: PeersOption = None,
        bind_address: BindAddress = None,
        reuse_port: ReusePort = False,
        sock: Sock = None,
        start_timeout_ms: StartTimeoutMs = DEFAULT_START_TIMEOUT_MS,
        drain_timeout_ms: DrainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS,
        signal: ServerSignal = None,
    ) -> Dcmrecv:
        """A server that stores all that it is sent; it is not started yet.

        Files are named by modality and SOP instance UID, and their data sets are byte for byte what
        came. With `subdirectory="series-date"` they go to `data/YYYY/MM/DD`, or to
        `undef/YYYYMMDD` of today where there is no series date.

        Errors:
            OptionsError: an option is out of its rules, or means nothing beside the others.
        """
        terms = ProcessTerms.among(locals(), tool=_TOOL, ae_title="DCMRECV")
        if storage_mode == "bit-preserving" and subdirectory == "series-date":
            raise invalid(
                _TOOL, "subdirectory='series-date': not with storage_mode='bit-preserving'"
            )
        settings = StorageSettings(
            folder=None if output_directory is None else os.fspath(output_directory),
            is_ignoring=storage_mode == "ignore",
            file_names=filename_mode,
            extension=filename_extension or "",
            folders=subdirectory,
            profile=profile_of(_TOOL, config_file, config_profile),
            identity=identity_check(
                bit_preserving=storage_mode == "bit-preserving", uid_padding=False
            ),
            verbose_pc=verbose_pc,
            use_called_ae_title=use_called_ae_title,
        )
        return cls(terms, settings)
