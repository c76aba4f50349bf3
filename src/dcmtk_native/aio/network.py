"""The awaitable forms of the network clients."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

dcmsend = mirror(tools.dcmsend)
echoscu = mirror(tools.echoscu)
storescu = mirror(tools.storescu)

__all__ = ["dcmsend", "echoscu", "storescu"]
