"""What the options of `StoreSCP` mean together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from dcmtk_native._core.data import DcmconvOptions
from dcmtk_native._runtime.groups_parse import DEFAULT_PARSE, parse_options
from dcmtk_native._runtime.groups_write import DEFAULT_COMPRESSION_LEVEL
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.syntaxes import proposed_syntaxes
from dcmtk_native.network.written_form import FORM_DEFAULTS, conversion, written_form
from dcmtk_native.servers.options import invalid

__all__ = [
    "accepted_syntaxes",
    "check_combinations",
    "file_names",
    "how_sorted",
    "rewriting_of",
]

_NOT_GIVEN: Final[Mapping[str, Any]] = {
    **FORM_DEFAULTS,
    "enable_new_vr": True,
    "compression_level": DEFAULT_COMPRESSION_LEVEL,
}
"""What options are when nobody gives them, where that is something."""

_SORT_WORDS: Final = {
    "sort_by_study": "study-time",
    "sort_by_study_uid": "study-uid",
    "sort_by_patient_name": "patient-name",
}
_OWN_WORDS: Final = {"little-endian": "little", "big-endian": "big"}

_FORM: Final = (*_NOT_GIVEN, "convert_un")
_STUDY: Final = ("exec_on_end_of_study", "rename_on_end_of_study", "end_of_study_timeout")
_NAMES: Final = ("unique_filenames", "time_names", "filename_extension", "output_directory")
_COMMANDS: Final = ("exec_on_reception", "exec_on_end_of_study")

_CONFLICTS: Final[Mapping[str, Iterable[str]]] = {
    "ignore_store": (
        *_FORM,
        *_SORT_WORDS,
        *_STUDY,
        *_NAMES,
        "bit_preserving",
        "uid_padding",
        "exec_on_reception",
    ),
    "bit_preserving": (*_FORM, *_SORT_WORDS, "uid_padding"),
    "unique_filenames": ("time_names",),
    "config_file": ("preferred_transfer_syntax", "promiscuous"),
}
"""What means nothing, or cannot be done, beside an option."""


def check_combinations(given: Mapping[str, Any]) -> None:
    """Nothing, if the options fit together.

    Errors:
        OptionsError: raised if they do not.
    """
    for option, others in _CONFLICTS.items():
        if _is_given(option, given[option]):
            _refuse_given(given, others, f"not with {option}")
    if not any(_is_given(name, given[name]) for name in _SORT_WORDS):
        _refuse_given(given, ("rename_on_end_of_study",), "only with a sorting option")
        if given["exec_on_end_of_study"] is None:
            rule = "only with a sorting option or exec_on_end_of_study"
            _refuse_given(given, ("end_of_study_timeout",), rule)
    if given["exec_sync"] and not any(isinstance(given[name], str) for name in _COMMANDS):
        raise _invalid("exec_sync=True: only with a command")
    if given["write_xfer"] != "deflated":
        _refuse_given(given, ("compression_level",), "only with write_xfer='deflated'")


def _invalid(rule: str) -> OptionsError:
    return invalid("StoreSCP", rule)


def _is_given(name: str, value: Any) -> bool:
    if name in _NOT_GIVEN:
        return bool(value != _NOT_GIVEN[name])
    return value is not None and value is not False


def _refuse_given(given: Mapping[str, Any], names: Iterable[str], rule: str) -> None:
    for name in names:
        if _is_given(name, given[name]):
            raise _invalid(f"{name}={given[name]!r}: {rule}")


def how_sorted(options: Mapping[str, bool | str]) -> tuple[str, str]:
    """How studies are told apart, and the prefix of their folders.

    Errors:
        OptionsError: raised for more than one way.
    """
    given = [name for name, value in options.items() if value is not False]
    if not given:
        return "none", ""
    first, *more = given
    if more:
        raise _invalid(f"{more[0]}={options[more[0]]!r}: not with {first}")
    prefix = options[first]
    return _SORT_WORDS[first], prefix if isinstance(prefix, str) else ""


def rewriting_of(form: Mapping[str, Any]) -> DcmconvOptions | None:
    """What brings files into the form that the options ask for, if they do.

    Errors:
        OptionsError: raised for a combination that means nothing.
    """
    convert_un = form["convert_un"]
    try:
        written = written_form(
            form,
            enable_new_vr=form["enable_new_vr"],
            compression_level=form["compression_level"],
            always=convert_un,
        )
    except ValueError as rule:
        raise _invalid(str(rule)) from None
    if written is None:
        return None
    return conversion(written(""), parse_options(convert_un=True) if convert_un else DEFAULT_PARSE)


def file_names(*, unique: bool, time: bool) -> str:
    """What the names of files are made of."""
    if time:
        return "time-counter"
    return "unique" if unique else "default"


def accepted_syntaxes(words: str | Sequence[str] | None) -> tuple[str, ...]:
    """The transfer syntaxes that are taken; none: all."""
    given = ("uncompressed",) if words is None else (words,) if isinstance(words, str) else words
    if "accept-all" in given:
        return ()
    return proposed_syntaxes(tuple(_OWN_WORDS.get(word, word) for word in given))
