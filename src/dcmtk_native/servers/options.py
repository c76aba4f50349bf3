"""Options of servers: an alias an option, as in `_runtime.groups`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Protocol, TypeAlias

from dcmtk_native._runtime.abort import SignalLike
from dcmtk_native._runtime.groups_network import MaxPdu
from dcmtk_native._runtime.options import MAX_TIMEOUT_MS, Opt
from dcmtk_native.errors import OptionsError
from dcmtk_native.network.query_options import STORED_FLAGS, StoredSyntax
from dcmtk_native.servers.payloads import StoredFileData, StudyCompleteData
from dcmtk_native.types import StrPath, parse_ae_title

__all__ = [
    "DEFAULT_ASSOCIATIONS",
    "DEFAULT_SERVER_ACSE_TIMEOUT",
    "DEFAULT_SERVER_SOCKET_TIMEOUT",
    "BindAddress",
    "ConfigFile",
    "ConfigProfile",
    "DrainTimeoutMs",
    "EndOfStudyHook",
    "EndOfStudyHookOption",
    "ExtensionOption",
    "FilenameMode",
    "FilenameModeOption",
    "HasFileno",
    "HostLookup",
    "MaxAssociations",
    "MaxAssociationsPerPeer",
    "MaxPdu",
    "OutputDirectory",
    "OwnAETitle",
    "PreferredTransferSyntax",
    "PreferredTransferSyntaxOption",
    "ReceptionHook",
    "ReceptionHookOption",
    "ReusePort",
    "ServerAcseTimeout",
    "ServerDimseTimeout",
    "ServerPort",
    "ServerSignal",
    "ServerSocketTimeout",
    "Sock",
    "SortByStudy",
    "SortByStudyUid",
    "StartTimeoutMs",
    "StorageMode",
    "StorageModeOption",
    "SubdirectoryMode",
    "SubdirectoryModeOption",
    "VerbosePc",
    "invalid",
]

DEFAULT_ASSOCIATIONS: Final = 16
DEFAULT_SERVER_ACSE_TIMEOUT: Final = 30
DEFAULT_SERVER_SOCKET_TIMEOUT: Final = 60
_MOST_ASSOCIATIONS: Final = 10_000
_LONGEST_SECONDS: Final = 2_000_000


class SubdirectoryMode(StrEnum):
    """Where a `Dcmrecv` puts files."""

    NONE = "none"
    SERIES_DATE = "series-date"


class FilenameMode(StrEnum):
    """How a `Dcmrecv` names files."""

    DEFAULT = "default"
    UNIQUE = "unique"
    SHORT_UNIQUE = "short-unique"
    SYSTEM_TIME = "system-time"


class StorageMode(StrEnum):
    """What a `Dcmrecv` does with what it receives."""

    NORMAL = "normal"
    BIT_PRESERVING = "bit-preserving"
    IGNORE = "ignore"


class PreferredTransferSyntax(StrEnum):
    """What a `StoreSCP` takes, and prefers; the words of DCMTK's options are taken, too."""

    LITTLE_ENDIAN = "little-endian"
    BIG_ENDIAN = "big-endian"
    IMPLICIT = "implicit"
    ACCEPT_ALL = "accept-all"


ReceptionHook: TypeAlias = Callable[[StoredFileData], object]
EndOfStudyHook: TypeAlias = Callable[[StudyCompleteData], object]


class HasFileno(Protocol):
    """A `socket.socket`, or what else has a descriptor of the system."""

    def fileno(self) -> int:
        """The descriptor."""
        ...


def invalid(tool: str, rule: str) -> OptionsError:
    """The error of an option that is out of its rules."""
    return OptionsError(f"{tool}: invalid options: {rule}", tool=tool)


def _ae_title(value: str) -> str:
    if not parse_ae_title(value).ok:
        raise ValueError(
            "must be 1 to 16 printable ASCII characters, no backslash, not only spaces"
        )
    return value


def _socket(value: Any) -> Any:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not is_number and not callable(getattr(value, "fileno", None)):
        raise ValueError("must be a socket, or the number of its descriptor")
    return value


def _part_of_name(value: Any) -> Any:
    """Text that becomes part of the names of files or folders."""
    if isinstance(value, str) and (not value or not value.isprintable() or "/" in value):
        raise ValueError("must be printable text without a slash")
    return value


def _address(value: str) -> str:
    if not value or not value.isprintable() or " " in value:
        raise ValueError("must be an address of this machine, or a name of it")
    return value


