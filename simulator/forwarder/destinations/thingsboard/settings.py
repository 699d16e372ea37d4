"""The parameters of the ThingsBoard connector."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from uplab.simulator.forwarder.connections.address import HOST_AND_PORT, host_check
from uplab.simulator.forwarder.connections.connection import Body, Configuration
from uplab.simulator.forwarder.connections.parameter import Secret, Text

__all__ = ["ID", "ThingsBoardBody", "ThingsBoardConfiguration"]

ID = "actility-thingsboard-iot"

HostName = Annotated[str, Field(max_length=300), AfterValidator(host_check("thingsboard.cloud:443")), HOST_AND_PORT]


class ThingsBoardConfiguration(Configuration):
    """The parameters of the ThingsBoard connector (thingsboard.md)."""

    host_name: HostName
    username: Text
    password: Annotated[Text, Secret]


class ThingsBoardBody(Body):
    """A connection to ThingsBoard."""

    connector_id: Literal["actility-thingsboard-iot"]
    configuration: ThingsBoardConfiguration
