"""The elements of a data set that was read, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.conditions import public_error
from dcmtk_native.data.model import DicomJsonElement

if TYPE_CHECKING:
    from dcmtk_native._core.data import Dataset

__all__ = ["LazyElements"]


class LazyElements(Mapping[str, DicomJsonElement]):
    """What `dcm2json(write_meta=True, encode_extended=True, binary="omit")` gives, made bit by bit.

    Threads may share it: an element is the same object for all of them. Long values stay in the
    file; getting one raises `DicomFileError` when the file is another one by then.
    """

    __slots__ = ("_made", "native")

    def __init__(self, native: Dataset) -> None:
        self.native = native
        self._made: dict[str, DicomJsonElement] = {}

    def find(self, key: str) -> DicomJsonElement | None:
        """The element of a key as the model writes it, or `None`."""
        made = self._made.get(key)
        if made is not None:
            return made
        try:
            element = self.native.element(key)
        except NativeError as error:
            raise public_error("DicomDataset", error.args, (), 0) from None
        return None if element is None else self._made.setdefault(key, element)

    def to_dict(self) -> dict[str, DicomJsonElement]:
        """All elements; those that were made before are the same objects."""
        try:
            model: dict[str, DicomJsonElement] = self.native.model()
        except NativeError as error:
            raise public_error("DicomDataset", error.args, (), 0) from None
        return model | self._made

    def make_what_needs_the_file(self) -> None:
        """Makes the elements that could not be made any more when the file has changed."""
        for key in self.native.keys_left_in_file():
            self.find(key)

    def __getitem__(self, key: str) -> DicomJsonElement:
        element = self.find(key)
        if element is None:
            raise KeyError(key)
        return element

    def __contains__(self, key: object) -> bool:
        return key in self.native

    def __iter__(self) -> Iterator[str]:
        return iter(self.native.keys())

    def __len__(self) -> int:
        return len(self.native)

    # What is copied or pickled does not need the file any more.
    def __reduce__(self) -> tuple[type[dict[str, DicomJsonElement]], tuple[object]]:
        return dict, (self.to_dict(),)

    # Values are patient data, which have no place in a log.
    def __repr__(self) -> str:
        return f"<LazyElements: {len(self)}>"
