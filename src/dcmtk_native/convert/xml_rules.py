"""The document type of dcm2xml and xml2dcm: what DCMTK's dcm2xml.dtd demands of a document.

A document is held against these rules and not against a DTD that it brings or names: a stranger's
DTD proves nothing, and loading one would open files and connections on his behalf.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["RULES", "Validator"]

_ROOTS: Final = ("file-format", "data-set")
_NAME_TOKEN: Final = re.compile(r"\s*[\w:.\-\xB7]+\s*")
_ANY: Final = re.compile(r".*", re.DOTALL)


def _one_of(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{'|'.join(words)})\s*")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One element type.

    Attributes:
        steps: from a state (0 at first) and the name of a child to the next state.
        ends: the states in which the element may end.
        required: attributes that must be there.
        attributes: all its attributes and what their values look like.
        has_text: its content is text.
    """

    steps: Mapping[tuple[int, str], int]
    ends: tuple[int, ...]
    required: tuple[str, ...]
    attributes: Mapping[str, re.Pattern[str]]
    has_text: bool = False


_ELEMENTS: Final = {(0, "element"): 0, (0, "sequence"): 0}
_HEAD: Final = {"xfer": _NAME_TOKEN, "name": _ANY}
_NAMED: Final = {"name": _ANY, "tag": _ANY, "vr": _NAME_TOKEN, "len": _NAME_TOKEN}
_LOADED: Final = _one_of("yes", "no")
RULES: Final[Mapping[str, _Rule]] = {
    "file-format": _Rule({(0, "meta-header"): 1, (1, "data-set"): 2}, (2,), (), {"xmlns": _ANY}),
    "meta-header": _Rule({(0, "element"): 1, (1, "element"): 1}, (1,), ("xfer",), _HEAD),
    "data-set": _Rule(_ELEMENTS, (0,), ("xfer",), _HEAD),
    "item": _Rule(_ELEMENTS, (0,), (), dict.fromkeys(("card", "len", "offset"), _NAME_TOKEN)),
    "sequence": _Rule(
        {(0, "item"): 1, (1, "item"): 1, (0, "pixel-item"): 2, (2, "pixel-item"): 2},
        (0, 1, 2),
        ("tag", "vr"),
        {"card": _NAME_TOKEN, **_NAMED},
    ),
    "element": _Rule(
        {},
        (0,),
        ("tag", "vr"),
        {
            "binary": _one_of("yes", "no", "hidden", "base64", "file"),
            "loaded": _LOADED,
            "vm": _NAME_TOKEN,
            **_NAMED,
        },
        has_text=True,
    ),
    "pixel-item": _Rule(
        {},
        (0,),
        (),
        {
            "binary": _one_of("yes", "hidden", "base64", "file"),
            "len": _NAME_TOKEN,
            "loaded": _LOADED,
        },
        has_text=True,
    ),
}


class Validator:
    """Follows a document; each method returns what is not valid in it, or `None`."""

    def __init__(self) -> None:
        self._open: list[tuple[str, _Rule, int]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> str | None:
        """An element begins."""
        if self._open:
            parent, rule, state = self._open[-1]
            after = rule.steps.get((state, name))
            if after is None:
                return f"element {name[:80]!r} cannot stand here in {parent!r}"
            self._open[-1] = (parent, rule, after)
        elif name not in _ROOTS:
            return f"the root element is {name[:80]!r}"
        rule = RULES[name]
        self._open.append((name, rule, 0))
        for attribute in rule.required:
            if attribute not in attributes:
                return f"element {name!r} has no attribute {attribute!r}"
        for attribute, value in attributes.items():
            form = rule.attributes.get(attribute)
            if form is None:
                return f"element {name!r} cannot have an attribute {attribute[:80]!r}"
            if not form.fullmatch(value):
                return f"attribute {attribute!r} of {name!r} cannot be {value[:80]!r}"
        return None

    def text(self, data: str) -> str | None:
        """Text inside of the open element."""
        name, rule, _ = self._open[-1]
        if rule.has_text or not data.strip():
            return None
        return f"text cannot stand in {name!r}"

    def end(self) -> str | None:
        """The open element ends."""
        name, rule, state = self._open.pop()
        return None if state in rule.ends else f"something is missing in {name!r}"
