"""Bugs of the way to a broker: topics, logins, downlinks from topics, lost links."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.mqtt import certificate
from uplab.simulator.forwarder.destinations.mqtt import connector as mqtt_connector
from uplab.simulator.forwarder.destinations.mqtt import settings as mqtt_settings
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.mqtt_link import NamedContext
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError

__all__ = ["BAD"]

BAD = Catalogue()
SEEN = "mqtt/test_did_it_work.py::test_subscriber_sees_exactly_the_uplinks_that_were_sent"
SESSION = "mqtt/test_session.py"


def _delivers(mark: Mark, change: Callable[[Outgoing], Outgoing], *, times: int = 1) -> None:
    """Changes each message, or publishes it several times."""

    def make(deliver: Any) -> Any:
        async def otherwise(self: MqttSink, outgoing: Outgoing) -> Answer:
            mark()
            for _ in range(times - 1):
                await deliver(self, outgoing)
            answer: Answer = await deliver(self, change(outgoing))
            return answer

        return otherwise

    swap(MqttSink, "deliver", make)


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


def _shows(mark: Mark, change: Callable[[Connection[Any], dict[str, Any]], dict[str, Any]]) -> None:
    """Changes what the API shows of a configuration."""

    def make(shown: Any) -> Any:
        def otherwise(self: Connection[Any], *arguments: Any) -> dict[str, Any]:
            resource: dict[str, Any] = shown(self, *arguments)
            if "uplinkTopicPattern" not in resource["configuration"]:
                return resource
            mark()
            return {**resource, "configuration": change(self, resource["configuration"])}

        return otherwise

    swap(Connection, "shown", make)


@BAD.bad(
    "broker-host-without-port",
    "the API shows the broker's host without its port",
    requirement="MQTT-01.a",
    models="an address that is taken apart and not put together again",
    scenario="mqtt/test_api.py::test_page_s_body_creates_the_connection",
    check="promise",
)
def broker_host_without_port(mark: Mark) -> None:
    """Cuts it off."""
    _shows(mark, lambda _, shown: {**shown, "hostName": shown["hostName"].partition(":")[0]})


@BAD.bad(
    "topics-unchecked",
    "a topic pattern with a wildcard is accepted",
    requirement="MQTT-01.b",
    models="`#` and `+` in a topic are found out by the broker (TXIF-2501)",
    scenario="mqtt/test_api.py::test_wrong_body_is_refused_by_field",
    check="promise",
)
def topics_unchecked(mark: Mark) -> None:
    """Looks at none."""

    def make(_: Any) -> Any:
        def trusting(text: str) -> str:
            mark()
            return text

        return trusting

    swap(mqtt_settings, "compile_topic", make)


@BAD.bad(
    "protocol-refused-without-a-name",
    "a protocol that is not built is refused, and the message says nothing of it",
    requirement="MQTT-01.c",
    models="one message for all that is wrong",
    scenario="mqtt/test_api.py::test_protocol_that_is_not_there_is_refused_by_its_name",
    check="promise",
)
def protocol_refused_without_a_name(mark: Mark) -> None:
    """Says that something is wrong."""

    def make(wrong: Any) -> Any:
        def vague(name: str, what: str) -> InvalidError:
            if name != "protocol":
                refusal: InvalidError = wrong(name, what)
                return refusal
            mark()
            return InvalidError("configuration", "the configuration cannot be used")

        return vague

    swap(mqtt_settings, "_wrong", make)


@BAD.bad(
    "topic-kept-over-a-put",
    "the topic pattern with which the first connection began is used for ever",
    requirement="MQTT-02.a",
    models="reload of a connection ineffective after a change (TXIF-2168)",
    scenario="mqtt/test_api.py::test_after_a_put_uplinks_go_by_the_new_pattern",
    check="none lost",
)
def topic_kept_over_a_put(mark: Mark) -> None:
    """Compiles once."""
    first: list[Any] = []

    def make(compile_topic: Any) -> Any:
        def once(text: str) -> Any:
            first.append(compile_topic(text))
            if len(first) > 1:
                mark()
            return first[0]

        return once

    swap(mqtt_connector, "compile_topic", make)


@BAD.bad(
    "private-key-shown",
    "the API shows the private key as it was given",
    requirement="MQTT-02.b",
    models="only what is called password is masked",
    scenario="mqtt/test_api.py::test_secrets_are_masked_and_kept",
    check="promise",
)
def private_key_shown(mark: Mark) -> None:
    """Masks it not."""
    _shows(mark, lambda one, shown: {**shown, "privateKey": one.given["configuration"].get("privateKey")})


@BAD.bad(
    "publish-twice",
    "each uplink is published twice",
    requirement="MQTT-03.a",
    models="duplicates after a change of the broker (chirpstack#533)",
    scenario=SEEN,
    check="none twice",
)
def publish_twice(mark: Mark) -> None:
    """Publishes again after success."""
    _delivers(mark, lambda outgoing: outgoing, times=2)


@BAD.bad(
    "publish-without-root",
    "what stands under the root is published, without the root",
    requirement="MQTT-03.b",
    models="a legacy form taken for the document",
    scenario=SEEN,
    check="unaltered",
)
def publish_without_root(mark: Mark) -> None:
    """Takes the root away."""

    def bare(outgoing: Outgoing) -> Outgoing:
        [report] = orjson.loads(outgoing.body).values()
        return replace(outgoing, body=orjson.dumps(report))

    _delivers(mark, bare)


@BAD.bad(
    "topic-of-another",
    "an uplink goes to the topic of the uplink before",
    requirement="MQTT-04.a",
    models="state shared between deliveries",
    scenario=SEEN,
    check="right place",
)
def topic_of_another(mark: Mark) -> None:
    """Resolves late."""
    topics: list[str] = []

    def make(resolve_topic: Any) -> Any:
        def late(*arguments: Any) -> str:
            topics.append(resolve_topic(*arguments))
            if len(topics) > 1:
                mark()
            return topics[-2 if len(topics) > 1 else -1]

        return late

    swap(mqtt_connector, "resolve_topic", make)


@BAD.bad(
    "topic-of-plain-names-only",
    "of a pattern only {DevEUI} is replaced",
    requirement="MQTT-04.b",
    models="pattern cannot be solved (TXIF-2285)",
    scenario="mqtt/test_did_it_work.py::test_patterns_give_the_topic",
    check="none lost",
)
def topic_of_plain_names_only(mark: Mark) -> None:
    """Leaves all others away."""

    def make(resolve_topic: Any) -> Any:
        def plain(pattern: Any, content: Any, whole: Any) -> str:
            if all(isinstance(part, str) or part.source == "DevEUI" for part in pattern.parts):
                topic: str = resolve_topic(pattern, content, whole)
                return topic
            mark()
            return "".join(part if isinstance(part, str) else "" for part in pattern.parts)

        return plain

    swap(mqtt_connector, "resolve_topic", make)


@BAD.bad(
    "wildcard-dropped-unseen",
    "an uplink whose topic would hold a wildcard is dropped, and no event says why",
    requirement="MQTT-04.c",
    models="`#` and `+` in a resolved topic (TXIF-2501)",
    scenario="mqtt/test_did_it_work.py::test_topic_with_a_wildcard_is_published_to_by_nobody",
    check="awaited",
)
def wildcard_dropped_unseen(mark: Mark) -> None:
    """Gives no reason."""

    def make(resolve_topic: Any) -> Any:
        def silent(*arguments: Any) -> str:
            try:
                topic: str = resolve_topic(*arguments)
            except UnresolvedError:
                mark()
                raise UnresolvedError("it cannot be sent") from None
            return topic

        return silent

    swap(mqtt_connector, "resolve_topic", make)


@BAD.bad(
    "uplinks-retained",
    "each uplink is retained",
    requirement="MQTT-05",
    models="a broker that hands old uplinks to every new subscriber",
    scenario=SEEN,
    check="promise",
)
def uplinks_retained(mark: Mark) -> None:
    """Sets the flag."""

    class Retaining:
        def __init__(self, link: Any) -> None:
            self.link = link

        async def publish(self, *arguments: Any, **options: Any) -> None:
            mark()
            await self.link.publish(*arguments, retain=True, **options)

    def make(publish: Any) -> Any:
        async def retained(self: MqttSession, link: Any, *arguments: Any) -> Answer:
            answer: Answer = await publish(self, Retaining(link), *arguments)
            return answer

        return retained

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
    "unclear-is-delivered",
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
    "what cannot be handed to a broker that is down counts as delivered",
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

    swap(MqttSink, "deliver", make)


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
