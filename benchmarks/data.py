"""The inputs of the benchmarks: pydicom's own CT, and files made from it."""

from __future__ import annotations

import struct
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

import pydicom
from pydicom.uid import UID, ExplicitVRLittleEndian

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
    frame = bytes(range(256)) * 4096
    header = header_of_frames(path, ExplicitVRLittleEndian, 512, 1024, megabytes)
    with path.open("wb") as file:
        file.write(header + b"\xe0\x7f\x10\x00OW\x00\x00" + (megabytes << 20).to_bytes(4, "little"))
        for _ in range(megabytes):
            file.write(frame)
    return path


def make_coded_frames(
    path: Path,
    syntax: str,
    shape: tuple[int, int],
    streams: list[bytes],
    table: str,
    **attributes: int,
) -> Path:
    """A file with these streams as its frames; `table` is basic, extended or none."""
    streams = [stream + bytes(len(stream) % 2) for stream in streams]
    offsets = [0, *accumulate(8 + len(stream) for stream in streams)][:-1]
    header = header_of_frames(path, syntax, *shape, len(streams), **attributes)
    if table == "extended":
        lengths = [len(stream) for stream in streams]
        for number, values in ((1, offsets), (2, lengths)):
            content = struct.pack(f"<{len(values)}Q", *values)
            header += struct.pack("<HH2sHI", 0x7FE0, number, b"OV", 0, len(content)) + content
    basic = struct.pack(f"<{len(offsets)}I", *offsets) if table == "basic" else b""
    with path.open("wb") as file:
        file.write(header + b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff")
        for item in (basic, *streams):
            file.write(b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little"))
            file.write(item)
        file.write(b"\xfe\xff\xdd\xe0" + bytes(4))
    return path


def header_of_frames(
    path: Path, syntax: str, rows: int, columns: int, frames: int, **attributes: int
) -> bytes:
    """All of a file up to its pixel data."""
    dataset = pydicom.dcmread(ct_small())
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = rows, columns, frames
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    del dataset.PixelData
    # DataSetTrailingPadding has to stand behind the pixel data.
    del dataset[0xFFFCFFFC]
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.save_as(path, enforce_file_format=True)
    return path.read_bytes()


def make_images(folder: Path, count: int, *, private: bool = True) -> list[Path]:
    """So many CT images of 0.5 MB, of one series: 262 elements, or 83 that are not private."""
    dataset = pydicom.dcmread(ct_small())
    if not private:
        dataset.remove_private_tags()
    dataset.Rows = dataset.Columns = 512
    dataset.PixelData = bytes(range(256)) * 2048
    paths = [folder / f"{number:05}.dcm" for number in range(count)]
    for number, path in enumerate(paths, 1):
        dataset.InstanceNumber = number
        dataset.SOPInstanceUID = f"{dataset.SeriesInstanceUID}.{number}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(path)
    return paths
