"""dcmsend: files, sent to a peer in whatever of its transfer syntaxes suits them best."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from dcmtk_native._core.data import Dataset, ReadOptions, is_uid
from dcmtk_native._core.network import StorageObject
from dcmtk_native._core.runtime import NativeError, uid_name
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import LimitsOption, LogLevelOption, ReadMode, read_options
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    AcseTimeout,
    CalledAETitle,
    CallingAETitle,
    ConnectionTimeout,
    DimseTimeout,
    Host,
    MaxPdu,
    MaxSendPdu,
    PortOption,
)
from dcmtk_native._runtime.groups_storage import (
    AssociationsOption,
    FilesOption,
    HaltOption,
    OnOutcomeOption,
    RecurseOption,
    ScanDirectories,
    ScanPattern,
    check_scan,
)
from dcmtk_native._runtime.groups_write import DEFAULT_COMPRESSION_LEVEL, CompressionLevel
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import DicomFormatError, ToolError
from dcmtk_native.network.dicomdir import MEDIA_DIRECTORY, referenced_files
from dcmtk_native.network.outgoing import OutgoingFile, files_of, is_of_the_file, look_at
from dcmtk_native.network.peer import Peer
from dcmtk_native.network.preparation import Preparation
from dcmtk_native.network.results import StoreOutcome
from dcmtk_native.network.sending import Sending, send_files
from dcmtk_native.network.services import UNCOMPRESSED
from dcmtk_native.network.storage_contexts import Batch, Choice, packed, separate, syntaxes_by_class
from dcmtk_native.network.syntaxes import DECODED, LOSSLESS, NATIVE
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.network.transfer_report import write_report
from dcmtk_native.types import StrPath

__all__ = ["DcmsendResult", "dcmsend"]


@dataclass(frozen=True, slots=True)
class DcmsendResult:
    """What became of the files.

    Attributes:
        success: all are stored; a warning of the peer is no failure.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
        outcomes: one a file, in the order of the files.
    """

    success: bool
    stderr: str
    outcomes: tuple[StoreOutcome, ...]


Decompress = Literal["lossless", "never", "lossy"]


@tool
def dcmsend(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    files: FilesOption,
    scan_directory: ScanDirectories = False,
    read_mode: Annotated[
        ReadMode | Literal["file-only", "auto", "dataset"],
        Opt(
            help="expect file meta information",
            flags={"file-only": "+fo", "auto": "+f", "dataset": "-f"},
        ),
    ] = "file-only",
    connection_timeout: ConnectionTimeout = None,
    acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
    dimse_timeout: DimseTimeout = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    max_send_pdu: MaxSendPdu = None,
    tls: TlsOption = None,
    from_dicomdir: Annotated[
        bool, Opt("+rd", "send the files that a DICOMDIR refers to in its place")
    ] = False,
    scan_pattern: ScanPattern = None,
    recurse: RecurseOption = False,
    decompress: Annotated[
        Decompress,
        Opt(
            help="what may be decompressed where the peer does not take it as it is",
            flags={"lossless": "+dls", "never": "-dn", "lossy": "+dly"},
        ),
    ] = "lossless",
    compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
    halt: HaltOption = True,
    illegal_proposal: Annotated[
        bool,
        Opt(help="propose what lacks the default transfer syntax, if need be", off="-nip"),
    ] = True,
    uid_checks: Annotated[bool, Opt(help="refuse files with wrong UIDs", off="-nuc")] = True,
    multi_associations: Annotated[
        bool, Opt("+ma", "several associations if one has not contexts enough", off="-ma")
    ] = True,
    report_file: Annotated[
        StrPath | None, Opt("+crf", "text file to write a report on the transfer to")
    ] = None,
    verbose_pc: Annotated[bool, Opt("+v", "log presentation contexts, as level info")] = False,
    on_progress: OnOutcomeOption = None,
    associations: AssociationsOption = 1,
    limits: LimitsOption = None,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> DcmsendResult:
    """What a peer said to a C-STORE of each file (PS3.4 annex B).

    A data set goes out byte for byte as it stands in its file if the peer takes its transfer
    syntax. Where it does not, it is written in an uncompressed one, after decompression as far as
    `decompress` allows.

    An error's `outcomes` are of the files that were done before it.

    Errors:
        OptionsError: an option is out of its rules.
        DicomFileError, DicomFormatError: a file is missing or no DICOM file; nothing has been sent
            then. With `halt=False` that is an outcome, unless it is all files.
        AssociationError: no connection, rejected or lost; a SOP class or transfer syntax that the
            peer does not take, with `halt=False` an outcome.
        DimseError: the peer did not store a file; with `halt=False` an outcome.

    Example:
        >>> result = dcmsend(host="127.0.0.1", port=1, files=["image.dcm"])
        >>> print("sent" if result.ok else type(result.error).__name__)
        AssociationError
    """
    check_scan(
        "dcmsend", scan=scan_directory, pattern=scan_pattern, recurse=recurse, name="scan_directory"
    )
    read = read_options(read_mode, "auto", limits)
    sources = files_of(files, scan=scan_directory, pattern=scan_pattern, recurse=recurse)
    if from_dicomdir:
        sources = _through_directories(sources, read, halt=halt)
    rules = _Rules(decompress, illegal_proposal, uid_checks)
    outgoing = look_at(sources, read, halt=halt, check=rules.check)
    if not outgoing:
        raise ToolError("dcmsend failed: no input files to be sent", tool="dcmsend")
    sending = Sending(
        tool="dcmsend",
        peer=Peer(
            host=host,
            port=port,
            calling_ae_title=calling_ae_title or "DCMSEND",
            called_ae_title=called_ae_title,
            connection_timeout=connection_timeout,
            acse_timeout=acse_timeout,
            dimse_timeout=dimse_timeout,
            max_pdu=max_pdu,
            max_send_pdu=max_send_pdu,
            tls=tls,
        ),
        preparation=Preparation(
            read=read, choice=Choice(rules.decodable), compression_level=compression_level
        ),
        halt=halt,
        associations=associations,
        log_contexts=verbose_pc,
        on_progress=guarded(on_progress),
    )
    batches = rules.batches(outgoing)
    if not multi_associations:
        outgoing = _without_the_rest(outgoing, batches[1:])
        batches = batches[:1]
    sent = send_files(sending, outgoing, batches)
    if report_file is not None:
        write_report(report_file, sending.peer, sent, tool="dcmsend")
    outcomes = tuple(one.outcome for one in sent)
    return DcmsendResult(all(outcome.ok for outcome in outcomes), "", outcomes)


_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_STANDARD: Final = "1.2.840.10008."
_MEDIA_CLASS_TAG: Final = 0x00020002
_LOGGER: Final = logging.getLogger("dcmtk_native.network")


@dataclass(frozen=True, slots=True)
class _Rules:
    """Which objects are sent, and in which transfer syntaxes they may go."""

    decompress: str
    illegal_proposal: bool
    uid_checks: bool

    @property
    def decodable(self) -> frozenset[str]:
        """Coded syntaxes that may be decoded."""
        return {"never": frozenset[str](), "lossless": LOSSLESS, "lossy": DECODED}[self.decompress]

    def check(self, stored: StorageObject) -> None:
        """Nothing, for an object that may be sent.

        Errors:
            ToolError: raised with the reason why not.
        """
        if self.uid_checks:
            _check_uids(stored)
        syntax = stored.transfer_syntax
        # The default transfer syntax has to be proposed, unless a lossy one is all there is (PS3.5
        # section 10.1).
        if not self.illegal_proposal and syntax in LOSSLESS - self.decodable:
            raise ToolError(
                f"{stored.sop_instance}: it is not decompressed, so the default transfer syntax"
                f" cannot be proposed beside {syntax}"
            )

    def batches(self, files: list[OutgoingFile]) -> list[Batch]:
        """Each transfer syntax has a context of its own: nothing is converted needlessly."""
        contexts = {
            sop_class: separate(
                sop_class,
                syntaxes,
                UNCOMPRESSED if (NATIVE | self.decodable).intersection(syntaxes) else (),
            )
            for sop_class, syntaxes in syntaxes_by_class(files).items()
        }
        return packed(files, contexts)


def _check_uids(stored: StorageObject) -> None:
    for name, uid in (("Class", stored.sop_class), ("Instance", stored.sop_instance)):
        if not is_uid(uid):
            raise ToolError(f"{uid[:80]!r} is no SOP {name} UID")
    sop_class = stored.sop_class
    # Of the standard's own UIDs those that name a storage SOP class; private ones may well be some.
    if sop_class.startswith(_STANDARD) and not sop_class.startswith(_STORAGE):
        name = uid_name(sop_class)
        if not name.endswith("Storage") or sop_class == MEDIA_DIRECTORY:
            raise ToolError(f"{sop_class} ({name or 'unknown'}) is no storage SOP class")


def _through_directories(
    sources: Iterable[InputSource], read: ReadOptions, *, halt: bool
) -> Iterator[InputSource]:
    """The sources; in the place of a DICOMDIR the files that it refers to."""
    for source in sources:
        if not isinstance(source, str) or not _is_directory(source, read):
            yield source
            continue
        try:
            yield from referenced_files(source, read)
        except DicomFormatError as error:
            if halt:
                raise
            _LOGGER.warning("%s", error.message)


def _is_directory(path: str, read: ReadOptions) -> bool:
    """Whether it is a DICOMDIR; what cannot be read is told of later."""
    try:
        header = Dataset.read(path, read).value([_MEDIA_CLASS_TAG])
    except NativeError as error:
        if is_of_the_file(error):
            return False
        raise
    return header is not None and header.rstrip(b" \0") == MEDIA_DIRECTORY.encode()


def _without_the_rest(files: list[OutgoingFile], left_out: list[Batch]) -> list[OutgoingFile]:
    """The files, but those that one association has no room for cannot be sent."""
    positions = {position for batch in left_out for position in batch.files}
    return [
        replace(file, refusal="one association has not contexts enough")
        if position in positions
        else file
        for position, file in enumerate(files)
    ]
