"""Window: its constructors, its rules, and the flags of DCMTK's tools."""

from __future__ import annotations

from typing import Any

import pytest

from dcmtk_native import Window


@pytest.mark.parametrize(
    ("window", "arguments"),
    [
        (Window.index(2), ["+Wi", "2"]),
        (Window.lut(1), ["+Wl", "1"]),
        (Window.min_max(), ["+Wm"]),
        (Window.min_max_n(), ["+Wn"]),
        (Window.set(40, 400.5), ["+Ww", "40", "400.5"]),
        (Window.roi(0, 1, 2, 3), ["+Wr", "0", "1", "2", "3"]),
        (Window.histogram(0), ["+Wh", "0"]),
        (Window.min_max_ref(), ["+Wr"]),
        (Window.min_max_n_ref(), ["+Wq"]),
    ],
    ids=repr,
)
def test_a_window_knows_its_flag(window: Window, arguments: list[str]) -> None:
    assert window.arguments() == arguments


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Window.index(0), "number"),
        (lambda: Window.lut(True), "number"),
        (lambda: Window.histogram(101), "number"),
        (lambda: Window.set(0, 0.5), "width"),
        (lambda: Window.set(float("nan"), 5), "center"),
        (lambda: Window.roi(-1, 0, 1, 1), "left"),
        (lambda: Window.roi(0, 0, 0, 1), "columns"),
        (lambda: Window("set", center=1), "width"),
        (lambda: Window("min-max", number=1), "number"),
        (lambda: Window("other"), "kind"),  # type: ignore[arg-type]
    ],
)
def test_a_window_that_cannot_be_is_refused(make: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}="):
        make()
