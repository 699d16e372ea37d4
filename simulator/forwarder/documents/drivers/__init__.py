"""The drivers: bytes to decoded payload and back, chosen by the application that an uplink document names.

A document tells in `DriverCfg`: {"mod": {"pId": ..., "mId": ..., "ver": ...}, "app": {...}} which model its device is
and which application protocol it speaks. The application decides; where a document has only `mod`, that one does.
Codecs of the user's own come before the drivers that are built in.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from uplab.simulator.forwarder.codecs.codec import Codec, CodecError
from uplab.simulator.forwarder.documents.drivers import (
    abeeway_asset_tracker_3,
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

__all__ = [
    "BUILT_IN",
    "DRIVERS",
    "Decoded",
    "Driver",
    "DriverError",
    "Drivers",
    "decode",
    "encode",
    "unknown_application",
]

DRIVERS: dict[tuple[str, str], Driver] = {
    (module.DRIVER.producer_id, module_id): module.DRIVER
    for module in (
        abeeway_asset_tracker_3,
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
    ("abeeway", "asset-tracker-3", "1"): "abeeway:asset-tracker-3:3",
    ("msight", "em300-th", "1"): "msight:msight-em300-th:1",
    ("watteco", "th", "5"): "watteco:th_v5:1",
}
"""The id of a driver by the application that it decodes: producer, package name, major version of the driver.

An application that is in no catalogue has a driver that is named as itself (our reading).
"""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What decoding gave: a payload and the id of the driver that made it, or an error, or none of the three.

    Both payload and error where a part of the bytes could not be read. `points` are those of the payload, by name.
    """

    payload: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    driver_id: str | None = None
    points: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """The driver of an application, built in or a codec, and its id."""

    driver: Driver | Codec
    driver_id: str


class Drivers:
    """Chooses the driver of an application: codecs of the user's own first, then those that are built in."""

    def __init__(self, codecs: Sequence[Codec] = ()) -> None:
        """Take codecs that have been started."""
        self._codecs = {codec.application: codec for codec in codecs}
        self.slow = bool(codecs)
        """Whether any of them may take long over an answer."""

    def close(self) -> None:
        """End the codecs."""
        for codec in self._codecs.values():
            codec.stop()

    def _find(self, driver_cfg: object) -> _Found | None:
        reference = _reference(driver_cfg)
        if reference is None:
            return None
        named = (str(reference.get("pId")), str(reference.get("mId")), str(reference.get("ver", "1")))
        producer_id, module_id, version = (part.lower() for part in named)
        if self.slow:
            known = ((producer_id, module_id, version), (producer_id, module_id, ""))
            if (codec := next((self._codecs[one] for one in known if one in self._codecs), None)) is not None:
                return _Found(codec, codec.driver_id)
        driver = DRIVERS.get((producer_id, module_id))
        if driver is None:
            return None
        return _Found(driver, IDS.get((producer_id, module_id, version), ":".join(named)))

    def thread(self, driver_cfg: object) -> Executor | None:
        """Where the driver of an application must be asked, because it may take long; None for here and now."""
        found = self._find(driver_cfg) if self.slow else None
        return found.driver.thread if found is not None and isinstance(found.driver, Codec) else None

    def unknown_application(self, driver_cfg: object) -> str:
        """Name the application of which there is no driver; empty when there is one, or none is named."""
        reference = _reference(driver_cfg)
        if reference is None or self._find(driver_cfg) is not None:
            return ""
        return ":".join(str(reference.get(name, ""))[:40] for name in ("pId", "mId", "ver"))

    def decode(
        self, driver_cfg: dict[str, Any] | None, f_port: int | None, payload: bytes, time_s: float | None = None
    ) -> Decoded:
        """Decode an uplink's bytes; never raises, because an uplink that cannot be decoded is still delivered.

        `time_s` is when it was received, in seconds since 1970, by which some devices' clocks can be judged. Without a
        driver, or without application data (FPort absent or 0), all of the answer is None. A failure has the code and
        the wording of the platform's documented example.
        """
        found = self._find(driver_cfg)
        if found is None or not f_port:
            return Decoded()
        if isinstance(found.driver, Codec):
            return _by_codec(found.driver, f_port, payload, time_s)
        return _by_driver(found.driver, found.driver_id, f_port, payload, time_s)

    def encode(self, driver_cfg: dict[str, Any] | None, payload: object) -> tuple[int, bytes]:
        """Encode a downlink object to FPort and bytes; raises DriverError when there is no driver or it cannot."""
        if not isinstance(payload, dict):
            raise DriverError("payload must be an object")
        found = self._find(driver_cfg)
        if found is None:
            raise DriverError("the device has no driver: give payload_hex instead of payload")
        if isinstance(found.driver, Codec):
            try:
                return found.driver.encode(payload)
            except CodecError as error:
                raise DriverError(str(error)) from None
        if found.driver.encode is None:
            raise DriverError(f"the driver {found.driver_id} encodes no downlinks: give payload_hex instead of payload")
        return found.driver.encode(payload)


def _reference(driver_cfg: object) -> dict[str, Any] | None:
    if not isinstance(driver_cfg, dict):
        return None
    reference = driver_cfg.get("app") or driver_cfg.get("mod")
    return reference if isinstance(reference, dict) else None


def _by_codec(codec: Codec, f_port: int, payload: bytes, time_s: float | None) -> Decoded:
    decoded, failure = codec.decode(f_port, payload, time_s)
    error = _failure(failure) if failure else None
    if decoded is None:
        return Decoded(error=error)
    return Decoded(decoded, error, codec.driver_id, codec.points(decoded, time_s) or None)


def _by_driver(driver: Driver, driver_id: str, f_port: int, payload: bytes, time_s: float | None) -> Decoded:
    try:
        if f_port not in driver.f_ports:
            raise DriverError("Invalid fPort!")
        if doubt := driver.doubt(payload, f_port, time_s):
            raise DriverError(doubt)
        decoded, failure = driver.decode(f_port, payload), None
    except PartialError as error:
        decoded, failure = error.decoded, _failure(error)
    except (DriverError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        # The last four would be faults of a driver, and must not stop the uplink either.
        return Decoded(error=_failure(error))
    if time_s is not None:
        try:
            decoded = driver.dated(decoded, time_s)
        except (OverflowError, ValueError, OSError):  # a moment that no date can tell: the ages stay
            failure = failure or _failure("its samples are of no time that there is")
    return Decoded(decoded, failure, driver_id, driver.points(decoded) or None)


def _failure(error: object) -> dict[str, str]:
    return {"code": "com-5002", "message": f"driver internal error: Error: {error}"}


BUILT_IN = Drivers()
decode, encode, unknown_application = BUILT_IN.decode, BUILT_IN.encode, BUILT_IN.unknown_application
