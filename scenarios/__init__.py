"""What authors of scenarios import: `from uplab.scenarios import Lab, Route`.

A name is imported when it is first asked for: every pytest of an environment with uplab loads the plugin below, and
must not load a lab with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uplab.fakes.faults import (
        Always,
        Close,
        Delay,
        Drip,
        Endless,
        EveryNth,
        Fault,
        FirstN,
        Garbage,
        HalfAnswer,
        Hang,
        HugeBody,
        JsonPointer,
        Nth,
        Redirect,
        RefuseConnect,
        RefuseSubscribe,
        RepeatPuback,
        ResetAfterBody,
        ResetBeforeBody,
        Share,
        Status,
        TakeOver,
        WithholdPingresp,
        WithholdPuback,
    )
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
    from uplab.scenarios.lab.places.bin import Bin
    from uplab.scenarios.lab.places.connecting import Connect
    from uplab.scenarios.lab.places.destination import Destination
    from uplab.scenarios.lab.places.faults import Faults
    from uplab.scenarios.lab.places.station import Station
    from uplab.scenarios.lab.places.thingsboard_account import ThingsBoardAccount
    from uplab.scenarios.lab.places.widgelix_account import WidgelixAccount, WidgelixDevice

__all__ = [
    "Always",
    "Bin",
    "Carries",
    "CheckFailed",
    "CheckUnknown",
    "Close",
    "Connect",
    "Delay",
    "Destination",
    "Drip",
    "Endless",
    "Event",
    "EveryNth",
    "Fault",
    "Faults",
    "FirstN",
    "Garbage",
    "HalfAnswer",
    "Hang",
    "HugeBody",
    "JsonPointer",
    "Lab",
    "LabConnection",
    "LabDevice",
    "NoneArrives",
    "Nth",
    "OnTheAir",
    "Posts",
    "Redirect",
    "RefuseConnect",
    "RefuseSubscribe",
    "RepeatPuback",
    "ResetAfterBody",
    "ResetBeforeBody",
    "Route",
    "Sent",
    "Share",
    "Station",
    "Status",
    "TakeOver",
    "ThingsBoardAccount",
    "Verdict",
    "WidgelixAccount",
    "WidgelixDevice",
    "WithholdPingresp",
    "WithholdPuback",
    "WithoutHeaders",
    "codec_model",
    "deliveries",
    "epoch_ms",
    "example_body",
    "is_canary",
    "redact_text",
]

_HOMES = {
    "Always": "fakes.faults",
    "Bin": "scenarios.lab.places.bin",
    "Carries": "scenarios.checks.asked.arrived",
    "CheckFailed": "scenarios.checks.verdict",
    "CheckUnknown": "scenarios.checks.verdict",
    "Close": "fakes.faults",
    "Connect": "scenarios.lab.places.connecting",
    "Delay": "fakes.faults",
    "Destination": "scenarios.lab.places.destination",
    "Drip": "fakes.faults",
    "Endless": "fakes.faults",
    "Event": "scenarios.history.history",
    "EveryNth": "fakes.faults",
    "Fault": "fakes.faults",
    "Faults": "scenarios.lab.places.faults",
    "FirstN": "fakes.faults",
    "Garbage": "fakes.faults",
    "HalfAnswer": "fakes.faults",
    "Hang": "fakes.faults",
    "HugeBody": "fakes.faults",
    "JsonPointer": "fakes.faults",
    "Lab": "scenarios.lab.lab",
    "LabConnection": "scenarios.lab.connection",
    "LabDevice": "scenarios.lab.device",
    "NoneArrives": "scenarios.checks.asked.arrived",
    "Nth": "fakes.faults",
    "OnTheAir": "scenarios.checks.asked.on_the_air",
    "Posts": "scenarios.checks.asked.arrived",
    "Redirect": "fakes.faults",
    "RefuseConnect": "fakes.faults",
    "RefuseSubscribe": "fakes.faults",
    "RepeatPuback": "fakes.faults",
    "ResetAfterBody": "fakes.faults",
    "ResetBeforeBody": "fakes.faults",
    "Route": "scenarios.checks.deliveries",
    "Sent": "scenarios.lab.device",
    "Share": "fakes.faults",
    "Station": "scenarios.lab.places.station",
    "Status": "fakes.faults",
    "TakeOver": "fakes.faults",
    "ThingsBoardAccount": "scenarios.lab.places.thingsboard_account",
    "Verdict": "scenarios.checks.verdict",
    "WidgelixAccount": "scenarios.lab.places.widgelix_account",
    "WidgelixDevice": "scenarios.lab.places.widgelix_account",
    "WithholdPingresp": "fakes.faults",
    "WithholdPuback": "fakes.faults",
    "WithoutHeaders": "scenarios.checks.asked.arrived",
    "codec_model": "scenarios.codecs.model",
    "deliveries": "scenarios.checks.deliveries",
    "epoch_ms": "scenarios.history.identity",
    "example_body": "scenarios.documents.connector_document",
    "is_canary": "scenarios.history.secrets",
    "redact_text": "scenarios.history.secrets",
}


def __getattr__(name: str) -> Any:
    """Import what the name stands for, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"uplab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every public name, imported or not."""
    return sorted({*globals(), *__all__})
