"""The MQTT connector: its row of the table."""

from collections.abc import Mapping
from typing import Any

from uplab.simulator.forwarder.connections.connection import Connection
from uplab.simulator.forwarder.destinations.connector import Back, Connector, Envelope, Wrap
from uplab.simulator.forwarder.destinations.mqtt.form import KIND
from uplab.simulator.forwarder.destinations.mqtt.settings import ID, MqttBody, check
from uplab.simulator.forwarder.destinations.mqtt.topics import compile_topic, resolve_topic, subscription
from uplab.simulator.forwarder.destinations.sink import Sink
from uplab.simulator.forwarder.documents.document import Document
from uplab.simulator.forwarder.resolve import split_host_port
from uplab.simulator.forwarder.settings import Settings

__all__ = ["MQTT"]


class _MqttExit:
    """Connections to brokers, which share no link (an Exit)."""

    def __init__(self, settings: Settings) -> None:
        self._resolve, self._ca = settings.resolve, settings.ca
        self._known: dict[str, set[str]] = {}  # by connection what its session has subscribed to

    def sink(self, connection: Connection[MqttBody], back: Back) -> Sink:
        """Make the sink of one connection."""
        # The client is large, and many a forwarder needs none.
        from uplab.simulator.forwarder.destinations.mqtt.certificate import context  # noqa: PLC0415
        from uplab.simulator.forwarder.destinations.mqtt.sink import MqttSink  # noqa: PLC0415
        from uplab.simulator.forwarder.destinations.mqtt_session import Login  # noqa: PLC0415

        given = connection.body.configuration
        host, port = split_host_port(given.host_name)
        address = self._resolve.get((host.lower(), port), (host, port))
        pattern = given.downlink_topic_pattern
        login = Login(
            host=address[0],
            port=address[1],
            # One session for each connection: what is published to its topics while it is away waits at the broker.
            identifier=f"uplab-{back.identity}",
            clean=False,
            username=given.username,
            password=given.password,
            tls=(lambda: context(host, self._ca, given.authority, given.certificate, given.private_key))
            if given.protocol == "SSL"
            else None,
            connect_timeout_s=given.connection_timeout / 1000,
        )
        return MqttSink(
            login,
            wanted=subscription(pattern) if pattern and given.downlink_enabled else None,
            downlink=back.downlink,
            on_lost=back.lost,
            timeout_s=given.action_timeout / 1000,
            known=self._known.setdefault(back.identity, set()),
        )

    async def close(self) -> None:
        """There is nothing to let go of."""


def _addressed(connection: Connection[MqttBody], _number: int, _settings: Settings) -> Wrap:
    """Read the pattern once, for all messages of a connection."""
    pattern = compile_topic(connection.body.configuration.uplink_topic_pattern)

    def wrap(_document: Document, content: Mapping[str, Any], whole: Mapping[str, Any]) -> Envelope:
        return Envelope(topic=resolve_topic(pattern, content, whole))

    return wrap


MQTT = Connector(
    id=ID,
    description="MQTT connector",
    body=MqttBody,
    check=check,
    exit=_MqttExit,
    envelope=_addressed,
    kinds=(KIND,),
)
