"""The awaitable forms of what reads and writes pictures."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

from_array = mirror(tools.from_array)

__all__ = ["from_array"]
