"""getscu with real peers: what it offers to take, what it takes, and what it says of the rest."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom.events import Event

from dcmtk_native import (
    AssociationError,
    DicomFileError,
    DimseError,
    GetQueryModel,
    OptionsError,
    aio,
    dcmcjpeg,
    getscu,
)
from support.archives import ARCHIVES, ROOT, Archive, dcmqrscp, fill, instance
from support.comparing import comparable, data_set_of
from support.peers import program_of_dcmtk
from support.samples import CT_IMAGE, dataset
from support.scp import Liar, Scp, serving

PATIENT = "1.2.840.10008.5.1.4.1.2.1.3"
STUDY = "1.2.840.10008.5.1.4.1.2.2.3"
PATIENT_STUDY = "1.2.840.10008.5.1.4.1.2.3.3"
CLASSES = (PATIENT, STUDY, PATIENT_STUDY, CT_IMAGE)
HOST = "127.0.0.1"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
CONTENTS = [instance("P1", 1, 1, 1), instance("P1", 1, 2, 1), instance("P1", 2, 1, 1)]


@pytest.fixture(scope="module", params=ARCHIVES)
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp(request.param)
    with ARCHIVES[request.param](folder) as server:
        fill(server, folder, CONTENTS)
        yield server


def stored(number: int = 1, **values: Any) -> pydicom.Dataset:
    """An object as a server of pynetdicom's sends it."""
    made = pydicom.dcmread(BytesIO(instance("P1", 1, 1, number)))
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def sending(*objects: pydicom.Dataset) -> Any:
    def answers(event: Event) -> Iterator[Any]:
        yield len(objects)
        for one in objects:
            yield 0xFF00, one

    return answers


@pytest.fixture
def scp() -> Iterator[Scp]:
    with serving(CLASSES, get=sending(stored(1), stored(2)), roles=True) as server:
        yield server


def test_a_study_comes_byte_for_byte(archive: Archive, tmp_path: Path) -> None:
    result = getscu(
        host=HOST,
        port=archive.port,
        called_ae_title="ARCHIVE",
        query_model=GetQueryModel.STUDY,
        keys=["QueryRetrieveLevel=STUDY", f"StudyInstanceUID={ROOT}.1"],
        output_directory=tmp_path,
    )
    assert result.ok, result.error.message
    found = result.value
    assert (found.success, found.status, found.stderr) == (True, 0, "")
    assert (found.completed, found.failed, found.warnings, found.remaining) == (2, 0, 0, 0)
    names = [f"CT.{ROOT}.1.1.1", f"CT.{ROOT}.1.2.1"]
    assert sorted(found.files) == [str(tmp_path / name) for name in names]
    for name, content in zip(names, CONTENTS, strict=False):
        assert digest(data_set_of((tmp_path / name).read_bytes())) == digest(data_set_of(content))
        assert pydicom.dcmread(tmp_path / name).file_meta.MediaStorageSOPClassUID == CT_IMAGE


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ([f"StudyInstanceUID={ROOT}.1"], 2),
        ([f"StudyInstanceUID={ROOT}.1", f"SeriesInstanceUID={ROOT}.1.2"], 1),
        (
            [
                f"StudyInstanceUID={ROOT}.1",
                f"SeriesInstanceUID={ROOT}.1.2",
                f"SOPInstanceUID={ROOT}.1.2.1",
            ],
            1,
        ),
    ],
)
def test_the_level_is_that_of_the_lowest_key(
    archive: Archive, tmp_path: Path, keys: list[str], count: int
) -> None:
    result = getscu(
        host=HOST,
        port=archive.port,
        called_ae_title="ARCHIVE",
        query_model="study",
        keys=keys,
        output_directory=tmp_path,
    )
    assert len(result.unwrap().files) == count


def test_it_is_awaited_too(archive: Archive, tmp_path: Path) -> None:
    async def work() -> int:
        result = await aio.getscu(
            host=HOST,
            port=archive.port,
            called_ae_title="ARCHIVE",
            query_model="study",
            keys=[f"StudyInstanceUID={ROOT}.2"],
            output_directory=tmp_path,
        )
        return len(result.unwrap().files)

    assert asyncio.run(work()) == 1


