"""This package's codecs under pydicom 3: `pixel_array`, `decompress` and `compress` use them.

>>> import pydicom
>>> from dcmtk_native import pydicom_plugin
>>> pydicom_plugin.register()
>>> pydicom.dcmread("image.dcm").pixel_array.shape
(128, 128)
>>> pydicom_plugin.unregister()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dcmtk_native._core import codec as _core
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups_pixels import decode_options
from dcmtk_native._runtime.groups_threads import threads_or_all
from dcmtk_native.codec.compression import encode_options

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DECODER_DEPENDENCIES", "ENCODER_DEPENDENCIES", "is_available", "register", "unregister"]

PLUGIN: Final = "dcmtk_native"

_JPEG: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70))
_JPEGLS: Final = frozenset({"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"})
_JPEG2000: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 201, 202, 203))
_RLE: Final = "1.2.840.10008.1.2.5"

DECODER_DEPENDENCIES: Final = dict.fromkeys(sorted({*_JPEG, *_JPEGLS, *_JPEG2000, _RLE}), (PLUGIN,))
"""Asked for by pydicom: what each decoder needs."""
ENCODER_DEPENDENCIES: Final = dict.fromkeys(
    (_RLE, *sorted(_JPEGLS), "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"), (PLUGIN,)
)
"""The same of the encoders that pydicom has."""


def is_available(uid: str) -> bool:
    """Whether there is a codec of the transfer syntax; asked by pydicom."""
    return uid in DECODER_DEPENDENCIES


def register() -> None:
    """Nothing: pydicom's decoders and encoders have this plugin now, before all others.

    Errors:
        ImportError: raised if pydicom 3 is not installed.
    """
    for coder, entry in _coders():
        if PLUGIN in coder._available or PLUGIN in coder._unavailable:
            continue
        others = dict(coder._available)
        coder.add_plugin(PLUGIN, (__name__, entry))
        # pydicom asks its plugins in the order of this dictionary.
        ours = coder._available[PLUGIN]
        coder._available.clear()
        coder._available.update({PLUGIN: ours, **others})


def unregister() -> None:
    """Nothing: pydicom is as it was before `register`."""
    for coder, _ in _coders():
        if PLUGIN in coder._available or PLUGIN in coder._unavailable:
            coder.remove_plugin(PLUGIN)


def _coders() -> Iterator[tuple[Any, str]]:
    from pydicom.pixels import get_decoder, get_encoder

    for uid in DECODER_DEPENDENCIES:
        yield get_decoder(uid), "_decode_frame"
    for uid in ENCODER_DEPENDENCIES:
        yield get_encoder(uid), "_encode_frame"


def _frame_format(runner: Any, bits_stored: int) -> _core.FrameFormat:
    return _core.FrameFormat(
        rows=runner.rows,
        columns=runner.columns,
        samples=runner.samples_per_pixel,
        bits_allocated=runner.bits_allocated,
        bits_stored=bits_stored,
        is_signed=runner.pixel_representation == 1,
    )


def _decode_frame(src: bytes, runner: Any) -> bytearray:
    """A frame as pydicom wants it: samples by pixel, colors as they are stored."""
    format_ = _frame_format(runner, runner.bits_stored)
    frame = bytearray(
        runner.rows * runner.columns * runner.samples_per_pixel * (runner.bits_allocated // 8)
    )
    # pydicom comes with one frame at a time: the codecs that can divide it do.
    options = decode_options(threads=threads_or_all(None))
    try:
        _core.decode_frame(str(runner.transfer_syntax), src, format_, options, frame)
    except NativeError as error:
        raise RuntimeError(str(error.args[1])) from None
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)
    if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):
        runner.set_option("photometric_interpretation", "RGB")
    return frame


def _encode_frame(src: bytes, runner: Any) -> bytes:
    """A frame in the transfer syntax of pydicom's encoder."""
    uid = str(runner.transfer_syntax)
    options = encode_options(
        is_rgb=uid in _JPEG2000 and runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"),
        max_deviation=runner.get_option("jls_error", 0) or 0,
        compression_ratio=float((runner.get_option("j2k_cr") or [0])[-1]),
        psnr=float((runner.get_option("j2k_psnr") or [0])[-1]),
        threads=threads_or_all(None),
    )
    try:
        return _core.encode_frame(uid, src, _frame_format(runner, runner.bits_stored), options)
    except NativeError as error:
        raise RuntimeError(str(error.args[1])) from None
