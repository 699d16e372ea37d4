"""The drivers: bytes to decoded payload and back, chosen by the driver module that an uplink document names.

A document names its driver in `DriverCfg`: {"mod": {"pId": ..., "mId": ..., "ver": ...}, "app": {...}}. The module
(`mod`) decides; where a document has only `app`, that one does.
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
from uplab.simulator.forwarder.documents.drivers.driver import Driver, DriverError

__all__ = ["DRIVERS", "Decoded", "Driver", "DriverError", "decode", "encode"]

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


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding gave: a payload and the id of the driver that made it, or an error, or none of the three."""

    payload: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    driver_id: str | None = None


def _find(driver_cfg: object) -> tuple[Driver, str] | None:
    """Return the driver that a DriverCfg names, with its id `producer:module:version`, or None."""
    if not isinstance(driver_cfg, dict):
        return None
    reference = driver_cfg.get("mod") or driver_cfg.get("app")
    if not isinstance(reference, dict):
        return None
    producer_id, module_id = str(reference.get("pId")), str(reference.get("mId"))
    driver = DRIVERS.get((producer_id.lower(), module_id.lower()))
    return None if driver is None else (driver, f"{producer_id}:{module_id}:{reference.get('ver', '1')}")


def decode(driver_cfg: dict[str, Any] | None, f_port: int | None, payload: bytes) -> Decoded:
    """Decode an uplink's bytes; never raises, because an uplink that cannot be decoded is still delivered.

    Without a driver, or without application data (FPort absent or 0), all of the answer is None. A failure has the
    code and the wording of the platform's documented example.
    """
    found = _find(driver_cfg)
    if found is None or not f_port:
        return Decoded()
    driver, driver_id = found
    try:
        if f_port not in driver.f_ports:
            raise DriverError("Invalid fPort!")
        return Decoded(payload=driver.decode(f_port, payload), driver_id=driver_id)
    except (DriverError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        # The last four would be faults of a driver, and must not stop the uplink either.
        return Decoded(error={"code": "com-5002", "message": f"driver internal error: Error: {error}"})


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
