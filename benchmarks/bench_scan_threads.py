"""Two threads against one, in turns: what else the machine does meets both alike.

Two threads need two idle processors, which a shared machine has now and then. So a round counts
only if right before and right after it two computing processes were about twice as fast as one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from control import Control, control
from data import TEN_KEYWORDS
from dcmtk_native import scan, unwrap

ROUNDS = 40
"""That count."""

MOST_ROUNDS = 400
"""On a machine that is never idle."""

IDLE = 1.6
"""What two computing processes have to reach."""


def ours(folder: Path, threads: int) -> None:
    result = unwrap(scan(folder, TEN_KEYWORDS, threads=threads))
    for keyword in TEN_KEYWORDS:
        result[keyword]


def seconds(work: Callable[..., None], *args: object) -> float:
    begin = time.perf_counter()
    work(*args)
    return time.perf_counter() - begin


def measured(folder: Path, idle: Control) -> tuple[list[tuple[float, float]], list[float], int]:
    """One's and two's seconds of each round that counts, the controls, and how many were tried."""
    rounds: list[tuple[float, float]] = []
    controls: list[float] = []
    for tried in range(1, MOST_ROUNDS + 1):
        before = idle.ratio()
        # Who comes first finds other caches than who comes second.
        order = (1, 2) if tried % 2 else (2, 1)
        took = {threads: seconds(ours, folder, threads) for threads in order}
        after = idle.ratio()
        if min(before, after) >= IDLE:
            rounds.append((took[1], took[2]))
            controls += (before, after)
        if len(rounds) == ROUNDS:
            break
    return rounds, controls, tried


def bench_two_threads(archive: Path, findings: Any) -> None:
    for threads in (1, 2):
        ours(archive, threads)
    with control() as idle:
        rounds, controls, tried = measured(archive, idle)
    if not rounds:
        findings.append(f"scan with two threads: none of {tried} rounds had two idle processors")
        return
    one, two = (sorted(column) for column in zip(*rounds, strict=True))
    findings.append(
        f"scan with two threads: {median(two) * 1e3:.1f} ms, one thread {median(one) * 1e3:.1f} ms;"
        f" median of the ratios of {len(rounds)} paired rounds (of {tried})"
        f" {median(a / b for a, b in rounds):.2f}, of the minima {one[0] / two[0]:.2f};"
        f" two computing processes {median(controls):.2f}"
    )
