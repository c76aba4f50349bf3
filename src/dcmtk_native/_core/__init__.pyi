"""
The native half of dcmtk_native. Not a public interface.
"""

from __future__ import annotations
from . import runtime
from . import data
from . import codec
from . import scan
from . import convert
from . import network
from . import servers

__all__: list[str] = ["codec", "convert", "data", "network", "runtime", "scan", "servers"]
