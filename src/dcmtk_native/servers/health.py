"""Whether a server answers.

>>> from dcmtk_native import Dcmrecv
>>> from dcmtk_native.servers.health import check_health
>>> with Dcmrecv.create(port=0, output_directory="incoming").unwrap() as server:
...     server.start().unwrap()
...     check_health(server).ok
True
"""

from __future__ import annotations

from typing import Final

from dcmtk_native.errors import ToolError
from dcmtk_native.network.echoscu import EchoscuResult, echoscu
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.result import Err, Result
from dcmtk_native.servers.process import DcmtkProcess

__all__ = ["check_health"]

_TIMEOUT_MS: Final = 5_000


def check_health(
    server: DcmtkProcess,
    *,
    host: str = "127.0.0.1",
    calling_ae_title: str = "HEALTH",
    tls: TlsConfig | None = None,
    timeout_ms: int = _TIMEOUT_MS,
) -> Result[EchoscuResult]:
    """How long the server took to answer a C-ECHO, asked through its own port.

    Args:
        server: of any kind.
        host: under which this process reaches it.
        calling_ae_title: of who asks; a server with a list of peers has to let it in.
        tls: terms of who asks, for a server that speaks TLS.
        timeout_ms: milliseconds for all of it.

    Errors:
        ToolError: it does not run.
        OptionsError: an option is out of its rules.
        AssociationError, DimseError, OperationTimeoutError: it runs, and does not answer as it
            should.
    """
    if not server.is_running:
        return Err(ToolError(f"check_health: it does not run: {server!r}", tool="check_health"))
    return echoscu(
        host=host,
        port=server.port,
        calling_ae_title=calling_ae_title,
        called_ae_title=server.ae_title,
        tls=tls,
        timeout_ms=timeout_ms,
    )
