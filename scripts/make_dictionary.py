"""Writes the compiled-in data dictionary from DCMTK's dictionary files.

    python scripts/make_dictionary.py [DICTIONARY ...] [--output FILE]

Without arguments the files of the installed DCMTK are read (dicom.dic, then private.dic). The rules
of the text format, and which of two competing entries wins, are those of DCMTK's
``DcmDataDictionary``: the last definition of a tag replaces an earlier one, and a repeating entry
that is a subset of another one is found before it.

The output is rows and indexes for ``src/cpp/core/runtime/dictionary.cpp``, which looks inside them:
``string_hash`` and ``tag_hash`` here and there must stay equal. There is no table of UID names:
libdcmdata's own (``dcmFindNameOfUID``) is in memory anyway and needs no loading.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
OUTPUT = REPOSITORY / "src/cpp/core/runtime/dictionary_table.generated.cpp"
INSTALLED = ("libdcmtk*", "dcmtk*")  # under /usr/share: Debian's layout, and DCMTK's own
FILES = ("dicom.dic", "private.dic")

UNBOUNDED = 0
BLOCK_END = 0xFF  # the last element of a private block (PS3.5 section 7.8.1)
COLUMNS = 100


class DictionaryError(Exception):
    """A line that is no dictionary entry, or data the generated table cannot hold."""


@dataclass(frozen=True, slots=True)
class Range:
    """The group or element part of a tag: bounds, and which numbers between them count."""

    low: int
    high: int
    parity: str  # "any", "odd" or "even"

    def covers(self, other: Range) -> bool:
        """True if every bound of `other` lies inside (parity aside, as DCMTK decides it)."""
        return self.low <= other.low and other.high <= self.high

    def overlaps(self, other: Range) -> bool:
        """True if some number may belong to both."""
        apart = {self.parity, other.parity} == {"odd", "even"}
        return not apart and self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Entry:
    """One dictionary entry."""

    group: Range
    element: Range
    creator: str
    vr: str
    keyword: str
    vm_min: int
    vm_max: int
    version: str

    @property
    def tag(self) -> int:
        """Lower bound as one number."""
        return self.group.low << 16 | self.element.low

    @property
    def upper_tag(self) -> int:
        """Upper bound as one number."""
        return self.group.high << 16 | self.element.high

    @property
    def is_repeating(self) -> bool:
        """True if the entry stands for several tags."""
        return self.tag != self.upper_tag

    @property
    def is_retired(self) -> bool:
        """True if the standard has withdrawn the element; the keyword then says so too."""
        return self.version.endswith("/retired")

    def is_subset_of(self, other: Entry) -> bool:
        """True if DCMTK finds this entry before `other`."""
        return (
            other.group.covers(self.group)
            and other.element.covers(self.element)
            and self.creator == other.creator
        )

    def overlaps(self, other: Entry) -> bool:
        """True if a tag may match both."""
        return (
            self.creator == other.creator
            and self.group.overlaps(other.group)
            and self.element.overlaps(other.element)
        )


@dataclass(frozen=True, slots=True)
class Family:
    """Repeating entries of one group range and creator; their elements do not overlap."""

    group: Range
    creator: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All entries in the order of the table."""

    edition: str
    sources: tuple[str, ...]
    normal: tuple[Entry, ...]  # by creator, then tag
    families: tuple[Family, ...]  # in order of search

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Normal entries, then the families one after the other."""
        return self.normal + tuple(entry for family in self.families for entry in family.entries)


# ---- reading -----------------------------------------------------------------------------------

NUMBER = r"([0-9A-Fa-f]{1,4})"
RANGE = re.compile(rf"{NUMBER}(?:-(?:([OoEeUu])-)?{NUMBER})?")
TAG = re.compile(r'\(([^,]*),\s*(?:"([^"]*)"\s*,)?([^)]*)\)')
VM = re.compile(r"(\d+)?(-\d*)?([Nn])?")
EDITION = re.compile(r"^# Generated automatically from (DICOM PS .*?)\.?$", re.MULTILINE)
FIELDS = 5
DEFAULTS = ["1", "DICOM"]  # of the last two fields
PARITIES = {"o": "odd", "e": "even", "u": "any"}


def without_spaces(text: str) -> str:
    """Returns a field as DCMTK takes it: all white space is dropped, inside too."""
    return "".join(text.split())


def parse_range(text: str) -> Range:
    """Returns the bounds of one part of a tag; a range without a letter means even numbers."""
    match = RANGE.fullmatch(without_spaces(text))
    if match is None:
        raise DictionaryError(f"bad tag part {text!r}")
    low, parity, high = match.groups()
    if high is None:
        return Range(int(low, 16), int(low, 16), "any")
    return Range(int(low, 16), int(high, 16), PARITIES[(parity or "e").lower()])


def parse_vm(text: str) -> tuple[int, int]:
    """Returns the bounds of a value multiplicity; "2-2n" and "2n" count as "2-n", "n" as "1-n"."""
    match = VM.fullmatch(text)
    if not text or match is None:
        raise DictionaryError(f"bad VM {text!r}")
    low, high, unbounded = match.groups()
    if unbounded:
        return int(low or 1), UNBOUNDED
    if low is None or high == "-":
        raise DictionaryError(f"bad VM {text!r}")
    return int(low), int(high[1:]) if high else int(low)


def parse_line(line: str) -> Entry:
    """Returns the entry of one line: tag, VR, name and, where they stand there, VM and version."""
    fields = line.split("\t")
    missing = FIELDS - len(fields)
    if not 0 <= missing <= len(DEFAULTS):
        raise DictionaryError("not three to five fields")
    tag, vr, keyword, vm, version = fields + DEFAULTS[len(DEFAULTS) - missing :]
    match = TAG.fullmatch(tag.strip())
    if match is None:
        raise DictionaryError(f"bad tag {tag!r}")
    vm_min, vm_max = parse_vm(without_spaces(vm))
    return Entry(
        group=parse_range(match[1]),
        element=parse_range(match[3]),
        creator=match[2] or "",
        vr=without_spaces(vr),
        keyword=without_spaces(keyword),
        vm_min=vm_min,
        vm_max=vm_max,
        version=without_spaces(version),
    )


def read_entries(path: Path) -> Iterable[Entry]:
    """Yields the entries of one dictionary file in order."""
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield parse_line(line.rstrip())
        except DictionaryError as error:
            raise DictionaryError(f"{path.name}:{number}: {error}") from error


def read_edition(path: Path) -> str | None:
    """Returns what a dictionary file says it was made from, if it does."""
    match = EDITION.search(path.read_text(encoding="ascii"))
    return match[1] if match else None


# ---- ordering ----------------------------------------------------------------------------------


def insert_repeating(entries: list[Entry], new: Entry) -> None:
    """Puts an entry where DCMTK's search would meet it: before what it is a subset of."""
    for index, old in enumerate(entries):
        if (new.group, new.element, new.creator) == (old.group, old.element, old.creator):
            entries[index] = new
            return
        if new.is_subset_of(old):
            entries.insert(index, new)
            return
    entries.append(new)


