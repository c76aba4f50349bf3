"""`isolate=True`: the work of a call in another process, whose crash is an error of this one.

The worker gets the arguments of the call. What it makes comes back as the bytes of a file in memory
that this process has made; it is read, never mapped, so that nothing the worker does to it later
can hurt. What the worker reports, this process checks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, is_dataclass
from types import FunctionType
from typing import Any, Final, NamedTuple, get_type_hints

from dcmtk_native._core.runtime import NativeError, log, write_from_descriptor
from dcmtk_native._runtime.callbacks import guarded
from dcmtk_native._runtime.conditions import is_native_error, native_error
from dcmtk_native._runtime.logs import capture_level
from dcmtk_native._runtime.worker_process import ask_worker
from dcmtk_native.errors import OptionsError

__all__ = ["Content", "made_by_worker", "shared_content", "written_by_worker"]

_READ_STEP: Final = 1 << 30  # the system reads at most 2 GiB at once
_BLOCK: Final = 512
_MAX_LEVEL: Final = 60000  # of libdcmtk's log


class Content:
    """The content of a file in memory that worker processes may read, and nobody may change."""

    __slots__ = ("descriptor",)

    def __init__(self, buffer: Any) -> None:
        from fcntl import F_ADD_SEALS, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, fcntl

        self.descriptor = -1
        self.descriptor = os.memfd_create("dcmtk_native input", os.MFD_ALLOW_SEALING)
        left = memoryview(buffer).cast("B")
        while left:
            left = left[os.write(self.descriptor, left[:_READ_STEP]) :]
        fcntl(self.descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

    def close(self) -> None:
        """Nothing: the memory is given back."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __del__(self) -> None:
        self.close()


def shared_content(source: Any) -> Any:
    """A path as it is; what is in memory, as something that calls can share."""
    return source if isinstance(source, (str, os.PathLike)) else Content(source)


class _Made(NamedTuple):
    """What a worker has made: the first bytes of an open file."""

    descriptor: int
    size: int

    def read_into(self, target: memoryview) -> None:
        done = 0
        while done < self.size:
            got = os.preadv(self.descriptor, [target[done : done + _READ_STEP]], done)
            if got == 0:
                raise _nonsense()
            done += got

    def read(self) -> bytes:
        if self.size <= _READ_STEP:
            data = os.pread(self.descriptor, self.size, 0)
            if len(data) == self.size:
                return data
        target = bytearray(self.size)
        self.read_into(memoryview(target))
        return bytes(target)


def written_by_worker(function: FunctionType, /, *args: Any, **kwargs: Any) -> Any:
    """What a tool that writes one file returns, its body run in a worker process.

    The file is written here: a worker that is killed leaves nothing half done.
    """
    arguments = dict(zip(function.__code__.co_varnames, args, strict=False)) | kwargs
    del arguments["isolate"]
    output = arguments["output_path"]
    arguments["output_path"] = None
    result = get_type_hints(function)["return"]
    with _made(function, arguments) as made:
        if output is None:
            return result(None, made.read())
        write_from_descriptor(made.descriptor, made.size, output)
        return result(str(output), None)


def made_by_worker(function: FunctionType, arguments: Mapping[str, Any], into: memoryview) -> None:
    """Nothing: `into` has what the function, run in a worker process, wrote into its `into`."""
    with _made(function, arguments, into.nbytes) as made:
        made.read_into(into)


@contextmanager
def _made(
    function: FunctionType, arguments: Mapping[str, Any], size: int | None = None
) -> Iterator[_Made]:
    with ExitStack() as held:
        made = held.enter_context(_closed_at_the_end(os.memfd_create("dcmtk_native output")))
        folder = held.enter_context(_closed_at_the_end(_current_folder()))
        descriptors = [made, folder]
        on_progress: Callable[[int, int], object] | None = guarded(arguments.get("on_progress"))
        request = {
            "module": function.__module__,
            "name": function.__name__,
            "size": size,
            "level": capture_level(arguments.get("log_level")),
            "arguments": {
                name: _encoded(value, descriptors, held)
                for name, value in arguments.items()
                if name not in _OF_THE_CALL
            },
            "reports": on_progress is not None,
        }
        try:
            outcome = ask_worker(
                request, descriptors, on_progress, lambda answer: _outcome_in(answer, made, size)
            )
        except ValueError:
            raise _nonsense() from None
        for level, logger, message in outcome.records:
            log(level, logger, message)
        if isinstance(outcome.value, Exception):
            raise outcome.value
        yield _Made(made, outcome.value)


_OF_THE_CALL: Final = frozenset({"timeout_ms", "signal", "log_level", "on_progress"})


@contextmanager
def _closed_at_the_end(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _current_folder() -> int:
    """What relative paths start from; a worker has another one of its own."""
    return os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def _encoded(value: Any, descriptors: list[int], held: ExitStack) -> Any:
    """The argument as JSON has it; the content of a file as the number of its descriptor."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_encoded(one, descriptors, held) for one in value]
    if isinstance(value, dict):
        return {"named": {key: _encoded(one, descriptors, held) for key, one in value.items()}}
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        return {"module": kind.__module__, "name": kind.__name__, "fields": asdict(value)}
    if not isinstance(value, Content):
        value = Content(value)
        held.callback(value.close)
    descriptors.append(value.descriptor)
    return {"content": len(descriptors) - 1}


class _Outcome(NamedTuple):
    """What a worker says of its work: how much it has made, or why not."""

    value: int | NativeError | OptionsError
    records: list[tuple[int, str, str]]


def _outcome_in(answer: Mapping[str, Any], made: int, size: int | None) -> _Outcome:
    """The outcome that an answer tells.

    Errors:
        ValueError: raised if it tells none, or none that can be true.
    """
    records = [_record_in(record) for record in _list_in(answer.get("records"))]
    match answer:
        case {"size": int(told)} if told == size or (size is None and _is_there(made, told)):
            return _Outcome(told, records)
        case {"native": list(arguments)} if is_native_error(arguments):
            return _Outcome(NativeError(*arguments), records)
        case {"options": str(message), "tool": str() | None as tool}:
            return _Outcome(OptionsError(message, tool=tool), records)
        case {"defect": str(name)}:
            defect = native_error("internal", f"{_sound(name)} in a worker process")
            return _Outcome(defect, records)
    raise ValueError("not an answer")


def _is_there(made: int, size: int) -> bool:
    """Whether the file has this size, and all of its memory: reading it is not to make any."""
    status = os.fstat(made)
    return size == status.st_size and size <= status.st_blocks * _BLOCK


def _list_in(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return value


def _record_in(record: Any) -> tuple[int, str, str]:
    match record:
        case [int(level), str(logger), str(message)] if 0 <= level <= _MAX_LEVEL:
            return level, _sound(logger), _sound(message)
    raise ValueError("not a record")


def _sound(text: str) -> str:
    """The text without lone surrogates, which UTF-8 cannot hold."""
    return text.encode(errors="replace").decode()


def _nonsense() -> NativeError:
    return native_error("codec", "the worker process gave an answer that makes no sense")
