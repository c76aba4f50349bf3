"""The examples of the guide that do I/O, in its order, as a user of asyncio writes them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native import (
    AbortController,
    ChangeSet,
    DicomDataset,
    Err,
    TransferSyntax,
    aio,
    create_dicom_tag_path,
    unwrap,
)
from support.getting_started import (
    PRESETS,
    Sample,
    accept_aborted,
    accept_anonymised,
    accept_collected_errors,
    accept_conversion,
    accept_element_line,
    accept_erased,
    accept_json_result,
    accept_modified,
    accept_own_unwrap,
    accept_source,
    accept_structured,
    accept_walk_through,
)

Printed = pytest.CaptureFixture[str]


def test_e02_the_result_type(sample: Sample, missing: Path, capsys: Printed) -> None:
    async def example() -> None:
        result = await aio.dcm2json(sample.path)
        if result.ok:
            print("Patient data:", result.value.data)
        else:
            print("Failed:", result.error.message)

        accept_json_result(result, await aio.dcm2json(missing), str(missing))

    asyncio.run(example())
    assert capsys.readouterr().out.startswith("Patient data: {'00080")


def test_e03_an_unwrap_of_ones_own(sample: Sample, missing: Path) -> None:
    def my_unwrap(result: Any) -> Any:
        if result.ok:
            return result.value
        raise result.error

    async def example() -> None:
        data = my_unwrap(await aio.dcm2json(sample.path)).data

        assert data == unwrap(await aio.dcm2json(sample.path)).data
        failure = await aio.dcm2json(missing)
        assert isinstance(failure, Err)
        accept_own_unwrap(my_unwrap, failure)

    asyncio.run(example())


def test_e04_validate_a_file(
    sample: Sample, not_dicom: Path, missing: Path, capsys: Printed
) -> None:
    async def example() -> None:
        for path in (sample.path, not_dicom, missing):
            result = await aio.dcmftest(path)
            if result.ok:
                print("Valid DICOM file" if result.value.is_dicom else "Not a DICOM file")
            else:
                print("Test failed:", result.error.message)

    asyncio.run(example())
    valid, other, failure = capsys.readouterr().out.splitlines()
    assert (valid, other) == ("Valid DICOM file", "Not a DICOM file")
    assert failure.startswith("Test failed: dcmftest failed")


def test_e05_text_dump(sample: Sample, capsys: Printed) -> None:
    async def example() -> None:
        result = await aio.dcmdump(sample.path)
        if result.ok:
            print(result.value.text)

    asyncio.run(example())
    assert f"(0010,0010) PN [{sample.text('PatientName')}]" in capsys.readouterr().out


def test_e06_search_for_a_tag(sample: Sample) -> None:
    async def example() -> str:
        result = await aio.dcmdump(sample.path, search_tag="(0010,0010)")
        return unwrap(result).text

    accept_element_line(asyncio.run(example()), sample)


def test_e07_json_model(sample: Sample, capsys: Printed) -> None:
    async def example() -> None:
        result = await aio.dcm2json(sample.path)
        if result.ok:
            model = result.value.data
            print("Patient Name:", model["00100010"])
            print("Study Date:", model["00080020"])

    asyncio.run(example())
    name = {"vr": "PN", "Value": [{"Alphabetic": sample.text("PatientName")}]}
    date = {"vr": "DA", "Value": [sample.text("StudyDate")]}
    assert capsys.readouterr().out == f"Patient Name: {name}\nStudy Date: {date}\n"


def test_e08_structured_access(sample: Sample, capsys: Printed) -> None:
    async def example() -> DicomDataset:
        json_result = await aio.dcm2json(sample.path)
        if not json_result.ok:
            print(json_result.error.message)
            sys.exit(1)
        ds_result = aio.DicomDataset.from_json(json_result.value.data)
        if ds_result.ok:
            ds = ds_result.value
            print("Patient Name:", ds.patient_name)
            print("Patient ID:", ds.patient_id)
            print("Modality:", ds.modality)
            print("Study Date:", ds.study_date)
            print("Accession:", ds.get_string("00080050"))
            print("Has pixel data:", ds.has_tag("7FE00010"))
        return unwrap(ds_result)

    accept_structured(asyncio.run(example()), capsys.readouterr().out, sample)


@pytest.mark.parametrize(
    ("preset", "uid"), PRESETS.items(), ids=lambda each: getattr(each, "name", "")
)
def test_e09_convert_the_transfer_syntax(
    sample: Sample, folder: Path, capsys: Printed, preset: TransferSyntax, uid: str
) -> None:
    output = folder / "output.dcm"

    async def example() -> None:
        result = await aio.dcmconv(sample.path, output, transfer_syntax=preset)
        if result.ok:
            print(f"Converted to: {result.value.output_path}")

        accept_conversion(result, capsys.readouterr().out, sample, output, uid)

    asyncio.run(example())


def test_e12_modify(copy: Path, capsys: Printed) -> None:
    async def example() -> None:
        result = await aio.dcmodify(
            copy,
            modifications=[
                {"tag": "(0010,0010)", "value": "DOE^JOHN"},
                {"tag": "(0010,0020)", "value": "PATIENT-001"},
            ],
        )
        if result.ok:
            print(f"Modified: {result.value.file_path}")

    asyncio.run(example())
    accept_modified(copy, capsys.readouterr().out)


def test_e13_erase(copy: Path) -> None:
    async def example() -> None:
        result = await aio.dcmodify(
            copy, erasures=["(0010,0010)", "(0010,0020)"], erase_private_tags=True
        )
        assert unwrap(result).modified >= 2

    asyncio.run(example())
    accept_erased(copy)


def test_e14_changes_to_a_file(sample: Sample, folder: Path, capsys: Printed) -> None:
    before = sample.content
    output = folder / "anonymized.dcm"

    async def example() -> ChangeSet:
        open_result = await aio.DicomFile.open(sample.path)
        if not open_result.ok:
            print(open_result.error.message)
            sys.exit(1)
        file = open_result.value
        print("Current patient:", file.dataset.patient_name)
        changes = (
            aio.ChangeSet.empty()
            .set_tag(create_dicom_tag_path("(0010,0010)"), "ANONYMOUS")
            .set_tag(create_dicom_tag_path("(0010,0020)"), "ANON-001")
            .erase_private_tags()
        )
        updated = file.with_changes(changes)
        write_result = await updated.write_as(output)
        if write_result.ok:
            print("Anonymized copy created")
        return changes

    changes = asyncio.run(example())
    accept_anonymised(output, capsys.readouterr().out, sample, before, changes)


def test_e20_cancellation(sample: Sample, capsys: Printed) -> None:
    async def example() -> None:
        controller = AbortController()
        controller.abort()
        result = await aio.dcm2json(sample.path, signal=controller.signal, timeout_ms=60000)
        if not result.ok:
            print("Aborted or failed:", result.error.message)
        accept_aborted(result, capsys.readouterr().out, controller.signal)

    asyncio.run(example())


def test_e24_narrowing(sample: Sample, capsys: Printed) -> None:
    async def example() -> None:
        result = await aio.dcm2json(sample.path)
        if result.ok:
            print("Conversion source:", result.value.source)
            print("Tags:", len(result.value.data))
        else:
            print("Conversion failed:", result.error.message)

    asyncio.run(example())
    accept_source(capsys.readouterr().out, sample)


async def anonymize_file(input_path: str) -> None:
    json_result = await aio.dcm2json(input_path)
    if not json_result.ok:
        print("Read failed:", json_result.error.message)
        return
    ds_result = DicomDataset.from_json(json_result.value.data)
    if not ds_result.ok:
        print("Parse failed:", ds_result.error.message)
        return
    print(f"Anonymizing patient: {ds_result.value.patient_name}")
    mod_result = await aio.dcmodify(
        input_path,
        modifications=[
            {"tag": "(0010,0010)", "value": "ANONYMOUS"},
            {"tag": "(0010,0020)", "value": "ANON-001"},
        ],
        erase_private_tags=True,
    )
    if not mod_result.ok:
        print("Modify failed:", mod_result.error.message)
        return
    print("Anonymization complete")


def test_e25_early_return(sample: Sample, copy: Path, missing: Path, capsys: Printed) -> None:
    asyncio.run(anonymize_file(str(copy)))
    printed = capsys.readouterr().out
    asyncio.run(anonymize_file(str(missing)))

    name = sample.text("PatientName")
    accept_walk_through(copy, printed, capsys.readouterr().out, name)


def test_e26_collecting_errors(
    sample: Sample, not_dicom: Path, missing: Path, capsys: Printed
) -> None:
    async def example() -> None:
        errors: list[str] = []
        for path in (sample.path, not_dicom, missing):
            result = await aio.dcmftest(path)
            if not result.ok:
                errors.append(f"{path}: {result.error.message}")
            elif not result.value.is_dicom:
                errors.append(f"{path}: not a valid DICOM file")
        for msg in errors:
            print(f"  - {msg}")

    asyncio.run(example())
    accept_collected_errors(capsys.readouterr().out, not_dicom, missing)
