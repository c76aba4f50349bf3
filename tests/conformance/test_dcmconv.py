"""dcmconv beside DCMTK's own program, over every file that pydicom ships.

The data sets must be equal byte for byte, and the meta headers but for who wrote the file.
What differs has a name and a reason below.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import pytest
from pydicom.tag import Tag

from dcmtk_native import dcmconv
from support import oracle
from support.compare import Elements, data_set_of, elements, meta_of, parsed
from support.samples import CT_IMAGE, EXPLICIT_LITTLE, IMPLICIT_LITTLE, dicom_file, meta_header
from support.shipped import BEYOND_ICONV, DICOM, FILES, ONE_OF_EACH_KIND, originals

EXPLICIT: Final = "+te"
DEFLATED: Final = "+td"

# ---- wanted differences ----

DICOMDIRS: Final = {
    "test_files/dicomdirtests/DICOMDIR",
    "test_files/dicomdirtests/DICOMDIR-bigEnd",
    "test_files/dicomdirtests/DICOMDIR-implicit",
    "test_files/dicomdirtests/DICOMDIR-nooffset",
    "test_files/dicomdirtests/DICOMDIR-nopatient",
    "test_files/dicomdirtests/DICOMDIR-reordered",
    "test_files/dicomdirtests/TINY_ALPHA/DICOMDIR",
}
"""The program keeps the offsets of the input, though the records move; ours are right."""

WRONG_LENGTHS: Final = {"test_files/meta_missing_tsyntax.dcm", "test_files/nested_priv_SQ.dcm"}
"""Values of odd length in sequences: without data correction the program pads them, and forgets it
in the lengths of the sequence and of the item."""

CUT_SHORT: Final = {"test_files/MR_truncated.dcm"}
"""With +Ep the program writes memory that nobody wrote in place of the bytes that are missing, as
many as the length promises. Ours writes zeros."""
CUT_AT: Final = 8130

NO_SUCH_FLAGS: Final = "Conversion flags not supported by the underlying implementation"
"""The program cannot -Ct and -Cd: glibc's iconv has nothing for them."""

WHO_WROTE_IT: Final = {0x0000, 0x0012, 0x0013}
"""Implementation class UID and version name, and the length of the group with them."""

# ---- comparison ----


def converted(source: Path | bytes, **options: Any) -> bytes | None:
    result = dcmconv(source, None, **options)
    return result.value.data if result.ok else None


NO_CODEC: Final = "no conversion to transfer syntax"
"""The program decodes nothing; ours does: see test_pixels.py."""


def pairs(names: Collection[str], **options: Any) -> dict[str, tuple[bytes | None, bytes | None]]:
    """What ours and what the program writes, by file; without those it has no codec for."""
    outcomes = originals("dcmconv", names, output_path=None, **options)
    return {
        name: (converted(FILES[name], **options), done.output if done.ok else None)
        for name, done in outcomes.items()
        if NO_CODEC not in done.stderr
    }


def data_sets(names: Collection[str], **options: Any) -> dict[str, tuple[bytes | None, ...]]:
    is_bare = options.get("write_mode") == "dataset"
    return {
        name: tuple(one if is_bare or one is None else data_set_of(one) for one in pair)
        for name, pair in pairs(names, **options).items()
    }


def different(names: Collection[str], **options: Any) -> set[str]:
    """The files whose data sets differ, or which only one of both can convert."""
    found = data_sets(names, **options)
    assert any(ours is not None for ours, _ in found.values()) or "read_mode" in options
    return {name for name, (ours, theirs) in found.items() if ours != theirs}


# ---- transfer syntaxes ----


@pytest.mark.parametrize("syntax", ["+ti", "+te", "+tb", "+tg"])
def test_the_data_set_is_that_of_the_original(syntax: str) -> None:
    names = FILES if syntax != "+tg" else ONE_OF_EACH_KIND
    assert different(names, transfer_syntax=syntax) <= DICOMDIRS


