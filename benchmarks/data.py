"""The inputs of the benchmarks: pydicom's own CT, and files made from it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pydicom
from pydicom.uid import ExplicitVRLittleEndian

TEN_KEYWORDS = (
    "PatientName",
    "PatientID",
    "Modality",
    "StudyDate",
    "AccessionNumber",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "Rows",
    "Columns",
)

SERIES_FILES = 2000
"""Of the archive that is scanned."""


def ct_small() -> Path:
    """A CT image of 39 kB with 264 elements."""
    spec = find_spec("pydicom")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "test_files" / "CT_small.dcm"


def make_series(folder: Path, count: int) -> list[Path]:
    """So many CT and MR images of usual sizes, half and half."""
    paths = []
    for name, size in (("CT_small.dcm", 512), ("MR_small.dcm", 256)):
        dataset = pydicom.dcmread(ct_small().with_name(name))
        dataset.Rows = dataset.Columns = size
        dataset.PixelData = bytes(2 * size * size)
        for number in range(1, count // 2 + 1):
            dataset.InstanceNumber = number
            dataset.SOPInstanceUID = f"{dataset.SeriesInstanceUID}.{number}"
            dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
            paths.append(folder / f"{name[:2]}{number:05}.dcm")
            dataset.save_as(paths[-1])
    return paths


def make_multi_frame(path: Path, megabytes: int) -> Path:
    """A file with that much pixel data, in 1 MiB frames."""
    dataset = pydicom.dcmread(ct_small())
    dataset.Rows, dataset.Columns = 512, 1024
    dataset.NumberOfFrames = megabytes
    del dataset.PixelData
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    body = path.read_bytes()
    # DataSetTrailingPadding has to stand behind the pixel data.
    padding = body.rfind(b"\xfc\xff\xfc\xff")
    body = body[:padding] if padding > 0 else body
    with path.open("wb") as file:
        file.write(body)
        size = megabytes << 20
        file.write(b"\xe0\x7f\x10\x00OW\x00\x00" + size.to_bytes(4, "little"))
        frame = bytes(range(256)) * 4096
        for _ in range(megabytes):
            file.write(frame)
    return path
