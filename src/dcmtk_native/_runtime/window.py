"""VOI transformations: which grey values of an image are shown, and how (PS3.3 section C.11.2)."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, Literal

__all__ = ["Window"]

Kind = Literal[
    "index",
    "lut",
    "min-max",
    "min-max-n",
    "set",
    "roi",
    "histogram",
    "min-max-ref",
    "min-max-n-ref",
]

_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "index": ("number",),
    "lut": ("number",),
    "min-max": (),
    "min-max-n": (),
    "set": ("center", "width"),
    "roi": ("left", "top", "columns", "rows"),
    "histogram": ("number",),
    "min-max-ref": (),
    "min-max-n-ref": (),
}
"""What each kind needs, in the order of DCMTK's flags."""

_FLAGS: Final = {
    "index": "+Wi",
    "lut": "+Wl",
    "min-max": "+Wm",
    "min-max-n": "+Wn",
    "set": "+Ww",
    "roi": "+Wr",
    "histogram": "+Wh",
    "min-max-ref": "+Wr",
    "min-max-n-ref": "+Wq",
}
_MAX: Final = 0xFFFFFFFF
_ALL: Final = ("number", "center", "width", "left", "top", "columns", "rows")


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI transformation; its constructors name the kinds: `Window.set(40, 400)`.

    Attributes:
        kind: which one.
        number: of `index` and `lut`: which one of the image, counted from 1; of `histogram`: how
            many percent of the pixels are left out at either end.
        center: of `set`.
        width: of `set`.
        left: of `roi`, the first column, counted from 0.
        top: of `roi`, the first row.
        columns: of `roi`.
        rows: of `roi`.
    """

    kind: Kind
    number: int | None = None
    center: float | None = None
    width: float | None = None
    left: int | None = None
    top: int | None = None
    columns: int | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in _FIELDS:
            raise ValueError(f"kind={self.kind!r}: must be one of {', '.join(_FIELDS)}")
        needed = _FIELDS[self.kind]
        for name in _ALL:
            value = getattr(self, name)
            if (value is not None) != (name in needed):
                rule = "is needed" if name in needed else "means nothing"
                raise ValueError(f"{name}={value!r}: {rule} for a window of kind {self.kind}")
            if value is not None:
                _check(self.kind, name, value)

    @classmethod
    def index(cls, number: int) -> Window:
        """The image's window of that number, counted from 1."""
        return cls("index", number=number)

    @classmethod
    def lut(cls, number: int) -> Window:
        """The image's VOI LUT of that number, counted from 1."""
        return cls("lut", number=number)

    @classmethod
    def min_max(cls) -> Window:
        """From the lowest to the highest value that occurs."""
        return cls("min-max")

    @classmethod
    def min_max_n(cls) -> Window:
        """The same without the two extreme values."""
        return cls("min-max-n")

    @classmethod
    def set(cls, center: float, width: float) -> Window:
        """A window of that center and width."""
        return cls("set", center=center, width=width)

    @classmethod
    def roi(cls, left: int, top: int, width: int, height: int) -> Window:
        """From the lowest to the highest value of a region."""
        return cls("roi", left=left, top=top, columns=width, rows=height)

    @classmethod
    def histogram(cls, number: int) -> Window:
        """Without that many percent of the darkest and of the brightest pixels."""
        return cls("histogram", number=number)

    @classmethod
    def min_max_ref(cls) -> Window:
        """The min-max window of the reference image, for both images of a comparison."""
        return cls("min-max-ref")

    @classmethod
    def min_max_n_ref(cls) -> Window:
        """The same without the two extreme values."""
        return cls("min-max-n-ref")

    def arguments(self) -> list[str]:
        """The flag of DCMTK's tools and what follows it."""
        return [_FLAGS[self.kind], *(str(getattr(self, name)) for name in _FIELDS[self.kind])]


def _check(kind: str, name: str, value: Any) -> None:
    """Nothing: raises `ValueError` for a value out of its rules."""
    kinds = (int, float) if name in {"center", "width"} else (int,)
    if isinstance(value, bool) or not isinstance(value, kinds) or not isfinite(value):
        raise ValueError(f"{name}={value!r}: must be a number")
    if name == "center":
        return
    low = 0 if name in {"left", "top"} or kind == "histogram" else 1
    high = 100 if kind == "histogram" else _MAX
    if not low <= value <= high:
        raise ValueError(f"{name}={value!r}: must be from {low} to {high}")
