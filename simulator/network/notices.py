"""Documents of which no frame is the cause: what ThingPark itself finds out or complains about."""

from __future__ import annotations

from uplab.simulator.network.documents import Context, Document

__all__ = ["device_alarm", "location"]


def location(
    context: Context,
    *,
    time: str,
    dev_addr: str,
    latitude: float,
    longitude: float,
    f_cnt_up: int,
    altitude_m: float = 0.0,
    radius_m: float = 100.0,
) -> Document:
    """Return a DevEUI_location: where the network found the device from the uplink with the counter `f_cnt_up`."""
    return {
        "DevEUI_location": {
            "DevEUI": context.dev_eui,
            "DevAddr": dev_addr,
            "Lrcid": context.lrc_id,
            "NwGeolocAlgo": 2,
            "NwGeolocAlgoUsed": 0,
            "Time": time,
            "DevLocTime": time,
            "DevLAT": latitude,
            "DevLON": longitude,
            "DevAlt": altitude_m,
            "DevLocRadius": radius_m,
            "DevAltRadius": radius_m,
            "DevUlFCntUpUsed": f_cnt_up,
            "CustomerID": context.account.customer_id,
            "CustomerData": context.account.customer_data(),
            "ModelCfg": context.account.model_cfg,
        }
    }


def device_alarm(
    context: Context,
    *,
    alarm_id: int,
    created: str,
    updated: str,
    state: int = 1,
    occurrence: int = 1,
    acknowledged: bool = False,
    detail: str = "",
) -> Document:
    """Return a DevEUI_alarm; both times are ISO 8601, and there is no `Time`."""
    return {
        "DevEUI_alarm": {
            "ID": alarm_id,
            "State": state,
            "CreationTime": created,
            "LastUpdateTime": updated,
            "Occurrence": occurrence,
            "Acked": int(acknowledged),
            "AddInfo1": detail,
            "DevEUI": context.dev_eui,
            "CustomerID": context.account.customer_id,
            "CustomerData": context.account.customer_data(),
        }
    }
