"""findscu with real peers: what it asks, what it makes of the answers, what it writes."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom.events import Event

from dcmtk_native import (
    AssociationError,
    DicomDataset,
    DicomFileError,
    DimseError,
    OptionsError,
    QueryModel,
    aio,
    findscu,
)
from support.archives import dcmqrscp, fill, instance, worklist
from support.comparing import comparable, data_set_of
from support.peers import Program, program_of_dcmtk
from support.samples import dataset, dicom_file
from support.scp import NATIVE, Scp, matches, serving, wait_for_cancel

WORKLIST = "1.2.840.10008.5.1.4.31"
PATIENT = "1.2.840.10008.5.1.4.1.2.1.1"
STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
PATIENT_STUDY = "1.2.840.10008.5.1.4.1.2.3.1"
MODELS = (WORKLIST, PATIENT, STUDY, PATIENT_STUDY)
HOST = "127.0.0.1"

ENTRY = """
(0008,0005) CS [ISO_IR 100]
(0010,0010) PN [{name}]
(0010,0020) LO [{patient}]
(0020,000d) UI [1.2.3.{number}]
(0032,1032) PN [Doctor]
(0032,1060) LO [Head]
(0040,1001) SH [RP{number}]
(0040,0100) SQ
(fffe,e000) na
(0008,0060) CS [{modality}]
(0040,0001) AE [STATION]
(0040,0002) DA [20240105]
(0040,0003) TM [0900]
(0040,0006) PN [Nurse]
(0040,0007) LO [Head]
(0040,0009) SH [SPS{number}]
(0040,0010) SH [ROOM]
(fffe,e00d) na
(fffe,e0dd) na
"""


def answer(number: int, **values: Any) -> Dataset:
    made = Dataset()
    made.QueryRetrieveLevel = "STUDY"
    made.PatientID = f"P{number}"
    made.PatientName = "Doe^John"
    made.StudyInstanceUID = f"1.2.{number}"
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("dcmqrscp")
    with dcmqrscp(folder) as server:
        fill(
            server,
            folder,
            [
                instance("PATIENT-001", 1, 1, 1),
                instance("PATIENT-001", 1, 1, 2),
                instance("PATIENT-001", 2, 1, 1),
                instance("PATIENT-002", 3, 1, 1),
            ],
        )
        yield server


@pytest.fixture
def scp() -> Iterator[Scp]:
    with serving(MODELS, find=matches(*(answer(number) for number in range(1, 4)))) as server:
        yield server


KEYS = ["0010,0020=PATIENT-001", "0008,0050=", "0008,0020=20240101-"]


def test_studies_are_found_in_an_archive(archive: Program) -> None:
    result = findscu(
        host=HOST,
        port=archive.port,
        called_ae_title="ARCHIVE",
        query_model=QueryModel.STUDY,
        keys=[*KEYS, "StudyInstanceUID"],
    )
    assert result.ok, result.error.message
    found = result.value
    assert (found.success, found.status, found.stderr, found.files) == (True, 0, "", ())
    assert all(isinstance(one, DicomDataset) for one in found.responses)
    assert sorted(one.get_string("AccessionNumber") for one in found.responses) == ["A-1", "A-2"]
    assert {one.patient_id for one in found.responses} == {"PATIENT-001"}


def test_studies_are_found_in_an_event_loop(archive: Program) -> None:
    async def work() -> list[str]:
        result = await aio.findscu(
            host=HOST, port=archive.port, called_ae_title="ARCHIVE", query_model="study", keys=KEYS
        )
        return sorted(one.get_string("AccessionNumber") for one in result.unwrap().responses)

    assert asyncio.run(work()) == ["A-1", "A-2"]


@pytest.mark.parametrize(
    ("model", "keys", "count"),
    [
        ("patient", ["PatientID"], 2),
        ("psonly", ["QueryRetrieveLevel=STUDY", "PatientID=PATIENT-001", "StudyInstanceUID"], 2),
        ("study", ["QueryRetrieveLevel=STUDY", "StudyInstanceUID"], 3),
    ],
)
def test_every_model_has_its_level(archive: Program, model: str, keys: Any, count: int) -> None:
    result = findscu(
        host=HOST, port=archive.port, called_ae_title="ARCHIVE", query_model=model, keys=keys
    )
    assert len(result.unwrap().responses) == count


def test_a_worklist_is_found_by_a_key_within_a_sequence(tmp_path: Path) -> None:
    entries = [
        ENTRY.format(name="Müller^Jörg", patient="1", number=1, modality="CT"),
        ENTRY.format(name="Doe^John", patient="2", number=2, modality="MR"),
    ]
    with worklist(tmp_path, [text.replace("ü", "u").replace("ö", "o") for text in entries]) as wl:
        result = findscu(
            host=HOST,
            port=wl.port,
            called_ae_title="ARCHIVE",
            keys=[
                "PatientName",
                "0040,0100.0008,0060=CT",
                "ScheduledProcedureStepSequence.0040,0009",
            ],
        )
    (entry,) = result.unwrap().responses
    assert entry.patient_name == "Muller^Jorg"
    step = entry.get_string("(0040,0100)[0].(0040,0009)", "")
    assert step in {"SPS1", ""}
    assert entry.get_element_at_path("(0040,0100)[0].(0040,0009)").unwrap()["Value"] == ["SPS1"]


SAME_AS_THE_PROGRAM = [
    ({}, []),
    ({"query_model": "study"}, ["-S"]),
    ({"query_model": "patient"}, ["-P"]),
    ({"query_model": "psonly"}, ["-O"]),
    ({"calling_ae_title": "ME", "called_ae_title": "YOU"}, ["-aet", "ME", "-aec", "YOU"]),
    ({"propose": "little"}, ["-xe"]),
    ({"propose": "big"}, ["-xb"]),
    ({"propose": "implicit"}, ["-xi"]),
    ({"propose": "deflated"}, ["-xd"]),
    ({"max_pdu": 4096}, ["-pdu", "4096"]),
    ({"repeat": 3}, ["--repeat", "3"]),
    ({"abort_association": True}, ["--abort"]),
    ({"enable_new_vr": False}, ["-u"]),
    ({"propose": "deflated", "compression_level": 0}, ["-xd", "+cl", "0"]),
]
FLAGGED_KEYS = [
    "QueryRetrieveLevel=STUDY",
    "PatientName=D*",
    "(0010,0020)=",
    "0008,0020=20240101-20241231",
    "ScheduledProcedureStepSequence[0].Modality=CT",
    "0040,0100[0].0040,0001",
    "0040,0100[1].0040,0002=20240101",
    "0028,0010=512",
    "0008,0119=x",
]


@pytest.mark.parametrize(("options", "flags"), SAME_AS_THE_PROGRAM, ids=" ".join)
def test_it_asks_what_the_program_asks(scp: Scp, options: dict[str, Any], flags: list[str]) -> None:
    arguments = [
        part for key in FLAGGED_KEYS for part in ("-k", key.replace("(", "").replace(")", ""))
    ]
    command = [program_of_dcmtk("findscu"), "-q", *flags, *arguments, HOST, str(scp.port)]
    subprocess.run(command, check=True, timeout=60)
    result = findscu(host=HOST, port=scp.port, keys=FLAGGED_KEYS, **options)
    assert len(result.unwrap().responses) == 3 * options.get("repeat", 1)
    theirs, ours = scp.ended(2)
    assert comparable(ours) == comparable(theirs)


def test_several_syntaxes_are_proposed_in_order(scp: Scp) -> None:
    options: dict[str, Any] = {"host": HOST, "port": scp.port, "keys": ["PatientID"]}
    assert findscu(**options, propose=("implicit", "big")).ok
    ((_, syntaxes),) = scp.only().contexts
    assert syntaxes == (NATIVE[3], NATIVE[2], NATIVE[1])


@pytest.mark.parametrize(
    ("model", "level"), [("study", b"STUDY "), ("patient", b"PATIENT "), ("psonly", b"PATIENT ")]
)
def test_a_missing_level_is_added(scp: Scp, model: str, level: bytes) -> None:
    result = findscu(host=HOST, port=scp.port, query_model=model, keys=["PatientID"])
    assert result.ok
    (asked,) = scp.only().asked
    assert asked.identifier == dataset([(0x00080052, "CS", level), (0x00100020, "LO", "")])


@pytest.mark.parametrize(
    "options", [{"query_model": "worklist"}, {"query_model": "study", "auto_level": False}, {}]
)
def test_no_level_is_added(scp: Scp, options: dict[str, Any]) -> None:
    assert findscu(host=HOST, port=scp.port, keys=["PatientID"], **options).ok
    (asked,) = scp.only().asked
    assert asked.identifier == dataset([(0x00100020, "LO", "")])


def test_query_files_are_asked_one_by_one_and_keys_change_them(scp: Scp, tmp_path: Path) -> None:
    step = [(0x00080060, "CS", "CT"), (0x00400001, "AE", "STATION")]
    first = [
        (0x00080005, "CS", "ISO_IR 100"),
        (0x00100010, "PN", "Müller"),
        (0x00100020, "LO", "1"),
    ]
    second = [(0x00100020, "LO", "2"), (0x00400100, "SQ", [step])]
    paths = [tmp_path / "1.dcm", tmp_path / "2.dcm"]
    paths[0].write_bytes(dicom_file(first))
    paths[1].write_bytes(dicom_file(second))
    keys = ["PatientID=7", "0040,0100[0].0008,0060=MR", "StudyDate"]
    result = findscu(host=HOST, port=scp.port, query_files=paths, keys=keys, repeat=2)
    assert len(result.unwrap().responses) == 12
    asked = [one.identifier for one in scp.only().asked]
    changed = [(0x00080060, "CS", "MR")]
    expected = [
        dataset(
            [
                (0x00080005, "CS", "ISO_IR 100"),
                (0x00080020, "DA", ""),
                (0x00100010, "PN", "Müller"),
                (0x00100020, "LO", "7"),
                (0x00400100, "SQ", [changed]),
            ]
        ),
        dataset(
            [
                (0x00080020, "DA", ""),
                (0x00100020, "LO", "7"),
                (0x00400100, "SQ", [[*changed, step[1]]]),
            ]
        ),
    ]
    assert asked == [expected[0], expected[0], expected[1], expected[1]]


def test_text_beyond_ascii_is_sent_as_utf_8_or_as_the_keys_say(scp: Scp) -> None:
    for keys in (["PatientName=Müller"], ["PatientName=Müller", "0008,0005=ISO_IR 100"]):
        assert findscu(host=HOST, port=scp.port, keys=keys).ok
    sessions = scp.ended(2)
    assert [session.asked[0].identifier for session in sessions] == [
        dataset([(0x00080005, "CS", "ISO_IR 192"), (0x00100010, "PN", "Müller".encode())]),
        dataset([(0x00080005, "CS", "ISO_IR 100"), (0x00100010, "PN", "Müller")]),
    ]


def test_each_response_is_told_when_it_comes(scp: Scp) -> None:
    told: list[tuple[int, str]] = []
    result = findscu(
        host=HOST,
        port=scp.port,
        keys=["PatientID"],
        repeat=2,
        on_response=lambda index, one: told.append((index, one.patient_id)),
    )
    assert result.ok
    assert told == [(1, "P1"), (2, "P2"), (3, "P3"), (4, "P1"), (5, "P2"), (6, "P3")]


def test_what_a_callback_raises_comes_out_and_the_association_is_aborted(scp: Scp) -> None:
    def fail(index: int, one: DicomDataset) -> None:
        raise KeyError(index)

    with pytest.raises(KeyError, match="1"):
        findscu(host=HOST, port=scp.port, keys=["PatientID"], on_response=fail)
    assert scp.only().ended != "released"


def test_the_peer_is_asked_to_stop_after_some_responses() -> None:
    def many(event: Event) -> Iterator[Any]:
        for number in range(1, 1000):
            if number == 3:
                wait_for_cancel(event)
            yield 0xFF00, answer(number)

    with serving(MODELS, find=many) as scp:
        result = findscu(host=HOST, port=scp.port, keys=["PatientID"], cancel_after=2)
        found = result.unwrap()
        session = scp.only()
    assert (found.status, found.success, len(found.responses)) == (0xFE00, False, 2)
    assert session.cancelled
    assert session.ended == "released"


@pytest.mark.parametrize(
    ("status", "text"),
    [(0xA700, "0xA700"), (0xA900, "0xA900"), (0xC001, "0xC001"), (0x0122, "0x0122")],
)
def test_a_failure_status_is_an_error(status: int, text: str) -> None:
    def fail(event: Event) -> Iterator[Any]:
        yield 0xFF00, answer(1)
        yield status, None

    with serving(MODELS, find=fail) as scp:
        error = findscu(host=HOST, port=scp.port, keys=["PatientID"]).error
        assert scp.only().ended == "released"
    assert isinstance(error, DimseError)
    assert error.status == status
    assert error.message.startswith("findscu failed")
    assert text in error.message


def test_a_model_that_the_peer_does_not_accept_is_named() -> None:
    with serving([STUDY], find=matches()) as scp:
        error = findscu(host=HOST, port=scp.port, keys=["PatientID"]).error
    assert isinstance(error, AssociationError)
    assert WORKLIST in error.message


FORMS = [("dicom", ["-X"], "dcm"), ("xml", ["-Xx"], "xml")]


@pytest.mark.parametrize(("form", "flags", "suffix"), FORMS)
def test_extracted_files_are_those_of_the_program_of_dcmtk(
    tmp_path: Path, form: Any, flags: list[str], suffix: str
) -> None:
    step = Dataset()
    step.Modality = "CT"
    answers = [
        answer(1),
        answer(2, SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg"),
        answer(3, ScheduledProcedureStepSequence=[step], PatientComments="x " * 3000),
    ]
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    with serving(MODELS, find=matches(*answers)) as scp:
        command = [program_of_dcmtk("findscu"), "-q", *flags, "-od", str(theirs), "-k", "PatientID"]
        subprocess.run([*command, HOST, str(scp.port)], check=True, timeout=60)
        result = findscu(
            host=HOST,
            port=scp.port,
            keys=["PatientID"],
            extract=True,
            extract_format=form,
            output_directory=ours,
        ).unwrap()
    names = [f"rsp000{number}.{suffix}" for number in (1, 2, 3)]
    assert result.files == tuple(str(ours / name) for name in names)
    assert sorted(path.name for path in theirs.iterdir()) == names
    for name in names:
        if form == "dicom":
            assert pydicom.dcmread(ours / name) == pydicom.dcmread(theirs / name)
            assert data_set_of((ours / name).read_bytes()) == data_set_of(
                (theirs / name).read_bytes()
            )
        else:
            assert texts_of(ours / name) == texts_of(theirs / name)


def texts_of(path: Path) -> list[Any]:
    """All elements and their values; the character set is that of the document."""
    return [
        (one.tag, one.get("tag"), one.get("vr"), one.text)
        for one in ElementTree.parse(path).iter()
        if one.get("tag") != "0008,0005"
    ]


def test_one_document_of_all_responses_is_that_of_the_program(scp: Scp, tmp_path: Path) -> None:
    command = [
        program_of_dcmtk("findscu"),
        "-q",
        "-Xs",
        "all.xml",
        "-od",
        str(tmp_path),
        "-k",
        "PatientID",
    ]
    subprocess.run([*command, HOST, str(scp.port)], check=True, timeout=60)
    result = findscu(
        host=HOST,
        port=scp.port,
        keys=["PatientID"],
        extract=True,
        extract_format="xml-single",
        output_directory=tmp_path,
    ).unwrap()
    assert result.files == (str(tmp_path / "responses.xml"),)
    assert (tmp_path / "responses.xml").read_text() == (tmp_path / "all.xml").read_text()


def test_no_more_responses_are_written_than_the_limit(scp: Scp, tmp_path: Path) -> None:
    result = findscu(
        host=HOST,
        port=scp.port,
        keys=["PatientID"],
        repeat=2,
        extract=True,
        extract_limit=2,
        output_directory=tmp_path,
    ).unwrap()
    assert len(result.responses) == 6
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["rsp0001.dcm", "rsp0002.dcm"]


def test_values_are_corrected_if_that_is_asked_for(tmp_path: Path) -> None:
    found = {}
    with serving(MODELS, find=matches(answer(1, StudyDescription="padded    "))) as scp:
        for correction in (False, True):
            result = findscu(
                host=HOST,
                port=scp.port,
                keys=["PatientID"],
                data_correction=correction,
                extract=True,
                output_directory=tmp_path,
            ).unwrap()
            assert result.responses[0].get_string("StudyDescription", "") == "padded"
            found[correction] = data_set_of((tmp_path / "rsp0001.dcm").read_bytes())
    assert b"padded    " in found[False]
    assert b"padded    " not in found[True]
    assert b"padded" in found[True]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"keys": []}, "keys"),
        ({"output_directory": "."}, "output_directory"),
        ({"extract_limit": 1}, "extract_limit"),
        ({"extract_format": "xml"}, "extract_format"),
        ({"compression_level": 9}, "compression_level"),
        ({"keys": ["NoKeyword=1"]}, "NoKeyword"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], part: str) -> None:
    error = findscu(host=HOST, port=1, **{"keys": ["PatientID"], **options}).error
    assert isinstance(error, OptionsError)
    assert error.message.startswith("findscu: invalid options:")
    assert part in error.message


def test_what_cannot_be_read_or_written_is_an_error_before_the_association(
    scp: Scp, tmp_path: Path
) -> None:
    for options in (
        {"query_files": [tmp_path / "none.dcm"]},
        {"extract": True, "output_directory": tmp_path / "none"},
    ):
        error = findscu(host=HOST, port=scp.port, keys=["PatientID"], **options).error
        assert isinstance(error, DicomFileError)
        assert "none" in error.message
    assert not scp.sessions
