"""Data sets and files, and what the standard says of tags, VRs and SOP classes."""

from dcmtk_native.convert.xml_to_json import xml_to_json
from dcmtk_native.data.changes import ChangeSet
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.dictionary import (
    DictionaryEntry,
    TagLookup,
    lookup_tag,
    lookup_tag_by_keyword,
    lookup_tag_by_name,
)
from dcmtk_native.data.file import DicomFile
from dcmtk_native.data.model import DicomJsonElement, DicomJsonModel
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

__all__ = [
    "SOP_CLASSES",
    "VR",
    "VR_CATEGORY",
    "VR_CATEGORY_NAME",
    "VR_META",
    "ChangeSet",
    "DicomDataset",
    "DicomFile",
    "DicomJsonElement",
    "DicomJsonModel",
    "DictionaryEntry",
    "TagLookup",
    "TagSegment",
    "VRCategoryName",
    "VRMetadata",
    "get_vr_category",
    "is_binary_vr",
    "is_numeric_vr",
    "is_string_vr",
    "is_valid_vr",
    "lookup_tag",
    "lookup_tag_by_keyword",
    "lookup_tag_by_name",
    "segments_to_modify_path",
    "segments_to_string",
    "sop_class_name_from_uid",
    "tag_path_to_segments",
    "xml_to_json",
]