KEYS = ["QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2.3"]
SAME_AS_THE_PROGRAM = [
    ({}, []),
    ({"query_model": "patient"}, ["-P"]),
    ({"query_model": "study"}, ["-S"]),
    ({"query_model": "psonly"}, ["-O"]),
    ({"calling_ae_title": "ME", "called_ae_title": "YOU"}, ["-aet", "ME", "-aec", "YOU"]),
    ({"propose": "little"}, ["-xe"]),
    ({"propose": "big"}, ["-xb"]),
    ({"propose": "deflated"}, ["-xd"]),
    ({"prefer": "little"}, ["+xe"]),
    ({"prefer": "big"}, ["+xb"]),
    ({"prefer": "deflated"}, ["+xd"]),
    ({"prefer": "jpeg-lossless"}, ["+xs"]),
    ({"prefer": "jpeg8"}, ["+xy"]),
    ({"prefer": "jpeg12"}, ["+xx"]),
    ({"prefer": "j2k-lossless"}, ["+xv"]),
    ({"prefer": "j2k-lossy"}, ["+xw"]),
    ({"prefer": "jls-lossless"}, ["+xt"]),
    ({"prefer": "jls-lossy"}, ["+xu"]),
    ({"prefer": "mpeg2"}, ["+xm"]),
    ({"prefer": "mpeg2-high"}, ["+xh"]),
    ({"prefer": "mpeg4"}, ["+xn"]),
    ({"prefer": "mpeg4-bd"}, ["+xl"]),
    ({"prefer": "mpeg4-2-2d"}, ["+x2"]),
    ({"prefer": "mpeg4-2-3d"}, ["+x3"]),
    ({"prefer": "mpeg4-2-st"}, ["+xo"]),
    ({"prefer": "hevc"}, ["+x4"]),
    ({"prefer": "hevc10"}, ["+x5"]),
    ({"prefer": "rle"}, ["+xr"]),
    ({"max_pdu": 4096}, ["-pdu", "4096"]),
    ({"repeat": 2}, ["--repeat", "2"]),
    ({"abort_association": True}, ["--abort"]),
]


@pytest.mark.parametrize(("options", "flags"), SAME_AS_THE_PROGRAM, ids=" ".join)
def test_it_asks_and_offers_what_the_program_does(
    scp: Scp, tmp_path: Path, options: dict[str, Any], flags: list[str]
) -> None:
    arguments = [part for key in KEYS for part in ("-k", key)]
    folder = tmp_path / "theirs"
    folder.mkdir()
    command = [
        program_of_dcmtk("getscu"),
        *flags,
        "-od",
        str(folder),
        *arguments,
        HOST,
        str(scp.port),
    ]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    result = getscu(host=HOST, port=scp.port, keys=KEYS, output_directory=tmp_path, **options)
    assert len(result.unwrap().files) == 2 * options.get("repeat", 1)
    theirs, ours = scp.ended(2)
    assert comparable(ours) == comparable(theirs)
    for path in folder.iterdir():
        ours_of_it = pydicom.dcmread(tmp_path / path.name)
        assert ours_of_it == pydicom.dcmread(path)


def test_implicit_proposes_implicit(scp: Scp, tmp_path: Path) -> None:
    """DCMTK's getscu proposes explicit VR little endian there."""
    options: dict[str, Any] = {"propose": "implicit", "prefer": "implicit"}
    assert getscu(host=HOST, port=scp.port, keys=KEYS, output_directory=tmp_path, **options).ok
    assert {syntaxes for _, syntaxes in scp.only().contexts} == {("1.2.840.10008.1.2",)}


def test_a_compressed_object_comes_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "jpeg.dcm"
    dcmcjpeg(instance("P1", 1, 1, 1), source).unwrap()
    content = source.read_bytes()
    folder = tmp_path / "archive"
    folder.mkdir()
    with dcmqrscp(folder, "+xs") as server:
        store = [
            program_of_dcmtk("storescu"),
            "-xs",
            "-aec",
            "ARCHIVE",
            HOST,
            str(server.port),
            str(source),
        ]
        subprocess.run(store, check=True, timeout=60, capture_output=True)
        result = getscu(
            host=HOST,
            port=server.port,
            called_ae_title="ARCHIVE",
            query_model="study",
            keys=[f"StudyInstanceUID={ROOT}.1"],
            prefer=("jpeg-lossless", "rle"),
            output_directory=tmp_path,
        ).unwrap()
    (path,) = result.files
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == JPEG_LOSSLESS
    assert pydicom.dcmread(path) == pydicom.dcmread(BytesIO(content))


def test_query_files_and_keys(scp: Scp, tmp_path: Path) -> None:
    query = tmp_path / "query.dcm"
    query.write_bytes(CONTENTS[0])
    result = getscu(
        host=HOST,
        port=scp.port,
        query_files=[query, query],
        keys=["PatientID=7"],
        output_directory=tmp_path,
    )
    assert len(result.unwrap().files) == 4
    for one in scp.only().asked:
        assert dataset([(0x00100020, "LO", "7")]) in one.identifier
        assert dataset([(0x00280010, "US", [4])]) in one.identifier


