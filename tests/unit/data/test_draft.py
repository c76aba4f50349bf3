"""The draft that other tools fill (dcmtk_native._core.data.Draft): elements, nesting, writing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from dcmtk_native._core.data import Dataset, Draft, new_uid
from dcmtk_native._core.runtime import NativeError
from dcmtk_native._runtime.groups import read_options
from dcmtk_native._runtime.groups_write import write_options
from support.samples import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    JPEG_BASELINE,
    Element,
    Encoding,
    Fragments,
    ct_image,
    dataset,
    dicom_file,
)


def written(draft: Draft, **options: Any) -> bytes:
    options = {"write_mode": "dataset", "transfer_syntax": "", **options}
    content = draft.write(None, write_options(**options))
    assert content is not None
    return content


def filled(*texts: tuple[int, str, str]) -> Draft:
    draft = Draft(EXPLICIT_LITTLE)
    for tag, vr, text in texts:
        draft.put_text(tag, vr, text)
    return draft


def kind_of(error: pytest.ExceptionInfo[NativeError]) -> str:
    return str(error.value.args[0])


def test_elements_are_written_in_order_and_the_last_of_a_tag_counts() -> None:
    draft = filled((0x00100020, "LO", "1"), (0x00100010, "PN", "Doe"), (0x00100020, "LO", "2"))
    assert written(draft) == dataset([(0x00100010, "PN", "Doe"), (0x00100020, "LO", "2")])


@pytest.mark.parametrize("tag", [0x00100010, "00100010", "(0010,0010)", "PatientName"])
def test_a_tag_has_many_forms(tag: int | str) -> None:
    draft = Draft(EXPLICIT_LITTLE)
    draft.put_text(tag, "PN", "Doe")
    assert draft.has(tag)
    assert draft.text(tag) == "Doe"
    assert draft.erase(tag)
    assert not draft.erase(tag)
    assert draft.text(tag) is None
    assert written(draft) == b""


def test_numbers_and_bytes_are_little_endian_whatever_is_written() -> None:
    elements: list[Element] = [
        (0x00280009, "AT", [0x00181063]),
        (0x00280010, "US", [512]),
        (0x00289001, "UL", [7]),
        (0x0018602C, "FD", [0.5]),
        (0x7FE00010, "OW", [1, 2]),
    ]
    draft = Draft(EXPLICIT_BIG)
    draft.put_numbers(0x00280009, "AT", [0x00181063])
    draft.put_numbers(0x00280010, "US", [512.0])
    draft.put_numbers(0x00289001, "UL", (7,))
    draft.put_numbers(0x0018602C, "FD", [0.5])
    draft.put_bytes(0x7FE00010, "OW", b"\1\0\2\0")
    assert written(draft) == dataset(sorted(elements), Encoding(big_endian=True))


@pytest.mark.parametrize(
    ("vr", "number"),
    [("US", 65536), ("US", -1), ("SS", 32768), ("UL", 0.5), ("UV", 2**64), ("SV", 2**63),
     ("FL", 1e39), ("LO", 1), ("AT", -1)],
)  # fmt: skip
def test_a_number_that_does_not_fit_is_an_error(vr: str, number: float) -> None:
    with pytest.raises(NativeError) as error:
        Draft(EXPLICIT_LITTLE).put_numbers(0x00280010, vr, [number])
    assert kind_of(error) == "operation"


def test_bytes_of_any_kind_and_size_are_taken_as_they_are_then() -> None:
    changing = bytearray(b"x" * 5000)
    draft = Draft(EXPLICIT_LITTLE)
    draft.put_bytes(0x00420011, "OB", changing)
    draft.put_bytes(0x00720067, "OW", memoryview(b"ab"))
    draft.put_bytes(0x7FE00010, "OB", b"y" * 5001)
    changing[:] = bytes(5000)
    expected: list[Element] = [
        (0x00420011, "OB", b"x" * 5000),
        (0x00720067, "OW", b"ab"),
        (0x7FE00010, "OB", b"y" * 5001),
    ]
    assert written(draft) == dataset(expected)


def test_text_is_encoded_as_declared_around_it() -> None:
    draft = filled((0x00080005, "CS", "ISO_IR 192"), (0x00100010, "PN", "Jürgen"))
    draft.begin_sequence(0x00081140)
    draft.begin_item()
    draft.put_text(0x00100010, "PN", "Ünal")
    draft.end_item()
    draft.begin_item()
    draft.put_text(0x00080005, "CS", "ISO_IR 100")
    draft.put_text(0x00100010, "PN", "Ünal")
    assert draft.text(0x00100010) == "Ünal"
    draft.end_item()
    draft.end_sequence()
    latin: list[Element] = [(0x00080005, "CS", "ISO_IR 100"), (0x00100010, "PN", b"\xdcnal")]
    items: list[Any] = [[(0x00100010, "PN", "Ünal".encode())], latin]
    expected: list[Element] = [
        (0x00080005, "CS", "ISO_IR 192"),
        (0x00081140, "SQ", items),
        (0x00100010, "PN", "Jürgen".encode()),
    ]
    assert written(draft) == dataset(expected)


def test_text_that_no_set_was_declared_for_is_an_error() -> None:
    with pytest.raises(NativeError) as error:
        filled((0x00100010, "PN", "Jürgen"))
    assert kind_of(error) == "operation"


def test_text_that_breaks_the_rules_of_its_vr_is_kept() -> None:
    long: list[Element] = [(0x00080050, "SH", "x" * 30), (0x00100040, "CS", "male")]
    assert written(filled(*long)) == dataset(long)


def test_fragments_need_an_encapsulated_syntax() -> None:
    expected: list[Element] = [(0x7FE00010, "OB", Fragments([b"", b"\xff\xd8\xff\xd9", b"odd"]))]
    draft = Draft(JPEG_BASELINE)
    draft.put_fragments(0x7FE00010, "OB", [b"", b"\xff\xd8\xff\xd9", bytearray(b"odd\0")])
    assert written(draft) == dataset(
        [(0x7FE00010, "OB", Fragments([*expected[0][2].parts[:2], b"odd\0"]))]
    )
    native = Draft(EXPLICIT_LITTLE)
    native.put_fragments(0x7FE00010, "OB", [b"", b"ab"])
    with pytest.raises(NativeError) as error:
        written(native)
    assert kind_of(error) == "codec"


def test_calls_that_do_not_match_are_errors() -> None:
    draft = Draft(EXPLICIT_LITTLE)
    for call in (draft.begin_item, draft.end_item, draft.end_sequence):
        with pytest.raises(NativeError):
            call()
    draft.begin_sequence(0x00081140)
    with pytest.raises(NativeError):
        draft.put_text(0x00100010, "PN", "Doe")  # between items
    with pytest.raises(NativeError):
        draft.begin_sequence(0x00081140)
    with pytest.raises(NativeError):
        written(draft)  # not ended


def test_nesting_has_a_limit() -> None:
    draft = Draft(EXPLICIT_LITTLE)
    for _ in range(64):
        draft.begin_sequence(0x0040A730)
        draft.begin_item()
    with pytest.raises(NativeError) as error:
        draft.begin_sequence(0x0040A730)
    assert kind_of(error) == "limit"
    for _ in range(64):
        draft.end_item()
        draft.end_sequence()
    assert written(draft).count(b"\xfe\xff\x00\xe0") == 64


def test_meta_elements_are_kept_made_up_or_left_out() -> None:
    draft = filled((0x00020003, "UI", "9.9"), (0x00020016, "AE", "ME"), (0x00080018, "UI", "1.2"))
    kept = written(draft, write_mode="file")
    assert b"9.9" in kept
    assert b"ME" in kept
    updated = written(draft, write_mode="update-meta")
    assert b"9.9" not in updated
    assert b"ME" in updated
    assert b"ME" not in written(draft, write_mode="new-meta")
    assert written(draft) == dataset([(0x00080018, "UI", "1.2")])


def test_a_draft_is_written_to_a_file_and_again(tmp_path: Path) -> None:
    draft = filled((0x00080018, "UI", "1.2"))
    options = write_options(write_mode="file", transfer_syntax="")
    path = tmp_path / "out.dcm"
    assert draft.write(str(path), options) is None
    assert path.read_bytes() == draft.write(None, options)


@pytest.mark.parametrize("vr", ["", "P", "XX", "PNN", "pn"])
def test_a_vr_that_is_none_is_an_error(vr: str) -> None:
    with pytest.raises(NativeError):
        Draft(EXPLICIT_LITTLE).put_text(0x00100010, vr, "x")


def test_new_uids_are_never_equal() -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.extend(new_uid() for _ in range(500)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2000


@pytest.mark.parametrize("root", ["1.2.3", "1.2.826.0.1.3680043.8.498", "1.2.", "1." + "2" * 41])
def test_new_uids_begin_with_the_root(root: str) -> None:
    for _ in range(50):
        uid = new_uid(root)
        assert uid.startswith(root.rstrip(".") + ".")
        assert len(uid) <= 64
        last = uid.rpartition(".")[2]
        assert last.isdigit()
        assert not last.startswith("0")


@pytest.mark.parametrize("root", ["1..2", "x", "1.02", "1." + "2" * 42])
def test_a_root_that_is_none_or_too_long_is_refused(root: str) -> None:
    with pytest.raises(NativeError) as error:
        new_uid(root)
    assert kind_of(error) == "options"


def test_a_held_value_is_written_from_where_it_is() -> None:
    pixels = bytearray(b"\1\2\3\4")
    draft = Draft(EXPLICIT_LITTLE)
    draft.put_held(0x7FE00010, "OW", pixels)
    pixels[0] = 9
    assert written(draft) == dataset([(0x7FE00010, "OW", b"\x09\2\3\4")])
    with pytest.raises(BufferError):
        pixels.append(5)
    del draft
    pixels.append(5)


def test_a_held_value_is_bytes_in_one_piece() -> None:
    draft = Draft(EXPLICIT_LITTLE)
    with pytest.raises(BufferError):
        draft.put_held(0x7FE00010, "OW", memoryview(bytes(8))[::2])
    with pytest.raises(TypeError):
        draft.put_held(0x7FE00010, "OW", "text")  # type: ignore[arg-type]


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE])
def test_a_data_set_that_was_read_becomes_a_draft(syntax: str) -> None:
    item: list[Element] = [(0x00280010, "US", [7]), (0x00283006, "OW", b"\1\2\3\4")]
    stored = ct_image((0x00283000, "SQ", [item, item]))
    read = Dataset.read(
        dicom_file(stored, transfer_syntax=syntax), read_options("auto", "auto", None)
    )
    draft = read.draft()
    draft.put_text(0x00100010, "PN", "Other^Name")
    assert draft.erase(0x7FE00010)
    expected = ct_image(*stored, (0x00100010, "PN", "Other^Name"))[:-1]
    encoding = Encoding(explicit=syntax != IMPLICIT_LITTLE, big_endian=syntax == EXPLICIT_BIG)
    # The words of `stored` are bytes in the order of the file, and stay so.
    assert written(draft) == dataset(expected, encoding)
    assert read.value([0x00100010]) == b"Doe^John"


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE])
def test_value_bytes_are_little_endian_wherever_they_stand(syntax: str) -> None:
    item: list[Element] = [(0x00283002, "US", [2, 258, 8]), (0x00283006, "OW", [0x0102, 0x0304])]
    content = dicom_file(ct_image((0x00283000, "SQ", [[], item])), transfer_syntax=syntax)
    read = Dataset.read(content, read_options("auto", "auto", None))
    assert read.value([0x00280010]) == b"\4\0"
    assert read.value([0x00283000, 1, 0x00283002]) == b"\2\0\2\1\10\0"
    assert read.value([0x00283000, 1, 0x00283006]) == b"\2\1\4\3"
    assert read.value([0x00020010]) == (syntax + "\0" * (len(syntax) % 2)).encode()
    for nowhere in (
        [0x00283000],
        [0x00283000, 0, 0x00283006],
        [0x00283000, 2, 0x00283006],
        [0x00283000, 0xFFFFFFFF, 0x00283006],
        [0x00283010, 0, 0x00283006],
        [0x00280010, 0, 0x00283006],
        [0x00283000, 1, 0x00283006, 0, 0x00280010],
        [0x00990001],
    ):
        assert read.value(nowhere) is None
    for wrong in ([], [0x00283000, 1]):
        with pytest.raises(ValueError, match="a path is tags"):
            read.value(wrong)


def test_compressed_pixel_data_have_no_one_value() -> None:
    content = dicom_file(
        ct_image((0x7FE00010, "OB", Fragments([b"", b"\1\2"]))), transfer_syntax=JPEG_BASELINE
    )
    assert Dataset.read(content, read_options("auto", "auto", None)).value([0x7FE00010]) is None
