"""The DICOM JSON model (PS3.18 annex F) as types."""

# Not `from __future__ import annotations`: TypedDict would not see which keys are not required.
from typing import NotRequired, TypeAlias, TypedDict

__all__ = ["DicomJsonElement", "DicomJsonModel"]


class DicomJsonElement(TypedDict):
    """One element: its value representation, and at most one of three forms of its value.

    An entry of `Value` is a string, a number, `None`, a mapping with the parts of a person name,
    or, in a sequence, another model.
    """

    vr: str
    Value: NotRequired[list[object]]
    InlineBinary: NotRequired[str]
    BulkDataURI: NotRequired[str]


DicomJsonModel: TypeAlias = dict[str, DicomJsonElement]
"""Elements by tag, 8 hexadecimal digits such as `00100010`."""
