"""Text in every character set of DICOM becomes the same str as by Python's codecs, and comes back.

The references are Python's codecs (whole repertoires), the examples of PS3.5 annexes H to K, and
pydicom's sample files.
"""

from __future__ import annotations

from collections.abc import Iterator

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_charset_files

from support.charsets import (
    EVERY_SET,
    REPLACEMENT,
    SINGLE_BYTE,
    STAND_ALONE,
    decode,
    encode,
    python_character,
    repertoire,
    split,
)

H31 = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
H32 = (
    b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J"
    b"=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J"
)
I2 = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"


def without_delimiters(text: str) -> str:
    """Return the text without the characters that end a code extension."""
    return text.translate(dict.fromkeys(b"\t\n\f\r"))


def cells() -> Iterator[tuple[int, int]]:
    """Yield the byte pairs of a set of 94 x 94 characters, in G0."""
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            yield row, cell


# --- single-byte sets ---------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["ISO_IR", "ISO 2022 IR"])
@pytest.mark.parametrize(("number", "codec"), [(n, c) for n, (c, _) in SINGLE_BYTE.items()])
def test_every_byte_of_a_single_byte_set_is_what_python_decodes(
    number: str, codec: str, prefix: str
) -> None:
    for byte in range(256):
        expected = bytes([byte]).decode(codec, errors="replace")
        assert decode(bytes([byte]), f"{prefix} {number}") == expected, hex(byte)


@pytest.mark.parametrize("number", SINGLE_BYTE)
def test_an_escape_sequence_puts_a_single_byte_set_into_g1(number: str) -> None:
    codec, final = SINGLE_BYTE[number]
    upper = bytes(range(0xA1, 0xE0))
    expected = upper.decode(codec, errors="replace")
    encoded = b"a\x1b" + final + b"b" + upper
    assert decode(encoded, f"\\ISO 2022 IR {number}") == "ab" + expected


@pytest.mark.parametrize("character_set", EVERY_SET)
def test_ascii_without_escape_is_itself_in_every_set(character_set: str) -> None:
    plain = bytes(byte for byte in range(0x80) if byte != 0x1B) * 2
    assert decode(plain, character_set) == plain.decode("ascii")
    assert decode(plain, character_set, person_name=True) == plain.decode("ascii")


# --- multi-byte sets ----------------------------------------------------------------------------


def test_every_character_of_jis_x_0208_is_what_python_decodes() -> None:
    for row, cell in cells():
        got = decode(b"\x1b$B" + bytes([row, cell]) + b"\x1b(B", "\\ISO 2022 IR 87")
        expected = python_character("iso2022_jp", b"\x1b$B" + bytes([row, cell]))
        if expected == REPLACEMENT:  # a cell of NEC's, or a free one
            lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
            trail = cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell > 0x5F)
            expected = python_character("cp932", bytes([lead, trail]))
        assert got == expected, (row, cell)


def test_every_character_of_jis_x_0212_is_what_python_decodes() -> None:
    for row, cell in cells():
        encoded = b"\x1b$(D" + bytes([row, cell])
        expected = python_character("iso2022_jp_2", encoded)
        assert decode(encoded + b"\x1b(B", "\\ISO 2022 IR 159") == expected, (row, cell)


def test_every_character_of_ks_x_1001_is_what_python_decodes() -> None:
    text = without_delimiters(repertoire("euc_kr"))
    assert len(text) > 11172  # all Hangul syllables, the rare ones spelled in eight bytes
    assert decode(b"\x1b$)C" + text.encode("euc_kr"), "\\ISO 2022 IR 149") == text


def test_every_character_of_gb_2312_is_what_python_decodes() -> None:
    text = without_delimiters(repertoire("gb2312"))
    assert decode(b"\x1b$)A" + text.encode("gb2312"), "\\ISO 2022 IR 58") == text


