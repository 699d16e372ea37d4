"""Certificates as texts: what is refused, and what a context made of them trusts and shows."""

import pytest
from cryptography.hazmat.primitives import serialization

from tests.simulator.forwarder.destinations.mqtt.given import AUTHORITY, client, expired_client
from uplab.simulator.forwarder.destinations.mqtt.certificate import (
    CertificateError,
    check_authority,
    check_pair,
    context,
)

AUTHORITY_PEM = AUTHORITY.cert_pem.bytes().decode()
TRADITIONAL = (
    serialization.load_pem_private_key(client()[1].encode(), None)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    .decode()
)
LOCKED = (
    serialization.load_pem_private_key(client()[1].encode(), None)
    .private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    .decode()
)


def test_pair_that_belongs_together_is_taken() -> None:
    check_pair(*client())
    check_authority(AUTHORITY_PEM, "trustedCaCertficate")


@pytest.mark.parametrize(
    ("certificate", "key", "name", "words"),
    [
        ("x", client()[1], "certificate", "must be an X.509 certificate in PEM"),
        (client()[0], "x", "privateKey", "it is no PEM"),
        (client()[0], TRADITIONAL, "privateKey", "it is in another format: openssl pkcs8 -topk8"),
        (client()[0], LOCKED, "privateKey", "it is encrypted"),
        (client()[0], expired_client()[1], "privateKey", "is not the key of configuration.certificate"),
        (client()[0], client()[1].replace("M", "N"), "privateKey", "cannot be read"),
    ],
)
def test_what_is_wrong_names_its_parameter(certificate: str, key: str, name: str, words: str) -> None:
    with pytest.raises(CertificateError, match=words) as refused:
        check_pair(certificate, key)
    assert refused.value.name == name


def test_own_authority_takes_the_place_of_all_others() -> None:
    trusted = context("broker.example", None, AUTHORITY_PEM, None, None).get_ca_certs()

    assert len(trusted) == 1


def test_expired_client_certificate_is_told_before_a_broker_breaks_off() -> None:
    with pytest.raises(OSError, match=r"the client certificate expired at \d{4}-"):
        context("broker.example", None, AUTHORITY_PEM, *expired_client())


def test_pair_is_loaded_from_text() -> None:
    made = context("broker.example", None, AUTHORITY_PEM, *client())

    assert made.server_name == "broker.example"
