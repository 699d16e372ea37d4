"""Client certificate, its key and the authority of a broker, as texts of PEM: their check, and what is made of them."""

import os
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from uplab.simulator.forwarder.destinations.mqtt_link import NamedContext

__all__ = ["CertificateError", "check_authority", "check_pair", "context", "expiry"]

_PKCS8 = "-----BEGIN PRIVATE KEY-----"
_CONVERT = "openssl pkcs8 -topk8 -nocrypt -in KEY makes one"


class CertificateError(ValueError):
    """A text that is not what it should be; `name` is the parameter."""

    def __init__(self, name: str, message: str) -> None:
        """Keep the name apart from the message."""
        super().__init__(message)
        self.name = name


def check_authority(text: str, name: str) -> None:
    """Refuse what holds no X.509 certificate."""
    _certificates(text, name)


def check_pair(certificate: str, key: str) -> None:
    """Refuse a certificate or a key that cannot be read, and a key that is another certificate's."""
    [first, *_] = _certificates(certificate, "certificate")
    if _PKCS8 not in key:
        kind = "is encrypted" if "ENCRYPTED" in key else "is in another format" if "-----BEGIN" in key else "is no PEM"
        raise CertificateError("privateKey", f"must be a PKCS#8 key without a password; it {kind}: {_CONVERT}")
    try:
        private = serialization.load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnicodeEncodeError):  # of a key that is not supported too
        raise CertificateError("privateKey", "cannot be read as a PKCS#8 key") from None
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != first.public_key().public_bytes(*form):
        raise CertificateError("privateKey", "is not the key of configuration.certificate")


def expiry(certificate: str) -> datetime:
    """When a client certificate ends."""
    return _certificates(certificate, "certificate")[0].not_valid_after_utc


def context(
    server_name: str, ca_file: Path | None, authority: str | None, certificate: str | None, key: str | None
) -> NamedContext:
    """Trust the connection's own authority, else that file's, else the system's; show the client certificate.

    OSError says what cannot be used, an expired client certificate too: a broker would only break the handshake off.
    """
    try:
        made = NamedContext.trusting(ca_file, server_name, authorities=authority)
    except OSError as error:
        raise OSError(f"the authorities cannot be read: {error}") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None and key is not None:
        if (ended := expiry(certificate)) <= datetime.now(UTC):
            raise OSError(f"the client certificate expired at {ended:%Y-%m-%dT%H:%M:%SZ}")
        _load(made, certificate, key)
    return made


def _load(made: ssl.SSLContext, certificate: str, key: str) -> None:
    """Load from a file that only we can read, and only for that: `ssl` takes no text."""
    with tempfile.TemporaryDirectory(prefix="forwarder-") as folder:
        pair = Path(folder, "pair.pem")
        with os.fdopen(os.open(pair, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{key.strip()}\n{certificate.strip()}\n")
        try:
            made.load_cert_chain(pair)
        except OSError as error:
            raise OSError(f"the client certificate cannot be used: {error}") from None


def _certificates(text: str, name: str) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except (ValueError, UnicodeEncodeError):
        found = []
    if not found:
        raise CertificateError(name, "must be an X.509 certificate in PEM")
    return found
