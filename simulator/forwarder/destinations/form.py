"""What a connector's form on the pages consists of: one for each type of application that people can choose."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from uplab.simulator.forwarder.connections.connection import Configuration
from uplab.simulator.forwarder.platform import Platform

__all__ = ["DESCRIPTION", "NAME", "Field", "Kind"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: its name there, its documented label, and the path at which the API has it."""

    key: str
    label: str
    path: str
    hint: str
    mandatory: bool = False
    control: Literal["text", "secret", "lines", "secret-lines", "choice", "headers"] = "text"
    choices: tuple[str, ...] = ()
    """What can be chosen; the first one is, unless another one is."""
    shape: str = r".*\S.*"
    """What a browser may already mark as right; it refuses nothing."""
    header: str = ""
    """The one header that it is, where the API has no parameter for it."""

    @property
    def echoed(self) -> bool:
        """Whether what was typed may stand in a page."""
        return self.control not in ("secret", "secret-lines")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of application that can be chosen, made of a connector and perhaps a brand."""

    slug: str
    name: str
    connector: str
    promise: str
    fields: tuple[Field, ...]
    configuration: type[Configuration]
    documentation: str
    """The page of the connectors' documents that is about it."""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Labels of its own parameters, by their names in JSON, in the order in which they are shown."""
    brand: str | None = None
    filled: Callable[[Platform], dict[str, Any]] = lambda _platform: {}
    """The parameters that nobody types."""

    def field(self, key: str) -> Field | None:
        """The field of this name, None when there is none."""
        return next((field for field in self.fields if field.key == key), None)


NAME = Field("name", "Application Name", "name", "The name under which you find it in the list", mandatory=True)
DESCRIPTION = Field(
    "description", "Description", "configuration.description", "What it is for, for you and your team", control="lines"
)
