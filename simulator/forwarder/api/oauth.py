"""OAuth client credentials for the API: a JSON Web Token for the configured client; without one the API is open."""

import base64
import hmac
import secrets
import time
from hashlib import sha256
from typing import Any

import orjson

__all__ = ["LIFETIME_S", "Guard"]

LIFETIME_S = 3600


class Guard:
    """Issues access tokens and checks them; they end with the process, whose secret signs them."""

    def __init__(self, client_id: str | None, client_secret: str | None) -> None:
        """Let this client in, or everybody when there is none."""
        self._client_id, self._client_secret = client_id, client_secret
        self._key = secrets.token_bytes(32)

    @property
    def open(self) -> bool:
        """Whether the API needs no token."""
        return self._client_id is None

    def issue(self, client_id: str, client_secret: str) -> dict[str, Any] | None:
        """Give the answer to a token request; None when the client is not the one we know."""
        if not self.open and not (
            _same(client_id, self._client_id or "") & _same(client_secret, self._client_secret or "")
        ):
            return None
        expires = int(time.time()) + LIFETIME_S
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part({'client_id': client_id, 'exp': expires})}"
        token = f"{signed}.{self._signature(signed)}"
        return {"access_token": token, "token_type": "bearer", "expires_in": LIFETIME_S, "client_id": client_id}

    def admits(self, authorization: str | None) -> bool:
        """Whether an Authorization header lets its sender in."""
        if self.open:
            return True
        scheme, _, token = (authorization or "").partition(" ")
        signed, _, signature = token.strip().rpartition(".")
        if scheme.lower() != "bearer" or not signed or not _same(signature, self._signature(signed)):
            return False
        claims = orjson.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
        return bool(claims["exp"] > time.time())

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.digest(self._key, signed.encode(), sha256))


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())


def _part(claims: dict[str, Any]) -> str:
    return _encoded(orjson.dumps(claims))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
