"""Data sets of pydicom with what makes pictures of stored values, and other forms of them."""

from __future__ import annotations

import shutil
import struct
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from dcmtk_native import DicomDataset, TransferSyntax, dcmconv

__all__ = ["FORMS", "grey", "palette", "read_by_us", "shown_by_dcm2pnm", "table", "words"]


def grey(**attributes: Any) -> Dataset:
    """A data set of pydicom: 12 bit unsigned MONOCHROME2, unless told otherwise."""
    dataset = Dataset()
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = 16
    dataset.BitsStored = 12
    dataset.PixelRepresentation = 0
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def table(entries: int, first: int, bits: int, data: list[int] | bytes, vr: str = "US") -> Dataset:
    """An item of a LUT sequence."""
    item = Dataset()
    item.add_new(0x00283002, "SS" if first < 0 else "US", [entries, first, bits])
    item.add_new(0x00283006, "OW" if isinstance(data, bytes) else vr, data)
    return item


def palette(
    red: bytes, green: bytes, blue: bytes, descriptor: list[int], **attributes: Any
) -> Dataset:
    dataset = grey(PhotometricInterpretation="PALETTE COLOR", **attributes)
    for name, data in (("Red", red), ("Green", green), ("Blue", blue)):
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", descriptor)
        setattr(dataset, f"{name}PaletteColorLookupTableData", data)
    return dataset


def words(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}H", *(number & 0xFFFF for number in numbers))


def read_by_us(dataset: Dataset, syntax: TransferSyntax | None = None) -> DicomDataset:
    """The same data set, read by this package, after a conversion if one is named."""
    content = BytesIO()
    pydicom.dcmwrite(content, dataset, implicit_vr=False, little_endian=True)
    if syntax is None:
        return DicomDataset.read(content.getvalue(), read_mode="dataset").unwrap()
    result = dcmconv(content.getvalue(), None, transfer_syntax=syntax, read_mode="dataset")
    return DicomDataset.read(result.unwrap().data or b"").unwrap()


def modelled(dataset: Dataset) -> DicomDataset:
    """The same data set, as a model with binary values in base64."""
    return DicomDataset.from_json(dataset.to_json_dict()).unwrap()


FORMS = {
    "pydicom": lambda dataset: dataset,
    "little": read_by_us,
    "implicit": lambda dataset: read_by_us(dataset, TransferSyntax.IMPLICIT_LITTLE),
    "big": lambda dataset: read_by_us(dataset, TransferSyntax.EXPLICIT_BIG),
    "model": modelled,
}
"""All forms that a data set may have."""


def shown_by_dcm2pnm(path: Path, folder: Path, *options: str) -> Any:
    """The picture that DCMTK makes."""
    program = shutil.which("dcm2pnm")
    if program is None:
        pytest.skip("no dcm2pnm")
    output = folder / "picture.pgm"
    subprocess.run([program, *options, str(path), str(output)], check=True, timeout=60)
    magic, size, maximum, rest = output.read_bytes().split(b"\n", 3)
    while magic.startswith(b"#") or size.startswith(b"#"):  # a comment stands behind the magic
        _, size, maximum, rest = (magic, *rest.split(b"\n", 2))
    assert (magic, maximum) == (b"P5", b"255")
    columns, rows = (int(number) for number in size.split())
    return np.frombuffer(rest, np.uint8, rows * columns).reshape(rows, columns)
