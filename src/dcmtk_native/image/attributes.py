"""Attributes by their tags, whatever holds them: data sets of ours or of pydicom, files, models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import isfinite
from struct import error as StructError
from struct import pack
from typing import Any, Final, NoReturn, TypeAlias, cast

from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.conditions import public_error
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.file import DicomFile
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.data.values import to_number, to_text
from dcmtk_native.errors import CodecError, OptionsError

__all__ = ["AnyDataset", "Attributes", "FunctionalGroups", "attributes_of", "broken", "tag_text"]

AnyDataset: TypeAlias = Any
"""A `DicomDataset`, a `DicomFile`, a mapping of the DICOM JSON model, or a data set of pydicom."""

_SHARED_GROUPS: Final = 0x52009229
_PER_FRAME_GROUPS: Final = 0x52009230
_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"


class Attributes(ABC):
    """The attributes of a data set or of an item of a sequence."""

    __slots__ = ()

    @abstractmethod
    def values(self, tag: int) -> Sequence[object]:
        """The values of an element; none where it is absent, empty or binary."""

    @abstractmethod
    def items(self, tag: int) -> Sequence[Attributes]:
        """The items of a sequence; none where it is absent."""

    @abstractmethod
    def content(self, tag: int) -> bytes | None:
        """The value bytes of an element, numbers in little endian order; `None` without a value."""

    @abstractmethod
    def has(self, tag: int) -> bool:
        """Whether there is such an element, with or without a value."""

    def numbers(self, tag: int) -> tuple[float, ...]:
        """The values as numbers.

        Errors:
            CodecError: raised if one is no finite number.
        """
        return tuple(_number(tag, value) for value in self.values(tag) if value not in (None, ""))

    def number(self, tag: int) -> float | None:
        """The first value as a number, or `None` without one."""
        found = self.numbers(tag)
        return found[0] if found else None

    def integer(self, tag: int) -> int | None:
        """The first value as an integer, or `None` without one."""
        found = self.number(tag)
        if found is not None and found != int(found):
            broken(f"{tag_text(tag)} is {found:g}, which is no integer")
        return None if found is None else int(found)

    def text(self, tag: int) -> str:
        """The first value as text, without spaces around it; empty without one."""
        found = self.values(tag)
        return _text(found[0]).strip(" \0") if found else ""

    def texts(self, tag: int) -> tuple[str, ...]:
        """The values as texts, without spaces around them."""
        return tuple(_text(value).strip(" \0") for value in self.values(tag))


def attributes_of(dataset: AnyDataset) -> Attributes:
    """The attributes of anything that has some.

    Errors:
        OptionsError: raised if this is no data set.
    """
    if isinstance(dataset, Attributes):
        return dataset
    if isinstance(dataset, DicomFile):
        dataset = dataset.dataset
    if isinstance(dataset, DicomDataset):
        dataset = dataset._elements
    if isinstance(dataset, LazyElements):
        return _Model(dataset, dataset, ())
    if isinstance(dataset, Mapping):
        return _Model(cast("Mapping[str, Any]", dataset), None, ())
    # A data set of pydicom is no mapping; pydicom itself need not be there to know one.
    if callable(getattr(dataset, "get_item", None)) and hasattr(dataset, "to_json_dict"):
        return _Pydicom(dataset, is_big_endian=_is_big_endian(dataset))
    expected = "a DicomDataset, a DicomFile, a DICOM JSON model or a pydicom Dataset"
    raise OptionsError(f"dataset must be {expected}, not {type(dataset).__name__}")


class FunctionalGroups:
    """What an enhanced multi-frame image says of single frames (PS3.3 section C.7.6.16).

    Attributes:
        root: the data set.
        count: for how many frames there are groups of their own; 0 for any other image.
    """

    __slots__ = ("_per_frame", "_shared", "count", "root")

    def __init__(self, root: Attributes) -> None:
        self.root = root
        self._per_frame = root.items(_PER_FRAME_GROUPS)
        self._shared = root.items(_SHARED_GROUPS)[:1]
        self.count = len(self._per_frame)

    def of(self, macro: int, frame: int) -> Attributes:
        """The item of a macro for a frame, else for all of them, else the data set itself."""
        for group in (*self._per_frame[frame : frame + 1], *self._shared):
            found = group.items(macro)
            if found:
                return found[0]
        return self.root

    def vary(self, macro: int) -> bool:
        """Whether any frame has an item of its own of a macro."""
        return any(group.has(macro) for group in self._per_frame)


def broken(text: str) -> NoReturn:
    """Nothing: the attributes of an image are not what the standard wants, or not supported."""
    raise CodecError(text)


def tag_text(tag: int) -> str:
    """A tag as `(gggg,eeee)`."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def _text(value: object) -> str:
    return to_text(value) if isinstance(value, Mapping) else "" if value is None else str(value)


