"""
Other formats to DICOM and back.
"""

from __future__ import annotations
import typing

__all__: list[str] = ["pixels_of_syntax", "uid_of_name", "warn"]

def pixels_of_syntax(uid: str) -> str: ...
def uid_of_name(name: str) -> str | None: ...
def warn(message: str) -> None: ...
