"""Conversations over REST and MQTT: commands to devices."""

import asyncio
from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import Session
from uplab.fakes.thingsboard.state.tenant import NULL_ID

COMMAND = {"method": "setLed", "params": {"on": True}, "timeout": 20}


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


@pytest.fixture(name="gateway")
def a_gateway(rest: RestClient) -> Session:
    session = rest.talk.gateway()
    rest.talk.publish(session, "v1/gateway/connect", {"device": "D1"})
    return session


async def converse(rest: RestClient, gateway: Session, data: Any) -> tuple[int, Any]:
    """Call twoway, see the command arrive at the gateway, and let it answer with `data`."""
    call = asyncio.create_task(rest.call("POST", f"/api/rpc/twoway/{rest.device().id}", {**COMMAND, "timeout": 5000}))
    while not (heard := rest.talk.heard(gateway)):
        assert not call.done()
        await asyncio.wait([call], timeout=0)
    (command,) = heard
    assert isinstance(command, p.Publish)
    asked = orjson.loads(command.payload)
    assert (command.topic, asked["device"]) == ("v1/gateway/rpc", "D1")
    assert (asked["data"]["method"], asked["data"]["params"]) == ("setLed", {"on": True})
    rest.talk.publish(gateway, "v1/gateway/rpc", {"device": "D1", "id": asked["data"]["id"], "data": data})
    return await call


@pytest.mark.parametrize(("data", "answer"), [({"ok": True}, {"ok": True}), ("text", "text"), (5, 5), (None, None)])
def test_reply_of_the_device_is_the_answer(rest: RestClient, gateway: Session, data: Any, answer: Any) -> None:
    assert asyncio.run(converse(rest, gateway, data)) == (200, answer)


def test_unreadable_reply_is_not_acceptable(rest: RestClient) -> None:
    session = rest.talk.device("D1")
    rest.talk.say(session, p.Subscribe(1, (p.Subscription("v1/devices/me/rpc/request/+", 1),)))

    async def conversation() -> tuple[int, Any]:
        call = asyncio.create_task(
            rest.call("POST", f"/api/rpc/twoway/{rest.device().id}", {**COMMAND, "timeout": 5000})
        )
        while not rest.talk.heard(session):
            await asyncio.wait([call], timeout=0)
        rest.talk.publish(session, "v1/devices/me/rpc/response/0", b"not json")
        return await call

    assert asyncio.run(conversation()) == (406, "")


@pytest.mark.parametrize("prefix", ["/api/rpc", "/api/plugins/rpc"])
def test_one_way_is_answered_when_it_is_sent(rest: RestClient, gateway: Session, prefix: str) -> None:
    assert rest.run("POST", f"{prefix}/oneway/{rest.device().id}", COMMAND) == (200, "")
    assert len(rest.talk.heard(gateway)) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/rpc/oneway", 504),
        ("/api/rpc/twoway", 504),
        ("/api/plugins/rpc/oneway", 409),
        ("/api/plugins/rpc/twoway", 409),
    ],
)
def test_device_that_cannot_be_reached_times_out(rest: RestClient, path: str, status: int) -> None:
    assert rest.run("POST", f"{path}/{rest.device().id}", COMMAND) == (status, "")


@pytest.mark.parametrize(("path", "status"), [("/api/rpc/twoway", 504), ("/api/plugins/rpc/twoway", 408)])
def test_device_that_does_not_answer_times_out(rest: RestClient, gateway: Session, path: str, status: int) -> None:
    assert rest.run("POST", f"{path}/{rest.device().id}", COMMAND) == (status, "")


def test_late_reply_is_acknowledged_and_lost(rest: RestClient, gateway: Session) -> None:
    rest.run("POST", f"/api/rpc/twoway/{rest.device().id}", COMMAND)

    rest.talk.heard(gateway)
    assert rest.talk.publish(gateway, "v1/gateway/rpc", {"device": "D1", "id": 0, "data": 1}) == [p.Puback(7)]


@pytest.mark.parametrize("body", [b"{", {}, {"method": 5}, []])
def test_malformed_command_is_refused(rest: RestClient, body: Any) -> None:
    assert rest.run("POST", f"/api/rpc/twoway/{rest.device().id}", body)[0] == 400


def test_expiration_time_in_the_past_ends_at_once(rest: RestClient, gateway: Session) -> None:
    assert rest.run("POST", f"/api/rpc/twoway/{rest.device().id}", {**COMMAND, "expirationTime": 5})[0] == 504


def test_unknown_device_is_refused_in_plain_text(rest: RestClient) -> None:
    answer = rest.run("POST", f"/api/rpc/twoway/{NULL_ID}", COMMAND)

    assert answer == (404, "Device with requested id wasn't found!")
    assert rest.run("POST", "/api/rpc/twoway/x", COMMAND)[0] == 400
