"""getscu: objects of an archive, over the association that asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from dcmtk_native._runtime.groups import LogLevelOption
from dcmtk_native._runtime.groups_network import (
    DEFAULT_ACSE_TIMEOUT,
    DEFAULT_MAX_PDU,
    AbortAssociation,
    AcseTimeout,
    CalledAETitle,
    CallingAETitle,
    ConnectionTimeout,
    DimseTimeout,
    Host,
    MaxPdu,
    PortOption,
    Repeat,
)
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.folders import existing_folder
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.query import begin_query, identifiers, put_retrieve_level
from dcmtk_native.network.query_options import (
    PreferOption,
    ProposeOption,
    QueryFiles,
    QueryKeys,
)
from dcmtk_native.network.received_classes import RECEIVED_CLASSES
from dcmtk_native.network.retrieving import OnProgress, Tally
from dcmtk_native.network.services import GET_CLASSES, CommandField, QueryModel
from dcmtk_native.network.syntaxes import proposed_syntaxes
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.types import StrPath

__all__ = ["GetQueryModel", "GetscuResult", "getscu"]


class GetQueryModel(StrEnum):
    """The information models of C-GET (PS3.4 annex C)."""

    PATIENT = "patient"
    STUDY = "study"
    PATIENT_STUDY_ONLY = "psonly"


@dataclass(frozen=True, slots=True)
class GetscuResult:
    """What has come.

    Attributes:
        success: all of it; `False` if the peer's last status is a warning, or says that it was
            asked to stop.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
        status: of the last response.
        completed: sub-operations, as the peer counts them.
        failed: of those.
        warnings: of those.
        remaining: of those.
        files: the paths of the objects, in the order in which they came.
    """

    success: bool
    stderr: str
    status: int
    completed: int
    failed: int
    warnings: int
    remaining: int
    files: tuple[str, ...]


@tool
def getscu(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    query_model: Annotated[
        GetQueryModel | Literal["patient", "study", "psonly"] | None,
        Opt(
            help="information model; default: patient",
            flags={"patient": "-P", "study": "-S", "psonly": "-O"},
        ),
    ] = None,
    keys: QueryKeys = (),
    output_directory: Annotated[
        StrPath | None, Opt("-od", "existing folder for the files; default: the current one")
    ] = None,
    query_files: QueryFiles = (),
    prefer: PreferOption = "uncompressed",
    propose: ProposeOption = "uncompressed",
    bit_preserving: Annotated[
        bool,
        Opt("+B", "write what comes without a look at it, even if it is not what it claims to be"),
    ] = False,
    ignore_store: Annotated[bool, Opt("--ignore", "receive, but keep nothing")] = False,
    on_progress: OnProgress = None,
    connection_timeout: ConnectionTimeout = None,
    acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
    dimse_timeout: DimseTimeout = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    tls: TlsOption = None,
    repeat: Repeat = 1,
    abort_association: AbortAssociation = False,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> GetscuResult:
    """What the peer sends for the keys (C-GET, PS3.4 section C.4.3), in files.

    A file is named by its modality and SOP instance UID, `CT.1.2.3`, and has the data set byte for
    byte as it came. An object that is not the instance which its request names, or cannot be read,
    is refused, unless `bit_preserving` is set. Keys are written as for `findscu`; where they have
    no Query/Retrieve Level, it is that of the lowest UID among them.

    The peer chooses one transfer syntax for each SOP class, from those of `prefer`; compressed
    objects come as they are only if their syntax is among them.

    Errors:
        OptionsError: an option is out of its rules; a key is malformed or unknown.
        DicomFileError, DicomFormatError: a query file cannot be read; there is no such folder.
        AssociationError: no connection, rejected, aborted, or the model is not accepted.
        DimseError: the peer's last status is a failure.

    Example:
        >>> result = getscu(host="127.0.0.1", port=1, keys=["StudyInstanceUID=1.2.3"])
        >>> print(result.value.files if result.ok else type(result.error).__name__)
        AssociationError
    """
    model = QueryModel(query_model or GetQueryModel.PATIENT)
    folder = _folder(output_directory, bit_preserving, ignore_store)
    drafts = identifiers("getscu", keys, query_files)
    for draft in drafts:
        put_retrieve_level(draft, model)
    peer = Peer(
        host=host,
        port=port,
        calling_ae_title=calling_ae_title or "GETSCU",
        called_ae_title=called_ae_title,
        connection_timeout=connection_timeout,
        acse_timeout=acse_timeout,
        dimse_timeout=dimse_timeout,
        max_pdu=max_pdu,
        tls=tls,
    )
    sop_class = GET_CLASSES[model]
    contexts = [PresentationContext(sop_class, proposed_syntaxes(propose)), *_receiving(prefer)]
    tally = Tally("getscu", on_progress)
    with peer.associated(contexts, abort=abort_association) as association:
        for draft in drafts:
            for _ in range(repeat):
                operation = begin_query(association, CommandField.C_GET, sop_class, draft)
                identity = "unchecked" if bit_preserving else "exact"
                operation.receive_into(folder, ignore_store, identity)
                tally.follow(operation)
    return GetscuResult(
        success=tally.status == 0,
        stderr="",
        status=tally.status,
        completed=tally.completed,
        failed=tally.failed,
        warnings=tally.warnings,
        remaining=tally.remaining,
        files=tuple(one.path for one in tally.received if one.path is not None),
    )


def _folder(folder: StrPath | None, bit_preserving: bool, ignore_store: bool) -> str | None:
    """Where objects go; `None`: nowhere.

    Errors:
        OptionsError: raised for options that mean nothing if nothing is kept.
    """
    if not ignore_store:
        return existing_folder(folder)
    for name, is_given in (
        ("output_directory", folder is not None),
        ("bit_preserving", bit_preserving),
    ):
        if is_given:
            rule = f"{name}: not with ignore_store=True"
            raise OptionsError(f"getscu: invalid options: {rule}", tool="getscu")
    return None


def _receiving(prefer: str | Sequence[str]) -> list[PresentationContext]:
    """Contexts in which the peer stores here."""
    syntaxes = proposed_syntaxes(prefer)
    return [PresentationContext(one, syntaxes, scu=False, scp=True) for one in RECEIVED_CLASSES]
