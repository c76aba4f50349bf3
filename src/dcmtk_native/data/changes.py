"""What to change in a data set, as an immutable value.

>>> from dcmtk_native.data.changes import ChangeSet
>>> changes = ChangeSet.empty().set_tag("(0010,0010)", "ANONYMOUS").erase_private_tags()
>>> changes.operation_count
2
>>> ChangeSet.empty().is_empty
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from dcmtk_native.constants import MAX_CHANGESET_OPERATIONS

__all__ = ["ChangeSet", "TagModification"]

_V = TypeVar("_V")

# Of the control characters of PS3.5 section 6.1.3 only LF and CR mean something in a value: TAB and
# FF lay out print, and ESC switches character sets, which Unicode text does not need.
_REMOVED = dict.fromkeys([*range(0x0A), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])


@dataclass(frozen=True, slots=True)
class TagModification:
    """One value to set.

    Attributes:
        tag: the path of the element.
        value: what it is set to.
    """

    tag: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class ChangeSet:
    """Values to set, elements to erase, and whether to erase all private elements.

    Every method that changes something gives a new object. Paths are kept as they are written:
    two spellings of one path are two operations.

    Attributes:
        erase_private: whether all elements with an odd group are erased.
    """

    _values: dict[str, str] = field(default_factory=dict[str, str])
    _erased: dict[str, None] = field(default_factory=dict[str, None])
    erase_private: bool = False

    def __post_init__(self) -> None:
        if self.operation_count > MAX_CHANGESET_OPERATIONS:
            raise ValueError(f"a ChangeSet holds at most {MAX_CHANGESET_OPERATIONS} operations")

    @classmethod
    def empty(cls) -> ChangeSet:
        """Nothing to change."""
        return cls()

    def set_tag(self, path: str, value: str) -> ChangeSet:
        """Also sets this element, instead of erasing it; control characters are removed.

        Line feeds, carriage returns and backslashes stay.

        Errors:
            TypeError: raised if the value is not a string.
            ValueError: raised if there would be too many operations.
        """
        _require_str("path", path)
        _require_str("value", value)
        values = self._values | {path: value.translate(_REMOVED)}
        return ChangeSet(values, _without(self._erased, path), self.erase_private)

    def erase_tag(self, path: str) -> ChangeSet:
        """Also erases this element, instead of setting it.

        Errors:
            ValueError: raised if there would be too many operations.
        """
        _require_str("path", path)
        return ChangeSet(
            _without(self._values, path), self._erased | {path: None}, self.erase_private
        )

    def erase_private_tags(self) -> ChangeSet:
        """Also erases all private elements.

        Errors:
            ValueError: raised if there would be too many operations.
        """
        return ChangeSet(self._values, self._erased, True)

    def merge(self, other: ChangeSet) -> ChangeSet:
        """The operations of both; where both name a path, that of `other`.

        Errors:
            ValueError: raised if there would be too many operations.
        """
        return ChangeSet(
            _without(self._values, *other._erased) | other._values,
            _without(self._erased, *other._values) | other._erased,
            self.erase_private or other.erase_private,
        )

    @property
    def modifications(self) -> Mapping[str, str]:
        """Values by path, in the order in which the paths were first set."""
        return MappingProxyType(self._values)

    @property
    def erasures(self) -> frozenset[str]:
        """The paths to erase."""
        return frozenset(self._erased)

    @property
    def operation_count(self) -> int:
        """How many operations there are; erasing all private elements is one."""
        return len(self._values) + len(self._erased) + self.erase_private

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return self.operation_count == 0

    def to_modifications(self) -> tuple[TagModification, ...]:
        """The values to set, in order."""
        return tuple(TagModification(path, value) for path, value in self._values.items())

    def to_erasure_args(self) -> tuple[str, ...]:
        """The paths to erase, in the order in which they were first erased."""
        return tuple(self._erased)

    def __hash__(self) -> int:
        return hash((frozenset(self._values.items()), self.erasures, self.erase_private))

    # Values are patient data, which have no place in a log.
    def __repr__(self) -> str:
        return (
            f"<ChangeSet sets {len(self._values)}, erases {len(self._erased)}"
            f"{' and all private' if self.erase_private else ''}>"
        )


def _require_str(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")


def _without(entries: dict[str, _V], *paths: str) -> dict[str, _V]:
    removed = entries.keys() & paths
    if not removed:
        return entries
    return {path: entry for path, entry in entries.items() if path not in removed}
