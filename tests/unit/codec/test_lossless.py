"""Every lossless encoder, over every kind of image: what comes back is what went in."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

import numpy as np
import pydicom
import pytest

from dcmtk_native import dcmcjpeg, dcmcjpls, dcmconv, dcmcrle, read_pixels
from support import frames
from support.images import grey
from support.lossless import KINDS, SYNTAXES, Kind, pixels_of_kind, source
from support.samples import EXPLICIT_LITTLE, dicom_file

LOSSLESS_AT_WISH: Final = {
    "JPEG-LS near-lossless, NEAR=0": ("1.2.840.10008.1.2.4.81", {"max_deviation": 0}),
    "JPEG 2000 without a target": ("1.2.840.10008.1.2.4.91", {}),
    "HTJ2K without a target": ("1.2.840.10008.1.2.4.203", {}),
}
"""Syntaxes that lose only if they are told to."""


def converted(content: bytes, syntax: str) -> bytes:
    data = dcmconv(content, None, transfer_syntax=syntax).unwrap().data
    assert data is not None
    assert pydicom.dcmread(BytesIO(data)).file_meta.TransferSyntaxUID == syntax
    return data


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES.keys())
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_bit_comes_back(syntax: str, kind: Kind) -> None:
    compressed = converted(source(kind), syntax)
    assert np.array_equal(read_pixels(compressed).unwrap().array(), pixels_of_kind(kind))
    before, after = (
        pydicom.dcmread(BytesIO(content))
        for content in (source(kind), converted(compressed, EXPLICIT_LITTLE))
    )
    assert after.PixelData == before.PixelData
    for name in ("BitsStored", "HighBit", "PixelRepresentation", "PhotometricInterpretation"):
        assert after[name].value == before[name].value, name
    assert after.SOPInstanceUID == before.SOPInstanceUID
    assert "LossyImageCompression" not in after


@pytest.mark.parametrize("name", LOSSLESS_AT_WISH)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_bit_of_a_frame_comes_back_from_an_encoder_that_may_lose(
    name: str, kind: Kind
) -> None:
    syntax, options = LOSSLESS_AT_WISH[name]
    pixels = pixels_of_kind(kind)
    # Streams of JPEG-LS have no sign: the layer above gives them all bits of signed cells.
    is_signless = kind.is_signed and syntax.endswith(".81")
    bits = 8 * pixels.itemsize if is_signless else kind.bits
    for frame in pixels[None] if kind.frames == 1 else pixels:
        coded = frames.encode(syntax, frame, bits_stored=bits, is_rgb=kind.samples == 3, **options)
        assert (frames.decode(syntax, coded, like=frame, bits_stored=bits) == frame).all()


TOOLS: Final[list[tuple[Any, dict[str, Any], str]]] = [
    (dcmcrle, {}, "RLE"),
    (dcmcjpls, {}, "JPEG-LS lossless"),
    (dcmcjpls, {"interleave": "sample", "cooked": True}, "JPEG-LS lossless"),
    (dcmcjpls, {"interleave": "none"}, "JPEG-LS lossless"),
    (dcmcjpeg, {}, "JPEG lossless SV1"),
    *(
        (dcmcjpeg, {"process": "lossless", "selection_value": n}, "JPEG lossless")
        for n in (1, 4, 7)
    ),
]


@pytest.mark.parametrize(("tool", "options", "name"), TOOLS)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_bit_comes_back_from_the_tools(
    tool: Any, options: dict[str, Any], name: str, kind: Kind
) -> None:
    compressed = tool(source(kind), None, **options).unwrap().data
    assert pydicom.dcmread(BytesIO(compressed)).file_meta.TransferSyntaxUID == SYNTAXES[name]
    assert np.array_equal(read_pixels(compressed).unwrap().array(), pixels_of_kind(kind))


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES.keys())
def test_sign_bits_that_are_not_extended_mean_the_same_afterwards(syntax: str) -> None:
    """Samples of 12 bits in cells of 16 whose highest bits are 0, whatever the sign is."""
    stored = np.arange(0, 4096, 8, dtype="<u2")
    content = dicom_file(grey((0x7FE00010, "OW", stored.tobytes()), signed=True, frames=2))
    before = read_pixels(content).unwrap().array()
    assert (before.min(), before.max()) == (-2048, 2040)
    compressed = converted(content, syntax)
    back = converted(compressed, EXPLICIT_LITTLE)
    for changed in (compressed, back):
        assert (read_pixels(changed).unwrap().array() == before).all()
