"""movescu: objects of an archive, sent to whom it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NamedTuple

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
    MoveDestination,
    PortOption,
    Repeat,
)
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
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.folders import existing_folder
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.query import (
    begin_query,
    identifier_encoding,
    identifiers,
    put_retrieve_level,
)
from dcmtk_native.network.query_options import (
    AcceptOption,
    CancelAfter,
    ProposeOption,
    QueryFiles,
    QueryKeys,
)
from dcmtk_native.network.reception import Reception, identity_check
from dcmtk_native.network.retrieving import OnProgress, Tally
from dcmtk_native.network.services import (
    FIND_CLASSES,
    MOVE_CLASSES,
    CommandField,
    CommandTag,
    QueryModel,
)
from dcmtk_native.network.syntaxes import proposed_syntaxes
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.network.written_form import FORM_DEFAULTS, WriteForm, written_form
from dcmtk_native.types import StrPath

__all__ = ["MoveQueryModel", "MovescuResult", "movescu"]


class MoveQueryModel(StrEnum):
    """The information models of C-MOVE (PS3.4 annex C)."""

    PATIENT = "patient"
    STUDY = "study"
    PATIENT_STUDY_ONLY = "psonly"


@dataclass(frozen=True, slots=True)
class MovescuResult:
    """What the peer has sent.

    Attributes:
        success: all of it; `False` if the peer's last status is a warning, or says that it was
            asked to stop.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
        status: of the last response.
        completed: sub-operations, as the peer counts them.
        failed: of those.
        warnings: of those.
        remaining: of those.
        files: the paths of what came to `receive_port`.
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
def movescu(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    query_model: Annotated[
        MoveQueryModel | Literal["patient", "study", "psonly"] | None,
        Opt(
            help="information model; default: patient",
            flags={"patient": "-P", "study": "-S", "psonly": "-O"},
        ),
    ] = None,
    keys: QueryKeys = (),
    move_destination: MoveDestination = None,
    output_directory: Annotated[
        StrPath | None,
        Opt("-od", "with receive_port: existing folder for what comes; default: the current one"),
    ] = None,
    query_files: QueryFiles = (),
    prefer: AcceptOption = "uncompressed",
    propose: ProposeOption = "uncompressed",
    receive_port: Annotated[
        int | None, Opt("+P", "receive what is sent on this port", lo=1, hi=65535)
    ] = None,
    ignore_pending_data: Annotated[
        bool,
        Opt("-pi", "pending responses have no data set, whatever they say", off="-pr"),
    ] = True,
    host_lookup: Annotated[
        bool, Opt(help="look up names of senders; nothing here ever does", off="-dhl")
    ] = True,
    ignore_store: Annotated[
        bool, Opt("--ignore", "with receive_port: receive, but keep nothing")
    ] = False,
    cancel_after: CancelAfter = None,
    uid_padding: Annotated[
        bool, Opt("-up", "with receive_port: take UIDs that are padded by blanks")
    ] = False,
    bit_preserving: Annotated[
        bool,
        Opt("+B", "with receive_port: write what comes without a look at it", off="-B"),
    ] = False,
    write_mode: WriteModeOption = "file",
    write_xfer: WriteXferDeflatedOption = "same",
    enable_new_vr: EnableNewVr = True,
    group_length: GroupLength = "recalc",
    length_encoding: LengthEncoding = "explicit",
    padding: PaddingOption = "retain",
    compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
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
) -> MovescuResult:
    """What the peer has sent to another AE, or here (C-MOVE, PS3.4 section C.4.2).

    The peer has to know where the `move_destination` is. With `receive_port` that may be this
    process: then files are written, named by modality and SOP instance UID, their data sets byte
    for byte as they came unless an option asks for another form. Keys are written as for `findscu`;
    where they have no Query/Retrieve Level, it is that of the lowest UID among them.

    Errors:
        OptionsError: an option is out of its rules; a key is malformed or unknown.
        DicomFileError, DicomFormatError: a query file cannot be read; there is no such folder.
        AssociationError: no connection, rejected, aborted, or the model is not accepted; the port
            is taken.
        DimseError: the peer's last status is a failure.

    Example:
        >>> result = movescu(
        ...     host="127.0.0.1", port=1, keys=["StudyInstanceUID=1.2.3"], move_destination="WS1"
        ... )
        >>> print(result.value.completed if result.ok else type(result.error).__name__)
        AssociationError
    """
    model = QueryModel(query_model or MoveQueryModel.PATIENT)
    level = _compression_level(compression_level, propose, write_xfer)
    reception = _reception(
        receive_port,
        {
            "output_directory": output_directory,
            "prefer": prefer,
            "host_lookup": host_lookup,
            "ignore_store": ignore_store,
            "uid_padding": uid_padding,
            "bit_preserving": bit_preserving,
            "write_mode": write_mode,
            "write_xfer": write_xfer,
            "group_length": group_length,
            "length_encoding": length_encoding,
            "padding": padding,
        },
        {"enable_new_vr": enable_new_vr, "compression_level": level.of_files},
        {"max_pdu": max_pdu, "acse_timeout": acse_timeout, "dimse_timeout": dimse_timeout},
    )
    encoding = identifier_encoding("movescu", propose, enable_new_vr, level.of_identifiers)
    drafts = identifiers("movescu", keys, query_files)
    for draft in drafts:
        put_retrieve_level(draft, model)
    own_title = calling_ae_title or "MOVESCU"
    destination = [(CommandTag.MOVE_DESTINATION, move_destination or own_title)]
    peer = Peer(
        host=host,
        port=port,
        calling_ae_title=own_title,
        called_ae_title=called_ae_title,
        connection_timeout=connection_timeout,
        acse_timeout=acse_timeout,
        dimse_timeout=dimse_timeout,
        max_pdu=max_pdu,
        tls=tls,
    )
    sop_class = MOVE_CLASSES[model]
    syntaxes = proposed_syntaxes(propose)
    # Archives of DCMTK's refuse to move for who does not offer to find.
    contexts = [PresentationContext(one, syntaxes) for one in (FIND_CLASSES[model], sop_class)]
    tally = Tally("movescu", on_progress, cancel_after)
    with ExitStack() as stack:
        receiver = None if reception is None else stack.enter_context(reception.open())
        with peer.associated(contexts, abort=abort_association) as association:
            for draft in drafts:
                for _ in range(repeat):
                    operation = begin_query(
                        association,
                        CommandField.C_MOVE,
                        sop_class,
                        draft,
                        elements=destination,
                        encoding=encoding,
                    )
                    if ignore_pending_data:
                        operation.ignore_pending_data()
                    tally.follow(operation)
    return MovescuResult(
        success=tally.status == 0,
        stderr="",
        status=tally.status,
        completed=tally.completed,
        failed=tally.failed,
        warnings=tally.warnings,
        remaining=tally.remaining,
        files=() if reception is None or receiver is None else reception.finish(receiver),
    )


