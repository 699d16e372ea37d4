"""The form of the ThingsBoard connector."""

from uplab.simulator.forwarder.connections.parameter import secrets_of
from uplab.simulator.forwarder.destinations.thingsboard.form import KIND
from uplab.simulator.forwarder.destinations.thingsboard.settings import ThingsBoardConfiguration


def test_mandatory_parameters_are_mandatory_fields() -> None:
    asked = {field.key for field in KIND.fields if field.mandatory and field.path.startswith("configuration.")}

    assert asked == set(ThingsBoardConfiguration.model_json_schema()["required"])


def test_secret_parameters_are_secret_fields() -> None:
    hidden = {field.key for field in KIND.fields if not field.echoed}

    assert hidden == set(secrets_of(ThingsBoardConfiguration)) & {field.key for field in KIND.fields} == {"password"}