def test_free_codes_above_ascii_cost_one_replacement_character_each() -> None:
    assert decode(b"\x1b$)C\xc9\xa1\xb0\xa1", "\\ISO 2022 IR 149") == REPLACEMENT + "가"
    assert decode(b"\x1b$)A\xfe\xf0\xb0\xa1", "\\ISO 2022 IR 58") == REPLACEMENT + "啊"
    assert decode(b"\xfe\xfe\xb0\xa1", "GBK") == REPLACEMENT + "啊"


def test_every_character_of_shift_jis_is_what_python_decodes() -> None:
    text = repertoire("shift_jis")
    assert decode(text.encode("shift_jis"), "ISO_IR 13") == text


@pytest.mark.parametrize(("term", "codec"), STAND_ALONE.items())
def test_every_character_of_a_stand_alone_encoding_goes_both_ways(term: str, codec: str) -> None:
    text = repertoire(codec)
    encoded = text.encode(codec)
    assert decode(encoded, term) == text
    assert encode(text, term) == encoded


@pytest.mark.parametrize("codec", ["gb18030", "gbk"])
def test_every_two_byte_code_is_what_python_decodes(codec: str) -> None:
    for lead in range(0x80, 0x100):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            encoded = bytes([lead, trail])
            expected = python_character(codec, encoded)
            if expected != REPLACEMENT:
                assert decode(encoded, codec.upper()) == expected
            else:
                assert REPLACEMENT in decode(encoded, codec.upper())


@pytest.mark.parametrize(
    "encoded",
    [b"\x84\x31\xa5\x30", b"\x8f\x30\x81\x30", b"\xe3\x32\x9a\x36", b"\xfe\x39\xfe\x39"],
)
def test_a_four_byte_code_without_character_is_replaced(encoded: bytes) -> None:
    assert REPLACEMENT in decode(encoded + b"A", "GB18030")
    assert decode(encoded + b"A", "GB18030").endswith("A")


# --- the examples of PS3.5 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("character_set", "encoded", "text"),
    [
        ("\\ISO 2022 IR 87", H31, "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("ISO 2022 IR 13\\ISO 2022 IR 87", H32, "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("\\ISO 2022 IR 149", I2, "Hong^Gildong=洪^吉洞=홍^길동"),
        (
            "ISO_IR 192",
            b"Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1=",
            "Wang^XiaoDong=王^小東=",
        ),
        ("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=", "Wang^XiaoDong=王^小东="),
        (
            "\\ISO 2022 IR 58",
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
            "Zhang^XiaoDong=张^小东=",
        ),
    ],
    ids=["H.3.1", "H.3.2", "I.2", "J.1", "J.3", "K.2"],
)
def test_person_names_of_the_annexes(character_set: str, encoded: bytes, text: str) -> None:
    assert decode(encoded, character_set, person_name=True) == text


@pytest.mark.parametrize(
    ("character_set", "encoded", "text"),
    [
        (
            "\\ISO 2022 IR 149",
            b"\x1b$)CThe 1st line includes \xb1\xe6\xb5\xbf.\r\n"
            b"\x1b$)CThe 2nd line includes \xb1\xe6\xb5\xbf, too.\r\nThe 3rd line",
            "The 1st line includes 길동.\r\nThe 2nd line includes 길동, too.\r\nThe 3rd line",
        ),
        (
            "GB18030",
            b"The first line includes \xd6\xd0\xce\xc4.\r\nThe second \xd6\xd0\xce\xc4, too.\r\n",
            "The first line includes 中文.\r\nThe second 中文, too.\r\n",
        ),
        (
            "\\ISO 2022 IR 58",
            b"1. \x1b$)A\xb5\xda\xd2\xbb\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n"
            b"2. \x1b$)A\xb5\xda\xb6\xfe\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n3. ...",
            "1. 第一行文字。\r\n2. 第二行文字。\r\n3. ...",
        ),
    ],
    ids=["I.3", "J.4", "K.3"],
)
def test_long_texts_of_the_annexes(character_set: str, encoded: bytes, text: str) -> None:
    assert decode(encoded, character_set) == text


