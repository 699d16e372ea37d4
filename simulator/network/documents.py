"""The documents in which ThingPark tells an application what happened on the air.

Keys stand in the documented order. A network document never carries `payload`: drivers downstream add it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from uplab.simulator.lorawan.frame import DataFrame
from uplab.simulator.payloads import MODELS, Driver
from uplab.simulator.radio.gateway import Reception

__all__ = [
    "Account",
    "Carrier",
    "Context",
    "Document",
    "account_of",
    "as_strings",
    "downlink_rejected",
    "downlink_sent",
    "join_uplink",
    "notification",
    "uplink",
]

Document = dict[str, Any]

_LRRS_LISTED = 10
_NOT_SENT, _SENT = 0, 1
SLOT_OF_WINDOW = {"RX1": 1, "RX2": 2}


@dataclass(frozen=True, slots=True)
class Account:
    """What the operator's books say of a device, copied into each of its documents; `device_class` is A or C."""

    customer_id: str = "100002164"
    name: str = ""
    tags: tuple[str, ...] = ()
    product: str = "LORA/Generic"
    product_version: str = "1"
    model_cfg: str = "0"
    model_driver: Driver | None = None
    app_driver: Driver | None = None
    device_class: str = "A"

    def customer_data(self) -> Document:
        """Return a new CustomerData object."""
        data: Document = {"alr": {"pro": self.product, "ver": self.product_version}}
        if self.tags:
            data["tags"] = list(self.tags)
        if self.name:
            data["name"] = self.name
        return data

    def driver_cfg(self) -> Document | None:
        """Return a new DriverCfg object, or None when no driver is bound to the device."""
        model, app = self.model_driver, self.app_driver
        cfg: Document = {}
        if model is not None:
            cfg["mod"] = {"pId": model.producer_id, "mId": model.module_id, "ver": model.version}
        if app is not None:
            cfg["app"] = {"pId": app.producer_id, "mId": app.module_id, "ver": app.version}
        return cfg or None


def account_of(
    model: str,
    *,
    name: str = "",
    tags: Sequence[str] = (),
    customer_id: str = "100002164",
    model_cfg: str = "0",
    device_class: str = "A",
) -> Account:
    """Return the account of a device of a model; one that is unknown is generic and has no drivers."""
    known = MODELS.get(model)
    if known is None:
        return Account(customer_id, name, tuple(tags), model_cfg=model_cfg, device_class=device_class)
    manufacturer = known.manufacturer.replace(" ", "")[:4].upper()  # "ABEE/APY" and "ADRF/DEMO" are published ones
    return Account(
        customer_id,
        name,
        tuple(tags),
        product=f"{manufacturer}/{known.driver_mod.module_id}",
        model_cfg=model_cfg,
        model_driver=known.driver_mod,
        app_driver=known.driver_app,
        device_class=device_class,
    )


class Carrier(NamedTuple):
    """The radio channel of a transmission as documents name it; frequency in MHz."""

    spreading_factor: int
    sub_band: str
    channel: str
    frequency_mhz: float


class Context(NamedTuple):
    """What the documents of one device have in common."""

    dev_eui: str
    lrc_id: str
    account: Account
    gateways: Mapping[str, tuple[float, float]]
    """Latitude and longitude of each known gateway."""


