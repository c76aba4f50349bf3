"""A result is Ok or Err, and tells which (dcmtk_native.result)."""

from __future__ import annotations

import copy
import gc
import pickle
import typing
import weakref
from dataclasses import FrozenInstanceError

import pytest

from dcmtk_native.errors import DcmtkError
from dcmtk_native.result import (
    Err,
    Ok,
    Result,
    assert_unreachable,
    err,
    is_err,
    is_ok,
    map_result,
    ok,
    unwrap,
)

# To a checker `Result` is an alias; what it is when the program runs, only the tests look at.
ALIAS: typing.Any = Result


def test_ok_holds_a_value_and_is_true() -> None:
    result = Ok(7)
    assert result.ok is True
    assert result.value == 7
    assert bool(result) is True


def test_err_holds_an_error_and_is_false() -> None:
    error = DcmtkError("no")
    result = Err(error)
    assert result.ok is False
    assert result.error is error
    assert bool(result) is False


def test_ok_of_a_false_value_is_true() -> None:
    assert bool(Ok(0)) is True
    assert bool(Err("")) is False


def test_factories_make_the_classes() -> None:
    assert ok(1) == Ok(1)
    assert err("any object") == Err("any object")


def test_a_result_matches_by_position() -> None:
    def read(result: Result[int, str]) -> int | str:
        match result:
            case Ok(value):
                return value
            case Err(error):
                return error

    assert read(Ok(3)) == 3
    assert read(Err("no")) == "no"


@pytest.mark.parametrize("result", [Ok(1), Err("no")])
@pytest.mark.parametrize("name", ["ok", "value", "error", "new"])
def test_a_result_cannot_be_changed(result: Result[int, str], name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(result, name, 2)
    with pytest.raises(FrozenInstanceError):
        delattr(result, "value" if result.ok else "error")


@pytest.mark.parametrize(("result", "name"), [(Err("no"), "value"), (Ok(1), "error")])
def test_the_wrong_attribute_points_at_the_flag(result: object, name: str) -> None:
    with pytest.raises(AttributeError, match="'ok' flag"):
        getattr(result, name)
    assert not hasattr(result, name)


def test_results_compare_by_content_and_kind() -> None:
    assert Ok(1) == Ok(1)
    assert Ok(1) != Ok(2)
    values: list[object] = [Ok(1), Err(1)]
    assert values[0] != values[1]
    assert Err("a") == Err("a")


def test_results_hash_when_their_content_does() -> None:
    assert {Ok(1), Ok(1), Err("a"), Err("a")} == {Ok(1), Err("a")}
    with pytest.raises(TypeError):
        hash(Ok([]))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("result", [Ok((1, "two")), Err("no")])
def test_results_survive_pickling(result: object, protocol: int) -> None:
    assert pickle.loads(pickle.dumps(result, protocol)) == result


def test_results_can_be_copied() -> None:
    original = Ok([1])
    assert copy.copy(original).value is original.value
    assert copy.deepcopy(original) == original
    assert copy.deepcopy(original).value is not original.value


def test_results_carry_nothing_but_their_content() -> None:
    assert not hasattr(Ok(1), "__dict__")
    assert not hasattr(Err(1), "__dict__")


def test_repr_shows_the_content() -> None:
    assert repr(Ok(1)) == "Ok(value=1)"
    assert repr(Err("no")) == "Err(error='no')"


def test_is_ok_and_is_err_are_opposites() -> None:
    assert is_ok(Ok(1)) is True
    assert is_ok(Err(1)) is False
    assert is_err(Ok(1)) is False
    assert is_err(Err(1)) is True


def test_unwrap_gives_the_value() -> None:
    assert unwrap(Ok(5)) == 5
    assert Ok(5).unwrap() == 5


def test_unwrap_raises_the_very_error() -> None:
    error = DcmtkError("broken")
    with pytest.raises(DcmtkError) as caught:
        unwrap(Err(error))
    assert caught.value is error
    with pytest.raises(DcmtkError) as caught:
        Err(error).unwrap()
    assert caught.value is error


@pytest.mark.parametrize("raising", [unwrap, Err.unwrap])
def test_an_error_that_was_raised_goes_with_who_caught_it(
    raising: typing.Callable[[Err[DcmtkError]], object],
) -> None:
    """In a cycle with its traceback it would hold whatever its frames hold, such as connections."""

    def caught() -> weakref.ref[DcmtkError]:
        try:
            raising(Err(DcmtkError("broken")))
        except DcmtkError as error:
            return weakref.ref(error)
        raise AssertionError

    gc.disable()
    try:
        assert caught()() is None
    finally:
        gc.enable()


def test_unwrap_wraps_an_error_that_is_no_exception() -> None:
    with pytest.raises(DcmtkError, match=r"^code 17$"):
        unwrap(Err("code 17"))


def test_map_result_applies_the_function_to_a_value() -> None:
    assert map_result(Ok(2), lambda value: value * 10) == Ok(20)


def test_map_result_passes_an_err_through() -> None:
    called: list[object] = []
    failure: Result[int, str] = Err("no")
    assert map_result(failure, called.append) is failure
    assert called == []


def test_map_result_lets_an_exception_propagate() -> None:
    with pytest.raises(ZeroDivisionError):
        map_result(Ok(0), lambda value: 1 // value)


def test_assert_unreachable_shows_what_it_was_given() -> None:
    with pytest.raises(AssertionError, match="'LATERAL'"):
        assert_unreachable(typing.cast("typing.Never", "LATERAL"))


def test_result_means_ok_or_err_with_the_default_error() -> None:
    assert ALIAS[int] == Ok[int] | Err[DcmtkError]
    assert ALIAS[int, str] == Ok[int] | Err[str]


def test_result_can_stand_in_evaluated_annotations() -> None:
    def function() -> Result[int]:
        return Ok(1)

    assert typing.get_type_hints(function) == {"return": Ok[int] | Err[DcmtkError]}
    assert set(typing.get_args(ALIAS | None)) == {Ok, Err, type(None)}
    assert set(typing.get_args(None | ALIAS)) == {Ok, Err, type(None)}


def test_result_works_with_isinstance_and_pickle() -> None:
    assert isinstance(Ok(1), ALIAS)
    assert isinstance(Err(1), ALIAS)
    assert not isinstance(1, ALIAS)
    assert pickle.loads(pickle.dumps(ALIAS)) is ALIAS
    assert repr(ALIAS) == "dcmtk_native.Result"
