"""The awaitable form of every name that does I/O, and all other names as they are.

    >>> import asyncio
    >>> from dcmtk_native import aio
    >>> asyncio.run(aio.dcmftest(b"no DICOM file"))
    Ok(value=DcmftestResult(is_dicom=False))

A call runs in a thread, so the event loop is never blocked. Cancelling the awaiting task aborts it.
"""

from dcmtk_native._runtime.abort import AbortController, AbortSignal
from dcmtk_native._runtime.groups import LogLevel, ReadMode, ReadXfer, WriteXfer
from dcmtk_native._runtime.groups_pixels import ColorConversion
from dcmtk_native._runtime.window import Window
from dcmtk_native.aio.association import Association, Matches, Retrieval
from dcmtk_native.aio.batch import batch
from dcmtk_native.aio.codec import dcmcjpeg, dcmcjpls, dcmcrle, dcmdjpeg, dcmdjpls, dcmdrle
from dcmtk_native.aio.convert import dump2dcm, json2dcm, xml2dcm
from dcmtk_native.aio.data import dcm2json, dcm2xml, dcmconv, dcmdump, dcmftest, dcmodify
from dcmtk_native.aio.file import DicomFile
from dcmtk_native.aio.image import from_array
from dcmtk_native.aio.network import (
    dcmsend,
    echoscu,
    findscu,
    getscu,
    movescu,
    request_storage_commitment,
    storescu,
    termscu,
)
from dcmtk_native.aio.pacs import PacsClient
from dcmtk_native.aio.pixels import PixelData, read_pixels
from dcmtk_native.aio.retry import retry
from dcmtk_native.aio.scan import iter_batches, read_tags, scan, series
from dcmtk_native.aio.servers import Dcmrecv, DcmtkProcess, DicomServer, StoreSCP
from dcmtk_native.batch import BatchResult
from dcmtk_native.codec.dcmcjpeg import DcmcjpegResult
from dcmtk_native.codec.dcmcjpls import DcmcjplsResult
from dcmtk_native.codec.dcmcrle import DcmcrleResult
from dcmtk_native.codec.dcmdjpeg import DcmdjpegResult
from dcmtk_native.codec.dcmdjpls import DcmdjplsResult, JplsColorConversion
from dcmtk_native.codec.dcmdrle import DcmdrleResult
from dcmtk_native.codec.pixels import FrameSpan
from dcmtk_native.constants import (
    DEFAULT_BLOCK_TIMEOUT_MS,
    DEFAULT_DICOM_PORT,
    DEFAULT_DRAIN_TIMEOUT_MS,
    DEFAULT_START_TIMEOUT_MS,
    DEFAULT_TIMEOUT_MS,
    MAX_BLOCK_LINES,
    MAX_CHANGESET_OPERATIONS,
    MAX_EVENT_PATTERNS,
    MAX_TRAVERSAL_DEPTH,
    PDU_SIZE,
    REQUIRED_BINARIES,
    UNIX_SEARCH_PATHS,
    WINDOWS_SEARCH_PATHS,
)
from dcmtk_native.convert.dump2dcm import Dump2dcmResult
from dcmtk_native.convert.json2dcm import Json2dcmResult
from dcmtk_native.convert.xml2dcm import Xml2dcmResult
from dcmtk_native.convert.xml_to_json import xml_to_json
from dcmtk_native.data.changes import ChangeSet, TagModification
from dcmtk_native.data.conv import DcmconvResult, TransferSyntax
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.dictionary import (
    DictionaryEntry,
    TagLookup,
    lookup_tag,
    lookup_tag_by_keyword,
    lookup_tag_by_name,
)
from dcmtk_native.data.dump import DcmdumpFormat, DcmdumpResult
from dcmtk_native.data.ftest import DcmftestResult
from dcmtk_native.data.json import Dcm2jsonResult, Dcm2jsonSource
from dcmtk_native.data.model import DicomJsonElement, DicomJsonModel
from dcmtk_native.data.modify import DcmodifyResult
from dcmtk_native.data.sop_classes import SOP_CLASSES, sop_class_name_from_uid
from dcmtk_native.data.tags import (
    TagSegment,
    segments_to_modify_path,
    segments_to_string,
    tag_path_to_segments,
)
from dcmtk_native.data.vr import (
    VR,
    VR_CATEGORY,
    VR_CATEGORY_NAME,
    VR_META,
    VRCategoryName,
    VRMetadata,
    get_vr_category,
    is_binary_vr,
    is_numeric_vr,
    is_string_vr,
    is_valid_vr,
)
from dcmtk_native.data.xml import Dcm2xmlCharset, Dcm2xmlResult
from dcmtk_native.discovery import DcmtkInfo, clear_dcmtk_path_cache, dcmtk_info, find_dcmtk_path
from dcmtk_native.errors import (
    AssociationError,
    CodecError,
    DcmtkError,
    Diagnostic,
    DicomFileError,
    DicomFormatError,
    DimseError,
    InternalError,
    LimitExceededError,
    OperationAbortedError,
    OperationTimeoutError,
    OptionsError,
    ToolError,
    UnsupportedError,
)
from dcmtk_native.image.display import (
    apply_modality_lut,
    apply_presentation_lut,
    apply_voi,
    apply_voi_lut,
    apply_windowing,
)
from dcmtk_native.image.overlay import Overlay, burn_overlays, overlays
from dcmtk_native.image.palette import apply_color_lut
from dcmtk_native.image.rendering import to_display
from dcmtk_native.image.writing import FromArrayResult
from dcmtk_native.limits import Limits
from dcmtk_native.network.association import EchoResponse
from dcmtk_native.network.dcmsend import DcmsendResult
from dcmtk_native.network.echoscu import EchoscuResult
from dcmtk_native.network.findscu import FindscuResult
from dcmtk_native.network.getscu import GetQueryModel, GetscuResult
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.movescu import MoveQueryModel, MovescuResult
from dcmtk_native.network.pacs_results import (
    PacsEchoResult,
    PacsQueryResult,
    PacsRetrieveResult,
    PacsStoreResult,
    RetrieveMode,
)
from dcmtk_native.network.peer import PresentationContext
from dcmtk_native.network.queries import (
    ImageFilter,
    QueryLevel,
    SeriesFilter,
    StudyFilter,
    WorklistFilter,
)
from dcmtk_native.network.results import (
    DimseResponse,
    ReceivedObject,
    StoreOutcome,
    SubOperations,
)
from dcmtk_native.network.services import Priority, QueryModel, StatusCategory
from dcmtk_native.network.storescu import StorescuResult
from dcmtk_native.network.termscu import TermscuResult
from dcmtk_native.network.tls import (
    CrlCheck,
    PeerAuthentication,
    TlsConfig,
    TlsKeyFormat,
    TlsProfile,
    list_tls_ciphers,
)
from dcmtk_native.network.transaction import CommitmentFailure, StorageCommitment
from dcmtk_native.result import (
    Err,
    Ok,
    Result,
    assert_unreachable,
    err,
    is_err,
    is_ok,
    map_result,
    ok,
    unwrap,
)
from dcmtk_native.scan.result import ScanError, ScanResult
from dcmtk_native.scan.series import Series
from dcmtk_native.servers import (
    DCMRECV_FATAL_EVENTS,
    STORESCP_FATAL_EVENTS,
    AllowedPeer,
    AssociationAcknowledgedData,
    AssociationEventData,
    AssociationReceivedData,
    AssociationRequest,
    CallingPeer,
    CannotStartListenerData,
    CStoreRequestData,
    DcmrecvEvent,
    DicomServerEvent,
    DimseStatus,
    EchoRequest,
    FilenameMode,
    FindRequest,
    GetRequest,
    LineSource,
    MoveRequest,
    NormalizedRequest,
    PeerRight,
    PreferredTransferSyntax,
    ProcessLine,
    ProcessState,
    RefusingAssociationData,
    Reject,
    ServerErrorData,
    ServerEvent,
    StoppedData,
    StorageMode,
    StoredFileData,
    StoreRequest,
    StorescpEvent,
    StoreSCPPreset,
    StoringFileData,
    StudyCompleteData,
    SubdirectoryCreatedData,
    SubdirectoryMode,
)
from dcmtk_native.types import (
    AETitle,
    DicomFilePath,
    DicomTag,
    DicomTagPath,
    Port,
    SOPClassUID,
    TransferSyntaxUID,
    create_ae_title,
    create_dicom_file_path,
    create_dicom_tag,
    create_dicom_tag_path,
    create_port,
    create_sop_class_uid,
    create_transfer_syntax_uid,
    parse_ae_title,
    parse_dicom_file_path,
    parse_dicom_tag,
    parse_dicom_tag_path,
    parse_port,
    parse_sop_class_uid,
    parse_transfer_syntax_uid,
)

