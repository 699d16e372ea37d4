"""The profile of a forwarder under test: which documented choices it makes and which features it has.

A feature that is not declared makes its scenarios *not applicable*, and they are listed; nothing is skipped in silence.
"""

import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer, model_validator

from uplab.scenarios.checks.policy.declared import GENERATIONS, DeliveryPolicy
from uplab.scenarios.under_test.access.pace import Limits
from uplab.scenarios.under_test.access.sign_in import PagesLogin
from uplab.scenarios.under_test.deadlines import Deadlines
from uplab.scenarios.under_test.promise.tables import ASSUMED_BEFORE, Choices, Format
from uplab.scenarios.under_test.ways.choice import Ways

__all__ = ["FEATURES", "Choices", "Features", "Profile", "ProfileError", "load_profile"]


class ProfileError(Exception):
    """The profile cannot be used; the text names the file and the key."""


class Features(BaseModel):
    """What the forwarder can do. Absent is false: a profile says what it has."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)  # "no" is no false

    api: bool = Field(default=False, description="connections are created over /iot-flow/v1/connections")
    flows: bool = Field(default=False, description="devices are bound to connections by /iot-flow/v1/flows")
    http: bool = Field(default=False, description="connector actility-http-iot")
    widgelix: bool = Field(default=False, description="brand WIDGELIX")
    thingsboard: bool = Field(default=False, description="connector actility-thingsboard-iot")
    mqtt: bool = Field(default=False, description="connector actility-mqtt-iot")
    jsonpath: bool = Field(default=False, description="JSONPath and alternatives in topic patterns")
    drivers: bool = Field(default=False, description="adds the decoded payload")
    downlinks: bool = Field(default=False, description="the downlink URL of a connection")
    options: bool = Field(default=False, description="the common parameters: active, sendMetadata, uplinkTimeValidity")
    alarms: bool = Field(default=False, description="low message rate alarms; schedules follow UPLAB_CLOCK")
    reconnect: bool = Field(default=False, description="reconnectStrategy; schedules follow UPLAB_CLOCK")
    limit: bool = Field(default=False, description="UPLAB_CONNECTION_LIMIT: connections that the account may have")
    states: bool = Field(default=False, description="GET shows id, state and startupTime")
    events: bool = Field(default=False, description="/iot-flow/v1/connections/{id}/events")
    metrics: bool = Field(default=False, description="/iot-flow/v1/connections/{id}/metrics")
    pages: bool = Field(default=False, description="pages for people")
    pages_login: bool = Field(default=False, description="a login before the pages, with UPLAB_PAGES_USER")
    login: bool = Field(default=False, description="asks for a login where UPLAB_FORWARDER_CLIENT_ID is given")
    traceparent: bool = Field(default=False, description="the trace of an uplink goes on to HTTP destinations")
    durable: bool = Field(default=False, description="what was accepted survives a kill and a restart")
    clock: bool = Field(default=False, description="schedules follow UPLAB_CLOCK")
    patterns: bool = Field(default=False, description="header values that depend on the uplink, as {DevEUI}")
    validation: bool = Field(default=False, description="a wrong body is refused with 400, and the message names what")
    commands_https: bool = Field(default=False, description="ThingsBoard's commands come, or are refused, at port 443")


FEATURES = frozenset(Features.model_fields)


class Profile(BaseModel):
    """One forwarder's profile. `settle_s` is how long after a barrier nothing may still arrive (seconds).

    `contract` is the number of the contract for which it was written: in a newer one a word may say what was silently
    assumed before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    contract: Literal[1, 2] = 1
    settle_s: Annotated[float, Field(ge=0, le=60)] = 0.3
    features: Features = Features()
    deadlines: Deadlines = Deadlines()
    delivery: DeliveryPolicy | None = None
    format: Format | None = None
    choices: Choices = Choices()
    ways: Ways = Ways()
    limits: Limits = Limits()
    pages_login: PagesLogin = PagesLogin()

    @property
    def connections(self) -> Literal["api", "commands", "static"]:
        """How connections come to be; where the profile does not say it, by the API, if there is one."""
        return self.ways.connections or ("api" if self.features.api else "static")

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_meant(cls, given: Any) -> Any:
        """A profile of contract 1 has what it had no word for, and one that names its attempts a policy of its own."""
        if not isinstance(given, dict):
            return given
        given = dict(given)
        features, choices, delivery = (given.get(name, {}) for name in ("features", "choices", "delivery"))
        if isinstance(features, dict) and given.get("contract", 1) == 1:
            given["features"] = {**dict.fromkeys(ASSUMED_BEFORE, True), **features}
        if isinstance(delivery, dict) and _SCHEDULE & delivery.keys() and isinstance(choices, dict):
            given["choices"] = {"failure_generation": "own", **choices}
        return given

    @model_validator(mode="after")
    def _one_schedule(self) -> "Profile":
        """A generation has a schedule already."""
        own = self.delivery.model_fields_set & _SCHEDULE if self.delivery is not None else set()
        kind = self.choices.failure_generation
        if own and kind != "own" and any(getattr(self.delivery, n) != getattr(GENERATIONS[kind], n) for n in own):
            raise ValueError(
                f"choices.failure_generation {kind} has its own {', '.join(sorted(own))}: leave them away in "
                '[delivery], or say failure_generation = "own"'
            )
        if kind == "own" and not own:
            raise ValueError('failure_generation = "own" needs a table [delivery] with attempts and pauses_s')
        return self

    @field_serializer("delivery")
    def _as_said(self, delivery: DeliveryPolicy | None) -> dict[str, Any] | None:
        """What was left away stays away, so that it still is what the generation says."""
        return delivery.model_dump(exclude_unset=True) if delivery is not None else None

    @property
    def policy(self) -> DeliveryPolicy:
        """How it promises to deliver: what its generation says, and in its place what it says of itself."""
        base = GENERATIONS[self.choices.failure_generation]
        said = self.delivery
        return base if said is None else base.model_copy(update={n: getattr(said, n) for n in said.model_fields_set})


