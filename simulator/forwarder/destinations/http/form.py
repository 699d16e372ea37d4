"""The forms of the HTTP connector: HTTP itself, and Widgelix, which is HTTP with an address and a key of its own."""

from uplab.simulator.forwarder.destinations.form import DESCRIPTION, NAME, Field, Kind
from uplab.simulator.forwarder.destinations.http.settings import ID, HttpConfiguration
from uplab.simulator.forwarder.destinations.http.widgelix import BRAND

__all__ = ["KINDS"]

_LABELS = {
    "destinationURL": "Destination URL",
    "headers": "Headers",
    "blamePeriod": "Blame period (s)",
    "strictMode": "Strict mode",
    "lrcCompliance": "Basic HTTP compliance",
    "tiak": "Tunnel interface authentication key",
}

KINDS = (
    Kind(
        slug="http",
        name="HTTP",
        connector=ID,
        promise="Posts each message of your devices to an HTTP endpoint.",
        fields=(
            NAME,
            Field(
                "destinationURL",
                "Destination URL",
                "configuration.destinationURL",
                "Begins with http:// or https://, such as https://posthere.io/4b19-48f6-94cc",
                mandatory=True,
                shape=r"[Hh][Tt][Tt][Pp][Ss]?://[!-~]+",
            ),
            Field(
                "headers",
                "Headers",
                "configuration.headers",
                "Sent with each message; {DevEUI} in a value becomes the device's own",
                control="headers",
            ),
            DESCRIPTION,
        ),
        configuration=HttpConfiguration,
        documentation="HTTP",
        labels=_LABELS,
    ),
    Kind(
        slug="widgelix",
        name="Widgelix",
        connector=ID,
        promise="Sends each message of your devices to Widgelix.",
        fields=(
            NAME,
            Field(
                "key",
                "Widgelix Key",
                "configuration.headers",
                "The access token from the Connectivity of the device in Widgelix",
                mandatory=True,
                control="secret",
                header="Authorization",
            ),
            DESCRIPTION,
        ),
        configuration=HttpConfiguration,
        documentation="WIDGELIX",
        labels=_LABELS,
        brand=BRAND,
        filled=lambda platform: {"destinationURL": platform.widgelix_url},
    ),
)
