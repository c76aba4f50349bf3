"""TLS: what this side shows, whom it trusts, and how strong it has to be (PS3.15 annex B)."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

from dcmtk_native._core.network import TlsContext, TlsOptions, known_ciphers
from dcmtk_native._runtime.options import Opt
from dcmtk_native.errors import OptionsError
from dcmtk_native.types import StrPath

__all__ = [
    "CrlCheck",
    "PeerAuthentication",
    "TlsConfig",
    "TlsKeyFormat",
    "TlsOption",
    "TlsProfile",
    "list_tls_ciphers",
]

FileOrContent: TypeAlias = StrPath | bytes
"""A path, or the content of the file."""

Role: TypeAlias = Literal["client", "server"]

_LONGEST_FILE: Final = 16 << 20


class TlsProfile(StrEnum):
    """DICOM's secure transport profiles, with the cipher suites that DCMTK has for them.

    The first needs TLS 1.2 or 1.3 and forward secrecy; `BCP195` also goes down to TLS 1.0 and
    AES-CBC, for old devices; `BCP195_EX` is TLS 1.2 alone. `AES` and `NULL` are retired, and `NULL`
    does not encrypt.
    """

    BCP195_ND = "bcp195-nd"
    BCP195 = "bcp195"
    BCP195_EX = "bcp195-ex"
    AES = "aes"
    NULL = "null"


class TlsKeyFormat(StrEnum):
    """How keys, certificates and revocation lists are written."""

    PEM = "pem"
    DER = "der"


class PeerAuthentication(StrEnum):
    """What is asked of the other side's certificate."""

    REQUIRE = "require"
    VERIFY = "verify"
    IGNORE = "ignore"


class CrlCheck(StrEnum):
    """For which certificates of the peer there must be a revocation list."""

    OFF = "off"
    LEAF = "leaf"
    CHAIN = "chain"


_PROFILES: Final = {
    "bcp195": "+px",
    "bcp195-nd": "+py",
    "bcp195-ex": "+pz",
    "aes": "+pa",
    "null": "+pn",
}
_AUTHENTICATIONS: Final = {"require": "-rc", "verify": "-vc", "ignore": "-ic"}


class _Contexts:
    """What has been made of a configuration, by role: files are read once, not for each peer.

    A copy begins without: what is native can be neither copied nor pickled.
    """

    def __init__(self) -> None:
        self._made: dict[Role, TlsContext] = {}
        self._lock = threading.Lock()

    def get(self, config: TlsConfig, role: Role) -> TlsContext:
        with self._lock:
            if role not in self._made:
                self._made[role] = TlsContext(config._options(role))
            return self._made[role]

    def __reduce__(self) -> tuple[type[_Contexts], tuple[()]]:
        return _Contexts, ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """How to speak TLS; one object may serve any number of associations on any threads.

    Wherever a path is taken, `bytes` are the content of the file. Files are read when the object is
    first used, and not again: renewed certificates need a new object.

    Attributes:
        private_key: of this side, with its certificate.
        certificate: of this side; in a PEM file the rest of its chain may follow.
        anonymous: says that this side has none, and means it.
        password: of the private key, if it is encrypted; nobody is asked on a terminal.
        key_format: of all files but `dh_params`, which is PEM.
        ca_files: certificates that are trusted, and what they have signed. A client that has
            neither these nor `ca_dirs` trusts what the system trusts.
        ca_dirs: folders of such certificates with names as `openssl rehash` gives them.
        crl_files: revocation lists; there must be one for the peer's certificate then.
        crl_check: whether there must be one for all of its chain.
        profile: which versions and cipher suites may be used.
        ciphers: further suites, by the names of the standard or of OpenSSL; not with `BCP195_EX`.
        dh_params: Diffie-Hellman parameters of a server.
        peer_auth: a server may do without a certificate of its client (`VERIFY`); `IGNORE` accepts
            whoever answers.
        server_name: what the server's certificate is for, where that is not its host.
        verify_host: hold the certificate against the host.

    Example:
        >>> TlsConfig(ca_files="hospital-ca.pem").profile
        <TlsProfile.BCP195_ND: 'bcp195-nd'>
    """

    private_key: Annotated[FileOrContent | None, Opt("+tls")] = field(default=None, repr=False)
    certificate: Annotated[FileOrContent | None, Opt("+tls")] = None
    anonymous: Annotated[bool, Opt("+tla")] = False
    password: Annotated[str | None, Opt("+pw", flags={"": "-pw"})] = field(default=None, repr=False)
    key_format: Annotated[TlsKeyFormat | str, Opt(flags={"pem": "-pem", "der": "-der"})] = (
        TlsKeyFormat.PEM
    )
    ca_files: Annotated[Sequence[FileOrContent] | FileOrContent, Opt("+cf")] = ()
    ca_dirs: Annotated[Sequence[StrPath] | StrPath, Opt("+cd")] = ()
    crl_files: Annotated[Sequence[FileOrContent] | FileOrContent, Opt("+crl")] = ()
    crl_check: Annotated[CrlCheck | str, Opt(flags={"leaf": "+crv", "chain": "+cra"})] = (
        CrlCheck.OFF
    )
    profile: Annotated[TlsProfile | str, Opt(flags=_PROFILES)] = TlsProfile.BCP195_ND
    ciphers: Annotated[Sequence[str] | str, Opt("+cs")] = ()
    dh_params: Annotated[FileOrContent | None, Opt("+dp")] = None
    peer_auth: Annotated[PeerAuthentication | str, Opt(flags=_AUTHENTICATIONS)] = (
        PeerAuthentication.REQUIRE
    )
    server_name: str | None = None
    verify_host: bool = True
    _contexts: _Contexts = field(
        default_factory=_Contexts, init=False, repr=False, compare=False, hash=False
    )

    def __post_init__(self) -> None:
        """Nothing, if the fields fit together.

        Errors:
            OptionsError: raised if they do not.
        """
        for name, kind in _WORDS.items():
            self._set(name, _word(kind, name, getattr(self, name)))
        for name, types in _LISTS.items():
            self._set(name, _items(name, getattr(self, name), types))
        for name in ("private_key", "certificate", "dh_params"):
            value = getattr(self, name)
            if value is not None:
                _check_type(name, value, _FILE)
        for name in ("password", "server_name"):
            value = getattr(self, name)
            if value is not None:
                _check_type(name, value, (str,))
        for name in ("anonymous", "verify_host"):
            _check_type(name, getattr(self, name), (bool,))
        if (self.private_key is None) != (self.certificate is None):
            raise OptionsError("tls: private_key and certificate: both or neither")
        if self.anonymous and self.certificate is not None:
            raise OptionsError("tls: anonymous has no certificate")
        if self.server_name is not None and not _is_name(self.server_name):
            raise OptionsError(f"tls: server_name={self.server_name!r}: must be a name or address")

    def native(self, role: Role = "client") -> TlsContext:
        """What the native half works with.

        Errors:
            OptionsError, OSError: raised for files that cannot be read or do not fit together.
        """
        return self._contexts.get(self, role)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _options(self, role: Role) -> TlsOptions:
        crl_files = [_file(one) for one in cast("tuple[FileOrContent, ...]", self.crl_files)]
        # Who gives a list wants it to be looked at, says DCMTK too.
        is_leaf = bool(crl_files) and self.crl_check == CrlCheck.OFF
        return TlsOptions(
            role=role,
            private_key=None if self.private_key is None else _file(self.private_key),
            certificate=None if self.certificate is None else _file(self.certificate),
            password=self.password,
            is_der=self.key_format == TlsKeyFormat.DER,
            ca_files=[_file(one) for one in cast("tuple[FileOrContent, ...]", self.ca_files)],
            ca_dirs=[_folder(one) for one in cast("tuple[StrPath, ...]", self.ca_dirs)],
            crl_files=crl_files,
            crl_check=CrlCheck.LEAF if is_leaf else self.crl_check,
            profile=self.profile,
            ciphers=list(self.ciphers),
            dh_params=None if self.dh_params is None else _file(self.dh_params),
            peer_auth=self.peer_auth,
            server_name=self.server_name or "",
            verify_host=self.verify_host,
        )


