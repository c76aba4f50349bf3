"""The dictionary agrees with pydicom's (PS3.6, another edition); every difference has a name.

A newer pydicom brings new elements and retires others: extend the lists below, or regenerate the
table from newer dictionary files of DCMTK, after which entries of the lists may go.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import DicomDictionary, RepeatersDictionary

from dcmtk_native._core import runtime
from dcmtk_native.data.dictionary import (
    DictionaryEntry,
    TagLookup,
    lookup_tag,
    lookup_tag_by_keyword,
    lookup_tag_by_name,
)
from dcmtk_native.data.vr import VR

# Where the standard leaves a choice: what DCMTK writes.
RESOLVED = {"US or SS": "US", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}

# Numbers that the standard still lists, without a keyword: they no longer mean anything.
NAMELESS = {0x00080202, 0x00180061, 0x00189445, 0x00280020, 0x04000315, 0x300A0782}

# No data elements: they have no VR.
DELIMITERS = {0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD}

# Added to the standard after edition 2022b; ranges include their bounds.
NEWER = [
    (0x0008001C, 0x0008001C),
    (0x00080400, 0x0008042F),
    (0x00081112, 0x00081112),
    (0x0008119B, 0x0008119B),
    (0x00102161, 0x00102161),
    (0x00120022, 0x00120023),
    (0x00120032, 0x00120032),
    (0x00120041, 0x00120043),
    (0x00120054, 0x00120055),
    (0x00120073, 0x00120073),
    (0x00140200, 0x00140207),
    (0x00181204, 0x00181205),
    (0x00189821, 0x00189836),
    (0x0022000F, 0x0022000F),
    (0x00283001, 0x00283001),
    (0x003A0317, 0x003A032E),
    (0x00480114, 0x00480117),
    (0x00700315, 0x00700315),
    (0x30020100, 0x30020135),
    (0x3006002D, 0x3006002E),
    (0x3006004B, 0x3006004F),
    (0x300800A1, 0x300800A4),
    (0x300A0054, 0x300A0054),
    (0x300A068B, 0x300A068B),
    (0x300A079F, 0x300A07A1),
    (0x300C0129, 0x300C0129),
    (0x301000A0, 0x301000A0),
    (0x7FE00003, 0x7FE00003),
]

# Retired after edition 2022b.
RETIRED_LATER = {
    0x00380004,
    0x00701807,
    0x00701808,
    0x30040010,
    0x30040012,
    0x30060085,
    0x30060088,
    0x3008002B,
    0x30100090,
}

# Changed after edition 2022b.
VM_WIDENED = {0x00089007}  # FrameType: 4 then, 4-5 since

# DCMTK has only the elements with the x as 0 of these retired ranges (PS3.6 section 6).
NOT_REPEATED = re.compile("002804x|002808x|1000xxx|1010xxxx")


def is_newer(tag: int) -> bool:
    return any(first <= tag <= last for first, last in NEWER)


def bounds(vm: str) -> tuple[int, int | None]:
    """A VM as the standard writes it: "1", "1-8", "1-n", "2-2n"."""
    low, _, high = vm.partition("-")
    return int(low), None if high.endswith("n") else int(high or low)


def entry_of(tag: int) -> DictionaryEntry:
    entry = lookup_tag(f"{tag:08X}")
    assert entry is not None, f"{tag:08X}"
    return entry


KNOWN = {
    tag: entry
    for tag, entry in DicomDictionary.items()
    if not is_newer(tag) and tag not in NAMELESS | DELIMITERS
}


def test_thousands_of_elements_are_compared() -> None:
    assert len(KNOWN) > 4_800


def test_every_element_of_the_standard_is_known() -> None:
    assert [f"{tag:08X}" for tag in KNOWN if lookup_tag(f"{tag:08X}") is None] == []


def test_every_vr_is_the_standard_s() -> None:
    expected = {tag: RESOLVED.get(entry[0], entry[0]) for tag, entry in KNOWN.items()}
    assert {tag: entry_of(tag).vr.value for tag in KNOWN} == expected


def test_every_keyword_is_the_standard_s() -> None:
    expected = {tag: entry[4] for tag, entry in KNOWN.items()}
    assert {tag: entry_of(tag).name.removeprefix("RETIRED_") for tag in KNOWN} == expected


def test_every_vm_is_the_standard_s() -> None:
    tags = KNOWN.keys() - VM_WIDENED
    assert {tag: entry_of(tag).vm for tag in tags} == {tag: bounds(KNOWN[tag][1]) for tag in tags}


def test_every_retired_element_is_marked() -> None:
    tags = KNOWN.keys() - RETIRED_LATER
    expected = {tag: KNOWN[tag][3] == "Retired" for tag in tags}
    assert {tag: entry_of(tag).retired for tag in tags} == expected


def test_retired_elements_say_so_in_their_name() -> None:
    entries = [entry_of(tag) for tag in KNOWN]
    assert [e.name for e in entries if e.retired != e.name.startswith("RETIRED_")] == []


def test_every_keyword_leads_back_to_its_tag() -> None:
    for tag in KNOWN:
        entry = entry_of(tag)
        assert lookup_tag_by_name(entry.name) == TagLookup(f"{tag:08X}", entry)
        assert lookup_tag_by_keyword(entry.name) == f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@pytest.mark.parametrize(
    "mask", [mask for mask in RepeatersDictionary if not NOT_REPEATED.match(mask)]
)
def test_repeating_groups_are_resolved(mask: str) -> None:
    vr, vm, _, retired, keyword = RepeatersDictionary[mask]
    # The digits behind the first two of the group, or of the element, are any even number.
    for digits in ("00", "02", "1E", "FE"):
        entry = lookup_tag(mask.replace("xx", digits))
        assert entry is not None
        assert entry.name.removeprefix("RETIRED_") == keyword
        assert entry.vr == RESOLVED.get(vr, vr)
        assert entry.vm == bounds(vm)
        assert entry.retired is (retired == "Retired")
    odd = lookup_tag(mask.replace("xx", "01"))  # private
    assert odd is None or odd.name == "PrivateCreator"


def test_a_repeating_group_is_found_by_name_as_its_first_tag() -> None:
    assert lookup_tag_by_keyword("OverlayData") == "(6000,3000)"
    found = lookup_tag_by_name("OverlayRows")
    assert found is not None
    assert (found.tag, found.entry) == ("60000010", entry_of(0x60FE0010))


def test_an_entry_says_what_a_reader_of_the_standard_expects() -> None:
    assert lookup_tag("(0010,0010)") == DictionaryEntry(VR.PN, "PatientName", (1, 1), retired=False)
    assert lookup_tag("(0008,0008)") == DictionaryEntry(
        VR.CS, "ImageType", (2, None), retired=False
    )
    assert lookup_tag("(0018,1310)") == DictionaryEntry(
        VR.US, "AcquisitionMatrix", (4, 4), retired=False
    )
    assert lookup_tag("(0008,0001)") == DictionaryEntry(
        VR.UL, "RETIRED_LengthToEnd", (1, 1), retired=True
    )


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        ("(7FE0,0010)", VR.OW),  # DCMTK's px
        ("(6000,3000)", VR.OW),  # ox
        ("(0028,3006)", VR.OW),  # lt
        ("(0028,0106)", VR.US),  # xs
        ("(0004,1400)", VR.UL),  # up
    ],
)
def test_dcmtk_s_internal_vrs_are_resolved(tag: str, vr: VR) -> None:
    entry = lookup_tag(tag)
    assert entry is not None
    assert entry.vr is vr


@pytest.mark.parametrize(
    "tag", ["(7FE0,0010)", "(7fe0,0010)", "7FE0,0010", "7fe0,0010", "7fE00010"]
)
def test_a_tag_may_be_written_in_three_ways_and_any_case(tag: str) -> None:
    assert lookup_tag(tag) == entry_of(0x7FE00010)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "(0010,0010",
        "0010,0010)",
        "[0010,0010]",
        "(00100010)",
        "0010 0010",
        "00100010 ",
        "0x100010",
        "+0100010",
        "0010_010",
        "001000",
        "001000100",
        "0010001g",
        "(00100,010)",
        "PatientName",
        "\uff10\uff10100010",
        "\ud8000100010",
        "0" * 1_000_000,
    ],
)
def test_what_is_no_tag_is_not_found(tag: str) -> None:
    assert lookup_tag(tag) is None


@pytest.mark.parametrize("tag", ["FFFEE000", "FFFEE00D", "FFFEE0DD"])
def test_items_and_delimiters_are_no_data_elements(tag: str) -> None:
    assert lookup_tag(tag) is None


@pytest.mark.parametrize("name", ["Item", "ItemDelimitationItem", "SequenceDelimitationItem"])
def test_items_and_delimiters_have_no_name_either(name: str) -> None:
    assert lookup_tag_by_name(name) is None
    assert lookup_tag_by_keyword(name) is None


@pytest.mark.parametrize("tag", ["00080FFF", "FFFCFFFF", "00091001", "00111010", "60011010"])
def test_unknown_and_private_tags_are_not_found(tag: str) -> None:
    assert lookup_tag(tag) is None


def test_group_lengths_and_private_creators_are_known_in_every_group() -> None:
    for tag, name, vr in [
        ("00280000", "GenericGroupLength", VR.UL),
        ("00090000", "PrivateGroupLength", VR.UL),
        ("00290010", "PrivateCreator", VR.LO),
        ("002900FF", "PrivateCreator", VR.LO),
    ]:
        entry = lookup_tag(tag)
        assert entry is not None
        assert (entry.name, entry.vr) == (name, vr)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "patientname",
        "PATIENTNAME",
        "PatientName ",
        "Patient Name",
        "Patient's Name",
        "PatientName\0",
        "CurveData",  # retired: the name is RETIRED_CurveData
        "Unknown",  # of a hundred private elements
        "Pätient",
        "\ud800",
        "x" * 1_000_000,
    ],
)
def test_only_the_exact_keyword_is_found(name: str) -> None:
    assert lookup_tag_by_name(name) is None
    assert lookup_tag_by_keyword(name) is None


def test_a_private_tag_is_found_by_its_creator_in_any_block() -> None:
    # DCMTK's private.dic: (0019,"1.2.840.113681",10), (0041,"PAPYRUS 3.0",00),
    # (6001-o-60ff,"PAPYRUS 3.0",10)
    creator = "1.2.840.113681"
    found = runtime.find_entry(0x00190010, creator)
    assert found == (0x00190010, "ST", "CRImageParamsCommon", 1, 1, False)
    assert runtime.find_entry(0x00191010, creator) == found
    assert runtime.find_entry(0x0019FE10, creator) == found
    assert runtime.find_entry(0x00191010) is None
    assert runtime.find_entry(0x00191010, creator + " ") is None
    assert runtime.find_entry(0x00211010, creator) is None
    overlay = runtime.find_entry(0x60031110, "PAPYRUS 3.0")
    assert overlay is not None
    assert overlay[:3] == (0x60010010, "US", "OverlayRows")
    assert runtime.find_entry(0x60021110, "PAPYRUS 3.0") is None


def test_a_creator_hides_the_standard_s_elements() -> None:
    assert runtime.find_entry(0x00100010, "PAPYRUS 3.0") is None


@given(st.integers(0, 0xFFFFFFFF), st.text(max_size=80))
def test_no_tag_and_no_creator_does_harm(tag: int, creator: str) -> None:
    found = runtime.find_entry(tag, creator)
    assert found is None or creator == "" or tag >> 16 & 1


@given(st.integers(0, 0xFFFFFFFF))
def test_an_entry_found_by_a_tag_is_found_by_its_name(tag: int) -> None:
    entry = lookup_tag(f"{tag:08x}")
    if entry is not None:
        found = lookup_tag_by_name(entry.name)
        assert found is not None
        assert found.entry == entry
