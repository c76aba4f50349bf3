"""The XML of dcm2xml (`file-format`, `data-set`), put into a draft while it is read.

The XML is foreign input. It is read as a stream by a parser that does not recurse, declarations of
entities, with which a small text can become a huge one, are refused, and nothing that the document
names is loaded but files below one directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from dcmtk_native._core import data as _core
from dcmtk_native._core.runtime import NativeError, checkpoint
from dcmtk_native.convert.document import Problems, draft_in, tag_text
from dcmtk_native.convert.named_files import NamedFiles
from dcmtk_native.convert.xml_rules import Validator
from dcmtk_native.convert.xml_values import (
    ValueWriter,
    WrongValueError,
    XmlValue,
    tag_of,
    vr_of,
)
from dcmtk_native.errors import DicomFormatError
from dcmtk_native.limits import Limits

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

__all__ = ["NAMESPACE", "XmlReader"]

NAMESPACE: Final = "http://dicom.offis.de/dcmtk"
"""What the root element declares if the namespace is to be checked."""

_TRANSFER_SYNTAX: Final = 0x00020010
_PIXEL_DATA: Final = 0x7FE00010
_ITEM: Final = 0xFFFEE000
_CHUNK: Final = 1 << 20
# A comment or attribute is scanned anew with every chunk, so a huge one would take quadratic time.
_MAX_TOKEN: Final = 8 << 20
_TEXT_BUFFER: Final = 1 << 18
_BETWEEN_CHECKPOINTS: Final = 0x3F
_SHOWN: Final = 80


class XmlReader:
    """Reads one document.

    Attributes:
        problems: where to report what is wrong.
        limits: what the document may ask for.
        read_meta: the meta header counts.
    """

    def __init__(
        self,
        problems: Problems,
        *,
        files: NamedFiles,
        limits: Limits,
        read_meta: bool,
        write_xfer: str,
        check_namespace: bool,
        validator: Validator | None,
    ) -> None:
        self.problems = problems
        self.limits = limits
        self.read_meta = read_meta
        self.meta: list[XmlValue] = []
        self._files = files
        self._write_xfer = write_xfer
        self._check_namespace = check_namespace
        self._validator = validator
        self._draft: _core.Draft | None = None
        self._open: list[_Node] = [_Document(self)]
        self._ignored = 0
        self._elements = 0
        self._parser = self._new_parser()

    def read(self, stream: BinaryIO) -> _core.Draft:
        """The data set of the whole document."""
        from xml.parsers import expat

        fed = 0
        try:
            for chunk in _chunks(stream, self.limits, self.problems):
                checkpoint()
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - self._parser.CurrentByteIndex > _MAX_TOKEN:
                    raise self.refusal(f"a comment, tag or name of more than {_MAX_TOKEN} bytes")
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            where = f"line {error.lineno}, column {error.offset}"
            raise self.problems.fatal(where, expat.ErrorString(error.code)) from None
        except (ValueError, LookupError) as error:  # an encoding that Python does not know
            raise self.problems.fatal(self.where(), str(error)) from None
        if self._draft is None:
            raise self.problems.fatal("the end", "there is no element data-set")
        return self._draft

    def where(self) -> str:
        """The place that is being read."""
        return f"line {self._parser.CurrentLineNumber}"

    def line(self) -> int:
        """The number of the line that is being read."""
        return self._parser.CurrentLineNumber

    def refusal(self, text: str) -> DicomFormatError:
        """The error that ends the call: nothing sensible can be read behind this."""
        return self.problems.fatal(self.where(), text)

    def begin_data_set(self, syntax: str) -> tuple[_core.Draft, ValueWriter]:
        """A draft in the transfer syntax of the document, with its meta header."""
        if self._draft is not None:
            raise self.refusal("there is a second data-set")
        in_meta = next((each.text for each in self.meta if each.tag == _TRANSFER_SYNTAX), "")
        draft, encapsulated = draft_in(
            syntax.strip() or in_meta, self.problems, write_xfer=self._write_xfer
        )
        self._draft = draft
        writer = ValueWriter(
            draft,
            self.problems,
            files=self._files,
            limits=self.limits,
            only_fragments=encapsulated and self._write_xfer == "same",
        )
        for value in self.meta:
            writer.put(value, at_root=True, used_before=0)
        return draft, writer

    def count(self) -> None:
        """One more element or item of the data set."""
        self._elements += 1
        if not self._elements & _BETWEEN_CHECKPOINTS:
            checkpoint()
        self.within("max_elements", self._elements, self.limits.max_elements)

    def within(self, limit: str, value: int, maximum: int) -> None:
        """Ends the call if a limit is exceeded."""
        if value > maximum:
            raise self.problems.exceeds(self.where(), limit, value, maximum)

    # -- what the parser calls

    def _new_parser(self) -> XMLParserType:
        from xml.parsers import expat

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = _TEXT_BUFFER
        parser.specified_attributes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._refuse_entity_declaration
        parser.SkippedEntityHandler = self._refuse_unknown_entity
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._validator is not None:
            self._demand(self._validator.start(name, attributes))
        if len(self._open) == 1 and self._check_namespace and not _declares(attributes):
            raise self.refusal(f"the root element does not declare the namespace {NAMESPACE}")
        node = None
        if not self._ignored:
            node = self._child(name.rpartition(":")[2], attributes)
        if node is None:
            self._ignored += 1
        else:
            self._open.append(node)

    def _child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        try:
            node = self._open[-1].child(name, attributes)
        except WrongValueError as wrong:
            self.problems.add(self.where(), str(wrong))
            return None
        except NativeError as error:
            self.problems.take(error, self.where())
            return None
        if node is None:
            self.problems.warn(self.where(), f"element {name[:_SHOWN]!r} means nothing here")
        return node

    def _end(self, _: str) -> None:
        if self._validator is not None:
            self._demand(self._validator.end())
        if self._ignored:
            self._ignored -= 1
            return
        try:
            self._open.pop().close()
        except NativeError as error:
            self.problems.take(error, self.where())

    def _text(self, data: str) -> None:
        if self._validator is not None:
            self._demand(self._validator.text(data))
        if not self._ignored:
            self._open[-1].text(data)

    def _demand(self, violation: str | None) -> None:
        if violation is not None:
            raise self.refusal(f"the document is not valid: {violation}")

    def _refuse_entity_declaration(self, name: str, *_: object) -> None:
        raise self.refusal(f"it declares an entity, {name[:_SHOWN]!r}")

    def _refuse_unknown_entity(self, name: str, *_: object) -> None:
        raise self.refusal(f"entity {name[:_SHOWN]!r} is not declared")


def _declares(attributes: dict[str, str]) -> bool:
    return any(
        value == NAMESPACE and (name == "xmlns" or name.startswith("xmlns:"))
        for name, value in attributes.items()
    )


def _chunks(stream: BinaryIO, limits: Limits, problems: Problems) -> Iterator[bytes]:
    """The document piece by piece; one that is compressed with gzip is inflated."""
    first = stream.read(_CHUNK)
    if not first.startswith(b"\x1f\x8b"):
        while first:
            yield first
            first = stream.read(_CHUNK)
        return
    import zlib

    inflater = zlib.decompressobj(wbits=31)
    taken = inflated = 0
    piece = first
    while piece and not inflater.eof:
        taken += len(piece)
        while piece and not inflater.eof:
            try:
                chunk = inflater.decompress(piece, _CHUNK)
            except zlib.error as error:
                raise problems.fatal("the compressed document", str(error)) from None
            piece = inflater.unconsumed_tail
            inflated += len(chunk)
            allowed = max(taken * limits.max_inflate_ratio, limits.min_inflate_allowance)
            if inflated > allowed:
                raise problems.exceeds("the document", "max_inflate_ratio", inflated, allowed)
            yield chunk
        piece = stream.read(_CHUNK)
    if not inflater.eof:
        raise problems.fatal("the compressed document", "it ends too early")


class _Node:
    """An open XML element: knows which elements inside of it have a meaning."""

    __slots__ = ("_reader",)

    def __init__(self, reader: XmlReader) -> None:
        self._reader = reader

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        """The node of an element inside; `None` if it has no meaning here."""
        return None

    def text(self, data: str) -> None:
        """Take a piece of the text inside."""
        if data.strip():
            self._reader.problems.warn(self._reader.where(), "text means nothing here")

    def close(self) -> None:
        """Hand over what was read."""


class _Document(_Node):
    __slots__ = ()

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name == "file-format":
            return _FileFormat(self._reader)
        if name == "data-set":
            return _DataSet(self._reader, attributes)
        raise self._reader.refusal(
            f"the root is {name[:_SHOWN]!r}, neither file-format nor data-set"
        )


class _FileFormat(_Node):
    __slots__ = ("_has_meta",)

    def __init__(self, reader: XmlReader) -> None:
        super().__init__(reader)
        self._has_meta = False

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name == "meta-header" and not self._has_meta:
            self._has_meta = True
            return _MetaHeader(self._reader)
        if name == "data-set" and self._has_meta:
            return _DataSet(self._reader, attributes)
        raise self._reader.refusal(
            f"element {name[:_SHOWN]!r}: a file-format is a meta-header and a data-set"
        )


class _MetaHeader(_Node):
    __slots__ = ()

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name != "element":
            return None
        tag = tag_of(attributes)
        if tag >> 16 != 0x0002:
            raise WrongValueError(f"{tag_text(tag)} is no file meta information")
        return _Element(self._reader, tag, attributes, self._take)

    def _take(self, value: XmlValue) -> None:
        if self._reader.read_meta:
            self._reader.meta.append(value)


class _Element(_Node):
    """A value: of an element, or a fragment of pixel data."""

    __slots__ = ("_attributes", "_line", "_pieces", "_store", "_tag", "_vr")

    def __init__(
        self,
        reader: XmlReader,
        tag: int,
        attributes: dict[str, str],
        store: Callable[[XmlValue], None],
        vr: str = "",
    ) -> None:
        super().__init__(reader)
        reader.count()
        self._line = reader.line()
        self._tag = tag
        self._vr = vr or vr_of(tag, attributes)
        self._attributes = attributes
        self._store = store
        self._pieces: list[str] = []

    def text(self, data: str) -> None:
        self._pieces.append(data)

    def close(self) -> None:
        self._store(
            XmlValue(
                line=self._line,
                tag=self._tag,
                vr=self._vr,
                binary=self._attributes.get("binary", ""),
                loaded=self._attributes.get("loaded") != "no",
                text="".join(self._pieces),
            )
        )


class _Elements(_Node):
    """The data set, or an item of a sequence `depth` levels down."""

    __slots__ = ("_depth", "_draft", "_used_before", "_writer")

    def __init__(
        self, reader: XmlReader, draft: _core.Draft, writer: ValueWriter, depth: int
    ) -> None:
        super().__init__(reader)
        self._draft = draft
        self._writer = writer
        self._depth = depth
        self._used_before = writer.charset.used

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name not in ("element", "sequence"):
            return None
        tag = tag_of(attributes)
        if tag >> 16 in (0x0002, 0xFFFE):
            raise WrongValueError(f"{tag_text(tag)} cannot stand in a data set")
        vr = vr_of(tag, attributes)
        if name == "sequence" and tag == _PIXEL_DATA:
            return _PixelSequence(self._reader, self._draft, self._writer, vr)
        if (name == "sequence") != (vr == "SQ"):
            raise WrongValueError(f"{tag_text(tag)} of VR {vr} cannot be an XML {name}")
        if name == "sequence":
            if self._draft.has(tag):
                raise WrongValueError(f"{tag_text(tag)} stands there twice")
            return _Sequence(self._reader, self._draft, self._writer, tag, self._depth + 1)
        return _Element(self._reader, tag, attributes, self._put, vr)

    def _put(self, value: XmlValue) -> None:
        at_root = self._depth == 0
        self._writer.put(value, at_root=at_root, used_before=self._used_before)


class _DataSet(_Elements):
    __slots__ = ()

    def __init__(self, reader: XmlReader, attributes: dict[str, str]) -> None:
        draft, writer = reader.begin_data_set(attributes.get("xfer", ""))
        super().__init__(reader, draft, writer, 0)

    def close(self) -> None:
        self._writer.charset.finish()


class _Item(_Elements):
    __slots__ = ()

    def __init__(
        self, reader: XmlReader, draft: _core.Draft, writer: ValueWriter, depth: int
    ) -> None:
        super().__init__(reader, draft, writer, depth)
        reader.count()
        draft.begin_item()

    def close(self) -> None:
        self._draft.end_item()


class _Sequence(_Node):
    __slots__ = ("_depth", "_draft", "_writer")

    def __init__(
        self, reader: XmlReader, draft: _core.Draft, writer: ValueWriter, tag: int, depth: int
    ) -> None:
        super().__init__(reader)
        reader.count()
        reader.within("max_depth", depth, reader.limits.max_depth)
        self._draft = draft
        self._writer = writer
        self._depth = depth
        draft.begin_sequence(tag)

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name != "item":
            return None
        return _Item(self._reader, self._draft, self._writer, self._depth)

    def close(self) -> None:
        self._draft.end_sequence()


class _PixelSequence(_Node):
    __slots__ = ("_draft", "_fragments", "_vr", "_writer")

    def __init__(self, reader: XmlReader, draft: _core.Draft, writer: ValueWriter, vr: str) -> None:
        super().__init__(reader)
        reader.count()
        self._draft = draft
        self._writer = writer
        self._vr = vr
        self._fragments: list[bytes] = []

    def child(self, name: str, attributes: dict[str, str]) -> _Node | None:
        if name != "pixel-item":
            return None
        return _Element(self._reader, _ITEM, attributes, self._take, "OB")

    def _take(self, value: XmlValue) -> None:
        self._fragments.append(self._writer.fragment(value))

    def close(self) -> None:
        self._draft.put_fragments(_PIXEL_DATA, self._vr, self._fragments)
