"""The native DICOM model of PS3.19 annex A, read into the DICOM JSON model.

The XML is foreign input. It is read as a stream with a stack of our own, so no depth of it can
exhaust Python's; declarations of entities, with which a small text can become a huge one, are
refused, and nothing outside of the text is ever loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from operator import itemgetter

from dcmtk_native.data.model import DicomJsonElement, DicomJsonModel
from dcmtk_native.errors import DcmtkError, DicomFormatError, LimitExceededError
from dcmtk_native.result import Err, Ok, Result

__all__ = ["xml_to_json"]

_ROOT = "NativeDicomModel"
_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_NAME_PARTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
_MAX_SEQUENCE_DEPTH = 64
_NUMBER = re.compile(r"[0-9]{1,10}")
_SEPARATOR = "\n"  # between namespace and name: no namespace holds one
_TEXT_BUFFER_SIZE = 1 << 16
_SHOWN = 80


def xml_to_json(xml: str | bytes) -> Result[DicomJsonModel]:
    """The data set that the XML describes, as a DICOM JSON model.

    Values are always strings: XML does not tell numbers from text.

    Errors:
        DicomFormatError: not well-formed XML, no native DICOM model, or it declares entities.
        LimitExceededError: sequences are nested deeper than 64 levels.

    Example:
        >>> xml_to_json('<NativeDicomModel><DicomAttribute tag="00100020" vr="LO">'
        ...             '<Value number="1">4711</Value></DicomAttribute></NativeDicomModel>')
        Ok(value={'00100020': {'vr': 'LO', 'Value': ['4711']}})
    """
    from xml.parsers import expat

    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.buffer_size = _TEXT_BUFFER_SIZE
    parser.specified_attributes = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse_entity_declaration
    parser.SkippedEntityHandler = _refuse_unknown_entity
    try:
        parser.Parse(xml, True)
    except _RefusedError as refusal:
        return Err(refusal.error)
    # The others: characters that no encoding has, an encoding that Python does not know.
    except (expat.ExpatError, ValueError, LookupError) as error:
        missing = "" if reader.root_seen else f" ({_ROOT} is missing)"
        return Err(DicomFormatError(f"Failed to parse XML: {error}{missing}"))
    return Ok(reader.model)


class _RefusedError(Exception):
    """Takes an error out of the parser's callbacks."""

    def __init__(self, error: DcmtkError) -> None:
        super().__init__(error.message)
        self.error = error


def _refuse_entity_declaration(name: str, *_: object) -> None:
    raise _RefusedError(
        DicomFormatError(f"Failed to parse XML: it declares an entity, {name[:_SHOWN]!r}")
    )


def _refuse_unknown_entity(name: str, *_: object) -> None:
    raise _RefusedError(
        DicomFormatError(f"Failed to parse XML: entity {name[:_SHOWN]!r} is not declared")
    )


class _Node:
    """An open XML element: knows which elements inside of it have a meaning."""

    __slots__ = ()

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        """The node of an element inside; `None` if it has no meaning here."""
        return None

    def text(self, data: str) -> None:
        """Take a piece of the text inside."""

    def close(self) -> None:
        """Hand over what was read."""


class _Reader:
    """Keeps the open elements, and counts those inside of one without a meaning."""

    def __init__(self) -> None:
        self.model: DicomJsonModel = {}
        self._open: list[_Node] = [_Document(self.model)]
        self._ignored = 0

    @property
    def root_seen(self) -> bool:
        return bool(self.model) or len(self._open) > 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        node = None
        if not self._ignored:
            node = self._open[-1].child(name.rpartition(_SEPARATOR)[2], attributes)
        if node is None:
            self._ignored += 1
        else:
            self._open.append(node)

    def end(self, _: str) -> None:
        if self._ignored:
            self._ignored -= 1
        else:
            self._open.pop().close()

    def text(self, data: str) -> None:
        if not self._ignored:
            self._open[-1].text(data)


class _Document(_Node):
    __slots__ = ("_model",)

    def __init__(self, model: DicomJsonModel) -> None:
        self._model = model

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name == _ROOT:
            return _Model(self._model, 0)
        raise _RefusedError(
            DicomFormatError(
                f"Failed to parse XML: the root element is {name[:_SHOWN]!r}, not {_ROOT}"
            )
        )


