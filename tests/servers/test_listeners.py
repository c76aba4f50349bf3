"""Who is called, with what, how often, in what order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dcmtk_native.servers.listeners import Listeners


def call(listeners: Listeners, event: str, payload: object = None) -> None:
    for entry in listeners.take(event):
        entry.call(payload)


@pytest.fixture
def listeners() -> Listeners:
    return Listeners(["A", "B"])


def test_they_are_called_in_the_order_in_which_they_were_added(listeners: Listeners) -> None:
    called: list[int] = []
    for number in range(5):
        listeners.add("A", lambda number=number: called.append(number))
    call(listeners, "A")
    assert called == [0, 1, 2, 3, 4]


def test_only_those_of_the_event_are_called(listeners: Listeners) -> None:
    called: list[str] = []
    listeners.add("A", lambda: called.append("A"))
    listeners.add("B", lambda: called.append("B"))
    call(listeners, "B")
    assert called == ["B"]


@pytest.mark.parametrize(
    ("listener", "given"),
    [
        (lambda *args: args, (7,)),
        (lambda data: (data,), (7,)),
        (lambda data=None: (data,), (7,)),
        (lambda: (), ()),
        (lambda *, data=None: (), ()),
        (lambda **options: (), ()),
    ],
)
def test_a_listener_gets_the_payload_if_it_takes_one(
    listener: Callable[..., Any], given: tuple[Any, ...], listeners: Listeners
) -> None:
    listeners.add("A", listener)
    (entry,) = listeners.take("A")
    assert entry.call(7) == given


def test_what_has_no_signature_gets_the_payload(listeners: Listeners) -> None:
    listeners.add("A", dict)  # a class of the interpreter, which tells nothing
    (entry,) = listeners.take("A")
    assert entry.call({"x": 1}) == {"x": 1}


def test_without_a_payload_a_listener_gets_nothing(listeners: Listeners) -> None:
    called: list[object] = []
    listeners.add("A", lambda data="nothing": called.append(data))
    call(listeners, "A")
    assert called == ["nothing"]


def test_one_that_was_added_twice_is_called_twice_and_removed_once(listeners: Listeners) -> None:
    called: list[int] = []

    def listener() -> None:
        called.append(1)

    listeners.add("A", listener)
    listeners.add("A", listener)
    call(listeners, "A")
    assert called == [1, 1]
    listeners.remove("A", listener)
    call(listeners, "A")
    assert called == [1, 1, 1]
    listeners.remove("A", listener)
    listeners.remove("A", listener)
    assert not listeners.wants("A")


def test_a_bound_method_can_be_removed(listeners: Listeners) -> None:
    called: list[object] = []
    listeners.add("A", called.append)
    listeners.remove("A", called.append)
    call(listeners, "A", 1)
    assert called == []


def test_once_is_once(listeners: Listeners) -> None:
    called: list[str] = []
    listeners.add("A", lambda: called.append("once"), once=True)
    listeners.add("A", lambda: called.append("always"))
    call(listeners, "A")
    call(listeners, "A")
    assert called == ["once", "always", "always"]


def test_once_is_over_before_the_call_so_that_it_can_be_added_again(listeners: Listeners) -> None:
    called: list[int] = []

    def again() -> None:
        called.append(1)
        listeners.add("A", again, once=True)

    listeners.add("A", again, once=True)
    call(listeners, "A")
    call(listeners, "A")
    assert called == [1, 1]


def test_one_that_removes_another_lets_this_call_end_as_it_began(listeners: Listeners) -> None:
    called: list[str] = []

    def second() -> None:
        called.append("second")

    listeners.add("A", lambda: listeners.remove("A", second))
    listeners.add("A", second)
    call(listeners, "A")
    call(listeners, "A")
    assert called == ["second"]


def test_an_unknown_event_is_a_value_error_that_names_the_known(listeners: Listeners) -> None:
    for attempt in (listeners.add, listeners.remove):
        with pytest.raises(ValueError, match="no event 'C', only A, B"):
            attempt("C", print)


def test_what_cannot_be_called_is_no_listener(listeners: Listeners) -> None:
    with pytest.raises(TypeError, match="cannot be called"):
        listeners.add("A", 5)  # type: ignore[arg-type]


def test_a_coroutine_function_needs_an_event_loop(listeners: Listeners) -> None:
    async def listener() -> None:
        await asyncio.sleep(0)

    with pytest.raises(TypeError, match=r"dcmtk_native\.aio"):
        listeners.add("A", listener)
    awaited = Listeners(["A"], awaited=True)
    awaited.add("A", listener)
    assert awaited.wants("A")
