"""User identities (PS3.7 annex D.3.3.7)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from dcmtk_native._runtime.options import Opt
from dcmtk_native.types import StrPath

__all__ = ["UserIdentity"]

_USERNAME: Final = 1
_PASSCODE: Final = 2
_KERBEROS: Final = 3
_SAML: Final = 4
_JWT: Final = 5
_LONGEST: Final = 65535


@dataclass(frozen=True, slots=True)
class UserIdentity:
    """Who asks for an association, and how that is proved; made by one of its four constructors.

    A name and a passcode cross the network as they are: use TLS.

    Attributes:
        kind: the User Identity Type.
        primary: name, ticket, assertion or token.
        secondary: the passcode.
        positive_response: whether the peer is asked to confirm.
    """

    kind: int
    primary: bytes = field(repr=False)
    secondary: bytes = field(default=b"", repr=False)
    positive_response: bool = False

    @classmethod
    def of(
        cls,
        *,
        username: Annotated[str | None, Opt("-usr")] = None,
        password: Annotated[str | None, Opt("-pwd", flags={"": "-epw"})] = None,
        kerberos: Annotated[StrPath | None, Opt("-kt")] = None,
        saml: Annotated[StrPath | None, Opt("--saml")] = None,
        jwt: Annotated[StrPath | None, Opt("--jwt")] = None,
        positive_response: Annotated[bool, Opt("-rsp")] = False,
    ) -> UserIdentity:
        """The identity of one kind, as a command line names it.

        Errors:
            ValueError: none or several are given, or a password without a name.
        """
        by_file = {"kerberos": kerberos, "saml": saml, "jwt": jwt}
        given = [name for name, path in by_file.items() if path is not None]
        if (username is not None) + len(given) != 1 or (password is not None and given):
            raise ValueError("must be a username, with a password or not, or kerberos, saml or jwt")
        if username is not None:
            return cls.username(username, password, positive_response=positive_response)
        make = {"kerberos": cls.kerberos, "saml": cls.saml, "jwt": cls.jwt}[given[0]]
        path = by_file[given[0]]
        assert path is not None
        return make(path, positive_response=positive_response)

    @property
    def fields(self) -> tuple[int, bool, bytes, bytes]:
        """As the request carries them."""
        return self.kind, self.positive_response, self.primary, self.secondary

    @classmethod
    def username(
        cls, name: str, password: str | None = None, *, positive_response: bool = False
    ) -> UserIdentity:
        """A name, with a passcode or without."""
        kind = _USERNAME if password is None else _PASSCODE
        secondary = (password or "").encode()
        return cls(kind, _checked(name.encode()), _checked(secondary), positive_response)

    @classmethod
    def kerberos(cls, ticket: StrPath | bytes, *, positive_response: bool = False) -> UserIdentity:
        """A Kerberos service ticket: a file, or its content."""
        return cls(_KERBEROS, _content(ticket), positive_response=positive_response)

    @classmethod
    def saml(cls, assertion: StrPath | bytes, *, positive_response: bool = False) -> UserIdentity:
        """A SAML assertion: a file, or its content."""
        return cls(_SAML, _content(assertion), positive_response=positive_response)

    @classmethod
    def jwt(cls, token: StrPath | bytes, *, positive_response: bool = False) -> UserIdentity:
        """A JSON web token: a file, or its content."""
        return cls(_JWT, _content(token), positive_response=positive_response)


def _content(source: StrPath | bytes) -> bytes:
    content = source if isinstance(source, bytes) else Path(os.fspath(source)).read_bytes()
    return _checked(content)


def _checked(content: bytes) -> bytes:
    if len(content) > _LONGEST:
        raise ValueError("a user identity has fields of at most 65535 bytes")
    return content