def inflated(stream: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(stream)
    assert inflater.eof
    assert inflater.unused_data in (b"", b"\0")
    return content


def test_a_deflated_data_set_is_padded_to_an_even_length() -> None:
    """As PS3.5 annex A.5 wants it; the program writes a stream of any length."""
    odd = 0
    for name, (ours, theirs) in data_sets(DICOM, transfer_syntax=DEFLATED).items():
        assert (ours is None) == (theirs is None), name
        if ours is not None and theirs is not None and name not in DICOMDIRS:
            assert ours == theirs + b"\0" * (len(theirs) % 2), name
            odd += len(theirs) % 2
    assert odd > 50


@pytest.mark.parametrize("level", [0, 1, 9])
def test_every_level_of_deflating_gives_the_same_data_set(level: int) -> None:
    options = {"transfer_syntax": DEFLATED, "compression_level": level}
    for name, (ours, theirs) in data_sets(ONE_OF_EACH_KIND, **options).items():
        assert (ours is None) == (theirs is None), name
        if ours is not None and theirs is not None:
            assert inflated(ours) == inflated(theirs), name
            assert len(ours) % 2 == 0, name
            if level:  # stored blocks end where somebody's buffer ends
                assert ours.startswith(theirs), name


# ---- options ----

WITHOUT_DIFFERENCE: Final[list[dict[str, Any]]] = [
    {"write_mode": "file"},
    {"write_mode": "dataset"},
    {"enable_new_vr": True},
    {"enable_new_vr": False},
    {"enable_new_vr": False, "transfer_syntax": "+tb"},
    {"group_length": "recalc"},
    {"group_length": "create"},
    {"group_length": "remove"},
    {"length_encoding": "explicit"},
    {"length_encoding": "undefined"},
    {"padding": "retain"},
    {"padding": "off"},
    {"padding": (0, 32)},
    {"write_oversized": True},
    {"write_oversized": False},
    {"remove_invalid_groups": True},
    {"convert_charset": "latin1"},
    {"convert_charset": "ascii"},
    {"convert_charset": "ISO_IR 144"},
    {"read_mode": "file-only"},
    {"read_mode": "dataset"},
    {"read_mode": "dataset", "read_xfer": "little"},
    {"read_mode": "dataset", "read_xfer": "big"},
    {"read_mode": "dataset", "read_xfer": "implicit"},
    {"read_xfer": "detect"},
    {"use_meta_length": True},
    {"use_meta_length": False},
    {"odd_length": "assume-even"},
    {"explicit_vr": "ignore"},
    {"nonstandard_vr": "implicit"},
    {"undefined_length_un": "explicit"},
    {"convert_un": True},
    {"private_max_length": "sequence"},
    {"wrong_delimiters": "replace"},
    {"illegal_obow": "convert"},
    {"illegal_voi": "convert"},
    {"explicit_length_pixel_data": "use"},
    {"stop_after": "PatientID"},
    {"data_correction": True},
    {"deflated_bitstream": "zlib"},
    # What may hinder each other.
    {"transfer_syntax": "+tb", "group_length": "create", "length_encoding": "undefined"},
    {"transfer_syntax": "+ti", "group_length": "remove", "length_encoding": "undefined"},
    {"explicit_vr": "ignore", "convert_un": True, "group_length": "create", "padding": "off"},
]


@pytest.mark.parametrize("options", WITHOUT_DIFFERENCE, ids=repr)
def test_the_data_set_is_that_of_the_original_with_options(options: dict[str, Any]) -> None:
    assert different(ONE_OF_EACH_KIND, **{"transfer_syntax": EXPLICIT, **options}) == set()


@pytest.mark.parametrize("charset", ["utf8", "ISO_IR 192"])
def test_only_ours_converts_what_iconv_does_not_know(charset: str) -> None:
    options = {"transfer_syntax": EXPLICIT, "convert_charset": charset}
    expected = BEYOND_ICONV & set(ONE_OF_EACH_KIND)
    assert different(ONE_OF_EACH_KIND, **options) == expected
    for name in expected:
        ours, theirs = pairs(ONE_OF_EACH_KIND, **options)[name]
        assert (ours is None, theirs) == (False, None)


@pytest.mark.parametrize("options", [{"transliterate": True}, {"discard_illegal": True}], ids=repr)
def test_only_ours_replaces_and_leaves_out_characters(options: dict[str, Any]) -> None:
    options = {"transfer_syntax": EXPLICIT, "convert_charset": "ascii", **options}
    path = FILES["charset_files/chrFrenMulti.dcm"]
    done = oracle.run("dcmconv", path, None, **options)
    assert NO_SUCH_FLAGS in done.stderr
    assert done.output is None
    ours = converted(path, **options)
    assert ours is not None
    name = "Buc^Jerome" if options.get("transliterate") else "Buc^Jrme"
    assert str(parsed(ours).PatientName) == name


def test_padding_counts_in_the_lengths_of_sequences() -> None:
    options = {"transfer_syntax": EXPLICIT, "data_correction": False}
    assert different(ONE_OF_EACH_KIND, **options) == WRONG_LENGTHS
    for name in WRONG_LENGTHS:
        ours, theirs = data_sets(ONE_OF_EACH_KIND, **options)[name]
        assert ours is not None
        assert theirs is not None
        changed = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
        assert changed == [(0x4E, 0x4D), (0x46, 0x45)]
        assert ours == converted(FILES[name], transfer_syntax=EXPLICIT, write_mode="dataset")


def test_a_value_that_is_cut_short_keeps_what_is_there_and_ends_in_zeros() -> None:
    # Of a text the program makes a data set of 1.8 GB.
    names = [name for name in ONE_OF_EACH_KIND if name in DICOM or name in CUT_SHORT]
    options = {"transfer_syntax": EXPLICIT, "parse_errors": "ignore"}
    # What the program found in its memory may happen to be zeros, too.
    assert set(different(names, **options)) <= CUT_SHORT
    for name in CUT_SHORT:
        ours, theirs = pairs(names, **options)[name]
        assert ours is not None
        assert theirs is not None
        found, expected = parsed(ours), parsed(theirs)
        assert found.PixelData[:CUT_AT] == expected.PixelData[:CUT_AT]
        assert found.PixelData[CUT_AT:] == bytes(len(expected.PixelData) - CUT_AT)
        del found.PixelData, expected.PixelData
        assert elements(found) == elements(expected)


def test_padding_has_room_for_another_implementation_version_name() -> None:
    """Meta headers of different sizes leave different room; the sum is what counts."""
    options = {"transfer_syntax": EXPLICIT, "padding": (512, 64)}
    for name, (ours, theirs) in pairs(ONE_OF_EACH_KIND, **options).items():
        assert (ours is None) == (theirs is None), name
        if ours is not None and theirs is not None:
            assert (len(ours) % 512, len(theirs) % 512) == (0, 0), name
            found, expected = parsed(ours), parsed(theirs)
            del found[0xFFFCFFFC], expected[0xFFFCFFFC]
            assert elements(found) == elements(expected), name


# ---- DICOMDIR ----

OFFSETS: Final = (0x00041200, 0x00041202, 0x00041400, 0x00041420)


def positions(content: bytes) -> list[int]:
    return [item.seq_item_tell for item in parsed(content).DirectoryRecordSequence]


def links(content: bytes) -> list[int]:
    """Which records the offsets lead to; -1 for none."""
    records = {position: number for number, position in enumerate(positions(content))}
    dataset = parsed(content)
    parts = (dataset, *dataset.DirectoryRecordSequence)
    return [records.get(part[tag].value, -1) for part in parts for tag in OFFSETS if tag in part]


def without_offsets(content: bytes) -> Elements:
    tags = {str(Tag(tag)) for tag in OFFSETS}
    return {path: one for path, one in elements(parsed(content)).items() if path[-2] not in tags}


@pytest.mark.parametrize("syntax", ["+ti", "+te", "+tb"])
@pytest.mark.parametrize("name", sorted(DICOMDIRS))
def test_offsets_of_a_dicomdir_stay_right(name: str, syntax: str) -> None:
    # A new meta header has a new SOP instance UID, of any length; an old one is the same each time.
    options = {"transfer_syntax": syntax, "write_mode": "file"}
    ours, theirs = pairs(tuple(sorted(DICOMDIRS)), **options)[name]
    assert ours is not None
    assert theirs is not None
    source = FILES[name].read_bytes()
    assert max(links(source)) > 10
    assert links(ours) == links(source)
    assert (links(theirs) == links(source)) == (positions(theirs) == positions(source))
    assert without_offsets(ours) == without_offsets(theirs)


def test_the_offsets_of_every_dicomdir_are_wrong_after_some_conversion_of_the_program() -> None:
    wrong = {
        name
        for syntax in ("+ti", "+te")
        for name, (_, theirs) in pairs(
            tuple(sorted(DICOMDIRS)), transfer_syntax=syntax, write_mode="file"
        ).items()
        if theirs is not None and links(theirs) != links(FILES[name].read_bytes())
    }
    assert wrong == DICOMDIRS


# ---- meta header ----


@pytest.mark.parametrize("options", [{}, {"write_mode": "file"}], ids=repr)
def test_the_meta_header_is_that_of_the_original(options: dict[str, Any]) -> None:
    names = ONE_OF_EACH_KIND if options else FILES
    for name, (ours, theirs) in pairs(names, transfer_syntax=EXPLICIT, **options).items():
        assert (ours is None) == (theirs is None), name
        if ours is None or theirs is None:
            continue
        assert ours[:132] == theirs[:132], name
        found, expected = meta_of(ours), meta_of(theirs)
        assert {number for number, value in found.items() if expected.get(number) != value} <= {
            *WHO_WROTE_IT,
            *({0x0003} if is_made_up(expected[0x0003]) else ()),
        }, name
        assert found.keys() == expected.keys(), name


def is_made_up(uid: bytes) -> bool:
    """A new SOP instance UID of the program, for a data set that has none."""
    return uid.startswith(b"1.2.276.0.7230010.3.1.4.")


def test_uids_of_unknown_vr_reach_the_meta_header() -> None:
    """The program does not look into a UN, and puts a private SOP class and a new instance UID."""
    unknown = [(0x00080016, "UN", CT_IMAGE), (0x00080018, "UN", "1.2.3")]
    source = dicom_file(unknown, meta=meta_header(EXPLICIT_LITTLE))
    done = oracle.run("dcmconv", source, None, transfer_syntax=EXPLICIT)
    ours = converted(source, transfer_syntax=EXPLICIT)
    assert done.output is not None
    assert ours is not None
    assert data_set_of(ours) == data_set_of(done.output)
    assert (meta_of(ours)[2], meta_of(ours)[3]) == (CT_IMAGE.encode(), b"1.2.3")
    theirs = meta_of(done.output)
    assert theirs[2] == b"1.2.276.0.7230010.3.1.0.1"
    assert is_made_up(theirs[3])


# ---- in place ----


def test_the_output_may_be_the_input(copy_of: Any, tmp_path: Path) -> None:
    path: Path = copy_of("CT_small.dcm")
    done = oracle.run("dcmconv", path, tmp_path / "theirs.dcm", transfer_syntax="+ti")
    dcmconv(path, path, transfer_syntax=IMPLICIT_LITTLE).unwrap()
    assert done.output is not None
    assert data_set_of(path.read_bytes()) == data_set_of(done.output)
