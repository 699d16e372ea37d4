"""What a line of the history says in plain words: one sentence for each hop, from its facts alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from uplab.reports.text import one_line

__all__ = ["Facts", "acknowledged", "describe", "heard", "place"]

Facts = Mapping[str, Any]

_REFUSALS = {
    "unknown_device": "it does not know the device",
    "mic": "the integrity code (MIC) is wrong",
    "replay": "the counter was seen before",
    "dev_nonce": "the DevNonce was used before",
    "malformed": "the frame is malformed",
}
# The lab's own destination: an uplink that arrives there proves that nothing more will come to the others.
_WITNESS = "witness"
_PLACES = {
    "device": "device",
    "gateway": "gateway",
    "network": "network",
    "tunnel": "tunnel",
    "downlink": "tunnel",
    "api": "API",
    "forwarder": "forwarder",
    "fault": "fault",
    "scenario": "user",
    "page": "page",
}


def _shown(facts: Facts, name: str, otherwise: str = "?") -> str:
    value = facts.get(name)
    return otherwise if value is None or value == "" else one_line(str(value), 80)


def _optional(facts: Facts, name: str, template: str) -> str:
    """The template with the value in it, or nothing where the fact is absent."""
    return template.format(_shown(facts, name)) if facts.get(name) not in (None, "") else ""


def _device_sent(facts: Facts) -> str:
    if facts.get("m_type") == 0 or (facts.get("f_cnt") is None and facts.get("f_port") is None):
        return f"device {_shown(facts, 'dev_eui')} sent a join request"
    kind = "confirmed frame" if facts.get("m_type") == 4 else "frame"  # MType, LoRaWAN 1.0.4 section 4.2.1
    port = _optional(facts, "f_port", " on port {}")
    return f"device sent {kind} FCnt {_shown(facts, 'f_cnt')}{port}" + _optional(facts, "payload_hex", ", payload {}")


def heard(receptions: Sequence[Facts]) -> str:
    """One sentence for all the gateways that heard one transmission, the strongest first."""
    most = 4
    known = sorted(receptions, key=lambda facts: -_number(facts.get("rssi_dbm")))
    each = [
        f"{_shown(f, 'lrr_id')} ({_number_of(f, 'rssi_dbm')} dBm, SNR {_number_of(f, 'snr_db')} dB)"
        for f in known[:most]
    ]
    if len(known) == 1:
        return f"gateway {each[0]} heard it"
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"{len(known)} gateways heard it: {', '.join(each)}{more}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else -999.0


def _number_of(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, int | float) else "?"


def _refused(facts: Facts) -> str:
    reason = _shown(facts, "reason")
    return f"network refused the frame: {_REFUSALS.get(reason, reason)}"


def _answered(facts: Facts) -> str:
    outcome = facts.get("outcome")
    status = _optional(facts, "status", " with {}")
    reason = _optional(facts, "reason", ": {}")
    if outcome == "accepted":
        return f"forwarder accepted it{status}{reason}"
    if outcome == "refused":
        return f"forwarder refused it{status}{reason}"
    return f"forwarder's answer is unclear{reason or ': the connection was lost'}"


def _arrived(facts: Facts) -> str:
    request = f"{_shown(facts, 'method', 'a request')} {_shown(facts, 'host', '')}{_shown(facts, 'url', '')}"
    whole = "" if facts.get("complete", True) else ", cut off before its end"
    return f"{_fake(facts)} received {request.strip()}{whole}"


def _destination_answered(facts: Facts) -> str:
    written = "" if facts.get("written", True) else ", but the answer was not written to its end"
    return f"{_fake(facts)} answered {_shown(facts, 'status')}{written}"


def acknowledged(facts: Facts) -> bool:
    """Whether an acknowledgement took the message: MQTT 5 refuses by reason codes from 128 on (section 2.4)."""
    code = facts.get("code")
    return not isinstance(code, int) or code < 128


def _acknowledged(facts: Facts) -> str:
    kind = _shown(facts, "kind", "PUBACK")
    if acknowledged(facts):
        return f"{_fake(facts)} acknowledged it with {kind}"
    return f"{_fake(facts)} refused it with {kind}, reason code {_shown(facts, 'code')}"


def _fake(facts: Facts) -> str:
    name = _shown(facts, "fake", "destination")
    return "the lab's own control destination" if name == _WITNESS else name


def _planned(facts: Facts) -> str:
    faults = facts.get("faults")
    names = [_shown(fault, "id") for fault in faults if isinstance(fault, Mapping)] if isinstance(faults, list) else []
    return f"{_fake(facts)} will misbehave: {', '.join(names)}" if names else f"{_fake(facts)} is well again"


def _network_downlink(facts: Facts) -> str:
    frame = f"the downlink for port {_shown(facts, 'f_port')}"
    if facts.get("outcome") == "rejected":
        return f"network rejected {frame}{_optional(facts, 'cause', ': {}')}"
    return f"network queued {frame}{_optional(facts, 'payload_hex', ', payload {}')}"


_WORDS: dict[str, Callable[[Facts], str]] = {
    "device.sent": _device_sent,
    "gateway.heard": lambda f: heard([f]),
    "network.joined": lambda f: f"network joined device {_shown(f, 'dev_eui')} as {_shown(f, 'dev_addr')}",
    "network.refused": _refused,
    "network.document": lambda f: f"network made the document {_shown(f, 'root')}" + _optional(f, "f_cnt", ", FCnt {}"),
    "tunnel.sent": lambda _: "tunnel posted it to the forwarder",
    "tunnel.answered": _answered,
    "network.downlink": _network_downlink,
    "gateway.sent": lambda f: f"gateway {_shown(f, 'lrr_id')} sent the downlink in {_shown(f, 'window')}",
    "device.received": lambda f: (
        f"device received the downlink on port {_shown(f, 'f_port')} in {_shown(f, 'window')}"
        + _optional(f, "payload_hex", ", payload {}")
    ),
    "downlink.posted": lambda f: "the downlink was posted to the forwarder" + _optional(f, "status", ", answered {}"),
    "destination.arrived": _arrived,
    "destination.answered": _destination_answered,
    "destination.connected": lambda f: (
        f"{_fake(f)} took a connection of {_shown(f, 'username', 'nobody')}"
        + _optional(f, "code", ", answered code {}")
    ),
    "destination.published": lambda f: (
        f"{_fake(f)} received a publish to {_shown(f, 'topic')}"
        + _optional(f, "qos", ", QoS {}")
        + (", MQTT 5" if f.get("level") == 5 else "")
        + (", marked as a duplicate" if f.get("duplicate") else "")
    ),
    "destination.acknowledged": _acknowledged,
    "destination.pushed": lambda f: (
        f"{_fake(f)} handed on a message of {_shown(f, 'topic')}"
        + _optional(f, "qos", ", QoS {}")
        + (", retained" if f.get("retain") else "")
    ),
    "destination.closed": lambda f: f"{_fake(f)} saw the connection end" + _optional(f, "reason", ": {}"),
    "fault.planned": _planned,
    "fault.delivered": lambda f: f"planned fault {_shown(f, 'fault')} was delivered: {_shown(f, 'action')}",
    "forwarder.ended": lambda f: f"the run {_shown(f, 'how', 'ended')} the forwarder, to start it again",
    "scenario.saw": lambda f: f"{_shown(f, 'place')} shows {_shown(f, 'told')}",
    "page.step": lambda f: f"{_shown(f, 'step')}" + ("" if f.get("done") else ": it could not be done"),
    "api.asked": lambda f: f"{_shown(f, 'method')} {_shown(f, 'path')} was asked of the forwarder's API",
    "api.answered": lambda f: (
        f"forwarder's API answered {_shown(f, 'status')} to {_shown(f, 'method')} {_shown(f, 'path')}"
    ),
}


def describe(hop: str, facts: Facts) -> str:
    """The line in plain words; a hop without words of its own is shown with its facts."""
    words = _WORDS.get(hop)
    if words is not None:
        return words(facts)
    rest = ", ".join(f"{name} {one_line(str(value), 60)}" for name, value in facts.items() if value is not None)
    return one_line(f"{hop.replace('.', ' ')}: {rest}" if rest else hop.replace(".", " "), 300)


def place(hop: str, facts: Facts) -> str:
    """Where a hop is, in one word: device, gateway, network, tunnel, control, or the name of the destination."""
    prefix = hop.partition(".")[0]
    if prefix == "destination":
        return "control" if facts.get("fake") == _WITNESS else _fake(facts)
    return _PLACES.get(prefix, one_line(prefix, 20))
