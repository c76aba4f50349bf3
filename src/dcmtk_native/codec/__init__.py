"""Pixel data: frames as numpy arrays, and DICOM files from one transfer syntax to another."""

from __future__ import annotations

from dcmtk_native.codec.pixels import read_pixels

__all__ = ["read_pixels"]
