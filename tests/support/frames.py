"""Single frames through the codecs, and images to try them on.

from support import frames

image = frames.image(48, 64, samples=3)
assert (frames.decode(RLE, frames.encode(RLE, image), like=image) == image).all()
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder, get_encoder
from pydicom.uid import UID, generate_uid

from dcmtk_native import _core
from dcmtk_native._core.runtime import NativeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "DECODE_DEFAULTS",
    "ENCODE_DEFAULTS",
    "decode",
    "decode_by",
    "decode_with_format",
    "dicom_file",
    "encode",
    "encode_by",
    "frame_format",
    "image",
    "mutations",
    "outcome",
    "refused",
]

DECODE_DEFAULTS: dict[str, Any] = {
    "ybr_to_rgb": False,
    "workaround_predictor6": False,
    "workaround_cornell": False,
    "workaround_incomplete": False,
    "reverse_byte_order": False,
    "threads": 1,
}
ENCODE_DEFAULTS: dict[str, Any] = {
    "is_rgb": False,
    "quality": 90,
    "subsampling": "422",
    "optimize_huffman": True,
    "smoothing": 0,
    "predictor": 1,
    "point_transform": 0,
    "max_deviation": 0,
    "interleave": "line",
    "threshold1": 0,
    "threshold2": 0,
    "threshold3": 0,
    "reset": 0,
    "compression_ratio": 0.0,
    "psnr": 0.0,
    "threads": 1,
}


def image(
    rows: int,
    columns: int,
    *,
    dtype: Any = np.uint8,
    samples: int = 1,
    bits: int | None = None,
    noise: float = 0.02,
    seed: int = 1,
) -> NDArray[Any]:
    """Rings with a little noise, over the whole range of `bits`."""
    kind = np.dtype(dtype)
    bits = bits or 8 * kind.itemsize
    random_numbers = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    radius = np.hypot(y - rows / 2, x - columns / 2)[..., None] + 5.0 * np.arange(samples)
    values = (1 + np.cos(radius / 7)) / 2 + random_numbers.normal(
        0, noise, (rows, columns, samples)
    )
    low = -(2 ** (bits - 1)) if kind.kind == "i" else 0
    scaled = np.clip(values, 0, 1) * (2.0**bits - 1) + low
    pixels = np.round(scaled).astype(np.int64).astype(kind)
    return pixels if samples > 1 else pixels[..., 0]


def _claims(like: NDArray[Any]) -> dict[str, Any]:
    return {
        "rows": like.shape[0],
        "columns": like.shape[1],
        "samples": like.shape[2] if like.ndim == 3 else 1,
        "bits_allocated": 8 * like.itemsize,
        "bits_stored": 8 * like.itemsize,
        "is_signed": like.dtype.kind == "i",
    }


def frame_format(like: NDArray[Any], bits_stored: int | None = None) -> Any:
    """The format of a frame that is held by an array like this one."""
    claims = _claims(like)
    return _core.codec.FrameFormat(**{**claims, "bits_stored": bits_stored or 8 * like.itemsize})


def decode(
    uid: str, coded: bytes, *, like: NDArray[Any], bits_stored: int | None = None, **options: Any
) -> NDArray[Any]:
    """The frame as an array of the shape and type of `like`."""
    return decode_with_format(uid, coded, like=like, bits_stored=bits_stored, **options)[0]


def decode_with_format(
    uid: str, coded: bytes, *, like: NDArray[Any], bits_stored: int | None = None, **options: Any
) -> tuple[NDArray[Any], Any]:
    """The frame, and what the decoder says of the stream."""
    out = np.full(like.shape, 0x55, like.dtype)
    found = _core.codec.decode_frame(
        uid,
        coded,
        frame_format(like, bits_stored),
        _core.codec.DecodeOptions(**{**DECODE_DEFAULTS, **options}),
        out,
    )
    return out, found


def encode(
    uid: str, pixels: NDArray[Any], *, bits_stored: int | None = None, **options: Any
) -> bytes:
    """The stream of a frame."""
    return _core.codec.encode_frame(
        uid,
        np.ascontiguousarray(pixels),
        frame_format(pixels, bits_stored),
        _core.codec.EncodeOptions(**{**ENCODE_DEFAULTS, **options}),
    )


def outcome(call: Callable[[], NDArray[Any]]) -> NDArray[Any] | str:
    """What a decoder may make of untrusted bytes: a frame, or the text of a codec error."""
    try:
        return call()
    except NativeError as error:
        if error.args[0] not in {"codec", "limit", "unsupported"}:
            raise
        return str(error.args[1])


@contextmanager
def refused(match: str, kind: str = "codec") -> Iterator[None]:
    """Expects a codec error whose text holds this."""
    with pytest.raises(NativeError) as caught:
        yield
    assert caught.value.args[0] == kind
    assert match in caught.value.args[1]


def decode_by(plugin: str, uid: str, coded: bytes, like: NDArray[Any], **elements: Any) -> Any:
    """What a plugin of pydicom makes of the stream, in the colours of the stream."""
    dataset = pydicom.dcmread(BytesIO(dicom_file(uid, coded, like, **elements)))
    array, _ = get_decoder(uid).as_array(dataset, decoding_plugin=plugin, raw=True)
    return array


def encode_by(plugin: str, uid: str, pixels: NDArray[Any], **options: Any) -> bytes:
    """The stream that a plugin of pydicom makes of a frame."""
    claims = _claims(pixels)
    samples = claims.pop("samples")
    description: dict[str, Any] = {
        "samples_per_pixel": samples,
        "photometric_interpretation": "RGB" if samples == 3 else "MONOCHROME2",
        "pixel_representation": int(claims.pop("is_signed")),
        "number_of_frames": 1,
        **({"planar_configuration": 0} if samples > 1 else {}),
        **claims,
        **options,
    }
    return get_encoder(uid).encode(pixels, encoding_plugin=plugin, **description)


def mutations(stream: bytes, count: int, seed: int) -> Iterator[bytes]:
    """`count` damaged copies: bytes changed, stretches cut out or doubled, the end cut off."""
    chance = random.Random(seed)
    for _ in range(count):
        damaged = bytearray(stream)
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            at = (
                chance.randrange(len(damaged))
                if chance.random() < 0.5
                else chance.randrange(min(len(damaged), 160))
            )
            match chance.randrange(7):
                case 0:
                    damaged[at] = chance.randrange(256)
                case 1:
                    damaged[at] ^= 1 << chance.randrange(8)
                case 2:
                    damaged[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
                case 3:
                    del damaged[at : at + chance.choice((1, 2, 16))]
                case 4:
                    damaged[at:at] = damaged[at : at + chance.choice((1, 2, 64))]
                case 5:
                    damaged[at : at + 4] = chance.choice((0, 1, 1 << 31, (1 << 32) - 1)).to_bytes(4)
                case _:
                    del damaged[max(at, 1) :]
            if not damaged:
                damaged = bytearray(b"\0")
        yield bytes(damaged)


def dicom_file(uid: str, coded: bytes, like: NDArray[Any], **elements: Any) -> bytes:
    """A DICOM file with this one frame."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    dataset.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    dataset.SOPInstanceUID = generate_uid()
    claims = _claims(like)
    values: dict[str, Any] = {
        "Rows": claims["rows"],
        "Columns": claims["columns"],
        "SamplesPerPixel": claims["samples"],
        "PhotometricInterpretation": "RGB" if claims["samples"] == 3 else "MONOCHROME2",
        "BitsAllocated": claims["bits_allocated"],
        "BitsStored": claims["bits_stored"],
        "HighBit": claims["bits_stored"] - 1,
        "PixelRepresentation": int(claims["is_signed"]),
        **({"PlanarConfiguration": 0} if claims["samples"] > 1 else {}),
        **elements,
    }
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.PixelData = encapsulate([coded])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    target = BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()
