"""Inputs as fixtures, and the ratios to the peers at the end of a run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from data import SERIES_FILES, ct_small, make_multi_frame, make_series

OURS = "dcmtk_native"
_FINDINGS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def ct() -> Path:
    return ct_small()


@pytest.fixture(scope="session")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 MB of frames."""
    return make_multi_frame(tmp_path_factory.mktemp("big") / "big.dcm", 500)


@pytest.fixture(scope="session")
def eight_megabytes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_multi_frame(tmp_path_factory.mktemp("eight") / "eight.dcm", 8)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flat folder of CT and MR images."""
    folder = tmp_path_factory.mktemp("archive")
    make_series(folder, SERIES_FILES)
    return folder


@pytest.fixture
def memory_folder() -> Iterator[Path]:
    """A folder without a disk, whose speed would hide that of what is measured."""
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def findings(pytestconfig: pytest.Config) -> list[str]:
    """Sentences for the end of the run, of what is more than one time."""
    return pytestconfig.stash.setdefault(_FINDINGS, [])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """For every group: how many times as long as ours each peer takes (medians of the same run)."""
    for finding in config.stash.get(_FINDINGS, []):
        terminalreporter.write_line(finding)
    session = getattr(config, "_benchmarksession", None)
    if session is None or not session.benchmarks:
        return
    groups: dict[str, dict[str, float]] = {}
    for bench in session.benchmarks:
        groups.setdefault(bench.group or "", {})[bench.extra_info["who"]] = bench.stats.median
    write = terminalreporter.write_line
    write("")
    machine = platform.processor() or platform.machine()
    write(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}")
    write("| what | ours | peer | peer's time | ratio |")
    write("|---|---|---|---|---|")
    for group, medians in groups.items():
        ours = medians.get(OURS)
        for who, median in medians.items():
            if who != OURS and ours:
                write(
                    f"| {group} | {_shown(ours)} | {who} | {_shown(median)} | {median / ours:.1f} |"
                )


def _shown(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} us" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"
