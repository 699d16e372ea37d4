"""Bugs of the link to a broker: logins, certificates, downlinks from topics, links that are lost."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.destinations.mqtt import certificate
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.mqtt_link import NamedContext
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing

__all__ = ["BAD"]

BAD = Catalogue()
SESSION = "mqtt/test_session.py"


def _answers(mark: Mark, kind: str, instead: Answer) -> None:
    """Takes one kind of outcome for another."""

    def make(publish: Any) -> Any:
        async def otherwise(self: MqttSession, *arguments: Any) -> Answer:
            answer: Answer = await publish(self, *arguments)
            if answer.kind != kind:
                return answer
            mark()
            return instead

        return otherwise

    swap(MqttSession, "_publish", make)


@BAD.bad(
    "broker-login-called-unreachable",
    "a refused login at a broker is called an unreachable host",
    requirement="MQTT-06.a",
    models="status erroneous (TXIF-2258)",
    scenario="mqtt/test_tls.py::test_refused_login_is_authentication_failed",
    check="awaited",
)
def broker_login_called_unreachable(mark: Mark) -> None:
    """Makes no difference between the two."""

    def make(opened: Any) -> Any:
        async def blurred(self: MqttSession) -> Answer:
            answer: Answer = await opened(self)
            if answer.kind != "authentication_failed":
                return answer
            mark()
            return Answer("unreachable", reason="no connection")

        return blurred

    swap(MqttSession, "open", make)


@BAD.bad(
    "client-certificate-left-at-home",
    "the client certificate is checked, and never shown to the broker",
    requirement="MQTT-06.b",
    models="a parameter that the form has and the client does not use",
    scenario="mqtt/test_tls.py::test_client_certificate_is_shown_beside_the_login",
    check="awaited",
)
def client_certificate_left_at_home(mark: Mark) -> None:
    """Loads nothing."""

    def make(_: Any) -> Any:
        def nothing(*_arguments: Any) -> None:
            mark()

        return nothing

    swap(certificate, "_load", make)


@BAD.bad(
    "any-broker-trusted",
    "the certificate of a broker is not verified",
    requirement="MQTT-07.a",
    models="TLS verification switched off to make it work (pmatsa/thingpark-cli)",
    scenario="mqtt/test_tls.py::test_broker_that_cannot_be_verified_gets_nothing",
    check="promise",
)
def any_broker_trusted(mark: Mark) -> None:
    """Switches it off."""

    def make(context: Any) -> Any:
        def blind(*arguments: Any) -> NamedContext:
            made: NamedContext = context(*arguments)
            mark()
            made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
            return made

        return blind

    swap(certificate, "context", make)


@BAD.bad(
    "own-authority-ignored",
    "trustedCaCertficate is taken and never used",
    requirement="MQTT-07.b",
    models="a misspelt key that is dropped in silence",
    scenario="mqtt/test_tls.py::test_own_authority_is_trusted_and_no_other",
    check="awaited",
)
def own_authority_ignored(mark: Mark) -> None:
    """Trusts those of the platform."""

    def make(context: Any) -> Any:
        def deaf(name: str, ca_file: Any, _authority: Any, *pair: Any) -> Any:
            mark()
            return context(name, ca_file, None, *pair)

        return deaf

    swap(certificate, "context", make)


def _downlinks(mark: Mark, change: Callable[[MqttSink, dict[str, Any]], dict[str, Any] | None]) -> None:
    """Changes each downlink document, or drops it."""

    def make(carry_out: Any) -> Any:
        async def otherwise(self: MqttSink, document: dict[str, Any]) -> None:
            mark()
            if (changed := change(self, document)) is not None:
                await carry_out(self, changed)

        return otherwise

    swap(MqttSink, "_carry_out", make)


@BAD.bad(
    "downlink-numbers-only",
    "a downlink from a topic whose FPort is a text is dropped",
    requirement="MQTT-08.a",
    models="FPort typed as a number, and exampled as a text",
    scenario="mqtt/test_downlink.py::test_downlink_on_the_device_s_topic_reaches_it",
    check="downlinks",
)
def downlink_numbers_only(mark: Mark) -> None:
    """Drops those."""
    _downlinks(mark, lambda _, one: None if isinstance(one["DevEUI_downlink"].get("FPort"), str) else one)


@BAD.bad(
    "downlink-topic-of-the-first",
    "every downlink of a topic goes to the device of its first one",
    requirement="MQTT-08.b",
    models="one downlink topic for all devices (TXIF-1331)",
    scenario="mqtt/test_downlink.py::test_one_topic_for_all_devices",
    check="downlinks",
)
def downlink_topic_of_the_first(mark: Mark) -> None:
    """Remembers the first."""
    first: list[str] = []

    def misled(_: MqttSink, one: dict[str, Any]) -> dict[str, Any]:
        first.append(one["DevEUI_downlink"]["DevEUI"])
        return {"DevEUI_downlink": {**one["DevEUI_downlink"], "DevEUI": first[0]}}

    _downlinks(mark, misled)


@BAD.bad(
    "deaf-after-noise",
    "after a message that is no downlink none is taken any more",
    requirement="MQTT-08.c",
    models="an exception that ends the task that listens",
    scenario="mqtt/test_downlink.py::test_what_is_no_downlink_is_ignored",
    check="downlinks",
)
def deaf_after_noise(mark: Mark) -> None:
    """Listens no more."""
    deaf: set[int] = set()

    def make(received: Any) -> Any:
        def once(self: MqttSink, link: Any, message: Any) -> None:
            if id(self) in deaf:
                mark()
            elif b"DevEUI_downlink" in message.payload:
                received(self, link, message)
            else:
                deaf.add(id(self))

        return once

    swap(MqttSink, "_received", make)


@BAD.bad(
    "broker-unclear-is-delivered",
    "what was under way when the link to a broker ended counts as delivered",
    requirement="MQTT-09.a",
    models="in-flight QoS 1 messages lost after a reconnection (paho.mqtt.c#429, amqtt#246)",
    scenario=f"{SESSION}::test_unacknowledged_message_is_sent_again",
    check="none lost",
)
def unclear_is_delivered(mark: Mark) -> None:
    """Hopes."""
    _answers(mark, "unclear", Answer("delivered"))


@BAD.bad(
    "broker-down-is-delivered",
    "that a broker has gone is not noticed, and what cannot be handed to it counts as delivered",
    requirement="MQTT-09.b",
    models="uplinks lost in a short outage",
    scenario=f"{SESSION}::test_killed_broker_costs_no_uplink",
    check="none lost",
)
def broker_down_is_delivered(mark: Mark) -> None:
    """Forgets it."""

    def make(deliver: Any) -> Any:
        async def careless(self: MqttSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.ok:
                return answer
            mark()
            return Answer("delivered")

        return careless

    def make_ended(ended: Any) -> Any:
        def unheard(self: MqttSession, *arguments: Any) -> None:
            self._on_lost = None
            ended(self, *arguments)

        return unheard

    swap(MqttSink, "deliver", make)
    swap(MqttSession, "_ended", make_ended)


@BAD.bad(
    "published-and-forgotten",
    "an uplink counts as delivered when it is handed to the socket, before its PUBACK",
    requirement="MQTT-10",
    models="QoS 1 taken for a flag of the message",
    scenario=f"{SESSION}::test_accepted_uplinks_survive_a_kill_of_the_forwarder",
    check="none lost",
)
def published_and_forgotten(mark: Mark) -> None:
    """Waits for nothing."""
    under_way: set[asyncio.Task[Answer]] = set()

    def make(publish: Any) -> Any:
        async def hasty(self: MqttSession, *arguments: Any) -> Answer:
            mark()
            task = asyncio.get_running_loop().create_task(publish(self, *arguments))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            return Answer("delivered")

        return hasty

    swap(MqttSession, "_publish", make)
