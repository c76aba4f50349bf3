"""The examples of the guide, in its order, as a user writes them."""

from __future__ import annotations

import inspect
import re
import sys
import time
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import dcmtk_native
from dcmtk_native import (
    AbortController,
    AETitle,
    ChangeSet,
    DcmtkError,
    DicomDataset,
    DicomFile,
    DicomTag,
    DicomTagPath,
    Err,
    Port,
    TransferSyntax,
    assert_unreachable,
    create_ae_title,
    create_dicom_tag,
    create_dicom_tag_path,
    create_port,
    dcm2json,
    dcmconv,
    dcmdump,
    dcmftest,
    dcmodify,
    find_dcmtk_path,
    parse_ae_title,
    parse_dicom_tag,
    parse_port,
    unwrap,
)
from dcmtk_native._runtime.tool import REGISTRY, declaration_of
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
README = Path(__file__).parents[2] / "README.md"


def test_e01_verify_the_installation(capsys: Printed) -> None:
    result = find_dcmtk_path()
    if result.ok:
        print(f"DCMTK found at: {result.value}")
    else:
        print("DCMTK not found:", result.error.message)

    assert result.ok
    assert capsys.readouterr().out == f"DCMTK found at: {result.value}\n"
    assert Path(result.value).is_dir()
    assert find_dcmtk_path() is result, "a success is kept"


def test_e02_the_result_type(sample: Sample, missing: Path, capsys: Printed) -> None:
    result = dcm2json(sample.path)
    if result.ok:
        print("Patient data:", result.value.data)
    else:
        print("Failed:", result.error.message)

    assert capsys.readouterr().out.startswith("Patient data: {'00080")
    accept_json_result(result, dcm2json(missing), str(missing))


def my_unwrap(result: Any) -> Any:
    if result.ok:
        return result.value
    raise result.error


def test_e03_an_unwrap_of_ones_own_and_the_exported_one(sample: Sample, missing: Path) -> None:
    data = my_unwrap(dcm2json(sample.path)).data

    assert data == unwrap(dcm2json(sample.path)).data
    failure = dcm2json(missing)
    assert isinstance(failure, Err)
    accept_own_unwrap(my_unwrap, failure)
    accept_own_unwrap(unwrap, failure)


def validate(path: Path | str) -> None:
    result = dcmftest(path)
    if result.ok:
        print("Valid DICOM file" if result.value.is_dicom else "Not a DICOM file")
    else:
        print("Test failed:", result.error.message)


def test_e04_validate_a_file(
    sample: Sample, not_dicom: Path, missing: Path, capsys: Printed
) -> None:
    validate(sample.path)
    validate(not_dicom)
    validate(missing)

    valid, other, failure = capsys.readouterr().out.splitlines()
    assert (valid, other) == ("Valid DICOM file", "Not a DICOM file")
    assert failure.startswith("Test failed: dcmftest failed")


def test_e05_text_dump(sample: Sample, capsys: Printed) -> None:
    result = dcmdump(sample.path)
    if result.ok:
        print(result.value.text)

    printed = capsys.readouterr().out
    assert f"(0010,0010) PN [{sample.text('PatientName')}]" in printed
    assert f"(0008,0018) UI [{sample.text('SOPInstanceUID')}]" in printed


def test_e06_search_for_a_tag(sample: Sample, capsys: Printed) -> None:
    result = dcmdump(sample.path, search_tag="(0010,0010)")
    if result.ok:
        print("Patient Name entry:", result.value.text)

    assert capsys.readouterr().out.startswith("Patient Name entry: (0010,0010) PN ")
    accept_element_line(unwrap(result).text, sample)


def test_e07_json_model(sample: Sample, capsys: Printed) -> None:
    result = dcm2json(sample.path)
    if result.ok:
        model = result.value.data
        print("Patient Name:", model["00100010"])
        print("Study Date:", model["00080020"])

    name = {"vr": "PN", "Value": [{"Alphabetic": sample.text("PatientName")}]}
    date = {"vr": "DA", "Value": [sample.text("StudyDate")]}
    assert capsys.readouterr().out == f"Patient Name: {name}\nStudy Date: {date}\n"


def test_e08_structured_access(sample: Sample, capsys: Printed) -> None:
    json_result = dcm2json(sample.path)
    if not json_result.ok:
        print(json_result.error.message)
        sys.exit(1)
    ds_result = DicomDataset.from_json(json_result.value.data)
    if ds_result.ok:
        ds = ds_result.value
        print("Patient Name:", ds.patient_name)
        print("Patient ID:", ds.patient_id)
        print("Modality:", ds.modality)
        print("Study Date:", ds.study_date)
        print("Accession:", ds.get_string("00080050"))
        print("Has pixel data:", ds.has_tag("7FE00010"))

    accept_structured(unwrap(ds_result), capsys.readouterr().out, sample)


