"""storescu and dcmsend beside the programs of that name: what a server sees of both."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import UserIdentity, dcmsend, storescu
from support.peers import program_of_dcmtk
from support.recording import Met, Recorder, recording
from support.samples import CT_IMAGE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from support.sendable import MR_IMAGE, image_file

HOST = "127.0.0.1"
NATIVES = [EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE]
LOCAL_CONFIG = """\
[[TransferSyntaxes]]
[Uncompressed]
TransferSyntax1 = LittleEndianExplicit
TransferSyntax2 = BigEndianExplicit
TransferSyntax3 = LittleEndianImplicit
[JPEG]
TransferSyntax1 = JPEGBaseline
# a comment
[[PresentationContexts]]
[All]
PresentationContext1 = CTImageStorage\\Uncompressed
PresentationContext2 = MRImageStorage\\Uncompressed
PresentationContext3 = SecondaryCaptureImageStorage\\JPEG
PresentationContext4 = MRImageStorage\\
    JPEG
[[SCPSCURoleSelection]]
[Both]
Role1 = MRImageStorage\\both
[[ExtendedNegotiation]]
[Ext]
ExtendedNegotiation1 = CTImageStorage\\0001a0
[[Profiles]]
[Mine]
PresentationContexts = All
SCPSCURoleSelection = Both
ExtendedNegotiation = Ext
"""

Call = tuple[dict[str, Any], Sequence[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recording([CT_IMAGE, MR_IMAGE, "1.2.840.10008.5.1.4.1.1.7"]) as recorder:
        yield recorder


@pytest.fixture(scope="module")
def plain() -> Iterator[Recorder]:
    """Takes implicit little endian alone."""
    with recording([CT_IMAGE, MR_IMAGE], syntaxes=[IMPLICIT_LITTLE]) as recorder:
        yield recorder


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [
        image_file(tmp_path / f"{number}.dcm", number, transfer_syntax=syntax)
        for number, syntax in enumerate([EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG])
    ]


def run(program: str, port: int, arguments: Sequence[str], files: Sequence[Path]) -> int:
    command = [program_of_dcmtk(program), *arguments, HOST, str(port), *map(str, files)]
    return subprocess.run(command, capture_output=True, timeout=60).returncode


def seen_of(
    peer: Recorder, work: Callable[[], object], *, merged: bool = False
) -> tuple[list[Met], list[tuple[str, ...]]]:
    """What the server sees while it is done, without the order of the contexts.

    Args:
        peer: the server.
        work: what is done.
        merged: contexts of a SOP class count as one.
    """
    peer.forget()
    work()
    peer.wait_for(lambda recorder: recorder.met and all(one.ends for one in recorder.met))
    for met in peer.met:
        met.contexts.sort()
        if merged:
            classes = sorted({abstract for abstract, _ in met.contexts})
            met.contexts = [
                (
                    one,
                    tuple(
                        sorted(
                            s for abstract, all_ in met.contexts if abstract == one for s in all_
                        )
                    ),
                )
                for one in classes
            ]
    objects = [
        (one.sop_class, one.sop_instance, one.transfer_syntax, one.data.hex())
        for one in peer.received
    ]
    return list(peer.met), objects


def _merged(contexts: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    merged: dict[str, set[str]] = {}
    for abstract, syntaxes in contexts:
        merged.setdefault(abstract, set()).update(syntaxes)
    return [(abstract, tuple(sorted(syntaxes))) for abstract, syntaxes in merged.items()]


STORESCU: dict[str, Call] = {
    "uncompressed": ({"propose": "uncompressed"}, []),
    "little": ({"propose": "little"}, ["-xe"]),
    "big": ({"propose": "big"}, ["-xb"]),
    "implicit": ({"propose": "implicit"}, ["-xi"]),
    "deflated": ({"propose": "deflated"}, ["-xd"]),
    "rle": ({"propose": "rle"}, ["-xr"]),
    "required": ({"propose": "uncompressed", "required_only": True}, ["-R"]),
    "titles": (
        {"propose": "little", "calling_ae_title": "ME", "called_ae_title": "YOU"},
        ["-xe", "-aet", "ME", "-aec", "YOU"],
    ),
    "pdu": ({"propose": "little", "max_pdu": 8192}, ["-pdu", "8192"]),
    "abort": ({"propose": "little", "abort_association": True}, ["--abort"]),
    "repeat": ({"propose": "little", "repeat": 2}, ["--repeat", "2"]),
    "name": ({"propose": "little", "user": UserIdentity.username("ann")}, ["-usr", "ann"]),
    "password": (
        {"propose": "little", "user": UserIdentity.username("ann", "pw")},
        ["-usr", "ann", "-pwd", "pw"],
    ),
}


@pytest.mark.parametrize("name", STORESCU)
def test_a_server_sees_the_same_of_storescu(server: Recorder, files: list[Path], name: str) -> None:
    options, arguments = STORESCU[name]
    chosen = files[:1]
    ours = seen_of(
        server, lambda: storescu(host=HOST, port=server.port, files=chosen, **options).unwrap()
    )
    theirs = seen_of(server, lambda: run("storescu", server.port, arguments, chosen))
    assert ours[0] == theirs[0]
    if name == "deflated":  # by an encoder that is not the program's
        assert [one[:3] for one in ours[1]] == [one[:3] for one in theirs[1]]
    else:
        assert ours[1] == theirs[1]


def test_a_server_sees_the_same_of_combined_proposals(plain: Recorder, files: list[Path]) -> None:
    ours = seen_of(
        plain,
        lambda: storescu(
            host=HOST, port=plain.port, files=files[:1], propose="jpeg8", combine=True
        ).unwrap(),
    )
    theirs = seen_of(plain, lambda: run("storescu", plain.port, ["-xy", "+C"], files[:1]))
    assert ours == theirs


@pytest.mark.parametrize("syntax", NATIVES)
def test_a_server_gets_the_same_from_files_in_any_byte_order(
    plain: Recorder, tmp_path: Path, syntax: str
) -> None:
    file = image_file(tmp_path / "image.dcm", transfer_syntax=syntax)
    ours = seen_of(
        plain,
        lambda: storescu(host=HOST, port=plain.port, files=[file], propose="little").unwrap(),
    )
    theirs = seen_of(plain, lambda: run("storescu", plain.port, ["-xe"], [file]))
    assert ours == theirs
    assert ours[1][0][2] == IMPLICIT_LITTLE


def test_a_profile_is_read_as_the_program_reads_it(
    server: Recorder, files: list[Path], tmp_path: Path
) -> None:
    config = tmp_path / "my.cfg"
    config.write_text(LOCAL_CONFIG)
    ours = seen_of(
        server,
        lambda: storescu(
            host=HOST, port=server.port, files=files[:1], config_file=config, config_profile="mine"
        ).unwrap(),
    )
    arguments = ["-xf", str(config), "mine"]
    theirs = seen_of(server, lambda: run("storescu", server.port, arguments, files[:1]))
    assert ours == theirs
    assert len(ours[0][0].contexts) == 4


def test_the_shipped_profile_is_read_as_the_program_reads_it(
    server: Recorder, files: list[Path]
) -> None:
    config = Path("/etc/dcmtk/storescu.cfg")
    if not config.exists():
        pytest.skip("DCMTK's configuration files are not installed")
    ours = seen_of(
        server,
        lambda: storescu(
            host=HOST,
            port=server.port,
            files=files[:1],
            config_file=config,
            config_profile="Default",
        ).unwrap(),
    )
    arguments = ["-xf", str(config), "Default"]
    theirs = seen_of(server, lambda: run("storescu", server.port, arguments, files[:1]))
    assert ours == theirs


@pytest.mark.parametrize(
    "call",
    [
        ({}, []),
        ({"calling_ae_title": "ME", "called_ae_title": "YOU"}, ["-aet", "ME", "-aec", "YOU"]),
        ({"max_pdu": 8192}, ["-pdu", "8192"]),
        ({"decompress": "never"}, ["-dn"]),
        ({"decompress": "lossy"}, ["+dly"]),
    ],
)
@pytest.mark.parametrize("names", [["MR_small_RLE.dcm"], ["SC_rgb_jpeg_dcmtk.dcm"], []])
def test_a_server_sees_the_same_of_dcmsend(
    server: Recorder,
    files: list[Path],
    samples: Callable[[str], Path],
    call: Call,
    names: list[str],
) -> None:
    options, arguments = call
    chosen = [samples(name) for name in names] or files[:1]
    ours = seen_of(
        server,
        lambda: dcmsend(host=HOST, port=server.port, files=chosen, **options).unwrap(),
        merged=True,
    )
    theirs = seen_of(server, lambda: run("dcmsend", server.port, arguments, chosen), merged=True)
    assert ours[0] == theirs[0]
    assert [one[:3] for one in ours[1]] == [one[:3] for one in theirs[1]]


def test_a_server_gets_the_same_pixels_from_a_file_that_has_to_be_decompressed(
    plain: Recorder, samples: Callable[[str], Path]
) -> None:
    from io import BytesIO

    from pydicom import dcmread

    compressed = samples("MR_small_RLE.dcm")
    ours = seen_of(plain, lambda: dcmsend(host=HOST, port=plain.port, files=[compressed]).unwrap())
    theirs = seen_of(plain, lambda: run("dcmsend", plain.port, [], [compressed]))
    first, second = (
        dcmread(BytesIO(bytes.fromhex(one[1][0][3])), force=True) for one in (ours, theirs)
    )
    assert first.PixelData == second.PixelData


def test_both_refuse_what_is_no_dicom_file(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("no image")
    assert not dcmsend(host=HOST, port=1, files=[text]).ok
    assert run("dcmsend", 1, [], [text]) != 0
    assert not storescu(host=HOST, port=1, files=[tmp_path / "none"]).ok
    assert run("storescu", 1, [], [tmp_path / "none"]) != 0
