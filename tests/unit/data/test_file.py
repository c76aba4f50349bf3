"""DicomFile: opening, changing in place, writing copies."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from dcmtk_native._runtime.abort import AbortController
from dcmtk_native.data.changes import ChangeSet
from dcmtk_native.data.dataset import DicomDataset
from dcmtk_native.data.file import DicomFile
from dcmtk_native.errors import (
    DicomFileError,
    DicomFormatError,
    LimitExceededError,
    OperationAbortedError,
    OptionsError,
    ToolError,
)
from dcmtk_native.limits import Limits
from dcmtk_native.result import Err, Ok
from support.samples import EXPLICIT_LITTLE, Element, ct_image, dicom_file

NESTED: Element = (0x0040A730, "SQ", [[(0x00080104, "LO", "first")], []])
PRIVATE: tuple[Element, ...] = ((0x00090010, "LO", "OWNER"), (0x00091001, "LO", "secret"))
LONG: Element = (0x00204000, "LT", "x" * 40_000)

ANONYMOUS = (
    ChangeSet.empty()
    .set_tag("(0010,0010)", "ANONYMOUS")
    .set_tag("(0010,0040)", "O")
    .set_tag("(0040,A730)[0].(0008,0104)", "changed")
    .erase_tag("(0010,0020)")
    .erase_private_tags()
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image(NESTED, *PRIVATE, LONG)))
    return path


@pytest.fixture
def file(path: Path) -> DicomFile:
    return DicomFile.open(path).unwrap()


def assert_anonymous(path: str | Path) -> None:
    dataset = DicomFile.open(path).unwrap().dataset
    assert dataset.patient_name == "ANONYMOUS"
    assert dataset.get_string("PatientSex") == "O"
    assert dataset.find_values("(0040,A730)[*].(0008,0104)") == ("changed",)
    assert not dataset.has_tag("PatientID")
    assert not any(int(key[:4], 16) % 2 for key in dataset)
    assert dataset.modality == "CT"


# ---- open ----


@pytest.mark.parametrize("kind", [str, Path])
def test_open_gives_the_data_set_with_meta_and_without_binary_values(
    path: Path, kind: Callable[[Path], str | Path]
) -> None:
    dataset = DicomFile.open(kind(path)).unwrap().dataset
    assert dataset.patient_name == "Doe^John"
    assert dataset.transfer_syntax_uid == EXPLICIT_LITTLE
    assert dataset.has_tag("7FE00010")
    assert dataset["7FE00010"] == {"vr": "OW"}


def test_the_path_is_normalised(path: Path) -> None:
    winding = f"{path.parent}/./sub/../{path.name}"
    (path.parent / "sub").mkdir()
    assert DicomFile.open(winding).unwrap().file_path == str(path)


def test_what_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no DICOM file")
    assert isinstance(DicomFile.open("").error, OptionsError)
    assert isinstance(DicomFile.open(tmp_path / "missing").error, DicomFileError)
    assert isinstance(DicomFile.open(text).error, DicomFormatError)
    assert "Not a valid DICOM file" in DicomFile.open(tmp_path).error.message


def test_limits_and_signals_hold(path: Path) -> None:
    limited = DicomFile.open(path, limits=Limits(max_elements=3))
    assert isinstance(limited.error, LimitExceededError)
    controller = AbortController()
    controller.abort()
    aborted = DicomFile.open(path, signal=controller.signal)
    assert isinstance(aborted.error, OperationAbortedError)


def test_many_files_can_be_open_at_a_time(path: Path) -> None:
    soft = len(list(Path("/proc/self/fd").iterdir()))
    files = [DicomFile.open(path).unwrap() for _ in range(50)]
    assert len(list(Path("/proc/self/fd").iterdir())) <= soft + 1
    assert all(len(file.dataset.get_string("ImageComments")) == 40_000 for file in files)


# ---- new objects ----


def test_with_changes_and_with_file_path_leave_the_object_as_it_is(file: DicomFile) -> None:
    changed = file.with_changes(ANONYMOUS)
    assert changed.changes == ANONYMOUS
    assert changed.with_changes(ChangeSet.empty()).changes == ANONYMOUS
    assert file.changes.is_empty
    assert changed.dataset is file.dataset
    moved = changed.with_file_path("else/../where.dcm")
    assert moved.file_path == "where.dcm"
    assert moved.changes == ANONYMOUS
    assert moved.dataset is file.dataset
    with pytest.raises(AttributeError):
        file.changes = ANONYMOUS  # type: ignore[misc]


def test_later_changes_win(file: DicomFile) -> None:
    first = file.with_changes(ChangeSet.empty().set_tag("(0010,0010)", "A"))
    second = first.with_changes(ChangeSet.empty().set_tag("(0010,0010)", "B"))
    assert second.changes.modifications == {"(0010,0010)": "B"}


def test_repr_names_the_file_but_no_patient(file: DicomFile) -> None:
    shown = repr(file.with_changes(ANONYMOUS))
    assert "ct.dcm" in shown
    assert "Doe" not in shown
    assert "ANONYMOUS" not in shown


def test_a_file_can_be_pickled(file: DicomFile, path: Path) -> None:
    sent = pickle.loads(pickle.dumps(file.with_changes(ANONYMOUS)))
    assert sent.file_path == file.file_path
    assert sent.changes == ANONYMOUS
    assert sent.dataset == file.dataset
    assert sent.apply_changes() == Ok(None)
    assert_anonymous(path)


# ---- apply_changes ----


def test_changes_are_applied_in_place(file: DicomFile, path: Path) -> None:
    path.chmod(0o640)
    assert file.with_changes(ANONYMOUS).apply_changes() == Ok(None)
    assert_anonymous(path)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o640


def test_without_changes_the_file_is_not_touched(file: DicomFile, path: Path) -> None:
    before = path.stat()
    assert file.apply_changes() == Ok(None)
    assert path.stat() == before or path.stat().st_mtime_ns == before.st_mtime_ns
    path.unlink()
    assert file.apply_changes() == Ok(None)


def test_the_data_set_stays_what_it_was(file: DicomFile) -> None:
    assert file.with_changes(ANONYMOUS).apply_changes().ok
    assert file.dataset.patient_name == "Doe^John"
    assert len(file.dataset.get_string("ImageComments")) == 40_000


def test_erasing_what_is_not_there_is_no_error(file: DicomFile, path: Path) -> None:
    changes = ChangeSet.empty().erase_tag("(0010,2160)").erase_tag("(0040,A730)[7].(0008,0104)")
    before = DicomFile.open(path).unwrap().dataset
    assert file.with_changes(changes).apply_changes() == Ok(None)
    assert DicomFile.open(path).unwrap().dataset.patient_name == before.patient_name


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (ChangeSet.empty().set_tag("no path", "x"), OptionsError),
        (ChangeSet.empty().erase_tag("(0010,0010)."), OptionsError),
        (ChangeSet.empty().set_tag("(0028,0010)", "no number"), ToolError),
        (ChangeSet.empty().set_tag("(0010,0010)", "\ud800"), OptionsError),
    ],
)
def test_a_failure_leaves_the_file_as_it_was(
    file: DicomFile, path: Path, changes: ChangeSet, error: type[Exception]
) -> None:
    content = path.read_bytes()
    changed = file.with_changes(changes)
    output = path.parent / "out.dcm"
    for result in (changed.apply_changes(), changed.write_as(output)):
        assert isinstance(result, Err)
        assert isinstance(result.error, error)
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_missing_file_cannot_be_changed(file: DicomFile, path: Path) -> None:
    path.unlink()
    for result in (
        file.with_changes(ANONYMOUS).apply_changes(),
        file.with_changes(ANONYMOUS).write_as(path.parent / "out.dcm"),
        file.write_as(path.parent / "out.dcm"),
    ):
        assert isinstance(result, Err)
        assert isinstance(result.error, DicomFileError)
    assert list(path.parent.iterdir()) == []


# ---- write_as ----


def test_a_copy_has_the_changes_and_the_file_has_not(file: DicomFile, path: Path) -> None:
    content = path.read_bytes()
    output = path.parent / "anonymous.dcm"
    output.write_text("an older file under that name")
    assert file.with_changes(ANONYMOUS).write_as(output) == Ok(str(output))
    assert_anonymous(output)
    assert path.read_bytes() == content
    assert {entry.name for entry in path.parent.iterdir()} == {path.name, output.name}


@pytest.mark.parametrize("size", [0, 100_000])
def test_without_changes_the_copy_is_exact(tmp_path: Path, size: int) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(dicom_file(ct_image((0x7FE00010, "OW", bytes(size)))))
    output = tmp_path / "copy.dcm"
    assert DicomFile.open(path).unwrap().write_as(output) == Ok(str(output))
    assert output.read_bytes() == path.read_bytes()


def test_the_file_itself_is_no_copy(file: DicomFile, path: Path) -> None:
    link = path.parent / "link.dcm"
    link.symlink_to(path)
    content = path.read_bytes()
    for output in (path, link, f"{path.parent}/../{path.parent.name}/{path.name}"):
        result = file.with_changes(ANONYMOUS).write_as(output)
        assert isinstance(result, Err)
        assert isinstance(result.error, OptionsError)
    assert path.read_bytes() == content


def test_a_copy_into_nowhere_is_an_error(file: DicomFile, path: Path) -> None:
    for changed in (file, file.with_changes(ANONYMOUS)):
        result = changed.write_as(path.parent / "no" / "such" / "folder.dcm")
        assert isinstance(result, Err)
        assert isinstance(result.error, DicomFileError)


# ---- the file ----


def test_size_and_deletion(file: DicomFile, path: Path) -> None:
    assert file.file_size() == Ok(path.stat().st_size)
    assert file.unlink() == Ok(None)
    assert not path.exists()
    for result in (file.file_size(), file.unlink()):
        assert isinstance(result, Err)
        assert isinstance(result.error, DicomFileError)
        assert str(path) in result.error.message
        assert result.error.errno == 2


def test_a_data_set_of_another_origin_can_be_given_a_path(path: Path) -> None:
    dataset = DicomDataset.from_json({}).unwrap()
    file = DicomFile(DicomFile.open(path).unwrap().file_path, dataset)
    assert file.with_changes(ANONYMOUS).apply_changes() == Ok(None)
    assert_anonymous(path)
