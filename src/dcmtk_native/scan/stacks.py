"""Images as stacks: which of a series belong together, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import dist, isfinite, sqrt
from typing import Any, Final, TypeVar

from dcmtk_native.scan.result import ScanResult

__all__ = ["TAGS", "Series", "series_of"]

Vector = tuple[float, ...]
T = TypeVar("T")

_APART: Final = (
    "TemporalPositionIdentifier",
    "TriggerTime",
    "EchoTime",
    "DiffusionBValue",
    "AcquisitionNumber",
    "ImageType",
    "AcquisitionTime",
    "ContentTime",
)
"""What may tell images of one position apart, the surest first."""

TAGS: Final = (
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "SOPInstanceUID",
    "Modality",
    "SeriesDescription",
    "InstanceNumber",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "PixelSpacing",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    *_APART,
)
"""What has to be known of each instance."""

_SAME: Final = 1e-3
"""Direction cosines and millimetres that differ by less are written differently, not different."""

_UNEVEN: Final = 0.01
"""By how much of the spacing a slice may be off its place in a regular stack."""


@dataclass(frozen=True, slots=True)
class Series:
    """Instances of one series that form one stack.

    Attributes:
        series_instance_uid: empty if the instances have none.
        study_instance_uid: of the first instance.
        modality: of the first instance.
        description: the Series Description of the first instance.
        paths: the files, sorted.
        instance_uids: the SOP Instance UIDs, in the same order.
        positions: the Image Position (Patient) of each, or nothing if they have none.
        orientation: the Image Orientation (Patient) of the first, or `None`.
        spacing: from slice to slice along the normal in mm; `None` if it is not the same
            everywhere, if the slices are shifted in their plane, or if there is only one.
        frames: frames of all instances; 0 if they are no images.
        temporal_position: which of several stacks at the same positions, from 0; `None` if it is
            the only one.
        duplicates: further files with the same SOP Instance UIDs, which are left out.
    """

    series_instance_uid: str
    study_instance_uid: str | None
    modality: str | None
    description: str | None
    paths: tuple[str, ...]
    instance_uids: tuple[str | None, ...]
    positions: tuple[Vector, ...]
    orientation: Vector | None
    spacing: float | None
    frames: int
    temporal_position: int | None = None
    duplicates: tuple[str, ...] = ()


@dataclass(slots=True)
class _Instance:
    """One file of a series."""

    path: str
    facts: dict[str, Any]
    orientation: Vector | None
    position: Vector | None
    offset: float  # along the normal
    frames: int

    @property
    def order(self) -> tuple[object, ...]:
        return self.offset, *_sortable(self.facts["InstanceNumber"]), self.path

    @property
    def time(self) -> tuple[object, ...]:
        known = (part for name in _APART for part in _sortable(self.facts[name]))
        return *known, *_sortable(self.facts["InstanceNumber"]), self.path


def series_of(result: ScanResult) -> list[Series]:
    """The stacks, series by series, in the order of their first files."""
    columns = [result[tag] for tag in TAGS]
    found: dict[str, list[_Instance]] = {}
    for path, *values in zip(result.paths, *columns, strict=True):
        instance = _instance(path, dict(zip(TAGS, values, strict=True)))
        found.setdefault(instance.facts["SeriesInstanceUID"] or "", []).append(instance)
    return [one for uid, instances in found.items() for one in _stacks(uid, instances)]


def _instance(path: str, facts: dict[str, Any]) -> _Instance:
    orientation = _vector(facts["ImageOrientationPatient"], 6)
    position = _vector(facts["ImagePositionPatient"], 3)
    if isinstance(kind := facts["ImageType"], list):
        facts["ImageType"] = "\\".join(map(str, kind))
    normal = None if orientation is None else _normal(orientation)
    if normal is None or position is None:
        orientation, position, offset = None if normal is None else orientation, None, 0.0
    else:
        offset = _dot(normal, position)
    is_image = facts["Rows"] is not None
    frames = max(facts["NumberOfFrames"] or 1, 1) if is_image else 0
    return _Instance(path, facts, orientation, position, offset, frames)


def _stacks(uid: str, instances: list[_Instance]) -> Iterable[Series]:
    unique, copies = _without_copies(instances)
    for group in _groups(unique):
        stacks = _told_apart(group) if group[0].position is not None else [group]
        for number, stack in enumerate(stacks):
            stack.sort(key=lambda one: one.order)
            yield _series(uid, stack, number if len(stacks) > 1 else None, copies)


def _without_copies(
    instances: list[_Instance],
) -> tuple[list[_Instance], dict[str | None, list[str]]]:
    """The first file of each instance, and the paths of the others by their UID."""
    kept: list[_Instance] = []
    copies: dict[str | None, list[str]] = {}
    for one in instances:
        uid = one.facts["SOPInstanceUID"]
        if uid is not None and uid in copies:
            copies[uid].append(one.path)
        else:
            copies[uid] = []
            kept.append(one)
    return kept, copies


def _series(
    uid: str, stack: list[_Instance], number: int | None, copies: dict[str | None, list[str]]
) -> Series:
    first = stack[0]
    uids = tuple(one.facts["SOPInstanceUID"] for one in stack)
    positions = tuple(one.position for one in stack if one.position is not None)
    return Series(
        series_instance_uid=uid,
        study_instance_uid=first.facts["StudyInstanceUID"],
        modality=first.facts["Modality"],
        description=first.facts["SeriesDescription"],
        paths=tuple(one.path for one in stack),
        instance_uids=uids,
        positions=positions,
        orientation=first.orientation,
        spacing=_spacing(stack) if positions else None,
        frames=sum(one.frames for one in stack),
        temporal_position=number,
        duplicates=tuple(path for each in uids if each is not None for path in copies[each]),
    )


# ---- what belongs together ----


def _groups(instances: list[_Instance]) -> Iterable[list[_Instance]]:
    """Instances of one size, one pixel spacing and one orientation; a multi-frame one alone."""
    by_shape: dict[tuple[object, ...], list[_Instance]] = {}
    for one in instances:
        spacing = _vector(one.facts["PixelSpacing"], 2)
        alone = one.path if one.frames > 1 else None
        is_placed = one.position is not None
        sizes = one.facts["Rows"], one.facts["Columns"]
        key = (alone, sizes, spacing is None, one.orientation is None, is_placed)
        by_shape.setdefault(key, []).append(one)
    for alike in by_shape.values():
        yield from _clusters(alike, _geometry)


def _geometry(one: _Instance) -> Vector:
    return (one.orientation or ()) + (_vector(one.facts["PixelSpacing"], 2) or ())


def _told_apart(group: list[_Instance]) -> list[list[_Instance]]:
    """Stacks in which no position occurs twice, in the order of time."""
    most = _most_at_one_place(group)
    if most == 1:
        return [group]
    for name in _APART:
        parts: dict[Any, list[_Instance]] = {}
        for one in group:
            parts.setdefault(one.facts[name], []).append(one)
        # A time that differs from slice to slice tells nothing about stacks.
        if 1 < len(parts) <= most and all(_most_at_one_place(p) < most for p in parts.values()):
            ordered = sorted(parts.items(), key=lambda part: _sortable(part[0]))
            return [stack for _, part in ordered for stack in _told_apart(part)]
    stacks: list[list[_Instance]] = [[] for _ in range(most)]
    for place in _places(group):
        for stack, one in zip(stacks, sorted(place, key=lambda one: one.time), strict=False):
            stack.append(one)
    return stacks


def _places(group: list[_Instance]) -> Iterable[list[_Instance]]:
    return _clusters(group, lambda one: one.position or ())


def _most_at_one_place(group: list[_Instance]) -> int:
    return max(len(place) for place in _places(group))


def _clusters(items: list[T], vector: Callable[[T], Vector]) -> list[list[T]]:
    """The items cut into groups wherever one of their numbers makes a jump.

    Unlike rounding this never separates two numbers that are nearly the same.
    """
    groups = [items]
    for axis in range(len(vector(items[0]))):
        groups = [
            part for group in groups for part in _cut(group, [vector(one)[axis] for one in group])
        ]
    return groups


def _cut(items: list[T], numbers: list[float]) -> list[list[T]]:
    if max(numbers) - min(numbers) < _SAME:
        return [items]
    order = sorted(range(len(items)), key=numbers.__getitem__)
    parts = [[items[order[0]]]]
    for before, after in pairwise(order):
        if numbers[after] - numbers[before] >= _SAME:
            parts.append([])
        parts[-1].append(items[after])
    return parts


# ---- geometry ----


def _vector(value: Any, size: int) -> Vector | None:
    """So many finite numbers; anything else is as if there were none."""
    if not isinstance(value, list) or len(value) != size:
        return None
    numbers = [one for one in value if one is not None and isfinite(one)]
    return tuple(numbers) if len(numbers) == size else None


def _normal(orientation: Vector) -> Vector | None:
    """The unit vector out of the plane; `None` if the two directions do not make a plane."""
    (a, b, c), (d, e, f) = orientation[:3], orientation[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = sqrt(_dot(normal, normal))
    if not isfinite(length) or length < _SAME:
        return None
    return tuple(part / length for part in normal)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _spacing(stack: list[_Instance]) -> float | None:
    """The step along the normal, if every slice is one such step from the one before."""
    first, last = stack[0], stack[-1]
    if len(stack) < 2 or first.orientation is None or first.position is None:
        return None
    normal = _normal(first.orientation)
    assert normal is not None
    step = (last.offset - first.offset) / (len(stack) - 1)
    for number, one in enumerate(stack):
        assert one.position is not None
        place = [at + number * step * part for at, part in zip(first.position, normal, strict=True)]
        if dist(place, one.position) > max(_UNEVEN * step, _SAME):
            return None
    return step if step >= _SAME else None


def _sortable(value: Any) -> tuple[bool, Any]:
    """Something to sort by: what is not known comes first."""
    return (value is not None, value)
