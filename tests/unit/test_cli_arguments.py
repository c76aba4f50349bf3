"""A declaration as a command line: words in, arguments out."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest

from dcmtk_native import Limits
from dcmtk_native._runtime.groups import LogLevelOption
from dcmtk_native._runtime.options import InputSource, Opt, OutputPath, SignalOption, TimeoutMs
from dcmtk_native._runtime.signature import Declaration
from dcmtk_native.cli.arguments import CommandLine, HelpRequest, Request, UsageError
from dcmtk_native.types import StrPath


class Syntax(StrEnum):
    LITTLE = "+te"
    BIG = "+tb"


@dataclass(frozen=True, slots=True)
class Pair:
    tag: str
    value: str


def convert(
    input_path: Annotated[InputSource, Opt(help="file to read")],
    output_path: Annotated[OutputPath, Opt(help="file to write")],
    *,
    syntax: Annotated[Syntax | str, Opt(help="syntax to write")],
    mode: Annotated[
        Literal["auto", "file", "dataset"],
        Opt(help="what to expect", flags={"auto": "", "file": "+fo", "dataset": "-f"}),
    ] = "auto",
    load_all: Annotated[bool, Opt("+M", "load everything", off="-M")] = True,
    level: Annotated[int, Opt("+cl", "0 % to 100 %", lo=0, hi=9)] = 6,
    offset: Annotated[int | None, Opt("+o", "an offset")] = None,
    ratio: Annotated[float, Opt(help="a ratio")] = 1.0,
    padding: Annotated[
        Literal["off"] | tuple[int, int], Opt("+p", "padding", flags={"off": "-p"})
    ] = "off",
    concept: Annotated[tuple[str, str, str] | None, Opt("+cn", "a coded concept")] = None,
    tags: Annotated[str | Sequence[str] | None, Opt("+P", "tags to search")] = None,
    changes: Annotated[
        Sequence[Pair | Mapping[str, str] | tuple[str, str]], Opt("-m", "values to set")
    ] = (),
    from_file: Annotated[Sequence[tuple[str, StrPath]], Opt("-mf", "values from files")] = (),
    step: Annotated[int | Literal["increment"], Opt(help="a step")] = 1,
    table: Annotated[Mapping[str, Any] | None, Opt(help="a table")] = None,
    limits: Annotated[Limits | None, Opt(help="limits on foreign input")] = None,
    no_check: Annotated[bool, Opt("-nc", "do not check")] = False,
    one: Annotated[bool, Opt("-x", "two options with one flag")] = False,
    other: Annotated[bool, Opt("-x", "two options with one flag")] = False,
    log_level: LogLevelOption = None,
    timeout_ms: TimeoutMs = 30000,
    signal: SignalOption = None,
) -> None:
    """Convert one file.

    Example:
        >>> convert("a", "b", syntax="+te")
    """


def show(
    input_path: Annotated[InputSource | Sequence[InputSource], Opt(help="files to read")],
    *,
    output_path: Annotated[OutputPath, Opt(help="file to write")] = None,
    signal: SignalOption = None,
) -> None:
    """Show files."""


def probe(
    input_path: Annotated[InputSource, Opt(help="file to read")],
    *,
    output_path: Annotated[OutputPath, Opt(help="file to write")] = None,
    signal: SignalOption = None,
) -> None:
    """Look at a file."""


CONVERT = CommandLine(Declaration(convert, "convert"))  # type: ignore[arg-type]
SHOW = CommandLine(Declaration(show, "show"))  # type: ignore[arg-type]
PROBE = CommandLine(Declaration(probe, "probe"))  # type: ignore[arg-type]


def arguments(*words: str) -> dict[str, Any]:
    request = CONVERT.parse(["in", "out", "--syntax", "little", *words])
    found = dict(request.arguments)
    assert (found.pop("input_path"), found.pop("output_path")) == ("in", "out")
    assert found.pop("syntax") == "+te"
    return found


def usage_error(*words: str, line: CommandLine = CONVERT) -> str:
    with pytest.raises(UsageError) as caught:
        line.parse(words)
    return str(caught.value)


@dataclass(frozen=True)
class Identity:
    """Made of other words than its fields."""

    text: str

    @classmethod
    def of(
        cls,
        *,
        name: Annotated[str | None, Opt("-usr")] = None,
        password: Annotated[str | None, Opt("-pwd", flags={"": "-epw"})] = None,
        files: Annotated[Sequence[StrPath], Opt("-f")] = (),
        left: Annotated[int, Opt("-lr")] = 0,
        right: Annotated[int, Opt("-lr")] = 0,
        wants: Annotated[bool, Opt("-rsp", off="-no-rsp")] = False,
    ) -> Identity:
        return cls(f"{name}:{password}:{','.join(map(str, files))}:{left}:{right}:{wants}")


def enter(
    *, user: Annotated[Identity | None, Opt(help="who")] = None, signal: SignalOption = None
) -> None:
    """Enter."""


ENTER = CommandLine(Declaration(enter, "enter"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--user", "name=A", "--user", "wants=yes"], "A:None::0:0:True"),
        (["-usr", "A=B", "-pwd", "x", "-rsp"], "A=B:x::0:0:True"),
        (["-usr", "A", "-epw", "-no-rsp"], "A:::0:0:False"),
        (["-f", "a", "-f", "b"], "None:None:a,b:0:0:False"),
        (["-lr", "1", "-2"], "None:None::1:-2:False"),
        (["-usr", "A", "-usr", "B"], "B:None::0:0:False"),
    ],
)
def test_an_object_is_made_of_its_fields(words: list[str], text: str) -> None:
    assert ENTER.parse(words).arguments == {"user": Identity(text)}


def test_only_what_is_given_is_an_argument() -> None:
    assert arguments() == {}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--mode", "file"], {"mode": "file"}),
        (["--mode=file"], {"mode": "file"}),
        (["+fo"], {"mode": "file"}),
        (["-f"], {"mode": "dataset"}),
        (["--load-all"], {"load_all": True}),
        (["--no-load-all"], {"load_all": False}),
        (["-M"], {"load_all": False}),
        (["+M"], {"load_all": True}),
        (["--no-check"], {"no_check": True}),
        (["--check"], {"no_check": False}),
        (["-nc"], {"no_check": True}),
        (["--level", "9"], {"level": 9}),
        (["+cl", "9"], {"level": 9}),
        (["--offset", "-5"], {"offset": -5}),
        (["+o", "-5"], {"offset": -5}),
        (["--ratio", "0.5"], {"ratio": 0.5}),
        (["--padding", "off"], {"padding": "off"}),
        (["--padding", "128,64"], {"padding": (128, 64)}),
        (["+p", "128", "64"], {"padding": (128, 64)}),
        (["-p"], {"padding": "off"}),
        (["--concept", "CSD", "-1", "a, b"], {"concept": ("CSD", "-1", "a, b")}),
        (["+cn", "CSD", "CV", "+CM"], {"concept": ("CSD", "CV", "+CM")}),
        (["--tags", "PatientName"], {"tags": "PatientName"}),
        (["+P", "a", "+P", "b"], {"tags": ("a", "b")}),
        (["--changes", "PatientName=A=B"], {"changes": (("PatientName", "A=B"),)}),
        (["-m", "a=1", "-m", "b="], {"changes": (("a", "1"), ("b", ""))}),
        (["-mf", "PixelData=-x"], {"from_file": (("PixelData", "-x"),)}),
        (["--step", "increment"], {"step": "increment"}),
        (["--step", "2"], {"step": 2}),
        (["--table", '{"a": [1]}'], {"table": {"a": [1]}}),
        (
            ["--limits", "max_depth=3", "--limits", "max-elements=10"],
            {"limits": Limits(max_depth=3, max_elements=10)},
        ),
        (["--timeout-ms", "5"], {"timeout_ms": 5}),
        (["-ll", "debug"], {"log_level": "debug"}),
    ],
)
def test_an_option_and_dcmtks_flag_for_it(words: list[str], expected: dict[str, Any]) -> None:
    assert arguments(*words) == expected


@pytest.mark.parametrize(
    "words",
    [
        ["--syntax", "+te"],
        ["--syntax=+te"],
        ["--syntax", "little"],
    ],
)
def test_a_value_may_look_like_a_flag(words: list[str]) -> None:
    assert CONVERT.parse(["in", "out", *words]).arguments["syntax"] == "+te"


def test_a_union_with_text_takes_any_text() -> None:
    assert CONVERT.parse(["in", "out", "--syntax", "1.2.840"]).arguments["syntax"] == "1.2.840"


def test_options_may_stand_anywhere() -> None:
    request = CONVERT.parse(["-M", "in", "--syntax", "+tb", "out", "--level", "1"])
    assert request.arguments == {
        "input_path": "in", "output_path": "out", "syntax": "+tb", "level": 1, "load_all": False,
    }  # fmt: skip


def test_names_that_look_like_options_go_behind_two_hyphens() -> None:
    request = CONVERT.parse(["--syntax", "+te", "--", "-in", "+te"])
    assert request.arguments["input_path"] == "-in"
    assert request.arguments["output_path"] == "+te"


def test_a_hyphen_is_the_standard_output() -> None:
    assert CONVERT.parse(["in", "-", "--syntax", "+te"]).arguments["output_path"] is None


def test_a_hyphen_is_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(b"content")

    monkeypatch.setattr("sys.stdin", Stdin)
    assert CONVERT.parse(["-", "out", "--syntax", "+te"]).arguments["input_path"] == b"content"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "required"),
        (["in"], "OUTPUT_PATH"),
        (["in", "out"], "--syntax"),
        (["in", "out", "--syntax"], "--syntax needs a value"),
        (["in", "out", "--concept", "a", "b"], "--concept needs 3 values"),
        (["in", "out", "--syntx", "+te"], "unknown option --syntx; did you mean --syntax?"),
        (["in", "out", "-x"], "unknown option -x"),
        (["in", "out", "--load-all=1"], "--load-all takes no value"),
        (["in", "out", "--syntax=a", "--level", "x"], "--level: 'x': must be an integer"),
        (["in", "out", "--syntax=a", "--mode", "x"], "must be one of auto, file, dataset"),
        (["in", "out", "--syntax=a", "-m", "PatientName"], "must have the form NAME=VALUE"),
        (["in", "out", "--syntax=a", "--limits", "depth=1"], "must begin with one of max_depth"),
        (["in", "out", "--syntax=a", "--limits", "max_depth=x"], "must be an integer"),
        (["in", "out", "--syntax=a", "--limits", "max_depth=-1"], "--limits: max_depth=-1: "),
        (["in", "out", "--syntax=a", "--table", "[]"], "must be a JSON object"),
        (["in", "out", "--syntax=a", "--table", "{"], "--table: '{': "),
        (["in", "--recursive", "--syntax=a"], "several inputs need --output-dir"),
        (["in", "out", "--syntax=a", "--padding", "1,2,3"], "must be 2 values"),
        (["a", "b", "c", "--syntax=a"], "several inputs need --output-dir"),
        (["--output-dir", "x", "--syntax=a"], "an input is needed"),
        (["a", "b", "--output-dir", "x", "--jobs", "0", "--syntax=a"], "at least 1"),
    ],
)
def test_a_wrong_command_line_is_told_in_words(words: list[str], text: str) -> None:
    assert text in usage_error(*words)


def test_a_switch_that_no_text_can_give_is_no_option() -> None:
    assert "unknown option --signal" in usage_error("in", "--signal", "x")


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_is_asked_for_anywhere(word: str) -> None:
    with pytest.raises(HelpRequest):
        CONVERT.parse(["in", "--level", "1", word])


def test_help_is_complete() -> None:
    text = CONVERT.parser().format_help()
    assert "Convert one file." in text
    assert ">>>" not in text
    assert "{little,big}|TEXT" in text
    assert "0 % to 100 %" in text
    assert "0 to 9" in text
    assert "default: 6" in text
    assert "DCMTK: +fo file, -f dataset" in text
    assert "--load-all, --no-load-all" in text
    assert "--no-check, --check" in text
    assert "--changes NAME=VALUE" in text
    assert "--from-file NAME=PATH" in text
    assert "fields: max_depth, max_elements" in " ".join(text.split())
    assert "may be repeated" in text
    assert "exit codes" in text


def test_a_tool_that_takes_several_files_gets_all_of_them_at_once() -> None:
    assert SHOW.parse(["a", "b"]).arguments == {"input_path": ("a", "b")}
    assert SHOW.parse(["a"]).arguments == {"input_path": "a"}
    assert "--recursive" not in SHOW.parser().format_help()


def test_a_tool_that_takes_one_file_is_run_for_each() -> None:
    assert PROBE.parse(["a", "b"]) == Request({}, inputs=("a", "b"))
    assert PROBE.parse(["a"]) == Request({"input_path": "a"})
    assert PROBE.parse(["a", "--recursive"]) == Request({}, inputs=("a",), recursive=True)


def test_several_outputs_go_to_a_folder() -> None:
    request = CONVERT.parse(["a", "b", "--output-dir", "x", "--syntax", "+te", "--jobs", "3"])
    assert request == Request({"syntax": "+te"}, inputs=("a", "b"), output_dir="x", jobs=3)
    assert "not to one --output-path" in usage_error("a", "b", "--output-path", "x", line=PROBE)


def test_json_and_quiet_are_not_the_tools_business() -> None:
    assert PROBE.parse(["a", "--json", "--quiet"]) == Request(
        {"input_path": "a"}, json=True, quiet=True
    )
