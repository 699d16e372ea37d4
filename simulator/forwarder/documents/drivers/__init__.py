"""The drivers: bytes to decoded payload and back, chosen by the application that an uplink document names.

A document tells in `DriverCfg`: {"mod": {"pId": ..., "mId": ..., "ver": ...}, "app": {...}} which model its device is
and which application protocol it speaks. The application decides; where a document has only `mod`, that one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from uplab.simulator.forwarder.documents.drivers import (
    abeeway_tracker,
    adeunis_ftd,
    axioma_w1,
    dragino_lht65,
    ellenex_pls2_l,
    elsys_ers,
    milesight_em300_th,
    nke_th,
)
from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError, PartialError

__all__ = ["DRIVERS", "Decoded", "Driver", "DriverError", "decode", "encode", "unknown_application"]

DRIVERS: dict[tuple[str, str], Driver] = {
    (module.DRIVER.producer_id, module_id): module.DRIVER
    for module in (
        abeeway_tracker,
        adeunis_ftd,
        axioma_w1,
        dragino_lht65,
        ellenex_pls2_l,
        elsys_ers,
        milesight_em300_th,
        nke_th,
    )
    for module_id in module.DRIVER.module_ids
}


# References under which older documents of ours name a driver.
DRIVERS |= {
    ("nke", "th"): nke_th.DRIVER,
    ("milesight", "em300-th"): milesight_em300_th.DRIVER,
}

IDS: dict[tuple[str, str, str], str] = {
    # `driver` and version in the package.json files of the public catalogue of IoT Flow drivers
    ("axioma", "w1", "1"): "actilitypub:axioma-w1:1",
    ("ellenex", "pls2-l", "1"): "actilitypub:ellenex-pls2-l:1",
    # driver.yaml and package.json of the public device catalogue; the first is in public captures too
    ("abeeway", "asset-tracker", "2"): "abeeway:asset-tracker:3",
    ("msight", "em300-th", "1"): "msight:msight-em300-th:1",
    ("watteco", "th", "5"): "watteco:th_v5:1",
}
"""The id of a driver by the application that it decodes: producer, package name, major version of the driver.

An application that is in no catalogue has a driver that is named as itself (our reading).
"""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding gave: a payload and the id of the driver that made it, or an error, or none of the three.

    Both payload and error where a part of the bytes could not be read.
    """

    payload: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    driver_id: str | None = None


def _find(driver_cfg: object) -> tuple[Driver, str] | None:
    """Return the driver that a DriverCfg names, with its id `producer:module:version`, or None."""
    if not isinstance(driver_cfg, dict):
        return None
    reference = driver_cfg.get("app") or driver_cfg.get("mod")
    if not isinstance(reference, dict):
        return None
    named = (str(reference.get("pId")), str(reference.get("mId")), str(reference.get("ver", "1")))
    producer_id, module_id, version = (part.lower() for part in named)
    driver = DRIVERS.get((producer_id, module_id))
    return None if driver is None else (driver, IDS.get((producer_id, module_id, version), ":".join(named)))


def unknown_application(driver_cfg: object) -> str:
    """Name the application of which there is no driver; empty when there is one, or none is named."""
    if not isinstance(driver_cfg, dict) or _find(driver_cfg) is not None:
        return ""
    reference = driver_cfg.get("app") or driver_cfg.get("mod")
    if not isinstance(reference, dict):
        return ""
    return ":".join(str(reference.get(name, ""))[:40] for name in ("pId", "mId", "ver"))


def decode(
    driver_cfg: dict[str, Any] | None, f_port: int | None, payload: bytes, time_s: float | None = None
) -> Decoded:
    """Decode an uplink's bytes; never raises, because an uplink that cannot be decoded is still delivered.

    `time_s` is when it was received, in seconds since 1970, by which some devices' clocks can be judged. Without a
    driver, or without application data (FPort absent or 0), all of the answer is None. A failure has the code and the
    wording of the platform's documented example.
    """
    found = _find(driver_cfg)
    if found is None or not f_port:
        return Decoded()
    driver, driver_id = found
    try:
        if f_port not in driver.f_ports:
            raise DriverError("Invalid fPort!")
        if doubt := driver.doubt(payload, f_port, time_s):
            raise DriverError(doubt)
        return Decoded(payload=driver.decode(f_port, payload), driver_id=driver_id)
    except PartialError as error:
        return Decoded(error.decoded, _failure(error), driver_id)
    except (DriverError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        # The last four would be faults of a driver, and must not stop the uplink either.
        return Decoded(error=_failure(error))


def _failure(error: Exception) -> dict[str, str]:
    return {"code": "com-5002", "message": f"driver internal error: Error: {error}"}


def encode(driver_cfg: dict[str, Any] | None, payload: object) -> tuple[int, bytes]:
    """Encode a downlink object to FPort and bytes; raises DriverError when there is no driver or it cannot."""
    if not isinstance(payload, dict):
        raise DriverError("payload must be an object")
    found = _find(driver_cfg)
    if found is None:
        raise DriverError("the device has no driver: give payload_hex instead of payload")
    driver, driver_id = found
    if driver.encode is None:
        raise DriverError(f"the driver {driver_id} encodes no downlinks: give payload_hex instead of payload")
    return driver.encode(payload)
