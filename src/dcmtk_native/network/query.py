"""What is asked for: the identifier of a C-FIND, C-GET or C-MOVE; answers as data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from dcmtk_native._core.data import Dataset as NativeDataset
from dcmtk_native._core.data import Draft, ReadOptions, WriteOptions
from dcmtk_native._core.network import Association, Operation
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups import DEFAULT_READ, read_options
from dcmtk_native._runtime.groups_write import write_options
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.elements import named, put, put_charset, put_elements, put_model
from dcmtk_native.data.lazy import LazyElements
from dcmtk_native.errors import AssociationError, LimitExceededError, OptionsError
from dcmtk_native.network.keys import model_of_keys
from dcmtk_native.network.services import (
    EXPLICIT_LITTLE,
    CommandField,
    CommandTag,
    Priority,
    QueryModel,
)
from dcmtk_native.types import StrPath

__all__ = [
    "Query",
    "begin_query",
    "dataset_of",
    "identifier_encoding",
    "identifiers",
    "inflated",
    "put_query_level",
    "put_retrieve_level",
    "query_draft",
    "reading_of",
]

Query: TypeAlias = Sequence[str] | Mapping[str, Any] | DicomDataset
"""Keys such as `PatientID=7` or `0040,0100[0].0008,0060=CT`, names with values, or a data set."""

_LEVEL: Final = "QueryRetrieveLevel"
_ROOTS: Final = {
    QueryModel.STUDY: "STUDY",
    QueryModel.PATIENT: "PATIENT",
    QueryModel.PATIENT_STUDY_ONLY: "PATIENT",
}
_UNIQUE_KEYS: Final = (
    ("SOPInstanceUID", "IMAGE"),
    ("SeriesInstanceUID", "SERIES"),
    ("StudyInstanceUID", "STUDY"),
)
"""Of the levels (PS3.4 table C.6-1), the lowest first."""


def query_draft(query: Query, base: NativeDataset | None = None) -> Draft:
    """The identifier, to be written in whatever syntax the peer accepts.

    Args:
        query: keys, names with values, or a data set.
        base: a data set that keys change and add to.

    Errors:
        OptionsError: raised for a key that is malformed or unknown.
    """
    draft = Draft(EXPLICIT_LITTLE) if base is None else base.draft()
    if isinstance(query, DicomDataset):
        put_model(draft, query._elements)
    elif isinstance(query, Mapping):
        put_charset(draft, query)
        elements = [(named(name), value) for name, value in query.items()]
        for element, value in sorted(elements, key=lambda each: each[0].tag):
            put(draft, element, value, is_signed=False)
    else:
        put_elements(draft, model_of_keys(query, base))
    return draft


def identifiers(tool: str, keys: Sequence[str], query_files: Sequence[StrPath]) -> list[Draft]:
    """One for each query file, changed by the keys; without a file one of the keys alone.

    Errors:
        OptionsError: raised if there is neither a file nor a key.
        DicomFileError, DicomFormatError: raised for a file that cannot be read.
    """
    if not keys and not query_files:
        rule = "keys=(): there is nothing to ask for without keys or query_files"
        raise OptionsError(f"{tool}: invalid options: {rule}", tool=tool)
    if not query_files:
        return [query_draft(keys)]
    return [query_draft(keys, NativeDataset.read(path, DEFAULT_READ)) for path in query_files]


def begin_query(
    association: Association,
    field: CommandField,
    sop_class: str,
    draft: Draft,
    *,
    priority: int = Priority.MEDIUM,
    elements: Sequence[tuple[CommandTag, str]] = (),
    encoding: WriteOptions | None = None,
) -> Operation:
    """The request is on its way; its responses are to be taken."""
    command: list[tuple[int, int | str]] = [
        (CommandTag.AFFECTED_SOP_CLASS, sop_class),
        (CommandTag.PRIORITY, int(priority)),
        *elements,
    ]
    return association.begin(sop_class, field, command, draft, encoding)


def identifier_encoding(
    tool: str, propose: str | Sequence[str], enable_new_vr: bool, compression_level: int
) -> WriteOptions:
    """How identifiers are written, whatever the transfer syntax of their context will be.

    Errors:
        OptionsError: raised for a compression level where nothing will be compressed.
    """
    is_deflated = "deflated" in ((propose,) if isinstance(propose, str) else propose)
    try:
        return write_options(
            write_mode="dataset",
            transfer_syntax=_DEFLATED if is_deflated else EXPLICIT_LITTLE,
            enable_new_vr=enable_new_vr,
            compression_level=compression_level,
        )
    except ValueError as error:
        raise OptionsError(f"{tool}: invalid options: {error}", tool=tool) from None


def put_query_level(draft: Draft, model: QueryModel | None) -> None:
    """Puts the level of the model's root, if there is none: archives refuse a query without."""
    level = None if model is None else _ROOTS.get(model)
    if level is not None and not draft.has(_LEVEL):
        draft.put_text(_LEVEL, "CS", level)


def put_retrieve_level(draft: Draft, model: QueryModel | None) -> None:
    """Puts the level that the keys speak of, if there is none: that of the lowest unique key."""
    if draft.has(_LEVEL) or model not in _ROOTS:
        return
    for keyword, level in _UNIQUE_KEYS:
        if draft.text(keyword):
            draft.put_text(_LEVEL, "CS", level)
            return
    put_query_level(draft, model)


_XFER_OF_SYNTAX: Final = {
    "1.2.840.10008.1.2": "implicit",
    EXPLICIT_LITTLE: "little",
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
_MAX_INFLATED: Final = 64 << 20


def reading_of(transfer_syntax: str) -> ReadOptions:
    """How to read a data set in this syntax, once it is inflated."""
    return read_options("dataset", _XFER_OF_SYNTAX.get(transfer_syntax, "little"), None)


def inflated(content: bytes, transfer_syntax: str) -> bytes:
    """The data set itself, if the syntax deflates it.

    Errors:
        AssociationError: raised for what is no deflated data.
        LimitExceededError: raised for what grows beyond 64 MiB.
    """
    if transfer_syntax != _DEFLATED:
        return content
    from zlib import decompressobj, error

    inflater = decompressobj(-15)
    try:
        content = inflater.decompress(content, _MAX_INFLATED)
    except error:
        raise AssociationError("the peer sent a data set that cannot be inflated") from None
    if inflater.unconsumed_tail:
        raise LimitExceededError(
            f"the peer sent a data set that grows beyond {_MAX_INFLATED} bytes",
            limit="bytes of a data set",
            value=_MAX_INFLATED + 1,
            maximum=_MAX_INFLATED,
        )
    return content


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
        content, options = _DEFLATED_FILE + content, DEFAULT_READ
    else:
        options = reading_of(transfer_syntax)
    try:
        native = NativeDataset.read(content, options)
    except NativeError as error:
        kind, message, *_ = error.args
        if kind not in {"format", "toolkit"}:
            raise
        raise AssociationError(f"the peer sent a damaged data set: {message}") from None
    return DicomDataset(LazyElements(native))
