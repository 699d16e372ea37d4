"""Which applications a device has: what its flows say, and how they change when one is added or taken away."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Change", "added", "removed"]

Flow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the flows: a body without an id creates a flow, an id without a body deletes that flow."""

    flow_id: str | None
    body: dict[str, Any] | None


def added(dev_eui: str, connection: Mapping[str, Any]) -> Change:
    """Bind a device to a connection by a flow of its own."""
    name = f"{dev_eui}: {connection['name']}"[:255]
    return Change(None, _flow(name, dev_eui, [_connector(connection)]))


def removed(dev_eui: str, connection_id: str, flows: Sequence[Flow], existing: Iterable[str]) -> list[Change]:
    """Unbind a device from a connection, and nothing else from anything; flows by tags stay as they are.

    `existing` are the ids of all connections: a flow may still name one that was deleted, which no new body may.
    """
    kept_ids = set(existing) - {connection_id}
    changes: list[Change] = []
    for flow in flows:
        mine = [matcher for matcher in flow["matchers"] if _dev_eui(matcher) == dev_eui]
        if not mine or all(connector["connectionId"] != connection_id for connector in flow["connectors"]):
            continue
        others = [matcher for matcher in flow["matchers"] if matcher not in mine]
        rest = [connector for connector in flow["connectors"] if connector["connectionId"] in kept_ids]
        bare = {name: value for name, value in flow.items() if name != "id"}
        if others:
            living = [c for c in flow["connectors"] if c["connectionId"] in kept_ids | {connection_id}]
            changes.append(Change(flow["id"], {**bare, "matchers": others, "connectors": living}))
            if rest:
                changes.append(Change(None, {**bare, "matchers": mine, "connectors": rest}))
        else:
            changes.append(Change(flow["id"], {**bare, "connectors": rest} if rest else None))
    return changes


def _dev_eui(matcher: Mapping[str, Any]) -> str:
    """The device that a key names; empty for a matcher by tags."""
    return str(matcher["key"]).partition(":")[2].upper() if matcher["type"] == "key" else ""


def _flow(name: str, dev_eui: str, connectors: list[dict[str, Any]]) -> dict[str, Any]:
    matchers = [{"type": "key", "key": f"lora:{dev_eui.lower()}"}]
    return {"name": name, "matchers": matchers, "connectors": connectors}


def _connector(connection: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": connection["connectorId"], "connectionId": connection["id"]}
