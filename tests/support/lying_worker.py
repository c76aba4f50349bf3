"""A worker that was taken over by what it decoded: it says what `LIE` in its environment names."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

RECORDS: dict[str, Any] = {"records": []}
NATIVE = ["codec", "text", 0, 0, "", "", 0, 0, 0, [0, 0, 0]]


def message(content: Any) -> bytes:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return len(text).to_bytes(4, "little") + text


LIES: dict[str, bytes] = {
    "a length of 4 GiB": b"\xff\xff\xff\xff" + b"x" * 100,
    "nothing at all": message(b""),
    "no JSON": message(b"\x80\x04\x95pickled"),
    "a list": message([1, 2]),
    "deep JSON": message(b"[" * 200_000),
    "a long number": message(b'{"size": ' + b"9" * 10_000 + b"}"),
    "an empty message": message({}),
    "no records": message({"size": 0}),
    "records of another kind": message({"size": 0, "records": [[1]]}),
    "a record of no level": message({"size": 0, "records": [[1 << 70, "a", "b"]]}),
    "more than there is": message({"size": 1 << 50, **RECORDS}),
    "less than nothing": message({"size": -1, **RECORDS}),
    "a size that is text": message({"size": "100", **RECORDS}),
    "an error of no kind": message({"native": ["nonsense", *NATIVE[1:]], **RECORDS}),
    "an error of too few parts": message({"native": NATIVE[:4], **RECORDS}),
    "an error of other parts": message({"native": [*NATIVE[:2], "0", *NATIVE[3:]], **RECORDS}),
    "a progress of three": message({"progress": [1, 2, 3]}),
    "a progress of text": message({"progress": "12"}),
    "half a message": message({"size": 0, **RECORDS})[:-5],
    "a memory that is not there": message({"size": 1 << 40, **RECORDS}),
}


def main() -> None:
    line = socket.socket(fileno=int(sys.argv[1]))
    line.sendall(message({"ready": True}))
    _, descriptors, _, _ = socket.recv_fds(line, 1 << 16, 16)
    if os.environ["LIE"] == "a memory that is not there":
        os.truncate(descriptors[0], 1 << 40)
    line.sendall(LIES[os.environ["LIE"]])


if __name__ == "__main__":
    main()
