"""Tag paths are read and written as the grammar says (dcmtk_native.data.tags)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.constants import MAX_TRAVERSAL_DEPTH
from dcmtk_native.data import tags
from dcmtk_native.data.tags import (
    TagSegment,
    parse_tag,
    segments_to_modify_path,
    segments_to_string,
    tag_path_to_segments,
)
from dcmtk_native.types import DicomTag, create_dicom_tag

A = create_dicom_tag("(0040,A730)")
B = create_dicom_tag("(0008,0100)")


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("(0010,0010)", (TagSegment(create_dicom_tag("(0010,0010)")),)),
        ("(7fE0,aBcD)", (TagSegment(create_dicom_tag("(7fE0,aBcD)")),)),
        ("(0040,A730)[0].(0008,0100)", (TagSegment(A, 0), TagSegment(B))),
        ("(0040,A730)[12].(0008,0100)[3]", (TagSegment(A, 12), TagSegment(B, 3))),
        ("(0040,A730)[*].(0008,0100)", (TagSegment(A, None, True), TagSegment(B))),
        ("(0040,A730).(0040,A730).(0008,0100)", (TagSegment(A), TagSegment(A), TagSegment(B))),
    ],
)
def test_a_path_is_read_and_written(path: str, segments: tuple[TagSegment, ...]) -> None:
    assert tag_path_to_segments(path) == segments
    assert segments_to_string(segments) == path
    assert segments_to_modify_path(segments) == path


def test_no_segment_is_an_empty_path() -> None:
    assert segments_to_string(()) == ""
    assert segments_to_modify_path(()) == ""


def test_a_segment_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        TagSegment(A).index = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "path",
    [
        "00100010",
        "(0010,0010",
        "(0010 ,0010)",
        "(0010,001G)",
        " (0010,0010)",
        "(0010,0010) ",
        "(0010,0010)\n",
        "(0040,A730)[]",
        "(0040,A730)[-1]",
        "(0040,A730)[1",
        "(0040,A730)[a]",
        "(0040,A730)[**]",
        "(0040,A730)[\u0663]",
        "(0040,A730)[0][1]",
        "PatientName",
        ".(0010,0010)",
    ],
)
def test_a_malformed_path_is_refused_with_position_and_rest(path: str) -> None:
    with pytest.raises(ValueError, match="position 0: ") as caught:
        tag_path_to_segments(path)
    assert repr(path) in str(caught.value)


@pytest.mark.parametrize("join", ["", "..", "/", " . "])
def test_segments_are_joined_by_one_dot(join: str) -> None:
    with pytest.raises(ValueError, match="bad segment"):
        tag_path_to_segments(f"(0040,A730)[0]{join}(0008,0100)")


def test_the_position_of_a_later_segment_is_told() -> None:
    with pytest.raises(ValueError, match=r"position 15: '\(0008,010'"):
        tag_path_to_segments("(0040,A730)[0].(0008,010")


def test_an_empty_path_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        tag_path_to_segments("")


def test_a_trailing_dot_is_refused() -> None:
    with pytest.raises(ValueError, match="ends with a dot"):
        tag_path_to_segments("(0010,0010).")


def test_a_path_has_at_most_the_traversal_depth() -> None:
    deepest = ".".join(["(0040,A730)[0]"] * MAX_TRAVERSAL_DEPTH)
    assert len(tag_path_to_segments(deepest)) == MAX_TRAVERSAL_DEPTH
    with pytest.raises(ValueError, match="more than 50 segments"):
        tag_path_to_segments(deepest + ".(0040,A730)")


def test_a_huge_path_is_refused_at_once_with_a_short_message() -> None:
    for path in ("(0040,A730)." * 1_000_000, "x" * 10_000_000, "(0040,A730)[" + "9" * 10_000_000):
        with pytest.raises(ValueError, match="tag path") as caught:
            tag_path_to_segments(path)
        assert len(str(caught.value)) < 200


@given(
    st.lists(
        st.builds(
            TagSegment,
            st.integers(0, 0xFFFF).map(
                lambda group: DicomTag(f"({group:04x},{group ^ 0xABCD:04X})")
            ),
            st.none() | st.integers(0, 2**32),
        ),
        min_size=1,
        max_size=MAX_TRAVERSAL_DEPTH,
    )
)
def test_writing_and_reading_are_inverse(segments: list[TagSegment]) -> None:
    assert tag_path_to_segments(segments_to_string(segments)) == tuple(segments)


@given(st.text("(),[]*.0123456789abcdefABCDEF", max_size=40))
def test_whatever_is_accepted_is_written_back(text: str) -> None:
    try:
        segments = tag_path_to_segments(text)
    except ValueError:
        return
    assert tag_path_to_segments(segments_to_string(segments)) == segments


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("(0010,0010)", "00100010"),
        ("(7fe0,00aB)", "7FE000AB"),
        ("00100010", "00100010"),
        ("7fe000aB", "7FE000AB"),
    ],
)
def test_a_tag_becomes_a_key(text: str, key: str) -> None:
    assert parse_tag(text) == key
    assert parse_tag(text) == key


@pytest.mark.parametrize(
    "text",
    ["", "0010,0010", "(00100010)", "0010001", "001000100", "0010001G", "00100010\n", "PatientID"],
)
def test_a_bad_tag_has_no_key(text: str) -> None:
    assert parse_tag(text) is None


def test_what_is_no_text_has_no_key() -> None:
    assert parse_tag(0x00100010) is None  # type: ignore[arg-type]
    assert parse_tag(None) is None  # type: ignore[arg-type]


def test_the_memory_of_keys_is_bounded() -> None:
    known = tags._known_keys  # pyright: ignore[reportPrivateUsage]
    for number in range(3 * 8192):
        parse_tag(f"{number:08x}")
    parse_tag("x" * 1_000_000)
    assert len(known) <= 8192
    assert max(map(len, known)) == 8
