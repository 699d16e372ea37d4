"""Flows: which devices are bound to which connections, by key or by tags; without one, nothing is delivered."""

import re
from collections.abc import Collection, Iterable, KeysView, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, ValidationError, create_model
from pydantic_core import PydanticCustomError

from uplab.simulator.forwarder.connections.parameter import Duration, Model, Text, duration_s
from uplab.simulator.forwarder.documents.document import is_dev_eui
from uplab.simulator.forwarder.invalid import InvalidError, explain, require_object

__all__ = ["Flow", "FlowBody", "Route", "Routes", "flow_body", "parse_flow", "restore_flow"]

_UNIMPLEMENTED = frozenset({"driver", "upOperations", "downOperations", "skipDecoding"})
_ID = re.compile(r"[1-9][0-9]{0,17}")


def _check_key(text: str) -> str:
    scheme, colon, dev_eui = text.partition(":")
    if scheme.lower() != "lora" or not colon or not is_dev_eui(dev_eui):
        raise PydanticCustomError("key", "must be lora: and a DevEUI, such as lora:0018b20000000b20")
    return text


def _check_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise PydanticCustomError("id", "must be the id of a connection, a decimal number as text")
    return text


class KeyMatcher(Model):
    """Matches one device."""

    type: Literal["key"]
    key: Annotated[
        str, AfterValidator(_check_key), Field(json_schema_extra={"pattern": "^[Ll][Oo][Rr][Aa]:[0-9A-Fa-f]{16}$"})
    ]


class ThingMatcher(Model):
    """Matches the devices that have all of these tags, whatever their case, and perhaps more."""

    type: Literal["thing"]
    tags: list[Text] = Field(min_length=1, max_length=100)


class FlowConnector(Model):
    """One connection that the devices' messages go to."""

    id: str | None = None
    connection_id: Annotated[str, AfterValidator(_check_id), Field(json_schema_extra={"pattern": f"^{_ID.pattern}$"})]
    uplink_time_validity: Duration | None = None


class FlowBody(Model):
    """The body of a flow."""

    name: Annotated[Text, Field(max_length=255)]
    description: str | None = None
    matchers: list[Annotated[KeyMatcher | ThingMatcher, Field(discriminator="type")]] = Field(
        min_length=1, max_length=100_000
    )
    connectors: list[FlowConnector] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True, slots=True)
class Flow:
    """A valid flow, as it was given and as it was understood."""

    given: dict[str, Any]
    body: FlowBody


@dataclass(frozen=True, slots=True)
class Route:
    """One connection that a device's messages go to, and the validity that the flow sets for them."""

    connection_id: int
    validity_s: float | None = None


def flow_body(connector_ids: tuple[str, ...]) -> type[FlowBody]:
    """Make the model of a flow whose connectors may name these ids and no others."""
    known: Any = Literal[connector_ids]
    connector: Any = create_model(
        "FlowConnector", __base__=FlowConnector, __doc__=FlowConnector.__doc__, id=(known | None, None)
    )
    field = FlowBody.model_fields["connectors"]
    return create_model("FlowBody", __base__=FlowBody, __doc__=FlowBody.__doc__, connectors=(list[connector], field))


def parse_flow(raw: object, connections: Mapping[int, str], model: type[FlowBody]) -> Flow:
    """Read a flow's body; `connections` maps each known connection to its connectorId. InvalidError names the field."""
    given = dict(require_object(raw, "the body"))
    given.pop("id", None)
    try:
        body = model.model_validate(given)
    except ValidationError as error:
        raise explain(error, model, _UNIMPLEMENTED) from None
    for index, connector in enumerate(body.connectors):
        field = f"connectors.{index}"
        known = connections.get(int(connector.connection_id))
        if known is None:
            raise InvalidError(f"{field}.connectionId", f"{field}.connectionId names no connection that exists")
        if connector.id is not None and connector.id != known:
            raise InvalidError(f"{field}.id", f"{field}.id must be {known}, the connectorId of that connection")
    return Flow(given, body)


def restore_flow(given: dict[str, Any], model: type[FlowBody]) -> Flow:
    """Read a flow that was valid when it was stored; a connection of it may have been deleted since."""
    return Flow(given, model.model_validate(given))


class _Arranged(NamedTuple):
    by_key: dict[str, list[Route]]
    by_tag: dict[str, list[tuple[frozenset[str], list[Route]]]]  # under one tag of each matcher
    everywhere: dict[int, Route]


class Routes:
    """All flows, arranged for looking up a device: at the first look, since flows may come by thousands."""

    def __init__(self, flows: Iterable[Flow], connections: Collection[int] = (), *, every_device: bool = False) -> None:
        """Take the flows, leaving out connectors whose connection is not there.

        With `every_device` no flow is needed: each device is bound to each of the `connections`, later ones too.
        """
        self._every_device = every_device
        self._flows, self._connections = tuple(flows), connections

    def find(self, dev_eui: str, tags: frozenset[str]) -> list[Route]:
        """Give each connection once; the shortest validity counts when several flows name it."""
        if self._every_device:
            return self.everywhere
        by_key, by_tag, _ = self._arranged
        found = list(by_key.get(dev_eui, ()))
        for tag in sorted(tags) if by_tag else ():
            for wanted, routes in by_tag.get(tag, ()):
                if wanted <= tags:
                    found += routes
        return found if len(found) < 2 else _merge(found)

    def keyed(self, dev_eui: str) -> list[Route]:
        """Where the flows lead that name this very device, and not its tags."""
        return self._arranged.by_key.get(dev_eui, [])

    @property
    def named(self) -> KeysView[str]:
        """The DevEUIs that flows name, in upper case."""
        return self._arranged.by_key.keys()

    @property
    def everywhere(self) -> list[Route]:
        """Every connection that any device is bound to: the way of a base station's alarm, which belongs to none."""
        if self._every_device:
            return [Route(number, None) for number in self._connections]
        return list(self._arranged.everywhere.values())

    @cached_property
    def _arranged(self) -> _Arranged:
        arranged = _Arranged({}, {}, {})
        for flow in self._flows:
            routes = [route for route in map(_route, flow.body.connectors) if route.connection_id in self._connections]
            arranged.everywhere.update((route.connection_id, route) for route in routes)
            for matcher in flow.body.matchers:
                if isinstance(matcher, KeyMatcher):
                    arranged.by_key.setdefault(matcher.key.partition(":")[2].upper(), []).extend(routes)
                else:
                    wanted = frozenset(tag.strip().lower() for tag in matcher.tags)
                    arranged.by_tag.setdefault(min(wanted), []).append((wanted, routes))
        return arranged


def _route(connector: FlowConnector) -> Route:
    validity = connector.uplink_time_validity
    return Route(int(connector.connection_id), None if validity is None else duration_s(validity))


def _merge(routes: list[Route]) -> list[Route]:
    merged: dict[int, Route] = {}
    for route in routes:
        other = merged.get(route.connection_id)
        limits = [r.validity_s for r in (route, other) if r is not None and r.validity_s is not None]
        merged[route.connection_id] = Route(route.connection_id, min(limits, default=None))
    return list(merged.values())
