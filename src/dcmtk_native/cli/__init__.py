"""The command `dcmtk-native TOOL ...`: every tool for the shell, made from its declaration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from dcmtk_native._runtime.tool import REGISTRY, declaration_of
from dcmtk_native.cli.arguments import PROGRAM, HelpRequest, Request, UsageError, parse
from dcmtk_native.cli.output import (
    OK,
    WRONG_USAGE,
    as_json,
    as_text,
    complain,
    discard_stdout,
    exit_code,
    failures_of,
    prepare_streams,
    write,
)
from dcmtk_native.result import Err, Ok, Result

__all__ = ["main"]

INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""128 and the number of SIGINT, of SIGPIPE: what a shell reports of a program that they ended."""

_SERVERS: Final = {"dcmrecv": "Dcmrecv", "storescp": "StoreSCP"}

_ABOUT: Final = """\
usage: dcmtk-native TOOL [OPTION ...] [ARGUMENT ...]

DCMTK's tools, in one process and with one set of options.

  dcmtk-native TOOL --help     what the tool does and takes
  dcmtk-native info            versions, the DCMTK library, its codecs
  dcmtk-native scan --help     an index of an archive: a few tags of every file
  dcmtk-native --version

tools:
"""


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of a command line; see `cli.help.EXIT_CODES`."""
    prepare_streams()
    try:
        return _answer(list(sys.argv[1:] if argv is None else argv))
    except UsageError as error:
        complain(f"{PROGRAM}: {error}")
        return WRONG_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        discard_stdout()
        return PIPE_CLOSED


def _answer(argv: list[str]) -> int:
    try:
        return _dispatch(argv)
    except HelpRequest as help_text:
        return _print(str(help_text))


def _dispatch(argv: list[str]) -> int:
    if not argv:
        complain(_overview())
        return WRONG_USAGE
    name, *rest = argv
    match name:
        case "--help" | "-h":
            raise HelpRequest(_overview())
        case "--version":
            import dcmtk_native

            return _print(f"{PROGRAM} {dcmtk_native.__version__}\n")
        case "info":
            return _info(rest)
        case "scan":
            from dcmtk_native.cli.scan import run

            return run(rest)
    if name in _SERVERS:
        import dcmtk_native
        from dcmtk_native.cli import serve

        return serve.run(name, getattr(dcmtk_native, _SERVERS[name]), rest)
    return _run_tool(name, rest)


def _run_tool(name: str, argv: Sequence[str]) -> int:
    tool = _tool(name)
    try:
        request = parse(declaration_of(tool), argv)
    except UsageError as error:
        raise UsageError(f"{name}: {error}\n(see {PROGRAM} {name} --help)") from None
    from dcmtk_native.cli.logs import logging_to_stderr

    with logging_to_stderr(request.arguments.get("log_level")):
        if request.inputs:
            from dcmtk_native.cli.files import run_several

            return run_several(name, tool, request)
        result = _run_once(tool, request)
        written = request.arguments.get("output_path") is not None
        _tell(name, result, json=request.json, written=written)
        return exit_code(result, forgiving=request.arguments.get("ignore_errors", False))


def _run_once(tool: Callable[..., Result[Any]], request: Request) -> Result[Any]:
    """The outcome of one call; a tool that takes several files itself tells about its progress."""
    takes_several = "on_progress" in declaration_of(tool).parameters
    if not takes_several or isinstance(request.arguments.get("input_path"), str):
        return tool(**request.arguments)
    from dcmtk_native.cli.progress import counting, progress

    with progress(quiet=request.quiet) as told:
        return tool(**request.arguments, on_progress=counting(told))


def _tell(name: str, result: Result[Any], *, json: bool, written: bool) -> None:
    if json:
        write(as_json(name, result))
    elif isinstance(result, Err):
        complain(f"{PROGRAM}: {result.error}")
    else:
        write(as_text(result.value, written=written))
        for path, reason in failures_of(result.value):
            complain(f"failed: {path}: {reason}")


def _tool(name: str) -> Callable[..., Result[Any]]:
    """The tool of this name; only its own module is loaded."""
    import dcmtk_native

    if name.isidentifier():
        getattr(dcmtk_native, name, None)
        if name in REGISTRY:
            return REGISTRY[name]
    raise UsageError(f"there is no tool {name!r}{_hint(name)}")


def _hint(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [*_all_tools(), *_SERVERS, "info", "scan"], n=1)
    return f"; did you mean {near[0]}?" if near else f" (see {PROGRAM} --help)"


def _all_tools() -> dict[str, Callable[..., Result[Any]]]:
    import dcmtk_native.tools

    assert dcmtk_native.tools.__all__
    return REGISTRY


def _overview() -> str:
    import dcmtk_native
    from dcmtk_native.cli.help import epilog_of, summary_of

    tools = {name: summary_of(declaration_of(tool)) for name, tool in _all_tools().items()}
    servers = {
        name: (getattr(dcmtk_native, server).__doc__ or "").partition("\n")[0]
        for name, server in _SERVERS.items()
    }
    width = max(map(len, tools))
    shown = (
        "\n".join(f"  {name:<{width}}  {one}" for name, one in sorted(some.items()))
        for some in (tools, servers)
    )
    return _ABOUT + "\n\nservers, until Ctrl-C:\n".join(shown) + f"\n\n{epilog_of()}\n"


def _info(argv: Sequence[str]) -> int:
    """Facts about this package and about the DCMTK library that it runs on."""
    if [word for word in argv if word != "--json"]:
        raise UsageError("info takes no argument but --json")
    import platform

    import dcmtk_native
    from dcmtk_native.discovery import dcmtk_info

    facts = {
        "dcmtk_native": dcmtk_native.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    library = dcmtk_info()
    if argv:
        from dataclasses import asdict

        write(as_json("info", Ok(facts | asdict(library))))
    else:
        write("".join(f"{name}: {value}\n" for name, value in facts.items()))
        write(as_text(library, written=False))
    return OK


def _print(text: str) -> int:
    write(text)
    return OK