class _Model(_Node):
    """The data set, or an item of a sequence `depth` levels down."""

    __slots__ = ("_depth", "_model")

    def __init__(self, model: DicomJsonModel, depth: int) -> None:
        self._model = model
        self._depth = depth

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        tag = attributes.get("tag")
        if name != "DicomAttribute" or tag is None:
            return None
        return _Attribute(self._model, tag, attributes.get("vr", ""), self._depth)


class _Attribute(_Node):
    __slots__ = ("_depth", "_entries", "_forms", "_model", "_tag", "_vr")

    def __init__(self, model: DicomJsonModel, tag: str, vr: str, depth: int) -> None:
        self._model = model
        self._tag = tag
        self._vr = vr
        self._depth = depth
        self._forms: dict[str, str] = {}
        self._entries: dict[str, list[tuple[int, object]]] = {}

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        match name:
            case "Value":
                return _Text(partial(self._add, name, attributes.get("number")))
            case "PersonName" if self._vr == "PN":
                groups: dict[str, str] = {}
                self._add(name, attributes.get("number"), groups)
                return _PersonName(groups)
            case "Item" if self._vr == "SQ":
                item: DicomJsonModel = {}
                self._add(name, attributes.get("number"), item)
                return _Model(item, self._deeper())
            case "InlineBinary":
                return _Text(partial(self._forms.__setitem__, name))
            case "BulkDataURI" | "BulkData":
                return self._bulk_data(attributes.get("uri") or attributes.get("uuid"))
            case _:
                return None

    def close(self) -> None:
        element: DicomJsonElement = {"vr": self._vr}
        if "InlineBinary" in self._forms:
            element["InlineBinary"] = "".join(self._forms["InlineBinary"].split())
        elif "BulkDataURI" in self._forms:
            element["BulkDataURI"] = self._forms["BulkDataURI"].strip()
        else:
            for name in ("PersonName", "Item", "Value"):
                if entries := self._entries.get(name):
                    element["Value"] = [entry for _, entry in sorted(entries, key=itemgetter(0))]
                    break
        self._model[self._tag] = element

    def _add(self, name: str, number: str | None, entry: object) -> None:
        """Note an entry under its `number`, or under its position if that is none."""
        entries = self._entries.setdefault(name, [])
        if number is None or _NUMBER.fullmatch(number) is None:
            number = str(len(entries) + 1)
        entries.append((int(number), entry))

    def _bulk_data(self, uri: str | None) -> _Node | None:
        if uri is None:
            return _Text(partial(self._forms.__setitem__, "BulkDataURI"))
        self._forms["BulkDataURI"] = uri
        return None

    def _deeper(self) -> int:
        depth = self._depth + 1
        if depth > _MAX_SEQUENCE_DEPTH:
            raise _RefusedError(
                LimitExceededError(
                    f"Failed to parse XML: sequences are nested deeper than {_MAX_SEQUENCE_DEPTH}",
                    limit="sequence_depth",
                    value=depth,
                    maximum=_MAX_SEQUENCE_DEPTH,
                )
            )
        return depth


class _PersonName(_Node):
    __slots__ = ("_groups",)

    def __init__(self, groups: dict[str, str]) -> None:
        self._groups = groups

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name not in _NAME_GROUPS:
            return None
        return _NameGroup(partial(self._groups.__setitem__, name))


class _NameGroup(_Node):
    """One group of a person name: its parts, separated by carets (PS3.5 section 6.2, PN)."""

    __slots__ = ("_parts", "_store")

    def __init__(self, store: Callable[[str], None]) -> None:
        self._store = store
        self._parts: dict[str, str] = {}

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name not in _NAME_PARTS:
            return None
        return _Text(partial(self._parts.__setitem__, name))

    def close(self) -> None:
        joined = "^".join(self._parts.get(name, "") for name in _NAME_PARTS).rstrip("^")
        if joined:
            self._store(joined)


class _Text(_Node):
    __slots__ = ("_pieces", "_store")

    def __init__(self, store: Callable[[str], None]) -> None:
        self._store = store
        self._pieces: list[str] = []

    def text(self, data: str) -> None:
        self._pieces.append(data)

    def close(self) -> None:
        self._store("".join(self._pieces))
