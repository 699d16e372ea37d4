"""The lab's certificate authority: a new one for each run, or one that is kept, for a forwarder that runs elsewhere.

Whoever trusts it trusts whoever has its key. So it can sign for the names that the lab plays, and for the lab's own
hosts, only (name constraints, RFC 5280 section 4.2.1.10), and ends after ninety days.
"""

import ipaddress
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from uplab.scenarios.lab.addresses import SITES

__all__ = ["AuthorityError", "client_certificate", "limits", "load_authority", "load_certificate"]

CERTIFICATE, KEY = "uplab-ca.pem", "uplab-ca-key.pem"
DAYS: Final = 90
_EARLIER: Final = timedelta(days=1)  # a forwarder's clock may be behind
# Below `uplab.test` there are the lab's own names, the false ones too.
_PLAYED: Final = {"uplab.test", *(site.host for site in SITES if not site.host.endswith(".uplab.test"))}
_HERE: Final = ("localhost", "127.0.0.1", "::1")


class AuthorityError(Exception):
    """A kept authority cannot be used; the text names the file."""


def load_authority(folder: Path | None, *hosts: str) -> trustme.CA:
    """The authority of a folder, made there at the first time; a new one that nobody keeps when no folder is named.

    `hosts` are the lab's own beside localhost: names and addresses. AuthorityError also where a kept one has ended, or
    was made for other hosts.
    """
    if folder is None:
        return _new(hosts)
    certificate, key = folder / CERTIFICATE, folder / KEY
    try:
        if certificate.exists():
            authority = trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
            if why := _unfit(authority, hosts):
                raise AuthorityError(
                    f"the authority {certificate} {why}: remove it and {key} to have a new one made, which the "
                    "forwarder then has to trust"
                )
            return authority
        authority = _new(hosts)
        folder.mkdir(parents=True, exist_ok=True)
        key.touch(mode=0o600)
        key.write_bytes(authority.private_key_pem.bytes())
        certificate.write_bytes(authority.cert_pem.bytes())
    except OSError as error:
        raise AuthorityError(f"the authority in {folder} cannot be used: {error.filename}: {error.strerror}") from None
    except ValueError:
        raise AuthorityError(f"{certificate} and {key} are no authority: remove both to have a new one made") from None
    return authority


def load_certificate(tls: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """A certificate of the user's own for the lab's servers; AuthorityError where it is none, or the key another's."""
    try:
        tls.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # what is wrong with a PEM file is an OSError too
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise AuthorityError(f"{certificate} and {key} are no certificate with its key: {why}") from None


def client_certificate(authority: trustme.CA, name: str, *, expired: bool = False) -> tuple[str, str]:
    """A certificate for a client of that name, and its key (PKCS#8), as PEM; an expired one ended yesterday."""
    now = datetime.now(UTC)
    times: dict[str, Any] = (
        {"not_before": now - timedelta(days=30), "not_after": now - timedelta(days=1)} if expired else {}
    )
    issued = authority.issue_cert(f"{name}.uplab.test", common_name=name, **times)
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return issued.cert_chain_pems[0].bytes().decode(), text.decode()


def limits(authority: trustme.CA) -> tuple[datetime, list[str] | None]:
    """Until when it holds, and the names and addresses that it can sign for; None for the latter where that is all."""
    certificate = _certificate(authority)
    constraints = _constraints(certificate)
    names = None if constraints is None else [str(one.value) for one in constraints]
    return certificate.not_valid_after_utc, names


def _new(hosts: Iterable[str]) -> trustme.CA:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "uplab"),
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "lab authority"),
        ]
    )
    now = datetime.now(UTC)
    signs = dict.fromkeys(("digital_signature", "key_cert_sign", "crl_sign"), True)
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = x509.KeyUsage(**signs, **dict.fromkeys((*others, "encipher_only", "decipher_only"), False))
    places = [_place(host) for host in dict.fromkeys((*sorted(_PLAYED), *_HERE, *hosts))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(places, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.TraditionalOpenSSL
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return trustme.CA.from_pem(certificate.public_bytes(serialization.Encoding.PEM), pem)


def _place(host: str) -> x509.GeneralName:
    """A host as a constraint names it: a name stands for those below it too."""
    try:
        return x509.IPAddress(ipaddress.ip_network(host))
    except ValueError:
        return x509.DNSName(host.lower().removesuffix("."))


def _unfit(authority: trustme.CA, hosts: Iterable[str]) -> str | None:
    """Why a kept authority is of no use; None where it is."""
    certificate = _certificate(authority)
    if (end := certificate.not_valid_after_utc) <= datetime.now(UTC):
        return f"held until {end:%Y-%m-%d}"
    constraints = _constraints(certificate)
    for host in hosts if constraints is not None else ():
        if not any(_covers(constraint, _place(host)) for constraint in constraints or ()):
            return f"was made for other hosts than {host}"
    return None


def _covers(constraint: x509.GeneralName, place: x509.GeneralName) -> bool:
    if isinstance(constraint, x509.DNSName) and isinstance(place, x509.DNSName):
        return f".{place.value}".endswith(f".{constraint.value}")
    return constraint == place


def _certificate(authority: trustme.CA) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.cert_pem.bytes())


def _constraints(certificate: x509.Certificate) -> list[x509.GeneralName] | None:
    """What it may sign for; None where it may sign for everything, as those of older versions."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None
    return list(constraints.permitted_subtrees or ())
