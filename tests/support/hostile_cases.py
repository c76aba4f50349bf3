"""What a hostile peer does, by name, and what the client has to say about it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dcmtk_native import Association, DcmtkError, PresentationContext, Result
from support.hostile_answers import ECHO_ANSWERS, NEGOTIATION
from support.hostile_peer import (
    ECHO,
    EXPLICIT,
    FIND,
    GET,
    IMPLICIT,
    Line,
    Script,
    abort,
    accept,
    answer,
    command,
    context,
    pdata,
    pdv,
    release_request,
)
from support.samples import CT_IMAGE, DEFLATED, ct_image, dicom_file

__all__ = ["BOTH", "CASES", "CONTEXTS", "Case", "Operation", "attempt", "store_request"]

Operation = str
"""open, echo, find, get, store or release."""

CT_FILE = dicom_file(ct_image((0x7FE00010, "OW", bytes(400_000))))
CONTEXTS: dict[Operation, list[PresentationContext]] = {
    "find": [PresentationContext(FIND, (IMPLICIT, DEFLATED))],
    "get": [
        PresentationContext(GET, (IMPLICIT,)),
        PresentationContext(CT_IMAGE, (EXPLICIT,), scp=True),
    ],
    "store": [PresentationContext(CT_IMAGE, (EXPLICIT,))],
}


def _used(peer: Association, operation: Operation, folder: Path, limits: dict[str, Any]) -> None:
    """Does it; raises what an `Err` holds."""
    match operation:
        case "echo":
            peer.echo(**limits).unwrap()
        case "find":
            for _ in peer.find({"PatientID": "1"}, **limits).unwrap():
                pass
        case "get":
            for _ in peer.get({"PatientID": "1"}, output_directory=folder, **limits).unwrap():
                pass
        case "store":
            peer.store(CT_FILE, **limits).unwrap()
        case "release":
            peer.release(**limits).unwrap()


def attempt(operation: Operation, port: int, folder: Path, **limits: Any) -> DcmtkError | None:
    """What the operation failed with, on an association of its own, which is dead then."""
    contexts = CONTEXTS.get(operation, [ECHO])
    opened: Result[Association] = Association.open("127.0.0.1", port, contexts=contexts, **limits)
    if not opened.ok or operation == "open":
        return opened.error if not opened.ok else None
    peer = opened.value
    try:
        _used(peer, operation, folder, limits)
    except DcmtkError as error:
        assert not peer.is_open
        assert not peer.echo().ok
        return error
    finally:
        peer.abort()
    return None


@dataclass(frozen=True)
class Case:
    """A lie.

    Attributes:
        operation: of the client.
        script: of the peer; the connection stays open behind it, unless the script closes it.
        said: part of the message; of what stalls it is nothing.
    """

    operation: Operation
    script: Script
    said: str

    @property
    def stalls(self) -> bool:
        """Whether it is the deadline that ends it."""
        return not self.said


def _first(*parts: bytes) -> Script:
    """Instead of an answer to the association request."""

    def script(line: Line) -> None:
        line.receive()
        line.send(*parts)

    return script


def _then(*parts: bytes, contexts: tuple[bytes, ...] = ()) -> Script:
    """After the first request, on an association that was accepted."""

    def script(line: Line) -> None:
        line.asked(*contexts)
        line.send(*parts)

    return script


def _after(preparation: Callable[[Line], object], end: Callable[[Line], object]) -> Script:
    def script(line: Line) -> None:
        preparation(line)
        end(line)

    return script


def _request(line: Line) -> None:
    line.receive()


def _closing(*parts: bytes) -> Callable[[Line], object]:
    def end(line: Line) -> None:
        line.send(*parts)
        line.connection.close()

    return end


PENDING: dict[str, Any] = {"data": 1, "status": 0xFF00}


def _data(content: bytes, number: int = 1, control: int = 2) -> bytes:
    return pdata(pdv(number, control, content))


@cache
def _deflated_bomb() -> bytes:
    """An element of 40 MiB in a thousandth of that."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    parts = [packer.compress(struct.pack("<HH2sHI", 0x0009, 0x1001, b"OB", 0, 40 << 20))]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(40)]
    return b"".join(parts) + packer.flush()