__all__ = [
    "DCMRECV_FATAL_EVENTS",
    "DEFAULT_BLOCK_TIMEOUT_MS",
    "DEFAULT_DICOM_PORT",
    "DEFAULT_DRAIN_TIMEOUT_MS",
    "DEFAULT_START_TIMEOUT_MS",
    "DEFAULT_TIMEOUT_MS",
    "MAX_BLOCK_LINES",
    "MAX_CHANGESET_OPERATIONS",
    "MAX_EVENT_PATTERNS",
    "MAX_TRAVERSAL_DEPTH",
    "PDU_SIZE",
    "REQUIRED_BINARIES",
    "SOP_CLASSES",
    "STORESCP_FATAL_EVENTS",
    "UNIX_SEARCH_PATHS",
    "VR",
    "VR_CATEGORY",
    "VR_CATEGORY_NAME",
    "VR_META",
    "WINDOWS_SEARCH_PATHS",
    "AETitle",
    "AbortController",
    "AbortSignal",
    "AllowedPeer",
    "Association",
    "AssociationAcknowledgedData",
    "AssociationError",
    "AssociationEventData",
    "AssociationReceivedData",
    "AssociationRequest",
    "BatchResult",
    "CStoreRequestData",
    "CallingPeer",
    "CannotStartListenerData",
    "ChangeSet",
    "CodecError",
    "ColorConversion",
    "CommitmentFailure",
    "CrlCheck",
    "Dcm2jsonResult",
    "Dcm2jsonSource",
    "Dcm2xmlCharset",
    "Dcm2xmlResult",
    "DcmcjpegResult",
    "DcmcjplsResult",
    "DcmconvResult",
    "DcmcrleResult",
    "DcmdjpegResult",
    "DcmdjplsResult",
    "DcmdrleResult",
    "DcmdumpFormat",
    "DcmdumpResult",
    "DcmftestResult",
    "DcmodifyResult",
    "Dcmrecv",
    "DcmrecvEvent",
    "DcmsendResult",
    "DcmtkError",
    "DcmtkInfo",
    "DcmtkProcess",
    "Diagnostic",
    "DicomDataset",
    "DicomFile",
    "DicomFileError",
    "DicomFilePath",
    "DicomFormatError",
    "DicomJsonElement",
    "DicomJsonModel",
    "DicomServer",
    "DicomServerEvent",
    "DicomTag",
    "DicomTagPath",
    "DictionaryEntry",
    "DimseError",
    "DimseResponse",
    "DimseStatus",
    "Dump2dcmResult",
    "EchoRequest",
    "EchoResponse",
    "EchoscuResult",
    "Err",
    "FilenameMode",
    "FindRequest",
    "FindscuResult",
    "FrameSpan",
    "FromArrayResult",
    "GetQueryModel",
    "GetRequest",
    "GetscuResult",
    "ImageFilter",
    "InternalError",
    "JplsColorConversion",
    "Json2dcmResult",
    "LimitExceededError",
    "Limits",
    "LineSource",
    "LogLevel",
    "Matches",
    "MoveQueryModel",
    "MoveRequest",
    "MovescuResult",
    "NormalizedRequest",
    "Ok",
    "OperationAbortedError",
    "OperationTimeoutError",
    "OptionsError",
    "Overlay",
    "PacsClient",
    "PacsEchoResult",
    "PacsQueryResult",
    "PacsRetrieveResult",
    "PacsStoreResult",
    "PeerAuthentication",
    "PeerRight",
    "PixelData",
    "Port",
    "PreferredTransferSyntax",
    "PresentationContext",
    "Priority",
    "ProcessLine",
    "ProcessState",
    "QueryLevel",
    "QueryModel",
    "ReadMode",
    "ReadXfer",
    "ReceivedObject",
    "RefusingAssociationData",
    "Reject",
    "Result",
    "Retrieval",
    "RetrieveMode",
    "SOPClassUID",
    "ScanError",
    "ScanResult",
    "Series",
    "SeriesFilter",
    "ServerErrorData",
    "ServerEvent",
    "StatusCategory",
    "StoppedData",
    "StorageCommitment",
    "StorageMode",
    "StoreOutcome",
    "StoreRequest",
    "StoreSCP",
    "StoreSCPPreset",
    "StoredFileData",
    "StorescpEvent",
    "StorescuResult",
    "StoringFileData",
    "StudyCompleteData",
    "StudyFilter",
    "SubOperations",
    "SubdirectoryCreatedData",
    "SubdirectoryMode",
    "TagLookup",
    "TagModification",
    "TagSegment",
    "TermscuResult",
    "TlsConfig",
    "TlsKeyFormat",
    "TlsProfile",
    "ToolError",
    "TransferSyntax",
    "TransferSyntaxUID",
    "UnsupportedError",
    "UserIdentity",
    "VRCategoryName",
    "VRMetadata",
    "Window",
    "WorklistFilter",
    "WriteXfer",
    "Xml2dcmResult",
    "apply_color_lut",
    "apply_modality_lut",
    "apply_presentation_lut",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "assert_unreachable",
    "batch",
    "burn_overlays",
    "clear_dcmtk_path_cache",
    "create_ae_title",
    "create_dicom_file_path",
    "create_dicom_tag",
    "create_dicom_tag_path",
    "create_port",
    "create_sop_class_uid",
    "create_transfer_syntax_uid",
    "dcm2json",
    "dcm2xml",
    "dcmcjpeg",
    "dcmcjpls",
    "dcmconv",
    "dcmcrle",
    "dcmdjpeg",
    "dcmdjpls",
    "dcmdrle",
    "dcmdump",
    "dcmftest",
    "dcmodify",
    "dcmsend",
    "dcmtk_info",
    "dump2dcm",
    "echoscu",
    "err",
    "find_dcmtk_path",
    "findscu",
    "from_array",
    "get_vr_category",
    "getscu",
    "is_binary_vr",
    "is_err",
    "is_numeric_vr",
    "is_ok",
    "is_string_vr",
    "is_valid_vr",
    "iter_batches",
    "json2dcm",
    "list_tls_ciphers",
    "lookup_tag",
    "lookup_tag_by_keyword",
    "lookup_tag_by_name",
    "map_result",
    "movescu",
    "ok",
    "overlays",
    "parse_ae_title",
    "parse_dicom_file_path",
    "parse_dicom_tag",
    "parse_dicom_tag_path",
    "parse_port",
    "parse_sop_class_uid",
    "parse_transfer_syntax_uid",
    "read_pixels",
    "read_tags",
    "request_storage_commitment",
    "retry",
    "scan",
    "segments_to_modify_path",
    "segments_to_string",
    "series",
    "sop_class_name_from_uid",
    "storescu",
    "tag_path_to_segments",
    "termscu",
    "to_display",
    "unwrap",
    "xml2dcm",
    "xml_to_json",
]
