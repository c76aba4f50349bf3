"""C-GET and C-MOVE: objects of a handler on their way to a peer, each one a sub-operation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Protocol, TypeAlias

from dcmtk_native._core.network import Association as NativeAssociation
from dcmtk_native._core.network import StorageObject
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._core.servers import Session
from dcmtk_native._runtime.groups import DEFAULT_READ
from dcmtk_native._runtime.groups_write import DEFAULT_COMPRESSION_LEVEL, write_options
from dcmtk_native._runtime.options import InputSource
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.file import DicomFile
from dcmtk_native.network.outgoing import OutgoingFile, is_of_the_file
from dcmtk_native.network.peer import Peer, PresentationContext
from dcmtk_native.network.query import query_draft
from dcmtk_native.network.services import (
    EXPLICIT_LITTLE,
    UNCOMPRESSED,
    StatusCategory,
    category_of,
)
from dcmtk_native.network.storage_contexts import packed
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.servers.answers import DimseStatus

__all__ = ["Destination", "Place", "Progress", "move", "objects_of", "send_back"]

Destination: TypeAlias = Peer
Place: TypeAlias = tuple[str, int] | tuple[str, int, TlsConfig]
"""Host and port of a destination, and the terms of TLS where it speaks that."""

_MOST_IN_RESPONSE: Final = 0xFFFF


class _Line(Protocol):
    """Where objects go."""

    def send(self, stored: StorageObject) -> int:
        """The status of the response."""


@dataclass
class Progress:
    """How far the sub-operations of a request are (PS3.7 section 9.1.4.1).

    Attributes:
        total: of all; it grows if there turn out to be more.
        completed: succeeded.
        failed: did not.
        warnings: succeeded with a warning.
        failed_instances: UIDs of what could not be sent.
    """

    total: int
    completed: int = 0
    failed: int = 0
    warnings: int = 0
    failed_instances: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Sub-operations that are over."""
        return self.completed + self.failed + self.warnings

    def add(self, status: int, sop_instance: str) -> None:
        """Nothing: one more is over."""
        category = category_of(status)
        if category is StatusCategory.SUCCESS:
            self.completed += 1
        elif category is StatusCategory.WARNING:
            self.warnings += 1
        else:
            self.failed += 1
            if sop_instance:
                self.failed_instances.append(sop_instance)
        self.total = max(self.total, self.done)

    @property
    def final_status(self) -> int:
        """Of the last response."""
        if self.failed == 0:
            return DimseStatus.SUCCESS
        if self.completed or self.warnings:
            return DimseStatus.SUBOPERATIONS_WITH_FAILURES
        return DimseStatus.CANNOT_PERFORM_SUBOPERATIONS

    def elements(self, *, with_remaining: bool) -> list[tuple[int, Any]]:
        """Of a response; a pending or cancelled one also says how many remain."""
        counts = [
            (0x00001021, self.completed),
            (0x00001022, self.failed),
            (0x00001023, self.warnings),
        ]
        if with_remaining:
            counts.insert(0, (0x00001020, self.total - self.done))
        return [(tag, min(count, _MOST_IN_RESPONSE)) for tag, count in counts]


def _source_of(item: Any) -> InputSource:
    """What a handler has given, as a path or the content of a file."""
    if isinstance(item, (str, bytes, bytearray, memoryview, os.PathLike)):
        return item
    if isinstance(item, DicomFile):
        return item._path if item.changes.is_empty else item._changed_content()
    if isinstance(item, DicomDataset):
        content = query_draft(item).write(
            None, write_options(write_mode="file", transfer_syntax="")
        )
        assert content is not None
        return content
    raise TypeError(f"an object is a path, bytes, a DicomFile or a DicomDataset, not {item!r}")


def objects_of(items: Iterator[Any]) -> tuple[int, Iterator[Any]]:
    """How many objects there are, and the objects.

    A handler may say the number first; without it they are counted, which needs all of them: yield
    paths then, not contents.
    """
    first = next(items, None)
    if first is None:
        return 0, iter(())
    if isinstance(first, int) and not isinstance(first, bool):
        return first, items
    collected = list(chain([first], items))
    return len(collected), iter(collected)


