"""A PACS whose methods are awaited."""

from __future__ import annotations

from dcmtk_native._runtime.mirror import mirror_method
from dcmtk_native.network.pacs import PacsClient as BlockingClient
from dcmtk_native.network.tls import TlsConfig
from dcmtk_native.result import Result, map_result

__all__ = ["PacsClient"]


class PacsClient:
    """A PACS; see `dcmtk_native.PacsClient`.

    Example:
        >>> import asyncio
        >>> client = PacsClient.create(host="127.0.0.1", port=1).unwrap()
        >>> asyncio.run(client.echo()).ok
        False
    """

    __slots__ = ("_client",)

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    @classmethod
    def create(
        cls,
        *,
        host: str,
        port: int,
        calling_ae_title: str | None = None,
        called_ae_title: str | None = None,
        timeout_ms: int | None = None,
        tls: TlsConfig | None = None,
    ) -> Result[PacsClient]:
        """A client; nothing is asked yet, so there is nothing to await."""
        made = BlockingClient.create(
            host=host,
            port=port,
            calling_ae_title=calling_ae_title,
            called_ae_title=called_ae_title,
            timeout_ms=timeout_ms,
            tls=tls,
        )
        return map_result(made, cls)

    @property
    def host(self) -> str:
        """Name or address."""
        return self._client.host

    @property
    def port(self) -> int:
        """TCP port."""
        return self._client.port

    @property
    def calling_ae_title(self) -> str | None:
        """Of this side; `None`: each service has its own."""
        return self._client.calling_ae_title

    @property
    def called_ae_title(self) -> str | None:
        """Of the PACS; `None`: ANY-SCP."""
        return self._client.called_ae_title

    echo = mirror_method(BlockingClient.echo, "_client")
    find_studies = mirror_method(BlockingClient.find_studies, "_client")
    find_series = mirror_method(BlockingClient.find_series, "_client")
    find_images = mirror_method(BlockingClient.find_images, "_client")
    find_worklist = mirror_method(BlockingClient.find_worklist, "_client")
    find = mirror_method(BlockingClient.find, "_client")
    retrieve_study = mirror_method(BlockingClient.retrieve_study, "_client")
    retrieve_series = mirror_method(BlockingClient.retrieve_series, "_client")
    store = mirror_method(BlockingClient.store, "_client")

    def __repr__(self) -> str:
        return repr(self._client)