def list_tls_ciphers() -> tuple[str, ...]:
    """The cipher suites that `TlsConfig(ciphers=...)` may name, the strongest first.

    Those of TLS 1.3 are not among them: whoever speaks it has them.

    Example:
        >>> "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" in list_tls_ciphers()
        True
    """
    return tuple(known_ciphers())


TlsOption = Annotated[TlsConfig | None, Opt(help="speak TLS, on these terms")]

_FILE: Final = (str, os.PathLike, bytes)
_WORDS: Final[dict[str, type[StrEnum]]] = {
    "key_format": TlsKeyFormat,
    "crl_check": CrlCheck,
    "profile": TlsProfile,
    "peer_auth": PeerAuthentication,
}
_LISTS: Final[dict[str, tuple[type, ...]]] = {
    "ca_files": _FILE,
    "ca_dirs": (str, os.PathLike),
    "crl_files": _FILE,
    "ciphers": (str,),
}


def _word(kind: type[StrEnum], name: str, value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        allowed = ", ".join(kind)
        raise OptionsError(f"tls: {name}={value!r}: must be one of {allowed}") from None


def _items(name: str, value: Any, types: tuple[type, ...]) -> tuple[Any, ...]:
    items = (value,) if isinstance(value, _FILE) else tuple(value)
    for one in items:
        _check_type(name, one, types)
    return items


def _check_type(name: str, value: object, types: tuple[type, ...]) -> None:
    if not isinstance(value, types):
        wanted = " or ".join(one.__name__ for one in types)
        raise OptionsError(f"tls: {name}: must be {wanted}, not {type(value).__name__}")


def _is_name(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def _file(source: FileOrContent) -> tuple[str, bytes]:
    """A name for messages, and the content."""
    if isinstance(source, bytes):
        return "<bytes>", source
    path = os.fspath(source)
    with Path(path).open("rb") as file:
        content = file.read(_LONGEST_FILE + 1)
    if len(content) > _LONGEST_FILE:
        raise OptionsError(f"tls: {path} is longer than {_LONGEST_FILE} bytes")
    return path, content


def _folder(source: StrPath) -> str:
    path = os.fspath(source)
    if not Path(path).is_dir():
        raise NotADirectoryError(20, "not a directory", path)
    return path