def test_nothing_is_kept_if_that_is_asked_for(
    scp: Scp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = getscu(host=HOST, port=scp.port, keys=KEYS, ignore_store=True).unwrap()
    assert (result.completed, result.files) == (2, ())
    assert not list(tmp_path.iterdir())


def test_files_go_to_the_current_folder(
    scp: Scp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert getscu(host=HOST, port=scp.port, keys=KEYS).ok
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        f"CT.{ROOT}.1.1.1",
        f"CT.{ROOT}.1.1.2",
    ]


def test_progress_is_told_at_each_response(scp: Scp, tmp_path: Path) -> None:
    told: list[tuple[int, ...]] = []
    result = getscu(
        host=HOST,
        port=scp.port,
        keys=KEYS,
        output_directory=tmp_path,
        on_progress=lambda *counts: told.append(counts),
    )
    assert result.ok
    assert told == [(1, 1, 0, 0), (0, 2, 0, 0), (0, 2, 0, 0)]


OTHERS = [
    {"SOPInstanceUID": "1.2.3.4"},
    {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"},
]


@pytest.mark.parametrize("values", OTHERS, ids=["instance", "class"])
@pytest.mark.parametrize("bit_preserving", [False, True])
def test_what_is_not_the_instance_of_its_request_is_refused(
    tmp_path: Path, values: dict[str, str], bit_preserving: bool
) -> None:
    """The request names what the object said before its data set was exchanged."""

    def answers(event: Event) -> Iterator[Any]:
        yield 2
        yield 0xFF00, stored(1)
        yield 0xFF00, Liar(stored(2), values)

    with serving(CLASSES, get=answers, roles=True) as scp:
        result = getscu(
            host=HOST,
            port=scp.port,
            keys=KEYS,
            output_directory=tmp_path,
            bit_preserving=bit_preserving,
        ).unwrap()
    names = [Path(path).name for path in result.files]
    if bit_preserving:
        assert (result.success, result.completed) == (True, 2)
        assert names == [f"CT.{ROOT}.1.1.1", f"CT.{ROOT}.1.1.2"]
    else:
        assert (result.success, result.status) == (False, 0xB000)
        assert (result.completed, result.failed) == (1, 1)
        assert names == [f"CT.{ROOT}.1.1.1"]
        assert [path.name for path in tmp_path.iterdir()] == names


def test_a_full_or_closed_folder_is_a_failed_sub_operation(tmp_path: Path) -> None:
    (tmp_path / f"CT.{ROOT}.1.1.2").mkdir()  # where the second object should go
    with serving(CLASSES, get=sending(stored(1), stored(2)), roles=True) as scp:
        result = getscu(host=HOST, port=scp.port, keys=KEYS, output_directory=tmp_path).unwrap()
    assert (result.success, result.status) == (False, 0xB000)
    assert (result.completed, result.failed, len(result.files)) == (1, 1, 1)


@pytest.mark.parametrize("status", [0xA701, 0xA702, 0xA900, 0xC000])
def test_a_failure_status_is_an_error(tmp_path: Path, status: int) -> None:
    def fail(event: Event) -> Iterator[Any]:
        yield 2
        yield 0xFF00, stored(1)
        yield status, None

    with serving(CLASSES, get=fail, roles=True) as scp:
        error = getscu(host=HOST, port=scp.port, keys=KEYS, output_directory=tmp_path).error
        assert scp.only().ended == "released"
    assert isinstance(error, DimseError)
    assert error.message.startswith("getscu failed")
    assert f"0x{error.status:04X}" in error.message


def test_a_model_that_the_peer_does_not_accept_is_named(tmp_path: Path) -> None:
    with serving([STUDY, CT_IMAGE], get=sending(), roles=True) as scp:
        error = getscu(host=HOST, port=scp.port, keys=KEYS, output_directory=tmp_path).error
    assert isinstance(error, AssociationError)
    assert PATIENT in error.message


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"keys": []}, "keys"),
        ({"ignore_store": True, "output_directory": "."}, "output_directory"),
        ({"ignore_store": True, "bit_preserving": True}, "bit_preserving"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], part: str) -> None:
    error = getscu(host=HOST, port=1, **{"keys": KEYS, **options}).error
    assert isinstance(error, OptionsError)
    assert error.message.startswith("getscu: invalid options:")
    assert part in error.message


def test_a_missing_folder_is_an_error_before_the_association(scp: Scp, tmp_path: Path) -> None:
    error = getscu(host=HOST, port=scp.port, keys=KEYS, output_directory=tmp_path / "none").error
    assert isinstance(error, DicomFileError)
    assert "none" in error.message
    assert not scp.sessions
