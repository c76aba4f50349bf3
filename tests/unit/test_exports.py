"""The import surface: every name that must be there is, and none is a stub."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import types
from typing import Any

import pytest

import dcmtk_native
from dcmtk_native import dicom, servers, tools, utils


def names(text: str) -> list[str]:
    return text.split()


TOOLS = names(
    "dcm2json dcm2xml dcmcjpeg dcmcjpls dcmconv dcmcrle dcmdjpeg dcmdjpls dcmdrle dcmdump dcmftest"
    " dcmodify dcmsend dump2dcm echoscu findscu getscu json2dcm movescu storescu termscu xml2dcm"
)

RESULTS = names(
    "Dcm2jsonResult Dcm2xmlResult DcmcjpegResult DcmcjplsResult DcmconvResult DcmcrleResult"
    " DcmdjpegResult DcmdjplsResult DcmdrleResult DcmdumpResult DcmftestResult DcmodifyResult"
    " DcmsendResult Dump2dcmResult EchoscuResult FindscuResult GetscuResult Json2dcmResult"
    " MovescuResult StorescuResult TermscuResult Xml2dcmResult"
)

WORDS_OF_OPTIONS = names(
    "ColorConversion Dcm2jsonSource Dcm2xmlCharset DcmdumpFormat JplsColorConversion LogLevel"
    " ReadMode ReadXfer TagModification TransferSyntax Window WriteXfer"
)

PIXELS = names("PixelData read_pixels FrameSpan")

SCAN = names("scan iter_batches read_tags series ScanError ScanResult Series")

NETWORK = names(
    "Association CommitmentFailure CrlCheck DimseResponse EchoResponse GetQueryModel Matches"
    " MoveQueryModel PeerAuthentication PresentationContext Priority QueryModel"
    " ImageFilter PacsClient PacsEchoResult PacsQueryResult PacsRetrieveResult PacsStoreResult"
    " QueryLevel RetrieveMode SeriesFilter StudyFilter WorklistFilter"
    " StorageCommitment TlsConfig TlsKeyFormat TlsProfile"
    " list_tls_ciphers request_storage_commitment"
    " ReceivedObject Retrieval StatusCategory StoreOutcome SubOperations UserIdentity"
)

IMAGE = names(
    "apply_color_lut apply_modality_lut apply_presentation_lut apply_voi apply_voi_lut"
    " apply_windowing burn_overlays from_array overlays to_display FromArrayResult Overlay"
)

DICOM = names(
    "VR VRCategoryName VRMetadata VR_CATEGORY VR_CATEGORY_NAME VR_META get_vr_category"
    " is_binary_vr is_numeric_vr is_string_vr is_valid_vr"
    " DictionaryEntry TagLookup lookup_tag lookup_tag_by_keyword lookup_tag_by_name"
    " SOP_CLASSES sop_class_name_from_uid"
    " TagSegment segments_to_modify_path segments_to_string tag_path_to_segments"
    " ChangeSet DicomDataset DicomFile DicomJsonElement DicomJsonModel xml_to_json"
)

UTILS = names(
    "Err Ok Result assert_unreachable err is_err is_ok map_result ok unwrap"
    " AssociationError CodecError DcmtkError DicomFileError DicomFormatError DimseError"
    " InternalError LimitExceededError OperationAbortedError OperationTimeoutError OptionsError"
    " ToolError UnsupportedError AbortController AbortSignal"
    " AETitle DicomFilePath DicomTag DicomTagPath Port SOPClassUID TransferSyntaxUID"
    " create_ae_title create_dicom_file_path create_dicom_tag create_dicom_tag_path create_port"
    " create_sop_class_uid create_transfer_syntax_uid parse_ae_title parse_dicom_file_path"
    " parse_dicom_tag parse_dicom_tag_path parse_port parse_sop_class_uid"
    " parse_transfer_syntax_uid"
    " DEFAULT_BLOCK_TIMEOUT_MS DEFAULT_DICOM_PORT DEFAULT_DRAIN_TIMEOUT_MS"
    " DEFAULT_START_TIMEOUT_MS DEFAULT_TIMEOUT_MS MAX_BLOCK_LINES MAX_CHANGESET_OPERATIONS"
    " MAX_EVENT_PATTERNS MAX_TRAVERSAL_DEPTH PDU_SIZE REQUIRED_BINARIES UNIX_SEARCH_PATHS"
    " WINDOWS_SEARCH_PATHS"
    " DcmtkInfo clear_dcmtk_path_cache dcmtk_info find_dcmtk_path"
    " BatchResult batch retry"
)

SERVERS = names(
    "DCMRECV_FATAL_EVENTS STORESCP_FATAL_EVENTS Dcmrecv DcmrecvEvent DcmtkProcess FilenameMode"
    " AssociationAcknowledgedData AssociationEventData AssociationReceivedData CStoreRequestData"
    " CannotStartListenerData LineSource PreferredTransferSyntax ProcessLine ProcessState"
    " RefusingAssociationData ServerErrorData ServerEvent StoppedData StorageMode StoreSCP"
    " StoreSCPPreset StoredFileData StorescpEvent StoringFileData StudyCompleteData"
    " SubdirectoryCreatedData SubdirectoryMode"
    " AllowedPeer AssociationRequest CallingPeer DicomServer DicomServerEvent DimseStatus"
    " EchoRequest FindRequest GetRequest MoveRequest NormalizedRequest PeerRight Reject"
    " StoreRequest"
)

REQUIRED = [
    *TOOLS,
    *RESULTS,
    *PIXELS,
    *SCAN,
    *NETWORK,
    *SERVERS,
    *IMAGE,
    *WORDS_OF_OPTIONS,
    *DICOM,
    *UTILS,
    "aio",
]

GROUPS = [dicom, servers, tools, utils]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_name_is_exported(name: str) -> None:
    assert name in dcmtk_native.__all__
    assert getattr(dcmtk_native, name) is not None


@pytest.mark.parametrize("name", sorted(dcmtk_native.__all__))
def test_an_exported_name_is_real(name: str) -> None:
    value: Any = getattr(dcmtk_native, name)
    if isinstance(value, types.ModuleType):
        assert value.__all__
    elif inspect.isfunction(value):
        body = inspect.unwrap(value)
        assert inspect.getdoc(body)
        assert _does_something(body)
    elif inspect.isclass(value) and not hasattr(value, "__total__"):
        assert value.__module__.startswith("dcmtk_native")


def _does_something(function: types.FunctionType) -> bool:
    """Whether its code is more than a docstring, a constant or a `raise NotImplementedError`."""
    code = function.__code__
    does = bool(code.co_names or code.co_varnames or code.co_freevars)
    return does and "NotImplementedError" not in code.co_names


def test_the_groups_and_the_root_have_the_same_names() -> None:
    grouped = {*dicom.__all__, *servers.__all__, *tools.__all__, *utils.__all__}
    assert grouped | {"aio"} == set(dcmtk_native.__all__)
    assert len(dcmtk_native.__all__) == len(set(dcmtk_native.__all__))


@pytest.mark.parametrize("group", GROUPS, ids=lambda module: module.__name__)
def test_a_group_has_the_very_objects_of_the_root(group: types.ModuleType) -> None:
    for name in group.__all__:
        assert getattr(group, name) is getattr(dcmtk_native, name)


@pytest.mark.parametrize("group", GROUPS, ids=lambda module: module.__name__)
def test_a_group_exports_all_that_it_imports(group: types.ModuleType) -> None:
    own = {name: value for name, value in vars(group).items() if not name.startswith("_")}
    # The modules of a package are names in it, too.
    names = {name for name, value in own.items() if not isinstance(value, types.ModuleType)}
    assert names == set(group.__all__)


def test_the_public_names_of_a_public_module_are_public() -> None:
    for name in ("result", "errors", "types", "constants", "discovery", "batch", "retry"):
        module = importlib.import_module(f"dcmtk_native.{name}")
        assert module.__all__
        assert all(hasattr(module, one) for one in module.__all__)


def test_batch_retry_and_scan_are_functions_though_modules_have_their_names() -> None:
    program = (
        "import dcmtk_native.batch, dcmtk_native.retry, dcmtk_native.utils, dcmtk_native as d;"
        "import dcmtk_native.scan.series;"
        "assert callable(d.batch) and callable(d.retry) and callable(d.scan);"
        "from dcmtk_native import batch, retry, scan;"
        "assert callable(batch) and callable(retry) and callable(scan);"
        "from dcmtk_native.batch import BatchResult; assert callable(d.batch)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_a_star_import_brings_every_name() -> None:
    namespace: dict[str, object] = {}
    exec("from dcmtk_native import *", namespace)
    assert set(dcmtk_native.__all__) <= namespace.keys()


def test_dir_lists_the_names_before_they_are_used() -> None:
    program = "import dcmtk_native as d; assert set(d.__all__) <= set(dir(d))"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'dcmbogus'"):
        _ = dcmtk_native.dcmbogus  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        exec("from dcmtk_native import dcmbogus")


def test_aio_can_be_the_only_import() -> None:
    aio = dcmtk_native.aio
    assert set(aio.__all__) == set(dcmtk_native.__all__) - {"aio"}
    awaitable = {*TOOLS, "batch", "retry", "DicomFile", "from_array", *PIXELS[:2], *SCAN[:4]}
    awaitable |= {"Association", "Matches", "PacsClient", "Retrieval", "request_storage_commitment"}
    awaitable |= {"DcmtkProcess", "Dcmrecv", "DicomServer", "StoreSCP"}
    for name in aio.__all__:
        same = getattr(aio, name) is getattr(dcmtk_native, name)
        assert same is (name not in awaitable), name
