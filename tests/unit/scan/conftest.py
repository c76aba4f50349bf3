"""Folders of small files."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.samples import Element, ct_image, dicom_file


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Five images in two folders, an empty file and one that is cut short."""
    folder = tmp_path / "archive"
    (folder / "deeper").mkdir(parents=True)
    for number in range(5):
        changes: list[Element] = [
            (0x00100010, "PN", f"Doe^{number}"),
            (0x00200013, "IS", str(number)),
            (0x00080018, "UI", f"1.2.3.{number}"),
        ]
        place = folder / "deeper" if number > 2 else folder
        (place / f"{number}.dcm").write_bytes(dicom_file(ct_image(*changes)))
    (folder / "empty.dcm").touch()
    (folder / "short.dcm").write_bytes(dicom_file(ct_image())[:300])
    return folder
