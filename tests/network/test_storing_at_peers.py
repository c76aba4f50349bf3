"""storescu and dcmsend to real archives: DCMTK's receivers and Orthanc; bit identity everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcmtk_native import aio, dcmconv, dcmsend, storescu
from support.orthanc import Orthanc, running_orthanc
from support.peers import Program, running
from support.recording import Recorder, recording
from support.samples import CT_IMAGE, Element
from support.sendable import UID_ROOT, data_set_of, digest, image_file, image_files

HOST = "127.0.0.1"
SYNTAXES = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.5",
    *(
        f"1.2.840.10008.1.2.4.{number}"
        for number in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)
    ),
]
# DCMTK 3.6.7 has never heard of HTJ2K.
UNKNOWN_TO_DCMTK = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203))
REFUSED_BY_STORESCP = UNKNOWN_TO_DCMTK | {"1.2.840.10008.1.2.4.57"}
# It deflates with a level of its own what came deflated.
CHANGED_BY_ORTHANC = UNKNOWN_TO_DCMTK | {"1.2.840.10008.1.2.1.99"}
BASELINE = "1.2.840.10008.1.2.4.50"
SIZE = [(0x00280010, "US", [64]), (0x00280011, "US", [64])]
EIGHT_BITS: list[Element] = [
    *SIZE,
    (0x00280100, "US", [8]),
    (0x00280101, "US", [8]),
    (0x00280102, "US", [7]),
    (0x7FE00010, "OW", bytes(value % 251 for value in range(64 * 64))),
]
TWELVE_BITS: list[Element] = [
    *SIZE,
    (0x7FE00010, "OW", b"".join((n * 7 % 4096).to_bytes(2, "little") for n in range(64 * 64))),
]


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An image in every transfer syntax that this package writes."""
    folder = tmp_path_factory.mktemp("coded")
    files = {}
    for number, syntax in enumerate(SYNTAXES):
        plain = folder / "plain.dcm"
        image_file(plain, number, *(EIGHT_BITS if syntax == BASELINE else TWELVE_BITS))
        files[syntax] = folder / f"{number}.dcm"
        dcmconv(plain, files[syntax], transfer_syntax=syntax).unwrap()
    return files


@pytest.fixture(scope="module")
def storescp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Path]]:
    folder = tmp_path_factory.mktemp("storescp")
    received = folder / "received"
    received.mkdir()
    with running(folder, "storescp", "-od", received, "+B", "+xa") as program:
        yield program, received


@pytest.fixture(scope="module")
def dcmrecv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Path]]:
    folder = tmp_path_factory.mktemp("dcmrecv")
    received = folder / "received"
    received.mkdir()
    config = folder / "dcmrecv.cfg"
    config.write_text(
        "[[TransferSyntaxes]]\n[T]\nTransferSyntax1 = LittleEndianExplicit\n"
        "[[PresentationContexts]]\n[C]\nPresentationContext1 = CTImageStorage\\T\n"
        "[[Profiles]]\n[P]\nPresentationContexts = C\n"
    )
    with running(folder, "dcmrecv", "-od", received, "-xf", config, "P", "+B") as program:
        yield program, received


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with recording([CT_IMAGE]) as server:
        yield server


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("tool", [storescu, dcmsend])
def test_every_syntax_arrives_bit_for_bit(
    recorder: Recorder, coded: dict[str, Path], syntax: str, tool: object
) -> None:
    recorder.forget()
    result = tool(host=HOST, port=recorder.port, files=[coded[syntax]])  # type: ignore[operator]
    assert result.unwrap().success
    (received,) = recorder.received
    assert received.transfer_syntax == syntax
    assert digest(received.data) == digest(data_set_of(coded[syntax].read_bytes()))


@pytest.mark.parametrize("syntax", sorted(set(SYNTAXES) - REFUSED_BY_STORESCP))
def test_what_storescp_keeps_are_the_bytes_that_were_sent(
    storescp: tuple[Program, Path], coded: dict[str, Path], syntax: str
) -> None:
    program, received = storescp
    (outcome,) = storescu(host=HOST, port=program.port, files=[coded[syntax]]).unwrap().outcomes
    (stored,) = received.glob(f"*{outcome.sop_instance_uid}")
    assert digest(data_set_of(stored.read_bytes())) == digest(
        data_set_of(coded[syntax].read_bytes())
    )


def test_what_dcmrecv_keeps_are_the_bytes_that_were_sent(
    dcmrecv: tuple[Program, Path], tmp_path: Path
) -> None:
    program, received = dcmrecv
    files = image_files(tmp_path, 3)
    outcomes = dcmsend(host=HOST, port=program.port, files=files).unwrap().outcomes
    for file, outcome in zip(files, outcomes, strict=True):
        (stored,) = received.glob(f"*{outcome.sop_instance_uid}")
        assert data_set_of(stored.read_bytes()) == data_set_of(file.read_bytes())


def test_orthanc_has_what_was_stored(orthanc: Orthanc, tmp_path: Path) -> None:
    orthanc.clear()
    files = image_files(tmp_path, 8)
    result = storescu(
        host=HOST, port=orthanc.port, called_ae_title="ORTHANC", files=files, associations=3
    ).unwrap()
    assert result.success
    kept = orthanc.instances()
    assert kept.keys() == {f"{UID_ROOT}.{number}" for number in range(8)}
    for number, file in enumerate(files):
        content = orthanc.get(f"/instances/{kept[f'{UID_ROOT}.{number}']}/file")
        assert digest(data_set_of(content)) == digest(data_set_of(file.read_bytes()))


@pytest.mark.parametrize("tool", [storescu, dcmsend])
def test_orthanc_keeps_compressed_files_as_they_are(
    orthanc: Orthanc, coded: dict[str, Path], tool: object
) -> None:
    orthanc.clear()
    taken = {syntax: file for syntax, file in coded.items() if syntax not in CHANGED_BY_ORTHANC}
    files = list(taken.values())
    result = tool(host=HOST, port=orthanc.port, files=files)  # type: ignore[operator]
    assert result.unwrap().success
    kept = orthanc.instances()
    assert len(kept) == len(files)
    sent = {digest(data_set_of(file.read_bytes())) for file in files}
    contents = [orthanc.get(f"/instances/{one}/file") for one in kept.values()]
    assert {digest(data_set_of(content)) for content in contents} == sent


def test_orthanc_is_stored_to_in_asyncio(orthanc: Orthanc, tmp_path: Path) -> None:
    orthanc.clear()

    async def work() -> list[bool]:
        calls = [
            aio.storescu(host=HOST, port=orthanc.port, files=[file])
            for file in image_files(tmp_path, 4)
        ]
        return [result.unwrap().success for result in await asyncio.gather(*calls)]

    assert asyncio.run(work()) == [True] * 4
    assert len(orthanc.instances()) == 4