def make_families(repeating: Sequence[Entry]) -> tuple[Family, ...]:
    """Groups entries by group range and creator, and makes sure that every tag finds the same."""
    members: dict[tuple[Range, str], list[Entry]] = {}
    for entry in repeating:
        if entry.creator and entry.element.high > BLOCK_END:
            raise DictionaryError(f"{entry.keyword}: a range outside of private blocks")
        members.setdefault((entry.group, entry.creator), []).append(entry)
    families = tuple(
        Family(group, creator, tuple(sorted(entries, key=lambda entry: entry.tag)))
        for (group, creator), entries in members.items()
    )
    place = {entry: index for index, family in enumerate(families) for entry in family.entries}
    for index, first in enumerate(repeating):
        for second in repeating[index + 1 :]:
            if first.overlaps(second) and place[first] >= place[second]:
                raise DictionaryError(f"{first.keyword} and {second.keyword} compete for a tag")
    return families


def read_dictionary(paths: Sequence[Path]) -> Dictionary:
    """Returns what DCMTK would know after loading `paths` one after the other."""
    normal: dict[tuple[str, int], Entry] = {}
    repeating: list[Entry] = []
    for path in paths:
        for entry in read_entries(path):
            if entry.is_repeating:
                insert_repeating(repeating, entry)
            else:
                normal[entry.creator, entry.tag] = entry
    return Dictionary(
        edition="; ".join(filter(None, map(read_edition, paths))) or "edition unknown",
        sources=tuple(path.name for path in paths),
        normal=tuple(normal[key] for key in sorted(normal)),
        families=make_families(repeating),
    )


