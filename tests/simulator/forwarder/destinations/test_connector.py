"""A connector is a row: one that exists in this test alone is described, created, shown, edited and delivered over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx

from tests.simulator.forwarder.making import DEV_EUI, HTTP_EXAMPLE, compact, document
from uplab.simulator.forwarder.api.app import API_PATH, Application
from uplab.simulator.forwarder.api.ingress import INGRESS_PATH
from uplab.simulator.forwarder.connections.connection import Body, Configuration, Connection
from uplab.simulator.forwarder.connections.parameter import Secret, Text
from uplab.simulator.forwarder.destinations.connector import Back, Connector, Connectors, Envelope, Wrap
from uplab.simulator.forwarder.destinations.failures import Failures, Manner
from uplab.simulator.forwarder.destinations.form import NAME, Field, Kind
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.settings import Settings, read_settings
from uplab.simulator.forwarder.store.store import Store

ID = "lab-drawer-iot"
DOWNLINK = {"DevEUI_downlink": {"DevEUI": DEV_EUI, "FPort": 1, "payload_hex": "9e"}}


class DrawerConfiguration(Configuration):
    """The parameters of the drawer."""

    label: Annotated[Text, Secret]


class DrawerBody(Body):
    """A connection to a drawer."""

    connector_id: Literal["lab-drawer-iot"]
    configuration: DrawerConfiguration


@dataclass
class Drawer:
    """Where everything is collected: the way out of all drawers."""

    held: list[Outgoing] = field(default_factory=list)
    refusing: bool = False
    back: Back | None = None
    closed: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def exit(self, _settings: Settings) -> "Drawer":
        return self

    def sink(self, connection: Connection[DrawerBody], back: Back) -> "Opened":
        assert connection.body.configuration.label == "socks"
        self.back = back
        return Opened(self)

    async def close(self) -> None:
        self.closed = True


@dataclass
class Opened:
    """The sink of one connection."""

    drawer: Drawer

    async def open(self) -> Answer:
        return Answer("delivered")

    async def deliver(self, outgoing: Outgoing) -> Answer:
        self.drawer.asked.set()
        if self.drawer.refusing:
            return Answer("refused", reason="full")
        self.drawer.held.append(outgoing)
        return Answer("delivered")

    async def close(self) -> None:
        return None


def envelope(connection: Connection[DrawerBody], _number: int, _settings: Settings) -> Wrap:
    label = connection.body.configuration.label
    return lambda _document, content, _whole: Envelope(topic=f"{label}/{content['DevEUI']}")


def check(body: DrawerBody, _platform: Platform) -> None:
    if body.configuration.label == "junk":
        raise InvalidError("configuration.label", "configuration.label must be of use")


def table(drawer: Drawer) -> Connectors:
    """The usual connectors, and one that is nowhere else."""
    label = Field("label", "Label", "configuration.label", "What is in it", mandatory=True, control="secret")
    kind = Kind(
        slug="drawer",
        name="Drawer",
        connector=ID,
        promise="Puts each message into a drawer.",
        fields=(NAME, label),
        configuration=DrawerConfiguration,
        documentation="DRAWER",
    )
    row = Connector(
        id=ID,
        description="A drawer",
        body=DrawerBody,
        check=check,
        exit=drawer.exit,
        failures=lambda _body, _platform: Failures(Manner.BLAME, 3600.0),
        envelope=envelope,
        kinds=(kind,),
    )
    return {**CONNECTORS, ID: row}


@asynccontextmanager
async def served(folder: Path, drawer: Drawer) -> AsyncIterator[httpx.AsyncClient]:
    """A whole forwarder with one connector more, spoken to over HTTP."""
    store = Store(folder / "state.sqlite3")
    service = Service(read_settings([], {}), store, "http://lab", table(drawer))
    await service.start()
    try:
        transport = httpx.ASGITransport(Application(service))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client
    finally:
        await service.stop()
        store.close()


def spoken(folder: Path, talk: Callable[[httpx.AsyncClient, Drawer], Awaitable[None]]) -> Drawer:
    """Run a talk with a forwarder from start to stop."""

    async def run() -> Drawer:
        drawer = Drawer()
        async with served(folder, drawer) as client:
            await talk(client, drawer)
        return drawer

    return asyncio.run(run())


def body(**configuration: Any) -> dict[str, Any]:
    return {"connectorId": ID, "name": "d", "configuration": {"label": "socks"} | configuration}


async def created(client: httpx.AsyncClient) -> str:
    """The id of a connection to the drawer that the usual device is bound to."""
    answer = await client.post(f"{API_PATH}/connections", json=body())
    assert answer.status_code == 201, answer.text
    number = str(answer.json()["id"])
    matchers = [{"type": "key", "key": f"lora:{DEV_EUI}"}]
    flow = {"name": "f", "matchers": matchers, "connectors": [{"id": ID, "connectionId": number}]}
    assert (await client.post(f"{API_PATH}/flows", json=flow)).status_code == 201
    return number


async def uplink(client: httpx.AsyncClient, drawer: Drawer) -> None:
    """Post an uplink, and wait until the drawer has been asked."""
    drawer.asked.clear()
    assert (await client.post(INGRESS_PATH, content=compact(document()))).status_code == 200
    await asyncio.wait_for(drawer.asked.wait(), 10)


def test_row_is_described_with_its_schema(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, _drawer: Drawer) -> None:
        listed = (await client.get(f"{API_PATH}/connectors")).json()
        paths = (await client.get(f"{API_PATH}/openapi.json")).json()["paths"]

        assert [connector["id"] for connector in listed] == [*CONNECTORS, ID]
        assert {"label", "downlinkPort"} <= listed[-1]["connection"]["configurationSchema"]["properties"].keys()
        content = paths[f"{API_PATH}/connections"]["post"]["requestBody"]["content"]["application/json"]
        assert content["schema"]["oneOf"][-1]["properties"]["connectorId"]["const"] == ID
        flow = paths[f"{API_PATH}/flows"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        named = flow["properties"]["connectors"]["items"]["properties"]["id"]["anyOf"][0]["enum"]
        assert named == [*CONNECTORS, ID]

    spoken(tmp_path, talk)


def test_connection_is_created_listed_and_delivered_over(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, drawer: Drawer) -> None:
        number = await created(client)
        (shown,) = (await client.get(f"{API_PATH}/connections")).json()
        assert (shown["id"], shown["connectorId"]) == (number, ID)
        assert shown["configuration"] == {"label": "*****"}

        await uplink(client, drawer)

    drawer = spoken(tmp_path, talk)

    assert [(held.f_cnt, held.topic) for held in drawer.held] == [(7, f"socks/{DEV_EUI}")]
    assert drawer.closed


def test_its_failures_are_met_in_its_own_manner(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, drawer: Drawer) -> None:
        drawer.refusing = True
        number = await created(client)
        await uplink(client, drawer)

        answer = await client.get(f"{API_PATH}/connections/{number}/events")
        assert "was not delivered at attempt 1: full" in answer.text
        counted = (await client.get(f"{API_PATH}/connections/{number}/metrics")).json()["total"]
        assert (counted["uplinksFailed"], counted["uplinksLost"]) == (1, 0)  # it is blamed, where others drop

    spoken(tmp_path, talk)


def test_what_is_wrong_is_refused_in_the_same_words(tmp_path: Path) -> None:
    known = ", ".join([*CONNECTORS, ID])

    async def talk(client: httpx.AsyncClient, _drawer: Drawer) -> None:
        for given, message in (
            (body(label=" "), "configuration.label must not be empty"),
            (body(label="junk"), "configuration.label must be of use"),
            (body(label="*****"), "configuration.label is the mask *****, and no value is stored"),
            (body(Label="x"), "configuration.Label is unknown; did you mean label?"),
            ({**body(), "connectorId": "lab-shelf-iot"}, f"connectorId must be one of {known}"),
        ):
            answer = await client.post(f"{API_PATH}/connections", json=given)
            assert answer.status_code == 400
            assert message in answer.text

        number = await created(client)
        kept = await client.put(f"{API_PATH}/connections/{number}", json={**body(label="*****"), "name": "e"})
        assert kept.status_code == 200, kept.text
        other = await client.put(f"{API_PATH}/connections/{number}", json=HTTP_EXAMPLE)
        assert "connectorId cannot change" in other.text

    spoken(tmp_path, talk)


def test_form_stands_on_the_pages_and_makes_a_connection(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, _drawer: Drawer) -> None:
        assert "Puts each message into a drawer." in (await client.get("/iot-flow/create/types")).text
        assert 'name="label"' in (await client.get("/iot-flow/create/drawer")).text
        refused = await client.post("/iot-flow/create/drawer", data={"name": "d", "label": "junk"})
        assert (refused.status_code, "Label must be of use" in refused.text) == (400, True)

        made = await client.post("/iot-flow/create/drawer", data={"name": "d", "label": "socks"})
        page = (await client.get(made.headers["location"])).text

        assert "https://docs.thingpark.com/thingpark-x/latest/Connector/DRAWER/" in page
        assert "Edit Label" in page
        assert "socks" not in page
        place = made.headers["location"].partition("?")[0]
        edited = await client.post(place, data={"field": "name", "name": "renamed"})
        assert edited.status_code == 303
        (shown,) = (await client.get(f"{API_PATH}/connections")).json()
        assert (shown["name"], shown["configuration"]) == ("renamed", {"label": "*****"})

    spoken(tmp_path, talk)


def test_way_back_leads_to_the_downlinks_and_says_what_is_wrong(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, drawer: Drawer) -> None:
        number = await created(client)
        await uplink(client, drawer)
        back = drawer.back
        assert back is not None

        assert await back.downlink({"DevEUI_downlink": {}}) == "DevEUI_downlink.DevEUI is mandatory"
        assert await back.downlink(DOWNLINK) == "no network server is configured (--network-url)"
        assert (await client.delete(f"{API_PATH}/connections/{number}")).status_code == 204
        assert await back.downlink(DOWNLINK) == "the connection is gone"

    spoken(tmp_path, talk)
