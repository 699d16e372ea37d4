"""What authors of scenarios import: `from uplab.scenarios import Lab, Route`.

A name is imported when it is first asked for: every pytest of an environment with uplab loads the plugin below, and
must not load a lab with it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any
from warnings import warn

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
    from uplab.scenarios.checks.own.fold import Finding, broken, check, kept, unknown
    from uplab.scenarios.checks.own.hops import (
        ApiAnswered,
        ApiAsked,
        ConnectionGiven,
        DestinationAcknowledged,
        DestinationAnswered,
        DestinationArrived,
        DestinationClosed,
        DestinationConnected,
        DestinationPublished,
        DestinationPushed,
        DeviceReceived,
        DeviceSent,
        DownlinkPosted,
        FaultDelivered,
        FaultPlanned,
        ForwarderEnded,
        GatewayHeard,
        GatewaySent,
        Hop,
        NetworkDocument,
        NetworkDownlink,
        NetworkJoined,
        NetworkRefused,
        PageStep,
        ScenarioSaw,
        TunnelAnswered,
        TunnelSent,
    )
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
    from uplab.simulator.payloads.own import DeviceModel

__all__ = [
    "Always",
    "ApiAnswered",
    "ApiAsked",
    "Bin",
    "Carries",
    "CheckFailed",
    "CheckUnknown",
    "Close",
    "Connect",
    "ConnectionGiven",
    "Delay",
    "Destination",
    "DestinationAcknowledged",
    "DestinationAnswered",
    "DestinationArrived",
    "DestinationClosed",
    "DestinationConnected",
    "DestinationPublished",
    "DestinationPushed",
    "DeviceModel",
    "DeviceReceived",
    "DeviceSent",
    "DownlinkPosted",
    "Drip",
    "Endless",
    "Event",
    "EveryNth",
    "Fault",
    "FaultDelivered",
    "FaultPlanned",
    "Faults",
    "Finding",
    "FirstN",
    "ForwarderEnded",
    "Garbage",
    "GatewayHeard",
    "GatewaySent",
    "HalfAnswer",
    "Hang",
    "Hop",
    "HugeBody",
    "JsonPointer",
    "Lab",
    "LabConnection",
    "LabDevice",
    "NetworkDocument",
    "NetworkDownlink",
    "NetworkJoined",
    "NetworkRefused",
    "NoneArrives",
    "Nth",
    "OnTheAir",
    "PageStep",
    "Posts",
    "Redirect",
    "RefuseConnect",
    "RefuseSubscribe",
    "RepeatPuback",
    "ResetAfterBody",
    "ResetBeforeBody",
    "Route",
    "ScenarioSaw",
    "Sent",
    "Share",
    "Station",
    "Status",
    "TakeOver",
    "ThingsBoardAccount",
    "TunnelAnswered",
    "TunnelSent",
    "Verdict",
    "WidgelixAccount",
    "WidgelixDevice",
    "WithholdPingresp",
    "WithholdPuback",
    "WithoutHeaders",
    "broken",
    "check",
    "codec_model",
    "deliveries",
    "epoch_ms",
    "example_body",
    "is_canary",
    "kept",
    "redact_text",
    "unknown",
]

_HOMES = {
    "Always": "fakes.faults",
    "ApiAnswered": "scenarios.checks.own.hops",
    "ApiAsked": "scenarios.checks.own.hops",
    "Bin": "scenarios.lab.places.bin",
    "Carries": "scenarios.checks.asked.arrived",
    "CheckFailed": "scenarios.checks.verdict",
    "CheckUnknown": "scenarios.checks.verdict",
    "Close": "fakes.faults",
    "Connect": "scenarios.lab.places.connecting",
    "ConnectionGiven": "scenarios.checks.own.hops",
    "Delay": "fakes.faults",
    "Destination": "scenarios.lab.places.destination",
    "DestinationAcknowledged": "scenarios.checks.own.hops",
    "DestinationAnswered": "scenarios.checks.own.hops",
    "DestinationArrived": "scenarios.checks.own.hops",
    "DestinationClosed": "scenarios.checks.own.hops",
    "DestinationConnected": "scenarios.checks.own.hops",
    "DestinationPublished": "scenarios.checks.own.hops",
    "DestinationPushed": "scenarios.checks.own.hops",
    "DeviceModel": "simulator.payloads.own",
    "DeviceReceived": "scenarios.checks.own.hops",
    "DeviceSent": "scenarios.checks.own.hops",
    "DownlinkPosted": "scenarios.checks.own.hops",
    "Drip": "fakes.faults",
    "Endless": "fakes.faults",
    "Event": "scenarios.history.history",
    "EveryNth": "fakes.faults",
    "Fault": "fakes.faults",
    "FaultDelivered": "scenarios.checks.own.hops",
    "FaultPlanned": "scenarios.checks.own.hops",
    "Faults": "scenarios.lab.places.faults",
    "Finding": "scenarios.checks.own.fold",
    "FirstN": "fakes.faults",
    "ForwarderEnded": "scenarios.checks.own.hops",
    "Garbage": "fakes.faults",
    "GatewayHeard": "scenarios.checks.own.hops",
    "GatewaySent": "scenarios.checks.own.hops",
    "HalfAnswer": "fakes.faults",
    "Hang": "fakes.faults",
    "Hop": "scenarios.checks.own.hops",
    "HugeBody": "fakes.faults",
    "JsonPointer": "fakes.faults",
    "Lab": "scenarios.lab.lab",
    "LabConnection": "scenarios.lab.connection",
    "LabDevice": "scenarios.lab.device",
    "NetworkDocument": "scenarios.checks.own.hops",
    "NetworkDownlink": "scenarios.checks.own.hops",
    "NetworkJoined": "scenarios.checks.own.hops",
    "NetworkRefused": "scenarios.checks.own.hops",
    "NoneArrives": "scenarios.checks.asked.arrived",
    "Nth": "fakes.faults",
    "OnTheAir": "scenarios.checks.asked.on_the_air",
    "PageStep": "scenarios.checks.own.hops",
    "Posts": "scenarios.checks.asked.arrived",
    "Redirect": "fakes.faults",
    "RefuseConnect": "fakes.faults",
    "RefuseSubscribe": "fakes.faults",
    "RepeatPuback": "fakes.faults",
    "ResetAfterBody": "fakes.faults",
    "ResetBeforeBody": "fakes.faults",
    "Route": "scenarios.checks.deliveries",
    "ScenarioSaw": "scenarios.checks.own.hops",
    "Sent": "scenarios.lab.device",
    "Share": "fakes.faults",
    "Station": "scenarios.lab.places.station",
    "Status": "fakes.faults",
    "TakeOver": "fakes.faults",
    "ThingsBoardAccount": "scenarios.lab.places.thingsboard_account",
    "TunnelAnswered": "scenarios.checks.own.hops",
    "TunnelSent": "scenarios.checks.own.hops",
    "Verdict": "scenarios.checks.verdict",
    "WidgelixAccount": "scenarios.lab.places.widgelix_account",
    "WidgelixDevice": "scenarios.lab.places.widgelix_account",
    "WithholdPingresp": "fakes.faults",
    "WithholdPuback": "fakes.faults",
    "WithoutHeaders": "scenarios.checks.asked.arrived",
    "broken": "scenarios.checks.own.fold",
    "check": "scenarios.checks.own.fold",
    "codec_model": "scenarios.codecs.model",
    "deliveries": "scenarios.checks.deliveries",
    "epoch_ms": "scenarios.history.identity",
    "example_body": "scenarios.documents.connector_document",
    "is_canary": "scenarios.history.secrets",
    "kept": "scenarios.checks.own.fold",
    "redact_text": "scenarios.history.secrets",
    "unknown": "scenarios.checks.own.fold",
}

GOING: dict[str, str] = {}
"""Names that go with the next minor version, each with what takes its place: until then they warn."""


def __getattr__(name: str) -> Any:
    """Import what the name stands for, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in GOING:
        warn(f"uplab.scenarios.{name} goes with the next minor version: {GOING[name]}", DeprecationWarning, 2)
    value = getattr(import_module(f"uplab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every public name, imported or not."""
    return sorted({*globals(), *__all__})
