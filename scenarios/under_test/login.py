"""How the lab is let in by the API of the forwarder under test, and the secrets that it learns on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from uplab.scenarios.history.credentials import passwords_in
from uplab.scenarios.history.secrets import Secrets, register
from uplab.scenarios.under_test.process import Endpoints
from uplab.scenarios.under_test.target import RunOptions

__all__ = ["LOGIN", "log_in", "own_token"]

LOGIN = ("UPLAB_FORWARDER_CLIENT_ID", "UPLAB_FORWARDER_CLIENT_SECRET")
"""With these in its environment a forwarder asks for a login: OAuth2 client credentials."""


def own_token(options: RunOptions, secrets: Secrets) -> str | None:
    """What the lab sends to the API of a forwarder that it starts, where the user gave it nothing to send.

    An open API does not ask for it, and has to show it as little as any other token.
    """
    given = options.api_token or options.oauth_client
    return None if given or options.command is None else secrets.hex("API token")


def log_in(options: RunOptions, endpoints: Endpoints, *, given: Mapping[str, str], own: str | None) -> str | None:
    """The token for the API, and every secret that is known by then registered; OAuthError where none can be had.

    `given` is the environment of a forwarder that the lab has started: a login in it goes before one of the user's.
    """
    from uplab.scenarios.under_test.oauth import fetch_token  # noqa: PLC0415 - most forwarders ask for no login

    for name, url in (("API", endpoints.api), ("ingress", endpoints.ingress)):
        for password in passwords_in(url):
            register(password, f"the password in the address of the {name}")
    client, secret = (given.get(name) for name in LOGIN)
    if client:
        options = replace(options, oauth_client=client, oauth_secret=secret)
        own = None
    token = fetch_token(options, api=endpoints.api if options.command is not None else None)
    if token is None and own:
        register(own, "the API token")
    return token or own