def _text(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _command(value: Any) -> Any:
    if callable(value):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a command or a function")
    from dcmtk_native.servers.hooks import words_of_command

    words_of_command(value)
    return value


ServerPort = Annotated[
    int, Opt(help="TCP port to listen on; 0: any that is free", lo=0, hi=65535, argv=lambda n: [n])
]
OwnAETitle = Annotated[
    str | None, Opt("-aet", "AE title of this side; default: the program's name", check=_ae_title)
]
OutputDirectory = Annotated[
    StrPath | None,
    Opt("-od", "folder for what comes, made if there is none; default: the current one"),
]
ConfigFile = Annotated[
    StrPath | None, Opt("-xf", "association configuration file; with config_profile")
]
ConfigProfile = Annotated[
    str | None, Opt(help="with config_file: the profile in it that is accepted", check=_text)
]
SubdirectoryModeOption = Annotated[
    SubdirectoryMode | Literal["none", "series-date"],
    Opt(help="folders for files", flags={"none": "-s", "series-date": "+ssd"}),
]
FilenameModeOption = Annotated[
    FilenameMode | Literal["default", "unique", "short-unique", "system-time"],
    Opt(
        help="names of files",
        flags={
            "default": "+fd",
            "unique": "+fu",
            "short-unique": "+fsu",
            "system-time": "+fst",
        },
    ),
]
ExtensionOption = Annotated[
    str | None, Opt("-fe", "what the names of files end with", check=_part_of_name)
]
StorageModeOption = Annotated[
    StorageMode | Literal["normal", "bit-preserving", "ignore"],
    Opt(
        help="look at what comes, write it whatever it is, or drop it",
        flags={"normal": "-B", "bit-preserving": "+B", "ignore": "--ignore"},
    ),
]
ServerAcseTimeout = Annotated[
    int, Opt("-ta", "seconds for negotiation and release", lo=1, hi=_LONGEST_SECONDS)
]
ServerDimseTimeout = Annotated[
    int | None,
    Opt("-td", "seconds for each message; default: unlimited", lo=1, hi=_LONGEST_SECONDS),
]
ServerSocketTimeout = Annotated[
    int, Opt("-ts", "seconds for one step of reading or writing", lo=1, hi=_LONGEST_SECONDS)
]
StartTimeoutMs = Annotated[
    int,
    Opt(help="milliseconds until it has to listen", lo=1, hi=MAX_TIMEOUT_MS),
]
DrainTimeoutMs = Annotated[
    int,
    Opt(
        help="milliseconds for associations to end when it is stopped",
        lo=1,
        hi=MAX_TIMEOUT_MS,
    ),
]
ServerSignal = Annotated[
    SignalLike | None, Opt("", "an AbortSignal, or a threading.Event, that stops the server")
]
HostLookup = Annotated[bool, Opt(help="look up names of peers; nothing here ever does", off="-dhl")]
VerbosePc = Annotated[bool, Opt("+v", "tell of presentation contexts, as lines")]
MaxAssociations = Annotated[
    int, Opt(help="associations at a time; more are rejected", lo=1, hi=_MOST_ASSOCIATIONS)
]
MaxAssociationsPerPeer = Annotated[
    int | None, Opt(help="of max_associations, those of one address", lo=1, hi=_MOST_ASSOCIATIONS)
]
BindAddress = Annotated[
    str | None,
    Opt(help="address to listen on; default: all of this machine", check=_address),
]
ReusePort = Annotated[
    bool, Opt(help="share the port with other processes that say so, too (SO_REUSEPORT)")
]
Sock = Annotated[
    int | HasFileno | None,
    Opt(
        help="a socket that listens already, or its descriptor (systemd's is 3); it stays yours",
        check=_socket,
    ),
]

_Preferred: TypeAlias = (
    PreferredTransferSyntax | Literal["little-endian", "big-endian", "implicit", "accept-all"]
)
PreferredTransferSyntaxOption = Annotated[
    _Preferred | StoredSyntax | Sequence[_Preferred | StoredSyntax] | None,
    Opt(
        help="transfer syntaxes that are taken, the preferred one first; default: uncompressed",
        flags={**STORED_FLAGS, "accept-all": "+xa"},
    ),
]
_FOLDERS: Final = "a folder for each study; the prefix of its name, if not True"
SortByStudy = Annotated[bool | str, Opt("-ss", f"{_FOLDERS}, and a time", check=_part_of_name)]
SortByStudyUid = Annotated[bool | str, Opt("-su", f"{_FOLDERS}, and its UID", check=_part_of_name)]
ReceptionHookOption = Annotated[
    str | ReceptionHook | None,
    Opt(
        "-xcr",
        "command for each file: #p is its folder, #f its name, #a and #c the AE titles,"
        " #r the address of the peer",
        check=_command,
    ),
]
EndOfStudyHookOption = Annotated[
    str | EndOfStudyHook | None,
    Opt(
        "-xcs",
        "command for each complete study: #p is its folder, #a and #c the AE titles,"
        " #r the address of the peer",
        check=_command,
    ),
]
