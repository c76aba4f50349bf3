"""The values of dcm2xml's XML: what their attributes say of them, and how they get into a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dcmtk_native._core import data as _core
from dcmtk_native._core.runtime import NativeError, find_entry
from dcmtk_native.convert.charset_rule import SPECIFIC_CHARACTER_SET, CharacterSetRule
from dcmtk_native.convert.document import Problems, hex_bytes, resolved_uid, tag_text
from dcmtk_native.convert.named_files import NamedFiles, RefusedFileError, swapped_words
from dcmtk_native.data.vr import is_string_vr, is_valid_vr
from dcmtk_native.limits import Limits

__all__ = ["ValueWriter", "WrongValueError", "XmlValue", "tag_of", "vr_of"]

_TAG = re.compile(r"\s*([0-9A-Fa-f]{1,4}),([0-9A-Fa-f]{1,4})\s*")
_PIXEL_DATA: Final = 0x7FE00010
_BYTES: Final = frozenset({"OB", "OW", "UN"})
# Line breaks in them belong to the value; around others they are layout of the document.
_PARAGRAPHS: Final = frozenset({"LT", "ST", "UC", "UT"})


class WrongValueError(Exception):
    """Why an element of the data set cannot be put."""


def tag_of(attributes: Mapping[str, str]) -> int:
    """The tag that an XML element names."""
    found = _TAG.fullmatch(attributes.get("tag", ""))
    if not found:
        raise WrongValueError("the attribute tag is not gggg,eeee")
    return int(found[1], 16) << 16 | int(found[2], 16)


def vr_of(tag: int, attributes: Mapping[str, str]) -> str:
    """The VR that an XML element names; the dictionary's where that is none of the standard."""
    vr = attributes.get("vr", "")
    if is_valid_vr(vr):
        return vr
    entry = find_entry(tag)
    return entry[1] if entry is not None and is_valid_vr(entry[1]) else "UN"


@dataclass(frozen=True, slots=True)
class XmlValue:
    """What the document says of one value.

    Attributes:
        line: where it begins.
        tag: its tag; that of an item for a fragment of pixel data.
        vr: its VR.
        binary: the attribute that tells the form of the text.
        loaded: the value was loaded when the document was made.
        text: the content.
    """

    line: int
    tag: int
    vr: str
    binary: str
    loaded: bool
    text: str

    def is_missing(self) -> bool:
        """Whether the data set had a value that the document does not hold."""
        return self.binary == "hidden" or (not self.loaded and not self.text)


class ValueWriter:
    """Puts values into a draft."""

    def __init__(
        self,
        draft: _core.Draft,
        problems: Problems,
        *,
        files: NamedFiles,
        limits: Limits,
        only_fragments: bool,
    ) -> None:
        self._draft = draft
        self._problems = problems
        self._files = files
        self._limits = limits
        self._only_fragments = only_fragments
        self.charset = CharacterSetRule(draft)

    def put(self, value: XmlValue, *, at_root: bool, used_before: int) -> None:
        """Puts an element at the cursor; what is wrong with it is reported."""
        try:
            # The label that the character set rule begins with is none of the document's.
            is_label = at_root and value.tag == SPECIFIC_CHARACTER_SET
            if not is_label and self._draft.has(value.tag):
                raise WrongValueError("it stands there twice")
            if value.tag == SPECIFIC_CHARACTER_SET:
                text = value.text.strip()
                wrong = self.charset.declare(text, at_root=at_root, used_before=used_before)
                if wrong is not None:
                    raise WrongValueError(wrong)
            elif at_root and value.tag == _PIXEL_DATA and self._only_fragments and value.text:
                raise WrongValueError("pixel data of this transfer syntax is a sequence")
            else:
                self._put(value)
        except WrongValueError as wrong_value:
            self.report(value, str(wrong_value))
        except NativeError as error:
            self._problems.take(error, _place(value))

    def fragment(self, value: XmlValue) -> bytes:
        """The bytes of one item of encapsulated pixel data; none if something is wrong with it."""
        try:
            if value.is_missing():
                raise WrongValueError("the document does not hold the value")
            if value.binary in ("base64", "file"):
                return self._bytes(value)
            content = hex_bytes(value.text.strip())
            if content is None:
                raise WrongValueError("it is no list of hexadecimal bytes")
            return content
        except WrongValueError as wrong:
            self.report(value, str(wrong))
            return b""

    def report(self, value: XmlValue, text: str) -> None:
        """Reports what is wrong with a value."""
        self._problems.add(_place(value), text)

    def _put(self, value: XmlValue) -> None:
        tag, vr = value.tag, value.vr
        if value.is_missing():
            self._draft.put_empty(tag, vr)
            # dcm2xml hides what the writer makes anew anyway, such as (0002,0001).
            if tag >> 16 != 0x0002:
                raise WrongValueError("the document does not hold the value")
        elif value.binary in ("base64", "file"):
            if vr not in _BYTES:
                raise WrongValueError(f"a value of VR {vr} cannot be {value.binary}")
            content = self._bytes(value)
            if len(content) > self._limits.max_element_length:
                self._exceeds(value, len(content))
            self._draft.put_bytes(tag, vr, content)
        elif len(value.text) > self._limits.max_element_length * (3 if vr in _BYTES else 1):
            self._exceeds(value, len(value.text))
        elif is_string_vr(vr):
            self._put_text(tag, vr, value.text)
        elif text := value.text.strip():
            self._draft.put_text(tag, vr, text)
        else:
            self._draft.put_empty(tag, vr)

    def _put_text(self, tag: int, vr: str, text: str) -> None:
        if "\n" in text and vr not in _PARAGRAPHS:
            text = text.strip()
        if vr == "UI":
            uid = resolved_uid(text)
            if uid is None:
                raise WrongValueError("no UID has this name")
            text = uid
        self._draft.put_text(tag, vr, text)
        self.charset.note(text)

    def _bytes(self, value: XmlValue) -> bytes:
        if value.binary == "file":
            try:
                return self._files.read(value.text.strip())
            except RefusedFileError as refusal:
                raise WrongValueError(str(refusal)) from None
        import binascii

        try:
            content = binascii.a2b_base64("".join(value.text.split()), strict_mode=True)
        except ValueError as error:  # binascii.Error is one; so are characters beyond ASCII
            raise WrongValueError(f"the value is not base64: {error}") from None
        # dcm2xml encodes words with the most significant byte first.
        return swapped_words(content) if value.vr == "OW" else content

    def _exceeds(self, value: XmlValue, size: int) -> None:
        maximum = self._limits.max_element_length
        raise self._problems.exceeds(_place(value), "max_element_length", size, maximum)


def _place(value: XmlValue) -> str:
    return f"line {value.line}, {tag_text(value.tag)}"
