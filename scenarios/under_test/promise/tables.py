"""What a forwarder promises, beside its features: the tables of a profile for it, and what it leaves out, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from uplab.scenarios.history.pointers import Pointers
from uplab.scenarios.under_test.promise.policy import Generation

if TYPE_CHECKING:
    from uplab.scenarios.under_test.profile import Profile

__all__ = ["ASSUMED_BEFORE", "Choices", "Format", "not_promised"]

Name = Annotated[str, Field(min_length=1, max_length=200)]
Pointer = Annotated[str, Field(pattern=r"^(/[^/]*)+$", max_length=500)]

ASSUMED_BEFORE = ("patterns", "validation", "commands_https")
"""Features that a profile of contract 1 has without saying so: there was no word for their absence then."""


class Choices(BaseModel):
    """Where the documents leave or contradict a choice. The defaults are the documented reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failure_generation: Generation = "blame"
    downlink_status: Literal[200, 202] = 202
    thingsboard_transport: Literal["mqtt", "rest", "both"] = "mqtt"
    headers_masked: bool = False
    connection_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    duplicate_ingress: Literal["delivered", "dropped"] = "delivered"
    ingress_auth: Literal["token", "none", "header", "basic"] = "token"
    ingress_header: Name = "Authorization"
    token_without_fport: Literal["absent", "zero"] | None = None
    token_of_notification: Literal["elements", "device"] | None = None
    numbers: Literal["exact", "double"] = "exact"
    telemetry_ts: Literal["uplink", "measurement"] = "uplink"
    command_method: Name = "sendDownlink"
    command_fport: Name = "FPort"
    command_payload: Name = "payload_hex"


class Format(BaseModel):
    """Where an output of another form than ThingPark's has what an uplink is known by: JSON pointers (RFC 6901).

    Without `time` an uplink is known by device and counter alone: right for who writes a time of his own there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dev_eui: Pointer
    f_cnt: Pointer
    time: Pointer | None = None

    @property
    def pointers(self) -> Pointers:
        """The same, for who reads documents."""
        return Pointers(self.dev_eui, self.f_cnt, self.time)


def not_promised(profile: Profile) -> list[str]:
    """What the contract asks for and this profile does not promise, so that it was not judged; a sentence each."""
    choices, policy = profile.choices, profile.policy
    said = [
        f"feature {name}: {field.description}"
        for name, field in type(profile.features).model_fields.items()
        if not getattr(profile.features, name)
    ]
    if choices.ingress_auth != "token":
        said.append(f"the tunnel's token: its ingress asks for {_ASKED[choices.ingress_auth]}")
    if choices.numbers == "double":
        said.append("numbers with every digit: they are what an IEEE double makes of them")
    if choices.telemetry_ts == "measurement":
        said.append("one ts for each uplink: each measurement has its own")
    if profile.format is not None:
        said.append("delivered unaltered: its output has another form than ThingPark's")
    if policy.sent_once:
        said.append("what failed is tried again: each uplink is sent once")
    elif choices.failure_generation == "own":
        ends = [f"after {policy.attempts} attempts"] if policy.attempts else []
        ends += [f"after {policy.end_s:g} s"] if policy.end_s is not None else []
        ends += [f"at an answer {', '.join(policy.never_again)}"] if policy.never_again else []
        if ends:
            said.append(f"tried until it is taken: an uplink is given up {', '.join(ends)}")
    if policy.order == "none":
        said.append("the order of a device's uplinks")
    if policy.largest_body is not None:
        said.append(f"documents of more than {policy.largest_body} bytes")
    return said


_ASKED = {"none": "nothing", "header": "a header", "basic": "a name and a password"}
