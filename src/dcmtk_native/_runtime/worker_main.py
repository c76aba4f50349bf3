"""What a worker process runs: request after request, until the process that started it ends."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import select
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, cast

from dcmtk_native._core.runtime import Call, CancelToken, NativeError
from dcmtk_native._runtime.options import MAX_TIMEOUT_MS
from dcmtk_native._runtime.signature import Declaration
from dcmtk_native._runtime.wire import HEADER_SIZE, length_of, packed, unpacked
from dcmtk_native.errors import OptionsError

_NO_NEW_PRIVILEGES: Final = 38  # of prctl
_DUMPABLE: Final = 4
_MAX_DESCRIPTORS: Final = 16
_WRITE_STEP: Final = 1 << 30


def main() -> None:
    """Nothing: serves until the other side hangs up."""
    line = socket.socket(fileno=int(sys.argv[1]))
    _harden()
    threading.Thread(target=_end_with_the_other_side, args=(line,), daemon=True).start()
    line.sendall(packed({"ready": True}))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    while True:
        request, descriptors = _next_request(line)
        try:
            answer = _answer(request, descriptors, line)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        line.sendall(_packed_or_shortened(answer))


def _harden() -> None:
    """Nothing: no core dumps, which would hold patient data, and no way to more privileges."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library = ctypes.CDLL(None)
    library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    library.prctl(_DUMPABLE, 0, 0, 0, 0)


def _end_with_the_other_side(line: socket.socket) -> None:
    """Nothing: a decoder that never ends does not outlive the process it works for."""
    waiting = select.poll()
    waiting.register(line, select.POLLRDHUP)
    waiting.poll()
    os._exit(0)


def _next_request(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    header, descriptors, _, _ = socket.recv_fds(line, HEADER_SIZE, _MAX_DESCRIPTORS)
    received = bytearray(header)
    _receive(line, received, HEADER_SIZE)
    end = HEADER_SIZE + length_of(received)
    _receive(line, received, end)
    return unpacked(received[HEADER_SIZE:]), descriptors


def _receive(line: socket.socket, received: bytearray, size: int) -> None:
    """Nothing: there are so many bytes now."""
    while len(received) < size:
        chunk = line.recv(size - len(received))
        if not chunk:
            os._exit(0)
        received += chunk


def _answer(request: dict[str, Any], descriptors: list[int], line: socket.socket) -> dict[str, Any]:
    made, folder = descriptors[:2]
    os.fchdir(folder)
    # Its deadline is that of the other side, which kills.
    call = Call(cast("CancelToken", None), MAX_TIMEOUT_MS, request["level"])
    try:
        answer: dict[str, Any] = {"size": _work(request, descriptors, made, line)}
    except NativeError as error:
        answer = {"native": list(error.args)}
    except OptionsError as error:
        answer = {"options": error.message, "tool": error.tool}
    except Exception as error:
        answer = {"defect": type(error).__name__}
    finally:
        records = call.close()
    return answer | {"records": records or []}


def _work(request: dict[str, Any], descriptors: list[int], made: int, line: socket.socket) -> int:
    """How many bytes the function has made."""
    declared = getattr(import_module(request["module"]), request["name"])
    declaration = declared.__dict__.get("__declaration__")
    function = declared if declaration is None else declaration.function
    arguments = {name: _decoded(value, descriptors) for name, value in request["arguments"].items()}
    if isinstance(declaration, Declaration):
        _, arguments = declaration.checked((), arguments)
    if request["reports"]:
        arguments["on_progress"] = _reporting(line)
    size: int | None = request["size"]
    if size is None:
        return _written(function(**arguments).data, made)
    os.ftruncate(made, size)
    with mmap.mmap(made, size) as into:
        function(**arguments, into=into)
    return size


def _decoded(value: Any, descriptors: list[int]) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(one, descriptors) for one in value)
    if not isinstance(value, dict):
        return value
    if "named" in value:
        return {key: _decoded(one, descriptors) for key, one in value["named"].items()}
    if "fields" in value:
        return getattr(import_module(value["module"]), value["name"])(**value["fields"])
    descriptor = descriptors[value["content"]]
    if os.fstat(descriptor).st_size == 0:
        return b""
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def _reporting(line: socket.socket) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        line.sendall(packed({"progress": [done, total]}))

    return report


def _written(data: bytes, made: int) -> int:
    left = memoryview(data)
    while left:
        left = left[os.write(made, left[:_WRITE_STEP]) :]
    return len(data)


def _packed_or_shortened(answer: dict[str, Any]) -> bytes:
    try:
        return packed(answer)
    except ValueError:
        return packed(answer | {"records": []})


if __name__ == "__main__":
    with suppress(ConnectionError):  # the other side has hung up meanwhile
        main()
