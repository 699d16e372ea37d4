"""A codec of the user's own as a driver: what it is asked in its public form, and what its answers mean."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from uplab.simulator.forwarder.codecs.package import Package
from uplab.simulator.forwarder.codecs.process import CodecError, CodecProcess

__all__ = ["Codec", "CodecError"]

PORTS = range(1, 225)


class Codec:
    """One codec in a process of its own. `thread` is where it may be asked, since it may take its time to answer."""

    def __init__(self, package: Package, zone: str) -> None:
        self.application = package.application
        self.driver_id = package.driver_id
        self._alliance = package.form == "alliance"
        self._points = package.points
        self._process = CodecProcess(package, zone)
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="codec")

    def start(self) -> None:
        """Load it; CodecError when it cannot be."""
        self._process.start()

    def stop(self) -> None:
        """End its process and its thread."""
        self.thread.shutdown(cancel_futures=True)
        self._process.stop()

    def decode(self, f_port: int, payload: bytes, time_s: float | None) -> tuple[dict[str, Any] | None, str]:
        """Read an uplink that was received at a time: the decoded object, and what could not be read, empty for all.

        TS013 answers {data, warnings, errors}, ThingPark's form the object itself, and throws.
        """
        given = {"bytes": list(payload), "fPort": f_port, "recvTime" if self._alliance else "time": _iso(time_s)}
        try:
            answer = self._process.ask("decodeUplink", given, _ms(time_s))
        except CodecError as error:
            return None, str(error)
        told = answer if isinstance(answer, dict) else {}
        decoded, errors = (told.get("data"), told.get("errors")) if self._alliance else (answer, None)
        failure = "; ".join(map(str, errors)) if isinstance(errors, list) else str(errors or "")
        if isinstance(decoded, dict):
            return decoded, failure
        return None, failure or "the codec gives no object"

    def points(self, payload: dict[str, Any], time_s: float | None) -> dict[str, Any]:
        """Give the points of a decoded object, with unit and type as the package declares; none where it fails."""
        try:
            answer = self._process.ask("extractPoints", {"message": payload, "time": _iso(time_s)}, _ms(time_s))
        except CodecError:
            return {}
        found = answer if isinstance(answer, dict) else {}
        return {name: self._point(name, value) for name, value in found.items() if value is not None}

    def _point(self, name: str, value: Any) -> dict[str, Any]:
        """Write a point as documents have it: one record, or records with times of their own."""
        if isinstance(value, dict) and ("record" in value or "records" in value):
            return value
        declared = self._points.get(name)
        about = (
            {key: declared[key] for key in ("unitId", "type") if key in declared} if isinstance(declared, dict) else {}
        )
        several = isinstance(value, list) and value and all(isinstance(v, dict) and "eventTime" in v for v in value)
        return {**about, "records" if several else "record": value}

    def encode(self, payload: dict[str, Any]) -> tuple[int, bytes]:
        """Write a downlink object as FPort and bytes; CodecError when it cannot."""
        # The guide of ThingPark's form has the object as `message`, its published drivers take its members.
        given = {"data": payload} if self._alliance else {"message": payload, **payload}
        answer = self._process.ask("encodeDownlink", given, _ms(None))
        if not isinstance(answer, dict):
            raise CodecError("the codec encodes no downlinks")
        if self._alliance and answer.get("errors"):
            raise CodecError("; ".join(map(str, answer["errors"])))
        coded, f_port = answer.get("bytes"), answer.get("fPort")
        if isinstance(coded, str):
            try:
                coded = list(bytes.fromhex(coded))
            except ValueError:
                coded = None
        if not isinstance(coded, list) or not all(isinstance(one, int) and 0 <= one <= 255 for one in coded):
            raise CodecError("the codec gives no bytes")
        if isinstance(f_port, bool) or not isinstance(f_port, int) or f_port not in PORTS:
            raise CodecError(f"the codec gives no FPort, but {f_port!r:.40}")
        return f_port, bytes(coded)


def _ms(time_s: float | None) -> int:
    return round((time.time() if time_s is None else time_s) * 1000)


def _iso(time_s: float | None) -> str:
    return datetime.fromtimestamp(_ms(time_s) / 1000, UTC).isoformat(timespec="milliseconds")
