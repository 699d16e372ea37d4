"""Conversations: CONNECT, subscriptions, acknowledgements and errors."""

import orjson
import pytest

from tests.fakes.thingsboard.conversation import NOW_MS, Conversation
from uplab.fakes.mqtt import packets as p
from uplab.fakes.thingsboard.mqtt.session import CloseLater, Session

V3, V5 = 4, 5
TELEMETRY = "v1/devices/me/telemetry"


@pytest.fixture(name="talk")
def a_conversation() -> Conversation:
    return Conversation()


# --- CONNECT --------------------------------------------------------------------------------------------------------


def test_account_opens_its_gateway(talk: Conversation) -> None:
    session = talk.client("tenant@thingsboard.org", "tenant")

    assert talk.heard(session) == [p.Connack(False, 0)]
    assert session.gateway


@pytest.mark.parametrize(("level", "code"), [(3, 5), (4, 5), (5, 0x86)])
def test_wrong_password_is_refused_and_closed(talk: Conversation, level: int, code: int) -> None:
    session = talk.client("tenant@thingsboard.org", "wrong", level=level)

    assert talk.heard(session) == [p.Connack(False, code), f"refused with code {code}"]


def test_session_present_is_the_clean_flag_inverted(talk: Conversation) -> None:
    session = Session(99)

    assert talk.say(session, p.Connect(4, "c", clean=False, username="tenant@thingsboard.org", password=b"tenant")) == [
        p.Connack(True, 0)
    ]


def test_newer_session_of_a_device_wins(talk: Conversation) -> None:
    older = talk.gateway()

    newer = talk.client("tenant@thingsboard.org", "tenant")

    assert talk.heard(older) == ["taken over by a newer session of the device"]
    assert talk.heard(newer) == [p.Connack(False, 0)]


def test_mqtt_5_is_told_of_the_take_over(talk: Conversation) -> None:
    older = talk.gateway(level=V5)

    talk.client("tenant@thingsboard.org", "tenant")

    assert talk.heard(older) == [p.Disconnect(0x8E), "taken over by a newer session of the device"]


def test_one_client_id_may_serve_many_devices(talk: Conversation) -> None:
    first, second = talk.device("D1"), talk.device("D2")

    assert first.client_id == second.client_id
    assert talk.heard(first) == []


@pytest.mark.parametrize(
    "packet",
    [
        p.Subscribe(7, (p.Subscription("v1/devices/me/attributes", 1),)),
        p.Unsubscribe(7, ("v1/devices/me/attributes",)),
        p.Pingreq(),
        p.Publish("v1/devices/me/telemetry", b"{}", 1, 7),
    ],
    ids=lambda packet: type(packet).__name__,
)
def test_nothing_is_answered_before_a_connect(talk: Conversation, packet: p.Packet) -> None:
    session = Session(99)

    heard = talk.say(session, packet)

    assert len(heard) == 1
    assert session.closed


def test_second_connect_ends_the_connection(talk: Conversation) -> None:
    session = talk.device("D1")
    other = talk.state.add_device(talk.state.demo.id, "D2")

    assert talk.say(session, p.Connect(4, "c", username=other.credentials.id)) == ["a second CONNECT"]
    assert session.device is not other


def test_refusal_can_be_asked_for(talk: Conversation) -> None:
    session = Session(99)

    talk.obey(talk.protocol.connect(session, p.Connect(4, "c", username="tenant@thingsboard.org"), refuse=3))

    assert talk.heard(session) == [p.Connack(False, 3), "refused with code 3"]
    assert session.device is None


# --- subscriptions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "refused"), [(3, 0x80), (4, 0x80), (5, 0x8F)])
def test_only_known_filters_are_granted_at_qos_1(talk: Conversation, level: int, refused: int) -> None:
    session = talk.gateway(level=level)
    wanted = (("v1/gateway/rpc", 2), ("#", 0), ("v1/devices/me/attributes", 0), ("v1/devices/me/telemetry", 1))

    answer = talk.say(session, p.Subscribe(5, tuple(p.Subscription(*one) for one in wanted)))

    assert answer == [p.Suback(5, (1, refused, 0, refused))]


def test_unsubscribe_says_what_was_there(talk: Conversation) -> None:
    session = talk.device(level=V5)
    talk.say(session, p.Subscribe(1, (p.Subscription("v1/devices/me/attributes", 1),)))

    answer = talk.say(session, p.Unsubscribe(2, ("v1/devices/me/attributes", "v1/devices/me/rpc/request/+")))

    assert answer == [p.Unsuback(2, (0, 0x11))]
    assert session.attribute_topic is None


# --- acknowledgements -----------------------------------------------------------------------------------------------


def test_puback_follows_what_was_processed(talk: Conversation) -> None:
    session = talk.device()

    assert talk.publish(session, TELEMETRY, {"a": 1}) == [p.Puback(7)]
    assert talk.latest("D1", "a") == (NOW_MS, 1)


