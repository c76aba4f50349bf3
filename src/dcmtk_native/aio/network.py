"""The awaitable forms of the network clients."""

from dcmtk_native import tools
from dcmtk_native._runtime.mirror import mirror

dcmsend = mirror(tools.dcmsend)
echoscu = mirror(tools.echoscu)
request_storage_commitment = mirror(tools.request_storage_commitment)
storescu = mirror(tools.storescu)
findscu = mirror(tools.findscu)
getscu = mirror(tools.getscu)
termscu = mirror(tools.termscu)
movescu = mirror(tools.movescu)

__all__ = [
    "dcmsend",
    "echoscu",
    "findscu",
    "getscu",
    "movescu",
    "request_storage_commitment",
    "storescu",
    "termscu",
]
