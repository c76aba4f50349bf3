"""What each option of StoreSCP does, as a client and the disk see it."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from dcmtk_native import (
    PreferredTransferSyntax,
    StoreSCP,
    StoreSCPPreset,
    TlsConfig,
    dcmdump,
    echoscu,
    storescu,
)
from support.hostile_peer import item, pdu
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    RLE,
    Fragments,
)
from support.sendable import MR_IMAGE, UID_ROOT, data_set_of, digest, image_file
from support.serving import associated, run_client, serving
from support.tls_peers import SERVER, TRUST

HOST = "127.0.0.1"
FILE_NAME = f"CT.{UID_ROOT}.1"
MPEG2 = "1.2.840.10008.1.2.4.100"
STUDY = (0x0020000D, "UI", "1.2.3.4")
OTHER_STUDY = (0x0020000D, "UI", "1.2.3.5")
TIME = r"\d{8}_\d{9}"


def received(folder: Path) -> list[str]:
    """What is below the folder of a server, relative to it."""
    root = folder / "in"
    return sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())


def accepted(port: int, *syntaxes: str, sop_class: str = CT_IMAGE) -> list[str]:
    """The transfer syntax that is chosen of these."""
    with associated(port, sop_class, *syntaxes) as peer:
        return [str(one.transfer_syntax[0]) for one in peer.accepted_contexts]


def test_its_own_title_is_storescp(tmp_path: Path) -> None:
    with serving(StoreSCP, tmp_path) as (server, _):
        assert server.ae_title == "STORESCP"


NATIVE = (IMPLICIT_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE)


@pytest.mark.parametrize(
    ("word", "proposed", "chosen"),
    [
        (None, NATIVE, EXPLICIT_LITTLE),
        (None, (RLE, DEFLATED), None),
        (PreferredTransferSyntax.LITTLE_ENDIAN, NATIVE, EXPLICIT_LITTLE),
        ("big-endian", NATIVE, EXPLICIT_BIG),
        ("big", NATIVE, EXPLICIT_BIG),
        ("implicit", NATIVE, IMPLICIT_LITTLE),
        ("implicit", (EXPLICIT_LITTLE, EXPLICIT_BIG), None),
        ("rle", (*NATIVE, RLE), RLE),
        ("rle", (DEFLATED,), None),
        (("deflated", "rle"), (RLE, DEFLATED), DEFLATED),
        ("accept-all", ("1.2.840.10008.1.2.4.201",), "1.2.840.10008.1.2.4.201"),
    ],
)
def test_preferred_transfer_syntax(
    word: Any, proposed: tuple[str, ...], chosen: str | None, tmp_path: Path
) -> None:
    with serving(StoreSCP, tmp_path, preferred_transfer_syntax=word) as (server, _):
        assert accepted(server.port, *proposed) == ([] if chosen is None else [chosen])


def test_promiscuous(tmp_path: Path) -> None:
    private = "1.2.826.0.1.3680043.8.498.9999"
    with serving(StoreSCP, tmp_path) as (server, _):
        assert accepted(server.port, EXPLICIT_LITTLE, sop_class=private) == []
    with serving(StoreSCP, tmp_path, promiscuous=True) as (server, log):
        assert accepted(server.port, EXPLICIT_LITTLE, sop_class=private) == [EXPLICIT_LITTLE]
        path = image_file(tmp_path / "private", sop_class=private)
        sent = storescu(host=HOST, port=server.port, files=[path])
        assert sent.unwrap().success
        log.wait_for("STORED_FILE")


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"sort_by_study": True}, TIME),
        ({"sort_by_study": "ct"}, rf"ct_{TIME}"),
        ({"sort_by_study_uid": True}, r"1\.2\.3\.4"),
        ({"sort_by_study_uid": "ct"}, r"ct_1\.2\.3\.4"),
        ({"sort_by_patient_name": True}, rf"DOE.JANE_{TIME}"),
    ],
)
def test_sorting(options: dict[str, Any], pattern: str, tmp_path: Path) -> None:
    name = (0x00100010, "PN", "DOE^JANE")
    files = [image_file(tmp_path / str(one), one, STUDY, name) for one in (1, 2)]
    with serving(StoreSCP, tmp_path, **options) as (server, log):
        run_client("storescu", HOST, server.port, *files)
        log.wait_for("ASSOCIATION_RELEASE")
    first, second = map(Path, received(tmp_path))
    assert first.parent == second.parent
    assert re.fullmatch(pattern, str(first.parent)), first
    assert log.names.count("SUBDIRECTORY_CREATED") == 1


@pytest.mark.parametrize("option", ["sort_by_study", "sort_by_study_uid", "sort_by_patient_name"])
def test_each_study_has_a_folder_however_fast_they_come(option: str, tmp_path: Path) -> None:
    studies = range(1, 21)
    files = [
        image_file(tmp_path / str(one), one, (0x0020000D, "UI", f"1.2.3.{one}")) for one in studies
    ]
    with serving(StoreSCP, tmp_path, **{option: True}) as (server, log):
        assert storescu(host=HOST, port=server.port, files=files).unwrap().success
        log.wait_for("ASSOCIATION_RELEASE")
    assert len({Path(one).parent for one in received(tmp_path)}) == len(studies)
    assert log.names.count("SUBDIRECTORY_CREATED") == len(studies)


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a\\b", "..", "x" * 64])
def test_no_name_of_a_patient_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    path = image_file(tmp_path / "file", 1, STUDY, (0x00100010, "PN", name))
    with serving(StoreSCP, tmp_path, sort_by_patient_name=True) as (server, log):
        run_client("storescu", HOST, server.port, path)
        log.wait_for("ASSOCIATION_RELEASE")
    (stored,) = log.payloads("STORED_FILE")
    folder = Path(stored.filename).resolve().parent
    assert folder.parent == (tmp_path / "in").resolve()
    assert {one.name for one in tmp_path.iterdir()} == {"file", "in"}


@pytest.mark.parametrize(
    ("options", "pattern", "count"),
    [
        ({}, re.escape(FILE_NAME), 1),
        ({"unique_filenames": True}, r"CT\.X\.[0-9.]{10,64}", 2),
        ({"time_names": True}, r"\d{17}(_\d{4})?\.CT", 2),
        ({"filename_extension": ".dcm"}, re.escape(f"{FILE_NAME}.dcm"), 1),
    ],
)
def test_names_of_files(
    options: dict[str, Any], pattern: str, count: int, tmp_path: Path, image: Path
) -> None:
    with serving(StoreSCP, tmp_path, **options) as (server, _):
        run_client("storescu", HOST, server.port, image, image)
    names = received(tmp_path)
    assert len(names) == count
    assert all(re.fullmatch(pattern, name) for name in names), names


def test_socket_timeout(tmp_path: Path) -> None:
    with serving(StoreSCP, tmp_path, socket_timeout=1) as (server, log):
        with associated(server.port, CT_IMAGE) as patient:
            peer = socket.create_connection((HOST, server.port), timeout=30)
            with peer:
                peer.sendall(b"\x01\x00\x00\x00\x01\x00" + bytes(10))  # the rest never comes
                begin = time.monotonic()
                while peer.recv(4096):
                    pass
                assert time.monotonic() - begin < 15
            assert patient.is_established  # it has not begun anything
        log.wait_for("ASSOCIATION_RELEASE")


def test_refuse(tmp_path: Path) -> None:
    with serving(StoreSCP, tmp_path, refuse=True) as (server, log):
        run_client("echoscu", HOST, server.port, ok=False)
        (refused,) = log.wait_for("REFUSING_ASSOCIATION")
    assert "rejected permanent" in refused.reason or "no reason" in refused.reason
    assert log.names[2:] == ["ASSOCIATION_RECEIVED", "REFUSING_ASSOCIATION", "stopped"]


def request_without_implementation() -> bytes:
    """An A-ASSOCIATE-RQ that does not say what implementation it is of."""
    syntaxes = item(0x30, CT_IMAGE.encode()) + item(0x40, EXPLICIT_LITTLE.encode())
    proposed = item(0x20, bytes([1, 0, 0, 0]) + syntaxes)
    titles = b"ANY-SCP".ljust(16) + b"RAW".ljust(16) + bytes(32)
    body = item(0x10, b"1.2.840.10008.3.1.1.1") + proposed + item(0x50, item(0x51, b"\0\0@\0"))
    return pdu(1, b"\0\1\0\0" + titles + body)


@pytest.mark.parametrize(("value", "answer"), [(False, 2), (True, 3)])
def test_reject_without_implementation_uid(value: bool, answer: int, tmp_path: Path) -> None:
    options = {"reject_without_implementation_uid": value}
    with serving(StoreSCP, tmp_path, **options) as (server, _):
        with socket.create_connection((HOST, server.port), timeout=30) as peer:
            peer.sendall(request_without_implementation())
            assert peer.recv(1) == bytes([answer])
        run_client("echoscu", HOST, server.port)


def test_ignore_store(tmp_path: Path, image: Path) -> None:
    server = StoreSCP.create(port=0, ignore_store=True).unwrap()
    with server:
        server.start().unwrap()
        run_client("storescu", HOST, server.port, image)
    assert server.metrics()["objects_stored"] == 0
    assert [one.name for one in tmp_path.iterdir()] == [image.name]


def test_tls(tmp_path: Path) -> None:
    own = TlsConfig(private_key=SERVER.key_as(), certificate=SERVER.pem, peer_auth="ignore")
    with serving(StoreSCP, tmp_path, tls=own) as (server, _):
        assert echoscu(host=HOST, port=server.port, tls=TRUST).ok


# ---- the form in which files are written ----


def stored(tmp_path: Path, path: Path, **options: Any) -> bytes:
    """The file that is written of another one that is sent."""
    with serving(StoreSCP, tmp_path, **options) as (server, log):
        run_client("storescu", "-xe", HOST, server.port, path)
        (told,) = log.wait_for("STORED_FILE")
        assert log.payloads("error") == []
    content = Path(told.filename).read_bytes()
    assert told.size == len(content)
    return content


def test_as_it_comes_it_is_written(tmp_path: Path, image: Path) -> None:
    content = stored(tmp_path, image)
    assert digest(data_set_of(content)) == digest(data_set_of(image.read_bytes()))


def test_write_mode(tmp_path: Path, image: Path) -> None:
    content = stored(tmp_path, image, write_mode="dataset")
    assert content == data_set_of(image.read_bytes())


@pytest.mark.parametrize(
    ("word", "syntax"),
    [
        ("same", EXPLICIT_LITTLE),
        ("little", EXPLICIT_LITTLE),
        ("big", EXPLICIT_BIG),
        ("implicit", IMPLICIT_LITTLE),
        ("deflated", DEFLATED),
    ],
)
def test_write_xfer(word: str, syntax: str, tmp_path: Path, image: Path) -> None:
    stored(tmp_path, image, write_xfer=word)
    data = dcmread(tmp_path / "in" / FILE_NAME)
    assert data.file_meta.TransferSyntaxUID == syntax
    assert data.PatientName == dcmread(image).PatientName
    assert data.PixelData == dcmread(image).PixelData or syntax == EXPLICIT_BIG


def test_compression_level(tmp_path: Path) -> None:
    path = image_file(tmp_path / "text", 1, (0x00204000, "LT", "long " * 500))
    sizes = [
        len(stored(tmp_path, path, write_xfer="deflated", compression_level=level))
        for level in (0, 9)
    ]
    assert sizes[0] > 2 * sizes[1]


def dumped(content: bytes) -> str:
    return str(dcmdump(content).unwrap().text)


def test_group_length_and_length_encoding_and_padding(tmp_path: Path) -> None:
    item_of = [(0x00081150, "UI", CT_IMAGE), (0x00081155, "UI", "1.2")]
    path = image_file(tmp_path / "image", 1, (0x00081140, "SQ", [item_of]))
    content = stored(tmp_path, path, group_length="create")
    assert "(0008,0000)" in dumped(content)
    content = stored(tmp_path, path, length_encoding="undefined")
    assert "undefined length" in dumped(content)
    content = stored(tmp_path, path, padding=(512, 64))
    assert len(content) % 512 == 0
    assert "(fffc,fffc)" in dumped(content)


def test_enable_new_vr(tmp_path: Path) -> None:
    path = image_file(tmp_path / "image", 1, (0x00080119, "UC", "a long code"))
    assert " UC " in dumped(stored(tmp_path, path))
    assert " UC " not in dumped(stored(tmp_path, path, enable_new_vr=False))


def test_convert_un(tmp_path: Path) -> None:
    path = image_file(tmp_path / "image", 1, (0x00104000, "UN", b"a comment "))
    assert "(0010,4000) UN" in dumped(stored(tmp_path, path))
    assert "(0010,4000) LT" in dumped(stored(tmp_path, path, convert_un=True))


def test_what_cannot_be_written_in_that_form_is_refused(tmp_path: Path) -> None:
    """There is no decoder for video."""
    frames = (0x7FE00010, "OB", Fragments([b"", b"film"]))
    path = image_file(tmp_path / "film", 1, frames, transfer_syntax=MPEG2)
    options = {"preferred_transfer_syntax": "accept-all", "write_xfer": "little"}
    with serving(StoreSCP, tmp_path, **options) as (server, log):
        sent = storescu(host=HOST, port=server.port, files=[path], halt=False).unwrap()
        assert [one.status for one in sent.outcomes] == [0xC000]
        (told,) = log.wait_for("error")
        assert run_client("echoscu", HOST, server.port)
    assert not told.fatal
    assert "STORED_FILE" not in log.names
    assert received(tmp_path) == []


def test_bit_preserving_and_uid_padding(tmp_path: Path) -> None:
    def padded_by_blank(path: Path) -> Path:
        content = image_file(path, 1).read_bytes()
        uid = f"{UID_ROOT}.1".encode()
        odd = len(uid) % 2
        old = uid + b"\0" * odd
        assert odd
        meta, data = content[: -len(data_set_of(content))], data_set_of(content)
        path.write_bytes(meta + data.replace(old, uid + b" "))
        return path

    path = padded_by_blank(tmp_path / "image")
    for options, is_taken in (
        ({}, False),
        ({"uid_padding": True}, True),
        ({"bit_preserving": True}, True),
    ):
        with serving(StoreSCP, tmp_path, **options) as (server, _):
            sent = storescu(host=HOST, port=server.port, files=[path], halt=False)
            assert sent.unwrap().success is is_taken, options


def test_presets_serve(tmp_path: Path, image: Path) -> None:
    for preset in (StoreSCPPreset.BASIC_STORAGE, StoreSCPPreset.TESTING, StoreSCPPreset.PRODUCTION):
        with serving(StoreSCP, tmp_path, **preset) as (server, log):
            run_client("storescu", HOST, server.port, image)
            log.wait_for("STORED_FILE")
    assert len(received(tmp_path)) == 3


def test_what_is_proposed_beside_it_is_looked_at_alone(tmp_path: Path) -> None:
    with serving(StoreSCP, tmp_path) as (server, _):
        assert accepted(server.port, EXPLICIT_LITTLE, sop_class=MR_IMAGE) == [EXPLICIT_LITTLE]
        assert accepted(server.port, EXPLICIT_LITTLE, sop_class="1.2.840.10008.5.1.4.31") == []
