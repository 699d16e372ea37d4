"""Plain HTTP connections to posthere bins, and what the API tells of them, for scenarios about something else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx

from uplab.scenarios import Bin, CheckFailed, Lab, LabConnection, LabDevice, Route
from uplab.scenarios.lab.places.bin import Request

__all__ = [
    "attempt",
    "connect_bin",
    "documents",
    "events_of",
    "http_body",
    "metrics_of",
    "requests",
    "telling",
    "wait_until_open",
]

POSTHERE = "https://posthere.io"


def http_body(path: str, *, at: str = POSTHERE, **configuration: Any) -> dict[str, Any]:
    """The body of an HTTP connection to a bin; further keys go into its configuration."""
    return {
        "connectorId": "actility-http-iot",
        "name": f"uplab {path.strip('/')}",
        "configuration": {"destinationURL": f"{at}{path}", **configuration},
    }


def connect_bin(
    lab: Lab, path: str, *devices: LabDevice, state: str | None = "OPENED", **configuration: Any
) -> LabConnection:
    """A connection to a bin, with the devices bound to it."""
    return lab.connect(http_body(path, **configuration), Route("posthere", path), *devices, state=state)


def attempt(lab: Lab, body: Any) -> httpx.Response:
    """POST /connections of a body that may be refused; a connection that it made is removed at once."""
    response = lab.api.create(body)
    if response.status_code == 201:
        lab.api.delete(str(response.json()["id"]))
    return response


def wait_until_open(lab: Lab, connection: LabConnection, *, proves: str | None = None) -> None:
    """Waits until the connection is OPENED again, where the forwarder shows states."""
    if lab.profile.features.states:
        connection.wait_for_state("OPENED", proves=proves)


def requests(lab: Lab, connection: LabConnection) -> list[Request]:
    """What the connection's bin shows, oldest first."""
    return Bin(lab.browser, f"{POSTHERE}{connection.route.path}").requests()


def documents(lab: Lab, connection: LabConnection) -> list[Any]:
    """The bodies that the connection's bin shows, as JSON values, oldest first."""
    return [json.loads(request.body) for request in requests(lab, connection)]


def _read(lab: Lab, connection: LabConnection, what: str) -> Any:
    response = lab.api.request("GET", f"/connections/{connection.id}/{what}")
    if response.status_code != 200:
        raise CheckFailed(f"GET {what} of connection {connection.id}: {response.status_code} {response.text[:200]}")
    return response.json()


def events_of(lab: Lab, connection: LabConnection) -> list[dict[str, Any]]:
    """The connection's events, newest first."""
    found: list[dict[str, Any]] = _read(lab, connection, "events")
    return found


def metrics_of(lab: Lab, connection: LabConnection) -> dict[str, dict[str, int]]:
    """The connection's counters."""
    found: dict[str, dict[str, int]] = _read(lab, connection, "metrics")
    return found


def telling(
    lab: Lab,
    connection: LabConnection,
    *words: object,
    dev_eui: str | None = None,
    among: Sequence[str] = (),
    proves: str | None = None,
) -> list[dict[str, Any]]:
    """Waits for events that hold all of these words and one of those `among`, whatever their case, and returns them.

    Where a device is given they must name it.
    """
    wanted = [str(word).lower() for word in words]

    def fits(event: dict[str, Any]) -> bool:
        # What names the connection tells nothing: a scenario may have called it by the very word.
        told = {
            key: value for key, value in event.items() if key not in ("id", "time", "connectionId", "connectionName")
        }
        text = json.dumps(told, ensure_ascii=False).lower()
        named = dev_eui is None or event.get("devEUI") == dev_eui
        return named and all(word in text for word in wanted) and (not among or any(word in text for word in among))

    told = " and ".join([*wanted, *([" or ".join(among)] if among else [])]) or "anything"
    of = f" of device {dev_eui}" if dev_eui else ""
    return lab.poll(
        lambda: [event for event in events_of(lab, connection) if fits(event)],
        bool,
        awaited=f"an event{of} that tells {told}",
        proves=proves,
    )