def _send(item: Any, line: _Line, progress: Progress) -> None:
    """Nothing: the item's sub-operation is over.

    Errors:
        NativeError: raised when the association broke.
    """
    instance = ""
    try:
        stored = StorageObject.open(_source_of(item), DEFAULT_READ)
        instance = stored.sop_instance
        status = line.send(stored)
    except NativeError as error:
        if not is_of_the_file(error):
            raise
        status = DimseStatus.CANNOT_UNDERSTAND
    progress.add(status, instance)


def _fitting(stored: StorageObject, accepted: Sequence[str]) -> StorageObject | None:
    """The object in a transfer syntax that was accepted; `None`: there is none."""
    if not accepted:
        return None
    if stored.transfer_syntax in accepted:
        return stored
    syntax = next((one for one in UNCOMPRESSED if one in accepted), accepted[0])
    return stored.in_syntax(syntax, enable_new_vr=True, compression_level=DEFAULT_COMPRESSION_LEVEL)


@dataclass(frozen=True, slots=True)
class _BackToAsker:
    """The association of the C-GET itself."""

    session: Session
    priority: int

    def send(self, stored: StorageObject) -> int:
        ready = _fitting(stored, self.session.syntaxes_of(stored.sop_class))
        if ready is None:
            return DimseStatus.CANNOT_PERFORM_SUBOPERATIONS
        return int(self.session.send(ready, self.priority)[0])


@dataclass(frozen=True, slots=True)
class _ToDestination:
    """An association with the destination of a C-MOVE."""

    association: NativeAssociation
    accepted: Mapping[str, Sequence[str]]
    priority: int
    originator: tuple[str, int]

    def send(self, stored: StorageObject) -> int:
        ready = _fitting(stored, self.accepted.get(stored.sop_class, ()))
        if ready is None:
            return DimseStatus.CANNOT_PERFORM_SUBOPERATIONS
        return int(self.association.store(ready, self.priority, self.originator, None)[0])


def send_back(
    session: Session, items: Iterable[Any], priority: int, progress: Progress
) -> Iterator[None]:
    """A step for each object that has gone to who asked, on the same association."""
    line = _BackToAsker(session, priority)
    for item in items:
        _send(item, line, progress)
        yield


def move(
    destination: Destination,
    items: Iterable[Any],
    priority: int,
    originator: tuple[str, int],
    progress: Progress,
) -> Iterator[None]:
    """A step for each object that has gone to the destination, or could not.

    Errors:
        NativeError, OptionsError: raised where the destination cannot be reached.
    """
    files: list[OutgoingFile] = []
    for item in items:
        try:
            source = _source_of(item)
            stored = StorageObject.open(source, DEFAULT_READ)
        except NativeError as error:
            if not is_of_the_file(error):
                raise
            progress.add(DimseStatus.CANNOT_UNDERSTAND, "")
            yield
        else:
            files.append(
                OutgoingFile(source, stored.sop_class, stored.sop_instance, stored.transfer_syntax)
            )
    for batch in packed(files, _contexts_of(files)):
        with destination.associated(batch.contexts) as association:
            line = _ToDestination(association, _accepted(association), priority, originator)
            for position in batch.files:
                _send(files[position].source, line, progress)
                yield


def _contexts_of(files: Iterable[OutgoingFile]) -> dict[str, tuple[PresentationContext, ...]]:
    """Of each SOP class: one for every syntax that there is of it, and one without compression."""
    syntaxes: dict[str, dict[str, None]] = {}
    for file in files:
        syntaxes.setdefault(file.sop_class, {})[file.transfer_syntax] = None
    return {
        sop_class: tuple(
            PresentationContext(sop_class, proposed)
            for proposed in (*((one,) for one in own if one != EXPLICIT_LITTLE), UNCOMPRESSED)
        )
        for sop_class, own in syntaxes.items()
    }


def _accepted(association: NativeAssociation) -> dict[str, list[str]]:
    accepted: dict[str, list[str]] = {}
    for sop_class, syntax, _, _ in association.contexts:
        accepted.setdefault(sop_class, []).append(syntax)
    return accepted
