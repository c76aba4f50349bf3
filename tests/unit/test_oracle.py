"""The oracle: arguments of the original program that follow from a declaration."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native import dcmdump, unwrap
from dcmtk_native.data.changes import TagModification
from support import oracle


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("dcmdump", {}, ["in"]),
        ("dcmdump", {"search_tag": "PatientName"}, ["+P", "PatientName", "in"]),
        ("dcmdump", {"search_tag": ["a", "b"]}, ["+P", "a", "+P", "b", "in"]),
        ("dcmdump", {"print_values": True}, ["-Un", "+L", "in"]),
        ("dcmdump", {"print_filename": True}, ["+F", "in"]),
        ("dcmdump", {"print_filename": "search"}, ["+Fs", "in"]),
        ("dcmdump", {"load_all": False, "max_read_length": 8}, ["-M", "+R", "8", "in"]),
        ("dcmdump", {"read_mode": "dataset", "read_xfer": "auto"}, ["-f", "in"]),
        ("dcmdump", {"log_level": "debug", "timeout_ms": 5}, ["-ll", "debug", "in"]),
        ("dcmdump", {"quote": "none", "stop_after": None}, ["in"]),
        ("dcmodify", {"erasures": ["a", "b"]}, ["-e", "a", "-e", "b", "-nb", "in"]),
        ("dcmodify", {"erase_private_tags": True, "no_backup": False}, ["-ep", "in"]),
        (
            "dcmodify",
            {"modifications": [TagModification("PatientID", "1"), ("00100010", "")]},
            ["-m", "PatientID=1", "-m", "00100010=", "-nb", "in"],
        ),
    ],
)
def test_arguments_follow_from_the_declaration(
    tool: str, arguments: dict[str, object], expected: list[str]
) -> None:
    assert sorted(oracle.argv(tool, "in", **arguments)) == sorted(expected)
    assert oracle.argv(tool, "in", **arguments)[-1] == "in"


def test_a_fixed_tuple_is_one_flag_with_all_its_values() -> None:
    words = oracle.argv("dcmconv", "in", "out", transfer_syntax="+te", padding=(128, 64))
    assert words[-2:] == ["in", "out"]
    start = words.index("+p")
    assert words[start : start + 3] == ["+p", "128", "64"]


def test_what_the_original_lacks_is_told() -> None:
    with pytest.raises(oracle.NoOriginal, match="direct_only"):
        oracle.argv("dcm2json", "in", direct_only=True)


@pytest.mark.parametrize("arguments", [{"bogus": 1}, {"input_path": "in"}])
def test_wrong_arguments_are_a_type_error(arguments: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        oracle.argv("dcmdump", "in", **arguments)
    with pytest.raises(TypeError, match="needs output_path"):
        oracle.argv("dcmconv", "in", transfer_syntax="+te")


def test_the_original_prints_what_the_tool_returns(ct_small: Path) -> None:
    done = oracle.run("dcmdump", ct_small, search_tag="PatientName")
    assert done.ok, done.stderr
    assert done.text == unwrap(dcmdump(ct_small, search_tag="PatientName")).text


def test_a_buffer_and_a_missing_output_become_files(ct_small: Path) -> None:
    done = oracle.run("dcmconv", ct_small.read_bytes(), None, transfer_syntax="+te")
    assert done.ok, done.stderr
    assert done.output is not None
    assert done.output[128:132] == b"DICM"
