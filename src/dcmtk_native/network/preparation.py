"""Objects as they leave this side: as they stand in their files, unless something asks for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dcmtk_native._core.data import Dataset, ReadOptions
from dcmtk_native._core.network import StorageObject
from dcmtk_native._runtime.groups import DEFAULT_READ
from dcmtk_native._runtime.groups_write import DEFAULT_COMPRESSION_LEVEL, write_options
from dcmtk_native._runtime.options import InputSource
from dcmtk_native.network.invention import Invention, Values
from dcmtk_native.network.services import IMPLICIT_LITTLE
from dcmtk_native.network.storage_contexts import Choice
from dcmtk_native.network.syntaxes import DEFLATED

__all__ = ["Preparation"]

_SOP_UIDS: Final = {"SOPClassUID": 0x00080016, "SOPInstanceUID": 0x00080018}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How files become what is sent.

    Attributes:
        read: how they are read.
        choice: in which of the accepted syntaxes they go out.
        enable_new_vr: off: VRs of after 1993 become OB.
        compression_level: of deflated data sets; another than the default deflates anew.
        uid_padding: SOP UIDs that are padded by blanks are put right.
        invention: identifiers that take the place of those in the files.
    """

    read: ReadOptions
    choice: Choice
    enable_new_vr: bool = True
    compression_level: int = DEFAULT_COMPRESSION_LEVEL
    uid_padding: bool = False
    invention: Invention | None = None

    def open(self, source: InputSource, number: int) -> StorageObject:
        """The object of a file; `number` counts the objects of the call."""
        changes: Values = {}
        if self.uid_padding:
            changes |= _unpadded_uids(source, self.read)
        if self.invention is not None:
            changes |= self.invention.values(number)
        if changes:
            return StorageObject.open(_changed(source, self.read, changes), DEFAULT_READ)
        return StorageObject.open(source, self.read)

    def made_ready(
        self, stored: StorageObject, accepted: Mapping[str, Sequence[str]]
    ) -> StorageObject:
        """The object in a syntax that the peer accepts for its SOP class.

        Without such a one it is what it was, and the association says why it does not take it.
        """
        own = stored.transfer_syntax
        syntax = self.choice.syntax(own, accepted.get(stored.sop_class, ()))
        if syntax is None or (syntax == own and not self._writes_anew(syntax)):
            return stored
        return stored.in_syntax(
            syntax, enable_new_vr=self.enable_new_vr, compression_level=self.compression_level
        )

    def _writes_anew(self, syntax: str) -> bool:
        if syntax == DEFLATED and self.compression_level != DEFAULT_COMPRESSION_LEVEL:
            return True
        return not self.enable_new_vr and syntax != IMPLICIT_LITTLE


def _unpadded_uids(source: InputSource, read: ReadOptions) -> Values:
    dataset = Dataset.read(source, read)
    raw = {keyword: dataset.value([tag]) or b"" for keyword, tag in _SOP_UIDS.items()}
    return {
        keyword: ("UI", value.rstrip(b" \0").decode("ascii", "replace"))
        for keyword, value in raw.items()
        if value.rstrip(b"\0").endswith(b" ")
    }


def _changed(source: InputSource, read: ReadOptions, changes: Values) -> bytes:
    """The content of the file with other values."""
    draft = Dataset.read(source, read).draft()
    for keyword, (vr, value) in changes.items():
        draft.put_text(keyword, vr, value)
    content = draft.write(None, write_options(write_mode="file", transfer_syntax=""))
    assert content is not None
    return content