NESTED = b"".join(
    struct.pack("<HHI", 0x0040, 0xA730, 0xFFFFFFFF)
    + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    for _ in range(500)
)


def _bomb(line: Line) -> None:
    bomb = _deflated_bomb()
    line.asked(context(1, DEFLATED))
    line.send(answer(0x8020, **PENDING))
    line.send(*(_data(bomb[at : at + 16000], control=0) for at in range(0, len(bomb), 16000)))
    line.send(_data(b""))


def _match(content: bytes) -> tuple[bytes, bytes]:
    return answer(0x8020, **PENDING), _data(content)


FIND_ANSWERS: dict[str, tuple[Script, str]] = {
    "a data set that is not sent": (_then(answer(0x8020, **PENDING)), ""),
    "a data set that ends in the middle": (
        _then(answer(0x8020, **PENDING), _data(bytes(100), control=0)),
        "",
    ),
    "a data set that was not announced": (
        _then(answer(0x8020, status=0xFF00), _data(b"1234")),
        "data where a command was due",
    ),
    "a command where data is due": (
        _then(answer(0x8020, **PENDING), answer(0x8020)),
        "a command within a data set",
    ),
    "a data set in another context": (
        _then(answer(0x8020, **PENDING), _data(b"1234", 3)),
        "changed the context",
    ),
    "a data set of endless fragments": (
        lambda line: _endless(line, _data(bytes(16000), 1, 0)),
        "bytes of a data set|timed out",
    ),
    "a data set of endless empty fragments": (
        lambda line: _endless(line, pdata(*[pdv(1, 0, b"")] * 2000)),
        "",
    ),
    "a response of endless empty PDUs": (lambda line: _endless(line, pdata() * 1000), ""),
    "a command of endless empty fragments": (
        lambda line: _endless(line, pdata(*[pdv(1, 1, b"")] * 2000), b""),
        "",
    ),
    "a deflate bomb": (_bomb, "inflate"),
    "a data set of sequences 500 deep": (_then(*_match(NESTED)), "max_depth"),
    "a data set whose element reaches past it": (
        _then(*_match(struct.pack("<HHI", 0x0010, 0x0010, 0x7FFFFFFF) + b"A^B ")),
        "damaged data set",
    ),
    "a data set of half an element": (_then(*_match(b"\x10\0\x10")), "damaged data set"),
    "a release in the middle of a data set": (
        _then(answer(0x8020, **PENDING), _data(b"12", control=0), release_request),
        "released the association",
    ),
    "an abort in the middle of a data set": (
        _then(answer(0x8020, **PENDING), _data(b"12", control=0), abort(0, 0, 0, 0)),
        "aborted the association",
    ),
    "a reset in the middle of a data set": (
        _after(
            _then(answer(0x8020, **PENDING), _data(b"12", control=0)),
            Line.reset,
        ),
        "connection",
    ),
}


def _endless(line: Line, part: bytes, head: bytes | None = None) -> None:
    line.asked()
    line.send(answer(0x8020, **PENDING) if head is None else head)
    line.flood(part)


def store_request(
    instance: str | bytes | None = "1.2.3",
    sop_class: str | None = CT_IMAGE,
    number: int = 3,
    data: int = 1,
    **more: Any,
) -> bytes:
    """A C-STORE within a C-GET."""
    fields = {"field": 1, "id": 7, "priority": 0, "data": data, **more}
    return pdata(pdv(number, 3, command(sop_class=sop_class, sop_instance=instance, **fields)))


BOTH = (context(1), context(3, EXPLICIT))

