"""Runs every reading tool on the files that it is told of, one line of JSON an outcome.

The parent names a file a line on standard input. A crash of this process is what the tests
look for.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dcmtk_native import (
    DicomFile,
    Result,
    TransferSyntax,
    dcm2json,
    dcm2xml,
    dcmconv,
    dcmdump,
    dcmodify,
    unwrap,
)


def open_and_look(path: str) -> Result[object]:
    result = DicomFile.open(path)
    if result.ok:
        dataset = result.value.dataset
        repr(dataset)
        dataset._repr_html_()
        for tag in dataset:
            dataset.get_string(tag)
    return result


OPERATIONS: dict[str, Callable[[str], Result[object]]] = {
    "dcmdump": dcmdump,
    "dcm2json": dcm2json,
    "dcm2xml": dcm2xml,
    "dcmconv": lambda path: dcmconv(path, None, transfer_syntax=TransferSyntax.IMPLICIT_LITTLE),
    "dcmodify": lambda path: dcmodify(
        Path(path).read_bytes(), modifications=[("(0010,0010)", "A^B")], insert_if_missing=True
    ),
    "DicomFile": open_and_look,
}


def memory(field: str) -> int:
    """A figure of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def measured(operation: Callable[[str], Result[object]], path: str) -> dict[str, object]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    start = time.perf_counter()
    result = operation(path)
    seconds = time.perf_counter() - start
    outcome = "Ok" if result.ok else type(result.error).__name__
    message = "" if result.ok else result.error.message
    del result
    return {
        "outcome": outcome,
        "message": message[:300],
        "seconds": seconds,
        "memory": memory("VmHWM") - before,
    }


def main() -> None:
    warm = sys.stdin.readline().strip()
    for operation in OPERATIONS.values():
        unwrap(operation(warm))
    for line in sys.stdin:
        path = line.rstrip("\n")
        outcomes = {name: measured(operation, path) for name, operation in OPERATIONS.items()}
        print(json.dumps(outcomes), flush=True)


if __name__ == "__main__":
    main()
