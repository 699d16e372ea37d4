"""What a capture of somebody else's tells of the forwarder that sent it, without any lab.

Only what the capture proves is called broken: a repetition after an answer that was lost is none, and of requests whose
answers the capture does not show nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from uplab.scenarios.captures.capture import Exchange
from uplab.scenarios.captures.within import begins
from uplab.simulator.thingpark.documents import (
    COUNTERS,
    UPLINK,
    Root,
    WrongTimeError,
    device_of,
    instant_of,
    root_of,
    time_of,
    whole,
)

__all__ = ["Finding", "judge", "unread"]

Outcome = Literal["passed", "failed", "unknown"]

_DEV_EUI: Final = re.compile(r"[0-9A-Fa-f]{16}")
_BRACES: Final = re.compile(r"\{[A-Za-z_$][\w$]*(?:\.[\w$]+)*\}")  # a path; a GUID in braces has hyphens
_UNCLEAR_MS: Final = 5_000.0
"""Whether an answer that took longer was still waited for, a capture does not tell (CONTRACT, section 9)."""
_WHOLE_HEAD: Final = frozenset({"content-length", "transfer-encoding", "host", ":authority"})
"""Where one of these is among the headers, they are those of the wire, and what is missing was missing."""
_DRIVER: Final = re.compile(r"[^:]+:[^:]+:[0-9]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise: where it comes from, whether the capture keeps it, and the first place where it does not."""

    name: str
    outcome: Outcome
    promised: str
    happened: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """One exchange that carries a document, read."""

    exchange: Exchange
    document: dict[str, Any]
    root: Root
    report: dict[str, Any]

    @property
    def key(self) -> tuple[str, ...]:
        """What tells documents apart: device, root, counter and time."""
        counter = next((self.report[name] for name in COUNTERS if self.report.get(name) is not None), None)
        told = time_of(self.root, self.report)
        # Two connections may deliver to one address: their downlink URLs tell them apart.
        url = self.report.get("downlinkUrl") or self.document.get("downlinkUrl")
        about = (self.root.name, device_of(self.root, self.report), str(counter), str(told))
        return (self.exchange.url, str(url), *about)

    @property
    def taken(self) -> bool | None:
        """Whether the destination took it; None where the capture does not show its answer."""
        if self.exchange.status is None and not self.exchange.error:
            return None
        return not self.exchange.error and 200 <= (self.exchange.status or 0) < 300

    @property
    def certain(self) -> bool:
        """Whether it was taken, and whoever sent it must have seen so."""
        return self.taken is True and (self.exchange.wait_ms or 0.0) <= _UNCLEAR_MS


def unread(exchanges: Sequence[Exchange]) -> list[tuple[str, str]]:
    """The places of bodies that are there and cannot be read, or speak of a device and are no document; and why."""
    found = []
    for one in exchanges:
        why = one.unread
        if not why and one.body is not None and begins(one.body.decode("utf-8", "replace")):
            try:
                why = (
                    "" if root_of(orjson.loads(one.body)) else "its body has not exactly one root that holds an object"
                )
            except orjson.JSONDecodeError as error:
                why = f"its body is no JSON: {error.msg}"
        if why:
            found.append((one.place, why))
    return found


def judge(exchanges: Sequence[Exchange]) -> list[Finding]:
    """Every promise that can be judged, in the order of the list below; none where no exchange carries a document."""
    told = [one for exchange in exchanges if (one := _read(exchange)) is not None]
    if not told:
        return []
    return [_finding(name, promised, told, check) for name, promised, check in _CHECKS]


def _read(exchange: Exchange) -> _Told | None:
    try:
        document = orjson.loads(exchange.body or b"")
    except orjson.JSONDecodeError:
        return None
    found = root_of(document)
    return _Told(exchange, document, *found) if found else None


_Breach = tuple[str, str]  # what happened, and where
_Check = Callable[[list[_Told]], tuple[int, Iterator[_Breach]]]


def _finding(name: str, promised: str, told: list[_Told], check: _Check) -> Finding:
    count, breaches = check(told)
    found = list(breaches)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return Finding(name, "unknown" if name == _BLAME else "failed", promised, f"{found[0][0]}{more}", found[0][1])
    if not count:
        return Finding(name, "unknown", promised, "the capture shows nothing of it")
    return Finding(name, "passed", promised, f"{count} examined")


def _after(one: _Told, before: _Told) -> bool:
    """Whether the capture proves that one was sent after another: without times, or with one time, it does not."""
    times = one.exchange.at_s, before.exchange.at_s
    return times[0] is not None and times[1] is not None and times[0] > times[1]


