"""What clients of other makers send, in every transfer syntax, is what is on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pynetdicom._globals import ALL_TRANSFER_SYNTAXES

from dcmtk_native import Dcmrecv, StoreSCP, storescu
from support.orthanc import running_orthanc
from support.peers import free_port
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Fragments,
)
from support.sendable import UID_ROOT, data_set_of, digest, image_file
from support.serving import associated, run_client, serving

HOST = "127.0.0.1"
NATIVE = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED)
HTJ2K = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203))
JPIP_DEFLATED = {f"1.2.840.10008.1.2.4.{number}" for number in (95, 205)}
"""Their data sets are deflated, as our samples are not."""

SYNTAXES = sorted({*map(str, ALL_TRANSFER_SYNTAXES), *NATIVE, *HTJ2K} - JPIP_DEFLATED)
KNOWN_TO_DCMTK = {
    "-xs": "1.2.840.10008.1.2.4.70",
    "-xy": "1.2.840.10008.1.2.4.50",
    "-xx": "1.2.840.10008.1.2.4.51",
    "-xv": "1.2.840.10008.1.2.4.90",
    "-xw": "1.2.840.10008.1.2.4.91",
    "-xt": "1.2.840.10008.1.2.4.80",
    "-xu": "1.2.840.10008.1.2.4.81",
    "-xm": "1.2.840.10008.1.2.4.100",
    "-x4": "1.2.840.10008.1.2.4.107",
    "-xr": "1.2.840.10008.1.2.5",
    "-xe": EXPLICIT_LITTLE,
}
"""With the flag that makes storescu propose it."""


def file_in(syntax: str, path: Path) -> Path:
    """An image in this transfer syntax; whatever is in its fragments, nobody looks at."""
    frames = [] if syntax in NATIVE else [(0x7FE00010, "OB", Fragments([b"", b"coded pixels"]))]
    return image_file(path, 1, *frames, transfer_syntax=syntax)


def assert_same(stored: Any, path: Path, syntax: str) -> None:
    assert stored.transfer_syntax_uid == syntax
    content = Path(stored.filename).read_bytes()
    assert digest(data_set_of(content)) == digest(data_set_of(path.read_bytes()))


@pytest.mark.parametrize("kind", [Dcmrecv, StoreSCP])
def test_from_us_in_every_syntax(kind: Any, tmp_path: Path) -> None:
    options = {"preferred_transfer_syntax": "accept-all"} if kind is StoreSCP else {}
    with serving(kind, tmp_path, **options) as (server, log):
        for count, syntax in enumerate(SYNTAXES, 1):
            path = file_in(syntax, tmp_path / syntax)
            assert storescu(host=HOST, port=server.port, files=[path]).unwrap().success
            assert_same(log.wait_for("STORED_FILE", count)[-1], path, syntax)


def test_from_pynetdicom_in_every_syntax(tmp_path: Path) -> None:
    with serving(Dcmrecv, tmp_path) as (server, log):
        for count, syntax in enumerate(SYNTAXES, 1):
            path = file_in(syntax, tmp_path / syntax)
            with associated(server.port, CT_IMAGE, syntax) as peer:
                assert peer.send_c_store(path).Status == 0
            stored = log.wait_for("STORED_FILE", count)[-1]
            if syntax != DEFLATED:  # which it deflates anew
                assert_same(stored, path, syntax)


@pytest.mark.parametrize("flag", KNOWN_TO_DCMTK)
def test_from_storescu_in_every_syntax_that_it_knows(flag: str, tmp_path: Path) -> None:
    syntax = KNOWN_TO_DCMTK[flag]
    path = file_in(syntax, tmp_path / "image")
    with serving(Dcmrecv, tmp_path) as (server, log):
        run_client("storescu", flag, HOST, server.port, path)
        (stored,) = log.wait_for("STORED_FILE")
    assert_same(stored, path, syntax)


def test_from_orthanc(tmp_path: Path) -> None:
    path = image_file(tmp_path / "image", 1, (0x00100020, "LO", "ID"))
    folder = tmp_path / "orthanc"
    folder.mkdir()
    port = free_port()
    with (
        serving(Dcmrecv, tmp_path, port=port, ae_title="TARGET") as (_, log),
        running_orthanc(folder, destinations={"TARGET": port}) as orthanc,
    ):
        assert storescu(host=HOST, port=orthanc.port, files=[path]).unwrap().success
        (instance,) = orthanc.instances().values()
        orthanc.post("/modalities/target/store", [instance])
        (stored,) = log.wait_for("STORED_FILE")
        log.wait_for("ASSOCIATION_RELEASE")
    assert (stored.called_ae_title, stored.calling_ae_title) == ("TARGET", "ORTHANC")
    assert stored.sop_instance_uid == f"{UID_ROOT}.1"
    assert_same(stored, path, EXPLICIT_LITTLE)
