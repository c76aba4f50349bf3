"""The single steps from stored values to what is shown: PS3.3 section C.11, and as pydicom."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.pixels import processing
from pydicom.tag import Tag

from dcmtk_native import (
    CodecError,
    DicomFile,
    OptionsError,
    apply_modality_lut,
    apply_presentation_lut,
    apply_voi,
    apply_voi_lut,
    apply_windowing,
)
from support.pictures import FORMS, grey, read_by_us, table, words
from support.shipped import FILES

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


@pytest.fixture(autouse=True)
def _pydicom_may_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def ramp(dtype: str, count: int = 5000) -> Any:
    """Values over all of a type, more of them than a table of 8 bit has entries."""
    kind = np.dtype(dtype)
    low, high = (0, 5000) if kind.kind == "f" else (np.iinfo(kind).min, np.iinfo(kind).max)
    return np.linspace(low, high, count).astype(kind).reshape(50, -1)


NATIVE = (
    "CT_small MR_small MR_small_bigendian MR_small_implicit MR_small_expb ExplVR_BigEnd"
    " liver_1frame image_dfl examples_overlay rtdose rtdose_expb"
)


@pytest.mark.parametrize("name", NATIVE.split())
def test_shipped_files_come_out_as_with_pydicom(name: str) -> None:
    path = FILES[f"test_files/{name}.dcm"]
    theirs = pydicom.dcmread(path)
    stored = theirs.pixel_array
    values = processing.apply_modality_lut(stored, theirs)
    for dataset in (theirs, DicomFile.open(path).unwrap()):
        assert np.array_equal(apply_modality_lut(stored, dataset), values)
        if theirs.PhotometricInterpretation.startswith("MONO"):
            expected = processing.apply_voi_lut(values, theirs)
            found = apply_voi(values, dataset)
            assert found.dtype == expected.dtype
            assert np.allclose(found, expected, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID", None])
@pytest.mark.parametrize(("center", "width"), [(2048, 4096), (40.5, 1), (100, 2), (0, 300.25)])
def test_windows_are_those_of_pydicom(
    dtype: str, function: str | None, center: float, width: float
) -> None:
    dataset = grey(WindowCenter=center, WindowWidth=width)
    if function:
        dataset.VOILUTFunction = function
    pixels = ramp(dtype)
    with np.errstate(all="ignore"):  # pydicom divides by zero where the width is 1
        expected = processing.apply_windowing(pixels, dataset)
    found = apply_windowing(pixels, dataset)
    assert found.dtype == np.float64
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-9)


def test_a_linear_window_follows_the_pseudo_code_of_the_standard() -> None:
    """PS3.3 section C.11.2.1.2.1, with its two examples: c=2048, w=4096 and c=2048, w=1."""
    dataset = grey(WindowCenter=2048, WindowWidth=4096, BitsStored=8)
    assert apply_windowing(np.array([0, 4095]), dataset).tolist() == [0, 255]
    assert apply_windowing(np.array([2047.5]), dataset).tolist() == [127.5]
    dataset.WindowWidth = 1
    assert apply_windowing(np.array([2047, 2048]), dataset).tolist() == [0, 255]
    dataset.WindowCenter, dataset.WindowWidth = 0, 100
    assert apply_windowing(np.array([-50.0, 49.0, -0.5]), dataset).tolist() == [0, 255, 127.5]


def test_an_exact_window_has_no_halves_in_it() -> None:
    dataset = grey(WindowCenter=2048, WindowWidth=4096, VOILUTFunction="LINEAR_EXACT", BitsStored=8)
    assert apply_windowing(np.array([0, 2048, 4096]), dataset).tolist() == [0, 127.5, 255]


def test_a_sigmoid_does_not_overflow() -> None:
    dataset = grey(WindowCenter=0, WindowWidth=0.001, VOILUTFunction="SIGMOID")
    pixels = np.array([-1e300, -1e9, 0, 1e300])
    assert apply_windowing(pixels, dataset).tolist() == [0, 0, 4095 / 2, 4095]


def test_what_is_no_number_stays_none() -> None:
    dataset = grey(WindowCenter=10, WindowWidth=1)
    for width in (1, 20):
        dataset.WindowWidth = width
        found = apply_windowing(np.array([np.nan, np.inf, -np.inf]), dataset)
        assert np.isnan(found[0])
        assert found[1:].tolist() == [4095, 0]


def test_above_a_window_is_white_whatever_the_slope() -> None:
    dataset = grey(WindowCenter=0, WindowWidth=10, RescaleSlope=-1, RescaleIntercept=0)
    low, high = apply_windowing(np.array([-4000, 4000]), dataset)
    assert low < high


@pytest.mark.parametrize("form", FORMS)
def test_a_rescaling_gives_float64(form: str) -> None:
    dataset = FORMS[form](grey(RescaleSlope="1.5", RescaleIntercept="-1024"))
    for dtype in DTYPES:
        found = apply_modality_lut(np.array([[0, 100]], dtype), dataset)
        assert found.dtype == np.float64
        assert found.tolist() == [[-1024, -874]]


def test_without_a_modality_lut_the_array_itself_comes_back() -> None:
    pixels = np.arange(6, dtype=np.uint16)
    for attributes in ({}, {"RescaleSlope": 2}, {"RescaleIntercept": 2}):
        assert apply_modality_lut(pixels, grey(**attributes)) is pixels
    assert apply_voi(pixels, grey()) is pixels
    assert apply_windowing(pixels, grey(WindowCenter=2)) is pixels
    assert apply_presentation_lut(pixels, grey(PresentationLUTShape="IDENTITY")) is pixels


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("data", [[10, 20, 30, 40], words(10, 20, 30, 40)], ids=["US", "OW"])
def test_a_modality_lut_goes_before_a_rescaling(form: str, data: Any) -> None:
    lut = table(4, 2, 16, data)
    dataset = FORMS[form](grey(ModalityLUTSequence=[lut], RescaleSlope=2, RescaleIntercept=0))
    found = apply_modality_lut(np.array([0, 2, 3, 5, 6, 4095], np.uint16), dataset)
    assert found.dtype == np.uint16
    assert found.tolist() == [10, 10, 20, 40, 40, 40]


@pytest.mark.parametrize("form", FORMS)
def test_the_first_value_of_a_lut_may_be_negative(form: str) -> None:
    dataset = FORMS[form](
        grey(PixelRepresentation=1, ModalityLUTSequence=[table(3, -1, 8, words(7, 8, 9))])
    )
    found = apply_modality_lut(np.array([-5, -1, 0, 1, 2], np.int16), dataset)
    assert found.dtype == np.uint8
    assert found.tolist() == [7, 7, 8, 9, 9]


def test_a_negative_first_value_of_vr_us_is_negative_where_pixels_are_signed() -> None:
    model = {
        "00280103": {"vr": "US", "Value": [1]},
        "00283000": {"vr": "SQ", "Value": [{
            "00283002": {"vr": "US", "Value": [2, 0xFFFF, 8]},
            "00283006": {"vr": "US", "Value": [7, 8]},
        }]},
    }  # fmt: skip
    assert apply_modality_lut(np.array([-1, 0], np.int16), model).tolist() == [7, 8]


def test_a_voi_lut_behind_negative_values_begins_at_a_negative_one() -> None:
    lut = table(3, 0xFFFF, 8, words(7, 8, 9))
    dataset = grey(RescaleSlope=1, RescaleIntercept=-1024, VOILUTSequence=[lut])
    assert apply_voi(np.array([-2.0, -1.0, 0.0, 1.0]), dataset).tolist() == [7, 7, 8, 9]


def test_65536_entries_are_written_as_none() -> None:
    lut = table(0, 0, 16, words(*range(65535, -1, -1)))
    dataset = grey(BitsStored=16, VOILUTSequence=[lut])
    pixels = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(apply_voi(pixels, dataset), pixels[::-1])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (words(1, 2, 255), [1, 2, 255]),
        (bytes([1, 2, 255, 0]), [1, 2, 255]),
        (words(0x0100, 0x0200, 0xFF00), [1, 2, 255]),
        (words(0x0101, 0x0202, 0xFFFF), [1, 2, 255]),
        (words(1, 2, 255, 99, 99), [1, 2, 255]),
    ],
    ids=["words", "bytes", "upper half", "both halves", "longer than claimed"],
)
def test_entries_of_8_bit_are_found_wherever_they_are(data: bytes, expected: list[int]) -> None:
    dataset = grey(VOILUTSequence=[table(3, 0, 8, data)])
    found = apply_voi(np.arange(3, dtype=np.uint8), dataset)
    assert found.dtype == np.uint8
    assert found.tolist() == expected


@pytest.mark.parametrize("prefer_lut", [True, False])
def test_of_a_lut_and_a_window_one_is_preferred(prefer_lut: bool) -> None:
    lut = table(4, 0, 10, [0, 5, 1000, 1023])
    dataset = grey(WindowCenter=[2, 1], WindowWidth=[3, 2], VOILUTSequence=[lut])
    pixels = np.arange(4, dtype=np.uint16)
    expected = processing.apply_voi_lut(pixels, dataset, 0, prefer_lut)
    found = apply_voi_lut(pixels, dataset, 0, prefer_lut)
    assert found.dtype == expected.dtype
    assert np.allclose(found, expected)


def test_an_index_chooses_one_of_several() -> None:
    luts = [table(2, 0, 8, [1, 2]), table(2, 0, 8, [3, 4])]
    dataset = grey(WindowCenter=[2, 100], WindowWidth=[3, 200], VOILUTSequence=luts)
    assert apply_voi(np.arange(2), dataset, 1).tolist() == [3, 4]
    pixels = np.arange(300)
    expected = processing.apply_windowing(pixels, dataset, 1)
    assert np.allclose(apply_voi(pixels, dataset, 1, prefer_lut=False), expected)


@pytest.mark.parametrize("index", [2, -1, 100])
def test_an_index_of_nothing_is_refused(index: int) -> None:
    luts = [table(2, 0, 8, [1, 2])] * 2
    for dataset in (grey(WindowCenter=[1, 2], WindowWidth=[3, 4]), grey(VOILUTSequence=luts)):
        with pytest.raises(OptionsError, match=f"index={index}"):
            apply_voi(np.arange(3), dataset, index)


def test_a_result_can_go_to_an_array_that_is_there() -> None:
    dataset = grey(RescaleSlope=2, RescaleIntercept=1, WindowCenter=5, WindowWidth=10)
    pixels = np.arange(20, dtype=np.uint8).reshape(4, 5)
    out = np.empty(pixels.shape)
    assert apply_modality_lut(pixels, dataset, out=out) is out
    assert out[0].tolist() == [1, 3, 5, 7, 9]
    assert apply_windowing(out, dataset, out=out) is out
    assert np.array_equal(out, apply_windowing(pixels * 2.0 + 1, dataset))


@pytest.mark.parametrize(
    "out",
    [np.empty((4, 5), np.float32), np.empty((5, 4)), np.empty((5, 4)).T, [[1.0] * 5] * 4],
    ids=["type", "shape", "order", "no array"],
)
def test_an_array_that_does_not_fit_is_refused(out: Any) -> None:
    dataset = grey(RescaleSlope=2, RescaleIntercept=1)
    with pytest.raises(OptionsError, match="out must be"):
        apply_modality_lut(np.zeros((4, 5), np.uint8), dataset, out=out)


def test_the_array_is_not_changed_and_need_not_be_contiguous() -> None:
    dataset = grey(WindowCenter=2000, WindowWidth=1000)
    pixels = ramp("uint16", 20_000)[:, ::2]
    before = pixels.copy()
    assert np.array_equal(apply_voi(pixels, dataset), apply_voi(before, dataset))
    assert np.array_equal(pixels, before)
    assert apply_voi(pixels.T, dataset).shape == pixels.T.shape


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16"])
def test_tables_give_what_the_formula_gives(dtype: str) -> None:
    dataset = grey(WindowCenter=30, WindowWidth=77, BitsStored=16, PixelRepresentation=1)
    many = np.tile(ramp(dtype), (40, 1))
    for pixels in (many, many.astype(many.dtype.newbyteorder()), many[:, ::-1]):
        direct = apply_windowing(pixels.astype(np.int64), dataset)
        assert np.array_equal(apply_windowing(pixels, dataset), direct)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (2, 3, 4, 3)])
def test_any_shape_is_fine(shape: tuple[int, ...]) -> None:
    dataset = grey(RescaleSlope=2, RescaleIntercept=1, WindowCenter=5, WindowWidth=10)
    pixels = np.ones(shape, np.uint16)
    values = apply_modality_lut(pixels, dataset)
    assert values.shape == apply_voi(values, dataset).shape == shape
    assert apply_presentation_lut(pixels, grey(PresentationLUTShape="INVERSE")).shape == shape


def test_booleans_are_0_and_1() -> None:
    found = apply_modality_lut(np.array([True, False]), grey(RescaleSlope=2, RescaleIntercept=1))
    assert found.tolist() == [3, 1]


@pytest.mark.parametrize("bits", [8, 10, 16])
def test_a_presentation_lut_is_that_of_pydicom(bits: int) -> None:
    entries = np.linspace(0, (1 << bits) - 1, 256).astype("u2")[::-1]
    dataset = grey(PresentationLUTSequence=[table(256, 0, bits, [int(one) for one in entries])])
    for dtype in ("uint8", "uint16", "float64"):
        pixels = np.linspace(3, 250, 60_000).astype(dtype).reshape(100, -1)
        expected = processing.apply_presentation_lut(pixels, dataset)
        found = apply_presentation_lut(pixels, dataset)
        assert found.dtype == (np.uint8 if bits == 8 else np.uint16)
        assert np.array_equal(found, expected)


def test_an_inverse_shape_turns_values_around() -> None:
    dataset = grey(PresentationLUTShape="inverse ")
    assert apply_presentation_lut(np.array([0, 7, 100]), dataset).tolist() == [100, 93, 0]


def enhanced(*frames: Dataset, shared: Dataset | None = None) -> Dataset:
    dataset = grey()
    dataset.SharedFunctionalGroupsSequence = [shared or Dataset()]
    dataset.PerFrameFunctionalGroupsSequence = list(frames)
    return dataset


def group(
    slope: float | None = None, intercept: float = 0, window: tuple[float, float] | None = None
) -> Dataset:
    found, item = Dataset(), Dataset()
    if slope is not None:
        item.RescaleSlope, item.RescaleIntercept = slope, intercept
        found.PixelValueTransformationSequence = [item]
    if window is not None:
        item = Dataset()
        item.WindowCenter, item.WindowWidth = window
        found.FrameVOILUTSequence = [item]
    return found


@pytest.mark.parametrize("form", FORMS)
def test_frames_have_transformations_of_their_own(form: str) -> None:
    dataset = FORMS[form](enhanced(group(1), group(1), group(2, 5)))
    pixels = np.ones((3, 2, 2), np.uint16)
    assert apply_modality_lut(pixels, dataset)[:, 0, 0].tolist() == [1, 1, 7]
    assert apply_modality_lut(pixels[2], dataset, frame=2).tolist() == [[7, 7], [7, 7]]


def test_what_all_frames_share_goes_behind_what_they_say_themselves() -> None:
    dataset = enhanced(group(3), Dataset(), shared=group(2))
    pixels = np.ones((2, 1, 1), np.uint16)
    assert apply_modality_lut(pixels, dataset).ravel().tolist() == [3, 2]
    dataset = enhanced(Dataset(), Dataset(), shared=group(2))
    assert apply_modality_lut(np.ones(5, np.uint16), dataset).tolist() == [2] * 5


def test_frames_have_windows_of_their_own() -> None:
    dataset = enhanced(group(window=(100, 200)), group(window=(1000, 10)))
    pixels = np.full((2, 3, 3), 100, np.uint16)
    first, second = apply_voi(pixels, dataset)
    assert np.array_equal(first, apply_voi(pixels[0], grey(WindowCenter=100, WindowWidth=200)))
    assert not second.any()
    assert np.array_equal(apply_voi(pixels[0], dataset, frame=1), second)


def test_frames_that_differ_need_as_many_pixels() -> None:
    dataset = enhanced(group(1), group(2))
    for shape in ((4, 4), (3, 4, 4)):
        with pytest.raises(OptionsError, match="the 2 frames differ"):
            apply_modality_lut(np.zeros(shape, np.uint8), dataset)
    for frame in (2, -1):
        with pytest.raises(OptionsError, match=f"frame={frame}"):
            apply_modality_lut(np.zeros((4, 4), np.uint8), dataset, frame=frame)


def test_a_thousand_frames_cost_no_thousand_squared() -> None:
    dataset = read_by_us(enhanced(*(group(number) for number in range(1000))))
    found = apply_modality_lut(np.ones((1000, 1, 1), np.uint16), dataset)
    assert found.ravel().tolist() == list(range(1000))


BROKEN: dict[str, Dataset] = {
    "no width": grey(WindowCenter=1, WindowWidth=0),
    "a negative width": grey(WindowCenter=1, WindowWidth=-5),
    "a linear window narrower than 1": grey(WindowCenter=1, WindowWidth=0.5),
    "an exact window of no width": grey(
        WindowCenter=1, WindowWidth=0, VOILUTFunction="LINEAR_EXACT"
    ),
    "a sigmoid of no width": grey(WindowCenter=1, WindowWidth=0, VOILUTFunction="SIGMOID"),
    "an unknown function": grey(WindowCenter=1, WindowWidth=2, VOILUTFunction="CUBIC"),
    "a LUT of fewer entries than claimed": grey(VOILUTSequence=[table(5, 0, 16, [1, 2])]),
    "a LUT of 65,536 entries with two": grey(VOILUTSequence=[table(0, 0, 16, [1, 2])]),
    "a LUT without data": grey(VOILUTSequence=[table(2, 0, 16, b"")]),
    "a LUT with entries of 0 bit": grey(VOILUTSequence=[table(2, 0, 0, [1, 2])]),
    "a LUT with entries of 40 bit": grey(VOILUTSequence=[table(2, 0, 40, [1, 2])]),
    "bytes shorter than claimed": grey(VOILUTSequence=[table(9, 0, 8, bytes(8))]),
    "0 bits stored": grey(BitsStored=0, WindowCenter=1, WindowWidth=2),
    "65535 bits stored": grey(BitsStored=65535, WindowCenter=1, WindowWidth=2),
    "a window of colour": grey(PhotometricInterpretation="RGB", WindowCenter=1, WindowWidth=2),
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("form", ["pydicom", "little", "model"])
def test_what_the_standard_forbids_is_a_clear_error(what: str, form: str) -> None:
    with pytest.raises(CodecError):
        apply_voi(np.arange(10, dtype=np.uint16), FORMS[form](BROKEN[what]))


@pytest.mark.parametrize(
    "values", [[1, 2], [1, 2, 3, 4], [], ["x", 0, 8], [2.5, 0, 8], [1e9, 0, 8]]
)
def test_a_descriptor_that_is_none_is_a_clear_error(values: list[Any]) -> None:
    item = {"00283002": {"vr": "US", "Value": values}, "00283006": {"vr": "US", "Value": [1, 2]}}
    with pytest.raises(CodecError):
        apply_voi(np.arange(10), {"00283010": {"vr": "SQ", "Value": [item]}})


@pytest.mark.parametrize("slope", ["NaN", "inf", "-Infinity", "1.5.5", float("nan"), float("inf")])
def test_a_rescaling_by_no_number_is_a_clear_error(slope: Any) -> None:
    model = {
        "00281052": {"vr": "DS", "Value": [0]},
        "00281053": {"vr": "DS", "Value": [slope]},
    }
    with pytest.raises(CodecError, match=r"\(0028,1053\)"):
        apply_modality_lut(np.arange(10), model)


def test_a_broken_value_of_pydicom_is_a_clear_error() -> None:
    dataset = grey(RescaleIntercept="0")
    tag = Tag(0x00281053)
    dataset[tag] = RawDataElement(tag, "DS", 4, b"abcd", 0, False, True)
    with pytest.raises(CodecError, match=r"\(0028,1053\)"):
        apply_modality_lut(np.arange(10), dataset)


def test_an_unknown_presentation_shape_is_a_clear_error() -> None:
    with pytest.raises(CodecError, match="LIN OD"):
        apply_presentation_lut(np.arange(3), grey(PresentationLUTShape="LIN OD"))


@pytest.mark.parametrize("array", [[1, 2], None, b"12", np.array(["a"]), np.array([1j])])
def test_what_is_no_array_of_numbers_is_refused(array: Any) -> None:
    for function in (apply_modality_lut, apply_voi, apply_windowing, apply_presentation_lut):
        with pytest.raises(OptionsError, match="array must"):
            function(array, grey())


@pytest.mark.parametrize("dataset", [None, 1, "file.dcm", [1]])
def test_what_is_no_data_set_is_refused(dataset: Any) -> None:
    with pytest.raises(ValueError, match="dataset must be"):
        apply_voi(np.arange(3), dataset)


def test_pydicom_is_not_imported_for_data_sets_of_ours() -> None:
    program = (
        "import numpy, sys; from dcmtk_native import apply_voi;"
        "apply_voi(numpy.arange(3), {}); assert 'pydicom' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_numpy_is_imported_only_when_there_are_pixels() -> None:
    program = "import sys; import dcmtk_native as d; d.to_display, d.from_array, d.overlays;"
    program += "assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
