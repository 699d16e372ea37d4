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


def _released(mark: Mark, owner: str, leave: Any) -> None:
    """After a change of a flow by `owner`, the devices that `leave(before, after)` gives are bound nowhere any more."""
    banned: set[str] = set()

    def named(flow: Any) -> set[str]:
        keys = [getattr(matcher, "key", "") for matcher in flow.body.matchers] if flow else []
        return {key.partition(":")[2].upper() for key in keys if key}

    def make(change: Any) -> Any:
        async def releasing(self: Service, flow_id: str, *arguments: Any) -> Any:
            number = int(flow_id) if flow_id.isdigit() else 0
            before = named(self._flows.get(number))
            done = await change(self, flow_id, *arguments)
            banned.update(leave(before, named(self._flows.get(number))))
            self._rearrange()
            return done

        return releasing

    def make_create(create: Any) -> Any:
        async def binding(self: Service, raw: Any) -> Any:
            done = await create(self, raw)
            banned.difference_update(named(self._flows[int(done["id"])]))
            return done

        return binding

    def make_find(find: Any) -> Any:
        def without(self: Any, dev_eui: str, *arguments: Any) -> Any:
            found = find(self, dev_eui, *arguments)
            if found and dev_eui in banned:
                mark()
                return []
            return found

        return without

    swap(Service, owner, make)
    swap(Service, "create_flow", make_create)
    swap(Routes, "find", make_find)


@BAD.bad(
    "flow-takes-its-devices-along",
    "a flow that is deleted releases its devices from all other flows too",
    requirement="COM-22.a",
    models="a cascade that deletes more than the row",
    scenario=f"{FLOWS}::test_end_of_one_flow_ends_no_other",
    check="none lost",
)
def flow_takes_its_devices_along(mark: Mark) -> None:
    """Releases them."""
    _released(mark, "delete_flow", lambda before, _after: before)


@BAD.bad(
    "replaced-flow-takes-its-devices-along",
    "a device that a flow leaves out when it is replaced is released from all other flows too",
    requirement="COM-22.a",
    models="a cascade that deletes more than the row",
    scenario=f"{FLOWS}::test_device_that_a_flow_leaves_out_keeps_its_others",
    check="none lost",
)
def replaced_flow_takes_its_devices_along(mark: Mark) -> None:
    """Releases them."""
    _released(mark, "replace_flow", lambda before, after: before - after)
