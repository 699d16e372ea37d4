"""Conversations over WebSocket: who may speak, what is readable, and what is refused."""

from typing import Any

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from tests.fakes.thingsboard.ws_client import WsClient, telemetry
from uplab.fakes.thingsboard.ws.session import WsClose


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


@pytest.fixture(name="ws")
def a_session(rest: RestClient) -> WsClient:
    return WsClient(rest).log_in()


def refusal(answer: list[Any]) -> tuple[int, int, str]:
    (one,) = answer
    return one["subscriptionId"], one["errorCode"], one["errorMsg"]


def to_device(rest: RestClient, **more: Any) -> dict[str, Any]:
    return {"entityType": "DEVICE", "entityId": rest.device().id, **more}


# --- authentication -------------------------------------------------------------------------------------------------


def test_first_message_authenticates_and_may_ask_at_once(rest: RestClient) -> None:
    command = {"type": "TIMESERIES", "cmdId": 4, **to_device(rest)}

    answer = WsClient(rest).say({"authCmd": {"cmdId": 0, "token": rest.token}, "cmds": [command]})

    assert answer == [telemetry(4)]


def test_token_in_the_address_authenticates(rest: RestClient) -> None:
    for kind in ("general", "telemetry"):
        ws = WsClient(rest, kind, rest.token)
        assert ws.session.user is not None


def test_api_key_authenticates(rest: RestClient) -> None:
    _, key = rest("POST", "/api/apiKey", {"description": "ws"})
    ws = WsClient(rest)

    assert ws.say({"authCmd": {"cmdId": 0, "apiKey": key["value"]}}) == []
    assert ws.session.user is not None


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ({"cmds": []}, 1008, "Auth cmd is missing"),
        ({"authCmd": {"cmdId": 0, "token": "nonsense"}}, 1007, "Invalid JWT token"),
        ({"authCmd": {"cmdId": 0, "apiKey": "tb_nobody"}}, 1007, "Invalid API key"),
    ],
)
def test_session_without_a_login_is_closed(rest: RestClient, message: Any, code: int, reason: str) -> None:
    ws = WsClient(rest)

    assert ws.say(message) == [WsClose(code, reason)]
    assert ws.say({"authCmd": {"cmdId": 0, "token": rest.token}}) == []  # it is over


def test_bad_token_in_the_address_closes(rest: RestClient) -> None:
    assert WsClient(rest, token="nonsense").heard() == [WsClose(1011, "Invalid JWT token")]
    rest.tokens.expire()
    assert WsClient(rest, token=rest.token).heard() == [WsClose(1011, "Token has expired")]


def test_silence_is_closed(rest: RestClient, ws: WsClient) -> None:
    silent = WsClient(rest)
    silent.session.overdue()
    ws.session.overdue()

    assert silent.heard() == [WsClose(1008, "Auth cmd is missing")]
    assert ws.heard() == []


def test_unreadable_first_message_closes(rest: RestClient) -> None:
    (closing,) = WsClient(rest).say(b"{")

    assert (closing.code, closing.reason.startswith("not JSON")) == (1007, True)


# --- what is readable -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        b"{",
        [],
        {"tsSubCmds": []},  # the older form, on the newer address
        {"cmds": {}},
        {"cmds": [{"type": "NOTHING", "cmdId": 1}]},
        {"cmds": [{"cmdId": 1}]},
        {"cmds": [{"type": "TIMESERIES", "cmdId": 1, "entityID": "typo"}]},
        {"cmds": [{"type": "TIMESERIES", "cmdId": "x"}]},
    ],
)
def test_unreadable_message_is_an_error_of_its_own(ws: WsClient, message: Any) -> None:
    assert refusal(ws.say(message)) == (1, 2, "Failed to parse the payload")


ONE = {"type": "TIMESERIES", "cmdId": 1, "entityType": "DEVICE", "keys": "a"}


# Jackson takes a number in quotes as well, and several clients quote what they had as text.
@pytest.mark.parametrize("number", ["7", 7, 7.0], ids=repr)
def test_numbers_may_stand_in_quotes(rest: RestClient, ws: WsClient, number: object) -> None:
    device = rest.device()
    device.save_telemetry(5, {"a": 1})

    (heard,) = ws.say(
        {
            "cmds": [
                {
                    "type": "TIMESERIES",
                    "cmdId": number,
                    "entityType": "DEVICE",
                    "entityId": device.id,
                    "keys": "a",
                    "startTs": "0",
                    "timeWindow": "10",
                    "interval": "1",
                    "limit": "3",
                    "agg": "NONE",
                }
            ]
        }
    )
    assert (heard["subscriptionId"], heard["data"]) == (7, {"a": [[5, "1"]]})


@pytest.mark.parametrize("name", ["cmdId", "startTs", "timeWindow", "interval", "limit"])
@pytest.mark.parametrize("value", ["x", True, [], {}])
def test_what_is_no_number_makes_a_command_unreadable(rest: RestClient, ws: WsClient, name: str, value: Any) -> None:
    said = ws.say({"cmds": [{**ONE, "entityId": rest.device().id, name: value}]})

    assert refusal(said) == (1, 2, "Failed to parse the payload")


