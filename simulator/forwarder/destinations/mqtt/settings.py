"""The parameters of the MQTT connector, and what is wrong with them beyond each one's own check."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from uplab.simulator.forwarder.connections.address import HOST_AND_PORT, host_check
from uplab.simulator.forwarder.connections.connection import Body, Configuration
from uplab.simulator.forwarder.connections.parameter import Secret, Text
from uplab.simulator.forwarder.destinations.mqtt.certificate import CertificateError, check_authority, check_pair
from uplab.simulator.forwarder.destinations.mqtt.topics import TopicError, compile_topic, subscription
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.platform import Platform

__all__ = ["ID", "MqttBody", "MqttConfiguration", "check"]

ID = "actility-mqtt-iot"

_PEM_MAX = 65_536
HostName = Annotated[str, Field(max_length=300), AfterValidator(host_check("broker.example:8883")), HOST_AND_PORT]
Topic = Annotated[Text, Field(max_length=8_000)]
Pem = Annotated[Text, Field(max_length=_PEM_MAX)]
Milliseconds = Annotated[int, Field(ge=1, le=10_000)]


class MqttConfiguration(Configuration):
    """The parameters of the MQTT connector (Connector/MQTT page)."""

    uplink_topic_pattern: Topic
    downlink_topic_pattern: Topic | None = None
    host_name: HostName
    protocol: Literal["SSL", "WSS", "TCP"]
    username: Text | None = None
    password: Annotated[Text | None, Secret] = None
    certificate: Annotated[Pem | None, Secret] = None
    private_key: Annotated[Pem | None, Secret] = None
    # The page spells the authority so; whoever types it by hand may spell it right.
    trusted_ca_certficate: Pem | None = None
    trusted_ca_certificate: Pem | None = None
    connection_timeout: Milliseconds = 5_000
    action_timeout: Milliseconds = 1_000

    @property
    def authority(self) -> str | None:
        """The authority that the broker's certificate has to come from, in either spelling."""
        return self.trusted_ca_certficate or self.trusted_ca_certificate


class MqttBody(Body):
    """A connection to a broker."""

    connector_id: Literal["actility-mqtt-iot"]
    configuration: MqttConfiguration


def check(body: MqttBody, _platform: Platform) -> None:
    """Refuse what no parameter shows alone: topics, what is not built, certificates that do not belong together."""
    configuration = body.configuration
    for name, pattern, read in (
        ("uplinkTopicPattern", configuration.uplink_topic_pattern, compile_topic),
        ("downlinkTopicPattern", configuration.downlink_topic_pattern, subscription),
    ):
        try:
            if pattern is not None:
                read(pattern)
        except TopicError as error:
            raise _wrong(name, str(error)) from None
    if configuration.protocol == "WSS":
        raise _wrong("protocol", "WSS is not implemented by this forwarder; SSL and TCP are")
    if configuration.password is not None and configuration.username is None:
        raise _wrong("username", "is mandatory where there is a password")
    if configuration.trusted_ca_certficate and configuration.trusted_ca_certificate:
        raise _wrong("trustedCaCertificate", "and trustedCaCertficate are two spellings of one parameter: give one")
    _check_certificates(configuration)


def _check_certificates(configuration: MqttConfiguration) -> None:
    spelling = "trustedCaCertficate" if configuration.trusted_ca_certficate else "trustedCaCertificate"
    given = {
        spelling: configuration.authority,
        "certificate": configuration.certificate,
        "privateKey": configuration.private_key,
    }
    for name, value in given.items():
        if value is not None and configuration.protocol == "TCP":
            raise _wrong(name, "does not apply to the protocol TCP")
    for name, other in (("certificate", "privateKey"), ("privateKey", "certificate")):
        if given[name] is not None and given[other] is None:
            raise _wrong(other, f"is mandatory where there is a {name}")
    try:
        if configuration.authority is not None:
            check_authority(configuration.authority, spelling)
        if configuration.certificate is not None and configuration.private_key is not None:
            check_pair(configuration.certificate, configuration.private_key)
    except CertificateError as error:
        raise _wrong(error.name, str(error)) from None


def _wrong(name: str, what: str) -> InvalidError:
    return InvalidError(f"configuration.{name}", f"configuration.{name} {what}")
