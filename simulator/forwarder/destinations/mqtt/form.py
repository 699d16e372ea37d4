"""The form of the MQTT connector."""

from uplab.simulator.forwarder.destinations.form import DESCRIPTION, NAME, Field, Kind
from uplab.simulator.forwarder.destinations.mqtt.settings import ID, MqttConfiguration

__all__ = ["KIND"]

_SHAPE = r"[^\s\/]+:[0-9]{1,5}"

KIND = Kind(
    slug="mqtt",
    name="MQTT",
    connector=ID,
    promise="Publishes each message of your devices to a broker, and takes downlinks from there.",
    fields=(
        NAME,
        Field(
            "uplinkTopicPattern",
            "Uplink Topic Pattern",
            "configuration.uplinkTopicPattern",
            "Where uplinks go, such as mqtt/things/{DevEUI}/uplink",
            mandatory=True,
        ),
        Field(
            "downlinkTopicPattern",
            "Downlink Topic Pattern",
            "configuration.downlinkTopicPattern",
            "Where downlinks come from, such as mqtt/things/{DevEUI}/downlink",
        ),
        Field(
            "hostName",
            "Host Name",
            "configuration.hostName",
            "Host and port of your broker, such as broker.example:8883",
            mandatory=True,
            shape=_SHAPE,
        ),
        Field(
            "protocol",
            "Protocol",
            "configuration.protocol",
            "SSL, or TCP without encryption",
            mandatory=True,
            control="choice",
            choices=("SSL", "WSS", "TCP"),
        ),
        Field("username", "Username", "configuration.username", "Your login at the broker"),
        Field("password", "Password", "configuration.password", "Your password at the broker", control="secret"),
        Field(
            "certificate",
            "Certificate",
            "configuration.certificate",
            "Your client certificate (X.509, PEM), where the broker asks for one",
            control="secret-lines",
        ),
        Field(
            "privateKey",
            "Private Key",
            "configuration.privateKey",
            "The key of that certificate (PKCS#8, PEM)",
            control="secret-lines",
        ),
        DESCRIPTION,
    ),
    configuration=MqttConfiguration,
    documentation="MQTT",
    labels={
        "trustedCaCertficate": "Trusted CA certificate",
        "trustedCaCertificate": "Trusted CA certificate",
        "connectionTimeout": "Connection timeout (ms)",
        "actionTimeout": "Action timeout (ms)",
    },
)