def _twice(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    def found() -> Iterator[_Breach]:
        taken: dict[tuple[str, ...], _Told] = {}
        for one in told:
            first = taken.get(one.key)
            if first is not None and (_after(one, first) or one.certain):
                why = f"though {first.exchange.place} was answered with 2xx"
                yield f"{_named(one)} came again, {why}, unless it was posted twice", one.exchange.place
            if one.certain:
                taken.setdefault(one.key, one)

    return sum(one.taken is not None for one in told), found()


def _order(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    counted = [
        (one, count)
        for one in told
        if one.root.name == UPLINK
        and one.exchange.at_s is not None
        and (count := whole(one.report.get("FCntUp"))) is not None
    ]

    def found() -> Iterator[_Breach]:
        last: dict[tuple[str, str], tuple[int, _Told]] = {}
        seen: set[tuple[str, ...]] = set()
        for one, count in counted:
            place = (one.exchange.url, device_of(one.root, one.report))
            late = whole(one.report.get("Late")) == 1
            again, before = one.key in seen, last.get(place)
            seen.add(one.key)
            restarted = before is not None and count < before[0] and _restarted(one, count, before[1])
            if before is not None and count < before[0] and not (late or again or restarted) and _after(one, before[1]):
                yield f"{_named(one)} came after FCntUp {before[0]}", one.exchange.place
            if not late and (before is None or restarted or count >= before[0]):
                last[place] = count, one

    return len(counted), found()


def _restarted(one: _Told, count: int, before: _Told) -> bool:
    """Whether a lower counter began anew: it is near 0, of another session, or of a later time than the higher one."""
    if count < 16 or one.report.get("DevAddr") != before.report.get("DevAddr"):
        return True
    try:
        times = instant_of(one.root, one.report), instant_of(before.root, before.report)
    except WrongTimeError:
        return False
    return times[0] is not None and times[1] is not None and times[0] > times[1]


def _urls(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    uplinks = [one for one in told if one.root.name == UPLINK]
    with_url = [one for one in uplinks if _url(one)]
    places = {one.exchange.url for one in with_url}

    def found() -> Iterator[_Breach]:
        for one in told:
            url = _url(one)
            if one.root.name != UPLINK:
                if url:
                    yield f"a {one.root.name} carries downlinkUrl, which uplinks do", one.exchange.place
            elif not url and one.exchange.url in places:  # who adds none at all may be another product
                yield f"{_named(one)} carries no downlinkUrl, as others do", one.exchange.place

    return len(with_url), found()


def _url(one: _Told) -> Any:
    return one.report.get("downlinkUrl") or one.document.get("downlinkUrl")


def _decoded(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    decoded = [one for one in told if "payload" in one.report or "payloadDecodedError" in one.report]

    def found() -> Iterator[_Breach]:
        for one in decoded:
            error = one.report.get("payloadDecodedError")
            if "payloadDecodedError" in one.report and not (
                isinstance(error, dict) and str(error.get("code", "")).startswith("com-5") and error.get("message")
            ):
                yield f"payloadDecodedError of {_named(one)} has no code com-5… and message", one.exchange.place
            driver = one.report.get("DriverCfg")
            id_ = driver.get("id") if isinstance(driver, dict) else None
            if id_ is not None and not _DRIVER.fullmatch(str(id_)):
                yield f"DriverCfg.id is {str(id_)[:40]!r}, not producer:package:major version", one.exchange.place

    return len(decoded), found()


def _headers(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    headed = [one for one in told if one.exchange.headers]
    devices = {device_of(one.root, one.report) for one in told}

    def found() -> Iterator[_Breach]:
        for one in headed:
            device = device_of(one.root, one.report)
            for name, value in one.exchange.headers:
                if _BRACES.search(value):
                    yield f"the header {name} holds braces: its pattern was not filled in", one.exchange.place
                elif value.upper() != device and _names_a_device(name, value, devices):
                    yield f"the header {name} names another device than the document", one.exchange.place

    return len(headed), found()


def _names_a_device(name: str, value: str, devices: set[str]) -> bool:
    """16 hexadecimal digits may be anybody's trace: the header's name makes a device of them, or a device of these."""
    about = name.lower().replace("-", "").replace("_", "")
    return bool(_DEV_EUI.fullmatch(value)) and ("deveui" in about or value.upper() in devices)


def _content_type(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    typed = [(one, {name.lower(): value for name, value in one.exchange.headers}) for one in told]
    headed = [(one, headers) for one, headers in typed if "content-type" in headers or _WHOLE_HEAD & headers.keys()]

    def found() -> Iterator[_Breach]:
        for one, headers in headed:
            said = headers.get("content-type", "")
            if said.partition(";")[0].strip().lower() != "application/json":
                yield f"{_named(one)} came as {said[:40] or 'nothing'}", one.exchange.place

    return len(headed), found()


def _first_again(told: list[_Told]) -> tuple[int, Iterator[_Breach]]:
    following: dict[tuple[str, str], _Told] = {}  # of each device the next to the same place
    judged: list[tuple[_Told, _Told]] = []
    for one in reversed(told):
        place = (one.exchange.url, device_of(one.root, one.report))
        after = following.get(place)
        if after is not None and one.taken is False:
            judged.append((one, after))
        following[place] = one

    def found() -> Iterator[_Breach]:
        for one, after in reversed(judged):
            if after.key != one.key:
                happened = f"after {_named(one)} had failed, {_named(after)} came first"
                yield happened, after.exchange.place

    return len(judged), found()


def _named(one: _Told) -> str:
    counter = one.report.get("FCntUp")
    return f"{one.root.name} of {device_of(one.root, one.report)}" + ("" if counter is None else f", FCntUp {counter}")


_BLAME: Final = "failed first"
"""Another failure generation than blame loses what failed: of this promise a capture proves no breach."""

_CHECKS: Final[tuple[tuple[str, str, _Check], ...]] = (
    ("none twice", "what a destination took with 2xx does not come again (CONTRACT, section 2)", _twice),
    ("in order", "a device's uplinks come in the order of their counters (CONTRACT, section 4)", _order),
    (_BLAME, "a device's delivery goes on with what failed (CONTRACT, section 4)", _first_again),
    ("right headers", "patterns are filled in from the document with which they come (CONTRACT, section 3)", _headers),
    ("content type", "documents come as application/json (CONTRACT, section 4)", _content_type),
    ("downlink URL", "uplinks carry the downlink URL, other documents none (CONTRACT, section 5)", _urls),
    ("decoding", "a decoding error has code and message, a driver its id (CONTRACT, section 2)", _decoded),
)
