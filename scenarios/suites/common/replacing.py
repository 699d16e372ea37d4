"""What PUT of a whole body means: what is left out is refused where it is mandatory, and else takes its default."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from uplab.scenarios import Lab, LabConnection

__all__ = ["DEFAULTS", "expect_defaults", "expect_gone", "expect_mandatory", "optional"]

# The common parameters and their defaults; an absent one may be shown as absent, as null or by its default.
DEFAULTS: dict[str, Any] = {
    "description": "",
    "sendMetadata": False,
    "sendRawDecodedFormat": False,
    "uplinkTimeValidity": "",
    "downlinkEnabled": True,
    "downlinkPort": 0,
    "reconnectStrategy": "NORMAL",
}
_OTHERS: dict[str, Any] = {
    "description": "as it was",
    "sendMetadata": True,
    "uplinkTimeValidity": "2m",
    "downlinkEnabled": False,
    "downlinkPort": 9,
    "reconnectStrategy": "CALM",
}


def optional(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body with every common optional key, none of them at its default; it is inactive, too."""
    return {**body, "active": False, "configuration": {**body["configuration"], **_OTHERS, **more}}


def expect_mandatory(lab: Lab, connection: LabConnection, body: dict[str, Any], *paths: str, proves: str) -> None:
    """PUT without one of these keys answers 400 and changes nothing; a path is a key, or configuration/key."""
    before = connection.read()
    for path in paths:
        without = copy.deepcopy(body)
        *parents, key = path.split("/")
        (without[parents[0]] if parents else without).pop(key)
        refused = lab.api.replace(connection.id, without)
        lab.expect_answer(f"PUT without {key} answers 400", refused, 400, proves=proves)
        shown = connection.read()
        lab.expect(f"PUT without {key} changes nothing", _same(shown, before), shown, proves=proves)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in ("connectorId", "name", "brand", "configuration", "active"))


def expect_defaults(
    lab: Lab, connection: LabConnection, body: dict[str, Any], *, proves: str, more: dict[str, Any] | None = None
) -> None:
    """Every optional key that the body does not hold is absent or shown at its default."""
    shown = connection.read()
    defaults = {key: value for key, value in {**DEFAULTS, **(more or {})}.items() if key not in body["configuration"]}
    left = {key: shown["configuration"][key] for key in defaults if key in shown["configuration"]}
    kept = {key: value for key, value in left.items() if value is not None and value != defaults[key]}
    lab.expect_seen("what was not given again has its default", kept, {"empty": True}, proves=proves)
    lab.expect_seen("it is active again", shown.get("active", True), {"is": True}, shown.get("active"), proves=proves)


def expect_gone(lab: Lab, connection: LabConnection, *, proves: str) -> None:
    """A deleted connection answers 404, and no list shows it."""
    gone = lab.api.get(connection.id)
    lab.expect_answer("GET of a deleted connection answers 404", gone, 404, proves=proves)
    listed: Sequence[dict[str, Any]] = lab.api.request("GET", "/connections").json()
    left = [one for one in listed if str(one.get("id")) == connection.id]
    lab.expect_seen("the list does not show it", left, {"empty": True}, proves=proves)
