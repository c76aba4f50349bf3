"""Certificates for tests, made when they are asked for."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

__all__ = ["Authority", "Issued", "key_of"]

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key_of(owner: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same for the same owner: making one takes its time."""
    return rsa.generate_private_key(65537, bits)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _day(offset: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=offset)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    def key_as(self, encoding: serialization.Encoding = PEM, password: str | None = None) -> bytes:
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(password.encode())
        return self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, encryption)

    def files(self, folder: Path, name: str = "own") -> tuple[Path, Path]:
        """Paths of the key and of the certificate."""
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        key.write_bytes(self.key_as())
        certificate.write_bytes(self.pem)
        return key, certificate


class Authority:
    """Who signs."""

    def __init__(self, name: str = "Test CA", signer: Authority | None = None) -> None:
        self.name = name
        self.key = key_of(name)
        issuer = signer or self
        self.certificate = (
            self._builder(name, self.key, issuer, (-2, 2))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(issuer.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    def file(self, folder: Path) -> Path:
        path = folder / f"{self.name.replace(' ', '-')}.pem"
        path.write_bytes(self.pem)
        return path

    @staticmethod
    def _builder(
        name: str, key: Key, issuer: Authority, days: tuple[float, float]
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(issuer.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_day(days[0]))
            .not_valid_after(_day(days[1]))
        )

    def issue(
        self,
        name: str,
        *,
        hosts: tuple[str, ...] = (),
        addresses: tuple[str, ...] = (),
        days: tuple[float, float] = (-1, 1),
        key: Key | None = None,
    ) -> Issued:
        """A certificate of this name, for these hosts and addresses."""
        key = key or key_of("leaf")
        builder = self._builder(name, key, self, days)
        names: list[x509.GeneralName] = [x509.DNSName(one) for one in hosts]
        names += [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return Issued(builder.sign(self.key, hashes.SHA256()), key)

    def revocation_list(self, *revoked: Issued, encoding: serialization.Encoding = PEM) -> bytes:
        """The certificates that are not good any more."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_name(self.name))
            .last_update(_day(-1))
            .next_update(_day(1))
        )
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(one.certificate.serial_number)
                .revocation_date(_day(-0.5))
                .build()
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(encoding)
