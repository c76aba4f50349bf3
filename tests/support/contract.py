"""What an option promises, and the groups of options that several tools have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dcmtk_native import LogLevel, ReadMode, ReadXfer, WriteXfer

__all__ = [
    "COMMON",
    "CONVERSIONS",
    "DEC",
    "DEFL",
    "DOC",
    "ENC",
    "IN",
    "NATIVE_OUT",
    "NO_PAIRS",
    "NO_PATHS",
    "OUT",
    "OUTX",
    "OUTX_DEFLATED",
    "PAIRS",
    "PARSE",
    "PARSE_MODIFY",
    "PATHS",
    "PIX",
    "READ_MODE",
    "TAG_FORMS",
    "TO_DICOM",
    "UID",
    "UID_OF_DECODER",
    "YES_NO_DEFAULT",
    "Row",
    "anything",
    "flag",
    "number",
    "optional_number",
    "words",
]

TAG_FORMS = ("(0010,0010)", "0010,0010", "00100010", "PatientName")


@dataclass(frozen=True)
class Row:
    """What one option promises.

    Attributes:
        default: what it is if it is not given.
        taken: values it takes.
        refused: values it refuses.
    """

    default: Any
    taken: tuple[Any, ...]
    refused: tuple[Any, ...]


def flag(default: bool) -> Row:
    return Row(default, (True, False), (1, 0, "yes", None))


def words(default: Any, *more: Any) -> Row:
    return Row(default, (default, *more), ("nonsense", "", 1, True))


def number(default: int, lo: int, hi: int) -> Row:
    return Row(default, (lo, default, hi), (lo - 1, hi + 1, True, "1", float(default), None))


def anything(default: Any, taken: tuple[Any, ...], refused: tuple[Any, ...] = (1, b"x")) -> Row:
    return Row(default, taken, refused)


COMMON = {
    "log_level": Row(None, (None, *LogLevel), ("loud", 3)),
    "timeout_ms": Row(30000, (1, 30000), (0, -1, True, 1.5, "1", None)),
    "signal": Row(None, (None,), ()),
}
IN = {
    "read_mode": words("auto", *ReadMode, "file-only", "dataset"),
    "read_xfer": words("auto", *ReadXfer, "detect", "little", "big", "implicit"),
}
PARSE_MODIFY = {
    "odd_length": words("accept", "assume-even"),
    "data_correction": flag(True),
    "deflated_bitstream": words("deflated", "zlib"),
}
PARSE = {
    **PARSE_MODIFY,
    "use_meta_length": flag(True),
    "explicit_vr": words("use", "ignore"),
    "nonstandard_vr": words("unknown", "implicit"),
    "undefined_length_un": words("implicit", "explicit"),
    "convert_un": flag(False),
    "private_max_length": words("dictionary", "sequence"),
    "wrong_delimiters": words("keep", "replace"),
    "illegal_obow": words("reject", "convert"),
    "illegal_voi": words("reject", "convert"),
    "explicit_length_pixel_data": words("abort", "use"),
    "parse_errors": words("stop", "ignore"),
    "stop_after": anything(None, (None, *TAG_FORMS), ("NoKeyword", "", 1)),
}
OUT = {"write_mode": words("file", "dataset")}
OUTX = {"write_xfer": words("same", "little", "big", "implicit")}
OUTX_DEFLATED = {"write_xfer": words("same", *WriteXfer, "little", "big", "implicit", "deflated")}
ENC = {
    "enable_new_vr": flag(True),
    "group_length": words("recalc", "create", "remove"),
    "length_encoding": words("explicit", "undefined"),
    "padding": anything(
        "retain", ("retain", "off", (512, 64)), ("on", (1, 2), (2,), (-2, 2), (1 << 30, 2), True)
    ),
}
DEFL = {"compression_level": number(6, 0, 9)}
DOC = {
    "read_meta": flag(True),
    "overwrite_uids": flag(False),
    "update_meta_info": flag(False),
    "ignore_errors": flag(False),
}
TO_DICOM = {**DOC, **OUT, **OUTX_DEFLATED, **ENC, **DEFL, "generate_new_uids": flag(False)}
PAIRS = ([("PatientName", "x")], [{"tag": "(0010,0010)", "value": "x"}], ())
NO_PAIRS = ("PatientName", [("PatientName",)], [("[", "x")], [("PatientName", 1)], [{"tag": "x"}])
PATHS = (["PatientName"], ["(0040,A730)[0].(0040,A160)", "ContentSequence[*].CodeValue"], ())
NO_PATHS = ("PatientName", ["["], [""], [1])

READ_MODE = {"read_mode": IN["read_mode"]}
PIX = {
    "fragment_size": Row(None, (None, 1, 4194303), (0, -1, 1.5, "1", True)),
    "offset_table": flag(True),
    "sop_class": words("keep", "sc"),
}
UID = {"uid": words("default", "always", "never")}
UID_OF_DECODER = {"uid": words("default", "always")}
CONVERSIONS = ("photometric", "lossy", "guess", "guess-lossy", "always", "never")
DEC = {
    "color_conversion_mode": words(*CONVERSIONS),
    "workaround_predictor6": flag(False),
    "workaround_incomplete": flag(False),
    "workaround_cornell": flag(False),
}
NATIVE_OUT = {**OUT, "write_xfer": words("little", "big", "implicit"), **ENC}
YES_NO_DEFAULT = Row(None, (None, True, False), (1, 0, "yes"))


def optional_number(lo: int, hi: int) -> Row:
    return Row(None, (None, lo, hi), (lo - 1, hi + 1, True, "1", 1.0))