@pytest.mark.parametrize(
    ("preset", "uid"), PRESETS.items(), ids=lambda each: getattr(each, "name", "")
)
def test_e09_convert_the_transfer_syntax(
    sample: Sample, folder: Path, capsys: Printed, preset: TransferSyntax, uid: str
) -> None:
    output = folder / "output.dcm"
    result = dcmconv(sample.path, output, transfer_syntax=preset)
    if result.ok:
        print(f"Converted to: {result.value.output_path}")

    accept_conversion(result, capsys.readouterr().out, sample, output, uid)


def test_e09_the_presets_of_the_guide_are_there() -> None:
    promised = "IMPLICIT_LITTLE EXPLICIT_LITTLE EXPLICIT_BIG JPEG_LOSSLESS JPEG2K_LOSSLESS RLE"
    assert {*promised.split(), "DEFLATED"} == {preset.name for preset in PRESETS}


def test_e12_modify(copy: Path, capsys: Printed) -> None:
    result = dcmodify(
        copy,
        modifications=[
            {"tag": "(0010,0010)", "value": "DOE^JOHN"},
            {"tag": "(0010,0020)", "value": "PATIENT-001"},
        ],
    )
    if result.ok:
        print(f"Modified: {result.value.file_path}")

    accept_modified(copy, capsys.readouterr().out)


def test_e13_erase(copy: Path) -> None:
    result = dcmodify(copy, erasures=["(0010,0010)", "(0010,0020)"], erase_private_tags=True)

    assert unwrap(result).modified >= 2
    accept_erased(copy)


def test_e14_changes_to_a_file(sample: Sample, folder: Path, capsys: Printed) -> None:
    before = sample.content
    output = folder / "anonymized.dcm"

    open_result = DicomFile.open(sample.path)
    if not open_result.ok:
        print(open_result.error.message)
        sys.exit(1)
    file = open_result.value
    print("Current patient:", file.dataset.patient_name)
    changes = (
        ChangeSet.empty()
        .set_tag(create_dicom_tag_path("(0010,0010)"), "ANONYMOUS")
        .set_tag(create_dicom_tag_path("(0010,0020)"), "ANON-001")
        .erase_private_tags()
    )
    updated = file.with_changes(changes)
    write_result = updated.write_as(output)
    if write_result.ok:
        print("Anonymized copy created")

    accept_anonymised(output, capsys.readouterr().out, sample, before, changes)
    assert file.changes.is_empty
    assert file.dataset.patient_name == sample.text("PatientName")


def test_e20_cancellation(sample: Sample, capsys: Printed) -> None:
    controller = AbortController()
    controller.abort()
    start = time.monotonic()
    result = dcm2json(sample.path, signal=controller.signal, timeout_ms=60000)
    took = time.monotonic() - start
    if not result.ok:
        print("Aborted or failed:", result.error.message)

    assert took < 0.1
    accept_aborted(result, capsys.readouterr().out, controller.signal)


def test_e22_branded_values() -> None:
    ae_title = create_ae_title("MY_SCP")
    port = create_port(4242)
    tag = create_dicom_tag("00100010")
    path = create_dicom_tag_path("(0010,0010)")

    assert (ae_title, port, tag, path) == ("MY_SCP", 4242, "00100010", "(0010,0010)")
    makers = (create_ae_title, create_port, create_dicom_tag, create_dicom_tag_path)
    brands = [get_type_hints(make)["return"] for make in makers]
    assert brands == [AETitle, Port, DicomTag, DicomTagPath]
    assert [brand.__supertype__ for brand in brands] == [str, int, str, str]


@pytest.mark.parametrize("user_input", ["MY_SCP", "PACS@01", "x" * 16])
def test_e23_a_title_of_a_user_that_is_valid(user_input: str, capsys: Printed) -> None:
    ae_result = parse_ae_title(user_input)
    if ae_result.ok:
        print("Valid AE Title:", ae_result.value)
    else:
        print("Invalid AE Title:", ae_result.error.message)

    assert capsys.readouterr().out == f"Valid AE Title: {user_input}\n"


@pytest.mark.parametrize("user_input", ["", "x" * 17, "A\\B", "   ", "A\nB", None, 104])
def test_e23_a_title_of_a_user_that_is_not(user_input: object) -> None:
    ae_result = parse_ae_title(user_input)

    assert isinstance(ae_result, Err)
    assert ae_result.error.message.startswith("Invalid AE Title")


def test_e23_a_port_of_a_user(capsys: Printed) -> None:
    port_result = parse_port(4242)
    if port_result.ok:
        print("Valid port:", port_result.value)

    assert capsys.readouterr().out == "Valid port: 4242\n"
    for refused in (0, 65536, -1, 1.5, "104", True, None):
        failure = parse_port(refused)
        assert isinstance(failure, Err)
        assert failure.error.message.startswith("Invalid port")


def test_e24_narrowing(sample: Sample, capsys: Printed) -> None:
    result = dcm2json(sample.path)
    if result.ok:
        print("Conversion source:", result.value.source)
        print("Tags:", len(result.value.data))
    else:
        print("Conversion failed:", result.error.message)

    accept_source(capsys.readouterr().out, sample)