def uplink(
    context: Context,
    frame: DataFrame,
    heard: Sequence[Reception],
    carrier: Carrier,
    *,
    time: str,
    mic_hex: str,
    f_cnt_down: int,
    instant_per: float,
    mean_per: float,
    tx_power_dbm: float,
    nb_trans: int,
) -> Document:
    """Return the DevEUI_uplink document of a data frame; `heard` is never empty, strongest first."""
    m_type, dev_addr, f_cnt, f_port, payload, f_opts, adr, ack, adr_ack_req, _, _ = frame
    dev_eui, lrc_id, account, gateways = context
    lrr_id, _, (rssi_dbm, snr_db, esp_dbm), _, _, _, late, _ = heard[0]
    spreading_factor, sub_band, channel, frequency_mhz = carrier
    driver_cfg = account.driver_cfg()
    mac_commands = payload if f_port == 0 else f_opts
    body = _form(f_port is not None, adr, adr_ack_req, ack, driver_cfg is not None, bool(mac_commands)).copy()
    body["Time"] = time
    body["DevEUI"] = dev_eui
    body["FCntUp"] = f_cnt
    body["MType"] = m_type
    body["FCntDn"] = f_cnt_down
    if f_port is not None:
        body["FPort"] = f_port
        body["payload_hex"] = payload.hex()
    body["mic_hex"] = mic_hex
    body["Lrcid"] = lrc_id
    body["LrrRSSI"] = rssi_dbm
    body["LrrSNR"] = snr_db
    body["LrrESP"] = esp_dbm
    body["SpFact"] = spreading_factor
    body["SubBand"] = sub_band
    body["Channel"] = channel
    body["DevLrrCnt"] = len(heard)
    body["Lrrid"] = lrr_id
    body["Late"] = int(late)
    body["LrrLAT"], body["LrrLON"] = gateways[lrr_id]
    body["Lrrs"] = {
        "Lrr": [
            {"Lrrid": lrr_id, "Chain": chain, "LrrRSSI": rssi, "LrrSNR": snr, "LrrESP": esp}
            for lrr_id, _, (rssi, snr, esp), _, _, _, _, chain in heard[:_LRRS_LISTED]
        ]
    }
    body["CustomerID"] = account.customer_id
    body["CustomerData"] = account.customer_data()
    body["ModelCfg"] = account.model_cfg
    if driver_cfg is not None:
        body["DriverCfg"] = driver_cfg
    body["InstantPER"] = instant_per
    body["MeanPER"] = mean_per
    body["DevAddr"] = dev_addr
    if mac_commands:
        body["rawMacCommands"] = mac_commands.hex()
    body["TxPower"] = tx_power_dbm
    body["NbTrans"] = nb_trans
    body["Frequency"] = frequency_mhz
    body["DynamicClass"] = account.device_class
    return {"DevEUI_uplink": body}


_UPLINK_KEYS = (
    *("Time", "DevEUI", "FPort", "FCntUp", "ADRbit", "ADRAckReq", "ACKbit", "MType", "FCntDn", "payload_hex"),
    *("mic_hex", "Lrcid", "LrrRSSI", "LrrSNR", "LrrESP", "SpFact", "SubBand", "Channel", "DevLrrCnt", "Lrrid"),
    *("Late", "LrrLAT", "LrrLON", "Lrrs", "CustomerID", "CustomerData", "ModelCfg", "DriverCfg", "InstantPER"),
    *("MeanPER", "DevAddr", "rawMacCommands", "TxPower", "NbTrans", "Frequency", "DynamicClass"),
)
_IN_ALL = {"ADRbit": 1, "ADRAckReq": 1, "ACKbit": 1}


@cache
def _form(port: bool, adr: bool, adr_ack_req: bool, ack: bool, driver: bool, mac_commands: bool) -> Document:
    """Return the body of an uplink to copy and fill in: a copy costs a tenth of building a dict of so many keys."""
    optional = {"FPort": port, "payload_hex": port, "ADRbit": adr, "ADRAckReq": adr_ack_req, "ACKbit": ack}
    optional |= {"DriverCfg": driver, "rawMacCommands": mac_commands}
    return {key: _IN_ALL.get(key) for key in _UPLINK_KEYS if optional.get(key, True)}


