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


# --- persistent commands --------------------------------------------------------------------------------------------

PERSISTENT = {**COMMAND, "persistent": True, "timeout": 60_000, "additionalInfo": {"why": "test"}}
SUBSCRIBE = p.Subscribe(1, (p.Subscription("v1/devices/me/rpc/request/+", 1),))


@pytest.fixture(name="path", params=["/api/rpc", "/api/plugins/rpc"])
def both_versions(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def persist(rest: RestClient, path: str, kind: str = "twoway", **more: Any) -> str:
    """A persistent command for D1; its id."""
    status, answer = rest("POST", f"{path}/{kind}/{rest.device().id}", {**PERSISTENT, **more})
    assert (status, list(answer)) == (200, ["rpcId"])
    return str(answer["rpcId"])


def shown(rest: RestClient, rpc_id: str) -> Any:
    status, answer = rest("GET", f"/api/rpc/persistent/{rpc_id}")
    assert status == 200
    return answer


def test_persistent_command_waits_for_its_device(rest: RestClient, path: str) -> None:
    rpc_id = persist(rest, path)
    queued = shown(rest, rpc_id)
    session = rest.talk.device("D1")
    _, command = rest.talk.say(session, SUBSCRIBE)
    assert isinstance(command, p.Publish)
    sent = shown(rest, rpc_id)
    rest.talk.say(session, p.Puback(command.packet_id))
    delivered = shown(rest, rpc_id)
    rest.talk.publish(session, "v1/devices/me/rpc/response/0", {"ok": True})

    states = [one["status"] for one in (queued, sent, delivered, shown(rest, rpc_id))]
    assert states == ["QUEUED", "SENT", "DELIVERED", "SUCCESSFUL"]
    assert shown(rest, rpc_id)["response"] == {"ok": True}
    assert queued["deviceId"] == {"entityType": "DEVICE", "id": rest.device().id}
    assert queued["request"]["body"] == {"method": "setLed", "params": '{"on":true}'}
    assert queued["additionalInfo"] == {"why": "test"}


# A gateway's PUBACK is not taken for the device's: the command goes from SENT to its reply.
def test_persistent_command_goes_through_a_gateway(rest: RestClient, gateway: Session, path: str) -> None:
    rpc_id = persist(rest, path)
    (command,) = rest.talk.heard(gateway)
    assert isinstance(command, p.Publish)
    rest.talk.say(gateway, p.Puback(command.packet_id))
    assert shown(rest, rpc_id)["status"] == "SENT"

    rest.talk.publish(gateway, "v1/gateway/rpc", {"device": "D1", "id": 0, "data": 5})

    assert (shown(rest, rpc_id)["status"], shown(rest, rpc_id)["response"]) == ("SUCCESSFUL", 5)


def test_persistent_one_way_ends_delivered(rest: RestClient, path: str) -> None:
    session = rest.talk.device("D1")
    rest.talk.say(session, SUBSCRIBE)
    rpc_id = persist(rest, path, "oneway")
    (command,) = rest.talk.heard(session)
    assert isinstance(command, p.Publish)

    rest.talk.say(session, p.Puback(command.packet_id))

    assert shown(rest, rpc_id)["status"] == "DELIVERED"


def test_persistent_command_is_delivered_with_its_sending_at_qos_0(rest: RestClient, path: str) -> None:
    session = rest.talk.device("D1")
    rest.talk.say(session, p.Subscribe(1, (p.Subscription("v1/devices/me/rpc/request/+", 0),)))

    assert shown(rest, persist(rest, path))["status"] == "DELIVERED"


def test_persistent_command_expires(rest: RestClient, path: str) -> None:
    rpc_id = persist(rest, path)

    rest.talk.now_ms += 60_001

    assert shown(rest, rpc_id)["status"] == "EXPIRED"
    session = rest.talk.device("D1")
    assert len(rest.talk.say(session, SUBSCRIBE)) == 1  # the SUBACK alone


def test_persistent_commands_are_listed_by_device_and_state(rest: RestClient) -> None:
    ids = [persist(rest, "/api/rpc") for _ in range(3)]
    rest.talk.now_ms += 60_001
    ids.append(persist(rest, "/api/rpc"))
    listed = f"/api/rpc/persistent/device/{rest.device().id}?pageSize=10&page=0"

    def found(more: str) -> list[str]:
        status, page = rest("GET", listed + more)
        assert status == 200
        return [one["id"]["id"] for one in page["data"]]

    assert found("") == ids
    assert found("&rpcStatus=EXPIRED") == ids[:3]
    assert found("&rpcStatus=QUEUED") == ids[3:]
    assert found("&sortProperty=createdTime&sortOrder=DESC")[0] == ids[3]
    assert rest("GET", f"{listed}&rpcStatus=DELETED")[0] == 400
    assert rest("GET", f"{listed}&rpcStatus=LOST")[0] == 400
    assert rest("GET", f"{listed}&textSearch=x")[0] == 501
    assert rest("GET", f"/api/rpc/persistent/device/{NULL_ID}?pageSize=1&page=0")[0] == 404


def test_deleted_command_is_not_sent_any_more(rest: RestClient) -> None:
    rpc_id = persist(rest, "/api/rpc")

    assert rest("DELETE", f"/api/rpc/persistent/{rpc_id}") == (200, "")
    assert rest("GET", f"/api/rpc/persistent/{rpc_id}")[0] == 404
    assert len(rest.talk.say(rest.talk.device("D1"), SUBSCRIBE)) == 1


def test_own_id_of_a_command_is_kept(rest: RestClient) -> None:
    wanted = "784f394c-42b6-435a-983c-b7beff2784f9"

    assert persist(rest, "/api/rpc", requestUUID=wanted) == wanted
    path = f"/api/rpc/twoway/{rest.device().id}"
    assert rest("POST", path, {**PERSISTENT, "requestUUID": "x"})[0] == 400


def test_command_without_acknowledgement_is_tried_again_with_the_next_subscription(rest: RestClient) -> None:
    rpc_id = persist(rest, "/api/rpc", retries=1)
    rest.talk.say(rest.talk.device("D1"), SUBSCRIBE)
    rest.talk.now_ms += 10_000
    assert shown(rest, rpc_id)["status"] == "TIMEOUT"
    assert len(rest.talk.say(rest.talk.device("D1"), SUBSCRIBE)) == 2
    assert shown(rest, rpc_id)["status"] == "SENT"

    rest.talk.now_ms += 10_000

    assert shown(rest, rpc_id)["status"] == "FAILED"
    assert "all retry attempts have been exhausted" in shown(rest, rpc_id)["response"]["error"]