def _number(tag: int, value: object) -> float:
    number = to_number(value)
    if number is None:
        try:  # a number of pydicom that is none of Python's
            number = float(cast("Any", value))
        except (TypeError, ValueError):
            broken(f"{tag_text(tag)} has a value that is no number")
    if not isfinite(number):
        broken(f"{tag_text(tag)} is no finite number")
    return number


class _Model(Attributes):
    """Elements of the DICOM JSON model; binary values that it leaves out are in the native one."""

    __slots__ = ("_elements", "_path", "_root")

    def __init__(
        self, elements: Mapping[str, Any], root: LazyElements | None, path: tuple[int, ...]
    ) -> None:
        self._elements = elements
        self._root = root
        self._path = path

    def _element(self, tag: int) -> Mapping[str, Any]:
        key = f"{tag:08X}"
        found = self._elements.get(key)
        if found is None and key.lower() != key:
            found = self._elements.get(key.lower())
        return found if isinstance(found, Mapping) else {}

    def has(self, tag: int) -> bool:
        return bool(self._element(tag))

    def values(self, tag: int) -> Sequence[object]:
        found = self._element(tag).get("Value")
        return cast("Sequence[object]", found) if isinstance(found, (list, tuple)) else ()

    def items(self, tag: int) -> Sequence[Attributes]:
        return [
            _Model(cast("Mapping[str, Any]", item), self._root, (*self._path, tag, number))
            for number, item in enumerate(self.values(tag))
            if isinstance(item, Mapping)
        ]

    def content(self, tag: int) -> bytes | None:
        element = self._element(tag)
        inline = element.get("InlineBinary")
        if isinstance(inline, str):
            return _decoded(tag, inline)
        if self.values(tag):
            return _words(tag, self.values(tag))
        if not element or self._root is None:
            return None
        try:
            value: bytes | None = self._root.native.value([*self._path, tag])
        except NativeError as error:
            raise public_error("dataset", error.args, (), 0) from None
        return value


class _Pydicom(Attributes):
    """A data set of pydicom, which leaves binary values in the byte order of the file."""

    __slots__ = ("_dataset", "_is_big_endian")

    def __init__(self, dataset: Any, *, is_big_endian: bool) -> None:
        self._dataset = dataset
        self._is_big_endian = is_big_endian

    def _value(self, tag: int) -> Any:
        if tag not in self._dataset:
            return None
        try:
            return self._dataset[tag].value
        except Exception as error:  # whatever pydicom finds wrong with a value
            broken(f"{tag_text(tag)} cannot be read by pydicom: {error}")

    def has(self, tag: int) -> bool:
        return tag in self._dataset

    def values(self, tag: int) -> Sequence[object]:
        value = self._value(tag)
        if value is None or isinstance(value, bytes):
            return ()
        # Several values are a MultiValue, a list or an array.
        if isinstance(value, str) or not hasattr(value, "__len__"):
            return (value,)
        return cast("Sequence[object]", value)

    def items(self, tag: int) -> Sequence[Attributes]:
        return [
            _Pydicom(item, is_big_endian=self._is_big_endian)
            for item in self.values(tag)
            if hasattr(item, "get_item")
        ]

    def content(self, tag: int) -> bytes | None:
        value = self._value(tag)
        if value is None:
            return None
        if not isinstance(value, bytes):
            return _words(tag, self.values(tag))
        if self._is_big_endian and self._dataset[tag].VR == "OW":
            return _swapped(value)
        return value


def _is_big_endian(dataset: Any) -> bool:
    _, is_little = getattr(dataset, "original_encoding", (None, None))
    if is_little is None:
        meta = getattr(dataset, "file_meta", None)
        return getattr(meta, "TransferSyntaxUID", None) == _BIG_ENDIAN
    return not is_little


def _swapped(value: bytes) -> bytes:
    from array import array

    words = array("H", value[: len(value) & ~1])
    words.byteswap()
    return words.tobytes()


def _decoded(tag: int, text: str) -> bytes:
    from base64 import b64decode

    try:
        return b64decode(text, validate=True)
    except ValueError:
        broken(f"{tag_text(tag)} is no base64")


def _words(tag: int, values: Sequence[object]) -> bytes:
    """Values of VR US or SS as their bytes."""
    try:
        return pack(f"<{len(values)}H", *values)
    except StructError:  # negative ones, or numbers in another form
        numbers = tuple(_number(tag, value) for value in values)
    if any(number != int(number) or not -0x8000 <= number <= 0xFFFF for number in numbers):
        broken(f"{tag_text(tag)} has values that are no words of 16 bit")
    return pack(f"<{len(numbers)}H", *(int(number) & 0xFFFF for number in numbers))
