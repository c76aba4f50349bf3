"""A scan with two threads, and with one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data import TEN_KEYWORDS
from dcmtk_native import scan, unwrap
from paired import compared


def bench_two_threads(archive: Path, findings: Any) -> None:
    def work(threads: int) -> None:
        result = unwrap(scan(archive, TEN_KEYWORDS, threads=threads))
        for keyword in TEN_KEYWORDS:
            result[keyword]

    works = {"two threads": lambda: work(2), "one": lambda: work(1)}
    findings.append(compared("scan", works, rounds=40, most_rounds=400))
