"""Presentation contexts as pynetdicom has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pydicom._uid_dict import UID_dictionary

from dcmtk_native.network.services import UNCOMPRESSED, VERIFICATION
from dcmtk_native.network.syntaxes import KNOWN_SYNTAXES

__all__ = [
    "ALL_TRANSFER_SYNTAXES",
    "DEFAULT_TRANSFER_SYNTAXES",
    "AllStoragePresentationContexts",
    "PresentationContext",
    "VerificationPresentationContexts",
    "build_context",
]

DEFAULT_TRANSFER_SYNTAXES: Final = list(UNCOMPRESSED)
ALL_TRANSFER_SYNTAXES: Final = list(KNOWN_SYNTAXES)


@dataclass
class PresentationContext:
    """A SOP class, and the transfer syntaxes in which it is taken.

    Attributes:
        abstract_syntax: UID of the SOP class.
        transfer_syntax: UIDs, the preferred one first.
        scu_role: as `scp_role`.
        scp_role: whether the peer may be a provider of storage, as in a C-GET; our servers agree
            to what a peer proposes.
    """

    abstract_syntax: str
    transfer_syntax: list[str] = field(default_factory=lambda: list(DEFAULT_TRANSFER_SYNTAXES))
    scu_role: bool | None = None
    scp_role: bool | None = None


def build_context(
    abstract_syntax: str, transfer_syntax: str | Iterable[str] | None = None
) -> PresentationContext:
    """A presentation context; without transfer syntaxes, one of the uncompressed ones."""
    return PresentationContext(str(abstract_syntax), syntaxes_of(transfer_syntax))


def syntaxes_of(given: str | Iterable[str] | None) -> list[str]:
    """Transfer syntaxes of whatever they are given as."""
    if given is None:
        return list(DEFAULT_TRANSFER_SYNTAXES)
    return [str(given)] if isinstance(given, str) else [str(one) for one in given]


_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."

AllStoragePresentationContexts: Final = [
    build_context(uid)
    for uid, (_, kind, _, retired, _) in UID_dictionary.items()
    if kind == "SOP Class" and uid.startswith(_STORAGE) and not retired
]
VerificationPresentationContexts: Final = [build_context(VERIFICATION)]
