"""Frames with two threads: against one, for every codec, and against GDCM where it has two."""

from __future__ import annotations

from typing import Any

import gdcm
import numpy as np
import pytest

from dcmtk_native import read_pixels, unwrap
from paired import Work, compared
from pictures import CASES, JPEG2000, NAMES, coded_file, frames, streams


def reading(uid: str, kind: str, threads: int) -> Work:
    """All frames into an array that is there already."""
    pixels = unwrap(read_pixels(coded_file(uid, kind), threads=threads))
    target = np.empty_like(pixels.array())
    return lambda: unwrap(pixels.read(out=target))


@pytest.mark.parametrize(("uid", "kind"), [case for case in CASES if case[1] != "CR"])
def bench_two_threads(uid: str, kind: str, findings: Any) -> None:
    works = {"two threads": reading(uid, kind, 2), "one": reading(uid, kind, 1)}
    findings.append(compared(f"{NAMES[uid]} {kind}", works, rounds=12, most_rounds=60))


def gdcm_image(stream: bytes, rows: int, columns: int) -> Any:
    """One frame of 12 bits, as GDCM has it before it is decoded."""
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(stream)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    monochrome = gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    image.SetPhotometricInterpretation(monochrome)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(JPEG2000)))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, 0))
    return image


def bench_jpeg2000_beside_gdcm(findings: Any) -> None:
    """Each with both processors: ours has a frame a thread.

    The Python binding of GDCM keeps the GIL, so two frames at a time are not to be had; but it
    lets OpenJPEG divide each frame among all processors.
    """
    images = [gdcm_image(stream, 1024, 1024) for stream in streams(JPEG2000, "MR")]

    def theirs() -> None:
        for image in images:
            image.GetBuffer()

    found = np.frombuffer(images[0].GetBuffer().encode("utf-8", "surrogateescape"), np.uint16)
    assert (found == frames("MR")[0].ravel()).all()
    works = {"dcmtk_native": reading(JPEG2000, "MR", 2), "GDCM": theirs}
    title = "JPEG 2000 MR with two threads"
    findings.append(compared(title, works, rounds=12, most_rounds=60))
