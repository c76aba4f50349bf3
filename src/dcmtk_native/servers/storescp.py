"""StoreSCP: a server that stores and sorts, and has something done with what it has stored."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from dcmtk_native._runtime.groups_network import DEFAULT_MAX_PDU
from dcmtk_native._runtime.groups_parse import ConvertUn
from dcmtk_native._runtime.groups_write import (
    DEFAULT_COMPRESSION_LEVEL,
    CompressionLevel,
    EnableNewVr,
    GroupLength,
    LengthEncoding,
    PaddingOption,
    WriteModeOption,
    WriteXferDeflatedOption,
)
from dcmtk_native._runtime.options import Opt
from dcmtk_native._runtime.tool import creation
from dcmtk_native.constants import DEFAULT_DRAIN_TIMEOUT_MS, DEFAULT_START_TIMEOUT_MS
from dcmtk_native.network.reception import identity_check
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.servers.admission import PeersOption
from dcmtk_native.servers.events import StorescpEvent
from dcmtk_native.servers.hooks import Commands, Hook
from dcmtk_native.servers.listening import OnAssociationReceived, OnStoringFile
from dcmtk_native.servers.options import (
    DEFAULT_ASSOCIATIONS,
    DEFAULT_SERVER_ACSE_TIMEOUT,
    DEFAULT_SERVER_SOCKET_TIMEOUT,
    BindAddress,
    ConfigFile,
    ConfigProfile,
    DrainTimeoutMs,
    EndOfStudyHookOption,
    ExtensionOption,
    HostLookup,
    MaxAssociations,
    MaxAssociationsPerPeer,
    MaxPdu,
    OutputDirectory,
    OwnAETitle,
    PreferredTransferSyntaxOption,
    ReceptionHookOption,
    ReusePort,
    ServerAcseTimeout,
    ServerDimseTimeout,
    ServerPort,
    ServerSignal,
    ServerSocketTimeout,
    Sock,
    SortByStudy,
    SortByStudyUid,
    StartTimeoutMs,
    VerbosePc,
)
from dcmtk_native.servers.storage import StorageProcess, StorageSettings, profile_of
from dcmtk_native.servers.storescp_rules import (
    accepted_syntaxes,
    check_combinations,
    file_names,
    how_sorted,
    rewriting_of,
)
from dcmtk_native.servers.terms import ProcessTerms

__all__ = ["StoreSCP", "StoreSCPPreset"]

_TOOL = "StoreSCP"


class StoreSCPPreset:
    """Options for `StoreSCP.create`, as read-only mappings.

    Example:
        >>> StoreSCP.create(**StoreSCPPreset.PRODUCTION, port=0).ok
        True
    """

    BASIC_STORAGE: Final[Mapping[str, Any]] = MappingProxyType({"unique_filenames": True})
    TESTING: Final[Mapping[str, Any]] = MappingProxyType(
        {"unique_filenames": True, "bit_preserving": True}
    )
    PRODUCTION: Final[Mapping[str, Any]] = MappingProxyType(
        {"unique_filenames": True, "acse_timeout": 30, "dimse_timeout": 60}
    )


class StoreSCP(StorageProcess, OnAssociationReceived, OnStoringFile):
    """A server that stores what it is sent, sorts it by study if it is told to, and tells of it.

    Example:
        >>> server = StoreSCP.create(port=0, output_directory="received").unwrap()
        >>> with server.on_storing_file(lambda data: print(data.filename)):
        ...     print(server.start().ok)
        True
    """

    TOOL = _TOOL
    EVENTS = frozenset(StorescpEvent)

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
        preferred_transfer_syntax: PreferredTransferSyntaxOption = None,
        sort_by_study: SortByStudy = False,
        sort_by_study_uid: SortByStudyUid = False,
        sort_by_patient_name: Annotated[
            bool, Opt("-sp", "a folder for each study, named by patient and time")
        ] = False,
        unique_filenames: Annotated[bool, Opt("+uf", "names that no other file has")] = False,
        time_names: Annotated[bool, Opt("-tn", "names made of the time of day")] = False,
        filename_extension: ExtensionOption = None,
        bit_preserving: Annotated[
            bool, Opt("+B", "write what comes, whatever it is", off="-B")
        ] = False,
        exec_on_reception: ReceptionHookOption = None,
        exec_on_end_of_study: EndOfStudyHookOption = None,
        end_of_study_timeout: Annotated[
            int | None,
            Opt("-tos", "seconds after which a study is complete", lo=1, hi=2_000_000),
        ] = None,
        rename_on_end_of_study: Annotated[
            bool, Opt("-rns", "number the files of a study that is complete")
        ] = False,
        exec_sync: Annotated[bool, Opt("-xs", "wait for the commands")] = False,
        acse_timeout: ServerAcseTimeout = DEFAULT_SERVER_ACSE_TIMEOUT,
        dimse_timeout: ServerDimseTimeout = None,
        socket_timeout: ServerSocketTimeout = DEFAULT_SERVER_SOCKET_TIMEOUT,
        max_pdu: MaxPdu = DEFAULT_MAX_PDU,
        write_mode: WriteModeOption = "file",
        write_xfer: WriteXferDeflatedOption = "same",
        enable_new_vr: EnableNewVr = True,
        group_length: GroupLength = "recalc",
        length_encoding: LengthEncoding = "explicit",
        padding: PaddingOption = "retain",
        compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
        convert_un: ConvertUn = False,
        promiscuous: Annotated[bool, Opt("-pm", "take any SOP class")] = False,
        uid_padding: Annotated[bool, Opt("-up", "take UIDs that are padded by blanks")] = False,
        ignore_store: Annotated[bool, Opt("--ignore", "receive, but keep nothing")] = False,
        refuse: Annotated[bool, Opt("--refuse", "reject every association")] = False,
        reject_without_implementation_uid: Annotated[
            bool, Opt("--reject", "reject who does not say what implementation it is")
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
    ) -> StoreSCP:
        """A server that stores what it is sent; it is not started yet.

        Files are named by modality and SOP instance UID, and their data sets are byte for byte what
        came, unless an option asks for another form. Only uncompressed transfer syntaxes are taken,
        unless `preferred_transfer_syntax` names others.

        Errors:
            OptionsError: an option is out of its rules, or means nothing beside the others.
        """
        terms = ProcessTerms.among(locals(), tool=_TOOL, ae_title="STORESCP")
        form = {
            "write_mode": write_mode,
            "write_xfer": write_xfer,
            "group_length": group_length,
            "length_encoding": length_encoding,
            "padding": padding,
            "enable_new_vr": enable_new_vr,
            "compression_level": compression_level,
            "convert_un": convert_un,
        }
        sorting = {
            "sort_by_study": sort_by_study,
            "sort_by_study_uid": sort_by_study_uid,
            "sort_by_patient_name": sort_by_patient_name,
        }
        check_combinations(
            {
                **form,
                **sorting,
                "unique_filenames": unique_filenames,
                "time_names": time_names,
                "filename_extension": filename_extension,
                "output_directory": output_directory,
                "bit_preserving": bit_preserving,
                "uid_padding": uid_padding,
                "exec_on_reception": exec_on_reception,
                "exec_on_end_of_study": exec_on_end_of_study,
                "exec_sync": exec_sync,
                "rename_on_end_of_study": rename_on_end_of_study,
                "end_of_study_timeout": end_of_study_timeout,
                "preferred_transfer_syntax": preferred_transfer_syntax,
                "promiscuous": promiscuous,
                "config_file": config_file,
                "ignore_store": ignore_store,
            }
        )
        folders, prefix = how_sorted(sorting)
        commands = Commands(wait=exec_sync)
        settings = StorageSettings(
            folder=None if output_directory is None else os.fspath(output_directory),
            is_ignoring=ignore_store,
            file_names=file_names(unique=unique_filenames, time=time_names),
            extension=filename_extension or "",
            folders=folders,
            folder_prefix=prefix,
            rewriting=rewriting_of(form),
            profile=profile_of(_TOOL, config_file, config_profile),
            identity=identity_check(bit_preserving=bit_preserving, uid_padding=uid_padding),
            verbose_pc=verbose_pc,
            transfer_syntaxes=accepted_syntaxes(preferred_transfer_syntax),
            promiscuous=promiscuous,
            refuse=refuse,
            reject_without_implementation_uid=reject_without_implementation_uid,
            follows_studies=folders != "none" or exec_on_end_of_study is not None,
            end_of_study_timeout=end_of_study_timeout,
            rename_on_end_of_study=rename_on_end_of_study,
        )
        return cls(
            terms,
            settings,
            on_reception=None if exec_on_reception is None else Hook(exec_on_reception, commands),
            on_end_of_study=(
                None if exec_on_end_of_study is None else Hook(exec_on_end_of_study, commands)
            ),
            commands=commands,
        )
