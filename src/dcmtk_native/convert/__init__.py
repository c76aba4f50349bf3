"""Other formats to DICOM and back."""

from __future__ import annotations

from dcmtk_native.convert.dump2dcm import Dump2dcmResult, dump2dcm
from dcmtk_native.convert.json2dcm import Json2dcmResult, json2dcm
from dcmtk_native.convert.xml2dcm import Xml2dcmResult, xml2dcm
from dcmtk_native.convert.xml_to_json import xml_to_json

__all__ = [
    "Dump2dcmResult",
    "Json2dcmResult",
    "Xml2dcmResult",
    "dump2dcm",
    "json2dcm",
    "xml2dcm",
    "xml_to_json",
]
