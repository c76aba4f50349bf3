"""Entries of a `Value` as text and as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

__all__ = ["to_number", "to_text"]

_LONGEST_NUMBER = 64


def to_text(value: object) -> str:
    """The text of an entry; of a person name the alphabetic part; empty if it has none.

    >>> to_text({"Alphabetic": "Doe^John"}), to_text(0.5), to_text(None)
    ('Doe^John', '0.5', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, Mapping):
        alphabetic = value.get("Alphabetic")
        return alphabetic if isinstance(alphabetic, str) else ""
    return ""


def to_number(value: object) -> int | float | None:
    """The number of an entry, or `None` if it is none.

    >>> to_number(" 42 "), to_number("1.5e3"), to_number("1_000")
    (42, 1500.0, None)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return _parse_number(value.strip()) if isinstance(value, str) else None


def _parse_number(text: str) -> int | float | None:
    # Python would also take digits of other scripts and underscores between digits.
    if not text.isascii() or "_" in text or len(text) > _LONGEST_NUMBER:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return None if isnan(number) else number
