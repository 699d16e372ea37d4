"""Bugs of what goes to a broker: its body, its topics, its messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.mqtt import connector as mqtt_connector
from uplab.simulator.forwarder.destinations.mqtt import settings as mqtt_settings
from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.pages import form
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError

__all__ = ["BAD"]

BAD = Catalogue()
SEEN = "mqtt/test_did_it_work.py::test_subscriber_sees_exactly_the_uplinks_that_were_sent"


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
    check="answered",
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
    check="answered",
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
    check="seen",
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
    "mqtt-form-forgets-the-protocol",
    "the protocol that is chosen on the page of MQTT is not in what it creates",
    requirement="MQTT-11",
    models="a list whose choice has another name than its handler reads",
    scenario="pages/test_mqtt.py::test_created_application_publishes_uplinks",
    check="pages",
    hop="page",
)
def mqtt_form_forgets_the_protocol(mark: Mark) -> None:
    """Leaves it away."""

    def make(put: Any) -> Any:
        def forgetful(body: Any, field: Any, typed: Any) -> None:
            if field.key != "protocol":
                put(body, field, typed)
            else:
                mark()

        return forgetful

    swap(form, "_set", make)
