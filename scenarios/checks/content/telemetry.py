"""What the telemetry of one document must say, member by member: CONTRACT.md, section 4.

Names are the forwarder's own, so a value is recognised by a name that the documents know: of a decoded quantity one of
those under which it is public, of the network's fields their own, in any case and with any separators. What is
recognised must hold exactly what the document says, in its JSON type. Anything else may be added.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isclose
from typing import Any, Final

import orjson

from uplab.scenarios.checks.content.decoded import Quantity, Reading, names_of, read_uplink
from uplab.scenarios.checks.content.names import leaves, plain
from uplab.scenarios.checks.difference import text_of

__all__ = ["Judged", "judge_decoded", "judge_point"]

UPLINK = "DevEUI_uplink"
# These come with each uplink that has them, under names that hold the word.
REQUIRED: Final = {"FCntUp": "fcntup", "FPort": "fport", "LrrRSSI": "rssi", "LrrSNR": "snr"}
_POINT: Final = frozenset({"Time", "DevEUI"})
_GATEWAYS: Final = frozenset({"gateways", "lrrs", "lrr", "lrrslrr"})
_HEX: Final = {"payloadhex": "payload_hex", "rawjoinrequest": "rawJoinRequest", "michex": "mic_hex"}
_ERROR: Final = "payloaddecodederror"
_PREFIXES: Final = ("lorawan", "metadata", "meta", "uplink")
# How documents write a number as a text; 00012345 and 12e4 are none, but what somebody calls a thing.
_NUMERAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?|-?[1-9](\.[0-9]+)?[eE][+-]?[0-9]+")
_NUMBER: Final = re.compile(r"-?[0-9.eE+-]{1,60}")
_MOST_TOLD = 60  # characters of a value that is told


@dataclass(slots=True)
class Judged:
    """What was found of one document's values.

    `problems` are certain. `missing` are the names of what the document has and the values do not say: whether that is
    wrong depends on what this forwarder says of other documents. `said` are those that were recognised, `unread` the
    keys that nobody could hold against anything, `urls` the downlink URLs in it.
    """

    texts: bool = False

    problems: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    urls: list[Any] = field(default_factory=list)

    def equal(self, wanted: Any, value: Any) -> bool:
        """Whether a value says what the document does, in the form that is declared."""
        return _equal(wanted, value) or (self.texts and not isinstance(wanted, str) and _equal(wanted, _said_by(value)))


def judge_point(
    root: str, report: Mapping[str, Any], values: Mapping[str, Any], *, bare: bool = False, texts: bool = False
) -> Judged:
    """Holds the values that were delivered for a document against it; with `bare` the decoded payload alone is due.

    With `texts` a number and a truth may come as the text that says them.
    """
    judged = Judged(texts=texts)
    if root != UPLINK:
        _judge_report(report, values, judged)
        return judged
    said = list(leaves(values))
    reading = read_uplink(report)
    taken = _judge_decoded(reading, said, judged)
    rest = [(path, value) for path, value in said if path not in taken]
    _judge_fields(report, reading, rest, judged)
    _judge_payload(report, said, judged)
    if not bare:
        _require(report, rest, judged)
    return judged


def judge_decoded(reading: Reading, payload: Mapping[str, Any]) -> Judged:
    """Holds a decoded payload alone against the bytes."""
    judged, said = Judged(), list(leaves(payload))
    taken = _judge_decoded(reading, said, judged)
    judged.unread = [path for path, _ in said if path not in taken]
    return judged


def _judge_decoded(reading: Reading, said: list[tuple[str, Any]], judged: Judged) -> set[str]:
    """The decoded quantities: each that the bytes hold, none that they do not. The paths that speak of them."""
    by_name: dict[str, list[tuple[str, Any]]] = {}
    for path, value in said:
        last = plain(path.rpartition(".")[2])
        by_name.setdefault(last, []).append((path, value))
    taken: set[str] = set()
    for quantity in reading.quantities or ():
        first = next(iter(quantity.names))
        found = [(name, one) for name in quantity.names for one in by_name.get(plain(name), ())]
        for name, (path, value) in found:
            taken.add(path)
            judged.said.add(f"{reading.model} {first}")
            if not _is(quantity, name, _said_by(value) if judged.texts else value):
                wanted = _wanted(quantity, name)
                judged.problems.append(f"{path} is {_told(value)}, expected {wanted} as the device sent it")
        if not found:
            judged.missing[f"{reading.model} {first}"] = f"{first}, which is {_told(quantity.value)}"
    if reading.quantities is not None:
        measured = {plain(name) for quantity in reading.quantities for name in quantity.names}
        others = {plain(name) for names in names_of(reading.model) for name in names} - measured
        for path, value in [one for name in others for one in by_name.get(name, ())]:
            if path not in taken and value is not None:
                judged.problems.append(f"{path} is {_told(value)}, expected nothing: this uplink holds none")
                taken.add(path)
    return taken


def _is(quantity: Quantity, name: str, value: Any) -> bool:
    factor = quantity.names[name]
    return any(_same(one, value, factor, quantity.within) for one in (quantity.value, *quantity.also))


def _same(wanted: Any, value: Any, factor: float = 1.0, within: float = 0.0) -> bool:
    """Whether a value says what bytes do, in its JSON type: see `Quantity`."""
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and all(map(_same, wanted, value))
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(name in value and _same(wanted[name], value[name]) for name in wanted)
    if isinstance(wanted, datetime):
        return _instant(value) == wanted
    if isinstance(wanted, str):
        return isinstance(value, str) and plain(value) == plain(wanted)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    if not isinstance(value, int | float):
        return False
    return isclose(value, wanted * factor, rel_tol=1e-9, abs_tol=within * factor + 1e-9)


def _instant(value: object) -> datetime | None:
    """The instant that a text of ISO 8601 says, which is UTC where it names no offset; None where it says none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _wanted(quantity: Quantity, name: str) -> str:
    value = quantity.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = round(value * quantity.names[name], 7)
    return _told(value.isoformat() if isinstance(value, datetime) else value)


