"""The form that received files are brought into, where another one than theirs is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from dcmtk_native._core import data as _core
from dcmtk_native._runtime.groups import DEFAULT_READ
from dcmtk_native._runtime.groups_parse import DEFAULT_PARSE
from dcmtk_native._runtime.groups_write import (
    TRANSFER_SYNTAX_UIDS,
    charset_options,
    write_options,
)
from dcmtk_native.network.services import EXPLICIT_LITTLE

__all__ = ["FORM_DEFAULTS", "WriteForm", "conversion", "written_form"]

WriteForm: TypeAlias = Callable[[str], _core.WriteOptions]
"""How an object that came in this transfer syntax is written; empty: in the same."""

FORM_DEFAULTS: Final[Mapping[str, Any]] = {
    "write_mode": "file",
    "write_xfer": "same",
    "group_length": "recalc",
    "length_encoding": "explicit",
    "padding": "retain",
}
"""Options of G-STORE, with which nothing is written anew."""


def written_form(
    form: Mapping[str, Any], *, enable_new_vr: bool, compression_level: int, always: bool = False
) -> WriteForm | None:
    """The form that the options of G-STORE ask for; `None`: files stay as they came.

    Args:
        form: the options of `FORM_DEFAULTS`.
        enable_new_vr: False asks for something, too.
        compression_level: means something where something is deflated.
        always: files do not stay as they came in any case.

    Errors:
        ValueError: raised for a combination that means nothing; the text starts with the argument.
    """
    options = {name: form[name] for name in FORM_DEFAULTS}
    if not always and enable_new_vr and options == FORM_DEFAULTS:
        return None
    asked = TRANSFER_SYNTAX_UIDS[options.pop("write_xfer")]

    def form_of(stored: str) -> _core.WriteOptions:
        return write_options(
            transfer_syntax=asked or stored,
            enable_new_vr=enable_new_vr,
            compression_level=compression_level,
            **options,
        )

    form_of(EXPLICIT_LITTLE)
    return form_of


def conversion(
    write: _core.WriteOptions, parse: _core.ParseOptions = DEFAULT_PARSE
) -> _core.DcmconvOptions:
    """What brings a file into that form."""
    return _core.DcmconvOptions(
        read=DEFAULT_READ,
        parse=parse,
        charset=charset_options(None, transliterate=False, discard_illegal=False),
        remove_invalid_groups=False,
        write=write,
        threads=1,
    )
