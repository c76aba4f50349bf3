"""What watches servers: metrics for Prometheus, and the health check."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from dcmtk_native import (
    AssociationError,
    Dcmrecv,
    OperationTimeoutError,
    ToolError,
    UnsupportedError,
    storescu,
)
from dcmtk_native.servers.health import check_health
from dcmtk_native.servers.prometheus import collector
from support.serving import Serve, run_client

HOST = "127.0.0.1"


def scraped(server: Any) -> dict[tuple[str, str], float]:
    """Samples by name and upper bound, as a scraper reads them."""
    registry = CollectorRegistry()
    registry.register(collector(server))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    samples = [sample for family in families for sample in family.samples]
    assert {sample.labels["ae_title"] for sample in samples} <= {server.ae_title}
    return {(one.name, one.labels.get("le", "")): one.value for one in samples}


def test_a_scrape_tells_what_the_metrics_tell(
    make: Callable[..., Dcmrecv], images: list[Path]
) -> None:
    server = make(ae_title="ARCHIVE")
    server.start().unwrap()
    run_client("echoscu", HOST, server.port)
    storescu(host=HOST, port=server.port, files=images).unwrap()
    server.stop()
    told, samples = server.metrics(), scraped(server)
    assert samples["dcmtk_native_objects_stored_total", ""] == len(images)
    assert samples["dcmtk_native_echoes_total", ""] == 1
    assert samples["dcmtk_native_associations_open", ""] == 0
    assert samples["dcmtk_native_bytes_stored_total", ""] == told["bytes_stored"]
    for name in ("seconds_of_objects", "bytes_of_objects", "seconds_of_associations"):
        counts = told[name]["counts"]
        assert samples[f"dcmtk_native_{name}_bucket", "+Inf"] == sum(counts)
        assert samples[f"dcmtk_native_{name}_count", ""] == sum(counts)
        assert samples[f"dcmtk_native_{name}_sum", ""] == pytest.approx(told[name]["sum"])
        first = f"{told[name]['bounds'][0]}"
        assert samples[f"dcmtk_native_{name}_bucket", first] == counts[0]


def test_every_metric_is_scraped(serve: Serve) -> None:
    server = serve()
    names = {name.removeprefix("dcmtk_native_") for name, _ in scraped(server)}
    for name in server.metrics():
        assert names & {name, f"{name}_total", f"{name}_sum"}


def test_one_collector_tells_of_several_servers(serve: Serve) -> None:
    one, other = serve(ae_title="ONE"), serve(ae_title="OTHER")
    run_client("echoscu", HOST, other.port)
    registry = CollectorRegistry()
    registry.register(collector(one, other))
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(collector(one))
    told = registry.get_sample_value
    assert told("dcmtk_native_echoes_total", {"ae_title": "ONE"}) == 0
    assert told("dcmtk_native_echoes_total", {"ae_title": "OTHER"}) == 1
    assert generate_latest(registry).count(b"# TYPE dcmtk_native_echoes_total") == 1


def test_servers_of_one_title_cannot_be_told_apart(serve: Serve) -> None:
    with pytest.raises(ValueError, match="same AE title"):
        collector(serve(), serve())


def test_without_the_client_the_error_says_how_to_get_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(UnsupportedError, match=r"dcmtk_native\[prometheus\]"):
        collector(serve())


def test_a_server_that_runs_is_healthy(serve: Serve) -> None:
    server = serve(ae_title="MINE", require_called_ae_title=True)
    assert check_health(server).unwrap().rtt_ms < 5_000
    assert server.metrics()["echoes"] == 1


def test_a_server_that_does_not_run_is_not(make: Callable[..., Dcmrecv]) -> None:
    assert isinstance(check_health(make()).error, ToolError)


def test_a_server_that_lets_nobody_in_is_not(serve: Serve) -> None:
    server = serve(on_association=lambda request: False)
    assert isinstance(check_health(server).error, AssociationError)


def test_a_server_that_takes_too_long_is_not(serve: Serve) -> None:
    over = threading.Event()
    server = serve(on_echo=lambda request: over.wait(30) and None)
    outcome = check_health(server, timeout_ms=200)
    over.set()
    assert isinstance(outcome.error, OperationTimeoutError)