def _judge_fields(
    report: Mapping[str, Any],
    reading: Reading,
    rest: list[tuple[str, Any]],
    judged: Judged,
) -> None:
    """Whatever is called as a field of the document says what that field says."""
    payload = report.get("payload")
    before = dict(leaves(payload)) if isinstance(payload, dict) else {}  # it has been through a forwarder before
    fields = dict(_fields(report))
    for path, value in rest:
        name = _own(path)
        if path in before:
            right = judged.equal(before[path], value) or (name in fields and judged.equal(fields[name][1], value))
            says = _told(before[path])
        elif plain(path.partition(".")[0]) == _ERROR:
            right, says = reading.quantities is None or reading.error, "its payload can be decoded"
        elif name == "downlinkurl":
            right, says = isinstance(value, str), "the connection's URL is a text"
            judged.urls.append(value)
            judged.said.add("downlinkUrl")
        elif name in _HEX:
            says = _told(report.get(_HEX[name]))
            right = isinstance(value, str) and value.lower().removeprefix("0x") == str(report.get(_HEX[name])).lower()
        elif name in _GATEWAYS and isinstance(value, list):
            right, says = value == _gateways(report), _told(_gateways(report))
            judged.said.add("Lrrs")
        elif name in fields:
            member, wanted = fields[name]
            judged.said.add(member)
            right, says = (
                judged.equal(wanted, value) or (name in ("adr", "ack") and value is bool(wanted)),
                _told(wanted),
            )
        elif name in _ABSENT and value is not None:
            right, says = False, "it has none"
        else:
            if not any(word in plain(path) for word in REQUIRED.values()):
                judged.unread.append(path)
            continue
        if not right:
            judged.problems.append(f"{path} is {_told(value)}, expected what the document says: {says}")


def _judge_payload(report: Mapping[str, Any], said: list[tuple[str, Any]], judged: Judged) -> None:
    """Of a payload that came with the document all is told where some of it is, but for nulls and what is empty."""
    payload = report.get("payload")
    before = {plain(path): (path, value) for path, value in leaves(payload)} if isinstance(payload, dict) else {}
    told = {plain(path) for path, _ in said}
    own = {plain(path) for path, _ in leaves(report)} | set(REQUIRED.values())
    missing = {name for name in before if not any(one.endswith(name) for one in told)}
    if not before.keys() - own - missing:
        return
    for name in sorted(missing):
        path, value = before[name]
        if value not in (None, [], {}) and not any(one.startswith(name) for one in told):
            judged.problems.append(f"{path} is missing, which is {_told(value)} in the payload that came")


