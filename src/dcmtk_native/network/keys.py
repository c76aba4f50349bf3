"""Keys of queries, as DCMTK's tools take them: `PatientID=7`, `0040,0100[0].0008,0060=CT`.

>>> model_of_keys(["PatientID=7"])
{'00100020': {'vr': 'LO', 'Value': ['7']}}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from dcmtk_native._core.data import Dataset as NativeDataset
from dcmtk_native.data.elements import Named, named
from dcmtk_native.errors import OptionsError

__all__ = ["Model", "model_of_keys"]

Model: TypeAlias = dict[str, dict[str, Any]]
"""Elements of DICOM JSON by tag."""

# "gggg,eeee", "(gggg,eeee)", "ggggeeee" or a keyword; the number of an item may follow.
_STEP: Final = re.compile(
    r"(?:\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)|([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})|([A-Za-z0-9]+))"
    r"(?:\[([0-9]{1,4})\])?"
)
_MAX_ITEMS: Final = 1000
_FIRST_OF_DATA_SETS: Final = 0x00080000
"""Groups 0000 and 0002 are of commands and of files."""


def model_of_keys(keys: Sequence[str], base: NativeDataset | None = None) -> Model:
    """The elements that the keys give, in ascending order; the last of equal keys wins.

    Args:
        keys: paths with values; without `=` the element is empty.
        base: a data set whose sequences the keys change and add to.

    Errors:
        OptionsError: raised for a key that is malformed or unknown.
    """
    root: Model = {}
    for key in keys:
        path, _, value = key.partition("=")
        *sequences, (last, _) = _steps(key, path)
        item = root
        for element, index in sequences:
            if item is root and base is not None and f"{element.tag:08X}" not in root:
                _take_sequence(root, element, base)
            item = _item(item, key, element, index)
        if last.vr == "SQ" and value:
            raise OptionsError(f"{_shown(key)}: a sequence has items, not a value")
        item[f"{last.tag:08X}"] = {"vr": last.vr, "Value": [value] if value else []}
    return dict(sorted(root.items()))


def _steps(key: str, path: str) -> list[tuple[Named, int]]:
    """Elements and numbers of items along the path."""
    steps: list[tuple[Named, int]] = []
    position = 0
    while True:
        match = _STEP.match(path, position)
        if match is None or path[match.end() : match.end() + 1] not in {"", "."}:
            raise OptionsError(f"{_shown(key)}: not of the form path=value")
        group, number, bare_group, bare_number, name, index = match.groups()
        steps.append(
            (
                _known(key, name or f"({group or bare_group},{number or bare_number})"),
                int(index or 0),
            )
        )
        if match.end() == len(path):
            if index is not None:
                raise OptionsError(f"{_shown(key)}: ends in an item, not in an element")
            return steps
        position = match.end() + 1


def _known(key: str, name: str) -> Named:
    try:
        element = named(name)
    except OptionsError:
        raise OptionsError(f"{_shown(key)}: {name[:64]} is no known element") from None
    if element.tag < _FIRST_OF_DATA_SETS:
        raise OptionsError(f"{_shown(key)}: {name[:64]} is no element of a data set")
    return element


def _take_sequence(root: Model, element: Named, base: NativeDataset) -> None:
    tag = f"{element.tag:08X}"
    if tag in base and (found := base.element(tag)) is not None:
        root[tag] = {"vr": found["vr"], "Value": [dict(item) for item in found.get("Value", [])]}


def _item(parent: Model, key: str, element: Named, index: int) -> Model:
    """An item of a sequence, made if it is not there yet."""
    if element.vr != "SQ" or index >= _MAX_ITEMS:
        raise OptionsError(f"{_shown(key)}: {element.name} has no such item")
    sequence = parent.setdefault(f"{element.tag:08X}", {"vr": "SQ", "Value": []})
    items: list[Model] = sequence.setdefault("Value", [])
    while len(items) <= index:
        items.append({})
    return items[index]


def _shown(key: str) -> str:
    return f"keys={key[:80]!r}"
