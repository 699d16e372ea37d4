"""The lab's certificate authority: a new one for each run, or one that is kept, for a forwarder that runs elsewhere."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

__all__ = ["AuthorityError", "client_certificate", "load_authority", "load_certificate"]

CERTIFICATE, KEY = "uplab-ca.pem", "uplab-ca-key.pem"


class AuthorityError(Exception):
    """A kept authority cannot be used; the text names the file."""


def load_authority(folder: Path | None) -> trustme.CA:
    """The authority of a folder, made there at the first time; a new one that nobody keeps when no folder is named."""
    if folder is None:
        return _new()
    certificate, key = folder / CERTIFICATE, folder / KEY
    try:
        if certificate.exists():
            return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        authority = _new()
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
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return issued.cert_chain_pems[0].bytes().decode(), text.decode()


def _new() -> trustme.CA:
    return trustme.CA(organization_name="uplab", organization_unit_name="lab authority")