def _gateways(report: Mapping[str, Any]) -> list[Any]:
    """The gateways that heard it; the documents write a single one without a list, too."""
    listed = report.get("Lrrs")
    found = listed.get("Lrr") if isinstance(listed, dict) else None
    return found if isinstance(found, list) else [found]


_ABSENT: Final = frozenset(plain(name) for name in (*REQUIRED, "SpFact", "Frequency", "Late", "SubBand"))
"""Fields that nobody may speak of where a document has them not."""


def _require(report: Mapping[str, Any], rest: list[tuple[str, Any]], judged: Judged) -> None:
    """What every uplink is told with, and what of its other fields nobody spoke of."""
    for name, word in REQUIRED.items():
        wanted = report.get(name)
        if wanted is None:
            continue
        found = [(path, value) for path, value in rest if word in plain(path)]
        if not found:
            judged.problems.append(f"no name holds {name}, which is {_told(wanted)}")
        elif not any(judged.equal(wanted, value) for _, value in found):
            path, value = found[0]
            judged.problems.append(f"{path} is {_told(value)}, expected {_told(wanted)} as {name} of the document")
    if "downlinkUrl" not in judged.said:
        judged.missing["downlinkUrl"] = "the downlinkUrl"
    for name, value in report.items():
        told = value is not None and (name == "Lrrs" or not isinstance(value, dict | list))
        if told and name not in judged.said and name not in REQUIRED and name not in _POINT:
            judged.missing[name] = f"{name}, which is {_told(value)}"


def _own(path: str) -> str:
    """The plain name of a path, without what forwarders put before the network's own."""
    name = plain(path)
    for prefix in _PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            return name[len(prefix) :]
    return name


def _fields(report: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """The plain names by which a document's fields are known; `LrrRSSI` also as `rssi`, `ADRbit` also as `adr`.

    Time and DevEUI are a point's ts and device.
    """
    for path, value in leaves(report):
        name = plain(path)
        if path in _POINT:
            continue
        if name.startswith("lrr") and len(name) > 5:
            yield name[3:], (path, value)
        if name in ("adrbit", "ackbit"):
            yield name[:3], (path, value)
        yield name, (path, value)


def _judge_report(report: Mapping[str, Any], values: Mapping[str, Any], judged: Judged) -> None:
    """Any other document: whatever is called as one of its members says the same, and something of it is there."""
    wanted: dict[str, Any] = {plain(path): value for path, value in leaves(report)}
    met = False
    for path, value in leaves(values):
        parts = path.split(".")
        name = next((n for n in (plain("".join(parts[at:])) for at in range(len(parts))) if n in wanted), None)
        if name is None:
            judged.unread.append(path)
            continue
        met = True
        if not judged.equal(wanted[name], value):
            judged.problems.append(f"{path} is {_told(value)}, expected {_told(wanted[name])} as the document says")
    for one in _objects(values):
        if "DevEUI" in one and "Time" in one:  # the report itself
            judged.problems += [f"{name} is missing" for name, v in report.items() if v is not None and name not in one]
    if not met:
        judged.problems.append("nothing in it is of that document")


def _objects(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield values
    for value in values.values():
        if isinstance(value, dict):
            yield from _objects(value)


def _equal(wanted: Any, value: Any) -> bool:
    """Equal as JSON, numbers by value; where the document writes a number as a text, a text or that number."""
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, str) and isinstance(value, int | float):
        return _NUMERAL.fullmatch(wanted) is not None and float(wanted) == value
    return bool(wanted == value)


def _said_by(value: Any) -> Any:
    """The number or the truth that a text says, in the words of JSON or with a capital; itself where it says none."""
    if not isinstance(value, str):
        return value
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    try:
        return orjson.loads(value) if _NUMBER.fullmatch(value) else value
    except orjson.JSONDecodeError:
        return value


def _told(value: Any) -> str:
    text = text_of(value)
    return text if len(text) <= _MOST_TOLD else text[: _MOST_TOLD - 3] + "..."
