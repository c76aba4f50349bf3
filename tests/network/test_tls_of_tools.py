"""TLS of the tools, to DCMTK's own programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dcmtk_native import (
    DcmsendResult,
    Result,
    StorescuResult,
    TlsConfig,
    dcmsend,
    list_tls_ciphers,
    storescu,
)
from dcmtk_native.cli import main
from support.peers import running
from support.samples import ct_image, dicom_file
from support.tls_peers import CA, CLIENT, OWN, SERVER


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


def test_the_suites_that_can_be_named_are_known() -> None:
    known = list_tls_ciphers()
    assert len(known) == len(set(known)) > 50
    assert "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" in known
    assert not [name for name in known if "_anon_" in name]
    for profile in ("bcp195-nd", "null"):
        names = [name for name in known if profile == "null" or "_NULL_" not in name]
        assert TlsConfig(ciphers=names, profile=profile).native()


@dataclass
class Shop:
    """Where commands are tried: a storescp that asks for a certificate, and files to name."""

    port: int
    received: Path
    words: dict[str, str]

    def storescu(self, *words: str) -> int:
        """The exit code of the command; braces stand for files."""
        given = [word.format(**self.words) for word in words]
        there = ["--host", "127.0.0.1", "--port", str(self.port), "--files", self.words["image"]]
        return main(["storescu", *there, *given])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    key, certificate = SERVER.files(tmp_path)
    own_key, own_certificate = CLIENT.files(tmp_path, "client")
    secret = tmp_path / "secret.key"
    secret.write_bytes(CLIENT.key_as(password="open sesame"))
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image()))
    received = tmp_path / "received"
    received.mkdir()
    words = {"key": own_key, "certificate": own_certificate, "secret": secret, "image": path}
    words["ca"] = CA.file(tmp_path)
    arguments = ["+tls", key, certificate, "+cf", words["ca"], "-od", received]
    with running(tmp_path, "storescp", *arguments) as program:
        yield Shop(program.port, received, {name: str(one) for name, one in words.items()})


@pytest.mark.parametrize(
    "words",
    [
        [
            *("--tls", "private_key={key}", "--tls", "certificate={certificate}"),
            *("--tls", "ca_files={ca}", "--tls=profile=bcp195"),
        ],
        ["+tls", "{key}", "{certificate}", "+cf", "{ca}"],
        ["+tls", "{secret}", "{certificate}", "+pw", "open sesame", "+cf", "{ca}", "-rc", "-pem"],
        ["+tls", "{key}", "{certificate}", "-ic", "+pz"],
        ["--tls", "private-key,certificate={key}\x1f{certificate}", "--tls", "peer-auth=ignore"],
        ["+tls", "{key}", "{certificate}", "+cf", "{certificate}", "+cf", "{ca}"],
    ],
    ids=["fields", "flags", "a secret key", "whoever answers", "two fields", "two files"],
)
def test_the_command_line_says_it(shop: Shop, words: list[str]) -> None:
    assert shop.storescu(*words) == 0
    assert len(list(shop.received.iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 1),
        (["+tla", "+cf", "{ca}"], 1),
        (["+tls", "{key}", "{certificate}"], 1),
        (["+tls", "{key}", "{certificate}", "+tla", "+cf", "{ca}"], 2),
        (["+tls", "{secret}", "{certificate}", "-pw", "+cf", "{ca}"], 2),
        (["+tls", "{key}"], 2),
        (["--tls", "private_key={key}", "+cf", "{ca}"], 2),
        (["--tls", "private_key,certificate={key}"], 2),
        (["--tls", "colour=blue"], 2),
        (["--tls", "profile=bcp0"], 2),
        (["--tls", "anonymous=maybe"], 2),
    ],
    ids=[
        "no TLS",
        "no certificate",
        "nobody is trusted",
        "anonymous with a certificate",
        "a secret key without its password",
        "a key alone",
        "a field alone",
        "two fields and one value",
        "no field",
        "no profile",
        "no bool",
    ],
)
def test_a_command_line_that_does_not_is_refused(shop: Shop, words: list[str], code: int) -> None:
    assert shop.storescu(*words) == code
    assert not list(shop.received.iterdir())
