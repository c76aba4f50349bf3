"""A tool's declaration as a command line.

Every option is `--its-name`, and DCMTK's own flag where that is one word. Flags begin with `-` or
`+`, and so do values (`+te`, `-1`), so how many words belong to an option is decided here, from the
declaration; argparse gets the result as `--name=value` and does what is left: types and the help.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NoReturn

from dcmtk_native._runtime.signature import COMMON, REQUIRED, Declaration, Parameter
from dcmtk_native.cli.help import description_of, epilog_of, help_of
from dcmtk_native.cli.values import SEPARATOR, Reader, reader_of

__all__ = ["PROGRAM", "HelpRequest", "Parser", "Request", "UsageError", "formatter", "parse"]

PROGRAM: Final = "dcmtk-native"
STDIN: Final = "-"
STDOUT: Final = "-"
_NOT_FOR_SHELLS: Final = frozenset({"signal"})


class UsageError(Exception):
    """The command line is wrong; nothing was done."""


class HelpRequest(Exception):
    """The user wants to read the help, which is the message."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a command line asks for.

    Attributes:
        arguments: the tool's arguments; without input and output if there are several inputs.
        inputs: what the tool shall be called with, one after the other, if there are several.
        output_dir: where their outputs go.
        recursive: folders among the inputs stand for the files in them.
        jobs: how many to work on at a time.
        quiet: do not tell about progress.
        json: tell the outcome as JSON.
    """

    arguments: dict[str, Any]
    inputs: tuple[str, ...] = ()
    output_dir: str | None = None
    recursive: bool = False
    jobs: int | None = None
    quiet: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True)
class _Option:
    """One parameter of the tool and how it is written."""

    parameter: Parameter
    reader: Reader

    @property
    def name(self) -> str:
        return "--" + self.parameter.name.replace("_", "-")

    @property
    def off(self) -> str:
        """What turns a switch off: `--no-x` for `--x`, and the other way round."""
        return f"--{self.name[5:]}" if self.name.startswith("--no-") else f"--no-{self.name[2:]}"


@dataclass(frozen=True, slots=True)
class _Form:
    """What a word on the command line means: a `--name` and how many words follow."""

    name: str
    words: int = 0


# What the command line itself understands, besides the tool's options.
_OWN: Final = (
    _Form("--help"),
    _Form("--json"),
)
_SEVERAL: Final = (
    _Form("--recursive"),
    _Form("--jobs", 1),
)
_QUIET: Final = _Form("--quiet")
_OUTPUT_DIR: Final = _Form("--output-dir", 1)


class _Switch(argparse.Action):
    """True by its first name, False by its second."""

    def __init__(self, option_strings: Sequence[str], dest: str, **settings: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **settings)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, option_string == self.option_strings[0])


class Parser(argparse.ArgumentParser):
    """Raises where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        """Nothing: raises `UsageError`."""
        raise UsageError(message)


@dataclass(slots=True)
class _Words:
    """A command line taken apart."""

    options: list[str] = field(default_factory=list)
    positional: list[str] = field(default_factory=list)


