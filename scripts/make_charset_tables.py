"""Writes the conversion tables of DICOM's character sets from Python's codecs.

    python scripts/make_charset_tables.py [--output FILE]

The output is kept in version control, so that a build does not depend on the codecs of the Python
at hand. ``tests/unit/runtime/test_charset.py`` holds the compiled tables against the codecs.
"""

from __future__ import annotations

import argparse
import platform
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
OUTPUT = REPOSITORY / "src/cpp/core/runtime/charset_tables.generated.cpp"

# In the order of the enumerators of `Repertoire` (charset_repertoires.hpp).
SINGLE_BYTE_CODECS = (
    "iso8859-1",
    "iso8859-2",
    "iso8859-3",
    "iso8859-4",
    "iso8859-5",
    "iso8859-6",
    "iso8859-7",
    "iso8859-8",
    "iso8859-9",
    "iso8859-15",
    "tis-620",
)

LINE_WIDTH = 100

# Characters that no decomposition turns into ASCII, and those whose decomposition reads badly.
RENDERED_AS = {
    "ss": "ß",
    "SS": "\u1e9e",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "ij": "ĳ",
    "IJ": "Ĳ",
    "o": "ø",
    "O": "Ø",
    "d": "đð\u0257",
    "D": "ĐÐƊ",
    "th": "þ",
    "TH": "Þ",
    "h": "ħ",
    "H": "Ħ",
    "i": "\u0131",
    "l": "ł",
    "L": "Ł",
    "ng": "ŋ",
    "NG": "Ŋ",
    "t": "ŧ",
    "T": "Ŧ",
    "k": "ĸƙ",
    "K": "Ƙ",
    "e": "\u0259",
    "E": "Ə",
    "f": "ƒ",
    "b": "\u0253",
    "B": "Ɓ",
    "y": "ƴ",
    "Y": "Ƴ",
    "u": "µ\u03bc",
    "'": "\u2018\u2019\u201a\u201b\u02bb\u02bc\u2032\u00b4",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00a8",
    "<": "\u2039",
    ">": "\u203a",
    "<<": "«",
    ">>": "»",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00af",
    "...": "…",
    "*": "•",
    ".": "·",
    "x": "\u00d7",
    "/": "÷\u2044\u2215",
    "deg": "°",
    "+-": "±",
    "!": "¡",
    "?": "¿",
    "(C)": "©",
    "(R)": "®",
    "|": "¦",
    ",": "\u00b8",
    "~": "\u02dc",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "c": "¢",
    "No": "№",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
}
ASCII_FORMS = {
    character: form for form, characters in RENDERED_AS.items() for character in characters
}

# Blocks in which a decomposition to ASCII is a fair rendering of the character.
TRANSLITERATED_BLOCKS = (
    range(0x00A0, 0x02B0),  # Latin-1 supplement, Latin extended A and B, IPA
    range(0x02B0, 0x0370),  # modifier letters, combining marks
    range(0x1E00, 0x1F00),  # Latin extended additional (Vietnamese)
    range(0x2000, 0x2190),  # punctuation, super- and subscripts, currency, letterlike, numbers
    range(0xFB00, 0xFB07),  # ligatures
    range(0xFF01, 0xFF5F),  # full-width ASCII
)

# A transliteration must not make a delimiter of a value, a name component or a name group.
DELIMITERS = frozenset("\\^=")

MAX_TRANSLITERATION = 4


def decode_one(codec: str, encoded: bytes) -> int:
    """Return the code point of a byte sequence, 0 if the codec has none for it."""
    try:
        text = encoded.decode(codec)
    except UnicodeDecodeError:
        return 0
    return ord(text) if len(text) == 1 else 0


def shift_jis_pair(row: int, cell: int) -> bytes:
    """Return the Shift_JIS bytes of a cell (both from 1 to 94) of JIS X 0208."""
    lead = (row - 1) // 2 + 0x81
    trail = cell + 0x9E if row % 2 == 0 else cell + 0x3F
    if row % 2 and trail >= 0x7F:
        trail += 1
    return bytes([lead if lead < 0xA0 else lead + 0x40, trail])


def jis_x_0208(row: int, cell: int) -> int:
    """Return a character of JIS X 0208.

    Cells that the standard leaves free hold the NEC characters of Windows (rows 13 and 89 to 92),
    as in the index jis0208 of the WHATWG Encoding Standard: Japanese systems write them under
    ISO 2022 IR 87 (circled digits, variant kanji of family names).
    """
    standard = decode_one("iso2022_jp", b"\x1b$B" + bytes([row + 0x20, cell + 0x20]) + b"\x1b(B")
    return standard or decode_one("cp932", shift_jis_pair(row, cell))


def jis_x_0212(row: int, cell: int) -> int:
    """Return a character of JIS X 0212."""
    encoded = b"\x1b$(D" + bytes([row + 0x20, cell + 0x20]) + b"\x1b(B"
    return decode_one("iso2022_jp_2", encoded)


def ks_x_1001(row: int, cell: int) -> int:
    """Return a character of KS X 1001; cp949 has the Hangul filler (4-52), euc_kr has not."""
    return decode_one("cp949", bytes([row + 0xA0, cell + 0xA0]))


