r"""DCMTK's association configuration files: named lists of what is proposed or accepted.

    [[TransferSyntaxes]]
    [Uncompressed]
    TransferSyntax1 = LittleEndianExplicit
    [[PresentationContexts]]
    [Images]
    PresentationContext1 = CTImageStorage\Uncompressed
    [[Profiles]]
    [Default]
    PresentationContexts = Images

Syntaxes are given by UID or by DCMTK's name. Lists count from 1 and end at the first gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dcmtk_native._core.convert import uid_of_name
from dcmtk_native._core.data import is_uid
from dcmtk_native.errors import ToolError
from dcmtk_native.network.peer import PresentationContext
from dcmtk_native.types import StrPath

__all__ = ["AssociationProfile", "read_profile"]

_MAX_FILE: Final = 16 << 20
_MAX_EXTENDED: Final = 48 << 10
"""With the names of its SOP classes: it shares 64 KiB with all that one side says of itself."""
_SYNTAXES: Final = "TRANSFERSYNTAXES"
_CONTEXTS: Final = "PRESENTATIONCONTEXTS"
_ROLES: Final = "SCPSCUROLESELECTION"
_EXTENDED: Final = "EXTENDEDNEGOTIATION"
_PROFILES: Final = "PROFILES"
_LOCAL_NAMES: Final = {
    "LocalEndianExplicit": "1.2.840.10008.1.2.1",
    "OppositeEndianExplicit": "1.2.840.10008.1.2.2",
}
# Whether this side asks, and whether it performs.
_ROLE_WORDS: Final = {"SCU": (True, False), "SCP": (False, True), "BOTH": (True, True)}

_Section = dict[str, str]
_Sections = dict[str, dict[str, _Section]]


@dataclass(frozen=True, slots=True)
class AssociationProfile:
    """What a profile says.

    Attributes:
        contexts: in the order of the file.
        roles: of SOP classes that have some: whether the requestor asks, and whether it performs.
        extended_negotiation: service class application information by SOP class UID.
    """

    contexts: tuple[PresentationContext, ...]
    roles: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)
    extended_negotiation: Mapping[str, bytes] = field(default_factory=dict)


def read_profile(path: StrPath, name: str) -> AssociationProfile:
    """A profile of a configuration file.

    Errors:
        OSError of the file; ToolError raised for what is not of the form, and for a name that
        nothing has.
    """
    with Path(path).open("rb") as file:
        content = file.read(_MAX_FILE + 1)
    if len(content) > _MAX_FILE:
        raise ToolError(f"{path}: no configuration file has more than {_MAX_FILE} bytes")
    try:
        return _Configuration(content.decode("utf-8", "replace")).profile(name)
    except _Malformed as reason:
        raise ToolError(f"{path}: {reason}") from None


class _Malformed(Exception):
    """What is wrong with a configuration file."""


def _mangled(name: str) -> str:
    """A name as the file's own names are compared: case and blanks do not matter."""
    return "".join(name.split()).upper()


def _keyword(name: str) -> str:
    return re.sub(r"[^A-Z0-9_-]", "", name.upper())


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments; one that is indented goes on with the one before."""
    pending = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"} and pending and not line.lstrip().startswith("["):
            pending += f" {line.strip()}"
            continue
        if pending:
            yield pending
        pending = line.strip()
    if pending:
        yield pending


def _sections(text: str) -> _Sections:
    """Entries by the names of two levels of sections."""
    found: _Sections = {}
    outer: dict[str, _Section] = {}
    inner: _Section = {}
    for line in _logical_lines(text):
        if line.startswith("[["):
            outer = found.setdefault(_keyword(line), {})
            inner = {}
        elif line.startswith("["):
            inner = outer.setdefault(_keyword(line), {})
        else:
            key, _, value = line.partition("=")
            inner.setdefault(_keyword(key), value.strip())
    return found


def _listed(section: _Section, key: str) -> Iterator[tuple[str, str]]:
    """Names and values of key1, key2, ... up to the first that is missing."""
    number = 1
    while (value := section.get(f"{key}{number}")) is not None:
        yield f"{key}{number}", value
        number += 1


def _uid(name: str) -> str:
    uid = _LOCAL_NAMES.get(name) or (name if is_uid(name) else uid_of_name(name))
    if not uid:
        raise _Malformed(f"{name[:64]!r} is no UID, and no name of one")
    return uid


def _pair(entry: str, value: str) -> tuple[str, str]:
    """An abstract syntax, and what is said of it."""
    abstract_syntax, separator, rest = value.partition("\\")
    if not separator:
        raise _Malformed(f"{entry}: there is no backslash in {value[:64]!r}")
    return _uid(abstract_syntax.strip()), rest


class _Configuration:
    """The sections of a file, and what they mean together."""

    def __init__(self, text: str) -> None:
        self._sections = _sections(text)

    def profile(self, name: str) -> AssociationProfile:
        entries = self._section(_PROFILES, name)
        if _CONTEXTS not in entries:
            raise _Malformed(f"profile {name}: there is no entry PresentationContexts")
        roles = self._roles(entries.get(_ROLES))
        proposed = self._pairs(_CONTEXTS, entries[_CONTEXTS], "PRESENTATIONCONTEXT")
        contexts = tuple(
            PresentationContext(sop_class, self._syntaxes(syntaxes), *roles.get(sop_class, ()))
            for sop_class, syntaxes in proposed
        )
        if not contexts:
            raise _Malformed(f"profile {name}: it has no presentation context")
        return AssociationProfile(contexts, roles, self._extended(entries.get(_EXTENDED)))

    def _section(self, outer: str, inner: str) -> _Section:
        found = self._sections.get(outer, {}).get(_mangled(inner))
        if found is None:
            raise _Malformed(f"there is no section [{inner[:64]}] in [[{outer}]]")
        return found

    def _pairs(self, outer: str, inner: str, key: str) -> list[tuple[str, str]]:
        section = self._section(outer, inner)
        return [_pair(entry, value) for entry, value in _listed(section, key)]

    def _syntaxes(self, name: str) -> tuple[str, ...]:
        section = self._section(_SYNTAXES, name)
        found = tuple(_uid(value) for _, value in _listed(section, "TRANSFERSYNTAX"))
        if not found:
            raise _Malformed(f"the list of transfer syntaxes {name[:64]} is empty")
        return found

    def _roles(self, name: str | None) -> dict[str, tuple[bool, bool]]:
        if name is None:
            return {}
        roles: dict[str, tuple[bool, bool]] = {}
        for abstract_syntax, word in self._pairs(_ROLES, name, "ROLE"):
            role = _ROLE_WORDS.get(_mangled(word))
            if role is None:
                raise _Malformed(f"{word[:64]!r} is none of SCU, SCP and both")
            roles[abstract_syntax] = role
        return roles

    def _extended(self, name: str | None) -> dict[str, bytes]:
        if name is None:
            return {}
        found: dict[str, bytes] = {}
        for abstract_syntax, digits in self._pairs(_EXTENDED, name, _EXTENDED):
            try:
                found[abstract_syntax] = bytes.fromhex(digits)
            except ValueError:
                raise _Malformed(f"{digits[:64]!r} are no bytes in hexadecimal") from None
        if sum(len(uid) + len(information) for uid, information in found.items()) > _MAX_EXTENDED:
            raise _Malformed(f"the extended negotiation {name[:64]} is too long")
        return found