def test_qos_0_is_not_acknowledged(talk: Conversation) -> None:
    session = talk.device()

    assert talk.publish(session, TELEMETRY, {"a": 1}, qos=0) == []
    assert talk.latest("D1", "a") == (NOW_MS, 1)


def test_qos_2_gets_a_puback(talk: Conversation) -> None:
    assert talk.publish(talk.device(), TELEMETRY, {"a": 1}, qos=2) == [p.Puback(7)]


def test_repeated_message_is_taken_again(talk: Conversation) -> None:
    session = talk.device()
    packet = p.Publish(TELEMETRY, b'{"ts":1,"values":{"a":1}}', 1, 7)

    assert talk.say(session, packet) == [p.Puback(7)]
    assert talk.say(session, packet._replace(dup=True)) == [p.Puback(7)]


@pytest.mark.parametrize("payload", [b"", b"1", b"{a", b"[1]"])
def test_malformed_payload_closes_an_older_session(talk: Conversation, payload: bytes) -> None:
    (out,) = talk.publish(talk.device(), TELEMETRY, payload)

    assert isinstance(out, str)
    assert out.startswith("malformed payload: ")


def test_malformed_payload_is_told_in_mqtt_5(talk: Conversation) -> None:
    session = talk.device(level=V5)

    assert talk.publish(session, TELEMETRY, b"{a") == [p.Puback(7, 0x99)]
    assert talk.publish(session, TELEMETRY, {"a": 1}) == [p.Puback(7)]


def test_malformed_payload_without_an_acknowledgement_ends_mqtt_5(talk: Conversation) -> None:
    told, reason = talk.publish(talk.device(level=V5), TELEMETRY, b"{a", qos=0)

    assert told == p.Disconnect(0x99)
    assert isinstance(reason, str)


def test_profile_may_acknowledge_malformed_payloads(talk: Conversation) -> None:
    session = talk.device()
    assert session.device
    session.device.profile.ack_malformed = True

    assert talk.publish(session, TELEMETRY, b"{a") == [p.Puback(7, 0x99)]


@pytest.mark.parametrize("topic", ["some/topic", "v1/devices/other/telemetry"])
def test_unknown_topic_is_acknowledged_and_dropped(talk: Conversation, topic: str) -> None:
    assert talk.publish(talk.device(), topic, {"a": 1}) == [p.Puback(7, 0x90)]
    assert talk.latest("D1", "a") is None


def test_gateway_topic_of_a_plain_device_is_left_unanswered(talk: Conversation) -> None:
    session = talk.device()

    assert talk.publish(session, "v1/gateway/telemetry", {"X": [{"a": 1}]}) == []
    assert talk.publish(session, TELEMETRY, {"a": 1}) == [p.Puback(7)]
    assert talk.latest("X", "a") is None


# --- the rest -------------------------------------------------------------------------------------------------------


def test_ping_is_answered_and_counts_as_activity(talk: Conversation) -> None:
    session = talk.device()
    talk.now_ms += 5_000

    assert talk.say(session, p.Pingreq()) == [p.Pingresp()]
    assert session.device
    assert session.device.last_activity_ms == NOW_MS + 5_000


def test_broken_stream_closes_with_its_reason(talk: Conversation) -> None:
    assert talk.say(talk.device(), p.Malformed("QoS 3")) == ["malformed: QoS 3"]
    assert talk.say(talk.device(level=V5), p.Malformed("QoS 3")) == [p.Disconnect(0x81), "malformed: QoS 3"]


def test_client_may_leave(talk: Conversation) -> None:
    assert talk.say(talk.device(), p.Disconnect()) == ["the client disconnected"]


def test_lost_connection_frees_its_devices(talk: Conversation) -> None:
    gateway = talk.gateway()
    talk.publish(gateway, "v1/gateway/connect", {"device": "X"})
    both = [device for device in talk.state.devices.values() if device.connected]

    talk.protocol.links.detach(gateway)

    assert [device.name for device in both] == ["Gateway of tenant@thingsboard.org", "X"]
    assert [device.connected for device in both] == [False, False]


def test_acknowledgements_from_the_client_are_taken_silently(talk: Conversation) -> None:
    session = talk.device()

    for packet in (p.Puback(1), p.Pubrec(1), p.Pubrel(1), p.Pubcomp(1)):
        assert talk.say(session, packet) == []


def test_auth_is_a_protocol_error(talk: Conversation) -> None:
    assert talk.say(talk.device(level=V5), p.Auth())[0] == p.Disconnect(0x82)


# --- rate limits ----------------------------------------------------------------------------------------------------


