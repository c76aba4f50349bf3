"""Options of everything that opens an association: G-NET of the API contract."""

from __future__ import annotations

from typing import Annotated, Final

from dcmtk_native._runtime.options import Opt
from dcmtk_native.types import parse_ae_title

__all__ = [
    "DEFAULT_ACSE_TIMEOUT",
    "DEFAULT_MAX_PDU",
    "DEFAULT_SOCKET_TIMEOUT",
    "MAX_PDU",
    "AbortAssociation",
    "AcseTimeout",
    "CalledAETitle",
    "CallingAETitle",
    "ConnectionTimeout",
    "DimseTimeout",
    "Host",
    "MaxPdu",
    "MaxSendPdu",
    "MoveDestination",
    "PortOption",
    "Repeat",
    "SocketTimeout",
    "milliseconds",
]

DEFAULT_MAX_PDU: Final = 16384
MAX_PDU: Final = 131072
DEFAULT_ACSE_TIMEOUT: Final = 30.0
DEFAULT_SOCKET_TIMEOUT: Final = 60.0
_MIN_PDU: Final = 4096
_LONGEST_TIMEOUT: Final = 2_000_000


def _host(value: str) -> str:
    if not value or not value.isprintable() or " " in value:
        raise ValueError("must be a host name or an address")
    return value


def _ae_title(value: str) -> str:
    if not parse_ae_title(value).ok:
        raise ValueError(
            "must be 1 to 16 printable ASCII characters, no backslash, not only spaces"
        )
    return value


def _seconds(value: float) -> float:
    if not 0 <= value <= _LONGEST_TIMEOUT:
        raise ValueError(f"must be seconds, 0 to {_LONGEST_TIMEOUT}")
    return value


def _word(value: object) -> tuple[str, ...]:
    return (str(value),)


Host = Annotated[str, Opt(help="host name or address of the peer", check=_host, argv=_word)]
PortOption = Annotated[int, Opt(help="TCP port of the peer", lo=1, hi=65535, argv=_word)]
CallingAETitle = Annotated[
    str | None, Opt("-aet", "AE title of this side; default: the tool's name", check=_ae_title)
]
CalledAETitle = Annotated[
    str | None, Opt("-aec", "AE title of the peer; default: ANY-SCP", check=_ae_title)
]
MoveDestination = Annotated[
    str | None,
    Opt("-aem", "AE title that the peer sends to; default: that of this side", check=_ae_title),
]
ConnectionTimeout = Annotated[
    float | None,
    Opt("-to", "seconds to connect; default: all of the call's", check=_seconds),
]
SocketTimeout = Annotated[
    float,
    Opt("-ts", "seconds for one step of reading or writing; 0: none", check=_seconds),
]
AcseTimeout = Annotated[
    float, Opt("-ta", "seconds for negotiation and release; 0: none", check=_seconds)
]
DimseTimeout = Annotated[
    float | None,
    Opt("-td", "seconds for each message; default: all of the call's", check=_seconds),
]
MaxPdu = Annotated[int, Opt("-pdu", "longest PDU to receive, in bytes", lo=_MIN_PDU, hi=MAX_PDU)]
MaxSendPdu = Annotated[
    int | None, Opt("--max-send-pdu", "longest PDU to send, in bytes", lo=_MIN_PDU, hi=MAX_PDU)
]
Repeat = Annotated[int, Opt("--repeat", "do it this many times", lo=1)]
AbortAssociation = Annotated[bool, Opt("--abort", "abort the association instead of releasing it")]


def milliseconds(seconds: float | None) -> int | None:
    """As the native half takes it; 0 seconds and `None` are no limit."""
    return max(1, round(seconds * 1000)) if seconds else None
