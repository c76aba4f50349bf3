"""Doors for programs that were written for other packages."""

from __future__ import annotations

__all__: list[str] = []
