"""series: what belongs together, and in which order."""

from __future__ import annotations

import logging
import random
from math import cos, radians, sin
from pathlib import Path

import pytest

from dcmtk_native import (
    AbortSignal,
    DicomFileError,
    Err,
    OperationAbortedError,
    OptionsError,
    Series,
    series,
    unwrap,
)
from support.samples import Element, ct_image, dicom_file

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)

TEMPORAL_POSITION = 0x00200100
TRIGGER_TIME = 0x00181060
ECHO_TIME = 0x00180081
ACQUISITION_TIME = 0x00080032
IMAGE_TYPE = 0x00080008


class Maker:
    """Writes images under random names, so that names tell nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self._random = random.Random(3)

    def image(
        self,
        position: tuple[float, float, float] | None = None,
        orientation: tuple[float, ...] = AXIAL,
        *changes: Element,
        uid: str = "1.2.3",
    ) -> Path:
        self.count += 1
        placed: list[Element] = []
        if position is not None:
            placed = [(0x00200032, "DS", ds(position)), (0x00200037, "DS", ds(orientation))]
        content = ct_image(
            (0x0020000E, "UI", uid),
            (0x00080018, "UI", f"1.2.3.4.{self.count}"),
            (0x0008103E, "LO", "Head"),
            *placed,
            *changes,
        )
        path = self.folder / f"{self._random.getrandbits(64):016x}.dcm"
        path.write_bytes(dicom_file(content))
        return path


def ds(numbers: tuple[float, ...]) -> str:
    return "\\".join(f"{number:.6g}" for number in numbers)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def found(maker: Maker) -> list[Series]:
    return unwrap(series(maker.folder))


def test_slices_are_sorted_along_the_normal(maker: Maker) -> None:
    order = [4, 0, 3, 1, 2]
    paths = {z: maker.image((-10, -20, z * 2.5), AXIAL, (0x00200013, "IS", "7")) for z in order}
    (one,) = found(maker)
    assert one.paths == tuple(str(paths[z]) for z in range(5))
    assert one.spacing == pytest.approx(2.5)
    assert one.orientation == AXIAL
    assert one.positions[1] == (-10, -20, 2.5)
    assert one.frames == 5
    assert (one.modality, one.description) == ("CT", "Head")
    assert one.series_instance_uid == "1.2.3"
    assert one.study_instance_uid == "1.2.826.0.1.3680043.8.498.3"
    assert one.temporal_position is None
    assert len(set(one.instance_uids)) == 5


def test_the_direction_is_that_of_the_normal(maker: Maker) -> None:
    for y in range(3):
        maker.image((0, y, 0), CORONAL)
    (one,) = found(maker)
    # Row times column of a coronal plane points to the front (+y).
    assert [y for _, y, _ in one.positions] == [0, 1, 2]


def test_an_oblique_stack_whose_numbers_were_rounded(maker: Maker) -> None:
    angle = radians(17)
    orientation = (1.0, 0.0, 0.0, 0.0, cos(angle), sin(angle))
    for number in range(12):
        step = 1.5 * number
        slightly = tuple(round(part, 4 + number % 3) for part in orientation)
        place = (5.0, round(-step * sin(angle), 3), round(step * cos(angle), 3))
        maker.image(place, slightly)
    (one,) = found(maker)
    assert len(one.paths) == 12
    assert one.spacing == pytest.approx(1.5, abs=1e-3)


def test_a_missing_slice_and_a_tilted_gantry_have_no_spacing(maker: Maker) -> None:
    for z in (0, 1, 2, 4):
        maker.image((0, 0, z), uid="1.1")
        maker.image((0, z * 0.3, z), uid="1.2")
    gap, tilted = sorted(found(maker), key=lambda one: one.series_instance_uid)
    assert gap.spacing is None
    assert tilted.spacing is None
    assert len(gap.paths) == len(tilted.paths) == 4


def test_the_planes_of_a_localizer_are_stacks_of_their_own(maker: Maker) -> None:
    for orientation in (AXIAL, CORONAL, SAGITTAL):
        for number in range(3):
            maker.image((number * 5, number * 5, number * 5), orientation)
    stacks = found(maker)
    assert sorted(len(one.paths) for one in stacks) == [3, 3, 3]
    assert {one.orientation for one in stacks} == {AXIAL, CORONAL, SAGITTAL}
    assert {one.series_instance_uid for one in stacks} == {"1.2.3"}


def test_images_of_other_sizes_are_other_stacks(maker: Maker) -> None:
    for z in range(2):
        maker.image((0, 0, z))
        maker.image((0, 0, z), AXIAL, (0x00280010, "US", [2]))
        maker.image((0, 0, z), AXIAL, (0x00280030, "DS", "0.7\\0.7"))
    assert [len(one.paths) for one in found(maker)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("tag", "vr", "values"),
    [
        (TEMPORAL_POSITION, "IS", ["1", "2", "10"]),
        (TRIGGER_TIME, "DS", ["0", "80.5", "161"]),
        (ECHO_TIME, "DS", ["4.6", "9.2", "13.8"]),
        (ACQUISITION_TIME, "TM", ["101500", "101510", "101520"]),
        (IMAGE_TYPE, "CS", ["ORIGINAL\\F", "ORIGINAL\\IP", "ORIGINAL\\OP"]),
    ],
)
def test_images_of_one_position_are_told_apart(
    tag: int, vr: str, values: list[str], maker: Maker
) -> None:
    for z in (1, 0):
        for value in reversed(values):
            maker.image((0, 0, z), AXIAL, (tag, vr, value), (0x00200011, "IS", value[:4]))
    stacks = found(maker)
    assert [one.temporal_position for one in stacks] == [0, 1, 2]
    assert [[z for *_, z in one.positions] for one in stacks] == [[0, 1]] * 3
    for one, value in zip(stacks, values, strict=True):
        for path in one.paths:
            assert value.encode() in Path(path).read_bytes()


def test_times_that_differ_from_slice_to_slice(maker: Maker) -> None:
    """As in functional MR: every slice has a time of its own, volume after volume."""
    for volume in (2, 0, 1):
        for z in range(4):
            time = 100000 + volume * 40 + z * 10
            maker.image((0, 0, z), AXIAL, (ACQUISITION_TIME, "TM", str(time)))
    stacks = found(maker)
    assert [len(one.paths) for one in stacks] == [4, 4, 4]
    for volume, one in enumerate(stacks):
        for z, path in enumerate(one.paths):
            assert str(100000 + volume * 40 + z * 10).encode() in Path(path).read_bytes()


def test_echoes_within_times(maker: Maker) -> None:
    for z in range(3):
        for position in ("1", "2"):
            for echo in ("4", "8"):
                maker.image(
                    (0, 0, z),
                    AXIAL,
                    (TEMPORAL_POSITION, "IS", position),
                    (ECHO_TIME, "DS", echo),
                )
    stacks = found(maker)
    assert [one.temporal_position for one in stacks] == [0, 1, 2, 3]
    assert [len(one.paths) for one in stacks] == [3] * 4


def test_an_incomplete_last_volume(maker: Maker) -> None:
    for position, slices in (("1", 4), ("2", 4), ("3", 2)):
        for z in range(slices):
            maker.image((0, 0, z), AXIAL, (TEMPORAL_POSITION, "IS", position))
    assert [len(one.paths) for one in found(maker)] == [4, 4, 2]


def test_without_positions_the_instance_number_sorts(maker: Maker) -> None:
    paths = {n: maker.image(None, AXIAL, (0x00200013, "IS", str(n))) for n in (10, 9, 1)}
    (one,) = found(maker)
    assert one.paths == tuple(str(paths[n]) for n in (1, 9, 10))
    assert (one.positions, one.spacing, one.orientation) == ((), None, None)


def test_without_anything_the_path_sorts(maker: Maker) -> None:
    paths = [maker.image(None, AXIAL, (0x00200013, "IS", "")) for _ in range(4)]
    (one,) = found(maker)
    assert one.paths == tuple(sorted(map(str, paths)))


def test_copies_of_an_instance_are_told_and_left_out(maker: Maker) -> None:
    paths = [maker.image((0, 0, z)) for z in range(3)]
    copy = maker.folder / "~copy.dcm"
    copy.write_bytes(paths[1].read_bytes())
    (one,) = found(maker)
    assert len(one.paths) == 3
    assert one.duplicates == (str(copy),)


def test_a_multi_frame_image_is_alone(maker: Maker) -> None:
    for _ in range(2):
        maker.image(None, AXIAL, (0x00280008, "IS", "12"))
    assert [(len(one.paths), one.frames) for one in found(maker)] == [(1, 12), (1, 12)]


@pytest.mark.parametrize(
    "orientation",
    [
        "1\\0\\0\\1\\0\\0",
        "0\\0\\0\\0\\0\\0",
        "1\\0\\0",
        "1e300\\0\\0\\0\\1e300\\0",
        "x",
        "inf\\0\\0\\0\\1\\0",
    ],
)
def test_nonsense_for_an_orientation_is_as_if_there_were_none(
    orientation: str, maker: Maker
) -> None:
    maker.image((0, 0, 1), AXIAL, (0x00200037, "DS", orientation), (0x00200013, "IS", "2"))
    maker.image((0, 0, 2), AXIAL, (0x00200037, "DS", orientation), (0x00200013, "IS", "1"))
    (one,) = unwrap(series(maker.folder, on_error=lambda _: None))
    assert one.orientation is None
    assert one.positions == ()


def test_what_is_no_image_has_no_frames(tmp_path: Path) -> None:
    report = [element for element in ct_image() if element[0] >> 16 not in (0x0028, 0x7FE0)]
    (tmp_path / "report.dcm").write_bytes(dicom_file(report))
    (one,) = unwrap(series(tmp_path))
    assert (one.frames, one.spacing) == (0, None)


def test_several_values_where_one_belongs_do_not_disturb_the_others(maker: Maker) -> None:
    for z in range(3):
        maker.image((0, 0, z))
    maker.image((0, 0, 9), AXIAL, (0x00280010, "US", [4, 5]), (0x00280008, "IS", "2\\3"))
    stacks = unwrap(series(maker.folder, on_error=lambda _: None))
    assert sorted(len(one.paths) for one in stacks) == [1, 3]


def test_many_images_at_one_place_are_a_stack_each(maker: Maker) -> None:
    for number in range(300):
        maker.image((0, 0, 0), AXIAL, (ACQUISITION_TIME, "TM", f"10{number:04}"))
    stacks = found(maker)
    assert [len(one.paths) for one in stacks] == [1] * 300


def test_what_cannot_be_read_is_told(maker: Maker, caplog: pytest.LogCaptureFixture) -> None:
    maker.image((0, 0, 0))
    (maker.folder / "empty.dcm").touch()
    with caplog.at_level(logging.WARNING, "dcmtk_native.scan"):
        assert len(found(maker)) == 1
    assert "empty.dcm" in caplog.text
    told = []
    unwrap(series(maker.folder, on_error=told.append))
    assert [Path(one.path).name for one in told] == ["empty.dcm"]


def test_errors(tmp_path: Path) -> None:
    for options, kind in (
        ({"source": tmp_path / "gone"}, DicomFileError),
        ({"source": 3}, OptionsError),
        ({"source": tmp_path, "threads": 0}, OptionsError),
        ({"source": tmp_path, "signal": AbortSignal.abort("enough")}, OperationAbortedError),
    ):
        result = series(**options)  # type: ignore[arg-type]
        assert isinstance(result, Err)
        assert isinstance(result.error, kind)
        assert result.error.tool == "series"


def test_an_empty_folder_has_no_series(tmp_path: Path) -> None:
    assert unwrap(series(tmp_path)) == []
