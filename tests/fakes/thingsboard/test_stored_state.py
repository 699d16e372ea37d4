from typing import Any

import orjson
import pytest

from tests.fakes.thingsboard.rest.test_device_api import assign_firmware
from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.stored_state import StoredStateError, dump, load


def again(rest: RestClient) -> RestClient:
    """Another fake, that took up what this one kept; its user is still logged in."""
    links = rest.talk.protocol.links
    other = RestClient()
    load(other.state, other.tokens, other.talk.protocol.links, dump(rest.state, rest.tokens, links.rpcs))
    other.token = rest.token
    return other


@pytest.fixture(name="rest")
def one_that_knows_something() -> RestClient:
    rest = RestClient()
    rest.log_in()
    rest.talk.publish(rest.talk.gateway(), "v1/gateway/telemetry", {"A": [{"ts": 5, "values": {"t": 21.5, "j": [1]}}]})
    device = rest.device("A")
    device.save_attributes("SHARED_SCOPE", {"n": 9_007_199_254_740_993}, 7)
    device.save_telemetry(6, {"t": 22, "gone": 1})
    device.delete_telemetry(["gone"], 0, 9, latest=False, rewrite=False)
    rest("POST", "/api/dashboard", {"title": "Board", "configuration": {"widgets": []}})
    rest("POST", "/api/deviceProfile", {"name": "elsys", "type": "DEFAULT"})
    assign_firmware(rest)
    return rest


@pytest.mark.parametrize(
    "path",
    [
        "/api/auth/user",
        "/api/tenant/deviceInfos?pageSize=10&page=0",
        "/api/deviceProfiles?pageSize=10&page=0",
        "/api/tenant/dashboards?pageSize=10&page=0",
        "/api/otaPackages?pageSize=10&page=0",
    ],
)
def test_what_was_kept_is_shown_as_before(rest: RestClient, path: str) -> None:
    before = rest("GET", path)

    assert before[0] == 200
    assert again(rest)("GET", path) == before


@pytest.mark.parametrize(
    "tail", ["values/timeseries", "values/timeseries?startTs=0&endTs=99&keys=t,gone", "values/attributes"]
)
def test_telemetry_and_attributes_are_kept(rest: RestClient, tail: str) -> None:
    path = f"/api/plugins/telemetry/DEVICE/{rest.device('A').id}/{tail}"

    assert again(rest)("GET", path) == rest("GET", path)


def test_devices_log_in_again_with_what_they_had(rest: RestClient) -> None:
    token = rest.device("D1").credentials.id
    other = again(rest)

    assert other.talk.heard(other.talk.client(token)) == [p.Connack(False, 0)]
    assert other.talk.heard(other.talk.client("tenant@thingsboard.org", "tenant"))[0] == p.Connack(False, 0)


def test_persistent_command_is_sent_after_a_restart(rest: RestClient) -> None:
    command = {"method": "m", "params": {"a": 1}, "persistent": True, "timeout": 60_000}
    _, answer = rest("POST", f"/api/rpc/twoway/{rest.device('D1').id}", command)
    other = again(rest)

    session = other.talk.device("D1")
    _, push = other.talk.say(session, p.Subscribe(1, (p.Subscription("v1/devices/me/rpc/request/+", 1),)))

    assert isinstance(push, p.Publish)
    assert orjson.loads(push.payload) == {"method": "m", "params": {"a": 1}}
    assert other("GET", f"/api/rpc/persistent/{answer['rpcId']}")[1]["status"] == "SENT"


def test_bound_of_the_new_one_holds(rest: RestClient) -> None:
    other = again(rest)

    assert other.state.budget.kept == rest.state.budget.kept


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "no JSON"),
        (b"{}", "not the state of a fake ThingsBoard"),
        (b'{"uplab_thingsboard_state":99}', "its format is 99"),
        (b'{"uplab_thingsboard_state":1}', "damaged"),
    ],
)
def test_unusable_state_says_why_and_leaves_a_fresh_one(raw: Any, words: str) -> None:
    rest = RestClient()

    with pytest.raises(StoredStateError, match=words):
        load(rest.state, rest.tokens, rest.talk.protocol.links, raw)

    rest.log_in()
