"""Filters of a PACS client, and the keys that they stand for, level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final, TypeVar

from dcmtk_native.errors import OptionsError

__all__ = [
    "ImageFilter",
    "QueryLevel",
    "SeriesFilter",
    "StudyFilter",
    "WorklistFilter",
    "filter_of",
    "keys_of",
]


class QueryLevel(StrEnum):
    """What a query is about."""

    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"
    WORKLIST = "WORKLIST"


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """Of studies; `None` is not asked for, an empty text is sent as an empty key.

    Attributes:
        patient_id: (0010,0020).
        patient_name: (0010,0010).
        study_date: (0008,0020), a day or a range.
        accession_number: (0008,0050).
        modality: (0008,0061), one that the study has.
        study_instance_uid: (0020,000D).
        study_description: (0008,1030).
    """

    patient_id: str | None = None
    patient_name: str | None = None
    study_date: str | None = None
    accession_number: str | None = None
    modality: str | None = None
    study_instance_uid: str | None = None
    study_description: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """Of series in a study.

    Attributes:
        study_instance_uid: (0020,000D).
        modality: (0008,0060).
        series_number: (0020,0011).
        series_instance_uid: (0020,000E).
        series_description: (0008,103E).
    """

    study_instance_uid: str
    modality: str | None = None
    series_number: str | None = None
    series_instance_uid: str | None = None
    series_description: str | None = None


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Of instances in a series.

    Attributes:
        study_instance_uid: (0020,000D).
        series_instance_uid: (0020,000E).
        instance_number: (0020,0013).
        sop_instance_uid: (0008,0018).
        sop_class_uid: (0008,0016).
    """

    study_instance_uid: str
    series_instance_uid: str
    instance_number: str | None = None
    sop_instance_uid: str | None = None
    sop_class_uid: str | None = None


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """Of worklist entries.

    Attributes:
        keys: as `findscu` takes them.
    """

    keys: Sequence[str]


_LEVEL: Final = "0008,0052"
_TAGS: Final[dict[type, dict[str, str]]] = {
    StudyFilter: {
        "patient_id": "0010,0020",
        "patient_name": "0010,0010",
        "study_date": "0008,0020",
        "accession_number": "0008,0050",
        "modality": "0008,0061",
        "study_instance_uid": "0020,000d",
        "study_description": "0008,1030",
    },
    SeriesFilter: {
        "study_instance_uid": "0020,000d",
        "modality": "0008,0060",
        "series_number": "0020,0011",
        "series_instance_uid": "0020,000e",
        "series_description": "0008,103e",
    },
    ImageFilter: {
        "study_instance_uid": "0020,000d",
        "series_instance_uid": "0020,000e",
        "instance_number": "0020,0013",
        "sop_instance_uid": "0008,0018",
        "sop_class_uid": "0008,0016",
    },
}
_RETURNED: Final[dict[type, tuple[str, ...]]] = {
    StudyFilter: (
        "0010,0010",
        "0010,0020",
        "0008,0020",
        "0008,0030",
        "0008,0050",
        "0008,0060",
        "0008,0061",
        "0008,1030",
        "0020,000d",
        "0020,0010",
        "0020,1206",
        "0020,1208",
    ),
    SeriesFilter: ("0020,000e", "0008,0060", "0020,0011", "0008,103e", "0020,1209"),
    ImageFilter: ("0008,0018", "0008,0016", "0020,0013", "0028,0010", "0028,0011"),
}
_LEVELS: Final[dict[type, QueryLevel]] = {
    StudyFilter: QueryLevel.STUDY,
    SeriesFilter: QueryLevel.SERIES,
    ImageFilter: QueryLevel.IMAGE,
}

F = TypeVar("F")


def filter_of(kind: type[F], given: object, values: Mapping[str, str | None]) -> F:
    """The filter that was given, or one of the values that were.

    Errors:
        OptionsError: raised for both, for another class, and for one that lacks what it needs.
    """
    asked = {name: value for name, value in values.items() if value is not None}
    if given is None:
        try:
            made = kind(**asked)
        except TypeError:
            needed = [one.name for one in fields(kind) if one.name not in asked]  # type: ignore[arg-type]
            raise OptionsError(f"{needed[0]}=None: {kind.__name__} needs it") from None
        return _checked(made)
    if not isinstance(given, kind):
        raise OptionsError(f"filter: must be a {kind.__name__}, not {type(given).__name__}")
    if asked:
        raise OptionsError(f"{next(iter(asked))}: given beside a filter")
    return _checked(given)


def _checked(made: F) -> F:
    """The filter, whose fields are texts: nobody else looks at those of a dataclass."""
    for name in _TAGS[type(made)]:
        value: Any = getattr(made, name)
        if value is not None and not isinstance(value, str):
            raise OptionsError(f"{name}={value!r:.40}: must be a string")
    return made


def keys_of(asked: StudyFilter | SeriesFilter | ImageFilter) -> list[str]:
    """The keys of a query, in the order in which they are sent."""
    kind = type(asked)
    keys = [f"{_LEVEL}={_LEVELS[kind]}"]
    sent = {_LEVEL}
    for name, tag in _TAGS[kind].items():
        value = getattr(asked, name)
        if value is not None:
            keys.append(f"{tag}={value}")
            sent.add(tag)
    return keys + [f"{tag}=" for tag in _RETURNED[kind] if tag not in sent]
