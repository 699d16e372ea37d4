"""Bugs of the downlink URL: not the same everywhere, not its own, not gone."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.api import app as api
from uplab.simulator.forwarder.clock import iso
from uplab.simulator.forwarder.destinations.http.settings import HttpConfiguration
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.downlinks.downlink import downlink_query, parse_downlink, read_downlink
from uplab.simulator.forwarder.service import DOWNLINK_PATH, NotFoundError, Service
from uplab.simulator.forwarder.web.exchange import json_body
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "url-changes-with-put",
    "each change of a connection gives it another downlink URL",
    requirement="DL-01.c",
    models="an id of the configuration taken for one of the connection",
    scenario="downlink/test_url.py::test_url_survives_put",
    check="seen",
)
def url_changes_with_put(mark: Mark) -> None:
    """Draws the UUID anew."""

    def make(replace: Any) -> Any:
        async def renewed(self: Service, connection_id: str, raw: object) -> Any:
            await replace(self, connection_id, raw)
            runner = self.runner(connection_id)
            mark()
            del self._by_uuid[runner.uuid]
            runner.uuid = str(uuid.uuid4())
            self._by_uuid[runner.uuid] = runner
            return self.resource(runner)

        return renewed

    swap(Service, "replace", make)


@BAD.bad(
    "unknown-url-takes-downlinks",
    "a downlink to a URL that belongs to nobody is taken",
    requirement="DL-13.a",
    models="an address that is looked up after the answer",
    scenario="downlink/test_url.py::test_unknown_uuid_answers_404",
    check="seen",
)
def unknown_url_takes_downlinks(mark: Mark) -> None:
    """Takes the oldest connection for it."""

    def make(find: Any) -> Any:
        def somebody(self: Service, text: str) -> Any:
            try:
                return find(self, text)
            except NotFoundError:
                mark()
                return self.runners[0]

        return somebody

    swap(Service, "runner_of_uuid", make)


@BAD.bad(
    "registered-domain-is-not-found",
    "the domain that ThingsBoard lists is looked up with its port in it, and never found",
    requirement="TB-02.b",
    models="a host and its port taken for one name",
    scenario="thingsboard/test_ports.py::test_registered_domain_is_accepted_as_host_name",
    check="awaited",
)
def registered_domain_is_not_found(mark: Mark) -> None:
    """Answers as a resolver does."""

    def make(opened: Any) -> Any:
        async def unknown(self: MqttSession) -> Answer:
            if not isinstance(self, ThingsBoardSink):
                answer: Answer = await opened(self)
                return answer
            mark()
            host = f"{self._account.host}:{self._account.port}"
            return Answer("unreachable", reason=f"the host {host} cannot be resolved")

        return unknown

    swap(MqttSession, "open", make)


@BAD.bad(
    "gone-and-sent",
    "a downlink to the URL of a deleted connection is answered with 404, and goes to the device",
    requirement="DL-13.b",
    models="an address that is looked up after the downlink has gone",
    scenario="downlink/test_url.py::test_url_is_gone_with_the_connection",
    check="no downlink",
)
def gone_and_sent(mark: Mark) -> None:
    """Hands on what is posted before it looks for the connection."""

    def make(downlinks: Any) -> Any:
        def more(service: Service) -> Any:
            routes = Routes(DOWNLINK_PATH)

            @routes.post("/{uuid}", status=202)
            async def send(request: Request) -> Response:
                raw = await json_body(request, 65_536)
                try:
                    runner = service.runner_of_uuid(request.path_params["uuid"])
                except NotFoundError:
                    mark()
                    downlink = read_downlink(parse_downlink(raw), HttpConfiguration.model_construct(), None)
                    default, now = service.downlinks._default, iso(service.clock.wall())
                    await service._network.send(downlink_query(downlink, *default, now))
                    raise
                await service.downlinks.take(runner, raw)
                return Response(status_code=202)

            return routes

        return more

    swap(api, "downlinks", make)
