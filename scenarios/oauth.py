"""The token with which the lab calls the API of a forwarder that runs elsewhere."""

import httpx

from scenarios.options import LEAST_SECRET, RunOptions
from scenarios.secrets import register

__all__ = ["OAuthError", "fetch_token"]


class OAuthError(Exception):
    """No token could be had; the text says why, without the secret."""


def fetch_token(options: RunOptions) -> str | None:
    """The given token, one by OAuth2 client credentials, or None for an open API. The redaction learns all secrets."""
    for secret in options.secrets:
        register(secret)
    if options.api_token or not options.oauth_client:
        return options.api_token
    url = options.oauth_url or (options.api or "").partition("/iot-flow")[0] + "/oauth/token"
    form = {
        "grant_type": "client_credentials",
        "client_id": options.oauth_client,
        "client_secret": options.oauth_secret or "",
    }
    try:
        response = httpx.post(url, data=form, timeout=10, trust_env=False)
        token = response.json().get("access_token") if response.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError) as error:
        raise OAuthError(f"no token from {url}: {type(error).__name__}") from None
    if not isinstance(token, str):
        raise OAuthError(f"no token from {url}: it answered {response.status_code}")
    if len(token) < LEAST_SECRET:
        raise OAuthError(f"no token from {url}: what it gave has fewer than {LEAST_SECRET} characters")
    register(token)
    return token
