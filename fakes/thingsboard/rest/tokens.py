"""JSON Web Tokens as ThingsBoard gives them: HS512, an access token and a refresh token of one session.

Lifetimes are those of its security settings: 9,000 s and 604,800 s (JwtTokenFactory). Signing is done here with hmac,
so that nothing of the connectors' own token libraries is shared.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable
from typing import Any, Final

import orjson

from uplab.fakes.thingsboard.state.tenant import State, User

__all__ = ["TokenError", "Tokens"]

_HEAD: Final = b'{"alg":"HS512"}'
_ISSUER: Final = "thingsboard.io"
_KEPT = 1_024
_ENDED_KEPT = 100_000
_REFRESH = "REFRESH_TOKEN"


class TokenError(Exception):
    """A token that is not accepted: `expired` (code 11, a wrong signature too), else unreadable (code 10)."""

    def __init__(self, reason: str, *, expired: bool) -> None:
        super().__init__(reason)
        self.expired = expired


class Tokens:
    """Makes and reads the tokens of one fake. `access_s` and `refresh_s` may be changed for the tokens to come."""

    def __init__(self, state: State, *, access_s: int = 9_000, refresh_s: int = 604_800) -> None:
        self.state = state
        self.access_s = access_s
        self.refresh_s = refresh_s
        self.clear()

    def clear(self) -> None:
        """Take another key: no token that was given before is valid any more."""
        self.key = secrets.token_bytes(64)
        self._expired_before = 0
        self._read: dict[str, dict[str, Any]] = {}
        self._ended: dict[str, None] = {}  # sessions that were logged out, oldest first

    def expire(self) -> None:
        """Let all access tokens given so far be expired; refresh tokens stay good."""
        self._expired_before = uuid.UUID(self.state.new_id()).time

    def end(self, token: str) -> None:
        """Log a session out: neither its access token nor its refresh token is good any more."""
        if token:
            self._ended[self._verified(token)["sessionId"]] = None
            while len(self._ended) > _ENDED_KEPT:
                del self._ended[next(iter(self._ended))]

    def pair(self, user: User) -> dict[str, str]:
        """A new session of a user: the answer to login."""
        session = self.state.new_id()
        access: dict[str, Any] = {
            **self._claims(user, [user.authority], session, self.access_s),
            "enabled": user.enabled,
            "isPublic": False,
            "tenantId": user.tenant_id,
            "customerId": user.customer_id,
        }
        refresh = {
            **self._claims(user, [_REFRESH], session, self.refresh_s),
            "isPublic": False,
            "jti": str(uuid.uuid4()),
        }
        return {"token": self._sign(access), "refreshToken": self._sign(refresh)}

    def user(self, token: str) -> User:
        """Whose access token this is; raises TokenError."""
        claims = self._verified(token)
        if claims["scopes"][0] == _REFRESH:
            raise TokenError("a refresh token opens nothing but a new session", expired=False)
        if uuid.UUID(claims["sessionId"]).time <= self._expired_before:
            raise TokenError("the session was expired", expired=True)
        return self._owner(claims)

    def refreshed(self, token: str) -> User:
        """Whose refresh token this is; raises TokenError."""
        claims = self._verified(token)
        if claims["scopes"][0] != _REFRESH:
            raise TokenError("Invalid Refresh Token scope", expired=False)
        return self._owner(claims)

    def _claims(self, user: User, scopes: list[str], session: str, lifetime_s: int) -> dict[str, Any]:
        now_s = self.state.now() // 1000
        return {
            "sub": user.email,
            "userId": user.id,
            "scopes": scopes,
            "sessionId": session,
            "exp": now_s + lifetime_s,
            "iss": _ISSUER,
            "iat": now_s,
        }

    def _owner(self, claims: dict[str, Any]) -> User:
        if claims["sessionId"] in self._ended:
            raise TokenError("the session was logged out", expired=True)
        user = self.state.users.get(str(claims["sub"]).lower())
        if user is None or user.id != claims["userId"] or not user.open:
            raise TokenError("the account is gone or disabled", expired=True)
        return user

    def _sign(self, claims: dict[str, Any]) -> str:
        body = _text(_HEAD) + "." + _text(orjson.dumps(claims))
        return body + "." + _text(self._signature(body))

    def _signature(self, body: str) -> bytes:
        return hmac.new(self.key, body.encode(), hashlib.sha512).digest()

    def _verified(self, token: str) -> dict[str, Any]:
        claims = self._read.get(token)
        if claims is None:
            claims = _parse(token, self._signature)
            if len(self._read) >= _KEPT:
                self._read.clear()
            self._read[token] = claims
        if claims["exp"] * 1000 < self.state.now():
            raise TokenError("the token has expired", expired=True)
        return claims


def _parse(token: str, signature: Callable[[str], bytes]) -> dict[str, Any]:
    body, _, given = token.rpartition(".")
    try:
        head, claims = (orjson.loads(_bytes(part)) for part in body.split("."))
        signed = _bytes(given)
    except (ValueError, binascii.Error):
        raise TokenError("the token is no JWT", expired=False) from None
    if not isinstance(head, dict) or not isinstance(claims, dict) or head.get("alg") != "HS512":
        raise TokenError("the token is no JWT of ours", expired=False)
    if not hmac.compare_digest(signed, signature(body)):
        raise TokenError("the signature is wrong", expired=True)
    return claims


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    # altchars with validation: the lenient decoder would pass over characters that do not belong.
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