def anonymize_file(input_path: str) -> None:
    json_result = dcm2json(input_path)
    if not json_result.ok:
        print("Read failed:", json_result.error.message)
        return
    ds_result = DicomDataset.from_json(json_result.value.data)
    if not ds_result.ok:
        print("Parse failed:", ds_result.error.message)
        return
    print(f"Anonymizing patient: {ds_result.value.patient_name}")
    mod_result = dcmodify(
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
    anonymize_file(str(copy))
    printed = capsys.readouterr().out
    anonymize_file(str(missing))

    name = sample.text("PatientName")
    accept_walk_through(copy, printed, capsys.readouterr().out, name)


def test_e26_collecting_errors(
    sample: Sample, not_dicom: Path, missing: Path, capsys: Printed
) -> None:
    errors: list[str] = []
    for path in (sample.path, not_dicom, missing):
        result = dcmftest(path)
        if not result.ok:
            errors.append(f"{path}: {result.error.message}")
        elif not result.value.is_dicom:
            errors.append(f"{path}: not a valid DICOM file")
    for msg in errors:
        print(f"  - {msg}")

    accept_collected_errors(capsys.readouterr().out, not_dicom, missing)


_IMPORTED = """
    find_dcmtk_path ok err assert_unreachable Result
    create_ae_title create_port create_dicom_tag create_dicom_tag_path
    parse_ae_title parse_port parse_dicom_tag AETitle Port DicomTag DicomTagPath
    dcm2json dcmdump dcmconv dcmodify dcmftest img2dcm dcmj2pnm pdf2dcm
    echoscu storescu findscu movescu getscu dsrdump dsr2xml TransferSyntax QueryModel
    DicomDataset ChangeSet DicomFile Dcmrecv StoreSCP DcmprsCP Dcmpsrcv
    lookup_tag lookup_tag_by_keyword VR sop_class_name_from_uid
"""
IMPORT_REFERENCE = frozenset(_IMPORTED.split())


def named_in_readme(state: str) -> set[str]:
    """The names of the README's table of tools in rows of this state."""
    rows = re.findall(r"^\| (`.+) \| (.+) \|$", README.read_text(), re.MULTILINE)
    return {
        name
        for names, said in rows
        if said.startswith(state)
        for name in re.findall(r"`(\w+)`", names)
    }


def test_e27_the_import_reference_but_for_what_is_to_come() -> None:
    exported = [name for name in IMPORT_REFERENCE if name in dcmtk_native.__all__]
    namespace: dict[str, object] = {}
    exec(f"from dcmtk_native import {', '.join(exported)}", namespace)
    assert namespace.keys() >= set(exported)
    assert IMPORT_REFERENCE - set(exported) == IMPORT_REFERENCE & named_in_readme("to come")


def test_e27_the_readme_tells_the_truth_about_what_is_there() -> None:
    here, to_come = named_in_readme("here"), named_in_readme("to come")
    assert here
    assert to_come
    assert here <= set(dcmtk_native.__all__)
    assert here >= REGISTRY.keys()
    assert not to_come & set(dcmtk_native.__all__)
    assert not any(hasattr(dcmtk_native, name) for name in to_come)


def test_e27_what_can_be_done_with_the_utilities() -> None:
    assert dcmtk_native.ok(1).ok
    assert not dcmtk_native.err("no").ok
    with pytest.raises(AssertionError, match="forgotten"):
        assert_unreachable("forgotten")  # type: ignore[arg-type]
    assert parse_dicom_tag("00100010").ok
    entry = dcmtk_native.lookup_tag("(0010,0010)")
    assert entry is not None
    assert (entry.name, entry.vr) == ("PatientName", dcmtk_native.VR.PN)
    assert dcmtk_native.lookup_tag_by_keyword("PatientName") == "(0010,0010)"
    assert dcmtk_native.sop_class_name_from_uid("1.2.840.10008.1.1") == "Verification"


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_tool_has_a_time_limit_of_30_seconds_and_a_signal(name: str) -> None:
    parameters = inspect.signature(declaration_of(REGISTRY[name]).function).parameters
    assert parameters["timeout_ms"].default == dcmtk_native.DEFAULT_TIMEOUT_MS == 30000
    assert parameters["signal"].default is None


@pytest.mark.parametrize("tool", [dcm2json, dcmdump, dcmconv, dcmodify, dcmtk_native.dcm2xml])
def test_what_is_no_dicom_file_is_called_so(tool: Any, not_dicom: Path, tmp_path: Path) -> None:
    more: dict[str, Any] = {}
    if tool is dcmconv:
        more = {
            "output_path": tmp_path / "out.dcm",
            "transfer_syntax": TransferSyntax.EXPLICIT_LITTLE,
        }
    if tool is dcmodify:
        more = {"modifications": [("PatientName", "x")]}
    result = tool(not_dicom, **more)
    assert isinstance(result, Err)
    assert isinstance(result.error, DcmtkError)
    assert "Not a valid DICOM file" in result.error.message
    assert str(not_dicom) in result.error.message
