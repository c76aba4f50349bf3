"""Our codecs under pydicom 3 beside its other plugins, over all images that it ships."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pydicom
import pytest
from pydicom.pixels import get_decoder, get_encoder

from dcmtk_native import pydicom_plugin
from support.images import grey, rgb
from support.samples import dicom_file
from support.shipped import DICOM

pytestmark = pytest.mark.filterwarnings("ignore")

NOBODY_ELSE: Final = {"test_files/JPEG-lossy.dcm"}
"""No other plugin decodes it; see test_jpeg_lossy.py for what dcmdjpeg makes of it."""
WITHIN_ONE: Final = {"test_files/JPGExtended.dcm"}
"""12 bits, lossy: another inverse transform than pylibjpeg's, within the 1 that is allowed."""
CUT_SHORT: Final = "test_files/JPEG2000-embedded-sequence-delimiter.dcm"
"""pydicom ends the pixel data at bytes that look like a delimiter: no plugin sees all of them."""


@pytest.fixture
def _registered() -> Iterator[None]:
    pydicom_plugin.register()
    yield
    pydicom_plugin.unregister()


def compressed() -> list[str]:
    found = []
    for name, path in DICOM.items():
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        syntax = dataset.file_meta.get("TransferSyntaxUID", "")
        if syntax in pydicom_plugin.DECODER_DEPENDENCIES and "Rows" in dataset:
            found.append(name)
    return [name for name in found if name != CUT_SHORT]


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize("name", compressed())
def test_pixel_array_is_that_of_the_other_plugins(name: str) -> None:
    path = DICOM[name]
    dataset = pydicom.dcmread(path)
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    ours, our_kind = decoder.as_array(dataset, decoding_plugin="dcmtk_native")
    theirs = None
    for plugin in decoder.available_plugins:
        if plugin != "dcmtk_native":
            try:
                theirs, their_kind = decoder.as_array(dataset, decoding_plugin=plugin)
                break
            except Exception:
                continue
    if theirs is None:
        assert name in NOBODY_ELSE
        return
    assert our_kind["photometric_interpretation"] == their_kind["photometric_interpretation"]
    assert ours.dtype == theirs.dtype
    distance = np.abs(ours.astype(np.int64) - theirs).max()
    assert distance <= (1 if name in WITHIN_ONE else 0)


@pytest.mark.usefixtures("_registered")
def test_pydicom_asks_ours_first() -> None:
    for uid in pydicom_plugin.DECODER_DEPENDENCIES:
        assert get_decoder(uid).available_plugins[0] == "dcmtk_native"


def test_unregister_leaves_pydicom_as_it_was() -> None:
    before = {
        uid: get_decoder(uid).available_plugins for uid in pydicom_plugin.DECODER_DEPENDENCIES
    }
    pydicom_plugin.register()
    pydicom_plugin.register()
    pydicom_plugin.unregister()
    pydicom_plugin.unregister()
    after = {uid: get_decoder(uid).available_plugins for uid in pydicom_plugin.DECODER_DEPENDENCIES}
    assert after == before


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize("image", [grey(frames=3), grey(bits=16), grey(signed=True), rgb()])
@pytest.mark.parametrize(
    "uid", ["1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"]
)
def test_what_pydicom_compresses_by_ours_comes_back_by_others(uid: str, image: Any) -> None:
    from io import BytesIO

    dataset = pydicom.dcmread(BytesIO(dicom_file(image)))
    before = dataset.pixel_array
    dataset.compress(uid, encoding_plugin="dcmtk_native", generate_instance_uid=False)
    decoder = get_decoder(uid)
    others = [name for name in decoder.available_plugins if name != "dcmtk_native"]
    assert others
    for plugin in others:
        assert (decoder.as_array(dataset, decoding_plugin=plugin)[0] == before).all(), plugin


@pytest.mark.usefixtures("_registered")
def test_a_damaged_stream_is_pydicoms_error() -> None:
    encoder = get_encoder("1.2.840.10008.1.2.5")
    assert "dcmtk_native" in encoder.available_plugins
    decoder = get_decoder("1.2.840.10008.1.2.5")
    dataset = pydicom.dcmread(DICOM["test_files/MR_small_RLE.dcm"])
    dataset.PixelData = dataset.PixelData[:100] + b"\xff" * (len(dataset.PixelData) - 100)
    with pytest.raises(RuntimeError, match="dcmtk_native"):
        decoder.as_array(dataset, decoding_plugin="dcmtk_native")
