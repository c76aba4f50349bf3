"""dcmcjpeg: which process is chosen, what is refused, and that lossless loses nothing."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcmtk_native import (
    AbortController,
    DcmcjpegResult,
    DicomFileError,
    Err,
    OperationAbortedError,
    OperationTimeoutError,
    dcmcjpeg,
)
from support.compare import meta_of, parsed
from support.images import (
    SECONDARY_CAPTURE,
    fragments_of,
    grey,
    jpeg_file,
    palette,
    pixels_of,
    rgb,
    streams_of,
)
from support.samples import Element, dicom_file

LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"
SYNTAXES = {
    "lossless-sv1": LOSSLESS_SV1,
    "lossless": "1.2.840.10008.1.2.4.57",
    "baseline": "1.2.840.10008.1.2.4.50",
    "extended": "1.2.840.10008.1.2.4.51",
    "spectral": "1.2.840.10008.1.2.4.53",
    "progressive": "1.2.840.10008.1.2.4.55",
}


def syntax_of(content: bytes) -> str:
    return meta_of(content)[0x0010].decode()


def error_of(content: bytes, **options: Any) -> Exception:
    result = dcmcjpeg(content, None, **options)
    assert isinstance(result, Err)
    return result.error


def frame_header(stream: bytes) -> tuple[int, int, int]:
    """The marker, the bits of a sample and the number of components."""
    at = 2
    while stream[at + 1] not in {0xC0, 0xC1, 0xC2, 0xC3}:
        at += 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return stream[at + 1], stream[at + 4], stream[at + 9]


# ---- processes ----


@pytest.mark.parametrize("process", SYNTAXES)
def test_a_process_has_its_transfer_syntax(process: str) -> None:
    content = jpeg_file(grey(), process=process)
    assert syntax_of(content) == SYNTAXES[process]
    assert parsed(content).file_meta.MediaStorageSOPInstanceUID == parsed(content).SOPInstanceUID


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"process": "lossless-sv1"}])
def test_lossless_with_selection_value_1_is_what_is_done_without_another_word(
    options: dict[str, Any],
) -> None:
    assert syntax_of(jpeg_file(grey(), **options)) == LOSSLESS_SV1


@pytest.mark.parametrize("options", [{"quality": 80}, {"lossless": False}])
@pytest.mark.parametrize(("bits", "process"), [(8, "baseline"), (9, "extended"), (16, "extended")])
def test_a_quality_alone_takes_the_process_that_has_the_bits(
    options: dict[str, Any], bits: int, process: str
) -> None:
    content = jpeg_file(grey(bits=bits), **options)
    assert syntax_of(content) == SYNTAXES[process]
    assert frame_header(streams_of(content)[0])[1] == (8 if bits == 8 else 12)


@pytest.mark.parametrize(("bits", "process"), [(8, "baseline"), (12, "extended")])
def test_a_quality_with_bits_takes_the_process_that_has_those(bits: int, process: str) -> None:
    content = jpeg_file(grey(bits=10), quality=80, bits=bits)
    assert syntax_of(content) == SYNTAXES[process]


def test_less_quality_is_less_to_store() -> None:
    sizes = [
        len(streams_of(jpeg_file(grey(rows=64, columns=64, bits=8), quality=quality))[0])
        for quality in (0, 10, 50, 90, 100)
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


# ---- lossless ----


@pytest.mark.parametrize("process", ["lossless-sv1", "lossless"])
@pytest.mark.parametrize(
    "elements",
    [
        grey(bits=8, allocated=8),
        grey(bits=8, allocated=8, rows=7, columns=5),
        grey(bits=12),
        grey(bits=12, signed=True),
        grey(bits=16, rows=3, columns=17),
        grey(bits=16, signed=True, frames=3),
        rgb(),
        rgb(rows=5, columns=3),
        rgb(frames=4),
        rgb(planar=1),
        rgb(planar=1, frames=3),
        rgb(planar=1, frames=3, rows=5, columns=3),
        rgb(photometric="YBR_FULL"),
        palette(),
    ],
    ids=[
        "8 bits",
        "8 bits of odd size",
        "12 bits",
        "12 bits signed",
        "16 bits of odd size",
        "16 bits signed, frames",
        "RGB",
        "RGB of odd size",
        "RGB, frames",
        "RGB by plane",
        "RGB by plane, frames",
        "RGB by plane of odd size, frames",
        "YBR_FULL",
        "PALETTE COLOR",
    ],
)
def test_lossless_gives_every_pixel_back(elements: list[Element], process: str) -> None:
    content = jpeg_file(elements, process=process)
    expected = pixels_of(dicom_file(elements))
    np.testing.assert_array_equal(pixels_of(content), expected)
    assert parsed(content).get("LossyImageCompression") is None
    assert parsed(content).SOPInstanceUID == parsed(dicom_file(elements)).SOPInstanceUID


@pytest.mark.parametrize("selection_value", range(1, 8))
def test_every_selection_value_is_lossless(selection_value: int) -> None:
    elements = grey(bits=16, rows=9, columns=11)
    content = jpeg_file(elements, process="lossless", selection_value=selection_value)
    np.testing.assert_array_equal(pixels_of(content), pixels_of(dicom_file(elements)))


def test_a_point_transform_leaves_out_the_lowest_bits() -> None:
    content = jpeg_file(grey(bits=12), point_transform=3)
    expected = pixels_of(dicom_file(grey(bits=12))) >> 3 << 3
    np.testing.assert_array_equal(pixels_of(content), expected)


# ---- what a lossy process says ----


def test_a_lossy_image_says_so() -> None:
    before = parsed(dicom_file(grey()))
    after = parsed(jpeg_file(grey(), quality=50))
    assert after.LossyImageCompression == "01"
    assert after.LossyImageCompressionMethod == "ISO_10918_1"
    assert after.SOPInstanceUID.startswith("2.25.")
    assert after.SourceImageSequence[0].ReferencedSOPInstanceUID == before.SOPInstanceUID
    assert after.ImageType[0] == "DERIVED"
    assert "IJG quality factor 50" in after.DerivationDescription


@pytest.mark.parametrize(("uid", "is_new"), [("default", True), ("always", True), ("never", False)])
def test_the_uid_of_a_lossy_image_is_as_asked_for(uid: str, is_new: bool) -> None:
    before = parsed(dicom_file(grey())).SOPInstanceUID
    after = parsed(jpeg_file(grey(), quality=50, uid=uid))
    assert (after.SOPInstanceUID != before) == is_new
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID


def test_two_lossy_images_have_two_uids() -> None:
    made = {parsed(jpeg_file(grey(), quality=50)).SOPInstanceUID for _ in range(20)}
    assert len(made) == 20


def test_secondary_capture_is_another_class_and_another_instance() -> None:
    content = jpeg_file(grey(), sop_class="sc")
    assert parsed(content).SOPClassUID == SECONDARY_CAPTURE
    assert meta_of(content)[2].decode() == SECONDARY_CAPTURE
    assert parsed(content).SOPInstanceUID != parsed(dicom_file(grey())).SOPInstanceUID


@pytest.mark.parametrize(
    ("sampling", "said"),
    [
        ("422", "YBR_FULL_422"),
        ("444", "YBR_FULL"),
        ("422-full", "YBR_FULL"),
        ("411-full", "YBR_FULL"),
        ("411", "YBR_FULL_422"),
    ],
)
def test_the_sampling_is_said_in_the_photometric_interpretation(sampling: str, said: str) -> None:
    content = jpeg_file(rgb(), process="baseline", sampling=sampling)
    assert parsed(content).PhotometricInterpretation == said


# ---- fragments ----


def test_a_frame_is_a_fragment_and_the_table_has_their_offsets() -> None:
    table, *frames = fragments_of(jpeg_file(grey(frames=3)))
    assert len(frames) == 3
    sizes = [8 + len(frame) for frame in frames]
    assert table == struct.pack("<3I", 0, sizes[0], sizes[0] + sizes[1])


def test_a_fragment_has_at_most_the_kilobytes_that_are_asked_for() -> None:
    whole = streams_of(jpeg_file(grey(rows=64, columns=64)))
    parts = streams_of(jpeg_file(grey(rows=64, columns=64), fragment_size=1))
    assert len(parts) > 1
    assert all(len(part) <= 1024 for part in parts)
    assert b"".join(parts) == b"".join(whole)


def test_the_offset_table_may_stay_empty() -> None:
    table, *_ = fragments_of(jpeg_file(grey(), offset_table=False))
    assert table == b""


# ---- icons ----


def with_icon(icon: list[Element]) -> list[Element]:
    kept = [one for one in icon if one[0] >> 16 in {0x0028, 0x7FE0}]
    return grey((0x00880200, "SQ", [kept]))


def icon_of(content: bytes) -> Any:
    return parsed(content).IconImageSequence[0]


def test_an_icon_is_compressed_with_its_image() -> None:
    content = jpeg_file(with_icon(grey(bits=8, allocated=8, rows=4, columns=4)))
    assert icon_of(content).PixelData[20:22] == b"\xff\xd8"


def test_an_icon_that_cannot_be_compressed_stays_as_it_is() -> None:
    icon = grey((0x00280010, "US", [0]), bits=8, allocated=8, rows=4, columns=4)
    content = jpeg_file(with_icon(icon))
    assert icon_of(content).PixelData == icon[-1][2]


# ---- compressed input ----


def test_what_is_compressed_is_decoded_first() -> None:
    content = jpeg_file(grey(bits=16), process="lossless", selection_value=4)
    again = dcmcjpeg(content, None).unwrap().data
    assert again is not None
    assert syntax_of(again) == LOSSLESS_SV1
    np.testing.assert_array_equal(pixels_of(again), pixels_of(dicom_file(grey(bits=16))))


def test_colors_of_a_lossy_input_stay_as_they_are_in_a_lossless_output() -> None:
    content = jpeg_file(rgb(), process="baseline")
    again = dcmcjpeg(content, None).unwrap().data
    assert again is not None
    assert parsed(again).PhotometricInterpretation == "YBR_FULL"


# ---- files ----


def test_the_output_may_be_the_input(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(dicom_file(grey()))
    assert dcmcjpeg(path, path).unwrap() == DcmcjpegResult(str(path))
    assert path.read_bytes() == jpeg_file(grey())


def test_a_failure_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(b"before")
    assert isinstance(dcmcjpeg(dicom_file(grey(rows=0)), path), Err)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_that_cannot_be_written_is_an_err(tmp_path: Path) -> None:
    result = dcmcjpeg(dicom_file(grey()), tmp_path / "missing" / "image.dcm")
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)


# ---- calls ----


def big_image() -> bytes:
    return dicom_file(
        grey(
            (0x00280008, "IS", "8"),
            (0x00280010, "US", [512]),
            (0x00280011, "US", [512]),
            (0x7FE00010, "OW", bytes(range(256)) * (8 * 512 * 512 * 2 // 256)),
            bits=16,
        )
    )


@pytest.mark.parametrize("options", [{}, {"process": "progressive"}], ids=repr)
def test_a_deadline_ends_the_call_between_frames(options: dict[str, Any]) -> None:
    content = big_image()
    begin = time.monotonic()
    whole = dcmcjpeg(content, None, timeout_ms=60_000, **options)
    took = time.monotonic() - begin
    assert whole.ok
    error = error_of(content, timeout_ms=max(1, int(took * 200)), **options)
    assert isinstance(error, OperationTimeoutError)
    assert dcmcjpeg(content, None, timeout_ms=60_000, **options).ok, "nothing is left behind"


@pytest.mark.parametrize("options", [{}, {"quality": 80}, {"pseudo_lossless": True}], ids=repr)
def test_progress_is_told_after_each_frame(options: dict[str, Any]) -> None:
    told: list[tuple[int, int]] = []
    content = dicom_file(grey(frames=3))
    assert dcmcjpeg(content, None, on_progress=lambda *done: told.append(done), **options).ok
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_icons_are_no_frames_of_the_image() -> None:
    told: list[tuple[int, int]] = []
    content = dicom_file(with_icon(grey(bits=8, allocated=8, rows=4, columns=4)))
    assert dcmcjpeg(content, None, on_progress=lambda *done: told.append(done)).ok
    assert told == [(1, 1)]


@pytest.mark.parametrize("options", [{}, {"quality": 80}], ids=repr)
def test_what_a_callback_raises_ends_the_call_and_comes_out_of_it(options: dict[str, Any]) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise ZeroDivisionError

    content = dicom_file(grey(frames=3))
    with pytest.raises(ZeroDivisionError):
        dcmcjpeg(content, None, on_progress=stop, **options)
    assert dcmcjpeg(content, None, **options).ok, "nothing is left behind"


def test_an_abort_ends_the_call() -> None:
    controller = AbortController()
    controller.abort()
    assert isinstance(error_of(big_image(), signal=controller.signal), OperationAbortedError)
