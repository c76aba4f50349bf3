"""
Calls, errors, logs, dictionary, text.
"""

from __future__ import annotations
import os
import typing

__all__: list[str] = [
    "Call",
    "CallTerms",
    "CancelToken",
    "NativeError",
    "checkpoint",
    "decode_text",
    "encode_text",
    "find_entry",
    "find_keyword",
    "library_info",
    "library_path",
    "log",
    "split_text",
    "uid_name",
    "usable_processors",
    "version",
    "write_from_descriptor",
]

class NativeError(Exception):
    """
    An error of the core: (kind, message, module, code, condition_text, limit, value, maximum, errno, rejection).
    """

class CancelToken:
    def __init__(self) -> None: ...
    def cancel(self) -> None: ...
    @property
    def cancelled(self) -> bool: ...

class Call:
    def __init__(
        self,
        token: CancelToken,
        timeout_ms: typing.SupportsInt | typing.SupportsIndex,
        level: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...
    def close(self) -> typing.Any: ...

class CallTerms:
    def __init__(self) -> None: ...
    def begin(self) -> Call: ...

def checkpoint() -> None: ...
def decode_text(
    bytes: bytes, specific_character_set: str, person_name: bool = False
) -> typing.Any: ...
def encode_text(text: str, term: str, on_unencodable: str = "fail") -> bytes: ...
def find_entry(
    tag: typing.SupportsInt | typing.SupportsIndex, private_creator: str = ""
) -> typing.Any: ...
def find_keyword(keyword: str) -> typing.Any: ...
def library_info() -> dict[typing.Any, typing.Any]: ...
def library_path() -> str: ...
def log(level: typing.SupportsInt | typing.SupportsIndex, logger: str, message: str) -> None: ...
def split_text(bytes: bytes, specific_character_set: str) -> list[typing.Any]: ...
def uid_name(uid: str) -> str: ...
def usable_processors() -> int: ...
def write_from_descriptor(
    descriptor: typing.SupportsInt | typing.SupportsIndex,
    size: typing.SupportsInt | typing.SupportsIndex,
    output: str | os.PathLike[str] | None,
) -> None: ...

version: str = "0.1.0"
