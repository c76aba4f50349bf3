"""What `import dcmtk_native` costs over a bare interpreter, and the peers' imports."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.benchmark(group="start-up (whole process)")
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("dcmtk_native", "import dcmtk_native"),
        ("bare python -c pass", "pass"),
        ("dcmtk_native and its first tool", "from dcmtk_native import dcm2json"),
        (
            "the modules of Python that a tool uses",
            "import dataclasses, enum, logging, pathlib, re, threading, typing",
        ),
        ("pydicom", "import pydicom"),
        ("dicomsdl", "import dicomsdl"),
    ],
    ids=lambda value: value.replace(" ", "-"),
)
def bench_import(benchmark: Any, who: str, code: str) -> None:
    benchmark.extra_info["who"] = who
    done = benchmark.pedantic(
        subprocess.run, ([sys.executable, "-c", code],), {"check": True}, rounds=25, warmup_rounds=2
    )
    assert done.returncode == 0
