"""The certificate authority of a data directory, and the certificates that it gives to nodes."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cachewright.agents.engines.tls import AUTHORITY, Identity

_LOCAL, _ADMINISTRATION = "Cachewright local authority", "Cachewright administration"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256 (SEC 2)
LIFETIME = timedelta(days=3650)
_USES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)  # nodes of a cluster call each other, too
SKEW = timedelta(days=1)  # clocks of containers and clients may be behind


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that is kept in a directory: `ca.pem`, which everybody may read, and `ca.key`, which nobody may."""

    path: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def issue(self, names: Iterable[str], now: datetime) -> Identity:
        """A certificate for all these addresses and host names."""
        key = ec.generate_private_key(ec.SECP256R1())
        every = list(dict.fromkeys(names))
        certificate = (
            _certificate(every[0], self.certificate.subject, key, now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in every]), critical=False)
            .add_extension(x509.ExtendedKeyUsage(_USES), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return Identity(_pem(certificate), _private(key), _pem(self.certificate))


def administrator(secret: str, now: datetime) -> Identity:
    """What a gateway or a directory, and whoever administers it, prove with who they are: of an authority that follows
    from the agent's secret, since every node has a certificate of the other one.
    """
    digest = hashlib.sha256(f"administration of gateways {secret}".encode()).digest()
    key = ec.derive_private_key(int.from_bytes(digest) % (_ORDER - 1) + 1, ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _ADMINISTRATION)])
    return Authority(Path(), _founding(_ADMINISTRATION, subject, key, now), key).issue(["gateway"], now)


def opened(directory: Path, now: datetime) -> Authority:
    """The authority of a directory; made on first use."""
    path, secret = directory / AUTHORITY, directory / "ca.key"
    if not path.exists():
        _found(path, secret, now)
    key = serialization.load_pem_private_key(secret.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(path, x509.load_pem_x509_certificate(path.read_bytes()), key)


def _found(path: Path, secret: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _LOCAL)])
    secret.touch(mode=0o600)
    secret.write_bytes(_private(key))
    scratch = path.with_suffix(".new")
    scratch.write_bytes(_pem(_founding(_LOCAL, name, key, now)))
    os.replace(scratch, path)  # noqa: PTH105 - last, so that half an authority is none


def _founding(common_name: str, name: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """An authority's own certificate. All are called the same: whoever trusts several tells them by their keys."""
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _certificate(common_name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    common_name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