@pytest.mark.parametrize("path", get_charset_files("*.dcm"), ids=lambda path: path[-24:])
def test_patient_names_of_pydicoms_files_are_what_pydicom_reads(path: str) -> None:
    dataset = pydicom.dcmread(path)
    names = []
    for holder in [dataset, *dataset.get("RequestedProcedureCodeSequence", [])]:
        declared = holder.get("SpecificCharacterSet", dataset.get("SpecificCharacterSet", ""))
        character_set = declared if isinstance(declared, str) else "\\".join(declared)
        if "PatientName" in holder:
            element = holder["PatientName"]
            values = element.value if element.VM > 1 else [element.value]
            names += [(value, character_set) for value in values]
    assert names
    for name, character_set in names:
        got = decode(name.original_string, character_set, person_name=True)
        assert got.rstrip("= ") == str(name).rstrip("= ")


# --- code extensions ----------------------------------------------------------------------------


def test_g0_and_g1_are_independent() -> None:
    # Greek stays in G1 while G0 goes to kanji and back.
    encoded = b"\xc1\x1b$B;3\xc2\x1b(B\xc3"
    assert decode(encoded, "ISO 2022 IR 126\\ISO 2022 IR 87") == "Α山ΒΓ"


@pytest.mark.parametrize("delimiter", ["\t", "\n", "\f", "\r", "\\"])
def test_control_characters_and_backslash_bring_the_first_set_back(delimiter: str) -> None:
    encoded = b"\x1b-F\xc4" + delimiter.encode() + b"\xc4"
    assert decode(encoded, "ISO 2022 IR 100\\ISO 2022 IR 126") == f"Δ{delimiter}Ä"


@pytest.mark.parametrize("delimiter", ["^", "="])
def test_name_delimiters_bring_the_first_set_back_in_person_names_only(delimiter: str) -> None:
    encoded = b"\x1b-F\xc4" + delimiter.encode() + b"\xc4"
    character_set = "ISO 2022 IR 100\\ISO 2022 IR 126"
    assert decode(encoded, character_set, person_name=True) == f"Δ{delimiter}Ä"
    assert decode(encoded, character_set) == f"Δ{delimiter}Δ"


def test_a_kanji_that_contains_delimiter_bytes_does_not_end_the_kanji_set() -> None:
    encoded = b"\x1b$B" + b"\x5c\x5e" + b"\x3d\x5c" + b"\x1b(B"
    assert decode(encoded, "\\ISO 2022 IR 87", person_name=True) == (encoded.decode("iso2022_jp"))


def test_a_delimiter_after_a_forgotten_return_to_ascii_is_a_delimiter() -> None:
    forgotten = H31.replace(b"\x1b(B", b"")
    assert decode(forgotten, "\\ISO 2022 IR 87", person_name=True) == (
        decode(H31, "\\ISO 2022 IR 87", person_name=True)
    )


def test_a_forgotten_escape_sequence_means_the_declared_set() -> None:
    name = "홍^길동".encode("euc_kr")
    assert decode(name, "\\ISO 2022 IR 149", person_name=True) == "홍^길동"


def test_an_undeclared_escape_sequence_is_followed() -> None:
    assert decode(b"\x1b$B;3ED\x1b(J", "ISO_IR 100") == "山田"


def test_an_unknown_escape_sequence_is_kept_and_ends_the_others() -> None:
    encoded = b"\x1b-F\xc4\x1b%Gx\xc4"
    assert decode(encoded, "ISO 2022 IR 100\\ISO 2022 IR 126") == "Δ\x1b%GxÄ"


def test_space_and_control_characters_are_themselves_in_a_two_byte_g0_set() -> None:
    assert decode(b"\x1b$B;3 ED\x7f\x1b(B", "\\ISO 2022 IR 87") == "山 田\x7f"


# --- what (0008,0005) says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "character_set",
    [
        *("ISO_IR 144", "ISO-IR 144", "ISO IR 144", "ISO_IR_144", "ISO_IR144", "iso_ir 144"),
        *(" ISO_IR 144 ", "ISO_IR 144\0", "ISO 2022 IR 144", "ISO2022 IR 144"),
        *("ISO_2022_IR_144", "ISO-2022-IR-144", "ISO 8859-5", "ISO 2022 IR 144\\ISO 2022 IR 87"),
    ],
)
def test_misspelled_terms_are_understood(character_set: str) -> None:
    assert decode(b"\xbb\xee", character_set) == "Лю"


