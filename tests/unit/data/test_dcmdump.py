"""dcmdump: what the conformance tests do not see, because the program has no such thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native import (
    DicomFileError,
    DicomFormatError,
    Err,
    LimitExceededError,
    Limits,
    OptionsError,
    dcmdump,
)
from support.samples import ct_image, dicom_file

FILE = dicom_file(
    ct_image(
        (0x00090010, "LO", "TEST"),
        (0x00091001, "LO", "x" * 100),
        (0x00100010, "PN", "Müller^Jürgen"),
    )
)


def lines(content: bytes | Path = FILE, **options: object) -> list[str]:
    return dcmdump(content, **options).unwrap().text.splitlines()  # type: ignore[arg-type]


def test_text_is_decoded_by_the_character_set_of_the_file() -> None:
    assert lines(search_tag="PatientName")[0].startswith("(0010,0010) PN [Müller^Jürgen]")


def test_a_short_line_has_no_comment() -> None:
    assert lines(search_tag="PatientID", format="short") == ["(0010,0020) LO [ID-001]"]


def test_long_values_are_cut_in_the_standard_format_only() -> None:
    cut = lines(search_tag="0009,1001")
    assert "..." in cut[0]
    for whole in ({"format": "long"}, {"all_tags": True}, {"print_values": True}):
        assert f"[{'x' * 100}]" in lines(search_tag="0009,1001", **whole)[0]


@pytest.mark.parametrize("tag", ["(0010,0020)", "0010,0020", "00100020", "PatientID"])
def test_a_tag_has_four_forms(tag: str) -> None:
    assert len(lines(search_tag=tag)) == 1


def test_several_tags_are_shown_in_the_order_of_the_search() -> None:
    found = lines(search_tag=["PatientID", "Modality"])
    assert [line[:11] for line in found] == ["(0010,0020)", "(0008,0060)"]


def test_a_search_without_a_match_is_an_empty_text() -> None:
    assert dcmdump(FILE, search_tag="(0018,9999)").unwrap().text == ""


@pytest.mark.parametrize("tag", ["NoSuchKeyword", "0010,002", "", []])
def test_what_is_no_tag_is_an_options_error(tag: object) -> None:
    result = dcmdump(FILE, search_tag=tag)  # type: ignore[arg-type]
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)
    assert "search_tag" in result.error.message


def test_of_several_files_the_readable_ones_are_shown_and_the_others_listed(
    ct_small: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(FILE[:400])
    result = dcmdump([ct_small, broken, tmp_path / "missing.dcm"]).unwrap()
    assert "CompressedSamples^CT1" in result.text
    assert [path for path, _ in result.failures] == [str(broken), str(tmp_path / "missing.dcm")]
    assert all(reason for _, reason in result.failures)


def test_of_several_files_none_readable_is_an_error(tmp_path: Path) -> None:
    result = dcmdump([tmp_path / "a.dcm", tmp_path / "b.dcm"])
    assert isinstance(result, Err)
    assert isinstance(result.error, DicomFileError)


def test_a_broken_file_is_shown_as_far_as_it_goes_when_errors_are_ignored() -> None:
    assert isinstance(dcmdump(FILE[:-20]).error, DicomFormatError)  # type: ignore[union-attr]
    result = dcmdump(FILE[:-20], ignore_errors=True).unwrap()
    assert "Müller" in result.text
    assert len(result.failures) == 1


def test_progress_is_told_before_each_file(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.dcm", "b.dcm")]
    for path in paths:
        path.write_bytes(FILE)
    seen: list[tuple[int, int, str]] = []
    dcmdump(paths, on_progress=lambda *call: seen.append(call)).unwrap()
    assert seen == [(0, 2, str(paths[0])), (1, 2, str(paths[1]))]


def test_folders_are_gone_through_when_asked(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("a.dcm", "b.txt", "inner/c.dcm"):
        (tmp_path / name).write_bytes(FILE)

    def count(**options: object) -> int:
        found = lines(tmp_path, scan_directories=True, search_tag="PatientID", **options)
        return len([line for line in found if line.startswith("(0010,0020)")])

    assert count() == 2
    assert count(recurse=True) == 3
    assert count(recurse=True, scan_pattern="*.dcm") == 2


def test_a_folder_is_no_file() -> None:
    assert isinstance(dcmdump(Path("/")).error, DicomFileError)  # type: ignore[union-attr]


def test_pixel_data_are_written_where_asked(tmp_path: Path) -> None:
    source = tmp_path / "image.dcm"
    source.write_bytes(FILE)
    folder = tmp_path / "pixels"
    folder.mkdir()
    lines(source, write_pixel=folder)
    (raw,) = folder.iterdir()
    assert raw.read_bytes() == bytes(range(48))


def test_limits_are_kept() -> None:
    result = dcmdump(FILE, limits=Limits(max_elements=5))
    assert isinstance(result, Err)
    assert isinstance(result.error, LimitExceededError)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "wide"},
        {"quote": "html"},
        {"max_read_length": 3},
        {"max_read_length": 8},  # only with load_all=False
        {"read_mode": "x"},
    ],
)
def test_a_value_out_of_range_is_an_options_error(options: dict[str, object]) -> None:
    result = dcmdump(FILE, **options)  # type: ignore[arg-type]
    assert isinstance(result, Err)
    assert isinstance(result.error, OptionsError)
    assert next(iter(options)) in result.error.message
