"""Documents that no simulated frame leads to: every root, and uplinks as the field has them.

Each row says what is changed in a right document; None takes a member away. Sources: CONTRACT 2 and 4, and the captures
of the field of which COM-15 and COM-16 speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["DOCUMENTS", "ROOTS", "UPLINK"]

_GATEWAY = {"Lrrid": "10000034", "Chain": "0", "LrrRSSI": -110.0, "LrrSNR": -7.25, "LrrESP": -118.0}

DOCUMENTS: Final[Mapping[str, dict[str, Any]]] = {
    "no port": {"change": {"FPort": None, "payload_hex": None, "rawMacCommands": "0307"}},
    "port 0": {"change": {"FPort": 0, "payload_hex": "0703"}},
    "port 1": {"change": {"FPort": 1}},
    "port 223": {"change": {"FPort": 223}},
    "port 224": {"change": {"FPort": 224}},
    "no byte": {"change": {"payload_hex": ""}},
    "one byte": {"change": {"payload_hex": "01"}},
    "52 bytes": {"change": {"payload_hex": "0501" * 26}},
    "222 bytes": {"change": {"payload_hex": "0501" * 111}},
    "no driver": {"change": {"DriverCfg": None}},
    "driver of the application": {"change": {"DriverCfg": {"app": {"pId": "elsys", "mId": "generic", "ver": "1"}}}},
    "capitals": {"change": {"payload_hex": "0100D70228"}},
    "counter 65535": {"change": {"FCntUp": 65_535}},
    "counter 65536": {"change": {"FCntUp": 65_536}},
    "counter 4294967295": {"change": {"FCntUp": 4_294_967_295}},
    "no counter": {"change": {"FCntUp": None}},
    "no time": {"change": {"Time": None}},
    "late": {"change": {"Late": 1}, "age_s": 20.0},
    "confirmed": {"change": {"MType": 4, "ACKbit": 1, "ADRbit": 1}},
    "zeros": {"change": {"LrrSNR": 0.0, "LrrESP": 0.0, "TxPower": 0.0, "MeanPER": 0.0, "FCntDn": 0}},
    "fractions": {"change": {"LrrRSSI": -120.5, "LrrSNR": -12.25, "MeanPER": 0.048828, "InstantPER": 1.1e-05}},
    "texts and numbers": {"change": {"FPort": "5", "LrrRSSI": "-97.000000", "SpFact": "9", "Late": "0", "NbTrans": 1}},
    "no gateway": {"change": {"Lrrs": {"Lrr": []}, "DevLrrCnt": 0}},
    "gateway as object": {"change": {"Lrrs": {"Lrr": _GATEWAY}}},
    "ten gateways": {"change": {"Lrrs": {"Lrr": [{**_GATEWAY, "Lrrid": f"100000{n:02d}"} for n in range(10)]}}},
    "no customer data": {"change": {"CustomerData": None}},
    "weekly status": {"change": {"BatteryLevel": 0, "Margin": -32, "BatteryTime": "2026-01-01T00:00:00.000+00:00"}},
    "other scripts": {"change": {"CustomerID": "Köln 温度 🌡 \u2028"}},
    "odd keys": {"change": {"my key": 1, "Axis-Y": -3, "a.b": "c", "$ref": 0, "emptyText": ""}},
    "odd content": {
        "change": {"CustomerData": {"doms": [], "loc": None, "probe": False, "a": [{"b": [[{"c": [1]}]]}]}}
    },
    "marks": {"change": {"note": '}} "DriverCfg":{ {"', "path": "C:\\new\\table", "tab": "a\tb / c"}},
    "long numbers": {"change": {"bigNumber": 12345678901234567890, "exactNumber": 42.0, "smallNumber": 1e-07}},
    "5 kB": {"pad": 5_000},
    "600 kB": {"pad": 600_000},
    "wildcards": {"change": {"CustomerID": "plant/+/7"}},
    "pattern in a value": {"change": {"CustomerID": "{DevEUI}"}},
    "unknown members": {"change": {"NewMember": {"deep": [1, 2.5, None, True]}, "AnotherOne": False}},
    "offset +02:00": {"offset": "+02:00"},
    "offset -08:00": {"offset": "-08:00"},
    "offset +05:45": {"offset": "+05:45"},
    "device in small letters": {"lower": True},
    "last member first": {"reverse": True},
    "too old": {"age_s": 700_000.0},
}
"""Uplinks by name: the fields of a step that posts them."""


UPLINK: Final[Mapping[str, Any]] = {
    "FPort": 5,
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
    "Lrrs": {"Lrr": [{**_GATEWAY, "Lrrid": "10000033", "LrrRSSI": -97.0, "LrrSNR": 7.5, "LrrESP": -97.65}]},
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
"""A right uplink of an Elsys ERS, 21.5 °C and 40 %, but for what is its device's own."""

ROOTS: Final[Mapping[str, dict[str, Any]]] = {
    "notification": {"Type": "devstatusans", "Var1": "200", "Var2": "12"},
    "location": {"DevLAT": 48.8582, "DevLON": 2.2945, "DevAlt": 35.0, "DevLocRadius": 80.25, "NwGeolocAlgo": 1},
    "downlink_Sent": {
        "FPort": 5,
        "DeliveryStatus": 0,
        "DeliveryFailedCause1": "B0",
        "DeliveryFailedCause2": "00",
        "CorrelationID": "00000000000A11CE",
    },
    "downlink_Rejected": {
        "FPort": 5,
        "DeliveryStatus": 350,
        "DownlinkRejectionCause": "Downlink counter value already used. Expected=7",
        "CorrelationID": "00000000000A11CF",
    },
    "multicast_summary": {"FPort": 5, "LrrCnt": 12, "LrrSuccessCnt": 2, "LrrFailedCnt": 9, "TransmissionStatus": "X"},
    "alarm": {"ID": "103", "State": 6, "Occurrence": 2, "Acked": False, "AddInfo1": "72%"},
}
"""Every root but the uplink's, by its name after DevEUI_, with what is its own."""
