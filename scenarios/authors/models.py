"""Device models of an author's own by a name: `my_models:door`, or an entry point of the group uplab.models."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Final

from uplab.scenarios.authors.modules import ModuleError, load_module
from uplab.simulator.payloads.own import DeviceModel

__all__ = ["GROUP", "named_model"]

GROUP: Final = "uplab.models"


def named_model(text: str) -> DeviceModel | None:
    """The model of that name; None where nobody has one. ValueError says what is wrong with one that is there.

    A module, or a file of Python, stands before the colon; an installed package names its models by entry points.
    """
    module, colon, name = text.rpartition(":")
    if colon:
        try:
            found = getattr(load_module(module), name, None)
        except ModuleError as error:
            raise ValueError(str(error)) from None
    else:
        entries = list(entry_points(group=GROUP, name=text))
        if not entries:
            return None
        module, name = entries[0].value, text
        try:
            found = entries[0].load()
        except Exception as error:  # noqa: BLE001 - it is somebody's, and may be any
            raise ValueError(f"the entry point {text} ({module}) cannot be loaded: {error}") from None
    if not isinstance(found, DeviceModel):
        raise ValueError(f"{module} has no DeviceModel called {name}: `from uplab.scenarios import DeviceModel`")
    return found
