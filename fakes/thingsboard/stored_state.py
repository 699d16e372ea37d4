"""All that a ThingsBoard knows as bytes, and back: a fake that stands alone keeps it over a restart.

Kept are tenants, accounts, API keys, profiles, devices with attributes and telemetry, dashboards, domains, relations,
firmware, persistent commands and the key of the tokens, so that who was logged in stays so. Sessions are not kept.
"""

import base64
from dataclasses import asdict, fields
from typing import Any, Final

import orjson

from uplab.fakes.thingsboard.mqtt.links import Links
from uplab.fakes.thingsboard.rest.tokens import Tokens
from uplab.fakes.thingsboard.state.credentials import Credentials
from uplab.fakes.thingsboard.state.device import Device
from uplab.fakes.thingsboard.state.package import Package
from uplab.fakes.thingsboard.state.profiles import Profile
from uplab.fakes.thingsboard.state.rpc import Record, Rpcs
from uplab.fakes.thingsboard.state.series import Series
from uplab.fakes.thingsboard.state.tenant import ApiKey, State, Tenant, Thing, User

__all__ = ["StoredStateError", "dump", "load"]

FORMAT: Final = 1
_DEVICE: Final = (
    *("id", "tenant_id", "name", "type", "created_ms", "label", "customer_id", "account", "additional_info", "version"),
    "credentials_version",
    *("last_connect_ms", "last_disconnect_ms", "last_activity_ms", "firmware_id", "firmware_told"),
)


class StoredStateError(ValueError):
    """The bytes cannot be used; the message says why."""


def dump(state: State, tokens: Tokens, rpcs: Rpcs) -> bytes:
    """Everything as bytes."""
    return orjson.dumps(
        {
            "uplab_thingsboard_state": FORMAT,
            "token_key": base64.b64encode(tokens.key).decode(),
            "demo": state.demo.id,
            "demo_customer": state.demo_customer,
            "tenants": [asdict(one) for one in state.tenants.values()],
            "users": [asdict(one) for one in state.users.values()],
            "api_keys": [asdict(one) for one in state.api_keys.values()],
            "profiles": [asdict(one) for tenant in state.tenants for one in state.profiles.of(tenant)],
            "devices": [_device(one) for one in state.devices.values()],
            "things": [asdict(one) for one in state.things.values()],
            "relations": [asdict(one) for one in state.relations.values()],
            "packages": [
                {**asdict(one), "data": base64.b64encode(one.data).decode()} for one in state.packages.values()
            ],
            "rpcs": [asdict(one) for one in rpcs.everything()],
            "claims": state.claims,
            "max_failed_logins": state.max_failed_logins,
        }
    )


def _device(device: Device) -> dict[str, Any]:
    return {
        **{name: getattr(device, name) for name in _DEVICE},
        "profile": device.profile.id,
        "credentials": asdict(device.credentials),
        "attributes": device.all_attributes(),
        "series": device.series.stored(),
    }


def load(state: State, tokens: Tokens, links: Links, raw: bytes) -> None:
    """Take the place of what is known by what was dumped; raises StoredStateError, and the state is then empty."""
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise StoredStateError(f"no JSON: {error}") from None
    if not isinstance(tree, dict) or "uplab_thingsboard_state" not in tree:
        raise StoredStateError("not the state of a fake ThingsBoard")
    if tree["uplab_thingsboard_state"] != FORMAT:
        found = tree["uplab_thingsboard_state"]
        raise StoredStateError(f"its format is {found}, and this uplab reads format {FORMAT}")
    state.empty()
    try:
        _fill(state, links.rpcs, tree)
        tokens.key = base64.b64decode(tree["token_key"])
    except (KeyError, TypeError, ValueError) as error:
        state.clear()
        raise StoredStateError(f"it is damaged: {error!r}") from None
    for record in links.rpcs.everything():
        device = state.devices.get(record.device_id)
        if record.status in ("QUEUED", "SENT", "DELIVERED", "TIMEOUT") and device is not None:
            body = record.request["body"]
            oneway = record.request["oneway"] is True
            if not (oneway and record.status == "DELIVERED"):
                links.rpcs.open(device, body["method"], orjson.loads(body["params"]), oneway=oneway, record=record)


def _fill(state: State, rpcs: Rpcs, tree: dict[str, Any]) -> None:
    state.tenants = {one["id"]: Tenant(**one) for one in tree["tenants"]}
    state.users = {one["email"].lower(): User(**one) for one in tree["users"]}
    state.api_keys = {one["value"]: ApiKey(**one) for one in tree["api_keys"]}
    for one in tree["profiles"]:
        state.profiles.restore(Profile(**{**one, "provision": tuple(one["provision"])}))
    for one in tree["devices"]:
        _restore_device(state, one)
    state.things = {one["id"]: Thing(**one) for one in tree["things"]}
    for one in tree["relations"]:
        state.relate(one["from_id"], one["to_id"], one["type"])
    for one in tree["packages"]:
        state.packages[one["id"]] = Package(**{**one, "data": base64.b64decode(one["data"])})
    rpcs.clear()
    known = {one.name for one in fields(Record)}
    for one in tree["rpcs"]:
        rpcs.keep(Record(**{name: value for name, value in one.items() if name in known}))
    state.demo = state.tenants[tree["demo"]]
    state.demo_customer = tree["demo_customer"]
    state.claims = {device: (secret, until) for device, (secret, until) in tree["claims"].items()}
    state.max_failed_logins = tree["max_failed_logins"]


def _restore_device(state: State, stored: dict[str, Any]) -> None:
    profile = state.profiles.get(stored["tenant_id"], stored["profile"])
    if profile is None:
        raise ValueError(f"device {stored['name']} has no profile")
    device = Device(
        **{name: stored[name] for name in _DEVICE if name in stored},  # an older state knows fewer
        profile=profile,
        series=Series.restored(state.budget, stored["series"]),
        credentials=Credentials(**stored["credentials"]),
    )
    device.restore_attributes(stored["attributes"])
    state.restore_device(device)