GET_ANSWERS: dict[str, tuple[Script, str]] = {
    "a store whose data does not come": (_then(store_request(), contexts=BOTH), ""),
    "a response in another context": (_then(answer(0x8010, 3), contexts=BOTH), "another context"),
    "a store in a context of nobody": (_then(store_request(number=9), contexts=BOTH), "context"),
    "a store whose data is in another context": (
        _then(store_request(), _data(b"1234", 1), contexts=BOTH),
        "changed the context",
    ),
    "a store of endless fragments": (
        lambda line: _endless_store(line, _data(bytes(16000), 3, 0)),
        "",
    ),
    "a store in the middle of a store": (
        _then(store_request(), _data(b"12", 3, 0), store_request(), contexts=BOTH),
        "a command within a data set",
    ),
    "a response that is none, after a store": (
        _then(store_request(), _data(b"1234", 3), answer(0x8030), contexts=BOTH),
        "another command",
    ),
}


def _endless_store(line: Line, part: bytes) -> None:
    line.asked(*BOTH)
    line.send(store_request())
    line.flood(part)


def _reading_nothing(line: Line) -> None:
    line.opened(context(1, EXPLICIT))


ENDS: dict[str, tuple[Operation, Script, str]] = {
    "silence after the connection": ("open", lambda line: None, ""),
    "silence within the answer": (
        "open",
        _after(_request, lambda line: line.send(accept(context(1))[:50])),
        "",
    ),
    "a byte a second": (
        "open",
        _after(_request, lambda line: line.drip(accept(context(1)))),
        "",
    ),
    "a close without an answer": ("open", _after(_request, _closing()), "closed the connection"),
    "a close within a header": (
        "open",
        _after(_request, _closing(accept()[:3])),
        "closed the connection",
    ),
    "a close within the answer": (
        "open",
        _after(_request, _closing(accept(context(1))[:90])),
        "closed the connection",
    ),
    "a reset without an answer": ("open", _after(_request, Line.reset), "connection"),
    "a reset at once": ("open", Line.reset, "[Cc]onnection"),
    "silence after the accept": ("echo", Line.opened, ""),
    "a response a byte a second": (
        "echo",
        _after(Line.asked, lambda line: line.drip(answer(0x8030))),
        "",
    ),
    "half a response": ("echo", _then(answer(0x8030)[:30]), ""),
    "a close after the accept": ("echo", _after(Line.asked, _closing()), "closed the connection"),
    "a close within a response": (
        "echo",
        _after(Line.asked, _closing(answer(0x8030)[:20])),
        "closed the connection",
    ),
    "a reset after the accept": ("echo", _after(Line.asked, Line.reset), "connection"),
    "a peer that reads nothing": ("store", _reading_nothing, ""),
    "a reset while we send": (
        "store",
        _after(_reading_nothing, lambda line: (line.receive(), line.reset())),
        "connection",
    ),
    "an abort while we send": (
        "store",
        _after(_reading_nothing, lambda line: (line.receive(), line.send(abort(0, 0, 2, 6)))),
        "invalid PDU parameter value",
    ),
    "no answer to the release": ("release", Line.opened, ""),
    "data without an end after the release": (
        "release",
        lambda line: (line.opened(), line.receive(), line.flood(pdata(pdv(1, 0, bytes(8000))))),
        "",
    ),
    "a close instead of a release": (
        "release",
        _after(lambda line: (line.opened(), line.receive()), _closing()),
        "closed the connection",
    ),
    "an abort instead of a release": (
        "release",
        lambda line: (line.opened(), line.receive(), line.send(abort(0, 0, 0, 0))),
        "aborted the association",
    ),
    "an accept instead of a release": (
        "release",
        lambda line: (line.opened(), line.receive(), line.send(accept())),
        "does not belong",
    ),
}

CASES: dict[str, Case] = {
    **{name: Case("open", _first(lie), said) for name, (lie, said) in NEGOTIATION.items()},
    **{name: Case("echo", _then(lie), said) for name, (lie, said) in ECHO_ANSWERS.items()},
    **{f"find: {name}": Case("find", *case) for name, case in FIND_ANSWERS.items()},
    **{f"get: {name}": Case("get", *case) for name, case in GET_ANSWERS.items()},
    **{name: Case(*case) for name, case in ENDS.items()},
}
