"""Data sets from and to pydicom, which is optional."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from dcmtk_native.data.json import dcm2json
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.data.model import DicomJsonModel
from dcmtk_native.errors import DcmtkError, UnsupportedError
from dcmtk_native.result import Err, Ok, Result, map_result

if TYPE_CHECKING:
    import pydicom

__all__ = ["model_from_pydicom", "model_to_pydicom"]

_META_GROUP = "0002"


def model_to_pydicom(elements: Mapping[str, Any]) -> Result[pydicom.Dataset]:
    """The elements as a data set of pydicom, group 0002 as its `file_meta`."""
    try:
        import pydicom
    except ImportError:
        text = "pydicom is not installed; `pip install dcmtk_native[pydicom]` does it"
        return Err(UnsupportedError(text, tool="to_pydicom"))
    try:
        if isinstance(elements, LazyElements):
            return Ok(pydicom.dcmread(BytesIO(elements.native.content()), force=True))
        meta = {key: value for key, value in elements.items() if key.startswith(_META_GROUP)}
        rest = {key: value for key, value in elements.items() if key not in meta}
        dataset = pydicom.Dataset.from_json(rest)
        if meta:
            dataset.file_meta = pydicom.dataset.FileMetaDataset(pydicom.Dataset.from_json(meta))
        return Ok(dataset)
    except Exception as error:  # whatever pydicom finds wrong with a value
        return Err(DcmtkError(f"pydicom refuses the content: {error}", tool="to_pydicom"))


def model_from_pydicom(dataset: pydicom.Dataset) -> Result[DicomJsonModel]:
    """The content of a data set of pydicom as a model."""
    import pydicom

    content = BytesIO()
    is_file = "TransferSyntaxUID" in getattr(dataset, "file_meta", {})
    try:
        if is_file:
            pydicom.dcmwrite(content, dataset)
        else:
            pydicom.dcmwrite(content, dataset, implicit_vr=False, little_endian=True)
    except Exception as error:  # whatever pydicom finds wrong with a value
        return Err(DcmtkError(f"pydicom cannot write it: {error}", tool="from_pydicom"))
    if not content.tell():
        return Ok({})
    result = dcm2json(
        content.getbuffer(),
        write_meta=True,
        encode_extended=True,
        read_mode="auto" if is_file else "dataset",
        read_xfer="auto" if is_file else "little",
    )
    return map_result(result, lambda converted: converted.data)
