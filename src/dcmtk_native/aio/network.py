"""The awaitable forms of the network clients."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

echoscu = mirror(tools.echoscu)

__all__ = ["echoscu"]
