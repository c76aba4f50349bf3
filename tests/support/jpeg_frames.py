"""Frames through the JPEG codecs, and lossless streams written by the letter of ITU-T T.81."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcmtk_native import _core
from support.frames import DECODE_DEFAULTS, ENCODE_DEFAULTS

BASELINE = "1.2.840.10008.1.2.4.50"
EXTENDED = "1.2.840.10008.1.2.4.51"
SPECTRAL = "1.2.840.10008.1.2.4.53"
PROGRESSIVE = "1.2.840.10008.1.2.4.55"
LOSSLESS = "1.2.840.10008.1.2.4.57"
LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"

Frame = NDArray[Any]


def frame_format(frame: Frame, bits: int) -> _core.codec.FrameFormat:
    """The format of a frame with so many bits stored."""
    return _core.codec.FrameFormat(
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples=1 if frame.ndim == 2 else frame.shape[2],
        bits_allocated=frame.dtype.itemsize * 8,
        bits_stored=bits,
        is_signed=frame.dtype.kind == "i",
    )


def encode(uid: str, frame: Frame, bits: int, **options: Any) -> bytes:
    """The stream of a frame."""
    return _core.codec.encode_frame(
        uid,
        frame.tobytes(),
        frame_format(frame, bits),
        _core.codec.EncodeOptions(**{**ENCODE_DEFAULTS, **options}),
    )


def decode_into(
    uid: str, coded: bytes, out: Frame, bits: int, **options: Any
) -> _core.codec.StreamFormat:
    """What the decoder says of a stream that it decodes into `out`."""
    return _core.codec.decode_frame(
        uid,
        coded,
        frame_format(out, bits),
        _core.codec.DecodeOptions(**{**DECODE_DEFAULTS, **options}),
        out,
    )


def decode(uid: str, coded: bytes, like: Frame, bits: int, **options: Any) -> Frame:
    """The frame of a stream, of the shape and type of another frame; no byte is left as it was."""
    frame = np.full_like(like, 0x55)
    decode_into(uid, coded, frame, bits, **options)
    return frame


def pattern(shape: Sequence[int], bits: int, *, is_signed: bool = False, seed: int = 7) -> Frame:
    """A frame with slopes, noise and both ends of the range."""
    noise = np.random.default_rng(seed)
    ramp = np.add.outer(np.arange(shape[0]) * 3, np.arange(shape[1]) * 5)
    if len(shape) == 3:
        ramp = np.stack([ramp * (i + 1) for i in range(shape[2])], axis=-1)
    values = (ramp * (1 << bits) // 700 + noise.integers(0, max(2, (1 << bits) >> 3), shape)) % (
        1 << bits
    )
    values.flat[0] = (1 << bits) - 1
    values.flat[-1] = 0
    if is_signed:
        values = values - (1 << (bits - 1))
    return values.astype(("i" if is_signed else "u") + ("1" if bits <= 8 else "2"))


def segments(coded: bytes) -> Iterator[tuple[int, int, int]]:
    """Code, begin of the marker and end of each segment up to the first scan, that included."""
    position = 2
    while True:
        code = coded[position + 1]
        end = position + 2 + int.from_bytes(coded[position + 2 : position + 4], "big")
        yield code, position, end
        if code == 0xDA:
            return
        position = end


def segment(code: int, content: bytes) -> bytes:
    """A marker segment."""
    return bytes([0xFF, code]) + (len(content) + 2).to_bytes(2, "big") + content


def predicted(predictor: int, left: int, above: int, corner: int) -> int:
    """A prediction of table H.1."""
    return (
        left,
        above,
        corner,
        left + above - corner,
        left + ((above - corner) >> 1),
        above + ((left - corner) >> 1),
        (left + above) >> 1,
    )[predictor - 1]


def _signed(value: int) -> int:
    return (value & 0xFFFF) - (0x10000 if value & 0x8000 else 0)


# All categories, the frequent ones short: a complete code but for the one of all ones.
LENGTHS = {s: min(s + 2, 16) for s in range(15)} | {15: 16, 16: 16}


@dataclass(slots=True)
class LosslessWriter:
    """Writes lossless streams in ways that encoders seldom choose."""

    predictor: int = 1
    bits: int = 16
    restart_rows: int = 0
    separate_scans: bool = False
    overflows: bool = False  # predicts in signed numbers of 16 bits
    cornell: bool = False  # tells what 32768 is, though it need not be told
    lengths: dict[int, int] = field(default_factory=lambda: dict(LENGTHS))

    def write(self, frame: Frame) -> bytes:
        """The stream of a frame of one or more samples."""
        planes = frame[..., None] if frame.ndim == 2 else frame
        rows, columns, samples = planes.shape
        ids = [bytes([i + 1]) for i in range(samples)]
        out = b"\xff\xd8" + segment(
            0xC3,
            bytes([self.bits])
            + rows.to_bytes(2, "big")
            + columns.to_bytes(2, "big")
            + bytes([samples])
            + b"".join(i + b"\x11\x00" for i in ids),
        )
        order = sorted(self.lengths, key=lambda s: (self.lengths[s], s))
        counts = bytes(sum(n == size for n in self.lengths.values()) for size in range(1, 17))
        out += segment(0xC4, b"\x00" + counts + bytes(order))
        if self.restart_rows:
            out += segment(0xDD, (self.restart_rows * columns).to_bytes(2, "big"))
        scans = [[i] for i in range(samples)] if self.separate_scans else [list(range(samples))]
        for scan in scans:
            header = b"".join(ids[i] + b"\x00" for i in scan)
            out += segment(0xDA, bytes([len(scan)]) + header + bytes([self.predictor, 0, 0]))
            out += self._scan(planes[..., scan].astype(int) & 0xFFFF)
        return out + b"\xff\xd9"

    def _codes(self) -> dict[int, str]:
        codes = {}
        code = length = 0
        for symbol in sorted(self.lengths, key=lambda s: (self.lengths[s], s)):
            code <<= self.lengths[symbol] - length
            length = self.lengths[symbol]
            codes[symbol] = format(code, f"0{length}b")
            code += 1
        return codes

    def _scan(self, planes: NDArray[np.int_]) -> bytes:
        codes = self._codes()
        interval = self.restart_rows or len(planes)
        out = b""
        for number, begin in enumerate(range(0, len(planes), interval)):
            if number:
                out += bytes([0xFF, 0xD0 + (number - 1) % 8])
            text = "".join(self._difference(codes, d) for d in self._differences(planes, begin))
            text += "1" * (-len(text) % 8)
            data = int(text, 2).to_bytes(len(text) // 8, "big")
            out += data.replace(b"\xff", b"\xff\x00")
        return out

    def _differences(self, planes: NDArray[np.int_], begin: int) -> Iterator[int]:
        narrow = _signed if self.overflows else int
        end = min(begin + (self.restart_rows or len(planes)), len(planes))
        for y in range(begin, end):
            for x in range(planes.shape[1]):
                for i in range(planes.shape[2]):
                    if x == 0:
                        base = 1 << (self.bits - 1) if y == begin else int(planes[y - 1, 0, i])
                    elif y == begin:
                        base = int(planes[y, x - 1, i])
                    else:
                        base = predicted(
                            self.predictor,
                            narrow(int(planes[y, x - 1, i])),
                            narrow(int(planes[y - 1, x, i])),
                            narrow(int(planes[y - 1, x - 1, i])),
                        )
                    yield _signed(int(planes[y, x, i]) - base)

    def _difference(self, codes: dict[int, str], difference: int) -> str:
        if difference == -32768:
            return codes[16] + ("1" + 15 * "0" if self.cornell else "")
        size = abs(difference).bit_length()
        if size == 0:
            return codes[0]
        told = difference if difference > 0 else difference + (1 << size) - 1
        return codes[size] + format(told, f"0{size}b")


def dataset(uid: str, coded: bytes | None, frame: Frame, bits: int) -> Any:
    """A data set of one frame, native without `coded`, for pydicom and for DCMTK's programs."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import SecondaryCaptureImageStorage

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = uid
    made.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    made.SOPClassUID = SecondaryCaptureImageStorage
    made.SOPInstanceUID = "1.2.3"
    made.Rows, made.Columns = frame.shape[:2]
    made.SamplesPerPixel = 1 if frame.ndim == 2 else 3
    is_ybr = uid not in (LOSSLESS, LOSSLESS_SV1)
    colours = "YBR_FULL" if is_ybr else "RGB"
    made.PhotometricInterpretation = "MONOCHROME2" if frame.ndim == 2 else colours
    if frame.ndim == 3:
        made.PlanarConfiguration = 0
    made.BitsAllocated = frame.dtype.itemsize * 8
    made.BitsStored = bits
    made.HighBit = bits - 1
    made.PixelRepresentation = int(frame.dtype.kind == "i")
    if coded is None:
        made.PixelData = frame.tobytes()
        made["PixelData"].VR = "OW"
        return made
    made.PixelData = encapsulate([coded + b"\0" * (len(coded) % 2)])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return made


def by_pydicom(plugin: str, uid: str, coded: bytes, frame: Frame, bits: int) -> Frame:
    """The frame as one of pydicom's decoders has it, colours as they are stored."""
    from pydicom.pixels import get_decoder

    made = dataset(uid, coded, frame, bits)
    decoded, _ = get_decoder(uid).as_array(made, raw=True, decoding_plugin=plugin)
    return decoded


def by_dcmdjpeg(
    folder: Path, uid: str, coded: bytes, frame: Frame, bits: int, *flags: str
) -> Frame:
    """The frame as DCMTK's program decodes it, colours as they are stored."""
    import pydicom

    program = shutil.which("dcmdjpeg")
    assert program is not None, "the tests need DCMTK's programs: apt-get install dcmtk"
    source, target = folder / "coded.dcm", folder / "decoded.dcm"
    dataset(uid, coded, frame, bits).save_as(source, enforce_file_format=True)
    run = [program, "+cn", "+px", *flags, str(source), str(target)]
    subprocess.run(run, check=True, capture_output=True)
    pixels = pydicom.dcmread(target).PixelData[: frame.nbytes]
    return np.frombuffer(pixels, frame.dtype).reshape(frame.shape)
