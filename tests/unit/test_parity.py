"""Every registered tool has all its faces, made from one declaration."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, get_type_hints

import pytest

import dcmtk_native
from dcmtk_native import aio, tools
from dcmtk_native._runtime.signature import COMMON, REQUIRED, Declaration
from dcmtk_native._runtime.tool import REGISTRY, declaration_of
from dcmtk_native.cli.arguments import CommandLine
from dcmtk_native.cli.values import reader_of

NAMES = sorted(REGISTRY)
NO_TEXT = frozenset({"signal", "on_progress", "on_response"})
"""Parameters that no text can give."""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def tool(name: str) -> Callable[..., Any]:
    return REGISTRY[name]


@pytest.fixture
def declaration(tool: Callable[..., Any]) -> Declaration:
    return declaration_of(tool)


def test_there_are_tools() -> None:
    assert len(NAMES) >= 9


def test_it_is_public_under_its_name(name: str, tool: Callable[..., Any]) -> None:
    assert getattr(dcmtk_native, name) is tool
    assert getattr(tools, name) is tool
    assert name in dcmtk_native.__all__


def test_it_has_an_awaitable_twin_with_the_same_signature(
    name: str, tool: Callable[..., Any]
) -> None:
    twin = getattr(aio, name)
    assert inspect.iscoroutinefunction(twin)
    assert inspect.signature(twin) == inspect.signature(tool)
    assert twin.__wrapped__ is tool


def test_its_result_is_a_public_frozen_dataclass(name: str, declaration: Declaration) -> None:
    result = get_type_hints(declaration.function)["return"]
    assert is_dataclass(result)
    assert result.__dataclass_params__.frozen
    assert hasattr(result, "__slots__")
    assert result.__name__ == f"{name[0].upper()}{name[1:]}Result"
    assert getattr(dcmtk_native, result.__name__) is result


def test_the_last_three_parameters_are_those_of_every_tool(declaration: Declaration) -> None:
    *_, log_level, timeout_ms, signal = declaration.parameters.values()
    assert (log_level.name, timeout_ms.name, signal.name) == ("log_level", "timeout_ms", "signal")
    assert (log_level.default, timeout_ms.default, signal.default) == (None, 30000, None)
    assert not any(one.positional for one in (log_level, timeout_ms, signal))


def test_its_body_never_touches_the_three(declaration: Declaration) -> None:
    used = {
        node.id for node in ast.walk(_body_of(declaration.function)) if isinstance(node, ast.Name)
    }
    assert not used & COMMON


def test_its_body_uses_every_other_parameter(declaration: Declaration) -> None:
    """An option that no line of the body reads would be ignored in silence."""
    used = {
        node.id for node in ast.walk(_body_of(declaration.function)) if isinstance(node, ast.Name)
    }
    assert declaration.parameters.keys() - COMMON <= used


def test_every_option_has_a_help_text(declaration: Declaration) -> None:
    for parameter in declaration.parameters.values():
        text = parameter.opt.help
        assert text, parameter.name
        assert not text.endswith("."), parameter.name


def test_every_default_obeys_its_own_rule(declaration: Declaration) -> None:
    defaults = {
        one.name: one.default
        for one in declaration.parameters.values()
        if one.default is not REQUIRED
    }
    _, checked = declaration.checked((), dict(defaults))
    assert checked.keys() == defaults.keys()


def test_every_flag_of_a_choice_belongs_to_a_value(declaration: Declaration) -> None:
    for parameter in declaration.parameters.values():
        reader = reader_of(parameter.annotation)
        for value in parameter.opt.flags:
            assert reader is not None
            reader.read(value)  # raises ValueError for a word that the option does not take


def test_every_option_can_be_given_on_the_command_line(declaration: Declaration) -> None:
    line = CommandLine(declaration)
    text = line.parser().format_help()
    for parameter in declaration.parameters.values():
        if parameter.name in NO_TEXT:
            continue
        assert reader_of(parameter.annotation) is not None, parameter.name
        shown = parameter.name.upper() if parameter.positional else _long(parameter.name)
        assert re.search(rf"(?<![\w-]){re.escape(shown)}(?![\w-])", text), shown


def test_no_option_is_in_the_way_of_the_command_lines_own(declaration: Declaration) -> None:
    own = {"json", "help", "output_dir", "recursive", "jobs", "quiet"}
    assert not own & declaration.parameters.keys()


def test_its_docstring_tells_what_comes_out_and_shows_an_example(
    name: str, tool: Callable[..., Any]
) -> None:
    text = inspect.getdoc(tool) or ""
    first, *rest = text.splitlines()
    assert first.endswith(".")
    assert first[0].isupper()
    assert rest[0] == "", "the first line stands alone"
    assert "Errors:" in text
    example = text.partition("Example:")[2]
    assert ">>>" in example
    assert f"{name}(" in example


def test_every_field_of_its_native_options_is_given_once(declaration: Declaration) -> None:
    """What C++ has and Python never sets would be an option that nobody can reach.

    The constructors refuse missing and unknown fields at run time; this finds them without a call
    for every branch: each call of an options class in the module names exactly its fields.
    """
    module = sys.modules[declaration.function.__module__]
    tree = ast.parse(inspect.getsource(module))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        fields = getattr(_value_of(call.func, module), "__fields__", None)
        if fields is None:
            continue
        given = [keyword.arg for keyword in call.keywords]
        if None in given:  # **arguments: the constructor checks them
            continue
        assert sorted(map(str, given)) == sorted(fields), ast.unparse(call.func)


def test_every_native_options_class_is_used() -> None:
    from dcmtk_native._core import data

    classes = {
        one: f"data.{name}" for name, one in vars(data).items() if hasattr(one, "__fields__")
    }
    assert classes
    sources = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("dcmtk_native.") and getattr(module, "__file__", "").endswith(".py")
    ]
    used = set()
    for module in sources:
        tree = ast.parse(inspect.getsource(module))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            value = _value_of(call.func, module)
            if isinstance(value, type):
                used.add(value)
    assert not {text for one, text in classes.items() if one not in used}


def test_every_module_of_a_room_that_declares_tools_is_known_to_the_root() -> None:
    for declared in REGISTRY.values():
        module = declaration_of(declared).function.__module__
        assert getattr(importlib.import_module(module), declared.__name__) is declared


def _long(name: str) -> str:
    return "--" + name.replace("_", "-")


def _body_of(function: Any) -> ast.Module:
    """The statements of a function, without its signature and decorators."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    (definition,) = tree.body
    assert isinstance(definition, ast.FunctionDef)
    return ast.Module(definition.body, [])


def _value_of(expression: ast.expr, module: Any) -> Any:
    """What a plain or dotted name means in a module; `None` for anything else."""
    match expression:
        case ast.Name(id=name):
            return getattr(module, name, None)
        case ast.Attribute(value=value, attr=name):
            return getattr(_value_of(value, module), name, None)
    return None
