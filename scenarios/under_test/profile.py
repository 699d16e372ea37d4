"""The profile of a forwarder under test: which documented choices it makes and which features it has.

A feature that is not declared makes its scenarios *not applicable*, and they are listed; nothing is skipped in silence.
"""

import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uplab.scenarios.under_test.deadlines import Deadlines

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
    login: bool = Field(default=False, description="asks for a login where UPLAB_FORWARDER_CLIENT_ID is given")
    durable: bool = Field(default=False, description="what was accepted survives a kill and a restart")
    clock: bool = Field(default=False, description="schedules follow UPLAB_CLOCK")


FEATURES = frozenset(Features.model_fields)


class Choices(BaseModel):
    """Where the documents leave or contradict a choice. The defaults are the documented reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failure_generation: Literal["blame", "strict-resend", "strict-close"] = "blame"
    downlink_status: Literal[200, 202] = 202
    thingsboard_transport: Literal["mqtt", "rest", "both"] = "mqtt"
    headers_masked: bool = False
    connection_limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    duplicate_ingress: Literal["delivered", "dropped"] = "delivered"
    telemetry_fields: tuple[str, ...] = ()
    """Fields of an uplink that come with its telemetry wherever it has them, beside the four of the contract."""


class Profile(BaseModel):
    """One forwarder's profile. `settle_s` is how long after a barrier nothing may still arrive (seconds)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    settle_s: Annotated[float, Field(ge=0, le=60)] = 0.3
    features: Features = Features()
    deadlines: Deadlines = Deadlines()
    choices: Choices = Choices()


_TABLES: dict[str, type[BaseModel]] = {"features": Features, "deadlines": Deadlines, "choices": Choices}


def load_profile(path: Path | None) -> Profile:
    """Reads a profile, the reference forwarder's own when none is named; ProfileError says in a line what is wrong."""
    name = str(path) if path is not None else "reference.toml"
    try:
        raw = (
            path.read_bytes()
            if path is not None
            else (files("uplab.scenarios") / "forwarders" / "reference" / "reference.toml").read_bytes()
        )
        return Profile.model_validate(tomllib.loads(raw.decode()))
    except OSError as error:
        raise ProfileError(f"the profile {name} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"the profile {name} is no TOML: {error}") from None
    except ValidationError as error:
        raise ProfileError(f"the profile {name}: " + "; ".join(_problem(dict(e)) for e in error.errors())) from None


def _problem(error: dict[str, object]) -> str:
    """One sentence for each problem, with the nearest right name for an unknown key."""
    place = [str(part) for part in error["loc"]] if isinstance(error["loc"], tuple) else []
    key = ".".join(place)
    if error["type"] != "extra_forbidden":
        return f"{key}: {error['msg']}, not {error.get('input')!r}"
    model = _TABLES.get(place[0], Profile) if len(place) > 1 else Profile
    near = get_close_matches(place[-1], model.model_fields, n=1)
    return f"{key} is no key of a profile" + (
        f"; did you mean {near[0]}?" if near else f"; there are {', '.join(model.model_fields)}"
    )
