"""The character sets of DICOM, the codecs of Python that they equal, and the calls under test."""

from __future__ import annotations

import sys

from dcmtk_native._core import runtime

REPLACEMENT = "\ufffd"

# ISO-IR number: codec, and how the escape sequence into G1 ends (PS3.3 table C.12-3).
SINGLE_BYTE = {
    "100": ("iso8859-1", b"-A"),
    "101": ("iso8859-2", b"-B"),
    "109": ("iso8859-3", b"-C"),
    "110": ("iso8859-4", b"-D"),
    "144": ("iso8859-5", b"-L"),
    "127": ("iso8859-6", b"-G"),
    "126": ("iso8859-7", b"-F"),
    "138": ("iso8859-8", b"-H"),
    "148": ("iso8859-9", b"-M"),
    "203": ("iso8859-15", b"-b"),
    "166": ("tis-620", b"-T"),
    "13": ("shift_jis", b")I"),
}
STAND_ALONE = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}

EVERY_SET = (
    "",
    "ISO_IR 6",
    *(f"ISO_IR {number}" for number in SINGLE_BYTE),
    *STAND_ALONE,
    *(f"ISO 2022 IR {number}\\ISO 2022 IR 87\\ISO 2022 IR 149" for number in SINGLE_BYTE),
    "\\ISO 2022 IR 87\\ISO 2022 IR 159\\ISO 2022 IR 13",
    "\\ISO 2022 IR 149",
    "\\ISO 2022 IR 58",
    "no such set",
)

# Every character that a data set can hold: all but surrogates and ESC.
CHARACTERS = "".join(
    chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000 and code != 0x1B
)


def decode(encoded: bytes, character_set: str = "", *, person_name: bool = False) -> str:
    """Return the text of one value."""
    text: str = runtime.decode_text(encoded, character_set, person_name)
    return text


def split(encoded: bytes, character_set: str) -> list[bytes]:
    """Return the values of a multi-valued string."""
    values: list[bytes] = runtime.split_text(encoded, character_set)
    return values


def encode(text: str, term: str, on_unencodable: str = "fail") -> bytes:
    """Return the bytes of a text in a set that stands alone."""
    encoded: bytes = runtime.encode_text(text, term, on_unencodable)
    return encoded


def repertoire(codec: str) -> str:
    """Return all characters that a codec of Python encodes and decodes."""
    # Python's euc_kr encodes the Hangul filler, but does not decode it.
    text = CHARACTERS.replace("\u3164", "") if codec == "euc_kr" else CHARACTERS
    return text.encode(codec, errors="ignore").decode(codec)


def python_character(codec: str, encoded: bytes) -> str:
    """Return what Python makes of one code, the replacement character if nothing."""
    try:
        return encoded.decode(codec)
    except UnicodeDecodeError:
        return REPLACEMENT
