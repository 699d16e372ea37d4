"""Hand-made ThingPark documents of each documented root, in the name of a device; every one can be recognised again.

The network server of the lab makes uplinks, joins and downlink reports by itself. These are for what it does not make,
and for contents that no device would lead to. How it was heard, and the ids of all but the device, are drawn from the
tables of its region; the draw depends on the DevEUI alone, which follows from the run's seed.
"""

import itertools
import random
import time
from typing import Any

from uplab.scenarios import LabDevice
from uplab.simulator.clock import utc_iso
from uplab.simulator.lorawan.region import Region

__all__ = [
    "ROOTS",
    "alarm",
    "iso",
    "location",
    "multicast_summary",
    "notification",
    "rejected",
    "sent_report",
    "uplink",
]

Report = dict[str, Any]

_counters = itertools.count(40_000)  # beyond what a simulated device reaches in a scenario


def iso(age_s: float = 0.0) -> str:
    """The time so many seconds ago."""
    return utc_iso(time.time() - age_s)


def _gateway(draw: random.Random) -> Report:
    """One gateway that heard it, its strengths in steps that every reader of numbers keeps."""
    rssi_dbm, snr_db = draw.randint(-118, -60), draw.randint(-40, 40) / 4
    esp_dbm = rssi_dbm - draw.randint(1, 40) / 4
    lrr_id = f"{draw.randrange(0x10000000, 0x20000000):08X}"
    return {"Lrrid": lrr_id, "Chain": "0", "LrrRSSI": float(rssi_dbm), "LrrSNR": snr_db, "LrrESP": esp_dbm}


def _heard(region: Region, draw: random.Random) -> Report:
    """How the network heard an uplink: channel, data rate and gateways of its region."""
    channel = draw.choice(region.channels[: region.default_channels])
    rate = region.data_rates[draw.randint(channel.min_data_rate, channel.max_data_rate)]
    gateways = [_gateway(draw) for _ in range(draw.randint(1, 3))]
    best = max(gateways, key=lambda one: float(one["LrrRSSI"]))
    return {
        **{name: best[name] for name in ("Lrrid", "LrrRSSI", "LrrSNR", "LrrESP")},
        "SpFact": rate.sf,
        "SubBand": channel.sub_band,
        "Channel": channel.lc,
        "DevLrrCnt": len(gateways),
        "LrrLAT": draw.randint(-5000, 6000) / 100,
        "LrrLON": draw.randint(-12000, 15000) / 100,
        "Lrrs": {"Lrr": gateways},
        "TxPower": float(region.max_eirp_dbm),
        "Frequency": channel.frequency_hz / 1_000_000,
    }


def _customer(device: LabDevice) -> str:
    return str(random.Random(f"customer {device.dev_eui}").randrange(100_000_000, 200_000_000))


def _about(device: LabDevice) -> Report:
    return {"DevEUI": device.dev_eui, "CustomerID": _customer(device)}


def uplink(device: LabDevice, *, age_s: float = 0.0, **changes: Any) -> Report:
    """A DevEUI_uplink with a decodable payload of 21.5 °C and 40 %; a change to None takes the field away."""
    draw = random.Random(f"uplink {device.dev_eui}")
    heard = _heard(device.region, draw)
    body = {
        "Time": iso(age_s),
        "DevEUI": device.dev_eui,
        "FPort": 5,
        "FCntUp": next(_counters),
        "MType": 2,
        "FCntDn": 3,
        "payload_hex": "0100d70228",
        "mic_hex": "3f9c1d20",
        "Lrcid": "000000CB",
        **{name: heard[name] for name in ("LrrRSSI", "LrrSNR", "LrrESP", "SpFact", "SubBand", "Channel", "DevLrrCnt")},
        "Lrrid": heard["Lrrid"],
        "Late": 0,
        **{name: heard[name] for name in ("LrrLAT", "LrrLON", "Lrrs")},
        "CustomerID": _customer(device),
        "CustomerData": {"alr": {"pro": "ELSY/ers", "ver": "1"}, "name": device.name},
        "ModelCfg": "0",
        "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
        "InstantPER": 0.0,
        "MeanPER": 0.0,
        "DevAddr": f"{draw.randrange(0x04000000, 0x06000000):08X}",
        "TxPower": heard["TxPower"],
        "NbTrans": 1,
        "Frequency": heard["Frequency"],
        "DynamicClass": "A",
    }
    return {"DevEUI_uplink": {name: value for name, value in {**body, **changes}.items() if value is not None}}


def notification(device: LabDevice) -> Report:
    """A device's answer to DevStatusReq: battery 200 of 254, margin 12 dB."""
    body = {"Time": iso(), **_about(device), "FCntDn": next(_counters)}
    return {"DevEUI_notification": {**body, "Type": "devstatusans", "Var1": "200", "Var2": "12"}}


def location(device: LabDevice) -> Report:
    """A position that the network computed for an earlier uplink."""
    body = {"Time": iso(), **_about(device), "DevLocTime": iso(30.0)}
    place = {"DevLAT": 48.8582, "DevLON": 2.2945, "DevAlt": 35.0, "DevLocRadius": 80.25, "DevAltRadius": 12.0}
    return {"DevEUI_location": {**body, **place, "NwGeolocAlgo": 1, "DevUlFCntUpUsed": next(_counters)}}


def sent_report(device: LabDevice) -> Report:
    """A downlink that was not sent: no window was left (cause B0)."""
    body = {
        "Time": iso(),
        "DevEUI": device.dev_eui,
        "FPort": 5,
        "FCntDn": next(_counters),
        "CustomerID": _customer(device),
    }
    causes = {"DeliveryFailedCause1": "B0", "DeliveryFailedCause2": "00", "DeliveryFailedCause3": "00"}
    return {"DevEUI_downlink_Sent": {**body, "DeliveryStatus": 0, **causes, "CorrelationID": "00000000000A11CE"}}


def rejected(device: LabDevice) -> Report:
    """A downlink that the network server did not take."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "FPort": 5, "DeliveryStatus": 350, "CustomerID": _customer(device)}
    cause = {"DownlinkRejectionCause": "Downlink counter value already used. Expected=7"}
    return {"DevEUI_downlink_Rejected": {**body, **cause, "CorrelationID": "00000000000A11CF"}}


def multicast_summary(device: LabDevice) -> Report:
    """How a multicast campaign ended."""
    body = {
        "Time": iso(),
        "DevEUI": device.dev_eui,
        "FPort": 5,
        "FCntDn": next(_counters),
        "CustomerID": _customer(device),
    }
    counts = {"LrrCnt": 12, "LrrSuccessCnt": 2, "LrrFailedCnt": 9, "LrrFailedDistribution": "A3=2,D0=7"}
    return {"DevEUI_multicast_summary": {**body, "TransmissionStatus": "INPROGRESS", **counts}}


def alarm(device: LabDevice) -> Report:
    """An alarm of the network about a device."""
    body = {"Time": iso(), **_about(device), "ID": "103", "State": 6}
    times = {"CreationTime": iso(120.0), "LastUpdateTime": iso(1.0)}
    return {"DevEUI_alarm": {**body, **times, "Occurrence": 2, "Acked": False, "AddInfo1": "72%"}}


ROOTS = {
    "notification": notification,
    "location": location,
    "downlink_Sent": sent_report,
    "downlink_Rejected": rejected,
    "multicast_summary": multicast_summary,
    "alarm": alarm,
}
"""The makers of every root but the uplink's, by their name after DevEUI_."""
