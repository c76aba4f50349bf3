"""Identifiers made up for objects that are sent to test a peer: storescu's invent_*."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from dcmtk_native._core.data import new_uid

__all__ = ["INVENT_PATIENT", "INVENT_SERIES", "INVENT_STUDY", "Invention"]

INVENT_SERIES: Final = 100
INVENT_STUDY: Final = 50
INVENT_PATIENT: Final = 25
"""Images a series, series a study, studies a patient, as DCMTK's storescu has them."""

Values = dict[str, tuple[str, str]]
"""VR and value by keyword."""


@dataclass(slots=True)
class Invention:
    """Which patient, study and series the objects of a call belong to, one after the other.

    Attributes:
        series: a new series after so many images.
        study: a new study after so many series.
        patient: a new patient after so many studies.
    """

    series: int = INVENT_SERIES
    study: int = INVENT_STUDY
    patient: int = INVENT_PATIENT
    _begin: int = field(default_factory=lambda: int(time.time()))
    _uids: dict[tuple[str, int], str] = field(default_factory=dict)

    def values(self, number: int) -> Values:
        """What identifies the object with this number, counted from 0."""
        series, image = divmod(number, self.series)
        study, series_of_study = divmod(series, self.study)
        patient = study // self.patient
        return {
            "PatientName": ("PN", f"OFFIS^TEST_PN_{self._begin}{patient}"),
            "PatientID": ("LO", f"PID_{self._begin}{patient}"),
            "StudyInstanceUID": ("UI", self._uid("study", study)),
            "StudyID": ("SH", f"SID_{self._begin + study}"),
            "SeriesInstanceUID": ("UI", self._uid("series", series)),
            "SeriesNumber": ("IS", str(series_of_study)),
            "SOPInstanceUID": ("UI", new_uid()),
            "InstanceNumber": ("IS", str(image)),
        }

    def _uid(self, kind: str, number: int) -> str:
        # Several threads may ask: whoever is first decides.
        return self._uids.setdefault((kind, number), new_uid())
