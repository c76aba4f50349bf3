"""TLS of the tools, to DCMTK's own programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dcmtk_native import (
    DcmsendResult,
    Result,
    StorescuResult,
    TlsConfig,
    dcmsend,
    storescu,
)
from support.peers import running
from support.samples import ct_image, dicom_file
from support.tls_peers import CA, OWN, SERVER


@pytest.mark.parametrize("send", [storescu, dcmsend])
def test_the_tools_that_send_files_speak_it(
    tmp_path: Path, send: Callable[..., Result[StorescuResult | DcmsendResult]]
) -> None:
    key, certificate = SERVER.files(tmp_path)
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))
    received = tmp_path / "received"
    received.mkdir()
    arguments = ["+tls", key, certificate, "+cf", CA.file(tmp_path), "-od", received]
    with running(tmp_path, "storescp", *arguments) as program:
        there = {"host": "127.0.0.1", "port": program.port, "files": [path]}
        tls = TlsConfig(ca_files=CA.pem, **OWN)
        assert send(**there, tls=tls).unwrap().success
        assert len(list(received.iterdir())) == 1
        assert not send(**there).ok
