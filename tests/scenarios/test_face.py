"""The public face of uplab.scenarios: complete, lazy, and what the suites themselves use."""

import subprocess
import sys
from importlib import import_module

import pytest

import uplab.scenarios as face

PUBLIC = [
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


@pytest.mark.parametrize("name", face.__all__)
def test_name_is_what_its_home_has(name: str) -> None:
    assert getattr(face, name) is getattr(import_module(f"uplab.{face._HOMES[name]}"), name)


def test_face_names_each_once_and_shows_all() -> None:
    assert sorted(face._HOMES) == sorted(face.__all__) == sorted(set(face.__all__))
    assert set(face.__all__) <= set(dir(face))


def test_name_that_is_none_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Laboratory'"):
        getattr(face, "Laboratory")  # noqa: B009


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    asked = "import sys, uplab.scenarios; print([m for m in sys.modules if m.startswith('uplab.scenarios.')])"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=30, check=True)

    assert ended.stdout.strip() == "[]"


def test_public_names_are_these() -> None:
    """One that is missing here is new: add it. One that went without a version in which it warned breaks suites."""
    assert sorted(face.__all__) == PUBLIC
    assert set(face.GOING) <= set(PUBLIC)


def test_name_that_is_to_go_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(face.GOING, "Route", "use Destination")
    monkeypatch.delitem(vars(face), "Route", raising=False)

    with pytest.warns(DeprecationWarning, match=r"uplab\.scenarios\.Route goes with the next minor version: use Dest"):
        getattr(face, "Route")  # noqa: B009
