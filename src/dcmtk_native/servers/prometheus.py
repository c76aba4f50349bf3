"""The metrics of servers for `prometheus_client` (extra `prometheus`).

>>> from prometheus_client import CollectorRegistry
>>> from dcmtk_native import Dcmrecv
>>> from dcmtk_native.servers.prometheus import collector
>>> server = Dcmrecv.create(port=0, output_directory="incoming").unwrap()
>>> CollectorRegistry().register(collector(server))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Protocol

from dcmtk_native.errors import UnsupportedError

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

__all__ = ["Collector", "Measured", "collector"]

_PREFIX: Final = "dcmtk_native_"
_GAUGES: Final = frozenset({"associations_open", "connections_half_open", "handlers_left_behind"})
_HISTOGRAMS: Final = frozenset(
    {"seconds_of_objects", "bytes_of_objects", "seconds_of_associations"}
)
_LABELS: Final = ("ae_title",)
_HELP: Final[Mapping[str, str]] = {
    "connections": "Connections that were taken.",
    "connections_dropped": "Connections that came to nothing before an association.",
    "connections_half_open": "Connections that have no association yet.",
    "associations_accepted": "Associations that were accepted.",
    "associations_rejected": "Associations that were rejected.",
    "associations_released": "Associations that ended by their release.",
    "associations_aborted": "Associations that ended otherwise.",
    "associations_open": "Associations that are there now.",
    "echoes": "C-ECHO requests that were answered.",
    "objects_stored": "Objects that were stored.",
    "objects_failed": "Objects that could not be stored.",
    "bytes_stored": "Bytes of the objects that were stored.",
    "handlers_left_behind": "Handlers that are at work though nobody waits for them any more.",
    "seconds_of_objects": "Seconds that an object took.",
    "bytes_of_objects": "Bytes of an object.",
    "seconds_of_associations": "Seconds that an association took.",
}


class Measured(Protocol):
    """A server with metrics."""

    @property
    def ae_title(self) -> str:
        """Its AE title."""

    def metrics(self) -> dict[str, Any]:
        """Counts and histograms by name."""


class Collector:
    """The metrics of servers at the time of a scrape, labelled with their AE titles."""

    def __init__(self, servers: Sequence[Measured]) -> None:
        self._servers = servers

    def describe(self) -> Iterable[Metric]:
        """The families that there may be: a registry takes one such collector, no second."""
        return [_family(name, is_histogram=name in _HISTOGRAMS) for name in _HELP]

    def collect(self) -> Iterable[Metric]:
        """A family for each metric; a server that has not started yet is in none."""
        families: dict[str, Any] = {}
        for server in self._servers:
            for name, value in server.metrics().items():
                is_histogram = isinstance(value, Mapping)
                if name not in families:
                    families[name] = _family(name, is_histogram=is_histogram)
                samples = _histogram(value) if is_histogram else (value,)
                families[name].add_metric([server.ae_title], *samples)
        return families.values()


def collector(*servers: Measured) -> Collector:
    """A collector for `CollectorRegistry.register`: one for all servers of the registry.

    Errors:
        UnsupportedError: raised where `prometheus_client` is not installed.
        ValueError: raised for servers of the same AE title, which a scrape could not tell apart.
    """
    try:
        import prometheus_client  # noqa: F401 (whether it is there, now and not at a scrape)
    except ImportError as error:
        text = "prometheus_client is not installed; `pip install dcmtk_native[prometheus]` does it"
        raise UnsupportedError(text, tool="prometheus") from error
    if len({server.ae_title for server in servers}) < len(servers):
        raise ValueError("two servers have the same AE title, by which their metrics are told")
    return Collector(servers)


def _family(name: str, *, is_histogram: bool) -> Any:
    from prometheus_client import core

    full, text = _PREFIX + name, _HELP.get(name, name.replace("_", " "))
    if is_histogram:
        return core.HistogramMetricFamily(full, text, labels=_LABELS)
    kind = core.GaugeMetricFamily if name in _GAUGES else core.CounterMetricFamily
    return kind(full, text, labels=_LABELS)


def _histogram(value: Mapping[str, Any]) -> tuple[list[tuple[str, float]], float]:
    """Counts up to each bound, as Prometheus has them, and the sum."""
    bounds = [*map(str, value["bounds"]), "+Inf"]
    return list(zip(bounds, accumulate(value["counts"]), strict=True)), value["sum"]
