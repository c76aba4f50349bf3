"""Every VR has the length, padding and category of PS3.5 table 6.2-1."""

from __future__ import annotations

import dataclasses
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.data import vr as module
from dcmtk_native.data.vr import (
    VR,
    VR_CATEGORY,
    VR_CATEGORY_NAME,
    VR_META,
    VRCategoryName,
    VRMetadata,
    get_vr_category,
    is_binary_vr,
    is_numeric_vr,
    is_string_vr,
    is_valid_vr,
)

# VR: category, longest value, padding, every value that long
TABLE = {
    "AE": ("STRING", 16, " ", False),
    "AS": ("STRING", 4, " ", True),
    "AT": ("TAG", 4, "\0", True),
    "CS": ("STRING", 16, " ", False),
    "DA": ("STRING", 8, " ", True),
    "DS": ("STRING", 16, " ", False),
    "DT": ("STRING", 26, " ", False),
    "FD": ("NUMERIC", 8, "\0", True),
    "FL": ("NUMERIC", 4, "\0", True),
    "IS": ("STRING", 12, " ", False),
    "LO": ("STRING", 64, " ", False),
    "LT": ("STRING", 10240, " ", False),
    "OB": ("BINARY", None, "\0", False),
    "OD": ("BINARY", None, None, False),
    "OF": ("BINARY", None, None, False),
    "OL": ("BINARY", None, None, False),
    "OV": ("BINARY", None, None, False),
    "OW": ("BINARY", None, "\0", False),
    "PN": ("STRING", 64, " ", False),
    "SH": ("STRING", 16, " ", False),
    "SL": ("NUMERIC", 4, "\0", True),
    "SQ": ("SEQUENCE", None, None, False),
    "SS": ("NUMERIC", 2, "\0", True),
    "ST": ("STRING", 1024, " ", False),
    "SV": ("NUMERIC", 8, "\0", True),
    "TM": ("STRING", 14, " ", False),
    "UC": ("STRING", None, " ", False),
    "UI": ("STRING", 64, "\0", False),
    "UL": ("NUMERIC", 4, "\0", True),
    "UN": ("BINARY", None, "\0", False),
    "UR": ("STRING", None, " ", False),
    "US": ("NUMERIC", 2, "\0", True),
    "UT": ("STRING", None, " ", False),
    "UV": ("NUMERIC", 8, "\0", True),
}
CODES = list(TABLE)

# Internal to DCMTK, in the wrong case, too short, too long, not text at all
NO_VRS = [
    "ox",
    "xs",
    "px",
    "up",
    "lt",
    "na",
    "pn",
    "Pn",
    "XX",
    "",
    "P",
    "PNX",
    " PN",
    "PN ",
    "\uff30\uff2e",
]


def test_there_are_the_34_vrs_of_the_standard() -> None:
    assert len(VR) == 34
    assert [vr.value for vr in VR] == CODES
    assert [vr.name for vr in VR] == CODES


def test_a_vr_is_its_two_letters() -> None:
    assert issubclass(VR, StrEnum)
    assert f"{VR.PN}" == "PN"
    assert {VR.PN: 1}["PN"] == 1  # type: ignore[index]  # equal, and of equal hash


@pytest.mark.parametrize("code", CODES)
def test_metadata_is_that_of_the_table(code: str) -> None:
    category, max_length, padding, fixed = TABLE[code]
    assert VR_META[VR(code)] == VRMetadata(
        max_length=max_length,
        padding_char=padding,  # type: ignore[arg-type]  # written as plain str above
        fixed=fixed,
        category=VRCategoryName(category),
    )
    assert get_vr_category(code) is VRCategoryName(category)


@pytest.mark.parametrize("code", CODES)
def test_category_tests_agree_with_the_table(code: str) -> None:
    category = TABLE[code][0]
    assert is_string_vr(code) is (category == "STRING")
    assert is_numeric_vr(code) is (category == "NUMERIC")
    assert is_binary_vr(code) is (category == "BINARY")
    assert is_valid_vr(code) is True


def test_every_vr_is_in_exactly_one_category() -> None:
    assert list(VR_CATEGORY) == list(VRCategoryName)
    assert sorted(vr for vrs in VR_CATEGORY.values() for vr in vrs) == sorted(VR)
    assert VR_CATEGORY[VRCategoryName.SEQUENCE] == (VR.SQ,)
    assert VR_CATEGORY[VRCategoryName.TAG] == (VR.AT,)


@pytest.mark.parametrize("code", NO_VRS)
def test_what_is_no_vr_is_in_no_category(code: str) -> None:
    assert not is_valid_vr(code)
    assert not is_string_vr(code)
    assert not is_numeric_vr(code)
    assert not is_binary_vr(code)
    with pytest.raises(ValueError, match="not a value representation"):
        get_vr_category(code)


@given(st.text().filter(lambda text: text not in CODES))
def test_any_other_text_is_no_vr(text: str) -> None:
    assert not is_valid_vr(text)
    with pytest.raises(ValueError, match="not a value representation"):
        get_vr_category(text)


def test_the_error_of_an_unknown_vr_is_short() -> None:
    with pytest.raises(ValueError, match="not a value representation") as caught:
        get_vr_category("x" * 1_000_000)
    assert len(str(caught.value)) < 100


def test_the_tables_are_read_only() -> None:
    with pytest.raises(TypeError):
        VR_META[VR.PN] = VR_META[VR.LO]  # type: ignore[index]
    with pytest.raises(TypeError):
        VR_CATEGORY[VRCategoryName.TAG] = ()  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        VR_META[VR.PN].max_length = 1  # type: ignore[misc]


def test_the_category_names_have_a_second_name() -> None:
    assert VR_CATEGORY_NAME is VRCategoryName
    assert [name.value for name in VRCategoryName] == [name.name for name in VRCategoryName]


def test_everything_public_is_listed() -> None:
    assert all(hasattr(module, name) for name in module.__all__)
