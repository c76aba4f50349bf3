"""Query keys as the identifier of a C-FIND, C-GET or C-MOVE, and answers as data sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from dcmtk_native._core.data import Dataset as NativeDataset
from dcmtk_native._core.data import Draft
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups import read_options
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.elements import named, put, put_charset, put_model
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.errors import AssociationError, OptionsError
from dcmtk_native.network.services import QueryModel

__all__ = ["Query", "dataset_of", "query_draft"]

Query: TypeAlias = Sequence[str] | Mapping[str, Any] | DicomDataset
"""Keys such as `PatientID=7` or `0040,0100[0].0008,0060=CT`, names with values, or a data set."""

_SYNTAX: Final = "1.2.840.10008.1.2.1"
_LEVEL: Final = "QueryRetrieveLevel"
_LEVELS: Final = {
    QueryModel.STUDY: "STUDY",
    QueryModel.PATIENT: "PATIENT",
    QueryModel.PATIENT_STUDY_ONLY: "PATIENT",
}
# "gggg,eeee", "(gggg,eeee)", "ggggeeee" or a keyword; the number of an item may follow.
_STEP: Final = re.compile(
    r"(?:\(?([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)?|([A-Za-z0-9]+))(?:\[([0-9]{1,4})\])?"
)
_MAX_ITEMS: Final = 1000
_XFER_OF_SYNTAX: Final = {
    "1.2.840.10008.1.2": "implicit",
    "1.2.840.10008.1.2.1": "little",
    "1.2.840.10008.1.2.2": "big",
}
_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_DEFLATED_NAME: Final = b"\2\0\x10\0UI" + bytes([len(_DEFLATED), 0]) + _DEFLATED.encode()
_DEFLATED_FILE: Final = (
    bytes(128)
    + b"DICM"
    + b"\2\0\0\0UL\4\0"
    + len(_DEFLATED_NAME).to_bytes(4, "little")
    + _DEFLATED_NAME
)
"""What a deflated data set begins with in a file (PS3.10 section 7.1)."""


def query_draft(
    query: Query, *, level_of: QueryModel | None = None, base: NativeDataset | None = None
) -> Draft:
    """The identifier, to be written in whatever syntax the peer accepts.

    Args:
        query: keys, names with values, or a data set.
        level_of: puts the Query/Retrieve Level of this model's root where the keys have none.
        base: a data set that the keys change and add to.

    Errors:
        OptionsError: raised for a key that is malformed or unknown.
    """
    draft = Draft(_SYNTAX) if base is None else base.draft()
    if isinstance(query, DicomDataset):
        put_model(draft, query._elements)
    else:
        elements = query if isinstance(query, Mapping) else _elements_of(query)
        put_charset(draft, elements)
        for name, value in elements.items():
            put(draft, named(name), value, is_signed=False)
    level = None if level_of is None else _LEVELS.get(level_of)
    if level is not None and not draft.has(_LEVEL):
        draft.put_text(_LEVEL, "CS", level)
    return draft


def _elements_of(keys: Sequence[str]) -> dict[str, Any]:
    """Names with values; those of sequences have lists of such mappings."""
    root: dict[str, Any] = {}
    for key in keys:
        path, has_value, value = key.partition("=")
        steps = _steps(key, path)
        item = root
        for name, index in steps[:-1]:
            item = _item(item, key, name, index)
        name, _ = steps[-1]
        item[name] = value if has_value else None
    return root


def _steps(key: str, path: str) -> list[tuple[str, int]]:
    """Names and numbers of items along the path."""
    steps: list[tuple[str, int]] = []
    position = 0
    while True:
        match = _STEP.match(path, position)
        if match is None or path[match.end() : match.end() + 1] not in {"", "."}:
            raise OptionsError(f"keys={key[:80]!r}: not of the form path=value")
        group, element, keyword, index = match.groups()
        name = keyword or f"({group},{element})"
        try:
            named(name)
        except OptionsError:
            raise OptionsError(f"keys={key[:80]!r}: {name[:64]} is no known element") from None
        steps.append((name, int(index or 0)))
        if match.end() == len(path):
            return steps
        position = match.end() + 1


def _item(parent: dict[str, Any], key: str, name: str, index: int) -> dict[str, Any]:
    """An item of a sequence, made if it is not there yet."""
    if named(name).vr != "SQ" or index >= _MAX_ITEMS:
        raise OptionsError(f"keys={key[:80]!r}: {name} has no such item")
    items = parent.get(name)
    if not isinstance(items, list):
        items = parent[name] = []
    while len(items) <= index:
        items.append({})
    return cast("dict[str, Any]", items[index])


def dataset_of(content: bytes, transfer_syntax: str) -> DicomDataset:
    """The data set of a response, in the transfer syntax of its context.

    Errors:
        AssociationError: raised for one that is damaged.
        NativeError: raised for one beyond a limit.
    """
    if not content:
        return DicomDataset({})
    if transfer_syntax == _DEFLATED:
        # As a file: only those tell that they are deflated.
        content, options = _DEFLATED_FILE + content, read_options("file-only", "auto", None)
    else:
        xfer = _XFER_OF_SYNTAX.get(transfer_syntax, "little")
        options = read_options("dataset", xfer, None)
    try:
        return DicomDataset(LazyElements(NativeDataset.read(content, options)))
    except NativeError as error:
        kind, message, *_ = error.args
        if kind not in {"format", "toolkit"}:
            raise
        raise AssociationError(f"the peer sent a damaged data set: {message}") from None