_SCHEDULE = {"attempts", "pauses_s", "jitter", "end_s", "never_again", "stops", "retry_after"}
_TABLES: dict[str, type[BaseModel]] = {
    "features": Features,
    "deadlines": Deadlines,
    "delivery": DeliveryPolicy,
    "format": Format,
    "choices": Choices,
    "ways": Ways,
    "limits": Limits,
    "pages_login": PagesLogin,
}


def load_profile(path: Path | None) -> Profile:
    """Reads a profile, the reference forwarder's own when none is named; ProfileError says in a line what is wrong."""
    name = str(path) if path is not None else "reference.toml"
    try:
        raw = (
            path.read_bytes()
            if path is not None
            else (files("uplab.scenarios") / "forwarders" / "reference" / "reference.toml").read_bytes()
        )
        profile = Profile.model_validate(tomllib.loads(raw.decode()))
    except OSError as error:
        raise ProfileError(f"the profile {name} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"the profile {name} is no TOML: {error}") from None
    except ValidationError as error:
        raise ProfileError(f"the profile {name}: " + "; ".join(_problem(dict(e)) for e in error.errors())) from None
    if profile.connections == "api" and not profile.features.api:
        raise ProfileError(
            f'the profile {name}: ways.connections is "api", and features.api is not declared: '
            'declare it, or say "commands" or "static"'
        )
    return profile


def _problem(error: dict[str, object]) -> str:
    """One sentence for each problem, with the nearest right name for an unknown key."""
    place = [str(part) for part in error["loc"]] if isinstance(error["loc"], tuple) else []
    key = ".".join(place)
    if error["type"] == "value_error":
        told = str(error["msg"]).removeprefix("Value error, ")
        return f"{key}: {told}" if key else told
    if error["type"] != "extra_forbidden":
        return f"{key}: {error['msg']}, not {error.get('input')!r}"
    model = _TABLES.get(place[0], Profile) if len(place) > 1 else Profile
    near = get_close_matches(place[-1], model.model_fields, n=1)
    return f"{key} is no key of a profile" + (
        f"; did you mean {near[0]}?" if near else f"; there are {', '.join(model.model_fields)}"
    )