def join_uplink(
    context: Context, *, time: str, phy: bytes, heard: Sequence[Reception], carrier: Carrier, airtime_s: float
) -> Document:
    """Return the DevEUI_uplink document of a join request: no counter, no port, and `Spfact` written so."""
    best = heard[0]
    latitude, longitude = context.gateways[best.lrr_id]
    body: Document = {
        "Time": time,
        "DevEUI": context.dev_eui,
        "rawJoinRequest": phy.hex(),
        "Lrrid": best.lrr_id,
        "Chain": best.chain,
        "Channel": carrier.channel,
        "Spfact": carrier.spreading_factor,
        "SubBand": carrier.sub_band,
        "MType": 0,
        "mic_hex": phy[-4:].hex(),
        "airtime": airtime_s,
        "Late": int(best.late),
        "LrrLAT": latitude,
        "LrrLON": longitude,
        "Lrrs": {
            "Lrr": [
                {"Lrrid": one.lrr_id, "LrrRSSI": one.signal[0], "LrrSNR": one.signal[1], "LrrESP": one.signal[2]}
                for one in heard[:_LRRS_LISTED]
            ]
        },
    }
    driver_cfg = context.account.driver_cfg()
    if driver_cfg:
        body["DriverCfg"] = driver_cfg
    body["CustomerID"] = context.account.customer_id
    body["CustomerData"] = context.account.customer_data()
    body["ModelCfg"] = context.account.model_cfg
    return {"DevEUI_uplink": body}


def notification(
    context: Context, *, time: str, dev_addr: str, f_cnt_down: int, kind: str, var1: str = "", var2: str = ""
) -> Document:
    """Return a DevEUI_notification: kind "join", "reset" or "devstatusans" (battery 0 to 255, margin in dB)."""
    return {
        "DevEUI_notification": {
            "Time": time,
            "DevEUI": context.dev_eui,
            "Lrcid": context.lrc_id,
            "DevAddr": dev_addr,
            "CustomerID": context.account.customer_id,
            "CustomerData": context.account.customer_data(),
            "ModelCfg": context.account.model_cfg,
            "FCntDn": f_cnt_down,
            "Type": kind,
            "Var1": var1,
            "Var2": var2,
        }
    }


def downlink_sent(
    context: Context,
    *,
    time: str,
    f_port: int,
    f_cnt_down: int,
    f_cnt_up: int,
    lrr_id: str,
    carrier: Carrier,
    window: str,
    causes: Mapping[str, str],
    correlation_id: str | None,
) -> Document:
    """Return the DevEUI_downlink_Sent report of a downlink whose last try was in `window`.

    `causes` says for each receive window why nothing was sent there; the status is 0 when that holds for the last one.
    """
    body: Document = {
        "Time": time,
        "DevEUI": context.dev_eui,
        "FPort": f_port,
        "FCntDn": f_cnt_down,
        "FCntUp": f_cnt_up,
        "Lrcid": context.lrc_id,
        "SpFact": carrier.spreading_factor,
        "SubBand": carrier.sub_band,
        "Channel": carrier.channel,
        "Lrrid": lrr_id,
        "DeliveryStatus": _NOT_SENT if window in causes else _SENT,
        "DeliveryFailedCause1": causes.get("RX1", "00"),
        "DeliveryFailedCause2": causes.get("RX2", "00"),
        "DeliveryFailedCause3": "00",
        "CustomerID": context.account.customer_id,
        "CustomerData": context.account.customer_data(),
        "TransmissionSlot": SLOT_OF_WINDOW[window],
        "Frequency": carrier.frequency_mhz,
    }
    if correlation_id is not None:
        body["CorrelationID"] = correlation_id
    return {"DevEUI_downlink_Sent": body}


def downlink_rejected(
    context: Context, *, time: str, f_port: int, cause: str, correlation_id: str | None, status: int = _NOT_SENT
) -> Document:
    """Return the DevEUI_downlink_Rejected report; the status is 0 for a frame that was queued and never sent.

    The documents describe DeliveryStatus as 0 or 1 and show 350, the HTTP status of a refusal on arrival: what was
    refused later never had that answer, so the described value stands here.
    """
    body: Document = {
        "Time": time,
        "DevEUI": context.dev_eui,
        "FPort": f_port,
        "DeliveryStatus": status,
        "DownlinkRejectionCause": cause,
        "CustomerID": context.account.customer_id,
    }
    if correlation_id is not None:
        body["CorrelationID"] = correlation_id
    return {"DevEUI_downlink_Rejected": body}


def as_strings(value: Any) -> Any:
    """Return a document in the untyped regime of older platforms: every number a string, floats with six decimals."""
    if isinstance(value, dict):
        return {key: as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_strings(item) for item in value]
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, int):
        return str(int(value))
    return value
