"""dcm2json beside DCMTK's own program, over every file that pydicom ships.

The content must be equal: same elements, same order, same strings, same integers; an FL as a float
of 32 bits, an FD up to the last digit. What differs has a name and a reason below.
"""

from __future__ import annotations

import json
import struct
from math import isclose
from pathlib import Path
from typing import Any, Final

import pytest

from dcmtk_native.data.json import Dcm2jsonSource, dcm2json
from support import oracle
from support.samples import dicom_file
from support.shipped import BEYOND_ICONV, FILES, originals

# ---- wanted differences ----

NOT_UTF8: Final = {"charset_files/chrSQEncoding.dcm"}
"""Items in another character set than the data set's: the program converts them as if they were in
the latter, and what it prints is no UTF-8. Ours decodes each item by its own character set."""

UNKNOWN_CHARACTER_SETS: Final = BEYOND_ICONV - NOT_UTF8
"""The program fails: glibc's iconv has no character set for ISO 2022 IR 87 and IR 159. Ours has."""

COMPRESSED: Final = "not supported for compressed pixel data"
"""The program fails: JSON has no form for fragments. Ours goes on, and says `source="xml"`."""

PRECISION_OF_FD: Final = 1e-14
"""OFStandard::ftoa of the program is not exact: 1e300 becomes 1.0000000000000006e+300, the negative
zero zero. Ours writes the shortest number that reads back as the very value."""


def with_declared_utf8(model: Any) -> Any:
    """The program's model with UTF-8 declared in items too.

    It leaves (0008,0005) of an item as it is. All text of the model is UTF-8, so ours says that
    everywhere.
    """
    for element in model.values():
        if element["vr"] != "SQ":
            continue
        for item in element.get("Value", ()):
            if item.get("00080005", {}).get("Value") not in (None, ["ISO_IR 6"]):
                item["00080005"]["Value"] = ["ISO_IR 192"]
            with_declared_utf8(item)
    return model


# ---- comparison ----


def differences(ours: Any, original: Any, vr: str = "", path: str = "") -> list[str]:
    """Where two models differ."""
    if isinstance(ours, dict) and isinstance(original, dict):
        if list(ours) != list(original):
            return [f"{path}: {list(ours)} / {list(original)}"]
        vr = ours.get("vr", vr)
        pairs = [(f"{path}/{key}", ours[key], original[key]) for key in ours]
    elif isinstance(ours, list) and isinstance(original, list) and len(ours) == len(original):
        pairs = [
            (f"{path}[{index}]", one, other)
            for index, (one, other) in enumerate(zip(ours, original, strict=True))
        ]
    else:
        return [] if is_same(ours, original, vr) else [f"{path}: {ours!r} / {original!r}"]
    return [found for where, one, other in pairs for found in differences(one, other, vr, where)]


def is_same(ours: Any, original: Any, vr: str) -> bool:
    if vr == "FL" and isinstance(ours, float):
        return ours == original or struct.pack("f", ours) == struct.pack("f", original)
    if vr == "FD" and isinstance(ours, float):
        return isclose(ours, original, rel_tol=PRECISION_OF_FD)
    return bool(ours == original) and type(ours) is type(original)


# ---- tests ----


@pytest.mark.parametrize("write_meta", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_the_content_is_that_of_the_original(name: str, write_meta: bool) -> None:
    options = {"write_meta": True} if write_meta else {}
    result = dcm2json(FILES[name], **options)
    original = originals("dcm2json", compact=True, **options)[name]
    if not original.ok:
        is_ours_to_read = name in UNKNOWN_CHARACTER_SETS or COMPRESSED in original.stderr
        assert result.ok == is_ours_to_read
        assert COMPRESSED not in original.stderr or result.unwrap().source is Dcm2jsonSource.XML
        return
    assert name not in UNKNOWN_CHARACTER_SETS
    assert result.unwrap().source is Dcm2jsonSource.DIRECT
    if name in NOT_UTF8:
        with pytest.raises(UnicodeDecodeError):
            original.stdout.decode("utf-8")
        return
    expected = with_declared_utf8(json.loads(original.stdout))
    assert differences(result.unwrap().data, expected) == []


@pytest.mark.parametrize("options", [{}, {"compact": True}], ids=repr)
@pytest.mark.parametrize("name", FILES)
def test_the_text_is_that_of_the_original_but_for_numbers(
    name: str, options: dict[str, bool], tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    result = dcm2json(FILES[name], output_path=path, **options)
    original = originals("dcm2json", **options)[name]
    if not result.ok:
        assert not original.ok
        return
    assert json.loads(path.read_bytes()) == result.value.data
    if original.ok and name not in NOT_UTF8:
        assert layout(path.read_bytes()) == layout(original.stdout)


def layout(text: bytes) -> str:
    """The text without its numbers, which may be written in several ways; UTF-8 is declared."""
    lines = text.decode("utf-8").replace("ISO_IR 100", "ISO_IR 192").replace("[", "[\n").split("\n")
    return "\n".join("#" if is_number_line(line) else line for line in lines)


def is_number_line(line: str) -> bool:
    return all(is_number(part) for part in line.split("]", maxsplit=1)[0].rstrip(",").split(","))


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# ---- what the shipped files do not have ----

ODD_VALUES: Final = [
    (0x00080005, "CS", "ISO_IR 100"),
    (0x00080008, "CS", " A \\\\ B "),
    (0x00081030, "LO", "  \\ "),
    (0x00081060, "PN", "^^=A ^ B\\\\=x=y=z\\"),
    (0x00101010, "AS", "012Y"),
    (0x00101020, "DS", "+.5\\-007\\1e+3\\ 00.10 \\1,5\\12345678901234567"),
    (0x00104000, "LT", '  a\\b "c"\t\x01\x7f  '),
    (0x00189073, "FD", [1e300, -1e-300, 0.1, 123456789.0]),
    (0x00200013, "IS", "+7\\-0012\\2147483648\\1.5\\x\\ 5 "),
    (0x00204000, "LT", "    "),
    (0x00280009, "AT", [0x00181063, 0xFFFEE000]),
    (0x00281052, "DS", "  "),
    (0x0040A730, "SQ", [[], [(0x00080104, "LO", "J\xe9r\xf4me")]]),
    (0x00420012, "LO", "a\x00"),
]


def test_odd_values_are_those_of_the_original(tmp_path: Path) -> None:
    path = tmp_path / "odd.dcm"
    path.write_bytes(dicom_file(ODD_VALUES))
    original = oracle.run("dcm2json", path, compact=True)
    assert original.ok, original.stderr
    ours = dcm2json(path).unwrap().data
    assert differences(ours, json.loads(original.stdout)) == []


def test_a_number_that_is_not_finite_is_written_as_the_original_does(tmp_path: Path) -> None:
    path = tmp_path / "nan.dcm"
    path.write_bytes(dicom_file([(0x00189073, "FD", [1.0, float("nan"), float("-inf")])]))
    assert not oracle.run("dcm2json", path).ok
    original = oracle.run("dcm2json", path, compact=True, encode_extended=True)
    output = tmp_path / "out.json"
    assert dcm2json(path, output_path=output, compact=True, encode_extended=True).ok
    assert output.read_bytes() == original.stdout
