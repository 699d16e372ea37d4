"""Hand-made ThingPark documents of each documented root, in the name of a device; every one can be recognised again.

The network server of the lab makes uplinks, joins and downlink reports by itself. These are for what it does not make,
and for contents that no device would lead to.
"""

import itertools
import time
from typing import Any

from uplab.scenarios import LabDevice
from uplab.simulator.clock import utc_iso

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


def uplink(device: LabDevice, *, age_s: float = 0.0, **changes: Any) -> Report:
    """A DevEUI_uplink with a decodable payload of 21.5 °C and 40 %; a change to None takes the field away."""
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
        "LrrRSSI": -97.0,
        "LrrSNR": 7.5,
        "LrrESP": -97.65,
        "SpFact": 9,
        "SubBand": "G1",
        "Channel": "LC2",
        "DevLrrCnt": 1,
        "Lrrid": "10000033",
        "Late": 0,
        "LrrLAT": 48.85,
        "LrrLON": 2.35,
        "Lrrs": {"Lrr": [{"Lrrid": "10000033", "Chain": "0", "LrrRSSI": -97.0, "LrrSNR": 7.5, "LrrESP": -97.65}]},
        "CustomerID": "100002164",
        "CustomerData": {"alr": {"pro": "ELSY/ers", "ver": "1"}, "name": device.name},
        "ModelCfg": "0",
        "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
        "InstantPER": 0.0,
        "MeanPER": 0.0,
        "DevAddr": "04A1B2C3",
        "TxPower": 14.0,
        "NbTrans": 1,
        "Frequency": 868.3,
        "DynamicClass": "A",
    }
    return {"DevEUI_uplink": {name: value for name, value in {**body, **changes}.items() if value is not None}}


def notification(device: LabDevice) -> Report:
    """A device's answer to DevStatusReq: battery 200 of 254, margin 12 dB."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "CustomerID": "100002164", "FCntDn": next(_counters)}
    return {"DevEUI_notification": {**body, "Type": "devstatusans", "Var1": "200", "Var2": "12"}}


def location(device: LabDevice) -> Report:
    """A position that the network computed for an earlier uplink."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "CustomerID": "100002164", "DevLocTime": iso(30.0)}
    place = {"DevLAT": 48.8582, "DevLON": 2.2945, "DevAlt": 35.0, "DevLocRadius": 80.25, "DevAltRadius": 12.0}
    return {"DevEUI_location": {**body, **place, "NwGeolocAlgo": 1, "DevUlFCntUpUsed": next(_counters)}}


def sent_report(device: LabDevice) -> Report:
    """A downlink that was not sent: no window was left (cause B0)."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "FPort": 5, "FCntDn": next(_counters), "CustomerID": "100002164"}
    causes = {"DeliveryFailedCause1": "B0", "DeliveryFailedCause2": "00", "DeliveryFailedCause3": "00"}
    return {"DevEUI_downlink_Sent": {**body, "DeliveryStatus": 0, **causes, "CorrelationID": "00000000000A11CE"}}


def rejected(device: LabDevice) -> Report:
    """A downlink that the network server did not take."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "FPort": 5, "DeliveryStatus": 350, "CustomerID": "100002164"}
    cause = {"DownlinkRejectionCause": "Downlink counter value already used. Expected=7"}
    return {"DevEUI_downlink_Rejected": {**body, **cause, "CorrelationID": "00000000000A11CF"}}


def multicast_summary(device: LabDevice) -> Report:
    """How a multicast campaign ended."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "FPort": 5, "FCntDn": next(_counters), "CustomerID": "100002164"}
    counts = {"LrrCnt": 12, "LrrSuccessCnt": 2, "LrrFailedCnt": 9, "LrrFailedDistribution": "A3=2,D0=7"}
    return {"DevEUI_multicast_summary": {**body, "TransmissionStatus": "INPROGRESS", **counts}}


def alarm(device: LabDevice) -> Report:
    """An alarm of the network about a device."""
    body = {"Time": iso(), "DevEUI": device.dev_eui, "CustomerID": "100002164", "ID": "103", "State": 6}
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
