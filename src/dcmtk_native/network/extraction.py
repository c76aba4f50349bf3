"""Responses to a C-FIND as files, as DCMTK's findscu writes them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Final

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups_parse import parse_options
from dcmtk_native._runtime.groups_write import charset_options, write_options
from dcmtk_native.network.query import inflated, reading_of

__all__ = ["Extraction", "ResponseEncoding", "corrected"]

_SINGLE: Final = "responses.xml"
_CHARACTER_SET: Final = "00080005"
_DECLARATION: Final = re.compile(rb'<element tag="0008,0005"[^\n]*\n')
_PROLOG: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class ResponseEncoding:
    """How responses are read and written.

    Attributes:
        data_correction: trailing padding and other small faults of values are corrected.
        enable_new_vr: VRs of after 1993 stay what they are.
    """

    data_correction: bool
    enable_new_vr: bool


def corrected(content: bytes, transfer_syntax: str, encoding: ResponseEncoding) -> bytes:
    """The data set, corrected if that is asked for."""
    if not encoding.data_correction:
        return content
    return _converted(content, transfer_syntax, encoding, "dataset", None) or b""


def _converted(
    content: bytes, syntax: str, encoding: ResponseEncoding, write_mode: str, path: str | None
) -> bytes | None:
    options = _core.DcmconvOptions(
        read=reading_of(syntax),
        parse=parse_options(data_correction=encoding.data_correction),
        charset=charset_options(None, transliterate=False, discard_illegal=False),
        remove_invalid_groups=False,
        write=write_options(
            write_mode=write_mode,
            transfer_syntax=syntax,
            enable_new_vr=encoding.enable_new_vr,
            length_encoding="undefined",
        ),
        threads=1,
    )
    return _core.dcmconv(inflated(content, syntax), path, options)


def _xml(content: bytes, syntax: str) -> bytes:
    """A document, always in UTF-8.

    Of what is ASCII, and says nothing of its character set, the document says nothing either.
    """
    options = _core.Dcm2xmlOptions(
        read=reading_of(syntax),
        xml_format="dcmtk",
        use_namespace=False,
        charset="utf8",
        charset_assume="ISO_IR 100",
        charset_check_all=False,
        write_binary_data=False,
        binary_encoding="hex",
        dtd="none",
        dtd_file=None,
        element_names=True,
        load_all=True,
        max_read_length=0,
    )
    plain = inflated(content, syntax)
    document = _core.dcm2xml(plain, options)
    if _CHARACTER_SET in _core.Dataset.read(plain, reading_of(syntax)) or not plain.isascii():
        return document
    return _DECLARATION.sub(b"", document, count=1)


@dataclass(slots=True)
class Extraction:
    """Writes responses to a folder, up to a limit.

    Attributes:
        folder: an existing one.
        form: `dicom`, `xml`, or `xml-single`: one document, which is written in `close`.
        limit: no response behind this one is written; `None`: all are.
        encoding: of the files.
        files: what has been written.
    """

    folder: str
    form: str
    limit: int | None
    encoding: ResponseEncoding
    files: list[str] = field(default_factory=list)
    _parts: list[bytes] = field(default_factory=list)

    def write(self, index: int, content: bytes, syntax: str) -> None:
        """Writes the response with this number, from 1; `content` as it came."""
        if self.limit is not None and index > self.limit:
            return
        if self.form == "xml-single":
            document = _xml(corrected(content, syntax, self.encoding), syntax)
            self._parts.append(document.partition(b"\n")[2].rstrip(b"\n") + b"\n")
        elif self.form == "xml":
            path = self._path(f"rsp{index:04d}.xml")
            _core.write_file(path, _xml(corrected(content, syntax, self.encoding), syntax))
        else:
            path = self._path(f"rsp{index:04d}.dcm")
            _converted(content, syntax, self.encoding, "new-meta", path)

    def close(self) -> None:
        """Writes what belongs together."""
        if self.form == "xml-single":
            parts = (_PROLOG, b'<responses type="C-FIND">\n', *self._parts, b"</responses>\n")
            _core.write_file(self._path(_SINGLE), b"".join(parts))

    def _path(self, name: str) -> str:
        path = os.path.join(self.folder, name)  # noqa: PTH118 (pathlib costs import time)
        self.files.append(path)
        return path
