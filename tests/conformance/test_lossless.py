"""What our lossless encoders write, read by everybody else who can."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import gdcm
import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array

from dcmtk_native import dcmconv
from support import oracle
from support.lossless import KINDS, SYNTAXES, Kind, pixels_of_kind, source

Reader = Callable[[bytes, Kind, Path], Any]


def plugin(name: str) -> Reader:
    """A decoder of pydicom's, in the colors of the stream."""

    def read(content: bytes, _kind: Kind, _path: Path) -> Any:
        return pixel_array(pydicom.dcmread(BytesIO(content)), decoding_plugin=name, raw=True)

    return read


def program(name: str) -> Reader:
    """One of DCMTK's programs that decompress."""

    def read(content: bytes, _kind: Kind, _path: Path) -> Any:
        done = oracle.run(name, content, None)
        assert done.output is not None, done.stderr
        return pixel_array(pydicom.dcmread(BytesIO(done.output)), raw=True)

    return read


def by_gdcm(content: bytes, kind: Kind, path: Path) -> Any:
    path.write_bytes(content)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    native = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(native, kind.dtype).reshape(pixels_of_kind(kind).shape)


def by_imagecodecs(decode: Callable[..., Any]) -> Reader:
    """A codec of imagecodecs' on each frame; not all of its streams have signs."""

    def read(content: bytes, kind: Kind, _path: Path) -> Any:
        data = pydicom.dcmread(BytesIO(content)).PixelData
        images = [decode(coded) for coded in generate_frames(data, number_of_frames=kind.frames)]
        return np.stack(images).reshape(pixels_of_kind(kind).shape).view(kind.dtype)

    return read


def by_imagecodecs_rle(content: bytes, kind: Kind, _path: Path) -> Any:
    """Its frames are by plane."""
    data = pydicom.dcmread(BytesIO(content)).PixelData
    wanted = pixels_of_kind(kind)
    rows, columns = wanted.shape[kind.frames > 1 :][:2]
    images = [
        np.frombuffer(imagecodecs.dicomrle_decode(coded, kind.dtype), kind.dtype)
        .reshape(kind.samples, rows, columns)
        .transpose(1, 2, 0)
        for coded in generate_frames(data, number_of_frames=kind.frames)
    ]
    return np.stack(images).reshape(wanted.shape)


JPEG: Final[dict[str, Reader]] = {
    "dcmdjpeg": program("dcmdjpeg"),
    "gdcm": by_gdcm,
    "pylibjpeg": plugin("pylibjpeg"),
    "imagecodecs": by_imagecodecs(imagecodecs.jpeg_decode),
}
HTJ2K: Final[dict[str, Reader]] = {
    # DCMTK and GDCM have no HTJ2K.
    "pylibjpeg": plugin("pylibjpeg"),
    "imagecodecs": by_imagecodecs(imagecodecs.htj2k_decode),
}
READERS: Final[dict[str, dict[str, Reader]]] = {
    "RLE": {
        "dcmdrle": program("dcmdrle"),
        "gdcm": by_gdcm,
        "pydicom": plugin("pydicom"),
        "pylibjpeg": plugin("pylibjpeg"),
        "imagecodecs": by_imagecodecs_rle,
    },
    "JPEG lossless": JPEG,
    "JPEG lossless SV1": JPEG,
    "JPEG-LS lossless": {
        "dcmdjpls": program("dcmdjpls"),
        "gdcm": by_gdcm,
        "pyjpegls": plugin("pyjpegls"),
        "pylibjpeg": plugin("pylibjpeg"),
        "imagecodecs": by_imagecodecs(imagecodecs.jpegls_decode),
    },
    "JPEG 2000 lossless": {
        # DCMTK has no JPEG 2000.
        "gdcm": by_gdcm,
        "pylibjpeg": plugin("pylibjpeg"),
        "imagecodecs": by_imagecodecs(imagecodecs.jpeg2k_decode),
    },
    "HTJ2K lossless": HTJ2K,
    "HTJ2K lossless RPCL": HTJ2K,
}


def test_every_syntax_has_readers() -> None:
    assert READERS.keys() == SYNTAXES.keys()


def can(name: str, reader: str, kind: Kind) -> bool:
    """GDCM mistakes the planes of RLE colors of two bytes, those of pydicom's encoder too."""
    return not (name == "RLE" and reader == "gdcm" and kind.samples == 3 and kind.bits > 8)


@pytest.mark.parametrize(
    ("name", "reader", "kind"),
    [
        pytest.param(name, reader, kind, id=f"{name}-{reader}-{kind}")
        for name, readers in READERS.items()
        for reader in readers
        for kind in KINDS
        if can(name, reader, kind)
    ],
)
@pytest.mark.filterwarnings("ignore:The number of bytes of compressed pixel data")
def test_others_read_the_same(name: str, reader: str, kind: Kind, tmp_path: Path) -> None:
    compressed = dcmconv(source(kind), None, transfer_syntax=SYNTAXES[name]).unwrap().data
    assert compressed is not None
    found = READERS[name][reader](compressed, kind, tmp_path / "image.dcm")
    assert found.dtype == kind.dtype
    assert np.array_equal(found, pixels_of_kind(kind))
