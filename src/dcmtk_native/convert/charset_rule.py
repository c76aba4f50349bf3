"""Which character set the text of a Unicode document is written in."""

from __future__ import annotations

from typing import Final

from dcmtk_native._core import data as _core

__all__ = ["SPECIFIC_CHARACTER_SET", "CharacterSetRule"]

SPECIFIC_CHARACTER_SET: Final = 0x00080005
_UTF8: Final = "ISO_IR 192"


class CharacterSetRule:
    """Keeps (0008,0005) and the bytes of the text in agreement.

    The document's own (0008,0005) counts for the text behind it. Where it has none, and everywhere
    if it is to be replaced, the text is UTF-8 and labelled so; text that needs no label gets none.

    Attributes:
        used: how many texts beyond ASCII were put so far.
    """

    __slots__ = ("_declared", "_draft", "_present", "_replace", "used")

    def __init__(self, draft: _core.Draft, *, replace: bool = False) -> None:
        self._draft = draft
        self._replace = replace
        self._declared = False  # by a value
        self._present = False  # an element without a value too
        self.used = 0
        draft.put_text(SPECIFIC_CHARACTER_SET, "CS", _UTF8)

    def declare(self, value: str, *, at_root: bool, used_before: int) -> str | None:
        """Takes the (0008,0005) of the data set or item at the cursor; returns what is wrong.

        `used_before` is what `used` was where that data set or item began.
        """
        if self._replace:
            return None
        if self.used > used_before:
            return "the character set must stand before the text that it is for"
        if at_root:
            if self._present:
                return "(0008,0005) stands there twice"
            self._present = True
            if not value:
                return None
            self._declared = True
        self._draft.put_text(SPECIFIC_CHARACTER_SET, "CS", value)
        return None

    def note(self, text: str) -> None:
        """To be told of every text that is put."""
        if not text.isascii():
            self.used += 1

    def finish(self) -> None:
        """Takes the label back if nobody needs it; the cursor must be at the root."""
        if self._declared or self.used or self._replace:
            return
        if self._present:
            self._draft.put_empty(SPECIFIC_CHARACTER_SET, "CS")
        else:
            self._draft.erase(SPECIFIC_CHARACTER_SET)