# ---- indexes -----------------------------------------------------------------------------------

MASK = 0xFFFFFFFF
GOLDEN = 0x9E3779B1  # 2^32 / golden ratio, made odd: neighbouring numbers land far apart
WIDE_MASK = 0xFFFFFFFFFFFFFFFF
WIDE_GOLDEN = 0x9E3779B97F4A7C15


def string_hash(text: str) -> int:
    """Returns a 32 bit hash; eight bytes of the text are taken at a time."""
    data = text.encode("ascii")
    value = 0
    for start in range(0, len(data), 8):
        word = int.from_bytes(data[start : start + 8], "little")
        value = (value ^ word) * WIDE_GOLDEN & WIDE_MASK
        value ^= value >> 32
    return value & MASK


def tag_hash(tag: int, creator: int) -> int:
    """Returns a 32 bit hash of a tag and the number of its creator."""
    return (tag ^ creator * GOLDEN) * GOLDEN & MASK


def make_slots(hashes: dict[int, int]) -> list[int]:
    """Returns an open-addressed table of the positions whose hashes are given.

    A slot holds position + 1, or 0; a search starts at the hash's high bits and goes upwards.
    """
    bits = (len(hashes) * 3 // 2).bit_length()
    slots = [0] * (1 << bits)
    for position, value in hashes.items():
        slot = value >> (32 - bits)
        while slots[slot]:
            slot = (slot + 1) % len(slots)
        slots[slot] = position + 1
    return slots


def keyword_hashes(entries: Sequence[Entry]) -> dict[int, int]:
    """Returns position -> hash of the entries that a keyword finds: the standard's own."""
    hashes: dict[int, int] = {}
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        if entry.creator:
            continue  # such names are ambiguous ("Unknown"), and no tag without its creator
        if entry.keyword in seen:
            raise DictionaryError(f"{entry.keyword} is the keyword of two tags")
        seen.add(entry.keyword)
        hashes[position] = string_hash(entry.keyword)
    return hashes


class StringPool:
    """Every string once, each ended by NUL."""

    def __init__(self) -> None:
        self._offsets: dict[str, int] = {}
        self._size = 0

    def offset(self, text: str) -> int:
        """Returns where `text` stands in the pool; appends it when it is new."""
        if text not in self._offsets:
            self._offsets[text] = self._size
            self._size += len(text) + 1
        return self._offsets[text]

    def literals(self) -> Iterable[str]:
        """Yields one C++ literal a string, in order."""
        for text in self._offsets:
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            yield f'"{escaped}\\0"'


# ---- writing -----------------------------------------------------------------------------------


def entry_row(entry: Entry, keyword: int, version: int, creator: int) -> str:
    """Returns one initialiser of a DictionaryEntry; fields left out keep the struct's default."""
    fields = [f"0x{entry.tag:08X}", str(keyword), f'"{entry.vr}"', str(version)]
    fields += [str(entry.vm_min), str(entry.vm_max)]
    if creator or entry.is_retired or entry.is_repeating:
        fields.append(str(creator))
    if entry.is_retired or entry.is_repeating:
        fields.append(str(entry.is_retired).lower())
    if entry.is_repeating:
        fields += [f"Parity::{entry.group.parity}", f"Parity::{entry.element.parity}"]
        fields.append(f"0x{entry.upper_tag:08X}")
    return f"{{{','.join(fields)}}},"


def family_rows(dictionary: Dictionary, creators: Sequence[str]) -> Iterable[str]:
    """Yields the initialisers of the families: group range, creator, and their entries."""
    first = len(dictionary.normal)
    for family in dictionary.families:
        last = first + len(family.entries)
        group, creator = family.group, creators.index(family.creator)
        bounds = f"0x{group.low:04X},0x{group.high:04X},Parity::{group.parity}"
        yield f"{{{bounds},{creator},{first},{last}}},"
        first = last


def number_rows(numbers: Iterable[int]) -> Iterable[str]:
    """Yields the numbers in lines of at most COLUMNS."""
    line = ""
    for number in numbers:
        text = f"{number},"
        if len(line) + len(text) > COLUMNS:
            yield line
            line = ""
        line += text
    yield line


def array(name: str, rows: Iterable[str]) -> Iterable[str]:
    """Yields the definition of one array."""
    yield f"constexpr {name}[] = {{"
    yield from rows
    yield "};"
    yield ""


def slot_array(name: str, slots: Sequence[int]) -> Iterable[str]:
    """Yields the definition of one hash table and of the number of bits that index it."""
    yield f"constexpr unsigned {name}_bits = {len(slots).bit_length() - 1};"
    yield from array(f"std::uint16_t {name}", number_rows(slots))


def render(dictionary: Dictionary) -> str:
    """Returns the text of the C++ file."""
    entries = dictionary.entries
    if len(entries) >= 1 << 16 or any(entry.vm_max >= 1 << 16 for entry in entries):
        raise DictionaryError("more entries, or a higher VM, than 16 bits can say")
    creators = sorted({"", *(entry.creator for entry in entries)})  # 0: no creator
    versions = list(dict.fromkeys(entry.version for entry in entries))
    number = {creator: index for index, creator in enumerate(creators)}
    pool = StringPool()
    creator_offsets = [pool.offset(creator) for creator in creators]
    version_offsets = [pool.offset(version) for version in versions]
    rows = [
        entry_row(e, pool.offset(e.keyword), versions.index(e.version), number[e.creator])
        for e in entries
    ]
    tag_hashes = {i: tag_hash(e.tag, number[e.creator]) for i, e in enumerate(dictionary.normal)}
    creator_hashes = {i: string_hash(creator) for i, creator in enumerate(creators) if creator}
    sources = ", ".join(dictionary.sources)
    lines = [
        "// Generated by scripts/make_dictionary.py from DCMTK's dictionary files; do not edit.",
        f"// {dictionary.edition}: {len(entries)} entries of {sources}.",
        "// Copyright OFFIS e.V.; the conditions stand in docs/third-party.md.",
        "// clang-format off",
        '#include "runtime/dictionary_table.hpp"',
        "",
        "namespace dcmtk_native::runtime::dictionary_table {",
        "",
        f"constexpr std::size_t entry_count = {len(entries)};",
        *array("DictionaryEntry entries", rows),
        f"constexpr std::size_t family_count = {len(dictionary.families)};",
        *array("RepeatingFamily families", family_rows(dictionary, creators)),
        *slot_array("tag_slots", make_slots(tag_hashes)),
        *slot_array("keyword_slots", make_slots(keyword_hashes(entries))),
        *slot_array("creator_slots", make_slots(creator_hashes)),
        *array("std::uint32_t creators", number_rows(creator_offsets)),
        *array("std::uint32_t versions", number_rows(version_offsets)),
        "constexpr char strings[] =",
        *pool.literals(),
        ";",
        "",
        "}  // namespace dcmtk_native::runtime::dictionary_table",
    ]
    return "\n".join(lines) + "\n"


# ---- command line ------------------------------------------------------------------------------


def installed_files() -> list[Path]:
    """Returns the dictionary files of the newest installed DCMTK."""
    folders = [folder for pattern in INSTALLED for folder in Path("/usr/share").glob(pattern)]
    complete = [folder for folder in folders if all((folder / name).is_file() for name in FILES)]
    if not complete:
        raise DictionaryError("no installed DCMTK dictionary found; name its files")
    newest = max(complete, key=lambda folder: read_edition(folder / FILES[0]) or "")
    return [newest / name for name in FILES]


def main() -> int:
    """Writes the table; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the compiled-in data dictionary.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="DICTIONARY")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    try:
        text = render(read_dictionary(arguments.paths or installed_files()))
    except (DictionaryError, OSError, UnicodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    arguments.output.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