def test_the_first_stand_alone_encoding_wins_and_later_ones_do_not_count() -> None:
    assert decode("é".encode(), "ISO_IR 192\\ISO 2022 IR 100") == "é"
    assert decode(b"\xe9", "ISO 2022 IR 100\\ISO_IR 192") == "é"
    assert decode(b"\xcd\xf5", "ISO 2022 IR 100\\GB18030") == "Íõ"
    assert decode(b"\x1b$B;3ED\x1b(B", "\\GB18030\\ISO 2022 IR 87") == "山田"


@pytest.mark.parametrize("character_set", ["", "ISO_IR 6", "ISO 2022 IR 6", "no such set", "\\\\"])
def test_undeclared_bytes_are_utf8_if_valid_as_such_else_latin_1(character_set: str) -> None:
    assert decode("Jérôme 山".encode(), character_set) == "Jérôme 山"
    assert decode("Jérôme".encode("latin-1"), character_set) == "Jérôme"
    assert decode(b"cut \xe5\xb1", character_set) == "cut å±"


def test_declared_latin_1_is_never_taken_for_utf8() -> None:
    assert decode("é".encode(), "ISO_IR 100") == "Ã©"


# --- splitting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("character_set", "codec", "values"),
    [
        ("GB18030", "gb18030", ["乗", "誠信", "a", "\U00020000"]),
        ("GBK", "gbk", ["乗", "乗乗", ""]),
        ("ISO_IR 13", "shift_jis", ["表示", "ソ", "ｱ"]),
        ("ISO_IR 192", "utf-8", ["é", "", "山"]),
        ("ISO_IR 100", "latin-1", ["é", "ü"]),
        ("", "utf-8", ["ぁ", "表"]),
        ("\\ISO 2022 IR 13", "utf-8", ["ぁ", "表"]),  # UTF-8 all the same
    ],
)
def test_a_trail_byte_0x5c_separates_nothing(
    character_set: str, codec: str, values: list[str]
) -> None:
    encoded = [value.encode(codec) for value in values]
    assert split(b"\\".join(encoded), character_set) == encoded


def test_the_split_samples_do_have_trail_bytes_0x5c() -> None:
    assert b"\\" in "乗".encode("gbk")
    assert b"\\" in "乗".encode("gb18030")
    assert b"\\" in "表".encode("shift_jis")
    assert b"\\" in "ソ".encode("shift_jis")


def test_a_kanji_byte_0x5c_separates_nothing() -> None:
    kanji = b"\x1b$B\x3b\x5c\x5c\x21\x1b(B"
    assert split(kanji + b"\\" + kanji + b"\\x", "\\ISO 2022 IR 87") == [kanji, kanji, b"x"]


def test_a_backslash_after_korean_separates() -> None:
    encoded = [b"\x1b$)C" + "한글".encode("euc_kr"), "é".encode("latin-1"), b""]
    character_set = "ISO 2022 IR 100\\ISO 2022 IR 149"
    values = split(b"\\".join(encoded), character_set)
    assert values == encoded
    assert [decode(value, character_set) for value in values] == ["한글", "é", ""]


@pytest.mark.parametrize("character_set", EVERY_SET)
def test_an_empty_string_is_one_empty_value(character_set: str) -> None:
    assert split(b"", character_set) == [b""]
    assert decode(b"", character_set) == ""


def test_half_a_character_does_not_hide_a_separator() -> None:
    assert split(b"\xfd\\a", "ISO_IR 13") == [b"\xfd", b"a"]
    assert split(b"\xff\\a", "GB18030") == [b"\xff", b"a"]
    assert split(b"\x81\x30\\a", "GB18030") == [b"\x81\x30", b"a"]
    assert split(b"\xfe\\a", "GBK") == [b"\xfe", b"a"]  # GB18030 alone has a character FE 5C
    assert split(b"\x1b$)C\xb0\\a", "\\ISO 2022 IR 149") == [b"\x1b$)C\xb0", b"a"]
    assert split(b"\x1b$B\x3b\x33\\", "\\ISO 2022 IR 87") == [b"\x1b$B\x3b\x33", b""]