class _Level(NamedTuple):
    """How much work deflating is worth, where something is deflated."""

    of_identifiers: int
    of_files: int


def _compression_level(level: int, propose: str | Sequence[str], write_xfer: str) -> _Level:
    proposes = "deflated" in ((propose,) if isinstance(propose, str) else propose)
    writes = write_xfer == "deflated"
    if not writes:
        return _Level(level, DEFAULT_COMPRESSION_LEVEL)
    return _Level(level if proposes else DEFAULT_COMPRESSION_LEVEL, level)


_DEFAULTS: Final = {
    "output_directory": None,
    "prefer": "uncompressed",
    "host_lookup": True,
    "ignore_store": False,
    "uid_padding": False,
    "bit_preserving": False,
    **FORM_DEFAULTS,
}


def _reception(
    port: int | None,
    options: Mapping[str, Any],
    writing: Mapping[str, Any],
    limits: Mapping[str, Any],
) -> Reception | None:
    """Where objects arrive, if they do.

    Errors:
        OptionsError: raised for options that mean nothing beside the others.
        OSError: raised if there is no such folder.
    """
    if port is None:
        _refuse(options, _DEFAULTS, "only with receive_port")
        return None
    if options["ignore_store"]:
        _refuse(
            options, ("output_directory", "bit_preserving", *FORM_DEFAULTS), "not with ignore_store"
        )
    if options["bit_preserving"]:
        _refuse(options, ("uid_padding", *FORM_DEFAULTS), "not with bit_preserving")
    return Reception(
        port=port,
        folder=None if options["ignore_store"] else existing_folder(options["output_directory"]),
        identity=identity_check(
            bit_preserving=options["bit_preserving"], uid_padding=options["uid_padding"]
        ),
        prefer=options["prefer"],
        write=_writing(options, writing),
        **limits,
    )


def _refuse(options: Mapping[str, Any], names: Iterable[str], rule: str) -> None:
    for name in names:
        if options[name] != _DEFAULTS[name]:
            text = f"{name}={options[name]!r}: {rule}"
            raise OptionsError(f"movescu: invalid options: {text}", tool="movescu")


def _writing(options: Mapping[str, Any], writing: Mapping[str, Any]) -> WriteForm | None:
    """The form that is asked for; `None`: files stay as they came."""
    if options["bit_preserving"]:
        return None
    try:
        return written_form(options, **writing)
    except ValueError as error:
        raise OptionsError(f"movescu: invalid options: {error}", tool="movescu") from None
