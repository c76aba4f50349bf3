"""Finding DCMTK follows its four steps (dcmtk_native.discovery)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from types import ModuleType

import pytest

from dcmtk_native import discovery
from dcmtk_native.constants import REQUIRED_BINARIES
from dcmtk_native.discovery import (
    DcmtkInfo,
    clear_dcmtk_path_cache,
    dcmtk_info,
    find_dcmtk_path,
)
from dcmtk_native.result import Err, Ok


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which none of DCMTK's programs are to be found, and no cache."""
    monkeypatch.delenv("DCMTK_PATH", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", ())
    clear_dcmtk_path_cache()
    yield
    clear_dcmtk_path_cache()


def install(directory: Path, *missing: str) -> str:
    directory.mkdir(parents=True)
    suffix = ".exe" if os.name == "nt" else ""
    for name in set(REQUIRED_BINARIES) - set(missing):
        (directory / (name + suffix)).touch(mode=0o755)
    return str(directory)


def set_library(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Put an extension in place that says its library is there."""
    core, runtime = ModuleType("dcmtk_native._core"), ModuleType("dcmtk_native._core.runtime")
    vars(core)["runtime"] = runtime
    vars(runtime)["library_path"] = lambda: path
    monkeypatch.setitem(sys.modules, core.__name__, core)
    monkeypatch.setitem(sys.modules, runtime.__name__, runtime)


def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", (install(tmp_path / "usual"),))
    monkeypatch.setenv("DCMTK_PATH", install(tmp_path / "named"))
    assert find_dcmtk_path() == Ok(str(tmp_path / "named"))


def test_a_wrong_variable_ends_the_search(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", (install(tmp_path / "usual"),))
    named = install(tmp_path / "named", "dcmodify", "echoscu")
    monkeypatch.setenv("DCMTK_PATH", named)
    result = find_dcmtk_path()
    assert isinstance(result, Err)
    for part in ("DCMTK binaries not found", "DCMTK_PATH", named, "dcmodify", "echoscu"):
        assert part in result.error.message
    assert "dcmdump" not in result.error.message


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DCMTK_PATH", "")
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", (install(tmp_path / "usual"),))
    assert find_dcmtk_path() == Ok(str(tmp_path / "usual"))


def test_search_paths_go_in_order_and_must_be_complete(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    directories = (
        str(tmp_path / "absent"),
        install(tmp_path / "partial", "dcm2xml"),
        install(tmp_path / "first"),
        install(tmp_path / "second"),
    )
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", directories)
    assert find_dcmtk_path() == Ok(str(tmp_path / "first"))


def test_search_paths_come_before_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", install(tmp_path / "on_path"))
    assert find_dcmtk_path(no_cache=True) == Ok(str(tmp_path / "on_path"))
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", (install(tmp_path / "usual"),))
    assert find_dcmtk_path(no_cache=True) == Ok(str(tmp_path / "usual"))


def test_an_incomplete_directory_on_path_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", install(tmp_path / "on_path", "echoscu"))
    set_library(monkeypatch, str(tmp_path / "lib" / "libdcmdata.so.17"))
    assert find_dcmtk_path() == Ok(str(tmp_path / "lib"))


def test_the_directory_of_the_library_is_the_last_resort(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_library(monkeypatch, str(tmp_path / "lib" / "libdcmdata.so.17"))
    assert find_dcmtk_path() == Ok(str(tmp_path / "lib"))


@pytest.mark.parametrize("extension_there", [True, False])
def test_nothing_found_tells_three_ways_to_fix_it(
    monkeypatch: pytest.MonkeyPatch, extension_there: bool
) -> None:
    set_library(monkeypatch, "")
    if not extension_there:
        monkeypatch.setitem(sys.modules, "dcmtk_native._core", None)
    result = find_dcmtk_path()
    assert isinstance(result, Err)
    for part in ("DCMTK binaries not found", "Install", "DCMTK_PATH", "PATH"):
        assert part in result.error.message


def test_a_success_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DCMTK_PATH", install(tmp_path / "first"))
    first = find_dcmtk_path()
    monkeypatch.setenv("DCMTK_PATH", install(tmp_path / "second"))
    assert find_dcmtk_path() is first
    assert find_dcmtk_path(no_cache=True) == Ok(str(tmp_path / "second"))
    monkeypatch.delenv("DCMTK_PATH")
    assert find_dcmtk_path() == Ok(str(tmp_path / "second"))
    clear_dcmtk_path_cache()
    monkeypatch.setenv("DCMTK_PATH", str(tmp_path / "first"))
    assert find_dcmtk_path() == Ok(str(tmp_path / "first"))


def test_a_failure_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_library(monkeypatch, "")
    assert not find_dcmtk_path()
    monkeypatch.setattr(discovery, "_SEARCH_PATHS", (install(tmp_path / "usual"),))
    assert find_dcmtk_path() == Ok(str(tmp_path / "usual"))


def test_a_failed_new_search_leaves_the_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DCMTK_PATH", install(tmp_path / "first"))
    first = find_dcmtk_path()
    monkeypatch.setenv("DCMTK_PATH", str(tmp_path / "absent"))
    assert not find_dcmtk_path(no_cache=True)
    assert find_dcmtk_path() is first


def test_the_real_library_lies_in_an_existing_directory() -> None:
    pytest.importorskip("dcmtk_native._core")
    result = find_dcmtk_path()
    assert isinstance(result, Ok)
    assert Path(result.value).is_dir()


def test_the_real_library_describes_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("dcmtk_native._core")
    monkeypatch.setenv("DCMTK_PATH", install(tmp_path / "tools"))
    info = dcmtk_info()
    assert info.version.startswith("3.")
    assert Path(info.library_directory).is_dir()
    assert info.tools_directory == str(tmp_path / "tools")
    assert info.dictionary_entries > 4000
    assert "1.2.840.10008.1.2.1" in info.encoders
    assert set(info.encoders) < set(info.codecs)
    for field in fields(info):
        if field.name.startswith("with_"):
            assert isinstance(getattr(info, field.name), bool)
    monkeypatch.setenv("DCMTK_PATH", "")
    assert dcmtk_info().tools_directory is None


def test_the_description_cannot_be_changed() -> None:
    info = DcmtkInfo("3.6.7", "/lib", None, 0, *(False,) * 6, codecs=(), encoders=())
    with pytest.raises(FrozenInstanceError):
        info.version = "3.7.0"  # type: ignore[misc]
