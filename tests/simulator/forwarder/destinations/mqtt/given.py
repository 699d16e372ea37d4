"""What the tests of the MQTT connector begin with: a body, and certificates of an authority of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

__all__ = ["AUTHORITY", "EXAMPLE", "client", "expired_client"]

AUTHORITY = trustme.CA()
EXAMPLE: dict[str, Any] = {
    "connectorId": "actility-mqtt-iot",
    "name": "broker",
    "configuration": {
        "uplinkTopicPattern": "mqtt/things/{DevEUI}/uplink",
        "downlinkTopicPattern": "mqtt/things/{DevEUI}/downlink",
        "hostName": "broker.example:1883",
        "protocol": "TCP",
        "username": "me",
        "password": "secret",
    },
}


def _pair(**options: Any) -> tuple[str, str]:
    leaf = AUTHORITY.issue_cert("client.example", common_name="client", **options)
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return leaf.cert_chain_pems[0].bytes().decode(), pkcs8.decode()


@cache
def client() -> tuple[str, str]:
    """A client certificate and its key, as PEM."""
    return _pair()


@cache
def expired_client() -> tuple[str, str]:
    """One that ended yesterday."""
    now = datetime.now(UTC)
    return _pair(not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))