def test_older_form_has_a_list_for_each_command(rest: RestClient) -> None:
    ws = WsClient(rest, "telemetry", rest.token)
    rest.device().save_telemetry(5, {"t": 1})
    rest.device().save_attributes("CLIENT_SCOPE", {"a": 2}, 6)

    answers = ws.say({
        "tsSubCmds": [to_device(rest, cmdId=1, scope="LATEST_TELEMETRY")],
        "attrSubCmds": [to_device(rest, cmdId=2)],
        "historyCmds": [to_device(rest, cmdId=3, keys="t", startTs=0, endTs=9)],
    })  # fmt: skip

    assert sorted(answers, key=lambda one: int(one["subscriptionId"])) == [
        telemetry(1, t=[[5, "1"]]),
        telemetry(2, a=[[6, "2"]]),
        telemetry(3, t=[[5, "1"]]),
    ]
    assert refusal(ws.say({"cmds": []})) == (1, 2, "Failed to parse the payload")


# --- what is refused ------------------------------------------------------------------------------------------------


def test_negative_id_is_refused(rest: RestClient, ws: WsClient) -> None:
    answer = ws.say({"cmds": [{"type": "TIMESERIES", "cmdId": -1, **to_device(rest)}]})

    assert refusal(answer) == (-1, 2, "Cmd id is negative value!")


@pytest.mark.parametrize("kind", ["ALARM_DATA", "NOTIFICATIONS_COUNT", "ALARM_COUNT_UNSUBSCRIBE"])
def test_what_only_the_real_one_has_is_refused_aloud(ws: WsClient, kind: str) -> None:
    cmd_id, code, message = refusal(ws.command(kind, query={}))

    assert (cmd_id, code) == (1, 1)
    assert f"does not have {kind} commands" in message


@pytest.mark.parametrize("kind", ["TIMESERIES", "ATTRIBUTES", "TIMESERIES_HISTORY"])
def test_subscription_needs_a_device(ws: WsClient, kind: str) -> None:
    assert refusal(ws.command(kind)) == (1, 2, "Device id is empty!")


@pytest.mark.parametrize(
    ("kind", "message"), [("TIMESERIES", "Failed to fetch data!"), ("ATTRIBUTES", "Failed to fetch attributes!")]
)
def test_unknown_device_is_refused(ws: WsClient, kind: str, message: str) -> None:
    unknown = "13814000-1dd2-11b2-8080-808080808080"

    assert refusal(ws.command(kind, entityType="DEVICE", entityId=unknown)) == (1, 1, message)
    assert refusal(ws.command(kind, entityType="DEVICE", entityId="x")) == (1, 1, "Invalid UUID string: x")


def test_other_tenants_device_is_refused(rest: RestClient, ws: WsClient) -> None:
    other = rest.state.add_device(rest.state.add_tenant("Other").id, "D")

    assert refusal(ws.command("TIMESERIES", entityType="DEVICE", entityId=other.id)) == (1, 3, "Unauthorized")


def test_other_entities_are_refused_aloud(ws: WsClient) -> None:
    _, code, message = refusal(ws.command("TIMESERIES", entityType="ASSET", entityId="x"))

    assert (code, "subscriptions to ASSET" in message) == (1, True)


# --- the end --------------------------------------------------------------------------------------------------------


def test_unsubscribing_ends_one_subscription(rest: RestClient, ws: WsClient) -> None:
    for cmd_id in (1, 2):
        ws.command("TIMESERIES", **to_device(rest, cmdId=cmd_id))
    assert ws.command("TIMESERIES", **to_device(rest, unsubscribe=True)) == []

    rest.device().save_telemetry(1, {"t": 1})

    assert [one["subscriptionId"] for one in ws.heard()] == [2]


# ThingsBoard forgets the whole session then.
def test_unsubscribing_from_nothing_in_particular_ends_all(rest: RestClient, ws: WsClient) -> None:
    ws.command("TIMESERIES", **to_device(rest))
    assert ws.command("TIMESERIES", unsubscribe=True) == []
    rest.device().save_telemetry(1, {"t": 1})

    assert ws.heard() == []
    assert refusal(ws.command("TIMESERIES", **to_device(rest))) == (0, 1, "Session meta-data not found!")


def test_second_command_of_one_id_takes_the_place_of_the_first(rest: RestClient, ws: WsClient) -> None:
    ws.command("TIMESERIES", **to_device(rest))
    ws.command("TIMESERIES", **to_device(rest, keys="h"))

    rest.device().save_telemetry(1, {"t": 1, "h": 2})

    assert ws.heard() == [telemetry(1, h=[[1, "2"]])]


def test_client_that_takes_nothing_in_is_closed(rest: RestClient, ws: WsClient) -> None:
    ws.command("TIMESERIES", **to_device(rest))
    for ts in range(1_001):
        rest.device().save_telemetry(ts, {"t": ts})

    assert ws.heard() == [WsClose(4500, "Max pending updates limit reached!")]
    assert rest.device().watchers == ()


def test_lost_connection_leaves_nothing_behind(rest: RestClient, ws: WsClient) -> None:
    ws.command("TIMESERIES", **to_device(rest))
    ws.command("ATTRIBUTES", **to_device(rest, cmdId=2))

    ws.session.end()

    assert rest.device().watchers == ()
    assert rest.state.observers == []
