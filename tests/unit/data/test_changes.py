"""A ChangeSet is a value: every operation gives another one (dcmtk_native.data.changes)."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcmtk_native.constants import MAX_CHANGESET_OPERATIONS
from dcmtk_native.data.changes import ChangeSet, TagModification
from dcmtk_native.types import create_dicom_tag_path

NAME, ID, SEX = "(0010,0010)", "(0010,0020)", "(0010,0040)"
EMPTY = ChangeSet.empty()


def full(count: int = MAX_CHANGESET_OPERATIONS) -> ChangeSet:
    changes = EMPTY
    for number in range(count):
        changes = changes.erase_tag(f"({number:04d},0000)")
    return changes


FULL = full()


def test_empty_holds_nothing() -> None:
    assert EMPTY.is_empty
    assert EMPTY.operation_count == 0
    assert dict(EMPTY.modifications) == {}
    assert EMPTY.erasures == frozenset()
    assert EMPTY.erase_private is False
    assert EMPTY.to_modifications() == ()
    assert EMPTY.to_erasure_args() == ()


def test_operations_give_new_objects() -> None:
    changes = (
        EMPTY.set_tag(create_dicom_tag_path(NAME), "ANONYMOUS").erase_tag(ID).erase_private_tags()
    )
    assert changes.operation_count == 3
    assert not changes.is_empty
    assert EMPTY.is_empty
    assert ChangeSet.empty() == EMPTY


def test_set_tag_keeps_the_order_of_the_first_set() -> None:
    changes = EMPTY.set_tag(NAME, "A").set_tag(ID, "1").set_tag(NAME, "B")
    assert list(changes.modifications.items()) == [(NAME, "B"), (ID, "1")]
    assert changes.to_modifications() == (TagModification(NAME, "B"), TagModification(ID, "1"))


def test_paths_are_kept_as_given() -> None:
    changes = EMPTY.set_tag("(0010,00aF)", "x").erase_tag("(0040,a730)[0].(0008,0100)")
    assert list(changes.modifications) == ["(0010,00aF)"]
    assert changes.to_erasure_args() == ("(0040,a730)[0].(0008,0100)",)


@pytest.mark.parametrize("value", [None, 1, b"x", ["x"]])
def test_a_value_must_be_text(value: Any) -> None:
    with pytest.raises(TypeError, match="value must be a str"):
        EMPTY.set_tag(NAME, value)


@pytest.mark.parametrize("path", [None, 1, b"x"])
def test_a_path_must_be_text(path: Any) -> None:
    with pytest.raises(TypeError, match="path must be a str"):
        EMPTY.set_tag(path, "x")
    with pytest.raises(TypeError, match="path must be a str"):
        EMPTY.erase_tag(path)


@pytest.mark.parametrize("code", [*range(0x20), 0x7F])
def test_control_characters_are_removed_but_line_ends(code: int) -> None:
    changes = EMPTY.set_tag(NAME, f"A{chr(code)}B")
    kept = chr(code) if code in {0x0A, 0x0D} else ""
    assert changes.modifications[NAME] == f"A{kept}B"


@given(st.text(st.characters(min_codepoint=0x20, exclude_characters="\x7f")))
def test_every_other_character_stays(text: str) -> None:
    assert EMPTY.set_tag(NAME, text + "\\").modifications[NAME] == text + "\\"


def test_setting_drops_an_earlier_erasure() -> None:
    changes = EMPTY.erase_tag(NAME).set_tag(NAME, "A")
    assert changes.erasures == frozenset()
    assert changes.modifications == {NAME: "A"}


def test_erasing_drops_an_earlier_set() -> None:
    changes = EMPTY.set_tag(NAME, "A").erase_tag(NAME)
    assert changes.erasures == {NAME}
    assert changes.modifications == {}


def test_erasing_private_elements_is_a_flag_and_no_path() -> None:
    changes = EMPTY.erase_private_tags().erase_private_tags()
    assert changes.erase_private is True
    assert changes.operation_count == 1
    assert not changes.is_empty
    assert changes.erasures == frozenset()
    assert changes.to_erasure_args() == ()


def test_erasures_are_told_in_order() -> None:
    changes = EMPTY.erase_tag(SEX).erase_tag(NAME).erase_tag(SEX)
    assert changes.to_erasure_args() == (SEX, NAME)
    assert changes.erasures == {NAME, SEX}


def test_a_full_change_set_takes_no_more() -> None:
    assert FULL.operation_count == MAX_CHANGESET_OPERATIONS
    with pytest.raises(ValueError, match="10000"):
        FULL.set_tag(NAME, "A")
    with pytest.raises(ValueError, match="10000"):
        FULL.erase_tag(NAME)
    with pytest.raises(ValueError, match="10000"):
        FULL.erase_private_tags()
    with pytest.raises(ValueError, match="10000"):
        FULL.merge(EMPTY.set_tag(NAME, "A"))


def test_a_full_change_set_may_change_what_it_has() -> None:
    path = FULL.to_erasure_args()[0]
    assert FULL.set_tag(path, "A").operation_count == MAX_CHANGESET_OPERATIONS
    assert FULL.erase_tag(path) == FULL


def test_modifications_are_read_only() -> None:
    changes = EMPTY.set_tag(NAME, "A")
    view: Any = changes.modifications
    with pytest.raises(TypeError):
        view[NAME] = "B"
    with pytest.raises(AttributeError):
        changes.erase_private = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        (EMPTY.set_tag(NAME, "A"), EMPTY.set_tag(NAME, "B"), EMPTY.set_tag(NAME, "B")),
        (EMPTY.erase_tag(NAME), EMPTY.set_tag(NAME, "B"), EMPTY.set_tag(NAME, "B")),
        (EMPTY.set_tag(NAME, "A"), EMPTY.erase_tag(NAME), EMPTY.erase_tag(NAME)),
        (EMPTY.erase_tag(NAME), EMPTY.erase_tag(NAME), EMPTY.erase_tag(NAME)),
        (
            EMPTY.set_tag(NAME, "A").erase_tag(ID),
            EMPTY.set_tag(SEX, "F"),
            EMPTY.set_tag(NAME, "A").set_tag(SEX, "F").erase_tag(ID),
        ),
        (EMPTY.erase_private_tags(), EMPTY, EMPTY.erase_private_tags()),
        (EMPTY, EMPTY.erase_private_tags(), EMPTY.erase_private_tags()),
        (EMPTY, EMPTY, EMPTY),
    ],
)
def test_the_other_side_of_a_merge_wins(
    left: ChangeSet, right: ChangeSet, merged: ChangeSet
) -> None:
    before = (hash(left), hash(right))
    assert left.merge(right) == merged
    assert (hash(left), hash(right)) == before


def test_change_sets_compare_and_hash_by_content() -> None:
    one = EMPTY.set_tag(NAME, "A").set_tag(ID, "1").erase_tag(SEX)
    other = EMPTY.erase_tag(SEX).set_tag(ID, "1").set_tag(NAME, "A")
    assert one == other
    assert hash(one) == hash(other)
    assert one != one.erase_private_tags()
    assert len({one, other, EMPTY}) == 2


def test_change_sets_survive_pickling() -> None:
    changes = EMPTY.set_tag(NAME, "A").erase_tag(ID).erase_private_tags()
    assert pickle.loads(pickle.dumps(changes)) == changes


def test_repr_holds_no_patient_data() -> None:
    changes = EMPTY.set_tag(NAME, "DOE^JANE").erase_tag(ID).erase_private_tags()
    assert repr(changes) == "<ChangeSet sets 1, erases 1 and all private>"


def test_a_modification_is_a_value() -> None:
    assert TagModification(NAME, "A") == TagModification(NAME, "A")
    with pytest.raises(AttributeError):
        TagModification(NAME, "A").value = "B"  # type: ignore[misc]
