"""The SOP classes are those of PS3.6 annex A, as pydicom knows them, and cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydicom.uid import UID_dictionary

from dcmtk_native.data.sop_classes import SOP_CLASSES, sop_class_name_from_uid
from dcmtk_native.types import parse_sop_class_uid

HANGING_PROTOCOL = "1.2.840.10008.5.1.4.38.1"
LITTLE_ENDIAN_EXPLICIT = "1.2.840.10008.1.2.1"


def test_there_are_71_with_one_uid_each() -> None:
    assert len(SOP_CLASSES) == len(set(SOP_CLASSES.values())) == len(list(SOP_CLASSES)) == 71


@pytest.mark.parametrize(("keyword", "uid"), SOP_CLASSES.items())
def test_keyword_and_uid_are_those_of_the_standard(keyword: str, uid: str) -> None:
    _, kind, _, _, standard_keyword = UID_dictionary[uid]
    assert (kind, standard_keyword) == ("SOP Class", keyword)
    assert parse_sop_class_uid(uid).ok


@pytest.mark.parametrize(("keyword", "uid"), SOP_CLASSES.items())
def test_the_name_of_a_uid_leads_back(keyword: str, uid: str) -> None:
    assert getattr(SOP_CLASSES, keyword) == SOP_CLASSES[keyword] == uid
    assert sop_class_name_from_uid(uid) == keyword
    assert sop_class_name_from_uid(uid, all=True) == keyword


def test_the_seed_s_names_are_there() -> None:
    assert SOP_CLASSES.CTImageStorage == "1.2.840.10008.5.1.4.1.1.2"
    assert SOP_CLASSES.Verification == "1.2.840.10008.1.1"


def test_it_is_a_mapping_without_other_keys() -> None:
    assert isinstance(SOP_CLASSES, Mapping)
    assert "CTImageStorage" in SOP_CLASSES
    assert SOP_CLASSES.get("keys") is None
    for absent in ("ctimagestorage", "__len__", "", "keys"):
        assert absent not in SOP_CLASSES
        with pytest.raises(KeyError):
            SOP_CLASSES[absent]
    with pytest.raises(AttributeError):
        SOP_CLASSES.NoSuchStorage  # type: ignore[attr-defined]  # noqa: B018  # the point of it
    assert dict(SOP_CLASSES) == SOP_CLASSES


def test_it_is_read_only() -> None:
    with pytest.raises(AttributeError):
        SOP_CLASSES.CTImageStorage = "1.2"  # type: ignore[misc,assignment]
    with pytest.raises(AttributeError):
        SOP_CLASSES.Other = "1.2"  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        SOP_CLASSES["Other"] = "1.2"  # type: ignore[index]
    with pytest.raises(TypeError):
        del SOP_CLASSES["CTImageStorage"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("uid", ["", "1.2.3", HANGING_PROTOCOL, LITTLE_ENDIAN_EXPLICIT, "x" * 1000])
def test_other_uids_have_no_name(uid: str) -> None:
    assert sop_class_name_from_uid(uid) is None


def test_dcmtk_is_asked_on_request() -> None:
    assert sop_class_name_from_uid(HANGING_PROTOCOL, all=True) == "HangingProtocolStorage"
    assert sop_class_name_from_uid(LITTLE_ENDIAN_EXPLICIT, all=True) == "LittleEndianExplicit"


@pytest.mark.parametrize(
    "uid",
    [
        "",
        "1.2.3",
        "x" * 1000,
        "\uff11.2",
        "\ud800",
        HANGING_PROTOCOL + "\0",
        HANGING_PROTOCOL + "\0" + "1",
        HANGING_PROTOCOL + " ",
        HANGING_PROTOCOL.ljust(65, "0"),
    ],
)
def test_dcmtk_does_not_know_what_is_no_uid_of_its(uid: str) -> None:
    assert sop_class_name_from_uid(uid, all=True) is None
