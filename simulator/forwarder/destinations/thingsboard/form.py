"""The form of the ThingsBoard connector."""

from uplab.simulator.forwarder.destinations.form import DESCRIPTION, NAME, Field, Kind
from uplab.simulator.forwarder.destinations.thingsboard.settings import ID, ThingsBoardConfiguration

__all__ = ["KIND"]

KIND = Kind(
    slug="thingsboard",
    name="ThingsBoard",
    connector=ID,
    promise="Writes each measurement of your devices to ThingsBoard as telemetry.",
    fields=(
        NAME,
        Field(
            "hostName",
            "Domain Name",
            "configuration.hostName",
            "Host and port, such as thingsboard.cloud:443",
            mandatory=True,
            shape=r"[^\s\/]+:[0-9]{1,5}",
        ),
        Field(
            "username",
            "Username",
            "configuration.username",
            "Your login at ThingsBoard, an e-mail address",
            mandatory=True,
        ),
        Field(
            "password",
            "Password",
            "configuration.password",
            "Your password at ThingsBoard",
            mandatory=True,
            control="secret",
        ),
        DESCRIPTION,
    ),
    configuration=ThingsBoardConfiguration,
    documentation="THINGSBOARD",
)
