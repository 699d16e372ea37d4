"""How connections come to be on the forwarder under test, and how the names in them lead to the lab: its choices."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Ways"]


class Ways(BaseModel):
    """The table [ways] of a profile, as CONTRACT.md, section 6, explains it.

    `connections` that is not said is "api" where the feature api is declared, and "static" where it is not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    connections: Annotated[
        Literal["api", "commands", "static"] | None, Field(description="by whom a connection is made")
    ] = None
    names: Annotated[Literal["resolve", "proxy", "direct"], Field(description="what takes a name to the lab")] = (
        "resolve"
    )
    tls: Annotated[bool, Field(description="false: direct addresses are those of http and of MQTT without TLS")] = True
