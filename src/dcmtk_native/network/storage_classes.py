"""The storage SOP classes that storescu proposes whatever it sends."""

from __future__ import annotations

from typing import Final

__all__ = ["USUAL_STORAGE_CLASSES"]

_NUMBERS: Final = (
    "9.1.3 88.11 9.4.1 11.4 9.3.1 88.65 88.69 11.2 88.33 1 2 1.3 1.3.1 1.2 1.2.1 1.1 1.1.1"
    " 104.1 2.1 4.1 88.22 12.1.1 12.2.1 9.1.2 11.1 9.2.1 88.59 88.50 4 4.2 7.2 7.3 7.1 7.4"
    " 20 77.1.5.2 77.1.5.1 77.1.5.4 128 88.40 11.3 66 67 481.4 481.6 481.2 481.1 481.5"
    " 481.3 481.7 7 66.2 66.1 77.1.5.3 9.1.1 6.1 3.1 77.1.1 77.1.2 77.1.4 77.1.3 12.1 88.67"
    " 12.2"
)
USUAL_STORAGE_CLASSES: Final = tuple(
    f"1.2.840.10008.5.1.4.1.1.{number}" for number in _NUMBERS.split()
)
"""Those of DCMTK's storescu, in its order: as many as there is room for two contexts of each."""
