"""What handlers of pynetdicom say, as answers of a `DicomServer`."""

from __future__ import annotations

import logging
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Final

import pydicom

from dcmtk_native.network.services import StatusCategory, category_of
from dcmtk_native.servers.answers import Answer, DimseStatus, draft_of

__all__ = ["matches", "objects", "one_answer", "status_answer"]

_LOGGER: Final = logging.getLogger("dcmtk_native.compat.pynetdicom")
_SENT: Final = frozenset({"Status", "ErrorComment"})


def failed(name: str) -> None:
    """Nothing: the log says what a handler has raised."""
    _LOGGER.exception("the handler of %s failed", name)


def status_answer(said: Any) -> Answer:
    """The answer of a status: a number, or a data set with one and an error comment.

    pynetdicom's own statuses stand for what is neither: C001 and C002.
    """
    if isinstance(said, pydicom.Dataset):
        unsent = [one.keyword or str(one.tag) for one in said if one.keyword not in _SENT]
        if unsent:
            _LOGGER.warning("of a status, %s cannot be sent", ", ".join(unsent))
        if "Status" not in said:
            _LOGGER.error("a handler gave a data set without a status")
            return Answer(0xC001)
        return Answer(int(said.Status), comment=str(said.get("ErrorComment") or ""))
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= 0xFFFF:
        _LOGGER.error("a handler gave %r for a status", said)
        return Answer(0xC002)
    return Answer(int(said))


def one_answer(name: str, call: Callable[[], Any], failure: int, *, is_pair: bool) -> Answer:
    """The answer of a service that has one: a status, or the pair of a status and a data set."""
    try:
        said = call()
        if not is_pair:
            return status_answer(said)
        status, dataset = said
        answer = status_answer(status)
        if dataset is None or category_of(answer.status) is StatusCategory.FAILURE:
            return answer
        return Answer(answer.status, draft_of(dataset), answer.comment)
    except Exception:  # as pynetdicom: whatever a handler raises is a status of the response
        failed(name)
        return Answer(failure)


def matches(name: str, call: Callable[[], Any]) -> Iterator[Answer]:
    """The answers of a C-FIND, of pairs of a status and an identifier."""
    try:
        for status, identifier in call():
            answer = status_answer(status)
            if category_of(answer.status) is not StatusCategory.PENDING:
                yield answer
                return
            yield Answer(answer.status, draft_of(identifier))
    except Exception:  # as above
        failed(name)
        yield Answer(0xC311)


def objects(name: str, call: Callable[[], Any], failure: int, *, is_move: bool) -> Iterator[Any]:
    """What a `DicomServer` is to be told for a C-GET or C-MOVE.

    The handler yields the destination (of a C-MOVE), the number of objects, then pairs of a status
    and a data set.
    """
    try:
        steps = iter(call())
        if is_move:
            yield _place(next(steps))
        yield int(next(steps))
        for status, dataset in steps:
            answer = status_answer(status)
            if category_of(answer.status) is StatusCategory.PENDING:
                yield _spilled(name, dataset)
            elif answer.status == DimseStatus.SUCCESS:
                return  # what became of the sub-operations is the status
            else:
                listed = "FailedSOPInstanceUIDList" in (dataset or ())
                draft = draft_of(dataset) if listed else None
                yield Answer(answer.status, draft, answer.comment)
                return
    except Exception:  # as above
        failed(name)
        yield Answer(failure)


def _place(said: Any) -> tuple[str, int] | None:
    """Host and port of the destination; `None`: it is not known."""
    host, port, *more = said
    if any(more):
        raise ValueError(f"of a destination only host and port can be given, not {more!r}")
    return None if host is None or port is None else (str(host), int(port))


class _Spill(os.PathLike[str]):
    """A file that is there as long as this is: data sets wait on disk, not in memory."""

    def __init__(self) -> None:
        handle, self._path = tempfile.mkstemp(prefix="dcmtk_native-", suffix=".dcm")
        os.close(handle)
        weakref.finalize(self, os.unlink, self._path)

    def __fspath__(self) -> str:
        return self._path


def _spilled(name: str, dataset: Any) -> _Spill | bytes:
    """The file of a data set; nothing, which is a failed sub-operation, if it cannot be written."""
    try:
        spill = _Spill()
        pydicom.dcmwrite(spill, dataset, enforce_file_format=True)
    except Exception:  # whatever pydicom finds wrong with it
        failed(name)
        return b""
    return spill
