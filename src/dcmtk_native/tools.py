"""Every tool, with the result that it returns and the words that its options take."""

from dcmtk_native._runtime.groups import LogLevel, ReadMode, ReadXfer, WriteXfer
from dcmtk_native._runtime.groups_pixels import ColorConversion
from dcmtk_native._runtime.window import Window
from dcmtk_native.codec.dcmcjpeg import DcmcjpegResult, dcmcjpeg
from dcmtk_native.codec.dcmcjpls import DcmcjplsResult, dcmcjpls
from dcmtk_native.codec.dcmcrle import DcmcrleResult, dcmcrle
from dcmtk_native.codec.dcmdjpeg import DcmdjpegResult, dcmdjpeg
from dcmtk_native.codec.dcmdjpls import DcmdjplsResult, JplsColorConversion, dcmdjpls
from dcmtk_native.codec.dcmdrle import DcmdrleResult, dcmdrle
from dcmtk_native.codec.pixels import FrameSpan, PixelData, read_pixels
from dcmtk_native.convert.dump2dcm import Dump2dcmResult, dump2dcm
from dcmtk_native.convert.json2dcm import Json2dcmResult, json2dcm
from dcmtk_native.convert.xml2dcm import Xml2dcmResult, xml2dcm
from dcmtk_native.data.changes import TagModification
from dcmtk_native.data.conv import DcmconvResult, TransferSyntax, dcmconv
from dcmtk_native.data.dump import DcmdumpFormat, DcmdumpResult, dcmdump
from dcmtk_native.data.ftest import DcmftestResult, dcmftest
from dcmtk_native.data.json import Dcm2jsonResult, Dcm2jsonSource, dcm2json
from dcmtk_native.data.modify import DcmodifyResult, dcmodify
from dcmtk_native.data.xml import Dcm2xmlCharset, Dcm2xmlResult, dcm2xml
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
from dcmtk_native.image.writing import FromArrayResult, from_array
from dcmtk_native.network.association import Association, EchoResponse
from dcmtk_native.network.commitment import request_storage_commitment
from dcmtk_native.network.dcmsend import DcmsendResult, dcmsend
from dcmtk_native.network.echoscu import EchoscuResult, echoscu
from dcmtk_native.network.findscu import FindscuResult, findscu
from dcmtk_native.network.getscu import GetQueryModel, GetscuResult, getscu
from dcmtk_native.network.identity import UserIdentity
from dcmtk_native.network.movescu import MoveQueryModel, MovescuResult, movescu
from dcmtk_native.network.pacs import PacsClient
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
from dcmtk_native.network.responses import Matches, Retrieval
from dcmtk_native.network.results import (
    DimseResponse,
    ReceivedObject,
    StoreOutcome,
    SubOperations,
)
from dcmtk_native.network.services import Priority, QueryModel, StatusCategory
from dcmtk_native.network.storescu import StorescuResult, storescu
from dcmtk_native.network.termscu import TermscuResult, termscu
from dcmtk_native.network.tls import (
    CrlCheck,
    PeerAuthentication,
    TlsConfig,
    TlsKeyFormat,
    TlsProfile,
    list_tls_ciphers,
)
from dcmtk_native.network.transaction import CommitmentFailure, StorageCommitment
from dcmtk_native.scan.read_tags import read_tags
from dcmtk_native.scan.result import ScanError, ScanResult
from dcmtk_native.scan.scanning import iter_batches, scan
from dcmtk_native.scan.series import Series, series

__all__ = [
    "Association",
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
    "DcmsendResult",
    "DimseResponse",
    "Dump2dcmResult",
    "EchoResponse",
    "EchoscuResult",
    "FindscuResult",
    "FrameSpan",
    "FromArrayResult",
    "GetQueryModel",
    "GetscuResult",
    "ImageFilter",
    "JplsColorConversion",
    "Json2dcmResult",
    "LogLevel",
    "Matches",
    "MoveQueryModel",
    "MovescuResult",
    "Overlay",
    "PacsClient",
    "PacsEchoResult",
    "PacsQueryResult",
    "PacsRetrieveResult",
    "PacsStoreResult",
    "PeerAuthentication",
    "PixelData",
    "PresentationContext",
    "Priority",
    "QueryLevel",
    "QueryModel",
    "ReadMode",
    "ReadXfer",
    "ReceivedObject",
    "Retrieval",
    "RetrieveMode",
    "ScanError",
    "ScanResult",
    "Series",
    "SeriesFilter",
    "StatusCategory",
    "StorageCommitment",
    "StoreOutcome",
    "StorescuResult",
    "StudyFilter",
    "SubOperations",
    "TagModification",
    "TermscuResult",
    "TlsConfig",
    "TlsKeyFormat",
    "TlsProfile",
    "TransferSyntax",
    "UserIdentity",
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
    "burn_overlays",
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
    "dump2dcm",
    "echoscu",
    "findscu",
    "from_array",
    "getscu",
    "iter_batches",
    "json2dcm",
    "list_tls_ciphers",
    "movescu",
    "overlays",
    "read_pixels",
    "read_tags",
    "request_storage_commitment",
    "scan",
    "series",
    "storescu",
    "termscu",
    "to_display",
    "xml2dcm",
]
