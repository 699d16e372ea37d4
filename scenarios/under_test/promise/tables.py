"""What a forwarder promises, beside its features and its policy of delivery: the tables of a profile for it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from uplab.scenarios.checks.policy.declared import Generation
from uplab.scenarios.history.pointers import Pointers

__all__ = ["ASSUMED_BEFORE", "Choices", "Format", "Transport"]

Name = Annotated[str, Field(min_length=1, max_length=200)]
Pointer = Annotated[str, Field(pattern=r"^(/[^/]*)+$", max_length=500)]

Transport = Literal["mqtt", "mqtts", "rest"]
_TRANSPORTS: dict[str, tuple[Transport, ...]] = {
    "mqtt": ("mqtt", "mqtts"),
    "rest": ("rest",),
    "both": ("mqtt", "mqtts", "rest"),
}

ASSUMED_BEFORE = ("patterns", "validation", "commands_https")
"""Features that a profile of contract 1 has without saying so: there was no word for their absence then."""


class Choices(BaseModel):
    """Where the documents leave or contradict a choice. The defaults are the documented reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failure_generation: Generation = "blame"
    failure_generations: tuple[Generation, ...] = ()
    """Those that UPLAB_FAILURE_GENERATION can choose at its start; none where it has the one alone."""
    downlink_status: Literal[200, 202] = 202
    thingsboard_transport: Literal["mqtt", "rest", "both"] = "mqtt"
    thingsboard_transports: tuple[Transport, ...] = ()
    """The same as a list, the usual first; it goes before the word."""
    headers_masked: bool = False
    connection_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    duplicate_ingress: Literal["delivered", "dropped"] = "delivered"
    ingress_auth: Literal["token", "none", "header", "basic"] = "token"
    ingress_header: Name = "Authorization"
    token_without_fport: Literal["absent", "zero"] | None = None
    token_of_notification: Literal["elements", "device"] | None = None
    numbers: Literal["exact", "double"] = "exact"
    telemetry_ts: Literal["uplink", "measurement"] = "uplink"
    telemetry_values: Literal["typed", "text"] = "typed"
    """Whether a number and a truth come in their JSON type, or as texts that say them."""
    command_method: Name = "sendDownlink"
    command_fport: Name = "FPort"
    command_payload: Name = "payload_hex"
    telemetry_fields: tuple[Name, ...] = ()
    """Fields of an uplink that come with its telemetry wherever it has them, beside the four of the contract."""

    @model_validator(mode="after")
    def _usual_is_one_of_them(self) -> Choices:
        if self.failure_generations and self.failure_generation not in self.failure_generations:
            raise ValueError(
                f"failure_generation {self.failure_generation} is none of failure_generations: "
                f"{', '.join(self.failure_generations)}"
            )
        return self

    @property
    def generations(self) -> tuple[Generation, ...]:
        """The failure generations that can be under test, the usual first."""
        return tuple(dict.fromkeys((self.failure_generation, *self.failure_generations)))

    @property
    def transports(self) -> tuple[Transport, ...]:
        """The transports to ThingsBoard that can be under test, the usual first."""
        return self.thingsboard_transports or _TRANSPORTS[self.thingsboard_transport]


class Format(BaseModel):
    """Where an output of another form than ThingPark's has what an uplink is known by: JSON pointers (RFC 6901).

    Without `time` an uplink is known by device and counter alone: right for who writes a time of his own there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dev_eui: Pointer
    f_cnt: Pointer
    time: Pointer | None = None
    each: Annotated[str, Field(pattern=r"^(/[^/]*)*$", max_length=500)] | None = None
    """The list of uplinks, where one request holds several: the others are pointers from each of it."""
    lines: bool = False
    """Whether each line of a body is a JSON value (NDJSON), and each of them an uplink or something else."""

    @model_validator(mode="after")
    def _lines_are_the_list(self) -> Format:
        if self.lines and self.each:
            raise ValueError("with lines = true each line is one uplink: leave `each` away")
        return self

    @property
    def pointers(self) -> Pointers:
        """The same, for who reads documents."""
        return Pointers(self.dev_eui, self.f_cnt, self.time, self.each, self.lines)
