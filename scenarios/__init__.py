"""What authors of scenarios import: `from uplab.scenarios import Lab, Route`.

A name is imported when it is first asked for: every pytest of an environment with uplab loads the plugin below, and
must not load a lab with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uplab.scenarios.checks.asked.arrived import Carries, NoneArrives, Posts, WithoutHeaders
    from uplab.scenarios.checks.asked.on_the_air import OnTheAir
    from uplab.scenarios.checks.deliveries import Route, deliveries
    from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown, Verdict
    from uplab.scenarios.codecs.model import codec_model
    from uplab.scenarios.documents.connector_document import example_body
    from uplab.scenarios.history.history import Event
    from uplab.scenarios.history.identity import epoch_ms
    from uplab.scenarios.history.secrets import is_canary, redact_text
    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import LabDevice, Sent
    from uplab.scenarios.lab.lab import Lab

__all__ = [
    "Carries",
    "CheckFailed",
    "CheckUnknown",
    "Event",
    "Lab",
    "LabConnection",
    "LabDevice",
    "NoneArrives",
    "OnTheAir",
    "Posts",
    "Route",
    "Sent",
    "Verdict",
    "WithoutHeaders",
    "codec_model",
    "deliveries",
    "epoch_ms",
    "example_body",
    "is_canary",
    "redact_text",
]

_HOMES = {
    "Carries": "checks.asked.arrived",
    "CheckFailed": "checks.verdict",
    "CheckUnknown": "checks.verdict",
    "Event": "history.history",
    "Lab": "lab.lab",
    "LabConnection": "lab.connection",
    "LabDevice": "lab.device",
    "NoneArrives": "checks.asked.arrived",
    "OnTheAir": "checks.asked.on_the_air",
    "Posts": "checks.asked.arrived",
    "Route": "checks.deliveries",
    "Sent": "lab.device",
    "Verdict": "checks.verdict",
    "WithoutHeaders": "checks.asked.arrived",
    "codec_model": "codecs.model",
    "deliveries": "checks.deliveries",
    "epoch_ms": "history.identity",
    "example_body": "documents.connector_document",
    "is_canary": "history.secrets",
    "redact_text": "history.secrets",
}


def __getattr__(name: str) -> Any:
    """Import what the name stands for, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every public name, imported or not."""
    return sorted({*globals(), *__all__})
