"""How documents get in at the forwarder under test: what its ingress asks for, and how tokens are read there."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from uplab.scenarios.history.secrets import Secrets, register
from uplab.simulator.network.tunnel import Reading

if TYPE_CHECKING:
    from uplab.scenarios.under_test.target import RunOptions

__all__ = ["BY_TOKEN", "INGRESS_SECRET", "USER", "WayIn", "open_reading", "way_in"]

INGRESS_SECRET = "UPLAB_INGRESS_SECRET"  # noqa: S105 - its name
"""The variable with what the ingress takes: the value of its header, or its user:password."""

USER = "uplab"
_REFUSALS = (401, 403)


class WayIn(NamedTuple):
    """What the tunnel sends: a token or none, further headers, a trace; `secret` is what the ingress takes instead."""

    reading: Reading
    signed: bool
    headers: Mapping[str, str]
    secret: str | None
    traced: bool = False


BY_TOKEN = WayIn(Reading(), True, {}, None)


def way_in(options: RunOptions, secrets: Secrets) -> WayIn:
    """By the profile's choices; a secret that the user has not given is one of the lab's. It is registered."""
    choices, traced = options.profile.choices, options.profile.features.traceparent
    reading = Reading(choices.token_without_fport or "absent", choices.token_of_notification or "elements")
    if choices.ingress_auth in ("token", "none"):
        return WayIn(reading, choices.ingress_auth == "token", {}, None, traced)
    secret = options.ingress_secret or secrets.hex("ingress")
    if choices.ingress_auth == "header":
        register(secret, "the secret of the ingress")
        return WayIn(reading, False, {choices.ingress_header: secret}, secret, traced)
    pair = secret if ":" in secret else f"{USER}:{secret}"
    register(pair.partition(":")[2], "the password of the ingress")
    basic = base64.b64encode(pair.encode()).decode()
    return WayIn(reading, False, {"Authorization": f"Basic {basic}"}, pair, traced)


def open_reading(options: RunOptions, document: Mapping[str, Any] | None, status: int | None) -> str | None:
    """Why a refusal of this document is nobody's fault: its token has two readings, and the profile names none."""
    choices = options.profile.choices
    if status not in _REFUSALS or not document or choices.ingress_auth != "token":
        return None
    root, report = next(iter(document.items()))
    what = key = ""
    if root == "DevEUI_notification" and choices.token_of_notification is None:
        what, key = "a notification", "token_of_notification"
    elif report.get("FPort") is None and choices.token_without_fport is None:
        what, key = "a document without FPort", "token_without_fport"
    if not key:
        return None
    return (
        f"{what} was refused with {status}: how its token is made has two readings, and the profile names none "
        f"(choices.{key})"
    )
