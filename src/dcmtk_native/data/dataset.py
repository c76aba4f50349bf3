"""A data set to look things up in.

>>> from dcmtk_native.data.dataset import DicomDataset
>>> model = {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^John"}]}}
>>> dataset = DicomDataset.from_json(model).unwrap()
>>> dataset.patient_name
'Doe^John'
>>> dataset.get_string("(0010,0020)", "unknown")
'unknown'
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, cast

from dcmtk_native._core.data import Dataset as NativeDataset
from dcmtk_native._runtime.groups import (
    LimitsOption,
    ReadModeOption,
    ReadXferOption,
    read_options,
)
from dcmtk_native._runtime.options import InputSource, Opt, SignalOption, TimeoutMs
from dcmtk_native._runtime.tool import operation
from dcmtk_native.constants import DEFAULT_TIMEOUT_MS
from dcmtk_native.data.dictionary import lookup_tag_by_name
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.data.model import DicomJsonElement
from dcmtk_native.data.tags import TagSegment, parse_tag, tag_path_to_segments
from dcmtk_native.data.values import to_number, to_text
from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import Err, Ok, Result
from dcmtk_native.types import SOPClassUID, parse_sop_class_uid

if TYPE_CHECKING:
    import pydicom

__all__ = ["DicomDataset"]


class DicomDataset:
    """Elements of the DICOM JSON model by tag; read-only.

    A tag is `(gggg,eeee)` or 8 hexadecimal digits, in any case, or a keyword such as `PatientName`.
    `dataset[tag]` is the element, and a `KeyError` without one; the methods below return a `Result`
    or a fallback. `tag in dataset`, `len` and iteration over the tags work as for a dict.

    A data set that was read (`read`, `DicomFile.open`) makes its elements when they are asked for.
    Those of binary VRs have no value in it.
    """

    __slots__ = ("_elements", "_find")

    def __init__(self, elements: Mapping[str, Any]) -> None:
        self._elements = elements
        self._find: Callable[[str], Any] = (
            elements.find if isinstance(elements, LazyElements) else elements.get
        )

    @classmethod
    def from_json(cls, json: object) -> Result[DicomDataset]:
        """A data set over a model, which is neither copied nor looked into.

        Errors:
            DcmtkError: it is no mapping.
        """
        if isinstance(json, Mapping):
            return Ok(cls(json))
        return _error(f"a data set is a mapping of elements, not {type(json).__name__}")

    @classmethod
    @operation
    def read(
        cls,
        source: Annotated[InputSource, Opt(help="DICOM file to read")],
        *,
        read_mode: ReadModeOption = "auto",
        read_xfer: ReadXferOption = "auto",
        limits: LimitsOption = None,
        timeout_ms: TimeoutMs = DEFAULT_TIMEOUT_MS,
        signal: SignalOption = None,
    ) -> DicomDataset:
        r"""The data set of a file or of its content, file meta information included.

        Errors:
            DicomFileError: the file is missing or cannot be read.
            DicomFormatError: the input is no DICOM file, or broken.
            LimitExceededError: it asks for more than `limits` allow.

        Example:
            >>> element = b"\x10\x00\x20\x00LO\x06\x00ID-001"
            >>> DicomDataset.read(element, read_mode="dataset").unwrap().patient_id
            'ID-001'
        """
        native = NativeDataset.read(source, read_options(read_mode, read_xfer, limits))
        return cls(LazyElements(native))

    @classmethod
    def from_pydicom(cls, dataset: pydicom.Dataset) -> Result[DicomDataset]:
        """The content of a data set of pydicom: its `file_meta` too, binary values in base64.

        Compressed pixel data, for which JSON has no form, are without a value.

        Errors:
            DcmtkError: pydicom cannot write it.
        """
        from dcmtk_native.data.pydicom_bridge import model_from_pydicom

        match model_from_pydicom(dataset):
            case Ok(model):
                return Ok(cls(model))
            case error:
                return error

    def to_pydicom(self) -> Result[pydicom.Dataset]:
        """The same for pydicom. A data set that was read comes with all its binary values.

        Errors:
            UnsupportedError: pydicom is not installed.
            DcmtkError: pydicom refuses the content.
        """
        from dcmtk_native.data.pydicom_bridge import model_to_pydicom

        return model_to_pydicom(self._elements)

    def to_json(self) -> Mapping[str, DicomJsonElement]:
        """The model: the mapping that was given, or a dict with everything that was read."""
        elements = self._elements
        return elements.to_dict() if isinstance(elements, LazyElements) else elements

    # ---- one element ----

    def get_element(self, tag: str) -> Result[DicomJsonElement]:
        """The element of a tag.

        Errors:
            DcmtkError: this is no tag, or there is no such element.
        """
        key = _key_of(tag)
        if key is None:
            return _error(f"Invalid DICOM tag: {_shown(tag)}")
        try:
            element = self._element(key)
        except DcmtkError as error:  # a long value is still in a file that has changed since
            return Err(error)
        if element is None:
            return _error(f"{tag} not found")
        if not isinstance(element, (dict, Mapping)):
            return _error(f"{tag} is no element of the JSON model")
        return Ok(cast("DicomJsonElement", element))

    def get_value(self, tag: str) -> Result[Sequence[object]]:
        """The values of an element: the sequence in the model itself.

        Errors:
            DcmtkError: this is no tag, there is no such element, or it has no values.
        """
        match self.get_element(tag):
            case Ok(element):
                values = _values_of(element)
                return _error(f"{tag} has no Value") if values is None else Ok(values)
            case error:
                return error

    def get_first_value(self, tag: str) -> Result[object]:
        """The first value of an element; `None` where the model says so.

        Errors:
            DcmtkError: this is no tag, there is no such element, or it has no values.
        """
        match self.get_value(tag):
            case Ok(values):
                return Ok(values[0]) if values else _error(f"{tag} has an empty Value")
            case error:
                return error

    def get_string(self, tag: str, fallback: str = "") -> str:
        """The first value as text, or the fallback where there is none.

        Of a person name it is the alphabetic part; a number is written as Python does.

        Errors:
            DicomFileError: raised if a long value is still in a file that has changed since.
        """
        key = _key_of(tag)
        return fallback if key is None else self._text(key) or fallback

    def get_number(self, tag: str) -> Result[int | float]:
        """The first value as a number; text is parsed.

        Errors:
            DcmtkError: as for `get_first_value`, or the value is no number.
        """
        match self.get_first_value(tag):
            case Ok(value):
                number = to_number(value)
                if number is None:
                    return _error(f"{tag} is no number: {_shown(value)}")
                return Ok(number)
            case error:
                return error

    def get_strings(self, tag: str) -> Result[tuple[str, ...]]:
        """Every value as text; of person names the alphabetic parts.

        Errors:
            DcmtkError: this is no tag, or there is no such element.
        """
        match self.get_element(tag):
            case Ok(element):
                return Ok(tuple(to_text(value) for value in _values_of(element) or ()))
            case error:
                return error

    def has_tag(self, tag: str) -> bool:
        """Whether there is such an element, with or without a value."""
        key = _key_of(tag)
        return key is not None and (key in self._elements or key.lower() in self._elements)

    # ---- along a path ----

    def get_element_at_path(self, path: str) -> Result[DicomJsonElement]:
        """The element at the end of a path like `(0040,A730)[2].(0040,A160)`.

        A sequence on the way that has no index stands for its first item.

        Errors:
            DcmtkError: the path is malformed, names all items of a sequence, or leads nowhere.
        """
        try:
            *way, last = tag_path_to_segments(path)
        except ValueError as refusal:
            return _error(f"Invalid DICOM tag path: {refusal}")
        if any(segment.is_wildcard for segment in (*way, last)):
            return _error(f"Invalid DICOM tag path: {_shown(path)} names more than one element")
        dataset = self
        for segment in way:
            match dataset._item(segment):
                case Ok(item):
                    dataset = item
                case error:
                    return error
        return dataset.get_element(last.tag)

    def find_values(self, path: str) -> tuple[object, ...]:
        """All values of all elements that a path leads to; `[*]` stands for every item.

        What is not there adds nothing. The values come in the order of the items.

        Errors:
            ValueError: raised if the path is malformed.
        """
        *way, last = tag_path_to_segments(path)
        found = [self]
        for segment in way:
            found = [item for dataset in found for item in dataset._items(segment)]
        key = _key_of(last.tag) or ""
        return tuple(
            value for dataset in found for value in _values_of(dataset._element(key)) or ()
        )

    # ---- what most data sets are asked for ----

    @property
    def accession(self) -> str:
        """Accession Number (0008,0050); empty if absent."""
        return self._text("00080050")

    @property
    def patient_name(self) -> str:
        """The alphabetic part of Patient's Name (0010,0010); empty if absent."""
        return self._text("00100010")

    @property
    def patient_id(self) -> str:
        """Patient ID (0010,0020); empty if absent."""
        return self._text("00100020")

    @property
    def study_date(self) -> str:
        """Study Date (0008,0020); empty if absent."""
        return self._text("00080020")

    @property
    def modality(self) -> str:
        """Modality (0008,0060); empty if absent."""
        return self._text("00080060")

    @property
    def sop_class_uid(self) -> SOPClassUID | None:
        """SOP Class UID (0008,0016); `None` if absent or not a valid UID."""
        match parse_sop_class_uid(self._text("00080016")):
            case Ok(uid):
                return uid
            case _:
                return None

    @property
    def study_instance_uid(self) -> str:
        """Study Instance UID (0020,000D); empty if absent."""
        return self._text("0020000D")

    @property
    def series_instance_uid(self) -> str:
        """Series Instance UID (0020,000E); empty if absent."""
        return self._text("0020000E")

    @property
    def sop_instance_uid(self) -> str:
        """SOP Instance UID (0008,0018); empty if absent."""
        return self._text("00080018")

    @property
    def transfer_syntax_uid(self) -> str:
        """Transfer Syntax UID (0002,0010); empty if the data set has no file meta information."""
        return self._text("00020010")

    # ---- as a container ----

    def __getitem__(self, tag: str) -> DicomJsonElement:
        match self.get_element(tag):
            case Ok(element):
                return element
            case _:
                raise KeyError(tag)

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, str) and self.has_tag(tag)

    def __len__(self) -> int:
        return len(self._elements)

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DicomDataset):
            return NotImplemented
        return self._elements is other._elements or self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]  # a mapping that can change underneath

    def __reduce__(self) -> tuple[type[DicomDataset], tuple[Mapping[str, Any]]]:
        return type(self), (self._elements,)

    # Values are patient data, which have no place in a log.
    def __repr__(self) -> str:
        return f"<DicomDataset: {len(self)} elements>"

    def _repr_html_(self) -> str:
        """A table for notebooks. It shows values: patient data."""
        from dcmtk_native.data.html_table import dataset_table

        return dataset_table(self._elements)

    # ---- how it is done ----

    def _element(self, key: str) -> object:
        """What the model has under a key; some write the digits in lower case."""
        element = self._find(key)
        return self._find(key.lower()) if element is None else element

    def _text(self, key: str) -> str:
        values = _values_of(self._element(key))
        return to_text(values[0]) if values else ""

    def _item(self, segment: TagSegment) -> Result[DicomDataset]:
        """The one item that a segment leads into."""
        match self.get_element(segment.tag):
            case Ok(element):
                pass
            case error:
                return error
        if element.get("vr") != "SQ":
            return _error(f"{segment.tag} is not a sequence")
        items = _values_of(element) or ()
        index = segment.index or 0
        item = items[index] if index < len(items) else None
        if not isinstance(item, Mapping):
            return _error(f"{segment.tag} has no item at index {index}")
        return Ok(DicomDataset(item))

    def _items(self, segment: TagSegment) -> list[DicomDataset]:
        """All items that a segment leads into."""
        element = self._element(_key_of(segment.tag) or "")
        if not isinstance(element, Mapping) or element.get("vr") != "SQ":
            return []
        items = _values_of(element) or ()
        if not segment.is_wildcard:
            index = segment.index or 0
            items = items[index : index + 1]
        return [DicomDataset(item) for item in items if isinstance(item, Mapping)]


_short = reprlib.Repr()
_short.maxstring = _short.maxother = 40


def _shown(value: object) -> str:
    return _short.repr(value)


def _error(message: str) -> Err[DcmtkError]:
    return Err(DcmtkError(message))


def _key_of(tag: object) -> str | None:
    """The tag as the model writes it, or `None` if this is none."""
    return _key_of_text(tag) if isinstance(tag, str) else None


@lru_cache(maxsize=4096)
def _key_of_text(tag: str) -> str | None:
    key = parse_tag(tag)
    if key is not None:
        return key
    found = lookup_tag_by_name(tag)
    return None if found is None else found.tag


def _values_of(element: object) -> Sequence[object] | None:
    """The values that an element has; a model that others made may hold anything."""
    # Nearly all are dicts, and asking for the abstract class takes longer than all else here.
    if not isinstance(element, (dict, Mapping)):
        return None
    values = element.get("Value")
    return values if isinstance(values, (list, tuple)) else None
