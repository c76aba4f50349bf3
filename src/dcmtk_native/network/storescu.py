"""storescu: files, stored at a peer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import (
    LimitsOption,
    LogLevelOption,
    ReadModeOption,
    read_options,
)
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    DEFAULT_SOCKET_TIMEOUT,
    AbortAssociation,
    AcseTimeout,
    CalledAETitle,
    CallingAETitle,
    ConnectionTimeout,
    DimseTimeout,
    Host,
    MaxPdu,
    MaxSendPdu,
    PortOption,
    Repeat,
    SocketTimeout,
)
from dcmtk_native._runtime.groups_storage import (
    AssociationsOption,
    FilesOption,
    HaltOption,
    OnOutcomeOption,
    ProposeOption,
    RecurseOption,
    ScanDirectories,
    ScanPattern,
    check_scan,
)
from dcmtk_native._runtime.groups_write import (
    DEFAULT_COMPRESSION_LEVEL,
    CompressionLevel,
    EnableNewVr,
)
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError, ToolError
from dcmtk_native.network.association_config import AssociationProfile, read_profile
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.invention import (
    INVENT_PATIENT,
    INVENT_SERIES,
    INVENT_STUDY,
    Invention,
)
from dcmtk_native.network.outgoing import OutgoingFile, files_of, look_at
from dcmtk_native.network.peer import Peer
from dcmtk_native.network.preparation import Preparation
from dcmtk_native.network.results import StoreOutcome
from dcmtk_native.network.sending import Sending, send_files
from dcmtk_native.network.storage_contexts import Batch, Choice, Proposals, fill_up, packed
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.types import StrPath

__all__ = ["StorescuResult", "storescu"]


@dataclass(frozen=True, slots=True)
class StorescuResult:
    """What became of the files.

    Attributes:
        success: all are stored; a warning of the peer is no failure.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
        outcomes: one a file and sending, in the order of the files.
    """

    success: bool
    stderr: str
    outcomes: tuple[StoreOutcome, ...]


@tool
def storescu(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    files: FilesOption,
    scan_directories: ScanDirectories = False,
    recurse: RecurseOption = False,
    read_mode: ReadModeOption = "auto",
    connection_timeout: ConnectionTimeout = None,
    socket_timeout: SocketTimeout = DEFAULT_SOCKET_TIMEOUT,
    acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
    dimse_timeout: DimseTimeout = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    max_send_pdu: MaxSendPdu = None,
    repeat: Repeat = 1,
    abort_association: AbortAssociation = False,
    tls: TlsOption = None,
    user: Annotated[UserIdentity | None, Opt(help="who asks, and a proof of it")] = None,
    scan_pattern: ScanPattern = None,
    rename: Annotated[
        bool, Opt("+rn", "append .done or .bad to the names of processed files", off="-rn")
    ] = False,
    config_file: Annotated[
        StrPath | None, Opt(help="association configuration file; with config_profile")
    ] = None,
    config_profile: Annotated[
        str | None, Opt(help="the profile of config_file that is proposed")
    ] = None,
    propose: ProposeOption = "auto",
    required_only: Annotated[
        bool, Opt("-R", "propose what the files need, not the usual storage SOP classes too")
    ] = False,
    combine: Annotated[
        bool, Opt("+C", "propose the transfer syntaxes of a SOP class together")
    ] = False,
    enable_new_vr: EnableNewVr = True,
    compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
    halt: HaltOption = True,
    uid_padding: Annotated[bool, Opt("-up", "mend SOP UIDs that are padded by blanks")] = False,
    invent_instance: Annotated[bool, Opt("+II", "a new SOP instance for each object sent")] = False,
    invent_series: Annotated[
        int | None, Opt("+IR", "a new series after so many objects; default: 100", lo=1)
    ] = None,
    invent_study: Annotated[
        int | None, Opt("+IS", "a new study after so many series; default: 50", lo=1)
    ] = None,
    invent_patient: Annotated[
        int | None, Opt("+IP", "a new patient after so many studies; default: 25", lo=1)
    ] = None,
    on_progress: OnOutcomeOption = None,
    associations: AssociationsOption = 1,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> StorescuResult:
    """What a peer said to a C-STORE of each file (PS3.4 annex B).

    A data set goes out byte for byte as it stands in its file if the peer takes its transfer
    syntax, which is proposed. Where it does not, what is not compressed is written in another
    uncompressed syntax. With more than 128 presentation contexts there are several associations.

    An error's `outcomes` are of the files that were done before it.

    Errors:
        OptionsError: an option is out of its rules.
        DicomFileError, DicomFormatError: a file is missing or no DICOM file; nothing has been sent
            then. With `halt=False` that is an outcome, unless it is all files.
        AssociationError: no connection, rejected or lost; a SOP class or transfer syntax that the
            peer does not take, with `halt=False` an outcome.
        DimseError: the peer did not store a file; with `halt=False` an outcome.

    Example:
        >>> result = storescu(host="127.0.0.1", port=1, files=["image.dcm"])
        >>> print("stored" if result.ok else type(result.error).__name__)
        AssociationError
    """
    check_scan(
        "storescu",
        scan=scan_directories,
        pattern=scan_pattern,
        recurse=recurse,
        name="scan_directories",
    )
    words = (propose,) if isinstance(propose, str) else tuple(propose)
    _check_combinations(
        words=words,
        files=files,
        rename=rename,
        repeat=repeat,
        config=(config_file, config_profile),
        without_config=(required_only, combine),
        compression_level=compression_level,
    )
    invents = invent_instance or any((invent_series, invent_study, invent_patient))
    read = read_options(read_mode, "auto", limits)
    profile = None
    if config_file is not None and config_profile is not None:
        profile = read_profile(config_file, config_profile)
    outgoing = look_at(
        files_of(files, scan=scan_directories, pattern=scan_pattern, recurse=recurse),
        read,
        halt=halt,
    )
    if not outgoing:
        raise ToolError("storescu failed: no input files to be sent", tool="storescu")
    sending = Sending(
        tool="storescu",
        peer=Peer(
            host=host,
            port=port,
            calling_ae_title=calling_ae_title or "STORESCU",
            called_ae_title=called_ae_title,
            connection_timeout=connection_timeout,
            socket_timeout=socket_timeout,
            acse_timeout=acse_timeout,
            dimse_timeout=dimse_timeout,
            max_pdu=max_pdu,
            max_send_pdu=max_send_pdu,
            user=user,
            tls=tls,
        ),
        preparation=Preparation(
            read=read,
            choice=Choice(prefers_deflated="deflated" in words),
            enable_new_vr=enable_new_vr,
            compression_level=compression_level,
            uid_padding=uid_padding,
            invention=Invention(
                invent_series or INVENT_SERIES,
                invent_study or INVENT_STUDY,
                invent_patient or INVENT_PATIENT,
            )
            if invents
            else None,
        ),
        halt=halt,
        associations=associations,
        repeat=repeat,
        abort_association=abort_association,
        rename=rename,
        extended_negotiation=None if profile is None else profile.extended_negotiation,
        on_progress=guarded(on_progress),
    )
    batches = _batches(outgoing, profile, Proposals(words, combine), required_only=required_only)
    outcomes = tuple(sent.outcome for sent in send_files(sending, outgoing, batches))
    return StorescuResult(all(outcome.ok for outcome in outcomes), "", outcomes)


def _check_combinations(
    *,
    words: tuple[str, ...],
    files: Sequence[InputSource],
    rename: bool,
    repeat: int,
    config: tuple[StrPath | None, str | None],
    without_config: tuple[bool, bool],
    compression_level: int,
) -> None:
    """Nothing, if each option has an effect beside the others."""
    config_file, config_profile = config
    rule = ""
    if (config_file is None) != (config_profile is None):
        rule = "config_file and config_profile: only together"
    elif config_file is not None and (words != ("auto",) or any(without_config)):
        rule = "propose, required_only and combine: not with config_file"
    elif rename and repeat > 1:
        rule = f"repeat={repeat}: not with rename=True"
    elif rename and not all(isinstance(file, str) for file in files):
        rule = "rename=True: what is in memory has no name"
    elif (
        compression_level != DEFAULT_COMPRESSION_LEVEL
        and "deflated" not in words
        and config_file is None
    ):
        rule = f"compression_level={compression_level}: only with propose='deflated' or config_file"
    if rule:
        raise OptionsError(f"storescu: invalid options: {rule}", tool="storescu")


def _batches(
    files: list[OutgoingFile],
    profile: AssociationProfile | None,
    proposals: Proposals,
    *,
    required_only: bool,
) -> list[Batch]:
    if profile is not None:
        sendable = [position for position, file in enumerate(files) if not file.refusal]
        return [Batch(list(profile.contexts), sendable)]
    batches = packed(files, proposals.of_files(files))
    if not required_only:
        for batch in batches:
            fill_up(batch, proposals)
    return batches
