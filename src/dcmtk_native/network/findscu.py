"""findscu: what a peer knows of patients, studies or the worklist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from dcmtk_native._core.network import Operation
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.groups import LogLevelOption
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
    PortOption,
    Repeat,
    SocketTimeout,
)
from dcmtk_native._runtime.groups_parse import DataCorrection
from dcmtk_native._runtime.groups_write import (
    DEFAULT_COMPRESSION_LEVEL,
    CompressionLevel,
    EnableNewVr,
)
from dcmtk_native._runtime.options import Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import tool
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.extraction import (
    Extraction,
    ResponseEncoding,
    corrected,
)
from dcmtk_native.network.folders import existing_folder
from dcmtk_native.network.peer import Peer, PresentationContext, check_status
from dcmtk_native.network.query import (
    begin_query,
    dataset_of,
    identifier_encoding,
    identifiers,
    put_query_level,
)
from dcmtk_native.network.query_options import (
    AutoLevel,
    CancelAfter,
    ProposeOption,
    QueryFiles,
    QueryKeys,
)
from dcmtk_native.network.responses import Answer, next_answer
from dcmtk_native.network.services import FIND_CLASSES, CommandField, QueryModel
from dcmtk_native.network.syntaxes import proposed_syntaxes
from dcmtk_native.network.tls import TlsOption
from dcmtk_native.types import StrPath

__all__ = ["FindscuResult", "findscu"]

OnResponse = Annotated[
    Callable[[int, DicomDataset], object] | None,
    Opt(help="called with the number of each response, from 1, and its data set"),
]
ExtractFormat = Annotated[
    Literal["dicom", "xml", "xml-single"],
    Opt(
        help="with extract: a DICOM or XML file for each response, or one responses.xml",
        flags={"dicom": "-X", "xml": "-Xx", "xml-single": "-Xs"},
    ),
]


@dataclass(frozen=True, slots=True)
class FindscuResult:
    """What the peer has found.

    Attributes:
        success: it has answered everything; `False` after it was asked to stop.
        stderr: always empty: what there is to log goes to the logger `dcmtk_native.network`.
        responses: the matches, in order.
        status: of the last response.
        files: what `extract` has written.
    """

    success: bool
    stderr: str
    responses: tuple[DicomDataset, ...]
    status: int
    files: tuple[str, ...]


@dataclass(slots=True)
class _Collector:
    """Takes responses, which are numbered through all requests of a call."""

    cancel_after: int | None
    extraction: Extraction | None
    encoding: ResponseEncoding
    on_response: Callable[[int, DicomDataset], object] | None
    responses: list[DicomDataset] = field(default_factory=list)
    status: int = 0

    def collect(self, operation: Operation) -> None:
        """All responses to one request."""
        while (answer := next_answer(operation)) is not None:
            if operation.is_finished:
                check_status("findscu", answer.response)
                self.status = answer.response.status
                return
            self._take(answer)
            if len(self.responses) == self.cancel_after:
                operation.cancel()

    def _take(self, answer: Answer) -> None:
        content, syntax = answer.content or b"", answer.transfer_syntax
        if self.extraction is not None:
            self.extraction.write(len(self.responses) + 1, content, syntax)
        dataset = answer.response.dataset or DicomDataset({})
        if self.encoding.data_correction:
            dataset = dataset_of(corrected(content, syntax, self.encoding), syntax)
        self.responses.append(dataset)
        if self.on_response is not None:
            self.on_response(len(self.responses), dataset)

    def result(self) -> FindscuResult:
        """What there is, once every request is answered."""
        if self.extraction is not None:
            self.extraction.close()
        files = () if self.extraction is None else tuple(self.extraction.files)
        return FindscuResult(self.status == 0, "", tuple(self.responses), self.status, files)


def _extraction(
    extract: bool,
    folder: str | None,
    form: str,
    limit: int | None,
    encoding: ResponseEncoding,
) -> Extraction | None:
    """Where responses are written, if they are.

    Errors:
        OptionsError: raised for options that mean nothing without `extract`.
        NotADirectoryError: raised if there is no such folder.
    """
    if extract:
        return Extraction(existing_folder(folder), form, limit, encoding)
    given = {"output_directory": folder, "extract_limit": limit}
    if form != "dicom":
        given["extract_format"] = form
    for name, value in given.items():
        if value is not None:
            rule = f"{name}={value!r}: only with extract=True"
            raise OptionsError(f"findscu: invalid options: {rule}", tool="findscu")
    return None


@tool
def findscu(
    *,
    host: Host,
    port: PortOption,
    calling_ae_title: CallingAETitle = None,
    called_ae_title: CalledAETitle = None,
    query_model: Annotated[
        QueryModel | Literal["worklist", "patient", "study", "psonly"] | None,
        Opt(
            help="information model; default: worklist",
            flags={"worklist": "-W", "patient": "-P", "study": "-S", "psonly": "-O"},
        ),
    ] = None,
    keys: QueryKeys = (),
    extract: Annotated[bool, Opt(help="write the responses to files")] = False,
    output_directory: Annotated[
        StrPath | None,
        Opt("-od", "with extract: existing folder for the files; default: the current one"),
    ] = None,
    query_files: QueryFiles = (),
    propose: ProposeOption = "uncompressed",
    enable_new_vr: EnableNewVr = True,
    compression_level: CompressionLevel = DEFAULT_COMPRESSION_LEVEL,
    cancel_after: CancelAfter = None,
    data_correction: DataCorrection = False,
    extract_format: ExtractFormat = "dicom",
    extract_limit: Annotated[
        int | None, Opt("-Xlo", "with extract: write no more responses than these", lo=1)
    ] = None,
    on_response: OnResponse = None,
    auto_level: AutoLevel = True,
    connection_timeout: ConnectionTimeout = None,
    socket_timeout: SocketTimeout = DEFAULT_SOCKET_TIMEOUT,
    acse_timeout: AcseTimeout = DEFAULT_ACSE_TIMEOUT,
    dimse_timeout: DimseTimeout = None,
    max_pdu: MaxPdu = DEFAULT_MAX_PDU,
    tls: TlsOption = None,
    repeat: Repeat = 1,
    abort_association: AbortAssociation = False,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
    signal: SignalOption = None,
) -> FindscuResult:
    """What the peer finds for the keys (C-FIND, PS3.4 annexes C and K).

    A key is `gggg,eeee=value`, `(gggg,eeee)=value`, `Keyword=value`, or a path through sequences
    (`ScheduledProcedureStepSequence[0].Modality=CT`; item 0 if there is no number). Without a value
    it asks for the element. Archives want a Query/Retrieve Level; see `auto_level`.

    Errors:
        OptionsError: an option is out of its rules; a key is malformed or unknown.
        DicomFileError, DicomFormatError: a query file cannot be read, a response not be written.
        AssociationError: no connection, rejected, aborted, or the model is not accepted.
        DimseError: the peer answered with a failure status.

    Example:
        >>> result = findscu(host="127.0.0.1", port=1, query_model="study", keys=["PatientID=7"])
        >>> print(result.value.responses if result.ok else type(result.error).__name__)
        AssociationError
    """
    model = QueryModel(query_model or QueryModel.WORKLIST)
    encoding = identifier_encoding("findscu", propose, enable_new_vr, compression_level)
    responses = ResponseEncoding(data_correction, enable_new_vr)
    folder = None if output_directory is None else str(output_directory)
    extraction = _extraction(extract, folder, extract_format, extract_limit, responses)
    drafts = identifiers("findscu", keys, query_files)
    if auto_level:
        for draft in drafts:
            put_query_level(draft, model)
    peer = Peer(
        host=host,
        port=port,
        calling_ae_title=calling_ae_title or "FINDSCU",
        called_ae_title=called_ae_title,
        connection_timeout=connection_timeout,
        socket_timeout=socket_timeout,
        acse_timeout=acse_timeout,
        dimse_timeout=dimse_timeout,
        max_pdu=max_pdu,
        tls=tls,
    )
    sop_class = FIND_CLASSES[model]
    context = PresentationContext(sop_class, proposed_syntaxes(propose))
    collector = _Collector(cancel_after, extraction, responses, guarded(on_response))
    with peer.associated([context], abort=abort_association) as association:
        for draft in drafts:
            for _ in range(repeat):
                collector.collect(
                    begin_query(
                        association, CommandField.C_FIND, sop_class, draft, encoding=encoding
                    )
                )
    return collector.result()