def gb_18030_pairs() -> Iterator[int]:
    """Yield the character of every two-byte code of GB18030, in the order of the codes."""
    for lead in range(0x81, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            yield decode_one("gb18030", bytes([lead, trail]))


def gb_18030_ranges() -> Iterator[tuple[int, int]]:
    """Yield (index, code point) wherever the four-byte codes of the BMP start a new run.

    A run without characters has the code point 0.
    """
    previous_offset: int | None = None
    for index in range(126 * 10 * 126 * 10):
        code = (
            index // 12600 + 0x81,
            index // 1260 % 10 + 0x30,
            index // 10 % 126 + 0x81,
            index % 10 + 0x30,
        )
        if code > (0x84, 0x31, 0xA4, 0x39):
            yield index, 0
            return
        character = decode_one("gb18030", bytes(code))
        offset = character - index if character else -0x10000
        if offset != previous_offset:
            yield index, character
            previous_offset = offset


def hangul_indices(position: str, first: int, last: int) -> list[int]:
    """Return, for the 30 consonants from U+3131, their index among the modern jamo; 255 = none."""
    indices = []
    for letter in range(0x3131, 0x314F):
        name = unicodedata.name(chr(letter)).removeprefix("HANGUL LETTER ")
        try:
            jamo = ord(unicodedata.lookup(f"HANGUL {position} {name}"))
        except KeyError:
            jamo = 0
        indices.append(jamo - first if first <= jamo <= last else 255)
    return indices


def ascii_form(character: str) -> str | None:
    """Return the ASCII rendering of a character, None if there is no fair one."""
    if character in ASCII_FORMS:
        return ASCII_FORMS[character]
    parts = unicodedata.normalize("NFKD", character)
    base = [part for part in parts if not unicodedata.combining(part)]
    if len(base) == 1 and base[0] == character:
        return None
    form = "".join(ASCII_FORMS.get(part, part) for part in base)
    return form if form.isascii() and form.isprintable() else None


def transliterations() -> Iterator[tuple[int, str]]:
    """Yield (code point, ASCII rendering) in ascending order."""
    code_points = {code for block in TRANSLITERATED_BLOCKS for code in block}
    for code in sorted(code_points | {ord(character) for character in ASCII_FORMS}):
        form = ascii_form(chr(code))
        if form is None or len(form) > MAX_TRANSLITERATION or DELIMITERS & set(form):
            continue
        yield code, form


def wrapped(items: Iterable[str]) -> Iterator[str]:
    """Yield the items as indented lines, each followed by a comma."""
    line = "   "
    for item in items:
        if len(line) + len(item) + 2 > LINE_WIDTH:
            yield line
            line = "   "
        line += f" {item},"
    yield line


def table(declaration: str, items: Iterable[str]) -> str:
    """Return the definition of a constant array."""
    return "\n".join([f"const {declaration} = {{", *wrapped(items), "};", ""])


def hexadecimal(values: Iterable[int]) -> Iterator[str]:
    """Yield C++ literals; a free cell is the short 0."""
    return (f"{value:#x}" if value else "0" for value in values)


def plane(character: Callable[[int, int], int]) -> Iterator[str]:
    """Yield the 94 x 94 literals of a two-byte set, row by row."""
    return hexadecimal(character(row, cell) for row in range(1, 95) for cell in range(1, 95))


def c_string(text: str) -> str:
    """Return a C++ string literal."""
    return '"' + text.replace('"', '\\"') + '"'


def source() -> str:
    """Return the whole C++ file."""
    ranges = list(gb_18030_ranges())
    forms = list(transliterations())
    single_byte = (
        decode_one(codec, bytes([byte]))
        for codec in SINGLE_BYTE_CODECS
        for byte in range(0x80, 0x100)
    )
    pair = "{{{:#x}, {}}}"
    parts = [
        "// Generated by scripts/make_charset_tables.py from the codecs and the Unicode data of",
        f"// {platform.python_implementation()} {platform.python_version()}, "
        f"Unicode {unicodedata.unidata_version}. Do not edit.",
        "// clang-format off",
        "",
        '#include "runtime/charset_tables.hpp"',
        "",
        "namespace dcmtk_native::runtime::charset_tables {",
        "",
        table("CodeUnit single_byte[][128]", hexadecimal(single_byte)),
        table("CodeUnit jis_x_0208[plane_size]", plane(jis_x_0208)),
        table("CodeUnit jis_x_0212[plane_size]", plane(jis_x_0212)),
        table("CodeUnit ks_x_1001[plane_size]", plane(ks_x_1001)),
        table("CodeUnit gb_18030_pairs[gb_18030_pair_count]", hexadecimal(gb_18030_pairs())),
        table(
            "FourByteRange gb_18030_ranges[]",
            (pair.format(index, hex(code)) for index, code in ranges),
        ),
        f"const std::size_t gb_18030_range_count = {len(ranges)};",
        "",
        table(
            "std::uint8_t hangul_initials[30]",
            map(str, hangul_indices("CHOSEONG", 0x1100, 0x1112)),
        ),
        table(
            "std::uint8_t hangul_finals[30]",
            map(str, hangul_indices("JONGSEONG", 0x11A7, 0x11C2)),
        ),
        table(
            "Transliteration transliterations[]",
            (pair.format(code, c_string(form)) for code, form in forms),
        ),
        f"const std::size_t transliteration_count = {len(forms)};",
        "",
        "} // namespace dcmtk_native::runtime::charset_tables",
        "",
    ]
    return "\n".join(parts)


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="file to write")
    arguments = parser.parse_args()
    arguments.output.write_text(source(), encoding="ascii")


if __name__ == "__main__":
    main()