# --- hostile bytes ------------------------------------------------------------------------------


@given(st.binary(max_size=64))
def test_broken_utf8_is_replaced_as_python_replaces_it(encoded: bytes) -> None:
    assert decode(encoded, "ISO_IR 192") == encoded.decode("utf-8", errors="replace")


@pytest.mark.parametrize(
    "encoded",
    [
        *(b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x80\x80\x80"),
        *(b"\xf8\x88\x80\x80\x80", b"\xe5\xb1", b"\xf0\x9f\x98", b"\x80", b"\xe5\xb1\xe5\xb1\xb1"),
    ],
)
def test_illegal_utf8_forms_are_replaced_as_python_replaces_them(encoded: bytes) -> None:
    text = encoded + b"x"
    assert decode(text, "ISO_IR 192") == text.decode("utf-8", errors="replace")


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from([b"\x1b", b"\x1b$", b"\x1b$(", b"\x1b$B", b"\x1b$)C", b"\x1b(B"]),
            st.sampled_from(
                [b"\\", b"^", b"=", b"\r\n", b"\x81", b"\xa4\xd4", b"\xa4\xd4\xa4\xa1"]
            ),
        ),
        max_size=12,
    ).map(b"".join),
    st.sampled_from(EVERY_SET),
    st.booleans(),
)
def test_any_bytes_become_bounded_text_and_values(
    encoded: bytes, character_set: str, person_name: bool
) -> None:
    text = decode(encoded, character_set, person_name=person_name)
    assert len(text.encode()) <= 3 * len(encoded)
    values = split(encoded, character_set)
    assert b"\\".join(values) == encoded


@pytest.mark.parametrize(
    ("character_set", "encoded", "text"),
    [
        ("\\ISO 2022 IR 87", b"a\x1b", "a\x1b"),
        ("\\ISO 2022 IR 87", b"a\x1b$", "a\x1b$"),
        ("\\ISO 2022 IR 159", b"a\x1b$(", "a\x1b$("),
        ("\\ISO 2022 IR 87", b"\x1b$B;", REPLACEMENT),
        ("\\ISO 2022 IR 87", b"\x1b$B;\x1b(Ba", REPLACEMENT + "a"),
        ("ISO 2022 IR 13\\ISO 2022 IR 87", b"\x1b$B\x81;3", REPLACEMENT + "山"),
        ("\\ISO 2022 IR 149", b"\x1b$)C\xb0", REPLACEMENT),
        ("\\ISO 2022 IR 149", b"\x1b$)C\xb0a", REPLACEMENT + "a"),
        ("\\ISO 2022 IR 149", b"\x1b$)C\xa4\xd4\xa4\xa1", "\u3164ㄱ"),
        ("\\ISO 2022 IR 58", b"\x1b$)A\x80\xb0\xa1", REPLACEMENT + "啊"),
        ("GB18030", b"\x81", REPLACEMENT),
        ("GB18030", b"\x81\x30\x81", REPLACEMENT),
        ("GB18030", b"\x81\x30ab", REPLACEMENT + "0ab"),
        ("GBK", b"\x80a", REPLACEMENT + "a"),
        ("ISO_IR 13", b"\x81", REPLACEMENT),
        ("ISO_IR 192", b"\xe5\xb1", REPLACEMENT),
    ],
)
def test_truncated_sequences_are_replaced_and_swallow_nothing(
    character_set: str, encoded: bytes, text: str
) -> None:
    assert decode(encoded, character_set) == text


def test_a_huge_declaration_is_bounded() -> None:
    assert decode(b"\xbb", "ISO_IR 144" + "\\x" * 1_000_000) == "Л"
    assert decode(b"\xe9", "x" * 1_000_000) == "é"
