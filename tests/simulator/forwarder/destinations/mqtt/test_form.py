"""The form of the MQTT connector."""

from uplab.simulator.forwarder.connections.parameter import secrets_of
from uplab.simulator.forwarder.destinations.mqtt.form import KIND
from uplab.simulator.forwarder.destinations.mqtt.settings import MqttConfiguration


def test_mandatory_parameters_are_mandatory_fields() -> None:
    asked = {field.key for field in KIND.fields if field.mandatory and field.path.startswith("configuration.")}

    assert asked == set(MqttConfiguration.model_json_schema()["required"])


def test_secret_parameters_are_secret_fields() -> None:
    hidden = {field.key for field in KIND.fields if not field.echoed}

    assert (
        hidden
        == set(secrets_of(MqttConfiguration)) & {field.key for field in KIND.fields}
        == {"password", "certificate", "privateKey"}
    )


def test_protocols_can_be_chosen() -> None:
    protocol = KIND.field("protocol")

    assert protocol is not None
    assert protocol.choices == ("SSL", "WSS", "TCP")
