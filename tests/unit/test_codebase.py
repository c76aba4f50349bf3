"""Rules of the code base that no linter of the shelf checks."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dcmtk_native

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "dcmtk_native"
MAX_LINES = 500

# Loading one of these takes longer than loading a tool, and few calls need it.
HEAVY = frozenset(
    {
        "argparse",
        "asyncio",
        "concurrent",
        "difflib",
        "glob",
        "importlib",
        "inspect",
        "json",
        "multiprocessing",
        "numpy",
        "pandas",
        "platform",
        "pyarrow",
        "pydicom",
        "ray",
        "rich",
        "socket",
        "ssl",
        "subprocess",
        "tempfile",
        "urllib",
        "uuid",
        "xml",
    }
)
LOADED_ON_DEMAND = (
    "aio",
    "cli",
    "_runtime/mirror.py",
    "_runtime/worker_main.py",
    "_runtime/workers.py",
    "compat/pynetdicom/",
    "scan/ray_executor.py",
)
"""What only programs load that need the heavy modules anyway: event loops, commands, clusters."""

HEAVY_FOR_THE_COMMAND_LINE = HEAVY - {"argparse", "glob", "inspect"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".pyi", ".cpp", ".hpp"} and ".generated." not in path.name:
                yield path


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_no_file_is_longer_than_it_may_be() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources("src", "tests", "benchmarks", "scripts")
        if path.suffix != ".pyi" and (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert not long


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    released = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert dcmtk_native.__version__ == project["version"] == released[0]


def module_level_imports(tree: ast.Module) -> Iterator[str]:
    """The modules that are imported when this one is; not those that only checkers see."""
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=orelse):
                pending.extend(orelse)
            case ast.If(body=body, orelse=orelse):
                pending.extend([*body, *orelse])
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                pending.extend([*body, *orelse, *final])
                pending.extend(stmt for handler in handlers for stmt in handler.body)
            case ast.With(body=body) | ast.ClassDef(body=body):
                pending.extend(body)


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_heavy_modules_are_imported_where_they_are_used(path: Path) -> None:
    name = relative(path)
    if name.startswith("cli/"):
        heavy = HEAVY_FOR_THE_COMMAND_LINE
    else:
        heavy = frozenset() if name.startswith(LOADED_ON_DEMAND) else HEAVY
    imported = {one.partition(".")[0] for one in module_level_imports(ast.parse(path.read_text()))}
    assert not imported & heavy


def loaded_by(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_importing_the_package_loads_nothing_but_itself() -> None:
    before = loaded_by("pass")
    assert loaded_by("import dcmtk_native") - before <= {"dcmtk_native", "types"}


def test_using_a_tool_loads_no_heavy_module() -> None:
    loaded = loaded_by("from dcmtk_native import DicomFile, dcmftest; dcmftest(b'')")
    # dataclasses brings the first two, pathlib the last.
    assert not loaded & HEAVY - {"inspect", "importlib", "urllib"}


def test_a_scan_loads_neither_an_executor_nor_what_takes_its_columns() -> None:
    program = "from dcmtk_native import scan, series; scan([], ['Rows']); series([])"
    assert not loaded_by(program) & {"concurrent", "json", "numpy", "pandas", "pyarrow", "asyncio"}


def test_a_command_loads_neither_asyncio_nor_rich_nor_the_other_tools() -> None:
    program = "from dcmtk_native.cli import main; main(['dcmftest', '/nowhere'])"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"asyncio", "rich", "numpy", "json", "concurrent.futures"}
    rooms = {name for name in loaded if re.match(r"dcmtk_native\.(data|convert)\.", name)}
    assert rooms == {"dcmtk_native.data.ftest"}


def test_the_import_contracts_hold() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def modules() -> list[str]:
    names = [dcmtk_native.__name__]
    for module in pkgutil.walk_packages([str(PACKAGE)], f"{dcmtk_native.__name__}."):
        if not re.search(r"\.(__main__|_core)(\.|$)", module.name):
            names.append(module.name)
    return names


@pytest.mark.parametrize("name", modules())
def test_examples_of_docstrings_run(name: str, workplace: Path) -> None:
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = {one: getattr(dcmtk_native, one) for one in dcmtk_native.__all__}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(module, extraglobs={**names, **vars(module)}):
        runner.run(test, clear_globs=False)
    assert runner.failures == 0


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_a_public_module_says_what_is_public(path: Path) -> None:
    name = relative(path)
    if name.startswith("_") or "/_" in name:
        return
    tree = ast.parse(path.read_text())
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    has_names = any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in tree.body)
    assert "__all__" in assigned or not has_names


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_what_all_names_exists(path: Path) -> None:
    name = relative(path)
    if name == "__main__.py":
        return
    dotted = name.removesuffix(".py").replace("/", ".").removesuffix("__init__").rstrip(".")
    module = importlib.import_module(f"dcmtk_native.{dotted}".rstrip("."))
    for one in getattr(module, "__all__", ()):
        assert hasattr(module, one), one
