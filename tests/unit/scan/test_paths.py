"""The native queue of paths: in at the end, out at the front."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native._core.scan import Paths

path = st.binary(max_size=6).map(lambda raw: os.fsdecode(raw.replace(b"\0", b"/")))
step = st.one_of(
    st.tuples(st.just("append"), path),
    st.tuples(st.just("extend"), st.lists(path, max_size=5)),
    st.tuples(st.just("drop"), st.integers(0, 8)),
)


def listed(paths: Paths) -> list[str]:
    return [paths[place] for place in range(len(paths))]


@given(steps=st.lists(step, max_size=30))
def test_a_queue_is_what_a_list_would_be(steps: list[tuple[str, object]]) -> None:
    paths = Paths()
    expected: list[str] = []
    for what, value in steps:
        if isinstance(value, str):
            paths.append(value)
            expected.append(value)
        elif isinstance(value, list):
            others = Paths(value)
            paths.extend(others)
            expected += value
            assert len(others) == 0, "they are taken over"
        else:
            assert what == "drop"
            assert isinstance(value, int)
            paths.drop(value)
            del expected[:value]
        assert listed(paths) == expected


def test_a_queue_can_take_over_itself() -> None:
    paths = Paths(["a", "b"])
    paths.extend(paths)
    assert listed(paths) == ["a", "b"]


@pytest.mark.parametrize("place", [1, 2, 1 << 62])
def test_there_is_nothing_behind_the_end(place: int) -> None:
    with pytest.raises(IndexError):
        Paths(["a"])[place]


@pytest.mark.parametrize("item", [3, None, "a\0b"])
def test_what_is_no_path_is_refused(item: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        Paths([item])
    with pytest.raises((TypeError, ValueError)):
        Paths().append(item)
