"""One piece of work against another, in turns: what else the machine does meets both alike.

Two threads need two idle processors, which a shared machine has now and then. So a round counts
only if right before and right after it two computing processes were about twice as fast as one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from control import Control, control

IDLE = 1.6
"""What two computing processes have to reach."""

Work = Callable[[], object]


def compared(what: str, works: dict[str, Work], *, rounds: int, most_rounds: int) -> str:
    """A sentence on the times of the first of two works and of the second one.

    Args:
        what: the sentence's subject.
        works: by their names.
        rounds: as many that count are enough.
        most_rounds: as many are tried at most, on a machine that is never idle.
    """
    first, second = works
    for work in works.values():
        work()
    with control() as idle:
        counted, controls, tried = _measured(works, idle, rounds, most_rounds)
    if not counted:
        return f"{what}: none of {tried} rounds had two idle processors"
    times = {name: sorted(took[name] for took in counted) for name in works}
    return (
        f"{what}: {first} {median(times[first]) * 1e3:.1f} ms,"
        f" {second} {median(times[second]) * 1e3:.1f} ms;"
        f" median of the ratios of {len(counted)} paired rounds (of {tried})"
        f" {median(took[second] / took[first] for took in counted):.2f},"
        f" of the minima {times[second][0] / times[first][0]:.2f};"
        f" two computing processes {median(controls):.2f}"
    )


def _measured(
    works: dict[str, Work], idle: Control, rounds: int, most_rounds: int
) -> tuple[list[dict[str, float]], list[float], int]:
    """The seconds of each round that counts, the controls, and how many rounds were tried."""
    counted: list[dict[str, float]] = []
    controls: list[float] = []
    for tried in range(1, most_rounds + 1):
        before = idle.ratio()
        # Who comes first finds other caches than who comes second.
        order = list(works) if tried % 2 else list(works)[::-1]
        took = {name: _seconds(works[name]) for name in order}
        after = idle.ratio()
        if min(before, after) >= IDLE:
            counted.append(took)
            controls += (before, after)
        if len(counted) == rounds:
            break
    return counted, controls, tried


def _seconds(work: Work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
