"""What a forwarder adds to an uplink over HTTP: CONTRACT.md, sections 2 and 4."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import orjson

from uplab.scenarios.checks.content.decoded import Reading, read_uplink
from uplab.scenarios.checks.content.telemetry import Judged, judge_decoded
from uplab.scenarios.checks.difference import text_of
from uplab.simulator.thingpark.documents import epoch_ms

__all__ = ["Additions"]


class Additions:
    """Holds the added members against the uplink; what this forwarder decodes it has to decode always.

    `drivers`: it has drivers, that of the Elsys ERS at least.
    """

    known: ClassVar[frozenset[str]] = frozenset({"payload", "payloadDecodedError", "points", "downlinkUrl"})

    def __init__(self, *, drivers: bool) -> None:
        self._decoded = {"elsys/ers"} if drivers else set[str]()
        self._said = {"elsys/ers temperature", "elsys/ers humidity"} if drivers else set[str]()
        self._ids: dict[bytes, object] = {}  # a driver has one

    def problems(self, sent: Mapping[str, Any], arrived: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with the additions of an uplink that was sent without them."""
        if any(name in sent for name in ("payload", "payloadDecodedError")):
            return  # it has been through a forwarder before
        reading = read_uplink(sent)
        yield from self._of_payload(reading, arrived)
        yield from _of_error(reading, arrived)
        if "points" not in sent:
            yield from _of_points(arrived)
        yield from self._of_driver(sent.get("DriverCfg"), arrived.get("DriverCfg"), decoded="payload" in arrived)

    def _of_payload(self, reading: Reading, arrived: Mapping[str, Any]) -> Iterator[str]:
        payload = arrived.get("payload")
        if reading.quantities is None:  # nobody here can read it
            return
        if not reading.quantities:
            if "payload" in arrived:
                yield "has a payload, although there is nothing to decode"
            return
        if "payload" not in arrived:
            if reading.model in self._decoded:
                yield "has no payload, although its driver decodes others"
            return
        if not isinstance(payload, dict):
            yield f"has a payload that is no object: {text_of(payload):.60}"
            return
        self._decoded.add(str(reading.model))
        judged: Judged = judge_decoded(reading, payload)
        yield from (f"has a payload in which {problem}" for problem in judged.problems)
        self._said |= judged.said
        yield from (f"has a payload without {what}" for name, what in judged.missing.items() if name in self._said)

    def _of_driver(self, sent: Any, arrived: Any, *, decoded: bool) -> Iterator[str]:
        """The driver's id is one text for each driver, and once it was named it is named wherever it has decoded."""
        if not isinstance(sent, dict) or not isinstance(arrived, dict) or "id" in sent:
            return
        key = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)  # of model and application either may decode
        if "id" not in arrived:
            if decoded and key in self._ids:
                yield f"does not name its driver, expected {text_of(self._ids[key]):.60}"
            return
        id_ = arrived["id"]
        if not isinstance(id_, str) or not id_:
            yield f"names its driver as {text_of(id_):.60}, expected an id, which is a text"
        elif self._ids.setdefault(key, id_) != id_:
            yield f"names its driver as {text_of(id_):.60}, expected {text_of(self._ids[key]):.60} as before"


def _of_error(reading: Reading, arrived: Mapping[str, Any]) -> Iterator[str]:
    """`payloadDecodedError` has a code and a message, and stands beside a payload only where a part was not read."""
    if "payloadDecodedError" not in arrived:
        return
    error = arrived["payloadDecodedError"]
    if reading.quantities:
        yield "has a payloadDecodedError, although its payload can be decoded"
    if "payload" in arrived and reading.quantities is not None:
        yield "has a payload and a payloadDecodedError"
    code = error.get("code") if isinstance(error, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    if not isinstance(code, str) or not code.startswith("com-5") or not isinstance(message, str) or not message:
        yield f"has a payloadDecodedError without code and message: {text_of(error):.60}"


def _of_points(arrived: Mapping[str, Any]) -> Iterator[str]:
    """`points` come with a payload, and each has a record, or records with times of their own."""
    if "points" not in arrived:
        return
    points = arrived["points"]
    if not isinstance(points, dict) or "payload" not in arrived:
        yield f"has points that are of no payload: {text_of(points):.60}"
        return
    for name, point in points.items():
        records = point.get("records") if isinstance(point, dict) else None
        timed = isinstance(records, list) and all(isinstance(one, dict) and _is_time(one) for one in records)
        if not timed and not (isinstance(point, dict) and "record" in point):
            yield f"has a point {name[:40]} without record, or records with an eventTime each: {text_of(point):.60}"


def _is_time(record: Mapping[str, Any]) -> bool:
    try:
        epoch_ms(record.get("eventTime"))
    except (ValueError, OverflowError):
        return False
    return True
