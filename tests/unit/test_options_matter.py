"""Every option of every tool makes a difference that a caller can see; none is there for show."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native import (
    Err,
    OperationTimeoutError,
    OptionsError,
    ToolError,
    TransferSyntax,
    dcmconv,
    tools,
)
from dcmtk_native._runtime.signature import COMMON
from dcmtk_native._runtime.tool import REGISTRY, declaration_of
from support.codec_cases import CODEC_ALWAYS, CODEC_CASES
from support.network_cases import NETWORK_TOOLS
from support.option_cases import (
    ALWAYS,
    CASES,
    END_OF_ITEM,
    END_OF_SEQUENCE,
    FILE,
    INPUTS,
    ITEM,
    UIDS,
    UNDEFINED,
    Case,
    element,
    implicit,
)
from support.samples import dicom_file

assert tools.__all__  # importing them has registered them

EVERY_CASE = CASES | CODEC_CASES
EVERY_CALL = ALWAYS | CODEC_ALWAYS
NOT_HERE = {
    ("dcmdump", "on_progress"): "it is called back; see test_dcmdump",
    ("dcmconv", "write_oversized"): "needs a sequence of 4 GiB; see below",
    ("dcmconv", "use_meta_length"): "the header ends where its group ends, whatever it claims",
    ("dcmcjpeg", "on_progress"): "it is called back; see test_dcmcjpeg",
    ("dcmcjpeg", "workaround_cornell"): "needs a stream of an encoder that nobody has any more",
    ("dcmdjpeg", "workaround_cornell"): "the same",
    **{
        (tool, option): "see tests/unit/codec/test_recoding.py"
        for tool, options in {
            "dcmconv": "threads",
            "dcmcrle": "threads on_progress uid uid_always sop_class",
            "dcmcjpls": "threads on_progress uid sop_class",
            "dcmdrle": "threads on_progress uid uid_always",
            "dcmdjpeg": "threads on_progress uid",
            "dcmdjpls": "threads on_progress uid",
        }.items()
        for option in options.split()
    },
}


def outcome(name: str, case: Case, folder: Path, *, given: bool) -> str:
    """What a call returned and what files are there afterwards, as comparable text."""
    folder.mkdir()
    (folder / "words.raw").write_bytes(b"\1\2\3\4")
    content = INPUTS.get(name, FILE) if case.content is None else case.content
    options = {**EVERY_CALL.get(name, {}), **case.also}
    options |= {"input_path": content}
    made = {key: value(folder) if callable(value) else value for key, value in options.items()}
    value = case.value(folder) if callable(case.value) else case.value
    if given:
        made[case.option] = value
    if "input_data" in made:
        del made["input_path"]
    result = REGISTRY[name](**made)
    if not result.ok:
        error = result.error
        assert not isinstance(error, OptionsError), error.message
        shown = f"{type(error).__name__}: {error.message}"
    else:
        shown = repr(result.value)
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return f"{shown} {files}".replace(str(folder), "FOLDER")


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=f"{name}-{case.option}-{number}")
        for name, cases in EVERY_CASE.items()
        for number, case in enumerate(cases)
    ],
)
def test_an_option_makes_a_difference(name: str, case: Case, tmp_path: Path) -> None:
    without = outcome(name, case, tmp_path / "a", given=False)
    assert outcome(name, case, tmp_path / "b", given=False) == without, "the call is repeatable"
    assert outcome(name, case, tmp_path / "c", given=True) != without


@pytest.mark.parametrize("name", sorted(REGISTRY.keys() - NETWORK_TOOLS))
def test_every_option_is_among_the_cases(name: str) -> None:
    options = {
        one.name
        for one in declaration_of(REGISTRY[name]).parameters.values()
        if not one.positional and one.name not in COMMON
    }
    covered = {case.option for case in EVERY_CASE[name]}
    assert options - covered == {option for tool, option in NOT_HERE if tool == name}
    assert covered <= options


def test_a_sequence_of_4_gib_is_refused_if_it_may_not_have_an_undefined_length(
    tmp_path: Path,
) -> None:
    path, target = tmp_path / "input.dcm", tmp_path / "output.dcm"
    half = 0x90000000
    with path.open("wb") as file:  # the values are holes, which take no space
        file.write(dicom_file(UIDS) + element(0x00081140, "SQ", b"", UNDEFINED))
        file.write(implicit(ITEM, b"", UNDEFINED))
        for tag in (0x00420011, 0x00420012):
            file.write(element(tag, "OB", b"", half))
            file.seek(half, 1)
        file.write(implicit(END_OF_ITEM, b"") + implicit(END_OF_SEQUENCE, b""))
    syntax = TransferSyntax.EXPLICIT_LITTLE

    refused = dcmconv(path, target, write_oversized=False, transfer_syntax=syntax)
    assert isinstance(refused, Err)
    assert isinstance(refused.error, ToolError)
    assert "too long for an explicit length" in refused.error.message
    assert list(tmp_path.iterdir()) == [path]

    begun = dcmconv(path, target, transfer_syntax=syntax, timeout_ms=200)
    target.unlink(missing_ok=True)  # pytest keeps the folder
    assert begun or isinstance(begun.error, OperationTimeoutError), "writing had begun"
