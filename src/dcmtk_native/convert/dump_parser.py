"""The text that dcmdump prints, and what people write after its pattern, put into a draft.

The syntax is that of the man page of dump2dcm: an element a line, `(gggg,eeee) VR value # comment`.
A dump holds the bytes of the values in whatever character set (0008,0005) names, so lines are bytes
and text is not decoded on the way, unless the dump as a whole is UTF-8.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO, Final

from dcmtk_native._core import data as _core
from dcmtk_native._core.runtime import NativeError, checkpoint, find_entry
from dcmtk_native.convert.charset_rule import SPECIFIC_CHARACTER_SET, CharacterSetRule
from dcmtk_native.convert.document import Problems, hex_bytes, resolved_uid, tag_text
from dcmtk_native.convert.named_files import NamedFiles, RefusedFileError
from dcmtk_native.data.vr import is_string_vr, is_valid_vr
from dcmtk_native.limits import Limits

__all__ = ["DumpLines", "DumpReader", "transfer_syntax_of"]

_TAG = re.compile(rb"\(([0-9A-Fa-f]{1,4}),([0-9A-Fa-f]{1,4})\)")
_STARTS_ELEMENT = re.compile(rb"\s*\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)")
# What ends a text of several lines: nothing but a comment follows on its line.
_CLOSING = re.compile(rb"\][ \t\r]*(?:#[^\n]*)?$", re.MULTILINE)
# The second group: what dcmdump prints where the VR is ambiguous or of no element.
_VR = re.compile(rb"\s*(?:([A-Z]{2})|(pi|ox|xs|px|lt|up|na|\?\?))(?=[\s\[(=#<]|$)")

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_TRANSFER_SYNTAX: Final = 0x00020010
_PIXEL_DATA: Final = 0x7FE00010
# In them "\n" stands for a line break, and a backslash separates no values.
_PARAGRAPHS: Final = frozenset({"LT", "ST", "UT"})
_BYTES_OR_WORDS: Final = frozenset({"OB", "OW"})
_BETWEEN_CHECKPOINTS: Final = 0xFF
_SPACES: Final = b" \t\r\n\v\f"


class DumpLines:
    """The lines of a dump, read one by one: the whole is never in memory."""

    def __init__(self, stream: BinaryIO, max_length: int) -> None:
        self._stream = stream
        self._max_length = max_length

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        """Number and content of each line, its end removed; `None` if it is too long."""
        self._stream.seek(0)
        number = 0
        while line := self._stream.readline(self._max_length + 1):
            number += 1
            if not number & _BETWEEN_CHECKPOINTS:
                checkpoint()
            if line.endswith(b"\n"):
                yield number, line[:-1]
            elif len(line) <= self._max_length:  # the last one
                yield number, line
            else:
                self._skip_rest()
                yield number, None

    def _skip_rest(self) -> None:
        while (rest := self._stream.readline(1 << 20)) and not rest.endswith(b"\n"):
            checkpoint()


def transfer_syntax_of(lines: DumpLines) -> str:
    """The UID that (0002,0010) has, wherever in the dump it stands; nothing if it does not."""
    for _, line in lines:
        text = line.strip(_SPACES) if line is not None else b""
        if text.startswith(b"("):
            try:
                tag, rest = _split_tag(text)
            except _WrongError:
                continue  # the reader will say so
            if tag == _TRANSFER_SYNTAX:
                _, rest = _split_vr(rest)
                bracketed = rest[1 : rest.rfind(b"]")] if rest.startswith(b"[") else None
                value = rest.partition(b"#")[0] if bracketed is None else bracketed
                return resolved_uid(value.decode("latin-1").strip("\0 \t")) or ""
    return ""


class _Frame(Enum):
    """What a line stands in."""

    SEQUENCE = "a sequence"
    ITEM = "an item"
    PIXELS = "encapsulated pixel data"
    SKIPPED = "a sequence that is left out"


# What each delimiter is for; an item is none.
_ENDED_BY: Final = {
    _ITEM: (),
    _ITEM_END: (_Frame.ITEM,),
    _SEQUENCE_END: (_Frame.SEQUENCE, _Frame.PIXELS),
}


@dataclass(slots=True)
class _Open:
    """A sequence, item or pixel sequence whose end was not read yet."""

    frame: _Frame
    line: int
    used_before: int = 0  # of the character set, where an item began
    tag: int = 0
    vr: str = ""
    fragments: list[bytes] | None = None


@dataclass(slots=True)
class _Unfinished:
    """A text value that goes on in the next line."""

    line: int
    tag: int
    vr: str
    pieces: list[bytes]
    size: int


class _WrongError(Exception):
    """Why a line cannot be used."""


class DumpReader:
    """Puts the lines of a dump into a draft."""

    def __init__(
        self,
        draft: _core.Draft,
        problems: Problems,
        *,
        files: NamedFiles,
        limits: Limits,
        read_meta: bool,
        only_fragments: bool,
        big_endian_files: bool,
        is_utf8: bool,
    ) -> None:
        self._draft = draft
        self._problems = problems
        self._files = files
        self._limits = limits
        self._read_meta = read_meta
        self._only_fragments = only_fragments
        self._big_endian_files = big_endian_files
        self._charset = CharacterSetRule(draft) if is_utf8 else None
        self._open: list[_Open] = []
        self._unfinished: _Unfinished | None = None
        self._line = 0
        self._elements = 0

    def read(self, lines: DumpLines) -> None:
        """Puts all of them."""
        for number, line in lines:
            if self._unfinished is not None and self._goes_on(line):
                continue
            self._line = number
            try:
                if line is None:
                    raise _WrongError("longer than max_line_length")
                self._element(line)
            except _WrongError as wrong:
                self._problems.add(self._where(), str(wrong))
            except NativeError as error:
                self._problems.take(error, self._where())
        if self._unfinished is not None:
            self._finish_text()
        self._close_all()
        if self._charset is not None:
            self._charset.finish()

    def _where(self) -> str:
        return f"line {self._line}"

    # -- one line

    def _element(self, line: bytes) -> None:
        text = line.lstrip(_SPACES)
        if not text or text.startswith(b"#"):
            return
        tag, rest = _split_tag(text)
        self._elements += 1
        if self._elements > self._limits.max_elements:
            maximum = self._limits.max_elements
            raise self._problems.exceeds(self._where(), "max_elements", self._elements, maximum)
        vr, rest = _split_vr(rest)
        if not vr:
            entry = find_entry(tag)
            vr = entry[1] if entry is not None and is_valid_vr(entry[1]) else "UN"
        begins = vr == "SQ" or rest.startswith(b"(PixelSequence")
        depth = len(self._open)
        try:
            self._element_or_delimiter(tag, vr, rest)
        except (_WrongError, NativeError):
            if begins and len(self._open) == depth:
                self._open.append(_Open(_Frame.SKIPPED, self._line))
            raise

    def _element_or_delimiter(self, tag: int, vr: str, rest: bytes) -> None:
        top = self._open[-1].frame if self._open else None
        if top is _Frame.SKIPPED:
            self._skip(tag, vr, rest)
        elif tag >> 16 == 0xFFFE:
            self._structure(tag, rest)
        elif tag >> 16 == 0x0002:
            if top is not None:
                raise _WrongError(f"file meta information cannot stand in {top.value}")
            if self._read_meta:
                self._put(tag, vr, rest)
        elif top is _Frame.ITEM or top is None:
            self._put(tag, vr, rest)
        else:
            raise _WrongError(f"{tag_text(tag)} cannot stand in {top.value}")

    def _put(self, tag: int, vr: str, rest: bytes) -> None:
        # The label that the character set rule begins with is none of the dump's.
        is_label = tag == SPECIFIC_CHARACTER_SET and self._charset is not None and not self._open
        if not is_label and self._draft.has(tag):
            raise _WrongError(f"{tag_text(tag)} stands there twice")
        if vr == "SQ":
            self._begin_sequence(tag)
        elif tag == _PIXEL_DATA and vr in _BYTES_OR_WORDS and rest.startswith(b"(PixelSequence"):
            self._open.append(_Open(_Frame.PIXELS, self._line, tag=tag, vr=vr, fragments=[]))
        else:
            self._put_value(tag, vr, self._value(tag, vr, rest))

    # -- sequences and items

    def _begin_sequence(self, tag: int) -> None:
        depth = 1 + sum(1 for each in self._open if each.frame is _Frame.SEQUENCE)
        if depth > self._limits.max_depth:
            maximum = self._limits.max_depth
            raise self._problems.exceeds(self._where(), "max_depth", depth, maximum)
        self._draft.begin_sequence(tag)
        self._open.append(_Open(_Frame.SEQUENCE, self._line))

    def _skip(self, tag: int, vr: str, rest: bytes) -> None:
        """Looks for the end of a sequence that is left out, and of those within."""
        if vr == "SQ" or rest.startswith(b"(PixelSequence"):
            self._open.append(_Open(_Frame.SKIPPED, self._line))
        elif tag == _SEQUENCE_END:
            self._open.pop()

    def _structure(self, tag: int, rest: bytes) -> None:
        """An item or a delimiter."""
        top = self._open[-1] if self._open else None
        frame = top.frame if top is not None else None
        if tag == _ITEM and frame is _Frame.SEQUENCE:
            self._draft.begin_item()
            used = self._charset.used if self._charset is not None else 0
            self._open.append(_Open(_Frame.ITEM, self._line, used_before=used))
        elif tag == _ITEM and top is not None and top.fragments is not None:
            top.fragments.append(self._fragment(rest))
        elif top is not None and frame in _ENDED_BY.get(tag, ()):
            self._close_top()
        else:
            place = frame.value if frame is not None else "the data set"
            raise _WrongError(f"{tag_text(tag)} cannot stand in {place}")

    def _close_top(self) -> None:
        top = self._open.pop()
        if top.frame is _Frame.ITEM:
            self._draft.end_item()
        elif top.frame is _Frame.SEQUENCE:
            self._draft.end_sequence()
        elif top.fragments is not None:
            self._draft.put_fragments(top.tag, top.vr, top.fragments)

    def _close_all(self) -> None:
        while self._open:
            top = self._open[-1]
            self._line = top.line
            self._problems.add(self._where(), f"{top.frame.value} begins here and never ends")
            try:
                self._close_top()
            except NativeError as error:
                self._problems.take(error, self._where())

    def _fragment(self, rest: bytes) -> bytes:
        value = self._value(_ITEM, "OB", rest)
        if not value:
            return b""
        if value.startswith(b"="):
            return self._file(value, "OB")
        content = hex_bytes(value.decode("latin-1"))
        if content is None:
            raise _WrongError("a pixel item is a list of hexadecimal bytes")
        return content

    # -- values

    def _value(self, tag: int, vr: str, rest: bytes) -> bytes | None:
        """The value as it is written, or `None`: there is none, or its end is in another line."""
        if rest.startswith(b"["):
            end = rest.rfind(b"]")
            if end > 0:
                return rest[1:end]
            if not is_string_vr(vr):
                raise _WrongError("no closing bracket")
            self._unfinished = _Unfinished(self._line, tag, vr, [rest[1:]], len(rest))
            return None
        if rest.startswith(b"<"):
            raise _WrongError("a value cannot begin with <")
        value = rest.partition(b"#")[0].rstrip(_SPACES)
        if value.startswith(b"("):
            if value.startswith(b"(no value"):
                return None
            if value.startswith(b"(not loaded"):
                if tag in (_PIXEL_DATA, _ITEM):
                    raise _WrongError("the pixel data had not been loaded for the dump")
                self._problems.warn(self._where(), "the value had not been loaded for the dump")
                return None
            if vr == "AT":
                return value.translate(None, _SPACES)
            raise _WrongError("a value cannot begin with a parenthesis")
        return value

    def _put_value(self, tag: int, vr: str, value: bytes | None) -> None:
        if self._unfinished is not None:
            return
        if not value:
            self._put_empty(tag, vr)
        elif len(value) > self._limits.max_element_length:
            maximum = self._limits.max_element_length
            raise self._problems.exceeds(self._where(), "max_element_length", len(value), maximum)
        elif tag == _PIXEL_DATA and self._only_fragments and not self._open:
            raise _WrongError("pixel data of this transfer syntax is a PixelSequence")
        elif is_string_vr(vr):
            self._put_text(tag, vr, value)
        elif vr in _BYTES_OR_WORDS and value.startswith(b"="):
            self._draft.put_bytes(tag, vr, self._file(value, vr))
        else:
            self._put_numbers(tag, vr, value)

    def _put_empty(self, tag: int, vr: str) -> None:
        if tag == SPECIFIC_CHARACTER_SET and self._charset is not None:
            self._declare("")
        else:
            self._draft.put_empty(tag, vr)

    def _put_text(self, tag: int, vr: str, value: bytes) -> None:
        if vr in _PARAGRAPHS:
            value = value.replace(b"\\n", b"\r\n")
        if vr == "UI" and value.startswith(b"="):
            uid = resolved_uid(value.decode("latin-1"))
            if uid is None:
                raise _WrongError("no UID has this name")
            value = uid.encode("ascii")
        if self._charset is None:
            self._draft.put_bytes(tag, vr, value)
            return
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            raise _WrongError("the text is not UTF-8") from None
        if tag == SPECIFIC_CHARACTER_SET:
            self._declare(text)
            return
        self._draft.put_text(tag, vr, text)
        self._charset.note(text)

    def _declare(self, value: str) -> None:
        assert self._charset is not None
        used_before = self._open[-1].used_before if self._open else 0
        at_root = not self._open
        if wrong := self._charset.declare(value, at_root=at_root, used_before=used_before):
            raise _WrongError(wrong)

    def _put_numbers(self, tag: int, vr: str, value: bytes) -> None:
        if vr == "AT":
            value = _four_digits(value)
        elif value.endswith(b"..."):
            raise _WrongError("dcmdump has shortened the value; dump long values too (+L)")
        try:
            text = value.decode("ascii")
        except UnicodeDecodeError:
            raise _WrongError(f"the value is none of VR {vr}") from None
        self._draft.put_text(tag, vr, text)

    def _file(self, value: bytes, vr: str) -> bytes:
        """The content of the file that a value names (`=name`)."""
        try:
            return self._files.read(
                os.fsdecode(value[1:]), swap=self._big_endian_files and vr == "OW"
            )
        except RefusedFileError as refusal:
            raise _WrongError(str(refusal)) from None

    # -- text of several lines

    def _goes_on(self, line: bytes | None) -> bool:
        """Whether the line belongs to the text value that was begun before."""
        text = self._unfinished
        assert text is not None
        if line is None or _STARTS_ELEMENT.match(line):
            self._finish_text()
            return False
        text.pieces.append(line)
        text.size += len(line) + 1
        if text.size > self._limits.max_element_length:
            maximum = self._limits.max_element_length
            raise self._problems.exceeds(self._where(), "max_element_length", text.size, maximum)
        return True

    def _finish_text(self) -> None:
        """Puts a text of several lines; the next element, or the end of the dump, has come."""
        text = self._unfinished
        assert text is not None
        self._unfinished = None
        self._line = text.line
        try:
            self._put_value(text.tag, text.vr, self._text_of(b"\n".join(text.pieces)))
        except _WrongError as wrong:
            self._problems.add(self._where(), str(wrong))
        except NativeError as error:
            self._problems.take(error, self._where())

    def _text_of(self, lines: bytes) -> bytes:
        last = deque(_CLOSING.finditer(lines), maxlen=1)
        if not last:
            raise _WrongError("no closing bracket")
        closing = last.pop()
        for behind in lines[closing.end() :].split(b"\n"):
            if not behind.strip(_SPACES).startswith(b"#") and behind.strip(_SPACES):
                raise _WrongError("no closing bracket")
        return lines[: closing.start()]


def _split_tag(text: bytes) -> tuple[int, bytes]:
    end = text.find(b")") + 1
    found = _TAG.fullmatch(text[:end].translate(None, _SPACES))
    if not found:
        raise _WrongError("it does not begin with a tag, (gggg,eeee)")
    return int(found[1], 16) << 16 | int(found[2], 16), text[end:]


def _split_vr(rest: bytes) -> tuple[str, bytes]:
    """The VR, or nothing where the dictionary knows it better; and the text behind."""
    found = _VR.match(rest)
    if not found:
        return "", rest.lstrip(_SPACES)
    behind = rest[found.end() :].lstrip(_SPACES)
    letters = found[1]
    if letters is None:
        return "", behind
    vr = letters.decode("ascii")
    if is_valid_vr(vr):
        return vr, behind
    # Two capitals that are no VR may well be the value: "(0008,0060) CT".
    is_value = not behind or behind.startswith(b"#")
    return "", rest.lstrip(_SPACES) if is_value else behind


def _four_digits(value: bytes) -> bytes:
    """Tags with all their digits, as the native half wants them."""
    tags = [_TAG.fullmatch(tag) for tag in value.split(b"\\")]
    if not all(tags):
        raise _WrongError("the value is no tag, (gggg,eeee)")
    return b"\\".join(b"(%s,%s)" % (tag[1].zfill(4), tag[2].zfill(4)) for tag in tags if tag)