def test_device_over_its_limit_is_closed_without_a_puback() -> None:
    talk = Conversation()
    talk.state.limits.change("device_telemetry", "1:1")
    session = talk.device()

    assert talk.publish(session, "v1/devices/me/telemetry", {"a": 1}) == [p.Puback(7)]
    assert talk.publish(session, "v1/devices/me/telemetry", {"a": 2}) == ["the device's rate limit is exceeded"]
    assert talk.latest("D1", "a") == (NOW_MS, 1)


def test_gateway_over_its_limit_is_told_and_closed() -> None:
    talk = Conversation()
    talk.state.limits.change("gateway_points", "1:1")
    gateway = talk.gateway(level=5)
    talk.publish(gateway, "v1/gateway/telemetry", {"A": [{"t": 1}]})

    ack, push, disconnect, reason = talk.publish(gateway, "v1/gateway/telemetry", {"A": [{"t": 2}]})

    assert ack == p.Puback(7, 0x97)
    assert isinstance(push, p.Publish)
    assert (push.topic, orjson.loads(push.payload)) == ("v1/gateway/disconnect", {"device": "A", "reason": 150})
    assert isinstance(disconnect, p.Disconnect)
    assert reason == "the gateway's rate limit is exceeded"


@pytest.mark.parametrize(("level", "code"), [(4, 3), (5, 0x9F)])
def test_too_many_connections_are_refused(level: int, code: int) -> None:
    talk = Conversation()
    talk.state.limits.change("connections", "1:60")
    talk.device()

    assert talk.heard(talk.client("x", level=level))[0] == p.Connack(False, code)


def test_limits_are_told_to_who_asks() -> None:
    talk = Conversation()
    talk.state.limits.change("device_messages", "10:1")
    talk.state.max_packet_bytes = 1_000
    session = talk.device()

    _, answer = talk.publish(session, "v1/devices/me/rpc/request/1", {"method": "getSessionLimits", "params": {}})

    assert isinstance(answer, p.Publish)
    told = orjson.loads(answer.payload)
    assert (told["maxPayloadSize"], told["rateLimits"]["messages"]) == (1_000, "10:1")


# --- provisioning ---------------------------------------------------------------------------------------------------

KEY = {"provisionDeviceKey": "key", "provisionDeviceSecret": "secret"}


def with_profile(kind: str) -> Conversation:
    talk = Conversation()
    secret = {"type": kind, "provisionDeviceSecret": "secret"}
    fields = {"name": "P", "type": "DEFAULT", "provisionType": kind, "provisionDeviceKey": "key"}
    talk.state.profiles.save(talk.state.demo.id, {**fields, "profileData": {"provisionConfiguration": secret}})
    return talk


def provisioned(talk: Conversation, asked: object) -> object:
    session = talk.client("provision")
    assert talk.heard(session) == [p.Connack(False, 0)]
    ack, push = talk.publish(session, "/provision/request", asked)
    assert ack == p.Puback(7)
    assert isinstance(push, p.Publish)
    assert push.topic == "/provision/response"
    return orjson.loads(push.payload)


def test_device_without_credentials_is_given_some() -> None:
    talk = with_profile("ALLOW_CREATE_NEW_DEVICES")

    answer = provisioned(talk, {**KEY, "deviceName": "New", "credentialsType": "ACCESS_TOKEN", "token": "t0k3n"})

    assert answer == {"credentialsValue": "t0k3n", "credentialsType": "ACCESS_TOKEN", "status": "SUCCESS"}
    assert talk.heard(talk.client("t0k3n")) == [p.Connack(False, 0)]
    assert isinstance(talk.later[0], CloseLater)


def test_known_device_is_provisioned_once() -> None:
    talk = with_profile("CHECK_PRE_PROVISIONED_DEVICES")
    device = talk.state.add_device(talk.state.demo.id, "Known", type="P")

    first, second = (provisioned(talk, {**KEY, "deviceName": "Known"}) for _ in range(2))

    assert first == {"credentialsValue": device.credentials.id, "credentialsType": "ACCESS_TOKEN", "status": "SUCCESS"}
    assert second == {"errorMsg": "Failed to provision device!", "status": "FAILURE"}


def test_wrong_secret_finds_nothing() -> None:
    talk = with_profile("ALLOW_CREATE_NEW_DEVICES")

    answer = provisioned(talk, {**KEY, "provisionDeviceSecret": "other"})

    assert answer == {"errorMsg": "Provision data was not found!", "status": "NOT_FOUND"}


def test_provisioning_session_may_do_nothing_else() -> None:
    talk = with_profile("ALLOW_CREATE_NEW_DEVICES")
    session = talk.client("provision")
    talk.heard(session)

    subscribed = p.Subscribe(1, (p.Subscription("/provision/response", 1), p.Subscription("v2/fw/error", 1)))
    assert talk.say(session, subscribed) == [p.Suback(1, (1, 0x80))]
    ack, reason = talk.publish(session, "v1/devices/me/telemetry", {"a": 1})
    assert (ack, reason) == (p.Puback(7, 0x90), "topic v1/devices/me/telemetry is none of provisioning")
