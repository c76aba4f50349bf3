"""Headers of many files: a few tags of each as columns, and the series that they make."""

from __future__ import annotations

from dcmtk_native.scan.scanning import scan

__all__ = ["scan"]
