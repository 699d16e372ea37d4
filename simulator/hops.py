"""What the simulator says at its hops: one function for each, which returns the hop's name and its facts.

`emit(*device_sent(dev_eui=..., ...))`: the facts are keywords, so that no site can misspell or forget one. Units stand
in the names; EUIs, addresses and bytes are hexadecimal; times are ISO 8601 with their offset.
"""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = [
    "Said",
    "device_received",
    "device_sent",
    "gateway_heard",
    "gateway_sent",
    "network_document",
    "network_downlink",
    "network_joined",
    "network_refused",
    "tunnel_answered",
    "tunnel_sent",
]

Said: TypeAlias = tuple[str, dict[str, Any]]


def device_sent(
    *, dev_eui: str, f_cnt: int | None, f_port: int | None, payload_hex: str, phy_hex: str, time: str, m_type: int
) -> Said:
    """A device begins to transmit; a join request has neither counter nor port."""
    return "device.sent", {
        "dev_eui": dev_eui,
        "f_cnt": f_cnt,
        "f_port": f_port,
        "payload_hex": payload_hex,
        "phy_hex": phy_hex,
        "time": time,
        "m_type": m_type,
    }


def gateway_heard(*, lrr_id: str, dev_eui: str, rssi_dbm: float, snr_db: float, esp_dbm: float, phy_hex: str) -> Said:
    """A gateway demodulated a transmission."""
    return "gateway.heard", {
        "lrr_id": lrr_id,
        "dev_eui": dev_eui,
        "rssi_dbm": rssi_dbm,
        "snr_db": snr_db,
        "esp_dbm": esp_dbm,
        "phy_hex": phy_hex,
    }


def gateway_sent(*, lrr_id: str, dev_eui: str, window: str, phy_hex: str) -> Said:
    """A gateway transmitted a downlink."""
    return "gateway.sent", {"lrr_id": lrr_id, "dev_eui": dev_eui, "window": window, "phy_hex": phy_hex}


def device_received(
    *, dev_eui: str, f_port: int | None, payload_hex: str, f_cnt_down: int, window: str, confirmed: bool
) -> Said:
    """A device took a downlink, decrypted."""
    return "device.received", {
        "dev_eui": dev_eui,
        "f_port": f_port,
        "payload_hex": payload_hex,
        "f_cnt_down": f_cnt_down,
        "window": window,
        "confirmed": confirmed,
    }


def network_joined(*, dev_eui: str, dev_addr: str) -> Said:
    """The network server let a device in."""
    return "network.joined", {"dev_eui": dev_eui, "dev_addr": dev_addr}


def network_refused(*, reason: str, phy_hex: str) -> Said:
    """The network server refused a frame."""
    return "network.refused", {"reason": reason, "phy_hex": phy_hex}


def network_document(*, root: str, dev_eui: Any, f_cnt: Any, time: Any, document: dict[str, Any]) -> Said:
    """The network server made a document; in one that was made by hand the values may be of any type."""
    return "network.document", {"root": root, "dev_eui": dev_eui, "f_cnt": f_cnt, "time": time, "document": document}


def network_downlink(
    *,
    dev_eui: str | None,
    f_port: int | None,
    payload_hex: str | None,
    correlation_id: str | None,
    outcome: str,
    cause: str | None,
) -> Said:
    """A downlink reached the network server, which queued it or rejected it."""
    return "network.downlink", {
        "dev_eui": dev_eui,
        "f_port": f_port,
        "payload_hex": payload_hex,
        "correlation_id": correlation_id,
        "outcome": outcome,
        "cause": cause,
    }


def tunnel_sent(
    *, attempt: int, dev_eui: Any, f_cnt: Any, url: str, raw: bytes, traceparent: str | None = None
) -> Said:
    """A document is posted to the forwarder's ingress; `raw` is the body, `traceparent` the header where it has one."""
    facts: dict[str, Any] = {"attempt": attempt, "dev_eui": dev_eui, "f_cnt": f_cnt, "url": url, "raw": raw}
    return "tunnel.sent", facts if traceparent is None else {**facts, "traceparent": traceparent}


def tunnel_answered(
    *,
    attempt: int,
    outcome: str,
    status: int | None,
    reason: str,
    headers: list[list[str]] | None = None,
    raw: bytes | None = None,
) -> Said:
    """The post is over; `headers` and `raw`, the beginning of the answer's body, as far as any came."""
    facts: dict[str, Any] = {"attempt": attempt, "outcome": outcome, "status": status, "reason": reason}
    if headers is not None:
        facts["headers"] = headers
    if raw is not None:
        facts["raw"] = raw
    return "tunnel.answered", facts
