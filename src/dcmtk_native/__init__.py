"""DCMTK inside the Python process: its tools as functions, its files as objects.

Every tool returns a `Result`:

    >>> from dcmtk_native import Err, Ok, dcmftest
    >>> match dcmftest(b"no DICOM file"):
    ...     case Ok(value):
    ...         print(value.is_dicom)
    ...     case Err(error):
    ...         print("failed:", error.message)
    False

`dcmtk_native.aio` has the same names for asyncio; `tools`, `servers`, `dicom` and `utils` hold them
in groups.
"""

# A module is loaded when one of its names is first used: a program that needs one tool does not
# wait for fifty. `typing` alone would cost more than all of this; checkers know the name.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from dcmtk_native import aio as aio
    from dcmtk_native.dicom import *  # noqa: F403 (its names, nothing else)
    from dcmtk_native.servers import *  # noqa: F403
    from dcmtk_native.tools import *  # noqa: F403
    from dcmtk_native.utils import *  # noqa: F403

    __version__: str
else:
    import sys
    from types import ModuleType

    _NAMES_OF_MODULES = {
        "_runtime.abort": "AbortController AbortSignal",
        "_runtime.groups": "LogLevel ReadMode ReadXfer WriteXfer",
        "_runtime.groups_pixels": "ColorConversion",
        "_runtime.window": "Window",
        "batch": "BatchResult batch",
        "codec.dcmcjpeg": "DcmcjpegResult dcmcjpeg",
        "codec.dcmcjpls": "DcmcjplsResult dcmcjpls",
        "codec.dcmcrle": "DcmcrleResult dcmcrle",
        "codec.dcmdjpeg": "DcmdjpegResult dcmdjpeg",
        "codec.dcmdjpls": "DcmdjplsResult JplsColorConversion dcmdjpls",
        "codec.dcmdrle": "DcmdrleResult dcmdrle",
        "codec.pixels": "FrameSpan PixelData read_pixels",
        "constants": (
            "DEFAULT_BLOCK_TIMEOUT_MS DEFAULT_DICOM_PORT DEFAULT_DRAIN_TIMEOUT_MS"
            " DEFAULT_START_TIMEOUT_MS DEFAULT_TIMEOUT_MS MAX_BLOCK_LINES"
            " MAX_CHANGESET_OPERATIONS MAX_EVENT_PATTERNS MAX_TRAVERSAL_DEPTH PDU_SIZE"
            " REQUIRED_BINARIES UNIX_SEARCH_PATHS WINDOWS_SEARCH_PATHS"
        ),
        "convert.dump2dcm": "Dump2dcmResult dump2dcm",
        "convert.json2dcm": "Json2dcmResult json2dcm",
        "convert.xml2dcm": "Xml2dcmResult xml2dcm",
        "convert.xml_to_json": "xml_to_json",
        "data.changes": "ChangeSet TagModification",
        "data.conv": "DcmconvResult TransferSyntax dcmconv",
        "data.dataset": "DicomDataset",
        "data.dictionary": (
            "DictionaryEntry TagLookup lookup_tag lookup_tag_by_keyword lookup_tag_by_name"
        ),
        "data.dump": "DcmdumpFormat DcmdumpResult dcmdump",
        "data.file": "DicomFile",
        "data.ftest": "DcmftestResult dcmftest",
        "data.json": "Dcm2jsonResult Dcm2jsonSource dcm2json",
        "data.model": "DicomJsonElement DicomJsonModel",
        "data.modify": "DcmodifyResult dcmodify",
        "data.sop_classes": "SOP_CLASSES sop_class_name_from_uid",
        "data.tags": "TagSegment segments_to_modify_path segments_to_string tag_path_to_segments",
        "data.vr": (
            "VR VRCategoryName VRMetadata VR_CATEGORY VR_CATEGORY_NAME VR_META"
            " get_vr_category is_binary_vr is_numeric_vr is_string_vr is_valid_vr"
        ),
        "data.xml": "Dcm2xmlCharset Dcm2xmlResult dcm2xml",
        "discovery": "DcmtkInfo clear_dcmtk_path_cache dcmtk_info find_dcmtk_path",
        "errors": (
            "AssociationError CodecError DcmtkError Diagnostic DicomFileError"
            " DicomFormatError DimseError InternalError LimitExceededError"
            " OperationAbortedError OperationTimeoutError OptionsError ToolError"
            " UnsupportedError"
        ),
        "image.display": (
            "apply_modality_lut apply_presentation_lut apply_voi apply_voi_lut apply_windowing"
        ),
        "image.overlay": "Overlay burn_overlays overlays",
        "image.palette": "apply_color_lut",
        "image.rendering": "to_display",
        "image.writing": "FromArrayResult from_array",
        "limits": "Limits",
        "result": "Err Ok Result assert_unreachable err is_err is_ok map_result ok unwrap",
        "retry": "retry",
        "network.association": "Association EchoResponse",
        "network.echoscu": "EchoscuResult echoscu",
        "network.commitment": "request_storage_commitment",
        "network.dcmsend": "DcmsendResult dcmsend",
        "network.findscu": "FindscuResult findscu",
        "network.getscu": "GetQueryModel GetscuResult getscu",
        "network.termscu": "TermscuResult termscu",
        "network.movescu": "MoveQueryModel MovescuResult movescu",
        "network.queries": "ImageFilter QueryLevel SeriesFilter StudyFilter WorklistFilter",
        "network.pacs": "PacsClient",
        "network.pacs_results": (
            "PacsEchoResult PacsQueryResult PacsRetrieveResult PacsStoreResult RetrieveMode"
        ),
        "network.identity": "UserIdentity",
        "network.peer": "PresentationContext",
        "network.responses": "Matches Retrieval",
        "network.results": "DimseResponse ReceivedObject StoreOutcome SubOperations",
        "network.services": "Priority QueryModel StatusCategory",
        "network.tls": (
            "CrlCheck PeerAuthentication TlsConfig TlsKeyFormat TlsProfile list_tls_ciphers"
        ),
        "network.storescu": "StorescuResult storescu",
        "network.transaction": "CommitmentFailure StorageCommitment",
        "scan.read_tags": "read_tags",
        "scan.result": "ScanError ScanResult",
        "scan.scanning": "iter_batches scan",
        "scan.series": "Series series",
        "servers.admission": "AllowedPeer PeerRight",
        "servers.answers": "DimseStatus Reject",
        "servers.dcmrecv": "Dcmrecv",
        "servers.dicom_server": "DicomServer",
        "servers.dispatch": "ServerEvent",
        "servers.events": (
            "DCMRECV_FATAL_EVENTS DcmrecvEvent DicomServerEvent STORESCP_FATAL_EVENTS StorescpEvent"
        ),
        "servers.lifecycle": "LineSource ProcessLine ProcessState ServerErrorData StoppedData",
        "servers.options": "FilenameMode PreferredTransferSyntax StorageMode SubdirectoryMode",
        "servers.payloads": (
            "AssociationAcknowledgedData AssociationEventData AssociationReceivedData"
            " CStoreRequestData CannotStartListenerData RefusingAssociationData StoredFileData"
            " StoringFileData StudyCompleteData SubdirectoryCreatedData"
        ),
        "servers.process": "DcmtkProcess",
        "servers.requests": (
            "AssociationRequest CallingPeer EchoRequest FindRequest GetRequest MoveRequest"
            " NormalizedRequest StoreRequest"
        ),
        "servers.storescp": "StoreSCP StoreSCPPreset",
        "types": (
            "AETitle DicomFilePath DicomTag DicomTagPath Port SOPClassUID TransferSyntaxUID"
            " create_ae_title create_dicom_file_path create_dicom_tag create_dicom_tag_path"
            " create_port create_sop_class_uid create_transfer_syntax_uid parse_ae_title"
            " parse_dicom_file_path parse_dicom_tag parse_dicom_tag_path parse_port"
            " parse_sop_class_uid parse_transfer_syntax_uid"
        ),
    }
    _MODULE_OF_NAME = {
        name: f"{__name__}.{module}"
        for module, names in _NAMES_OF_MODULES.items()
        for name in names.split()
    }
    __all__ = list(_MODULE_OF_NAME)
    __all__ += ["aio"]

    def __getattr__(name):
        from importlib import import_module

        if name == "aio":
            return import_module(f"{__name__}.aio")
        if name == "__version__":
            return import_module(f"{__name__}._core").runtime.version
        if name not in _MODULE_OF_NAME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULE_OF_NAME[name]), name)
        setattr(sys.modules[__name__], name, value)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})

    class _Package(ModuleType):
        """Here `batch`, `retry` and `scan` are functions, though the import binds their modules."""

        def __setattr__(self, name, value):
            if name in _MODULE_OF_NAME and isinstance(value, ModuleType):
                value = getattr(value, name)
            super().__setattr__(name, value)

    sys.modules[__name__].__class__ = _Package
