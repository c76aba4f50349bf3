"""Messages between a process and its worker: a length of 4 bytes, then JSON.

Either side may be made to lie: the worker by what it decodes. So nothing is unpickled, and every
length is looked at before it is believed.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["HEADER_SIZE", "MAX_MESSAGE", "length_of", "packed", "unpacked"]

HEADER_SIZE: Final = 4
MAX_MESSAGE: Final = 16 << 20
"""Bytes of JSON: a call's arguments or its log records; file contents go another way."""


def packed(message: dict[str, Any]) -> bytes:
    """The message as bytes.

    Errors:
        ValueError: raised if it is too long.
    """
    import json

    text = json.dumps(message).encode("ascii")
    if len(text) > MAX_MESSAGE:
        raise ValueError(f"a message of {len(text)} bytes")
    return len(text).to_bytes(HEADER_SIZE, "little") + text


def length_of(header: bytes | bytearray) -> int:
    """How many bytes of JSON follow.

    Errors:
        ValueError: raised if they are more than a message has.
    """
    length = int.from_bytes(header[:HEADER_SIZE], "little")
    if length > MAX_MESSAGE:
        raise ValueError(f"a message of {length} bytes")
    return length


def unpacked(text: bytes | bytearray) -> dict[str, Any]:
    """The message that these bytes are.

    Errors:
        ValueError: raised if they are none.
    """
    import json

    try:
        message = json.loads(text)
    except RecursionError:
        raise ValueError("a message of too many levels") from None
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message
