"""Text is written in a set that stands alone; what the set lacks is treated as asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.charsets import CHARACTERS, REPLACEMENT, SINGLE_BYTE, decode, encode


@pytest.mark.parametrize(("number", "codec"), [(n, c) for n, (c, _) in SINGLE_BYTE.items()])
def test_every_character_of_a_single_byte_set_is_encoded_as_python_does(
    number: str, codec: str
) -> None:
    for byte in range(256):
        character = bytes([byte]).decode(codec, errors="replace")
        if character != REPLACEMENT:
            assert encode(character, f"ISO_IR {number}") == bytes([byte])


@pytest.mark.parametrize(
    ("target", "term"), [("utf8", "ISO_IR 192"), ("latin1", "ISO_IR 100"), ("ascii", "ISO_IR 6")]
)
def test_short_names_of_targets_mean_their_terms(target: str, term: str) -> None:
    text = "Jérôme \u2013 山"
    assert encode(text, target, "discard") == encode(text, term, "discard")


@pytest.mark.parametrize(
    "target", ["", "ISO 2022 IR 87", "ISO 2022 IR 149", "ISO_IR 100\\ISO_IR 101", "EBCDIC"]
)
def test_a_target_that_cannot_stand_alone_is_refused(target: str) -> None:
    with pytest.raises(Exception, match="character set"):
        encode("x", target)


@pytest.mark.parametrize(
    ("target", "text"),
    [("ascii", "é"), ("ISO_IR 100", "山"), ("GBK", "€"), ("ISO_IR 13", "¥"), ("ISO_IR 13", "山")],
)
def test_a_character_that_the_target_lacks_is_an_error_that_names_it(
    target: str, text: str
) -> None:
    with pytest.raises(Exception, match=rf"U\+{ord(text):04X} at byte 3 "):
        encode("abc" + text, target)


def test_characters_that_the_target_lacks_can_be_left_out() -> None:
    assert encode("a山é€b", "latin1", "discard") == b"a\xe9b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller, Çelik, Łódź, Nguyễn", b"Muller, Celik, Lodz, Nguyen"),
        ("Straße, Ærø, Œuvre, Þór, Đặng, ŋ", b"Strasse, AEro, OEuvre, THor, Dang, ng"),
        ("\u201cx\u201d \u2018y\u2019 \u2013 \u2014 … • « »", b"\"x\" 'y' - - ... * << >>"),
        ("37 °C, 5 µg, 1½, m², €", b"37 degC, 5 ug, 11/2, m2, EUR"),
        ("e\u0301 \ufb01 \uff21\u00a0x\u200b", b"e fi A x"),
        ("山 ≠ Ж", b"? ? ?"),
    ],
)
def test_transliteration_to_ascii(text: str, expected: bytes) -> None:
    assert encode(text, "ascii", "transliterate") == expected


def test_transliteration_keeps_what_the_target_has() -> None:
    assert encode("é ő 山", "latin1", "transliterate") == b"\xe9 o ?"
    assert encode("é ő 山", "latin1", "transliterate-or-discard") == b"\xe9 o "


def test_transliteration_never_makes_a_delimiter_and_is_bounded() -> None:
    text = CHARACTERS.translate(dict.fromkeys(b"\\^="))
    assert not set(encode(text, "ascii", "transliterate")) & set(b"\\^=")
    for character in text[:0x10000]:
        rendering = encode(character, "ascii", "transliterate")
        assert len(rendering) <= 2 * len(character.encode())


@given(st.text(max_size=20), st.sampled_from(["latin1", "ISO_IR 13", "GBK", "GB18030", "utf8"]))
def test_what_was_encoded_is_decoded_to_the_same_text(text: str, target: str) -> None:
    encoded = encode(text, target, "discard")
    term = {"latin1": "ISO_IR 100", "utf8": "ISO_IR 192"}.get(target, target)
    decoded = decode(encoded, term)
    assert encode(decoded, target) == encoded
    if target in ("GB18030", "utf8"):
        assert decoded == text