class CommandLine:
    """What can be written after a tool's name."""

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._positional: list[_Option] = []
        self._options: list[_Option] = []
        for parameter in declaration.parameters.values():
            reader = reader_of(parameter.annotation)
            if parameter.name not in _NOT_FOR_SHELLS and reader is not None:
                option = _Option(parameter, reader)
                (self._positional if parameter.positional else self._options).append(option)
        self._forms = {form.name: form for form in self._long_forms()}
        self._flags = self._flag_forms()

    @property
    def _tells_progress(self) -> bool:
        return "on_progress" in self._declaration.parameters

    @property
    def _takes_output(self) -> bool:
        return "output_path" in self._declaration.parameters

    @property
    def _takes_one_file(self) -> bool:
        """Whether it makes sense to run the tool for several files, one after the other."""
        names = [option.parameter.name for option in self._positional]
        return names[:1] == ["input_path"] and self._positional[0].reader.gather is None

    def parse(self, argv: Sequence[str]) -> Request:
        """What the words ask for.

        Errors:
            UsageError: raised if they are wrong.
            HelpRequest: raised if they ask for the help.
        """
        words = self._split(argv)
        if "--help" in words.options:
            raise HelpRequest(self.parser().format_help())
        several = self._is_several(words)
        positional = words.positional
        if several:
            if not positional:
                raise UsageError("an input is needed")
            # The other positional argument can only be the output; it gets a place of its own.
            positional = [positional[0], *[STDOUT] * (len(self._positional) - 1)]
        # Without positional arguments argparse takes the separator for one too many.
        rest = ["--", *positional] if positional else []
        found = vars(self.parser().parse_args([*words.options, *rest]))
        own = {
            name: found.pop(name)
            for name in ("json", "recursive", "jobs", "quiet", "output_dir")
            if name in found
        }
        arguments = {name: self._gathered(name, value) for name, value in found.items()}
        if several:
            if arguments.pop("output_path", STDOUT) != STDOUT:
                raise UsageError("several inputs go to --output-dir, not to one --output-path")
            del arguments["input_path"]
            return Request(arguments, tuple(words.positional), **own)
        return Request(_with_streams(arguments, self._positional), **own)

    def _is_several(self, words: _Words) -> bool:
        if not self._takes_one_file:
            return False
        given = {option.partition("=")[0] for option in words.options}
        if _OUTPUT_DIR.name in given:
            return True
        if "--recursive" not in given and len(words.positional) <= len(self._positional):
            return False
        if len(self._positional) > 1:
            raise UsageError(f"several inputs need {_OUTPUT_DIR.name}")
        return True

    def _gathered(self, name: str, value: Any) -> Any:
        for option in (*self._positional, *self._options):
            if option.parameter.name == name and option.reader.gather is not None:
                try:
                    return option.reader.gather(value)
                except ValueError as refusal:
                    raise UsageError(f"argument {option.name}: {refusal}") from None
        return value

    # ---- words ----

    def _long_forms(self) -> Iterator[_Form]:
        yield from _OWN
        if self._takes_one_file or self._tells_progress:
            yield _QUIET
        if self._takes_one_file:
            yield from _SEVERAL
            if self._takes_output:
                yield _OUTPUT_DIR
        for option in self._options:
            yield _Form(option.name, option.reader.words)
            if option.reader.words == 0:
                yield _Form(option.off)

    def _flag_forms(self) -> dict[str, _Form]:
        """DCMTK's flags, those left out that mean two things."""
        claims: dict[str, set[_Form]] = {"-h": {_Form("--help")}}
        for option in self._options:
            for flag, form in _flags_of(option):
                if flag and " " not in flag and flag not in self._forms:
                    claims.setdefault(flag, set()).add(form)
        return {flag: forms.pop() for flag, forms in claims.items() if len(forms) == 1}

    def _split(self, argv: Sequence[str]) -> _Words:
        words = _Words()
        rest = iter(argv)
        for word in rest:
            if word == "--":
                words.positional.extend(rest)
            elif word in self._flags:
                words.options.append(_with_value(self._flags[word], None, rest, word))
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                form = self._forms.get(name)
                if form is None:
                    raise UsageError(f"unknown option {name}{self._hint(name)}")
                words.options.append(_with_value(form, value if equals else None, rest, name))
            elif word.startswith(("-", "+")) and word != STDIN:
                raise UsageError(
                    f"unknown option {word} (write ./{word} if it is the name of a file)"
                )
            else:
                words.positional.append(word)
        return words

    def _hint(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, self._forms, n=1)
        return f"; did you mean {near[0]}?" if near else ""

    # ---- argparse ----

    def parser(self) -> argparse.ArgumentParser:
        """The argparse form, which knows the types and writes the help."""
        declaration = self._declaration
        names = " ".join(_metavar_of(option) for option in self._positional)
        parser = Parser(
            prog=f"{PROGRAM} {declaration.name}",
            usage=f"{PROGRAM} {declaration.name} [OPTION ...] {names}",
            description=description_of(declaration),
            epilog=epilog_of(),
            formatter_class=formatter(),
            add_help=False,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
        )
        inputs = parser.add_argument_group("input and output")
        for option in self._positional:
            _add_positional(inputs, option)
        specific = parser.add_argument_group("options")
        common = parser.add_argument_group("options of every tool")
        for option in self._options:
            _add_option(common if option.parameter.name in COMMON else specific, option)
        common.add_argument("--json", action="store_true", help="tell the outcome as JSON")
        common.add_argument("--help", "-h", action="store_true", help="this text")
        if self._takes_one_file:
            self._add_several(parser)
        elif self._tells_progress:
            _add_quiet(common)
        return parser

    def _add_several(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(
            "several inputs", "More inputs than one may be given: files, patterns, folders."
        )
        if self._takes_output:
            group.add_argument(
                "--output-dir",
                metavar="PATH",
                help="write the outputs there, named like the inputs",
            )
        group.add_argument(
            "--recursive", action="store_true", help="a folder stands for all files in it"
        )
        group.add_argument(
            "--jobs",
            type=_positive,
            metavar="N",
            help="how many at a time; default: one a processor",
        )
        _add_quiet(group)


def parse(declaration: Declaration, argv: Sequence[str]) -> Request:
    """What the words after a tool's name ask for; see `CommandLine.parse`."""
    return CommandLine(declaration).parse(argv)


def _flags_of(option: _Option) -> Iterator[tuple[str, _Form]]:
    """DCMTK's flags of an option and what they stand for."""
    opt = option.parameter.opt
    if option.reader.words == 0:
        yield opt.flag, _Form(option.name)
        yield opt.off, _Form(option.off)
        return
    yield opt.flag, _Form(option.name, option.reader.flag_words)
    for value, flag in opt.flags.items():
        yield flag, _Form(f"{option.name}={value}")
    for flag, (start, words) in option.reader.flags.items():
        yield flag, _Form(f"{option.name}={start}", words)


def _with_value(form: _Form, value: str | None, rest: Iterator[str], word: str) -> str:
    """The option with the words that belong to it, as one word."""
    if form.words == 0:
        if value is not None:
            raise UsageError(f"{word} takes no value")
        return form.name
    if value is not None:
        return f"{form.name}={value}"
    values = [following for _, following in zip(range(form.words), rest, strict=False)]
    if len(values) < form.words:
        raise UsageError(f"{word} needs {'a value' if form.words == 1 else f'{form.words} values'}")
    return f"{form.name}={SEPARATOR.join(values)}"


def _metavar_of(option: _Option) -> str:
    name = option.parameter.name.upper()
    if option.reader.gather is not None:
        name += " ..."
    return name if option.parameter.default is REQUIRED else f"[{name}]"


def _add_positional(group: argparse._ArgumentGroup, option: _Option) -> None:
    required = option.parameter.default is REQUIRED
    if option.reader.gather is not None:
        nargs: str | None = "+" if required else "*"
    else:
        nargs = None if required else "?"
    group.add_argument(
        option.parameter.name,
        metavar=option.parameter.name.upper(),
        nargs=nargs,
        type=_typed(option.reader),
        help=help_of(option.parameter, option.reader, stream=_stream_of(option)),
    )


def _add_option(group: argparse._ArgumentGroup, option: _Option) -> None:
    parameter, reader = option.parameter, option.reader
    text = help_of(parameter, reader)
    if reader.words == 0:
        group.add_argument(option.name, option.off, dest=parameter.name, action=_Switch, help=text)
        return
    group.add_argument(
        option.name,
        dest=parameter.name,
        action="append" if reader.gather is not None else "store",
        type=_typed(reader),
        metavar=reader.metavar,
        required=parameter.default is REQUIRED,
        help=text,
    )


def _typed(reader: Reader) -> Any:
    def read(text: str) -> Any:
        try:
            return reader.read(text)
        except ValueError as refusal:
            shown = text.replace(SEPARATOR, " ")
            raise argparse.ArgumentTypeError(f"{shown!r}: {refusal}") from None

    return read


def _add_quiet(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--quiet", action="store_true", help="no word on progress")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: must be a number of at least 1")
    return int(text)


def formatter() -> Any:
    """What lays the help out."""
    return partial(argparse.RawDescriptionHelpFormatter, max_help_position=30, width=100)


def _stream_of(option: _Option) -> str:
    if option.reader.source:
        return f"{STDIN} is the standard input"
    return f"{STDOUT} is the standard output" if option.parameter.name == "output_path" else ""


def _with_streams(arguments: dict[str, Any], positional: list[_Option]) -> dict[str, Any]:
    """The arguments with `-` replaced: as an input by what is read, as an output by none."""
    if arguments.get("output_path") == STDOUT:
        arguments["output_path"] = None
    for option in positional:
        if option.reader.source and arguments.get(option.parameter.name) == STDIN:
            arguments[option.parameter.name] = _standard_input()
    return arguments


_MAX_STDIN: Final = 2 << 30


def _standard_input() -> bytes:
    import sys

    content = sys.stdin.buffer.read(_MAX_STDIN + 1)
    if len(content) > _MAX_STDIN:
        raise UsageError("more than 2 GiB on the standard input; name a file instead")
    return content
