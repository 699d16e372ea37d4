"""A fixed set of connections, for a forwarder that runs elsewhere and takes none from here.

`uplab environment` prints it, and whoever keeps that forwarder makes these connections once. Every device is brought to
each. A scenario takes those that are like its own, but for the path and the name; where there is none it is not
applicable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from uplab.scenarios.checks.checks import Route
from uplab.scenarios.documents.connector_document import example_body
from uplab.scenarios.lab.addresses import POSTHERE_HOST, THINGSBOARD_PORTS
from uplab.scenarios.lab.ways.direct import addressed
from uplab.scenarios.lab.ways.static import Static
from uplab.scenarios.lab.witness import broker_body, witness_for
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.access.real_account import DEMO
from uplab.scenarios.under_test.ways.reach import NotApplicableError

if TYPE_CHECKING:
    from uplab.scenarios.lab.ways.way import Resource
    from uplab.scenarios.under_test.profile import Profile

__all__ = ["Fixed", "fixed_set", "landing"]

_PLAIN: tuple[
    tuple[str, dict[str, Any]], ...
] = (  # what scenarios ask for most often: two bins, and two that are tried again after a second
    ("/uplab-plain-1", {}),
    ("/uplab-plain-2", {}),
    ("/uplab-soon-1", {"blamePeriod": 1}),
    ("/uplab-soon-2", {"blamePeriod": 1}),
)


def fixed_set(profile: Profile, resolve: Mapping[str, str], login: Mapping[str, str] = DEMO) -> list[Resource]:
    """The bodies, the witness first, with the lab's addresses where names are direct; `login` is ThingsBoard's."""
    bodies = [witness_for(profile, 1)[0]]
    if profile.features.http:
        bodies.append(example_body("http.md"))
        bodies += [_bin(path, configuration) for path, configuration in _PLAIN if _may(profile, configuration)]
    if profile.features.thingsboard:
        body = example_body("thingsboard.md")
        port = THINGSBOARD_PORTS[profile.choices.transports[0]]
        host = body["configuration"]["hostName"].partition(":")[0]
        account = {"hostName": f"{host}:{port}", **login}
        bodies.append({**body, "configuration": {**body["configuration"], **account}})
    if profile.features.mqtt:
        bodies.append(broker_body())
    return [addressed(body, resolve, names=profile.ways.names, tls=profile.ways.tls) for body in bodies]


def _may(profile: Profile, configuration: Mapping[str, Any]) -> bool:
    return profile.choices.failure_generation == "blame" or "blamePeriod" not in configuration


def _bin(path: str, configuration: Mapping[str, Any]) -> Resource:
    url = f"https://{POSTHERE_HOST}{path}"
    return {
        "connectorId": "actility-http-iot",
        "name": f"uplab {path.strip('/')}",
        "configuration": {"destinationURL": url, **configuration},
    }


def _path(body: Resource) -> str:
    return urlsplit(str(body.get("configuration", {}).get("destinationURL", ""))).path


def _kind(body: Resource) -> Any:
    """What makes two connections alike: all but name, description and path."""
    configuration = dict(body.get("configuration", {}))
    configuration.pop("description", None)
    url = configuration.get("destinationURL")
    if isinstance(url, str):
        configuration["destinationURL"] = urlsplit(url)._replace(path="").geturl()
    return {**{key: value for key, value in body.items() if key != "name"}, "configuration": configuration}


def landing(asked: Resource, resource: Resource, route: Route) -> Route:
    """Where the documents of a connection arrive: where it was asked for, or at the path that it has instead."""
    old, new = _path(asked), _path(resource)
    return Route(route.fake, new) if new != old and route.path == old else route


class Fixed(Static):
    """Gives each connection of the set once to a scenario; there is nothing to start."""

    def __init__(
        self,
        bodies: Sequence[Resource],
        *,
        addressed: Callable[[Any], Any],
        emit: Callable[[str, dict[str, Any]], None],
    ) -> None:
        super().__init__((), lambda _: None, lambda: False, addressed=addressed, emit=emit)
        self._all = list(bodies)
        self.shared = [Route("posthere", _path(body)) for body in bodies if _path(body)]
        self._free = list(bodies)

    def begin(self) -> None:
        """All of them are free again."""
        super().begin()
        self._free = list(self._all)

    def create(self, body: Resource) -> Resource:
        """The connection that is the same, or one that is alike."""
        wanted = self._addressed(body)
        same = [one for one in self._free if one == wanted]
        alike = [one for one in self._free if _kind(one) == _kind(wanted)]
        for one in [*same, *alike]:
            if one is not self._all[0]:  # the witness is asked for by its own body only
                self._free.remove(one)
            elif one not in same:
                continue
            return {**one, "id": f"static {self._all.index(one)}"}
        raise NotApplicableError(
            "connections are static and the forwarder runs elsewhere: "
            "the set that `uplab environment` prints has none, or no other one, like this scenario's"
        )

    def hand_over(self) -> None:
        """They are there."""
        if not self._sent:
            for number, body in enumerate(self._all):
                said = hops.connection_given(way="static", connection=f"static {number}", raw=orjson.dumps(body))
                self._emit(*said)
        self._sent = True
