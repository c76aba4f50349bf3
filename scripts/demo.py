"""Shows the main job of dcmtk_native on a real file: read, look, change, convert, check."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import TypeVar

from dcmtk_native import (
    ChangeSet,
    DicomFile,
    TransferSyntax,
    create_dicom_tag_path,
    dcm2json,
    dcm2xml,
    dcmconv,
    dcmdump,
    dcmftest,
    dcmodify,
    dcmtk_info,
)
from dcmtk_native.result import Err, Result

T = TypeVar("T")


def step(text: str) -> None:
    print(f"\n-- {text}")


def must(result: Result[T]) -> T:
    """The value; a failure ends the demo with its message."""
    if isinstance(result, Err):
        sys.exit(f"demo failed: {result.error.message}")
    return result.value


def sample() -> Path:
    """A CT image that the pydicom package ships."""
    spec = find_spec("pydicom")
    if spec is None or spec.origin is None:
        sys.exit("demo: give a DICOM file, or install pydicom, which ships one")
    return Path(spec.origin).parent / "data" / "test_files" / "CT_small.dcm"


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    work()
    start = time.perf_counter()
    for _ in range(rounds):
        work()
    return (time.perf_counter() - start) / rounds * 1000


def look(path: Path) -> None:
    step("dcmdump: the first elements")
    lines = must(dcmdump(path)).text.splitlines()
    print("\n".join(line[:110] for line in lines[:12]))
    print(f"   ... {len(lines)} lines")

    step("DicomFile: named values")
    file = must(DicomFile.open(path))
    dataset = file.dataset
    print(
        f"patient {dataset.patient_name!r}, modality {dataset.modality!r}, {len(dataset)} elements"
    )
    print(f"transfer syntax {dataset.transfer_syntax_uid}")

    step("dcm2json and dcm2xml")
    model = must(dcm2json(path, binary="omit")).data
    print(f"JSON model: {len(model)} attributes; XML: {len(must(dcm2xml(path)).xml)} characters")


def change(path: Path, folder: Path) -> None:
    step("ChangeSet: an anonymised copy, the original untouched")
    changes = (
        ChangeSet.empty()
        .set_tag(create_dicom_tag_path("(0010,0010)"), "ANONYMOUS")
        .set_tag(create_dicom_tag_path("(0010,0020)"), "ANON-001")
        .erase_private_tags()
    )
    copy = folder / "anonymous.dcm"
    must(must(DicomFile.open(path)).with_changes(changes).write_as(copy))
    print(must(dcmdump(copy, search_tag=["PatientName", "PatientID"])).text.rstrip())

    step("dcmodify: in place, on that copy")
    must(dcmodify(copy, modifications=[("PatientName", "DOE^JOHN")], insert_if_missing=True))
    print(must(dcmdump(copy, search_tag="PatientName")).text.rstrip())


def convert(path: Path, folder: Path) -> None:
    step("dcmconv: other transfer syntaxes")
    for syntax in (
        TransferSyntax.IMPLICIT_LITTLE,
        TransferSyntax.EXPLICIT_BIG,
        TransferSyntax.DEFLATED,
    ):
        target = folder / f"{syntax.name.lower()}.dcm"
        result = dcmconv(path, target, transfer_syntax=syntax)
        if result.ok:
            print(f"{syntax.name:16} {target.stat().st_size:>12,} bytes")
        else:
            print(f"{syntax.name:16} not done: {result.error.message}")


def compare(path: Path) -> None:
    step("how fast")
    here = milliseconds(lambda: must(dcm2json(path)), 50)
    print(f"dcm2json in this process: {here:.3f} ms")
    program = which("dcm2json")
    if program:
        there = milliseconds(
            lambda: subprocess.run([program, path], capture_output=True, check=False), 5
        )
        print(f"dcm2json as a program:    {there:.3f} ms ({there / here:.0f} times as long)")


def main() -> None:
    info = dcmtk_info()
    print(f"dcmtk_native on DCMTK {info.version}, {info.dictionary_entries} dictionary entries")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else sample()
    print(f"file: {path}")
    if not must(dcmftest(path)).is_dicom:
        print("no DICM magic word: trying it as a bare data set")
    look(path)
    with tempfile.TemporaryDirectory() as name:
        change(path, Path(name))
        convert(path, Path(name))
    compare(path)
    print("\ndone: read, shown, changed and converted without a child process")


if __name__ == "__main__":
    main()
