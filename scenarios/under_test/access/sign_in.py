"""How a user gets past the login of a forwarder's pages: steps by label, as CONTRACT.md, section 7, explains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["PAGES_PASSWORD", "PAGES_USER", "Credentials", "PagesLogin", "Step", "credentials_in"]

PAGES_USER = "UPLAB_PAGES_USER"
PAGES_PASSWORD = "UPLAB_PAGES_PASSWORD"  # noqa: S105 - its name

Label = Annotated[str, Field(min_length=1, max_length=200)]


class Credentials(NamedTuple):
    """Who logs in."""

    user: str
    password: str


class Step(BaseModel):
    """One step: a field and what is typed into it, or a button (a link may be one) that is clicked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Label | None = None
    value: Literal["user", "password"] | None = None
    button: Label | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        if (self.button is None) == (self.field is None) or (self.field is None) != (self.value is None):
            raise ValueError('a step is {field = "…", value = "user"}, value "password" alike, or {button = "…"}')
        return self


class PagesLogin(BaseModel):
    """The table [pages_login] of a profile: the steps in their order, and whose pages take part in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)] = (
        Step(field="Username", value="user"),
        Step(field="Password", value="password"),
        Step(button="Log in"),
    )
    hosts: tuple[Label, ...] = ()
    """Other hosts from which the pages of a login may come, as that of a company's identity provider."""


def credentials_in(environment: Mapping[str, str]) -> Credentials | None:
    """The user's own, None where he gave none."""
    user, password = environment.get(PAGES_USER), environment.get(PAGES_PASSWORD)
    return Credentials(user, password) if user and password else None
