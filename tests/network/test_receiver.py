"""The storage server that clients use for what they have asked for, with clients of others."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcmtk_native import Association, AssociationError, PresentationContext
from dcmtk_native._core.servers import Receiver
from support.peers import program_of_dcmtk
from support.receiving import receiver_options, receiving
from support.samples import ct_image, dicom_file

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "received") as receiver:
        yield receiver


def run(*command: str) -> None:
    program, *arguments = command
    subprocess.run(
        [program_of_dcmtk(program), *arguments], check=True, timeout=60, capture_output=True
    )


def data_set_of(path: Path) -> str:
    content = path.read_bytes()
    length = int.from_bytes(content[140:144], "little")
    return hashlib.sha256(content[144 + length :]).hexdigest()


def test_dcmtks_programs_store_here(receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))
    run("echoscu", "127.0.0.1", str(receiver.port))
    run("storescu", "127.0.0.1", str(receiver.port), str(path))
    ((sop_class, _, syntax, stored),) = receiver.take_stored()
    assert (sop_class, syntax) == (CT, "1.2.840.10008.1.2.1")
    assert Path(stored).parent.name == "received"
    run("dcmftest", stored)
    assert receiver.take_stored() == []


def test_what_is_sent_from_here_arrives_byte_for_byte(receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))
    contexts = [PresentationContext(CT, ("1.2.840.10008.1.2.1",))]
    opened = Association.open("127.0.0.1", receiver.port, contexts=contexts)
    with opened.unwrap() as peer:
        assert peer.store(path).unwrap().ok
    ((*_, stored),) = receiver.take_stored()
    assert data_set_of(Path(stored)) == data_set_of(path)


def test_it_says_that_it_does_not_serve_a_class(receiver: Receiver) -> None:
    opened = Association.open("127.0.0.1", receiver.port, contexts=["1.2.840.10008.5.1.4.31"])
    with opened.unwrap() as peer:
        error = peer.find([], model="worklist").error
    assert isinstance(error, AssociationError)
    assert "abstract syntax not supported" in error.message


def test_it_ends_at_once_whoever_is_connected(receiver: Receiver) -> None:
    silent = [socket.create_connection(("127.0.0.1", receiver.port)) for _ in range(5)]
    peer = Association.open("127.0.0.1", receiver.port).unwrap()
    begin = time.monotonic()
    receiver.stop(0)
    assert time.monotonic() - begin < 1
    assert isinstance(peer.echo().error, AssociationError)
    for one in silent:
        one.close()


def test_a_port_that_is_taken_is_an_error(receiver: Receiver) -> None:
    from dcmtk_native._core.runtime import NativeError

    with pytest.raises(NativeError, match=f"Cannot listen on port {receiver.port} of 127.0.0.1"):
        Receiver(receiver_options(port=receiver.port))
