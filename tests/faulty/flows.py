"""Bugs of flows: the wrong devices, the right ones twice, or those of a flow that is gone."""

from __future__ import annotations

from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections import flow
from uplab.simulator.forwarder.connections.flow import Flow, Routes, ThingMatcher
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.store import records

__all__ = ["BAD"]

BAD = Catalogue()
FLOWS = "common/test_flows.py"


def _matchers(mark: Mark, change: Any) -> None:
    """Changes flows before they are arranged; `change(matcher)` gives the matchers that stand in its place."""

    def make(begin: Any) -> Any:
        def otherwise(self: Routes, flows: Any, *arguments: Any, **options: Any) -> None:
            changed = []
            for one in flows:
                matchers = [new for matcher in one.body.matchers for new in change(matcher)]
                if matchers != one.body.matchers:
                    mark()
                changed.append(Flow(one.given, one.body.model_copy(update={"matchers": matchers})))
            begin(self, changed, *arguments, **options)

        return otherwise

    swap(Routes, "__init__", make)


@BAD.bad(
    "any-tag-is-enough",
    "a flow by tags takes devices that have one of them",
    requirement="COM-22.d",
    models="flows that match too much",
    scenario=f"{FLOWS}::test_tags_bind_the_devices_that_have_them_all",
    check="seen",
)
def any_tag_is_enough(mark: Mark) -> None:
    """Divides each list of tags."""

    def change(matcher: Any) -> list[Any]:
        tags = getattr(matcher, "tags", [])
        return [ThingMatcher(type="thing", tags=[tag]) for tag in tags] if len(tags) > 1 else [matcher]

    _matchers(mark, change)


@BAD.bad(
    "tags-not-looked-at",
    "matchers by tags are taken and bind nothing",
    requirement="COM-22.e",
    models="a second kind of matcher that was never finished",
    scenario=f"{FLOWS}::test_any_of_several_matchers_is_enough",
    check="seen",
)
def tags_not_looked_at(mark: Mark) -> None:
    """Forgets them."""
    _matchers(mark, lambda matcher: [] if isinstance(matcher, ThingMatcher) else [matcher])


@BAD.bad(
    "key-matters-by-case",
    "a flow whose key is written in capitals finds no device",
    requirement="COM-22.b",
    models="lower-case DevEUI not matched (iotedge-lorawan-starterkit#179, hono#3460)",
    scenario=f"{FLOWS}::test_key_of_a_flow_may_be_written_in_either_case",
    check="none lost",
)
def key_matters_by_case(mark: Mark) -> None:
    """Looks devices up in small letters, as most flows write them."""
    _matchers(
        mark, lambda matcher: [] if getattr(matcher, "key", "") != getattr(matcher, "key", "").lower() else [matcher]
    )


@BAD.bad(
    "bound-twice-delivered-twice",
    "a device that two matchers lead to a connection is delivered twice",
    requirement="COM-22.a",
    models="uplink repeated two or three times for each count (helium/router#517)",
    scenario=f"{FLOWS}::test_device_bound_twice_to_one_connection_is_delivered_once",
    check="none twice",
)
def bound_twice_delivered_twice(mark: Mark) -> None:
    """Merges nothing."""

    def make(merge: Any) -> Any:
        def unmerged(routes: Any) -> Any:
            if len(merge(routes)) < len(routes):
                mark()
            return routes

        return unmerged

    swap(flow, "_merge", make)


@BAD.bad(
    "flow-outlives-its-end",
    "a flow that was deleted goes on binding its devices",
    requirement="COM-22.c",
    models="reload ineffective after a change (TXIF-2168)",
    scenario=f"{FLOWS}::test_device_is_released_with_its_flow",
    check="seen",
)
def flow_outlives_its_end(mark: Mark) -> None:
    """Arranges nothing anew when a flow goes."""

    def make(delete: Any) -> Any:
        async def lazy(self: Service, flow_id: str) -> None:
            routes = self.routes
            await delete(self, flow_id)
            mark()
            self.routes = routes

        return lazy

    swap(Service, "delete_flow", make)


@BAD.bad(
    "flows-forgotten-at-start",
    "flows do not survive a restart",
    requirement="COM-18.e",
    models="configuration kept in memory only",
    scenario="common/test_restart.py::test_connections_and_flows_survive_a_kill",
    check="none lost",
)
def flows_forgotten_at_start(mark: Mark) -> None:
    """Restores connections alone."""

    def make(read: Any) -> Any:
        def without(database: Any) -> Any:
            stored = read(database)
            if stored["flow"]:
                mark()
            return {**stored, "flow": []}

        return without

    swap(records, "read_all", make)
