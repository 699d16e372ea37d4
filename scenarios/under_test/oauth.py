"""The token with which the lab calls the API of a forwarder that runs elsewhere."""

import httpx

from uplab.scenarios.history.secrets import LEAST_SECRET, register
from uplab.scenarios.under_test.access.advice import advice_for
from uplab.scenarios.under_test.access.pace import Pace
from uplab.scenarios.under_test.target import RunOptions

__all__ = ["OAuthError", "fetch_token"]


class OAuthError(Exception):
    """No token could be had; the text says why, without the secret."""


def fetch_token(options: RunOptions, *, api: str | None = None) -> str | None:
    """The given token, one by OAuth2 client credentials, or None for an open API. The redaction learns all secrets.

    `api` is that of a forwarder that the lab has started: it gives tokens below its API (section 3 of the contract).
    """
    options.register_secrets()
    if options.api_token or not options.oauth_client:
        return options.api_token
    beside = f"{api}/oauth/token" if api else (options.api or "").partition("/iot-flow")[0] + "/oauth/token"
    url = options.oauth_url or beside
    form = {
        "grant_type": "client_credentials",
        "client_id": options.oauth_client,
        "client_secret": options.oauth_secret or "",
    }
    pace = Pace(options.profile.limits, patient=options.command is None)  # who is asked to wait for it waits
    try:
        with httpx.Client(transport=options.access.transport(pace), timeout=10, trust_env=False) as client:
            response = client.post(url, data=form)
        token = response.json().get("access_token") if response.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError) as error:
        said = f"{type(error).__name__} {error}".strip() if isinstance(error, httpx.TransportError) else ""
        advice = advice_for(said)
        told = f"no token from {url}: {said or type(error).__name__}"
        raise OAuthError(f"{told}\n  to try    {advice}" if advice else told) from None
    if not isinstance(token, str):
        raise OAuthError(f"no token from {url}: it answered {response.status_code}")
    if len(token) < LEAST_SECRET:
        raise OAuthError(f"no token from {url}: what it gave has fewer than {LEAST_SECRET} characters")
    register(token, "the fetched token")
    return token
