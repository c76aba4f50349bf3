"""Presentation contexts as pynetdicom has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pydicom._uid_dict import UID_dictionary

from dcmtk_native.network.services import UNCOMPRESSED, VERIFICATION
from dcmtk_native.network.syntaxes import KNOWN_SYNTAXES

__all__ = [
    "ALL_TRANSFER_SYNTAXES",
    "DEFAULT_TRANSFER_SYNTAXES",
    "AllStoragePresentationContexts",
    "ContextTerms",
    "PresentationContext",
    "VerificationPresentationContexts",
    "build_context",
]

ContextTerms: TypeAlias = tuple[str, list[str], tuple[bool, bool] | None]
"""As a native server takes them: SOP class, transfer syntaxes, roles."""

DEFAULT_TRANSFER_SYNTAXES: Final = list(UNCOMPRESSED)
ALL_TRANSFER_SYNTAXES: Final = list(KNOWN_SYNTAXES)


@dataclass
class PresentationContext:
    """A SOP class, and the transfer syntaxes in which it is taken.

    Attributes:
        abstract_syntax: UID of the SOP class.
        transfer_syntax: UIDs, the preferred one first.
        scu_role: whether a peer that proposes to be SCU may be; `None`, of this one and of the
            other: what it proposes is not answered, and it is SCU alone.
        scp_role: the same of SCP, which a peer has to be for the objects of its C-GET.
    """

    abstract_syntax: str
    transfer_syntax: list[str] = field(default_factory=lambda: list(DEFAULT_TRANSFER_SYNTAXES))
    scu_role: bool | None = None
    scp_role: bool | None = None

    @property
    def terms(self) -> ContextTerms:
        """What a server has to know of it."""
        scu, scp = self.scu_role, self.scp_role
        roles = None if scu is None or scp is None else (scu, scp)
        return str(self.abstract_syntax), [str(one) for one in self.transfer_syntax], roles


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
